"""Claim of section 11: generations as the library computes them, beside their recursion."""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from kdverify import formulas as f
from kdverify.evidence import Claim, Step
from kdverify.gaussian import generations as families

from ..lib.modes import Pairs
from ..lib.written import Written, all_same, exact, mp, same
from ..s10_shared_data.as_run import BETA, CLOSE, LAM, PROBLEM

AS_RUN = Claim(
    "11.as-run",
    title="Generations are their recursion, settle where it does, and the best share is best",
    statement=r"m_{k+1} = (1-\zeta)(w\beta^* + (1-w)m_k),\ R_1..R_4,\ R_\infty:\ \text{within}\ "
    r"10^{-7};\quad\ \text{no share of 41 is better}",
    needs=("11.generations", "11.collapse"),
    parts=("generations",),
    steps=[Step("Means and variances mode by mode; 600 generations stand for all of them.")],
)


@AS_RUN.below("generations", note="rows or labels kept", but={"more real data": {"moved": 0.05}})
def generations(digits: int, moved: float = 0.0) -> Pairs:
    """Risks of four generations, the settled risk, and the best share."""
    for n, ridge, keep in (
        (3.0, 0.0, "rows"),
        (3.0, 0.5, "labels"),
        (9.0, 0.0, "rows"),
        (8.0, 0.0, "labels"),
        (7.0, 1.5, "rows"),
    ):
        for w in (0.25, 0.75):
            noise, own = 0.5, 0.25
            family = families.Generations(PROBLEM, n, w + moved, noise, own, ridge, keep)
            yield from all_same(
                family.risks(4), recursion(n, ridge, keep, w, noise, own, 4), close=CLOSE
            )
            settled = family.settled_risk()
            later = families.Generations(PROBLEM, n, w + moved, noise, own, ridge, keep).risks(600)
            if math.isfinite(settled):
                yield same(later[-1], settled, Fraction(1, 10**8))
            else:
                yield Fraction(100), Fraction(float(min(later[-1], 1e300)))
        share, least = families.best_share(PROBLEM, n, 0.5, 0.25, ridge, keep)
        for other in np.linspace(0, 1, 41):
            risk = families.Generations(PROBLEM, n, other, 0.5, 0.25, ridge, keep).settled_risk()
            if math.isfinite(risk):
                yield 0, Fraction(risk) - Fraction(least) + Fraction(1, 10**8)
        yield same(
            families.Generations(PROBLEM, n, share, 0.5, 0.25, ridge, keep).settled_risk(),
            least,
            CLOSE,
        )
    yield same(families.Generations(PROBLEM, 9.0, 0.5).settled_risk(), 0, least=1)
    for n in (5.0, 6.0):  # no more than p + 1 samples: nothing is lost without noise
        for keep in ("rows", "labels"):
            line = families.Generations(PROBLEM, n, 0.5 + moved, keep=keep)
            yield from all_same(line.risks(3), [0, 0, 0], close=CLOSE)
            yield same(line.settled_risk(), 0, least=1)
    # least squares on its own output alone: nothing is lost without noise, all with it
    yield same(families.Generations(PROBLEM, 9.0, 0.0).settled_risk(), 0, least=1)
    yield same(families.Generations(PROBLEM, 9.0, 0.0, 0.0, 0.5).settled_risk(), mp.inf)


def recursion(
    n: float, ridge: float, keep: str, w: float, noise: float, own: float, count: int
) -> list[Any]:
    """Means and variances, generation by generation."""
    at = Written(LAM, BETA, n, ridge)
    mean, variance, found = at.truth, [mp.mpf(0)] * 5, []
    v, rest = exact(w), 1 - exact(w)
    for k in range(count):
        apart = sum(
            x * ((m - b) ** 2 + q)
            for x, m, b, q in zip(at.modes, mean, at.truth, variance, strict=True)
        )
        first = exact(noise)
        level = v * noise + rest * own if keep == "rows" else v**2 * noise + rest**2 * own
        level = (level if k else first) + (v * rest * apart if keep == "rows" else 0)
        labels = [v * b + rest * m for b, m in zip(at.truth, mean, strict=True)]
        spread = [rest**2 * q for q in variance]
        left = sum(
            x * z**2 * (c**2 + s)
            for x, z, c, s in zip(at.modes, at.zeta, labels, spread, strict=True)
        )
        if at.least_squares:
            added = [level / (x * (exact(n) - 6)) for x in at.modes]
        else:
            scale = (level + left) / (1 - at.omega) / exact(n)
            added = [scale * x / (x + at.tau) ** 2 for x in at.modes]
        mean = [(1 - z) * c for z, c in zip(at.zeta, labels, strict=True)]
        variance = [(1 - z) ** 2 * s + a for z, s, a in zip(at.zeta, spread, added, strict=True)]
        found.append(
            sum(
                x * ((m - b) ** 2 + q)
                for x, m, b, q in zip(at.modes, mean, at.truth, variance, strict=True)
            )
        )
    return found


@AS_RUN.identity("settled", note="one mode", but={"a fixed point of another share": {"moved": 1}})
def settled(moved: int = 0) -> tuple[Any, Any]:
    """`formulas.settled_mean` is a fixed point of the recursion of means."""
    b, a, w = sympy.symbols("beta a w", positive=True)
    m = f.settled_mean(b, a, w)
    return m, a * (w * b + (1 - w) * m) * (1 + moved * a)
