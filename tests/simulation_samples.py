"""Problems and scores that the tests of the simulation share."""

from __future__ import annotations

import numpy as np

import kdverify as kd
from kdverify.simulation import designs

#: |z| beyond this has probability 7e-6 under a true value.
LIMIT = 4.5

ISOTROPIC = kd.Problem(kd.Spectrum(np.ones(20)), np.linspace(1.0, 2.0, 20))
POWER = kd.Problem.power_law(p=30, alpha=1.5, beta=1.5)
SYMMETRIC = tuple(name for name, law in designs.LAWS.items() if law.sign_symmetric)


def z_score(estimate: float, error: float, truth: float) -> float:
    return abs(estimate - truth) / error
