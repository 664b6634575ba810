"""Log files as lines: plain, packed or standard input, without trust in how long a line is."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from signals_app.intake import LONGEST_LINE

Stream = BinaryIO | gzip.GzipFile


@contextmanager
def opened(name: str) -> Iterator[tuple[Stream, BinaryIO]]:
    """(what to read from, the file itself, whose position tells how far one is). `-` is standard input.

    Raises OSError.
    """
    if name == "-":
        yield sys.stdin.buffer, sys.stdin.buffer
        return
    with Path(name).open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        if packed:
            with gzip.GzipFile(fileobj=file) as unpacked:
                yield unpacked, file
        else:
            yield file, file


def lines(stream: Stream) -> Iterator[bytes]:
    """The lines; one over the limit is cut just above it, so that it is refused and costs no memory."""
    while line := stream.readline(LONGEST_LINE + 2):
        rest = line
        while len(rest) > LONGEST_LINE and not rest.endswith(b"\n"):
            rest = stream.readline(LONGEST_LINE + 2)
        yield line
