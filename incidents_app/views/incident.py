"""One incident: its header and its five tabs, each with an address of its own."""

from __future__ import annotations

import re
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from core_app.http import wants_fragment
from incidents_app.actions import LINK
from incidents_app.models import Incident, IncidentSignal, PostmortemTemplate, Severity, State
from incidents_app.queries import KINDS, postmortem, timeline, times_of
from incidents_app.queries.declared import of_impacts, properties_of, roles_in
from incidents_app.queries.postmortem import templates_for
from incidents_app.queries.rows import linked_cases
from incidents_app.views.parts import rights, visible_incident
from incidents_app.words import affected
from incidents_app.work_forms import NoteForm
from search_app.explorer import Address
from signals_app.explorer import EXPLORER as SIGNALS_EXPLORER
from signals_app.models import TriageState

TABS = (
    ("detail", "Overview"),
    ("timeline", "Timeline"),
    ("signals", "Signals"),
    ("remediation", "Remediation"),
    ("postmortem", "Postmortem"),
)
HEADING = re.compile(r"^(#{1,4} )", re.MULTILINE)
SIGNALS = 50  # on a page
ITEMS = 200  # of the timeline on a page
PAGE = "incidents_app/incident.html"
PARTS = {"incident-live": f"{PAGE}#live", "incident-items": "incidents_app/timeline_items.html"}


def _draw(request: HttpRequest, incident: Incident, tab: str, context: dict[str, Any]) -> HttpResponse:
    links = IncidentSignal.objects.visible_to(request.actor).filter(incident=incident)
    context |= {
        "incident": incident,
        "tab": tab,
        "tab_template": f"incidents_app/tab_{tab}.html",
        "tabs": [(name, label, reverse(f"incidents:{name}", args=[incident.public_id])) for name, label in TABS],
        "here": request.get_full_path(),
        "times": times_of(incident),
        "states": list(State),
        "severities": list(Severity),
        "responders": list(incident.responders.all()),
        "signals_total": links.count(),
        "todos_open": incident.todos.filter(completed_at=None).count(),
        **rights(request),
    }
    part = PARTS.get(request.htmx.target or "") if wants_fragment(request) else None
    return render(request, part or PAGE, context)


@require_GET
def incident_detail(request: HttpRequest, public_id: int) -> HttpResponse:
    """What happened, who feels it, why, and who is there."""
    incident = visible_incident(request, public_id)
    impacts = list(incident.impacts.all())
    properties, missing = properties_of(incident)
    context = {
        "impacts": of_impacts(incident, impacts),
        "affected": affected(incident, impacts),
        "attachments": list(incident.attachments.all()),
        "integrations": list(incident.integrations.all()),
        "cases": linked_cases(request.actor, incident),
        "tags": [tag.text for tag in incident.tags.all()],
        "properties": properties[""],
        "of_what_happened": properties["what_happened"],
        "of_root_cause": properties["why_it_happened"],
        "missing": missing,
        "left_out_of": [word for one in incident.incidentconfigurations.all() for word in one.left_out_of],
        "overrides": list(incident.timestampoverrides.all()),
        "roles": roles_in(incident),
    }
    return _draw(request, incident, "detail", context)


@require_GET
def incident_timeline(request: HttpRequest, public_id: int) -> HttpResponse:
    """Everything that happened, filtered by kind and in the order that is asked for."""
    incident = visible_incident(request, public_id)
    kind = request.GET.get("kind", "")
    kind = kind if kind in KINDS else ""
    newest_first = request.GET.get("order") == "desc"
    items = timeline(request.actor, incident, kinds=[kind] if kind else [], newest_first=newest_first)
    pages = Paginator(items, ITEMS)
    # Without a word about it one is where things happen: at the end of the story.
    page = pages.get_page(request.GET.get("page") or (1 if newest_first else pages.num_pages))
    order = "desc" if newest_first else "asc"
    context = {
        "page": page,
        "kind": kind,
        "kinds": [("", "Everything"), *KINDS.items()],
        "order": order,
        "other_order": "asc" if newest_first else "desc",
        "note_form": NoteForm(),
        "me": request.actor.user,
    }
    return _draw(request, incident, "timeline", context)


@require_GET
def incident_signals(request: HttpRequest, public_id: int) -> HttpResponse:
    """The signals that it is about."""
    incident = visible_incident(request, public_id)
    links = IncidentSignal.objects.visible_to(request.actor).filter(incident=incident)
    links = links.select_related("signal__rule", "signal__service", "added_by").order_by("-pk")
    page = Paginator(links, SIGNALS).get_page(request.GET.get("page"))
    waiting = links.exclude(signal__state=TriageState.ARCHIVED).count()
    query = Address(query=f"@incident.id:{incident.public_id}", range="90d")
    context = {
        "page": page,
        "waiting": waiting,
        "explore": f"{SIGNALS_EXPLORER.path}{query}",
        "can_link": request.actor.can(LINK),
    }
    return _draw(request, incident, "signals", context)


@require_GET
def incident_remediation(request: HttpRequest, public_id: int) -> HttpResponse:
    """What is to be done, by whom and until when."""
    incident = visible_incident(request, public_id)
    todos = list(incident.todos.prefetch_related("assignees").order_by("completed_at", "due_at", "pk"))
    open_ones = sorted((t for t in todos if not t.completed_at), key=lambda t: (t.due_at is None, t.due_at, t.pk))
    finished = [todo for todo in todos if todo.completed_at]
    context = {"open_ones": open_ones, "finished": finished, "now": timezone.now()}
    return _draw(request, incident, "remediation", context)


@require_GET
def incident_postmortem(request: HttpRequest, public_id: int) -> HttpResponse:
    """The draft of the postmortem, to read, to copy and to take away."""
    incident = visible_incident(request, public_id)
    templates = templates_for(request.actor, incident)
    template = _template(request, templates)
    draft = postmortem(request.actor, incident, template)
    # On the page its headings stand below the page's own.
    preview = HEADING.sub(r"##\1", draft)
    documents = list(incident.attachments.exclude(content=""))
    context = {
        "draft": draft,
        "preview": preview,
        "templates": templates,
        "template": template,
        "documents": documents,
    }
    return _draw(request, incident, "postmortem", context)


@require_GET
def incident_postmortem_file(request: HttpRequest, public_id: int) -> HttpResponse:
    """The same as a file."""
    incident = visible_incident(request, public_id)
    draft = postmortem(request.actor, incident, _template(request, templates_for(request.actor, incident)))
    response = HttpResponse(draft, content_type="text/markdown; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="postmortem-{incident.public_id}.md"'
    return response


def _template(request: HttpRequest, templates: list[PostmortemTemplate]) -> PostmortemTemplate | None:
    """The one that is asked for, or the default one; None for our own headings."""
    asked = request.GET.get("template")
    if asked is not None:
        return next((one for one in templates if str(one.uuid) == asked), None)
    return next((one for one in templates if one.default_since), None)
