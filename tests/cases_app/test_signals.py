"""Cases by way of signals: the two entries of Bulk Actions, the field, the marks and the section of the panel."""

import re
from uuid import uuid4

import pytest

from cases_app import actions
from cases_app.models import Case
from search_app.index.matching import matching_pks
from search_app.index.shapes import Window
from signals_app.explorer import EVERYWHERE
from signals_app.fields import SIGNALS
from signals_app.marks import marks_of
from tests.signals_app.factories import SignalFactory

from .factories import CaseFactory, ProjectFactory

pytestmark = pytest.mark.django_db

HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def desk(client, analyst):
    client.force_login(analyst)
    return client


@pytest.fixture
def case(analyst):
    return CaseFactory(title="Look into the login", project=ProjectFactory(key="OPS"), number=1, created_by=analyst)


def rows(signals, version=0):
    return ",".join(f"{signal.pk}:{version}" for signal in signals)


class TestFromSignals:
    def test_the_dialog_asks_and_suggests_the_title_of_a_single_signal(self, desk):
        signal = SignalFactory(title="SQL injection")
        html = desk.post("/cases/from-signals/", {"rows": rows([signal])}, **HTMX).content.decode()
        assert 'value="SQL injection"' in html and "Create Case" in html

    def test_leads_to_the_new_case_and_makes_one_however_often_it_is_sent(self, desk):
        signals = SignalFactory.create_batch(3)
        data = {"rows": rows(signals), "project": "SEC", "title": "Login", "token": uuid4(), "expected": 3}
        assert desk.post("/cases/from-signals/", data)["Location"] == "/cases/SEC-1/"
        assert desk.post("/cases/from-signals/", data, **HTMX)["HX-Redirect"] == "/cases/SEC-1/"
        case = Case.objects.get()
        assert case.signals.count() == 3
        assert set(case.signals.values_list("state", flat=True)) == {"under_review"}

    def test_a_signal_that_was_changed_is_told_of_and_the_second_press_goes_on(self, desk):
        signals = [SignalFactory(), SignalFactory(version=2)]
        data = {"rows": rows(signals), "project": "SEC", "title": "Login", "token": uuid4(), "expected": 2}
        answer = desk.post("/cases/from-signals/", data, **HTMX)
        html = answer.content.decode()
        assert answer.status_code == 409 and "1 of these signals was changed" in html and 'value="Login"' in html
        assert not Case.objects.exists()
        again = re.search(r'name="rows" value="([^"]+)"', html)[1]
        assert desk.post("/cases/from-signals/", {**data, "rows": again}).status_code == 302

    @pytest.mark.parametrize(
        "wrong", [{"title": ""}, {"title": "a" * 301}, {"project": "GONE"}, {"assignee": "x"}, {"expected": "0"}]
    )
    def test_what_cannot_be_meant_is_told_in_the_dialog(self, desk, wrong):
        data = {"rows": rows([SignalFactory()]), "project": "SEC", "title": "It", "token": uuid4(), "expected": 1}
        assert desk.post("/cases/from-signals/", {**data, **wrong}, **HTMX).status_code == 422

    def test_all_that_match_can_be_taken(self, desk):
        SignalFactory.create_batch(4)
        asked = {"matching": "on", "query": "", "range": "1d"}
        html = desk.post("/cases/from-signals/", asked, **HTMX).content.decode()
        fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', html))
        data = {**fields, "project": "SEC", "title": "All of it"}
        assert desk.post("/cases/from-signals/", data).status_code == 302
        assert Case.objects.get().signals.count() == 4

    def test_a_reader_may_not(self, client, viewer):
        client.force_login(viewer)
        assert client.post("/cases/from-signals/", {"rows": rows([SignalFactory()])}).status_code == 403


class TestAddSignals:
    def test_offers_cases_that_are_not_closed_and_finds_by_key_and_title(self, desk, case):
        CaseFactory(project=case.project, number=2, title="Another")
        CaseFactory(project=case.project, number=3, title="Over", status="CLOSED")
        data = {"rows": rows([SignalFactory()])}
        html = desk.post("/cases/add-signals/", data, **HTMX).content.decode()
        assert "OPS-1" in html and "OPS-2" in html and "OPS-3" not in html
        choices = {**HTMX, "HTTP_HX_TARGET": "case-choices"}
        html = desk.post("/cases/add-signals/", {**data, "find": "ops-1 LOGIN"}, **choices).content.decode()
        assert "OPS-1" in html and "OPS-2" not in html and "<form" not in html

    def test_puts_them_into_the_case(self, desk, case):
        signals = SignalFactory.create_batch(2)
        data = {"rows": rows(signals), "case": case.uuid, "expected": 2, "add": "1"}
        answer = desk.post("/cases/add-signals/", data, **HTMX)
        assert "2 signals added to" in answer.content.decode()
        assert "signals:changed" in answer["HX-Trigger-After-Settle"]
        assert set(case.signals.all()) == set(signals)

    def test_without_a_case_it_asks_for_one(self, desk, case):
        data = {"rows": rows([SignalFactory()]), "expected": 1, "add": "1"}
        answer = desk.post("/cases/add-signals/", data, **HTMX)
        assert answer.status_code == 422 and "Choose a case." in answer.content.decode()

    def test_a_changed_signal_is_told_of(self, desk, case):
        data = {"rows": rows([SignalFactory(version=2)]), "case": case.uuid, "expected": 1, "add": "1"}
        assert desk.post("/cases/add-signals/", data, **HTMX).status_code == 409
        assert not case.signals.exists()


class TestSignalsSay:
    @pytest.fixture
    def linked(self, case, acting, analyst):
        signal = SignalFactory()
        actions.add_signals(actor=acting(analyst), case=case, signals={signal.pk: None})
        return signal

    def found(self, query, user, acting):
        from django.utils import timezone

        window = EVERYWHERE.window(timezone.now())
        assert isinstance(window, Window)
        return list(matching_pks(SIGNALS, acting(user), SIGNALS.parse(query), window))

    def test_the_field_finds_by_key_whatever_its_case(self, linked, acting, analyst):
        other = SignalFactory()
        assert self.found("@case.key:OPS-1", analyst, acting) == [linked.pk]
        assert self.found("@case.key:ops-1", analyst, acting) == [linked.pk]
        assert self.found("@case.key:OPS-*", analyst, acting) == [linked.pk]
        assert self.found("@case.key:OPS-2", analyst, acting) == []
        assert self.found("@case.key:none", analyst, acting) == [other.pk]
        assert self.found("-@case.key:OPS-1", analyst, acting) == [other.pk]

    def test_a_row_names_its_case_until_it_is_closed(self, linked, case, acting, analyst):
        actor = acting(analyst)
        (mark,) = marks_of(actor, [linked.pk])[linked.pk]
        assert (mark.text, mark.url) == ("OPS-1", "/cases/OPS-1/")
        actions.set_status(actor=actor, seen={case.pk: None}, to="CLOSED")
        assert marks_of(actor, [linked.pk]) == {}

    def test_whoever_may_not_see_cases_sees_none(self, linked, acting, outsider):
        assert marks_of(acting(outsider), [linked.pk]) == {}

    def test_the_panel_tells_of_every_case(self, desk, linked, case, acting, analyst):
        actions.set_status(actor=acting(analyst), seen={case.pk: None}, to="CLOSED")
        html = desk.get(f"/cases/of-signal/{linked.public_id}/").content.decode()
        assert "OPS-1" in html and "Closed" in html
        panel = desk.get(f"/signals/{linked.public_id}/").content.decode()
        assert "Create Case" in panel and "Add to an existing case" in panel
        assert "put it into a case" in panel

    def test_a_signal_is_taken_out_of_the_case(self, desk, linked, case):
        desk.post(f"/cases/OPS-1/signals/{linked.public_id}/remove/")
        assert not case.signals.exists()
