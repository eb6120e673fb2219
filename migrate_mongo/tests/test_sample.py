"""The generator against the bytes it writes, read as anybody would read them."""

import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import bcrypt
import bson
import pytest
from bson import ObjectId
from bson.codec_options import CodecOptions, DatetimeConversion
from bson.errors import InvalidBSON
from django.core.management import CommandError, call_command

from analytics.session_metrics import session_metrics
from migrate_mongo.indexes import COLLECTIONS
from migrate_mongo.sample import DATABASE, LOGINS, PASSWORD, SampleError, write_sample_dump
from migrate_mongo.sample.dice import ObjectIds, js_number
from migrate_mongo.sample.hazards import plant_traps
from migrate_mongo.sample.notifications import TYPES
from migrate_mongo.sample.people import PASSWORD_HASHES
from migrate_mongo.sample.plan import SMALLEST
from scribetree.text_metrics import measure

Documents = dict[str, list[dict[str, Any]]]

SIZE = 3000
OPTIONS: CodecOptions[dict[str, Any]] = CodecOptions(
    tz_aware=True, datetime_conversion=DatetimeConversion.DATETIME_AUTO
)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)

OUTCOMES = {"loaded", "finding", "rejected"}
FINDINGS = {
    "unknown_field",
    "stored_null",
    "derived",
    "cast",
    "uncastable",
    "fraction",
    "out_of_range",
    "non_finite",
    "nul_removed",
    "outside_enum",
    "normalised",
    "null_element",
    "duplicate_reference",
    "author_collaborator",
    "dangling_reference",
    "id_collision",
    "superseded",
    "required_absent",
}
REASONS = {
    "undecodable",
    "invalid_id",
    "duplicate_id",
    "missing_reference",
    "dangling_reference",
    "missing_value",
    "constraint",
}


def frames(path: Path) -> Iterator[bytes]:
    raw = path.read_bytes()
    at = 0
    while at < len(raw):
        length = int.from_bytes(raw[at : at + 4], "little")
        yield raw[at : at + length]
        at += length


def bytes_below(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def ids_of(documents: list[dict[str, Any]]) -> set[Any]:
    return {document["_id"] for document in documents}


def milliseconds(moment: datetime) -> int:
    return (moment - EPOCH) // MILLISECOND


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sound")
    write_sample_dump(folder, documents=SIZE, seed=5)
    return folder


@pytest.fixture(scope="module")
def documents(sound: Path) -> Documents:
    read = {}
    for name in COLLECTIONS:
        with (sound / DATABASE / f"{name}.bson").open("rb") as file:
            read[name] = list(bson.decode_file_iter(file, OPTIONS))
    return read


@pytest.fixture(scope="module")
def dangerous(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dangerous")
    write_sample_dump(folder, documents=SIZE, seed=5, hazards=True)
    return folder


@pytest.fixture(scope="module")
def hazards(dangerous: Path) -> list[dict[str, str]]:
    listed: list[dict[str, str]] = json.loads((dangerous / "hazards.json").read_text(encoding="utf-8"))
    return listed


@pytest.mark.parametrize("compress", [False, True])
def test_same_seed_gives_the_same_bytes(tmp_path: Path, compress: bool) -> None:
    for name, seed in (("one", 3), ("same", 3), ("other", 4)):
        write_sample_dump(tmp_path / name, documents=900, seed=seed, hazards=True, compress=compress)

    assert bytes_below(tmp_path / "one") == bytes_below(tmp_path / "same")
    assert bytes_below(tmp_path / "one") != bytes_below(tmp_path / "other")


def test_compressed_dump_holds_the_same_documents(tmp_path: Path) -> None:
    write_sample_dump(tmp_path / "plain", documents=200, seed=3)
    write_sample_dump(tmp_path / "packed", documents=200, seed=3, compress=True)

    packed = bytes_below(tmp_path / "packed")

    unpacked = {name.removesuffix(".gz"): gzip.decompress(content) for name, content in packed.items()}
    assert all(name.endswith(".gz") for name in packed)
    assert unpacked == bytes_below(tmp_path / "plain")


@pytest.mark.parametrize("size", [SMALLEST, 51, 64, 99, 150, 333, 500, 1001, 2500])
def test_counts_add_up_and_every_collection_has_some(tmp_path: Path, size: int) -> None:
    counts = write_sample_dump(tmp_path / "dump", documents=size, seed=1)

    assert sum(counts.values()) == size
    assert min(counts.values()) > 0


def test_proportions_are_those_of_a_real_school(documents: Documents) -> None:
    parts = {name: len(read) / SIZE for name, read in documents.items()}

    assert sum(map(len, documents.values())) == SIZE
    assert parts["documentversions"] == pytest.approx(0.27, abs=0.02)
    assert parts["writingsessions"] == pytest.approx(0.336, abs=0.02)
    assert parts["notifications"] == pytest.approx(0.235, abs=0.02)
    assert parts["assignmentsubmissions"] == pytest.approx(0.067, abs=0.01)


def test_beside_the_documents_are_prelude_and_metadata(sound: Path) -> None:
    database = sound / DATABASE
    names = {path.name for path in database.iterdir()}

    assert names == {"prelude.json"} | {f"{name}.{end}" for name in COLLECTIONS for end in ("bson", "metadata.json")}
    metadata = json.loads((database / "courses.metadata.json").read_bytes())
    assert metadata["indexes"][1] == {
        "v": {"$numberInt": "2"},
        "key": {"enrollmentCode": {"$numberInt": "1"}},
        "name": "enrollmentCode_1",
        "unique": True,
        "sparse": True,
        "background": True,
    }


def test_ids_are_unique_and_carry_the_time_of_creation(documents: Documents) -> None:
    everything = [document for read in documents.values() for document in read]

    assert len({document["_id"] for document in everything}) == SIZE
    assert all(
        document["_id"].generation_time == document["createdAt"].replace(microsecond=0) for document in everything
    )


def test_required_references_resolve(documents: Documents) -> None:
    tasks = ids_of(documents["assignments"]) | ids_of(documents["courseassignments"])
    writings = ids_of(documents["documents"])
    submissions = ids_of(documents["assignmentsubmissions"])
    people, courses = ids_of(documents["users"]), ids_of(documents["courses"])
    targets = {
        ("courses", "instructor"): people,
        ("assignmenttemplates", "instructor"): people,
        ("assignments", "course"): courses,
        ("assignments", "instructor"): people,
        ("courseassignments", "template"): ids_of(documents["assignmenttemplates"]),
        ("courseassignments", "course"): courses,
        ("courseassignments", "instructor"): people,
        ("assignmentsubmissions", "assignment"): tasks,
        ("assignmentsubmissions", "author"): people,
        ("documents", "course"): courses,
        ("documents", "author"): people,
        ("documentversions", "document"): writings | submissions,
        ("documentversions", "author"): people,
        ("writingsessions", "document"): writings,
        ("writingsessions", "user"): people,
        ("notifications", "recipient"): people,
    }

    for (collection, path), found in targets.items():
        assert {document[path] for document in documents[collection]} <= found, (collection, path)


def test_every_object_id_anywhere_is_a_document_or_an_element(documents: Documents) -> None:
    known = {document["_id"] for read in documents.values() for document in read}
    dangling = set()

    def walk(value: object, key: str) -> None:
        if isinstance(value, dict):
            for inner_key, inner in value.items():
                walk(inner, inner_key)
        elif isinstance(value, list):
            for inner in value:
                walk(inner, key)
        elif isinstance(value, ObjectId) and key not in ("_id", "id") and value not in known:
            dangling.add((key, value))

    for read in documents.values():
        walk(read, "")

    assert not dangling


def test_nothing_is_there_twice_that_must_not_be(documents: Documents) -> None:
    def repeated(collection: str, *paths: str) -> list[Any]:
        counted = Counter(tuple(document[path] for path in paths) for document in documents[collection])
        return [key for key, count in counted.items() if count > 1]

    assert not repeated("users", "email")
    assert not repeated("courses", "enrollmentCode")
    assert not repeated("courseassignments", "template", "course")
    assert not repeated("assignmentsubmissions", "assignment", "author")
    assert not repeated("documentversions", "document", "version")
    for collection, path in (("courses", "students"), ("documents", "collaborators")):
        for document in documents[collection]:
            assert len(set(document[path])) == len(document[path])
            assert document.get("author") not in document[path]


def test_text_metrics_are_exact(documents: Documents) -> None:
    for collection in ("documents", "documentversions", "assignmentsubmissions"):
        for document in documents[collection]:
            stored = document.get("metadata", document)
            words, chars, minutes = measure(document["content"])
            assert (stored["wordCount"], stored["characterCount"]) == (words, chars)
            assert stored.get("readingTime", minutes) == minutes


def test_essays_grow_with_contiguous_versions(documents: Documents) -> None:
    histories = defaultdict(list)
    for version in documents["documentversions"]:
        histories[version["document"]].append(version)

    for history in histories.values():
        assert [version["version"] for version in history] == list(range(1, len(history) + 1))
        assert history[0]["metadata"]["wordCount"] <= history[-1]["metadata"]["wordCount"]
        words = 0
        for version in history:
            changes = version["changes"]
            words += changes["addedWords"] - changes["deletedWords"]
            assert words == version["metadata"]["wordCount"]
    longest = [max(version["metadata"]["wordCount"] for version in history) for history in histories.values()]
    assert max(longest) > 1200
    assert min(longest) >= 200


def test_session_numbers_are_those_of_the_save_hook(documents: Documents) -> None:
    ended = [session for session in documents["writingsessions"] if "endTime" in session]

    for session in ended:
        metrics = session_metrics(
            start_ms=milliseconds(session["startTime"]),
            end_ms=milliseconds(session["endTime"]),
            words_added=session["activity"]["wordsAdded"],
            total_pause_time=session["activity"]["totalPauseTime"],
            snapshots=[(milliseconds(shot["timestamp"]), shot["wordCount"]) for shot in session["snapshots"]],
        )
        stored = session["productivity"]
        assert session["duration"] == metrics.duration
        assert stored["wordsPerMinute"] == metrics.words_per_minute
        assert stored["focusScore"] == metrics.focus_score
        assert stored["consistencyScore"] == (metrics.consistency_score or 0)
    assert 0 < len(documents["writingsessions"]) - len(ended) < len(ended)


def test_all_generations_and_types_occur(documents: Documents) -> None:
    assert any("subject" not in course for course in documents["courses"])
    assert any("boundaryLevel" in assignment["aiSettings"] for assignment in documents["assignments"])
    assert any("analytics" not in submission for submission in documents["assignmentsubmissions"])
    assert {notification["type"] for notification in documents["notifications"]} == set(TYPES)
    quarters = {(s["startTime"].year, s["startTime"].month // 4) for s in documents["writingsessions"]}
    assert len(quarters) > 4


def test_comments_are_also_out_of_order_and_have_replies(documents: Documents) -> None:
    threads = [submission["comments"] for submission in documents["assignmentsubmissions"]]
    orders = [[comment["createdAt"] for comment in thread] for thread in threads]

    assert any(order != sorted(order) for order in orders)
    assert any(comment["replies"] for thread in threads for comment in thread)


def test_text_holds_more_than_ascii(documents: Documents) -> None:
    text = "".join(document["content"] for document in documents["documents"])

    for sample in ("\ufeff", "\u00a0", "e\u0301", "夜", "كان", "👩🏽‍🏫"):
        assert sample in text or sample in "".join(v["content"] for v in documents["documentversions"])


@pytest.mark.parametrize("stored", PASSWORD_HASHES)
def test_passwords_are_what_they_say(stored: str) -> None:
    assert bcrypt.checkpw(PASSWORD.encode(), stored.encode())


def test_logins_are_the_first_users_and_have_work(documents: Documents) -> None:
    first = documents["users"][: len(LOGINS)]
    _, educator, student = (user["_id"] for user in first)

    assert [(user["role"], user["email"]) for user in first] == [(login.role, login.email) for login in LOGINS]
    assert any(course["instructor"] == educator for course in documents["courses"])
    for collection in ("assignmentsubmissions", "documents"):
        assert any(document["author"] == student for document in documents[collection])


@pytest.mark.parametrize(
    ("value", "stored"), [(3.0, int), (2.5, float), (3e9, float), (float(2**31 - 1), int), (-(2.0**31), int)]
)
def test_numbers_are_stored_as_the_driver_does(value: float, stored: type) -> None:
    assert type(js_number(value)) is stored


def test_hazards_are_in_the_dump_and_speak_the_importers_words(dangerous: Path, hazards: list[dict[str, str]]) -> None:
    present = defaultdict(set)
    for collection in COLLECTIONS:
        for frame in frames(dangerous / DATABASE / f"{collection}.bson"):
            # every document begins with its _id, so that even an unreadable one shows it
            present[collection].add(printed_id(frame))

    for hazard in hazards:
        assert hazard["id"] in present[hazard["collection"]], hazard["name"]
        assert hazard["outcome"] in OUTCOMES
        kinds = {"loaded": {""}, "finding": FINDINGS, "rejected": REASONS}[hazard["outcome"]]
        assert hazard["kind"] in kinds, hazard["name"]
    assert {hazard["kind"] for hazard in hazards} == {""} | FINDINGS | REASONS


def printed_id(frame: bytes) -> str:
    assert frame[5:9] == b"_id\x00"
    if frame[4] == 0x07:
        return frame[9:21].hex()
    return str(bson.decode(frame, OPTIONS)["_id"])


def test_hazards_are_named_once(hazards: list[dict[str, str]]) -> None:
    per_document = {(hazard["name"], hazard["collection"], hazard["id"]) for hazard in hazards}

    assert len({name for name, _, _ in per_document}) == len(per_document)


def test_only_the_undecodable_hazards_cannot_be_decoded(dangerous: Path, hazards: list[dict[str, str]]) -> None:
    broken = set()
    for collection in COLLECTIONS:
        for frame in frames(dangerous / DATABASE / f"{collection}.bson"):
            try:
                bson.decode(frame, OPTIONS)
            except InvalidBSON:
                broken.add(printed_id(frame))

    assert broken == {hazard["id"] for hazard in hazards if hazard["kind"] == "undecodable"}


def test_hazardous_dump_has_as_many_documents_as_asked_for(dangerous: Path) -> None:
    counted = sum(len(list(frames(path))) for path in (dangerous / DATABASE).glob("*.bson"))

    assert counted == SIZE


@pytest.mark.parametrize("hazards", [False, True])
def test_too_small_a_dump_is_refused(tmp_path: Path, hazards: bool) -> None:
    smallest = SMALLEST + (len(plant_traps(ObjectIds(1))) if hazards else 0)

    with pytest.raises(SampleError, match=f"at least {smallest} documents"):
        write_sample_dump(tmp_path / "dump", documents=smallest - 1, seed=1, hazards=hazards)
    assert not (tmp_path / "dump").exists()
    assert sum(write_sample_dump(tmp_path / "dump", documents=smallest, seed=1, hazards=hazards).values()) == smallest


def test_command_writes_and_says_what(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("make_sample_dump", str(tmp_path / "dump"), "--documents", "60", "--seed", "2")

    assert "60 documents in" in capsys.readouterr().out
    assert (tmp_path / "dump" / DATABASE / "users.bson").stat().st_size > 0


def test_command_refuses_a_folder_that_holds_something(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").touch()

    with pytest.raises(CommandError, match="is not an empty folder"):
        call_command("make_sample_dump", str(tmp_path), "--documents", "60")


def test_command_refuses_a_file_as_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(CommandError, match="is not an empty folder"):
        call_command("make_sample_dump", str(tmp_path / "file"), "--documents", "60")
