"""The triage states and the moves between them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from core_app.errors import IllegalMove
from signals_app.models import Signal, TriageState

REOPEN_RULE = "An archived signal can be moved back to Open only within 30 days of when it was originally detected"
REOPEN_WITHIN = timedelta(days=30)  # of first detection; source: "Triage a signal" in the product's own description

MOVES: dict[str, tuple[TriageState, ...]] = {
    TriageState.OPEN: (TriageState.UNDER_REVIEW, TriageState.ARCHIVED),
    TriageState.UNDER_REVIEW: (TriageState.OPEN, TriageState.ARCHIVED),
    TriageState.ARCHIVED: (TriageState.OPEN,),
}


@dataclass(frozen=True)
class Move:
    """One entry of the state menu: allowed, or `why` not."""

    to: TriageState
    why: str = ""

    @property
    def allowed(self) -> bool:
        return not self.why


def why_not(signal: Signal, to: TriageState, now: datetime | None = None) -> str:
    """Why this signal may not move to that state now; an empty string if it may."""
    state = TriageState(signal.state)
    if to not in MOVES[state]:
        ways = " or ".join(move.label for move in MOVES[state])
        return f"A signal that is {state.label} cannot become {to.label}; from here it goes to {ways}."
    if state == TriageState.ARCHIVED and (now or timezone.now()) - signal.first_seen > REOPEN_WITHIN:
        return f"{REOPEN_RULE}: this one was detected on {signal.first_seen:%-d %B %Y}."
    return ""


def check_move(signal: Signal, to: TriageState) -> None:
    """Raise IllegalMove unless the signal may move to that state now."""
    if why := why_not(signal, to):
        reason = f"{REOPEN_RULE}." if why.startswith(REOPEN_RULE) else why
        raise IllegalMove(why, state=signal.state, reason=reason)


def moves(signal: Signal) -> list[Move]:
    """The whole state menu for one signal: every state but its own, each allowed or with its reason."""
    return [Move(to, why_not(signal, to)) for to in TriageState if to != signal.state]
