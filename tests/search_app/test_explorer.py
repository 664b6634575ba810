"""What all explorers share: the address, what it accepts, and what the facet panel's links say."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts_app.access import person
from search_app.explorer import Address, ExplorerForm
from search_app.explorer.facets import FIRST, draw_facet
from search_app.index import FacetValue
from search_app.language import edit, parse, to_text, value_text
from signals_app.explorer import EXPLORER
from signals_app.fields import SIGNALS
from tests.search_app.trees import anything, sendable

FIELDS = ["service", "env", "severity", "@workflow.rule.name"]


def query_of(url: str) -> str:
    return parse_qs(urlsplit(url).query).get("query", [""])[0]


@given(tree=anything, field=st.sampled_from(FIELDS), value=st.just("none") | sendable.map(value_text))
def test_the_links_of_a_facet_say_what_the_clicks_mean(tree, field, value):
    tree = parse(to_text(tree))
    facet = draw_facet(SIGNALS.table[field], [FacetValue(value, value, 1)], tree, Address(), "/signals/")
    (line,) = facet.values
    assert query_of(line.toggle) == to_text(edit.toggle(tree, field, value))
    assert query_of(line.only) == to_text(edit.only(tree, field, value))
    assert query_of(line.exclude) == to_text(edit.exclude(tree, field, value))
    assert query_of(facet.clear) == to_text(edit.without(tree, field))


def test_the_links_keep_the_rest_of_the_address():
    address = Address(query="env:prod", range="30d", cols=("title", "time"), timeline=False)
    facet = draw_facet(
        SIGNALS.table["service"], [FacetValue("auth", "auth", 1)], parse("env:prod"), address, "/signals/"
    )
    assert facet.values[0].only == f"/signals/{address.to(query='env:prod service:auth')}"


def test_a_facet_draws_its_first_values_and_those_that_the_query_names():
    values = [FacetValue(f"s{number}", f"s{number}", 99 - number) for number in range(30)]
    facet = draw_facet(
        SIGNALS.table["service"], values, parse("service:(s3 OR s25) -service:s29"), Address(), "/signals/"
    )
    assert [line.value for line in facet.values] == [*(f"s{n}" for n in range(FIRST)), "s25", "s29"]
    assert facet.more == 30 - FIRST - 2
    assert facet.chosen == 3


@pytest.mark.parametrize(
    "address",
    [
        Address(),
        Address(query="a b", range="1h", column="title", order="asc", paused=True),
        Address(viz="toplist", group=("service", "env"), unique="severity", limit=25, by_rule=True),
        Address(cols=("title",), facets=("env", "service"), timeline=False, after="x"),
    ],
)
def test_an_address_is_read_as_it_was_written(address, rf, admin):
    form = ExplorerForm(rf.get(f"/signals/{address}").GET, explorer=EXPLORER, actor=person(admin))
    assert form.is_valid(), form.errors
    assert form.address == address


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("cols=title,colour", "There is no column “colour”"),
        ("facets=service,colour", "There is no facet “colour”"),
        ("group=env,service,source", "At most 2"),
        ("limit=7", "Limit:"),
        ("viz=pie", "pie"),
    ],
)
def test_an_address_that_cannot_be_is_refused_with_words(text, words, client, admin):
    client.force_login(admin)
    answer = client.get(f"/signals/?{text}")
    assert answer.status_code == 400
    assert words in answer.content.decode()
