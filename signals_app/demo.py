"""The demo: real attacks on a small shop, recorded at its edge, through the ordinary intake.

The recording took two minutes. Its campaigns are spread over the last seven days, so that the timeline looks
like a week; within a campaign every second is as it was, and each item keeps its own times beside the new ones.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

from django.db import transaction

from accounts_app.access import system
from accounts_app.models import Team
from signals_app import actions, intake, processing
from signals_app.models import Service, Source
from signals_app.sources import FORMATS, edge_access
from signals_app.sources.reading import mapping

ACTOR = system("demo")
SOURCE = "edge-waf"
RECORDINGS = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Campaign:
    """Addresses that belong together, and how long before now the demo lets them begin."""

    networks: tuple[str, ...]
    ago: timedelta


def _ago(days: int, hours: int = 0, minutes: int = 0) -> timedelta:
    return timedelta(days=days, hours=hours, minutes=minutes)


CAMPAIGNS = (
    Campaign(("203.0.113.30/32",), _ago(6, 14)),  # a word list against the shop
    Campaign(("127.0.0.77/32",), _ago(5, 20)),  # a port scanner's HTTP scripts
    Campaign(("203.0.113.20/32",), _ago(4, 9)),  # a web scanner that tries everything
    Campaign(("2001:db8:5::10/128",), _ago(3, 16)),  # SQL in the log-in form
    Campaign(("203.0.113.31/32",), _ago(2, 21)),  # path traversal on the API
    Campaign(("203.0.113.60/32",), _ago(2, 3)),  # guessing one user's password
    Campaign(("203.0.113.11/32",), _ago(1, 11)),  # SQL in the search, many UNION SELECTs
    Campaign(("192.0.2.0/24",), _ago(0, 19)),  # honest visitors; some search for “50% off -- today only”
    Campaign(
        ("198.51.100.41/32", "198.51.100.42/31", "198.51.100.44/30", "198.51.100.48/30", "198.51.100.52/32"), _ago(0, 6)
    ),
    Campaign(("203.0.113.10/32",), _ago(0, 1, 40)),  # SQL in the product page: reads the table of users
    # Replayed regression requests of the Core Rule Set: a few addresses a day.
    Campaign(("198.51.100.0/29",), _ago(6, 2)),
    Campaign(("198.51.100.8/29",), _ago(5, 7)),
    Campaign(("198.51.100.16/29",), _ago(3, 5)),
    Campaign(("198.51.100.24/32", "2001:db8:5::20/123"), _ago(1, 22)),
    Campaign(("127.0.7.0/24",), _ago(0, 12)),
)

SERVICES: dict[str, dict[str, str]] = {
    "web-store": {
        "description": "The shop that customers see: catalogue, search, comments.",
        "repository": "https://git.example.com/shop/web-store",
        "documentation": "https://docs.example.com/web-store",
        "on_call": "Web Store on call, #web-store-oncall",
        "team": "platform",
    },
    "orders-api": {
        "description": "Orders, files and payments for the shop and its partners.",
        "repository": "https://git.example.com/shop/orders-api",
        "documentation": "https://docs.example.com/orders-api",
        "on_call": "Orders on call, +49 30 5550 0102",
        "team": "platform",
    },
    "auth": {
        "description": "Log-in for customers and staff.",
        "repository": "https://git.example.com/shop/auth",
        "documentation": "https://docs.example.com/auth",
        "on_call": "Identity on call, #identity-oncall",
        "team": "appsec",
    },
}


def load_demo(now: datetime | None = None) -> int:
    """Load the recording once. Returns how many items were taken: 0 when all of it was here already.

    A load that was interrupted is taken up where it stopped, with the times that it began with.
    """
    with transaction.atomic():
        _write_down_services()
        source = Source.objects.filter(name=SOURCE).first() or _make_source(now)
    taken = 0
    lines = _recorded()
    if source.items.count() < len(lines):
        # The source's birthday is the "now" of the whole demo, also when it is taken up again.
        taken = intake.take(source, _moved(lines, source.created_at)).taken
    processing.process_pending()
    return taken


def _make_source(now: datetime | None) -> Source:
    made = actions.create_source(actor=ACTOR, name=SOURCE, format=Source.Format.MODSECURITY3, env="prod")
    if now is not None:
        made.source.created_at = now
        made.source.save(update_fields=["created_at"])
    return made.source


def _write_down_services() -> None:
    teams = {team.handle: team for team in Team.objects.all()}
    for name, fields in SERVICES.items():
        if not Service.objects.filter(name=name).exists():
            actions.create_service(actor=ACTOR, name=name, **fields | {"team": teams.get(fields["team"])})


def _recorded() -> list[bytes]:
    return [
        line
        for name in ("edge_access.jsonl.gz", "modsec_audit.jsonl.gz")
        for line in gzip.decompress((RECORDINGS / name).read_bytes()).splitlines()
    ]


def _moved(lines: list[bytes], now: datetime) -> list[bytes]:
    """The lines with their campaign's new times, in the order of these times."""
    reader = FORMATS[Source.Format.MODSECURITY3]
    bodies = [mapping(intake.parse(line)) for line in lines]
    by_name = {reader.name(body): body for body in bodies}
    dated: list[tuple[datetime, Campaign, dict[str, Any]]] = []
    for body in bodies:
        access = body if edge_access.fits(body) else by_name[reader.partner(body)]
        dated.append((edge_access.time_of(access), _campaign_of(access), body))
    starts: dict[Campaign, datetime] = {}
    for at, campaign, _ in dated:
        starts[campaign] = min(at, starts.get(campaign, at))
    moved = []
    for at, campaign, body in dated:
        new = at - starts[campaign] + now - campaign.ago
        moved.append((new, intake.canonical(_at(body, new))))
    return [line for _, line in sorted(moved, key=lambda pair: pair[0])]


def _campaign_of(access: dict[str, Any]) -> Campaign:
    client = ip_address(access["client_ip"])
    return next(
        campaign for campaign in CAMPAIGNS if any(client in ip_network(network) for network in campaign.networks)
    )


def _at(body: dict[str, Any], new: datetime) -> dict[str, Any]:
    """The item at its new time, in every place where it tells one; `recorded` keeps the old."""
    if edge_access.fits(body):
        recorded = {"time": body["time"], "msec": body["msec"]}
        return body | {
            "time": new.isoformat(timespec="seconds"),
            "msec": f"{new.timestamp():.3f}",
            "recorded": recorded,
        }
    transaction = body["transaction"]
    response = mapping(transaction.get("response"))
    headers = mapping(response.get("headers"))
    recorded = {"time_stamp": transaction["time_stamp"], "date": headers.get("Date", "")}
    if "Date" in headers:
        headers = headers | {"Date": format_datetime(new.replace(microsecond=0), usegmt=True)}
    moved = transaction | {
        "time_stamp": new.strftime("%a %b %e %H:%M:%S %Y"),
        "response": response | {"headers": headers},
    }
    return body | {"transaction": moved, "recorded": recorded}
