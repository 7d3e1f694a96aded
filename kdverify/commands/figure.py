"""``kdverify figure``: the figures of ``experiments/``."""

from __future__ import annotations

from pathlib import Path

from kdverify import checks
from kdverify.report.drawing import Effort, draw, names
from kdverify.report.output import console


def run(chosen: list[str], out: str, scale: float, seed: int, jobs: int) -> int:
    """Draw the figures one by one and name the files."""
    effort = Effort(
        checks.positive("scale", scale), checks.count("seed", seed, 0), checks.count("jobs", jobs)
    )
    wanted = names() if chosen == ["all"] else chosen
    for name in wanted:
        checks.choice("figure", name, (*names(), "all"))
    for name in wanted:
        for file in draw(name, effort, Path(out)):
            console(None).print(str(file), soft_wrap=True)
    return 0
