"""All the documents of a school, collection by collection; of each only its id and a few facts are kept."""

from collections.abc import Iterator

from migrate_mongo.sample.courses import Course, courses
from migrate_mongo.sample.coursework import Task, Template, assignments, deployments, templates
from migrate_mongo.sample.dice import BsonDocument, Dice, ObjectIds
from migrate_mongo.sample.documents import Writing, documents
from migrate_mongo.sample.notifications import notifications
from migrate_mongo.sample.people import People, users
from migrate_mongo.sample.plan import SESSIONS_OF_ONE, VERSIONS_OF_ONE, Plan, plan_of, spread
from migrate_mongo.sample.prose import Library
from migrate_mongo.sample.submissions import Submission, submissions


class School:
    def __init__(self, *, seed: int, ids: ObjectIds, size: int) -> None:
        self.seed = seed
        self.ids = ids
        self.size = size
        self.plan: Plan = plan_of(size)
        self.people = People([], [])
        self.courses: list[Course] = []
        self.templates: list[Template] = []
        self.tasks: list[Task] = []
        self.submissions: list[Submission] = []
        self.writings: list[Writing] = []

    def documents(self) -> Iterator[tuple[str, BsonDocument]]:
        """Every document with its collection; `size` of them."""
        made = 0
        for part in (self._courses(), self._tasks(), self._writing()):
            for pair in part:
                made += 1
                yield pair
        for document in notifications(
            seed=self.seed,
            ids=self.ids,
            count=self.size - made,
            writings=self.writings,
        ):
            yield "notifications", document

    def _courses(self) -> Iterator[tuple[str, BsonDocument]]:
        seed, ids, people = self.seed, self.ids, self.people
        for user in users(seed=seed, ids=ids, count=self.plan.users, people=people):
            yield "users", user
        for course in courses(seed=seed, ids=ids, count=self.plan.courses, people=people, made=self.courses):
            yield "courses", course

    def _tasks(self) -> Iterator[tuple[str, BsonDocument]]:
        seed, ids, plan = self.seed, self.ids, self.plan
        for template in templates(seed=seed, ids=ids, count=plan.templates, people=self.people, made=self.templates):
            yield "assignmenttemplates", template
        for assignment in assignments(
            seed=seed, ids=ids, count=plan.assignments, courses=self.courses, made=self.tasks
        ):
            yield "assignments", assignment
        for deployment in deployments(
            seed=seed,
            ids=ids,
            count=plan.deployments,
            courses=self.courses,
            templates=self.templates,
            made=self.tasks,
        ):
            yield "courseassignments", deployment

    def _writing(self) -> Iterator[tuple[str, BsonDocument]]:
        seed, ids, plan = self.seed, self.ids, self.plan
        library = Library(seed)
        dice = Dice(seed, "spread")
        parents = plan.submissions + plan.documents
        version_counts = spread(dice, plan.versions, parents, VERSIONS_OF_ONE)
        yield from submissions(
            seed=seed,
            ids=ids,
            library=library,
            tasks=self.tasks,
            version_counts=version_counts[: plan.submissions],
            made=self.submissions,
        )
        yield from documents(
            seed=seed,
            ids=ids,
            library=library,
            courses=self.courses,
            submissions=self.submissions,
            version_counts=version_counts[plan.submissions :],
            session_counts=spread(dice, plan.sessions, plan.documents, SESSIONS_OF_ONE),
            made=self.writings,
        )
