"""A new row and an imported document that lacks the path hold the same."""

import json
from typing import Any

import pytest
from django.db.models import NOT_PROVIDED, Field, JSONField

from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.mappings.base import Column
from migrate_mongo.mappings.kinds import ABSENT, Kind

# What writes these rows gives these columns whole: a version has no default, and only a deployment has requirements.
FILLED_BY_THE_WRITER = {
    ("document_versions", "changes"),
    ("document_versions", "metadata"),
    ("document_versions", "diff"),
    ("assignments", "course_specific_requirements"),
}
PAIRS = [
    (collection, column.column, column.kind, mapping.model._meta.get_field(column.column))
    for collection, mapping in MAPPINGS.items()
    for column in mapping.columns
    if isinstance(column, Column) and column.column != "password_hash"  # no field of that name, and no default
]
JSON_PAIRS = [
    pair
    for pair in PAIRS
    if isinstance(pair[3], JSONField) and (pair[3].model._meta.db_table, pair[1]) not in FILLED_BY_THE_WRITER
]


def default_of(field: Field) -> Any:
    """ABSENT for a field that a new row leaves NULL."""
    return ABSENT if field.default is NOT_PROVIDED else field.get_default()


@pytest.mark.parametrize(
    ("kind", "field"), [pair[2:] for pair in JSON_PAIRS], ids=[f"{pair[0]}-{pair[1]}" for pair in JSON_PAIRS]
)
def test_json_default_of_the_model_is_that_of_the_mapping(kind: Kind, field: JSONField) -> None:
    expected = kind.constant_default()

    if expected is ABSENT:
        assert default_of(field) is ABSENT
    else:
        # also in the order of the keys, which is what a reader of the JSON sees
        assert json.dumps(default_of(field)) == json.dumps(expected)


def test_every_default_of_the_models_is_compared() -> None:
    models = {mapping.model for mapping in MAPPINGS.values()}
    with_default = {
        field
        for model in models
        for field in model._meta.concrete_fields
        if isinstance(field, JSONField) and field.has_default()
    }
    compared = {pair[3] for pair in JSON_PAIRS}

    uncompared = {(field.model._meta.db_table, field.column) for field in with_default - compared}
    assert uncompared <= FILLED_BY_THE_WRITER


SCALARS = [pair for pair in PAIRS if pair[2].constant_default() is not ABSENT and not isinstance(pair[3], JSONField)]


@pytest.mark.parametrize(
    ("kind", "field"), [pair[2:] for pair in SCALARS], ids=[f"{pair[0]}-{pair[1]}" for pair in SCALARS]
)
def test_other_default_of_the_model_is_that_of_the_mapping(kind: Kind, field: Field) -> None:
    assert field.get_default() == kind.constant_default()
