"""Detection rules and suppressions, by the official client."""

from datetime import UTC, datetime

import pytest
import requests
from datadog_api_client.exceptions import ApiException, NotFoundException
from datadog_api_client.v2 import models as v2
from datadog_api_client.v2.api.security_monitoring_api import SecurityMonitoringApi as Rules

from signals_app.models import DetectionRule, Suppression
from tests.signals_app.factories import RuleFactory, SignalFactory

from .test_people import refused


def payload(name="Example", kind=v2.SecurityMonitoringStandardRuleCreatePayload, **changes):
    fields = {
        "name": name,
        "message": "What it means",
        "is_enabled": True,
        "cases": [
            v2.SecurityMonitoringRuleCaseCreate(
                name="", status=v2.SecurityMonitoringRuleSeverity.HIGH, condition="a > 0", notifications=[]
            )
        ],
        "queries": [
            v2.SecurityMonitoringStandardRuleQuery(
                query="@test:true",
                aggregation=v2.SecurityMonitoringRuleQueryAggregation.COUNT,
                group_by_fields=[],
                distinct_fields=[],
            )
        ],
        "options": v2.SecurityMonitoringRuleOptions(
            keep_alive=v2.SecurityMonitoringRuleKeepAlive.ONE_HOUR,
            max_signal_duration=v2.SecurityMonitoringRuleMaxSignalDuration.ONE_DAY,
            evaluation_window=v2.SecurityMonitoringRuleEvaluationWindow.FIFTEEN_MINUTES,
        ),
        "filters": [],
        "tags": ["team:night"],
        "type": v2.SecurityMonitoringRuleTypeCreate.LOG_DETECTION,
        **changes,
    }
    return kind(**fields)


def test_a_rule_lives_and_dies(machine):
    api = machine(Rules)
    rule = api.create_security_monitoring_rule(payload())
    assert (rule.name, str(rule.type), rule.message) == ("Example", "log_detection", "What it means")
    assert rule.queries[0].query == "@test:true"
    assert DetectionRule.objects.get().severity == 3
    assert api.get_security_monitoring_rule(rule.id).id == rule.id
    changed = api.update_security_monitoring_rule(
        rule.id, v2.SecurityMonitoringRuleUpdatePayload(name="Other", is_enabled=False, version=1)
    )
    assert (rule.version, changed.name, changed.is_enabled, changed.version) == (1, "Other", False, 2)
    assert changed.queries[0].query == "@test:true"
    refused(
        400,
        api.update_security_monitoring_rule,
        rule.id,
        v2.SecurityMonitoringRuleUpdatePayload(name="Third", version=1),
    )
    api.delete_security_monitoring_rule(rule.id)
    with pytest.raises(NotFoundException) as refusal:
        api.get_security_monitoring_rule(rule.id)
    assert refusal.value.body == {"errors": ["Not found"]}


def test_rules_of_sensors_are_listed_and_searched(machine):
    RuleFactory()
    RuleFactory(key="other", name="Other", type="Workload Security")
    api = machine(Rules)
    assert [rule.name for rule in api.list_security_monitoring_rules(page_size=1, page_number=1).data] == [
        "SQL injection attempts"
    ]
    found = api.list_security_monitoring_rules(query="type:workload_security")
    assert [rule.name for rule in found.data] == ["Other"]
    assert found.meta.page.total_filtered_count == 1
    refused(400, api.list_security_monitoring_rules, query="type:(")


def test_a_rule_is_validated_and_nothing_is_made(machine):
    machine(Rules).validate_security_monitoring_rule(payload(kind=v2.SecurityMonitoringStandardRulePayload))
    assert not DetectionRule.objects.exists()


WHOLE = {
    "name": "Example",
    "message": "What it means",
    "isEnabled": True,
    "cases": [{"status": "high"}],
    "queries": [{"query": "@test:true"}],
    "options": {"keepAlive": 3600},
}


@pytest.mark.parametrize(
    ("part", "sent", "place"),
    [
        ("queries", [{"query": 5}], "queries.0.query"),
        ("queries", [{"query": "a", "groupByFields": "usr.id"}], "queries.0.groupByFields"),
        ("queries", [{"query": "a", "aggregation": "median"}], "queries.0.aggregation"),
        ("cases", [{"status": "high", "notifications": [5]}], "cases.0.notifications"),
        ("cases", [{"status": "high", "actions": [{"type": "applaud"}]}], "cases.0.actions.0.type"),
        ("filters", [{"action": "require", "query": "a"}, {"action": "drop"}], "filters.1.action"),
        ("options", {"detectionMethod": "guess"}, "options.detectionMethod"),
        ("options", {"newValueOptions": {"forgetAfter": 31}}, "options.newValueOptions.forgetAfter"),
        ("options", {"anomalyDetectionOptions": {"bucketDuration": 301}}, "options.anomalyDetectionOptions"),
        ("referenceTables", [{"checkPresence": "yes"}], "referenceTables.0.checkPresence"),
        ("calculatedFields", [{"name": "a"}], "calculatedFields.0.expression"),
        ("complianceSignalOptions", {"userGroupByFields": {}}, "complianceSignalOptions.userGroupByFields"),
    ],
)
def test_a_part_that_a_client_could_not_read_is_refused(machine, part, sent, place):
    address = f"{machine.url}/api/v2/security_monitoring/rules"
    response = requests.post(address, json={**WHOLE, part: sent}, headers=machine.headers, timeout=30)
    assert response.status_code == 400
    assert response.json()["errors"][0].startswith(place)


def test_a_rule_of_signals_stays(machine):
    refused(409, machine(Rules).delete_security_monitoring_rule, str(SignalFactory().rule.uuid))


# --- suppressions ---


def suppression(name="Example", **changes):
    fields = {
        "name": name,
        "enabled": True,
        "description": "Our scanner",
        "rule_query": "type:log_detection source:cloudtrail",
        "suppression_query": "env:staging status:low",
        "start_date": int(datetime(2026, 1, 1, tzinfo=UTC).timestamp() * 1000),
        "expiration_date": int(datetime(2030, 1, 1, tzinfo=UTC).timestamp() * 1000),
        "tags": ["technique:T1110-brute-force"],
        **changes,
    }
    return v2.SecurityMonitoringSuppressionCreateRequest(
        data=v2.SecurityMonitoringSuppressionCreateData(
            type=v2.SecurityMonitoringSuppressionType.SUPPRESSIONS,
            attributes=v2.SecurityMonitoringSuppressionCreateAttributes(**fields),
        )
    )


def edit(**attributes):
    return v2.SecurityMonitoringSuppressionUpdateRequest(
        data=v2.SecurityMonitoringSuppressionUpdateData(
            type=v2.SecurityMonitoringSuppressionType.SUPPRESSIONS,
            attributes=v2.SecurityMonitoringSuppressionUpdateAttributes(**attributes),
        )
    )


def test_a_suppression_lives_and_dies(machine, analyst):
    api = machine(Rules)
    made = api.create_security_monitoring_suppression(suppression()).data
    assert (made.attributes.enabled, made.attributes.editable) == (True, True)
    assert made.attributes.creator.handle == analyst.email
    assert made.attributes.expiration_date == int(datetime(2030, 1, 1, tzinfo=UTC).timestamp() * 1000)
    body = edit(suppression_query="env:staging status:info", expiration_date=None, version=1)
    changed = api.update_security_monitoring_suppression(made.id, body).data.attributes
    assert (changed.suppression_query, changed.version) == ("env:staging status:info", 2)
    assert "expiration_date" not in changed
    refused(409, api.update_security_monitoring_suppression, made.id, body)
    assert api.get_security_monitoring_suppression(made.id).data.id == made.id
    api.delete_security_monitoring_suppression(made.id)
    with pytest.raises(NotFoundException):
        api.get_security_monitoring_suppression(made.id)


def test_suppressions_are_listed_searched_and_paged(machine):
    api = machine(Rules)
    for name in ("One", "Two", "Three"):
        api.create_security_monitoring_suppression(suppression(name))
    listed = api.list_security_monitoring_suppressions(sort=v2.SecurityMonitoringSuppressionSort.NAME)
    assert [one.attributes.name for one in listed.data] == ["One", "Three", "Two"]
    assert len(api.list_security_monitoring_suppressions(page_size=2, page_number=1).data) == 1
    assert len(api.list_security_monitoring_suppressions(query="two").data) == 1
    wanted = f"id:{listed.data[0].id} OR id:{listed.data[2].id}"
    named = api.list_security_monitoring_suppressions(
        query=wanted, sort=v2.SecurityMonitoringSuppressionSort.NAME_DESCENDING
    )
    assert [one.attributes.name for one in named.data] == ["Two", "One"]
    refused(400, api.list_security_monitoring_suppressions, query="id:(")


def test_suppressions_of_a_rule_and_of_one_to_come(machine):
    api = machine(Rules)
    rule = api.create_security_monitoring_rule(payload())
    api.create_security_monitoring_suppression(suppression(rule_query="type:log_detection"))
    api.create_security_monitoring_suppression(suppression("Another", rule_query="type:workload_security"))
    assert len(api.get_suppressions_affecting_rule(rule.id).data) == 1
    assert len(api.get_suppressions_affecting_future_rule(payload("To come")).data) == 1


def test_a_suppression_is_validated_and_nothing_is_made(machine):
    api = machine(Rules)
    api.validate_security_monitoring_suppression(suppression())
    with pytest.raises(ApiException) as refusal:
        api.validate_security_monitoring_suppression(suppression(suppression_query="env:("))
    assert refusal.value.status == 400
    assert not Suppression.objects.exists()
