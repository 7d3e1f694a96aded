"""Finished blocks of trials on disk: one SQLite file, safe against kills at any moment.

A block is keyed by its task (every parameter, the seed and the version of the formulas go
into the key) and its index.  Each block is one transaction in write-ahead mode, so that a
kill loses the blocks in flight and nothing else.
"""

from __future__ import annotations

import io
import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import numpy as np

from kdverify import checks
from kdverify.simulation.block import BlockResult, RunningMoments
from kdverify.simulation.task import Block

#: Seconds to wait for a store that another process has locked.
PATIENCE = 60.0
#: Marks a file as ours ("kdv1" in ASCII).
APPLICATION_ID = 0x6B647631
SCHEMA = 1
TABLES = (
    "CREATE TABLE IF NOT EXISTS tasks (key TEXT PRIMARY KEY, settings TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS blocks (task TEXT NOT NULL, number INTEGER NOT NULL, "
    "trials INTEGER NOT NULL, content BLOB NOT NULL, PRIMARY KEY (task, number, trials))",
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {SCHEMA}",
)

Result = TypeVar("Result")


class Store:
    """An open store; a context manager.

    Args:
        path: the file; made if it is not there.

    Raises:
        ValueError: for a file that is no store of this version; it is left untouched.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        checks.output_file("store", path)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if not os.access(self.path.parent, os.W_OK):  # of files beside it, as long as it is open
            raise ValueError(f"store={str(path)!r} must lie in a folder that can be written to")
        if self.path.exists() and self.path.stat().st_size > 0:
            _require_ours(self.path)
        with _told(self.path):
            self._db = sqlite3.connect(self.path, timeout=PATIENCE, isolation_level=None)
            try:
                _patiently(self._create)
            except BaseException:
                self._db.close()
                raise

    def _create(self) -> None:
        """Tables and the marks of a store in one transaction; only then the write-ahead mode.

        Another process sees an empty file or a whole store.
        """
        self._db.execute("BEGIN EXCLUSIVE")
        try:
            for statement in TABLES:
                self._db.execute(statement)
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:  # a full disk has ended it already
                self._db.execute("ROLLBACK")
            raise
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")

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
        self._execute(
            "INSERT OR IGNORE INTO tasks VALUES (?, ?)",
            (task, json.dumps(settings, sort_keys=True)),
        )

    def add(self, task: str, block: BlockResult) -> None:
        """Keep a finished block; a block that is there already stays as it is."""
        self._execute(
            "INSERT OR IGNORE INTO blocks VALUES (?, ?, ?, ?)",
            (task, block.index, len(block.risks), pack(block)),
        )

    def finished(self, task: str) -> set[Block]:
        """The blocks of a task that are there."""
        rows = self._execute("SELECT number, trials FROM blocks WHERE task = ?", (task,))
        return {Block(number, trials) for number, trials in rows}

    def results(self, task: str, blocks: Iterable[Block]) -> list[BlockResult]:
        """The results of those blocks, which must be there."""
        query = "SELECT content FROM blocks WHERE task = ? AND number = ? AND trials = ?"
        return [unpack(self._execute(query, (task, b.index, b.trials))[0][0]) for b in blocks]

    def _execute(self, statement: str, values: tuple[Any, ...]) -> list[Any]:
        with _told(self.path):
            return _patiently(lambda: self._db.execute(statement, values).fetchall())


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Say what is wrong with a store that cannot be read or written."""
    try:
        yield
    except sqlite3.Error as error:
        raise ValueError(
            f"store={str(path)!r} must be readable and writable: {error}; what was finished before "
            "is in it"
        ) from None


def _patiently(action: Callable[[], Result]) -> Result:
    """The action's result; again and again while another process holds the lock."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return action()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.05)


def pack(block: BlockResult) -> bytes:
    """A block as the bytes of a NumPy archive (no pickle)."""
    arrays: dict[str, Any] = {}
    for item in fields(block):
        value = getattr(block, item.name)
        if isinstance(value, RunningMoments):
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

    def moments(name: str) -> RunningMoments | None:
        if f"{name}.mean" not in arrays:
            return None
        count = int(arrays[f"{name}.count"])
        return RunningMoments(count, arrays[f"{name}.mean"], arrays[f"{name}.squares"])

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
        owner, schema, verdict = _patiently(lambda: _marks(path))
    except sqlite3.OperationalError as error:
        raise ValueError(f"{name} must be readable: {error}") from None
    except sqlite3.DatabaseError as error:
        raise ValueError(
            f"{name} must be a kdverify store, but it cannot be read as one ({error}); "
            "it was left untouched: name another file"
        ) from None
    if owner is None:  # an empty database
        return
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


def _marks(path: Path) -> tuple[int | None, int, str]:
    """Whose database it is (None: nobody's, it is empty), its schema, and whether it is whole."""
    db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=PATIENCE)
    try:
        (owner,) = db.execute("PRAGMA application_id").fetchone()
        (schema,) = db.execute("PRAGMA user_version").fetchone()
        (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        (verdict,) = db.execute("PRAGMA quick_check(1)").fetchone()
    finally:
        db.close()
    return (owner if owner or tables else None), schema, verdict
