"""The API, measured as a program meets it: pages of a thousand signals, and a hundred changes of state a second."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle
from typing import Any

import numpy as np

from config.bench.pages import Timing

SIGNALS = "/api/v2/security_monitoring/signals"
PAGE = 1000  # signals
RATE = 100  # changes a second that have to be held
SECONDS = 10
LINKS = 12  # of the program that makes them


class Program:
    """A program with its two keys, and a link that it keeps."""

    def __init__(self, port: int, keys: Mapping[str, str]) -> None:
        self.link = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.headers = {**keys, "Content-Type": "application/json", "Accept": "application/json"}

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The answer's JSON. Raises RuntimeError for any status but 200."""
        self.link.request(method, path, None if body is None else json.dumps(body), self.headers)
        answer = self.link.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{method} {path} was answered {answer.status}: {content[:300]!r}")
        return content


def listing(program: Program, *, times: int) -> Timing:
    """Page after page, each found by the cursor of the one before; after the last the first again."""
    samples = []
    first = f"{SIGNALS}?page[limit]={PAGE}"
    path = first
    for number in range(times + 3):
        start = time.perf_counter()
        content = program.ask("GET", path)
        if number >= 3:  # the first are for the caches
            samples.append((time.perf_counter() - start) * 1000)
        after = json.loads(content)["meta"].get("page", {}).get("after")
        path = f"{first}&page[cursor]={after}" if after else first
    return Timing(f"GET signals, {PAGE} a page", samples)


def changes(port: int, keys: Mapping[str, str], ids: Sequence[str]) -> tuple[Timing, dict[str, Any]]:
    """So many changes of state a second, each begun when it is due and timed from then: who waits in a queue is late.

    Every signal goes under review and back to open, so each request changes something.
    """
    due = _due()
    samples: list[float] = []
    work = _moves(ids)
    lock = threading.Lock()

    def run() -> None:
        program = Program(port, keys)
        while True:
            with lock:
                when, move = next(due, None), next(work)
            if when is None:
                return
            time.sleep(max(when - time.perf_counter(), 0))
            public_id, state = move
            path = f"/api/v1/security_analytics/signals/{public_id}/state"
            program.ask("PATCH", path, {"state": state})
            samples.append((time.perf_counter() - when) * 1000)

    start = time.perf_counter()
    threads = [threading.Thread(target=run) for _ in range(LINKS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - start
    done = len(samples)
    name = f"PATCH state, {RATE} a second"
    return Timing(name, samples), {"asked": RATE * SECONDS, "done": done, "a_second": round(done / took, 1)}


def _due() -> Iterator[float]:
    start = time.perf_counter()
    return iter(list(start + np.arange(RATE * SECONDS) / RATE))


def _moves(ids: Sequence[str]) -> Iterator[tuple[str, str]]:
    for state in cycle(["under_review", "open"]):
        for public_id in ids:
            yield public_id, state
