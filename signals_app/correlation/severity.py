"""How bad a signal is: judged by what happened, not by what the firewall calls each match (nearly all CRITICAL)."""

from __future__ import annotations

from signals_app.correlation.activity import Activity
from signals_app.models import Severity
from signals_app.sources import crs

REPEATED = 3
FIXED = {
    "edge-blocked": Severity.INFO,
    "path-brute-force": Severity.LOW,
    "parameter-brute-force": Severity.LOW,
    "request-flood": Severity.LOW,
    "password-brute-force": Severity.MEDIUM,
    "credential-stuffing": Severity.HIGH,
    "login-after-attack": Severity.CRITICAL,
    crs.SCANNER: Severity.LOW,
    crs.VIOLATION: Severity.LOW,
    crs.OTHER: Severity.LOW,
}


def severity_of(kind: str, activity: Activity, *, isolated: bool = False, database_read: bool = False) -> Severity:
    """Low: reconnaissance, weak evidence, or all of it blocked. Medium: an attack. High: repeated and answered
    (2xx, 3xx, 5xx), or a web shell. Critical: something got out."""
    if kind in FIXED:
        return FIXED[kind]
    if isolated or activity.all_blocked:
        return Severity.LOW
    if database_read or kind in (crs.LEAK, "web-shell"):
        return Severity.CRITICAL
    return Severity.HIGH if activity.answered >= REPEATED else Severity.MEDIUM
