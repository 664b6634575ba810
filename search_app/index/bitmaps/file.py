"""A snapshot on disk, so that a restart need not read the whole database.

Layout: MAGIC, the length of the header (8 bytes), the header (JSON), the arrays one after another,
a BLAKE2b checksum of everything before it. No pickle: a file that somebody tampered with can be
wrong, but it cannot run code. What cannot be read, or was made for another database, is no file.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from search_app.index.bitmaps.columns import Codes, Dictionary, Numbers
from search_app.index.bitmaps.sets import Lists, Sets, Starts
from search_app.index.bitmaps.snapshot import Snapshot

MAGIC = b"TOCSIN-INDEX\n"
FORMAT = 3
CHECKSUM_SIZE = 32  # bytes


def save(path: Path, snapshot: Snapshot, made_from: Mapping[str, Any]) -> None:
    """Write a compact snapshot (no tail) whole or not at all. `made_from` names the database, its epoch and shape."""
    arrays: list[np.ndarray] = []

    def keep(array: np.ndarray) -> dict[str, Any]:
        arrays.append(np.ascontiguousarray(array))
        return {"dtype": array.dtype.str, "length": len(array)}

    n = snapshot.n
    header: dict[str, Any] = {
        "format": FORMAT,
        "made_from": dict(made_from),
        "stamp": snapshot.stamp,
        "axis": snapshot.axis,
    }
    header["pks"], header["times"] = keep(snapshot.pks[:n]), keep(snapshot.times[:n])
    header["columns"] = columns = {}
    for name, column in snapshot.columns.items():
        if name == snapshot.axis:
            continue  # its values are the times
        match column:
            case Numbers():
                columns[name] = {"kind": "numbers", "values": keep(column.values[:n])}
            case Codes():
                columns[name] = {"kind": "codes", "codes": keep(column.codes[:n]), "values": column.dictionary.values}
            case Sets():
                columns[name] = {
                    "kind": "sets",
                    "starts": keep(column.main.starts.whole()),
                    "codes": keep(column.main.codes),
                    "values": column.dictionary.values,
                }
    text = json.dumps(header, separators=(",", ":")).encode()
    digest = blake2b(digest_size=CHECKSUM_SIZE)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with draft.open("wb") as file:
        for part in (MAGIC, len(text).to_bytes(8, "big"), text, *(memoryview(array).cast("B") for array in arrays)):
            file.write(part)
            digest.update(part)
        file.write(digest.digest())
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def load(path: Path, made_from: Mapping[str, Any]) -> Snapshot | None:
    """The snapshot in a file; None when there is none, or it is damaged, old, or of another database."""
    try:
        file = path.open("rb")
    except OSError:
        return None
    with file:
        if not _is_whole(file):
            return None
        file.seek(len(MAGIC))
        header = json.loads(file.read(int.from_bytes(file.read(8), "big")))
        if header["format"] != FORMAT or header["made_from"] != dict(made_from):
            return None

        def take(about: dict[str, Any]) -> np.ndarray:
            return np.fromfile(file, np.dtype(about["dtype"]), about["length"])

        pks, times = take(header["pks"]), take(header["times"])
        columns: dict[str, Any] = {}
        for name, about in header["columns"].items():
            if about["kind"] == "numbers":
                columns[name] = Numbers.build(take(about["values"]))
            elif about["kind"] == "codes":
                columns[name] = Codes.build(Dictionary(about["values"]), take(about["codes"]))
            else:
                starts, codes = take(about["starts"]), take(about["codes"])
                columns[name] = Sets.of(Dictionary(about["values"]), Lists(Starts.of(starts), codes))
        return Snapshot.build(pks, times, columns, header["stamp"], header["axis"])


def _is_whole(file: BinaryIO) -> bool:
    """Whether it is one of ours, and every bit of it as it was written."""
    size = file.seek(0, os.SEEK_END) - CHECKSUM_SIZE
    file.seek(0)
    if size < len(MAGIC) + 8 or file.read(len(MAGIC)) != MAGIC:
        return False
    digest = blake2b(MAGIC, digest_size=CHECKSUM_SIZE)
    left = size - len(MAGIC)
    while left > 0 and (part := file.read(min(left, 1 << 20))):
        digest.update(part)
        left -= len(part)
    return file.read() == digest.digest()
