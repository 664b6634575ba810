"""What follows from what happened to an incident: people hear that it is theirs."""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from accounts_app.access import NOBODY, person
from accounts_app.models import User
from accounts_app.notifications import named_by, notify
from core_app.ledger import on
from core_app.models import Entry
from incidents_app import words
from incidents_app.models import Incident, Note
from incidents_app.queries.notifying import CHANGED, DECLARED, rules_for, written
from search_app.bulk.given import given_together, is_of_operation, where


@on("incidents.declared")
def tell_whom_it_was_declared_with(entry: Entry) -> None:
    """The commander and the responders of a new incident."""
    commander = entry.data.get("commander")
    _tell(entry, [commander] if commander else [], "You command")
    _tell(entry, entry.data.get("responders", []), "You are called into")


@on("incidents.commander_changed")
def tell_the_new_commander(entry: Entry) -> None:
    """Of several incidents that are given at once they hear at the end."""
    if is_of_operation(entry):
        return
    after = entry.data["commander"][1]
    _tell(entry, [after] if after else [], "You command")


@on("bulk.finished")
def tell_of_all_that_they_command(entry: Entry) -> None:
    """Whoever a bulk operation has made the commander of incidents, once: how many, and where they are."""
    for user, keys in given_together(entry, surface="incidents", verb="incidents.commander_changed", field="commander"):
        seen = Incident.objects.visible_to(person(user)).filter(pk__in=keys)
        count = seen.count()
        if count == 1:
            _tell_of(seen.get(), entry, [{"uuid": str(user.uuid)}], "You command")
        elif count:
            text = f"{entry.actor_label} made you the commander of {count:,} incidents"
            url = reverse("incidents:list") + where(entry.operation, "commander:me")
            notify(users=[user], entry=entry, text=text, url=url)


@on("incidents.responders_changed")
def tell_new_responders(entry: Entry) -> None:
    before, after = entry.data["responders"]
    there = {one["uuid"] for one in before}
    _tell(entry, [one for one in after if one["uuid"] not in there], "You are called into")


@on("incidents.roles_changed")
def tell_who_holds_a_role(entry: Entry) -> None:
    """Each person once, of all the roles they were given."""
    given: dict[str, list[str]] = {}
    for role, (before, after) in entry.data["roles"].items():
        there = {one["uuid"] for one in before}
        for one in after:
            if one["uuid"] not in there:
                given.setdefault(one["uuid"], []).append(role)
    for uuid, roles in given.items():
        _tell(entry, [{"uuid": uuid}], f"You are {' and '.join(roles)} of")


@on("incidents.told")
def tell_whom_it_names(entry: Entry) -> None:
    """Those whom somebody wants to know of an incident, as far as their handles name anybody here."""
    named = named_by(entry.data["handles"])
    people = [{"uuid": str(user.uuid)} for user in named.users]
    _tell(entry, people, f"{entry.actor_label} tells you of", mailed=named.mailed)


@on("incidents.todo_added")
def tell_who_is_to_do_it(entry: Entry) -> None:
    _tell(
        entry, entry.data.get("assignees", []), f"“{entry.data['content'][:100]}” is yours to do in", tab="remediation"
    )


@on("incidents.todo_edited")
def tell_who_is_to_do_it_now(entry: Entry) -> None:
    before, after = entry.data.get("assignees", ([], []))
    there = {one["uuid"] for one in before}
    new = [one for one in after if one["uuid"] not in there]
    content = entry.data["content"]
    what = content[-1] if isinstance(content, list) else content
    _tell(entry, new, f"“{what[:100]}” is yours to do in", tab="remediation")


@on("incidents.mentioned")
def tell_the_mentioned(entry: Entry) -> None:
    """Those whom a note calls, unless it was taken back meanwhile. Its words stay where they can be taken back."""
    note = entry.data["note"]
    if Note.objects.filter(uuid=note, deleted_at=None).exists():
        _tell(
            entry, entry.data["users"], f"{entry.actor_label} mentioned you in", tab="timeline", place=f"#note-{note}"
        )


def tell_by_rules(entry: Entry) -> None:
    """Those whom the organisation's rules name for such an incident, in the words of the rule's template."""
    incident = Incident.objects.select_related("commander").filter(pk=entry.target_id, deleted_at=None).first()
    if incident is None:
        return
    url = reverse("incidents:detail", args=[incident.public_id])
    line = f"Incident #{incident.public_id}, {incident.get_severity_display()}: {incident.title}"
    # The same words for all, and so without the signals and cases that not all of them may see.
    happened = words.sentence(entry, NOBODY)
    text = f"{line} was declared" if entry.verb == DECLARED else f"{line}: {entry.actor_label} {happened}"
    for rule in rules_for(entry, incident):
        named = named_by(rule.handles)
        told = [user for user in named.users if str(user.pk) != entry.actor_id and _sees(user, incident)]
        subject, content = written(rule.template, incident, url) if rule.template else (text, "")
        notify(users=told, entry=entry, text=subject, url=url, content=content, mailed=named.mailed)


for _verb in (DECLARED, *CHANGED):
    on(_verb)(tell_by_rules)


def _sees(user: User, incident: Incident) -> bool:
    return Incident.objects.visible_to(person(user)).filter(pk=incident.pk).exists()


def _tell(entry: Entry, people: Iterable[dict[str, Any]], how: str, **more: Any) -> None:
    incident = Incident.objects.filter(pk=entry.target_id).first()
    if incident is not None:
        _tell_of(incident, entry, people, how, **more)


def _tell_of(
    incident: Incident,
    entry: Entry,
    people: Iterable[dict[str, Any]],
    how: str,
    *,
    tab: str = "detail",
    place: str = "",
    mailed: Container[int] | None = None,
) -> None:
    """Tell those of these people who may see the incident now, and did not do it themselves."""
    users: QuerySet[User] = User.objects.filter(uuid__in=[one["uuid"] for one in people], is_active=True)
    told = [user for user in users if str(user.pk) != entry.actor_id and _sees(user, incident)]
    url = reverse(f"incidents:{tab}", args=[incident.public_id]) + place
    text = f"{how} incident #{incident.public_id}, {incident.get_severity_display()}: {incident.title}"
    notify(users=told, entry=entry, text=text, url=url, mailed=mailed)
