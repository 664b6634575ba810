"""By which headings postmortems are drafted."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from accounts_app.access import require
from datadog_app import incident_shapes as shapes
from datadog_app.api.incident_door import READ, SETTINGS, TAG
from datadog_app.api.incident_parts import only
from datadog_app.api.incident_settings import SettingDoor
from datadog_app.describing import operation
from datadog_app.queries.incidents import postmortem_templates_of
from datadog_app.reading import given
from datadog_app.serializers.incident_settings import PostmortemWritten, told_postmortem_template
from incidents_app import actions
from incidents_app.models import PostmortemTemplate

USUAL = "# Overview\n\n# What Happened\n\n# Timeline\n\n# Action Items"  # of a template that is sent without content


def fields_of(asked: dict[str, Any]) -> dict[str, Any]:
    names = {"name": "name", "content": "content", "is_default": "default_since"}
    return {ours: asked[theirs] for theirs, ours in names.items() if theirs in asked}


class PostmortemTemplates(SettingDoor):
    """`GET` and `POST /api/v2/incidents/config/postmortem-templates`."""

    @operation(TAG, "List postmortem templates", answer=shapes.POSTMORTEM_TEMPLATES)
    def get(self, request: Request) -> Response:
        require(request.actor, READ)
        return Response({"data": [told_postmortem_template(row) for row in postmortem_templates_of(request.actor)]})

    @operation(TAG, "Create postmortem template", body=PostmortemWritten, answer=shapes.POSTMORTEM_TEMPLATE, status=201)
    def post(self, request: Request) -> Response:
        require(request.actor, SETTINGS)
        asked = given(request, PostmortemWritten)["data"]
        kind = self.kind(request.actor, asked)
        fields = {"content": USUAL} | fields_of(asked["attributes"])
        made = actions.create_postmortem_template(actor=request.actor, type=kind, **fields)
        return Response({"data": told_postmortem_template(made)}, status=201)


class PostmortemTemplateDetail(SettingDoor):
    """`GET`, `PATCH` and `DELETE /api/v2/incidents/config/postmortem-templates/{template_id}`."""

    @operation(TAG, "Get postmortem template", answer=shapes.POSTMORTEM_TEMPLATE)
    def get(self, request: Request, template_id: str) -> Response:
        require(request.actor, READ)
        return Response({"data": told_postmortem_template(self.template(request, template_id))})

    @operation(TAG, "Update postmortem template", body=PostmortemWritten, answer=shapes.POSTMORTEM_TEMPLATE)
    def patch(self, request: Request, template_id: str) -> Response:
        require(request.actor, SETTINGS)
        row = self.template(request, template_id)
        asked = fields_of(given(request, PostmortemWritten)["data"]["attributes"])
        actions.edit_postmortem_template(actor=request.actor, template=row, **asked)
        return Response({"data": told_postmortem_template(self.template(request, template_id))})

    @operation(TAG, "Delete postmortem template", status=204)
    def delete(self, request: Request, template_id: str) -> Response:
        require(request.actor, SETTINGS)
        actions.delete_postmortem_template(actor=request.actor, template=self.template(request, template_id))
        return Response(status=204)

    def template(self, request: Request, template_id: str) -> PostmortemTemplate:
        rows = postmortem_templates_of(request.actor).filter(uuid=self.named("template_id", template_id))
        return only(rows, "postmortem template")
