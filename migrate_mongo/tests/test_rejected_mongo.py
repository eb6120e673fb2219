"""`rejected_mongo` as a person runs it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import bson
import pytest
from django.core.management import CommandError, call_command

from migrate_mongo.models import RejectedDocument
from migrate_mongo.pipeline import Policies
from migrate_mongo.tests.conftest import Import
from migrate_mongo.tests.dumps import classroom, course, oid, submission, user, write_dump
from migrate_mongo.tests.test_commands import ROOT, one_line, run
from migrate_mongo.vocabulary import REASONS

HEX = [str(oid(number)) for number in range(100)]


@pytest.fixture
def first(tmp_path: Path, import_dump: Import) -> int:
    """The number of user 3, who has no e-mail; a course and an assignment wait. Then a submission without an author."""
    lonely = {**submission(30, 20, 2), "author": None}
    people = [user(1), user(2), {**user(3), "email": None}]
    import_dump(write_dump(tmp_path, classroom(users=people, courses=[course(10, 3)], assignmentsubmissions=[lonely])))
    return RejectedDocument.objects.get(collection="users").pk


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs the command here; gives its exit code and what it prints."""

    def run_here(*arguments: object) -> tuple[int, list[str]]:
        code = 0
        try:
            call_command("rejected_mongo", *map(str, arguments))
        except SystemExit as left:
            code = int(left.code or 0)
        return code, capsys.readouterr().out.splitlines()

    return run_here


def test_list_has_a_line_for_each_and_totals(first: int, say: Any) -> None:
    code, lines = say("list")

    assert code == 0
    assert [" ".join(line.split()) for line in lines] == [
        "number collection _id reason path status message",
        f"{first} users {HEX[3]} missing_value email open email is missing",
        f"{first + 1} courses {HEX[10]} dangling_reference instructor open waits for {first}",
        f"{first + 2} assignments {HEX[20]} dangling_reference course open waits for {first + 1}",
        f"{first + 3} assignmentsubmissions {HEX[30]} missing_reference author open author holds None, no id",
        "dangling_reference: 2, of which 2 wait for another",
        "missing_value: 1",
        "missing_reference: 1",
        "4 rejected documents",
    ]
    places = {line.index("open") for line in lines[1:5]}
    assert len(places) == 1


def test_list_leaves_out_what_is_not_asked_for(first: int, say: Any) -> None:
    def numbers(*arguments: object) -> list[int]:
        _, lines = say("list", "--json", *arguments)
        return [entry["number"] - first for entry in json.loads("\n".join(lines))]

    say("dismiss", first + 3, "--note", "nobody's")

    assert numbers() == [0, 1, 2]
    assert numbers("--status", "dismissed") == [3]
    assert numbers("--status", "all", "--collection", "courses", "assignmentsubmissions") == [1, 3]
    assert numbers("--reason", "missing_value", "dangling_reference", "--collection", "assignments", "users") == [0, 2]
    assert numbers("--status", "loaded") == []
    assert say("list", "--status", "loaded") == (0, ["0 rejected documents"])


def test_list_as_json_has_everything(first: int, say: Any) -> None:
    _, lines = say("list", "--json", "--collection", "courses")

    assert json.loads("\n".join(lines)) == [
        {
            "number": first + 1,
            "collection": "courses",
            "id": HEX[10],
            "reason": "dangling_reference",
            "path": "instructor",
            "status": "open",
            "message": f"instructor refers to {HEX[3]} of users, which was rejected itself (missing_value)",
            "waits_for": first,
            "missing_id": HEX[3],
            "note": "",
            "settled_at": None,
        }
    ]


def test_show_has_everything_with_the_place_marked(first: int, say: Any) -> None:
    code, lines = say("show", first + 1)

    assert code == 0
    assert {
        f"number     {first + 1}, open",
        f"_id        {HEX[10]}",
        f"reason     dangling_reference. {REASONS['dangling_reference']}",
        "path       instructor",
        f"waits for  {first}, {HEX[3]} of users: missing_value",
        f"awaited by {first + 2} (assignments)",
    } <= set(lines)
    place = lines.index(f'>>>   "instructor": {{"$oid": "{HEX[3]}"}},')
    assert lines[place + 1].startswith(f"      ^ instructor refers to {HEX[3]} of users")
    assert '      "title": "Rhetoric",' in lines
    assert sum(line.startswith(">>>") for line in lines) == 1


def test_show_keeps_passwords_to_itself(first: int, say: Any) -> None:
    _, lines = say("show", first)

    assert '      "password": "(not shown)",' in lines
    assert "$2b$" not in "\n".join(lines)


def test_export_and_retry_with_a_repaired_document(first: int, say: Any, tmp_path: Path) -> None:
    file = tmp_path / "rejected.json"
    assert say("export", file, "--collection", "users") == (0, [f"1 documents written to {file}"])
    assert say("export", "--collection", "users") == (0, file.read_text().splitlines())
    document = json.loads(file.read_text())
    assert document["password"].startswith("$2b$")
    (tmp_path / "repaired.json").write_text(json.dumps({**document, "email": "three@school.test"}))

    code, lines = say("retry", "--replace", tmp_path / "repaired.json")

    assert code == 0
    assert [" ".join(line.split()) for line in lines] == [
        "users 1 loaded 0 still rejected",
        "courses 1 loaded 0 still rejected",
        "assignments 1 loaded 0 still rejected",
        "3 documents loaded, 0 still rejected",
    ]
    code, lines = say("show", first)
    assert lines[0].startswith(f"number     {first}, loaded, 20")
    assert "note       Replaced by repaired.json, document 1." in lines
    assert "What was loaded in its place:" in lines
    assert '      "email": "three@school.test",' in lines


def test_export_as_bson(first: int, say: Any, tmp_path: Path) -> None:
    file = tmp_path / "rejected.bson"

    assert say("export", "--bson", file) == (0, [f"4 documents written to {file}"])
    assert [document["_id"] for document in bson.decode_all(file.read_bytes())] == [oid(3), oid(10), oid(20), oid(30)]
    with pytest.raises(CommandError, match="name one file"):
        say("export", file, "--bson", file)
    with pytest.raises(CommandError, match=r"rejected\.bson exists already"):
        say("export", "--bson", file)


def test_retry_tells_what_is_still_rejected(first: int, say: Any) -> None:
    code, lines = say("retry", "--all")

    assert code == 2
    assert lines[0] == f"{first} users {HEX[3]}: missing_value: email is missing"
    assert lines[-1] == "0 documents loaded, 4 still rejected"
    assert say("retry", first)[1][-1] == "0 documents loaded, 1 still rejected"
    assert say("retry", "--reason", "dangling_reference")[1][-1] == "0 documents loaded, 2 still rejected"
    assert say("retry", "--collection", "documents") == (0, ["0 documents loaded, 0 still rejected"])


def test_retry_takes_policies(import_dump: Import, say: Any, tmp_path: Path) -> None:
    import_dump(write_dump(tmp_path, {"users": [user(1, firstName="U\0ma")]}), policies=Policies(on_nul="reject"))
    number = RejectedDocument.objects.get().pk

    assert '>>>   "firstName": "U\\u0000ma",' in say("show", number)[1]
    assert say("retry", "--all")[0] == 2
    assert say("retry", "--all", "--on-nul", "replace")[0] == 0


def test_what_cannot_be_is_one_line(first: int, say: Any) -> None:
    with pytest.raises(CommandError, match="say which: NUMBER, --reason, --collection, --replace or --all"):
        say("retry")
    for arguments in (("show", 1_000_000), ("retry", 1_000_000), ("dismiss", 1_000_000, "--note", "x")):
        with pytest.raises(CommandError, match="there is no rejected document 1000000"):
            say(*arguments)
    with pytest.raises(CommandError, match="a note has to say why"):
        say("dismiss", first, "--note", " ")


def test_dismiss(first: int, say: Any) -> None:
    assert say("dismiss", first, first + 3, "--note", "left school") == (0, ["2 documents dismissed"])

    _, lines = say("show", first)
    assert lines[0].startswith(f"number     {first}, dismissed, 20")
    assert lines[1] == "note       left school"


def test_wrong_arguments_are_one_line() -> None:
    assert "unknown collection 'recipes'" in one_line(run("rejected_mongo", "list", "--collection", "recipes"))
    assert "invalid choice: 'bad'" in one_line(run("rejected_mongo", "list", "--reason", "bad"))
    assert "required: ACTION" in one_line(run("rejected_mongo"))
    assert "required: --note" in one_line(run("rejected_mongo", "dismiss", "3"))


def test_a_reader_that_has_seen_enough_is_no_failure() -> None:
    program = (
        "import django; django.setup()\n"
        "from django.core.management.base import BaseCommand\n"
        "from migrate_mongo.command_line import Answer, _print\n"
        "_print(BaseCommand(), Answer(['x' * 1000] * 1000, exit_code=2))\n"
    )
    environment = {**os.environ, "SCRIBETREE_TESTING": "1", "DJANGO_SETTINGS_MODULE": "scribetree.settings"}
    reader, writer = os.pipe()
    os.close(reader)

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, stdout=writer, stderr=subprocess.PIPE, check=False
    )

    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")
