"""How the experiments on a tangent kernel draw their images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kdverify.rows import Draws, Pool

from .. import streams


@dataclass(frozen=True)
class Samples(Draws):
    """n independent draws of the pool, after the ``m`` of the repetition's linear teacher."""

    replace: bool = True
    m: int = 0

    def rows(
        self, pool: Pool, n: int, m: int, seed: int, repetition: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Numbers of the n images, and of the first ``m`` of the teacher's."""
        generator = streams.stream(seed, "draws from the kernel", n, self.m, repetition)
        own = generator.integers(0, pool.size, self.m)
        return generator.integers(0, pool.size, n), own[:m]
