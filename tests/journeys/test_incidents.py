"""From five signals to a case, to an emergency, to its end: what a person sees, and the ledger that proves it."""

from __future__ import annotations

import re

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from accounts_app.access import person
from cases_app import actions as cases
from cases_app.models import Case, Project
from core_app.models import Entry
from incidents_app import actions
from incidents_app.models import Incident
from signals_app.models import Signal
from tests.signals_app.factories import SignalFactory

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def six(transactional_db) -> list[Signal]:
    Project.objects.get_or_create(key="SEC", defaults={"name": "Security"})
    return [SignalFactory(title=f"Signal {number}") for number in range(1, 7)]


def dialog(page: Page):
    return page.locator("#bulk-dialog")


def choose(page: Page, entry: str) -> None:
    page.get_by_role("button", name="Bulk Actions").click()
    page.get_by_role("button", name=entry, exact=True).click()


def verbs_of(thing) -> list[str]:
    about = {"target_type": thing._meta.label_lower, "target_id": str(thing.pk)}
    return list(Entry.objects.filter(**about).order_by("pk").values_list("verb", flat=True))


def tab(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="Parts of the incident").get_by_role("link", name=name).click()


def test_five_signals_become_a_case_an_incident_and_a_postmortem(visit, six, analyst, responder):
    page = visit(analyst)
    for number in range(1, 6):
        page.get_by_role("checkbox", name=f"Select Signal {number}", exact=True).check()
    choose(page, "Create a case")
    dialog(page).get_by_label("Title").fill("Somebody probes the store")
    dialog(page).get_by_role("button", name="Create Case").click()
    page.get_by_role("heading", name="Somebody probes the store").wait_for()
    case = Case.objects.get()
    assert verbs_of(case)[0] == "cases.created"
    assert set(Signal.objects.exclude(title="Signal 6").values_list("state", flat=True)) == {"under_review"}

    page.get_by_role("link", name="Declare Incident").first.click()
    page.get_by_role("heading", name="Declare Incident").wait_for()
    expect(page.get_by_label("Title")).to_have_value("Somebody probes the store")
    severity = page.get_by_role("radio", name=re.compile("^SEV-2"))
    expect(severity).to_have_css("background-color", "rgb(255, 255, 255)")  # none looks chosen before one is
    severity.check()
    expect(severity).not_to_have_css("background-color", "rgb(255, 255, 255)")
    expect(page.get_by_text("When in doubt, choose the higher severity")).to_be_visible()
    page.get_by_label("Commander").select_option(label="Rob Responder")
    page.get_by_role("button", name="Declare Incident").click()
    page.wait_for_url("**/incidents/1/")
    incident = Incident.objects.get()
    assert (incident.severity, incident.commander, incident.signals.count()) == ("SEV-2", responder, 5)
    assert verbs_of(incident)[0] == "incidents.declared"
    assert verbs_of(incident)[-1] == "incidents.case_linked"
    expect(page.get_by_role("link", name=f"{case.key} Somebody probes the store")).to_be_visible()

    page.goto("/signals/")
    page.get_by_role("link", name="Signal 6", exact=True).click()
    page.get_by_role("button", name="Add to an existing incident").click()
    dialog(page).get_by_label("Find an incident by its number or title").fill("probes")
    dialog(page).get_by_role("radio", name=re.compile("#1 Somebody probes")).check()
    expect(dialog(page).get_by_label("Show on the timeline of the incident")).to_be_checked()
    dialog(page).get_by_role("button", name="Confirm").click()
    expect(dialog(page)).to_contain_text("1 signal is now in #1")
    dialog(page).get_by_role("link", name="Open incident #1").click()
    tab(page, "Timeline")
    expect(page.get_by_role("list", name="Timeline")).to_contain_text("added the signal “Signal 6”")
    assert verbs_of(incident).count("incidents.signal_added") == 6

    page.get_by_label("Write a note").fill("They came in **by the search**.")
    page.get_by_role("button", name="Add note").click()
    expect(page.get_by_role("list", name="Timeline").locator("strong", has_text="by the search")).to_be_visible()
    expect(page.get_by_label("Write a note")).to_have_value("")
    page.get_by_role("button", name="Edit the note").click()
    dialog(page).get_by_label("Note").fill("They came in by the login.")
    dialog(page).get_by_role("button", name="Save").click()
    expect(page.get_by_role("list", name="Timeline")).to_contain_text("They came in by the login.")
    expect(page.get_by_text("1 earlier version")).to_be_visible()

    tab(page, "Remediation")
    page.get_by_role("button", name="Add to-do").click()
    dialog(page).get_by_label("What is to be done").fill("Rotate the keys")
    dialog(page).get_by_role("checkbox", name="Ana Analyst").check()
    dialog(page).get_by_role("button", name="Add to-do").click()
    page.get_by_role("checkbox", name="Rotate the keys").click()
    expect(page.get_by_role("region", name="Done")).to_contain_text("Rotate the keys")

    for label in ("Stable", "Resolved"):
        page.get_by_role("button", name=re.compile("^State: ")).click()
        page.get_by_role("button", name=re.compile(f"^{label}")).click()
        expect(page.get_by_role("button", name=f"State: {label}")).to_be_attached()
    expect(dialog(page)).to_contain_text("6 signals of this incident are not archived")
    dialog(page).get_by_label("Reason").select_option(label="Remediated")
    dialog(page).get_by_role("button", name="Archive").click()
    expect(dialog(page)).to_contain_text("6 signals are archived")
    dialog(page).get_by_role("link", name="Close").click()
    assert set(Signal.objects.values_list("state", "archive_reason")) == {("archived", "remediated")}

    tab(page, "Postmortem")
    with page.expect_download() as started:
        page.get_by_role("link", name="Download").click()
    draft = started.value.path().read_text()
    assert started.value.suggested_filename == "postmortem-1.md"
    for words in ("Somebody probes the store", "by the login", "[x] Rotate the keys", "Signal 6"):
        assert words in draft

    told = verbs_of(incident)
    wanted = ["note_added", "note_edited", "todo_added", "todo_done", "state_changed", "state_changed"]
    assert told[-len(wanted) :] == [f"incidents.{verb}" for verb in wanted]
    archived = Entry.objects.filter(verb="signals.state_changed", data__reason="remediated")
    assert archived.count() == 6
    assert archived.values("operation").distinct().count() == 1
    call_command("verify_ledger")


def test_two_people_edit_at_once_and_the_second_is_told(visit, transactional_db, analyst, responder):
    incident = actions.declare(actor=person(analyst), title="Checkout taken over", severity="SEV-3")
    first, second = visit(analyst), visit(responder, expects=(409,))
    for page in (first, second):
        page.goto("/incidents/1/")
        page.get_by_role("button", name="Edit", exact=True).click()
    dialog(first).get_by_label("Title").fill("Checkout and login taken over")
    dialog(first).get_by_role("button", name="Save").click()
    expect(first.get_by_role("heading", name="Checkout and login taken over")).to_be_visible()

    dialog(second).get_by_label("Root cause").fill("A hole in the search")
    dialog(second).get_by_role("button", name="Save").click()
    expect(dialog(second).get_by_role("alert")).to_contain_text("Ana Analyst changed the title")
    expect(dialog(second).get_by_label("Root cause")).to_have_value("A hole in the search")
    expect(dialog(second).get_by_label("Title")).to_have_value("Checkout and login taken over")
    dialog(second).get_by_role("button", name="Save").click()
    expect(dialog(second)).to_be_hidden()
    expect(second.get_by_role("region", name="Root cause")).to_contain_text("A hole in the search")
    incident.refresh_from_db()
    assert (incident.title, incident.root_cause) == ("Checkout and login taken over", "A hole in the search")
    assert verbs_of(incident) == ["incidents.declared", "incidents.edited", "incidents.edited"]


def test_a_private_incident_is_nothing_to_an_outsider(visit, six, analyst, responder):
    keys = {six[0].pk: None}
    actions.declare(actor=person(responder), title="Secret", is_private=True, signals=keys, responders=[responder])
    inside, outside = visit(responder), visit(analyst, expects=(404,))
    for page, is_inside in ((inside, True), (outside, False)):
        page.goto("/incidents/")
        expect(page.get_by_role("link", name="Secret")).to_have_count(int(is_inside))
        page.goto("/signals/?query=@incident.id:1&range=90d")
        expect(page.get_by_role("link", name="Signal 1", exact=True)).to_have_count(int(is_inside))
        page.goto("/signals/")
        page.get_by_role("link", name="Signal 1", exact=True).click()
        section = page.get_by_role("region", name="Incidents")
        expect(section).to_contain_text("#1 Secret" if is_inside else "In no incident.")
        answer = page.goto("/incidents/1/")
        assert answer.status == (200 if is_inside else 404)


def test_incidents_are_found_selected_and_changed_together(visit, transactional_db, analyst):
    for title in ("Checkout", "Login", "Search"):
        actions.declare(actor=person(analyst), title=title, severity="SEV-3")
    page = visit(analyst)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Incidents").click()
    rows = page.locator("#incidents-table").get_by_role("row")
    for number, title in ((1, "Checkout"), (3, "Search")):
        page.get_by_role("checkbox", name=f"Select #{number} {title}").check()
    choose(page, "Set severity")
    dialog(page).get_by_role("radio", name=re.compile("^SEV-1")).check()
    dialog(page).get_by_role("button", name="Set severity of 2 incidents").click()
    expect(rows.filter(has_text="SEV-1")).to_have_count(2)
    page.get_by_role("region", name="Bulk operations").get_by_role("button", name="Undo").click()
    expect(rows.filter(has_text="SEV-3")).to_have_count(3)


def test_an_incident_is_declared_and_worked_without_scripts(visit, six, analyst):
    page = visit(analyst, java_script_enabled=False)
    page.goto("/incidents/new/")
    page.get_by_label("Title").fill("By hand")
    page.get_by_role("radio", name=re.compile("^SEV-4")).check()
    page.get_by_role("button", name="Declare Incident").click()
    page.get_by_role("button", name="Commander: nobody").click()
    page.get_by_label("Commander").select_option(label="Ana Analyst")
    page.get_by_role("button", name="Assign").click()
    expect(page.get_by_role("button", name="Commander: Ana Analyst")).to_be_visible()
    tab(page, "Timeline")
    page.get_by_label("Write a note").fill("Written by hand")
    page.get_by_role("button", name="Add note").click()
    expect(page.get_by_text("Written by hand")).to_be_visible()
    page.goto("/signals/")
    page.get_by_role("link", name="Signal 1", exact=True).click()
    page.get_by_role("button", name="Add to an existing incident").click()
    page.get_by_label("Find an incident by its number or title").fill("hand")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("radio", name=re.compile("By hand")).check()
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("link", name="Signal 1")).to_be_visible()


def test_a_note_that_is_refused_stays_in_the_composer(visit, transactional_db, analyst):
    actions.declare(actor=person(analyst), title="Checkout taken over")
    page = visit(analyst, expects=(422, 409, 400))
    page.goto("/incidents/1/timeline/")
    page.get_by_label("Write a note").fill("They came in by the search.")
    page.get_by_text("At another time").click()
    page.get_by_label("When it was").fill("2999-01-01T00:00")
    page.get_by_role("button", name="Add note").click()
    expect(dialog(page)).to_contain_text("This time lies in the future.")
    expect(page.locator("#note-body")).to_have_value("They came in by the search.")


def test_a_case_is_found_by_its_title_and_linked(visit, six, analyst):
    for title in ("Somebody probes the store", "Rotate the keys"):
        cases.create_case(actor=person(analyst), project=Project.objects.get(), title=title)
    actions.declare(actor=person(analyst), title="Checkout taken over")
    page = visit(analyst)
    page.goto("/incidents/1/")
    page.get_by_role("button", name="Link a case").click()
    expect(dialog(page).get_by_role("radio")).to_have_count(2)
    dialog(page).get_by_label("Find a case").fill("PROBES")
    expect(dialog(page).get_by_role("radio")).to_have_count(1)
    dialog(page).get_by_role("radio", name=re.compile("Somebody probes the store")).check()
    dialog(page).get_by_role("button", name="Link", exact=True).click()
    expect(page.get_by_role("region", name="Cases")).to_contain_text("SEC-1 Somebody probes the store")


def test_a_case_is_found_and_linked_without_scripts(visit, six, analyst):
    cases.create_case(actor=person(analyst), project=Project.objects.get(), title="Somebody probes the store")
    actions.declare(actor=person(analyst), title="Checkout taken over")
    page = visit(analyst, java_script_enabled=False)
    page.goto("/incidents/1/")
    page.get_by_role("button", name="Link a case").click()
    page.get_by_label("Find a case").fill("nothing")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_text("No case has these words in its key or title.")).to_be_visible()
    page.get_by_label("Find a case").fill("sec-1")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("radio", name=re.compile("Somebody probes the store")).check()
    page.get_by_role("button", name="Link", exact=True).click()
    expect(page.get_by_role("region", name="Cases")).to_contain_text("SEC-1 Somebody probes the store")


def test_an_incident_that_is_chosen_while_others_are_looked_for_stays_chosen(visit, six, analyst, responder):
    for title in ("Somebody probes the store", "Another matter"):
        actions.declare(actor=person(analyst), title=title, severity="SEV-2", commander=responder)
    page = visit(analyst)
    page.get_by_role("link", name="Signal 6", exact=True).click()
    page.get_by_role("button", name="Add to an existing incident").click()
    held = []
    page.route("**/incidents/add-signals/", lambda route: held.append(route))
    with page.expect_request("**/incidents/add-signals/"):
        dialog(page).get_by_label("Find an incident by its number or title").fill("probes")
    wanted = dialog(page).get_by_role("radio", name=re.compile("#1 Somebody probes"))
    wanted.check()
    held[0].continue_()
    expect(dialog(page).get_by_role("radio")).to_have_count(1)
    expect(wanted).to_be_checked()
