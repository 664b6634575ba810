"""One of everything that incidents are made of, for the tests that walk through the whole house."""

from django.utils import timezone

from accounts_app.access import Actor
from incidents_app import actions
from incidents_app.models import Incident
from signals_app.models import Signal
from tests.incidents_app.factories import make_case


def furnish(actor: Actor, text: str, signal: Signal, *, settings: str = "") -> Incident:
    """An incident in which everything says `text`; it has an attribute for each thing that addresses are about.

    What is set for all incidents of its type says `settings` if that is given, since it is not the incident's own.
    """
    incident = actions.declare(
        actor=actor,
        title=f"Incident {text}",
        summary=text,
        customer_impact_scope=text,
        tags=[text],
        fields={"services": {"type": "multiselect", "value": [text]}},
        commander=actor.user,
        responders=[actor.user],
        signals={signal.pk: None},
    )
    note = actions.add_note(actor=actor, incident=incident, body=f"before {text}")
    incident.note = actions.edit_note(actor=actor, note=note, body=text)
    incident.todo = actions.add_todo(actor=actor, incident=incident, content=text, assignees=[actor.user])
    incident.impact = actions.add_impact(actor=actor, incident=incident, description=text, start_at=timezone.now())
    incident.attachment = actions.add_attachment(
        actor=actor, incident=incident, title=text, url="https://example.test/"
    )
    metadata = {"channels": [{"channel_id": "C1", "channel_name": text, "redirect_url": "https://example.test/"}]}
    incident.integration = actions.add_integration(actor=actor, incident=incident, kind=1, metadata=metadata)
    incident.document = actions.keep_postmortem(actor=actor, incident=incident, title=text, content=text)
    incident.override = actions.override_timestamp(
        actor=actor, incident=incident, kind="declared", value=timezone.now()
    )
    actions.configure_incident(actor=actor, incident=incident, execute_integrations=False)
    common = settings or text
    incident.template = actions.create_notification_template(
        actor=actor, type=incident.type, name=common, category="alert", subject=common, content=common
    )
    incident.rule = actions.create_notification_rule(
        actor=actor,
        type=incident.type,
        trigger="incident_created_trigger",
        handles=[f"@{common}"],
        template=incident.template,
    )
    incident.postmortem = actions.create_postmortem_template(
        actor=actor, type=incident.type, name=common, content=f"# Overview\n\n{common}"
    )
    incident.field = actions.create_user_defined_field(
        actor=actor, type=incident.type, name=f"field.{incident.pk}", kind="textbox", display_name=common
    )
    incident.impact_field = actions.create_impact_field(
        actor=actor, type=incident.type, name=f"impact.{incident.pk}", kind="textbox", display_name=common
    )
    incident.handle = actions.create_incident_handle(
        actor=actor, type=incident.type, name=f"@incident-{incident.pk}", severities=["SEV-1"]
    )
    actions.edit_global_settings(actor=actor, analytics_dashboard_id=common)
    incident.role = actions.create_user_defined_role(actor=actor, type=incident.type, name=f"{common} {incident.pk}")
    actions.set_role_holders(actor=actor, incident=incident, holders={incident.role: [actor.user]})
    incident.case = make_case(f"Case {text}")
    actions.link_case(actor=actor, incident=incident, case=incident.case)
    return incident
