"""The admin panel: every model can be looked through, and nothing there goes around permission or ledger."""

import re
from datetime import timedelta

import numpy as np
import pytest
from django.apps import apps
from django.contrib import admin as django_admin
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts_app import actions
from accounts_app.access import person
from accounts_app.keys import matches
from accounts_app.models import (
    AccessToken,
    ApiKey,
    ApplicationKey,
    Invitation,
    Membership,
    Notification,
    Role,
    Team,
    TeamConnection,
    TeamLink,
    TeamPart,
    TeamTold,
    User,
)
from cases_app.models import Case, CaseType, Comment, CustomAttribute, Project
from core_app.admin_base import PanelAdmin
from core_app.chain import seal
from core_app.models import Delivery, Entry
from incidents_app.models import ImpactField, Incident, IncidentType, UserDefinedField, UserDefinedRole
from search_app.bulk.frozen import Frozen
from search_app.changes import epoch, record_deleted, record_values
from search_app.models import BulkOperation, CustomFacet, SavedView, ViewMark
from signals_app.models import (
    Assignment,
    CriticalAsset,
    Detection,
    DetectionRule,
    FollowedFile,
    NotificationRule,
    RawItem,
    Sample,
    SecurityFilter,
    Service,
    Signal,
    Source,
    Suppression,
    TriageState,
)
from tests.cases_app.factories import CaseFactory, CommentFactory
from tests.cases_app.furniture import furnish as furnish_case
from tests.conftest import make_person
from tests.incidents_app.factories import IncidentFactory
from tests.incidents_app.furniture import furnish
from tests.signals_app.factories import ServiceFactory, SignalFactory, SourceFactory

OUR_APPS = ("core_app", "accounts_app", "search_app", "signals_app", "cases_app", "incidents_app")
OUR_MODELS = [model for label in OUR_APPS for model in apps.get_app_config(label).get_models()]
HOSTILE = "<img src=x onerror=alert(1)>"


def address(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def name_of(model):
    return model._meta.label


def verbs():
    return list(Entry.objects.order_by("pk").values_list("verb", flat=True))


@pytest.fixture
def panel(client, admin):
    """The admin's browser."""
    client.force_login(admin)
    return client


def fill(admin, start, count):
    """`count` rows of every model, numbered from `start`."""
    for number in range(start, start + count):
        user = make_person(f"person{number}@example.test", f"Person {number}", "Standard")
        team = Team.objects.create(name=f"Team {number}", handle=f"team-{number}")
        Membership.objects.create(team=team, user=user)
        Role.objects.create(group=Group.objects.create(name=f"Role {number}"))
        ApiKey.objects.create(name="Key", digest=f"a{number}", last4="abcd", created_by=user)
        ApplicationKey.objects.create(name="Key", digest=f"b{number}", last4="abcd", owner=user)
        AccessToken.objects.create(
            name="Token", digest=f"c{number}", last4="abcd", public=f"d{number}", owner=user, scopes=["cases_read"]
        )
        Invitation.objects.create(user=user, created_by=admin, expires_at=timezone.now())
        TeamLink.objects.create(team=team, label=f"{HOSTILE} {number}", url="https://example.com/")
        TeamTold.objects.create(team=team, channels={"email": {"enabled": True}, "slack": {"channel": HOSTILE}})
        TeamConnection.objects.create(team=team, source="github", connected=f"@org/{HOSTILE}-{number}")
        part = Team.objects.create(name=f"Part {number}", handle=f"part-{number}")
        TeamPart.objects.create(parent=team, sub=part, created_by=user)
        signal = SignalFactory(
            title=f"{HOSTILE} {number}",
            service=ServiceFactory(name=f"service-{number}", team=team),
            source=SourceFactory(name=f"source-{number}"),
            team=team,
            attackers=[f"203.0.113.{number}"],
            victims=[f"user{number}"],
            tags=[f"tag:{number}"],
        )
        Assignment.objects.create(signal=signal, user=user)
        Sample.objects.create(signal=signal, at=timezone.now(), event={"text": HOSTILE})
        item = RawItem.objects.create(source=signal.source, key=str(number), body={"text": HOSTILE})
        entities = [part.entity for part in signal.parts.all()]
        Detection.objects.create(
            item=item,
            source=signal.source,
            rule=signal.rule,
            signal=signal,
            service=signal.service,
            at=timezone.now(),
            attacker=entities[0],
            victim=entities[-1],
        )
        view = SavedView.objects.create(surface="signals", name=f"{HOSTILE} {number}", owner=user)
        view.teams.add(team)
        ViewMark.objects.create(person=user, surface="signals", key=view.uuid, is_favourite=True)
        Suppression.objects.create(name=f"{HOSTILE} {number}", query="env:staging", created_by=user)
        SecurityFilter.objects.create(name=f"{HOSTILE} {number}", query="env:prod", created_by=user)
        CriticalAsset.objects.create(
            query=f'"{HOSTILE} {number}"', rule_query="type:*", severity="high", created_by=user
        )
        NotificationRule.objects.create(name=f"{HOSTILE} {number}", targets=["@soc"], created_by=user)
        FollowedFile.objects.create(source=signal.source, path=f"/var/log/{number}.json")
        CustomFacet.objects.create(surface="signals", path=f"@odd.{number}", label=HOSTILE)
        frozen = Frozen.of(np.array([number]), np.array([0]))
        BulkOperation.objects.create(
            surface="signals", action="set_state", words=HOSTILE, user=user, total=1, state="done", **frozen.packed()
        )
        furnish(person(user), f"{HOSTILE} {number}", signal)
        IncidentType.objects.create(name=f"{HOSTILE} {number}")
        furnish_case(person(user), f"{HOSTILE} {number}", signal)
        Project.objects.create(key=f"P{number}", name=f"{HOSTILE} {number}")
        CaseType.objects.create(name=f"{HOSTILE} {number}")
        epoch("signals")
        record_deleted("signals", [number])
        record_values("signals", [number], {"env": HOSTILE})
        entry = Entry.objects.create(
            actor_kind="person",
            actor_id=str(user.pk),
            actor_label=user.label,
            verb="tests.done",
            target_type="signals_app.signal",
            target_id=str(signal.pk),
            target_label=signal.title,
        )
        Delivery.objects.create(entry=entry, handler="tests.nobody")
        Notification.objects.create(user=admin, entry=entry, text=f"{HOSTILE} {number}", url="/account/")
    seal()


@pytest.fixture
def filled(admin):
    fill(admin, 1, 3)


# --- the way in ---


def test_the_panel_has_no_login_of_its_own(client, db):
    response = client.get("/admin/login/?next=/admin/")
    assert response["Location"] == "/accounts/login/?next=%2Fadmin%2F"


def test_who_administers_nothing_may_not_enter(client, analyst):
    analyst.is_staff = True
    analyst.save()
    client.force_login(analyst)
    assert client.get("/admin/", follow=True).status_code == 403


def test_who_is_not_let_in_may_not_enter(client, db):
    client.force_login(make_person("second@example.test", "Second", "Admin"))
    assert client.get("/admin/", follow=True).status_code == 403


def test_who_may_not_enter_is_told_so_quietly(client, viewer, caplog):
    client.force_login(viewer)
    for path in ("/admin/", "/admin/signals_app/signal/"):
        answer = client.get(path, follow=True)
        assert answer.status_code == 403
        assert "The admin panel is for people who administer something." in answer.content.decode()
    assert not [record for record in caplog.records if record.exc_info]


def test_an_admin_enters_and_sees_every_app(panel):
    page = panel.get("/admin/").content.decode()
    assert all(apps.get_app_config(label).verbose_name in page for label in ("core_app", "accounts_app", "signals_app"))


@pytest.mark.parametrize("path", ["/admin/logout/", "/admin/password_change/"])
def test_the_panels_own_ways_out_lead_to_ours(panel, path):
    assert panel.post(path)["Location"].startswith("/accounts/")


# --- every model can be looked through ---


@pytest.mark.parametrize("model", OUR_MODELS, ids=name_of)
def test_every_model_is_in_the_panel_on_our_base(model):
    assert isinstance(django_admin.site._registry[model], PanelAdmin)


def test_nothing_of_others_is_in_the_panel():
    assert {model._meta.app_label for model in django_admin.site._registry} <= set(OUR_APPS)


# To make some of everything takes a second or more: the tests below do it once for all models, and name the one.


def test_every_list_can_be_opened_searched_and_filtered(panel, filled):
    for model in OUR_MODELS:
        shown, path = django_admin.site._registry[model], address(model, "changelist")
        everything = panel.get(path)
        assert everything.status_code == 200, path
        assert everything.context["cl"].result_count >= 1, path
        if shown.search_fields:
            found = panel.get(path, {"q": "no such thing anywhere"})
            assert (found.status_code, found.context["cl"].result_count) == (200, 0), path
        for spec in everything.context["cl"].filter_specs:
            choices = [*spec.choices(everything.context["cl"])]
            for choice in (choices[1], choices[-1]):  # the first after "all", and what is often "none"
                assert panel.get(path + choice["query_string"]).status_code == 200, path + choice["query_string"]


def test_every_row_can_be_opened(panel, filled):
    for model in OUR_MODELS:
        path = address(model, "change", model._default_manager.order_by("-pk").first().pk)
        page = panel.get(path)
        assert page.status_code == 200, path
        assert HOSTILE not in page.content.decode(), path


def test_every_list_costs_the_same_with_more_rows(panel, admin):
    fill(admin, 1, 2)
    paths = [address(model, "changelist") for model in OUR_MODELS]
    for path in paths:
        panel.get(path)  # what is cached from now on is cached in both
    few = {path: asked(panel, path) for path in paths}
    fill(admin, 3, 10)
    assert {path: asked(panel, path) for path in paths} == few


def asked(panel, path):
    """How many statements a list takes, whose rows are hostile and do no harm."""
    with CaptureQueriesContext(connection) as queries:
        page = panel.get(path)
    assert HOSTILE not in page.content.decode(), path
    return len(queries)


def test_who_may_not_see_a_model_gets_none_of_it(client, filled):
    """A person who administers one thing (API keys) sees what they have permission for and nothing else."""
    clerk = make_person("clerk@example.test", "Clerk", None, is_staff=True)
    role = Role.objects.create(group=Group.objects.create(name="Clerks"))
    role.group.permissions.set(
        Role.objects.get(group__name="Admin").group.permissions.filter(codename__startswith="api_keys")
    )
    clerk.groups.add(role.group)
    client.force_login(clerk)
    seen = [model for model in OUR_MODELS if client.get(address(model, "changelist")).status_code != 403]
    assert seen == [ApiKey]
    assert client.get(address(ApiKey, "changelist")).status_code == 200


# --- what may not be written is not written ---

EDITABLE = {
    User,
    Role,
    Team,
    TeamLink,
    TeamPart,
    DetectionRule,
    Service,
    Source,
    Suppression,
    SecurityFilter,
    CriticalAsset,
    NotificationRule,
    CustomFacet,
    SavedView,
    Incident,
    IncidentType,
    UserDefinedField,
    ImpactField,
    UserDefinedRole,
    Case,
    CaseType,
    CustomAttribute,
    Project,
}


def test_what_the_panel_only_shows_cannot_be_changed(panel, filled):
    before = Entry.objects.count()
    shown = [model for model in OUR_MODELS if model not in EDITABLE]
    for model in shown:
        row = model._default_manager.order_by("-pk").values().first()
        pk = row[model._meta.pk.attname]
        answers = [
            panel.post(address(model, "change", pk), {"name": "changed", "verb": "forged"}),
            panel.post(address(model, "delete", pk), {"post": "yes"}),
        ]
        assert {answer.status_code for answer in answers} == {403}, name_of(model)
        taken = {"action": "delete_selected", "_selected_action": [pk], "post": "yes"}
        panel.post(address(model, "changelist"), taken)
        assert model._default_manager.values().get(pk=pk) == row
    assert len(shown) > 30
    assert Entry.objects.count() == before


@pytest.mark.parametrize("label", ["entry", "seal", "chainhead", "delivery"])
def test_nothing_can_be_added_to_the_ledger(panel, label):
    assert panel.get(f"/admin/core_app/{label}/add/").status_code == 403


@pytest.mark.parametrize("model", [Entry, Delivery], ids=name_of)
def test_the_ledger_offers_no_action(panel, filled, model):
    assert "delete_selected" not in panel.get(address(model, "changelist")).content.decode()


def test_django_keeps_no_log_of_its_own(panel, analyst):
    panel.post(address(User, "change", analyst.pk), person_data(analyst, job_title="Lead"))
    assert not apps.get_model("admin.LogEntry").objects.exists()


# --- every model that can be edited is edited by an action ---


def person_data(user, **changes):
    return {
        "email": user.email,
        "name": user.name,
        "job_title": user.job_title,
        "time_zone": user.time_zone,
        "is_active": "on",
        "roles": [role.pk for role in Role.objects.filter(group__user=user)],
        **changes,
    }


def test_a_person_is_made_in_the_panel(panel):
    standard = Role.objects.get(group__name="Standard").pk
    data = {"email": "New@example.test", "name": "New", "time_zone": "UTC", "is_active": "on", "roles": [standard]}
    assert panel.post(address(User, "add"), data).status_code == 302
    user = User.objects.get(email="new@example.test")
    assert (user.is_active, user.is_staff, user.groups.get().name) == (True, False, "Standard")
    assert verbs() == ["accounts.user_created", "accounts.roles_set"]


def test_a_person_is_edited_in_the_panel(panel, analyst):
    data = person_data(analyst, job_title="Lead", roles=[Role.objects.get(group__name="Read Only").pk])
    assert panel.post(address(User, "change", analyst.pk), data).status_code == 302
    analyst.refresh_from_db()
    assert (analyst.job_title, analyst.groups.get().name) == ("Lead", "Read Only")
    assert verbs() == ["accounts.user_updated", "accounts.roles_set"]


def test_an_account_is_closed_in_the_panel(panel, analyst):
    data = person_data(analyst)
    del data["is_active"]
    panel.post(address(User, "change", analyst.pk), data)
    panel.post(address(User, "changelist"), {"action": "open_accounts", "_selected_action": [analyst.pk]})
    panel.post(address(User, "changelist"), {"action": "close_accounts", "_selected_action": [analyst.pk]})
    analyst.refresh_from_db()
    assert not analyst.is_active
    assert verbs() == ["accounts.user_deactivated", "accounts.user_activated", "accounts.user_deactivated"]


@pytest.mark.parametrize("field", ["is_superuser", "password", "user_permissions", "groups"])
def test_the_panel_sets_no_field_that_its_form_does_not_name(panel, analyst, field):
    before = User.objects.values().get(pk=analyst.pk)
    panel.post(address(User, "change", analyst.pk), person_data(analyst, **{field: "1"}))
    assert User.objects.values().get(pk=analyst.pk) == before
    assert analyst.groups.get().name == "Standard"
    assert verbs() == []


def test_a_facet_is_declared_and_taken_away_in_the_panel(panel):
    data = {"surface": "signals", "path": "@os.family", "label": "System", "group": "Client", "kind": "text"}
    assert panel.post(address(CustomFacet, "add"), data).status_code == 302
    facet = CustomFacet.objects.get(path="@os.family")
    assert panel.post(address(CustomFacet, "add"), data).status_code == 200  # the form says that it is one already
    assert panel.post(address(CustomFacet, "delete", facet.pk), {"post": "yes"}).status_code == 302
    assert not CustomFacet.objects.exists()
    assert verbs() == ["search.facet_declared", "search.facet_removed"]


def test_the_last_admin_cannot_be_closed_in_the_panel(panel, admin):
    data = person_data(admin, is_staff="on")
    del data["is_active"]
    response = panel.post(address(User, "change", admin.pk), data)
    assert (response.status_code, "last person" in response.content.decode()) == (409, True)
    admin.refresh_from_db()
    assert admin.is_active


def test_people_are_invited_in_the_panel(panel, analyst):
    panel.post(address(User, "changelist"), {"action": "invite", "_selected_action": [analyst.pk]})
    assert (Invitation.objects.get().user, verbs()) == (analyst, ["accounts.user_invited"])


def test_a_service_account_gets_its_key_in_the_panel(panel):
    data = {
        "email": "bot@example.test",
        "name": "Bot",
        "time_zone": "UTC",
        "is_active": "on",
        "is_service_account": "on",
    }
    assert panel.post(address(User, "add"), data).status_code == 302
    bot = User.objects.get(email="bot@example.test")
    assert (bot.is_service_account, bot.has_usable_password()) == (True, False)
    assert panel.post(address(ApplicationKey, "add"), {"name": "Bot's", "program": bot.pk}).status_code == 201
    assert ApplicationKey.objects.get().owner == bot
    assert verbs() == ["accounts.service_account_created", "accounts.application_key_made"]


def test_links_and_parts_of_teams_come_and_go_in_the_panel(panel):
    team, sub = (Team.objects.create(name=name, handle=name.lower()) for name in ("House", "Wing"))
    data = {"team": team.pk, "label": "Handbook", "url": "https://example.com/", "position": 0}
    assert panel.post(address(TeamLink, "add"), data).status_code == 302
    link = TeamLink.objects.get()
    assert panel.post(address(TeamLink, "change", link.pk), {**data, "label": "Rota"}).status_code == 302
    assert TeamLink.objects.get().label == "Rota"
    assert panel.post(address(TeamLink, "delete", link.pk), {"post": "yes"}).status_code == 302
    assert panel.post(address(TeamPart, "add"), {"parent": team.pk, "sub": sub.pk}).status_code == 302
    part = TeamPart.objects.get()
    assert panel.post(address(TeamPart, "add"), {"parent": sub.pk, "sub": team.pk}).status_code == 409
    assert panel.post(address(TeamPart, "delete", part.pk), {"post": "yes"}).status_code == 302
    assert verbs() == [
        "accounts.team_link_added",
        "accounts.team_link_edited",
        "accounts.team_link_removed",
        "accounts.team_part_added",
        "accounts.team_part_removed",
    ]


def test_a_password_link_is_made_in_the_panel(panel, analyst):
    data = {"action": "make_password_links", "_selected_action": [analyst.pk]}
    page = panel.post(address(User, "changelist"), data).content.decode()
    assert re.search(r"http://testserver/accounts/password/reset/key/\S+", page)
    assert verbs() == ["accounts.password_link_made"]


def test_a_role_is_made_edited_and_deleted_in_the_panel(panel):
    data = {"name": "Readers", "description": "Read.", "permissions": ["cases_read"]}
    panel.post(address(Role, "add"), data)
    role = Role.objects.get(group__name="Readers")
    panel.post(address(Role, "change", role.pk), data | {"name": "Writers", "permissions": ["cases_write"]})
    role.refresh_from_db()
    assert (str(role), role.permission_names) == ("Writers", ["cases_write"])
    panel.post(address(Role, "delete", role.pk), {"post": "yes"})
    assert not Role.objects.filter(pk=role.pk).exists()
    assert verbs() == ["accounts.role_created", "accounts.role_updated", "accounts.role_deleted"]


def test_a_default_role_can_be_looked_at_but_not_changed(panel):
    role = Role.objects.get(group__name="Standard")
    assert "security_monitoring_signals_write" in panel.get(address(Role, "change", role.pk)).content.decode()
    assert panel.post(address(Role, "change", role.pk), {"name": "Mine"}).status_code == 403
    assert panel.post(address(Role, "delete", role.pk), {"post": "yes"}).status_code == 403
    assert verbs() == []


def test_a_team_is_made_and_its_members_changed_in_the_panel(panel, analyst, responder):
    data = {"name": "Blue", "handle": "blue", "description": "", "members": [analyst.pk]}
    data |= {"edited_by": "teams_manage", "members_changed_by": "teams_manage"}
    panel.post(address(Team, "add"), data)
    team = Team.objects.get(handle="blue")
    changes = {"name": "Azure", "members": [responder.pk], "edited_by": "admins"}
    panel.post(address(Team, "change", team.pk), data | changes)
    assert list(team.members.all()) == [responder]
    assert verbs() == [
        "accounts.team_created",
        "accounts.members_added",
        "accounts.team_policy_set",
        "accounts.team_updated",
        "accounts.members_added",
        "accounts.members_removed",
    ]


def test_an_api_key_is_made_shown_once_and_revoked_in_the_panel(panel):
    made = panel.post(address(ApiKey, "add"), {"name": "Organisation", "lifetime": "90"})
    secret = re.search(r'value="([0-9a-f]{64})"', made.content.decode())[1]
    key = ApiKey.objects.get()
    assert (made.status_code, key.last4) == (201, secret[-4:])
    assert "no-store" in made["Cache-Control"]
    assert key.expires_at - timezone.now() > timedelta(days=89)
    assert secret not in panel.get(address(ApiKey, "change", key.pk)).content.decode()
    panel.post(address(ApiKey, "changelist"), {"action": "revoke", "_selected_action": [key.pk]})
    key.refresh_from_db()
    assert not key.in_force
    assert verbs() == ["accounts.api_key_made", "accounts.api_key_revoked"]


def test_ones_own_application_key_is_made_in_the_panel(panel, admin):
    panel.post(address(ApplicationKey, "add"), {"name": "Script", "scopes": ["cases_read"], "owner": "999"})
    key = ApplicationKey.objects.get()
    assert (key.owner, key.scopes) == (admin, ["cases_read"])


def test_the_application_key_of_another_is_revoked_in_the_panel(panel, analyst, acting):
    key, _ = actions.make_application_key(actor=acting(analyst), owner=analyst, name="Script")
    panel.post(address(ApplicationKey, "changelist"), {"action": "revoke", "_selected_action": [key.pk]})
    key.refresh_from_db()
    assert not key.in_force


def test_a_shared_view_is_renamed_unshared_and_deleted_in_the_panel(panel, responder):
    team = Team.objects.get(handle="responders")
    view = SavedView.objects.create(surface="signals", name="Ours", owner=responder)
    view.teams.add(team)
    data = {"name": "Everyone's", "teams": [team.pk], "seen_version": 0}
    assert panel.post(address(SavedView, "change", view.pk), data).status_code == 302
    assert panel.post(address(SavedView, "change", view.pk), data).status_code == 409
    view.refresh_from_db()
    assert (view.name, view.version, list(view.teams.all())) == ("Everyone's", 1, [team])
    panel.post(address(SavedView, "delete", view.pk), {"post": "yes"})
    assert not SavedView.objects.exists()
    assert verbs() == ["views.updated", "views.deleted"]


def service_data(service, **changes):
    return {"name": service.name, "description": "", "repository": "", "documentation": "", "on_call": "", **changes}


def test_a_service_is_made_and_edited_in_the_panel(panel):
    panel.post(address(Service, "add"), {"name": "web-store"})
    service = Service.objects.get()
    data = service_data(service, on_call="+44 20 7946 0000", seen_version=0)
    assert panel.post(address(Service, "change", service.pk), data).status_code == 302
    service.refresh_from_db()
    assert (service.on_call, service.version) == ("+44 20 7946 0000", 1)
    assert verbs() == ["signals.service_created", "signals.service_edited"]


def test_a_service_that_changed_meanwhile_is_not_overwritten_in_the_panel(panel, admin):
    service = ServiceFactory(version=3)
    data = service_data(service, on_call="+44 20 7946 0000", seen_version=2)
    assert panel.post(address(Service, "change", service.pk), data).status_code == 409
    service.refresh_from_db()
    assert (service.on_call, service.version) == ("", 3)


def test_a_rule_is_edited_in_the_panel(panel):
    rule = SignalFactory().rule
    data = {
        "name": "SQL injection",
        "type": rule.type,
        "severity": rule.severity,
        "tactic": rule.tactic,
        "technique": rule.technique,
        "tags": "[]",
        "window": "01:00:00",
        "is_enabled": "on",
        "seen_version": 0,
    }
    assert panel.post(address(DetectionRule, "change", rule.pk), data).status_code == 302
    rule.refresh_from_db()
    assert (rule.name, rule.version) == ("SQL injection", 1)
    assert verbs() == ["signals.rule_edited"]


def test_a_source_is_made_and_its_token_shown_once_in_the_panel(panel):
    made = panel.post(address(Source, "add"), source_data(name="edge", format="tocsin"))
    token = re.search(r'value="([0-9a-f]{64})"', made.content.decode())[1]
    source = Source.objects.get()
    assert (made.status_code, matches(token, source.token_digest)) == (201, True)
    assert token not in panel.get(address(Source, "change", source.pk)).content.decode()
    assert verbs() == ["signals.source_created"]


def test_a_source_is_edited_in_the_panel_but_not_renamed(panel):
    source = SourceFactory(name="edge")
    data = source_data(env="prod", name="other", seen_version=source.version)
    assert panel.post(address(Source, "change", source.pk), data).status_code == 302
    source.refresh_from_db()
    assert (source.env, source.name) == ("prod", "edge")
    assert verbs() == ["signals.source_edited"]


def test_a_source_gets_a_new_token_in_the_panel(panel):
    source = SourceFactory(name="edge")
    made = panel.post(address(Source, "changelist"), {"action": "rotate_token", "_selected_action": [source.pk]})
    source.refresh_from_db()
    assert matches(re.search(r'value="([0-9a-f]{64})"', made.content.decode())[1], source.token_digest)
    assert verbs() == ["signals.source_token_rotated"]


def test_unreadable_items_are_read_again_in_the_panel(panel):
    item = RawItem.objects.create(source=SourceFactory(), key="1", body={}, state=RawItem.State.UNREADABLE, reason="?")
    panel.post(address(RawItem, "changelist"), {"action": "read_again", "_selected_action": [item.pk]})
    item.refresh_from_db()
    assert item.state == RawItem.State.PENDING
    assert verbs() == ["signals.item_retried"]


def test_an_empty_box_of_json_is_an_empty_table_and_no_failure(panel):
    made = panel.post(address(Source, "add"), source_data(name="edge", format="tocsin", hosts=""))
    source = Source.objects.get()
    assert (made.status_code, source.hosts) == (201, {})
    Source.objects.update(hosts={"shop.example.test": "shop"})
    shown = {"initial-hosts": '{"shop.example.test": "shop"}', "seen_version": "0"}
    assert panel.post(address(Source, "change", source.pk), source_data(hosts="", **shown)).status_code == 302
    source.refresh_from_db()
    assert source.hosts == {}


def source_data(**changes):
    return {"env": "", "time_zone": "UTC", "hosts": "{}", "default_service": "", "is_enabled": "on", **changes}


def test_signals_are_triaged_in_the_panel(panel):
    signals = [SignalFactory(), SignalFactory()]
    chosen = {"_selected_action": [signal.pk for signal in signals]}
    panel.post(address(Signal, "changelist"), chosen | {"action": "set_under_review"})
    panel.post(address(Signal, "changelist"), chosen | {"action": "set_archived", "reason": "remediated"})
    assert set(Signal.objects.values_list("state", "archive_reason", "version")) == {
        (TriageState.ARCHIVED, "remediated", 2)
    }
    assert verbs() == ["signals.state_changed"] * 4


def test_a_move_that_is_not_legal_is_refused_in_the_panel_with_its_reason(panel):
    old = timezone.now() - timedelta(days=40)
    signal = SignalFactory(first_seen=old, last_seen=old)
    chosen = {"_selected_action": [signal.pk]}
    panel.post(address(Signal, "changelist"), chosen | {"action": "set_archived", "reason": "other"})
    page = panel.post(address(Signal, "changelist"), chosen | {"action": "set_open"}, follow=True).content.decode()
    assert "within 30 days" in page
    signal.refresh_from_db()
    assert signal.state == TriageState.ARCHIVED


def test_a_case_is_edited_and_archived_in_the_panel(panel, admin):
    case = CaseFactory(title="Login")
    data = {
        "title": "Renamed",
        "description": "",
        "type": case.type.pk,
        "status": "CLOSED",
        "priority": "P1",
        "assignee": admin.pk,
        "due_date": "",
        "seen_version": 0,
        "tags-TOTAL_FORMS": 0,
        "tags-INITIAL_FORMS": 0,
    }
    assert panel.post(address(Case, "change", case.pk), data).status_code == 302
    assert panel.post(address(Case, "change", case.pk), data | {"title": "Again"}).status_code == 409
    panel.post(address(Case, "changelist"), {"action": "archive", "_selected_action": case.pk})
    case.refresh_from_db()
    assert (case.title, case.status, case.priority, case.assignee) == ("Renamed", "CLOSED", "P1", admin)
    assert case.archived_at
    kinds = ["status_changed", "priority_set", "assigned", "edited", "archived"]
    assert verbs() == [f"cases.{kind}" for kind in kinds]


def test_a_project_and_a_type_of_case_are_made_edited_and_deleted_in_the_panel(panel):
    panel.post(address(Project, "add"), {"key": "WEB", "name": "Web", "triages_signals": "on"})
    project = Project.objects.get(key="WEB")
    panel.post(address(Project, "change", project.pk), {"name": "Site", "seen_version": 0})
    panel.post(address(Project, "delete", project.pk), {"post": "yes"})
    panel.post(address(CaseType, "add"), {"name": "Leak"})
    kind = CaseType.objects.get(name="Leak")
    panel.post(address(CaseType, "change", kind.pk), {"name": "Data leak"})
    panel.post(address(CaseType, "delete", kind.pk), {"post": "yes"})
    made = [f"cases.{thing}_{done}" for thing in ("project", "type") for done in ("created", "edited", "deleted")]
    assert verbs() == made


def test_a_comment_is_taken_back_in_the_panel(panel, analyst):
    comment = CommentFactory(author=analyst)
    panel.post(address(Comment, "changelist"), {"action": "take_back", "_selected_action": comment.pk})
    comment.refresh_from_db()
    assert comment.deleted_at and not comment.body
    assert verbs() == ["cases.comment_deleted"]


def test_an_incident_is_edited_and_deleted_in_the_panel(panel, admin):
    incident = IncidentFactory(detected_at=timezone.now() - timedelta(hours=1))
    at = timezone.localtime(incident.detected_at)
    data = {
        "title": "Renamed",
        "severity": "SEV-1",
        "state": "stable",
        "commander": admin.pk,
        "detection_method": "unknown",
        "detected_at_0": f"{at:%Y-%m-%d}",
        "detected_at_1": f"{at:%H:%M:%S}",
        "seen_version": 0,
        **{f"{rows}-{count}_FORMS": 0 for rows in ("responder_links", "tags") for count in ("TOTAL", "INITIAL")},
    }
    assert panel.post(address(Incident, "change", incident.pk), data).status_code == 302
    assert panel.post(address(Incident, "change", incident.pk), data | {"title": "Again"}).status_code == 409
    incident.refresh_from_db()
    assert (incident.title, incident.severity, incident.commander, incident.version) == ("Renamed", "SEV-1", admin, 1)
    assert incident.stable_at
    panel.post(address(Incident, "delete", incident.pk), {"post": "yes"})
    assert not Incident.objects.filter(deleted_at=None).exists()
    kinds = ["state_changed", "severity_changed", "commander_changed", "edited", "deleted"]
    assert verbs() == [f"incidents.{kind}" for kind in kinds]


def test_a_type_of_incident_is_made_edited_and_deleted_in_the_panel(panel):
    panel.post(address(IncidentType, "add"), {"name": "Outage"})
    kind = IncidentType.objects.get(name="Outage")
    panel.post(address(IncidentType, "change", kind.pk), {"name": "Failure", "description": "Something broke."})
    panel.post(address(IncidentType, "delete", kind.pk), {"post": "yes"})
    assert not IncidentType.objects.filter(pk=kind.pk).exists()
    assert verbs() == ["incidents.type_created", "incidents.type_edited", "incidents.type_deleted"]


@pytest.mark.parametrize(
    ("model", "made", "changed"),
    [
        (UserDefinedField, {"name": "region", "display_name": "Region", "kind": "textbox"}, {"required": "on"}),
        (ImpactField, {"name": "region", "display_name": "Region", "kind": "textbox"}, {"kind": "number"}),
        (UserDefinedRole, {"name": "Lead"}, {"is_single": "on"}),
    ],
)
def test_what_incidents_say_and_who_plays_which_part_is_declared_in_the_panel(panel, model, made, changed):
    made = {"type": IncidentType.objects.get(is_default=True).pk, "valid_values": "[]", **made}
    panel.post(address(model, "add"), made)
    row = model.objects.get()
    panel.post(address(model, "change", row.pk), {**made, **changed, "seen_version": 0})
    row.refresh_from_db()
    assert row.version == 1
    panel.post(address(model, "delete", row.pk), {"post": "yes"})
    assert not model.objects.exists()
    assert [verb.rpartition("_")[2] for verb in verbs()] == ["created", "edited", "deleted"]


def test_a_private_incident_is_not_in_the_panel_of_who_is_not_in_it(client, analyst, admin):
    """Nor are its parts, or its entries of the ledger, for a clerk who may read both."""
    role = Role.objects.create(group=Group.objects.create(name="Auditors"))
    everything = Role.objects.get(group__name="Admin").group.permissions
    role.group.permissions.set(everything.exclude(codename="incidents_private_global_access"))
    clerk = make_person("clerk@example.test", "Clerk", None, is_staff=True)
    clerk.groups.add(role.group)
    incident = furnish(person(analyst), "Zw1tscherl", SignalFactory(title="Seen by all"), settings="Of all")
    Incident.objects.filter(pk=incident.pk).update(is_private=True)
    models = [model for model in OUR_MODELS if model._meta.app_label == "incidents_app"]
    for user, expected in ((clerk, False), (admin, True)):
        client.force_login(user)
        pages = [client.get(address(model, "changelist")).content.decode() for model in (Entry, *models)]
        assert any("Zw1tscherl" in page for page in pages) is expected
        status = client.get(address(Incident, "change", incident.pk)).status_code
        assert status == (200 if expected else 302)


def test_the_history_of_a_row_is_the_ledgers(panel, analyst, acting, admin):
    actions.set_active(actor=acting(admin), user=analyst, active=False)
    page = panel.get(address(User, "history", analyst.pk), follow=True)
    assert page.context["cl"].result_count == 1
    assert "accounts.user_deactivated" in page.content.decode()


def test_sources_are_for_those_who_run_the_organisation(client, analyst):
    SourceFactory()
    analyst.is_staff = True
    analyst.save()
    client.force_login(analyst)
    assert client.get(address(Source, "changelist")).status_code in (302, 403)


SETTINGS = [
    (
        SecurityFilter,
        {"name": "Shop", "query": "env:prod", "exclusions": "", "is_enabled": "on"},
        {"exclusions": '[{"name": "Staging", "query": "env:staging"}]'},
        {"exclusions": "5"},
    ),
    (
        CriticalAsset,
        {"query": "env:prod", "rule_query": "type:*", "severity": "high", "tags": "", "is_enabled": "on"},
        {"tags": '["team:soc"]'},
        {"tags": "[{}]"},
    ),
    (
        NotificationRule,
        {"name": "Shop", "targets": '["@soc"]', "severities": "", "rule_types": "", "quiet": "0", "is_enabled": "on"},
        {"severities": '["high"]'},
        {"targets": "{}"},
    ),
]


@pytest.mark.parametrize(
    ("model", "data", "change", "nonsense"), SETTINGS, ids=lambda one: getattr(one, "__name__", "")
)
def test_settings_of_signals_come_and_go_in_the_panel(panel, model, data, change, nonsense):
    assert panel.post(address(model, "add"), data).status_code == 302
    row = model.objects.latest("pk")
    edit = address(model, "change", row.pk)
    assert panel.post(edit, {**data, **change, "seen_version": "0"}).status_code == 302
    assert panel.post(edit, {**data, **nonsense, "seen_version": "1"}).status_code in (200, 400)
    assert panel.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 302
    assert [verb.rpartition("_")[2] for verb in verbs()] == ["created", "edited", "deleted"]
