"""Declaring facets: who may, what can be one, and where that is done."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts_app.access import person
from core_app.errors import Invalid, NotAllowed, NotFound
from core_app.models import Entry
from search_app import actions
from search_app.explorer.declaring import known_paths
from search_app.models import CustomFacet
from signals_app.fields import SIGNALS
from tests.signals_app.factories import SignalFactory

PAGE = reverse("search:facet_list", args=["signals"])
SYSTEM = {"path": "@os.family", "label": "System", "group": "Client", "kind": "text"}


def test_an_administrator_declares_a_facet_and_the_ledger_says_so(admin):
    facet = actions.declare_facet(actor=person(admin), surface="signals", **SYSTEM)
    assert CustomFacet.objects.get() == facet
    entry = Entry.objects.get(verb="search.facet_declared")
    assert (entry.actor_id, entry.data["path"]) == (str(admin.pk), "@os.family")


@pytest.mark.parametrize("who", ["viewer", "analyst", "outsider"])
def test_others_may_not(request, client, who):
    user = request.getfixturevalue(who)
    with pytest.raises(NotAllowed):
        actions.declare_facet(actor=person(user), surface="signals", **SYSTEM)
    client.force_login(user)
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, SYSTEM).status_code == 403
    assert not CustomFacet.objects.exists()


@pytest.mark.parametrize(
    "path", ["os.family", "@", "@a..b", "severity", "@Workflow.Rule.Name", "@a." + ".".join("b" * 12), '@a"b']
)
def test_what_is_no_free_attribute_can_be_no_facet(admin, path):
    with pytest.raises(Invalid):
        actions.declare_facet(actor=person(admin), surface="signals", **SYSTEM | {"path": path})
    assert not CustomFacet.objects.exists()


def test_an_attribute_is_declared_once(admin, client):
    client.force_login(admin)
    assert client.post(PAGE, SYSTEM).status_code == 302
    answer = client.post(PAGE, SYSTEM)
    assert answer.status_code == 422
    assert "is a field already" in answer.content.decode()
    assert CustomFacet.objects.count() == 1


def test_a_declared_facet_stands_in_the_panel_and_its_menu(admin, client):
    SignalFactory(attributes={"os": {"family": "<i>Linux</i>"}})
    client.force_login(admin)
    client.post(PAGE, SYSTEM | {"label": "<u>System</u>"})
    html = client.get("/signals/").content.decode()
    assert 'data-facet="@os.family"' in html
    assert 'data-facet-choice="@os.family"' in html
    assert "&lt;i&gt;Linux&lt;/i&gt;" in html
    assert "<u>System" not in html and "<i>Linux" not in html


def test_a_facet_is_taken_away_and_queries_go_on(admin, client):
    SignalFactory(attributes={"os": {"family": "linux"}})
    facet = actions.declare_facet(actor=person(admin), surface="signals", **SYSTEM)
    client.force_login(admin)
    assert client.post(reverse("search:facet_remove", args=["signals", facet.pk])).status_code == 302
    assert Entry.objects.filter(verb="search.facet_removed").count() == 1
    html = client.get("/signals/?query=%40os.family:linux").content.decode()
    assert 'data-facet="@os.family"' not in html
    assert "<strong>1</strong> signal" in html
    with pytest.raises(NotFound):
        actions.remove_facet(actor=person(admin), pk=facet.pk)


def test_the_form_offers_the_attributes_that_signals_have(admin, client):
    SignalFactory(attributes={"os": {"family": "linux", "ids": [{"a b": 1}]}, "rule": 3, "usr": {"id": "x"}})
    assert known_paths(SIGNALS, person(admin)) == ["@os.family", "@rule"]
    client.force_login(admin)
    assert '<option value="@os.family">' in client.get(PAGE + "?path=@os.family").content.decode()
