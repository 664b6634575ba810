"""An organisation declares what its incidents say: it is asked for, shown, and given to those who hold a role."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from accounts_app.access import person
from incidents_app import actions
from incidents_app.models import Incident

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def dialog(page: Page):
    return page.locator("#bulk-dialog")


def test_a_field_and_a_role_are_declared_and_used(visit, analyst, responder):
    actions.declare(actor=person(analyst), title="Store taken over", responders=[analyst, responder])
    page = visit(analyst)
    page.goto("/incidents/settings/")
    page.get_by_role("link", name="New field", exact=True).click()
    page.get_by_label("Name", exact=True).fill("region")
    page.get_by_label("What may be chosen").fill("eu = Europe\nus = United States")
    page.get_by_label("It is asked for when an incident is").select_option(label="Active")
    page.get_by_role("button", name="Create").click()
    page.get_by_text("region · One of a list").wait_for()
    page.get_by_role("link", name="New role", exact=True).click()
    page.get_by_label("Name", exact=True).fill("Tech Lead")
    page.get_by_label("Only one responder").check()
    page.get_by_role("button", name="Create").click()
    page.get_by_text("one responder at a time").wait_for()

    page.goto("/incidents/1/")
    page.get_by_role("link", name="Fill in").click()
    dialog(page).get_by_label("Region").select_option(label="Europe")
    dialog(page).get_by_role("button", name="Save").click()
    expect(page.get_by_text("Still to be filled in")).to_have_count(0)
    expect(page.get_by_text("Europe", exact=True)).to_be_visible()
    page.get_by_role("button", name="Assign roles").click()
    dialog(page).get_by_label("Tech Lead").select_option(label="Rob Responder")
    dialog(page).get_by_role("button", name="Save").click()
    expect(page.locator("dt", has_text="Tech Lead").locator("xpath=../dd")).to_contain_text("Rob Responder")
    assert Incident.objects.get().fields["region"]["value"] == "eu"

    page.get_by_role("navigation", name="Parts of the incident").get_by_role("link", name="Postmortem").click()
    page.get_by_role("button", name="Keep it here").click()
    dialog(page).get_by_label("Postmortem").fill("# What we learned\n\nLock the door.")
    dialog(page).get_by_role("button", name="Keep").click()
    page.get_by_role("link", name="Postmortem: #1 Store taken over").click()
    expect(page.get_by_role("heading", name="What we learned")).to_be_visible()
