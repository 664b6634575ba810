"""Statements that are written once.

Django writes the SQL of a query anew each time that it is asked, and makes an object of each row, which takes longer
than the database takes to answer. For the few questions that every page asks, what it wrote is kept: `Prepared` holds
a query with a `Slot` in it for each value that changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression, F, Model, QuerySet
from django.db.models.sql import UpdateQuery
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row", bound=Model)


def columns_of(model: type[Model]) -> list[str]:
    """The names of a model's own columns."""
    return [field.attname for field in model._meta.concrete_fields]


class Slot(Expression):
    """A place in a query for a value that is given when it is asked: a text or a whole number, or what `through`
    makes one of."""

    def __init__(self, name: str, through: Callable[[Any], Any] | None = None) -> None:
        super().__init__()
        self.name, self.through = name, through

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Slot]]:
        return "%s", (self,)

    def given(self, values: Mapping[str, Any]) -> Any:
        value = values[self.name]
        return value if self.through is None else self.through(value)


def time_slot(name: str) -> Slot:
    """A slot for a date and time."""
    return Slot(name, lambda value: connection.ops.adapt_datetimefield_value(value))


def _moment(value: datetime | str) -> datetime:
    return (datetime.fromisoformat(value) if isinstance(value, str) else value).replace(tzinfo=UTC)


# Of what Django has written to SQLite: what its own readers make of that, without asking what else it might be.
_READERS: Mapping[str, Callable[[Any], Any]] = {
    "convert_datetimefield_value": _moment,
    "convert_uuidfield_value": lru_cache(maxsize=10_000)(UUID),
}


@dataclass(frozen=True)
class _Statement:
    """SQL with its parameters, and by place in a row what makes Python's value of the database's."""

    sql: str
    params: Sequence[Any]
    converters: Sequence[tuple[int, Callable[[Any], Any]]]

    @classmethod
    def updating(cls, queryset: QuerySet[Any], values: Mapping[str, Any]) -> _Statement:
        """The UPDATE that gives the rows of a query these values. Raises TypeError where it would be all of a table."""
        if queryset.query.is_sliced or queryset.query.combinator:
            raise TypeError("What is cut from a query, or put together of several, cannot be updated.")
        query = queryset.query.chain(UpdateQuery)
        query.add_update_values(values)
        return cls(*query.get_compiler(connection=connection).as_sql(), converters=())

    @classmethod
    def of(cls, queryset: QuerySet[Any]) -> _Statement:
        compiler = queryset.query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        assert not compiler.has_extra_select, "Select what the rows are ordered by."  # noqa: S101 - for who writes one
        selected = [column for column, *_ in compiler.select[: compiler.col_count]]
        converters = compiler.get_converters(selected)
        return cls(sql, params, [(place, _converter(*how)) for place, how in converters.items()])

    def filled(self, values: Mapping[str, Any]) -> list[Any]:
        """The parameters, with these values in the slots."""
        return [param.given(values) if isinstance(param, Slot) else param for param in self.params]

    def converted(self, row: Sequence[Any]) -> Sequence[Any]:
        made = list(row)
        for place, convert in self.converters:
            if made[place] is not None:
                made[place] = convert(made[place])
        return made


def _converter(steps: Sequence[Callable[..., Any]], expression: Any) -> Callable[[Any], Any]:
    """What makes Python's value of the database's, which is never NULL."""
    if len(steps) == 1 and (quick := _READERS.get(getattr(steps[0], "__name__", ""))):
        return quick

    def convert(value: Any) -> Any:
        for step in steps:
            value = step(value, expression, connection)
        return value

    return convert


class Prepared:
    """A query of plain values, `values_list(…)`, with slots. It is the same for everybody: narrow it by what the
    caller may see before, or by a slot.

    `build(*shape)` makes the query; each shape has a statement of its own, so there should be few of them.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]]) -> None:
        self.build = build
        self._written: dict[tuple[Any, ...], _Statement] = {}

    def rows(self, *shape: Any, **values: Any) -> Iterator[Sequence[Any]]:
        """The rows for these values of the slots, each in the order of its columns."""
        statement = self._statement(shape)
        with connection.cursor() as cursor:
            cursor.execute(statement.sql, statement.filled(values))
            rows = cursor.fetchall()
        return map(statement.converted, rows) if statement.converters else iter(rows)

    def rows_of_all(self, asked: Sequence[tuple[tuple[Any, ...], Mapping[str, Any]]]) -> list[list[Sequence[Any]]]:
        """The rows for each of these `(shape, values)`, by one statement: the columns of all shapes have to be alike,
        of types that need nothing to be made of them."""
        parts = [(self._statement(shape), values) for shape, values in asked]
        numbered = (f"SELECT {at}, part.* FROM ({one.sql}) part" for at, (one, _) in enumerate(parts))  # noqa: S608 - Django wrote it
        sql = " UNION ALL ".join(numbered)
        found: list[list[Sequence[Any]]] = [[] for _ in parts]
        with connection.cursor() as cursor:
            cursor.execute(sql, [param for one, values in parts for param in one.filled(values)])
            for row in cursor.fetchall():
                found[row[0]].append(row[1:])
        return found

    def _statement(self, shape: tuple[Any, ...]) -> _Statement:
        key = connection.alias, *shape
        statement = self._written.get(key)
        if statement is None:
            statement = self._written[key] = _Statement.of(self.build(*shape))
        return statement

    def objects(self, model: type[Row], *shape: Any, columns: Sequence[str] = (), **values: Any) -> Iterator[Row]:
        """The rows as objects of a model, of a query of all of its columns, or of some, in the order of the model."""
        names = _in_order(model, tuple(columns)) if columns else columns_of(model)
        return (model.from_db(connection.alias, names, row) for row in self.rows(*shape, **values))


@lru_cache
def _in_order(model: type[Model], columns: tuple[str, ...]) -> tuple[str, ...]:
    """These columns, which `from_db` takes to be in the order of the model. Raises ValueError if they are not."""
    if columns != (ordered := tuple(name for name in columns_of(model) if name in columns)):
        raise ValueError(f"The order of the columns is {', '.join(ordered)}.")
    return columns


class PreparedUpdate:
    """An UPDATE of the rows of a query with slots. Each shape and each choice of columns has a statement of its own."""

    def __init__(self, build: Callable[..., QuerySet[Any, Any]]) -> None:
        self.build = build
        self._written: dict[tuple[Any, ...], _Statement] = {}

    def run(self, *shape: Any, to: Mapping[str, Any], raised: Sequence[str] = (), **slots: Any) -> int:
        """Give the rows these values, by field name, and raise these numbers by one; returns how many rows there were.

        An expression is no value: Django's own `update` takes it.
        """
        key = connection.alias, shape, tuple(to), tuple(raised)
        statement = self._written.get(key)
        if statement is None:
            rows = self.build(*shape)
            given = {name: _saved(rows.model, name) for name in to} | {name: F(name) + 1 for name in raised}
            statement = self._written[key] = _Statement.updating(rows, given)
        with connection.cursor() as cursor:
            cursor.execute(statement.sql, statement.filled({**slots, **{_to(name): to[name] for name in to}}))
            return cursor.rowcount


class PreparedInsert:
    """An INSERT of one row of a model by a statement that is written once. Every field is given: no default is filled
    in, and nothing hears of it."""

    def __init__(self, model: type[Model], fields: Sequence[str]) -> None:
        self.model, self.fields = model, fields

    @cached_property
    def _slots(self) -> Mapping[str, Slot]:
        return {name: _saved(self.model, name) for name in self.fields}

    @cached_property
    def _sql(self) -> str:
        quote, meta = connection.ops.quote_name, self.model._meta
        columns = ", ".join(quote(meta.get_field(name).column) for name in self.fields)
        places = ", ".join(["%s"] * len(self.fields))
        return f"INSERT INTO {quote(meta.db_table)} ({columns}) VALUES ({places})"  # noqa: S608 - names of our own

    def run(self, **values: Any) -> None:
        """Raises KeyError for a field that is not given, and TypeError for one that there is not."""
        if unknown := values.keys() - self._slots.keys():
            raise TypeError(f"Nothing was said of {', '.join(sorted(unknown))}.")
        given = {_to(name): value for name, value in values.items()}
        with connection.cursor() as cursor:
            cursor.execute(self._sql, [slot.given(given) for slot in self._slots.values()])


def _to(name: str) -> str:
    """What the slot of a value that is written is called: the rows' own slots may have the names of fields."""
    return f"to {name}"


def _saved(model: type[Model], name: str) -> Slot:
    """A slot for a value of that field, written as Django writes it."""
    field = model._meta.get_field(name)

    def written(value: Any) -> Any:
        if hasattr(value, "prepare_database_save"):  # the row that a foreign key leads to
            value = value.prepare_database_save(field)
        return field.get_db_prep_save(value, connection)

    return Slot(_to(name), written)
