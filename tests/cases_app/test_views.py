"""The pages of cases."""

import json
import re
from datetime import date, timedelta
from itertools import product
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from cases_app import actions
from cases_app.models import Case, CaseSignal, Comment, Project
from core_app.models import Entry
from search_app.bulk.run import run_due
from search_app.models import BulkOperation
from signals_app import actions as triage
from tests.signals_app.factories import SignalFactory

from .factories import CaseFactory, CommentFactory, ProjectFactory

pytestmark = pytest.mark.django_db

HOSTILE = "<img src=x onerror=alert(1)>"
HTMX = {"HTTP_HX_REQUEST": "true"}


def on(target):
    return {**HTMX, "HTTP_HX_TARGET": target}


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.fixture
def desk(client, analyst):
    """The analyst's browser."""
    client.force_login(analyst)
    return client


@pytest.fixture
def case(analyst):
    return CaseFactory(title="Look into the login", project=ProjectFactory(key="OPS"), number=1, created_by=analyst)


class TestList:
    def test_shows_cases_with_their_columns(self, desk, case):
        told = text_of(desk.get("/cases/"))
        assert "OPS-1" in told and "Look into the login" in told
        for head in ("Key", "Title", "Status", "Priority", "Assignee", "Due", "Updated", "Signals"):
            assert head in told

    def test_before_the_first_case_the_list_says_how_one_begins(self, desk):
        told = text_of(desk.get("/cases/"))
        assert "No cases yet" in told and "New case, or with signals" in told

    def test_a_case_of_last_month_is_there_without_being_asked_for(self, desk, case):
        Case.objects.update(created_at=timezone.now() - timedelta(days=40))
        assert "OPS-1" in text_of(desk.get("/cases/"))

    def test_an_archived_case_is_there_only_for_who_asks(self, desk, case, acting, analyst):
        actions.archive(actor=acting(analyst), seen={case.pk: None})
        assert "OPS-1" not in text_of(desk.get("/cases/"))
        assert "OPS-1" in text_of(desk.get("/cases/?query=archived:true"))
        assert "OPS-1" in text_of(desk.get("/cases/?query=archived:(true OR false)"))

    @pytest.mark.parametrize("view", ["open", "in-progress", "assigned-to-me", "created-by-me", "overdue", "archived"])
    def test_every_ready_made_view_opens(self, desk, case, view):
        assert desk.get(f"/cases/?view={view}").status_code == 200

    def test_every_order_and_its_next_page_are_there(self, desk, case):
        CaseFactory.create_batch(60, project=case.project)
        columns = ["key", "title", "status", "priority", "assignee", "type", "due", "updated"]
        for column, order in product(columns, ["asc", "desc"]):
            first = desk.get(f"/cases/?column={column}&order={order}")
            older = re.search(r'href="(/cases/\?[^"]*after=[^"]*)"[^>]*rel="next"', first.content.decode())
            assert older, (column, order)
            assert desk.get(older[1].replace("&amp;", "&")).status_code == 200, (column, order)

    @pytest.mark.parametrize("viz", ["timeseries", "toplist", "table"])
    def test_charts_are_drawn(self, desk, case, viz):
        assert desk.get(f"/cases/?viz={viz}&group=status").status_code == 200

    def test_costs_as_many_queries_for_many_as_for_one(self, desk, case, django_assert_max_num_queries):
        CaseFactory.create_batch(40, project=case.project)
        with django_assert_max_num_queries(60):
            desk.get("/cases/")

    def test_what_people_wrote_stays_text(self, desk, case):
        Case.objects.update(title=HOSTILE)
        for address in ("/cases/", "/cases/board/", "/cases/OPS-1/", "/cases/OPS-1/edit/"):
            assert HOSTILE not in desk.get(address).content.decode()

    def test_an_outsider_sees_none(self, client, outsider, case):
        client.force_login(outsider)
        assert client.get("/cases/").status_code == 403
        assert client.get("/cases/board/").status_code == 403
        assert client.get("/cases/projects/").status_code == 403
        assert client.get("/cases/OPS-1/").status_code == 404


class TestBulk:
    def test_the_menu_of_cases_sets_their_status_and_undoes_it(self, desk, case):
        data = {"rows": f"{case.pk}:0", "to": "CLOSED", "expected": 1, "token": uuid4()}
        desk.post("/search/cases/bulk/set_status/", data)
        case.refresh_from_db()
        assert case.status == "CLOSED"
        operation = BulkOperation.objects.get()
        desk.post(reverse("search:bulk_undo", args=["cases", operation.uuid]))
        case.refresh_from_db()
        assert case.status == "OPEN"

    def test_cases_are_moved_to_another_project(self, desk, case):
        form = desk.post("/search/cases/bulk/move/", {"rows": f"{case.pk}:0"})
        assert "Each gets a new key there" in text_of(form)
        desk.post(
            "/search/cases/bulk/move/", {"rows": f"{case.pk}:0", "project": "SEC", "expected": 1, "token": uuid4()}
        )
        case = Case.objects.get(pk=case.pk)
        assert case.key == "SEC-1"

    @pytest.mark.parametrize("verb", ["assign", "set_priority", "archive", "unarchive"])
    def test_every_entry_of_the_menu_asks_and_acts(self, desk, case, responder, verb):
        rows = {"rows": f"{case.pk}:0"}
        assert desk.post(f"/search/cases/bulk/{verb}/", rows).status_code == 200
        data = {**rows, "to": "P1", "assignee": responder.uuid, "expected": 1, "token": uuid4()}
        assert desk.post(f"/search/cases/bulk/{verb}/", data).status_code == 302
        operation = BulkOperation.objects.get()
        assert (operation.changed, operation.unchanged) == ((0, 1) if verb == "unarchive" else (1, 0))


class TestPage:
    def test_tells_everything_of_a_case(self, desk, case, acting, analyst):
        signal = SignalFactory(title="SQL injection")
        actor = acting(analyst)
        actions.add_signals(actor=actor, case=case, signals={signal.pk: None})
        actions.edit_cases(
            actor=actor,
            seen={case.pk: None},
            description="**bold** <script>x</script>",
            tags=["team:blue"],
            attributes={"team": ["blue"]},
        )
        actions.comment(actor=actor, case=case, body="I have seen *this*")
        response = desk.get("/cases/OPS-1/")
        html, told = response.content.decode(), text_of(response)
        assert "<strong>bold</strong>" in html and "<script>x" not in html and "<em>this</em>" in html
        for words in ("SQL injection", "team:blue", "added the signal", "Ana Analyst", "changed the description"):
            assert words in told

    def test_its_key_may_be_written_small(self, desk, case):
        assert desk.get("/cases/ops-1/").status_code == 200

    @pytest.mark.parametrize("key", ["OPS-2", "NONE-1", "OPS-0", "OPS-999999999", "OPS-99999999999999"])
    def test_one_that_is_not_there_is_not_found(self, desk, case, key):
        assert desk.get(f"/cases/{key}/").status_code == 404

    def test_a_reader_is_told_why_they_cannot_change_it(self, client, viewer, case):
        client.force_login(viewer)
        told = text_of(client.get("/cases/OPS-1/"))
        assert "cases_write" in told and "Add comment" not in told

    def test_costs_as_many_queries_with_many_signals_and_comments(self, desk, case, django_assert_max_num_queries):
        for signal in SignalFactory.create_batch(30):
            CaseSignal.objects.create(case=case, signal=signal)
        CommentFactory.create_batch(30, case=case)
        with django_assert_max_num_queries(30):
            desk.get("/cases/OPS-1/")


class TestWork:
    @pytest.mark.parametrize(
        ("verb", "data", "field", "value"),
        [
            ("status", {"to": "IN_PROGRESS"}, "status", "IN_PROGRESS"),
            ("priority", {"to": "P2"}, "priority", "P2"),
        ],
    )
    def test_a_choice_changes_the_case_and_draws_its_head(self, desk, case, verb, data, field, value):
        response = desk.post(f"/cases/OPS-1/{verb}/", {**data, "seen_version": 0}, **on("case-head"))
        case.refresh_from_db()
        assert getattr(case, field) == value
        assert response.status_code == 200 and "cases:changed" in response["HX-Trigger-After-Settle"]

    def test_it_is_assigned_and_taken_back(self, desk, case, responder):
        desk.post("/cases/OPS-1/assignee/", {"assignee": responder.uuid, "seen_version": 0})
        case.refresh_from_db()
        assert case.assignee == responder
        desk.post("/cases/OPS-1/assignee/", {"assignee": "", "seen_version": 1})
        case.refresh_from_db()
        assert case.assignee is None

    def test_without_scripts_it_leads_back_to_the_page(self, desk, case):
        response = desk.post("/cases/OPS-1/status/", {"to": "CLOSED", "seen_version": 0})
        assert (response.status_code, response["Location"]) == (302, "/cases/OPS-1/")

    def test_whoever_comes_second_is_told_what_was_changed(self, desk, case, acting, responder):
        actions.set_priority(actor=acting(responder), seen={case.pk: 0}, to="P1")
        for headers in (on("case-head"), {}):
            response = desk.post("/cases/OPS-1/priority/", {"to": "P2", "seen_version": 0}, **headers)
            assert response.status_code == 409
            assert "Rob Responder set its priority from Not defined to P1 Critical" in text_of(response)

    @pytest.mark.parametrize(
        ("verb", "data"), [("status", {"to": "CLOSED"}), ("priority", {"to": "P2"}), ("assignee", {"assignee": ""})]
    )
    def test_what_became_of_another_field_is_no_reason_to_refuse_it(self, desk, case, acting, responder, verb, data):
        actions.edit_cases(actor=acting(responder), seen={case.pk: 0}, tags=["a"], title="Another")
        response = desk.post(f"/cases/OPS-1/{verb}/", {**data, "seen_version": 0}, **on("case-head"))
        assert response.status_code == 200 and "Another" in text_of(response)

    def test_what_is_no_status_is_refused(self, desk, case):
        assert desk.post("/cases/OPS-1/status/", {"to": "GONE"}, **on("case-head")).status_code == 422

    def test_it_is_archived_and_brought_back(self, desk, case):
        desk.post("/cases/OPS-1/archive/", {"seen_version": 0})
        case.refresh_from_db()
        assert case.archived_at
        desk.post("/cases/OPS-1/unarchive/", {"seen_version": 1})
        case.refresh_from_db()
        assert case.archived_at is None

    def test_closing_offers_to_archive_its_signals_in_one_operation(self, desk, case):
        signals = SignalFactory.create_batch(3)
        for signal in signals:
            CaseSignal.objects.create(case=case, signal=signal)
        response = desk.post("/cases/OPS-1/status/", {"to": "CLOSED", "seen_version": 0}, **on("case-head"))
        assert "Archive 3 signals" in text_of(response)
        data = {"seen": seen_in(response), "reason": "investigated_case_opened", "token": uuid4()}
        response = desk.post("/cases/OPS-1/archive-signals/", data, **on("case-head"))
        assert "3 of 3 signals archived" in text_of(response)
        assert {type(signal).objects.get(pk=signal.pk).state for signal in signals} == {"archived"}
        assert BulkOperation.objects.get().changed == 3
        assert Entry.objects.filter(operation=BulkOperation.objects.get().uuid).count() >= 4
        assert desk.post("/cases/OPS-1/archive-signals/", data).status_code == 302  # pressed twice
        assert BulkOperation.objects.count() == 1

    def test_the_offer_is_as_long_for_thousands_as_for_one_and_goes_on_in_the_background(self, desk, case):
        signals = SignalFactory.create_batch(210)
        CaseSignal.objects.bulk_create(CaseSignal(case=case, signal=signal) for signal in signals)
        response = desk.post("/cases/OPS-1/status/", {"to": "CLOSED", "seen_version": 0}, **on("case-head"))
        assert len(seen_in(response)) < 50
        data = {"seen": seen_in(response), "reason": "other", "token": uuid4()}
        response = desk.post("/cases/OPS-1/archive-signals/", data, **on("case-head"))
        assert "210 signals are being archived" in text_of(response)
        run_due()
        assert BulkOperation.objects.get().changed == 210

    def test_signals_that_were_changed_meanwhile_are_told_of_before_any_is_archived(self, desk, case, acting, analyst):
        one, two, other = SignalFactory.create_batch(3)
        CaseSignal.objects.create(case=case, signal=one)
        CaseSignal.objects.create(case=case, signal=two)
        closed = desk.post("/cases/OPS-1/status/", {"to": "CLOSED", "seen_version": 0}, **on("case-head"))
        triage.assign(actor=acting(analyst), seen={one.pk: None}, users=[analyst])
        data = {"seen": seen_in(closed), "reason": "other", "token": uuid4()}
        refused = desk.post("/cases/OPS-1/archive-signals/", data, **on("case-head"))
        assert refused.status_code == 409 and "Archive 2 signals" in text_of(refused)
        data["seen"] = seen_in(refused)
        assert desk.post("/cases/OPS-1/archive-signals/", data).status_code == 302
        states = {signal: type(signal).objects.get(pk=signal.pk).state for signal in (one, two, other)}
        assert states == {one: "archived", two: "archived", other: "open"}

    @pytest.mark.parametrize("wrong", [{"reason": ""}, {"reason": "gone"}, {"token": "x"}, {"seen": ""}])
    def test_what_cannot_be_archived_so_is_told(self, desk, case, wrong):
        data = {"seen": "0.0.0", "reason": "other", "token": uuid4(), **wrong}
        assert desk.post("/cases/OPS-1/archive-signals/", data, **on("case-head")).status_code == 422


def seen_in(response):
    return re.search(r'name="seen" value="([^"]+)"', response.content.decode())[1]


class TestForms:
    def test_a_case_is_made(self, desk, responder):
        form = desk.get("/cases/new/?project=SEC")
        token = re.search(r'name="token" value="([^"]+)"', form.content.decode())[1]
        data = {
            "project": "SEC",
            "title": "Look into it",
            "description": "Now",
            "priority": "P3",
            "assignee": responder.uuid,
            "type": form.context["form"].initial["type"].pk,
            "due_date": "2030-01-31",
            "tags": "a, b",
            "attributes": "team = blue\nteam = red",
            "token": token,
        }
        for _ in range(2):
            response = desk.post("/cases/new/", data)
            assert response["Location"] == "/cases/SEC-1/"
        made = Case.objects.get()
        assert (made.priority, made.assignee, made.attributes) == ("P3", responder, {"team": ["blue", "red"]})
        assert [tag.text for tag in made.tags.all()] == ["a", "b"]

    @pytest.mark.parametrize(
        "wrong",
        [
            {"title": ""},
            {"title": "a" * 301},
            {"title": "a\0"},
            {"description": "a" * 20_001},
            {"due_date": "never"},
            {"attributes": "no equals"},
            {"attributes": "a b = c"},
            {"tags": "a" * 201},
            {"type": "999999999999999999999999"},
            {"token": "none"},
            {"project": "GONE"},
            {"project": "A\0"},
            {"assignee": "\0"},
        ],
    )
    def test_what_cannot_be_meant_is_told_at_the_form(self, desk, wrong):
        data = {"project": "SEC", "title": "It", "priority": "P3", "type": "1", "token": uuid4(), **wrong}
        assert desk.post("/cases/new/", data).status_code == 422

    def test_an_edit_is_saved(self, desk, case):
        data = {"title": "New title", "description": "", "type": case.type_id, "seen_version": 0}
        assert desk.post("/cases/OPS-1/edit/", data)["Location"] == "/cases/OPS-1/"
        case.refresh_from_db()
        assert (case.title, case.version) == ("New title", 1)

    def test_an_edit_of_an_older_version_shows_what_was_changed_and_loses_nothing(self, desk, case, acting, responder):
        actions.edit_cases(actor=acting(responder), seen={case.pk: 0}, title="Other title")
        data = {"title": "My title", "description": "", "type": case.type_id, "seen_version": 0}
        response = desk.post("/cases/OPS-1/edit/", data)
        assert response.status_code == 409
        assert "renamed it from" in text_of(response) and 'value="My title"' in response.content.decode()
        assert 'name="seen_version" value="1"' in response.content.decode()

    def test_saving_after_a_warning_writes_only_what_the_person_typed(self, desk, case, acting, responder):
        theirs = {"due_date": date(2030, 1, 31), "tags": ["urgent", "a"], "attributes": {"team": ["blue"]}}
        actions.edit_cases(actor=acting(responder), seen={case.pk: 0}, description="one\ntwo", **theirs)
        stale = {"title": "My title", "description": case.description, "type": case.type_id, "seen_version": 0}
        warned = desk.post("/cases/OPS-1/edit/", stale)
        assert warned.status_code == 409
        for words in ("Due date: nothing → 2030-01-31", "Tags: nothing → a, urgent", "what you left alone"):
            assert words in text_of(warned)
        form = warned.context["form"]
        again = {name: value for name in form.fields if (value := form[name].value()) is not None}
        assert desk.post("/cases/OPS-1/edit/", again).status_code == 302
        case.refresh_from_db()
        assert (case.title, case.description, case.due_date) == ("My title", "one\ntwo", date(2030, 1, 31))
        assert sorted(tag.text for tag in case.tags.all()) == ["a", "urgent"]
        assert case.attributes == {"team": ["blue"]}
        assert list(Entry.objects.filter(verb="cases.edited").latest("pk").data) == ["title"]

    def test_a_description_that_came_back_from_a_browser_is_no_change(self, desk, case):
        Case.objects.update(description="one\ntwo")
        data = {"title": case.title, "description": "one\r\ntwo", "type": case.type_id, "seen_version": 0}
        assert desk.post("/cases/OPS-1/edit/", data).status_code == 302
        assert not Entry.objects.filter(verb="cases.edited").exists()
        desk.post("/cases/OPS-1/edit/", {**data, "description": "one\r\ntwo\r\nthree"})
        case.refresh_from_db()
        assert case.description == "one\ntwo\nthree"


class TestComments:
    def test_a_comment_is_said_edited_and_taken_back(self, desk, case):
        response = desk.post("/cases/OPS-1/comments/", {"body": "Look here"}, **on("case-comment"))
        assert "cases:changed" in response["HX-Trigger-After-Settle"]
        said = Comment.objects.get()
        address = f"/cases/OPS-1/comments/{said.uuid}"
        assert "Look here" in text_of(desk.get(f"{address}/edit/"))
        desk.post(f"{address}/edit/", {"body": "Look there", "seen_version": 0})
        said.refresh_from_db()
        assert said.body == "Look there"
        desk.post(f"{address}/delete/")
        assert "This comment was taken back." in text_of(desk.get("/cases/OPS-1/"))

    def test_an_empty_one_is_refused(self, desk, case):
        assert desk.post("/cases/OPS-1/comments/", {"body": " "}, **on("case-comment")).status_code == 422

    def test_the_comment_of_another_case_is_not_found(self, desk, case, analyst):
        other = CommentFactory(author=analyst, case=CaseFactory(number=2, project=case.project))
        assert desk.get(f"/cases/OPS-1/comments/{other.uuid}/edit/").status_code == 404

    def test_nobody_opens_the_comment_of_another_to_edit_it(self, desk, case, responder):
        other = CommentFactory(author=responder, case=case)
        assert desk.get(f"/cases/OPS-1/comments/{other.uuid}/edit/").status_code == 403


class TestBoard:
    def test_has_a_column_a_status(self, desk, case):
        CaseFactory(project=case.project, number=2, status="CLOSED", title="Done with it")
        board = desk.get("/cases/board/")
        lanes = {lane.status.value: [one.title for one in lane.cases] for lane, _ in board.context["lanes"]}
        assert lanes == {"OPEN": ["Look into the login"], "IN_PROGRESS": [], "CLOSED": ["Done with it"]}

    def test_is_narrowed_by_project_and_query(self, desk, case):
        CaseFactory(project=ProjectFactory(key="WEB"), number=1, priority="P1")
        totals = lambda query: [lane.total for lane, _ in desk.get(f"/cases/board/?{query}").context["lanes"]]  # noqa: E731
        assert totals("project=WEB") == [1, 0, 0]
        assert totals("query=priority:P2") == [0, 0, 0]
        assert totals("project=OPS&query=login") == [1, 0, 0]

    @pytest.mark.parametrize("query", ["query=priority:", "query=priority:P9", "project=GONE", "query=due:never"])
    def test_a_query_that_cannot_be_read_says_why(self, desk, case, query):
        response = desk.get(f"/cases/board/?{query}")
        assert response.status_code == 400
        assert 'role="alert"' in response.content.decode()

    def test_a_card_is_moved(self, desk, case):
        response = desk.post("/cases/board/move/", {"move": "OPS-1:0:IN_PROGRESS"}, **on("board"))
        case.refresh_from_db()
        assert case.status == "IN_PROGRESS" and response.status_code == 200

    def test_a_card_that_somebody_else_moved_shows_where_it_is(self, desk, case, acting, responder):
        actions.set_status(actor=acting(responder), seen={case.pk: 0}, to="CLOSED")
        response = desk.post("/cases/board/move/", {"move": "OPS-1:0:IN_PROGRESS"}, **on("board"))
        assert response.status_code == 409
        assert "Rob Responder moved it from Open to Closed" in text_of(response)

    @pytest.mark.parametrize(
        "move", ["", "OPS-1", "OPS-1:x:OPEN", "OPS-1:0:GONE", "OPS-1:99999999999:OPEN", "OPS-1:0:\0"]
    )
    def test_what_is_no_move_is_refused(self, desk, case, move):
        assert desk.post("/cases/board/move/", {"move": move}, **on("board")).status_code == 400

    def test_a_project_that_nobody_can_write_is_refused(self, desk, case):
        data = {"move": "OPS-1:0:CLOSED", "project": "A\0", "query": "a\0"}
        assert desk.post("/cases/board/move/", data, **on("board")).status_code == 400


class TestProjects:
    def test_they_are_listed_made_edited_and_deleted(self, desk):
        data = {"name": "Web", "key": "WEB", "description": "", "triages_signals": "on"}
        assert desk.post("/cases/projects/new/", data).status_code == 302
        assert "Web" in text_of(desk.get("/cases/projects/"))
        desk.post("/cases/projects/WEB/edit/", {"name": "The web", "seen_version": 0})
        project = Project.objects.get(key="WEB")
        assert (project.name, project.triages_signals) == ("The web", False)
        desk.post("/cases/projects/WEB/delete/")
        assert not Project.objects.filter(key="WEB").exists()

    def test_a_bad_key_is_told_at_its_field(self, desk):
        response = desk.post("/cases/projects/new/", {"name": "Web", "key": "no good"})
        assert response.status_code == 422 and "capital letters" in text_of(response)

    def test_whoever_comes_second_is_told(self, desk, acting, responder):
        project = ProjectFactory(key="WEB", name="Web")
        actions.edit_projects(actor=acting(responder), seen={project.pk: 0}, name="Site")
        response = desk.post("/cases/projects/WEB/edit/", {"name": "Shop", "seen_version": 0})
        assert response.status_code == 409 and "Rob Responder changed the name" in text_of(response)

    def test_saving_after_a_warning_writes_only_what_the_person_typed(self, desk, acting, responder):
        project = ProjectFactory(key="WEB", name="Web", triages_signals=True)
        theirs = {"description": "What sells", "triages_signals": False}
        actions.edit_projects(actor=acting(responder), seen={project.pk: 0}, **theirs)
        stale = {"name": "Shop", "description": project.description, "triages_signals": "on", "seen_version": 0}
        form = desk.post("/cases/projects/WEB/edit/", stale).context["form"]
        assert desk.post("/cases/projects/WEB/edit/", {n: form[n].value() for n in form.fields if form[n].value()})
        project.refresh_from_db()
        assert (project.name, project.description, project.triages_signals) == ("Shop", "What sells", False)

    def test_a_key_in_small_letters_is_made_large(self, desk):
        assert desk.post("/cases/projects/new/", {"name": "Web", "key": "web"}).status_code == 302
        assert Project.objects.get(name="Web").key == "WEB"

    def test_the_key_of_another_project_is_named(self, desk):
        response = desk.post("/cases/projects/new/", {"name": "Security", "key": "sec"})
        assert response.status_code == 422
        assert "There is a project with the key SEC already." in text_of(response)


class TestExport:
    def exported(self, desk, address="", **data):
        answer = desk.post(f"/cases/export/{address}", data)
        assert answer.status_code == 200, answer.content
        return b"".join(answer.streaming_content).decode()

    def test_the_columns_shown_as_csv_and_nothing_a_spreadsheet_would_run(self, desk, case):
        Case.objects.update(title="=1+1")
        heads, row = self.exported(desk, "?cols=key,title,signals", format="csv").splitlines()
        assert (heads, row) == ('"Key","Title","Signals"', '"OPS-1","\'=1+1","0"')
        assert Entry.objects.get(verb="cases.exported").data["rows"] == 1

    def test_all_that_is_known_as_ndjson(self, desk, case, acting, analyst):
        actions.edit_cases(actor=acting(analyst), seen={case.pk: 0}, description="Long", tags=["a"])
        told = json.loads(self.exported(desk, format="ndjson"))
        assert (told["key"], told["description"], told["tags"]) == ("OPS-1", "Long", ["a"])

    def test_only_what_was_selected(self, desk, case):
        CaseFactory(project=case.project, number=2)
        lines = self.exported(desk, selection="on", rows=f"{case.pk}:0", format="ndjson").splitlines()
        assert [json.loads(line)["key"] for line in lines] == ["OPS-1"]

    def test_an_outsider_takes_nothing(self, client, outsider, case):
        client.force_login(outsider)
        assert client.post("/cases/export/", {"format": "csv"}).status_code == 403
