"""What the original answered, and where the new answer is meant to differ from it."""

import json
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

Answer = tuple[int, Any]

# paths that do not exist yet
UNBUILT = (
    "/api/notifications(/.*)?",
    "/api/analytics/(?!ai-assistance-request).*",
)
IGNORED = ("__v", "token")
AGE_MS = 1000  # the recording has the moment of the answer, and the age of a version is of the moment before


class Recording(list[dict[str, Any]]):
    """The lines, with look-ups for what a declared answer takes from another one."""

    @classmethod
    def read(cls, file: Path) -> "Recording":
        return cls(json.loads(line) for line in file.read_text(encoding="utf-8").splitlines())

    def person(self, key: str, *names: str) -> dict[str, Any]:
        """Someone as others refer to them."""
        users = next(line for line in self if line["path"] == "/api/admin/users")["response"]["users"]
        user = next(user for user in users if user["id"] == key)
        return {"_id": key, **{name: user[name] for name in names}}

    def answer_to(self, role: str, path: str) -> Answer:
        line = next(line for line in self if (line["role"], line["path"]) == (role, path))
        return line["status"], deepcopy(line["response"])


class Difference(NamedTuple):
    """`why` is the number in the contract; `change` makes the declared answer of the recorded one."""

    method: str
    path: str
    roles: tuple[str, ...]
    why: str
    change: Callable[[Recording, dict[str, Any]], Answer]

    def applies_to(self, line: dict[str, Any]) -> bool:
        return (
            line["method"] == self.method
            and line["role"] in self.roles
            and re.fullmatch(self.path, line["path"].partition("?")[0]) is not None
        )


def instructors_by_name(recording: Recording, line: dict[str, Any]) -> Answer:
    body = deepcopy(line["response"])
    for course in body["data"]:
        course["instructor"] = recording.person(course["instructor"], "firstName", "lastName", "email")
    return line["status"], body


def classmates_by_name(recording: Recording, line: dict[str, Any]) -> Answer:
    body = deepcopy(line["response"])
    for course in body["data"] if "data" in body else body["courses"]:
        course["students"] = [recording.person(key, "firstName", "lastName") for key in course["students"]]
    return line["status"], body


def classmates_without_email(recording: Recording, line: dict[str, Any]) -> Answer:
    body = deepcopy(line["response"])
    for student in body["course"]["students"]:
        del student["email"]
    return line["status"], body


def as_its_educator(recording: Recording, line: dict[str, Any]) -> Answer:
    return recording.answer_to("educator", line["path"])


def nothing_published(recording: Recording, line: dict[str, Any]) -> Answer:
    """No template is deployed in what was recorded."""
    return 200, {"success": True, "data": []}


def as_its_author(recording: Recording, line: dict[str, Any]) -> Answer:
    return recording.answer_to("student", line["path"])


def no_classmates(recording: Recording, line: dict[str, Any]) -> Answer:
    body = deepcopy(line["response"])
    body["data"]["course"]["students"] = []
    return line["status"], body


ID = "[0-9a-f]{24}"
ALLOWED_NOW = ("D29", "D-20", "M-02")  # the recorded answer is a refusal
DIFFERENCES = (
    Difference("GET", "/api/courses(/my-courses)?", ("educator",), "M2", instructors_by_name),
    Difference("GET", "/api/courses(/my-courses|/enrolled)?", ("student",), "M2", classmates_by_name),
    Difference("GET", f"/api/courses/{ID}", ("student",), "D10", classmates_without_email),
    Difference("GET", f"/api/courses/{ID}", ("admin",), "D29", as_its_educator),
    Difference("GET", f"/api/assignments/{ID}", ("student",), "D10", no_classmates),
    Difference("GET", "/api/course-assignments/my-assignments", ("student",), "M-02", nothing_published),
    Difference("GET", f"/api/submissions/{ID}/versions", ("educator", "admin"), "D-20", as_its_author),
)


def is_built(line: dict[str, Any]) -> bool:
    return not any(re.fullmatch(path, line["path"].partition("?")[0]) for path in UNBUILT)


def declared(recording: Recording, line: dict[str, Any]) -> tuple[Answer, Difference | None]:
    """The answer that the line has to get, and what makes it another than the recorded one. Refusals stay."""
    for difference in DIFFERENCES:
        if difference.applies_to(line) and (line["status"] == 200 or difference.why in ALLOWED_NOW):
            return difference.change(recording, line), difference
    return (line["status"], line["response"]), None


def unlike(expected: Any, answered: Any, path: str = "") -> Iterator[str]:
    """The leaves that differ. Order counts in lists only."""
    if isinstance(expected, dict) and isinstance(answered, dict):
        for key in sorted({*expected, *answered} - set(IGNORED)):
            if key not in answered:
                yield f"{path}.{key} is absent, was {expected[key]!r:.60}"
            elif key not in expected:
                yield f"{path}.{key} is {answered[key]!r:.60}, was absent"
            else:
                yield from unlike(expected[key], answered[key], f"{path}.{key}")
    elif path.endswith(".age"):
        if abs(answered - expected) > AGE_MS:
            yield f"{path} is {answered}, was {expected}"
    elif isinstance(expected, list) and isinstance(answered, list) and len(expected) == len(answered):
        for index, pair in enumerate(zip(expected, answered, strict=True)):
            yield from unlike(*pair, f"{path}.{index}")
    elif type(expected) is not type(answered) or expected != answered:
        yield f"{path} is {answered!r:.60}, was {expected!r:.60}"
