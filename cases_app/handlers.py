"""What follows from entries about cases: whoever is called, given work, or watches is told."""

from __future__ import annotations

from django.urls import reverse

from accounts_app.access import NOBODY, person
from accounts_app.models import User
from accounts_app.notifications import notify
from cases_app.models import Case, CaseWatcher, Comment
from cases_app.models.managers import READ
from cases_app.queries.rules import TOLD_BY_RULES, addresses_for, people_at
from cases_app.queries.windows import quiet_at
from cases_app.words import sentence
from core_app.ledger import on
from core_app.models import Entry
from search_app.bulk.given import given_together, is_of_operation, where


@on("cases.mentioned")
def tell_the_mentioned(entry: Entry) -> None:
    """Tell those whom a comment calls, unless it was taken back meanwhile.

    Its words are left where they are: they can be changed there, or taken back.
    """
    comment = Comment.objects.filter(uuid=entry.data["comment"], deleted_at=None).first()
    case = _case(entry)
    if comment is None or case is None:
        return
    text = f"{entry.actor_label} mentioned you in {case.key}: {case.title}"
    _tell(entry, case, entry.data["users"], text, f"#comment-{comment.uuid}")


@on("cases.assigned")
def tell_the_assigned(entry: Entry) -> None:
    """Tell whoever has been given a case by somebody else. Of many that are given at once they hear at the end."""
    if not is_of_operation(entry):
        _tell_of_work(entry, entry.data["assignee"][1]["uuid"])


@on("bulk.finished")
def tell_of_all_that_was_assigned(entry: Entry) -> None:
    """Tell whoever a bulk operation has given cases, once: how many, and where they are."""
    for user, given in given_together(entry, surface="cases", verb="cases.assigned", field="assignee"):
        quiet = quiet_at(entry.at, given)
        keys = [key for key in given if key not in quiet]
        if not keys:
            continue
        if len(keys) == 1:
            _tell_of_work(entry, str(user.uuid), keys[0])
        elif person(user).can(READ):
            url = reverse("cases:list") + where(entry.operation, "assignee:me")
            text = f"{entry.actor_label} assigned {len(keys):,} cases to you"
            notify(users=[user], entry=entry, text=text, url=url)


@on("cases.created")
def tell_who_is_to_do_it(entry: Entry) -> None:
    """Tell whoever has been given a case from its beginning."""
    if entry.data["assignee"]:
        _tell_of_work(entry, entry.data["assignee"]["uuid"])


# Many are told in the same words, and so without the signals that not all of them may see.
WATCHED = (
    "cases.status_changed",
    "cases.priority_set",
    "cases.assigned",
    "cases.unassigned",
    "cases.archived",
    "cases.unarchived",
    "cases.edited",
    "cases.commented",
)


def tell_those_who_watch(entry: Entry) -> None:
    """Tell the watchers of a case what happened to it, but not what was said."""
    case = _case(entry)
    if case is None:
        return
    watching = CaseWatcher.objects.filter(case=case).values_list("user__uuid", flat=True)
    done = "commented on it" if entry.verb == "cases.commented" else sentence(entry, NOBODY)
    text = f"{case.key}, {case.title}: {entry.actor_label} {done}"
    _tell(entry, case, [str(uuid) for uuid in watching], text)


def tell_by_rules(entry: Entry) -> None:
    """Tell those whom the rules of the project name."""
    case = _case(entry)
    if case is None:
        return
    named = [str(user.uuid) for user in people_at(addresses_for(entry, case))]
    _tell(entry, case, named, f"{case.key}, {case.title}: {entry.actor_label} {sentence(entry, NOBODY)}")


for _verb in WATCHED:
    on(_verb)(tell_those_who_watch)
for _verb in TOLD_BY_RULES:
    on(_verb)(tell_by_rules)


def _tell_of_work(entry: Entry, uuid: str, key: int | None = None) -> None:
    case = _case(entry, key)
    if case is not None:
        _tell(entry, case, [uuid], f"{entry.actor_label} assigned {case.key} to you: {case.title}")


def _case(entry: Entry, key: int | None = None) -> Case | None:
    return Case.objects.select_related("project").filter(pk=key or entry.target_id).first()


def _tell(entry: Entry, case: Case, uuids: list[str], text: str, place: str = "") -> None:
    """Tell these people, as far as they may see the case, but nobody of what they did themselves.

    What happens to a case in a maintenance window is told to nobody, then or later.
    """
    if uuids and quiet_at(entry.at, [case.pk]):
        return
    users = User.objects.filter(uuid__in=uuids, is_active=True).exclude(pk=entry.actor_id or 0)
    told = [user for user in users if Case.objects.visible_to(person(user)).filter(pk=case.pk).exists()]
    notify(users=told, entry=entry, text=text, url=reverse("cases:detail", args=[case.key]) + place)
