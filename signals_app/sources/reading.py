"""What a format makes of one item: the words that correlation understands. No Django here."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address, ip_address
from typing import Any, Protocol
from zoneinfo import ZoneInfo

EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)

_HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_])?")
_USER = re.compile(r"[\w.@+\\-]{1,64}")


class Unreadable(ValueError):
    """The item cannot be understood; the message says why, in a sentence for the operator."""


@dataclass(frozen=True)
class SourceSettings:
    """What must be known of a source to read what it sends."""

    env: str = ""
    time_zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    hosts: dict[str, str] = field(default_factory=dict)  # host name -> service
    default_service: str = ""

    def service_of(self, host: str) -> str:
        """The service behind a host name: as set, else as learned, else the host's own name."""
        return self.hosts.get(host) or self.default_service or host


@dataclass(frozen=True)
class RuleDraft:
    """What a sensor says of its own rule: used once, when the rule is met for the first time."""

    key: str
    name: str
    severity: int = 1  # 0 info … 4 critical
    tactic: str = ""
    technique: str = ""
    type: str = ""
    meaning: str = ""
    next_steps: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """One thing that one event shows.

    `kind` is an attack family, `login-failure`, `login-success`, `missing-path`, `edge-blocked`, … or `sensor`;
    a finding of kind `sensor` is a verdict of its sender and brings its own rule, severity and words.
    `facts` holds JSON-able values of bounded size.
    """

    kind: str
    at: datetime
    service: str = ""
    env: str = ""
    host: str = ""
    attackers: tuple[str, ...] = ()
    victims: tuple[str, ...] = ()
    transaction: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    rule: RuleDraft | None = None
    severity: int | None = None
    title: str = ""
    message: str = ""
    tags: tuple[str, ...] = ()
    correlation_key: str = ""


@dataclass(frozen=True)
class Supplement:
    """What an access line adds to what another log says of the same request."""

    transaction: str
    user: str = ""
    host: str = ""
    service: str = ""


@dataclass(frozen=True)
class Reading:
    """Everything one item says.

    `repeatable` is what it amounts to should `request` turn out to be one of very many that are the same.
    """

    findings: tuple[Finding, ...] = ()
    supplement: Supplement | None = None
    repeatable: Finding | None = None
    request: str = ""


class Format(Protocol):
    """How the items of one kind of sensor are read."""

    def name(self, body: dict[str, Any]) -> str:
        """The item's own name, unique within its source; an empty string when it has none."""

    def partner(self, body: dict[str, Any]) -> str:
        """The name of the other item that tells of the same event; an empty string when there can be none."""

    def check(self, body: dict[str, Any]) -> None:
        """Raises Unreadable for an item that no partner and no setting of its source could make readable."""

    def read(self, body: dict[str, Any], settings: SourceSettings, partner: dict[str, Any] | None = None) -> Reading:
        """Raises Unreadable."""


def address(value: Any) -> str:
    """An IP address in its canonical spelling, or an empty string."""
    try:
        found = ip_address(str(value).strip().strip("[]"))
    except ValueError:
        return ""
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        if found.scope_id:  # a name of the sensor's own interface says nothing to us
            return str(found).partition("%")[0]
    return str(found)


def host_name(value: Any) -> str:
    """A host name in lower case without its port, or an empty string when it cannot be one."""
    text = str(value or "").strip().lower().rstrip(".")
    if not text.startswith("["):
        text = text.partition(":")[0]
    return text if _HOST.fullmatch(text) else ""


def user_name(value: Any) -> str:
    """A log-in name, or an empty string for what an attacker typed into the field instead of one."""
    text = str(value or "").strip()
    return text if _USER.fullmatch(text) else ""


def plausible(at: datetime) -> datetime:
    """The same time in UTC. Raises Unreadable for one that no sensor of ours can have meant."""
    try:
        at = at.astimezone(UTC)
    except (OverflowError, ValueError):
        raise Unreadable("The time is not one that a calendar knows.") from None
    if not EARLIEST <= at < LATEST:
        raise Unreadable(f"The year {at.year} cannot be meant.")
    return at


def iso_time(value: Any) -> datetime:
    """A time with its zone from ISO 8601 text, or from epoch seconds or milliseconds. Raises Unreadable."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise Unreadable("“timestamp” is missing: give ISO 8601 with a zone, or epoch milliseconds.")
    try:
        if isinstance(value, str):
            at = datetime.fromisoformat(value.strip())
        else:
            at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=value / 1000 if abs(value) >= 1e11 else value)
    except (ValueError, OverflowError):
        raise Unreadable(f"“{str(value)[:60]}” is no time: give ISO 8601 with a zone, or epoch milliseconds.") from None
    if at.tzinfo is None:
        raise Unreadable(f"“{str(value)[:60]}” has no time zone: end it with Z or an offset.")
    return plausible(at)


def text(value: Any, limit: int) -> str:
    """A short piece of text on one line."""
    return " ".join(str(value if value is not None else "").split())[:limit]


def mapping(value: Any) -> dict[str, Any]:
    """The value if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def bounded(value: dict[str, Any], name: str, largest: int) -> dict[str, Any]:
    """The object if it is no larger than so many characters of JSON. Raises Unreadable."""
    if (size := len(json.dumps(value))) > largest:
        raise Unreadable(f"“{name}” has {size:,} characters of JSON; at most {largest:,} are kept.")
    return value


def sequence(value: Any) -> list[Any]:
    """The value if it is a JSON array, else an empty one."""
    return value if isinstance(value, list) else []
