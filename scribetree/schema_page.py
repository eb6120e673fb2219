"""`docs/schema.md`: the tables, as the models and the migrations have them. Needs no database."""

import ast
import inspect
import re
import textwrap
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from django.db import connection, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import RunSQL
from django.db.migrations.loader import MigrationLoader

from scribetree.markdown import table
from scribetree.migration_operations import CreatePartitionedModel

HEAD = """\
# The tables

Written by `python manage.py make_docs` from the models and the migrations; do not edit it. Import and export have
tables of their own, `import_runs`, `import_parts`, `import_rejects`, `import_findings` and `export_checkpoints`; see
`migrate_mongo/models.py`.

Foreign keys are checked at commit (`DEFERRABLE INITIALLY DEFERRED`). *On delete* says what Django does with the rows
that refer to a deleted one; plain SQL cannot delete a row that others refer to. *Default* is the database's own; the
models have more, which count for Django alone. An update of a row with a trigger moves `updated_at`, unless the update
sets it or the transaction has `scribetree.keep_updated_at` on.
"""

_TIME = "timestamp(3) with time zone"

Model = type[models.Model]


def schema_page(tables: list[Model]) -> str:
    storage = _storage()
    return "\n".join([HEAD, *_diagram(tables), *(_section(model, storage) for model in tables)])


def _diagram(tables: list[Model]) -> Iterator[str]:
    yield "```mermaid\nerDiagram"
    for model in tables:
        for key in (field for field in model._meta.concrete_fields if field.is_relation):
            one = "|o" if key.null else "||"
            yield f'    {_target(key)} {one}--o{{ {model._meta.db_table} : "{key.column}"'
    for model in tables:
        yield f"    {model._meta.db_table} {{"
        for field in model._meta.concrete_fields:
            mark = " PK" if field.primary_key else " FK" if field.is_relation else ""
            yield f"        {_type(field).replace(_TIME, 'timestamptz')} {field.column}{mark}"
        yield "    }"
    yield "```\n\n`timestamptz` in the diagram is short for `timestamp(3) with time zone`.\n"


def _section(model: Model, storage: dict[str, list[str]]) -> str:
    name = model._meta.db_table
    node, source = _parsed(model)
    parts = [f"## `{name}`\n"]
    if description := ast.get_docstring(node):
        parts.append(f"{description}\n")
    parts.append(table(["column", "type", "null", "default", "refers to", "on delete", "remark"], _columns(model)))
    for title, items in (("constraint", model._meta.constraints), ("index", model._meta.indexes)):
        rows = [[f"`{item.name}`", _definition(item, model), _comment(item.name, node, source)] for item in items]
        if rows:
            parts += ["", table([title, "definition", "for"], rows)]
    if storage[name]:
        parts += ["", *(f"- {line}" for line in storage[name])]
    return "\n".join([*parts, ""])


def _columns(model: Model) -> Iterator[list[str]]:
    for field in model._meta.concrete_fields:
        target = f"`{_target(field)}`" if field.is_relation else ""
        yield [
            f"`{field.column}`" + (", primary key" if field.primary_key else ""),
            _type(field),
            "yes" if field.null else "no",
            _default(field),
            target,
            _on_delete(field) if field.is_relation else "",
            str(getattr(field, "help_text", "")),
        ]


def _target(key: Any) -> str:
    return str(key.related_model._meta.db_table)


def _type(field: Any) -> str:
    of: Any = field.output_field if isinstance(field, models.GeneratedField) else field
    return str(of.db_type(connection))


def _default(field: Any) -> str:
    if isinstance(field, models.GeneratedField):
        return f"generated: `{_filled(*field.generated_sql(connection))}`"
    return f"`{_filled(*_editor().db_default_sql(field))}`" if field.has_db_default() else ""


def _filled(sql: str, parameters: Iterable[object]) -> str:
    text = sql % tuple(map(_editor().quote_value, parameters))
    return (text[1:-1] if text.startswith("(") else text).replace('"', "")


def _on_delete(field: Any) -> str:
    return str(field.remote_field.on_delete.__name__).replace("_", " ").lower()


@cache
def _editor() -> BaseDatabaseSchemaEditor:
    """It writes statements and sends none."""
    editor = connection.schema_editor(collect_sql=True, atomic=False)
    editor.deferred_sql = []
    return editor


def _definition(item: Any, model: Model) -> str:
    """What stands behind the name in the statement that makes it."""
    statement = str(item.create_sql(model, _editor()))
    unique = "UNIQUE " if statement.startswith("CREATE UNIQUE") else ""
    text = statement.partition(f'"{item.name}" ')[2].removeprefix(f'ON "{model._meta.db_table}" ')
    return f"`{unique}{text}`".replace('"', "")


def _parsed(model: Model) -> tuple[ast.ClassDef, list[str]]:
    source = textwrap.dedent(inspect.getsource(model))
    node = ast.parse(source).body[0]
    assert isinstance(node, ast.ClassDef)
    return node, source.splitlines()


def _comment(name: str, node: ast.ClassDef, source: list[str]) -> str:
    """The comment above the call in the model that has this name."""
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and any(_is_name(keyword, name) for keyword in call.keywords):
            above = source[call.lineno - 2].strip()
            return above.removeprefix("# ") if above.startswith("#") else ""
    return ""


def _is_name(keyword: ast.keyword, name: str) -> bool:
    return keyword.arg == "name" and isinstance(keyword.value, ast.Constant) and keyword.value.value == name


def _storage() -> dict[str, list[str]]:
    """Triggers, fillfactor and partitions: what the migrations make beside the models, by table."""
    found: dict[str, list[str]] = defaultdict(list)
    for migration in MigrationLoader(None).disk_migrations.values():
        for operation in migration.operations:
            if isinstance(operation, CreatePartitionedModel):
                found[operation.options["db_table"]].append(
                    f"partitioned by range of `{operation.partition_column}`; "
                    f"the primary key in the database is `(id, {operation.partition_column})`"
                )
            elif isinstance(operation, RunSQL):
                _read_sql(str(operation.sql), found)
    return found


def _read_sql(sql: str, found: dict[str, list[str]]) -> None:
    for name, moment, on, function in re.findall(r"CREATE TRIGGER (\w+) (.+?) ON (\w+) .*EXECUTE FUNCTION (\w+)", sql):
        found[on].append(f"trigger `{name}` {moment.lower()}: `{function}()`")
    for on, percent in re.findall(r"ALTER TABLE (\w+) SET \(fillfactor = (\d+)\)", sql):
        found[on].append(f"fillfactor {percent}")
    for name, of, percent in re.findall(
        r"CREATE TABLE (\w+) PARTITION OF (\w+) DEFAULT WITH \(fillfactor = (\d+)\)", sql
    ):
        found[of].append(
            f"default partition `{name}`, fillfactor {percent}; `make_partitions` makes one for each quarter"
        )
