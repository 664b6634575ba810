"""What is shown once: made, copied, and harmless to load again."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from accounts_app.models import ApplicationKey
from core_app.models import Entry
from signals_app.models import Source

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

SECRET = re.compile("^[0-9a-f]{64}$")


def test_a_key_is_shown_on_the_page_of_keys_and_a_reload_makes_no_other(visit, transactional_db, admin):
    page = visit(admin, permissions=["clipboard-read", "clipboard-write"])
    page.goto("/account/keys/")
    page.get_by_text("New application key").click()
    page.get_by_label("Name").first.fill("Script")
    page.get_by_role("button", name="Make application key").click()
    expect(page.get_by_label("New key")).to_have_value(SECRET)
    expect(page).to_have_url(re.compile("/account/keys/$"))
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.get_by_label("New key").input_value()
    page.reload()
    expect(page.get_by_role("row", name=re.compile("^Script"))).to_be_visible()
    expect(page.get_by_label("New key")).to_have_count(0)
    assert ApplicationKey.objects.count() == 1


def test_a_token_is_shown_on_the_page_of_its_source_and_a_reload_replaces_none(visit, transactional_db, admin):
    page = visit(admin)
    page.goto("/intake/")
    page.get_by_label("Name").fill("edge")
    page.get_by_label("Format").select_option("tocsin")
    page.get_by_role("button", name="Create source").click()
    expect(page.get_by_label("New token")).to_have_value(SECRET)
    expect(page).to_have_url(re.compile("/intake/sources/edge/$"))
    first = page.get_by_label("New token").input_value()
    page.get_by_text("New token…").click()
    page.get_by_role("button", name="Make a new token").click()
    expect(page.get_by_label("New token")).not_to_have_value(first)
    expect(page.get_by_label("New token")).to_have_value(SECRET)
    page.reload()
    expect(page.get_by_label("New token")).to_have_count(0)
    assert Source.objects.get().token_last4 != first[-4:]
    assert Entry.objects.filter(verb="signals.source_token_rotated").count() == 1


def test_without_scripts_the_same_form_sent_again_is_told_so(visit, transactional_db, admin):
    page = visit(admin, java_script_enabled=False, expects=(409,))
    page.goto("/account/keys/")
    page.get_by_text("New application key").click()
    page.get_by_label("Name").first.fill("Script")
    page.get_by_role("button", name="Make application key").click()
    expect(page.get_by_label("New key")).to_have_value(SECRET)
    page.reload()
    expect(page.get_by_role("main")).to_contain_text("its key is made, and its secret was shown then")
    assert ApplicationKey.objects.count() == 1
