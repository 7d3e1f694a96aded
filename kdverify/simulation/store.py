"""Finished blocks of trials on disk: one SQLite file, safe against kills at any moment.

A block is keyed by its task (every parameter, the seed and the version of the formulas go
into the key) and its index.  Each block is one transaction in write-ahead mode, so that a
kill loses the blocks in flight and nothing else.
"""

from __future__ import annotations

import io
import json
import sqlite3
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from kdverify.simulation.block import BlockResult, Moments
from kdverify.simulation.task import Block

#: Marks a file as ours ("kdv1" in ASCII).
APPLICATION_ID = 0x6B647631
SCHEMA = 1


class Store:
    """An open store; a context manager.

    Args:
        path: the file; made if it is not there.

    Raises:
        ValueError: for a file that is no store of this version; it is left untouched.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        if self.path.exists() and self.path.stat().st_size > 0:
            _require_ours(self.path)
        elif not self.path.parent.is_dir():
            raise ValueError(f"store={str(path)!r} must lie in an existing folder")
        self._db = sqlite3.connect(self.path, timeout=60, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(
            f"""
            BEGIN IMMEDIATE;
            CREATE TABLE IF NOT EXISTS tasks (key TEXT PRIMARY KEY, settings TEXT NOT NULL);
            CREATE TABLE IF NOT EXISTS blocks (
                task TEXT NOT NULL, number INTEGER NOT NULL, trials INTEGER NOT NULL,
                content BLOB NOT NULL, PRIMARY KEY (task, number, trials));
            PRAGMA application_id = {APPLICATION_ID};
            PRAGMA user_version = {SCHEMA};
            COMMIT;
            """
        )

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._db.close()

    def describe(self, task: str, settings: dict[str, Any]) -> None:
        """Note what a task key stands for."""
        self._db.execute(
            "INSERT OR IGNORE INTO tasks VALUES (?, ?)",
            (task, json.dumps(settings, sort_keys=True)),
        )

    def add(self, task: str, block: BlockResult) -> None:
        """Keep a finished block; a block that is there already stays as it is."""
        self._db.execute(
            "INSERT OR IGNORE INTO blocks VALUES (?, ?, ?, ?)",
            (task, block.index, len(block.risks), pack(block)),
        )

    def finished(self, task: str) -> set[Block]:
        """The blocks of a task that are there."""
        rows = self._db.execute("SELECT number, trials FROM blocks WHERE task = ?", (task,))
        return {Block(number, trials) for number, trials in rows}

    def results(self, task: str, blocks: Iterable[Block]) -> list[BlockResult]:
        """The results of those blocks, which must be there."""
        query = "SELECT content FROM blocks WHERE task = ? AND number = ? AND trials = ?"
        return [
            unpack(self._db.execute(query, (task, b.index, b.trials)).fetchone()[0]) for b in blocks
        ]


def pack(block: BlockResult) -> bytes:
    """A block as the bytes of a NumPy archive (no pickle)."""
    arrays: dict[str, Any] = {}
    for item in fields(block):
        value = getattr(block, item.name)
        if isinstance(value, Moments):
            for part in fields(value):
                arrays[f"{item.name}.{part.name}"] = getattr(value, part.name)
        elif value is not None:
            arrays[item.name] = value
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def unpack(content: bytes) -> BlockResult:
    """The block that `pack` made these bytes of."""
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        arrays = dict(archive)

    def moments(name: str) -> Moments | None:
        if f"{name}.mean" not in arrays:
            return None
        count = int(arrays[f"{name}.count"])
        return Moments(count, arrays[f"{name}.mean"], arrays[f"{name}.squares"])

    return BlockResult(
        index=int(arrays["index"]),
        risks=arrays["risks"],
        transfer_mean=moments("transfer_mean"),
        transfer_energy=moments("transfer_energy"),
        noise_trace=arrays.get("noise_trace"),
        safe=int(arrays["safe"]),
        condition=float(arrays["condition"]),
    )


def _require_ours(path: Path) -> None:
    """Raise ValueError unless the file is an intact store of this schema; change nothing."""
    name = f"store={str(path)!r}"
    try:
        db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=60)
        try:
            (owner,) = db.execute("PRAGMA application_id").fetchone()
            (schema,) = db.execute("PRAGMA user_version").fetchone()
            (verdict,) = db.execute("PRAGMA quick_check(1)").fetchone()
        finally:
            db.close()
    except sqlite3.DatabaseError as error:
        raise ValueError(
            f"{name} must be a kdverify store, but it cannot be read as one ({error}); "
            "it was left untouched: name another file"
        ) from None
    if owner != APPLICATION_ID:
        raise ValueError(
            f"{name} must be a kdverify store, but it is another program's database; "
            "it was left untouched: name another file"
        )
    if verdict != "ok":
        raise ValueError(
            f"{name} must be intact, but it is damaged ({verdict}); it was left untouched: "
            "restore it from a copy or name another file"
        )
    if schema != SCHEMA:
        raise ValueError(
            f"{name} must have schema {SCHEMA}, but it has {schema}; it was left untouched: "
            "use the kdverify version that wrote it, or name another file"
        )
