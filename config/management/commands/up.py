"""`manage.py up`: the whole of Tocsin on this machine, until Ctrl-C."""

from __future__ import annotations

import fcntl
import json
import socket
import sys
import urllib.error
import urllib.request
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from config import environment, valkey
from config.supervisor import ChildDied, Interrupted, Supervisor
from datadog_app.checks import RATES

READY_WITHIN = 60  # seconds
PYTHON = sys.executable
GUNICORN = "python:config.gunicorn"


class Command(BaseCommand):
    help = "Start everything: embedded Valkey, migrations, demo, web, worker and clock. Ctrl-C stops all of it."
    requires_system_checks = ()  # they need a second, and `check` in CI has run them, but for what is set here

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=environment.port(), help="where the web server listens")

    def handle(self, *, port: int, **options: Any) -> None:
        for problem in run_checks(tags=[RATES]):
            raise CommandError(problem.msg)
        data_dir = settings.TOCSIN_DATA_DIR
        with _alone_in(data_dir), _listening_on(port) as door, Supervisor(sys.stdout) as supervisor:
            try:
                self._start(supervisor, door, data_dir)
                supervisor.run()
            except Interrupted:
                supervisor.say("stopping")
            except (ChildDied, TimeoutError) as problem:
                supervisor.stop()
                raise CommandError(str(problem)) from None

    def _start(self, supervisor: Supervisor, door: socket.socket, data_dir: Path) -> None:
        url = f"http://127.0.0.1:{door.getsockname()[1]}/"
        if not environment.env.str("REDIS_URL", default=""):
            _start_valkey(supervisor, environment.socket_path(data_dir))
        with supervisor.interruptible():
            self._prepare(supervisor, url)
        _start_processes(supervisor, door, data_dir)
        supervisor.wait_until(lambda: _ready(url), seconds=READY_WITHIN, what="Tocsin did not become ready")
        supervisor.say(f"ready at {url}")
        for line in _logins(data_dir / "demo-credentials.json"):
            supervisor.say(line)

    def _prepare(self, supervisor: Supervisor, url: str) -> None:
        """What must stand before anybody serves: here and not in a child, to pay for one Django start less."""
        supervisor.say("preparing the database")
        call_command("migrate", interactive=False, verbosity=0)
        if not settings.TOCSIN_DEVELOPMENT:
            call_command("collectstatic", interactive=False, verbosity=0)
        if settings.TOCSIN_DEMO:
            call_command("demo", url=url, unless_in_use=True, stdout=_Lines(supervisor))
        connections.close_all()


class _Lines:
    """A command's output as lines of the shared log."""

    def __init__(self, supervisor: Supervisor) -> None:
        self.supervisor = supervisor

    def write(self, text: str) -> None:
        for line in text.splitlines():
            self.supervisor.say(line)

    def flush(self) -> None:
        """Every line was written at once."""


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Hold the data directory for ourselves. The kernel lets go of it for us, also after a crash."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
    except OSError as problem:
        raise CommandError(environment.unusable(folder, problem)) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError(
                f"Another Tocsin is running in {folder}: stop it first, or set TOCSIN_DATA_DIR to another folder."
            ) from None
        yield


@contextmanager
def _listening_on(port: int) -> Iterator[socket.socket]:
    """The web server's address, taken now and handed to it later: it cannot be lost in between.

    Bound but not yet listening: until somebody serves, callers are refused at once and need not wait.
    """
    with socket.socket() as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind(("127.0.0.1", port))
            # Asked for above to pass over old connections; now nobody else may bind it while it is not listening.
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
        except (OSError, OverflowError) as problem:
            reason = getattr(problem, "strerror", None) or "not a port number"
            raise CommandError(
                f"Port {port} cannot be used ({reason}): set TOCSIN_PORT or --port to another one."
            ) from None
        yield door


def _start_valkey(supervisor: Supervisor, listen: Path) -> None:
    try:
        supervisor.start("valkey", valkey.command(listen), hush=valkey.HUSH)
    except OSError as problem:
        raise CommandError(f"The embedded Valkey cannot start: {problem}") from None
    supervisor.wait_until(lambda: valkey.answers(listen), seconds=10, what="The embedded Valkey did not answer")


def _start_processes(supervisor: Supervisor, door: socket.socket, data_dir: Path) -> None:
    celery = [PYTHON, "-m", "celery", "--quiet", "--app", "config"]
    supervisor.start(
        "web",
        [
            PYTHON,
            "-m",
            "gunicorn",
            "--config",
            GUNICORN,
            "--bind",
            f"fd://{door.fileno()}",
            "config.wsgi",
        ],
        pass_fds=[door.fileno()],
    )
    # From here on only the web process holds the address: when it dies, callers are refused and do not wait.
    door.close()
    supervisor.start(
        "worker",
        [*celery, "worker", "--queues", "default,intake", "--concurrency", "2", "--without-gossip", "--without-mingle"],
    )
    # Celery's checks import every view: half of a start. A worker forks with them, the clock has no use for any.
    supervisor.start(
        "beat", [*celery, "--skip-checks", "beat", "--schedule", str(data_dir / "beat-schedule"), "--pidfile="]
    )


def _ready(url: str) -> bool:
    request = urllib.request.Request(f"{url}readyz", headers={"Host": _host()})  # noqa: S310 (our own http address)
    try:
        with urllib.request.urlopen(request, timeout=5):  # noqa: S310
            return True
    except (urllib.error.URLError, OSError):
        return False


def _host() -> str:
    """A name that the web server accepts: it may be told to serve others than its address."""
    return next((host.lstrip(".") for host in settings.ALLOWED_HOSTS if host != "*"), "127.0.0.1")


def _logins(path: Path) -> Iterator[str]:
    """The demo's people, for whoever sits at this terminal."""
    if not settings.TOCSIN_DEMO or not path.exists():
        return
    yield f"log in as one of these (also in {path}):"
    for user in json.loads(path.read_text())["users"]:
        yield f"  {user['role']:<10} {user['email']:<32} {user['password']}"
