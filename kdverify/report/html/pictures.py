"""The package's own figures, where they can be found: in a checkout, in ``docs/figures``."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import kdverify

#: Figure -> its caption and the claims that it shows.
SHOWN = {
    "figure_1a": (
        "The ground truth, the best surrogate and the best mask, mode by mode. The best "
        "surrogate crosses the ground truth where ζ = 1 − Ω; the mask ends where ζ² = 1 − Ω.",
        ("3.transition", "4.rule", "8.values"),
    ),
    "figure_1b": (
        "Risk against the number of samples for strong labels, the best surrogate and the best "
        "mask. Lines are theory, markers simulation.",
        ("2.risk", "3.optimal", "4.strict"),
    ),
    "two_stage": (
        "A surrogate that is itself trained: its student, strong labels and covariate shift.",
        ("6.two-stage", "6.covariate-shift"),
    ),
    "scaling": (
        "Risk against the number of samples at p = ∞, with the exponents and constants of the "
        "scaling law.",
        ("5.exponents", "5.ratio", "5.mask"),
    ),
    "gain_map": ("Where a trained surrogate beats strong labels.", ("6.trainable",)),
    "concentration": (
        "How far the risk of one draw is from its equivalent, against the number of samples.",
        ("7.concentration", "7.bias"),
    ),
}
TYPES = {".svg": "image/svg+xml", ".png": "image/png"}


@dataclass(frozen=True)
class Picture:
    """A figure as a ``data:`` address, with the claims of this run that it shows."""

    name: str
    caption: str
    claims: tuple[str, ...]
    address: str


def pictures(claims: Iterable[str], folder: Path | None = None) -> list[Picture]:
    """The figures that show one of these claims and whose files exist, the smaller format."""
    folder = folder or Path(kdverify.__file__).resolve().parent.parent / "docs" / "figures"
    present = set(claims)
    found = []
    for name, (caption, shown) in SHOWN.items():
        files = [f for f in (folder / f"{name}{ending}" for ending in TYPES) if f.is_file()]
        here = tuple(claim for claim in shown if claim in present)
        if files and here:
            smallest = min(files, key=lambda file: file.stat().st_size)
            content = base64.b64encode(smallest.read_bytes()).decode()
            address = f"data:{TYPES[smallest.suffix]};base64,{content}"
            found.append(Picture(name, caption, here, address))
    return found
