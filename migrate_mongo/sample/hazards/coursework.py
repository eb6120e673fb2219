"""Traps among templates, assignments and deployments."""

from bson import Decimal128, Int64

from migrate_mongo.sample.dice import BsonDocument
from migrate_mongo.sample.hazards.bed import Bed
from migrate_mongo.sample.hazards.trap import ABSENT, LOADED, Case, case, finding, rejected
from migrate_mongo.sample.hazards.values import INFINITY, MINUS_ZERO, NOT_A_NUMBER, NUL, ODD_INT64, YEAR_12000

GROUPS = ("requirements", "collaboration", "versionControl", "aiSettings", "grading")
ARRAYS = ("learningObjectives", "writingStages")


def plant(bed: Bed) -> None:
    bed.plant_cases("assignmenttemplates", [*_block_cases(), *_usage_cases(), *_template_cases(bed)])
    bed.plant_cases("assignments", [*_assignment_cases(), *_assignment_reference_cases(bed)])
    _plant_clone(bed)
    bed.lost["assignments"] = bed.plant(
        "assignments",
        bed.assignment({"course": bed.lost["courses"]}),
        "assignment-course-rejected",
        rejected("dangling_reference", "course"),
    )
    bed.plant_cases("courseassignments", [*_deployment_cases(), *_deployment_reference_cases(bed)])
    _plant_deployed_twice(bed)


def _nulls(*names: str) -> Case:
    expected = [finding("stored_null", name) for name in names]
    return case("null-groups-and-arrays", dict.fromkeys(names), *expected)


def _block_cases() -> list[Case]:
    stage = "writingStages/0"
    return [
        _nulls(*GROUPS, *ARRAYS)._replace(name="template-null-groups-and-arrays"),
        case("template-required-only", dict.fromkeys((*GROUPS, *ARRAYS, "type", "status", "tags"), ABSENT)),
        case("template-groups-partly", {"requirements": {"minWords": 5}, "collaboration": {"enabled": True}}),
        case("template-group-text", {"requirements": "abc"}, finding("uncastable", "requirements")),
        case("template-null-rubric-element", {"grading/rubric": [None]}),
        case("template-null-stage-element", {"writingStages": [None]}),
        case("template-null-section", {"requirements/requiredSections": ["Method", None]}),
        case("template-null-inner-arrays", {"requirements/requiredSections": None, "grading/rubric": None}),
        case("template-null-element-id", {f"{stage}/_id": None}),
        case("template-absent-element-id", {f"{stage}/_id": ABSENT}),
        case("template-fractions", {f"{stage}/order": 2.5, "versionControl/autoSaveInterval": 30.5}),
        case("template-minus-zero", {"requirements/minWords": MINUS_ZERO}),
        case("template-integral-double", {"requirements/minWords": 200.0}),
        case("template-big-number", {"requirements/maxWords": 3e9}),
        case(
            "template-infinite-words",
            {f"{stage}/maxWords": INFINITY},
            finding("non_finite", "writingStages[].maxWords"),
        ),
        case(
            "template-not-a-number-points",
            {"grading/rubric/0/points": NOT_A_NUMBER},
            finding("non_finite", "grading.rubric[].points"),
        ),
        case(
            "template-odd-int64",
            {"requirements/minWords": ODD_INT64},
            LOADED,
        ),
        case(
            "template-odd-decimal",
            {"learningObjectives/0/weight": Decimal128("99.99999999999999999999")},
            finding("cast", "learningObjectives[].weight"),
        ),
        case(
            "template-stage-nul",
            {f"{stage}/description": f"Head{NUL}ings"},
            finding("nul_removed", "writingStages[].description"),
        ),
        case(
            "template-objective-unknown",
            {"learningObjectives/0/subject": "History"},
            finding("unknown_field", "learningObjectives[].subject"),
        ),
        case(
            "template-rubric-unknown",
            {"grading/rubric/0/levels": [{"name": "good", "from": 15}]},
            finding("unknown_field", "grading.rubric[].levels"),
        ),
    ]


def _usage_cases() -> list[Case]:
    path = "usageCount"
    return [
        case("template-usage-int64", {path: Int64(7)}),
        case("template-usage-minus-zero", {path: MINUS_ZERO}),
        case("template-usage-beyond-32-bits", {path: 1e12}, finding("out_of_range", path)),
        case("template-usage-infinite", {path: INFINITY}, finding("non_finite", path)),
        case("template-usage-fraction", {path: 2.5}, finding("fraction", path)),
        case("template-usage-text", {path: "7"}, finding("cast", path)),
        case("template-usage-null", {path: None}, finding("stored_null", path)),
    ]


def _template_cases(bed: Bed) -> list[Case]:
    path = "instructor"
    return [
        case("template-instructor-dangling", {path: bed.nowhere()}, finding("dangling_reference", path)),
        case("template-instructor-rejected", {path: bed.lost["users"]}, finding("dangling_reference", path)),
        case("template-instructor-number", {path: 5}, finding("uncastable", path)),
        case("template-type-outside-enum", {"type": "solo"}, finding("outside_enum", "type")),
        case("template-tag-null", {"tags": [None, "sources"]}, finding("null_element", "tags[]")),
        case("template-description-nul", {"description": f"a{NUL}b"}, finding("nul_removed", "description")),
    ]


def _assignment_cases() -> list[Case]:
    optional = ("type", "allowLateSubmissions", "dueDate", *GROUPS, *ARRAYS, "status", "publishedAt")
    without = ("collaboration", "versionControl", *ARRAYS)
    first = {"aiSettings": {"enabled": True, "boundaryLevel": "strict", "allowedAssistanceTypes": ["style"]}}
    limit = "maxCollaborators"
    return [
        case("assignment-required-only", dict.fromkeys(optional, ABSENT)),
        case("assignment-first-generation", {**dict.fromkeys(without, ABSENT), **first}),
        _nulls(*GROUPS, *ARRAYS)._replace(name="assignment-null-groups-and-arrays"),
        case("assignment-due-null", {"dueDate": None}, finding("stored_null", "dueDate")),
        case("assignment-due-year-12000", {"dueDate": YEAR_12000}, finding("out_of_range", "dueDate")),
        case("assignment-late-text", {"allowLateSubmissions": "no"}, finding("cast", "allowLateSubmissions")),
        case("assignment-limit-one", {limit: 1}, finding("out_of_range", limit)),
        case("assignment-limit-eleven", {limit: 11}, finding("out_of_range", limit)),
        case("assignment-limit-fraction", {limit: 2.5}, finding("fraction", limit)),
        case("assignment-limit-null", {limit: None}, finding("stored_null", limit)),
        case("assignment-status-outside-enum", {"status": "open"}, finding("outside_enum", "status")),
        case("assignment-type-null", {"type": None}, finding("stored_null", "type")),
        case("assignment-published-null", {"publishedAt": None}, finding("stored_null", "publishedAt")),
        case(
            "assignment-instructions-absent",
            {"instructions": ABSENT},
            finding("required_absent", "instructions"),
        ),
        case("assignment-instructions-blank", {"instructions": "  "}),
        case("assignment-title-long", {"title": "The ferry and the fog " * 15}),
        case(
            "assignment-infinite-words",
            {"requirements/maxWords": INFINITY},
            finding("non_finite", "requirements.maxWords"),
        ),
    ]


def _assignment_reference_cases(bed: Bed) -> list[Case]:
    nowhere, lost = bed.nowhere(), bed.lost["users"]
    return [
        case("assignment-course-dangling", {"course": nowhere}, rejected("dangling_reference", "course")),
        case("assignment-course-absent", {"course": ABSENT}, rejected("missing_reference", "course")),
        case("assignment-course-hex-text", {"course": str(bed.courses[0])}, finding("cast", "course")),
        case(
            "assignment-instructor-dangling",
            {"instructor": nowhere},
            rejected("dangling_reference", "instructor"),
        ),
        case(
            "assignment-instructor-rejected",
            {"instructor": lost},
            rejected("dangling_reference", "instructor"),
        ),
        case("assignment-instructor-null", {"instructor": None}, rejected("missing_reference", "instructor")),
    ]


def _plant_clone(bed: Bed) -> None:
    original = bed.assignment()
    bed.keep("assignments", original)
    copied = {name: original[name] for name in (*GROUPS, *ARRAYS)}
    clone = bed.assignment({**copied, "title": f"{original['title']} (Copy)"})
    bed.plant("assignments", clone, "assignment-clone-shares-element-ids", LOADED)


def _deployment_cases() -> list[Case]:
    optional = (
        "allowLateSubmissions",
        "courseSpecificRequirements",
        "stageDueDates",
        "status",
        "publishedAt",
    )
    own = "courseSpecificRequirements"
    return [
        case("deployment-required-only", dict.fromkeys(optional, ABSENT)),
        case("deployment-requirements-null", {own: None}),
        case("deployment-stage-dates-null", {"stageDueDates": None}, finding("stored_null", "stageDueDates")),
        case("deployment-stage-date-null-element", {"stageDueDates": [None]}),
        case(
            "deployment-stage-date-year-12000",
            {"stageDueDates/0/dueDate": YEAR_12000},
            finding("out_of_range", "stageDueDates[].dueDate"),
        ),
        case(
            "deployment-instructions-null",
            {"customInstructions": None},
            finding("stored_null", "customInstructions"),
        ),
        case("deployment-notes-nul", {"customNotes": f"ask{NUL} Ines"}, finding("nul_removed", "customNotes")),
        case("deployment-limit-eleven", {"maxCollaborators": 11}, finding("out_of_range", "maxCollaborators")),
        case("deployment-unknown", {"section": "B"}, finding("unknown_field", "section")),
    ]


def _deployment_reference_cases(bed: Bed) -> list[Case]:
    gone: BsonDocument = {"template": bed.nowhere(), "status": "archived"}
    return [
        case("deployment-template-deleted", gone, rejected("dangling_reference", "template")),
        case("deployment-template-null", {"template": None}, rejected("missing_reference", "template")),
        case(
            "deployment-course-rejected",
            {"course": bed.lost["courses"]},
            rejected("dangling_reference", "course"),
        ),
        case(
            "deployment-instructor-dangling",
            {"instructor": bed.nowhere()},
            rejected("dangling_reference", "instructor"),
        ),
    ]


def _plant_deployed_twice(bed: Bed) -> None:
    first = bed.deployment()
    bed.keep("courseassignments", first)
    again = bed.deployment({"template": first["template"], "course": first["course"]})
    bed.plant("courseassignments", again, "deployment-twice", rejected("constraint", "template, course"))
