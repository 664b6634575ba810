"""Who takes a new connection: a real gunicorn, its workers, and connections that are kept."""

import http.client
import os
import signal
from collections import Counter
from contextlib import ExitStack, closing

import pytest

from tests.processes import PYTHON, Process, children_of, eventually, free_port

pytestmark = pytest.mark.process


def whoever(environ, start_response):
    """A WSGI program that answers with its process."""
    body = str(os.getpid()).encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


class Server(Process):
    def __init__(self, folder) -> None:
        self.port = free_port()
        command = [PYTHON, "-m", "gunicorn", "--bind", f"127.0.0.1:{self.port}", "--workers", "2", "--threads", "4"]
        command += ["--worker-class", "config.workers.BalancingWorker", "--config", "tests/config/workers_conf.py"]
        super().__init__([*command, "tests.config.test_workers:whoever"], log=folder / "gunicorn.log", env={})
        self.kept = ExitStack()

    def workers(self) -> set[int]:
        return set(children_of(self.pid))

    def answered_by(self) -> int:
        """A new connection, which stays open: the process at its other end."""
        link = self.kept.enter_context(closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)))
        link.request("GET", "/")
        return int(link.getresponse().read())


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
        assert held(server, 3) == {awake: 3}
    finally:
        os.kill(asleep, signal.SIGCONT)
