"""Real processes for tests: started, watched until a condition holds, and gone when the test is over."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from config.supervisor import die_with

BASE_DIR = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
PAUSE = 0.05  # seconds between two looks

Answer = TypeVar("Answer")


def eventually(look: Callable[[], Answer], *, seconds: float = 30, what: str = "the condition") -> Answer:
    """Look until the answer is truthy, and return it; fail with `what` after the deadline."""
    deadline = time.monotonic() + seconds
    while not (answer := look()):
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come about within {seconds} seconds; last: {answer!r}")
        time.sleep(PAUSE)
    return answer


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Process:
    """A command of ours in a session of its own, with everything it says in a file."""

    def __init__(self, command: list[str], *, log: Path, env: Mapping[str, str]) -> None:
        self.log = log
        with log.open("ab") as output:
            self._popen = subprocess.Popen(
                command,
                cwd=BASE_DIR,
                env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **env},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with(os.getpid()),
            )

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def alive(self) -> bool:
        return self._popen.poll() is None

    @property
    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def send(self, number: signal.Signals) -> None:
        self._popen.send_signal(number)

    def ended(self, *, seconds: float = 30) -> int:
        """Wait for the end; the exit status, or minus the number of the signal."""
        return self._popen.wait(timeout=seconds)

    def wait_for(self, look: Callable[[], Answer], *, seconds: float = 60, what: str = "the condition") -> Answer:
        """`eventually`, which gives up at once when the process ends, and shows what it said."""

        def alive_and() -> Answer:
            assert self.alive, f"it ended with {self._popen.returncode}:\n{self.said}"
            return look()

        try:
            return eventually(alive_and, seconds=seconds, what=what)
        except AssertionError as problem:
            raise AssertionError(f"{problem}\n{self.said}") from None

    def kill(self) -> None:
        """The hard way, with everything in its session."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._popen.wait()


def children_of(pid: int) -> dict[int, str]:
    """The living direct children of a process: pid → command line (Linux)."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
            if int(parent) == pid and state != "Z":
                command = stat.with_name("cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                found[int(stat.parent.name)] = command.strip()
    return found


def is_alive(pid: int) -> bool:
    """Whether a process with this number is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
