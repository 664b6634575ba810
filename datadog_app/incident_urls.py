"""The addresses of incidents: words before parameters."""

from django.urls import path

from datadog_app.api import incident_parts as parts
from datadog_app.api import incident_types as types
from datadog_app.api import incidents

INCIDENTS = "v2/incidents"
INCIDENT = f"{INCIDENTS}/<str:incident_id>"

urlpatterns = [
    path(INCIDENTS, incidents.IncidentList.as_view(), name="incidents"),
    path(f"{INCIDENTS}/import", incidents.IncidentImporting.as_view(), name="incident_import"),
    path(f"{INCIDENTS}/search", incidents.IncidentSearch.as_view(), name="incident_search"),
    path(f"{INCIDENTS}/config/types", types.IncidentTypes.as_view(), name="incident_types"),
    path(f"{INCIDENTS}/config/types/<str:incident_type_id>", types.IncidentTypeDetail.as_view(), name="incident_type"),
    path(INCIDENT, incidents.IncidentDetail.as_view(), name="incident"),
    path(f"{INCIDENT}/attachments", parts.Attachments.as_view(), name="incident_attachments"),
    path(f"{INCIDENT}/attachments/<str:attachment_id>", parts.AttachmentDetail.as_view(), name="incident_attachment"),
    path(f"{INCIDENT}/impacts", parts.Impacts.as_view(), name="incident_impacts"),
    path(f"{INCIDENT}/impacts/<str:impact_id>", parts.ImpactDetail.as_view(), name="incident_impact"),
    path(f"{INCIDENT}/relationships/integrations", parts.Integrations.as_view(), name="incident_integrations"),
    path(f"{INCIDENT}/relationships/todos", parts.Todos.as_view(), name="incident_todos"),
    path(f"{INCIDENT}/relationships/todos/<str:todo_id>", parts.TodoDetail.as_view(), name="incident_todo"),
    path(f"{INCIDENT}/responders", parts.Responders.as_view(), name="incident_responders"),
    path(f"{INCIDENT}/responders/<str:responder_id>", parts.ResponderDetail.as_view(), name="incident_responder"),
]
