"""The rows of an operation, as they were at the click: keys, versions seen, and what became of each, packed."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from pyroaring import BitMap64

from core_app.errors import DomainError
from core_app.outcome import Outcome
from search_app.models import BulkOperation

NO_CLAIM = -1  # the version of a row that nobody has looked at
WAITING, CHANGED, UNCHANGED, REFUSED = 0, 1, 2, 3  # a refused row's result is REFUSED plus the number of its reason
MOST_REASONS = 100
OTHER_REASONS = "Other reasons"


def reason_of(problem: DomainError) -> str:
    """Why a row was refused, without what is particular to this row."""
    return str(problem.data.get("reason") or problem.message)


@dataclass
class Frozen:
    """Keys in their order, and beside each the version seen (NO_CLAIM for none) and its result."""

    keys: np.ndarray
    versions: np.ndarray
    results: np.ndarray
    reasons: list[str]

    @classmethod
    def of(cls, keys: np.ndarray, versions: np.ndarray) -> Self:
        """Nothing has become of them yet. `keys` are rising and each is there once."""
        return cls(keys.astype(np.int64), versions.astype(np.int32), np.zeros(len(keys), np.uint8), [])

    @classmethod
    def unpack(cls, operation: BulkOperation) -> Self:
        keys = BitMap64.deserialize(bytes(operation.keys))
        results = np.frombuffer(zlib.decompress(operation.results), np.uint8).copy()
        versions = np.frombuffer(zlib.decompress(operation.versions), np.int32)
        return cls(np.array(keys.to_array(), np.int64), versions, results, list(operation.reasons))

    def packed(self) -> dict[str, bytes]:
        """The columns of a new operation."""
        keys = BitMap64(self.keys.tolist()).serialize()
        return {"keys": keys, "versions": zlib.compress(self.versions.tobytes(), 1), "results": self.packed_results()}

    def packed_results(self) -> bytes:
        return zlib.compress(self.results.tobytes(), 1)

    def __len__(self) -> int:
        return len(self.keys)

    def seen(self, start: int, end: int) -> dict[int, int | None]:
        """The rows from `start` to `end` as an action takes them."""
        pairs = zip(self.keys[start:end].tolist(), self.versions[start:end].tolist(), strict=True)
        return {key: None if version == NO_CLAIM else version for key, version in pairs}

    def note(self, start: int, end: int, outcome: Outcome[Any]) -> None:
        """Write down what became of the rows from `start` to `end`."""
        results = np.full(end - start, UNCHANGED, np.uint8)
        keys = self.keys[start:end]
        results[np.searchsorted(keys, sorted(row.pk for row in outcome.changed))] = CHANGED
        for key, problem in outcome.refused.items():
            results[np.searchsorted(keys, key)] = self._refused_as(problem)
        self.results[start:end] = results

    def refuse(self, start: int, problem: DomainError) -> None:
        """Write down that all from `start` on were refused for one reason."""
        self.results[start:] = self._refused_as(problem)

    def _refused_as(self, problem: DomainError) -> int:
        reason = reason_of(problem)
        if reason not in self.reasons:
            if len(self.reasons) >= MOST_REASONS:
                reason = OTHER_REASONS
            if reason not in self.reasons:
                self.reasons.append(reason)
        return REFUSED + self.reasons.index(reason)

    def counts(self) -> Mapping[str, int]:
        """How many rows were changed, unchanged and refused so far."""
        return {
            "changed": int((self.results == CHANGED).sum()),
            "unchanged": int((self.results == UNCHANGED).sum()),
            "refused": int((self.results >= REFUSED).sum()),
        }

    def refusals(self) -> Sequence[tuple[str, int]]:
        """Why rows were refused, and how many for each reason, the most first."""
        counted = np.bincount(self.results, minlength=REFUSED + len(self.reasons))[REFUSED:].tolist()
        return sorted(zip(self.reasons, counted, strict=True), key=lambda pair: -pair[1])

    def refused_keys(self, reason: str) -> np.ndarray:
        """The rows that were refused for that reason."""
        return self.keys[self.results == REFUSED + self.reasons.index(reason)] if reason in self.reasons else NONE

    def left(self) -> Frozen:
        """The same rows as the operation left them: each that it changed is one version on."""
        claimed = self.versions != NO_CLAIM
        return Frozen.of(self.keys, self.versions + ((self.results == CHANGED) & claimed))

    def changed(self) -> Frozen:
        """The rows that it changed, as it left them."""
        kept, left = self.results == CHANGED, self.left()
        return Frozen.of(left.keys[kept], left.versions[kept])


NONE = np.empty(0, np.int64)
