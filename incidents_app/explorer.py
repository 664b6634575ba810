"""The list of incidents: which columns its table has, and the words around it."""

from __future__ import annotations

from incidents_app.fields import INCIDENTS
from incidents_app.models.managers import READ
from search_app.explorer import Address, Column, Explorer
from search_app.explorer.spec import ReadyMade

USUAL = "90d"  # incidents are few, and what is not over must not drop out of sight after a week

EXPLORER = Explorer(
    surface=INCIDENTS,
    url_name="incidents:list",
    title="Incidents",
    noun="incident",
    nouns="incidents",
    columns=(
        Column("number", "Number", "number"),
        Column("severity", "Severity", "severity"),
        Column("title", "Title", "title"),
        Column("incident_state", "State", "state"),
        Column("commander", "Commander", "commander"),
        Column("duration", "Duration"),
        Column("signals", "Signals"),
        Column("time", "Declared", "time"),
        Column("responders", "Responders"),
        Column("method", "Detection method"),
        Column("kind", "Type"),
        Column("changed", "Changed", "changed"),
        Column("tags", "Tags"),
    ),
    shown=("number", "severity", "title", "incident_state", "commander", "duration", "signals", "time"),
    permission=READ,
    usual_range=USUAL,
    table_template="incident_table.html",
    export_url_name="incidents:export",
    head_template="incident_ways.html",
    first_words="An incident is an emergency with a commander and a timeline: it begins with Declare Incident.",
    example="state:active severity:>=SEV-2 commander:none",
    ready_made=(
        ReadyMade(
            "active",
            "Active",
            "What is not stable yet, the worst first.",
            Address(query="state:active", range=USUAL, column="severity"),
        ),
        ReadyMade(
            "my-incidents",
            "My incidents",
            "What you lead or work on, and is not over.",
            Address(query="(commander:me OR responder:me) -state:resolved", range=USUAL),
        ),
        ReadyMade(
            "sev-1-and-sev-2",
            "SEV-1 and SEV-2",
            "The worst, whatever their state.",
            Address(query="severity:>=SEV-2", range=USUAL),
        ),
        ReadyMade("resolved", "Resolved", "What is over.", Address(query="state:resolved", range=USUAL)),
    ),
)
