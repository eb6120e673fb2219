// A student at work through the generated client: it compiles, and what arrives is what its types promise.

import { Api } from "./client.js";

const [baseUrl, email, password] = process.argv.slice(2);
const api = new Api<string>({
  baseUrl,
  securityWorker: (token) => (token ? { headers: { Authorization: `Bearer ${token}` } } : {}),
});

const login = await api.api.authLogin({ email, password });
api.setSecurityData(login.data.token);

const courses = (await api.api.coursesMyCourses()).data.data;
const titles: string[] = courses.map((course) => course.title);

const written = await api.api.documentsCreate({ title: "Notes", courseId: courses[0]._id });
const id: string = written.data.data._id;
const saved = (await api.api.documentsContent(id, { content: "A stormy night.", saveType: "manual" })).data.data;
const words: number = saved.document.metadata.wordCount;

// @ts-expect-error a course has no such field
const missing: undefined = courses[0].name;

const refused: number = await api.api.documentsRetrieve("nothing").catch((response) => response.status);

console.log(JSON.stringify({ titles, words, refused, missing: missing ?? null, made: saved.versionCreated }));
