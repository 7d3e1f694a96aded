"""The records of a run directory: one JSON per run."""

from __future__ import annotations

import base64
import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from kdverify import checks
from kdverify._files import write_json
from kdverify.provenance import SCHEMA, environment

from .config import Run, Settings

#: What is measured on the test split, in the units of `training.measures`.
METRICS = ("accuracy", "cross_entropy", "squared_risk")
#: Of a record's sources, those that have to be the same in one run directory.
SAME_SOURCES = ("data", "image", "train_images", "test_images", "weights")
PACKAGES = ("torch", "torchvision", "lightning-fabric", "pillow")


def document(
    run: Run,
    settings: Settings,
    sources: dict[str, Any],
    history: list[dict[str, Any]],
    figures: dict[str, Any],
) -> dict[str, Any]:
    """The record of one finished run."""
    *before, last = history
    history = [*before, {key: last[key] for key in last if key != "predictions"}]
    return {
        "schema": SCHEMA,
        "run": {"name": run.name, "kind": run.kind, "seed": run.seed, "channels": run.channels},
        "settings": settings.as_json(),
        "sources": sources,
        "result": {name: history[-1][f"test_{name}"] for name in METRICS} | figures,
        "predictions": last["predictions"],
        "history": history,
        "environment": environment() | _versions(),
    }


def packed(classes: np.ndarray, labels: np.ndarray) -> dict[str, str]:
    """Predicted classes (below 256) of the test images, and which are right, as short text.

    ``classes`` are compressed bytes, ``right`` are bits; both in base 64.
    """
    text = base64.b64encode(zlib.compress(classes.astype(np.uint8).tobytes(), 9)).decode()
    right = base64.b64encode(np.packbits(classes == labels).tobytes()).decode()
    return {"classes": text, "right": right}


def predicted_classes(record: dict[str, Any]) -> np.ndarray:
    """Class that the model of a record gives to each test image, (N,)."""
    text = base64.b64decode(record["predictions"]["classes"])
    return np.frombuffer(zlib.decompress(text), np.uint8)


def right(record: dict[str, Any]) -> np.ndarray:
    """Whether the model of a record is right, for each test image, (N,)."""
    bits = np.frombuffer(base64.b64decode(record["predictions"]["right"]), np.uint8)
    return np.unpackbits(bits, count=record["sources"]["test_images"]).astype(bool)


def _versions() -> dict[str, str]:
    from importlib import metadata

    return {name: metadata.version(name) for name in PACKAGES}


def save(content: dict[str, Any], folder: Path) -> Path:
    """Write the record of a run; returns its file."""
    file = folder / f"{content['run']['name']}.json"
    write_json(content, str(file))
    return file


def read(folder: Path) -> list[dict[str, Any]]:
    """All records of a run directory, in the order of their names."""
    return [_record(file) for file in sorted(folder.glob("*-seed*.json"))]


def _record(file: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        schema = content["schema"]
        complete = all(
            isinstance(content["result"][metric], int | float) for metric in METRICS
        ) and {"name", "kind", "seed", "channels"} <= set(content["run"])
        complete = complete and {"settings", "sources", "history"} <= set(content)
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{file} must be the record of a run; it is damaged") from error
    if schema != SCHEMA:
        raise ValueError(f"{file} must have schema {SCHEMA}, not {schema}; run it again")
    if not complete:
        raise ValueError(f"{file} must be the record of a run; it is damaged")
    return content


def refuse_others(folder: Path, settings: Settings, sources: dict[str, Any]) -> None:
    """A ValueError if ``folder`` holds a record of other settings, data or weights.

    Seeds, the device and the number of threads or processes may differ.
    """
    mine = _comparable(settings.as_json(), sources)
    for record in read(folder):
        theirs = _comparable(record["settings"], record["sources"])
        for name in sorted(mine.keys() | theirs.keys()):
            if mine.get(name) != theirs.get(name):
                raise ValueError(
                    f"out={checks.shown(str(folder))} must hold results of the same settings; its "
                    f"{record['run']['name']} has {name}={theirs.get(name)!r}, this run "
                    f"{mine.get(name)!r}: use another --out"
                )


def _comparable(settings: dict[str, Any], sources: dict[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in settings.items():
        if isinstance(value, dict):
            flat |= {f"{name}.{inner}": part for inner, part in value.items()}
        elif name != "seeds":
            flat[name] = value
    return flat | {name: sources.get(name) for name in SAME_SOURCES}
