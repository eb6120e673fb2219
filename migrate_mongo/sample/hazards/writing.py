"""Traps among documents, their versions and writing sessions."""

from datetime import timedelta

from bson import Int64

from migrate_mongo.sample.hazards.bed import Bed
from migrate_mongo.sample.hazards.sound import counted
from migrate_mongo.sample.hazards.trap import ABSENT, LOADED, Case, case, finding, rejected
from migrate_mongo.sample.hazards.values import BEFORE_YEAR_1, INFINITY, NUL, YEAR_12000


def plant(bed: Bed) -> None:
    bed.plant_cases("documents", [*_document_cases(), *_nulled_cases(bed), *_document_reference_cases(bed)])
    bed.lost["documents"] = bed.plant(
        "documents",
        bed.document({"author": bed.lost["users"]}),
        "document-author-rejected",
        rejected("dangling_reference", "author"),
    )
    bed.lost["unreadable"] = bed.plant_patched(
        "documents", "document-invalid-utf-8", bed.document({"title": "XX"}), b"XX\x00", b"\xc3\x28\x00"
    )
    bed.plant_cases("documentversions", [*_version_cases(), *_version_reference_cases(bed)])
    _plant_version_twice(bed)
    bed.plant_cases("writingsessions", [*_session_cases(), *_session_reference_cases(bed)])
    _plant_backwards(bed)


def _document_cases() -> list[Case]:
    optional = ("content", "collaborators", "type", "status", "settings", "metadata")
    return [
        case("document-required-only", dict.fromkeys(optional, ABSENT)),
        case("document-settings-null", {"settings": None}, finding("stored_null", "settings")),
        case("document-metadata-null", {"metadata": None}, finding("stored_null", "metadata")),
        case("document-title-nul", {"title": f"The{NUL} ferry"}, finding("nul_removed", "title")),
        case("document-title-long", {"title": "The ferry, again and again " * 12}),
        case("document-content-list", {**counted(""), "content": ["a", {}]}, finding("uncastable", "content")),
        case("document-content-blank", counted("\ufeff \u3000")),
        case("document-type-outside-enum", {"type": "assignment"}, finding("outside_enum", "type")),
        case("document-status-null", {"status": None}, finding("stored_null", "status")),
        case(
            "document-lesson-number",
            {"chapter": "2", "lesson": 3},
            finding("cast", "lesson"),
        ),
        case("document-limit-fraction", {"settings/versionLimit": 12.5}),
        case("document-editor-absent", {"metadata/lastEditedBy": ABSENT}),
        case(
            "document-edited-absent",
            {"metadata/lastEditedAt": ABSENT},
            finding("derived", "metadata.lastEditedAt"),
        ),
        case(
            "document-limit-infinite",
            {"settings/versionLimit": INFINITY},
            finding("non_finite", "settings.versionLimit"),
        ),
    ]


def _nulled_cases(bed: Bed) -> list[Case]:
    """What is not found becomes NULL: no writing is withheld for it."""
    kind, nowhere, lost = "dangling_reference", bed.nowhere(), bed.lost
    return [
        case("document-course-dangling", {"course": nowhere}, finding(kind, "course")),
        case("document-course-rejected", {"course": lost["courses"]}, finding(kind, "course")),
        case("document-assignment-dangling", {"assignment": nowhere}, finding(kind, "assignment")),
        case("document-assignment-rejected", {"assignment": lost["assignments"]}, finding(kind, "assignment")),
        case("document-assignment-deployed", {"assignment": bed.deployed}),
        case("document-submission-dangling", {"submission": nowhere}, finding(kind, "submission")),
        case(
            "document-submission-rejected",
            {"submission": lost["assignmentsubmissions"]},
            finding(kind, "submission"),
        ),
        case("document-submission-resolves", {"submission": bed.submitted}),
        case(
            "document-editor-dangling",
            {"metadata/lastEditedBy": nowhere},
            finding(kind, "metadata.lastEditedBy"),
        ),
    ]


def _document_reference_cases(bed: Bed) -> list[Case]:
    path, peer, author = "collaborators[]", bed.peer, "author"
    return [
        case("document-author-dangling", {author: bed.nowhere()}, rejected("dangling_reference", author)),
        case("document-author-absent", {author: ABSENT}, rejected("missing_reference", author)),
        case("document-author-word", {author: "ines"}, rejected("missing_reference", author)),
        case("document-author-hex-text", {author: str(peer)}, finding("cast", author)),
        case(
            "document-collaborator-twice",
            {"collaborators": [peer, peer]},
            finding("duplicate_reference", path),
        ),
        case(
            "document-author-collaborates",
            {"collaborators": [bed.student, peer]},
            finding("author_collaborator", path),
        ),
        case(
            "document-collaborator-unknown",
            {"collaborators": [bed.nowhere()]},
            finding("dangling_reference", path),
        ),
        case("document-collaborator-null", {"collaborators": [None]}, finding("null_element", path)),
    ]


def _version_cases() -> list[Case]:
    optional = ("diff", "changes/description", "changes/addedChars", "changes/addedWords")
    return [
        case("version-required-only", dict.fromkeys(optional, ABSENT)),
        case("version-diff-null", {"diff": None}, finding("stored_null", "diff")),
        case("version-content-nul", counted(f"a{NUL}b {NUL}"), finding("nul_removed", "content")),
        case("version-content-empty", counted("")),
        case(
            "version-content-absent",
            {**counted(""), "content": ABSENT},
            finding("required_absent", "content"),
        ),
        case("version-title-absent", {"title": ABSENT}, finding("required_absent", "title")),
        case("version-session-fraction", {"metadata/sessionDuration": 61.25}),
        case("version-added-double", {"changes/addedWords": 12.0}),
        case("version-created-absent", {"createdAt": ABSENT}, finding("derived", "createdAt")),
        case("version-number-absent", {"version": ABSENT}, rejected("missing_value", "version")),
        case("version-number-word", {"version": "two"}, rejected("missing_value", "version")),
        case("version-number-text", {"version": "70001"}, finding("cast", "version")),
        case("version-number-int64", {"version": Int64(70002)}),
        case("version-number-fraction", {"version": 70003.5}, finding("fraction", "version")),
        case(
            "version-unknown",
            {"wordCount": 12, "sessionContext": {"mood": "calm"}},
            finding("unknown_field", "wordCount"),
            finding("unknown_field", "sessionContext"),
        ),
    ]


def _version_reference_cases(bed: Bed) -> list[Case]:
    path, gone = "document", "dangling_reference"
    lost_submission = bed.lost["assignmentsubmissions"]
    return [
        case("version-of-submission", {path: bed.submitted, "version": 1}),
        case("version-of-nothing", {path: bed.nowhere()}, rejected(gone, path)),
        case("version-of-rejected-document", {path: bed.lost["documents"]}, rejected(gone, path)),
        case("version-of-undecodable-document", {path: bed.lost["unreadable"]}, rejected(gone, path)),
        case("version-of-rejected-submission", {path: lost_submission}, rejected(gone, path)),
        case("version-document-absent", {path: ABSENT}, rejected("missing_reference", path)),
        case("version-author-dangling", {"author": bed.nowhere()}, finding(gone, "author")),
        case("version-author-rejected", {"author": bed.lost["users"]}, finding(gone, "author")),
    ]


def _plant_version_twice(bed: Bed) -> None:
    number = {"version": 80001}
    bed.plant("documentversions", bed.version(number), "version-number-twice-first", LOADED)
    again = bed.version(number)
    bed.plant("documentversions", again, "version-number-twice", rejected("constraint", "document, version"))


def _session_cases() -> list[Case]:
    optional = ("endTime", "duration", "activity", "snapshots", "productivity")
    still_open = dict.fromkeys(("endTime", "duration"), ABSENT)
    return [
        case("session-required-only", dict.fromkeys(optional, ABSENT)),
        case("session-open", still_open),
        case("session-duration-fraction", {"duration": 61.25}, finding("fraction", "duration")),
        case("session-duration-infinite", {"duration": INFINITY}, finding("non_finite", "duration")),
        case("session-duration-int64", {"duration": Int64(600)}),
        case("session-duration-text", {"duration": "600"}, finding("cast", "duration")),
        case("session-end-null", {"endTime": None}, finding("stored_null", "endTime")),
        case("session-start-absent", {"startTime": ABSENT}, finding("derived", "startTime")),
        case("session-start-year-12000", {"startTime": YEAR_12000}, finding("out_of_range", "startTime")),
        case("session-start-before-year-1", {"startTime": BEFORE_YEAR_1}, finding("out_of_range", "startTime")),
        case("session-start-text", {"startTime": "2025-10-06T00:00:00.000Z"}, finding("cast", "startTime")),
        case("session-snapshots-null", {"snapshots": None}, finding("stored_null", "snapshots")),
        case("session-snapshot-null-element", {"snapshots": [None]}),
        case("session-activity-null", {"activity": None}, finding("stored_null", "activity")),
        case("session-productivity-null", {"productivity": None}, finding("stored_null", "productivity")),
        case(
            "session-keystrokes-infinite",
            {"activity/keystrokes": INFINITY},
            finding("non_finite", "activity.keystrokes"),
        ),
        case(
            "session-snapshot-year-12000",
            {"snapshots/0/timestamp": YEAR_12000},
            finding("out_of_range", "snapshots[].timestamp"),
        ),
        case("session-unknown", {"emotionalState": "calm"}, finding("unknown_field", "emotionalState")),
        case(
            "session-activity-unknown",
            {"activity/keystrokeCount": 31},
            finding("unknown_field", "activity.keystrokeCount"),
        ),
    ]


def _plant_backwards(bed: Bed) -> None:
    """The original's save hook does not mind an end before the start."""
    session = bed.session()
    session |= {
        "endTime": session["startTime"] - timedelta(hours=1),
        "duration": -3600,
        "productivity": {"wordsPerMinute": 0, "consistencyScore": 0, "focusScore": 0},
    }
    bed.plant("writingsessions", session, "session-duration-negative", finding("out_of_range", "duration"))


def _session_reference_cases(bed: Bed) -> list[Case]:
    path, gone = "document", "dangling_reference"
    return [
        case("session-document-dangling", {path: bed.nowhere()}, rejected(gone, path)),
        case("session-document-rejected", {path: bed.lost["documents"]}, rejected(gone, path)),
        case("session-document-absent", {path: ABSENT}, rejected("missing_reference", path)),
        # its table wants a document, even where a submission has that id
        case("session-of-submission", {path: bed.submitted}, rejected(gone, path)),
        case("session-user-dangling", {"user": bed.nowhere()}, finding(gone, "user")),
        case("session-user-rejected", {"user": bed.lost["users"]}, finding(gone, "user")),
        case("session-user-hex-text", {"user": str(bed.peer)}, finding("cast", "user")),
    ]
