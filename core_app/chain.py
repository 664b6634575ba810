"""The hash chain over the ledger: sealed by the sweep, so that no writer waits for it.

Each seal's digest is HMAC-SHA-256, under a key derived from SECRET_KEY, of the digest before it and
of the entry's whole content. Each entry carries a mark of its own from the moment it is written, so
that one which somebody else slipped in shows although the sweep sealed it. Whoever can write to the
database but does not know the key can therefore not alter, remove or insert an entry without
`verify` naming it; only what is not sealed yet, the last seconds, can vanish unseen.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, lru_cache

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, Max, OuterRef, QuerySet
from django.utils import timezone

from core_app.metrics import gauge
from core_app.models import ChainHead, Entry, Seal

CHUNK = 500  # entries sealed per transaction: keeps SQLite's write lock well under 50 ms
LONGEST_TRANSACTION = timedelta(hours=1)


def _keys() -> list[bytes]:
    """The current key first, then those of SECRET_KEY_FALLBACKS, derived for this use alone."""
    return [_derived(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


@cache
def _derived(secret: str) -> bytes:
    return hmac.digest(secret.encode(), b"tocsin.ledger.chain", "sha256")


def _mac(key: bytes, *parts: str) -> str:
    # Lengths keep ("ab", "c") and ("a", "bc") apart.
    text = "".join([f"{len(part)}:{part}" for part in parts])
    return hmac.digest(key, text.encode(), "sha256").hex()


def _content(entry: Entry) -> str:
    """The entry as one canonical text: every column, in a fixed order."""
    row = [
        entry.pk,
        entry.at.isoformat(timespec="microseconds"),
        entry.actor_kind,
        entry.actor_id,
        entry.actor_label,
        entry.verb,
        entry.target_type,
        entry.target_id,
        entry.target_label,
        str(entry.operation or ""),
        entry.request_id,
        entry.data,
    ]
    return json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def marker() -> Callable[[Entry], Entry]:
    """Puts our mark on entries that are about to be written."""
    key = _keys()[0]

    def marked(entry: Entry) -> Entry:
        nonce = secrets.token_hex(8)
        entry.mark = nonce + _proof(key, nonce, entry)
        return entry

    return marked


def _is_ours(entry: Entry) -> bool:
    nonce, proof = entry.mark[:16], entry.mark[16:]
    return any(hmac.compare_digest(proof, _proof(key, nonce, entry)) for key in _keys())


def _proof(key: bytes, nonce: str, entry: Entry) -> str:
    """Over who did what to what and when. `data` is left to the seal: databases write its numbers in their own way."""
    who_what_when = (_written(entry.at), entry.actor_kind, entry.actor_id, entry.verb)
    return _mac(key, "entry", nonce, *who_what_when, entry.target_type, entry.target_id)[:48]


@lru_cache(maxsize=1)  # thousands of entries in a row are of one moment
def _written(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")


def _matches(digest: str, *parts: str) -> bool:
    return any(hmac.compare_digest(digest, _mac(key, *parts)) for key in _keys())


def _unsealed(horizon: int = 0) -> QuerySet[Entry]:
    sealed = Seal.objects.filter(entry_id=OuterRef("pk"))
    return Entry.objects.filter(~Exists(sealed), pk__gt=horizon).order_by("pk")


@gauge("ledger_unsealed", "Ledger entries that the sweep has still to seal.")
def unsealed() -> int:
    head = ChainHead.objects.filter(pk=1).first() or ChainHead()
    return _unsealed(head.horizon).count()


def seal() -> int:
    """Seal what has been committed since the last time, a chunk a transaction. Returns how many entries."""
    done = 0
    while count := _seal_chunk():
        done += count
        if count < CHUNK:
            break
    return done


@transaction.atomic
def _seal_chunk() -> int:
    ChainHead.objects.get_or_create(pk=1)
    head = ChainHead.objects.select_for_update().get(pk=1)
    key = _keys()[0]
    seals = []
    digest, length = head.digest, head.length
    for entry in _unsealed(head.horizon)[:CHUNK]:
        length += 1
        digest = _mac(key, digest, _content(entry))
        seals.append(Seal(number=length, entry_id=entry.pk, digest=digest))
    if seals:
        Seal.objects.bulk_create(seals)
        head.length, head.digest = length, digest
        head.mac = _mac(key, "head", str(length), digest)
    horizon = _settled(head.horizon) if len(seals) < CHUNK else head.horizon
    if seals or horizon != head.horizon:
        head.horizon = horizon
        head.save()
    return len(seals)


def _settled(horizon: int) -> int:
    """The highest entry so old that no transaction can still commit a lower one: all up to it are sealed now.

    On PostgreSQL ids are given out before the commit, so a lower one may appear later.
    """
    before = timezone.now() - LONGEST_TRANSACTION
    highest = Entry.objects.filter(pk__gt=horizon, at__lt=before).aggregate(highest=Max("pk"))["highest"]
    return highest or horizon


@dataclass(frozen=True)
class Verdict:
    """What `verify` found: `fault` is an empty string when the chain is whole, `entry` the first one at fault."""

    sealed: int
    unsealed: int
    head: str
    fault: str = ""
    entry: int | None = None

    @property
    def whole(self) -> bool:
        return not self.fault


def verify() -> Verdict:
    """Walk the whole chain and name the first entry that was altered, removed or inserted."""
    head = ChainHead.objects.filter(pk=1).first() or ChainHead()
    fault, entry = next(_faults(head), ("", None))
    return Verdict(sealed=head.length, unsealed=_unsealed().count(), head=head.digest, fault=fault, entry=entry)


def _faults(head: ChainHead) -> Iterator[tuple[str, int | None]]:
    """What is wrong, in the order of the chain, and with which entry where that can be said."""
    digest, number = "", 0
    for number, (seal, entry) in enumerate(_links(), start=1):
        if seal.number != number:
            yield f"link {number} of the chain was removed", None
        if entry is None:
            yield f"entry {seal.entry_id} was removed", seal.entry_id
        elif not _matches(seal.digest, digest, _content(entry)):
            yield f"entry {entry.pk} was altered or its seal was", entry.pk
        elif not _is_ours(entry):
            yield f"entry {entry.pk} was inserted", entry.pk
        digest = seal.digest
    if number != head.length or digest != head.digest:
        yield f"the end of the chain was cut off after link {number}", None
    if head.length and not _matches(head.mac, "head", str(head.length), head.digest):
        yield "the record of the chain's end was altered", None
    for entry in _unsealed().iterator():
        if not _is_ours(entry):
            yield f"entry {entry.pk} was inserted", entry.pk
    for copied in Entry.objects.values("mark").annotate(times=Count("pk"), last=Max("pk")).filter(times__gt=1):
        yield f"entry {copied['last']} was inserted as a copy of another", copied["last"]


def _links() -> Iterator[tuple[Seal, Entry | None]]:
    last = 0
    while seals := list(Seal.objects.filter(number__gt=last).order_by("number")[:2000]):
        entries = Entry.objects.in_bulk([seal.entry_id for seal in seals])
        for seal in seals:
            yield seal, entries.get(seal.entry_id)
        last = seals[-1].number
