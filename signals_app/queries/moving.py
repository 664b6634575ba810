"""One signal, read no further than its menu of states looks: it is asked for with every triage click."""

from __future__ import annotations

from accounts_app.access import Actor
from core_app.prepared import Prepared, Slot
from signals_app.models import Signal
from signals_app.queries.rows import visible

COLUMNS = ("id", "version", "public_id", "title", "state", "first_seen")
# It asks nothing of what the reader may see; `signal_to_move` does.
_SIGNAL = Prepared(lambda: Signal.objects.filter(public_id=Slot("public_id")).order_by().values_list(*COLUMNS))


def signal_to_move(actor: Actor, public_id: str) -> Signal | None:
    """The signal with that public id; None where there is none, or none that the actor may see."""
    signal = next(_SIGNAL.objects(Signal, columns=COLUMNS, public_id=public_id), None)
    return signal if signal is not None and visible(actor, [signal.pk]) else None
