"""What people decide on this floor: one function a verb."""

from cases_app.actions.attributes import (
    create_custom_attribute,
    delete_custom_attribute,
    edit_custom_attribute,
)
from cases_app.actions.cases import create_case, edit_cases, move
from cases_app.actions.comments import comment, delete_comment, edit_comment
from cases_app.actions.export import export_cases
from cases_app.actions.links import MOST_AT_ONCE, add_signals, remove_signals
from cases_app.actions.projects import (
    create_case_type,
    create_project,
    delete_case_type,
    delete_project,
    edit_case_type,
    edit_projects,
)
from cases_app.actions.rules import create_project_rule, delete_project_rule, edit_project_rule
from cases_app.actions.watching import link_cases, set_favourite_project, unlink_cases, unwatch, watch
from cases_app.actions.windows import FIELDS as WINDOW_FIELDS
from cases_app.actions.windows import (
    create_maintenance_window,
    delete_maintenance_window,
    edit_maintenance_window,
)
from cases_app.actions.work import (
    archive,
    assign,
    restore_archived,
    restore_assignee,
    restore_priority,
    restore_status,
    set_priority,
    set_status,
    unarchive,
)
from cases_app.models.managers import READ, SETTINGS, WRITE

__all__ = [
    "MOST_AT_ONCE",
    "READ",
    "SETTINGS",
    "WINDOW_FIELDS",
    "WRITE",
    "add_signals",
    "archive",
    "assign",
    "comment",
    "create_case",
    "create_case_type",
    "create_custom_attribute",
    "create_maintenance_window",
    "create_project",
    "create_project_rule",
    "delete_case_type",
    "delete_comment",
    "delete_custom_attribute",
    "delete_maintenance_window",
    "delete_project",
    "delete_project_rule",
    "edit_case_type",
    "edit_cases",
    "edit_comment",
    "edit_custom_attribute",
    "edit_maintenance_window",
    "edit_project_rule",
    "edit_projects",
    "export_cases",
    "link_cases",
    "move",
    "remove_signals",
    "restore_archived",
    "restore_assignee",
    "restore_priority",
    "restore_status",
    "set_favourite_project",
    "set_priority",
    "set_status",
    "unarchive",
    "unlink_cases",
    "unwatch",
    "watch",
]
