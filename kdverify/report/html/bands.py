"""An agreement as a picture: the band, and the confidence interval that has to lie inside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

#: Half the width of the picture, and of the band in it, where all is inside.
REACH, BAND = 100.0, 62.0


@dataclass(frozen=True)
class Strip:
    """Places on a line whose middle is the theory; all within plus or minus `REACH`."""

    band: float
    low: float
    high: float
    estimate: float
    words: str


def strip(figures: dict[str, Any]) -> Strip | None:
    """The strip of an agreement's worst entry; None for figures of another kind.

    The half-width of the interval follows from the fraction of the band that it takes.
    """
    try:
        estimate, theory, band, used = (
            float(figures[name]) for name in ("estimate", "theory", "band", "used")
        )
    except (KeyError, TypeError, ValueError):
        return None
    difference = estimate - theory
    half = used * band - abs(difference)
    outermost = max(band, abs(difference) + half)
    if not 0 < outermost < float("inf"):
        return None
    scale = min(BAND / band, REACH / outermost)
    return Strip(
        band=scale * band,
        low=scale * (difference - half),
        high=scale * (difference + half),
        estimate=scale * difference,
        words=f"the interval takes {used:.0%} of the band",
    )
