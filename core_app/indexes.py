"""Indexes that one database alone has: another has no use for them, or cannot make them."""

from __future__ import annotations

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement
from django.db.models import Index, Model

NOTHING = Statement("SELECT 1")  # a migration executes whatever it is given


class SqliteIndex(Index):
    """Nothing is made, and nothing taken away, on any other database than SQLite."""

    def create_sql(
        self, model: type[Model], schema_editor: BaseDatabaseSchemaEditor, using: str = "", **kwargs: Any
    ) -> Statement:
        on_sqlite = schema_editor.connection.vendor == "sqlite"
        return super().create_sql(model, schema_editor, using=using, **kwargs) if on_sqlite else NOTHING

    def remove_sql(self, model: type[Model], schema_editor: BaseDatabaseSchemaEditor, **kwargs: Any) -> Statement:
        on_sqlite = schema_editor.connection.vendor == "sqlite"
        return super().remove_sql(model, schema_editor, **kwargs) if on_sqlite else NOTHING
