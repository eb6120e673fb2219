"""Traps among the users, and the documents that cannot even be read."""

from bson import Int64

from migrate_mongo.sample.dice import moment
from migrate_mongo.sample.hazards.bed import Bed
from migrate_mongo.sample.hazards.trap import ABSENT, LOADED, Case, case, finding, rejected
from migrate_mongo.sample.hazards.values import BEFORE_YEAR_1, NUL, YEAR_12000, strange_values
from migrate_mongo.sample.people import PASSWORD_HASHES


def plant(bed: Bed) -> None:
    bed.plant_cases("users", [*_text_cases(), *_value_cases(), *_unknown_cases(bed), *_shape_cases()])
    _plant_emails(bed)
    _plant_ids(bed)
    _plant_unreadable(bed)


def _text_cases() -> list[Case]:
    return [
        case("user-email-upper-case", {"email": "  Upper.Case@Campus.Example "}, finding("normalised", "email")),
        case("user-password-no-bcrypt", {"password": "changeme"}),
        case("user-password-2y", {"password": "$2y" + PASSWORD_HASHES[0][3:]}),
        case("user-password-absent", {"password": ABSENT}, finding("required_absent", "password")),
        case("user-name-nul", {"firstName": f"In{NUL}es"}, finding("nul_removed", "firstName")),
        case("user-name-emoji-and-mark", {"firstName": "\ufeffZoe\u0301 👩‍🚀", "lastName": "\u202bתמר\u202c"}),
        case("user-name-long", {"lastName": "von " * 80 + "Ende"}),
        case("user-picture-data-uri", {"profilePicture": "data:image/png;base64," + "iVBORw0KGgo" * 200}),
        case("user-bio-empty", {"bio": ""}),
        case("user-bio-null", {"bio": None}, finding("stored_null", "bio")),
    ]


def _value_cases() -> list[Case]:
    return [
        case("user-role-outside-enum", {"role": "wizard"}, finding("outside_enum", "role")),
        case("user-role-absent", {"role": ABSENT}, finding("required_absent", "role")),
        case("user-verified-null", {"isVerified": None}, finding("stored_null", "isVerified")),
        case("user-verified-text", {"isVerified": "yes"}, finding("cast", "isVerified")),
        case("user-verified-uncastable", {"isVerified": "perhaps"}, finding("uncastable", "isVerified")),
        case("user-name-number", {"firstName": 12}, finding("cast", "firstName")),
        case("user-name-uncastable", {"firstName": {"given": "Ines"}}, finding("uncastable", "firstName")),
        case("user-created-text", {"createdAt": "2025-03-04T05:06:07.089Z"}, finding("cast", "createdAt")),
        case("user-created-number", {"createdAt": 1_741_064_767_089.0}, finding("cast", "createdAt")),
        case("user-created-year-12000", {"createdAt": YEAR_12000}, finding("out_of_range", "createdAt")),
        case("user-updated-before-year-1", {"updatedAt": BEFORE_YEAR_1}, finding("out_of_range", "updatedAt")),
        case(
            "user-times-absent",
            {"createdAt": ABSENT, "updatedAt": ABSENT},
            finding("derived", "createdAt"),
            finding("derived", "updatedAt"),
        ),
    ]


def _unknown_cases(bed: Bed) -> list[Case]:
    return [
        case("user-unknown-date", {"lastLogin": moment(bed.now)}, finding("unknown_field", "lastLogin")),
        case("user-unknown-nul", {"nickname": f"I{NUL}"}, finding("unknown_field", "nickname")),
        case("user-unknown-key-dots", {"a.b.c": 1}, finding("unknown_field", "a.b.c")),
        case("user-unknown-key-dollar", {"$set": {"role": "admin"}}, finding("unknown_field", "$set")),
        case("user-unknown-key-empty", {"": "nameless"}, finding("unknown_field", "")),
        case(
            "user-unknown-strange-types",
            {"legacy": strange_values(bed.student)},
            finding("unknown_field", "legacy"),
        ),
        case("user-unknown-like-extended-json", {"card": {"$oid": "x"}}, finding("unknown_field", "card")),
        case(
            "user-unknown-deep",
            {"prefs": {"a": [{"b": [[1, {"c.d": None, "": Int64(5)}]]}]}},
            finding("unknown_field", "prefs"),
        ),
    ]


def _shape_cases() -> list[Case]:
    return [case("user-required-only", {"profilePicture": ABSENT, "isVerified": ABSENT, "__v": ABSENT})]


def _plant_emails(bed: Bed) -> None:
    bed.plant("users", bed.user({"email": "twin@campus.example"}), "user-email-twin-first", LOADED)
    bed.plant(
        "users",
        bed.user({"email": "Twin@Campus.Example"}),
        "user-email-twin-by-case",
        rejected("constraint", "email"),
    )
    no_email = rejected("missing_value", "email")
    bed.lost["users"] = bed.plant("users", bed.user({"email": ABSENT}), "user-email-absent", no_email)
    bed.plant("users", bed.user({"email": None}), "user-email-null", no_email)
    bed.plant("users", bed.user({"email": {"work": "a@b.example"}}), "user-email-group", no_email)


def _plant_ids(bed: Bed) -> None:
    invalid = rejected("invalid_id", "_id")
    bed.plant("users", bed.user({"_id": 42}), "user-id-number", invalid)
    bed.plant("users", bed.user({"_id": "ines"}), "user-id-text", invalid)
    bed.plant("users", bed.user({"_id": str(bed.nowhere())}), "user-id-hex-text", invalid)
    first = bed.keep("users", bed.user())
    bed.plant("users", bed.user({"_id": first}), "user-id-twice", rejected("duplicate_id", "_id"))


def _plant_unreadable(bed: Bed) -> None:
    bed.plant_patched("users", "user-invalid-utf-8", bed.user({"firstName": "XX"}), b"XX\x00", b"\xc3\x28\x00")
    flag = b"\x08isVerified\x00"
    bed.plant_patched("users", "user-bool-byte-2", bed.user(), flag + b"\x01", flag + b"\x02")
