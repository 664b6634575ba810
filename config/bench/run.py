"""One bench: a scratch database, the real server, the measurements, a table and a JSON file."""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import count, repeat
from pathlib import Path
from typing import Any

from config import valkey
from config.bench import api
from config.bench.machine import machine, pace
from config.bench.pages import OTHER_PAGES, QUERIES, SLOW_QUERIES, Client, Timing, crowded, path_of, timed
from config.environment import BASE_DIR, socket_path

SCRATCH = "TOCSIN_BENCH"  # set where the database is a scratch database of the bench
MANAGE = [sys.executable, str(BASE_DIR / "manage.py")]


def run(*, signals: int, high_cardinality: bool, database_url: str, folder: Path, times: int) -> dict[str, Any]:
    """Everything for one size and one database. The data set is kept in `folder` for the next run."""
    shape = "high-cardinality" if high_cardinality else "ordinary"
    scratch = folder / f"{'postgres' if database_url else 'sqlite'}-{signals}-{shape}"
    scratch.mkdir(parents=True, exist_ok=True)
    env = {
        **os.environ,
        "TOCSIN_DATA_DIR": str(scratch),
        "TOCSIN_DEMO": "0",
        SCRATCH: "1",
        "TOCSIN_LOG_LEVEL": "ERROR",
        **({"DATABASE_URL": database_url} if database_url else {}),
    }
    listen = socket_path(scratch)
    with _running(valkey.command(listen), env, lambda: valkey.answers(listen)):
        facts = _inside("data", env, "--signals", signals, *(["--high-cardinality"] if high_cardinality else []))
        found: dict[str, Any] = {
            "signals": signals,
            "shape": shape,
            "database": facts["database"],
            "machine": machine(),
            "pace_ms": [pace()],
            "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "cold_start": _inside("cold-start", env),
            "engines": _inside("engines", env),
        }
        port = _free_port()
        gunicorn = [sys.executable, "-m", "gunicorn", "--config", "python:config.gunicorn", "config.wsgi"]
        with _running(gunicorn, {**env, "TOCSIN_PORT": str(port)}, lambda: _listens(port)) as server:
            found["pages"] = [_told(timing) for timing in _pages(port, facts, env, times)]
            found["changes"] = _changes(port, facts, env, found["pages"])
            found["memory"] = _memory(server.pid)
        found["bulk"] = _inside("bulk", env)
        found["pace_ms"].append(pace())
    return found


def _pages(port: int, facts: dict[str, Any], env: dict[str, str], times: int) -> Iterator[Timing]:
    client, other = (Client(port, facts["session"]) for _ in range(2))  # each is served by a worker of its own
    _until_open(client)
    _until_open(other)
    other.link.close()
    for name, query in QUERIES.items():
        yield timed(name, partial(client.get, path_of(query)), times=times)
    for name, query in OTHER_PAGES.items():
        yield timed(name, partial(client.get, path_of(query)), times=times)
    for name, query in SLOW_QUERIES.items():
        client.told = 0
        timing = timed(name, partial(_look_up, client, query, count(10)), times=max(times // 3, 3))
        yield replace(timing, told=client.told)
        yield timed(f"{name}, asked again", partial(_look_up, client, query, repeat(7)), times=times)
    chance = random.Random(1)  # noqa: S311 (which rows are clicked is no secret)
    week = path_of(QUERIES["Q1 the last week, unfiltered"])

    states = dict.fromkeys(facts["open"], "open")

    def triage(beside: str = "") -> None:
        public_id = chance.choice(facts["open"])
        # Always the other: what is so already costs no change, and leaves the index nothing to hear of.
        states[public_id] = "under_review" if states[public_id] == "open" else "open"
        client.post(f"/signals/{public_id}/state/", {"state": states[public_id]}, beside=beside)

    def triage_then_page() -> None:
        triage()
        client.get(week)

    yield timed("a triage click with the fresh list", partial(triage, week), times=times)
    yield timed("a triage click, then the page", triage_then_page, times=times)
    samples = []
    for number in range(3):
        changed = _inside("change", env, "--signals", 50_000, "--seed", number)["changed"]
        client.link.close()  # the server has long closed its end
        start = time.perf_counter()
        client.get(week)
        samples.append((time.perf_counter() - start) * 1000)
    yield Timing(f"the page after {changed:,} rows changed", samples)
    paths = [path_of(query) for query in QUERIES.values()]
    yield api.listing(api.Program(port, facts["keys"]), times=times)
    yield crowded("four clients at once", [Client(port, facts["session"]) for _ in range(4)], paths, times=times)


def _look_up(client: Client, query: str, numbers: Iterator[int]) -> None:
    client.get(path_of({"range": "90d", "query": query.format(next(numbers))}))


def _changes(port: int, facts: dict[str, Any], env: dict[str, str], pages: list[dict[str, Any]]) -> dict[str, Any]:
    """Changes of state by the API at the rate that has to be held, and how many of them the ledger has."""
    before, of_now = _inside("ledger", env), _inside("open", env)
    timing, found = api.changes(port, facts["keys"], of_now)
    pages.append(_told(timing))
    return {**found, "ledgered": _inside("ledger", env) - before}


def _told(timing: Timing) -> dict[str, Any]:
    return {
        "name": timing.name,
        "p50_ms": timing.p50,
        "p95_ms": timing.p95,
        "samples": len(timing.samples),
        "told": timing.told,
        "pace_ms": timing.pace,
    }


def _until_open(client: Client) -> None:
    """Its worker has opened its index and drawn a few pages."""
    deadline = time.monotonic() + 600
    good = 0
    while good < 12:
        try:
            client.get(path_of({"range": "7d"}))
            good += 1
        except RuntimeError:
            if time.monotonic() > deadline:
                raise
            good = 0
            time.sleep(0.5)


def _inside(stage: str, env: dict[str, str], *options: Any) -> Any:
    """What a stage that runs in a process of its own has found."""
    command = [*MANAGE, "bench", "--stage", stage, *map(str, options)]
    done = subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own
    return json.loads(done.stdout.splitlines()[-1])


@contextmanager
def _running(command: list[str], env: dict[str, str], is_up: Any) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, cwd=BASE_DIR)  # noqa: S603 - our own
    try:
        deadline = time.monotonic() + 60
        while not is_up():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{command[0]} did not start")
            time.sleep(0.1)
        yield process
    finally:
        process.terminate()
        process.wait(20)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as link:
        return link.connect_ex(("127.0.0.1", port)) == 0


def _memory(master: int) -> list[dict[str, float]]:
    """Megabytes of every worker process: resident, at most, and its share.

    Its share counts a page that several processes have, such as what all of them imported, to each in equal parts.
    """
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            lines = _facts(process / "status")
            if lines.get("PPid", "").strip() != str(master):
                continue
            lines |= _facts(process / "smaps_rollup")
        except OSError:  # it ended meanwhile
            continue
        sizes = {"rss_mb": "VmRSS", "peak_mb": "VmHWM", "share_mb": "Pss"}
        found.append({name: int(lines[key].split()[0]) / 1024 for name, key in sizes.items()})
    return found


def _facts(path: Path) -> dict[str, str]:
    return dict(line.split(":", 1) for line in path.read_text().splitlines() if ":" in line)


def growth(small: dict[str, Any], large: dict[str, Any]) -> str:
    """How much longer the pages of the queries take among more signals."""
    before, after = ({page["name"]: page for page in found["pages"]} for found in (small, large))
    return "\n".join(
        [
            f"from {small['signals']:,} to {large['signals']:,} signals: p50, p95",
            *(
                f"{name:<42}"
                + "".join(f"{after[name][part] / before[name][part]:>8.2f}x" for part in ("p50_ms", "p95_ms"))
                for name in QUERIES
            ),
        ]
    )


def _pace(page: dict[str, Any]) -> str:
    return "" if page["pace_ms"] is None else f"{page['pace_ms']:.0f}"


def table(found: dict[str, Any]) -> str:
    """The figures for the screen and for docs/performance.md."""
    lines = [
        f"{found['signals']:,} signals ({found['shape']}), {found['database']}, {found['machine']}",
        "pace, a million additions in Python: {:.0f} ms before, {:.0f} ms after".format(*found["pace_ms"]),
        "",
        f"{'page, over HTTP to the last byte':<42}{'p50 ms':>9}{'p95 ms':>9}{'pace':>6}",
        *(
            f"{page['name']:<42}{page['p50_ms']:>9.1f}{page['p95_ms']:>9.1f}{_pace(page):>6}"
            + ("   the time limit's message" if page["told"] else "")
            for page in found["pages"]
        ),
        "",
        f"{'explore, in one process':<34}{'index ms':>9}{'SQL ms':>10}{'ratio':>8}  equal",
        *(
            f"{name:<34}{one['index_ms']:>9.1f}{one['sql_ms']:>10.0f}{one['ratio']:>7.0f}x  {one['equal']}"
            for name, one in found["engines"].items()
        ),
        "",
        "cold start: built in {built_seconds:.1f} s, opened from its file in {opened_seconds:.2f} s".format(
            **found["cold_start"]
        ),
        "memory a worker: "
        + ", ".join(
            f"{worker['rss_mb']:.0f} MB (peak {worker['peak_mb']:.0f}), its share {worker['share_mb']:.0f}"
            for worker in found["memory"]
        ),
        "by the API: {done} of {asked} changes of state, {a_second} a second, {ledgered} of them in the ledger".format(
            **found["changes"]
        ),
        *(
            f"set state of {size} signals, ledger included: {one['seconds']:.1f} s"
            for size, one in found["bulk"].items()
        ),
    ]
    return "\n".join(lines)
