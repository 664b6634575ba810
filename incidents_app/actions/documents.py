"""Postmortems that are kept here, as documents of an incident."""

from __future__ import annotations

from django.db import transaction
from django.urls import reverse

from accounts_app.access import Actor, require
from accounts_app.rules import locked
from core_app.ledger import record
from incidents_app.actions import checking
from incidents_app.actions.work import MAX_DOCUMENT
from incidents_app.models import Attachment, Incident, PostmortemTemplate
from incidents_app.models.managers import WRITE
from incidents_app.queries.postmortem import default_template, for_everybody, postmortem


@transaction.atomic
def keep_postmortem(
    *,
    actor: Actor,
    incident: Incident,
    title: str = "",
    content: str = "",
    template: PostmortemTemplate | None = None,
) -> Attachment:
    """Keep a postmortem as a document of the incident.

    Without `content` it is drafted, by the headings of the template or else of the default one of the incident's type;
    it names no signals and no cases, which not everybody may see who sees the incident.
    Raises NotAllowed, NotFound or Invalid.
    """
    require(actor, WRITE)
    row = locked(Incident.objects.visible_to(actor), incident.pk)
    words = checking.text(content, "content", MAX_DOCUMENT)
    if not words:
        words = postmortem(for_everybody(actor), row, template or default_template(actor, row))[:MAX_DOCUMENT]
    name = checking.text(title, "title", checking.MAX_TITLE) or f"Postmortem: #{row.public_id} {row.title}"
    made = Attachment(
        incident=row,
        kind=Attachment.Kind.POSTMORTEM,
        title=name[: checking.MAX_TITLE],
        content=words,
        created_by=actor.user,
    )
    made.url = reverse("incidents:document", args=[row.public_id, made.uuid])
    made.save()
    record(actor, "incidents.attachment_added", row, title=made.title, url=made.url, attachment=str(made.uuid))
    return made
