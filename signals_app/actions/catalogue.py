"""What people write down about services and detection rules."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.text import slugify

from accounts_app.access import Actor, require
from core_app.errors import Conflict, DomainError, Invalid, NotFound, check_version
from core_app.ledger import record, record_each
from core_app.models import Versioned
from core_app.outcome import Outcome
from signals_app.catalogue import sensor_key
from signals_app.models import Detection, DetectionRule, Service, Signal
from signals_app.queries.versions import version_of

SERVICES_WRITE = "org_management"
RULES_WRITE = "security_monitoring_rules_write"
SERVICE_FIELDS = frozenset({"name", "description", "repository", "documentation", "team", "on_call"})
MOST_WINDOW = timedelta(days=30)
RULE_FIELDS = frozenset(
    {
        "name",
        "type",
        "severity",
        "tactic",
        "technique",
        "tags",
        "meaning",
        "next_steps",
        "title_template",
        "window",
        "definition",
        "is_enabled",
    }
)

Row = TypeVar("Row", bound=Versioned)


@transaction.atomic
def create_service(*, actor: Actor, name: str, **fields: Any) -> Service:
    """Write down a service before the first signal of it. Raises NotAllowed or Invalid."""
    require(actor, SERVICES_WRITE)
    service = Service(**known({"name": name, **fields}, SERVICE_FIELDS))
    check(service)
    service.save()
    record(actor, "signals.service_created", service, name=name)
    return service


@transaction.atomic
def edit_services(*, actor: Actor, seen: Mapping[int, int | None], **fields: Any) -> Outcome[Service]:
    """Give services new values (of `SERVICE_FIELDS`); `seen` maps each one's pk to the version looked at.

    Raises NotAllowed or Invalid; refuses single rows with StaleVersion or NotFound.
    """
    require(actor, SERVICES_WRITE)
    fields = known(fields, SERVICE_FIELDS)
    return edit_rows(actor, "signals.service_edited", Service.objects.visible_to(actor), seen, fields)


@transaction.atomic
def edit_rules(*, actor: Actor, seen: Mapping[int, int | None], **fields: Any) -> Outcome[DetectionRule]:
    """Give detection rules new values (of `RULE_FIELDS`), as `edit_services` does."""
    require(actor, RULES_WRITE)
    fields = known(fields, RULE_FIELDS)
    _check_window(fields)
    return edit_rows(actor, "signals.rule_edited", DetectionRule.objects.visible_to(actor), seen, fields)


@transaction.atomic
def create_rule(*, actor: Actor, name: str, **fields: Any) -> DetectionRule:
    """Write down a rule before the first detection of it. Raises NotAllowed or Invalid.

    Its key is made of its name: what a sensor reports under that name is of this rule. A name may be had by several;
    the key of each further one has a number at its end.
    """
    require(actor, RULES_WRITE)
    _check_window(fields)
    rule = DetectionRule(
        key=_free_key(name), **{"window": timedelta(hours=24), **known({"name": name, **fields}, RULE_FIELDS)}
    )
    check(rule)
    rule.save()
    record(actor, "signals.rule_created", rule, name=name)
    return rule


def _free_key(name: str) -> str:
    """A key made of a rule's name that no rule has yet."""
    key = sensor_key(slugify(name)[:100] or "rule")
    taken = set(DetectionRule.objects.filter(key__startswith=key).values_list("key", flat=True))
    numbered = (f"{key}-{number}" for number in itertools.count(2))
    return next(free for free in itertools.chain([key], numbered) if free not in taken)


@transaction.atomic
def restore_rule(*, actor: Actor, rule: DetectionRule, version: int) -> Outcome[DetectionRule]:
    """Make a rule again what it was at a version, as a new one.

    Raises NotAllowed, NotFound, or Conflict for the version that it has.
    """
    require(actor, RULES_WRITE)
    if DetectionRule.objects.visible_to(actor).filter(pk=rule.pk, version=version).exists():
        raise Conflict("The rule is at this version already.")
    found = version_of(rule, version)
    if found is None:
        raise NotFound("There is no such version of this rule.")
    fields = {name: getattr(found.row, name) for name in RULE_FIELDS}
    return edit_rules(actor=actor, seen={rule.pk: None}, **fields)


@transaction.atomic
def delete_rules(*, actor: Actor, rules: Collection[DetectionRule]) -> Outcome[DetectionRule]:
    """Forget rules of which nothing was ever seen; others are to be switched off.

    Raises NotAllowed; refuses single rows with NotFound or Conflict.
    """
    require(actor, RULES_WRITE)
    outcome: Outcome[DetectionRule] = Outcome()
    wanted = [rule.pk for rule in rules]
    rows = DetectionRule.objects.visible_to(actor).filter(pk__in=wanted).order_by("pk")
    found = {row.pk: row for row in rows.select_for_update(of=("self",))}
    for pk in wanted:
        row = found.get(pk)
        if row is None:
            outcome.refused[pk] = NotFound("It is not there, or it is not yours to see.")
        elif Signal.objects.filter(rule=row).exists() or Detection.objects.filter(rule=row).exists():
            outcome.refused[pk] = Conflict("There are signals or detections of this rule: switch it off instead.")
        else:
            record(actor, "signals.rule_deleted", row, name=row.name, key=row.key)
            row.delete()
            outcome.changed.append(row)
    return outcome


def _check_window(fields: Mapping[str, Any]) -> None:
    """Raise Invalid for a window that correlation cannot look back through."""
    window = fields.get("window")
    if window is not None and not timedelta() < window <= MOST_WINDOW:
        raise Invalid(f"A correlation window has at most {MOST_WINDOW.days} days.", field="window")


def edit_rows(
    actor: Actor, verb: str, rows: models.QuerySet[Row], seen: Mapping[int, int | None], fields: Mapping[str, Any]
) -> Outcome[Row]:
    """Give these rows new values and the next version, in the caller's transaction, and record what changed."""
    outcome: Outcome[Row] = Outcome()
    changes = []
    found = {row.pk: row for row in rows.filter(pk__in=list(seen)).order_by("pk").select_for_update(of=("self",))}
    for pk, version in sorted(seen.items()):
        row = found.get(pk)
        if row is None:
            outcome.refused[pk] = NotFound("It is not there, or it is not yours to see.")
            continue
        try:
            check_version(row, version)
        except DomainError as problem:
            outcome.refused[pk] = problem
            continue
        before = {name: getattr(row, name) for name in fields}
        changed = {name: [_plain(before[name]), _plain(new)] for name, new in fields.items() if before[name] != new}
        if not changed:
            outcome.unchanged.append(row)
            continue
        for name, new in fields.items():
            setattr(row, name, new)
        check(row)
        row.version += 1
        row.save()
        outcome.changed.append(row)
        changes.append((row, changed))
    record_each(actor, verb, changes)
    return outcome


def known(fields: dict[str, Any], names: frozenset[str]) -> dict[str, Any]:
    """The fields, none of which may be another than those that this verb changes."""
    for name in fields.keys() - names:
        raise Invalid(f"“{name}” cannot be changed here.", field=name)
    return fields


def check(row: models.Model) -> None:
    """Raise Invalid with the first thing that is wrong with the row."""
    try:
        row.full_clean()
    except ValidationError as problem:
        name, messages = next(iter(problem.message_dict.items()))
        raise Invalid(messages[0], field=name) from problem


def _plain(value: Any) -> Any:
    """The value as the ledger keeps it."""
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, models.Model) else value
