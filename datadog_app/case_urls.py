"""The addresses of cases: words before parameters."""

from django.urls import path

from datadog_app.api import case_besides as besides
from datadog_app.api import case_edits as edits
from datadog_app.api import case_links as links
from datadog_app.api import case_rules as rules
from datadog_app.api import case_settings as settings
from datadog_app.api import case_views as views
from datadog_app.api import case_windows as windows
from datadog_app.api import cases
from datadog_app.api.case_door import no_such_thing

CASES = "v2/cases"
CASE = f"{CASES}/<str:case_id>"
PROJECT = f"{CASES}/projects/<str:project_id>"
TYPES = f"{CASES}/types"
# What the original has and this house has not; said before a word is taken for the key of a case.
ABSENT = (
    f"{CASES}/maintenance_windows",
    f"{CASES}/maintenance_windows/<path:rest>",
    f"{CASES}/projects/<str:project_id>/<path:rest>",
    f"{CASE}/relationships/<path:rest>",
)

urlpatterns = [
    path("v2/maintenance_windows", windows.MaintenanceWindows.as_view(), name="maintenance_windows"),
    path(
        "v2/maintenance_windows/<str:maintenance_window_id>",
        windows.MaintenanceWindowDetail.as_view(),
        name="maintenance_window",
    ),
    path(CASES, cases.CaseList.as_view(), name="cases"),
    path(f"{CASES}/aggregate", cases.CaseAggregate.as_view(), name="cases_aggregate"),
    path(f"{CASES}/bulk", cases.CaseBulk.as_view(), name="cases_bulk"),
    path(f"{CASES}/count", cases.CaseCount.as_view(), name="cases_count"),
    path(f"{CASES}/link", besides.CaseLinks.as_view(), name="case_links"),
    path(f"{CASES}/link/<str:link_id>", besides.CaseLinkDetail.as_view(), name="case_link"),
    path(f"{CASES}/views", views.CaseViews.as_view(), name="case_views"),
    path(f"{CASES}/views/<str:view_id>", views.CaseViewDetail.as_view(), name="case_view"),
    path(f"{CASES}/projects/favorites", besides.FavouriteProjects.as_view(), name="case_favourite_projects"),
    path(f"{CASES}/projects", settings.Projects.as_view(), name="case_projects"),
    path(f"{CASES}/projects/<str:project_id>", settings.ProjectDetail.as_view(), name="case_project"),
    path(
        f"{CASES}/projects/<str:project_id>/favorites",
        besides.FavouriteProject.as_view(),
        name="case_favourite_project",
    ),
    path(f"{PROJECT}/notification_rules", rules.ProjectRules.as_view(), name="case_project_rules"),
    path(
        f"{PROJECT}/notification_rules/<str:notification_rule_id>",
        rules.ProjectRuleDetail.as_view(),
        name="case_project_rule",
    ),
    path(TYPES, settings.CaseTypes.as_view(), name="case_types"),
    path(f"{TYPES}/custom_attributes", besides.CustomAttributes.as_view(), name="case_custom_attributes"),
    path(f"{TYPES}/<str:case_type_id>", settings.CaseTypeDetail.as_view(), name="case_type"),
    path(
        f"{TYPES}/<str:case_type_id>/custom_attributes",
        besides.CustomAttributesOfType.as_view(),
        name="case_type_custom_attributes",
    ),
    path(
        f"{TYPES}/<str:case_type_id>/custom_attributes/<str:custom_attribute_id>",
        besides.CustomAttributeDetail.as_view(),
        name="case_type_custom_attribute",
    ),
    path(f"{CASE}/relationships/incidents", links.CaseIncidents.as_view(), name="case_incidents"),
    path(f"{CASE}/relationships/project", edits.InProject.as_view(), name="case_in_project"),
    *(path(route, no_such_thing, name="no_such_thing") for route in ABSENT),
    path(CASE, edits.CaseDetail.as_view(), name="case"),
    path(f"{CASE}/archive", edits.Archive.as_view(), name="case_archive"),
    path(f"{CASE}/assign", edits.Assign.as_view(), name="case_assign"),
    path(f"{CASE}/attributes", edits.Attributes.as_view(), name="case_attributes"),
    path(f"{CASE}/comment", links.CaseComments.as_view(), name="case_comments"),
    path(f"{CASE}/comment/<str:cell_id>", links.CaseComment.as_view(), name="case_comment"),
    path(
        f"{CASE}/custom_attributes/<str:custom_attribute_key>",
        besides.CaseCustomAttribute.as_view(),
        name="case_custom_attribute",
    ),
    path(f"{CASE}/watchers", besides.CaseWatchers.as_view(), name="case_watchers"),
    path(f"{CASE}/watchers/<str:user_uuid>", besides.CaseWatching.as_view(), name="case_watching"),
    path(f"{CASE}/description", edits.Description.as_view(), name="case_description"),
    path(f"{CASE}/due_date", edits.DueDate.as_view(), name="case_due_date"),
    path(f"{CASE}/insights", links.CaseInsights.as_view(), name="case_insights"),
    path(f"{CASE}/priority", edits.Priority.as_view(), name="case_priority"),
    path(f"{CASE}/resolved_reason", edits.ResolvedReason.as_view(), name="case_resolved_reason"),
    path(f"{CASE}/status", edits.Status.as_view(), name="case_status"),
    path(f"{CASE}/timelines", links.CaseTimeline.as_view(), name="case_timeline"),
    path(f"{CASE}/title", edits.Title.as_view(), name="case_title"),
    path(f"{CASE}/unarchive", edits.Unarchive.as_view(), name="case_unarchive"),
    path(f"{CASE}/unassign", edits.Unassign.as_view(), name="case_unassign"),
]
