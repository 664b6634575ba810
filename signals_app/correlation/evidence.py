"""Whether an address is an attacker: decided by what it has itself shown, never by the company it is found in.

One match of one firewall rule is weak evidence: a search for “50% off -- today only” looks like SQL to CRS,
and sending it five times proves no more than sending it once. What no honest client does is any of these,
within the hour:

* it calls itself by the name of an attack tool;
* two different attack rules agree about one request, or a request scores three times the firewall's limit;
* three different attack rules match over all that it sends;
* five different payloads match.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

RULES_IN_ONE_REQUEST = 2
SCORE_OF_ONE_REQUEST = 15  # CRS calls 5 an attack
RULES_IN_ALL = 3
PAYLOADS_IN_ALL = 5
EXTRACTIONS = 5  # answered 200: from here on the database is being read, not tried


@dataclass
class Evidence:
    """What one address has shown. Bounded: it stops growing where it decides nothing more."""

    tool: str = ""
    score: int = 0
    agreeing: int = 0
    rules: set[str] = field(default_factory=set)
    payloads: set[str] = field(default_factory=set)
    extractions: set[str] = field(default_factory=set)

    def add(self, facts: dict[str, Any]) -> None:
        """Weigh the facts of one more detection of this address."""
        attack_rules = facts.get("attack_rules", [])
        self.tool = self.tool or facts.get("tool", "")
        if not attack_rules:
            return
        self.score = max(self.score, facts.get("score", 0))
        self.agreeing = max(self.agreeing, len(attack_rules))
        self.rules |= set(attack_rules[: 20 - len(self.rules)])
        if len(self.payloads) < PAYLOADS_IN_ALL:
            self.payloads.add(facts.get("digest", ""))
        if facts.get("extracts") and len(self.extractions) < EXTRACTIONS:
            self.extractions.add(facts.get("digest", ""))

    def merge(self, other: Evidence) -> None:
        """Add what the same address has shown elsewhere."""
        self.tool = self.tool or other.tool
        self.score = max(self.score, other.score)
        self.agreeing = max(self.agreeing, other.agreeing)
        self.rules |= other.rules
        self.payloads |= other.payloads
        self.extractions |= other.extractions

    @property
    def why(self) -> str:
        """Why this address is an attacker, in words; an empty string while the evidence is weak."""
        if self.tool:
            return f"calls itself {self.tool}"
        if self.agreeing >= RULES_IN_ONE_REQUEST:
            return f"{self.agreeing} attack rules agree about one request"
        if self.score >= SCORE_OF_ONE_REQUEST:
            return f"a request with an anomaly score of {self.score}"
        if len(self.rules) >= RULES_IN_ALL:
            return f"{len(self.rules)} different attack rules matched"
        if len(self.payloads) >= PAYLOADS_IN_ALL:
            return f"{len(self.payloads)} or more different payloads"
        return ""

    @property
    def reads_the_database(self) -> bool:
        """Whether payloads that read a database out were answered 200 again and again."""
        return len(self.extractions) >= EXTRACTIONS

    def as_json(self) -> dict[str, Any]:
        """How it is kept with the address's part in a signal; `why` is for people."""
        return {
            "why": self.why,
            "tool": self.tool,
            "score": self.score,
            "agreeing": self.agreeing,
            "rules": sorted(self.rules),
            "payloads": sorted(self.payloads),
            "extractions": sorted(self.extractions),
        }

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Evidence:
        return cls(
            tool=kept.get("tool", ""),
            score=kept.get("score", 0),
            agreeing=kept.get("agreeing", 0),
            rules=set(kept.get("rules", ())),
            payloads=set(kept.get("payloads", ())),
            extractions=set(kept.get("extractions", ())),
        )
