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
    ),
    shown=("severity", "title", "service", "entities", "state", "time"),
)
EVERYWHERE = Address(range="90d")  # what a page outside the explorer links to
