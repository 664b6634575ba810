"""What people decide on this floor: one function a verb."""

from signals_app.actions.catalogue import create_service, edit_rules, edit_services
from signals_app.actions.triage import MAX_ASSIGNEES, MAX_COMMENT, WRITE, assign, set_state, set_team

__all__ = [
    "MAX_ASSIGNEES",
    "MAX_COMMENT",
    "WRITE",
    "assign",
    "create_service",
    "edit_rules",
    "edit_services",
    "set_state",
    "set_team",
]
