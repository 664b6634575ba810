"""What follows from entries about signals: people are told, by the organisation's notification rules."""

from __future__ import annotations

from django.urls import reverse

from accounts_app.access import person
from accounts_app.models import User
from accounts_app.notifications import MAX_URL, Named, named_by, notify
from core_app.ledger import on
from core_app.models import Entry
from signals_app.explorer import EVERYWHERE, EXPLORER
from signals_app.models import NotificationRule, Signal

LISTED = 20  # signals that a mail names
READ = "security_monitoring_signals_read"


@on("signals.notification_rule_met")
def tell_by_rule(entry: Entry) -> None:
    """Those whom the rule names and who may see signals: of one signal by its title, of several by their number."""
    rule = NotificationRule.objects.filter(pk=entry.target_id, is_enabled=True).first()
    if rule is None:  # deleted or switched off since
        return
    named = named_by(rule.targets)
    signals = list(Signal.objects.filter(public_id__in=entry.data["signals"]).order_by("-severity", "-first_seen"))
    count = entry.data["count"]
    if count == 1 and len(signals) == 1:
        [signal] = signals
        url = reverse("signals:detail", args=[signal.public_id])
        text = f"{_line(signal)} (by the notification rule “{rule.name}”)"
        content = f"{_line(signal)}\n\n{signal.message}\n\nYou are told by the notification rule “{rule.name}”."
    else:
        url = f"{EXPLORER.path}{EVERYWHERE.to(query=_query(rule))}"
        if len(url) > MAX_URL:  # half a query would find something else: rather all signals
            url = f"{EXPLORER.path}{EVERYWHERE.to()}"
        more = "" if signals else " more"
        text = f"{count:,}{more} {'signal' if count == 1 else 'signals'} met the notification rule “{rule.name}”"
        content = "\n".join([f"{text}.", "", *map(_line, signals[:LISTED])])
    notify(users=_readers(named), entry=entry, text=text, url=url, content=content, mailed=named.mailed)


@on("signals.notification_previewed")
def tell_what_a_rule_would_be(entry: Entry) -> None:
    """Those whom a rule names that is only thought of, so that it is known whom it reaches."""
    named = named_by(entry.data["targets"])
    text = f"{entry.actor_label} tries the notification rule “{entry.data['name']}”: it would tell you of signals"
    notify(users=_readers(named), entry=entry, text=text, url=reverse("signals:list"), mailed=named.mailed)


def _readers(named: Named) -> list[User]:
    """Those of the named who may see signals."""
    return [user for user in named.users if person(user).can(READ)]


def _line(signal: Signal) -> str:
    return f"{signal.get_severity_display()}: {signal.title}"


def _query(rule: NotificationRule) -> str:
    """What the rule asks for, as far as a query can: types of rules have no word there that is the same."""
    parts = [f"({rule.query})"] if rule.query else []
    if severities := [word for word in rule.severities if word != "unknown"]:
        parts.append(f"severity:({' OR '.join(severities)})")
    return " ".join(parts)
