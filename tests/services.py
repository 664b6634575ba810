"""The servers that tests lean on, started by the tests themselves: PostgreSQL and Valkey, on Unix sockets only.

`python -m tests.services COMMAND …` runs a command with DATABASE_URL naming a fresh PostgreSQL.
"""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg

from config import valkey
from tests.processes import PYTHON, Process
from tests.requirements import find

QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=64MB", "max_connections=60")


class Cluster:
    """A running PostgreSQL that knows only whoever runs the tests."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._numbers = count(1)
        self._migrated = ""  # the name of the database that the migrated ones are copies of

    def new_database(self, *, migrated: bool = False) -> str:
        """The URL of an empty database, or of one in which all migrations have been made."""
        template = "template1"
        if migrated:
            template = self._migrated = self._migrated or self._migrate()
        name = f"tocsin_{next(self._numbers)}"
        with psycopg.connect(host=str(self.folder), dbname="postgres", autocommit=True) as link:
            link.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return f"postgres:///{self.folder}/{name}"

    def _migrate(self) -> str:
        url = self.new_database()
        migrate(DATABASE_URL=url)
        return url.rpartition("/")[2]

    def answers(self) -> bool:
        try:
            psycopg.connect(host=str(self.folder), dbname="postgres").close()
        except psycopg.OperationalError:
            return False
        return True


@contextmanager
def postgres_cluster(server: Path) -> Iterator[Cluster]:
    """A new cluster of this `postgres` program in a temporary folder, until the block is left."""
    folder = Path(tempfile.mkdtemp(prefix="tocsin-pg-"))
    as_owner: list[str] = []
    if os.getuid() == 0:  # PostgreSQL refuses to run as root
        as_owner = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--pdeathsig=INT"]
        shutil.chown(folder, "postgres", "postgres")
    data = folder / "data"
    initdb = [str(server.with_name("initdb")), "--no-sync", "-A", "trust", "-U", getpass.getuser(), "-E", "UTF8"]
    try:
        subprocess.run([*as_owner, *initdb, "-D", str(data)], check=True, capture_output=True, cwd=folder)
        settings = [f"-c{setting}" for setting in (*QUICK, "listen_addresses=", f"unix_socket_directories={folder}")]
        with Process([*as_owner, str(server), "-D", str(data), *settings], log=folder / "log", env={}) as process:
            cluster = Cluster(folder)
            process.wait_for(cluster.answers, what="PostgreSQL to answer")
            yield cluster
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def valkey_server() -> Iterator[str]:
    """The embedded Valkey on a private socket: its URL."""
    with tempfile.TemporaryDirectory(prefix="tocsin-vk-") as folder:
        listen = Path(folder) / "valkey.sock"
        with Process(valkey.command(listen), log=Path(folder) / "log", env={}) as process:
            process.wait_for(lambda: valkey.answers(listen), what="Valkey to answer")
            yield f"unix://{listen}"


def migrate(**env: str) -> None:
    """All migrations, in a process as with everybody else."""
    with tempfile.TemporaryDirectory(prefix="tocsin-migrate-") as folder:
        env = {"SECRET_KEY": "tests-only-" + "x" * 40, "TOCSIN_DATA_DIR": folder, **env}
        with Process([PYTHON, "manage.py", "migrate", "--verbosity=0"], log=Path(folder) / "log", env=env) as process:
            assert process.ended(seconds=120) == 0, process.said


def main(command: list[str]) -> int:
    server = find("postgres")
    if server is None:
        sys.exit("needs postgres, which is not installed")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the cluster goes too
    with postgres_cluster(server) as cluster:
        # Importing `config` has named the settings for servers: a test run has its own.
        env = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": cluster.new_database()}
        return subprocess.run(command, env=env).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
