"""How the rows of students, and of trained surrogates, are drawn from a pool."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kdverify import checks
from kdverify.rows.pool import Pool
from kdverify.seeds import stream


@dataclass(frozen=True)
class Draws:
    """Rows of one repetition, from ``stream(seed, "training rows", n, repetition)``.

    Attributes:
        replace: each row independently of all others and by its weight, as the theory has it, so
            that one may come twice, and to student and surrogate alike; or each at most once.
    """

    replace: bool = False

    def __post_init__(self) -> None:
        checks.flag("replace", self.replace)

    def rows(
        self, pool: Pool, n: int, m: int, seed: int, repetition: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Numbers of the student's n rows, and of m rows of a surrogate."""
        generator = stream(seed, "training rows", n, repetition)
        if not self.replace:
            order = generator.permutation(pool.size)
            return order[:n], order[n : n + m]
        chances = None if pool.weights is None else pool.weights / pool.size
        drawn = generator.choice(pool.size, n, p=chances)
        return drawn, generator.choice(pool.size, m, p=chances)


def some_rows(size: int, limit: int, seed: int, purpose: str) -> np.ndarray:
    """Numbers of all rows, or of ``limit`` of them drawn for a purpose, rising."""
    if limit >= size:
        return np.arange(size)
    return np.sort(stream(seed, purpose).choice(size, limit, replace=False))
