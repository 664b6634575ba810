"""In a maintenance window nobody is told of what happens to its cases."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cases_app import actions
from cases_app.models import MaintenanceWindow
from core_app.delivery import deliver_due
from core_app.errors import Invalid, NotAllowed, StaleVersion
from core_app.models import Entry
from search_app.language import QueryError
from tests.cases_app.factories import ProjectFactory

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def window(acting, analyst):
    """Makes a window around now."""

    def make(query="project:SEC", **given):
        now = timezone.now()
        given = {"name": "Migration", "start_at": now - HOUR, "end_at": now + HOUR} | given
        return actions.create_maintenance_window(actor=acting(analyst), query=query, **given)

    return make


@pytest.fixture
def case(acting, analyst, responder):
    """A case that the responder watches."""
    made = actions.create_case(actor=acting(analyst), project=ProjectFactory(key="SEC"), title="Look", priority="P4")
    actions.watch(actor=acting(analyst), case=made, user=responder)
    deliver_due()
    return made


def told(user) -> int:
    deliver_due()
    return user.notifications.count()


def happen(acting, analyst, case, priority="P1"):
    actions.set_priority(actor=acting(analyst), seen={case.pk: None}, to=priority).one_or_raise()


def test_nobody_is_told_of_a_case_in_a_window(window, acting, analyst, responder, case):
    row = window()
    happen(acting, analyst, case)
    actions.comment(actor=acting(analyst), case=case, body=f"@{responder.email} look")
    actions.archive(actor=acting(analyst), seen={case.pk: None}).one_or_raise()
    assert told(responder) == 0
    actions.delete_maintenance_window(actor=acting(analyst), window=row)
    assert told(responder) == 0  # also not later
    actions.unarchive(actor=acting(analyst), seen={case.pk: None}).one_or_raise()
    assert told(responder) == 1


@pytest.mark.parametrize(
    "given",
    [
        {"query": "priority:P5"},
        {"start_at": timezone.now() + HOUR, "end_at": timezone.now() + 2 * HOUR},
        {"start_at": timezone.now() - 2 * HOUR, "end_at": timezone.now() - HOUR},
    ],
)
def test_other_cases_and_other_times_are_told(window, acting, analyst, responder, case, given):
    window(**given)
    happen(acting, analyst, case)
    assert told(responder) == 1


def test_a_window_whose_query_means_nothing_any_more_keeps_nothing_back(window, acting, analyst, responder, case):
    row = window()
    MaintenanceWindow.objects.filter(pk=row.pk).update(query="((")
    happen(acting, analyst, case)
    assert told(responder) == 1


def test_windows_that_cannot_be(window, acting, analyst, viewer):
    row = window()
    now = timezone.now()
    for given in (
        {"name": ""},
        {"name": "a\nb"},
        {"query": " "},
        {"end_at": now - 2 * HOUR},
        {"start_at": "soon"},
        {"end_at": now.replace(year=9999)},
    ):
        with pytest.raises(Invalid):
            window(**given)
        with pytest.raises(Invalid):
            actions.edit_maintenance_window(actor=acting(analyst), window=row, **given)
    with pytest.raises(QueryError):
        window("((")
    actions.edit_maintenance_window(actor=acting(analyst), window=row, name="Other")
    with pytest.raises(StaleVersion):
        actions.edit_maintenance_window(actor=acting(analyst), window=row, seen_version=0, name="Third")
    for deed in (
        lambda: actions.edit_maintenance_window(actor=acting(viewer), window=row, name="x"),
        lambda: actions.delete_maintenance_window(actor=acting(viewer), window=row),
    ):
        with pytest.raises(NotAllowed):
            deed()
    assert MaintenanceWindow.objects.get().name == "Other"


def test_a_window_is_made_changed_and_taken_away_in_the_browser(client, analyst, viewer):
    client.force_login(analyst)
    typed = {"name": "Migration", "query": "project:SEC", "start_at": "2026-06-01T00:00", "end_at": "2026-06-01T06:00"}
    address = reverse("cases:windows")
    assert client.post(address, typed | {"query": "(("}).status_code == 400
    assert client.post(address, typed | {"end_at": "2026-05-01T00:00"}).status_code == 400
    assert client.post(address, typed | {"name": ""}).status_code == 422
    assert client.post(address, typed).status_code == 302
    row = MaintenanceWindow.objects.get()
    assert "project:SEC" in client.get(address).content.decode()
    edit = reverse("cases:window_edit", args=[row.uuid])
    assert 'value="2026-06-01T00:00"' in client.get(edit).content.decode()
    assert client.post(edit, typed | {"name": "Longer", "seen_version": 0}).status_code == 302
    assert client.post(edit, typed | {"name": "Mine", "seen_version": 0}).status_code == 409
    row.refresh_from_db()
    assert row.name == "Longer"
    client.force_login(viewer)
    page = client.get(address).content.decode()
    assert "Longer" in page and "New maintenance window" not in page
    assert client.post(address, typed).status_code == 403
    client.force_login(analyst)
    assert client.post(reverse("cases:window_delete", args=[row.uuid])).status_code == 302
    assert not MaintenanceWindow.objects.exists()
    verbs = Entry.objects.filter(verb__contains="maintenance").order_by("pk").values_list("verb", flat=True)
    assert [verb.rpartition("_")[2] for verb in verbs] == ["created", "edited", "deleted"]
