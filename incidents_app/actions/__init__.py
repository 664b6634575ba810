"""What people decide on this floor: one function a verb."""

from incidents_app.actions.cases import escalate, link_case, unlink_case
from incidents_app.actions.configurations import configure_incident, edit_configuration
from incidents_app.actions.declared import (
    create_impact_field,
    create_user_defined_field,
    create_user_defined_role,
    delete_impact_field,
    delete_user_defined_field,
    delete_user_defined_role,
    edit_impact_field,
    edit_user_defined_field,
    edit_user_defined_role,
    set_role_holders,
)
from incidents_app.actions.documents import keep_postmortem
from incidents_app.actions.export import export_incidents
from incidents_app.actions.handles import (
    create_incident_handle,
    delete_incident_handle,
    edit_global_settings,
    edit_incident_handle,
    tell_of_incident,
)
from incidents_app.actions.incidents import declare, delete_incident, edit_incidents
from incidents_app.actions.integrations import add_integration, delete_integration, edit_integration
from incidents_app.actions.notes import add_note, delete_note, edit_note
from incidents_app.actions.notifying import (
    create_notification_rule,
    create_notification_template,
    delete_notification_rule,
    delete_notification_template,
    edit_notification_rule,
    edit_notification_template,
)
from incidents_app.actions.overrides import delete_override, edit_override, override_timestamp
from incidents_app.actions.postmortems import (
    create_postmortem_template,
    delete_postmortem_template,
    edit_postmortem_template,
)
from incidents_app.actions.signals import LINK, add_signals, remove_signals, set_incidents
from incidents_app.actions.types import create_incident_type, delete_incident_type, edit_incident_type
from incidents_app.actions.undo import restore_incidents
from incidents_app.actions.work import (
    add_attachment,
    add_impact,
    add_todo,
    delete_attachment,
    delete_impact,
    delete_todo,
    edit_attachment,
    edit_impact,
    edit_todo,
)
from incidents_app.models.managers import SETTINGS, WRITE

__all__ = [
    "LINK",
    "SETTINGS",
    "WRITE",
    "add_attachment",
    "add_impact",
    "add_integration",
    "add_note",
    "add_signals",
    "add_todo",
    "configure_incident",
    "create_impact_field",
    "create_incident_handle",
    "create_incident_type",
    "create_notification_rule",
    "create_notification_template",
    "create_postmortem_template",
    "create_user_defined_field",
    "create_user_defined_role",
    "declare",
    "delete_attachment",
    "delete_impact",
    "delete_impact_field",
    "delete_incident",
    "delete_incident_handle",
    "delete_incident_type",
    "delete_integration",
    "delete_note",
    "delete_notification_rule",
    "delete_notification_template",
    "delete_override",
    "delete_postmortem_template",
    "delete_todo",
    "delete_user_defined_field",
    "delete_user_defined_role",
    "edit_attachment",
    "edit_configuration",
    "edit_global_settings",
    "edit_impact",
    "edit_impact_field",
    "edit_incident_handle",
    "edit_incident_type",
    "edit_incidents",
    "edit_integration",
    "edit_note",
    "edit_notification_rule",
    "edit_notification_template",
    "edit_override",
    "edit_postmortem_template",
    "edit_todo",
    "edit_user_defined_field",
    "edit_user_defined_role",
    "escalate",
    "export_incidents",
    "keep_postmortem",
    "link_case",
    "override_timestamp",
    "remove_signals",
    "restore_incidents",
    "set_incidents",
    "set_role_holders",
    "tell_of_incident",
    "unlink_case",
]
