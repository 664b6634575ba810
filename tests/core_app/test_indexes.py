"""An index of SQLite alone: there it comes and goes, elsewhere neither does anything."""

import pytest
from django.db import connection

from signals_app.models import Signal

INDEX = next(index for index in Signal._meta.indexes if index.name == "signal_looked_up")


def is_there() -> bool:
    with connection.cursor() as cursor:
        return INDEX.name in connection.introspection.get_constraints(cursor, Signal._meta.db_table)


@pytest.mark.django_db(transaction=True)
def test_it_is_made_and_taken_away():
    on_sqlite = connection.vendor == "sqlite"
    assert is_there() is on_sqlite
    with connection.schema_editor() as editor:
        editor.remove_index(Signal, INDEX)
    assert not is_there()
    with connection.schema_editor() as editor:
        editor.add_index(Signal, INDEX)
    assert is_there() is on_sqlite
