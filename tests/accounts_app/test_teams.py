"""The pages of teams, and what teams let whom do."""

import itertools

import pytest

from accounts_app import actions
from accounts_app.models import Membership, Team, TeamConnection, TeamLink, TeamPart
from core_app.errors import Conflict, Invalid, NotAllowed
from core_app.models import Entry


@pytest.fixture
def team(db):
    return Team.objects.create(name="Night shift", handle="night-shift", description="Awake", avatar="🥑")


def test_teams_are_listed_with_their_links(client, viewer, team):
    TeamLink.objects.create(team=team, label="Handbook", url="https://example.com/handbook")
    client.force_login(viewer)
    page = client.get("/teams/").content.decode()
    assert all(words in page for words in ("Night shift", "@night-shift", "🥑", "https://example.com/handbook"))
    assert "/teams/" in client.get("/account/").content.decode()  # the menu leads there


def test_a_team_shows_who_is_in_it_and_what_it_is_part_of(client, viewer, responder, team):
    Membership.objects.create(team=team, user=responder, role=Membership.ADMIN)
    house = Team.objects.create(name="House", handle="house")
    TeamPart.objects.create(parent=house, sub=team)
    client.force_login(viewer)
    page = client.get("/teams/night-shift/").content.decode()
    assert all(words in page for words in ("Rob Responder", "Administrator", 'href="/teams/house/"'))
    assert "Add member" not in page and "Add link" not in page
    assert client.get("/teams/nobody/").status_code == 404


def test_who_sees_no_teams_sees_no_pages_of_them(client, outsider, team):
    client.force_login(outsider)
    assert client.get("/teams/").status_code == 403
    assert client.get("/teams/night-shift/").status_code == 403


def test_members_come_and_go_on_the_page(client, analyst, viewer, team):
    client.force_login(analyst)
    client.post("/teams/night-shift/members/", {"person": viewer.pk})
    client.post(f"/teams/night-shift/members/{viewer.uuid}/role/", {"role": "admin"})
    assert Membership.objects.get(team=team).role == "admin"
    client.post(f"/teams/night-shift/members/{viewer.uuid}/role/", {"role": ""})
    assert Membership.objects.get(team=team).role == ""
    assert client.post("/teams/night-shift/members/", {"person": viewer.pk}).status_code == 422  # is in it already
    client.post(f"/teams/night-shift/members/{viewer.uuid}/remove/")
    assert not team.members.exists()
    assert client.post(f"/teams/night-shift/members/{viewer.uuid}/remove/").status_code == 404


def test_links_come_and_go_on_the_page(client, analyst, team):
    client.force_login(analyst)
    bad = client.post("/teams/night-shift/links/", {"label": "Handbook", "url": "javascript:alert(1)"})
    assert (bad.status_code, TeamLink.objects.count()) == (422, 0)
    client.post("/teams/night-shift/links/", {"label": "Handbook", "url": "https://example.com/"})
    link = TeamLink.objects.get()
    assert 'href="https://example.com/"' in client.get("/teams/night-shift/").content.decode()
    client.post(f"/teams/night-shift/links/{link.uuid}/remove/")
    assert not TeamLink.objects.exists()


def test_a_teams_administrator_finds_the_forms_on_its_page_and_others_do_not(client, viewer, team):
    client.force_login(viewer)
    Membership.objects.create(team=team, user=viewer, role=Membership.ADMIN)
    assert client.post("/teams/night-shift/links/", {"label": "x", "url": "https://example.com/"}).status_code == 403
    Team.objects.update(edited_by=Team.Whose.ADMINS)
    page = client.get("/teams/night-shift/").content.decode()
    assert "Add link" in page and "Add member" not in page
    assert client.post("/teams/night-shift/links/", {"label": "x", "url": "https://example.com/"}).status_code == 302


def test_what_a_team_lets_others_do_is_set_by_who_may_edit_teams(acting, analyst, viewer, team):
    with pytest.raises(NotAllowed):
        actions.set_team_policy(actor=acting(viewer), team=team, edited_by="organization")
    with pytest.raises(Invalid):
        actions.set_team_policy(actor=acting(analyst), team=team, edited_by="everybody")
    actions.set_team_policy(actor=acting(analyst), team=team, edited_by="organization")
    actions.update_team(actor=acting(viewer), team=team, name="Late shift")
    with pytest.raises(NotAllowed):
        actions.set_members(actor=acting(viewer), team=team, users=[viewer])
    verbs = list(Entry.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["accounts.team_policy_set", "accounts.team_updated"]


def test_no_team_is_part_of_itself_by_any_way(acting, analyst, team):
    actor = acting(analyst)
    chain = [team, *(Team.objects.create(name=f"Team {n}", handle=f"team-{n}") for n in range(3))]
    for parent, sub in itertools.pairwise(chain):
        actions.add_team_part(actor=actor, parent=parent, sub=sub)
    for sub in chain:
        with pytest.raises(Conflict):
            actions.add_team_part(actor=actor, parent=chain[-1], sub=sub)
    assert TeamPart.objects.count() == 3


def test_whoever_sees_a_team_sees_what_it_is_elsewhere(client, viewer):
    team = Team.objects.create(name="Blue", handle="blue")
    client.force_login(viewer)
    assert "The same team elsewhere</dt><dd>–" in client.get("/teams/blue/").text
    TeamConnection.objects.create(team=team, source="github", connected="@org/blue")
    page = client.get("/teams/blue/").text
    assert '<a href="https://github.com/orgs/org/teams/blue" rel="noopener noreferrer">@org/blue</a> (GitHub)' in page
    assert "Disconnect" not in page
