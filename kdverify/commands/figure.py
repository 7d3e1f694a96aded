"""``kdverify figure``: the figures of ``experiments/``."""

from __future__ import annotations

from typing import Annotated

import typer

from kdverify.commands.options import Jobs, Seed


def figure(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Figures, or all.")],
    out: Annotated[str, typer.Option(metavar="DIR", help="Where PNG, SVG and JSON go.")] = ".",
    scale: Annotated[float, typer.Option(help="Factor on the numbers of trials.")] = 1.0,
    seed: Seed = 0,
    jobs: Jobs = 1,
) -> None:
    """Draw the paper's figures, each with its data as JSON.

    Example: kdverify figure figure_1b --out figures -j 2
    """
    from kdverify import checks
    from kdverify.report import drawing
    from kdverify.report.output import console

    effort = drawing.Effort(
        checks.positive("scale", scale), checks.count("seed", seed, 0), checks.count("jobs", jobs)
    )
    folder = checks.output_folder("out", out)
    wanted = drawing.names() if names == ["all"] else names
    for name in wanted:
        checks.choice("figure", name, (*drawing.names(), "all"))
    for name in wanted:
        for file in drawing.draw(name, effort, folder):
            console(None).print(str(file), soft_wrap=True)
