"""What the benchmark asks for: the typical requests of a day, as who asks them, with what their floors need."""

from typing import Any, NamedTuple

from bench.api_data import COURSE, EDUCATOR, PERSON, STUDENT, wire_id

EDUCATORS_COURSE = wire_id(COURSE, 8)


class Ask(NamedTuple):
    """`bodies` are sent in turn. The floor of this name takes `parameters`, 24-hex ids, and then the body."""

    name: str
    person: int
    path: str
    parameters: tuple[str, ...]
    method: str = "GET"
    bodies: tuple[Any, ...] = ()


REQUESTS = (
    Ask("profile", STUDENT, "/auth/profile", (wire_id(PERSON, STUDENT),)),
    Ask("courses of an educator", EDUCATOR, "/courses", (wire_id(PERSON, EDUCATOR),)),
    Ask("courses of a student", STUDENT, "/courses/my-courses", (wire_id(PERSON, STUDENT),)),
    Ask("one course", EDUCATOR, f"/courses/{EDUCATORS_COURSE}", (EDUCATORS_COURSE,)),
)
