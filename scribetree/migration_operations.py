"""What the schema needs beyond Django's own operations: id function, update trigger, fillfactor, partitions."""

from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from scribetree.object_id import TAG

# The layout is that of scribetree/object_id.py; a test holds the two together.
ID_FUNCTIONS = migrations.RunSQL(
    sql=f"""
    CREATE FUNCTION object_id_uuid(object_id text) RETURNS uuid
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
        SELECT (
            substr(object_id, 1, 12) || '8' || substr(object_id, 13, 3)
            || to_hex((1::bigint << 63) | (('x' || substr(object_id, 16, 9))::bit(36)::bigint << 26) | {TAG})
        )::uuid
    $$;
    CREATE FUNCTION new_object_id() RETURNS uuid
    LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
        SELECT object_id_uuid(
            lpad(to_hex(floor(extract(epoch FROM clock_timestamp()))::bigint), 8, '0')
            || substr(md5(gen_random_uuid()::text), 1, 16)
        )
    $$;
    """,
    reverse_sql="DROP FUNCTION new_object_id(); DROP FUNCTION object_id_uuid(text);",
)

# An UPDATE that does not itself change updated_at moves it, unless the transaction says
# SET LOCAL scribetree.keep_updated_at = 'on' (for changes that are not edits).
UPDATED_AT_FUNCTION = migrations.RunSQL(
    sql="""
    CREATE FUNCTION keep_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at
           AND current_setting('scribetree.keep_updated_at', true) IS DISTINCT FROM 'on' THEN
            NEW.updated_at := date_trunc('milliseconds', clock_timestamp());
        END IF;
        RETURN NEW;
    END
    $$;
    """,
    reverse_sql="DROP FUNCTION keep_updated_at();",
)


def updated_at_trigger(table: str) -> migrations.RunSQL:
    name = f"{table}_updated_at"
    return migrations.RunSQL(
        sql=f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION keep_updated_at();",
        reverse_sql=f"DROP TRIGGER {name} ON {table};",
    )


def fillfactor(table: str, percent: int) -> migrations.RunSQL:
    return migrations.RunSQL(
        sql=f"ALTER TABLE {table} SET (fillfactor = {percent});",
        reverse_sql=f"ALTER TABLE {table} RESET (fillfactor);",
    )


class CreatePartitionedModel(migrations.CreateModel):
    """Creates the table partitioned by range of `partition_column`.

    PostgreSQL wants that column in the primary key, so there the key is (id, partition_column).
    """

    def __init__(self, *args: Any, partition_column: str, **kwargs: Any) -> None:
        self.partition_column = partition_column
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, args, kwargs = super().deconstruct()
        return name, args, {**kwargs, "partition_column": self.partition_column}

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        model = to_state.apps.get_model(app_label, self.name)
        column = schema_editor.quote_name(self.partition_column)
        original = schema_editor.sql_create_table
        schema_editor.sql_create_table = (
            f"CREATE TABLE %(table)s (%(definition)s, PRIMARY KEY (id, {column})) PARTITION BY RANGE ({column})"
        )
        # The state keeps `id` as the key; only the statement sent here leaves it out.
        id_field = model._meta.get_field("id")
        id_field.primary_key = False
        try:
            super().database_forwards(app_label, schema_editor, from_state, to_state)
        finally:
            id_field.primary_key = True
            schema_editor.sql_create_table = original
