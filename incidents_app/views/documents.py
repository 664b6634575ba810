"""Postmortems that are kept here: made of the draft, read, and written on."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_http_methods

from incidents_app import actions
from incidents_app.models import Attachment
from incidents_app.queries import postmortem
from incidents_app.queries.postmortem import default_template, for_everybody, templates_for
from incidents_app.views.incident import HEADING
from incidents_app.views.parts import rights, visible_incident
from incidents_app.views.work import WRITTEN, answer, writable
from incidents_app.work_forms import DocumentForm


@require_GET
def incident_document(request: HttpRequest, public_id: int, uuid: UUID) -> HttpResponse:
    """A postmortem, to read."""
    incident = visible_incident(request, public_id)
    rows = Attachment.objects.visible_to(request.actor).filter(incident=incident).exclude(content="")
    row = get_object_or_404(rows.select_related("created_by"), uuid=uuid)
    # On the page its headings stand below the page's own.
    context = {"incident": incident, "row": row, "text": HEADING.sub(r"##\1", row.content), **rights(request)}
    return render(request, "incidents_app/document.html", context)


@require_http_methods(WRITTEN)
def document_add(request: HttpRequest, public_id: int) -> HttpResponse:
    """Keep the draft as a document, with what people make of it."""
    incident = writable(request, public_id)
    named = request.GET.get("template", "")
    templates = {str(one.uuid): one for one in templates_for(request.actor, incident)}
    template = templates.get(named) if "template" in request.GET else default_template(request.actor, incident)
    initial = {"title": f"Postmortem: #{incident.public_id} {incident.title}"[:300]}
    if request.method == "GET":
        initial["content"] = postmortem(for_everybody(request.actor), incident, template)
    return answer(
        request,
        incident,
        DocumentForm(request.POST or None, initial=initial),
        lambda given: actions.keep_postmortem(actor=request.actor, incident=incident, **given),
        tab="postmortem",
        title="Keep the postmortem",
        button="Keep",
    )
