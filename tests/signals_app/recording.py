"""The recording that the demo is made of, for tests: whole, or the items of some addresses."""

import gzip
import json
from functools import cache
from ipaddress import ip_address, ip_network

from signals_app import intake, processing
from signals_app.demo import RECORDINGS
from signals_app.models import Source

AUDIT, ACCESS = "modsec_audit.jsonl.gz", "edge_access.jsonl.gz"


@cache
def lines(name: str) -> tuple[bytes, ...]:
    return tuple(gzip.decompress((RECORDINGS / name).read_bytes()).splitlines())


def of(name: str, *networks: str) -> list[bytes]:
    """The lines of these addresses."""
    wanted = [ip_network(network) for network in networks]
    found = []
    for line in lines(name):
        body = json.loads(line.decode("utf-8", "replace"))
        client = ip_address(body.get("client_ip") or body["transaction"]["client_ip"])
        if any(client in network for network in wanted):
            found.append(line)
    return found


def edge(**fields) -> Source:
    return Source.objects.create(name="edge", format=Source.Format.MODSECURITY3, env="prod", **fields)


def feed(source: Source, *batches) -> intake.Taken:
    """Take the lines in and read them, batch after batch."""
    total = intake.Taken()
    for batch in batches:
        total.add(intake.take(source, batch))
        processing.process_pending()
    return total


def audit(**changes) -> dict:
    """One audit transaction as libmodsecurity writes it: SQL in a search, answered 200."""
    number = changes.pop("number", 1)
    rules = changes.pop("rules", ("942100", "942190"))
    transaction = {
        "client_ip": "203.0.113.99",
        "time_stamp": "Sun Nov 22 07:00:00 2026",
        "unique_id": f"{number:032x}",
        "request": {
            "method": "GET",
            "http_version": 1.1,
            "uri": "/search?q=1%27%20OR%201=1",
            "body": "",
            "headers": {"Host": "shop.example.test", "User-Agent": "Mozilla/5.0"},
        },
        "response": {"http_code": 200, "headers": {"Date": "Sun, 22 Nov 2026 07:00:00 GMT"}},
        "producer": {"secrules_engine": "DetectionOnly", "components": ['OWASP_CRS/3.3.4"']},
        "messages": [message(rule) for rule in rules],
    }
    for name, value in changes.items():
        if isinstance(value, dict) and isinstance(transaction.get(name), dict):
            transaction[name] = transaction[name] | value
        else:
            transaction[name] = value
    return {"transaction": transaction}


def untimed(number: int = 1, **changes) -> dict:
    """A transaction that only its access line could date: without one the parser cannot read it."""
    return audit(number=number, time_stamp="", response={"headers": {}}, **changes)


def message(rule: str, text: str = "A match", data: str = "Matched Data: x found within ARGS:q: 1' OR 1=1", **details):
    return {
        "message": text,
        "details": {"ruleId": rule, "data": data, "severity": "2", "tags": [], "match": "", "lineNumber": "1"}
        | details,
    }


def access(**changes) -> dict:
    """One access line of the edge, of the same request as `audit()`."""
    number = changes.pop("number", 1)
    return {
        "time": "2026-11-22T07:00:00+00:00",
        "msec": "1795330800.250",
        "request_id": f"{number:032x}",
        "client_ip": "203.0.113.99",
        "host": "shop.example.test",
        "service": "web-store",
        "method": "GET",
        "uri": "/search?q=1%27%20OR%201=1",
        "status": 200,
        "ua": "Mozilla/5.0",
        "user": "alice",
        "edge_block": "",
    } | changes


def login(number: int, address: str, user: str, *, ok: bool = False, **changes) -> dict:
    """A log-in as the lab's local rules report it."""
    event = "success" if ok else "failure"
    told = message("10011" if ok else "10010", f"Login {event}", f"users.login.{event} usr.login={user}")
    defaults = {"client_ip": address, "messages": [told], "request": {"method": "POST", "uri": "/login"}}
    return audit(number=number, **defaults | changes)


def dumped(*bodies: dict) -> list[bytes]:
    return [json.dumps(body).encode() for body in bodies]
