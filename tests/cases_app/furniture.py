"""One of everything that cases are made of, for the tests that walk through the whole house."""

from datetime import timedelta

from django.utils import timezone

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
    case.attribute = actions.create_custom_attribute(
        actor=actor, type=case.type, key=f"k{case.pk}", name=text, kind="TEXT", description=text
    )
    actions.edit_cases(actor=actor, seen={case.pk: None}, custom_attributes={case.attribute.key: text})
    actions.watch(actor=actor, case=case, user=actor.user)
    other = actions.create_case(actor=actor, project=case.project, title=f"Other {text}")
    case.link = actions.link_cases(actor=actor, parent=case, child=other, relationship="BLOCKS")
    actions.set_favourite_project(actor=actor, project=case.project, on=True)
    case.rule = actions.create_project_rule(
        actor=actor,
        project=case.project,
        recipients=[{"type": "EMAIL", "data": {"email": text}}],
        triggers=[{"type": "CASE_CREATED"}],
    )
    now = timezone.now()
    case.window = actions.create_maintenance_window(
        actor=actor, name=text, query="key:NONE-1", start_at=now, end_at=now + timedelta(hours=1)
    )
    return case
