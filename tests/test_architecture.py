"""What no reviewer should have to remember: every new page, action, task and template is held to it by itself."""

import ast
import importlib
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from django.apps import apps
from django.contrib.auth import SESSION_KEY
from django.core.cache import cache
from django.urls import URLResolver, get_resolver
from django.utils import timezone
from django.utils.regex_helper import normalize

from accounts_app import actions as account_actions
from accounts_app.access import person
from accounts_app.models import Membership, Role, Team, TeamConnection, TeamTold
from accounts_app.permissions import LABELS, RULES_READ
from config.celery import app as celery
from core_app.models import Entry
from search_app.bulk.frozen import Frozen
from search_app.models import BulkOperation, CustomFacet, SavedView
from signals_app.models import (
    Assignment,
    CriticalAsset,
    Detection,
    NotificationRule,
    RawItem,
    Sample,
    SecurityFilter,
    Suppression,
)
from tests.cases_app.furniture import furnish as furnish_case
from tests.conftest import make_person
from tests.incidents_app.furniture import furnish
from tests.signals_app.factories import ServiceFactory, SignalFactory, SourceFactory

ROOT = Path(__file__).resolve().parent.parent
OUR_APPS = ("core_app", "accounts_app", "search_app", "signals_app", "cases_app", "incidents_app", "datadog_app")
SOURCES = sorted(
    path for label in (*OUR_APPS, "config") for path in (ROOT / label).rglob("*.py") if "migrations" not in path.parts
)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SECRET = "Zw1tscherl"  # in everything that only people with a role may read

# --- every address ---

PUBLIC = {
    "core:favicon": "a browser asks for the icon by itself, also on the page of the log-in",
    "core:healthz": "a load balancer asks whether the process lives; it says nothing else",
    "core:readyz": "a load balancer asks whether it may send people here; it names parts, not data",
    "core:metrics": "a program that collects figures has no login; it answers to a token of its own",
    "account_login": "the login itself",
    "account_inactive": "tells a person who cannot log in why",
    "account_reset_password": "for people who cannot log in",
    "account_reset_password_done": "for people who cannot log in",
    "account_reset_password_from_key": "for people who cannot log in; the link proves who they are",
    "account_reset_password_from_key_done": "for people who cannot log in",
    "account_logout": "leads whoever is not logged in to the login",
    "admin:jsi18n": "Django's words for the admin's scripts; no data",
}
WITHOUT_CSRF = {
    "signals:intake": "sensors send here with a token of their own and no cookie is looked at",
    "datadog:nothing_here": "there is nothing to write to",
    "datadog:no_such_thing": "the same",
    "datadog:incident_org_settings": "the same",
}


class Address(NamedTuple):
    name: str
    route: str
    callback: object


def addresses(patterns=None, prefix="", namespace="") -> Iterator[Address]:
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + normalize(pattern.pattern.regex.pattern)[0][0]
        if isinstance(pattern, URLResolver):
            inner = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from addresses(pattern.url_patterns, route, namespace + inner)
        else:
            yield Address(f"{namespace}{pattern.name or pattern.callback.__name__}", route, pattern.callback)


ADDRESSES = list(addresses())


LASTING = timedelta(days=1)


@pytest.fixture
def house(db):
    """Something of everything, so that every address leads to a thing. Returns how an address finds its thing."""
    cache.clear()
    owner = make_person("owner@example.test", f"{SECRET} Owner", "Admin")
    team = Team.objects.create(name=f"Team {SECRET}", handle="secret-team")
    Membership.objects.create(team=team, user=owner)
    acting = person(owner)
    api_key, _ = account_actions.make_api_key(actor=acting, name=f"Key {SECRET}")
    application_key, _ = account_actions.make_application_key(actor=acting, owner=owner, name=f"Key {SECRET}")
    token, _ = account_actions.make_access_token(
        actor=acting, owner=owner, name=f"Token {SECRET}", scopes=["cases_read"], expires_at=timezone.now() + LASTING
    )
    program = make_person("program@example.test", f"{SECRET} Program", None, is_service_account=True)
    guest = make_person("guest@example.test", f"{SECRET} Guest", None)
    [invitation] = account_actions.invite(actor=acting, users=[guest], origin="https://tocsin.example")
    telling = TeamTold.objects.create(team=team, channels={"slack": {"channel": SECRET}})
    connection = TeamConnection.objects.create(team=team, source="github", connected=f"@org/{SECRET}")
    link = account_actions.add_team_link(actor=acting, team=team, label=SECRET, url=f"https://{SECRET}.example/")
    source = SourceFactory(name="edge", env=SECRET)
    service = ServiceFactory(name="web-store", on_call=SECRET, team=team, description=SECRET)
    signal = SignalFactory(
        title=f"SQL injection {SECRET}",
        message=SECRET,
        source=source,
        service=service,
        env=SECRET,
        team=team,
        attackers=["203.0.113.5"],
        victims=[SECRET],
        tags=[SECRET],
    )
    signal.rule.meaning = signal.rule.next_steps = SECRET
    signal.rule.save()
    Assignment.objects.create(signal=signal, user=owner)
    event = Sample.objects.create(signal=signal, at=timezone.now(), event={"text": SECRET})
    item = RawItem.objects.create(source=source, key="1", body={"text": SECRET}, state="unreadable", reason=SECRET)
    entity = signal.parts.get(role="attacker").entity
    Detection.objects.create(
        item=item, source=source, rule=signal.rule, signal=signal, service=service, at=timezone.now(), attacker=entity
    )
    things = {
        "public_id": signal.public_id,
        "signal_id": signal.public_id,
        "event_id": event.pk,
        "path": "v1/nothing",
        "kind": entity.kind,
        "value": entity.value,
        "source": source.name,
        "surface": "signals",
        "uidb36": "1",
        "key": "set-password",
        "app_label": "signals_app",
        "content_type_id": "1",
        "object_id": "1",
        "url": "nowhere",
    }
    # The names of fields are no secret to who may log in; their values are.
    facet = CustomFacet.objects.create(surface="signals", path="@odd", label="Odd")
    things["pk"] = facet.pk
    view = SavedView.objects.create(
        surface="signals", name=f"View {SECRET}", owner=owner, configuration={"query": SECRET}
    )
    things["action"] = "set_state"
    operation = BulkOperation.objects.create(
        surface="signals",
        action="set_state",
        words=SECRET,
        selection=SECRET,
        user=owner,
        state="done",
        total=1,
        **Frozen.of(np.array([signal.pk]), np.array([0])).packed(),
    )
    suppression = Suppression.objects.create(name=SECRET, description=SECRET, query=f"env:{SECRET}")
    narrow = SecurityFilter.objects.create(name=SECRET, query=f"env:{SECRET}")
    asset = CriticalAsset.objects.create(
        query=f"env:{SECRET}", rule_query="type:*", severity="high", description=SECRET, tags=[SECRET]
    )
    notification = NotificationRule.objects.create(name=SECRET, query=f"env:{SECRET}", targets=[f"@{SECRET}"])
    findings = NotificationRule.objects.create(name=SECRET, targets=[f"@{SECRET}"], place="vulnerabilities")
    things |= {
        "security_filter_id": narrow.uuid,
        "critical_asset_id": asset.uuid,
        "user_id": owner.uuid,
        "role_id": Role.objects.get(group__name="Admin").uuid,
        "team_id": team.uuid,
        "rule_id": signal.rule.uuid,
        "suppression_id": suppression.uuid,
        "handle": team.handle,
        "link_id": link.uuid,
        "super_team_id": team.uuid,
        "member_team_id": team.uuid,
        "api_key_id": api_key.uuid,
        "app_key_id": application_key.uuid,
        "token_id": token.uuid,
        "service_account_id": program.uuid,
        "user_invitation_uuid": invitation.uuid,
        "resource_type": "rules",
        "resource_id": signal.rule.uuid,
        "version": 1,
    }
    incident = furnish(acting, SECRET, signal)
    case = furnish_case(acting, SECRET, signal)
    case_view = SavedView.objects.create(
        surface="cases",
        name=f"View {SECRET}",
        owner=owner,
        configuration={"query": f"project:{case.project.key} ({SECRET})"},
    )
    things |= {"case": case.key, "project": case.project.key, "comment": case.comment.uuid}
    things |= {  # as Datadog's API names them
        "incident_id": incident.uuid,
        "incident_type_id": incident.type.uuid,
        "todo_id": incident.todo.uuid,
        "impact_id": incident.impact.uuid,
        "attachment_id": incident.attachment.uuid,
        "responder_id": owner.uuid,
        "integration_metadata_id": incident.integration.uuid,
        "field_id": incident.field.uuid,
        "override_id": incident.override.uuid,
        "window": case.window.uuid,
        "maintenance_window_id": case.window.uuid,
        "template_id": incident.template.uuid,
        "part": "rules",
        "case_id": case.uuid,
        "cell_id": case.comment.uuid,
        "project_id": case.project.uuid,
        "case_type_id": case.type.uuid,
        "custom_attribute_id": case.attribute.uuid,
        "custom_attribute_key": case.attribute.key,
        "user_uuid": owner.uuid,
        "link": case.link.uuid,
        "rule": case.rule.uuid,
        "notification_rule_id": case.rule.uuid,
        "link_id": case.link.uuid,
        "view_id": case_view.uuid,
        "rest": "1",
    }
    uuids = {
        "note": incident.note.uuid,
        "todo": incident.todo.uuid,
        "impact": incident.impact.uuid,
        "link": incident.attachment.uuid,
        "attachment": incident.attachment.uuid,
        "document": incident.document.uuid,
        "bulk": operation.uuid,
        "view": view.uuid,
        "rule": signal.rule.uuid,
        "suppression": suppression.uuid,
        "filter": narrow.uuid,
        "asset": asset.uuid,
        "notification": notification.uuid,
        "application_key": application_key.uuid,
        "api_key": api_key.uuid,
        "access_token": token.uuid,
        "team_link": link.uuid,
        "team_disconnect": connection.uuid,
        "member": owner.uuid,
        "type": case.type.uuid,
        "integration": incident.integration.uuid,
        "setting": incident.rule.uuid,
    }
    names = {"intake": source.name, "service": service.name, "facet": "env"}

    of_incident = {"public_id": incident.public_id, "key": incident.case.key}

    def thing(address: Address, parameter: str):
        word = address.name.rpartition(":")[2]
        if "incidents/" in address.route and parameter in of_incident and word != "of_signal":
            return of_incident[parameter]
        choices = {"uuid": uuids, "name": names}.get(parameter)
        if choices is not None:
            return next((value for start, value in choices.items() if word.startswith(start)), None)
        if parameter == "template_id" and "postmortem" in address.route:
            return incident.postmortem.uuid
        if parameter == "rule_id" and "team/" in address.route:
            return telling.uuid
        if parameter == "role_id" and "incidents/" in address.route:
            return incident.role.uuid
        if parameter == "field_id" and "impact-fields" in address.route:
            return incident.impact_field.uuid
        if parameter == "rule_id" and "incidents/" in address.route:
            return incident.rule.uuid
        if parameter == "notification_id":
            return (findings if "vulnerabilities" in address.route else notification).uuid
        if parameter == "object_id":
            return _first_pk(word)
        return things.get(parameter)

    def path(address: Address) -> str:
        values = {name: thing(address, name) for name in re.findall(r"%\((\w+)\)s", address.route)}
        assert None not in values.values(), f"say in `house` what {address.name} ({address.route}) is asked for"
        return "/" + address.route % values

    return path


def _first_pk(word: str):
    """The primary key of some row of the model that an address of the admin is about."""
    for model in (model for label in OUR_APPS for model in apps.get_app_config(label).get_models()):
        if word.startswith(f"{model._meta.app_label}_{model._meta.model_name}_"):
            row = model._default_manager.order_by("pk").first()
            return row.pk if row else 1
    return 1


def stay_in(client, user) -> None:
    """Be logged in: one of the addresses logs out."""
    if SESSION_KEY not in client.session:
        client.force_login(user)


def test_there_are_addresses_to_walk():
    assert len(ADDRESSES) > 80
    assert {address.name for address in ADDRESSES} >= {*PUBLIC, *WITHOUT_CSRF}, "an exception for what is gone"


@pytest.mark.parametrize("method", ["get", "post"])
def test_every_address_asks_who_you_are(client, house, method):
    unasked = {}
    for address in ADDRESSES:
        response = getattr(client, method)(house(address))
        # The admin panel sends people by way of its own address of the login.
        to_login = response.headers.get("Location", "").startswith(("/accounts/login/", "/admin/login/"))
        if not (to_login or response.status_code in (401, 403, 404) or address.name in PUBLIC):
            unasked[address.name] = response.status_code
    assert unasked == {}


@pytest.mark.parametrize("method", ["get", "post"])
def test_no_address_shows_an_outsider_what_takes_a_role(client, house, outsider, method):
    leaks = {}
    for address in ADDRESSES:
        stay_in(client, outsider)
        response = getattr(client, method)(house(address))
        if response.status_code >= 500 or SECRET in b"".join(response).decode(errors="replace"):
            leaks[address.name] = response.status_code
    assert leaks == {}


def test_no_post_of_an_outsider_changes_what_is_not_their_own(client, house, outsider):
    cache.clear()
    before = _state()
    for address in ADDRESSES:
        stay_in(client, outsider)
        client.post(house(address), {"name": "Otto", "time_zone": "UTC", "theme": "auto", "state": "under_review"})
    own = {"accounts_app.User", "core_app.Entry"}
    changed = {name for name, rows in _state().items() if rows != before[name]} - own
    assert changed == set()
    verbs = set(Entry.objects.filter(actor_label=outsider.label).values_list("verb", flat=True))
    assert verbs <= {"accounts.profile_updated"}


def test_no_get_changes_anything(client, house, admin):
    def get(address):
        stay_in(client, admin)
        client.get(house(address))

    client.force_login(admin)
    before = _state()
    for address in ADDRESSES:
        get(address)
    if (after := _state()) == before:
        return
    culprits = {}
    for address in ADDRESSES:  # to look at everything after each takes a minute, and names the one
        start = _state()
        get(address)
        end = _state()
        culprits |= {address.name: changed} if (changed := {name for name in start if start[name] != end[name]}) else {}
    raise AssertionError(
        f"{ ({name for name in before if before[name] != after[name]}) } changed, and again: {culprits}"
    )


def _state() -> dict[str, list[tuple]]:
    """Every row of ours, but for when a person was last logged in (the test itself does that)."""
    models = [model for label in OUR_APPS for model in apps.get_app_config(label).get_models()]
    return {
        model._meta.label: [
            tuple(value for name, value in row.items() if name != "last_login")
            for row in model._default_manager.order_by("pk").values()
        ]
        for model in models
    }


def test_every_page_that_is_written_to_checks_the_csrf_token():
    exempt = {
        address.name
        for address in ADDRESSES
        # DRF exempts its views and has SessionAuthentication check the token instead.
        if getattr(address.callback, "csrf_exempt", False)
        and not _checks_sessions(address.callback)
        and not _knows_nobody_by_a_cookie(address.callback)
    }
    assert exempt == WITHOUT_CSRF.keys()


def _checks_sessions(callback) -> bool:
    view = getattr(callback, "cls", None)
    names = {authenticator.__name__ for authenticator in getattr(view, "authentication_classes", ())}
    return "SessionAuthentication" in names


def _knows_nobody_by_a_cookie(callback) -> bool:
    view = getattr(callback, "cls", None)
    names = {authenticator.__name__ for authenticator in getattr(view, "authentication_classes", ())}
    return bool(names) and names <= {"KeyAuthentication", "ApiKeyAlone"}


# --- every action ---

WITHOUT_REQUIRE = {
    "note_login": "writes down what has happened; nobody can be refused that",
    "note_refusal": "writes down what has happened; nobody can be refused that",
    "note_lockout": "writes down what has happened; nobody can be refused that",
    "note_key_refusal": "writes down what has happened; nobody can be refused that",
    "ask_for_password": "for people who cannot log in",
    "update_profile": "about oneself",
    "set_password": "about oneself",
}


def action_functions() -> Iterator[tuple[str, object]]:
    for label in OUR_APPS:
        if (ROOT / label / "actions").exists() or (ROOT / label / "actions.py").exists():
            module = importlib.import_module(f"{label}.actions")
            names = getattr(module, "__all__", [name for name in vars(module) if not name.startswith("_")])
            for name in names:
                thing = getattr(module, name)
                if inspect.isfunction(inspect.unwrap(thing)) and thing.__module__.startswith(label):
                    yield f"{label}.{name}", thing


ACTIONS = dict(action_functions())


def _called(function: object, seen: set[str] | None = None) -> set[str]:
    """The names that a function calls, also by way of other functions of the actions beside it."""
    seen = set() if seen is None else seen
    function = inspect.unwrap(function)
    tree = ast.parse(inspect.cleandoc("\n" + inspect.getsource(function)))
    names = {
        node.func.id if isinstance(node.func, ast.Name) else node.func.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute)
    }
    for name in names - seen:
        seen.add(name)
        inner = function.__globals__.get(name)
        if inspect.isfunction(inner) and ".actions" in inner.__module__:
            _called(inner, seen)
    return seen | names


def test_there_are_actions_to_look_at():
    assert len(ACTIONS) > 20
    assert {name.rpartition(".")[2] for name in ACTIONS} >= WITHOUT_REQUIRE.keys(), "an exception for what is gone"


@pytest.mark.parametrize("name", ACTIONS)
def test_every_action_says_who_acts(name):
    actor = inspect.signature(ACTIONS[name]).parameters.get("actor")
    assert actor is not None and actor.kind is inspect.Parameter.KEYWORD_ONLY


@pytest.mark.parametrize("name", ACTIONS)
def test_every_action_asks_whether_they_may(name):
    assert "require" in _called(ACTIONS[name]) or name.rpartition(".")[2] in WITHOUT_REQUIRE


@pytest.mark.parametrize("name", ACTIONS)
def test_every_action_records_in_the_transaction_of_its_change(name):
    assert {"record", "record_each"} & _called(ACTIONS[name])
    assert hasattr(ACTIONS[name], "__wrapped__"), "not in transaction.atomic"


# --- every task ---

WORKED_OFF = {"default", "intake"}  # the queues that the worker of `manage.py up` takes from


def our_tasks() -> dict[str, object]:
    celery.loader.import_default_modules()
    return {name: task for name, task in celery.tasks.items() if name.split(".")[0] in (*OUR_APPS, "config")}


def test_every_task_has_a_queue_and_a_time_limit():
    tasks = our_tasks()
    assert tasks
    assert {name for name, task in tasks.items() if not (task.time_limit and task.soft_time_limit)} == set()
    assert {celery.amqp.router.route({}, name)["queue"].name for name in tasks} <= WORKED_OFF


def test_everything_on_the_clock_is_a_task():
    assert {entry["task"] for entry in celery.conf.beat_schedule.values()} <= our_tasks().keys()


# --- every model ---

SEEN_WITH_ANOTHER = {
    "core_app.Entry": "the core knows no permissions: `history` and the admin panel ask first",
    "core_app.Seal": "read by verify_ledger and the admin panel",
    "core_app.ChainHead": "read by verify_ledger and the admin panel",
    "search_app.ChangeCounter": "bookkeeping of the facet index, which and-s what is visible onto every answer",
    "search_app.Tombstone": "bookkeeping of the facet index: keys of rows that are gone",
    "search_app.ValueChange": "bookkeeping of the facet index, as the change counter",
    "search_app.ViewMark": "read by way of the person whose it is",
    "core_app.Delivery": "read by the worker and the admin panel",
    "signals_app.Assignment": "read by way of its signal",
    "signals_app.SignalTag": "read by way of its signal",
    "signals_app.SignalEntity": "read by way of its signal or entity",
    "signals_app.Sample": "read by way of its signal",
    "signals_app.FollowedFile": "read by way of its source",
    "cases_app.CaseTag": "read by way of its case",
    "cases_app.CaseSignal": "read by way of its case",
}


def test_every_model_says_who_sees_it():
    models = {model._meta.label: model for label in OUR_APPS for model in apps.get_app_config(label).get_models()}
    open_ones = {name for name, model in models.items() if not hasattr(model._default_manager, "visible_to")}
    assert open_ones == SEEN_WITH_ANOTHER.keys()


# --- every file ---


def lines_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def trees(pattern: str) -> Iterator[tuple[Path, ast.Module]]:
    for path in SOURCES:
        if re.search(pattern, lines_of(path)):
            yield path, ast.parse(path.read_text())


def test_imports_go_down_only():
    tool = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([tool, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_rule_hangs_on_a_signal_of_the_framework():
    hooks = {
        lines_of(path)
        for path, tree in trees("")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and re.match(r"django\.(dispatch|.*\bsignals)$", node.module or "")
    }
    assert hooks == {"core_app/apps.py"}  # no rule: what the driver of a database is told when it has connected


def test_who_may_read_rules_is_written_in_one_place():
    """Four floors ask for it: whichever wrote it again could drift from the others."""
    found = [lines_of(path) for path in SOURCES if RULES_READ in path.read_text()]
    assert found == ["accounts_app/permissions.py"]


def test_every_permission_that_code_asks_for_exists():
    asked = {
        (f"{lines_of(path)}:{node.lineno}", node.args[-1].value)
        for path, tree in trees("")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and (getattr(node.func, "attr", "") == "can" or getattr(node.func, "id", "") == "require")
        and node.args
        and isinstance(node.args[-1], ast.Constant)
    }
    asked |= {
        (lines_of(path), name)
        for path in TEMPLATES
        for name in re.findall(r'"(\w+)" in actor\.permissions', path.read_text())
    }
    assert len(asked) > 10
    assert {(where, name) for where, name in asked if name not in LABELS} == set()


READS_BEFORE_ANYONE_IS_KNOWN = {"signals_app/api.py": "the source whose token it is says who asks"}


def test_pages_read_only_what_the_actor_may_see():
    blind = {
        lines_of(path)
        for path in SOURCES
        if re.search(r"_app/(views|api)(/|\.py)", lines_of(path))
        if re.search(r"\.objects\.(?!visible_to\(|found_by\()", path.read_text())  # the second begins with the first
    }
    assert blind == READS_BEFORE_ANYONE_IS_KNOWN.keys()


def test_no_file_is_a_drawer_for_everything():
    names = {lines_of(path) for path in SOURCES if path.stem in ("utils", "helpers", "common", "misc")}
    names |= {lines_of(path) for path in SOURCES if path.stem == "services" and path.parent.name.endswith("_app")}
    assert names == set()


def test_no_file_outgrows_a_reader():
    long = {lines_of(path): count for path in SOURCES if (count := len(path.read_text().splitlines())) > 420}
    assert long == {}


# --- every template ---

FORBIDDEN = {
    r"<script(?![^>]*\bsrc=)": "inline script: the policy forbids it",
    r"<style": "inline style: the policy forbids it",
    r"\sstyle=": "inline style: the policy forbids it",
    r"\son[a-z]+=": "inline handler: the policy forbids it",
    r"hx-on": "inline handler: the policy forbids it",
    r"hx-vals=['\"]js:": "needs eval",
    r"javascript:": "script in a link",
    r"\|\s*safe\b": "unescaped text",
    r"\{%\s*autoescape\s+off": "unescaped text",
    r"(src|href)=\"(https?:)?//": "something from another host",
}
ALLOWED_IN_TEMPLATES: dict[tuple[str, str], str] = {}


def test_templates_keep_to_the_content_security_policy_and_escape_everything():
    found = {
        (lines_of(path), pattern)
        for path in TEMPLATES
        for pattern in FORBIDDEN
        if re.search(pattern, re.sub(r"\{#.*?#\}", "", path.read_text()))
    }
    assert len(TEMPLATES) > 10
    assert found == ALLOWED_IN_TEMPLATES.keys()


def test_code_marks_nothing_safe_that_came_from_outside():
    """`mark_safe` and `SafeString(` belong to the few places that make markup of their own and clean it."""
    marking = {lines_of(path) for path in SOURCES if re.search(r"mark_safe\(|SafeString\(", path.read_text())}
    assert marking <= MAKES_MARKUP.keys()


MAKES_MARKUP = {
    "config/quick.py": "what a template has drawn, which escapes what it is given",
    "core_app/templatetags/console.py": "icons by name, and Markdown after nh3 has cleaned it",
    "search_app/explorer/drawing.py": "cells of tables that are nothing but numbers",
    "signals_app/templatetags/signals.py": "Markdown of rules after nh3 has cleaned it",
}
