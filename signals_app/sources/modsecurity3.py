"""The JSON audit log of libmodsecurity 3 with CRS, and the access log of the edge in front of it.

Both may come through one source: they are told apart by shape and joined by request id. The audit log
knows what was attacked and how, the access log knows the user, the service and the exact time.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import Any
from urllib.parse import unquote, unquote_plus, urlsplit

from signals_app.sources import crs, edge_access
from signals_app.sources.reading import (
    Finding,
    Reading,
    SourceSettings,
    Unreadable,
    address,
    host_name,
    mapping,
    plausible,
    sequence,
    text,
    user_name,
)
from signals_app.sources.tools import tool_named_by_crs, tool_of

WIDEST_OFFSET = timedelta(hours=15)  # a Date header further than this from the local clock was not the edge's own

_SCORE = re.compile(r"Total Score: (\d+)")
_LOGIN = re.compile(r"users\.login\.(failure|success)")
_LOGIN_USER = re.compile(r"usr\.login=(\S+)")
_BODY_USER = re.compile(
    r"(?i)(?:^|&)(?:username|user|login|email)=([^&\s]+)|\"(?:username|user|login|email)\"\s*:\s*\"([^\"]+)\""
)


class ModSecurity3:
    """Audit transactions, and edge access lines of the same requests."""

    def name(self, body: dict[str, Any]) -> str:
        if edge_access.fits(body):
            request = text(body.get("request_id"), 100)
            return f"access:{request}" if request else ""
        request = text(mapping(body.get("transaction")).get("unique_id"), 100)
        return f"audit:{request}" if request else ""

    def partner(self, body: dict[str, Any]) -> str:
        name = self.name(body)
        side, _, request = name.partition(":")
        return {"access": f"audit:{request}", "audit": f"access:{request}"}.get(side, "")

    def check(self, body: dict[str, Any]) -> None:
        if edge_access.fits(body) or not self.partner(body):
            self.read(body, SourceSettings())
        # Any other audit transaction may have its time from its access line, which may still be on its way.

    def read(self, body: dict[str, Any], settings: SourceSettings, partner: dict[str, Any] | None = None) -> Reading:
        if edge_access.fits(body):
            return edge_access.read(body, settings)
        transaction = body.get("transaction")
        if not isinstance(transaction, dict):
            raise Unreadable("This is neither an audit transaction of ModSecurity 3 nor an access line of the edge.")
        return _read_audit(transaction, settings, partner or {})


def _read_audit(transaction: dict[str, Any], settings: SourceSettings, access: dict[str, Any]) -> Reading:
    request, response = mapping(transaction.get("request")), mapping(transaction.get("response"))
    headers = {str(name).lower(): str(value) for name, value in mapping(request.get("headers")).items()}
    host = host_name(headers.get("host"))
    user_agent = text(headers.get("user-agent"), 200)
    matches = [_Match(message) for message in sequence(transaction.get("messages")) if isinstance(message, dict)]
    status = _status(response.get("http_code"))
    scores = [match for match in matches if match.family == crs.SCORE]
    engine_on = mapping(transaction.get("producer")).get("secrules_engine") == "Enabled"
    blocked = engine_on and status == 403 and any(match.rule in ("949110", "959100") for match in scores)
    facts = {
        "method": text(request.get("method"), 20),
        "path": path_of(request.get("uri")),
        "status": status,
        "verdict": "blocked" if blocked else "passed",
        "host": host,
        "user_agent": user_agent,
    }
    client = address(transaction.get("client_ip"))
    common: dict[str, Any] = {
        "at": _time(transaction, response, settings, access),
        "service": text(access.get("service"), 120) or settings.service_of(host)[:120],
        "env": settings.env,
        "host": host,
        "attackers": (client,) if client else (),
        "transaction": text(transaction.get("unique_id"), 100),
    }
    user = user_name(access.get("user"))
    victims = (user,) if user else ()
    score = max((match.score for match in scores), default=0)

    findings = []
    attack = _attack(matches, facts, score)
    if attack:
        family, more = attack
        hurt = victims if family in crs.ATTACKS else ()
        findings.append(Finding(kind=family, victims=hurt, facts=facts | more, **common))
    scanner = [match for match in matches if match.family == crs.SCANNER]
    tool = next(filter(None, (tool_named_by_crs(match.data) for match in scanner)), "") or tool_of(user_agent)
    if tool or scanner:
        rules = sorted({match.rule for match in scanner})
        more = {"tool": tool or "unnamed scanner", "rules": rules, "score": score}
        findings.append(Finding(kind=crs.SCANNER, facts=facts | more, **common))
    login = next((match for match in matches if match.login), None)
    # A failed log-in that carries an attack is the attack's business: sqlmap on a form guesses no passwords.
    if login and not (login.login == "login-failure" and attack and attack[0] in crs.ATTACKS):
        name = login.login_user or user or _user_in(request.get("body"))
        victims = (name,) if name else ()
        findings.append(Finding(kind=login.login, victims=victims, facts=facts | {"rules": [login.rule]}, **common))
    if status == 404 and facts["path"]:
        findings.append(Finding(kind="missing-path", facts=facts, **common))
    return Reading(findings=tuple(findings))


class _Match:
    """One message of a transaction: a rule and what it matched."""

    def __init__(self, message: dict[str, Any]) -> None:
        details = mapping(message.get("details"))
        self.rule = text(details.get("ruleId"), 20)
        self.message = text(message.get("message"), 200)
        self.data = str(details.get("data") or "")[:2000]
        tags = tuple(str(tag) for tag in sequence(details.get("tags")))[:30]
        self.family = crs.family_of(self.rule, tags)
        self.score = int(found[1][:6]) if (found := _SCORE.search(self.message)) else 0
        event = _LOGIN.search(self.data) or next(filter(None, map(_LOGIN.search, tags)), None)
        self.login = f"login-{event[1]}" if event else ""
        found = _LOGIN_USER.search(self.data) if event else None
        self.login_user = user_name(self.data[found.start(1) :]) if found else ""

    @property
    def payload(self) -> str:
        """What was sent, as the rule saw it, to tell one attempt from another."""
        return self.data.partition(" found within ")[2] or self.data


def _attack(matches: list[_Match], facts: dict[str, Any], score: int) -> tuple[str, dict[str, Any]] | None:
    """The one family that this request counts for, with its facts: the family that most of its rules speak for."""
    by_family: dict[str, dict[str, _Match]] = {}
    for match in matches:
        if not match.login and match.family not in (crs.SCORE, crs.SCANNER):
            by_family.setdefault(match.family, {}).setdefault(match.rule, match)
    attacks = {family: found for family, found in by_family.items() if family in crs.ATTACKS}
    if not attacks:
        if crs.VIOLATION not in by_family:
            return None
        family = crs.VIOLATION
        found = by_family[family]
    else:
        # What got out is worse than what was tried.
        weights = Counter(
            {
                name: sum(crs.weight_of(rule) for rule in rules) + (100 if name == crs.LEAK else 0)
                for name, rules in attacks.items()
            }
        )
        family = max(sorted(weights), key=lambda name: weights[name])
        found = attacks[family]
    rules = sorted(rule for members in attacks.values() for rule in members)
    payload = next((match.payload for match in found.values() if match.payload), "") or facts["path"]
    return family, {
        "rules": sorted(found)[:20],
        "attack_rules": rules[:30],
        "says": [match.message for match in found.values() if match.message][:5],
        "payload": text(payload, 200),
        "digest": sha256(payload.casefold().encode()).hexdigest()[:12],
        "score": score,
        "extracts": not crs.EXTRACTION.isdisjoint(found) and facts["status"] == 200,
    }


def _user_in(body: Any) -> str:
    """The log-in name in a form or in JSON: for logs whose rules could not fill it in."""
    found = _BODY_USER.search(str(body or "")[:4000])
    return user_name(unquote_plus(next(filter(None, found.groups())))) if found else ""


def _status(value: Any) -> int:
    try:
        status = int(value)
    except (TypeError, ValueError, OverflowError):
        return 0
    return status if 100 <= status <= 599 else 0


def path_of(uri: Any) -> str:
    """The path of a request line's address, decoded once, at most 300 characters."""
    raw = str(uri or "")[:4000].partition("?")[0]
    if "://" in raw[:12]:  # the absolute form that proxies are sent
        try:
            raw = urlsplit(raw).path
        except ValueError:
            pass
    return text(unquote(raw, errors="replace").replace("\x00", "\ufffd"), 300)


def _time(
    transaction: dict[str, Any], response: dict[str, Any], settings: SourceSettings, access: dict[str, Any]
) -> datetime:
    """When it happened: the edge's clock to the millisecond, else the answer's Date, else the sensor's local clock.

    `time_stamp` is local time without an offset ("Sun Nov 22 03:36:00 2026").
    """
    if access:
        try:
            return edge_access.time_of(access)
        except Unreadable:
            pass  # its own reading reports that; the audit line has other clocks
    local = _local_time(transaction.get("time_stamp"))
    date = _date_header(response)
    if date and (local is None or abs(date - local.replace(tzinfo=UTC)) <= WIDEST_OFFSET):
        return plausible(date)
    if local is None:
        raise Unreadable("The transaction has no time that can be read: neither a Date header nor “time_stamp”.")
    return plausible(local.replace(tzinfo=settings.time_zone))


def _local_time(value: Any) -> datetime | None:
    try:
        return datetime.strptime(str(value), "%a %b %d %H:%M:%S %Y")
    except ValueError:
        return None


def _date_header(response: dict[str, Any]) -> datetime | None:
    headers = {str(name).lower(): value for name, value in mapping(response.get("headers")).items()}
    try:
        date = parsedate_to_datetime(str(headers.get("date", "")))
    except (ValueError, TypeError, OverflowError):
        return None
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date
