"""The detection rules that Tocsin brings along: their names, meaning and advice, from `data/rules.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

from signals_app.models import DetectionRule, Severity

TYPE = "Application Security"


@dataclass(frozen=True)
class BuiltIn:
    """One rule of the catalogue. `title` and `doing` are templates: see `correlation.words`."""

    key: str
    name: str
    severity: Severity
    tactic: str
    technique: str
    title: str
    doing: str
    window: timedelta
    meaning: str
    next_steps: str

    def as_row(self) -> DetectionRule:
        """The rule as it is first stored."""
        return DetectionRule(
            key=self.key,
            name=self.name,
            type=TYPE,
            severity=self.severity,
            tactic=self.tactic,
            technique=self.technique,
            tags=tags_for(self.tactic, self.technique),
            meaning=self.meaning,
            next_steps=self.next_steps,
            title_template=self.title,
            window=self.window,
        )


@cache
def built_in() -> dict[str, BuiltIn]:
    """The catalogue, by key."""
    text = (Path(__file__).parent / "data" / "rules.toml").read_text(encoding="utf-8")
    return {
        key: BuiltIn(
            key=key,
            name=fields["name"],
            severity=Severity[fields["severity"].upper()],
            tactic=fields["tactic"],
            technique=fields["technique"],
            title=fields["title"],
            doing=fields["doing"],
            window=timedelta(minutes=fields["window"]),
            meaning=fields["meaning"].strip(),
            next_steps=fields["next_steps"].strip(),
        )
        for key, fields in tomllib.loads(text).items()
    }


def sensor_key(key: str) -> str:
    """The key of a sensor's own rule: it cannot pass for one of ours."""
    return f"tocsin-{key}"[:120] if key in built_in() else key


def tags_for(tactic: str, technique: str) -> list[str]:
    """`tactic:ta0001-initial-access`, `technique:t1190-exploit-public-facing-application`: the spelling of Datadog."""
    named = (("tactic", tactic), ("technique", technique))
    return [f"{kind}:{'-'.join(words.lower().replace(':', '').split())}" for kind, words in named if words]
