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
from signals_app.actions.settings import (
    FILTERS_WRITE,
    NOTIFICATIONS_WRITE,
    create_critical_asset,
    create_notification_rule,
    create_security_filter,
    delete_critical_asset,
    delete_notification_rule,
    delete_security_filter,
    edit_critical_assets,
    edit_notification_rules,
    edit_security_filters,
    preview_notification,
)
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
from signals_app.actions.triage import MAX_ASSIGNEES, MAX_COMMENT, WRITE, assign, set_reason, set_state, set_team
from signals_app.actions.undo import restore_assignees, restore_state, restore_team

__all__ = [
    "FILTERS_WRITE",
    "MAX_ASSIGNEES",
    "MAX_COMMENT",
    "NOTIFICATIONS_WRITE",
    "SOURCES_WRITE",
    "SUPPRESSIONS_WRITE",
    "WRITE",
    "NewToken",
    "assign",
    "create_critical_asset",
    "create_notification_rule",
    "create_rule",
    "create_security_filter",
    "create_service",
    "create_source",
    "create_suppression",
    "decide",
    "delete_critical_asset",
    "delete_notification_rule",
    "delete_rules",
    "delete_security_filter",
    "delete_suppression",
    "edit_critical_assets",
    "edit_notification_rules",
    "edit_rules",
    "edit_security_filters",
    "edit_services",
    "edit_sources",
    "edit_suppressions",
    "export_signals",
    "preview_notification",
    "restore_assignees",
    "restore_rule",
    "restore_state",
    "restore_team",
    "retry_items",
    "rotate_token",
    "set_reason",
    "set_state",
    "set_team",
]
