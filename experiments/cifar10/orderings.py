"""Do the paper's orderings hold?  Tests over seeds on the records of a run directory.

``python -m experiments.cifar10.orderings DIR``; exit codes as ``kdverify verify``: 0 every
ordering stands, 1 one is refuted, 3 undecided.  Needs no torch.

For each surrogate the family holds two orderings of accuracies, paired by seed,

    surrogate < S2T,    S2T < standard,

each tested one-sidedly in both directions by the paired Student-t test, with Holm's correction
over the family: the probability that any ordering is called standing, or any refuted, by chance
is at most ``ERROR_RATE`` in each direction.  The t law takes the differences to be normal across
seeds; with few seeds that is an assumption, and fewer than ``LEAST_SEEDS`` are never decided.
The population is that of the seeds (initialisation, order, augmentation) on this one test split.
Beside it stands, where records hold their predictions, the paired test over test images: it takes
these very networks as given and asks about other images, which is another question.

The performance gap recovered is PGR = (S2T - surrogate) / (standard - surrogate) in mean
accuracies (after Burns et al. 2023), not clipped, with Fieller's interval of level 1 -
``ERROR_RATE``; there is none unless the gap in the denominator is positive at that level.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from kdverify import checks
from kdverify.cli import run_app
from kdverify.evidence import Verdict
from kdverify.report.output import document, markdown_table, write_json

from . import results

ERROR_RATE = 0.05
LEAST_SEEDS = 3
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@dataclass(frozen=True)
class Images:
    """The difference of the very networks that were trained, over other test images.

    Per test image, the mean over the seeds of "the upper one is right" less "the lower one is
    right"; ``p_value`` is one-sided, by the normal law of the mean, and not adjusted.
    """

    difference: float
    standard_error: float
    p_value: float


@dataclass(frozen=True)
class Ordering:
    """One ordering: its verdict, the mean difference over paired seeds, Holm's p-value.

    The verdict is that of the test over seeds; ``over_images`` (None for records without
    predictions) stands beside it and decides nothing.
    """

    channels: tuple[int, ...]
    lower: str
    upper: str
    seeds: int
    difference: float
    standard_error: float
    p_value: float
    verdict: Verdict
    over_images: Images | None


@dataclass(frozen=True)
class Recovered:
    """PGR of one surrogate and its interval (None where it is unbounded or not defined)."""

    channels: tuple[int, ...]
    seeds: int
    value: float | None
    interval: tuple[float, float] | None


@dataclass(frozen=True)
class Judgement:
    """The verdict on all orderings together, and what it rests on."""

    verdict: Verdict
    orderings: tuple[Ordering, ...]
    recovered: tuple[Recovered, ...]


@dataclass(frozen=True)
class Accuracies:
    """Accuracies of a surrogate, its S2T target and the standard target at the same seeds.

    ``right``: kind -> share of these seeds at which it is right, for each test image.
    """

    channels: tuple[int, ...]
    surrogate: np.ndarray
    s2t: np.ndarray
    standard: np.ndarray
    resolution: float
    right: dict[str, np.ndarray] | None


def paired(records: Sequence[dict[str, Any]]) -> list[Accuracies]:
    """One entry per surrogate, over the seeds at which all three models are there."""
    found: dict[tuple[str, tuple[int, ...]], dict[int, dict[str, Any]]] = {}
    for record in records:
        run = record["run"]
        key = (run["kind"], tuple(run["channels"] or ()))
        found.setdefault(key, {})[run["seed"]] = record
    standard = found.get(("standard", ()), {})
    entries = []
    for kind, channels in sorted(found, key=lambda key: -sum(key[1])):
        if kind != "surrogate":
            continue
        members = (found[kind, channels], found.get(("s2t", channels), {}), standard)
        seeds = sorted(set.intersection(*map(set, members)))
        chosen = [[member[seed] for seed in seeds] for member in members]
        surrogate, s2t, target = (
            np.array([record["result"]["accuracy"] for record in group], dtype=float)
            for group in chosen
        )
        smallest = 1 / min(record["sources"]["test_images"] for record in records)
        right = None
        if seeds and all("predictions" in record for group in chosen for record in group):
            shares = (np.mean([results.right(r) for r in group], axis=0) for group in chosen)
            right = dict(zip(("surrogate", "s2t", "standard"), shares, strict=True))
        entries.append(Accuracies(channels, surrogate, s2t, target, smallest, right))
    return entries


def judge(records: Sequence[dict[str, Any]], error_rate: float = ERROR_RATE) -> Judgement:
    """Test every ordering.  Refuted if one is, standing if all are, else undecided."""
    checks.below("error_rate", checks.positive("error_rate", error_rate), 1, "a probability")
    entries = paired(records)
    cases = [
        (entry, lower, upper, getattr(entry, upper) - getattr(entry, lower))
        for entry in entries
        for lower, upper in (("surrogate", "s2t"), ("s2t", "standard"))
    ]
    statistics = [_moments(case[3], case[0].resolution) for case in cases]
    holding = _holm([_tail(*s) for s in statistics])
    reverse = _holm([_tail(-s[0], s[1], s[2]) for s in statistics])
    orderings = tuple(
        Ordering(
            entry.channels,
            lower,
            upper,
            len(values),
            mean,
            error,
            p,
            _verdict(len(values), p, q, error_rate),
            _over_images(entry.right, lower, upper),
        )
        for (entry, lower, upper, values), (mean, error, _), p, q in zip(
            cases, statistics, holding, reverse, strict=True
        )
    )
    recovered = tuple(_recovered(entry, error_rate) for entry in entries)
    return Judgement(_together([o.verdict for o in orderings]), orderings, recovered)


def _over_images(right: dict[str, np.ndarray] | None, lower: str, upper: str) -> Images | None:
    from scipy import stats

    if right is None:
        return None
    differences = right[upper] - right[lower]
    count = differences.size
    mean = float(differences.mean())
    error = max(float(differences.std(ddof=1)) / math.sqrt(count), 1 / count)
    return Images(mean, error, float(stats.norm.sf(mean / error)))


def _moments(values: np.ndarray, resolution: float) -> tuple[float, float, int]:
    """Mean, standard error (never below that of rounding to the resolution), seeds."""
    if values.size < 2:
        return float(values.mean()) if values.size else math.nan, math.nan, values.size
    spread = max(float(values.std(ddof=1)), resolution / math.sqrt(12))
    return float(values.mean()), spread / math.sqrt(values.size), values.size


def _tail(mean: float, error: float, seeds: int) -> float:
    from scipy import stats

    return float(stats.t.sf(mean / error, seeds - 1)) if seeds >= LEAST_SEEDS else 1.0


def _holm(values: Sequence[float]) -> list[float]:
    """Holm's adjusted p-values."""
    order = np.argsort(values)
    adjusted = np.empty(len(values))
    largest = 0.0
    for rank, index in enumerate(order):
        largest = max(largest, min(1.0, (len(values) - rank) * values[index]))
        adjusted[index] = largest
    return [float(value) for value in adjusted]


def _verdict(seeds: int, holding: float, reverse: float, error_rate: float) -> Verdict:
    if seeds < LEAST_SEEDS:
        return Verdict.UNDECIDED
    if holding <= error_rate:
        return Verdict.MEASURED
    return Verdict.REFUTED if reverse <= error_rate else Verdict.UNDECIDED


def _together(verdicts: Sequence[Verdict]) -> Verdict:
    if Verdict.REFUTED in verdicts:
        return Verdict.REFUTED
    stands = bool(verdicts) and all(verdict is Verdict.MEASURED for verdict in verdicts)
    return Verdict.MEASURED if stands else Verdict.UNDECIDED


def _recovered(entry: Accuracies, error_rate: float) -> Recovered:
    gained, gap = entry.s2t - entry.surrogate, entry.standard - entry.surrogate
    seeds = gap.size
    if seeds == 0 or gap.mean() <= 0:
        return Recovered(entry.channels, seeds, None, None)
    value = float(gained.mean() / gap.mean())
    interval = fieller(gained, gap, 1 - error_rate) if seeds >= LEAST_SEEDS else None
    return Recovered(entry.channels, seeds, value, interval)


def fieller(
    numerator: np.ndarray, denominator: np.ndarray, level: float
) -> tuple[float, float] | None:
    """Fieller's interval for the ratio of two means of paired values; None where unbounded."""
    from scipy import stats

    count = numerator.size
    top, bottom = float(numerator.mean()), float(denominator.mean())
    (tt, tb), (_, bb) = np.cov(numerator, denominator) / count
    square = float(stats.t.isf((1 - level) / 2, count - 1)) ** 2
    # (top - r bottom)^2 <= square (tt - 2 r tb + r^2 bb), a quadratic inequality in r.
    a, b, c = bottom**2 - square * bb, top * bottom - square * tb, top**2 - square * tt
    inner = b * b - a * c
    if a <= 0 or inner < 0:
        return None
    return (b - math.sqrt(inner)) / a, (b + math.sqrt(inner)) / a


def report(folder: Path) -> str:
    """A text with every ordering, the PGRs and the verdict."""
    judged = judge(results.read(folder))
    lines = [f"orderings over paired seeds, family-wise error {ERROR_RATE:g} (Holm)"]
    for o in judged.orderings:
        shown = "" if o.seeds < 1 else f"{o.difference:+.4f}"
        shown += "" if o.seeds < 2 else f" ± {o.standard_error:.4f} (s.e.)"
        pair = f"{o.lower} < {o.upper}"
        lines.append(
            f"  {_name(o.channels):>12}  {pair:<17} {o.seeds} seeds  {shown:<24} "
            f"p = {o.p_value:.3g}  {o.verdict}"
        )
        if o.over_images is not None:
            lines[-1] += (
                f"  (over test images ± {o.over_images.standard_error:.4f}, "
                f"p = {o.over_images.p_value:.2g})"
            )
    for r in judged.recovered:
        value = "not defined" if r.value is None else f"{r.value:.3f}"
        limits = (
            "no interval" if r.interval is None else f"[{r.interval[0]:.3f}, {r.interval[1]:.3f}]"
        )
        lines.append(f"  {_name(r.channels):>12}  PGR {value}, {limits}")
    return "\n".join([*lines, f"verdict: {judged.verdict}"])


def markdown(folder: Path) -> str:
    """The orderings and the PGRs as a table for a page."""
    judged = judge(results.read(folder))
    recovered = {r.channels: r for r in judged.recovered}
    head = ["surrogate", "ordering", "seeds", "difference of accuracies"]
    with_images = any(o.over_images is not None for o in judged.orderings)
    head += ["p (Holm)", "verdict", "PGR", *["over test images"] * with_images]
    rows = []
    for o in judged.orderings:
        found = recovered[o.channels]
        pgr = ""
        if o.lower == "surrogate" and found.value is not None:
            pgr = f"{found.value:.2f}"
            if found.interval is not None:
                pgr += f" [{found.interval[0]:.2f}, {found.interval[1]:.2f}]"
        cells = [
            _name(o.channels),
            f"{o.lower} < {o.upper}",
            str(o.seeds),
            f"{o.difference:+.4f} ± {o.standard_error:.4f}" if o.seeds > 1 else "",
            f"{o.p_value:.2g}",
            str(o.verdict),
            pgr,
        ]
        if with_images:
            beside = o.over_images
            shown = "" if beside is None else f"± {beside.standard_error:.4f}, p = "
            cells.append(shown if beside is None else f"{shown}{beside.p_value:.1g}")
        rows.append(cells)
    return markdown_table(head, rows)


def _name(channels: tuple[int, ...]) -> str:
    return f"({', '.join(map(str, channels))})"


@app.command()
def main(
    folder: Annotated[str, typer.Argument(metavar="DIR", help="A run directory.")],
    json: Annotated[str | None, typer.Option(metavar="FILE", help="Results as JSON.")] = None,
) -> None:
    """Test the orderings on the records of a run directory."""
    records = results.read(Path(folder))
    if not records:
        raise ValueError(f"folder={checks.shown(folder)} must hold at least one finished run")
    judged = judge(records)
    print(report(Path(folder)), file=sys.stderr if json == "-" else sys.stdout)
    if json is not None:
        rows = [asdict(o) for o in judged.orderings] + [asdict(r) for r in judged.recovered]
        settings = {"error_rate": ERROR_RATE, "verdict": judged.verdict}
        write_json(document("experiments.cifar10.orderings", settings, rows), json)
    codes = {Verdict.MEASURED: 0, Verdict.REFUTED: 1}
    raise typer.Exit(codes.get(judged.verdict, 3))


if __name__ == "__main__":
    run_app(app, "orderings")
