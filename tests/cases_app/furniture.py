"""One of everything that cases are made of, for the tests that walk through the whole house."""

from accounts_app.access import Actor
from cases_app import actions
from cases_app.models import Case
from signals_app.models import Signal
from tests.cases_app.factories import ProjectFactory


def furnish(actor: Actor, text: str, signal: Signal) -> Case:
    """A case in which everything says `text`, with its newest `comment`, in a project of its own."""
    case = actions.create_case(
        actor=actor,
        project=ProjectFactory(key="HOUSE"),
        title=f"Case {text}",
        description=text,
        assignee=actor.user,
        attributes={"team": [text]},
        tags=[text],
    )
    actions.add_signals(actor=actor, case=case, signals={signal.pk: None})
    case.comment = actions.comment(actor=actor, case=case, body=text)
    return case
