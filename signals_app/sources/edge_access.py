"""One line of the edge's JSON access log: every request, with the user and service that the WAF does not know.

The line adds user and service to what the audit log says of the same request, and shows by itself what
no WAF rule sees: floods of missing paths, tools that name themselves, and what an edge block stopped.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

from signals_app.sources.reading import (
    Finding,
    Reading,
    SourceSettings,
    Supplement,
    Unreadable,
    address,
    host_name,
    iso_time,
    plausible,
    text,
    user_name,
)
from signals_app.sources.tools import tool_of

MANY_PARAMETERS = 50  # in one address: a word list is tried for names that the application knows


def fits(body: dict[str, Any]) -> bool:
    """Whether this is an access line of the edge."""
    return "request_id" in body and "client_ip" in body and "transaction" not in body


def time_of(body: dict[str, Any]) -> datetime:
    """When the request was answered, to the millisecond if the line says so. Raises Unreadable."""
    try:
        return plausible(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=float(body["msec"])))
    except (KeyError, TypeError, ValueError, OverflowError):
        pass
    if not body.get("time"):
        raise Unreadable("The access line has neither “msec” nor “time”.")
    return iso_time(body["time"])


def read(body: dict[str, Any], settings: SourceSettings) -> Reading:
    """Raises Unreadable."""
    at = time_of(body)
    client = address(body.get("client_ip"))
    host = host_name(body.get("host"))
    user = user_name(body.get("user"))
    service = text(body.get("service"), 120)
    transaction = text(body.get("request_id"), 100)
    user_agent = text(body.get("ua"), 200)
    status = body.get("status")
    if not isinstance(status, int) or not 100 <= status <= 599:
        status = 0
    block = text(body.get("edge_block"), 64)
    path = text(unquote(str(body.get("uri") or "")[:4000].partition("?")[0], errors="replace"), 300)
    facts: dict[str, Any] = {
        "method": text(body.get("method"), 20),
        "path": path,
        "status": status,
        "verdict": "blocked" if block else "passed",
        "host": host,
        "user_agent": user_agent,
    }
    common: dict[str, Any] = {
        "at": at,
        "service": service or settings.service_of(host)[:120],
        "env": settings.env,
        "host": host,
        "attackers": (client,) if client else (),
        "transaction": transaction,
    }
    findings = []
    if client and block:
        findings.append(Finding(kind="edge-blocked", facts=facts | {"block": block}, **common))
    elif client:
        if tool := tool_of(user_agent):
            findings.append(Finding(kind="security-scanner", facts=facts | {"tool": tool, "rules": []}, **common))
        if status == 404 and path:
            findings.append(Finding(kind="missing-path", facts=facts, **common))
        if (names := _parameters(str(body.get("uri") or ""))) >= MANY_PARAMETERS:
            findings.append(Finding(kind="parameter-brute-force", facts=facts | {"parameters": names}, **common))
    supplement = Supplement(transaction, user, host, service) if transaction else None
    idempotent = facts["method"] in ("GET", "HEAD")  # the same POST over and over is a log-in's own affair
    repeatable = Finding(kind="request-flood", facts=facts, **common) if client and idempotent and not block else None
    return Reading(tuple(findings), supplement, repeatable, f"{facts['method']} {body.get('uri')}")


def _parameters(uri: str) -> int:
    """How many different parameters an address names."""
    return len({pair.partition("=")[0] for pair in uri.partition("?")[2].split("&")})
