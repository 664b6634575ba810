"""The addresses of incidents: words before parameters."""

from django.urls import path

from datadog_app.api import incident_declared as declared
from datadog_app.api import incident_handles as handles
from datadog_app.api import incident_impact_fields as impact_fields
from datadog_app.api import incident_integrations as integrations
from datadog_app.api import incident_moments as moments
from datadog_app.api import incident_parts as parts
from datadog_app.api import incident_postmortems as postmortems
from datadog_app.api import incident_settings as settings
from datadog_app.api import incident_types as types
from datadog_app.api import incidents
from datadog_app.api.door import nothing_here

INCIDENTS = "v2/incidents"
CONFIG = f"{INCIDENTS}/config"
INCIDENT = f"{INCIDENTS}/<str:incident_id>"

urlpatterns = [
    path(INCIDENTS, incidents.IncidentList.as_view(), name="incidents"),
    path(f"{INCIDENTS}/import", incidents.IncidentImporting.as_view(), name="incident_import"),
    path(f"{INCIDENTS}/search", incidents.IncidentSearch.as_view(), name="incident_search"),
    path(f"{INCIDENTS}/config/types", types.IncidentTypes.as_view(), name="incident_types"),
    # What the original has and this house has not; said before a word is taken for the id of a type.
    path(f"{CONFIG}/types/org-settings", nothing_here, {"path": ""}, name="incident_org_settings"),
    path(f"{INCIDENTS}/config/types/<str:incident_type_id>", types.IncidentTypeDetail.as_view(), name="incident_type"),
    path(f"{CONFIG}/notification-rules", settings.NotificationRules.as_view(), name="incident_rules"),
    path(f"{CONFIG}/notification-rules/<str:rule_id>", settings.NotificationRuleDetail.as_view(), name="incident_rule"),
    path(f"{CONFIG}/notification-templates", settings.NotificationTemplates.as_view(), name="incident_templates"),
    path(
        f"{CONFIG}/notification-templates/<str:template_id>",
        settings.NotificationTemplateDetail.as_view(),
        name="incident_template",
    ),
    path(f"{CONFIG}/postmortem-templates", postmortems.PostmortemTemplates.as_view(), name="incident_postmortems"),
    path(
        f"{CONFIG}/postmortem-templates/<str:template_id>",
        postmortems.PostmortemTemplateDetail.as_view(),
        name="incident_postmortem",
    ),
    path(f"{CONFIG}/global/incident-handles", handles.GlobalHandles.as_view(), name="incident_handles"),
    path(f"{CONFIG}/global/settings", handles.GlobalSettingsDoor.as_view(), name="incident_settings"),
    path(f"{CONFIG}/impact-fields", impact_fields.ImpactFields.as_view(), name="incident_impact_fields"),
    path(
        f"{CONFIG}/impact-fields/<str:field_id>",
        impact_fields.ImpactFieldDetail.as_view(),
        name="incident_impact_field",
    ),
    path(f"{CONFIG}/user-defined-fields", declared.UserDefinedFields.as_view(), name="incident_fields"),
    path(
        f"{CONFIG}/user-defined-fields/<str:field_id>", declared.UserDefinedFieldDetail.as_view(), name="incident_field"
    ),
    path(f"{CONFIG}/user-defined-roles", declared.UserDefinedRoles.as_view(), name="incident_roles"),
    path(f"{CONFIG}/user-defined-roles/<str:role_id>", declared.UserDefinedRoleDetail.as_view(), name="incident_role"),
    path(INCIDENT, incidents.IncidentDetail.as_view(), name="incident"),
    path(f"{INCIDENT}/attachments", parts.Attachments.as_view(), name="incident_attachments"),
    path(f"{INCIDENT}/attachments/postmortems", parts.PostmortemAttachments.as_view(), name="incident_documents"),
    path(f"{INCIDENT}/attachments/<str:attachment_id>", parts.AttachmentDetail.as_view(), name="incident_attachment"),
    path(f"{INCIDENT}/configurations", moments.Configurations.as_view(), name="incident_configurations"),
    path(f"{INCIDENT}/impacts", parts.Impacts.as_view(), name="incident_impacts"),
    path(f"{INCIDENT}/impacts/<str:impact_id>", parts.ImpactDetail.as_view(), name="incident_impact"),
    path(f"{INCIDENT}/relationships/integrations", integrations.Integrations.as_view(), name="incident_integrations"),
    path(
        f"{INCIDENT}/relationships/integrations/<str:integration_metadata_id>",
        integrations.IntegrationDetail.as_view(),
        name="incident_integration",
    ),
    path(f"{INCIDENT}/relationships/todos", parts.Todos.as_view(), name="incident_todos"),
    path(f"{INCIDENT}/relationships/todos/<str:todo_id>", parts.TodoDetail.as_view(), name="incident_todo"),
    path(f"{INCIDENT}/timestamp-overrides", moments.TimestampOverrides.as_view(), name="incident_overrides"),
    path(
        f"{INCIDENT}/timestamp-overrides/<str:override_id>",
        moments.TimestampOverrideDetail.as_view(),
        name="incident_override",
    ),
    path(f"{INCIDENT}/responders", parts.Responders.as_view(), name="incident_responders"),
    path(f"{INCIDENT}/responders/<str:responder_id>", parts.ResponderDetail.as_view(), name="incident_responder"),
]
