"""Cases as rows of lists, columns of a board, and marks in the rows of signals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts_app.access import Actor
from cases_app.fields import CASES, case_rows
from cases_app.models import Case, CaseSignal, Status
from core_app.prepared import Prepared, Slot
from search_app.attributes import elements
from search_app.language import Node
from search_app.to_q import compile_q
from signals_app.marks import Mark
from signals_app.models import Signal

CARDS = 50  # of one column of the board
FOUND = 20  # cases that are offered to choose from


def case_list(actor: Actor, pks: Sequence[int], *, whole: bool = False) -> list[Case]:
    """The cases with these keys, in this order, with whom and what they name; `signals_total` counts their signals.

    `whole` reads their long texts too.
    """
    cases = named(Case.objects.visible_to(actor).filter(pk__in=pks))
    found = {case.pk: case for case in (cases.defer(None) if whole else cases)}
    rows = [found[pk] for pk in pks if pk in found]
    count_signals(actor, rows)
    return rows


def named(cases: QuerySet[Case]) -> QuerySet[Case]:
    """With whom and what a row names, and without the long text that it does not show."""
    joined = cases.select_related("project", "type", "assignee", "created_by").prefetch_related("tags")
    return joined.defer("description", "search_text")


def count_signals(actor: Actor, cases: Sequence[Case]) -> None:
    """Give each case its `signals_total`: how many it has that the actor may see."""
    links = CaseSignal.objects.filter(case__in=cases, signal__in=Signal.objects.visible_to(actor))
    totals = dict(links.order_by().values_list("case").annotate(Count("pk")))
    for case in cases:
        case.signals_total = totals.get(case.pk, 0)
        case.is_overdue = is_overdue(case)


def attribute_text(case: Case, path: str) -> str:
    """What the case's attributes hold at an `@path`, in one line."""
    return ", ".join(str(one) for one in elements(case.attributes, path[1:].split(".")) if one is not None)


def is_overdue(case: Case) -> bool:
    """Whether its last day is over and it is not closed."""
    return bool(case.due_date and case.due_date < timezone.localdate() and case.status != Status.CLOSED)


def meeting(actor: Actor, tree: Node) -> QuerySet[Case]:
    """The cases of whatever time that meet a query, as far as the actor may see them."""
    return case_rows(actor).filter(compile_q(CASES.meant(tree), CASES.table, actor))


@dataclass(frozen=True)
class Lane:
    """One column of the board: its first cases, and how many there are."""

    status: Status
    cases: list[Case]
    total: int

    @property
    def beyond(self) -> int:
        return self.total - len(self.cases)


def board(actor: Actor, tree: Node) -> list[Lane]:
    """The cases that meet a query, a lane a status: the most urgent first, and of those closed the last ones.

    Raises QueryValueError for a value that its field cannot have.
    """
    cases = meeting(actor, tree)
    totals = Counter(dict(cases.order_by().values_list("status").annotate(Count("pk"))))
    urgent = CASES.order("priority").desc()
    lanes = []
    for status in Status:
        order = ("-closed_at", "-pk") if status == Status.CLOSED else (urgent, "-created_at", "-pk")
        first = list(named(cases.filter(status=status)).order_by(*order)[:CARDS])
        lanes.append(Lane(status, first, totals[status]))
    count_signals(actor, [case for lane in lanes for case in lane.cases])
    return lanes


def find_cases(actor: Actor, text: str, *, closed: bool = False) -> list[Case]:
    """Cases to choose from, neither archived nor closed, with all these words in key or title; the last changed first.

    With `closed` also those that are closed or archived: what came to its end may still belong to something.
    """
    cases = Case.objects.visible_to(actor)
    if not closed:
        cases = cases.filter(archived_at=None).exclude(status=Status.CLOSED)
    for word in text.casefold().split()[:10]:
        cases = cases.filter(search_text__contains=word)
    return list(cases.select_related("project", "assignee").order_by("-modified_at", "-pk")[:FOUND])


def cases_of_signal(actor: Actor, signal: Signal) -> list[Case]:
    """Every case that a signal is in, the newest first, closed and archived ones too."""
    cases = Case.objects.visible_to(actor).filter(signal_links__signal=signal)
    return list(cases.select_related("project", "assignee").order_by("-pk"))


_LINKED = Prepared(lambda: CaseSignal.objects.filter(signal__among=Slot("signals")).order_by().values_list("pk"))


def marks(actor: Actor, pks: Sequence[int]) -> Iterator[tuple[int, Mark]]:
    """The keys of the cases that signals are in, of those that are neither closed nor archived."""
    linked = [pk for (pk,) in _LINKED.rows(signals=pks)]
    if not linked:  # so it is for most pages, and much the cheaper question
        return
    open_ones = Case.objects.visible_to(actor).filter(archived_at=None).exclude(status=Status.CLOSED)
    links = CaseSignal.objects.filter(pk__among=linked, case__in=open_ones)
    columns = ("signal", "case__project__key", "case__number", "case__title", "case__status")
    for pk, project, number, title, status in links.order_by("case").values_list(*columns):
        key = f"{project}-{number}"
        yield pk, Mark(key, f"Case {key}, {Status(status).label}: {title}", reverse("cases:detail", args=[key]))
