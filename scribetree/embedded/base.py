"""Django's PostgreSQL backend on the embedded server, which is started when something first connects."""

from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.backends.postgresql import base

from scribetree.embedded.server import EmbeddedServerError, use_server

ADMINISTRATION = "postgres"


class DatabaseWrapper(base.DatabaseWrapper):
    def get_connection_params(self) -> dict[str, Any]:
        try:
            socket_folder = use_server(Path(settings.EMBEDDED_POSTGRES_DIR))
        except EmbeddedServerError as error:
            raise ImproperlyConfigured(str(error)) from error
        return {**super().get_connection_params(), "host": str(socket_folder), "user": ADMINISTRATION}

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        try:
            return super().get_new_connection(conn_params)
        except psycopg.OperationalError as error:
            name = conn_params.get("dbname")
            # Test databases are Django's business; the project's own is made here.
            if name != settings.DATABASES["default"]["NAME"] or f'"{name}" does not exist' not in str(error):
                raise
        self._create_database(conn_params)
        return super().get_new_connection(conn_params)

    def _create_database(self, conn_params: dict[str, Any]) -> None:
        with psycopg.connect(
            host=conn_params["host"], user=conn_params["user"], dbname=ADMINISTRATION, autocommit=True
        ) as connection:
            try:
                connection.execute(f'CREATE DATABASE "{conn_params["dbname"]}"')
            except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                return  # another process was quicker
