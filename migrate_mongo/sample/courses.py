"""The courses with their students, in terms from 2024 to 2026; some as older code wrote them."""

from collections.abc import Iterator
from typing import NamedTuple

from bson import ObjectId

from migrate_mongo.sample.dice import DAY, BsonDocument, Dice, ObjectIds, moment, ms_of
from migrate_mongo.sample.people import People
from migrate_mongo.sample.prose import sentence, title
from migrate_mongo.sample.words import SUBJECTS, TAGS

TERMS = (ms_of(2024, 9, 2), ms_of(2025, 2, 3), ms_of(2025, 9, 1), ms_of(2026, 1, 19))
TERM_DAYS = 120
SMALL_SCHOOL = 24

_CODE_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_CODES = 36**6
# no common factor with the number of codes, so every course gets another one
_CODE_STEP = 1_234_567_891


class Course(NamedTuple):
    id: ObjectId
    instructor: ObjectId
    students: list[ObjectId]
    created: int


def enrollment_code(number: int) -> str:
    rest = (number + 1) * _CODE_STEP % _CODES
    digits = []
    for _ in range(6):
        rest, digit = divmod(rest, 36)
        digits.append(_CODE_DIGITS[digit])
    return "".join(digits)


def courses(*, seed: int, ids: ObjectIds, count: int, people: People, made: list[Course]) -> Iterator[BsonDocument]:
    """Also fills `made`."""
    dice = Dice(seed, "courses")
    for number in range(count):
        created = TERMS[number % len(TERMS)] + dice.below(10 * DAY)
        course = Course(
            id=ids.at(created),
            # the first of the educators and of the students are the logins: both have the first course
            instructor=people.educators[0] if number % 5 == 0 else dice.pick(people.educators),
            students=_students(dice, people, with_first=number % 5 == 0),
            created=created,
        )
        made.append(course)
        yield _old_course(dice, course, number) if number % 8 == 1 else _course(dice, course, number)


def _students(dice: Dice, people: People, *, with_first: bool) -> list[ObjectId]:
    students = people.students
    size = len(students) if len(students) <= SMALL_SCHOOL else dice.between(SMALL_SCHOOL - 4, SMALL_SCHOOL + 16)
    chosen = dice.some(students, size)
    if with_first:
        chosen = [students[0], *(student for student in chosen if student != students[0])]
    # roles change: an educator may sit in another's course
    if len(people.educators) > 2 and dice.chance(0.1):
        chosen.append(people.educators[-1])
    return chosen


def _course(dice: Dice, course: Course, number: int) -> BsonDocument:
    document: BsonDocument = {
        "_id": course.id,
        "title": title(dice),
        "description": sentence(dice),
        "subject": dice.pick(SUBJECTS),
        "instructor": course.instructor,
        "students": course.students,
        "isPublic": dice.chance(0.3),
    }
    if dice.chance(0.6):
        document["maxStudents"] = None if dice.chance(0.1) else dice.between(45, 300)
    if dice.chance(0.8):
        document["startDate"] = moment(course.created + 5 * DAY)
        document["endDate"] = None if dice.chance(0.1) else moment(course.created + TERM_DAYS * DAY)
    document |= {
        "settings": {
            "allowSelfEnrollment": dice.chance(0.3),
            "requireApprovalToJoin": dice.chance(0.7),
            "allowStudentDiscussions": dice.chance(0.8),
            "gradingScale": dice.pick(("points", "points", "percentage", "letter")),
        },
        # publishing has no route in the original: most running courses are still drafts
        "status": dice.pick(("draft", "draft", "published", "archived")),
        "isActive": number == 0 or dice.chance(0.9),
        "enrollmentCode": enrollment_code(number),
        "tags": dice.some(TAGS, dice.below(4)),
    }
    return document | _times(dice, course)


def _old_course(dice: Dice, course: Course, number: int) -> BsonDocument:
    """Before `subject`, `isPublic`, dates, `settings` and `status` existed."""
    return {
        "_id": course.id,
        "title": title(dice),
        "description": sentence(dice),
        "instructor": course.instructor,
        "students": course.students,
        "isActive": True,
        "enrollmentCode": enrollment_code(number),
        "tags": dice.some(TAGS, dice.below(3)),
    } | _times(dice, course)


def _times(dice: Dice, course: Course) -> BsonDocument:
    return {
        "createdAt": moment(course.created),
        "updatedAt": moment(course.created + dice.below(60 * DAY)),
        "__v": len(course.students),
    }
