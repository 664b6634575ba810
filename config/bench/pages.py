"""What is measured: whole pages, from the first byte sent to the last received, by a client that keeps its link."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

import numpy as np

from config.bench.machine import beat, pace

QUERIES = {
    "Q1 the last week, unfiltered": {"range": "7d"},
    "Q1w 90 days, unfiltered": {"range": "90d"},
    "Q2 open, high or critical": {
        "range": "90d",
        "query": "@workflow.triage.state:open severity:(high OR critical)",
    },
    "Q3 text": {"range": "90d", "query": "injection -@workflow.triage.state:archived"},
}
OTHER_PAGES = {
    "aggregated by detection rule, 90 days": {"range": "90d", "agg": "rule"},
    "a top list of services, 90 days": {"range": "90d", "viz": "toplist", "group": "service"},
    "a time series by severity, 90 days": {"range": "90d", "viz": "timeseries", "group": "severity"},
}
# Looked up row by row, and answered with the time limit's message where that takes too long. What was looked up is
# kept, so each time it is another number.
SLOW_QUERIES = {"a free attribute": "@http.n:{}", "text in messages": "message:*token-{}*"}


@dataclass(frozen=True)
class Timing:
    """Milliseconds of one kind of page, and of a million additions in Python between its samples."""

    name: str
    samples: Sequence[float]
    told: int = 0  # answers that were the time limit's message
    beats: Sequence[float] = ()

    @property
    def p50(self) -> float:
        return float(np.percentile(self.samples, 50))

    @property
    def p95(self) -> float:
        return float(np.percentile(self.samples, 95))

    @property
    def pace(self) -> float | None:
        """How fast the machine was; None where nobody looked."""
        return float(np.median(self.beats)) if len(self.beats) else None


class Client:
    """A person's browser, as far as the server can tell."""

    def __init__(self, port: int, session: str) -> None:
        self.link = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.cookies = {"tocsin_session": session}
        self.told = 0

    def get(self, path: str) -> bytes:
        """The page. Raises RuntimeError for any answer but 200, or 422: it would have taken too long."""
        return self._ask("GET", path)

    def post(self, path: str, form: dict[str, str], *, beside: str = "") -> bytes:
        """A click on something, beside the list of that address. Raises RuntimeError where the list does not come."""
        token = self.cookies["csrftoken"]
        headers = {"Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": token, "HX-Request": "true"}
        listed = {"X-List": beside} if beside else {}
        answer = self._ask("POST", path, body=urlencode(form), headers=headers | listed)
        if beside and b'id="signals-results"' not in answer:
            raise RuntimeError(f"POST {path} was answered without the list: {answer[:300]!r}")
        return answer

    def _ask(self, method: str, path: str, *, body: str | None = None, headers: Mapping[str, str] = {}) -> bytes:
        headers = {**headers, "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        self.link.request(method, path, body, headers)
        answer = self.link.getresponse()
        content = answer.read()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie" and value.startswith("csrftoken="):
                self.cookies["csrftoken"] = value.split("=", 1)[1].split(";", 1)[0]
        self.told += answer.status == 422
        if answer.status not in (200, 422):
            raise RuntimeError(f"{method} {path} was answered {answer.status}: {content[:300]!r}")
        return content


def path_of(query: dict[str, str]) -> str:
    return f"/signals/?{urlencode(query)}"


def timed(name: str, once: Callable[[], object], *, times: int, warm: int = 3) -> Timing:
    """Do it a few times for the caches and then `times` times for the record."""
    for _ in range(warm):
        once()
    samples, beats = [], []
    for _ in range(times):
        start = time.perf_counter()
        once()
        samples.append((time.perf_counter() - start) * 1000)
        beats.append(beat())
    return Timing(name, samples, beats=beats)


def crowded(name: str, clients: Sequence[Client], paths: Sequence[str], *, times: int) -> Timing:
    """Every client at once, each asking for the pages in turn."""
    samples: list[float] = []

    def work(client: Client, first: int) -> None:
        for number in range(times):
            start = time.perf_counter()
            client.get(paths[(first + number) % len(paths)])
            samples.append((time.perf_counter() - start) * 1000)

    threads = [threading.Thread(target=work, args=(client, place)) for place, client in enumerate(clients)]
    before = pace()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Timing(name, samples, beats=[before, pace()])
