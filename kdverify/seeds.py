"""Seeds by name: a stream of random numbers is named by what it is for and by the unit of work.

``stream(seed, "training rows", n, repetition)`` is the same in every process and on every
machine, and differs from every other stream as two hashes differ.  (Lists of integers do not
have that property: ``SeedSequence([1, 2])`` and ``SeedSequence([1, 2, 0])`` are one stream.)
"""

from __future__ import annotations

import hashlib
import json
import math
from typing import Any

import numpy as np

from kdverify import checks

#: What ``rng`` may be in the functions that take one in the place of a seed (`seed_from`).
Rng = int | np.random.Generator | None


def sequence(seed: int, purpose: str, *keys: Any) -> np.random.SeedSequence:
    """The seed sequence of a purpose; ``keys`` are integers, floats or texts."""
    seed = checks.count("seed", seed, 0, math.inf)
    plain = [key.item() if isinstance(key, np.generic) else key for key in keys]
    name = json.dumps([seed, purpose, *plain])
    return np.random.SeedSequence(int(hashlib.sha256(name.encode()).hexdigest(), 16))


def stream(seed: int, purpose: str, *keys: Any) -> np.random.Generator:
    """The random numbers of a purpose."""
    return np.random.default_rng(sequence(seed, purpose, *keys))


def seed_from(seed: int, rng: Rng) -> int:
    """The seed of a function that takes either: ``rng`` where it is given, else ``seed``.

    ``rng`` is a seed or a NumPy generator (SPEC 7 of Scientific Python); unlike there, None is no
    chance but the seed, 0 by default: results are the same whenever nothing else is asked for.
    """
    return checks.count("seed", seed, 0, math.inf) if rng is None else seed_of(rng)


def seed_of(rng: Any) -> int:
    """A seed from what callers may give: an integer, a NumPy generator, or None for chance.

    A generator is advanced by one draw: two calls with one generator differ, as those with a
    seed do not.
    """
    if isinstance(rng, np.random.Generator):
        return int(rng.integers(2**63))
    if isinstance(rng, np.random.RandomState):
        return int(rng.randint(2**31 - 1))
    if rng is None:
        return int(np.random.default_rng().integers(2**63))
    return checks.count("rng", rng, 0, math.inf)
