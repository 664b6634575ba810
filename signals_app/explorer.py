"""The Signals Explorer: which columns its table has, and the words around it."""

from __future__ import annotations

from search_app.explorer import Address, Column, Explorer
from signals_app.fields import SIGNALS

EXPLORER = Explorer(
    surface=SIGNALS,
    url_name="signals:list",
    title="Signals Explorer",
    noun="signal",
    nouns="signals",
    columns=(
        Column("severity", "Severity", "severity"),
        Column("title", "Title", "title"),
        Column("service", "Service/Env", "service"),
        Column("entities", "Entities"),
        Column("state", "Triage State", "state"),
        Column("time", "Creation Date", "time"),
        Column("last_seen", "Last seen", "last_seen"),
        Column("count", "Detections", "count"),
        Column("assignees", "Assignees"),
        Column("team", "Team", "team"),
        Column("rule", "Rule", "rule"),
        Column("tactic", "Tactic", "tactic"),
        Column("technique", "Technique", "technique"),
        Column("source", "Source", "source"),
        Column("host", "Host", "host"),
        Column("tags", "Tags"),
        Column("id", "Signal id"),
    ),
    shown=("severity", "title", "service", "entities", "state", "time"),
    grouped=("@workflow.rule.name",),
)
EVERYWHERE = Address(range="90d")  # what a page outside the explorer links to
