"""Titles and What Happened: sentences made from what was counted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from string import Template

from signals_app.correlation.activity import Activity

LONGEST_TITLE = 300


def some(values: Sequence[str], noun: str, plural: str, most: int = 1) -> str:
    """“203.0.113.7”, “alice and bob”, or “12 addresses” when there are more than `most`."""
    if not values:
        return f"unknown {plural}"
    if len(values) <= most:
        return " and ".join(filter(None, [", ".join(values[:-1]), values[-1]]))
    return f"{len(values):,} {plural}" if len(values) != 1 else f"1 {noun}"


def title(template: str, *, service: str, attackers: Sequence[str], users: Sequence[str], count: int) -> str:
    """Fill in a rule's title template: $service $attackers $users $count. Unknown names stay as they are."""
    filled = Template(template).safe_substitute(
        service=service or "an unknown service",
        attackers=some(attackers, "address", "addresses"),
        users=some(users, "user", "users", most=2),
        count=f"{count:,}",
    )
    return " ".join(filled.split())[:LONGEST_TITLE]


def isolated_title(rule: str, service: str) -> str:
    """The title of a signal that weak evidence alone has made."""
    return f"{rule}: isolated matches on {service or 'an unknown service'}"[:LONGEST_TITLE]


def message(
    doing: str,
    *,
    service: str,
    env: str,
    attackers: Sequence[str],
    users: Sequence[str],
    count: int,
    first: datetime,
    last: datetime,
    activity: Activity,
    isolated: bool = False,
) -> str:
    """What Happened: who did what to which service, when, how it was answered, what was matched."""
    where = (service or "an unknown service") + (f" ({env})" if env else "")
    who = some(attackers, "address", "addresses", most=3)
    did = Template(doing).safe_substitute(
        requests=_number(count, "request"), answers=_number(count, "answer"), times=_number(count, "time")
    )
    sentences = [f"{who[:1].upper()}{who[1:]} {did} {where}, {_when(first, last)}."]
    if isolated:
        sentences.append(
            "Each of these addresses matched too little to be called an attacker: this may well be honest input."
        )
    if paths := activity.counts["paths"]:
        (path, times), others = paths.most_common(1)[0], len(paths) - 1
        most = f"Most went to {path} ({times:,})" if others else f"All went to {path}"
        sentences.append(f"{most}, the rest to {_number(others, 'other path')}." if others else f"{most}.")
    if statuses := activity.counts["statuses"]:
        answers = ", ".join(f"{times:,} × {status}" for status, times in statuses.most_common(5))
        blocked = activity.counts["verdicts"]["blocked"]
        fate = (
            "all were blocked"
            if activity.all_blocked
            else f"{blocked:,} were blocked"
            if blocked
            else "none was blocked"
        )
        sentences.append(f"Answers: {answers}; {fate}.")
    if tools := activity.values("tools"):
        sentences.append(f"Tools: {', '.join(tools[:5])}.")
    if users:
        sentences.append(f"Users: {', '.join(users[:8])}{f' and {len(users) - 8} more' if len(users) > 8 else ''}.")
    if says := activity.values("says"):
        sentences.append(f"Matched: {'; '.join(says[:3])}.")
    return " ".join(sentences)


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _when(first: datetime, last: datetime) -> str:
    if first.replace(second=0, microsecond=0) == last.replace(second=0, microsecond=0):
        return f"on {first:%-d %B %Y at %H:%M} UTC"
    if first.date() == last.date():
        return f"on {first:%-d %B %Y} between {first:%H:%M} and {last:%H:%M} UTC"
    return f"from {first:%-d %B %Y %H:%M} to {last:%-d %B %Y %H:%M} UTC"
