"""An export has the indexes of the original's models, and all that the source had."""

import json
from pathlib import Path
from typing import Any

import pytest

from migrate_mongo.index_plan import storable
from migrate_mongo.indexes import metadata_of
from migrate_mongo.models import ImportRun
from migrate_mongo.source_indexes import metadata_to_write
from migrate_mongo.tests.conftest import Export, Import
from migrate_mongo.tests.dumps import classroom, write_dump


def number(value: int) -> dict[str, str]:
    return {"$numberInt": str(value)}


def index(name: str, *key: tuple[str, Any], **more: Any) -> dict[str, Any]:
    return {"v": number(2), "key": dict(key), "name": name, **more}


def written(collection: str, *indexes: Any) -> list[dict[str, Any]]:
    """Behind those that the original's models have as well."""
    metadata = storable({collection: {"indexes": list(indexes)}})
    ImportRun.objects.create(source="dump", fingerprint="f", details={"metadata": metadata})
    made: list[dict[str, Any]] = metadata_to_write(collection)["indexes"]
    return [one for one in made if one not in metadata_of(collection)["indexes"]]


def test_without_an_import_there_are_those_of_the_models(db: None) -> None:
    assert metadata_to_write("users") == metadata_of("users")


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"expireAfterSeconds": number(60)},
        {"partialFilterExpression": {"role": "student"}},
        {"collation": {"locale": "en", "strength": number(2)}},
        {"unique": True, "sparse": True, "hidden": True},
    ],
)
def test_others_of_the_source_are_written_as_they_were(db: None, more: dict[str, Any]) -> None:
    other = index("by_name", ("lastName", number(1)), ("firstName", number(-1)), **more)

    [found] = written("users", index("_id_", ("_id", number(1))), other)

    assert found == other
    assert list(found["key"]) == ["lastName", "firstName"]


def test_an_index_that_the_source_had_otherwise_stays_so(db: None) -> None:
    named = index("email_1", ("email", 1), ("role", 1))
    keyed = index("roles", ("role", 1.0))

    assert written("users", named, keyed) == [named, keyed]
    assert [one["name"] for one in metadata_to_write("users")["indexes"]] == ["_id_", "email_1", "roles"]


def test_there_is_one_index_for_text(db: None) -> None:
    text = index("search", ("_fts", "text"), ("_ftsx", number(1)), weights={"title": number(1)})

    assert written("assignmenttemplates", text) == [text]
    names = [one["name"] for one in metadata_to_write("assignmenttemplates")["indexes"]]
    assert "title_description_tags_text" not in names


@pytest.mark.parametrize("strange", [{"name": "x"}, {"name": 5, "key": {"a": 1}}, {"name": "x", "key": {}}])
def test_what_is_no_index_is_left_out(db: None, strange: dict[str, Any]) -> None:
    assert written("users", strange) == []


def test_what_only_old_servers_take_is_left_out(db: None) -> None:
    assert written("users", index("a", ("a", 1), ns="school.users")) == [index("a", ("a", 1))]


def test_indexes_go_from_dump_to_dump(import_dump: Import, export: Export, out: Path, tmp_path: Path) -> None:
    dump = write_dump(tmp_path / "dump", classroom())
    other = index("by_name", ("lastName", number(1)), ("firstName", number(-1)))
    (dump / "users.metadata.json").write_text(json.dumps({"options": {}, "indexes": [other]}))
    import_dump(dump)

    export()

    assert json.loads((out / "users.metadata.json").read_text())["indexes"][-1] == other
