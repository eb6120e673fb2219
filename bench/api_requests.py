"""What the benchmark asks for: the typical requests of a day, as who asks them, with what their floors need."""

from typing import Any, NamedTuple

from bench import api_data
from bench.api_data import DRAFT, EDUCATOR, PERSON, STUDENT, WRITER, wire_id

EDUCATORS_KEY, STUDENTS_KEY, WRITERS_KEY = (wire_id(PERSON, number) for number in (EDUCATOR, STUDENT, WRITER))
CLASS = wire_id(api_data.COURSE, api_data.CLASS)
TASK = wire_id(api_data.ASSIGNMENT, api_data.TASK)
PAPER = wire_id(api_data.DOCUMENT, api_data.PAPER)
DISCUSSED, DRAFTED = (wire_id(api_data.SUBMISSION, number) for number in (api_data.DISCUSSED, api_data.DRAFTED))


class Ask(NamedTuple):
    """`bodies` are sent in turn. The floor of this name takes `parameters`, ids as UUIDs, and then the body."""

    name: str
    person: int
    path: str
    parameters: tuple[str, ...]
    method: str = "GET"
    bodies: tuple[Any, ...] = ()


REQUESTS = (
    Ask("profile", STUDENT, "/auth/profile", (STUDENTS_KEY,)),
    Ask("courses of an educator", EDUCATOR, "/courses", (EDUCATORS_KEY,)),
    Ask("courses of a student", STUDENT, "/courses/my-courses", (STUDENTS_KEY,)),
    Ask("one course", EDUCATOR, f"/courses/{CLASS}", (CLASS,)),
    Ask("assignments of a course", STUDENT, f"/assignments/course/{CLASS}", (CLASS, STUDENTS_KEY)),
    Ask("one assignment", STUDENT, f"/assignments/{TASK}", (TASK, STUDENTS_KEY)),
    Ask("my assignments", EDUCATOR, "/assignments/my-assignments", (EDUCATORS_KEY,)),
    Ask("submissions", EDUCATOR, f"/assignments/{TASK}/submissions", (TASK, EDUCATORS_KEY)),
    Ask("documents of a course", EDUCATOR, f"/documents/course/{CLASS}", (CLASS, EDUCATORS_KEY)),
    Ask("one document", WRITER, f"/documents/{PAPER}", (PAPER,)),
    Ask(
        "save a document",
        WRITER,
        f"/documents/{PAPER}/content",
        (PAPER, WRITERS_KEY),
        "PUT",
        ({"content": f"{DRAFT} And so on."}, {"content": DRAFT}),
    ),
    Ask("versions of a document", WRITER, f"/documents/{PAPER}/versions", (PAPER,)),
    Ask("my templates", EDUCATOR, "/assignment-templates/my-templates", (EDUCATORS_KEY,)),
    Ask(
        "search of the library",
        EDUCATOR,
        "/assignment-templates/library?search=harbour%20letter",
        ("harbour", "letter"),
    ),
    Ask("deployments of a course", STUDENT, f"/course-assignments/course/{CLASS}", (CLASS, STUDENTS_KEY)),
    Ask("one submission", STUDENT, f"/submissions/{DISCUSSED}", (DISCUSSED,)),
    Ask(
        "save a submission",
        STUDENT,
        f"/submissions/{DRAFTED}/content",
        (DRAFTED, STUDENTS_KEY),
        "PUT",
        ({"content": f"{DRAFT} And so on.", "sessionDuration": 1}, {"content": DRAFT, "sessionDuration": 1}),
    ),
    Ask("versions of a submission", STUDENT, f"/submissions/{DRAFTED}/versions", (DRAFTED,)),
)
