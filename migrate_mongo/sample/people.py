"""The users: three fixed logins, then educators and students with names from many languages."""

import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from bson import ObjectId

from migrate_mongo.sample.dice import DAY, BsonDocument, Dice, ObjectIds, moment, ms_of
from migrate_mongo.sample.words import NAMES

PASSWORD = "password123"  # noqa: S105 (of people who do not exist)
# bcrypt.hashpw of it with three fixed salts; twelve rounds are too slow to repeat for every dump
PASSWORD_HASHES = (
    "$2b$12$ScribeTreeSampleSaltA.NJtQpGY3Gj2XoHyhO1iC1im7BPSw6F6",
    "$2b$12$ScribeTreeSampleSaltB.D.ccFemBKrPQyQxCWS9jTZufHX15xr2",
    "$2b$12$ScribeTreeSampleSaltC.0ozvzAnJaL0eGI69sxKpTqiyO8r9dg2",
)


class Login(NamedTuple):
    role: str
    email: str
    first_name: str
    last_name: str


LOGINS = (
    Login("admin", "ada.admin@scribetree.test", "Ada", "Admin"),
    Login("educator", "emil.educator@scribetree.test", "Emil", "Educator"),
    Login("student", "sana.student@scribetree.test", "Sana", "Student"),
)

JOINED_FROM = ms_of(2024, 1, 8)
JOINED_DAYS = 200


class People(NamedTuple):
    educators: list[ObjectId]
    students: list[ObjectId]


def _handle(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "".join(letter for letter in plain if letter.isalnum()) or "writer"


def _person(dice: Dice, number: int) -> Login:
    given, family = dice.pick(NAMES)
    first, last = dice.pick(given), dice.pick(family)
    # the first after the logins are students, so that a very small dump has some
    role = "educator" if number % 9 == 0 else "student"
    return Login(role, f"{_handle(first)}.{number}@campus.example", first, last)


def users(*, seed: int, ids: ObjectIds, count: int, people: People) -> Iterator[BsonDocument]:
    """Also fills `people` with the ids made."""
    dice = Dice(seed, "users")
    for number in range(count):
        login = LOGINS[number] if number < len(LOGINS) else _person(dice, number)
        joined = JOINED_FROM + dice.below(JOINED_DAYS * DAY)
        document = _user(dice, login, joined)
        document["_id"] = ids.at(joined)
        {"student": people.students, "educator": people.educators}.get(login.role, []).append(document["_id"])
        yield document


def _user(dice: Dice, login: Login, joined: int) -> BsonDocument:
    document: BsonDocument = {
        "_id": None,
        "email": login.email,
        "password": dice.pick(PASSWORD_HASHES),
        "firstName": login.first_name,
        "lastName": login.last_name,
        "role": login.role,
        "profilePicture": f"https://pictures.example/{dice.below(10**6)}.png" if dice.chance(0.2) else None,
        "isVerified": dice.chance(0.7),
    }
    if dice.chance(0.15):
        document["bio"] = dice.pick(("", "Reads on trains. 🚆", "Schreibt gern über Brücken.", "文章を書く人"))
    if dice.chance(0.02):
        # not in the original's schema, but real databases have it
        document["lastLogin"] = moment(joined + dice.below(300 * DAY))
    document["createdAt"] = moment(joined)
    document["updatedAt"] = moment(joined + dice.below(90 * DAY))
    document["__v"] = 0
    return document
