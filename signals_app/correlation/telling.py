"""Which notification rules the signals of a batch meet. Telling people is left to the worker, by way of the ledger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts_app.access import system
from core_app.ledger import record
from signals_app.correlation.facts import Asking, signal_facts
from signals_app.correlation.growth import Growth
from signals_app.models import NotificationRule, Severity, SignalTag, Source
from signals_app.suppressing import slug_of

TELLER = system("notification rules")
NAMED = 50  # signals that an entry names
IN_USE = {"is_enabled": True, "about": NotificationRule.About.SIGNALS, "place": NotificationRule.Place.SIGNALS}


def tell(source: Source, grown: Sequence[Growth], asking: Asking) -> None:
    """Record, once a rule, which signals meet it that begin or have become graver. They have been stored."""
    news = [growth for growth in grown if growth.is_new or growth.signal.severity > growth.severity_before]
    rules = list(NotificationRule.objects.filter(**IN_USE).order_by("pk")) if news else []
    if not rules:
        return
    tags = defaultdict(list)
    for signal, text in SignalTag.objects.filter(signal__in=[growth.signal for growth in news]).values_list(
        "signal", "text"
    ):
        tags[signal].append(text)
    facts = [(growth, signal_facts(growth, source, tags[growth.signal.pk])) for growth in news]
    for rule in rules:
        met = [growth for growth, about in facts if _chosen(rule, growth) and asking.meets(rule, rule.query, about)]
        if met:
            _say(rule, [growth.signal.public_id for growth in met])


def _chosen(rule: NotificationRule, growth: Growth) -> bool:
    """Whether a signal has a severity and a type that the rule is about."""
    severity, kind = Severity(growth.signal.severity).slug, slug_of(growth.signal.rule)
    return (not rule.severities or severity in rule.severities) and (not rule.rule_types or kind in rule.rule_types)


def _say(rule: NotificationRule, signals: list[str]) -> None:
    now = timezone.now()
    quiet = Q(told_at=None) | Q(told_at__lte=now - timedelta(seconds=rule.quiet))
    # In one statement: batches of several sources are correlated at the same time.
    if NotificationRule.objects.filter(quiet, pk=rule.pk).update(told_at=now) or not rule.quiet:
        record(TELLER, "signals.notification_rule_met", rule, signals=signals[:NAMED], count=len(signals))
    else:
        NotificationRule.objects.filter(pk=rule.pk).update(held_back=F("held_back") + len(signals))


def tell_what_was_held_back() -> int:
    """Record how many signals have met a rule while it was not to be told again. From the clock.

    Returns of how many.
    """
    told = 0
    for pk in NotificationRule.objects.filter(**IN_USE, held_back__gt=0).order_by("pk").values_list("pk", flat=True):
        told += _release(pk)
    return told


@transaction.atomic
def _release(pk: int) -> int:
    rule = NotificationRule.objects.select_for_update(of=("self",)).filter(**IN_USE, pk=pk, held_back__gt=0).first()
    now = timezone.now()
    if rule is None or (rule.told_at and rule.told_at > now - timedelta(seconds=rule.quiet)):
        return 0
    count = rule.held_back
    NotificationRule.objects.filter(pk=pk).update(held_back=0, told_at=now)
    record(TELLER, "signals.notification_rule_met", rule, signals=[], count=count)
    return count
