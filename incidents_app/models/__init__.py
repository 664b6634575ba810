"""What incidents are made of."""

from incidents_app.models.declared import DeclaredField, ImpactField, RoleHolder, UserDefinedField, UserDefinedRole
from incidents_app.models.handles import GlobalSettings, IncidentHandle
from incidents_app.models.incidents import (
    Incident,
    IncidentCase,
    IncidentSignal,
    IncidentTag,
    IncidentType,
    Responder,
    Severity,
    State,
)
from incidents_app.models.settings import NotificationRule, NotificationTemplate, PostmortemTemplate
from incidents_app.models.work import (
    Attachment,
    Impact,
    IncidentConfiguration,
    Integration,
    Note,
    NoteRevision,
    TimestampOverride,
    Todo,
)

__all__ = [
    "Attachment",
    "DeclaredField",
    "GlobalSettings",
    "Impact",
    "ImpactField",
    "Incident",
    "IncidentCase",
    "IncidentConfiguration",
    "IncidentHandle",
    "IncidentSignal",
    "IncidentTag",
    "IncidentType",
    "Integration",
    "Note",
    "NoteRevision",
    "NotificationRule",
    "NotificationTemplate",
    "PostmortemTemplate",
    "Responder",
    "RoleHolder",
    "Severity",
    "State",
    "TimestampOverride",
    "Todo",
    "UserDefinedField",
    "UserDefinedRole",
]
