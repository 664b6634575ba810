"""Settings in the browser: what cannot be brought back is asked about first, and what was done is said."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from accounts_app.access import person
from signals_app import actions

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def test_a_delete_asks_first(visit, admin):
    actions.create_notification_rule(actor=person(admin), name="Shop", targets=["@soc"])
    page = visit(admin)
    page.goto("/notification-rules/")
    asked = []
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.get_by_role("button", name="Delete Shop").click()
    assert asked == ["Delete “Shop”? It cannot be brought back."]
    page.reload()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Delete Shop").click()
    expect(page.get_by_text("The notification rule “Shop” is gone.")).to_be_visible()
    expect(page.get_by_role("button", name="Delete Shop")).to_have_count(0)
