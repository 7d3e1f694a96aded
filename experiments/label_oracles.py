"""What would knowing more than n_0 labels buy?  Two forecasts of the best ridge's change.

Claim: from 100 labels the change of the best ridge's risk is not told within half of the best
curve fit's error on every set, and the reason is what 100 labels say, not linear theory.  Beside
the forecasts of `experiments.few_labels`, on the same labelled draws and drawn rows, stand

known   the signal in every direction and the noise, from the least-squares fit of all labels
shape   how the energy falls along the directions, from there; the 100 labels say its share alone

    python -m experiments.label_oracles --set digits --found FOLDER --out DIR

reads the forecasts of a set from FOLDER and writes one JSON a set and labelling.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from kdverify import checks
from kdverify.labels.drawn import Sample
from kdverify.labels.forecast import AtSize, at_size
from kdverify.labels.likelihood import POWERS, Evidence, SignalDraws
from kdverify.labels.path import GRID
from kdverify.labels.setting import Setting
from kdverify.report.output import document, write_json

from .few_labels import BLOCK, SETS, class_names, labelled, labellings, read, sizes_of, unlabelled
from .streams import of_draw

N0 = 100
#: Energies below this share of the largest count as this share.
LEAST = 1e-12


def known_signal(sample: Sample, labels: np.ndarray) -> SignalDraws:
    """One draw: what least squares on all rows finds, each coefficient less its own error.

    ``labels`` (M, K).  A coefficient's square has the error noise / (M lambda) in it.
    """
    labels = labels - labels.mean(axis=0)
    size = len(labels)
    values = sample.values[:, None]
    found = sample.rows.T @ labels / (size * values)
    left = np.square(labels - sample.rows @ found).sum(axis=0)
    noises = left / (size - sample.intercept - sample.rank)
    error = noises / (size * values)
    shrunk = found * np.sqrt(np.maximum(1 - error / np.square(found), 0.0))
    return SignalDraws(shrunk[:, None, :], noises[None, :], np.nan, np.nan)


def with_shape(
    setting: Setting,
    energies: np.ndarray,
    count: int,
    generator: np.random.Generator,
    temper: float,
) -> SignalDraws:
    """Posterior draws where the energies (r,) of the directions are known up to their sum.

    In directions that are scaled so that their eigenvalues are these energies, the prior of
    `Evidence` with power 1 has them.
    """
    energies = np.maximum(energies, LEAST * energies.max())
    scales = np.sqrt(energies / setting.sample.values)
    order = np.argsort(-energies)
    evidence = Evidence.of(
        (setting.rows * scales)[:, order],
        energies[order],
        setting.columns,
        setting.sample.intercept,
        setting.classes is not None,
    )
    log = np.where((POWERS == 1)[:, None], evidence.log, -np.inf)
    drawn = replace(evidence, log=log).draws(count, generator, temper)
    signal = np.empty_like(drawn.signal)
    signal[order] = drawn.signal
    return replace(drawn, signal=signal * scales[:, None, None])


def changes(now: AtSize, later: AtSize) -> float:
    """Log of the best ridge's mean risk at one n over that at another."""
    best = [one.risks.mean(axis=0).min() for one in (later, now)]
    return float(np.log(best[0] / best[1]))


def oracles(
    name: str, data: str | None, found: Path, report: Any = None
) -> dict[str, list[dict[str, Any]]]:
    """For each labelling the log change to each n, of both forecasts, draw by draw."""
    chosen = SETS[checks.choice("set", name, tuple(SETS))]
    rows, given = chosen.make(data)
    base = unlabelled(rows, given)
    whole = base.sample
    ridges = np.array(GRID) * whole.scale
    results: dict[str, list[dict[str, Any]]] = {}
    for key, labels in labellings(name, given).items():
        fitted = {
            row["draw"]
            for row in read(found / f"{name}-{key}.json")
            if row.get("n0") == N0 and "fits" in row
        }
        if not fitted:
            continue
        names = class_names(key, labels)
        every = replace(base, known=np.arange(len(rows)), labels=labels, class_names=names)
        truth = known_signal(whole, every.columns)
        energies = whole.values * np.square(truth.signal).sum(axis=(1, 2))
        results[key] = []
        for start in range(0, max(fitted) + 1, BLOCK):
            block = range(start, min(start + BLOCK, max(fitted) + 1))
            draws = [truth]
            for draw in block:
                setting = labelled(base, key, labels, N0, draw)
                temper = setting.measured(ridges).temper
                generator = of_draw("posterior", N0, draw)
                draws.append(with_shape(setting, energies, chosen.draws, generator, temper))

            def at(n: int, draws: list[SignalDraws] = draws, first: int = start) -> list[AtSize]:
                return at_size(whole, n, ridges, draws, of_draw("few labels", N0, first, n))

            now = at(N0)
            for n in sizes_of(N0, len(rows)):
                known, *shaped = map(changes, now, at(n))
                results[key] += [
                    {"n0": N0, "draw": draw, "n": n, "known": known, "shape": shape}
                    for draw, shape in zip(block, shaped, strict=True)
                ]
            if report is not None:
                report(f"{name}-{key}: draws to {block[-1]}")
    if not results:
        raise ValueError(
            f"found={checks.shown(str(found))} must hold forecasts of {name} from {N0} labels that "
            "have curve fits beside them"
        )
    return results


def main(
    out: Annotated[Path, typer.Option(help="Folder of the results.")],
    set_: Annotated[str, typer.Option("--set", help="As for experiments.few_labels.")],
    found: Annotated[Path, typer.Option(help="Folder of the set's forecasts.")],
    data: Annotated[str | None, typer.Option(help="A file of images or features.")] = None,
) -> None:
    """Forecasts of one set that know more than the labels."""
    out.mkdir(parents=True, exist_ok=True)
    made = oracles(set_, data, found, lambda text: print(text, file=sys.stderr, flush=True))
    for key, rows in made.items():
        content = document("label_oracles", {"set": set_, "labels": key, "n0": N0}, rows)
        write_json(content, str(out / f"{set_}-{key}.json"))


if __name__ == "__main__":
    from kdverify.commands.runner import run_app

    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(main)
    run_app(app, "label_oracles")
