"""How the experiments on a tangent kernel draw their images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kdverify.rows import Draws, Pool
from kdverify.seeds import stream

from .. import streams


@dataclass(frozen=True)
class Samples(Draws):
    """n images of the pool, and the ``m`` of the repetition's linear teacher beside them.

    Those of the teacher and of the student are independent.  ``replace``: each image is drawn
    independently of all others; or no image comes twice to the same teacher or student.
    """

    replace: bool = True
    m: int = 0

    def rows(
        self, pool: Pool, n: int, m: int, seed: int, repetition: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Numbers of the n images, and of the first ``m`` of the teacher's."""
        if self.replace:
            generator = streams.stream(seed, "draws from the kernel", n, self.m, repetition)
            own = generator.integers(0, pool.size, self.m)
            return generator.integers(0, pool.size, n), own[:m]
        generator = stream(seed, "distinct draws from the kernel", n, self.m, repetition)
        own = generator.permutation(pool.size)[: self.m]
        return generator.permutation(pool.size)[:n], own[:m]
