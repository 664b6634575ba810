"""What the rules of the OWASP Core Rule Set are about: which family of attack each one speaks for.

The tags decide (also for an organisation's own rules that carry them); the number decides where there are none.
libmodsecurity 3.0.9 logs no tags for rules with multiMatch (ModSecurity#2754): those come from the catalogue of
CRS 3.3.4 in `data/crs_rules.json` (Apache-2.0).
"""

from __future__ import annotations

import json
from functools import cache, lru_cache
from pathlib import Path

SCORE = "score"  # a sum over other rules, and no finding of its own
LEAK = "data-leak"
SCANNER = "security-scanner"
VIOLATION = "protocol-violation"
OTHER = "other-match"

# The first tag that fits wins: 934 and 944 carry attack-rce as well.
_BY_TAG = {
    "attack-sqli": "sql-injection",
    "attack-xss": "cross-site-scripting",
    "attack-injection-php": "php-injection",
    "attack-injection-nodejs": "nodejs-injection",
    "language-java": "java-injection",
    "attack-lfi": "path-traversal",
    "attack-rfi": "remote-file-inclusion",
    "attack-rce": "command-injection",
    "attack-fixation": "session-fixation",
    "attack-disclosure": LEAK,
    "attack-dos": "denial-of-service",
    "attack-reputation-scanner": SCANNER,
    "attack-reputation-scripting": SCANNER,
    "attack-reputation-crawler": SCANNER,
    "attack-reputation-ip": SCANNER,
}
_BY_NUMBER = {
    "200": VIOLATION,
    "901": SCORE,
    "905": SCORE,
    "910": SCANNER,
    "911": VIOLATION,
    "912": "denial-of-service",
    "913": SCANNER,
    "920": VIOLATION,
    "921": "protocol-attack",
    "922": VIOLATION,
    "930": "path-traversal",
    "931": "remote-file-inclusion",
    "932": "command-injection",
    "933": "php-injection",
    "934": "nodejs-injection",
    "941": "cross-site-scripting",
    "942": "sql-injection",
    "943": "session-fixation",
    "944": "java-injection",
    "949": SCORE,
    "950": LEAK,
    "951": LEAK,
    "952": LEAK,
    "953": LEAK,
    "954": LEAK,
    "955": "web-shell",
    "956": LEAK,
    "959": SCORE,
    "980": SCORE,
}
# Families in which an address does something to a service: what evidence is weighed for.
ATTACKS = frozenset(_BY_TAG.values()) | frozenset(_BY_NUMBER.values()) - {SCORE, SCANNER, VIOLATION}
ATTACKS = ATTACKS - {SCANNER} | {OTHER}

# Rules that match what reads a database out: names of its own tables, UNION SELECT, concatenation of columns.
EXTRACTION = frozenset({"942140", "942190", "942200", "942260", "942270", "942300", "942360", "942380"})
# libinjection parses instead of searching: where families disagree about a request, its word weighs more.
_WEIGHT = {"942100": 3, "941100": 3, "941101": 3}


@cache
def catalogue() -> dict[str, dict]:
    """`{rule id: {"msg": str, "tags": [str]}}` of CRS 3.3.4."""
    return json.loads((Path(__file__).parent.parent / "data" / "crs_rules.json").read_text())


def tags_of(rule: str, logged: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The rule's tags: as logged, or from the catalogue when the log has none."""
    return logged or tuple(catalogue().get(rule, {}).get("tags", ()))


@lru_cache(maxsize=4096)
def family_of(rule: str, tags: tuple[str, ...] = ()) -> str:
    """The family that a rule speaks for: one of the names above, or `score`."""
    number = _BY_NUMBER.get(rule[:3], "") if len(rule) == 6 else ""
    if number in (SCORE, LEAK, "web-shell"):
        return number
    tags = tags_of(rule, tags)
    return next((family for tag, family in _BY_TAG.items() if tag in tags), number or OTHER)


def weight_of(rule: str) -> int:
    """How much a rule's word counts in naming the family of a request."""
    return _WEIGHT.get(rule, 1)
