"""Traps among the notifications."""

from migrate_mongo.sample.dice import moment
from migrate_mongo.sample.hazards.bed import Bed
from migrate_mongo.sample.hazards.trap import ABSENT, LOADED, Case, case, finding, rejected
from migrate_mongo.sample.hazards.values import BEFORE_YEAR_1, INFINITY, NOT_A_NUMBER, NUL, strange_values

CONTEXT = ("course", "assignment", "submission", "document", "writingSession")


def plant(bed: Bed) -> None:
    cases = [*_shape_cases(), *_status_cases(bed), *_array_cases(), *_action_cases(bed), *_group_cases()]
    bed.plant_cases("notifications", [*cases, *_reference_cases(bed), *_inner_reference_cases(bed)])


def _shape_cases() -> list[Case]:
    optional = ("sender", "priority", "tags", "channels", "status", "intervention", "actionRequired")
    required = {"currentValue": 0, "trend": "stable"}
    return [
        case("notification-required-only", {**dict.fromkeys(optional, ABSENT), "relatedMetrics": required}),
        case("notification-metrics-absent", {"relatedMetrics": ABSENT}),
        case("notification-intervention-null", {"intervention": None}),
        case("notification-context-null", {"context": None}, finding("stored_null", "context")),
        case("notification-message-absent", {"message": ABSENT}, finding("required_absent", "message")),
        case("notification-title-nul", {"title": f"Feed{NUL}back"}, finding("nul_removed", "title")),
        case("notification-url-null", {"actionUrl": None}, finding("stored_null", "actionUrl")),
        case("notification-required-text", {"actionRequired": "yes"}, finding("cast", "actionRequired")),
    ]


def _status_cases(bed: Bed) -> list[Case]:
    return [
        case("notification-status-resolved", {"status": "resolved"}),
        case("notification-read-but-pending", {"readAt": moment(bed.now)}),
        case("notification-status-outside-enum", {"status": "unread"}, finding("outside_enum", "status")),
        case("notification-status-null", {"status": None}, finding("stored_null", "status")),
        case("notification-priority-null", {"priority": None}, finding("stored_null", "priority")),
        case("notification-category-outside-enum", {"category": "general"}, finding("outside_enum", "category")),
        case("notification-type-outside-enum", {"type": "birthday"}, finding("outside_enum", "type")),
        # the original's own engine writes this one
        case("notification-type-of-intervention", {"type": "no_recent_activity"}),
        case("notification-type-absent", {"type": ABSENT}, finding("required_absent", "type")),
        case("notification-delivered-null", {"deliveredAt": None}, finding("stored_null", "deliveredAt")),
        case("notification-read-before-year-1", {"readAt": BEFORE_YEAR_1}, finding("out_of_range", "readAt")),
    ]


def _array_cases() -> list[Case]:
    return [
        case("notification-channel-null", {"channels": ["in_app", None]}, finding("null_element", "channels[]")),
        case("notification-tag-null", {"tags": [None, "info"]}, finding("null_element", "tags[]")),
        case("notification-tag-nul", {"tags": [f"in{NUL}fo"]}, finding("nul_removed", "tags[]")),
        case("notification-channels-scalar", {"channels": "email"}, finding("cast", "channels")),
        case("notification-channels-null", {"channels": None}, finding("stored_null", "channels")),
    ]


def _action_cases(bed: Bed) -> list[Case]:
    path = "actionData"
    mixed = {"ids": [bed.paper, str(bed.paper)], "n": [1, 2.5, INFINITY, NOT_A_NUMBER], "b": [], "c": None}
    return [
        case("notification-action-mixed", {path: mixed}),
        case("notification-action-strange-types", {path: strange_values(bed.student)}),
        case("notification-action-like-extended-json", {path: {"$oid": "x"}}),
        case("notification-action-text", {path: "open"}),
        case("notification-action-list", {path: [[], [None], {}]}),
        case("notification-action-null", {path: None}, finding("stored_null", path)),
        case("notification-action-odd-keys", {path: {"a.b": 1, "$c": 2, "": 3}}),
    ]


def _group_cases() -> list[Case]:
    return [
        case("notification-resolution-long", {"intervention/resolution": "We talked about it. " * 45}),
        case(
            "notification-intervention-unknown",
            {"intervention/actionsTaken": ["called"]},
            finding("unknown_field", "intervention.actionsTaken"),
        ),
        case(
            "notification-deadline-before-year-1",
            {"intervention/deadline": BEFORE_YEAR_1},
            finding("out_of_range", "intervention.deadline"),
        ),
        case(
            "notification-value-infinite",
            {"relatedMetrics/currentValue": INFINITY},
            finding("non_finite", "relatedMetrics.currentValue"),
        ),
        case(
            "notification-action-nul",
            {"actionData": {"note": f"call{NUL}"}},
            LOADED,
        ),
    ]


def _reference_cases(bed: Bed) -> list[Case]:
    path, gone = "recipient", "dangling_reference"
    return [
        case("notification-recipient-dangling", {path: bed.nowhere()}, rejected(gone, path)),
        case("notification-recipient-rejected", {path: bed.lost["users"]}, rejected(gone, path)),
        case("notification-recipient-absent", {path: ABSENT}, rejected("missing_reference", path)),
        case("notification-sender-dangling", {"sender": bed.nowhere()}, finding(gone, "sender")),
        case("notification-sender-null", {"sender": None}, finding("stored_null", "sender")),
    ]


def _inner_reference_cases(bed: Bed) -> list[Case]:
    """References inside JSONB stay as they are."""
    kind, nowhere = "dangling_reference", bed.nowhere()
    sound = {"course": bed.courses[0], "assignment": bed.deployed, "writingSession": bed.sitting}
    return [
        case("notification-context-sound", {"context": sound}),
        *(
            case(
                f"notification-context-{name.lower()}-dangling",
                {"context": {name: nowhere}},
                finding(kind, f"context.{name}"),
            )
            for name in CONTEXT
        ),
        case(
            "notification-student-dangling",
            {"relatedMetrics/student": nowhere},
            finding(kind, "relatedMetrics.student"),
        ),
        case(
            "notification-escalate-dangling",
            {"intervention/escalationRules": {"escalateTo": [nowhere]}},
            finding(kind, "intervention.escalationRules.escalateTo[]"),
        ),
        case(
            "notification-resolver-dangling",
            {"intervention/resolvedBy": nowhere},
            finding(kind, "intervention.resolvedBy"),
        ),
    ]
