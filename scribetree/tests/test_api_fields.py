"""Values of request bodies, cast as the original's ODM cast them, and their form in answers."""

import math
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from rest_framework.serializers import ValidationError

from scribetree.api.fields import Date, Flag, Id, Json, Number, Text, TextList, WireField
from scribetree.api.serializers import WireSerializer
from scribetree.object_id import parse_id

OBJECT_ID = "66f1a2b3c4d5e6f708192a3b"


@pytest.mark.parametrize(
    ("field", "given", "taken"),
    [
        (Text(), "a", "a"),
        (Text(), "", ""),
        (Text(), " a ", " a "),
        (Text(), 5, "5"),
        (Text(), 5.0, "5"),
        (Text(), 5.5, "5.5"),
        (Text(), True, "true"),
        (Text(), False, "false"),
        (Text(trim=True), "\ufeff a\u3000\n", "a"),
        (Text(trim=True), "\x85a", "\x85a"),
        (Text(max_length=2), "😀", "😀"),
        (Text(min_length=2), "😀", "😀"),
        (Text(choices=("a", "b")), "b", "b"),
        (Number(), 5, 5),
        (Number(), "5", 5),
        (Number(), " 5.5 ", 5.5),
        (Number(), "-1e3", -1000),
        (Number(), ".5", 0.5),
        (Number(), True, 1),
        (Number(whole=True), 5.0, 5),
        (Number(min_value=1, max_value=5), 5, 5),
        (Flag(), True, True),
        (Flag(), "true", True),
        (Flag(), "yes", True),
        (Flag(), 1, True),
        (Flag(), "1", True),
        (Flag(), False, False),
        (Flag(), "no", False),
        (Flag(), 0, False),
        (Id(), OBJECT_ID, parse_id(OBJECT_ID)),
        (Id(), OBJECT_ID.upper(), parse_id(OBJECT_ID)),
        (Id(), str(parse_id(OBJECT_ID)), parse_id(OBJECT_ID)),
        (Id(), "no-id", None),
        (Id(), {"$ne": 1}, None),
        (Date(), "2026-11-22", datetime(2026, 11, 22, tzinfo=UTC)),
        (Date(), "2026-11-22T07:14:21.164999Z", datetime(2026, 11, 22, 7, 14, 21, 164000, UTC)),
        (Date(), "2026-11-22T07:14:21+01:00", datetime(2026, 11, 22, 6, 14, 21, tzinfo=UTC)),
        (Date(), "Sun, 22 Nov 2026 07:14:21 GMT", datetime(2026, 11, 22, 7, 14, 21, tzinfo=UTC)),
        (Date(), 1000, datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)),
        (TextList(), ["a", 5], ["a", "5"]),
        (TextList(element=Text(trim=True)), [" a "], ["a"]),
        (Json(), {"a": [1]}, {"a": [1]}),
    ],
)
def test_value_is_taken(field: WireField, given: Any, taken: Any) -> None:
    value = field.run_validation(given)

    assert value == taken
    assert type(value) is type(taken)


@pytest.mark.parametrize(
    ("field", "given", "complaint"),
    [
        (Text(), [], "must be text"),
        (Text(), {}, "must be text"),
        (Text(strict=True), 5, "must be text"),
        (Text(), "a\0", "must not contain the character U+0000"),
        (Text(trim=True, blank=False), " ", "must not be blank"),
        (Text(max_length=1), "😀", "is longer than 1 characters"),
        (Text(min_length=3), "😀", "is shorter than 3 characters"),
        (Text(choices=("a", "b")), "c", "`c` is not one of a, b"),
        *((Number(), value, "must be a number") for value in ("", "x", "1_000", "0x10", "nan", "inf", "٣", [], {})),
        *((Number(), value, "must be a number") for value in (math.inf, -math.inf, math.nan, "1e999")),
        (Number(whole=True), 1.5, "must be a whole number"),
        (Number(min_value=1), 0, "must be at least 1"),
        (Number(max_value=5), "6", "must be at most 5"),
        *((Flag(), value, "must be true or false") for value in ("maybe", 2, "TRUE", [], 0.5)),
        *((Date(), value, "is not a date") for value in ("soon", "", True, [], 1e30, math.nan)),
        *((Date(), value, "is not a date") for value in ("2026-13-01", "0000-01-01")),
        (TextList(), "a", "must be a list"),
        (TextList(), {"a": 1}, "must be a list"),
        (Text(), None, "This field may not be null."),
    ],
)  # fmt: skip
def test_value_is_refused(field: WireField, given: Any, complaint: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        field.run_validation(given)

    assert [str(text) for text in refusal.value.detail] == [complaint]


def test_element_of_a_list_is_named() -> None:
    with pytest.raises(ValidationError) as refusal:
        TextList().run_validation(["a", None, []])

    assert list(refusal.value.detail) == ["1", "2"]


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 11, 22, 7, 14, 21, 164000, UTC), "2026-11-22T07:14:21.164Z"),
        (datetime(2026, 11, 22, tzinfo=UTC), "2026-11-22T00:00:00.000Z"),
        (datetime(2026, 11, 22, 1, tzinfo=timezone(timedelta(hours=2))), "2026-11-21T23:00:00.000Z"),
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00.000Z"),
    ],
)
def test_date_is_given_in_milliseconds(moment: datetime, text: str) -> None:
    assert Date().to_representation(moment) == text


def test_id_is_given_as_hex() -> None:
    assert Id().to_representation(parse_id(OBJECT_ID)) == OBJECT_ID


class Thing:
    name, nickname, remark, born = "Ada", None, None, None


class ThingSerializer(WireSerializer):
    name = Text()
    alias = Text(source="nickname")
    remark = Text(allow_null=True)
    secret = Text(source="name", write_only=True)
    whole = Json(source="*")


def test_none_is_absent_unless_null_is_allowed() -> None:
    thing = Thing()

    assert ThingSerializer(thing).data == {"name": "Ada", "remark": None, "whole": thing}
