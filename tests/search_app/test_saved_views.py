"""Saved views: who sees them, who changes them, what they hold, and how the explorer shows them."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from accounts_app.access import person
from accounts_app.models import Membership, Team
from core_app.errors import Invalid, NotAllowed, NotFound, StaleVersion
from core_app.models import Entry
from search_app import queries
from search_app.actions import create_view, delete_view, set_default, set_favourite, update_view
from search_app.explorer.mending import mend
from search_app.models import SavedView, ViewMark
from search_app.queries import find_view, list_views
from signals_app.explorer import EXPLORER
from tests.conftest import make_person
from tests.signals_app.factories import SignalFactory

pytestmark = pytest.mark.django_db

UNASSIGNED = "@workflow.triage.assignee:none"
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def blue(analyst) -> Team:
    """The analyst's team."""
    team = Team.objects.create(name="Blue", handle="blue")
    Membership.objects.create(team=team, user=analyst)
    return team


@pytest.fixture
def mate(blue):
    """In the same team."""
    user = make_person("mate@example.test", "Mia Mate", "Read Only")
    Membership.objects.create(team=blue, user=user)
    return user


def save(owner, *teams, name="Unassigned", surface="signals", **configuration) -> SavedView:
    configuration = configuration or {"query": UNASSIGNED}
    return create_view(actor=person(owner), surface=surface, name=name, configuration=configuration, teams=teams)


def verbs() -> list[str]:
    return list(Entry.objects.order_by("pk").values_list("verb", flat=True))


def names(actor_of, find="") -> dict[str, list[str]]:
    return {
        section.title: [view.name for view in section.views] for section in list_views(person(actor_of), EXPLORER, find)
    }


class TestActions:
    def test_a_view_keeps_what_an_address_says_and_nothing_of_the_moment(self, analyst):
        everything = {
            "query": "severity:high",
            "range": "30d",
            "column": "title",
            "order": "asc",
            "cols": "title,time",
            "viz": "toplist",
            "group": "service",
            "unique": "env",
            "limit": "25",
            "agg": "rule",
            "timeline": "off",
            "facets": "severity,service",
        }
        view = save(analyst, **everything, after="x", paused="false", view="my-signals")
        assert view.configuration == everything

    def test_a_stopped_window_is_saved_as_the_one_that_moves(self, analyst):
        view = save(analyst, query="a", range="30d", start="1700000000000", end="1700000100000", paused="true")
        assert view.configuration == {"query": "a", "range": "30d"}

    def test_a_fixed_window_is_saved_as_it_is(self, analyst):
        view = save(analyst, start="1700000000000", end="1700000100000")
        assert view.configuration == {"start": "1700000000000", "end": "1700000100000"}

    def test_making_one_is_recorded_with_what_it_holds(self, analyst, blue):
        view = save(analyst, blue)
        entry = Entry.objects.get()
        assert (entry.verb, entry.target_id, entry.data["teams"]) == ("views.created", str(view.pk), ["blue"])
        assert entry.data["configuration"] == {"query": UNASSIGNED}

    @pytest.mark.parametrize(
        "configuration", [{"query": "severity:("}, {"cols": "colour"}, {"start": "5"}, {"column": "colour"}]
    )
    def test_what_cannot_be_shown_cannot_be_saved(self, analyst, configuration):
        with pytest.raises(Invalid) as refusal:
            save(analyst, **configuration)
        assert refusal.value.data["field"] == "configuration"
        assert not SavedView.objects.exists()

    @pytest.mark.parametrize("name", ["", "  ", "x" * 101, "two\nlines"])
    def test_a_name_is_one_line_of_text(self, analyst, name):
        with pytest.raises(Invalid) as refusal:
            save(analyst, name=name)
        assert refusal.value.data["field"] == "name"

    def test_a_reader_makes_none(self, viewer):
        with pytest.raises(NotAllowed) as refusal:
            save(viewer)
        assert refusal.value.data["permission"] == "saved_views_write"

    def test_nobody_saves_a_view_of_what_they_may_not_look_at(self, analyst):
        actor = person(analyst)
        narrowed = type(actor)(**{**vars(actor), "permissions": frozenset({"saved_views_write"})})
        with pytest.raises(NotAllowed) as refusal:
            create_view(actor=narrowed, surface="signals", name="Mine", configuration={})
        assert refusal.value.data["permission"] == "security_monitoring_signals_read"

    def test_there_is_no_view_of_what_cannot_be_explored(self, analyst):
        with pytest.raises(NotFound):
            save(analyst, surface="colours")

    def test_a_form_that_is_sent_twice_makes_one(self, analyst):
        token = uuid4()
        twice = [
            create_view(actor=person(analyst), surface="signals", name="Mine", configuration={}, token=token)
            for _ in range(2)
        ]
        assert twice[0] == twice[1]
        assert verbs() == ["views.created"]

    def test_the_token_of_another_finds_nothing(self, analyst, responder):
        token = uuid4()
        views = [
            create_view(actor=person(user), surface="signals", name="Mine", configuration={}, token=token)
            for user in (analyst, responder)
        ]
        assert [view.owner for view in views] == [analyst, responder]

    def test_the_owner_renames_reconfigures_and_shares(self, analyst, blue):
        view = save(analyst)
        update_view(actor=person(analyst), view=view, seen_version=0, name="Nobody's", configuration={"query": "x"})
        changed = update_view(actor=person(analyst), view=view, seen_version=1, teams=[blue])
        assert (changed.name, changed.configuration, changed.version) == ("Nobody's", {"query": "x"}, 2)
        assert verbs() == ["views.created", "views.updated", "views.shared"]
        assert Entry.objects.get(verb="views.updated").data["name"] == ["Unassigned", "Nobody's"]
        assert Entry.objects.get(verb="views.shared").data["teams"] == [[], ["blue"]]

    def test_a_change_to_what_already_is_writes_nothing(self, analyst):
        view = save(analyst)
        assert update_view(actor=person(analyst), view=view, name="Unassigned", teams=[]).version == 0
        assert verbs() == ["views.created"]

    def test_who_looked_at_an_older_version_changes_nothing(self, analyst):
        view = save(analyst)
        update_view(actor=person(analyst), view=view, name="New")
        with pytest.raises(StaleVersion):
            update_view(actor=person(analyst), view=view, seen_version=0, name="Newer")
        with pytest.raises(StaleVersion):
            delete_view(actor=person(analyst), view=view, seen_version=0)
        view.refresh_from_db()
        assert view.name == "New"

    def test_an_administrator_changes_and_deletes_what_is_shared(self, analyst, admin, blue):
        view = save(analyst, blue)
        assert update_view(actor=person(admin), view=view, name="Ours").name == "Ours"
        delete_view(actor=person(admin), view=view)
        assert not SavedView.objects.exists()
        assert verbs()[-1] == "views.deleted"

    def test_a_teammate_uses_it_and_does_not_change_it(self, analyst, blue, responder):
        Membership.objects.create(team=blue, user=responder)
        view = save(analyst, blue)
        assert find_view(person(responder), EXPLORER, str(view.uuid)).may_change is False
        for change in (
            lambda: update_view(actor=person(responder), view=view, name="Mine now"),
            lambda: delete_view(actor=person(responder), view=view),
        ):
            with pytest.raises(NotAllowed):
                change()

    def test_to_others_it_is_not_there(self, analyst, responder, admin):
        view = save(analyst)
        for user in (responder, admin):
            with pytest.raises(NotFound):
                update_view(actor=person(user), view=view, name="Mine now")
            with pytest.raises(NotFound):
                set_favourite(actor=person(user), surface="signals", key=str(view.uuid), on=True)

    def test_deleting_one_takes_its_marks_along(self, analyst):
        view = save(analyst)
        set_favourite(actor=person(analyst), surface="signals", key=str(view.uuid), on=True)
        delete_view(actor=person(analyst), view=view)
        assert not ViewMark.objects.exists()

    def test_there_is_one_default(self, analyst):
        actor, view = person(analyst), save(analyst)
        set_favourite(actor=actor, surface="signals", key="my-signals", on=True)
        for key in ("unassigned-open", "my-signals", str(view.uuid)):
            set_default(actor=actor, surface="signals", key=key, on=True)
        marks = {mark.key: (mark.is_favourite, mark.is_default) for mark in ViewMark.objects.all()}
        assert marks == {"my-signals": (True, False), str(view.uuid): (False, True)}

    def test_a_mark_that_says_nothing_is_forgotten(self, viewer):
        for on in (True, True, False):
            set_favourite(actor=person(viewer), surface="signals", key="my-signals", on=on)
        assert not ViewMark.objects.exists()
        assert verbs() == ["views.favourite_set", "views.favourite_set"]

    def test_the_database_holds_two_defaults_apart_too(self, viewer):
        ViewMark.objects.create(person=viewer, surface="signals", key="a", is_default=True)
        with pytest.raises(IntegrityError), transaction.atomic():
            ViewMark.objects.create(person=viewer, surface="signals", key="b", is_default=True)


class TestWhoSeesIt:
    def test_its_owner_its_teams_and_administrators_if_it_is_shared(self, analyst, mate, responder, admin, blue):
        save(analyst, blue, name="Shared")
        save(analyst, name="Private")
        assert names(analyst)["Your views"] == ["Private", "Shared"]
        assert names(mate)["Shared with you"] == ["Shared"]
        assert names(admin)["Shared with you"] == ["Shared"]
        assert names(responder).keys() == {"Ready-made"}

    def test_who_leaves_the_team_sees_it_no_more(self, analyst, mate, blue):
        view = save(analyst, blue)
        Membership.objects.filter(user=mate).delete()
        with pytest.raises(NotFound):
            find_view(person(mate), EXPLORER, str(view.uuid))

    def test_who_may_not_look_at_the_signals_sees_no_view_of_them(self, outsider, blue, analyst):
        Membership.objects.create(team=blue, user=outsider)
        view = save(analyst, blue)
        assert list_views(person(outsider), EXPLORER) == []
        for key in (str(view.uuid), "my-signals"):
            with pytest.raises(NotFound):
                find_view(person(outsider), EXPLORER, key)

    def test_two_teams_do_not_show_it_twice(self, analyst, blue):
        other = Team.objects.create(name="Red", handle="red")
        Membership.objects.create(team=other, user=analyst)
        save(analyst, blue, other)
        assert names(analyst)["Your views"] == ["Unassigned"]

    def test_views_are_found_by_name_and_by_query(self, analyst):
        save(analyst, name="Night shift", query="env:prod")
        save(analyst, name="Day shift", query="env:staging")
        assert names(analyst, "night") == {"Your views": ["Night shift"]}
        assert names(analyst, "staging") == {"Your views": ["Day shift"]}
        assert names(analyst, "under review") == {"Ready-made": ["Under review over 7 days"]}

    def test_favourites_stand_first_and_nowhere_else(self, analyst):
        view = save(analyst)
        for key in (str(view.uuid), "my-signals"):
            set_favourite(actor=person(analyst), surface="signals", key=key, on=True)
        found = names(analyst)
        assert found["Favourites"] == ["Unassigned", "My signals"]
        assert "Your views" not in found and "My signals" not in found["Ready-made"]

    def test_the_list_costs_the_same_with_more_views(self, analyst, blue, django_assert_max_num_queries):
        save(analyst, blue)
        with django_assert_max_num_queries(50) as few:
            list_views(person(analyst), EXPLORER)
        for number in range(10):
            save(analyst, blue, name=str(number))
        with django_assert_max_num_queries(len(few)):
            list_views(person(analyst), EXPLORER)

    def test_of_many_views_favourites_and_ones_own_are_listed_first(self, analyst, mate, blue, monkeypatch):
        monkeypatch.setattr(queries, "MOST", 3)
        for name in "ABCDE":
            save(analyst, blue, name=name)
        mates = make_person("late@example.test", "Lea Late", "Admin")
        save(mates, name="Y")
        liked = save(analyst, blue, name="Z")
        set_favourite(actor=person(mates), surface="signals", key=str(liked.uuid), on=True)
        found = names(mates)
        assert (found["Favourites"], found["Your views"], found["Shared with you"]) == (["Z"], ["Y"], ["A"])


class TestMending:
    def mended(self, user, **params):
        mended = mend(EXPLORER, person(user), params)
        return mended.address.params(), list(mended.dropped)

    def test_what_is_all_there_stays_as_it_is(self, analyst):
        params = {"query": f'title:"a  b" @workflow.triage.assignee:{analyst.email}', "cols": "title,time"}
        assert self.mended(analyst, **params) == (params, [])

    def test_columns_and_facets_that_are_gone_are_left_out_and_named(self, analyst):
        params, dropped = self.mended(analyst, cols="title,colour", facets="hue,env", group="taste")
        assert params == {"cols": "title", "facets": "env"}
        assert sorted(dropped) == ["the column “colour”", "the facet “hue”", "the facet “taste”"]

    def test_settings_that_are_gone_are_left_out(self, analyst):
        params, dropped = self.mended(analyst, column="colour", order="asc", viz="pie", limit="7")
        assert params == {"column": "time", "order": "asc"}
        assert len(dropped) == 3

    def test_conditions_that_mean_nothing_any_more_are_left_out(self, analyst):
        params, dropped = self.mended(analyst, query="env:prod severity:(high OR terrible) -count:many")
        assert params == {"query": "env:prod"}
        assert len(dropped) == 2

    @pytest.mark.parametrize(
        ("query", "left"),
        [
            ("env:prod @workflow.triage.assignee:gone@example.test", "env:prod"),
            ("env:prod -@workflow.triage.assignee:gone@example.test", "env:prod"),
            ("@workflow.triage.assignee:(me OR gone@example.test)", "@workflow.triage.assignee:me"),
            ("@workflow.triage.assignee:gone@example.test OR env:prod", "env:prod"),
            ("@workflow.triage.assignee:gone@example.test", ""),
        ],
    )
    def test_people_who_are_gone_are_left_out_and_named(self, analyst, query, left):
        params, dropped = self.mended(analyst, query=query)
        assert params.get("query", "") == left
        assert dropped == ["the person “gone@example.test”"]

    @pytest.mark.parametrize("value", ["me", "none", "a*", "*", "ANALYST@example.test", '"Ana Analyst"'])
    def test_people_who_are_there_stay(self, analyst, value):
        assert self.mended(analyst, query=f"@workflow.triage.assignee:{value}")[1] == []

    def test_people_are_found_by_their_uuid(self, analyst):
        assert self.mended(analyst, query=f"@workflow.triage.assignee:{analyst.uuid}")[1] == []

    def test_who_may_not_see_people_learns_nothing_of_them(self, outsider):
        assert self.mended(outsider, query="@workflow.triage.assignee:gone@example.test")[1] == []

    def test_a_query_that_cannot_be_read_is_left_out_whole(self, analyst):
        assert self.mended(analyst, query="severity:(", range="30d") == (
            {"range": "30d"},
            ["the condition “severity:(”"],
        )


@pytest.fixture
def signals():
    return [SignalFactory(title="Alpha"), SignalFactory(title="Beta", env="staging")]


@pytest.fixture
def at_work(client, analyst, signals):
    client.force_login(analyst)
    return client


def titles(response) -> list[str]:
    return re.findall(r"data-open[^>]*>([^<]*)</a>", response.content.decode())


def links(response, start="/signals/") -> list[dict[str, str]]:
    found = re.findall(rf'href="({start}\?[^"]*)"', response.content.decode())
    return [{k: v[0] for k, v in parse_qs(urlsplit(unescape(href)).query).items()} for href in found]


class TestExplorer:
    def test_a_view_that_stands_alone_is_shown_as_it_was_saved(self, at_work, analyst):
        view = save(analyst, query="env:staging", cols="title")
        page = at_work.get(f"/signals/?view={view.uuid}")
        assert titles(page) == ["Beta"]
        assert "Unassigned" in page.content.decode()
        assert "view-modified" not in page.content.decode()

    def test_every_link_on_the_page_keeps_the_view_and_says_all(self, at_work, analyst):
        view = save(analyst, query="env:staging")
        page = at_work.get(f"/signals/?view={view.uuid}")
        kept = [link for link in links(page) if link.get("view") == str(view.uuid)]
        assert len(kept) > 10
        alone = [link for link in kept if link.keys() == {"view"}]
        assert len(alone) == 1  # its name, which opens it anew

    def test_clearing_the_query_of_a_view_does_not_open_it_anew(self, at_work, analyst):
        view = save(analyst, query="env:staging")
        page = at_work.get("/signals/", {"view": view.uuid, "query": "", "range": "7d"})
        assert sorted(titles(page)) == ["Alpha", "Beta"]
        assert "view-modified" in page.content.decode()

    @pytest.mark.parametrize(
        ("change", "modified"),
        [
            ({}, False),
            ({"paused": "true"}, False),
            ({"query": "-severity:low env:staging"}, False),
            ({"query": "env:staging"}, True),
            ({"range": "30d"}, True),
            ({"cols": "time"}, True),
            ({"timeline": "off"}, True),
        ],
    )
    def test_modified_shows_when_the_page_differs(self, at_work, analyst, change, modified):
        view = save(analyst, query="env:staging -severity:low", cols="title")
        params = {"query": "env:staging -severity:low", "cols": "title", "range": "7d", "view": view.uuid}
        page = at_work.get("/signals/", params | change).content.decode()
        assert ("view-modified" in page) is modified
        assert (f"/views/{view.uuid}/update/" in page) is modified

    def test_a_teammate_can_reset_and_not_update(self, client, analyst, mate, blue, signals):
        view = save(analyst, blue, query="env:staging")
        client.force_login(mate)
        page = client.get("/signals/", {"view": view.uuid, "query": "env:prod", "range": "7d"}).content.decode()
        assert ">Reset</a>" in page
        assert "/update/" not in page

    def test_a_faulty_query_beside_a_view_is_told_as_ever(self, at_work, analyst):
        view = save(analyst)
        page = at_work.get("/signals/", {"view": view.uuid, "query": "severity:(", "range": "7d"})
        assert page.status_code == 400
        assert "query-problem" in page.content.decode()

    def test_an_outsider_gets_404_and_not_a_word(self, client, analyst, responder):
        view = save(analyst, name="Secret plan", query="env:hidden")
        client.force_login(responder)
        theirs, nobodys = client.get(f"/signals/?view={view.uuid}"), client.get(f"/signals/?view={uuid4()}")
        assert theirs.status_code == nobodys.status_code == 404
        for word in ("Secret plan", "env:hidden", analyst.name):
            assert word not in theirs.content.decode()
        token = re.compile(r'(x-csrftoken":"|csrfmiddlewaretoken" value=")\w+')
        assert token.sub("", theirs.content.decode()) == token.sub("", nobodys.content.decode())

    @pytest.mark.parametrize("key", ["nowhere", "x" * 3000, "%", "../../x"])
    def test_a_view_of_no_name_is_404(self, at_work, key):
        assert at_work.get("/signals/", {"view": key}).status_code == 404

    def test_what_is_gone_is_said_and_left_out(self, at_work, analyst):
        view = save(analyst, query="env:staging")
        SavedView.objects.filter(pk=view.pk).update(
            configuration={"query": "env:staging @workflow.triage.assignee:gone@example.test", "cols": "title,colour"}
        )
        page = at_work.get(f"/signals/?view={view.uuid}")
        assert titles(page) == ["Beta"]
        html = page.content.decode()
        assert "the column “colour”, the person “gone@example.test”" in html
        assert "view-modified" not in html

    @pytest.mark.parametrize("view", EXPLORER.ready_made, ids=lambda view: view.key)
    def test_every_ready_made_view_opens(self, at_work, view):
        page = at_work.get(f"/signals/?view={view.key}")
        assert page.status_code == 200
        assert "view-dropped" not in page.content.decode()

    def test_a_ready_made_view_is_nobodys_to_update(self, at_work):
        page = at_work.get("/signals/", {"view": "my-signals", "query": "env:prod", "range": "90d"})
        assert "view-modified" in page.content.decode()
        assert "/update/" not in page.content.decode()

    def test_the_bare_address_leads_to_the_default_view(self, at_work, analyst):
        view = save(analyst, query="env:staging")
        set_default(actor=person(analyst), surface="signals", key=str(view.uuid), on=True)
        page = at_work.get("/signals/", follow=True)
        assert page.redirect_chain == [(f"/signals/?view={view.uuid}", 302)]
        assert titles(page) == ["Beta"]

    @pytest.mark.parametrize("address", ["/signals/?view=none", "/signals/?query=&range=7d", "/signals/?range=7d"])
    def test_any_other_address_shows_what_it_says(self, at_work, analyst, address):
        set_default(actor=person(analyst), surface="signals", key="my-signals", on=True)
        page = at_work.get(address)
        assert page.status_code == 200
        assert sorted(titles(page)) == ["Alpha", "Beta"]
        assert "view-open" not in page.content.decode()
        assert {"view": "none"}.items() <= links(page)[0].items()

    def test_a_default_that_is_gone_is_no_default(self, at_work, analyst, responder, blue):
        Membership.objects.create(team=blue, user=responder)
        view = save(responder, blue)
        set_default(actor=person(analyst), surface="signals", key=str(view.uuid), on=True)
        update_view(actor=person(responder), view=view, teams=[])
        assert at_work.get("/signals/").status_code == 200

    def test_without_a_default_no_address_speaks_of_views(self, at_work):
        assert all("view" not in link for link in links(at_work.get("/signals/")))


class TestPages:
    def test_save_asks_for_a_name_and_teams_and_says_what_is_saved(self, at_work, blue):
        page = at_work.get("/search/signals/views/new/", {"query": "env:prod", "cols": "title,time", "timeline": "off"})
        html = page.content.decode()
        assert re.search(r'name="teams" value="[0-9a-f-]{36}"> Blue', html)
        for words in ("env:prod", "Title, Creation Date", "hidden"):
            assert words in html

    def test_a_view_is_saved_and_opened(self, at_work, analyst, blue):
        url = f"/search/signals/views/new/?{urlencode({'query': 'env:staging', 'range': '30d'})}"
        answer = at_work.post(url, {"name": "Staging", "teams": [blue.uuid], "token": uuid4()})
        view = SavedView.objects.get()
        assert (view.name, view.owner, list(view.teams.all())) == ("Staging", analyst, [blue])
        assert view.configuration == {"query": "env:staging", "range": "30d"}
        assert answer["Location"] == f"/signals/?view={view.uuid}"

    def test_htmx_is_told_where_to_go(self, at_work):
        answer = at_work.post(
            "/search/signals/views/new/", {"name": "Mine"}, headers={"HX-Request": "true", "HX-Target": "views-dialog"}
        )
        view = SavedView.objects.get()
        assert f'"address": "/signals/?view={view.uuid}"' in answer["HX-Trigger-After-Settle"]

    @pytest.mark.parametrize(
        "data", [{"name": ""}, {"name": "x" * 101}, {"name": "a\nb"}, {"name": "Mine", "teams": [str(uuid4())]}]
    )
    def test_what_is_wrong_is_said_in_the_dialog(self, at_work, data):
        answer = at_work.post("/search/signals/views/new/", data)
        assert answer.status_code == 422
        assert "field-problem" in answer.content.decode()
        assert not SavedView.objects.exists()

    def test_a_faulty_query_cannot_be_saved(self, at_work):
        answer = at_work.get("/search/signals/views/new/", {"query": "severity:("})
        assert answer.status_code == 400
        assert "cannot be saved" in answer.content.decode()

    def test_save_offers_to_update_the_view_that_is_open(self, at_work, analyst):
        view = save(analyst)
        params = {"view": str(view.uuid), "query": "env:prod", "range": "7d"}
        html = at_work.get("/search/signals/views/new/", params).content.decode()
        assert f"/search/signals/views/{view.uuid}/update/?" in html
        at_work.post(f"/search/signals/views/{view.uuid}/update/?{urlencode(params)}", {"seen_version": 0})
        view.refresh_from_db()
        assert view.configuration == {"query": "env:prod"}

    def test_an_update_of_an_older_version_is_refused(self, at_work, analyst):
        view = save(analyst)
        update_view(actor=person(analyst), view=view, name="New")
        url = f"/search/signals/views/{view.uuid}/update/?query=env:prod"
        assert at_work.post(url, {"seen_version": 0}).status_code == 409

    def test_a_view_is_renamed_shared_and_deleted(self, at_work, analyst, blue):
        view = save(analyst)
        url = f"/search/signals/views/{view.uuid}/"
        assert at_work.get(url).status_code == 200
        at_work.post(url, {"name": "Ours", "teams": [blue.uuid], "seen_version": 0})
        view.refresh_from_db()
        assert (view.name, list(view.teams.all())) == ("Ours", [blue])
        answer = at_work.post(f"{url}delete/?view={view.uuid}&query=env:prod", {"seen_version": 1})
        assert answer["Location"] == "/signals/?view=none&query=env%3Aprod"
        assert not SavedView.objects.exists()

    def test_the_menu_lists_marks_and_finds(self, at_work, analyst):
        save(analyst, name=HOSTILE)
        menu = at_work.get("/search/signals/views/", headers={"HX-Request": "true", "HX-Target": "views-menu"})
        html = menu.content.decode()
        assert HOSTILE not in html and "&lt;img" in html
        assert "<html" not in html
        found = at_work.get(
            "/search/signals/views/", {"find": "under"}, headers={"HX-Request": "true", "HX-Target": "views-found"}
        ).content.decode()
        assert "Under review over 7 days" in found and "My signals" not in found and "<form class=" not in found

    def test_a_favourite_is_set_and_taken_away(self, at_work, analyst):
        url = "/search/signals/views/my-signals/favourite/?query=a"
        assert at_work.post(url, {"on": "1"})["Location"] == "/search/signals/views/?query=a"
        assert names(analyst)["Favourites"] == ["My signals"]
        at_work.post(url, {})
        assert "Favourites" not in names(analyst)

    def test_a_default_is_set_by_a_reader_too(self, client, viewer):
        client.force_login(viewer)
        client.post("/search/signals/views/my-signals/default/", {"on": "1"})
        assert client.get("/signals/")["Location"] == "/signals/?view=my-signals"

    def test_hostile_names_stay_text_wherever_they_are_drawn(self, at_work, analyst, blue):
        view = save(analyst, blue, name=HOSTILE, query=f'title:"{HOSTILE}"')
        for address in (
            f"/signals/?view={view.uuid}",
            f"/search/signals/views/new/?view={view.uuid}&query=a",
            f"/search/signals/views/{view.uuid}/",
            "/search/signals/views/",
        ):
            page = at_work.get(address).content.decode()
            assert HOSTILE not in page and "&lt;img src=x" in page

    def test_a_reader_is_told_why_they_cannot_save(self, client, viewer, signals):
        client.force_login(viewer)
        assert "saved_views_write" in client.get("/signals/").content.decode()
        assert client.get("/search/signals/views/new/").status_code == 403

    @pytest.mark.parametrize("path", ["", "update/", "delete/", "favourite/", "default/"])
    def test_the_pages_of_anothers_view_are_not_there(self, client, analyst, responder, path):
        view = save(analyst)
        client.force_login(responder)
        answer = client.post(f"/search/signals/views/{view.uuid}/{path}", {"name": "Mine", "on": "1"})
        assert answer.status_code == 404
        assert verbs() == ["views.created"]
