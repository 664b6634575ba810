"""Who is told of incidents: notification rules, and templates of what is said."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from accounts_app.access import Actor, require
from datadog_app import incident_shapes as shapes
from datadog_app.api.incident_door import READ, SETTINGS, TAG, PartDoor, chosen
from datadog_app.api.incident_parts import only
from datadog_app.describing import operation
from datadog_app.errors import Refusals
from datadog_app.queries.incidents import rules_of, templates_of, type_with, usual_type
from datadog_app.reading import given, text, uuid, wrong
from datadog_app.serializers.incident_settings import (
    RuleCreate,
    RuleEdit,
    TemplateCreate,
    TemplateEdit,
    told_rule,
    told_template,
)
from datadog_app.serializers.incidents import told_type
from datadog_app.serializers.resources import Told, each_once, profile
from incidents_app import actions
from incidents_app.models import IncidentType, NotificationRule, NotificationTemplate

INCLUDED = ("created_by_user", "incident_type", "last_modified_by_user", "notification_template")


class SettingDoor(PartDoor):
    """A setting of incidents, at `…/config/…`: those who may read incidents see it, others change it."""

    def kind(self, actor: Actor, asked: dict[str, Any]) -> IncidentType:
        """The type that is named, or the default one. Raises NotFound."""
        named = asked.get("relationships", {}).get("incident_type")
        return type_with(actor, named["data"]["id"]) if named else usual_type(actor)

    def same(self, asked: dict[str, Any], row: Any) -> None:
        """Raises Refusals for a body that is about another one than the address."""
        if asked["id"] != row.uuid:
            raise Refusals([(("data", "id"), "it is not the one of the address.")])


def of_type(request: Request, rows: Any) -> Any:
    """Those of the type that `filter[incident-type]` names. Raises Refusals."""
    named = text(request, "filter[incident-type]")
    if not named:
        return rows
    found = uuid(named)
    if found is None:
        raise wrong("filter[incident-type]", "a UUID is expected.")
    return rows.filter(type__uuid=found)


def included(rows: list[Any], wanted: list[str]) -> Told:
    """What was asked for besides, each thing once."""
    if not wanted:
        return {}
    makers = [row.created_by for row in rows if "created_by_user" in wanted]
    changers = [row.modified_by for row in rows if "last_modified_by_user" in wanted]
    kinds = dict.fromkeys(row.type for row in rows if "incident_type" in wanted)
    templates = dict.fromkeys(
        row.template for row in rows if "notification_template" in wanted and getattr(row, "template", None)
    )
    people = [profile(user) for user in each_once([*makers, *changers])]
    return {"included": [*people, *map(told_type, kinds), *map(told_template, templates)]}


def page_of(rows: list[Any]) -> Told:
    return {"meta": {"pagination": {"offset": 0, "next_offset": len(rows), "size": len(rows)}}}


class NotificationTemplates(SettingDoor):
    """`GET` and `POST /api/v2/incidents/config/notification-templates`."""

    @operation(TAG, "List incident notification templates", query=shapes.SETTINGS_LIST, answer=shapes.TEMPLATES)
    def get(self, request: Request) -> Response:
        require(request.actor, READ)
        wanted = chosen(request, "include", INCLUDED)
        rows = list(of_type(request, templates_of(request.actor)))
        return Response({"data": [told_template(row) for row in rows]} | included(rows, wanted) | page_of(rows))

    @operation(TAG, "Create incident notification template", body=TemplateCreate, answer=shapes.TEMPLATE, status=201)
    def post(self, request: Request) -> Response:
        require(request.actor, SETTINGS)
        asked = given(request, TemplateCreate)["data"]
        kind = self.kind(request.actor, asked)
        made = actions.create_notification_template(actor=request.actor, type=kind, **asked["attributes"])
        return Response({"data": told_template(made)}, status=201)


class NotificationTemplateDetail(SettingDoor):
    """`GET`, `PATCH` and `DELETE /api/v2/incidents/config/notification-templates/{id}`."""

    @operation(TAG, "Get incident notification template", query=[shapes.SETTING_INCLUDE], answer=shapes.TEMPLATE)
    def get(self, request: Request, template_id: str) -> Response:
        require(request.actor, READ)
        wanted = chosen(request, "include", INCLUDED)
        row = self.template(request, template_id)
        return Response({"data": told_template(row)} | included([row], wanted))

    @operation(
        TAG,
        "Update incident notification template",
        query=[shapes.SETTING_INCLUDE],
        body=TemplateEdit,
        answer=shapes.TEMPLATE,
    )
    def patch(self, request: Request, template_id: str) -> Response:
        require(request.actor, SETTINGS)
        wanted = chosen(request, "include", INCLUDED)
        asked = given(request, TemplateEdit)["data"]
        row = self.template(request, template_id)
        self.same(asked, row)
        fields = asked.get("attributes", {})
        actions.edit_notification_template(actor=request.actor, template=row, **fields)
        row = self.template(request, template_id)
        return Response({"data": told_template(row)} | included([row], wanted))

    @operation(TAG, "Delete a notification template", query=[shapes.SETTING_INCLUDE], status=204)
    def delete(self, request: Request, template_id: str) -> Response:
        require(request.actor, SETTINGS)
        chosen(request, "include", INCLUDED)
        actions.delete_notification_template(actor=request.actor, template=self.template(request, template_id))
        return Response(status=204)

    def template(self, request: Request, template_id: str) -> NotificationTemplate:
        rows = templates_of(request.actor).filter(uuid=self.named("id", template_id))
        return only(rows, "notification template")


class NotificationRules(SettingDoor):
    """`GET` and `POST /api/v2/incidents/config/notification-rules`."""

    @operation(TAG, "List incident notification rules", query=[shapes.SETTING_INCLUDE], answer=shapes.RULES)
    def get(self, request: Request) -> Response:
        require(request.actor, READ)
        wanted = chosen(request, "include", INCLUDED)
        rows = list(rules_of(request.actor))
        return Response({"data": [told_rule(row) for row in rows]} | included(rows, wanted) | page_of(rows))

    @operation(TAG, "Create an incident notification rule", body=RuleCreate, answer=shapes.RULE, status=201)
    def post(self, request: Request) -> Response:
        require(request.actor, SETTINGS)
        asked = given(request, RuleCreate)["data"]
        fields = asked["attributes"] | {
            "type": self.kind(request.actor, asked),
            "template": words_of(request.actor, asked["relationships"]),
        }
        return Response(
            {"data": told_rule(actions.create_notification_rule(actor=request.actor, **fields))}, status=201
        )


class NotificationRuleDetail(SettingDoor):
    """`GET`, `PUT` and `DELETE /api/v2/incidents/config/notification-rules/{id}`."""

    @operation(TAG, "Get an incident notification rule", query=[shapes.SETTING_INCLUDE], answer=shapes.RULE)
    def get(self, request: Request, rule_id: str) -> Response:
        require(request.actor, READ)
        wanted = chosen(request, "include", INCLUDED)
        row = self.rule(request, rule_id)
        return Response({"data": told_rule(row)} | included([row], wanted))

    @operation(
        TAG,
        "Update an incident notification rule",
        query=[shapes.SETTING_INCLUDE],
        body=RuleEdit,
        answer=shapes.RULE,
    )
    def put(self, request: Request, rule_id: str) -> Response:
        require(request.actor, SETTINGS)
        wanted = chosen(request, "include", INCLUDED)
        asked = given(request, RuleEdit)["data"]
        row = self.rule(request, rule_id)
        self.same(asked, row)
        # What a PUT leaves out is as it is at first.
        fields = {"visibility": NotificationRule.Visibility.ORGANIZATION.value, "enabled": True, "renotify_on": []}
        fields |= asked["attributes"]
        kind, template = self.kind(request.actor, asked), words_of(request.actor, asked["relationships"])
        actions.edit_notification_rule(actor=request.actor, rule=row, type=kind, template=template, **fields)
        row = self.rule(request, rule_id)
        return Response({"data": told_rule(row)} | included([row], wanted))

    @operation(TAG, "Delete an incident notification rule", query=[shapes.SETTING_INCLUDE], status=204)
    def delete(self, request: Request, rule_id: str) -> Response:
        require(request.actor, SETTINGS)
        chosen(request, "include", INCLUDED)
        actions.delete_notification_rule(actor=request.actor, rule=self.rule(request, rule_id))
        return Response(status=204)

    def rule(self, request: Request, rule_id: str) -> NotificationRule:
        return only(rules_of(request.actor).filter(uuid=self.named("id", rule_id)), "notification rule")


def words_of(actor: Actor, relationships: dict[str, Any]) -> NotificationTemplate | None:
    """The template that a rule names. Raises NotFound."""
    named = (relationships.get("notification_template") or {}).get("data")
    return only(templates_of(actor).filter(uuid=named["id"]), "notification template") if named else None
