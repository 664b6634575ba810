"""Security filters, critical assets and notification rules, by the official client."""

import pytest
from datadog_api_client.exceptions import ForbiddenException
from datadog_api_client.v2 import models as v2
from datadog_api_client.v2.api.security_monitoring_api import SecurityMonitoringApi as Security

from accounts_app.models import Notification
from core_app.delivery import deliver_due
from signals_app.models import SecurityFilter

from .test_people import refused
from .test_rules import payload

NOBODY = "00000000-0000-0000-0000-000000000001"
FILTER, ASSET, RULE = "security_filters", "critical_assets", "notification_rules"


@pytest.fixture
def api(machine_of, admin):
    return machine_of(admin)(Security)


def data(kind, attributes, **beside):
    return {"data": {"type": kind, "attributes": attributes, **beside}}


def new_filter(name="Shop", **changes):
    return v2.SecurityFilterCreateRequest(
        data=v2.SecurityFilterCreateData(
            type=v2.SecurityFilterType.SECURITY_FILTERS,
            attributes=v2.SecurityFilterCreateAttributes(
                **{
                    "name": name,
                    "query": "service:web-store",
                    "exclusion_filters": [v2.SecurityFilterExclusionFilter(name="Staging", query="env:staging")],
                    "filtered_data_type": v2.SecurityFilterFilteredDataType.LOGS,
                    "is_enabled": True,
                    **changes,
                }
            ),
        )
    )


def filter_edit(**attributes):
    return v2.SecurityFilterUpdateRequest(
        data=v2.SecurityFilterUpdateData(
            type=v2.SecurityFilterType.SECURITY_FILTERS, attributes=v2.SecurityFilterUpdateAttributes(**attributes)
        )
    )


def test_a_security_filter_lives_and_dies(api):
    made = api.create_security_filter(new_filter()).data
    assert (made.attributes.is_builtin, made.attributes.version) == (False, 1)
    assert made.attributes.exclusion_filters[0].query == "env:staging"
    refused(409, api.create_security_filter, new_filter())
    changed = api.update_security_filter(made.id, filter_edit(query="service:api", version=1)).data.attributes
    assert (changed.query, changed.version) == ("service:api", 2)
    refused(409, api.update_security_filter, made.id, filter_edit(query="service:x", version=1))
    assert refused(400, api.update_security_filter, made.id, filter_edit(query="env:(")) == [
        "data.attributes.query: Column 5: this bracket is never closed."
    ]
    assert api.get_security_filter(made.id).data.attributes.query == "service:api"
    told = {one.attributes.name: one.attributes.is_builtin for one in api.list_security_filters().data}
    assert told == {"All detections": True, "Shop": False}
    api.delete_security_filter(made.id)
    refused(404, api.get_security_filter, made.id)
    assert [one.attributes.version for one in api.list_security_filter_versions().data] == [4, 3, 2, 1]


def test_the_built_in_filter_can_be_switched_off_and_that_is_warned_of(api):
    builtin = str(SecurityFilter.objects.get().uuid)
    refused(400, api.delete_security_filter, builtin)
    refused(400, api.update_security_filter, builtin, filter_edit(query="env:prod"))
    told = api.update_security_filter(builtin, filter_edit(is_enabled=False))
    assert "no detection makes a signal" in told.meta.warning


def new_asset(**changes):
    return v2.SecurityMonitoringCriticalAssetCreateRequest(
        data=v2.SecurityMonitoringCriticalAssetCreateData(
            type=v2.SecurityMonitoringCriticalAssetType.CRITICAL_ASSETS,
            attributes=v2.SecurityMonitoringCriticalAssetCreateAttributes(
                **{
                    "query": "host:payments",
                    "rule_query": "type:log_detection",
                    "severity": v2.SecurityMonitoringCriticalAssetSeverity.INCREASE,
                    "tags": ["team:payments"],
                    **changes,
                }
            ),
        )
    )


def asset_edit(**attributes):
    return v2.SecurityMonitoringCriticalAssetUpdateRequest(
        data=v2.SecurityMonitoringCriticalAssetUpdateData(
            type=v2.SecurityMonitoringCriticalAssetType.CRITICAL_ASSETS,
            attributes=v2.SecurityMonitoringCriticalAssetUpdateAttributes(**attributes),
        )
    )


def test_a_critical_asset_lives_and_dies(api, admin):
    made = api.create_security_monitoring_critical_asset(new_asset()).data
    assert (str(made.attributes.severity), made.attributes.enabled) == ("increase", True)
    assert made.attributes.creator.handle == admin.email
    edit = asset_edit(enabled=False, severity=v2.SecurityMonitoringCriticalAssetSeverity.LOW, version=1)
    changed = api.update_security_monitoring_critical_asset(made.id, edit).data.attributes
    assert (changed.enabled, str(changed.severity), changed.version) == (False, "low", 2)
    refused(409, api.update_security_monitoring_critical_asset, made.id, edit)
    refused(404, api.update_security_monitoring_critical_asset, NOBODY, edit)
    assert api.get_security_monitoring_critical_asset(made.id).data.id == made.id
    assert [one.id for one in api.list_security_monitoring_critical_assets().data] == [made.id]
    api.delete_security_monitoring_critical_asset(made.id)
    refused(404, api.delete_security_monitoring_critical_asset, made.id)


def test_critical_assets_of_a_rule(api):
    rule = api.create_security_monitoring_rule(payload())
    made = api.create_security_monitoring_critical_asset(new_asset()).data
    api.create_security_monitoring_critical_asset(new_asset(rule_query="type:workload_security"))
    assert [one.id for one in api.get_critical_assets_affecting_rule(rule.id).data] == [made.id]
    refused(404, api.get_critical_assets_affecting_rule, "aaa-bbb-ccc")


def new_rule(name="Critical ones", target="@responder@example.test", **changes):
    selectors = {
        "query": "env:prod",
        "rule_types": [v2.RuleTypesItems.APPLICATION_SECURITY],
        "severities": [v2.RuleSeverity.CRITICAL],
        "trigger_source": v2.TriggerSource.SECURITY_SIGNALS,
        **changes.pop("selectors", {}),
    }
    return v2.CreateNotificationRuleParameters(
        data=v2.CreateNotificationRuleParametersData(
            type=v2.NotificationRulesType.NOTIFICATION_RULES,
            attributes=v2.CreateNotificationRuleParametersDataAttributes(
                name=name, selectors=v2.Selectors(**selectors), targets=[target], enabled=True, **changes
            ),
        )
    )


def rule_edit(**attributes):
    return v2.PatchNotificationRuleParameters(
        data=v2.PatchNotificationRuleParametersData(
            id="aaa-bbb-ccc",
            type=v2.NotificationRulesType.NOTIFICATION_RULES,
            attributes=v2.PatchNotificationRuleParametersDataAttributes(**attributes),
        )
    )


def test_a_notification_rule_lives_and_dies(api, admin):
    made = api.create_signal_notification_rule(new_rule(time_aggregation=600)).data
    assert (made.attributes.version, made.attributes.time_aggregation) == (1, 600)
    assert made.attributes.created_by.handle == admin.email
    assert refused(400, api.patch_signal_notification_rule, made.id, rule_edit(enabled=False)) == [
        "data.attributes.version: This field is required."
    ]
    changed = api.patch_signal_notification_rule(made.id, rule_edit(enabled=False, version=1)).data.attributes
    assert (changed.enabled, changed.version, changed.selectors.query) == (False, 2, "env:prod")
    refused(422, api.patch_signal_notification_rule, made.id, rule_edit(enabled=True, version=1))
    refused(400, api.patch_signal_notification_rule, made.id, rule_edit(enabled=True, version=0))
    refused(404, api.patch_signal_notification_rule, "000-000-000", rule_edit(version=1))
    assert api.get_signal_notification_rule(made.id).data.id == made.id
    listed = api.get_signal_notification_rules()
    assert [one["id"] for one in listed["data"]] == [made.id]
    api.delete_signal_notification_rule(made.id)
    refused(404, api.get_signal_notification_rule, made.id)
    refused(400, api.create_signal_notification_rule, new_rule(target="nobody"))


def test_rules_about_vulnerabilities_are_a_list_of_their_own(api):
    findings = {"trigger_source": v2.TriggerSource.SECURITY_FINDINGS, "rule_types": [v2.RuleTypesItems.ATTACK_PATH]}
    made = api.create_vulnerability_notification_rule(new_rule(selectors=findings)).data
    assert api.get_vulnerability_notification_rule(made.id).data.id == made.id
    refused(404, api.get_signal_notification_rule, made.id)
    edit = rule_edit(name="Other", version=1)
    assert api.patch_vulnerability_notification_rule(made.id, edit).data.attributes.name == "Other"
    assert len(api.get_vulnerability_notification_rules()["data"]) == 1
    api.delete_vulnerability_notification_rule(made.id)


def test_a_rule_is_tried_on_those_whom_it_names(api, responder):
    told = api.send_security_monitoring_notification_preview(new_rule()).data
    assert [str(one.rule_type) for one in told.attributes.preview_results] == ["application_security"]
    deliver_due()
    assert Notification.objects.get().user == responder
    findings = {"trigger_source": v2.TriggerSource.SECURITY_FINDINGS}
    refused(400, api.send_security_monitoring_notification_preview, new_rule(selectors=findings))


def test_the_viewer_reads_and_writes_nothing(machine_of, viewer):
    theirs = machine_of(viewer)(Security)
    assert len(theirs.list_security_filters().data) == 1
    assert theirs.list_security_monitoring_critical_assets().data == []
    for make, body in (
        (theirs.create_security_filter, new_filter()),
        (theirs.create_security_monitoring_critical_asset, new_asset()),
        (theirs.create_signal_notification_rule, new_rule()),
        (theirs.send_security_monitoring_notification_preview, new_rule()),
    ):
        with pytest.raises(ForbiddenException):
            make(body)
