"""A view of all unassigned signals: saved, shared, used by a teammate, and not there for anybody else."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from accounts_app.models import Membership, Team
from search_app.models import SavedView
from signals_app.models import Assignment
from tests.conftest import make_person
from tests.signals_app.factories import SignalFactory

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

UNASSIGNED = "@workflow.triage.assignee:none"


@pytest.fixture
def blue(transactional_db, analyst) -> Team:
    """The analyst's team, one signal of theirs and one of nobody's."""
    Assignment.objects.create(signal=SignalFactory(title="Somebody's"), user=analyst)
    SignalFactory(title="Nobody's")
    team = Team.objects.create(name="Blue", handle="blue")
    Membership.objects.create(team=team, user=analyst)
    return team


def row(page: Page, title: str):
    return page.get_by_role("row").filter(has_text=title)


def open_view(page: Page):
    return page.get_by_role("group", name="The view that is open")


def views(page: Page):
    page.get_by_role("button", name="Views").click()
    return page.locator("#views-menu")


def search(page: Page, query: str) -> None:
    page.get_by_role("combobox", name="Query").fill(query)
    page.get_by_role("button", name="Search").click()


def save(page: Page, name: str, *teams: str) -> None:
    page.get_by_role("button", name="Save", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill(name)
    for team in teams:
        dialog.get_by_label(team).check()
    dialog.get_by_role("button", name="Save", exact=True).click()
    expect(open_view(page)).to_contain_text(name)


def test_a_view_is_shared_with_a_team_and_with_nobody_else(visit, blue, analyst, responder):
    mate = make_person("mate@example.test", "Mia Mate", "Standard")
    Membership.objects.create(team=blue, user=mate)

    page = visit(analyst)
    search(page, UNASSIGNED)
    expect(row(page, "Somebody's")).to_have_count(0)
    save(page, "Loose ends", "Blue")
    view = SavedView.objects.get()
    assert (view.configuration, list(view.teams.all())) == ({"query": UNASSIGNED}, [blue])
    expect(page).to_have_url(re.compile(rf"/signals/\?view={view.uuid}$"))

    theirs = visit(mate)
    views(theirs).get_by_role("region", name="Shared with you").get_by_role("link", name="Loose ends").click()
    expect(row(theirs, "Nobody's")).to_be_visible()
    expect(row(theirs, "Somebody's")).to_have_count(0)
    search(theirs, "")
    expect(open_view(theirs)).to_contain_text("modified")
    expect(open_view(theirs).get_by_role("button", name="Update")).to_have_count(0)
    open_view(theirs).get_by_role("link", name="Reset").click()
    expect(row(theirs, "Somebody's")).to_have_count(0)

    outside = visit(responder, expects=(404,))
    expect(views(outside).get_by_role("link", name="My signals")).to_be_visible()
    expect(outside.get_by_text("Loose ends")).to_have_count(0)
    answer = outside.goto(f"/signals/?view={view.uuid}")
    assert answer.status == 404
    expect(outside.get_by_role("heading", name="Nothing here")).to_be_visible()
    assert "Loose ends" not in outside.content()


def test_a_view_is_updated_renamed_marked_and_deleted(visit, blue, analyst):
    page = visit(analyst)
    save(page, "Everything")

    search(page, UNASSIGNED)
    open_view(page).get_by_role("button", name="Update").click()
    expect(page.get_by_text("The view Everything is updated.")).to_be_visible()
    expect(open_view(page)).not_to_contain_text("modified")
    assert SavedView.objects.get().configuration == {"query": UNASSIGNED}

    menu = views(page)
    menu.get_by_role("button", name="Favourite: Everything").click()
    expect(
        menu.get_by_role("region", name="Favourites").get_by_role("link", name=re.compile("^Everything"))
    ).to_be_visible()
    menu.get_by_role("button", name="My default: Everything").click()
    expect(menu.get_by_role("button", name="My default: Everything")).to_have_attribute("aria-pressed", "true")
    menu.get_by_role("searchbox", name="Find a view").fill("no such view")
    expect(menu.get_by_role("status")).to_contain_text("No view")
    menu.get_by_role("searchbox", name="Find a view").fill("everyth")
    menu.get_by_role("link", name="Edit Everything").click()
    page.get_by_role("dialog").get_by_label("Name").fill("Nobody's")
    page.get_by_role("dialog").get_by_role("button", name="Save", exact=True).click()
    expect(open_view(page)).to_contain_text("Nobody's")

    page.get_by_role("link", name="Signals", exact=True).click()  # by way of the default
    expect(open_view(page)).to_contain_text("Nobody's")
    expect(row(page, "Somebody's")).to_have_count(0)
    open_view(page).get_by_role("link", name="Leave the view").click()
    expect(open_view(page)).to_have_count(0)
    search(page, "")
    expect(row(page, "Somebody's")).to_be_visible()

    views(page).get_by_role("link", name="Edit Nobody's").click()
    page.get_by_text("Delete this view").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("The view Nobody's is deleted.")).to_be_visible()
    assert not SavedView.objects.exists()


def test_a_view_is_saved_and_found_again_without_javascript(visit, blue, analyst):
    page = visit(analyst, java_script_enabled=False)
    search(page, UNASSIGNED)
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_label("Name").fill("Loose ends")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("The view “Loose ends” is saved.")).to_be_visible()
    page.goto("/signals/")
    page.get_by_role("button", name="Views").click()
    page.get_by_role("button", name="My default: Loose ends").click()
    page.get_by_role("link", name="Loose ends", exact=False).first.click()
    expect(row(page, "Nobody's")).to_be_visible()
    expect(row(page, "Somebody's")).to_have_count(0)
