"""Traps among the comments of submissions and their replies."""

from typing import Any

from migrate_mongo.sample.dice import DAY, BsonDocument, moment
from migrate_mongo.sample.hazards.bed import Bed
from migrate_mongo.sample.hazards.trap import ABSENT, LOADED, Expected, finding
from migrate_mongo.sample.hazards.values import NUL

SUBMISSIONS = "assignmentsubmissions"


def plant(bed: Bed) -> None:
    _plant_positions(bed)
    _plant_fields(bed)
    _plant_replies(bed)
    _plant_ids(bed)
    _plant_restored_copy(bed)
    _plant_arrays(bed)


def _plant_one(bed: Bed, name: str, changes: dict[str, Any], *expected: Expected) -> None:
    _plant_comments(bed, name, [bed.comment(changes)], *expected)


def _plant_comments(bed: Bed, name: str, comments: object, *expected: Expected) -> None:
    document = bed.submission({"comments": comments})
    bed.plant(SUBMISSIONS, document, f"comment-{name}", *(expected or (LOADED,)))


def _plant_positions(bed: Bed) -> None:
    _plant_one(bed, "position-absent", {"position": ABSENT})
    _plant_one(bed, "position-one-sided", {"position": {"end": 3}})
    _plant_one(bed, "position-null-start", {"position": {"start": None, "end": 3}})
    _plant_one(bed, "position-fraction", {"position": {"start": 1.5, "end": 3}})
    _plant_one(bed, "position-empty", {"position": {}})
    _plant_one(bed, "position-null", {"position": None}, finding("stored_null", "comments[].position"))


def _plant_fields(bed: Bed) -> None:
    path = "comments[]"
    for name, changes, kind, field in (
        ("type-null", {"type": None}, "stored_null", "type"),
        ("type-outside-enum", {"type": "praise"}, "outside_enum", "type"),
        ("resolved-null", {"resolved": None}, "stored_null", "resolved"),
        ("created-absent", {"createdAt": ABSENT}, "derived", "createdAt"),
        ("created-null", {"createdAt": None}, "stored_null", "createdAt"),
        ("content-absent", {"content": ABSENT}, "required_absent", "content"),
        ("content-nul", {"content": f"Which{NUL} quay?"}, "nul_removed", "content"),
        ("author-dangling", {"author": bed.nowhere()}, "dangling_reference", "author"),
        ("author-rejected", {"author": bed.lost["users"]}, "dangling_reference", "author"),
        ("unknown", {"pinned": True}, "unknown_field", "pinned"),
    ):
        _plant_one(bed, name, changes, finding(kind, f"{path}.{field}"))


def _plant_replies(bed: Bed) -> None:
    path = "comments[].replies"
    late = bed.reply({"createdAt": moment(bed.now + DAY)})
    _plant_one(bed, "replies", {"replies": [late, bed.reply()]})
    _plant_one(bed, "replies-absent", {"replies": ABSENT})
    _plant_one(bed, "replies-null", {"replies": None}, finding("stored_null", path))
    _plant_one(bed, "replies-null-element", {"replies": [None, bed.reply()]}, finding("null_element", f"{path}[]"))
    for name, changes, kind, field in (
        ("created-absent", {"createdAt": ABSENT}, "derived", "createdAt"),
        ("author-dangling", {"author": bed.nowhere()}, "dangling_reference", "author"),
        ("content-nul", {"content": NUL}, "nul_removed", "content"),
        ("unknown", {"liked": 3}, "unknown_field", "liked"),
        ("id-absent", {"_id": ABSENT}, "derived", "_id"),
    ):
        _plant_one(bed, f"reply-{name}", {"replies": [bed.reply(changes)]}, finding(kind, f"{path}[].{field}"))


def _plant_ids(bed: Bed) -> None:
    path = "comments[].id"
    _plant_one(bed, "id-absent", {"id": ABSENT}, finding("derived", path))
    _plant_one(bed, "id-null", {"id": None}, finding("stored_null", path))
    _plant_one(bed, "no-id-at-all", {"id": ABSENT, "_id": ABSENT}, finding("derived", path))
    _plant_one(bed, "id-without-element-id", {"_id": ABSENT})
    first = bed.comment()
    twice = [first, bed.comment({"id": first["id"]})]
    _plant_comments(bed, "id-twice", twice, finding("id_collision", path))


def _plant_restored_copy(bed: Bed) -> None:
    """Both in the file, the copy first: the smaller `_id` keeps the shared ids, whatever comes first."""
    comments: list[BsonDocument] = [bed.comment({"replies": [bed.reply()]})]
    original = bed.submission({"comments": comments})
    copy = bed.submission({"comments": comments})
    bed.plant(
        SUBMISSIONS,
        copy,
        "comment-ids-of-another-submission",
        finding("id_collision", "comments[].id"),
        finding("id_collision", "comments[].replies[]._id"),
    )
    bed.plant(SUBMISSIONS, original, "comment-ids-copied-by-another-submission", LOADED)


def _plant_arrays(bed: Bed) -> None:
    early, late = bed.comment(), bed.comment({"createdAt": moment(bed.now + DAY)})
    _plant_comments(bed, "out-of-order", [late, early])
    _plant_comments(bed, "null-element", [None, bed.comment()], finding("null_element", "comments[]"))
    _plant_comments(bed, "scalar", bed.comment(), finding("cast", "comments"))
