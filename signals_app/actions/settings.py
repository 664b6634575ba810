"""Security filters, critical assets and notification rules: made, edited, ended."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, TypeVar

from django.db import models, transaction

from accounts_app.access import Actor, require
from core_app.errors import Conflict, IllegalMove, Invalid, NotFound, check_version
from core_app.ledger import record
from core_app.outcome import Outcome
from signals_app.actions.catalogue import RULES_WRITE, check, edit_rows, known
from signals_app.models import CriticalAsset, NotificationRule, SecurityFilter, Severity
from signals_app.suppressing import TYPES, check_query, check_rule_query

FILTERS_WRITE = "security_monitoring_filters_write"
NOTIFICATIONS_WRITE = "security_monitoring_notification_profiles_write"
FILTER_FIELDS = frozenset({"name", "query", "exclusions", "is_enabled"})
ASSET_FIELDS = frozenset({"description", "rule_query", "query", "severity", "tags", "is_enabled"})
NOTIFICATION_FIELDS = frozenset(
    {"name", "query", "severities", "rule_types", "targets", "quiet", "is_enabled", "about", "place"}
)
WHICH = NOTIFICATION_FIELDS - {"name", "targets", "quiet"}  # what makes a signal one that the rule tells of
MOST = 100  # of what is in a list
LONGEST = 200  # characters of it
MOST_ROWS = 200  # of each kind: every batch of detections asks all of them
MOST_QUIET = 30 * 86400  # seconds
SEVERITIES = (*(severity.slug for severity in Severity), "unknown")
# The API has words for types of rules that find other things than signals; a rule that names them is kept.
RULE_TYPES = (
    *TYPES.values(),
    "application_code_vulnerability",
    "application_library_vulnerability",
    "attack_path",
    "container_image_vulnerability",
    "host_vulnerability",
    "iac_misconfiguration",
    "identity_risk",
    "misconfiguration",
    "sast_vulnerability",
    "secret_vulnerability",
    "sensitive_data",
    "serverless_function_code_vulnerability",
)

Row = TypeVar("Row", SecurityFilter, CriticalAsset, NotificationRule)


# --- security filters -------------------------------------------------------------------------


@transaction.atomic
def create_security_filter(*, actor: Actor, name: str, query: str, **fields: Any) -> SecurityFilter:
    """Include what meets the query and no exclusion (fields of `FILTER_FIELDS`).

    Raises NotAllowed, Invalid, or Conflict for a name that another has.
    """
    require(actor, FILTERS_WRITE)
    fields = _filter({"name": name, "query": query, **fields})
    _check_name(name)
    return _made(actor, SecurityFilter(**fields), "signals.security_filter_created", FILTER_FIELDS)


@transaction.atomic
def edit_security_filters(*, actor: Actor, seen: Mapping[int, int | None], **fields: Any) -> Outcome[SecurityFilter]:
    """Give security filters new values; `seen` maps each one's pk to the version looked at.

    Raises NotAllowed, Invalid, Conflict for a name that another has, or IllegalMove for another name or query of the
    one that is built in; refuses single rows with StaleVersion or NotFound.
    """
    require(actor, FILTERS_WRITE)
    fields = _filter(fields)
    if "name" in fields:
        _check_name(fields["name"], but=seen)
    rows = SecurityFilter.objects.visible_to(actor)
    for row in rows.filter(pk__in=list(seen), is_builtin=True):
        if any(name in fields and fields[name] != getattr(row, name) for name in ("name", "query")):
            raise IllegalMove("The filter that is built in keeps its name and query: switch it off, or exclude.")
    return _edited(actor, rows, "signals.security_filter_edited", seen, fields)


@transaction.atomic
def delete_security_filter(*, actor: Actor, security_filter: SecurityFilter, seen_version: int | None = None) -> None:
    """End a filter for good. Raises NotAllowed, NotFound, StaleVersion, or IllegalMove for the one that is built in."""
    require(actor, FILTERS_WRITE)
    row = _locked(SecurityFilter.objects.visible_to(actor), security_filter.pk, seen_version)
    if row.is_builtin:
        raise IllegalMove("The filter that is built in cannot be deleted: switch it off.")
    record(actor, "signals.security_filter_deleted", row, name=row.name, uuid=str(row.uuid))
    row.delete()


def _filter(given: dict[str, Any]) -> dict[str, Any]:
    kept = known(given, FILTER_FIELDS)
    if "query" in kept:
        check_query(kept["query"], "query")
    if "exclusions" in kept:
        kept["exclusions"] = check_exclusions(kept["exclusions"])
    return kept


def check_exclusions(given: Any) -> list[dict[str, str]]:
    """The exclusions as they are kept. Raises Invalid."""
    return [_exclusion(one) for one in _at_most(given, "exclusions")]


def _exclusion(given: Any) -> dict[str, str]:
    name, query = (given.get(part) if isinstance(given, Mapping) else None for part in ("name", "query"))
    if not isinstance(name, str) or not isinstance(query, str) or not query.strip() or len(name) > LONGEST:
        raise Invalid("An exclusion filter has a name and a query.", field="exclusions")
    check_query(query, "exclusions")
    return {"name": name, "query": query}


def _check_name(name: str, but: Collection[int] = ()) -> None:
    """Raise Conflict for a name that another filter has."""
    _one_after_another()
    if SecurityFilter.objects.filter(name=name).exclude(pk__in=list(but)).exists():
        raise Conflict("There is a filter of this name.", field="name")


# --- critical assets --------------------------------------------------------------------------


@transaction.atomic
def create_critical_asset(*, actor: Actor, rule_query: str, query: str, severity: str, **fields: Any) -> CriticalAsset:
    """Weigh detections that meet the queries (fields of `ASSET_FIELDS`). Raises NotAllowed or Invalid."""
    require(actor, RULES_WRITE)
    fields = _asset({"rule_query": rule_query, "query": query, "severity": severity, **fields})
    return _made(actor, CriticalAsset(**fields), "signals.critical_asset_created", ASSET_FIELDS)


@transaction.atomic
def edit_critical_assets(*, actor: Actor, seen: Mapping[int, int | None], **fields: Any) -> Outcome[CriticalAsset]:
    """Give critical assets new values, for signals to come; `seen` maps each one's pk to the version looked at.

    Raises NotAllowed or Invalid; refuses single rows with StaleVersion or NotFound.
    """
    require(actor, RULES_WRITE)
    rows = CriticalAsset.objects.visible_to(actor)
    return _edited(actor, rows, "signals.critical_asset_edited", seen, _asset(fields))


@transaction.atomic
def delete_critical_asset(*, actor: Actor, asset: CriticalAsset, seen_version: int | None = None) -> None:
    """End it for good; signals keep their severities. Raises NotAllowed, NotFound or StaleVersion."""
    require(actor, RULES_WRITE)
    row = _locked(CriticalAsset.objects.visible_to(actor), asset.pk, seen_version)
    record(actor, "signals.critical_asset_deleted", row, rule_query=row.rule_query, query=row.query)
    row.delete()


def _asset(given: dict[str, Any]) -> dict[str, Any]:
    kept = known(given, ASSET_FIELDS)
    if "rule_query" in kept:
        check_rule_query(kept["rule_query"], "rule_query")
    if "query" in kept:
        check_query(kept["query"], "query")
    if "tags" in kept:
        kept["tags"] = check_texts(kept["tags"], "tags")
    return kept


# --- notification rules -----------------------------------------------------------------------


@transaction.atomic
def create_notification_rule(*, actor: Actor, name: str, targets: Iterable[str], **fields: Any) -> NotificationRule:
    """Tell the targets of signals to come (fields of `NOTIFICATION_FIELDS`). Raises NotAllowed or Invalid."""
    require(actor, NOTIFICATIONS_WRITE)
    fields = check_notification({"name": name, "targets": targets, **fields})
    return _made(actor, NotificationRule(**fields), "signals.notification_rule_created", NOTIFICATION_FIELDS)


@transaction.atomic
def edit_notification_rules(
    *, actor: Actor, seen: Mapping[int, int | None], **fields: Any
) -> Outcome[NotificationRule]:
    """Give notification rules new values; `seen` maps each one's pk to the version looked at.

    What a rule holds back goes out by the rule as it is then, unless the rule is about other signals now, or off.
    Raises NotAllowed or Invalid; refuses single rows with StaleVersion or NotFound.
    """
    require(actor, NOTIFICATIONS_WRITE)
    fields = check_notification(fields)
    rows = NotificationRule.objects.visible_to(actor)
    asked = {name: fields[name] for name in WHICH & fields.keys()}
    before = {row.pk: row for row in rows.filter(pk__in=list(seen)).order_by("pk").select_for_update(of=("self",))}
    outcome = _edited(actor, rows, "signals.notification_rule_edited", seen, fields)
    # Another name, other people or another wait lose nothing: what waits is still of signals that the rule means. It
    # goes to those who are named now, when the wait of now is over, which a shorter one may make at once. Only what had
    # met another question would be told wrongly, by a link that finds other signals: that is let go.
    turned = [row.pk for row in outcome.changed if any(getattr(before[row.pk], name) != asked[name] for name in asked)]
    NotificationRule.objects.filter(pk__in=turned).update(held_back=0)
    return outcome


@transaction.atomic
def delete_notification_rule(*, actor: Actor, rule: NotificationRule, seen_version: int | None = None) -> None:
    """Tell nobody by it any more. Raises NotAllowed, NotFound or StaleVersion."""
    require(actor, NOTIFICATIONS_WRITE)
    row = _locked(NotificationRule.objects.visible_to(actor), rule.pk, seen_version)
    record(actor, "signals.notification_rule_deleted", row, name=row.name, targets=row.targets)
    row.delete()


@transaction.atomic
def preview_notification(*, actor: Actor, **fields: Any) -> None:
    """Tell the targets of a rule that is only thought of, once, what it is and that it reaches them.

    Raises NotAllowed, or Invalid also for one that would never tell anybody.
    """
    require(actor, NOTIFICATIONS_WRITE)
    fields = check_notification(fields)
    row = NotificationRule(**fields)
    check(row)
    if row.about != NotificationRule.About.SIGNALS:
        raise Invalid("Nothing here finds vulnerabilities: a rule about findings tells nobody.", field="about")
    # There is no row yet that the entry could be about; whoever asks is known.
    record(actor, "signals.notification_previewed", actor.user or row, name=row.name, targets=row.targets)


def check_notification(given: dict[str, Any]) -> dict[str, Any]:
    """The fields as they are kept. Raises Invalid."""
    kept = known(given, NOTIFICATION_FIELDS)
    if "query" in kept:
        check_query(kept["query"], "query")
    for name, words in (("severities", SEVERITIES), ("rule_types", RULE_TYPES)):
        if name in kept:
            kept[name] = check_texts(kept[name], name)
            if strange := [word for word in kept[name] if word not in words]:
                raise Invalid(f"“{strange[0]}” is none of {', '.join(words)}.", field=name)
    if "targets" in kept:
        kept["targets"] = check_texts(kept["targets"], "targets")
        if not kept["targets"] or not all(
            target.startswith("@") and target.strip("@ \t\r\n") for target in kept["targets"]
        ):
            raise Invalid("Name at least one target, each as @ and an e-mail address or a handle.", field="targets")
    quiet = kept.get("quiet", 0)
    if not isinstance(quiet, int) or isinstance(quiet, bool) or not 0 <= quiet <= MOST_QUIET:
        raise Invalid("A number of seconds, of at most 30 days.", field="quiet")
    return kept


# --- all of them ------------------------------------------------------------------------------


def check_texts(given: Any, field: str) -> list[str]:
    """A list of short texts as it is kept, each once. Raises Invalid."""
    found = _at_most(given, field)
    if not all(isinstance(text, str) and text.strip() and len(text) <= LONGEST for text in found):
        raise Invalid(f"Each has to be a text of at most {LONGEST} characters.", field=field)
    return list(dict.fromkeys(found))


def _at_most(given: Any, field: str) -> list[Any]:
    """The list that was given; JSON of another kind is none, and nothing is an empty one."""
    if isinstance(given, str | Mapping) or not isinstance(given, Iterable | None):
        raise Invalid("A list is expected.", field=field)
    found = list(given or ())
    if len(found) > MOST:
        raise Invalid(f"At most {MOST}.", field=field)
    return found


def _one_after_another() -> None:
    """The built-in filter's row, which is always there, is the queue of those who make settings or name filters."""
    list(SecurityFilter.objects.select_for_update().filter(is_builtin=True))


def _made(actor: Actor, row: Row, verb: str, told: Collection[str]) -> Row:
    kind = type(row)._meta
    _one_after_another()  # or two who count at the same moment both find room for one more
    if type(row).objects.count() >= MOST_ROWS:
        raise Conflict(f"There are {MOST_ROWS} {kind.verbose_name_plural} already, as many as can be: delete one.")
    row.created_by = row.modified_by = actor.user
    check(row)
    row.save()
    record(actor, verb, row, uuid=str(row.uuid), **{name: getattr(row, name) for name in sorted(told)})
    return row


def _edited(
    actor: Actor, rows: models.QuerySet[Row], verb: str, seen: Mapping[int, int | None], fields: Mapping[str, Any]
) -> Outcome[Row]:
    outcome = edit_rows(actor, verb, rows, seen, fields)
    rows.model.objects.filter(pk__in=[row.pk for row in outcome.changed]).update(modified_by=actor.user)
    return outcome


def _locked(rows: models.QuerySet[Row], pk: int, seen_version: int | None) -> Row:
    row = rows.filter(pk=pk).select_for_update(of=("self",)).first()
    if row is None:
        raise NotFound("It is not there, or it is not yours to see.")
    check_version(row, seen_version)
    return row
