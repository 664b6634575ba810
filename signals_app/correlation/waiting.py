"""What becomes a signal only when it adds up: failed log-ins, log-ins after them, and missing paths.

One failed log-in is a typing error and one 404 a broken link. These detections wait, without a signal,
until enough of them belong together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from signals_app.models import Detection

LOOKBACK = timedelta(minutes=30)
LOGINS, PATHS = ("login-failure", "login-success"), ("missing-path",)
WAITS = frozenset(LOGINS + PATHS)
MAY_BECOME = {  # of which rules each may be once it adds up
    "login-failure": ("credential-stuffing", "password-brute-force"),
    "login-success": ("login-after-attack",),
    "missing-path": ("path-brute-force",),
}

USERS_OF_A_SPRAYER = 3  # different users at whom one address failed
SPRAYERS = 3  # addresses like that, at one service
USERS_OF_A_LONE_SPRAYER = 10
FAILURES_AT_ONE_USER = 10
FAILURES_OF_A_GUESSER = 5  # at this user, by one address
MISSING_PATHS = 20  # different ones, by one address


@dataclass(frozen=True)
class Belongs:
    """These detections make, or join, the signal of this rule and key at their service."""

    rule: str
    key: str
    detections: list[Detection]


@dataclass(frozen=True)
class Known:
    """Addresses (entity pks) that are attackers of running signals already.

    By rule, service pk, env, and within these by correlation key.
    """

    attackers: dict[tuple[str, int | None, str], dict[str, set[int]]] = field(default_factory=dict)

    def add(self, rule: str, place: tuple[int | None, str], key: str, address: int) -> None:
        self.attackers.setdefault((rule, *place), {}).setdefault(key, set()).add(address)

    def of(self, rule: str, place: tuple[int | None, str], key: str | None = None) -> set[int]:
        """Those of one key, or of all."""
        keys = self.attackers.get((rule, *place), {})
        return keys.get(key, set()) if key is not None else set().union(*keys.values())


def logins(waiting: Iterable[Detection], known: Known) -> Iterator[Belongs]:
    """Stuffing, guessing, and log-ins by those who did either."""
    for place, rows in _by_place(waiting).items():
        failures = [row for row in rows if row.kind == "login-failure" and row.attacker_id]
        sprayers = _sprayers(failures, known.of("credential-stuffing", place))
        if sprayed := [row for row in failures if row.attacker_id in sprayers]:
            yield Belongs("credential-stuffing", "", sprayed)
        culprits = sprayers | known.of("password-brute-force", place)
        for key, guessed in _guessed([row for row in failures if row.attacker_id not in sprayers], known, place):
            culprits |= {row.attacker_id for row in guessed}
            yield Belongs("password-brute-force", key, guessed)
        successes = [row for row in rows if row.kind == "login-success" and row.attacker_id in culprits]
        if successes:
            yield Belongs("login-after-attack", "", successes)


def _sprayers(failures: list[Detection], known: set[int]) -> set[int]:
    users: dict[int, set[int]] = defaultdict(set)
    for row in failures:
        if row.victim_id:
            users[row.attacker_id].add(row.victim_id)
    several = {address for address, names in users.items() if len(names) >= USERS_OF_A_SPRAYER}
    if known or len(several) >= SPRAYERS:
        return several | known
    return {address for address in several if len(users[address]) >= USERS_OF_A_LONE_SPRAYER}


def _guessed(
    failures: list[Detection], known: Known, place: tuple[int | None, str]
) -> Iterator[tuple[str, list[Detection]]]:
    by_user: dict[int, dict[int, list[Detection]]] = defaultdict(lambda: defaultdict(list))
    for row in failures:
        if row.victim_id:
            by_user[row.victim_id][row.attacker_id].append(row)
    for user, by_address in by_user.items():
        key = f"user:{user}"
        running = known.of("password-brute-force", place, key)
        own = {
            address: rows
            for address, rows in by_address.items()
            if address in running or len(rows) >= FAILURES_OF_A_GUESSER
        }
        guessed = [row for rows in own.values() for row in rows]
        if len(guessed) >= FAILURES_AT_ONE_USER or running & own.keys():
            yield key, sorted(guessed, key=lambda row: row.at)


def paths(waiting: Iterable[Detection], known: Known) -> Iterator[Belongs]:
    """Word lists at work: many different missing paths asked for by one address."""
    for place, rows in _by_place(waiting).items():
        by_address: dict[int, list[Detection]] = defaultdict(list)
        for row in rows:
            if row.attacker_id:
                by_address[row.attacker_id].append(row)
        running = known.of("path-brute-force", place)
        for address, own in by_address.items():
            if address in running or len({row.facts.get("path") for row in own}) >= MISSING_PATHS:
                yield Belongs("path-brute-force", "", own)


def _by_place(rows: Iterable[Detection]) -> dict[tuple[int | None, str], list[Detection]]:
    places: dict[tuple[int | None, str], list[Detection]] = defaultdict(list)
    for row in rows:
        places[row.service_id, row.env].append(row)
    return places
