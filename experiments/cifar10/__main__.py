"""``python -m experiments.cifar10``: train, resume, and draw figure 2a."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kdverify import checks
from kdverify.cli import run_app
from kdverify.extras import needed_for

from . import figure, orderings
from .config import LABELS, PRESETS, RESOLUTIONS, SOURCES, Place, Run, Settings, runs

if TYPE_CHECKING:
    from kdverify.images import Images

    from .run import Experiment

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command()
def main(
    out: Annotated[
        str | None,
        typer.Option(help="Folder of the results, resumed (results/cifar10-PRESET)."),
    ] = None,
    preset: Annotated[str, typer.Option(help="paper, paper-2k, cpu or smoke.")] = "paper",
    data: Annotated[
        str | None,
        typer.Option(
            help="cifar10 (downloaded), digits, fashion-mnist, a folder, or a JPEG archive "
            "(.npz). [smoke: digits; else cifar10]"
        ),
    ] = None,
    weights: Annotated[
        str | None,
        typer.Option(
            help="Where targets start: imagenet (downloaded), none, or a checkpoint file in "
            "the model's keys. [smoke: none; else imagenet]"
        ),
    ] = None,
    seed: Annotated[
        list[int] | None, typer.Option(help="Seeds; repeatable. [as the preset]")
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="WORD", help="Runs whose names hold WORD, and their teachers."),
    ] = None,
    labels: Annotated[str | None, typer.Option(help="Of the surrogates: hard or soft.")] = None,
    fresh_half: Annotated[
        bool,
        typer.Option(
            "--fresh-half", help="Surrogates on one half of the images, targets on the other."
        ),
    ] = False,
    train_size: Annotated[int | None, typer.Option(help="Train images of every run.")] = None,
    target_epochs: Annotated[
        int | None, typer.Option(help="Epochs of the targets, on the same schedule.")
    ] = None,
    target: Annotated[
        str | None,
        typer.Option(help="resnet50, resnet18, efficientnet-lite0 or small. [as the preset]"),
    ] = None,
    resolution: Annotated[
        int | None,
        typer.Option(help="Enlarge the targets' images to this side. [efficientnet-lite0: 96]"),
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cuda, mps or cpu.")] = "auto",
    precision: Annotated[
        str, typer.Option(help="float32, bf16 (autocast), or auto: bf16 on CUDA alone.")
    ] = "auto",
    processes: Annotated[int, typer.Option(help="Data-parallel processes.")] = 1,
    compiled: Annotated[bool, typer.Option("--compile", help="Use torch.compile.")] = False,
    threads: Annotated[int | None, typer.Option(help="CPU threads of a process.")] = None,
    plot_only: Annotated[
        bool, typer.Option("--plot-only", help="Redraw the figure; trains nothing, needs no torch.")
    ] = False,
) -> None:
    """Train what is missing in --out, then draw figure 2a and test its orderings.

    Example: python -m experiments.cifar10 --preset smoke
    """
    checks.choice("preset", preset, tuple(PRESETS))
    folder = Path(out or f"results/cifar10-{preset}")
    if plot_only:
        _show(folder)
        return
    base = PRESETS[preset]
    settings = replace(
        base,
        seeds=tuple(seed) if seed else base.seeds,
        labels=base.labels if labels is None else checks.choice("labels", labels, LABELS),
        fresh_half=fresh_half,
        train_size=base.train_size if train_size is None else train_size,
        target=base.target if target_epochs is None else replace(base.target, epochs=target_epochs),
        target_model=target or base.target_model,
        resolution=resolution or RESOLUTIONS.get(target or base.target_model),
    ).checked()
    chosen = _chosen(settings, only or ())
    experiment = open_experiment(
        settings,
        data or SOURCES[preset][0],
        weights or SOURCES[preset][1],
        folder,
        Place(device, precision, compiled, processes, threads),
    )
    for run in chosen:
        file = experiment.perform(run)
        if experiment.machine.fabric.is_global_zero:
            print(file, flush=True)
    if experiment.machine.fabric.is_global_zero:
        _show(folder)
        if preset == "smoke" and processes == 1 and not only:
            from . import smoke

            print(smoke.check(experiment, chosen))


def _chosen(settings: Settings, words: Sequence[str]) -> list[Run]:
    everything = list(runs(settings))
    chosen = [r for r in everything if not words or any(word in r.name for word in words)]
    if not chosen:
        names = ", ".join(run.name for run in everything)
        raise ValueError(f"only={', '.join(words)} must be part of the name of a run: {names}")
    return chosen


def open_experiment(
    settings: Settings,
    data: str | Images,
    weights: str,
    folder: Path,
    place: Place,
) -> Experiment:
    """The experiment, its data loaded where they are not yet."""
    from kdverify import images

    with needed_for("training (--plot-only does not)"):
        from . import run as running
    # before processes are launched, so that a bad file is one error
    pictures = images.load(data) if isinstance(data, str) else data
    return running.Experiment(settings, pictures, weights, folder, running.machine(place))


def _show(folder: Path) -> None:
    for file in figure.draw(folder):
        print(file)
    print(orderings.report(folder))


if __name__ == "__main__":
    run_app(app, "cifar10")
