"""Figure 2a over the number of train images: where does the surrogate catch up?

``python -m experiments.cifar10.series DIR DIR ...`` takes run directories that differ in
``--train-size`` (and may differ in the target).  A row per target, surrogate and number of images:
mean test accuracies over the seeds at which all three models are there, and the two differences of
the paper's ordering.  Their ± is one standard error over test images, with the networks taken as
given; it does not say how other seeds would come out.  Needs no torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from kdverify import checks
from kdverify.cli import run_app
from kdverify.report.output import document, markdown_table, write_json

from . import results
from .figure import LOOKS, STANDARD
from .orderings import judge, paired

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
#: kind -> colour, marker, label.
LINES = {"standard": (STANDARD, "D", "target on true labels (standard)")} | {
    kind: (colour, marker, label) for kind, (colour, marker, _, label) in LOOKS.items()
}


def rows(folders: Sequence[Path]) -> list[dict[str, Any]]:
    """A row per target, surrogate and number of train images, sorted by these.

    ``s2t_less_surrogate`` and ``standard_less_s2t`` are differences of mean accuracies, their
    ``_error`` a standard error over test images (None for records without predictions).
    """
    found = []
    for folder in folders:
        records = results.read(folder)
        if not records:
            raise ValueError(f"folders={checks.shown(str(folder))} must hold finished runs")
        settings, sources = records[0]["settings"], records[0]["sources"]
        orderings = {(o.channels, o.lower): o for o in judge(records).orderings}
        for entry in paired(records):
            if not entry.standard.size:
                continue
            row = {
                "target": settings["target_model"],
                "images": settings["train_size"] or sources["train_images"],
                "channels": list(entry.channels),
                "seeds": int(entry.standard.size),
            }
            row |= {kind: float(getattr(entry, kind).mean()) for kind in LINES}
            for upper, lower in (("s2t", "surrogate"), ("standard", "s2t")):
                ordering = orderings[entry.channels, lower]
                beside = ordering.over_images
                row[f"{upper}_less_{lower}"] = ordering.difference
                row[f"{upper}_less_{lower}_error"] = beside and beside.standard_error
            found.append(row)
    return sorted(found, key=lambda r: (r["target"], [-c for c in r["channels"]], r["images"]))


def markdown(folders: Sequence[Path]) -> str:
    """`rows` as a table for a page."""
    head = ["target", "surrogate", "images", "seeds", "surrogate", "S2T", "standard"]
    lines = []
    for row in rows(folders):
        cells = [row["target"], str(tuple(row["channels"])), str(row["images"]), str(row["seeds"])]
        cells += [f"{row[kind]:.4f}" for kind in ("surrogate", "s2t", "standard")]
        for name in ("s2t_less_surrogate", "standard_less_s2t"):
            error = row[f"{name}_error"]
            cells.append(f"{row[name]:+.4f}" + ("" if error is None else f" ± {error:.4f}"))
        lines.append(cells)
    return markdown_table([*head, "S2T less surrogate", "standard less S2T"], lines)


def table(folder: Path) -> str:
    """`markdown` of the run directories in ``folder``, and of those of 2,000 images beside it."""
    beside = [folder.with_name(name) for name in ("cifar10-2k", "cifar10-2k-lite0")]
    return markdown([*sorted(part for part in folder.iterdir() if part.is_dir()), *beside])


def draw(found: Sequence[dict[str, Any]], file: str) -> None:
    """Accuracies against the number of images, a panel per target, for the largest surrogate."""
    from kdverify.report import figures

    targets = list(dict.fromkeys(row["target"] for row in found))
    picture, panels = figures.blank(len(targets))
    for target, axes in zip(targets, [panels] if len(targets) == 1 else panels, strict=True):
        mine = [row for row in found if row["target"] == target]
        mine = [row for row in mine if row["channels"] == mine[0]["channels"]]
        sizes = [row["images"] for row in mine]
        for kind, (colour, marker, label) in LINES.items():
            values = [row[kind] for row in mine]
            axes.plot(sizes, values, color=colour, marker=marker, markersize=5, label=label)
        axes.set(xscale="log", xlabel="train images", ylabel="accuracy on the test split")
        figures.sample_ticks(axes, sizes)
        axes.set_title(f"{target}, surrogate {tuple(mine[0]['channels'])}", fontsize=9)
        axes.legend(frameon=False, fontsize=8)
    figures.save(picture, file)


@app.command()
def main(
    folders: Annotated[list[str], typer.Argument(metavar="DIR...", help="Run directories.")],
    json: Annotated[str | None, typer.Option(metavar="FILE", help="Results as JSON.")] = None,
    plot: Annotated[str | None, typer.Option(metavar="FILE", help="A figure.")] = None,
) -> None:
    """Compare run directories that differ in the number of train images."""
    if plot is not None:
        checks.figure_file("plot", plot)
    places = [Path(folder) for folder in folders]
    found = rows(places)
    if not found:
        raise ValueError("folders must hold a surrogate, its S2T target and a standard one")
    if json != "-":
        print(markdown(places))
    if plot is not None:
        draw(found, plot)
    if json is not None:
        write_json(document("experiments.cifar10.series", {"folders": folders}, found), json)


if __name__ == "__main__":
    run_app(app, "series")
