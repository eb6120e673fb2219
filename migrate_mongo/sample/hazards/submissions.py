"""Traps among the submissions: references, duplicates, numbers, groups (comments are in their own file)."""

from bson import Int64

from migrate_mongo.sample.dice import DAY, moment
from migrate_mongo.sample.hazards.bed import Bed
from migrate_mongo.sample.hazards.trap import ABSENT, LOADED, Case, case, finding, rejected
from migrate_mongo.sample.hazards.values import BEFORE_YEAR_1, BEYOND_32_BITS, INFINITY, NOT_A_NUMBER, NUL
from scribetree.text_metrics import measure

SUBMISSIONS = "assignmentsubmissions"
MARKED = "\ufeff<p>Ferry \u00a0 👩🏽‍🏫 e\u0301\u0085x مرحبا</p>\u3000"


def plant(bed: Bed) -> None:
    cases = [*_shape_cases(), *_text_cases(), *_number_cases(), *_date_cases(bed)]
    bed.plant_cases(SUBMISSIONS, [*cases, *_grade_cases(bed), *_collaborator_cases(bed), *_inner_cases(bed)])
    bed.plant_cases(SUBMISSIONS, _reference_cases(bed))
    bed.lost[SUBMISSIONS] = bed.plant(
        SUBMISSIONS,
        bed.submission({"assignment": bed.lost["assignments"]}),
        "submission-assignment-rejected",
        rejected("dangling_reference", "assignment"),
    )
    _plant_duplicates(bed)


def _shape_cases() -> list[Case]:
    optional = (
        "collaborators", "content", "wordCount", "characterCount", "status", "submittedAt", "lastSavedAt",
        "collaboration", "currentVersion", "majorMilestones", "comments", "analytics", "grade", "aiInteractions",
    )  # fmt: skip
    nulls = ("collaborators", "collaboration", "majorMilestones", "comments", "analytics", "aiInteractions")
    return [
        case("submission-required-only", dict.fromkeys(optional, ABSENT), finding("derived", "lastSavedAt")),
        case("submission-first-generation", {"analytics": ABSENT, "aiInteractions": ABSENT}),
        case(
            "submission-null-groups-and-arrays",
            dict.fromkeys(nulls),
            *(finding("stored_null", name) for name in nulls),
        ),
        case("submission-null-elements", {"majorMilestones": [None], "analytics/writingPattern": [None]}),
        case("submission-unknown", {"feedback": "well done"}, finding("unknown_field", "feedback")),
        case(
            "submission-analytics-unknown",
            {"analytics/timeSpent": 12.5},
            finding("unknown_field", "analytics.timeSpent"),
        ),
    ]


def _text_cases() -> list[Case]:
    metrics = measure(MARKED)
    marked = {"content": MARKED, "wordCount": metrics.words, "characterCount": metrics.chars}
    return [
        case("submission-content-bom-emoji", marked),
        # a NUL is a character and no space: both counts would differ without it
        case(
            "submission-content-nul",
            {"content": f"a{NUL}b {NUL}", "wordCount": 2, "characterCount": 4},
            finding("nul_removed", "content"),
        ),
        case(
            "submission-content-null",
            {"content": None, "wordCount": 0, "characterCount": 0},
            finding("stored_null", "content"),
        ),
        case(
            "submission-content-number",
            {"content": 12, "wordCount": 1, "characterCount": 2},
            finding("cast", "content"),
        ),
        case("submission-title-long", {"title": "A ferry in the fog " * 20}),
        case("submission-title-absent", {"title": ABSENT}, finding("required_absent", "title")),
        case("submission-status-outside-enum", {"status": "late"}, finding("outside_enum", "status")),
        case("submission-status-null", {"status": None}, finding("stored_null", "status")),
    ]


def _number_cases() -> list[Case]:
    words, version = "wordCount", "currentVersion"
    return [
        case("submission-words-int64", {words: Int64(12)}),
        case("submission-words-double", {words: 12.0}),
        case("submission-words-fraction", {words: 11.5}, finding("fraction", words)),
        case("submission-words-beyond-32-bits", {words: BEYOND_32_BITS}, finding("out_of_range", words)),
        case("submission-words-text", {words: "12"}, finding("cast", words)),
        case("submission-words-infinite", {words: INFINITY}, finding("non_finite", words)),
        case("submission-words-null", {words: None}, finding("stored_null", words)),
        case("submission-version-not-a-number", {version: NOT_A_NUMBER}, finding("non_finite", version)),
        case(
            "submission-writing-time-infinite",
            {"analytics/totalWritingTime": INFINITY},
            finding("non_finite", "analytics.totalWritingTime"),
        ),
    ]


def _date_cases(bed: Bed) -> list[Case]:
    milestone = {
        "version": 1,
        "description": "Added 120 words - manual save",
        "wordCount": 12,
        "author": bed.student,
        "_id": bed.nowhere(),
    }
    help_by_ai = {
        "sessionId": "ai_1",
        "type": "style",
        "prompt": "Shorter?",
        "response": "Yes.",
        "accepted": True,
    }
    return [
        case("submission-saved-absent", {"lastSavedAt": ABSENT}, finding("derived", "lastSavedAt")),
        case("submission-submitted-null", {"submittedAt": None}, finding("stored_null", "submittedAt")),
        case(
            "submission-milestone-time-absent",
            {"majorMilestones": [milestone]},
            finding("derived", "majorMilestones[].timestamp"),
        ),
        case(
            "submission-ai-time-absent",
            {"aiInteractions": [help_by_ai]},
            finding("derived", "aiInteractions[].timestamp"),
        ),
        case(
            "submission-pattern-before-year-1",
            {"analytics/writingPattern/0/date": BEFORE_YEAR_1},
            finding("out_of_range", "analytics.writingPattern[].date"),
        ),
    ]


def _grade_cases(bed: Bed) -> list[Case]:
    zero = {
        "score": 0,
        "maxScore": 0,
        "rubricScores": [],
        "gradedBy": bed.teacher,
        "gradedAt": moment(bed.now),
    }
    return [
        case("submission-grade-ungraded", {"grade": {"rubricScores": []}}),
        case("submission-grade-null", {"grade": None}),
        case("submission-grade-zero", {"grade": zero}),
        case("submission-grade-fraction", {"grade": {**zero, "score": 7.25, "maxScore": 10}}),
        case(
            "submission-grader-dangling",
            {"grade": {**zero, "gradedBy": bed.nowhere()}},
            finding("dangling_reference", "grade.gradedBy"),
        ),
    ]


def _collaborator_cases(bed: Bed) -> list[Case]:
    path = "collaborators[]"
    teacher, late = bed.teacher, bed.keep("users", bed.user())
    by_author = bed.submission({"collaborators": [late]})
    by_author["collaborators"] += [by_author["author"]]
    bed.plant(SUBMISSIONS, by_author, "submission-author-collaborates", finding("author_collaborator", path))
    return [
        case(
            "submission-collaborator-twice",
            {"collaborators": [teacher, late, teacher]},
            finding("duplicate_reference", path),
        ),
        case(
            "submission-collaborator-unknown",
            {"collaborators": [bed.nowhere(), late]},
            finding("dangling_reference", path),
        ),
        case("submission-collaborator-null", {"collaborators": [None, late]}, finding("null_element", path)),
        case("submission-collaborators-scalar", {"collaborators": late}, finding("cast", "collaborators")),
    ]


def _inner_cases(bed: Bed) -> list[Case]:
    """References inside JSONB stay as they are."""
    nowhere, kind = bed.nowhere(), "dangling_reference"
    milestone = {
        "version": 1,
        "timestamp": moment(bed.now),
        "description": "Added 120 words - manual save",
        "wordCount": 12,
        "author": nowhere,
        "_id": bed.nowhere(),
    }
    stats = "analytics/collaborationMetrics/contributorStats"
    return [
        case(
            "submission-active-user-dangling",
            {"collaboration/activeUsers": [nowhere]},
            finding(kind, "collaboration.activeUsers[]"),
        ),
        case(
            "submission-milestone-author-dangling",
            {"majorMilestones": [milestone]},
            finding(kind, "majorMilestones[].author"),
        ),
        case(
            "submission-contributor-dangling",
            {f"{stats}/0/user": nowhere},
            finding(kind, "analytics.collaborationMetrics.contributorStats[].user"),
        ),
    ]


def _reference_cases(bed: Bed) -> list[Case]:
    nowhere, lost = bed.nowhere(), bed.lost["users"]
    return [
        case("submission-to-deployment", {"assignment": bed.deployed}),
        case(
            "submission-assignment-dangling",
            {"assignment": nowhere},
            rejected("dangling_reference", "assignment"),
        ),
        case(
            "submission-assignment-absent",
            {"assignment": ABSENT},
            rejected("missing_reference", "assignment"),
        ),
        case("submission-author-dangling", {"author": nowhere}, rejected("dangling_reference", "author")),
        case("submission-author-rejected", {"author": lost}, rejected("dangling_reference", "author")),
        case("submission-author-null", {"author": None}, rejected("missing_reference", "author")),
        case("submission-author-word", {"author": "ines"}, rejected("missing_reference", "author")),
    ]


def _plant_duplicates(bed: Bed) -> None:
    """Three for one assignment and author; the one saved last is neither first nor last in the file."""
    first = bed.submission()
    same = {"assignment": first["assignment"], "author": first["author"]}
    old, new = finding("superseded", "_id"), LOADED
    for name, days, expected in (("oldest", 0, old), ("newest", 9, new), ("middle", 4, old)):
        saved = moment(bed.now + days * DAY)
        document = bed.submission({**same, "lastSavedAt": saved})
        bed.plant(SUBMISSIONS, document, f"submission-duplicate-{name}", expected)
