"""Signals, read: v2's list, search and single signal, and what stands around one."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from accounts_app.access import require
from accounts_app.permissions import RULES_READ
from core_app.errors import NotFound
from core_app.turns import turn
from datadog_app import describing as told
from datadog_app.api.door import Door, Stopwatch, as_json, request_id
from datadog_app.queries.investigating import identities, matching, reading, samples, suggestions
from datadog_app.queries.pages import NEWEST_FIRST, SORTS, Found, Search, find
from datadog_app.queries.signals import Told, key_of
from datadog_app.queries.signals import told as told_signals
from datadog_app.reading import choice, given, number, text, wrong
from datadog_app.serializers.signals import SearchSerializer, custom, matching_signal, signal_attributes, whole_signal

READ = "security_monitoring_signals_read"
MOST = 1000  # signals of a page
ONE_OF = 200  # entities that one signal names


class SignalDoor(Door):
    """What the endpoints of signals have in common."""

    group = "signals"

    def key(self, request: Request, signal_id: str) -> int:
        """The key of the signal of the address. Raises NotFound."""
        if (key := key_of(request.actor, signal_id)) is None:
            raise NotFound("Signal not found")
        return key


class SignalList(SignalDoor):
    """`GET /api/v2/security_monitoring/signals`."""

    @told.operation("Security signals", "List signals", query=told.SIGNAL_FILTERS, answer=told.SIGNALS)
    def get(self, request: Request) -> HttpResponse:
        require(request.actor, READ)
        search = Search(
            query=text(request, "filter[query]"),
            start=text(request, "filter[from]"),
            end=text(request, "filter[to]"),
            sort=choice(request, "sort", SORTS, NEWEST_FIRST),
            limit=number(request, "page[limit]", 10, least=1, most=MOST),
            cursor=text(request, "page[cursor]"),
            in_address=True,
        )
        return page(request, search)


class SignalSearch(SignalDoor):
    """`POST /api/v2/security_monitoring/signals/search`."""

    @told.operation("Security signals", "Search signals", body=SearchSerializer, answer=told.SIGNALS)
    def post(self, request: Request) -> HttpResponse:
        require(request.actor, READ)
        asked = given(request, SearchSerializer)
        narrowed, paged = asked.get("filter") or {}, asked.get("page") or {}
        search = Search(
            query=narrowed.get("query") or "",
            start=narrowed.get("from") or "",
            end=narrowed.get("to") or "",
            sort=asked.get("sort") or NEWEST_FIRST,
            limit=paged.get("limit") or 10,
            cursor=paged.get("cursor") or "",
        )
        return page(request, search)


def page(request: Request, search: Search) -> HttpResponse:
    """One page of signals, with the address of the next."""
    watch = Stopwatch()
    with turn():
        found = find(request.actor, search, timezone.now())
        rows = b",".join(map(listed, told_signals(request.actor, found.pks)))
    frame: dict[str, Any] = {"meta": {"elapsed": watch.elapsed, "request_id": request_id(request), "status": "done"}}
    if found.cursor:
        frame["meta"]["page"] = {"after": found.cursor}
        frame["links"] = {"next": next_page(request, search, found)}
    return HttpResponse(b'{"data":[%b],%b' % (rows, as_json(frame)[1:]), content_type="application/json")


def listed(one: Told) -> bytes:
    """One signal of a list. Its two maps are the same and by far the most of it, so they are written once."""
    inner, outer = as_json(custom(one)), as_json(signal_attributes(one))[:-1]
    head = b'{"id":%b,"type":"signal","attributes":%b' % (as_json(one.row.public_id), outer)
    return b'%b,"attributes":%b,"custom":%b}}' % (head, inner, inner)


def next_page(request: Request, search: Search, found: Found) -> str:
    """The address of the next page, for GET, also after a search."""
    asked = {
        "filter[query]": search.query,
        "filter[from]": search.start,
        "filter[to]": search.end,
        "sort": search.sort,
        "page[cursor]": found.cursor,
        "page[limit]": search.limit,
    }
    path = "/api/v2/security_monitoring/signals"
    return request.build_absolute_uri(f"{path}?{urlencode({name: value for name, value in asked.items() if value})}")


class SignalDetail(SignalDoor):
    """`GET /api/v2/security_monitoring/signals/{signal_id}`."""

    @told.operation("Security signals", "Get a signal's details", answer=told.SIGNAL)
    def get(self, request: Request, signal_id: str) -> Response:
        require(request.actor, READ)
        key = self.key(request, signal_id)
        one = told_signals(request.actor, [key], entities=ONE_OF, more=["created_at"])[0]
        return Response(whole_signal(one, samples(key)))


class SignalEntities(SignalDoor):
    """`GET …/signals/{signal_id}/entities`: the addresses and people that the signal is about."""

    @told.operation("Security signals", "Get the entities of a signal", query=[told.LIMIT], answer=told.ENTITIES)
    def get(self, request: Request, signal_id: str) -> Response:
        require(request.actor, READ)
        key = self.key(request, signal_id)
        limit = number(request, "limit", 100, least=1, most=MOST)
        attributes = {"identities": identities(key, limit)}
        return Response({"data": {"id": signal_id, "type": "entities", "attributes": attributes}})


class InvestigationQueries(SignalDoor):
    """`GET …/signals/{signal_id}/investigation_queries`: what to look for next."""

    @told.operation("Security signals", "Get investigation queries for a signal", answer=told.SUGGESTIONS)
    def get(self, request: Request, signal_id: str) -> Response:
        require(request.actor, READ)
        require(request.actor, RULES_READ)
        return Response(
            {"data": suggestions(request.actor, self.key(request, signal_id), request.build_absolute_uri("/"))}
        )


class SuggestedActions(SignalDoor):
    """`GET …/signals/{signal_id}/suggested_actions`: the same, and what to read."""

    @told.operation("Security signals", "Get suggested actions for a signal", answer=told.SUGGESTIONS)
    def get(self, request: Request, signal_id: str) -> Response:
        require(request.actor, READ)
        require(request.actor, RULES_READ)
        key = self.key(request, signal_id)
        first, *others = suggestions(request.actor, key, request.build_absolute_uri("/"))
        # What is to be read comes second, where programs that know the original look for it.
        return Response({"data": [first, *reading(request.actor, key), *others]})


class MatchingSignals(SignalDoor):
    """`GET /api/v2/security_monitoring/events/{event_id}/matching_signals`: what became of an event."""

    @told.operation("Security signals", "Get the signals that an event is of", query=[told.TRACK], answer=told.MATCHING)
    def get(self, request: Request, event_id: str) -> Response:
        require(request.actor, READ)
        found = matching(request.actor, event_id)
        if not text(request, "track"):
            raise wrong("track", "it is needed.")
        return Response({"data": [matching_signal(signal) for signal in found]})
