"""One page of signals, and the way to the next: by keys, in a window that the first page has fixed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from django.core.signing import BadSignature, Signer

from accounts_app.access import Actor
from core_app.errors import Invalid
from datadog_app.errors import Refusals
from datadog_app.reading import moment
from search_app.index import Page, Window, explore
from signals_app.fields import SIGNALS

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
TICK = timedelta(milliseconds=1)  # what the wire tells of a moment
LAST = datetime.max.replace(tzinfo=UTC) - 2 * TICK  # of which there is a next
OLDEST_FIRST, NEWEST_FIRST = "timestamp", "-timestamp"
SORTS = (OLDEST_FIRST, NEWEST_FIRST)

_signer = Signer(salt="datadog.cursor")


@dataclass(frozen=True)
class Search:
    """What is asked for. `start` and `end` are as they were sent: a date-time, or relative as `now-15m`."""

    query: str = ""
    start: str = ""
    end: str = ""
    sort: str = NEWEST_FIRST
    limit: int = 10
    cursor: str = ""
    in_address: bool = False  # where it was asked: not in a body

    def named(self, part: str, name: str) -> str:
        """How whoever asked has written a part of it."""
        return f"{part}[{name}]" if self.in_address else f"{part}.{name}"

    def window(self, now: datetime) -> Window:
        """All of time up to now unless it is narrowed; the end is included, as the original does. Raises Refusals."""
        start = moment(self.start, self.named("filter", "from"), now) if self.start else BEGINNING
        end = min(moment(self.end, self.named("filter", "to"), now) if self.end else now, LAST)
        if start > end:
            raise Refusals([(("filter",), "“from” is later than “to”.")])
        return Window(start, end.replace(microsecond=end.microsecond // 1000 * 1000) + TICK)


@dataclass(frozen=True)
class Found:
    """The keys of a page in order, and the cursor of the next page; empty when this is the last."""

    pks: list[int]
    cursor: str


def find(actor: Actor, search: Search, now: datetime) -> Found:
    """One page. Raises QueryError for a faulty query, Refusals for a window or a cursor that cannot be.

    The first page fixes the moments that `now` means, and its cursor carries them: signals that arrive
    meanwhile neither move the pages nor come into them. What is sent beside a cursor must be what its page was of.
    """
    tree = SIGNALS.parse(search.query)
    window, after = search.window(now), ""
    if search.cursor:
        start, end, after = _read(search)
        window = Window(datetime.fromisoformat(start), datetime.fromisoformat(end))
    page = Page(descending=search.sort == NEWEST_FIRST, after=after, size=search.limit)
    found = explore(SIGNALS, actor, tree, window, [], page, over_time=False)
    if not found.next:
        return Found(found.pks, "")
    facts = [_digest(search), window.start.isoformat(), window.end.isoformat(), found.next]
    return Found(found.pks, _signer.sign_object(facts, compress=True))


def _read(search: Search) -> tuple[str, str, str]:
    name = search.named("page", "cursor")
    try:
        asked, start, end, after = _signer.unsign_object(search.cursor)
    except (BadSignature, ValueError):
        raise Invalid(f"{name}: this is no cursor of ours; take meta.page.after as it is.") from None
    if asked != _digest(search):
        raise Invalid(f"{name}: it belongs to another query or another order. Start again without it.")
    return start, end, after


def _digest(search: Search) -> str:
    """What a cursor remembers of the question: it travels in addresses, which may not grow long."""
    return sha256(f"{search.sort} {search.query}".encode()).hexdigest()[:20]
