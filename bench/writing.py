"""Whether texts survive a class that writes, and how fast its saves are.

    python bench/writing.py [--students 40] [--seconds 60] [--typing 20]

First a class saves drafts for so many seconds, each student again as soon as the last save is answered. Then one types
ten keys a second, and each key is a save and a reading of it, as the client does. In the database each submission must
then hold the last text that the server accepted, and its versions, without a gap, those that it said it made. The
server runs as `make serve` runs it, two processes of four threads, on an embedded PostgreSQL of its own; the clients
are one more process beside them. The last line is one JSON object, and the exit code is 1 where something is lost.
"""

import argparse
import contextlib
import json
import statistics
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.environment import use_database  # noqa: E402 isort: skip the settings come first

from accounts.models import Role  # noqa: E402
from accounts.tokens import issue_token  # noqa: E402
from assignments.models import Assignment, AssignmentSubmission  # noqa: E402
from bench.api_client import Connection, message, served  # noqa: E402
from bench.api_data import DRAFT  # noqa: E402
from scribetree.object_id import uuid_to_hex  # noqa: E402
from scribetree.testing import enroll, make_assignment, make_course, make_submission, make_user  # noqa: E402

DATABASE = "writing_benchmark"
KEYS_A_SECOND = 10
MANUAL = 5  # every so-manieth save is one of these, which make versions


class Writer:
    """A student at a submission; remembers what the server accepted."""

    def __init__(self, port: int, submission: AssignmentSubmission) -> None:
        self.submission = submission
        self.port = port
        self.path = f"/submissions/{uuid_to_hex(submission.pk)}"
        self.authorization = f"Bearer {issue_token(submission.author)}"
        self.times: list[float] = []
        self.accepted = ""
        self.saves = 0
        self.versions: list[tuple[int, str]] = []
        self.complaints: list[str] = []

    def save(self, connection: Connection, text: str, kind: str) -> None:
        body = {"content": text, "saveType": kind, "sessionDuration": 0}
        answer = self._answer(connection, "PUT", f"{self.path}/content", body)
        if answer is not None:
            self.saves += 1
            self.accepted = text
            if answer["versionCreated"]:
                self.versions.append((answer["currentVersion"], text))

    def read(self, connection: Connection) -> None:
        answer = self._answer(connection, "GET", self.path)
        if answer is not None and answer["content"] != self.accepted:
            self.complaints.append(f"read {answer['content'][-40:]!r} after {self.accepted[-40:]!r} was saved")

    def _answer(self, connection: Connection, method: str, path: str, body: Any = None) -> Any:
        status, content = connection.ask(message(method, path, self.authorization, body))
        if status == 200:
            return json.loads(content)["data"]
        self.complaints.append(f"{method} was answered with {status}: {content[:200]!r}")
        return None

    def write(self, seconds: float) -> None:
        """Saves a draft of four kilobytes that is another each time."""
        deadline = time.monotonic() + seconds
        with connected(self.port) as connection:
            while time.monotonic() < deadline:
                number = len(self.times)
                began = time.perf_counter()
                self.save(connection, f"{DRAFT} Save {number}.", "auto" if number % MANUAL else "manual")
                self.times.append(time.perf_counter() - began)

    def type(self, seconds: float) -> None:
        """On two connections, which may be served by different processes."""
        text, began = "", time.perf_counter()
        with connected(self.port) as saving, connected(self.port) as reading:
            for number in range(int(seconds * KEYS_A_SECOND)):
                time.sleep(max(0.0, began + number / KEYS_A_SECOND - time.perf_counter()))
                text += DRAFT[number % len(DRAFT)]
                pressed = time.perf_counter()
                self.save(saving, text, "auto")
                self.read(reading)
                self.times.append(time.perf_counter() - pressed)

    def losses(self) -> Iterator[str]:
        yield from self.complaints
        row = AssignmentSubmission.objects.get(pk=self.submission.pk)
        if row.content != self.accepted:
            yield f"the submission ends with {row.content[-40:]!r}, and {self.accepted[-40:]!r} was accepted"
        versions = list(row.versions.order_by("version").values_list("version", "content"))
        if versions != self.versions:
            yield f"{len(versions)} versions are stored, and {len(self.versions)} were made, or others"
        numbers = [number for number, _ in versions]
        if numbers != list(range(1, len(numbers) + 1)):
            yield f"the versions have gaps: {numbers}"
        edits = [each["editsCount"] for each in row.analytics["collaborationMetrics"]["contributorStats"]]
        if edits != [self.saves]:
            yield f"{edits} edits are counted, and {self.saves} saves were accepted"


@contextlib.contextmanager
def connected(port: int) -> Iterator[Connection]:
    connection = Connection(port)
    with contextlib.closing(connection.socket):
        yield connection


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=40, help="that save at once (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=60, help="of their saving (default: %(default)s)")
    parser.add_argument("--typing", type=float, default=20, help="seconds of typing (default: %(default)s)")
    options = parser.parse_args()
    url = use_database(DATABASE)
    assignment = make_assignment(make_course(make_user("ada", Role.EDUCATOR)))
    with served("scribetree.wsgi:application", url) as server:
        writers = [writer(server.port, assignment, number) for number in range(options.students + 1)]
        *students, typist = writers
        with ThreadPoolExecutor(len(students)) as threads:
            began = time.perf_counter()
            list(threads.map(lambda student: student.write(options.seconds), students))
            seconds = time.perf_counter() - began
        typist.type(options.typing)
    losses = [f"{each.submission.author.email}: {text}" for each in writers for text in each.losses()]
    for text in losses:
        print(text, file=sys.stderr)
    results = {"students": len(students), "saves/s": round(sum(each.saves for each in students) / seconds, 1)}
    results |= {
        "saves": figures([moment for each in students for moment in each.times]),
        "versions": sum(len(each.versions) for each in students),
        "keys": figures(typist.times),
        "losses": len(losses),
    }
    print(json.dumps(results))
    sys.exit(bool(losses))


def writer(port: int, assignment: Assignment, number: int) -> Writer:
    student = make_user(f"student{number}")
    enroll(student, assignment.course, ordinal=number)
    return Writer(port, make_submission(assignment, student))


def figures(times: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(times, n=20, method="inclusive")
    return {"count": len(times), "p50 ms": round(cuts[9] * 1000, 1), "p95 ms": round(cuts[18] * 1000, 1)}


if __name__ == "__main__":
    main()
