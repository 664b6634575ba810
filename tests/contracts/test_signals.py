"""Every operation on signals, by the official client."""

from datetime import UTC, datetime, timedelta

import pytest
import requests
from datadog_api_client.exceptions import ApiException, ForbiddenException, NotFoundException
from datadog_api_client.v1.api.security_monitoring_api import SecurityMonitoringApi as SignalsV1
from datadog_api_client.v1.model.add_signal_to_incident_request import AddSignalToIncidentRequest
from datadog_api_client.v1.model.signal_archive_reason import SignalArchiveReason
from datadog_api_client.v1.model.signal_assignee_update_request import SignalAssigneeUpdateRequest
from datadog_api_client.v1.model.signal_state_update_request import SignalStateUpdateRequest
from datadog_api_client.v1.model.signal_triage_state import SignalTriageState
from datadog_api_client.v2 import models as v2
from datadog_api_client.v2.api.security_monitoring_api import SecurityMonitoringApi as Signals
from django.utils import timezone

from incidents_app import actions as incidents
from incidents_app.models import IncidentSignal
from signals_app.models import Detection, RawItem, Sample, Signal
from tests.signals_app.factories import SignalFactory


@pytest.fixture
def signal(db) -> Signal:
    made = SignalFactory(attackers=["203.0.113.5", "203.0.113.6"], victims=["alice"], tags=["security:attack"])
    Sample.objects.create(signal=made, at=timezone.now(), event={"path": "/login"})
    return made


@pytest.fixture
def incident(analyst, acting):
    return incidents.declare(actor=acting(analyst), title="The shop is under attack")


def now(signal: Signal) -> Signal:
    return Signal.objects.get(pk=signal.pk)


# --- v1 ---


def test_v1_adds_a_signal_to_an_incident(machine, signal, incident):
    body = AddSignalToIncidentRequest(incident_id=incident.public_id, add_to_signal_timeline=True, version=0)
    answer = machine(SignalsV1).add_security_monitoring_signal_to_incident(signal.public_id, body)
    assert answer.status == "done"
    assert IncidentSignal.objects.get(incident=incident).on_timeline is True


def test_v1_changes_the_state(machine, signal):
    body = SignalStateUpdateRequest(
        archive_comment="seen", archive_reason=SignalArchiveReason.FALSE_POSITIVE, state=SignalTriageState.ARCHIVED
    )
    assert machine(SignalsV1).edit_security_monitoring_signal_state(signal.public_id, body).status == "done"
    assert (now(signal).archive_reason, now(signal).archive_comment) == ("false_positive", "seen")


def test_v1_opens_what_is_open_without_complaint(machine, signal):
    body = SignalStateUpdateRequest(archive_reason=SignalArchiveReason.NONE, state=SignalTriageState.OPEN)
    assert machine(SignalsV1).edit_security_monitoring_signal_state(signal.public_id, body).status == "done"


def test_v1_assigns_and_unassigns(machine, signal, responder):
    api = machine(SignalsV1)
    api.edit_security_monitoring_signal_assignee(
        signal.public_id, SignalAssigneeUpdateRequest(assignee=str(responder.uuid))
    )
    assert list(signal.assignees.all()) == [responder]
    api.edit_security_monitoring_signal_assignee(signal.public_id, SignalAssigneeUpdateRequest(assignee=""))
    assert not signal.assignees.exists()


def test_v1_refuses_a_stale_version_and_changes_nothing(machine, signal):
    api = machine(SignalsV1)
    api.edit_security_monitoring_signal_state(
        signal.public_id, SignalStateUpdateRequest(state=SignalTriageState.UNDER_REVIEW, version=0)
    )
    with pytest.raises(ApiException) as refusal:
        api.edit_security_monitoring_signal_state(
            signal.public_id, SignalStateUpdateRequest(state=SignalTriageState.OPEN, version=0)
        )
    assert refusal.value.status == 400
    assert "The version here is 1" in refusal.value.body["errors"][0]
    assert now(signal).state == "under_review"


# --- v2: reading ---


def test_list_gives_newest_first(machine, signal):
    older = SignalFactory(first_seen=timezone.now() - timedelta(days=3))
    answer = machine(Signals).list_security_monitoring_signals()
    assert [one.id for one in answer.data] == [signal.public_id, older.public_id]
    assert answer.data[0].attributes.custom["workflow"]["rule"]["name"] == signal.rule.name
    assert answer.data[0].attributes.attributes["network"]["client"]["ip"] == ["203.0.113.5", "203.0.113.6"]


def test_list_takes_every_filter(machine, signal):
    SignalFactory(severity=0)
    answer = machine(Signals).list_security_monitoring_signals(
        filter_query="security:attack status:high",
        filter_from=datetime(2020, 1, 1, tzinfo=UTC),
        filter_to=datetime.now(UTC) + timedelta(minutes=1),
        sort=v2.SecurityMonitoringSignalsSort.TIMESTAMP_ASCENDING,
        page_limit=5,
    )
    assert [one.id for one in answer.data] == [signal.public_id]


def test_search_without_a_body_finds_all(machine, signal):
    assert len(machine(Signals).search_security_monitoring_signals().data) == 1


def test_a_mistake_is_named_as_it_was_written(machine):
    address = f"{machine.url}/api/v2/security_monitoring/signals"
    for part, name in (("filter", "from"), ("filter", "to"), ("page", "cursor")):
        asked = {f"{part}[{name}]": "odd"}
        [error] = requests.get(address, params=asked, headers=machine.headers, timeout=30).json()["errors"]
        assert error.startswith(f"{part}[{name}]: ")
        asked = {part: {name: "odd"}}
        answer = requests.post(f"{address}/search", json=asked, headers=machine.headers, timeout=30)
        assert answer.json()["errors"][0].startswith(f"{part}.{name}: ")


def test_a_body_has_an_end(machine, signal):
    address = f"{machine.url}/api/v2/security_monitoring/signals/search"
    for spaces, status in ((7 * 2**20, 200), (9 * 2**20, 413)):
        answer = requests.post(address, data=b"{" + b" " * spaces + b"}", headers=machine.headers, timeout=30)
        assert answer.status_code == status
    assert answer.json() == {"errors": ["A body may hold 8 MiB."]}


def test_a_search_takes_moments_as_numbers_too(machine, signal):
    def found(start):
        address = f"{machine.url}/api/v2/security_monitoring/signals/search"
        body = {"filter": {"from": start}}
        return requests.post(address, json=body, headers=machine.headers, timeout=30)

    at = int(signal.first_seen.timestamp() * 1000)
    assert [len(found(start).json()["data"]) for start in (at, str(at), at - 1)] == [1, 1, 1]
    assert found(at + 60_000).status_code == 400  # later than now, until which is searched
    assert (found(True).status_code, found(10**30).status_code) == (400, 400)


@pytest.mark.parametrize("sort", [None, "timestamp", "-timestamp"])
def test_pages_neither_lose_nor_repeat_a_signal(machine, sort):
    start = timezone.now() - timedelta(hours=1)
    # Several at the same moment: the time alone does not say which comes next.
    made = [SignalFactory(first_seen=start + timedelta(seconds=number // 3)) for number in range(10)]
    page = v2.SecurityMonitoringSignalListRequestPage(limit=3)
    options = {"sort": v2.SecurityMonitoringSignalsSort(sort)} if sort else {}
    body = v2.SecurityMonitoringSignalListRequest(page=page, **options)
    found = [one.id for one in machine(Signals).search_security_monitoring_signals_with_pagination(body=body)]
    ids = [signal.public_id for signal in made]
    assert found == (ids if sort == "timestamp" else ids[::-1])


def test_signals_that_arrive_meanwhile_stay_out_of_the_pages(machine):
    made = [SignalFactory(first_seen=timezone.now() - timedelta(minutes=9 - number)) for number in range(5)]
    api = Signals(machine.client)
    found = []
    pages = api.list_security_monitoring_signals_with_pagination(
        page_limit=2, sort=v2.SecurityMonitoringSignalsSort.TIMESTAMP_ASCENDING
    )
    for number, one in enumerate(pages):
        found.append(one.id)
        if number == 1:
            SignalFactory()
    assert found == [signal.public_id for signal in made]


@pytest.mark.parametrize(
    "query",
    [
        '@title:"Odd logins"',
        "@service:*",
        "@hostname:web-1",
        "@workflow.events_matched:[7 TO 9]",
        "@workflow.first_seen:>=2020-01-01",
        "@workflow.last_seen:<2100-01-01",
        "@workflow.triage.assignee.name:Ana*",
        "@workflow.triage.assignee.handle:analyst@example.test",
    ],
)
def test_what_a_signal_tells_can_be_asked_by_the_same_name(machine, analyst, query):
    odd = SignalFactory(title="Odd logins", host="web-1", count=8)
    odd.assignees.add(analyst)
    told = machine(Signals).get_security_monitoring_signal(odd.public_id).data.attributes.custom
    for part in query.partition(":")[0].removeprefix("@").split("."):
        told = told[part]
    assert told
    found = machine(Signals).list_security_monitoring_signals(filter_query=query).data
    assert [one.id for one in found] == [odd.public_id]
    assert not machine(Signals).list_security_monitoring_signals(filter_query=f"-{query}").data


def test_a_faulty_query_is_told_with_its_place(machine, signal):
    with pytest.raises(ApiException) as refusal:
        machine(Signals).list_security_monitoring_signals(filter_query="status:(high OR")
    assert refusal.value.status == 400
    assert refusal.value.body["errors"][0].startswith("Column ")


def test_get_tells_everything(machine, signal):
    answer = machine(Signals).get_security_monitoring_signal(signal.public_id)
    attributes = answer.data.attributes
    assert attributes.custom["title"] == signal.title
    assert attributes["version"] == 0
    assert attributes["gated"]["samples"][0]["content"] == {"path": "/login"}


def test_get_of_what_is_not_there(machine):
    with pytest.raises(NotFoundException) as refusal:
        machine(Signals).get_security_monitoring_signal("AQAAAYNqUBVU4-rffwAAAABBWU5xVUJWVUFBQjJBd3ptCL3QUEm3nt2")
    assert refusal.value.body == {"errors": ["Signal not found"]}


def test_entities_queries_and_suggestions(machine, signal):
    api = machine(Signals)
    entities = api.get_signal_entities(signal.public_id, limit=2)
    assert len(entities.data.attributes.identities) == 2
    queries = api.get_investigation_log_queries_matching_signal(signal.public_id)
    assert "@network.client.ip:203.0.113.5" in {one.attributes.query_filter for one in queries.data}
    address = f"{machine.url}/signals/?query=%40network.client.ip%3A203.0.113.5"
    assert address in {one.attributes.url for one in queries.data}
    actions = api.get_suggested_actions_matching_signal(signal.public_id)
    assert str(actions.data[1].type) == "recommended_blog_posts"


def test_the_signals_that_an_event_is_of(machine, signal):
    api = machine(Signals)
    told = api.get_security_monitoring_signal(signal.public_id).data.attributes["gated"]["samples"][0]
    [found] = api.get_matching_signals(told["id"], track="logs").data
    assert (found.id, found.attributes.severity, found.attributes.title) == (signal.public_id, "high", signal.title)
    item = RawItem.objects.create(source=signal.source, key="k", body={})
    known = {"source": signal.source, "rule": signal.rule, "at": timezone.now(), "kind": "sqli"}
    Detection.objects.create(item=item, signal=signal, transaction="a5c1-77", **known)
    Detection.objects.create(item=item, transaction="nothing-yet", **known)
    assert [one.id for one in api.get_matching_signals("a5c1-77", track="logs").data] == [signal.public_id]
    for other in ("nothing-yet", "987654321"):
        with pytest.raises(NotFoundException):
            api.get_matching_signals(other, track="logs")
    with pytest.raises(ApiException) as refusal:
        api.get_matching_signals("a5c1-77", track="")
    assert refusal.value.status == 400


# --- v2: triage ---


def state_edit(state: str, **attributes):
    return v2.SecurityMonitoringSignalStateUpdateRequest(
        data=v2.SecurityMonitoringSignalStateUpdateData(
            attributes=v2.SecurityMonitoringSignalStateUpdateAttributes(
                state=v2.SecurityMonitoringSignalState(state), **attributes
            )
        )
    )


def test_v2_changes_the_state(machine, signal, analyst):
    body = state_edit(
        "archived", archive_reason=v2.SecurityMonitoringSignalArchiveReason.REMEDIATED, archive_comment="patched"
    )
    attributes = machine(Signals).edit_security_monitoring_signal_state(signal.public_id, body).data.attributes
    assert (str(attributes.state), str(attributes.archive_reason)) == ("archived", "remediated")
    assert attributes.archive_comment == "patched"
    assert attributes.state_update_user.uuid == str(analyst.uuid)
    assert attributes.assignee.to_dict() == {"id": -1, "name": "Unassigned", "uuid": ""}


def test_archiving_without_a_reason_is_for_another_reason(machine, signal):
    body = state_edit("archived", archive_reason=v2.SecurityMonitoringSignalArchiveReason.NONE)
    attributes = machine(Signals).edit_security_monitoring_signal_state(signal.public_id, body).data.attributes
    assert str(attributes.archive_reason) == "other"


def test_v2_assigns_and_unassigns(machine, signal, responder):
    def body(uuid):
        return v2.SecurityMonitoringSignalAssigneeUpdateRequest(
            data=v2.SecurityMonitoringSignalAssigneeUpdateData(
                attributes=v2.SecurityMonitoringSignalAssigneeUpdateAttributes(
                    assignee=v2.SecurityMonitoringTriageUser(uuid=uuid)
                )
            )
        )

    api = machine(Signals)
    answer = api.edit_security_monitoring_signal_assignee(signal.public_id, body(str(responder.uuid)))
    assert answer.data.attributes.assignee.handle == responder.email
    answer = api.edit_security_monitoring_signal_assignee(signal.public_id, body(""))
    assert answer.data.attributes.assignee.uuid == ""


def test_v2_replaces_the_incidents(machine, signal, incident, analyst, acting):
    other = incidents.declare(actor=acting(analyst), title="Another")

    def body(*public_ids):
        return v2.SecurityMonitoringSignalIncidentsUpdateRequest(
            data=v2.SecurityMonitoringSignalIncidentsUpdateData(
                attributes=v2.SecurityMonitoringSignalIncidentsUpdateAttributes(incident_ids=list(public_ids))
            )
        )

    api = machine(Signals)
    first = api.edit_security_monitoring_signal_incidents(signal.public_id, body(incident.public_id))
    second = api.edit_security_monitoring_signal_incidents(signal.public_id, body(other.public_id))
    assert first.data.attributes.incident_ids.value == [incident.public_id]
    assert second.data.attributes.incident_ids.value == [other.public_id]
    with pytest.raises(NotFoundException):
        api.edit_security_monitoring_signal_incidents(signal.public_id, body(987654))


def test_v2_changes_state_and_assignee_at_once(machine, signal, responder):
    body = v2.SecurityMonitoringSignalUpdateRequest(
        data=v2.SecurityMonitoringSignalUpdateData(
            attributes=v2.SecurityMonitoringSignalUpdateAttributes(
                state=v2.SecurityMonitoringSignalState.UNDER_REVIEW,
                assignee=v2.SecurityMonitoringTriageUser(uuid=str(responder.uuid)),
                version=0,
            ),
            type=v2.SecurityMonitoringSignalMetadataType.SIGNAL_METADATA,
        )
    )
    attributes = machine(Signals).edit_security_monitoring_signal(signal.public_id, body).data.attributes
    assert (str(attributes.state), attributes.assignee.uuid) == ("under_review", str(responder.uuid))


def test_a_comment_that_came_later_is_of_whoever_gave_it(machine, machine_of, signal, responder):
    reason = v2.SecurityMonitoringSignalArchiveReason.OTHER
    first = state_edit("archived", archive_reason=reason, archive_comment="Hm")
    machine(Signals).edit_security_monitoring_signal_state(signal.public_id, first)
    told = update(machine_of(responder), signal, archive_comment="Our scanner")
    assert (told.archive_comment_user.handle, told.state_update_user.handle) == (
        "responder@example.test",
        "analyst@example.test",
    )
    assert told.archive_comment_timestamp >= told.state_update_timestamp


def update(machine, signal, **attributes):
    body = v2.SecurityMonitoringSignalUpdateRequest(
        data=v2.SecurityMonitoringSignalUpdateData(
            attributes=v2.SecurityMonitoringSignalUpdateAttributes(**attributes),
            type=v2.SecurityMonitoringSignalMetadataType.SIGNAL_METADATA,
        )
    )
    return machine(Signals).edit_security_monitoring_signal(signal.public_id, body).data.attributes


def test_v2_answers_an_update_that_asks_for_nothing(machine, signal):
    attributes = update(machine, signal)
    assert (str(attributes.state), now(signal).version) == ("open", 0)


def test_v2_says_anew_why_a_signal_is_archived(machine, signal):
    reasons = v2.SecurityMonitoringSignalArchiveReason
    api = machine(Signals)
    body = state_edit("archived", archive_reason=reasons.OTHER, archive_comment="to be looked at")
    api.edit_security_monitoring_signal_state(signal.public_id, body)
    body = state_edit("archived", archive_reason=reasons.FALSE_POSITIVE)
    attributes = api.edit_security_monitoring_signal_state(signal.public_id, body).data.attributes
    assert (str(attributes.archive_reason), attributes.archive_comment) == ("false_positive", "to be looked at")
    attributes = update(machine, signal, archive_comment="our own scanner")
    assert (str(attributes.archive_reason), attributes.archive_comment) == ("false_positive", "our own scanner")


def test_v2_keeps_the_reason_of_what_is_archived_again_without_one(machine, signal):
    api = machine(Signals)
    body = state_edit("archived", archive_reason=v2.SecurityMonitoringSignalArchiveReason.FALSE_POSITIVE)
    api.edit_security_monitoring_signal_state(signal.public_id, body)
    attributes = api.edit_security_monitoring_signal_state(signal.public_id, state_edit("archived")).data.attributes
    assert str(attributes.archive_reason) == "false_positive"


# --- v2: many at once ---


def bulk_state(signals, state="under_review", **attributes):
    return v2.SecurityMonitoringSignalsBulkStateUpdateRequest(
        data=[
            v2.SecurityMonitoringSignalsBulkStateUpdateData(
                id=signal.public_id,
                attributes=v2.SecurityMonitoringSignalStateUpdateAttributes(
                    state=v2.SecurityMonitoringSignalState(state), **attributes
                ),
            )
            for signal in signals
        ]
    )


def test_bulk_changes_states(machine):
    signals = SignalFactory.create_batch(3)
    answer = machine(Signals).bulk_edit_security_monitoring_signals_state(bulk_state(signals))
    assert (answer.type, answer.status, answer.result.count) == ("status", "done", 3)
    assert {str(one.event.state) for one in answer.result.events} == {"under_review"}


def test_bulk_assigns(machine, responder):
    signals = SignalFactory.create_batch(2)
    body = v2.SecurityMonitoringSignalsBulkAssigneeUpdateRequest(
        data=[
            v2.SecurityMonitoringSignalsBulkAssigneeUpdateData(
                id=signal.public_id,
                attributes=v2.SecurityMonitoringSignalsBulkAssigneeUpdateAttributes(assignee=str(responder.uuid)),
            )
            for signal in signals
        ]
    )
    answer = machine(Signals).bulk_edit_security_monitoring_signals_assignee(body)
    assert {one.event.assignee.uuid for one in answer.result.events} == {str(responder.uuid)}


def test_bulk_update_takes_each_as_it_is_asked(machine, responder):
    first, second = SignalFactory.create_batch(2)
    state = v2.SecurityMonitoringSignalUpdateAttributes(state=v2.SecurityMonitoringSignalState.UNDER_REVIEW)
    assignee = v2.SecurityMonitoringSignalUpdateAttributes(
        assignee=v2.SecurityMonitoringTriageUser(uuid=str(responder.uuid))
    )
    body = v2.SecurityMonitoringSignalsBulkUpdateRequest(
        data=[
            v2.SecurityMonitoringSignalsBulkUpdateData(id=first.public_id, attributes=state),
            v2.SecurityMonitoringSignalsBulkUpdateData(id=second.public_id, attributes=assignee),
        ]
    )
    events = machine(Signals).bulk_edit_security_monitoring_signals(body).result.events
    assert [str(one.event.state) for one in events] == ["under_review", "open"]
    assert [one.event.assignee.uuid for one in events] == ["", str(responder.uuid)]


def test_bulk_does_all_or_nothing_and_says_which_was_refused(machine):
    signals = SignalFactory.create_batch(2)
    Signal.objects.filter(pk=signals[1].pk).update(version=4)
    with pytest.raises(ApiException) as refusal:
        machine(Signals).bulk_edit_security_monitoring_signals_state(bulk_state(signals, version=1))
    assert refusal.value.status == 400
    error = refusal.value.body["errors"][0]
    assert (error["status"], error["source"]["pointer"]) == ("400", "/data/1")
    assert now(signals[0]).state == "open"


# --- who may ---


def test_without_the_permission_the_refusal_names_it(machine_of, viewer, signal):
    with pytest.raises(ForbiddenException) as refusal:
        machine_of(viewer)(Signals).edit_security_monitoring_signal_state(signal.public_id, state_edit("archived"))
    assert "security_monitoring_signals_write" in refusal.value.body["errors"][0]


def test_scopes_narrow_a_key(machine_of, analyst, signal):
    narrow = machine_of(analyst, scopes=["cases_read"])
    with pytest.raises(ForbiddenException):
        narrow(Signals).list_security_monitoring_signals()
