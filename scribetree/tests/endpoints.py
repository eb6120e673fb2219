"""Who may do what over HTTP: the one table of endpoints. A new endpoint is covered once it has its line here."""

from typing import Any, NamedTuple

from scribetree.testing import PASSWORD

# paths of the contract that do not exist yet
UNBUILT: tuple[str, ...] = ()
PERSON = {"email": "new@example.org", "password": PASSWORD, "firstName": "Nora", "lastName": "New", "role": "student"}
ASSIGNMENT = {"title": "Essay", "description": "On a place", "instructions": "Write it.", "courseId": "{course}"}
TEMPLATE = {name: text for name, text in ASSIGNMENT.items() if name != "courseId"}
DEPLOYMENT = {"templateId": "{template}", "courseId": "{other_course}"}
TEXT = {"content": "It was a dark and stormy night.", "sessionDuration": 1}
GRADE = {"score": 8, "maxScore": 10, "overallFeedback": "Good."}
QUESTION = {"assignmentId": "{assignment}", "action": "generate_prompts", "context": {"currentStage": "draft"}}


class Endpoint(NamedTuple):
    """`statuses`: for who has no token, the student, another student, the educator, another educator, the admin."""

    method: str
    path: str
    statuses: str
    body: Any = None

    @property
    def expected(self) -> list[int]:
        return [int(status) for status in self.statuses.split()]

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def is_built(self) -> bool:
        return not self.path.startswith(UNBUILT)


ENDPOINTS = (
    Endpoint("GET", "/health", "200 200 200 200 200 200"),
    Endpoint("POST", "/auth/register", "201 201 201 201 201 201", PERSON),
    Endpoint("POST", "/auth/login", "200 200 200 200 200 200", {"email": "ben@example.org", "password": PASSWORD}),
    Endpoint("GET", "/auth/profile", "401 200 200 200 200 200"),
    Endpoint("PUT", "/auth/profile", "401 200 200 200 200 200", {"bio": "I write."}),
    Endpoint("POST", "/admin/switch-role", "401 403 403 403 403 200", {"userId": "{student}", "newRole": "educator"}),
    Endpoint("POST", "/admin/toggle-my-role", "401 200 200 200 200 403"),
    Endpoint("GET", "/admin/users", "401 403 403 403 403 200"),
    Endpoint("GET", "/courses", "401 200 200 200 200 200"),
    Endpoint("GET", "/courses/my-courses", "401 200 200 200 200 200"),
    Endpoint("GET", "/courses/enrolled", "401 200 200 403 403 403"),
    Endpoint("GET", "/courses/educator/{educator}", "401 403 403 200 403 200"),
    Endpoint("POST", "/courses", "401 403 403 201 201 403", {"title": "Rhetoric", "description": "How to persuade"}),
    Endpoint("GET", "/courses/{course}", "401 200 403 200 403 200"),
    Endpoint("PUT", "/courses/{course}", "401 403 403 200 403 403", {"title": "Rhetoric"}),
    Endpoint("POST", "/courses/enroll", "401 400 200 403 403 403", {"enrollmentCode": "JOINUS"}),
    Endpoint("POST", "/courses/{course}/unenroll", "401 200 400 403 403 403"),
    Endpoint("GET", "/courses/{course}/assignments", "401 200 403 200 403 200"),
    Endpoint("POST", "/documents", "401 201 403 201 403 201", {"title": "Notes", "courseId": "{course}"}),
    Endpoint("GET", "/documents/course/{course}", "401 200 403 200 403 200"),
    Endpoint("GET", "/documents/my-documents", "401 200 200 200 200 200"),
    Endpoint("GET", "/documents/{document}", "401 200 403 200 403 200"),
    Endpoint("GET", "/documents/{shared_document}", "401 200 403 200 403 200"),
    Endpoint(
        "PUT", "/documents/{document}/content", "401 200 403 403 403 403", {"content": "Day.", "saveType": "manual"}
    ),
    Endpoint("PUT", "/documents/{shared_document}/content", "401 200 403 200 403 403", {"content": "Day."}),
    Endpoint("GET", "/documents/{document}/versions", "401 200 403 200 403 200"),
    Endpoint("GET", "/documents/{document}/compare/1/2", "401 200 403 200 403 200"),
    Endpoint("POST", "/documents/{document}/collaborators", "401 200 403 200 403 200", {"userId": "{classmate}"}),
    Endpoint("DELETE", "/documents/{document}", "401 200 403 200 403 200"),
    Endpoint("POST", "/assignments", "401 403 403 201 403 201", ASSIGNMENT),
    Endpoint("GET", "/assignments/course/{course}", "401 200 403 200 403 200"),
    Endpoint("GET", "/assignments/my-assignments", "401 403 403 200 200 200"),
    Endpoint("GET", "/assignments/student/{student}", "401 200 403 200 403 200"),
    Endpoint("GET", "/assignments/class/{course}", "401 200 403 200 403 200"),
    Endpoint("GET", "/assignments/{assignment}", "401 200 403 200 403 200"),
    Endpoint("GET", "/assignments/{deployment}", "401 200 403 200 403 200"),
    Endpoint("GET", "/assignments/{draft_assignment}", "401 404 403 200 403 200"),
    Endpoint("PUT", "/assignments/{assignment}", "401 403 403 200 403 200", {"title": "Essay"}),
    Endpoint("POST", "/assignments/{assignment}/submit", "401 201 403 403 403 201", {}),
    Endpoint("POST", "/assignments/{deployment}/submit", "401 201 403 403 403 201", {}),
    Endpoint("POST", "/assignments/{draft_assignment}/submit", "401 400 400 400 400 400", {}),
    Endpoint("GET", "/assignments/{assignment}/submissions", "401 403 403 200 403 200"),
    Endpoint("PATCH", "/assignments/{draft_assignment}/publish", "401 403 403 200 403 200"),
    Endpoint("DELETE", "/assignments/{assignment}", "401 403 403 200 403 200"),
    Endpoint("GET", "/assignments/by-objective/analysis", "401 403 403 200 200 200"),
    Endpoint("GET", "/assignments/by-objective/analysis?courseId={course}", "401 403 403 200 403 200"),
    Endpoint("GET", "/assignments/by-blooms/4", "401 403 403 200 200 200"),
    Endpoint("GET", "/assignments/multi-stage", "401 403 403 200 200 200"),
    Endpoint("GET", "/assignments/with-ai", "401 403 403 200 200 200"),
    Endpoint("POST", "/assignments/{assignment}/clone", "401 403 403 201 403 201", {"courseId": "{course}"}),
    Endpoint("POST", "/assignments/{assignment}/clone", "401 403 403 403 403 201", {"courseId": "{other_course}"}),
    Endpoint("POST", "/assignments/{assignment}/validate", "401 403 403 200 403 200"),
    Endpoint("GET", "/learning-objectives/presets", "401 200 200 200 200 200"),
    Endpoint("GET", "/learning-objectives/categories", "401 200 200 200 200 200"),
    Endpoint("GET", "/learning-objectives/subjects", "401 200 200 200 200 200"),
    Endpoint("GET", "/learning-objectives/blooms-levels", "401 200 200 200 200 200"),
    Endpoint("GET", "/learning-objectives/assessment-templates", "401 200 200 200 200 200"),
    Endpoint("POST", "/learning-objectives/validate-set", "401 200 200 200 200 200", {"objectives": []}),
    Endpoint("POST", "/analytics/ai-assistance-request", "401 200 403 403 403 403", QUESTION),
    Endpoint("GET", "/assignment-templates/my-templates", "401 403 403 200 200 200"),
    Endpoint("GET", "/assignment-templates/library", "401 200 200 200 200 200"),
    Endpoint("GET", "/assignment-templates/library?search=argument", "401 200 200 200 200 200"),
    Endpoint("GET", "/assignment-templates/{template}", "401 200 200 200 200 200"),
    Endpoint("POST", "/assignment-templates", "401 403 403 201 201 201", TEMPLATE),
    Endpoint("PUT", "/assignment-templates/{template}", "401 403 403 200 403 200", {"title": "Essay"}),
    Endpoint("PATCH", "/assignment-templates/{template}/publish", "401 403 403 200 403 200"),
    Endpoint("PATCH", "/assignment-templates/{template}/archive", "401 403 403 200 403 200"),
    Endpoint("POST", "/assignment-templates/{template}/clone", "401 403 403 201 201 201"),
    Endpoint("GET", "/assignment-templates/{template}/deployments", "401 403 403 200 403 200"),
    Endpoint("DELETE", "/assignment-templates/{template}", "401 403 403 400 403 400"),
    Endpoint("POST", "/course-assignments/deploy", "401 403 403 403 201 201", DEPLOYMENT),
    Endpoint("GET", "/course-assignments/my-assignments", "401 200 200 200 200 200"),
    Endpoint("GET", "/course-assignments/course/{course}", "401 200 403 200 403 200"),
    Endpoint("GET", "/course-assignments/upcoming/all", "401 200 200 200 200 200"),
    Endpoint("GET", "/course-assignments/due-soon/all", "401 200 200 200 200 200"),
    Endpoint("GET", "/course-assignments/{deployment}", "401 200 403 200 403 200"),
    Endpoint("PUT", "/course-assignments/{deployment}", "401 403 403 200 403 200", {"customNotes": "Be kind."}),
    Endpoint("PATCH", "/course-assignments/{deployment}/publish", "401 403 403 200 403 200"),
    Endpoint("PATCH", "/course-assignments/{deployment}/archive", "401 403 403 200 403 200"),
    Endpoint("POST", "/course-assignments/{deployment}/submit", "401 201 403 403 403 403", {"title": "Ben's essay"}),
    Endpoint("DELETE", "/course-assignments/{deployment}", "401 403 403 200 403 200"),
    Endpoint("GET", "/submissions/my-submissions", "401 200 200 200 200 200"),
    Endpoint("GET", "/submissions/{submission}", "401 200 403 200 403 200"),
    Endpoint("PUT", "/submissions/{submission}/content", "401 200 403 403 403 200", TEXT),
    Endpoint("PUT", "/submissions/{submission}/content", "401 200 403 403 403 200", {**TEXT, "saveType": "manual"}),
    Endpoint("POST", "/submissions/{submission}/comments", "401 201 403 201 403 201", {"content": "Why?"}),
    Endpoint(
        "POST", "/submissions/{submission}/comments/{comment}/reply", "401 200 403 200 403 200", {"content": "So."}
    ),
    Endpoint("PATCH", "/submissions/{submission}/comments/{comment}/resolve", "401 200 403 200 403 200"),
    Endpoint(
        "POST", "/submissions/{submission}/collaborators", "401 200 403 403 403 200", {"collaboratorId": "{classmate}"}
    ),
    Endpoint("PATCH", "/submissions/{submission}/submit", "401 200 403 403 403 200"),
    Endpoint("GET", "/submissions/{submission}/versions", "401 200 403 200 403 200"),
    Endpoint("PATCH", "/submissions/{submission}/grade", "401 403 403 409 403 409", GRADE),
    Endpoint("PATCH", "/submissions/{handed_in_submission}/grade", "401 403 403 200 403 200", GRADE),
    Endpoint("PATCH", "/submissions/{submission}/return", "401 403 403 409 403 409"),
    Endpoint("PATCH", "/submissions/{handed_in_submission}/return", "401 403 403 200 403 200", {"feedback": "Again."}),
)
BUILT = tuple(endpoint for endpoint in ENDPOINTS if endpoint.is_built)
# the routers of the contract's second part, and what the client asks for and the original did not have (section 9)
SECOND_PART = ("/learning-objectives", "/analytics", "/assignment-templates", "/course-assignments", "/submissions")
ADDED = {"GET /courses/educator/{}", "GET /assignments/student/{}", "GET /assignments/class/{}"}
WITHOUT_TOKEN = {"GET /health", "POST /auth/register", "POST /auth/login"}
