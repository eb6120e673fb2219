"""The UPDATE of one row whose new `updated_at` the answer shows."""

from typing import Any

from django.db import connection
from django.db.models import F
from django.db.models.sql import UpdateQuery

from scribetree.fields import TimestampedModel


def update_row(row: TimestampedModel, **changes: Any) -> None:
    """Sets columns here and in the database. `updated_at`, which the trigger moves, comes back with the statement.

    Without changes it only touches the row, for what hangs on it.
    """
    query = type(row)._base_manager.filter(pk=row.pk).query.chain(UpdateQuery)
    query.add_update_values(changes or {"updated_at": F("updated_at")})
    sql, params = query.get_compiler(connection=connection).as_sql()
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} RETURNING updated_at", params)
        (row.updated_at,) = cursor.fetchone()
    for name, value in changes.items():
        setattr(row, name, value)
