"""Who is told of what happens to the cases of a project."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from accounts_app.access import require
from cases_app import actions
from cases_app.models import ProjectRule
from datadog_app import case_shapes as shapes
from datadog_app.api.case_door import READ, SETTINGS, TAG
from datadog_app.api.case_settings import ProjectDetail
from datadog_app.describing import operation
from datadog_app.queries.cases import rule_with
from datadog_app.reading import given
from datadog_app.serializers.case_settings import RuleCreate, RuleEdit, told_rule


class ProjectRules(ProjectDetail):
    """`GET` and `POST /api/v2/cases/projects/{project_id}/notification_rules`."""

    http_method_names = ["get", "post"]

    @operation(TAG, "Get notification rules", answer=shapes.RULES)
    def get(self, request: Request, project_id: str) -> Response:
        require(request.actor, READ)
        rows = ProjectRule.objects.visible_to(request.actor).filter(project=self.project(request, project_id))
        return Response({"data": [told_rule(row) for row in rows]})

    @operation(TAG, "Create a notification rule", body=RuleCreate, answer=shapes.RULE, status=201)
    def post(self, request: Request, project_id: str) -> Response:
        require(request.actor, SETTINGS)
        project = self.project(request, project_id)
        asked = given(request, RuleCreate)["data"]["attributes"]
        made = actions.create_project_rule(actor=request.actor, project=project, **asked)
        return Response({"data": told_rule(made)}, status=201)


class ProjectRuleDetail(ProjectDetail):
    """`PUT` and `DELETE /api/v2/cases/projects/{project_id}/notification_rules/{notification_rule_id}`."""

    http_method_names = ["put", "delete"]

    @operation(TAG, "Update a notification rule", body=RuleEdit, status=204)
    def put(self, request: Request, project_id: str, notification_rule_id: str) -> Response:
        require(request.actor, SETTINGS)
        row = self.rule(request, project_id, notification_rule_id)
        asked = given(request, RuleEdit)["data"].get("attributes", {})
        actions.edit_project_rule(actor=request.actor, rule=row, **asked)
        return Response(status=204)

    @operation(TAG, "Delete a notification rule", status=204)
    def delete(self, request: Request, project_id: str, notification_rule_id: str) -> Response:
        require(request.actor, SETTINGS)
        row = self.rule(request, project_id, notification_rule_id)
        actions.delete_project_rule(actor=request.actor, rule=row)
        return Response(status=204)

    def rule(self, request: Request, project_id: str, notification_rule_id: str) -> ProjectRule:
        name = self.named("NotificationRuleID", notification_rule_id)
        return rule_with(request.actor, self.project(request, project_id), name)
