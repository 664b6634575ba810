"""What incidents are made of."""

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
from incidents_app.models.work import Attachment, Impact, Note, NoteRevision, Todo

__all__ = [
    "Attachment",
    "Impact",
    "Incident",
    "IncidentCase",
    "IncidentSignal",
    "IncidentTag",
    "IncidentType",
    "Note",
    "NoteRevision",
    "Responder",
    "Severity",
    "State",
    "Todo",
]
