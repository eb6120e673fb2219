"""Model fields that every app shares: the two-spelling id, the id of a pair, millisecond time, wire JSON."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from bson import ObjectId
from bson.errors import InvalidId
from django.core.exceptions import ValidationError
from django.db import connection, models
from django.db.models import Func
from django.db.models.functions import Now

from scribetree.object_id import derived_id, new_id, object_id_to_uuid


class NewObjectId(Func):
    """The database's own `new_id`, for rows inserted in plain SQL."""

    function = "new_object_id"
    output_field = models.UUIDField()


class ObjectIdField(models.UUIDField):  # type: ignore[type-arg]
    """A UUID column that holds an ObjectId; accepts both spellings wherever Django accepts a value."""

    def to_python(self, value: Any) -> UUID | None:
        if isinstance(value, str) and len(value) == 24:
            try:
                return object_id_to_uuid(ObjectId(value))
            except InvalidId as error:
                raise ValidationError(self.error_messages["invalid"], "invalid", {"value": value}) from error
        if isinstance(value, ObjectId):
            return object_id_to_uuid(value)
        return super().to_python(value)


@models.UUIDField.register_lookup
class AnyOf(models.Lookup):  # type: ignore[type-arg]
    """One of a list, which is a single parameter, whatever its length: the statement stays the same."""

    lookup_name = "any"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        column, parameters = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s)", [*parameters, self.rhs]


class PairIdField(models.UUIDField):  # type: ignore[type-arg]
    """Primary key of a row that only joins two others: the UUIDv5 of their pair."""

    db_returning = True  # as of every key that a row does not have before its INSERT; bulk_create relies on it

    def __init__(self, *args: Any, pair: tuple[str, str], **kwargs: Any) -> None:
        self.pair = pair
        super().__init__(*args, **{**kwargs, "primary_key": True, "editable": False})

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "pair": self.pair}

    def pre_save(self, model_instance: models.Model, add: bool) -> UUID:
        fields = map(model_instance._meta.get_field, self.pair)
        value = derived_id(*(field.to_python(getattr(model_instance, field.attname)) for field in fields))
        setattr(model_instance, self.attname, value)
        return value


def now() -> datetime:
    """The present, at the precision that is stored."""
    return truncate_to_milliseconds(datetime.now(UTC))


def truncate_to_milliseconds(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


class MillisecondField(models.DateTimeField):  # type: ignore[type-arg]
    """A point in time at millisecond precision, as BSON dates and the API have it."""

    def db_type(self, connection: Any) -> str:
        return "timestamp(3) with time zone"

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return truncate_to_milliseconds(value) if isinstance(value, datetime) else value


class DocumentModel(models.Model):
    """A row that was a document (or a part of one) in MongoDB."""

    id = ObjectIdField(primary_key=True, default=new_id, db_default=NewObjectId(), editable=False)
    extra = models.JSONField(
        null=True,
        blank=True,
        editable=False,
        help_text="What the other columns cannot say exactly; see docs/mapping.md.",
    )

    class Meta:
        abstract = True


class CreatedModel(models.Model):
    created_at = MillisecondField(default=now, db_default=Now(), editable=False)

    class Meta:
        abstract = True


class TimestampedModel(CreatedModel):
    """`updated_at` is kept by a database trigger, which leaves an explicitly given value alone."""

    updated_at = MillisecondField(default=now, db_default=Now(), editable=False)

    class Meta:
        abstract = True


@contextmanager
def keeping_updated_at() -> Iterator[None]:
    """For changes of rows that are no edits of them, inside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL scribetree.keep_updated_at = 'on'")
        yield
        cursor.execute("SET LOCAL scribetree.keep_updated_at = 'off'")


def choice_constraint(table: str, column: str, choices: type[models.TextChoices]) -> models.CheckConstraint:
    return models.CheckConstraint(
        name=f"{table}_{column}_known", condition=models.Q(**{f"{column}__in": choices.values})
    )
