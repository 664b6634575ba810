"""What people decide on this floor: one function a verb."""

from signals_app.actions.both import decide
from signals_app.actions.catalogue import (
    create_rule,
    create_service,
    delete_rules,
    edit_rules,
    edit_services,
    restore_rule,
)
from signals_app.actions.export import export_signals
from signals_app.actions.sources import (
    SOURCES_WRITE,
    NewToken,
    create_source,
    edit_sources,
    retry_items,
    rotate_token,
)
from signals_app.actions.suppressions import (
    SUPPRESSIONS_WRITE,
    create_suppression,
    delete_suppression,
    edit_suppressions,
)
from signals_app.actions.triage import MAX_ASSIGNEES, MAX_COMMENT, WRITE, assign, set_state, set_team
from signals_app.actions.undo import restore_assignees, restore_state, restore_team

__all__ = [
    "MAX_ASSIGNEES",
    "MAX_COMMENT",
    "SOURCES_WRITE",
    "SUPPRESSIONS_WRITE",
    "WRITE",
    "NewToken",
    "assign",
    "create_rule",
    "create_service",
    "create_source",
    "create_suppression",
    "decide",
    "delete_rules",
    "delete_suppression",
    "edit_rules",
    "edit_services",
    "edit_sources",
    "edit_suppressions",
    "export_signals",
    "restore_assignees",
    "restore_rule",
    "restore_state",
    "restore_team",
    "retry_items",
    "rotate_token",
    "set_state",
    "set_team",
]
