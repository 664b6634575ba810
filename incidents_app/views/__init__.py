"""The pages of incidents."""

from incidents_app.views.archive import incident_archive_signals
from incidents_app.views.cases import case_incidents, case_link, case_unlink
from incidents_app.views.declare import case_escalate, incident_declare
from incidents_app.views.documents import document_add, incident_document
from incidents_app.views.edit import (
    incident_commander,
    incident_delete,
    incident_edit,
    incident_responders,
    incident_roles,
    incident_severity,
    incident_state,
)
from incidents_app.views.explorer import incident_export, incident_list, incident_overview
from incidents_app.views.incident import (
    incident_detail,
    incident_postmortem,
    incident_postmortem_file,
    incident_remediation,
    incident_signals,
    incident_timeline,
)
from incidents_app.views.settings import incident_settings, setting_delete, setting_edit, setting_global, setting_new
from incidents_app.views.signals import add_signals, remove_signals, signal_incidents
from incidents_app.views.work import (
    impact_add,
    impact_delete,
    impact_edit,
    integration_delete,
    link_add,
    link_delete,
    link_edit,
    note_add,
    note_delete,
    note_edit,
    todo_add,
    todo_delete,
    todo_done,
    todo_edit,
)

__all__ = [
    "add_signals",
    "case_escalate",
    "case_incidents",
    "case_link",
    "case_unlink",
    "document_add",
    "impact_add",
    "impact_delete",
    "impact_edit",
    "incident_archive_signals",
    "incident_commander",
    "incident_declare",
    "incident_delete",
    "incident_detail",
    "incident_document",
    "incident_edit",
    "incident_export",
    "incident_list",
    "incident_overview",
    "incident_postmortem",
    "incident_postmortem_file",
    "incident_remediation",
    "incident_responders",
    "incident_roles",
    "incident_settings",
    "incident_severity",
    "incident_signals",
    "incident_state",
    "incident_timeline",
    "integration_delete",
    "link_add",
    "link_delete",
    "link_edit",
    "note_add",
    "note_delete",
    "note_edit",
    "remove_signals",
    "setting_delete",
    "setting_edit",
    "setting_global",
    "setting_new",
    "signal_incidents",
    "todo_add",
    "todo_delete",
    "todo_done",
    "todo_edit",
]
