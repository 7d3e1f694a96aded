"""The equations of section 12 written out once more, plainly, in mpmath, for one problem.

As `proofs.lib.written` for sections 1 to 6: no line of the code that composes the formulas is used.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .written import exact, mp

LAM = (3.0, 0.5, 1.25, 0.25, 2.0, 0.5)
BETA = (1.0, -2.0, 0.5, 3.0, -0.75, 1.5)


@dataclass(frozen=True, eq=False)
class Layered:
    """(16) and (17) mode by mode, in mpmath."""

    n: Any
    q: Any
    ridge: Any = 0
    noise: Any = 0
    lam: Sequence[Any] = LAM
    beta: Sequence[Any] = BETA

    @cached_property
    def least_squares(self) -> bool:
        """All modes are fitted without ridge."""
        return bool(self.ridge == 0 and min(self.n, self.q) >= len(self.lam))

    @cached_property
    def nu(self) -> Any:
        """nu_2, by bisection."""
        if self.least_squares:
            return mp.mpf(0)
        n, q, delta = exact(self.n), exact(self.q), exact(self.ridge)

        def short(u: Any) -> bool:
            nu = mp.exp(u)
            df = sum(x / (x + nu) for x in map(exact, self.lam))
            if df >= min(n, q):
                return True
            return bool((n - df) * (q - df) * nu < delta * q)

        low, high = mp.mpf(-40), mp.mpf(40)
        for _ in range(130):
            middle = (low + high) / 2
            low, high = (middle, high) if short(middle) else (low, middle)
        return mp.exp(low)

    @cached_property
    def zeta(self) -> list[Any]:
        """``nu/(lam + nu)``."""
        return [self.nu / (exact(x) + self.nu) for x in self.lam]

    @cached_property
    def squares(self) -> Any:
        """``sum (1 - zeta)^2``."""
        return sum((1 - z) ** 2 for z in self.zeta)

    @cached_property
    def eta(self) -> Any:
        """What the features lack."""
        spreads = sum(z * (1 - z) for z in self.zeta)
        return spreads / (exact(self.q) - self.squares) if spreads else mp.mpf(0)

    @cached_property
    def upsilon(self) -> Any:
        """Omega's part."""
        spreads = sum(z * (1 - z) for z in self.zeta)
        return (self.squares + self.eta * spreads) / exact(self.n)

    def scattered(self, z: Any) -> Any:
        """A mode's second moment beyond the squared mean, times ``1 - Upsilon``."""
        return z * (self.upsilon * z + self.eta * (1 - z))

    def risk(self, labels: Iterable[Any], squares: Iterable[Any] | None = None) -> Any:
        """(17), or its mean over labels with these means and mean squares."""
        means = [exact(s) for s in labels]
        energy = [m**2 for m in means] if squares is None else list(squares)
        noise, p = exact(self.noise), len(self.lam)
        rows = zip(
            map(exact, self.lam), map(exact, self.beta), self.zeta, means, energy, strict=True
        )
        if self.least_squares:
            spare = exact(self.n) - p - 1
            lost = (noise * p / spare if spare > 0 else mp.inf) if noise else mp.mpf(0)
            return lost + sum(x * (e - 2 * m * b + b**2) for x, b, _, m, e in rows)
        total = self.upsilon * noise / (1 - self.upsilon)
        for x, b, z, m, e in rows:
            total += x * ((1 - z) ** 2 * e - 2 * (1 - z) * m * b + b**2)
            total += x * self.scattered(z) * e / (1 - self.upsilon)
        return total

    @cached_property
    def gains(self) -> list[Any]:
        """The minimum of each mode's parabola."""
        if self.least_squares:
            return [mp.mpf(1)] * len(self.lam)
        rest = 1 - self.upsilon
        return [(1 - z) / ((1 - z) ** 2 + self.scattered(z) / rest) for z in self.zeta]

    def cost(self, k: int, gain: Any) -> Any:
        """One mode's part of (17) where the label is ``gain`` times the truth, signal 1."""
        z = self.zeta[k]
        if self.least_squares:
            return (gain - 1) ** 2
        return ((1 - z) * gain - 1) ** 2 + self.scattered(z) * gain**2 / (1 - self.upsilon)

    @cached_property
    def kept(self) -> list[bool]:
        """Modes whose label costs less than its absence."""
        return [self.cost(k, 1) < 1 for k in range(len(self.lam))]

    def law(self, means: list[Any], variances: list[Any]) -> tuple[list[Any], list[Any]]:
        """Mean and variance of the student's own coordinates."""
        energy = [m**2 + v for m, v in zip(means, variances, strict=True)]
        rows = list(zip(map(exact, self.lam), self.zeta, energy, strict=True))
        n, q, noise, p = exact(self.n), exact(self.q), exact(self.noise), len(self.lam)
        if self.least_squares:
            return means, [
                v + noise / (n - p - 1) / x for (x, _, _), v in zip(rows, variances, strict=True)
            ]
        unlearnt = sum(x * z * (z + self.eta * (1 - z)) * e for x, z, e in rows)
        scale = (noise + unlearnt) / (1 - self.upsilon) / n
        drift = sum((1 - z) ** 2 * e for _, z, e in rows) / (q - self.squares)
        found = [
            (1 - z) ** 2 * v + scale * (1 - z + self.eta * z) / (x + self.nu) + z**2 * drift
            for (x, z, _), v in zip(rows, variances, strict=True)
        ]
        return [(1 - z) * m for z, m in zip(self.zeta, means, strict=True)], found
