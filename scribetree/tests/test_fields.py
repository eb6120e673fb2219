"""The shared fields, on models that have them."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from bson import ObjectId
from django.core.exceptions import ValidationError

from accounts.models import User
from courses.models import Course, Enrollment
from documents.models import Document, DocumentCollaborator
from scribetree.fields import NewObjectId, ObjectIdField, PairIdField, now
from scribetree.object_id import derived_id, is_object_id_uuid, object_id_to_uuid, uuid_to_object_id

HEX = "507f1f77bcf86cd799439011"
SPELLINGS = {
    "uuid": lambda uuid: uuid,
    "uuid text": str,
    "object id": uuid_to_object_id,
    "hex": lambda uuid: str(uuid_to_object_id(uuid)),
    "capital hex": lambda uuid: str(uuid_to_object_id(uuid)).upper(),
}
MALFORMED = {
    "letters": "z" * 24,
    "hex with spaces": "50 7f 1f 77 bc f8 6c d7 ",
    "short hex": HEX[:-1],
    "long hex": HEX + "0",
    "no text": "",
    "other digits": "\N{ARABIC-INDIC DIGIT ZERO}" * 24,
    "list": [HEX],
}


@pytest.fixture
def educator() -> User:
    return User.objects.create(email="ada@example.org", first_name="Ada", last_name="Lang", role="educator")


@pytest.fixture
def student() -> User:
    return User.objects.create(email="ben@example.org", first_name="Ben", last_name="Ito")


@pytest.fixture
def course(educator: User) -> Course:
    return Course.objects.create(title="Rhetoric", instructor=educator)


@pytest.mark.django_db
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_row_is_found_by_every_spelling_of_its_id(spelling: str, educator: User, course: Course) -> None:
    course_id, educator_id = (SPELLINGS[spelling](row.id) for row in (course, educator))

    assert Course.objects.get(pk=course_id) == course
    assert Course.objects.get(id__in=[course_id]) == course
    assert Course.objects.in_bulk([course.id]) == {course.id: course}
    assert Course.objects.filter(id__gt=course_id).first() is None
    assert Course.objects.get(instructor=educator_id) == course
    assert Course.objects.get(instructor_id=educator_id) == course
    assert Course.objects.get(instructor__in=[educator_id]) == course
    assert Course.objects.get(instructor__id=educator_id) == course
    assert not Course.objects.exclude(pk=course_id).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_row_is_written_with_every_spelling_of_its_ids(spelling: str, educator: User) -> None:
    own = object_id_to_uuid(ObjectId(HEX))

    Course.objects.create(id=SPELLINGS[spelling](own), title="Logic", instructor_id=SPELLINGS[spelling](educator.id))

    assert Course.objects.get(title="Logic").pk == own
    assert Course.objects.get(title="Logic").instructor == educator


@pytest.mark.django_db
@pytest.mark.parametrize("value", MALFORMED.values(), ids=MALFORMED)
def test_malformed_id_is_refused(value: object) -> None:
    with pytest.raises(ValidationError) as refused:
        Course.objects.filter(pk=value)
    assert refused.value.code == "invalid"

    with pytest.raises(ValidationError):
        Course.objects.filter(instructor=value)


def test_field_leaves_none_and_foreign_uuids_alone() -> None:
    field = ObjectIdField()

    assert field.to_python(None) is None
    assert field.to_python(str(UUID(int=7))) == UUID(int=7)


@pytest.mark.django_db
def test_new_row_has_an_object_id(course: Course) -> None:
    assert is_object_id_uuid(course.id)
    assert is_object_id_uuid(Course.objects.values_list(NewObjectId(), flat=True).get())


@pytest.mark.django_db
def test_pair_id_is_derived_on_save(course: Course, student: User) -> None:
    enrollment = Enrollment(course=course, student=student)
    enrollment.save()

    assert enrollment.pk == derived_id(course.id, student.id)
    assert Enrollment.objects.get().pk == enrollment.pk

    enrollment.ordinal = 3
    enrollment.save()

    assert Enrollment.objects.get(pk=enrollment.pk).ordinal == 3


@pytest.mark.django_db
def test_pair_id_is_derived_on_bulk_create(course: Course, student: User, educator: User) -> None:
    made = Enrollment.objects.bulk_create(
        Enrollment(course=course, student=user, ordinal=place) for place, user in enumerate((student, educator))
    )

    expected = [derived_id(course.id, student.id), derived_id(course.id, educator.id)]
    assert [enrollment.pk for enrollment in made] == expected
    assert list(Enrollment.objects.order_by("ordinal").values_list("pk", flat=True)) == expected


@pytest.mark.django_db
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_pair_id_is_the_same_from_every_spelling(spelling: str, student: User, educator: User) -> None:
    document = Document.objects.create(title="Essay", author=educator)
    document_id, user_id = SPELLINGS[spelling](document.id), SPELLINGS[spelling](student.id)

    DocumentCollaborator.objects.create(document_id=document_id, user_id=user_id)

    assert DocumentCollaborator.objects.get().pk == derived_id(document.id, student.id)


def test_pair_id_field_is_told_apart_by_its_pair() -> None:
    field = PairIdField(pair=("course_id", "student_id"))

    _, path, args, kwargs = field.deconstruct()

    assert path == "scribetree.fields.PairIdField"
    assert PairIdField(*args, **kwargs).pair == ("course_id", "student_id")


@pytest.mark.django_db
def test_time_is_truncated_to_milliseconds(course: Course) -> None:
    moment = datetime(2024, 12, 31, 23, 59, 59, 999_999, UTC)

    course.start_date = moment
    course.end_date = moment.astimezone(timezone(timedelta(hours=-5)))
    course.save()
    course.refresh_from_db()

    assert course.start_date == course.end_date == moment.replace(microsecond=999_000)
    assert Course.objects.get(start_date=moment) == course


def test_now_has_milliseconds() -> None:
    assert now().microsecond % 1000 == 0
    assert abs(now() - datetime.now(UTC)) < timedelta(seconds=1)
