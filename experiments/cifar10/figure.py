"""Figure 2a from a run directory: accuracy of surrogates, their S2T targets, standard target.

Needs no torch.  ``draw`` writes ``figure_2a.png``, ``.svg`` and ``.json`` into the directory.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kdverify import checks
from kdverify.report.colours import COLOURS
from kdverify.report.output import document, markdown_table, write_json

from . import results
from .config import PRESETS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Coverage of the intervals.
LEVEL = 0.95
#: kind -> colour, marker, offset, label.
LOOKS = {
    "surrogate": (COLOURS[1], "s", -0.16, "surrogate, on true labels"),
    "s2t": (COLOURS[2], "o", 0.16, "target on the surrogate's labels (S2T)"),
}
#: Characters in a line of the caption.
CAPTION_WIDTH = 120
STANDARD = COLOURS[3]


def mean_interval(values: Sequence[float], level: float = LEVEL) -> tuple[float, float]:
    """Mean, and half the width of its Student-t interval (nan for a single value)."""
    from scipy import stats

    numbers = np.asarray(values, dtype=float)
    if numbers.size < 2:
        return float(numbers.mean()), math.nan
    error = float(numbers.std(ddof=1)) / math.sqrt(numbers.size)
    return float(numbers.mean()), float(stats.t.isf((1 - level) / 2, numbers.size - 1)) * error


def table(records: Sequence[dict[str, Any]], metric: str = "accuracy") -> list[dict[str, Any]]:
    """A row per model: kind, channels, seeds, the value at each seed, mean, half-width."""
    groups: dict[tuple[str, tuple[int, ...]], dict[int, float]] = {}
    for record in records:
        run = record["run"]
        if run["kind"] in ("surrogate", "standard", "s2t"):
            group = groups.setdefault((run["kind"], tuple(run["channels"] or ())), {})
            group[int(run["seed"])] = float(record["result"][metric])
    rows = []
    for (kind, channels), by_seed in sorted(groups.items(), key=lambda g: (-sum(g[0][1]), g[0][0])):
        mean, half = mean_interval([by_seed[seed] for seed in sorted(by_seed)])
        rows.append(
            {
                "kind": kind,
                "channels": list(channels),
                "seeds": sorted(by_seed),
                metric: [by_seed[seed] for seed in sorted(by_seed)],
                "mean": mean,
                "interval_half_width": half,
            }
        )
    return rows


def accuracy_table(folder: Path) -> str:
    """Markdown: accuracies of every model in the directory, seed by seed, on the test split.

    Beside them their mean with its interval, the squared risk, and means on the train images:
    accuracy on true labels, and of the labels that an S2T target learned.
    """
    records = results.read(folder)
    risks = {_row_key(row): row["mean"] for row in table(records, "squared_risk")}
    on_train = {_row_key(row): row["mean"] for row in table(records, "train_accuracy")}
    given: dict[tuple[int, ...], list[float]] = {}
    for record in records:
        if record["run"]["kind"] == "s2t":
            given.setdefault(tuple(record["run"]["channels"]), []).append(
                record["result"]["label_accuracy"]
            )
    head = ["model", "accuracy, seed by seed", "mean", "squared risk", "on train images"]
    rows = []
    for row in table(records):
        key = _row_key(row)
        name = row["kind"] if not row["channels"] else f"{row['kind']} {key[1]}"
        seeds = ", ".join(f"{value:.4f}" for value in row["accuracy"])
        mean = f"{row['mean']:.4f}"
        mean += (
            "" if math.isnan(row["interval_half_width"]) else f" ± {row['interval_half_width']:.4f}"
        )
        labels = f"{np.mean(given[key[1]]):.4f}" if row["kind"] == "s2t" else ""
        cells = [name, seeds, mean, f"{risks[key]:.4f}", f"{on_train[key]:.4f}", labels]
        rows.append(cells)
    return markdown_table([*head, "its labels"], rows)


def summary_table(folder: Path) -> str:
    """Markdown: per surrogate its mean accuracy, its S2T target's, the standard target's."""
    rows = {_row_key(row): row for row in table(results.read(folder))}
    head = ["surrogate", "its accuracy", "ResNet-50 on its labels (S2T)"]
    lines = []
    for channels in [key[1] for key in rows if key[0] == "surrogate"]:
        chosen = [
            rows[key] for key in (("surrogate", channels), ("s2t", channels), ("standard", ()))
        ]
        cells = [_with_interval(row["mean"], row["interval_half_width"]) for row in chosen]
        lines.append([str(channels), *cells])
    return markdown_table([*head, "ResNet-50 on true labels"], lines)


def _with_interval(mean: float, half_width: float) -> str:
    return (
        f"{mean:.3f} ± {half_width:.3f}" if math.isfinite(half_width) else f"{mean:.3f} (one seed)"
    )


def _row_key(row: dict[str, Any]) -> tuple[str, tuple[int, ...]]:
    return row["kind"], tuple(row["channels"])


def reductions(record: dict[str, Any]) -> str:
    """What the runs used, and where that is less than, or other than, the paper's protocol."""
    settings, sources = record["settings"], record["sources"]
    paper = PRESETS["paper"].as_json()
    target, surrogate = settings["target"], settings["surrogate"]
    side = settings.get("resolution") or sources["image"][0]
    size = settings["train_size"] or sources["train_images"]
    protocol = "reduced"
    if target == paper["target"] and surrogate == paper["surrogate"]:
        whole = settings["target_model"] == paper["target_model"] and not settings["train_size"]
        protocol = "the paper's protocol" if whole else "the paper's training"
    halves = "; surrogates and targets on different halves" if settings["fresh_half"] else ""
    return (
        f"Preset {settings['preset']}, {protocol}: {settings['target_model']}, weights "
        f"{sources['weights']}, {side}x{side} pixels, unchanged stem; {sources['data']}, {size} "
        f"train images{halves}; {settings['labels']} labels; targets {_schedule(target)}; "
        f"surrogates {_schedule(surrogate)}. The paper's protocol: {paper['target_model']}, "
        f"ImageNet weights, {_schedule(paper['target'])}."
    )


def _schedule(schedule: dict[str, Any]) -> str:
    warm = f", warm-up {schedule['warmup_epochs']}" if schedule["warmup_epochs"] else ""
    return (
        f"{schedule['epochs']} epochs of T_max {schedule['t_max']}{warm}, batch "
        f"{schedule['batch']}, rate {schedule['learning_rate']:g}"
    )


def draw(folder: Path) -> list[Path]:
    """Draw what the directory holds so far; returns the files written."""
    from kdverify.report import figures

    records = results.read(folder)
    if not records:
        raise ValueError(f"out={checks.shown(str(folder))} must hold at least one finished run")
    rows = table(records)
    caption = reductions(records[0])
    picture = _picture(rows, caption)
    files = [folder / f"figure_2a.{ending}" for ending in ("png", "svg", "json")]
    for file in files[:2]:
        figures.save(picture, str(file))
    settings = {"caption": caption, "level": LEVEL} | {
        name: records[0][name] for name in ("settings", "sources")
    }
    write_json(document("experiments.cifar10", settings, rows), str(files[2]))
    return files


def _picture(rows: Sequence[dict[str, Any]], caption: str) -> Figure:
    from kdverify.report import figures

    picture, axes = figures.blank()
    channels = list(dict.fromkeys(tuple(r["channels"]) for r in rows if r["channels"]))
    for kind, (colour, marker, offset, label) in LOOKS.items():
        chosen = [row for row in rows if row["kind"] == kind]
        places = [channels.index(tuple(row["channels"])) + offset for row in chosen]
        _series(axes, places, chosen, colour, marker, label)
    standard = next((row for row in rows if row["kind"] == "standard"), None)
    if standard is not None:
        place = len(channels)
        _series(axes, [place], [standard], STANDARD, "D", "target on true labels (standard)")
        axes.axhline(standard["mean"], color=STANDARD, linewidth=0.9, linestyle="--", zorder=1)
    names = [f"({', '.join(map(str, c))})" for c in channels]
    names += ["standard"] if standard is not None else []
    axes.set_xticks(range(len(names)), names)
    axes.set_xlim(-0.5, len(names) - 0.5)
    axes.set(xlabel="channels of the surrogate", ylabel="accuracy on the test split")
    seeds = sorted({seed for row in rows for seed in row["seeds"]})
    axes.set_ylim(_limits(rows))
    axes.set_title(
        f"mean and {LEVEL:.0%} t-interval over seeds {', '.join(map(str, seeds))} "
        "(cut at the frame); small marks: single seeds",
        fontsize=8,
    )
    picture.supxlabel(textwrap.fill(caption, CAPTION_WIDTH), fontsize=7, x=0.01, ha="left")
    axes.legend(frameon=False, fontsize=8, loc="lower left")
    return picture


def _limits(rows: Sequence[dict[str, Any]]) -> tuple[float, float]:
    """A range for all marks and intervals, with room for the legend, within [0, 1]."""
    values = [value for row in rows for value in row["accuracy"]]
    for row in rows:
        half = row["interval_half_width"]
        values += [] if math.isnan(half) else [row["mean"] - half, row["mean"] + half]
    spread = max(values) - min(values)
    margin = 0.05 * spread + 0.01
    return max(0.0, min(values) - margin - 0.25 * spread), min(1.0, max(values) + margin)


def _series(
    axes: Any,
    places: Sequence[float],
    rows: Sequence[dict[str, Any]],
    colour: str,
    marker: str,
    label: str,
) -> None:
    if not rows:
        return
    halves = np.nan_to_num([row["interval_half_width"] for row in rows])
    means = [row["mean"] for row in rows]
    look = {"color": colour, "marker": marker}
    axes.errorbar(
        places, means, yerr=halves, linestyle="none", markersize=6, capsize=3, label=label, **look
    )
    for place, row in zip(places, rows, strict=True):
        spread = place + 0.07 + 0.025 * np.arange(len(row["accuracy"]))
        axes.plot(spread, row["accuracy"], linestyle="none", markersize=2.5, alpha=0.7, **look)
