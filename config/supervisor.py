"""Several processes as one: a shared log with a prefix each, and all of them end together. Knows no Django.

One thread and no shell: child output, child deaths and our own signals arrive through one selector.
"""

from __future__ import annotations

import ctypes
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import IO, NoReturn, TextIO, cast

GRACE = 10.0  # seconds between asking a child to end and ending it
LAST_LINES = 5
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PR_SET_PDEATHSIG = 1  # from <linux/prctl.h>
COLOURS = {"web": 36, "worker": 33, "beat": 35, "valkey": 34, "tocsin": 32}  # ANSI
# What attackers send is in these logs: no character of it may move a terminal's cursor or change its title.
VISIBLE = {code: f"\\x{code:02x}" for code in [*range(32), *range(127, 160)] if code != ord("\t")}


class ChildDied(Exception):
    """A child ended by itself; the message says which, how, and its last words."""


class Interrupted(Exception):
    """Somebody asked us to stop: SIGINT, SIGTERM or SIGHUP."""


@dataclass
class Child:
    """One process and what it said last."""

    name: str
    process: subprocess.Popen[bytes]
    output: IO[bytes]
    hush: str = ""
    last: deque[str] = field(default_factory=lambda: deque(maxlen=LAST_LINES))
    rest: bytes = b""

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def obituary(self) -> str:
        code = self.process.returncode
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"
        words = "".join(f"\n  {line}" for line in self.last)
        return f"{self.name} {how}." + (f" Its last lines:{words}" if words else "")


class Supervisor:
    """Starts children, prints what they say, and ends all of them when one dies or we are told to stop.

    Use it as a context manager, from the main thread: children that were started are gone when the block is left.
    """

    def __init__(self, out: TextIO) -> None:
        self.out = out
        self.children: list[Child] = []
        self._selector = selectors.DefaultSelector()
        self._stop_asked = False
        self._interruptible = False

    def __enter__(self) -> Supervisor:
        self._woken, self._waker = socket.socketpair()
        self._woken.setblocking(False)
        self._waker.setblocking(False)
        self._selector.register(self._woken, selectors.EVENT_READ, lambda: self._woken.recv(4096))
        signal.set_wakeup_fd(self._waker.fileno())
        self._handlers_before = {
            signal.SIGCHLD: signal.signal(signal.SIGCHLD, lambda *_: None),  # only to wake the selector
            **{number: signal.signal(number, self._ask_to_stop) for number in STOPPING},
        }
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        signal.set_wakeup_fd(-1)
        for number, handler in self._handlers_before.items():
            signal.signal(number, handler)
        for end in (self._selector, self._woken, self._waker):
            end.close()

    def start(self, name: str, command: Sequence[str], *, pass_fds: Sequence[int] = (), hush: str = "") -> None:
        """Start a child. It gets a session of its own, so that Ctrl-C reaches only us and we decide the order.

        Lines that contain `hush` are not printed.
        """
        process = subprocess.Popen(  # noqa: S603 (our own commands, no shell)
            command,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=pass_fds,
            preexec_fn=die_with(os.getpid()),
        )
        output = cast(IO[bytes], process.stdout)
        os.set_blocking(output.fileno(), False)
        child = Child(name, process, output, hush)
        self._selector.register(output, selectors.EVENT_READ, lambda: self._read(child))
        self.children.append(child)

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Let a request to stop break into the block as Interrupted, for work that does not serve the children."""
        self._interruptible = True
        try:
            yield
        finally:
            self._interruptible = False

    def wait_until(self, condition: Callable[[], bool], *, seconds: float, what: str) -> None:
        """Serve the children until the condition holds. Raises TimeoutError, ChildDied or Interrupted."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{what} within {seconds:.0f} seconds")
            self._serve(0.1)

    def run(self) -> NoReturn:
        """Serve the children for as long as all of them live. Raises ChildDied or Interrupted."""
        while True:
            self._serve(None)

    def stop(self) -> None:
        """End every child; the first started, on which the others lean, goes when they have gone."""
        foundation, others = self.children[:1], self.children[1:]
        self._end(others)
        self._end(foundation)
        self.children.clear()

    def say(self, line: str, name: str = "tocsin") -> None:
        """One line of the shared log."""
        prefix = f"{name:<7} |"
        if self.out.isatty():
            prefix = f"\x1b[{COLOURS.get(name, 37)}m{prefix}\x1b[0m"
        self.out.write(f"{prefix} {line.translate(VISIBLE)}\n")
        self.out.flush()

    def _end(self, children: Sequence[Child]) -> None:
        for child in children:
            if child.alive:
                child.process.terminate()
        deadline = time.monotonic() + GRACE
        while any(child.alive for child in children) and time.monotonic() < deadline:
            self._pump(0.1)
        for child in children:
            # The whole session: also what the child itself started and did not outlive its grace.
            with suppress(ProcessLookupError):
                os.killpg(child.process.pid, signal.SIGKILL)
            child.process.wait()
            self._finish(child)

    def _serve(self, timeout: float | None) -> None:
        self._pump(timeout)
        if self._stop_asked:
            raise Interrupted
        for child in self.children:
            if not child.alive:
                self._finish(child)
                raise ChildDied(child.obituary())

    def _pump(self, timeout: float | None) -> None:
        for key, _ in self._selector.select(timeout):
            key.data()

    def _ask_to_stop(self, *_: object) -> None:
        self._stop_asked = True
        if self._interruptible:
            raise Interrupted

    def _read(self, child: Child) -> bool:
        """Print what the child has said since. Returns whether there was anything."""
        chunk = child.output.read(65536)
        if chunk == b"":  # it closed its output; whether it lives is another question
            self._selector.unregister(child.output)
            child.output.close()
        if not chunk:  # None: nothing to read just now
            return False
        *lines, child.rest = (child.rest + chunk).split(b"\n")
        for line in lines:
            self._print(child, line)
        return True

    def _finish(self, child: Child) -> None:
        """Print the rest of what a dead child said. A grandchild that holds the pipe open is not waited for."""
        while not child.output.closed and self._read(child):
            pass
        if not child.output.closed:
            self._selector.unregister(child.output)
            child.output.close()
        if child.rest:
            self._print(child, child.rest)
            child.rest = b""

    def _print(self, child: Child, raw: bytes) -> None:
        line = raw.decode(errors="replace").rstrip()
        if not child.hush or child.hush not in line:
            child.last.append(line)
            self.say(line, child.name)


def die_with(parent: int) -> Callable[[], None] | None:
    """What a child does before it becomes its program: ask the kernel for SIGTERM when `parent` dies, however it dies.

    None where the kernel has no such thing; an orderly end of ours ends the children there too.
    """
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None, use_errno=True)

    def ask() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)

    return ask
