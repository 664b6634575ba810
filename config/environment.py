"""What the environment says, read once: the data directory, the database, Redis and the secret key.

Everything here is a fact about where Tocsin runs. It knows no Django, so that `settings.py`
and the supervisor read the same answers.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import secrets
import sys
import tempfile
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import environ

BASE_DIR = Path(__file__).resolve().parent.parent
RATE = re.compile(r"[1-9][0-9]{0,8}/[1-9][0-9]{0,6}", re.ASCII)  # requests/seconds
SOCKET_PATH_LIMIT = 100  # bytes; the kernel's own limit for a Unix socket path is 108

env = environ.FileAwareEnv()


def data_dir() -> Path:
    """The folder that holds everything Tocsin writes: database, socket, keys."""
    return Path(env.str("TOCSIN_DATA_DIR", default=str(BASE_DIR / "var"))).expanduser().resolve()


def socket_path(folder: Path) -> Path:
    """Where the embedded Valkey listens: in `folder`, or in a private temporary folder if that path is too long."""
    wanted = folder / "valkey.sock"
    if len(os.fsencode(wanted)) <= SOCKET_PATH_LIMIT:
        return wanted
    name = sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"tocsin-{os.getuid()}-{name}" / "valkey.sock"


def port() -> int:
    """Where the web server listens, from 1 to 65535."""
    given = env.str("TOCSIN_PORT", default="8000")
    if not given.isdecimal() or not 1 <= int(given) <= 65535:
        sys.exit(f"TOCSIN_PORT is “{given}”: a port is a number from 1 to 65535.")
    return int(given)


def address(*, https: bool, hosts: Sequence[str]) -> str:
    """Where people find us, without a slash at its end: `TOCSIN_URL`, or what the other variables let guess."""
    given = env.str("TOCSIN_URL", default="").rstrip("/")
    if given and not given.startswith(("http://", "https://")):
        sys.exit(f"TOCSIN_URL is {given!r}. It begins with http:// or https://, as https://tocsin.example.com does.")
    named = [host.lstrip(".") for host in hosts if host != "*"]
    return given or (f"https://{named[0]}" if https and named else f"http://127.0.0.1:{port()}")


def api_rate() -> str:
    """How often one key may ask a group of endpoints, as `requests/seconds`."""
    return _rate("TOCSIN_API_RATE", env.str("TOCSIN_API_RATE", default="30000/60"))


def api_rates() -> dict[str, str]:
    """What differs from that for some groups: `users=600/60,signals=60000/60`."""
    rates = {}
    for part in filter(None, env.str("TOCSIN_API_RATES", default="").split(",")):
        group, _, rate = part.partition("=")
        rates[group.strip()] = _rate("TOCSIN_API_RATES", rate.strip(), part)
    return rates


def _rate(name: str, given: str, part: str = "") -> str:
    if not RATE.fullmatch(given):
        example = "users=600/60" if part else "600/60"
        sys.exit(f"{name} is “{part or given}”: a rate is requests/seconds, both at least 1, as in {example}.")
    return given


def redis_url() -> str:
    """The Redis or Valkey to use; the embedded one when `REDIS_URL` is unset."""
    return env.str("REDIS_URL", default="") or f"unix://{socket_path(data_dir())}"


def database_url() -> str:
    """The database to use; SQLite in the data directory when `DATABASE_URL` is unset.

    Ends the process with one sentence when it is neither SQLite nor PostgreSQL, or its driver is not installed.
    """
    given = env.str("DATABASE_URL", default="") or f"sqlite:///{data_dir() / 'tocsin.sqlite3'}"
    scheme = given.partition("://")[0]
    if scheme not in ("sqlite", "postgres", "postgresql"):
        sys.exit("DATABASE_URL must begin with postgres:// or sqlite:///.")
    if scheme != "sqlite" and importlib.util.find_spec("psycopg") is None:
        sys.exit("DATABASE_URL names PostgreSQL, whose driver is missing: pip install -r requirements/postgres.txt")
    return given


def secret_key(*, debug: bool) -> str:
    """`SECRET_KEY`, or in development one that is made once and kept in the data directory (mode 0600).

    Ends the process with one sentence when there is none and `debug` is off, or when it cannot be kept.
    """
    given = env.str("SECRET_KEY", default="")
    if given:
        return given
    if not debug:
        sys.exit("SECRET_KEY is not set: with DEBUG=0 Tocsin needs one that is long, random and kept.")
    try:
        return _kept_key(data_dir() / "secret-key")
    except OSError as problem:
        sys.exit(unusable(data_dir(), problem))


def unusable(folder: Path, problem: OSError) -> str:
    """The sentence for a data directory that cannot be written."""
    return (
        f"The data directory {folder} cannot be written ({problem.strerror}): set TOCSIN_DATA_DIR to a folder that can."
    )


def _kept_key(path: Path) -> str:
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        pass
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Written whole under another name, then linked: of several processes that start at once,
    # one makes the key, the others read it, and none reads half of it.
    draft = path.with_name(f"secret-key.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_urlsafe(48))
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
    return path.read_text().strip()
