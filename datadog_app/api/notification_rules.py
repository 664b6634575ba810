"""Notification rules: who is told of which signals."""

from __future__ import annotations

from typing import ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from accounts_app.access import require
from core_app.errors import StaleVersion
from datadog_app import describing as told
from datadog_app.api.door import Door
from datadog_app.queries import settings
from datadog_app.reading import given
from datadog_app.serializers.rules import FIRST_VERSION, seen_version
from datadog_app.serializers.settings import (
    NOTIFICATION_FIELDS,
    SELECTORS,
    NotificationCreate,
    NotificationUpdate,
    notification_data,
    notification_fields,
)
from signals_app import actions
from signals_app.actions import NOTIFICATIONS_WRITE
from signals_app.actions.settings import RULE_TYPES, SEVERITIES
from signals_app.models import NotificationRule

TAG = "Notification rules"
READ = "security_monitoring_notification_profiles_read"
RULE_DATA = told.resource(
    "notification_rules",
    told.thing(
        ("name", "enabled", "selectors", "targets", "version"),
        name=told.TEXT,
        enabled=told.FLAG,
        selectors=told.thing(
            ("trigger_source",),
            trigger_source=told.words(*NotificationRule.About.values),
            query=told.TEXT,
            rule_types=told.many(told.words(*RULE_TYPES)),
            severities=told.many(told.words(*SEVERITIES)),
        ),
        targets=told.many(told.TEXT),
        time_aggregation=told.WHOLE,
        created_at=told.WHOLE,
        created_by=told.ANYTHING,
        modified_at=told.WHOLE,
        modified_by=told.ANYTHING,
        version=told.WHOLE,
    ),
)
RULE = told.data(RULE_DATA)
PREVIEW = told.data(
    told.resource(
        "notification_preview_response",
        told.thing(
            preview_results=told.many(
                told.thing(rule_type=told.TEXT, notification_status=told.words("SUCCESS", "DEFAULT", "ERROR"))
            )
        ),
    )
)


class NotificationDoor(Door):
    """What the endpoints of one list of notification rules have in common."""

    group = "rules"
    first_version = FIRST_VERSION
    statuses = {**Door.statuses, StaleVersion: 422}
    fields = {
        **{ours: theirs for theirs, ours in NOTIFICATION_FIELDS.items()},
        **{ours: f"selectors.{theirs}" for theirs, ours in SELECTORS.items()},
    }
    place: ClassVar[str] = NotificationRule.Place.SIGNALS

    def row(self, request: Request, rule_id: object) -> NotificationRule:
        return settings.found(settings.notification_rules(request.actor, self.place), str(rule_id))

    def answer(self, request: Request, rule_id: object, status: int = 200) -> Response:
        """The rule as it is now."""
        return Response({"data": notification_data(self.row(request, rule_id))}, status=status)


class NotificationList(NotificationDoor):
    """`/api/v2/security/signals/notification_rules`"""

    @told.operation(TAG, "Get the list of notification rules", answer=told.data(told.many(RULE_DATA)))
    def get(self, request: Request) -> Response:
        require(request.actor, READ)
        rows = settings.notification_rules(request.actor, self.place)
        return Response({"data": [notification_data(row) for row in rows]})

    @told.operation(TAG, "Create a notification rule", body=NotificationCreate, answer=RULE, status=201)
    def post(self, request: Request) -> Response:
        require(request.actor, NOTIFICATIONS_WRITE)
        fields = notification_fields(given(request, NotificationCreate)["data"]["attributes"])
        row = actions.create_notification_rule(actor=request.actor, place=self.place, **fields)
        return self.answer(request, row.uuid, status=201)


class NotificationDetail(NotificationDoor):
    """`…/notification_rules/{id}`"""

    @told.operation(TAG, "Get a notification rule", answer=RULE)
    def get(self, request: Request, notification_id: str) -> Response:
        require(request.actor, READ)
        return self.answer(request, notification_id)

    @told.operation(TAG, "Patch a notification rule", body=NotificationUpdate, answer=RULE)
    def patch(self, request: Request, notification_id: str) -> Response:
        require(request.actor, NOTIFICATIONS_WRITE)
        asked = given(request, NotificationUpdate)["data"]["attributes"]
        row = self.row(request, notification_id)
        actions.edit_notification_rules(
            actor=request.actor, seen={row.pk: seen_version(asked)}, **notification_fields(asked)
        ).one_or_raise()
        return self.answer(request, notification_id)

    @told.operation(TAG, "Delete a notification rule", status=204)
    def delete(self, request: Request, notification_id: str) -> Response:
        require(request.actor, NOTIFICATIONS_WRITE)
        actions.delete_notification_rule(actor=request.actor, rule=self.row(request, notification_id))
        return Response(status=204)


class VulnerabilityNotificationList(NotificationList):
    """`/api/v2/security/vulnerabilities/notification_rules`: kept beside the others."""

    place = NotificationRule.Place.VULNERABILITIES


class VulnerabilityNotificationDetail(NotificationDetail):
    """One of these."""

    place = NotificationRule.Place.VULNERABILITIES


class NotificationPreview(NotificationDoor):
    """`/api/v2/security_monitoring/configuration/notification_rules/send_notification_preview`"""

    @told.operation(TAG, "Test a notification rule", body=NotificationCreate, answer=PREVIEW)
    def post(self, request: Request) -> Response:
        require(request.actor, NOTIFICATIONS_WRITE)
        fields = notification_fields(given(request, NotificationCreate)["data"]["attributes"])
        actions.preview_notification(actor=request.actor, **fields)
        # One message goes out, whichever types a rule names; DEFAULT is what the original says of its usual one.
        results = [{"rule_type": kind, "notification_status": "DEFAULT"} for kind in fields.get("rule_types", [])]
        data = {"id": "preview", "type": "notification_preview_response", "attributes": {"preview_results": results}}
        return Response({"data": data})
