"""Picture and tables of students on a tangent kernel and of the networks themselves.

``python -m experiments.cifar10.lazy_figure DIR`` reads ``lazy.json`` of `experiments.cifar10.lazy`
and, where it is there, the folder ``networks`` of `experiments.cifar10.lazy_networks`; writes
``lazy.png``, ``lazy.svg`` and ``networks.json``.  Needs no torch.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kdverify import checks
from kdverify.cli import run_app
from kdverify.report.colours import COLOURS, MARKERS
from kdverify.report.output import document, markdown_table, write_json

from . import lazy, lazy_networks

if TYPE_CHECKING:
    from matplotlib.figure import Figure

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
TITLES = {"ten": "ten classes", "two": "animals against vehicles"}
#: Mark and shift (a factor of n) of the networks of each training.
NETWORKS = {"newton": ("*", 1.06), "paper": ("x", 1.2)}
#: Factor of n from one kind of labels to the next.
ASIDE = 1.02


def read(folder: Path) -> dict[str, Any]:
    """The content of ``lazy.json``."""
    file = folder / "lazy.json"
    checks.readable_file("folder", file, (".json",))
    try:
        content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        content["rows"][0]["predicted_error"]
    except (ValueError, KeyError, IndexError) as error:
        raise ValueError(f"{file} must be a result of experiments.cifar10.lazy") from error
    return content


def draw(rows: Sequence[dict[str, Any]], networks: Sequence[dict[str, Any]], title: str) -> Figure:
    """Error of min-norm students against n: lines predicted, marks measured."""
    from kdverify.report import figures

    picture, panels = figures.blank(2)
    for axes, outputs in zip(panels, lazy.OUTPUTS, strict=True):
        of_panel = [row for row in rows if row["outputs"] == outputs and row["ridge"] == 0]
        for k, kind in enumerate((*lazy.GIVEN, *lazy.TAUGHT)):
            chosen = [row for row in of_panel if row["labels"] == kind]
            colour, sizes = COLOURS[k], [row["n"] for row in chosen]
            axes.plot(sizes, [row["predicted_error"] for row in chosen], color=colour, linewidth=1)
            axes.errorbar(
                sizes,
                [row["error"] for row in chosen],
                [row["error_half_width"] for row in chosen],
                linestyle="none",
                marker=MARKERS[k],
                markersize=4,
                capsize=2,
                color=colour,
                label=kind,
            )
            if outputs == "two":
                of_kind = [row for row in networks if row["labels"] == kind]
                _networks(axes, of_kind, colour, ASIDE**k)
        axes.set(xscale="log", yscale="log", xlabel="samples n", title=TITLES[outputs])
        axes.set_ylabel("squared error on test images")
        figures.plain_ticks(axes.yaxis)
        figures.sample_ticks(axes, [row["n"] for row in of_panel])
    panels[0].legend(frameon=False, fontsize=8, ncols=2)
    text = "lines: predicted; marks: linearised network, 95 % intervals"
    if networks:
        text += "; stars: the network by Newton's steps; crosses: by the paper's optimiser"
    picture.suptitle(f"{title}\n{text}", fontsize=7)
    return picture


def _networks(axes: Any, rows: Sequence[dict[str, Any]], colour: str, aside: float) -> None:
    for training, (mark, shift) in NETWORKS.items():
        chosen = [r for r in rows if r["training"] == training and r["error"] is not None]
        axes.errorbar(
            [row["n"] * shift * aside for row in chosen],
            [row["error"] for row in chosen],
            [row["error_half_width"] for row in chosen],
            linestyle="none",
            marker=mark,
            markersize=6,
            color=colour,
        )


def error_table(folder: Path) -> str:
    """Errors of min-norm students for a page: predicted, in brackets measured."""
    return _by_labels(folder, "error")


def accuracy_table(folder: Path) -> str:
    """Their accuracies, in the same way."""
    return _by_labels(folder, "accuracy")


def _by_labels(folder: Path, metric: str) -> str:
    kinds = (*lazy.GIVEN, *lazy.TAUGHT)
    found = {(r["outputs"], r["n"], r["labels"]): r for r in read(folder)["rows"] if not r["ridge"]}
    lines = []
    for outputs, n in dict.fromkeys((key[0], key[1]) for key in found):
        rows = [found[outputs, n, kind] for kind in kinds]
        cells = []
        for row in rows:
            measured = f"{row[metric]:.3f} ± {row[f'{metric}_half_width']:.3f}"
            cells.append(f"{row[f'predicted_{metric}']:.3f} ({measured})")
        lines.append([f"{outputs} classes, {n}", *cells])
    return markdown_table(["n", *kinds], lines)


def agreement(folder: Path) -> str:
    """How far predictions are from what was measured, over all labels, for a page."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in read(folder)["rows"]:
        student = "with a ridge" if row["ridge"] else "min-norm"
        groups.setdefault((f"{row['outputs']} classes, {row['n']}", student), []).append(row)
    lines = []
    for case, rows in groups.items():
        errors = [row["error"] / row["predicted_error"] - 1 for row in rows]
        accuracies = [row["accuracy"] - row["predicted_accuracy"] for row in rows]
        cells = [*case, str(len(rows))]
        cells += [f"{100 * min(errors):+.1f} to {100 * max(errors):+.1f} %"]
        cells += [f"{100 * min(accuracies):+.1f} to {100 * max(accuracies):+.1f} points"]
        inside = sum(abs(error) < lazy.ERROR_BAND for error in errors)
        close = sum(abs(accuracy) < lazy.ACCURACY_BAND for accuracy in accuracies)
        lines.append([*cells, str(inside), str(close)])
    head = ["n", "students", "cases"]
    head += ["error, measured less predicted", "accuracy, measured less predicted"]
    head += [f"within {100 * lazy.ERROR_BAND:g} %", f"within {100 * lazy.ACCURACY_BAND:g} point"]
    return markdown_table(head, lines)


def networks_table(folder: Path) -> str:
    """The networks, for a page."""
    records = lazy_networks.read(folder / "networks")
    return lazy_networks.markdown(lazy_networks.compare(records, read(folder)["rows"]))


@app.command()
def main(folder: Annotated[str, typer.Argument(metavar="DIR", help="Results.")]) -> None:
    """Draw, and print the tables."""
    from kdverify.report import figures

    place = Path(folder)
    content = read(place)
    records = lazy_networks.read(place / "networks")
    networks = lazy_networks.compare(records, content["rows"])
    used = content["settings"]
    title = f"{used['source']}; {used['pool']} images, {used['test']} test images, m = {used['m']}"
    picture = draw(content["rows"], networks, title)
    for ending in ("png", "svg"):
        figures.save(picture, str(place / f"lazy.{ending}"))
    print(lazy.markdown(content["rows"]))
    if networks:
        settings = {"m": used["m"], "source": used["source"], "records": len(records)}
        found = document("experiments.cifar10.lazy_networks", settings, networks)
        write_json(found, str(place / "networks.json"))
        print(lazy_networks.markdown(networks))


if __name__ == "__main__":
    run_app(app, "lazy_figure")
