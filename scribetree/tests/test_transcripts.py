"""Each recorded answer of the original is given again, at its moment, or differs as declared."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import resolve

from accounts.models import User
from accounts.tokens import issue_token
from migrate_mongo.tests.conftest import Import
from scribetree.api.middleware import not_found
from scribetree.tests.transcripts import DIFFERENCES, Recording, declared, is_built, unlike


@pytest.fixture(scope="module")
def recording(real_data: Path) -> Recording:
    return Recording.read(real_data / "transcripts" / "reads.jsonl")


def ask(line: dict[str, Any]) -> tuple[int, Any]:
    headers = {}
    if line["as"]:
        headers["Authorization"] = f"Bearer {issue_token(User.objects.get(email=line['as']))}"
    response = Client().generic(
        line["method"],
        line["path"],
        data="" if line.get("body") is None else json.dumps(line["body"]),
        content_type="application/json",
        headers=headers,
    )
    return response.status_code, response.json()


def test_recorded_answers_are_given_again(import_dump: Import, real_data: Path, recording: Recording) -> None:
    import_dump(real_data / "dump")
    wrong, used = [], Counter()
    for number, line in enumerate(recording, 1):
        if not is_built(line):
            continue
        (status, body), difference = declared(recording, line)
        if difference:
            used[difference] += 1

        with time_machine.travel(line["at"], tick=False):
            answered = ask(line)

        complaints = [f"status is {answered[0]}, was {status}"] if answered[0] != status else []
        complaints += unlike(body, answered[1])
        wrong += [f"{number} {line['as']} {line['method']} {line['path']}: {text}" for text in complaints]

    assert wrong == []
    built = [line for line in recording if is_built(line)]
    applicable = {each for each in DIFFERENCES if any(each.applies_to(line) for line in built)}
    assert applicable - set(used) == set()


def test_declared_differences_are_all_of_recorded_lines(recording: Recording) -> None:
    unused = [each for each in DIFFERENCES if not any(each.applies_to(line) for line in recording)]

    assert unused == []


def test_paths_said_to_be_unbuilt_do_not_exist(recording: Recording) -> None:
    unbuilt = [line["path"].partition("?")[0] for line in recording if not is_built(line)]

    assert {path for path in unbuilt if resolve(path).func is not not_found} == set()
