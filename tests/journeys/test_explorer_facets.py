"""Facets: find a value among many, show and hide them, and make one of an attribute."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.signals_app.factories import SignalFactory

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def signals(transactional_db):
    for number in range(14):
        family = "Linux" if number % 2 else "<b>Mac</b>"
        SignalFactory(env=f"env-{number:02}", attributes={"os": {"family": family}})


def facets(page):
    return page.get_by_role("complementary", name="Facets")


def test_a_value_is_found_chosen_and_still_found_and_the_panel_is_put_away(visit, signals, viewer):
    page = visit(viewer)
    page.goto("/signals/?facets=env,service")
    env = facets(page).get_by_role("group", name="Env", exact=True)
    expect(env.get_by_role("checkbox")).to_have_count(10)
    env.get_by_role("link", name="Show all 14").click()
    expect(env.get_by_role("checkbox")).to_have_count(14)

    env.get_by_role("searchbox", name="Find in Env").fill("env-13")
    expect(env.get_by_role("checkbox")).to_have_count(1)
    env.get_by_role("checkbox", name="env-13").click()
    expect(page).to_have_url(re.compile("query=env%3Aenv-13"))
    expect(env.get_by_role("searchbox", name="Find in Env")).to_have_value("env-13")
    expect(env.get_by_role("checkbox")).to_have_count(1)

    page.get_by_role("button", name="Hide facets").click()
    expect(env).to_be_hidden()
    page.reload()
    expect(page.get_by_role("button", name="Hide facets")).to_be_hidden()
    page.get_by_role("button", name="Show facets").click()
    expect(env).to_be_visible()


def test_what_is_excluded_is_taken_back_where_it_was_excluded(visit, signals, viewer):
    page = visit(viewer)
    page.goto("/signals/?facets=env")
    env = facets(page).get_by_role("group", name="Env", exact=True)
    env.get_by_role("link", name="env-01", exact=True).hover()
    env.get_by_role("link", name="Exclude env-01", exact=True).click()
    expect(page).to_have_url(re.compile("query=-env%3Aenv-01(&|$)"))
    env.get_by_role("link", name="Exclude env-01 no more").click()
    expect(page).to_have_url(re.compile(r"/signals/\?facets=env$"))


def test_facets_are_hidden_one_after_the_other_from_a_menu_that_stays_open(visit, signals, viewer):
    page = visit(viewer)
    page.get_by_role("button", name="Facets", exact=True).click()
    menu = page.locator("#facet-menu")
    menu.get_by_role("searchbox", name="Find a facet").fill("ser")
    menu.get_by_role("checkbox", name="Service").click()
    expect(facets(page).locator("[data-facet=service]")).to_have_count(0)
    expect(menu.get_by_role("searchbox", name="Find a facet")).to_have_value("ser")
    menu.get_by_role("searchbox", name="Find a facet").fill("")
    menu.get_by_role("checkbox", name="Source").click()
    expect(facets(page).locator("[data-facet=source]")).to_have_count(0)
    menu.get_by_role("link", name="Reset").click()
    expect(facets(page).locator("[data-facet=service]")).to_have_count(1)


def test_an_administrator_makes_a_facet_of_an_attribute(visit, signals, admin):
    page = visit(admin)
    page.get_by_role("button", name="Facets", exact=True).click()
    page.get_by_role("link", name="Add a facet").click()
    page.get_by_label("Path").fill("@os.family")
    page.get_by_label("Label").fill("System")
    page.get_by_role("button", name="Add facet").click()
    expect(page.get_by_text("System is a facet now")).to_be_visible()
    page.get_by_role("link", name="System", exact=True).click()

    system = facets(page).get_by_role("group", name="System", exact=True)

    def is_counted():
        page.reload()
        return system.count() > 0

    for _ in range(20):  # its column is read beside the answers
        if is_counted():
            break
    expect(system.get_by_role("checkbox", name="<b>Mac</b>")).to_be_visible()
    system.get_by_role("link", name="Linux", exact=True).click()
    expect(page.get_by_text("7 signals from")).to_be_visible()
