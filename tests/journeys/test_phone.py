"""On a phone: nothing scrolls sideways, and what the bar on top holds is in its menu."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts_app import actions as accounts
from accounts_app.access import person, system
from cases_app.models import Project
from incidents_app import actions as incidents
from signals_app import actions
from signals_app.models import Severity
from tests.signals_app.factories import RuleFactory, ServiceFactory, SignalFactory

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
LONG = "SQL injection on the web store from many addresses of one network, seen for days"
ADDRESS = "2001:db8:1234:5678:9abc:def0:1234:5678"
PAGES = {
    "/signals/": LONG,
    "/services/": "checkout-and-payments-of-the-web-store",
    "/rules/": LONG,
    "/suppressions/": LONG,
    "/cases/projects/": "Security of all that customers can see",
    "/account/keys/": LONG,
    "/intake/": None,
    "/incidents/": LONG,
    "/incidents/1/": LONG,
    "/incidents/1/signals/": LONG,
    "/incidents/overview/": None,
    "/notification-rules/": LONG,
}


@pytest.fixture
def house(transactional_db, admin) -> None:
    rule = RuleFactory(name=LONG, technique="T1190 Exploit Public-Facing Application")
    signal = SignalFactory(title=LONG, rule=rule, service=ServiceFactory(name=PAGES["/services/"]))
    Project.objects.update_or_create(key="SEC", defaults={"name": PAGES["/cases/projects/"]})
    query = "@network.client.ip:(203.0.113.10 OR 203.0.113.11 OR 203.0.113.12)"
    actions.create_suppression(actor=person(admin), name=LONG, query=query)
    actions.create_notification_rule(actor=person(admin), name=LONG, targets=["@nobody-that-is-known-here"])
    accounts.make_application_key(actor=person(admin), owner=admin, name=LONG)
    accounts.make_api_key(actor=person(admin), name=LONG)
    actions.create_source(actor=system("tests"), name="edge-of-the-web-store", format="tocsin")
    incident = incidents.declare(actor=person(admin), title=LONG, signals={signal.pk: None})
    now = timezone.now()
    day = now - timedelta(days=1)
    incidents.edit_incidents(
        actor=person(admin), seen={incident.pk: None}, state="resolved", detected_at=day, stable_at=now, resolved_at=now
    )


def test_no_page_scrolls_sideways_and_no_title_is_squeezed(visit, house, admin):
    page = visit(admin, **PHONE)
    for address, title in PAGES.items():
        page.goto(address)
        wide = page.evaluate(
            "[document.documentElement, ...document.querySelectorAll('.table-card, .table-scroll, .block')]"
            ".filter((box) => box.scrollWidth > box.clientWidth).map((box) => box.className || box.tagName)"
        )
        assert wide == [], address
        if title:
            box = page.get_by_role("main").get_by_text(title, exact=True).filter(visible=True).first.bounding_box()
            assert box["width"] > 200, address


@pytest.mark.parametrize("width", [390, 1440])
def test_what_attackers_name_without_a_space_stays_within_the_page(visit, transactional_db, admin, width):
    name = "A" * 200
    rule = RuleFactory(name=name[:150], type="Application Security")
    service = ServiceFactory(name="checkout-" * 9)
    for severity in Severity:
        signal = SignalFactory(title=name, rule=rule, service=service, severity=severity, attackers=[ADDRESS])
    actions.create_suppression(actor=person(admin), name=name, query="env:prod")
    page = visit(admin, viewport={"width": width, "height": 844})
    for address in ("/rules/", "/suppressions/"):
        page.goto(address)
        assert page.locator(".table-card").evaluate("(box) => box.scrollWidth - box.clientWidth") == 0, address
    own, of_rule = f"/signals/{signal.public_id}/", f"/rules/{rule.uuid}/"
    for address in ("/signals/", own, of_rule, f"/services/{service.name}/", f"/entities/ip/{ADDRESS}/"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
    page.goto(of_rule)
    buttons = [page.get_by_role("link", name=word, exact=True).bounding_box() for word in ("Edit", "Suppress")]
    assert buttons[1]["x"] - buttons[0]["x"] - buttons[0]["width"] < 20  # side by side, not spread over the head


def test_the_tab_of_an_incident_that_is_shown_is_seen(visit, house, admin):
    page = visit(admin, **PHONE)
    for part in ("postmortem", "remediation"):
        page.goto(f"/incidents/1/{part}/")
        tab = page.get_by_role("navigation", name="Parts of the incident").get_by_role("link", name=part.capitalize())
        expect(tab).to_be_in_viewport(ratio=0.99)
    with page.expect_response("**/remediation/"):  # somebody did something: all of it is drawn anew
        page.evaluate("htmx.trigger(document.body, 'incidents:changed')")
    expect(tab).to_be_in_viewport(ratio=0.99)


def test_the_menu_reaches_what_the_bar_does_by_keyboard_and_moves_nothing(visit, house, admin):
    page = visit(admin, **PHONE)
    menu = page.get_by_role("navigation", name="Main")
    expect(menu).to_be_hidden()
    button = page.get_by_role("button", name="Menu", exact=True)
    heading = page.get_by_role("heading", name="Signals Explorer")
    before = heading.bounding_box()
    button.focus()
    page.keyboard.press("Enter")
    expect(menu).to_be_visible()
    assert heading.bounding_box() == before
    names = ["Signals", "Services", "Incidents", "Cases", "Rules", "Suppressions", "Notification rules"]
    for name in [*names, "Critical assets", "Security filters", "Intake", "Admin"]:
        expect(menu.get_by_role("link", name=name, exact=True)).to_be_in_viewport()
        page.keyboard.press("Tab")
        expect(menu.get_by_role("link", name=name, exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(button).to_be_focused()
    button.tap()
    menu.get_by_role("link", name="Suppressions").tap()
    page.get_by_role("heading", name="Suppressions").wait_for()


def test_on_a_wide_screen_the_bar_holds_them_all(visit, house, admin):
    page = visit(admin)
    expect(page.get_by_role("button", name="Menu", exact=True)).to_be_hidden()
    for name in ("Signals", "Services", "Incidents", "Cases", "Rules", "Intake", "Admin"):
        expect(
            page.get_by_role("navigation", name="Main").get_by_role("link", name=name, exact=True)
        ).to_be_in_viewport()
