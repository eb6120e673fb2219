"""Traps among the courses: numbers, lists of students, groups, references to the instructor."""

from bson import Decimal128, Int64

from migrate_mongo.sample.dice import moment
from migrate_mongo.sample.hazards.bed import Bed
from migrate_mongo.sample.hazards.trap import ABSENT, LOADED, Case, case, finding, rejected
from migrate_mongo.sample.hazards.values import (
    BEFORE_YEAR_1,
    BEYOND_32_BITS,
    INFINITY,
    NOT_A_NUMBER,
    NUL,
    YEAR_12000,
)

GROUPS_SINCE_G3 = ("subject", "isPublic", "maxStudents", "startDate", "endDate", "settings", "status")


def plant(bed: Bed) -> None:
    cases = [*_shape_cases(bed), *_number_cases(), *_student_cases(bed), *_tag_cases(), *_value_cases()]
    bed.plant_cases("courses", [*cases, *_reference_cases(bed)])
    lost = bed.course({"instructor": bed.nowhere()})
    bed.lost["courses"] = bed.plant(
        "courses", lost, "course-instructor-dangling", rejected("dangling_reference", "instructor")
    )
    _plant_codes(bed)


def _shape_cases(bed: Bed) -> list[Case]:
    optional = (*GROUPS_SINCE_G3[1:], "students", "isActive", "enrollmentCode", "tags")
    return [
        case("course-required-only", dict.fromkeys(optional, ABSENT)),
        case("course-first-generation", dict.fromkeys(GROUPS_SINCE_G3, ABSENT)),
        case("course-students-null", {"students": None}, finding("stored_null", "students")),
        case("course-tags-null", {"tags": None}, finding("stored_null", "tags")),
        case("course-settings-null", {"settings": None}, finding("stored_null", "settings")),
        case("course-settings-partly", {"settings": {"gradingScale": "letter"}}),
        case("course-settings-text", {"settings": "abc"}, finding("uncastable", "settings")),
        case(
            "course-settings-unknown",
            {"settings/theme": {"dark": True}},
            finding("unknown_field", "settings.theme"),
        ),
        case("course-students-scalar", {"students": bed.student}, finding("cast", "students")),
    ]


def _number_cases() -> list[Case]:
    path = "maxStudents"
    return [
        case("course-max-double", {path: 30.0}),
        case("course-max-int64", {path: Int64(30)}),
        case("course-max-decimal", {path: Decimal128("30")}),
        case("course-max-null", {path: None}, finding("stored_null", path)),
        case("course-max-fraction", {path: 2.5}, finding("fraction", path)),
        case("course-max-decimal-fraction", {path: Decimal128("24.5")}, finding("fraction", path)),
        case("course-max-beyond-32-bits", {path: BEYOND_32_BITS}, finding("out_of_range", path)),
        case("course-max-int64-beyond", {path: Int64(2**40)}, finding("out_of_range", path)),
        case("course-max-zero", {path: 0}, finding("out_of_range", path)),
        case("course-max-negative", {path: -5}, finding("out_of_range", path)),
        case("course-max-infinite", {path: INFINITY}, finding("non_finite", path)),
        case("course-max-not-a-number", {path: NOT_A_NUMBER}, finding("non_finite", path)),
        case("course-max-text", {path: "12"}, finding("cast", path)),
        case("course-max-uncastable", {path: "many"}, finding("uncastable", path)),
        case("course-max-true", {path: True}, finding("cast", path)),
    ]


def _student_cases(bed: Bed) -> list[Case]:
    one, two = bed.student, bed.peer
    path = "students[]"
    return [
        case("course-students-twice", {"students": [one, two, one]}, finding("duplicate_reference", path)),
        case("course-student-null", {"students": [one, None, two]}, finding("null_element", path)),
        case("course-student-unknown", {"students": [bed.nowhere(), one]}, finding("dangling_reference", path)),
        case(
            "course-student-rejected",
            {"students": [one, bed.lost["users"]]},
            finding("dangling_reference", path),
        ),
        case("course-student-text", {"students": [str(one), two]}, finding("cast", path)),
        case("course-student-uncastable", {"students": [one, 7]}, finding("uncastable", path)),
        case("course-student-educator", {"students": [bed.teacher, one]}),
    ]


def _tag_cases() -> list[Case]:
    return [
        case("course-tags-twice-and-empty", {"tags": ["sea", "", "sea"]}),
        case("course-tag-null", {"tags": ["sea", None]}, finding("null_element", "tags[]")),
        case("course-tag-nul", {"tags": [f"se{NUL}a"]}, finding("nul_removed", "tags[]")),
        case("course-tag-number", {"tags": ["sea", 5]}, finding("cast", "tags[]")),
        case("course-tags-scalar", {"tags": "sea"}, finding("cast", "tags")),
    ]


def _value_cases() -> list[Case]:
    return [
        case("course-title-absent", {"title": ABSENT}, finding("required_absent", "title")),
        case("course-description-absent", {"description": ABSENT}, finding("required_absent", "description")),
        case("course-status-outside-enum", {"status": "running"}, finding("outside_enum", "status")),
        case("course-status-null", {"status": None}, finding("stored_null", "status")),
        case("course-active-null", {"isActive": None}, finding("stored_null", "isActive")),
        case("course-subject-null", {"subject": None}, finding("stored_null", "subject")),
        case("course-start-year-12000", {"startDate": YEAR_12000}, finding("out_of_range", "startDate")),
        case("course-start-before-year-1", {"startDate": BEFORE_YEAR_1}, finding("out_of_range", "startDate")),
        case("course-end-null", {"endDate": None}, finding("stored_null", "endDate")),
        case("course-end-before-start", {"endDate": moment(0)}),
        case("course-start-text", {"startDate": "2025-09-01T08:00:00.000Z"}, finding("cast", "startDate")),
        case("course-start-uncastable", {"startDate": "soon"}, finding("uncastable", "startDate")),
        case("course-unknown-nested", {"room": {"floor": 2}}, finding("unknown_field", "room")),
    ]


def _reference_cases(bed: Bed) -> list[Case]:
    path = "instructor"
    return [
        case("course-instructor-absent", {path: ABSENT}, rejected("missing_reference", path)),
        case("course-instructor-null", {path: None}, rejected("missing_reference", path)),
        case("course-instructor-number", {path: 7}, rejected("missing_reference", path)),
        case("course-instructor-rejected", {path: bed.lost["users"]}, rejected("dangling_reference", path)),
        case("course-instructor-hex-text", {path: str(bed.teacher)}, finding("cast", path)),
        case("course-instructor-student", {path: bed.student}),
    ]


def _plant_codes(bed: Bed) -> None:
    code = {"enrollmentCode": "SAME01"}
    bed.plant("courses", bed.course(code), "course-code-twice-first", LOADED)
    bed.plant("courses", bed.course(code), "course-code-twice", rejected("constraint", "enrollmentCode"))
    bed.plant(
        "courses",
        bed.course({"enrollmentCode": None}),
        "course-code-null",
        finding("stored_null", "enrollmentCode"),
    )
