"""The Signals Explorer: which columns its table has, and the words around it."""

from __future__ import annotations

from search_app.explorer import Address, Column, Explorer
from search_app.explorer.spec import ReadyMade
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
    permission="security_monitoring_signals_read",
    table_template="signal_table.html",
    after_template="signals_app/signal_panel.html",
    export_url_name="signals:export",
    first_words="A signal appears when a source sends its first detection. Sources are made under Intake.",
    example="severity:(high OR critical) @workflow.triage.state:open",
    ready_made=(
        ReadyMade(
            "unassigned-open",
            "Unassigned open",
            "What is open and nobody looks after.",
            Address(query="@workflow.triage.state:open @workflow.triage.assignee:none", range="30d"),
        ),
        ReadyMade(
            "my-signals",
            "My signals",
            "What you look after and have not archived.",
            Address(query="@workflow.triage.assignee:me -@workflow.triage.state:archived", range="90d"),
        ),
        ReadyMade(
            "high-and-critical-open",
            "High and critical open",
            "What is open and bad, the worst first.",
            Address(query="@workflow.triage.state:open severity:(high OR critical)", range="30d", column="severity"),
        ),
        ReadyMade(
            "under-review-over-7-days",
            "Under review over 7 days",
            "What came under review more than seven days ago and has stayed there.",
            Address(
                query="@workflow.triage.state:under_review @workflow.triage.stateUpdateTimestamp:<now-7d",
                range="90d",
            ),
        ),
    ),
)
EVERYWHERE = Address(range="90d")  # what a page outside the explorer links to
