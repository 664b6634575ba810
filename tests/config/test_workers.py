"""Who takes a new connection: a real gunicorn, its workers, and connections that are kept."""

import http.client
import importlib
import os
import signal
import subprocess
import time
from collections import Counter, defaultdict
from contextlib import ExitStack, closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from config.workers import AWAY, FREE, BalancingWorker, _places
from tests.processes import BASE_DIR, PYTHON, Process, children_of, eventually, free_port

pytestmark = pytest.mark.process

THREADS = 4


def whoever(environ, start_response):
    """A WSGI program that answers with its process; `/hold` not before the file `held` is gone."""
    folder = Path(os.environ["HELD_IN"])
    if environ["PATH_INFO"] == "/hold":
        (folder / f"held-{time.monotonic_ns()}").touch()
        while (folder / "held").exists():
            time.sleep(0.02)
    body = str(os.getpid()).encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


class Server(Process):
    def __init__(self, folder) -> None:
        self.port, self.folder = free_port(), folder
        (folder / "held").touch()
        command = [PYTHON, "-m", "gunicorn", "--bind", f"127.0.0.1:{self.port}", "--workers", "2"]
        command += ["--threads", str(THREADS), "--keep-alive", "60", "--config", "tests/config/workers_conf.py"]
        command += ["--worker-class", "config.workers.BalancingWorker", "tests.config.test_workers:whoever"]
        super().__init__(command, log=folder / "gunicorn.log", env={"HELD_IN": str(folder)})
        self.kept = ExitStack()

    def workers(self) -> set[int]:
        return set(children_of(self.pid))

    def connected(self) -> tuple[int, http.client.HTTPConnection]:
        """A new connection, which stays open, with the process at its other end."""
        link = self.kept.enter_context(closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)))
        link.request("GET", "/")
        return int(link.getresponse().read()), link

    def answered_by(self) -> int:
        return self.connected()[0]


@pytest.fixture
def server(tmp_path):
    with Server(tmp_path) as server, server.kept:
        server.wait_for(lambda: server.said.count("Booting worker") == 2, what="two workers")
        server.wait_for(lambda: {server.answered_by(), server.answered_by()} == server.workers(), what="both at work")
        server.kept.pop_all().close()
        yield server


def held(server, number: int) -> Counter:
    return Counter(server.answered_by() for _ in range(number))


def test_every_worker_has_as_many_connections_as_the_others(server):
    assert set(held(server, 8).values()) == {4}


def test_a_new_worker_catches_up_with_the_one_that_stayed(server):
    dead, stays = held(server, 8)
    os.kill(dead, signal.SIGKILL)
    (new,) = eventually(lambda: server.workers() - {dead, stays}, what="a new worker")
    eventually(lambda: server.answered_by() == new, what="the new worker at work")
    assert held(server, 3) == {new: 3}


def test_a_worker_that_does_not_come_is_not_waited_for(server):
    asleep, awake = server.workers()
    assert held(server, 2) == {asleep: 1, awake: 1}
    os.kill(asleep, signal.SIGSTOP)
    try:
        assert held(server, 2) == {awake: 2}
    finally:
        os.kill(asleep, signal.SIGCONT)


def test_a_worker_whose_threads_are_taken_gets_none_however_few_it_has(server):
    links = defaultdict(list)
    for _ in range(2 * THREADS):
        pid, link = server.connected()
        links[pid].append(link)
    idle, full = links
    more = [server.connected() for _ in range(2)]
    for pid, link in more:
        if pid == full:
            link.close()
    for link in links[full]:
        link.request("GET", "/hold")
    eventually(lambda: len([*server.folder.glob("held-*")]) == THREADS, what="all threads taken")
    assert held(server, 2) == {idle: 2}
    (server.folder / "held").unlink()
    assert {int(link.getresponse().read()) for link in links[full]} == {full}


def test_whoever_forks_workers_gives_their_places_back_and_asks_no_other_class_for_any(tmp_path, monkeypatch):
    monkeypatch.setenv("TOCSIN_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    monkeypatch.delitem(importlib.sys.modules, "config.gunicorn", raising=False)
    ours = importlib.import_module("config.gunicorn")
    worker = BalancingWorker.__new__(BalancingWorker)
    worker.pid, worker.place = 1, 5
    _places[5] = AWAY
    ours.child_exit(None, worker)
    assert _places[5] == FREE
    ours.child_exit(None, SimpleNamespace(pid=1))


LEAVES = """
import gc, weakref
from config import gunicorn

class Left: pass

def left():
    one = Left()
    one.itself = one
    return weakref.ref(one), one

gc.disable()  # by itself it comes when there is enough
gone, one = left()
gunicorn.post_request(None, None, None, None)
assert gone()
del one  # which is older now
for answers in range(gunicorn.ANSWERS_A_LONGER_LOOK + 2):
    young = left()[0]
    gunicorn.post_request(None, None, None, None)
    assert not young(), answers
assert not gone()
"""


def test_what_an_answer_leaves_is_collected_behind_it(tmp_path):
    subprocess.run(
        [PYTHON, "-c", LEAVES], cwd=BASE_DIR, env=os.environ | {"TOCSIN_DATA_DIR": str(tmp_path)}, check=True
    )
