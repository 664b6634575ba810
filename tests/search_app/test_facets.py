"""Facets beyond what the panel has room for: all values of one, those with some text in them, and which are shown."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts_app.access import person
from search_app.explorer import Address
from search_app.explorer.facets import FIRST, draw_facet_menu
from search_app.index import MAX_FACET_VALUES, Window, explore
from search_app.index.bitmaps.engine import BitmapEngine
from search_app.index.finding import find_values
from search_app.index.shapes import Page
from search_app.index.sql import SqlEngine
from signals_app.explorer import EXPLORER
from signals_app.fields import FACETS, SIGNALS
from signals_app.models import Severity
from tests.signals_app.factories import ServiceFactory, SignalFactory

FRAGMENT = {"headers": {"HX-Request": "true"}}


@pytest.fixture
def many(db):
    """120 environments: env-0 with three signals, the others with one each; env-7 has another service."""
    SignalFactory.create_batch(2, env="env-0")
    for number in range(120):
        service = ServiceFactory(name="auth") if number == 7 else ServiceFactory(name="web-store")
        SignalFactory(env=f"env-{number}", service=service, severity=Severity.LOW)


def week() -> Window:
    now = timezone.now() + timedelta(seconds=1)
    return Window(now - timedelta(days=7), now)


def at(name: str, address: Address = Address(), **more: str) -> str:  # noqa: B008 - frozen
    query = "&".join(f"{key}={quote(value)}" for key, value in (address.params() | more).items())
    return f"{reverse('search:facet', args=['signals', name])}?{query}"


@pytest.mark.parametrize("engine", [BitmapEngine.of, SqlEngine])
@pytest.mark.parametrize(("find", "found"), [("ENV-11", 11), ("env-119", 1), ("nowhere", 0)])
def test_a_value_is_found_by_a_part_of_it_whatever_its_case(many, analyst, engine, find, found):
    answer = find_values(SIGNALS, person(analyst), SIGNALS.parse(""), week(), "env", find, engine=engine)
    assert len(answer.values) == found
    assert not answer.is_cut


@pytest.mark.parametrize("engine", [BitmapEngine.of, SqlEngine])
def test_values_are_counted_beside_the_terms_of_their_own_facet(many, analyst, engine):
    tree = SIGNALS.parse("env:env-3 service:web-store")
    answer = find_values(SIGNALS, person(analyst), tree, week(), "env", "env-0", engine=engine)
    assert [(value.value, value.count) for value in answer.values] == [("env-0", 3)]
    answer = find_values(SIGNALS, person(analyst), tree, week(), "env", "env-7", engine=engine)
    assert "env-7" not in [value.value for value in answer.values]


def test_all_values_are_the_most_frequent_hundred_and_say_that_there_are_more(many, analyst):
    answer = find_values(SIGNALS, person(analyst), SIGNALS.parse(""), week(), "env")
    assert len(answer.values) == MAX_FACET_VALUES
    assert answer.is_cut
    assert (answer.values[0].value, answer.values[0].count) == ("env-0", 3)


def test_choices_are_found_by_their_words(many, analyst):
    answer = find_values(SIGNALS, person(analyst), SIGNALS.parse(""), week(), "severity", "Hi")
    assert [(value.label, value.count) for value in answer.values] == [("High", 2)]


def test_nothing_is_found_among_what_one_may_not_see(many, outsider):
    assert find_values(SIGNALS, person(outsider), SIGNALS.parse(""), week(), "env", "env").values == []


def test_the_panel_leads_to_all_values_of_a_long_facet(many, client, analyst):
    client.force_login(analyst)
    page = client.get("/signals/?query=service:web-store").content.decode()
    assert at("env", Address(query="service:web-store")) in page
    assert f"Show all {MAX_FACET_VALUES}+" in page


def test_the_lines_of_a_facet_come_alone_for_the_panel(many, client, analyst):
    client.force_login(analyst)
    answer = client.get(at("env", Address(query="service:auth")), **FRAGMENT)
    html = answer.content.decode()
    assert "<html" not in html
    assert html.count('role="checkbox"') == 1
    assert "query=service%3Aauth+env%3Aenv-7" in html


def test_a_facet_has_a_page_of_its_own_that_finds(many, client, analyst):
    client.force_login(analyst)
    html = client.get(at("env", Address(query="service:web-store", range="30d"), find="env-11")).content.decode()
    assert "<h1>Env</h1>" in html
    assert html.count('role="checkbox"') == 11
    assert '<input type="hidden" name="range" value="30d">' in html


def test_there_is_no_page_for_what_is_no_facet(client, analyst):
    client.force_login(analyst)
    assert client.get(at("host")).status_code == 404
    assert client.get(reverse("search:facet", args=["passwords", "env"])).status_code == 404


def test_a_faulty_query_is_said_beside_the_facet(client, analyst):
    client.force_login(analyst)
    answer = client.get(at("env", Address(query="env:(")), **FRAGMENT)
    assert answer.status_code == 400
    assert "The query cannot be read" in answer.content.decode()


def test_what_attackers_write_is_text_in_the_lines_and_in_what_was_looked_for(client, analyst):
    SignalFactory(env="<img src=x onerror=alert(1)>")
    client.force_login(analyst)
    for find in ("<img", "<script>alert(2)</script>"):
        html = client.get(at("env", find=find)).content.decode()
        assert "<img src=x" not in html
        assert "<script>alert(2)" not in html


def test_the_menu_hides_and_shows_facets_and_keeps_their_order():
    (hide,) = [c for _, choices in draw_facet_menu(EXPLORER, Address()) for c in choices if c.name == "service"]
    assert hide.is_shown
    left = tuple(name for name in FACETS if name != "service")
    assert hide.toggle == f"/signals/{Address(facets=left)}"
    (show,) = [
        c for _, choices in draw_facet_menu(EXPLORER, Address(facets=left)) for c in choices if c.name == "service"
    ]
    assert not show.is_shown
    assert show.toggle == "/signals/"


def test_a_facet_that_is_shown_again_stands_where_it_usually_does():
    address = Address(facets=("severity", "env"))
    (show,) = [c for _, choices in draw_facet_menu(EXPLORER, address) for c in choices if c.name == "service"]
    assert show.toggle == f"/signals/{Address(facets=('severity', 'service', 'env'))}"


def test_the_last_facet_cannot_be_hidden():
    choices = [c for _, choices in draw_facet_menu(EXPLORER, Address(facets=("env",))) for c in choices]
    assert [c.name for c in choices if not c.toggle] == ["env"]


def test_only_the_facets_of_the_address_are_drawn_and_counted(many, client, analyst, django_assert_num_queries):
    client.force_login(analyst)
    html = client.get("/signals/?facets=service,severity").content.decode()
    drawn = [part.split('"')[0] for part in html.split('data-facet="')[1:]]
    assert drawn == ["service", "severity"]
    explored = explore(SIGNALS, person(analyst), SIGNALS.parse(""), week(), ["env"], Page())
    assert set(explored.facets) == {"env"}


def test_a_short_facet_has_nothing_more_to_show(client, analyst):
    for number in range(FIRST):
        SignalFactory(env=f"env-{number}")
    client.force_login(analyst)
    html = client.get("/signals/?facets=env").content.decode()
    assert "Show all" not in html
    assert 'aria-label="Find in Env"' in html
