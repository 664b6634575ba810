"""The list of cases: which columns its table has, and the words around it."""

from __future__ import annotations

from cases_app.fields import CASES
from cases_app.models.managers import READ
from search_app.explorer import Address, Column, Explorer
from search_app.explorer.spec import ReadyMade

USUAL_RANGE = "365d"  # work does not go out of sight because it is a week old

EXPLORER = Explorer(
    surface=CASES,
    url_name="cases:list",
    title="Cases",
    noun="case",
    nouns="cases",
    columns=(
        Column("key", "Key", "key"),
        Column("title", "Title", "title"),
        Column("status", "Status", "status"),
        Column("priority", "Priority", "priority"),
        Column("assignee", "Assignee", "assignee"),
        Column("type", "Type", "type"),
        Column("due", "Due", "due"),
        Column("time", "Created", "time"),
        Column("updated", "Updated", "updated"),
        Column("signals", "Signals"),
        Column("project", "Project"),
        Column("creator", "Created by"),
        Column("tags", "Tags"),
    ),
    shown=("key", "title", "status", "priority", "assignee", "due", "updated", "signals"),
    permission=READ,
    table_template="case_table.html",
    head_template="case_ways.html",
    export_url_name="cases:export",
    first_words="A case is a piece of work that somebody carries to its end: begin with New case, or with signals.",
    example="status:OPEN priority:>=P2 assignee:none",
    usual_range=USUAL_RANGE,
    ready_made=(
        ReadyMade("open", "Open", "What nobody has begun with.", Address(query="status:OPEN", range=USUAL_RANGE)),
        ReadyMade(
            "in-progress",
            "In progress",
            "What is being worked on.",
            Address(query="status:IN_PROGRESS", range=USUAL_RANGE),
        ),
        ReadyMade(
            "assigned-to-me",
            "Assigned to me",
            "What you work on and is not closed, the most urgent first.",
            Address(query="assignee:me -status:CLOSED", range=USUAL_RANGE, column="priority"),
        ),
        ReadyMade("created-by-me", "Created by me", "What you made.", Address(query="creator:me", range=USUAL_RANGE)),
        ReadyMade(
            "overdue",
            "Overdue",
            "What should have been closed before today.",
            Address(query="due:<now -status:CLOSED", range=USUAL_RANGE, column="due", order="asc"),
        ),
        ReadyMade("closed", "Closed", "What is done.", Address(query="status:CLOSED", range=USUAL_RANGE)),
        ReadyMade("archived", "Archived", "What was put away.", Address(query="archived:true", range=USUAL_RANGE)),
    ),
)
