"""The running summary of a signal, kept in its `attributes`: what was asked, answered, matched, and how often."""

from __future__ import annotations

from collections import Counter
from typing import Any

KEPT = 50  # different values per list; the rarest give way
# Counter -> the fact of a detection that it counts.
COUNTED = {
    "paths": "path",
    "methods": "method",
    "statuses": "status",
    "verdicts": "verdict",
    "user_agents": "user_agent",
    "hosts": "host",
    "tools": "tool",
    "blocks": "block",
}


class Activity:
    """Counts of what the detections of one signal have in common.

    Stored as `attributes["activity"] = {"paths": [["/login", 52], …], "statuses": [["200", 52]], …}`, most frequent
    first; and beside it, in Datadog's shape for `@attr` queries, the values alone (`http.status_code`, …).
    """

    def __init__(self, attributes: dict[str, Any]) -> None:
        self.attributes = attributes
        kept = attributes.get("activity", {})
        names = [*COUNTED, "rules", "says"]
        self.counts = {name: Counter(dict(kept.get(name, []))) for name in names}
        self.answered = int(kept.get("answered", 0))  # not blocked, and 2xx, 3xx or 5xx

    def add(self, facts: dict[str, Any]) -> None:
        """Count one detection."""
        for name, fact in COUNTED.items():
            if value := facts.get(fact):
                self.counts[name][str(value)] += 1
        self.counts["rules"].update(facts.get("rules", []))
        self.counts["says"].update(facts.get("says", []))
        status = facts.get("status", 0)
        if facts.get("verdict") == "passed" and (200 <= status < 400 or status >= 500):
            self.answered += 1

    def values(self, name: str) -> list[str]:
        """The values, most frequent first."""
        return [value for value, _ in self.counts[name].most_common(KEPT)]

    @property
    def all_blocked(self) -> bool:
        verdicts = self.counts["verdicts"]
        return verdicts["blocked"] > 0 and not verdicts["passed"]

    def as_attributes(self, kind: str, addresses: list[str], users: list[str]) -> dict[str, Any]:
        """The signal's attributes, of bounded size."""
        return self.attributes | {
            "http": {
                "url_details": {"path": self.values("paths"), "host": self.values("hosts")},
                "method": self.values("methods"),
                "status_code": sorted(int(status) for status in self.values("statuses")),
                "useragent": self.values("user_agents"),
            },
            "network": {"client": {"ip": addresses[:KEPT]}},
            "usr": {"id": users[:KEPT]},
            "appsec": {
                "category": kind,
                "rule_id": self.values("rules"),
                "tool": self.values("tools"),
                "blocked": self.all_blocked,
            },
            "activity": {
                name: [[value, count] for value, count in counter.most_common(KEPT)]
                for name, counter in self.counts.items()
                if counter
            }
            | {"answered": self.answered},
        }
