"""Rules of every kind kept whole; what they were, what they would see, and what they are as files."""

import io
import json
import zipfile

import pytest
import requests
from datadog_api_client.v2 import models as v2
from datadog_api_client.v2.api.security_monitoring_api import SecurityMonitoringApi as Rules

from core_app.models import Entry
from signals_app.models import DetectionRule
from tests.signals_app.factories import RuleFactory, SignalFactory

from .test_people import refused
from .test_rules import edit, payload, suppression

RULES = "/api/v2/security_monitoring/rules"
QUERY = {"query": "service:app status:error", "aggregation": "count", "groupByFields": ["@usr.email"]}
CASE = {"name": "", "status": "info", "notifications": [], "condition": "a > 0"}
TIMES = {"evaluationWindow": 900, "keepAlive": 3600, "maxSignalDuration": 86400}


def told_of(**changes):
    """A rule as JSON, as a program without a client sends it."""
    rule = {
        "name": "Odd",
        "message": "What it means",
        "isEnabled": True,
        "type": "log_detection",
        "queries": [QUERY],
        "cases": [CASE],
        "options": TIMES,
        "tags": [],
        "filters": [],
    }
    return {name: value for name, value in {**rule, **changes}.items() if value is not None}


VARIANTS = {
    "anomaly": {
        "options": {**TIMES, "detectionMethod": "anomaly_detection", "anomalyDetectionOptions": {"bucketDuration": 300}}
    },
    "sequence": {
        "options": {
            **TIMES,
            "detectionMethod": "sequence_detection",
            "sequenceDetectionOptions": {
                "steps": [{"name": "a", "condition": "a > 0", "evaluationWindow": 60}],
                "stepTransitions": [{"parent": "a", "child": "b", "evaluationWindow": 900}],
            },
        }
    },
    "third party": {
        "queries": [],
        "cases": [],
        "thirdPartyCases": [{"query": "status:error", "name": "high", "status": "high"}],
        "options": {
            "detectionMethod": "third_party",
            "keepAlive": 0,
            "maxSignalDuration": 600,
            "thirdPartyRuleOptions": {"defaultStatus": "info", "rootQueries": [{"query": "a", "groupByFields": []}]},
        },
    },
    "posture": {
        "type": "cloud_configuration",
        "queries": None,
        "cases": [{"status": "info", "notifications": ["channel"]}],
        "options": {"complianceRuleOptions": {"resourceType": "gcp_compute_disk", "complexRule": False}},
        "complianceSignalOptions": {"userActivationStatus": True, "userGroupByFields": ["@account_id"]},
    },
    "tables": {
        "referenceTables": [
            {
                "tableName": "known",
                "columnName": "value",
                "logFieldPath": "tag",
                "checkPresence": True,
                "ruleQueryName": "a",
            }
        ]
    },
    "schedule": {
        "schedulingOptions": {"rrule": "FREQ=HOURLY;INTERVAL=2;", "start": "2025-06-18T12:00:00", "timezone": "UTC"}
    },
    "workload": {"type": "workload_security"},
    "correlation": {
        "type": "signal_correlation",
        "queries": [{"ruleId": "abc", "aggregation": "event_count", "correlatedByFields": ["host"]}],
    },
}


def ask(machine, method, path, body=None):
    """The answer to a request that no client makes."""
    return requests.request(method, machine.url + path, json=body, headers=machine.headers, timeout=30)


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_rule_of_any_kind_is_kept_whole(machine, variant):
    sent = told_of(**VARIANTS[variant])
    made = ask(machine, "POST", RULES, sent)
    assert made.status_code == 200, made.text
    told = machine(Rules).get_security_monitoring_rule(made.json()["id"])  # which checks that it was parsed
    again = ask(machine, "GET", f"{RULES}/{told.id}").json()
    assert {name: again[name] for name in sent} == sent


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"queries": [{"query": ""}]}, "Query filter cannot be empty"),
        ({"queries": None}, "queries"),
        ({"cases": []}, "cases"),
        ({"cases": [{"status": "awful"}]}, "status"),
        ({"options": {"keepAlive": 999_999}}, "keepAlive"),
        ({"schedulingOptions": {"start": "2025-06-18T12:00:00", "timezone": "UTC"}}, "rrule"),
    ],
)
def test_a_rule_that_cannot_be_meant(machine, changes, field):
    answer = ask(machine, "POST", RULES, told_of(**changes))
    assert answer.status_code == 400
    assert field in answer.json()["errors"][0]
    assert not DetectionRule.objects.exists()


@pytest.mark.parametrize("path", ["bulk_delete", "bulk_export", "convert/bulk"])
def test_none_of_many_is_refused(machine, path):
    body = {"data": {"attributes": {"ruleIds": []}, "type": "x"}}
    method = "DELETE" if path == "bulk_delete" else "POST"
    assert ask(machine, method, f"{RULES}/{path}", body).status_code == 400


def test_a_name_may_be_had_by_several(machine):
    api = machine(Rules)
    made = [api.create_security_monitoring_rule(payload("Odd hours")) for _ in range(3)]
    assert len({rule.id for rule in made}) == 3
    keys = DetectionRule.objects.order_by("pk").values_list("key", flat=True)
    assert list(keys) == ["odd-hours", "odd-hours-2", "odd-hours-3"]


# --- what it was ---


def test_a_rule_is_told_as_it_was_and_becomes_so_again(machine, analyst):
    api = machine(Rules)
    rule = api.create_security_monitoring_rule(payload(cases=payload().cases))
    hours = v2.SecurityMonitoringRuleOptions(keep_alive=v2.SecurityMonitoringRuleKeepAlive.SIX_HOURS)
    api.update_security_monitoring_rule(
        rule.id, v2.SecurityMonitoringRuleUpdatePayload(name="Other", options=hours, tags=[])
    )
    told = api.get_rule_version_history(rule.id).data
    assert (told.id, told.attributes.count) == (rule.id, 2)
    first, second = told.attributes.data["1"], told.attributes.data["2"]
    assert (first.rule.name, first.rule.version, first.changes) == ("Example", 1, [])
    assert first.rule.options.keep_alive.value == 3600
    assert (second.rule.name, second.rule.version) == ("Other", 2)
    kinds = {change.field: str(change.type) for change in second.changes}
    assert kinds == {"name": "update", "tags": "delete", "definition": "update", "window": "update"}
    assert [*api.get_rule_version_history(rule.id, page_size=1, page_number=1).data.attributes.data] == ["1"]

    again = api.restore_security_monitoring_rule(rule.id, 1)
    assert (again.name, again.version, again.tags) == ("Example", 3, ["team:night"])
    assert DetectionRule.objects.get().window.total_seconds() == 3600
    entry = Entry.objects.filter(verb="signals.rule_edited").latest("pk")
    assert (entry.actor_id, entry.data["name"]) == (str(analyst.pk), ["Other", "Example"])
    refused(404, api.restore_security_monitoring_rule, rule.id, 9)
    refused(409, api.restore_security_monitoring_rule, rule.id, 3)
    refused(404, api.get_rule_version_history, "abc")


def test_a_suppression_is_told_as_it_was(machine):
    api = machine(Rules)
    made = api.create_security_monitoring_suppression(suppression()).data
    api.update_security_monitoring_suppression(made.id, edit(enabled=False, expiration_date=None))
    told = api.get_suppression_version_history(made.id).data
    assert (told.id, told.attributes.count) == (made.id, 2)
    first, second = told.attributes.data["1"].suppression, told.attributes.data["2"].suppression
    assert (first.enabled, first.expiration_date) == (True, made.attributes.expiration_date)
    assert (second.enabled, second.version, "expiration_date" in second) == (False, 2, False)
    refused(404, api.get_suppression_version_history, "this-does-not-exist")


# --- many at once ---


def chosen(name, kind, *rules):
    """A body that names rules."""
    attributes = getattr(v2, f"SecurityMonitoringRule{name}Attributes")(rule_ids=[str(rule) for rule in rules])
    payload = getattr(v2, f"SecurityMonitoringRule{name}Payload")
    return payload(data=getattr(v2, f"SecurityMonitoringRule{name}Data")(attributes=attributes, id="x", type=kind))


def test_rules_are_deleted_but_those_with_signals(machine):
    kind = v2.SecurityMonitoringRuleBulkDeleteRequestDataType.BULK_DELETE_RULES
    idle, busy = RuleFactory(), SignalFactory(rule=RuleFactory(key="busy")).rule
    api = machine(Rules)
    refused(404, api.bulk_delete_security_monitoring_rules, chosen("BulkDelete", kind, idle.uuid, "abc-000-u7q"))
    told = api.bulk_delete_security_monitoring_rules(chosen("BulkDelete", kind, idle.uuid, busy.uuid)).data.attributes
    assert (told.deleted_rules, told.failed_rules) == ([str(idle.uuid)], [str(busy.uuid)])
    assert list(DetectionRule.objects.all()) == [busy]
    assert Entry.objects.filter(verb="signals.rule_deleted").count() == 1


def unzipped(file):
    """The files of an archive, by their names."""
    with file, zipfile.ZipFile(io.BytesIO(file.read())) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_rules_are_exported_as_files(machine):
    api = machine(Rules)
    made = [api.create_security_monitoring_rule(payload("../../Odd hours")) for _ in range(2)]
    kind = v2.SecurityMonitoringRuleBulkExportDataType.SECURITY_MONITORING_RULES_BULK_EXPORT
    files = unzipped(api.bulk_export_security_monitoring_rules(chosen("BulkExport", kind, *(one.id for one in made))))
    assert sorted(files) == ["_Odd_hours.json", "_Odd_hours_2.json"]
    assert {json.loads(text)["id"] for text in files.values()} == {one.id for one in made}
    refused(404, api.bulk_export_security_monitoring_rules, chosen("BulkExport", kind, "non-existent"))


EXPECTED = r"""resource "datadog_security_monitoring_rule" "Odd" {
	name = "Odd"
	enabled = true
	query {
		query = "service:app status:error"
		group_by_fields = ["@usr.email"]
		has_optional_group_by_fields = false
		distinct_fields = []
		aggregation = "count"
		name = ""
		data_source = "logs"
	}
	options {
		keep_alive = 3600
		max_signal_duration = 86400
		detection_method = "threshold"
		evaluation_window = 900
	}
	case {
		name = ""
		status = "info"
		notifications = []
		condition = "a > 0"
	}
	message = "Say \"$${hi}\"\nand go"
	tags = []
	has_extended_title = false
	type = "log_detection"
}
"""


def test_a_rule_as_terraform_whether_it_is_here_or_not(machine):
    sent = told_of(message='Say "${hi}"\nand go')
    thought_of = ask(machine, "POST", f"{RULES}/convert", sent)
    assert (thought_of.status_code, thought_of.json()["terraformContent"]) == (200, EXPECTED)
    assert not DetectionRule.objects.exists()
    made = ask(machine, "POST", RULES, sent).json()
    api = machine(Rules)
    told = api.convert_existing_security_monitoring_rule(made["id"])
    assert (told.rule_id, told.terraform_content) == (made["id"], EXPECTED)
    kind = v2.SecurityMonitoringRuleConvertBulkDataType.SECURITY_MONITORING_RULES_CONVERT_BULK
    assert unzipped(api.bulk_convert_existing_security_monitoring_rules(chosen("ConvertBulk", kind, made["id"]))) == {
        "Odd.tf": EXPECTED
    }
    refused(404, api.convert_existing_security_monitoring_rule, "abc")


def test_blocks_within_blocks_as_terraform(machine):
    case = {**CASE, "actions": [{"type": "block_ip", "options": {"duration": 900}}]}
    sent = told_of(**VARIANTS["sequence"], cases=[case], filters=[{"action": "suppress", "query": "env:test"}])
    text = ask(machine, "POST", f"{RULES}/convert", sent).json()["terraformContent"]
    assert '\t\tsequence_detection_options {\n\t\t\tstep {\n\t\t\t\tname = "a"\n' in text
    assert '\t\taction {\n\t\t\ttype = "block_ip"\n\t\t\toptions {\n\t\t\t\tduration = 900\n' in text
    assert '\tfilter {\n\t\taction = "suppress"\n\t\tquery = "env:test"\n\t}\n' in text


def test_a_rule_about_resources_is_another_resource(machine):
    answer = ask(machine, "POST", f"{RULES}/convert", told_of(**VARIANTS["posture"]))
    assert answer.status_code == 400


def test_a_suppression_as_terraform(machine):
    api = machine(Rules)
    made = api.create_security_monitoring_suppression(suppression("Our scanner")).data
    kind = v2.SecurityMonitoringTerraformResourceType.SUPPRESSIONS
    told = api.export_security_monitoring_terraform_resource(kind, made.id).data.attributes
    assert (told.type_name, told.resource_id) == ("datadog_security_monitoring_suppression", made.id)
    assert told.output.startswith('resource "datadog_security_monitoring_suppression" "Our_scanner" {\n\tname = ')
    assert '\tstart_date = "2026-01-01T00:00:00.000Z"\n' in told.output
    bulk = v2.SecurityMonitoringTerraformBulkExportRequest(
        data=v2.SecurityMonitoringTerraformBulkExportData(
            type="bulk_export_resources",
            attributes=v2.SecurityMonitoringTerraformBulkExportAttributes(resource_ids=[made.id]),
        )
    )
    assert unzipped(api.bulk_export_security_monitoring_terraform_resources(kind, bulk)) == {
        "Our_scanner.tf": told.output
    }
    thought_of = {"name": "Our scanner", "enabled": True, "rule_query": "source:cloudtrail"}
    body = {"data": {"type": "convert_resource", "id": "abc", "attributes": {"resource_json": thought_of}}}
    path = "/api/v2/security_monitoring/terraform/suppressions/convert"
    answer = ask(machine, "POST", path, body).json()["data"]["attributes"]
    assert (answer["resource_id"], 'rule_query = "source:cloudtrail"' in answer["output"]) == ("abc", True)
    thought_of["rule_query"] = "type:("
    assert ask(machine, "POST", path, body).status_code == 400
    assert ask(machine, "GET", path.replace("suppressions/convert", "dashboards/1")).status_code == 404


# --- what it would see ---


def event(**changes):
    """An event of a test, which the query is to meet."""
    usual = {"ddsource": "nginx", "ddtags": "env:staging,version:5", "message": "GET /admin", "usr": {"id": "eve"}}
    return {"index": 0, "expectedResult": True, "payload": {**usual, **changes}}


@pytest.mark.parametrize(
    ("query", "met"),
    [
        ("source:nginx", True),
        ("source:apache", False),
        ("env:staging version:5 admin", True),
        ("@usr.id:eve", True),
        ("@usr.id:mallory", False),
    ],
)
def test_a_rule_is_tried_on_an_event(machine, query, met):
    rule = told_of(queries=[{"query": query}])
    answer = ask(machine, "POST", f"{RULES}/test", {"rule": rule, "ruleQueryPayloads": [event()]})
    assert (answer.status_code, answer.json()["results"]) == (200, [met])
    kept = ask(machine, "POST", RULES, rule).json()["id"]
    body = {"ruleQueryPayloads": [event(), {**event(), "expectedResult": False}]}
    assert ask(machine, "POST", f"{RULES}/{kept}/test", body).json()["results"] == [met, not met]


def test_a_rule_that_filters_is_tried_with_its_filters(machine):
    rule = told_of(queries=[{"query": "source:nginx"}], filters=[{"action": "suppress", "query": "env:staging"}])
    body = {"rule": rule, "ruleQueryPayloads": [event(), event(ddtags="env:prod")]}
    assert ask(machine, "POST", f"{RULES}/test", body).json()["results"] == [False, True]


def test_a_test_that_cannot_be_made(machine):
    rule = told_of(queries=[{"query": "source:("}])
    for body in (
        {"rule": rule, "ruleQueryPayloads": [event()]},
        {"rule": told_of(), "ruleQueryPayloads": [{**event(), "index": 7}]},
        {"rule": told_of(), "ruleQueryPayloads": []},
        {"ruleQueryPayloads": [event()]},
    ):
        assert ask(machine, "POST", f"{RULES}/test", body).status_code == 400
    assert ask(machine, "POST", f"{RULES}/abc/test", {"ruleQueryPayloads": [event()]}).status_code == 404
