"""Indexes that one database alone has: the other has no use for them, or cannot make them."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement
from django.db.models import Index, Model


class OfOneDatabase(Index):
    """Nothing is made on any other database than that of this `vendor`."""

    vendor = ""

    def create_sql(
        self, model: type[Model], schema_editor: BaseDatabaseSchemaEditor, using: str = "", **kwargs: Any
    ) -> Statement:
        if schema_editor.connection.vendor == self.vendor:
            return super().create_sql(model, schema_editor, using=using, **kwargs)
        return Statement("SELECT 1")  # a migration executes whatever it is given


class SqliteIndex(OfOneDatabase):
    vendor = "sqlite"


class PostgresGinIndex(OfOneDatabase, GinIndex):
    vendor = "postgresql"
