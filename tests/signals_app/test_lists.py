"""The lists of rules and services: the busiest first, found by a part of what a line says, a page at a time."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts_app.models import Team
from accounts_app.permissions import RULES_READ
from signals_app.models import TriageState
from signals_app.models.signals import ArchiveReason
from signals_app.queries import entities
from signals_app.views import entities as views_entities
from signals_app.views import lists
from tests.signals_app.factories import RuleFactory, ServiceFactory, SignalFactory, add_part

pytestmark = pytest.mark.django_db

ARCHIVED = {"state": TriageState.ARCHIVED, "archive_reason": ArchiveReason.OTHER}
LISTS = {
    "rules": (lambda name: RuleFactory(key=f"key-{name}", name=name), "rule"),
    "services": (lambda name: ServiceFactory(name=name), "service"),
}


@pytest.fixture(params=LISTS)
def listed(request):
    """The path of a list, what makes a row of a name, and what a signal calls it."""
    make, called = LISTS[request.param]
    return f"/{request.param}/", make, called


@pytest.fixture
def reader(client, analyst):
    client.force_login(analyst)
    return client


def lines(response) -> list[list[str]]:
    """The names of the rows, each with the numbers in it."""
    rows = re.findall(r"<tr[^>]*>\s*<th scope=\"row\">.*?</tr>", response.content.decode(), re.DOTALL)
    return [
        [re.search(r"<th.*?<a[^>]*>(.*?)</a>", row)[1], *re.findall(r"class=\"num\"[^>]*>(\d+)<", row)] for row in rows
    ]


def test_the_busiest_come_first_with_their_counts(reader, listed):
    path, make, called = listed
    quiet, busy, done = make("Quiet"), make("Busy"), make("Done")
    SignalFactory.create_batch(2, **{called: busy})
    SignalFactory(**{called: busy}, **ARCHIVED)
    SignalFactory.create_batch(4, **{called: done}, **ARCHIVED)
    SignalFactory(**{called: quiet}, state=TriageState.UNDER_REVIEW)
    names = {"Busy", "Quiet", "Done"}
    assert [line for line in lines(reader.get(path)) if line[0] in names] == [
        ["Busy", "2", "3"],
        ["Quiet", "1", "1"],
        ["Done", "0", "4"],
    ]


def test_one_is_found_by_a_part_of_its_name_whatever_its_case(reader, listed):
    path, make, _ = listed
    make("Odd one"), make("Even one")
    assert [name for name, *_ in lines(reader.get(path, {"find": "oDD"}))] == ["Odd one"]
    page = reader.get(path, {"find": "<neither>"}).content.decode()
    assert "match</h2>" in page
    assert 'value="&lt;neither&gt;"' in page


def test_a_service_is_found_by_its_team_and_a_rule_by_its_tactic(reader):
    ServiceFactory(name="pay", team=Team.objects.create(name="Money", handle="money"))
    RuleFactory(key="move", name="Moves", tactic="TA0008 Lateral Movement")
    assert lines(reader.get("/services/", {"find": "money"}))[0][0] == "pay"
    assert lines(reader.get("/rules/", {"find": "lateral"}))[0][0] == "Moves"


def test_every_row_is_on_one_page(reader, listed, monkeypatch):
    monkeypatch.setattr(lists, "ON_A_PAGE", 2)
    path, make, _ = listed
    for number in range(5):
        make(f"Row {number}")
    found, url = [], f"{path}?find=row"
    while url:
        html = reader.get(url)
        found += [name for name, *_ in lines(html)]
        following = re.search(r'href="([^"]*)" rel="next"', html.content.decode())
        url = path + following[1].replace("&amp;", "&") if following else ""
    assert found == [f"Row {number}" for number in range(5)]


@pytest.mark.parametrize("page", ["0", "-1", "1000", "x", ""])
def test_a_page_that_there_is_not_is_the_nearest_one(reader, listed, page):
    path, make, _ = listed
    make("The only one")
    assert lines(reader.get(path, {"page": page}))[0][0] == "The only one"


def test_a_list_costs_as_many_statements_for_many_rows_as_for_one(reader, listed):
    path, make, called = listed

    def statements() -> int:
        reader.get(path)  # what is new is told to the index
        with CaptureQueriesContext(connection) as found:
            reader.get(path)
        return len(found)

    SignalFactory(**{called: make("first")})
    before = statements()
    for number in range(8):
        SignalFactory(**{called: make(f"row {number}")})
    assert statements() == before


def test_rules_without_the_permission_to_see_signals_have_no_counts(client, outsider):
    readers = Group.objects.create(name="Readers of rules")
    readers.permissions.add(Permission.objects.get(codename=RULES_READ))
    outsider.groups.add(readers)
    client.force_login(outsider)
    SignalFactory(rule=RuleFactory(name="Busy"))
    assert lines(client.get("/rules/")) == [["Busy", "0", "0"]]


@pytest.mark.parametrize(
    ("met_in", "together", "is_said"),
    [
        (3, {"198.51.100.1": 1, "198.51.100.2": 3}, False),
        (2, {"198.51.100.2": 2}, True),  # the first signal, the only one with the other address, is not looked at
    ],
)
def test_a_busy_entity_is_met_in_its_newest_signals(reader, monkeypatch, met_in, together, is_said):
    for module in (entities, views_entities):
        monkeypatch.setattr(module, "MET_IN", met_in)
    busy = "198.51.100.9"
    for others in (["198.51.100.1", "198.51.100.2"], ["198.51.100.2"], ["198.51.100.2"]):
        signal = SignalFactory()
        for address in (busy, *others):
            add_part(signal, "ip", address, "attacker")
    html = reader.get(f"/entities/ip/{busy}/").content.decode()
    met = re.search(r'id="acted-with".*?</ul>', html, re.DOTALL)[0]
    assert {address: int(n) for address, n in re.findall(r">([\d.]+)</a> <span[^>]*>(\d+) signal", met)} == together
    assert (f"in its newest {met_in} signals" in met) == is_said
