"""Following log files as they grow, through rotation and restarts, without losing or repeating a line.

How far a file was read is stored in the same transaction as the items that were read. A file is known by its
inode and by a digest of its first bytes: so a file that was moved away is read to its end under its new name,
and one that was copied and truncated is noticed even when it has grown past the old place already.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from threading import Event

import structlog
from django.db import transaction

from signals_app import intake
from signals_app.intake import Taken
from signals_app.models import FollowedFile, Source

HEAD = 256  # bytes that tell one file from another
PIECE = 2 * intake.LONGEST_LINE  # a whole line always fits
PAUSE = 0.5  # seconds between looks
LOOKS_AT_MOVED = 600  # without growth, then a file that was moved away is let go: five minutes

log = structlog.get_logger(__name__)


@dataclass
class _Moved:
    """A file that was rotated away: some servers go on writing to it."""

    path: Path
    inode: int
    idle: int = 0

    def is_there(self) -> bool:
        """Whether the path still leads to it: the next rotation moves it on."""
        try:
            return self.path.stat().st_ino == self.inode
        except FileNotFoundError:
            return False


class Follower:
    """Follows files for one source. `total` counts what was taken since it began."""

    def __init__(self, source: Source, paths: Iterable[Path]) -> None:
        self.source = source
        self.paths = [path.absolute() for path in paths]
        self.moved = [old for path in self.paths for old in self._left_behind(path)]
        self.total = Taken()

    def _left_behind(self, path: Path) -> Iterator[_Moved]:
        """Files that an earlier run followed to their new names and may not have read to the end."""
        kept = dict(FollowedFile.objects.filter(source=self.source).values_list("path", "inode"))
        for other in _siblings(path):
            if other not in self.paths and kept.get(str(other)) == other.stat().st_ino:
                yield _Moved(other, other.stat().st_ino)

    def run(self, stop: Event) -> None:
        """Follow until `stop` is set."""
        while not stop.is_set():
            if not self.look():
                stop.wait(PAUSE)

    def look(self) -> bool:
        """Read what has come since the last look, a piece of each file. Returns whether there was anything."""
        found = [self._follow(path) for path in self.paths]
        for old in list(self.moved):
            grew = old.is_there() and self._read(old.path)
            old.idle = 0 if grew else old.idle + 1
            found.append(grew)
            if old.idle > LOOKS_AT_MOVED or not old.is_there():
                self.moved.remove(old)
        return any(found)

    def _follow(self, path: Path) -> bool:
        row = self._row(path)
        try:
            stat = path.stat()
            if row.inode and row.inode != stat.st_ino:
                self._leave(row, path)
            elif row.offset and (stat.st_size < row.offset or _head(path, row.offset) != row.head_digest):
                self._restart(row, path)
        except FileNotFoundError:
            return False  # in the middle of a rotation: the next look finds it done
        return self._read(path)

    def _row(self, path: Path) -> FollowedFile:
        return FollowedFile.objects.get_or_create(source=self.source, path=str(path))[0]

    def _leave(self, row: FollowedFile, path: Path) -> None:
        """The file was moved and another one is in its place: follow the old one where it is now."""
        now_at = next((other for other in _siblings(path) if other.stat().st_ino == row.inode), None)
        with transaction.atomic():
            if now_at:
                FollowedFile.objects.update_or_create(
                    source=self.source,
                    path=str(now_at),
                    defaults={"inode": row.inode, "offset": row.offset, "head_digest": row.head_digest},
                )
            FollowedFile.objects.filter(pk=row.pk).update(inode=0, offset=0, head_digest="")
        if now_at:
            self.moved.append(_Moved(now_at, row.inode))
        else:
            log.warning("followed_file_gone", path=str(path), read=row.offset)

    def _restart(self, row: FollowedFile, path: Path) -> None:
        """The file was truncated: what was written before that and not read is in the copy, if there is one."""
        copies = (
            other
            for other in _siblings(path)
            if other.stat().st_size >= row.offset and _head(other, row.offset) == row.head_digest
        )
        copy = max(copies, key=lambda other: other.stat().st_mtime, default=None)
        with transaction.atomic():
            if copy:
                FollowedFile.objects.update_or_create(
                    source=self.source,
                    path=str(copy),
                    defaults={"inode": copy.stat().st_ino, "offset": row.offset, "head_digest": row.head_digest},
                )
            FollowedFile.objects.filter(pk=row.pk).update(inode=0, offset=0, head_digest="")
        if copy:
            self.moved.append(_Moved(copy, copy.stat().st_ino))

    def _read(self, path: Path) -> bool:
        """Take the next whole lines; a last line without its end waits for it."""
        row = self._row(path)
        try:
            with path.open("rb") as file:
                inode = os.fstat(file.fileno()).st_ino
                if row.inode and row.inode != inode:
                    return False  # rotated a moment ago: its place is another file's
                head = file.read(HEAD)
                file.seek(row.offset)
                piece = file.read(PIECE)
        except FileNotFoundError:
            return False
        end = piece.rfind(b"\n") + 1
        if not end and len(piece) > intake.LONGEST_LINE:
            end = len(piece)  # no line is this long: it is refused in pieces
        if not end:
            return False
        lines = BytesIO(piece[:end]).readlines()
        for start in range(0, len(lines), intake.CHUNK):
            self._take(row, path, inode, head, lines[start : start + intake.CHUNK])
        intake.nudge()
        return True

    def _take(self, row: FollowedFile, path: Path, inode: int, head: bytes, lines: list[bytes]) -> None:
        items, refused = intake.prepare(self.source, enumerate(lines, start=1), keep_refused=True)
        offset = row.offset + sum(map(len, lines))
        with transaction.atomic():
            kept = FollowedFile.objects.select_for_update().get(pk=row.pk)
            if kept.offset != row.offset:
                raise RuntimeError(f"{path} is followed by another process too.")
            taken = intake.insert(self.source, items)
            kept.inode, kept.offset, kept.head_digest = inode, offset, _digest(head, offset)
            kept.save()
        row.offset = offset
        taken.refused = refused
        self.total.add(taken)


def _head(path: Path, read: int) -> str:
    """A digest of the first bytes, of as many as had been read."""
    with path.open("rb") as file:
        return _digest(file.read(HEAD), read)


def _digest(head: bytes, read: int) -> str:
    return sha256(head[: min(HEAD, read)]).hexdigest()


def _siblings(path: Path) -> list[Path]:
    """Files beside this one that rotation may have made of it: `access.json.1`, `access.json-20261122`."""
    return [other for other in path.parent.glob(f"{_escaped(path.name)}*") if other != path and other.is_file()]


def _escaped(name: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)
