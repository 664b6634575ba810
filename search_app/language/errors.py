"""What can be wrong with a query, and where."""

from __future__ import annotations

from core_app.errors import Invalid


class QueryError(Invalid):
    """A query that cannot be answered: a sentence for the person, and the place in what they typed.

    `start` and `end` are offsets in characters, half open; people count columns from 1.
    """

    code = "bad_query"

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(f"Column {start + 1}: {message}", start=start, end=max(end, start + 1))
        self.start = start
        self.end = max(end, start + 1)


class QuerySyntaxError(QueryError):
    """The text cannot be read as a query."""


class QueryValueError(QueryError):
    """The query can be read, but a field cannot have that value or be asked in that way."""


class QueryTooSlow(QueryError):
    """The query is a good one, but looking up this part of it took longer than it may."""

    code, status = "query_too_slow", 422

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message, start, end)
        self.message, self.args = message, (message,)  # the column is no news: nothing is misspelt
