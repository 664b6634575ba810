"""What operators do with sources and with items that could not be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.db import transaction

from accounts_app.access import Actor, require
from accounts_app.keys import new_secret
from core_app.errors import Conflict, NotFound
from core_app.ledger import record, record_each
from core_app.outcome import Outcome
from signals_app import intake
from signals_app.actions.catalogue import check, edit_rows, known
from signals_app.models import RawItem, Source

SOURCES_WRITE = "org_management"
SOURCE_FIELDS = frozenset({"env", "time_zone", "hosts", "default_service", "is_enabled"})


class NewToken(NamedTuple):
    """A source and its token, which is shown this once and never stored."""

    source: Source
    token: str


@transaction.atomic
def create_source(*, actor: Actor, name: str, format: str, **fields: Any) -> NewToken:
    """Let a sensor in. `fields` are of SOURCE_FIELDS. Raises NotAllowed or Invalid."""
    require(actor, SOURCES_WRITE)
    secret = new_secret()
    source = Source(
        name=name,
        format=format,
        token_digest=secret.digest,
        token_last4=secret.last4,
        **known(fields, SOURCE_FIELDS),
    )
    check(source)
    source.save()
    record(actor, "signals.source_created", source, name=name, format=source.format)
    return NewToken(source, secret.value)


@transaction.atomic
def edit_sources(*, actor: Actor, seen: Mapping[int, int | None], **fields: Any) -> Outcome[Source]:
    """Give sources new values (of SOURCE_FIELDS); `seen` maps each one's pk to the version looked at.

    Raises NotAllowed or Invalid; refuses single rows with StaleVersion or NotFound.
    """
    require(actor, SOURCES_WRITE)
    fields = known(fields, SOURCE_FIELDS)
    return edit_rows(actor, "signals.source_edited", Source.objects.visible_to(actor), seen, fields)


@transaction.atomic
def rotate_token(*, actor: Actor, source: int, seen_last4: str | None = None) -> NewToken:
    """Give a source (by pk) a new token; the old one is worthless at once.

    `seen_last4` is the end of the token that is to be replaced; None makes no claim.
    Raises NotAllowed, NotFound, or Conflict where another has taken its place since.
    """
    require(actor, SOURCES_WRITE)
    row = _locked(actor, source)
    if seen_last4 is not None and seen_last4 != row.token_last4:
        raise Conflict("The token has been replaced since: the newest was shown to whoever made it.")
    secret = new_secret()
    before, row.token_digest, row.token_last4 = row.token_last4, secret.digest, secret.last4
    row.save(update_fields=["token_digest", "token_last4"])
    record(actor, "signals.source_token_rotated", row, last4=[before, secret.last4])
    return NewToken(row, secret.value)


@transaction.atomic
def retry_items(*, actor: Actor, items: Sequence[int]) -> Outcome[RawItem]:
    """Let unreadable items (by pk) be read again, after a source's settings or a parser have been mended.

    Raises NotAllowed; refuses single items that are not there. Items that are not unreadable stay as they are.
    """
    require(actor, SOURCES_WRITE)
    outcome: Outcome[RawItem] = Outcome()
    rows = RawItem.objects.visible_to(actor).filter(pk__in=list(items)).order_by("pk").select_for_update(of=("self",))
    found = {row.pk: row for row in rows}
    for pk in sorted(set(items)):
        row = found.get(pk)
        if row is None:
            outcome.refused[pk] = NotFound("There is no such item.")
        elif row.state != RawItem.State.UNREADABLE:
            outcome.unchanged.append(row)
        else:
            outcome.changed.append(row)
    RawItem.objects.filter(pk__in=[row.pk for row in outcome.changed]).update(state=RawItem.State.PENDING)
    record_each(actor, "signals.item_retried", [(row, {"reason": row.reason}) for row in outcome.changed])
    if outcome.changed:
        intake.nudge()
    return outcome


def _locked(actor: Actor, pk: int) -> Source:
    row = Source.objects.visible_to(actor).select_for_update().filter(pk=pk).first()
    if row is None:
        raise NotFound("There is no such source.")
    return row
