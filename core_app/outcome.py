"""What an action answers: one row is many rows of one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from core_app.errors import DomainError, NotFound

Row = TypeVar("Row")


@dataclass
class Outcome(Generic[Row]):
    """What became of each thing that an action was asked to change.

    `changed` holds the rows as they are now. `unchanged` holds rows that already were as asked:
    nothing was written for them. `refused` maps the primary key to the error that says why.
    """

    changed: list[Row] = field(default_factory=list)
    unchanged: list[Row] = field(default_factory=list)
    refused: dict[int, DomainError] = field(default_factory=dict)

    def one_or_raise(self) -> Row:
        """The single row asked for, or the error that refused it."""
        for problem in self.refused.values():
            raise problem
        for row in [*self.changed, *self.unchanged]:
            return row
        raise NotFound("It is not there, or it is not yours to see.")
