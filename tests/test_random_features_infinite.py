"""Random features on power laws at p = infinity: the best surrogate."""

from __future__ import annotations

import numpy as np
import pytest

import kdverify as kd
from kdverify import random_features
from kdverify.random_features import infinite


@pytest.mark.parametrize(
    ("n", "q", "ridge"), [(20, 40, 0), (20, 10, 0), (40, 50, "0.1"), (5, 200, 0)]
)
def test_the_best_surrogate_at_infinite_p(n, q, ridge):
    """Doubling p takes half of the gap away, as alpha = 2: extrapolated from two sizes."""
    found = infinite.infinite(2, 5, n, q, "0.25", ridge, digits=25)
    assert found.optimal.rel_accuracy_bits() > 25 * np.log2(10)
    problems = [kd.Problem.power_law(p, 2, 5) for p in (4000, 8000)]
    numbers = (q, 0.25, float(ridge))
    small, large = (random_features.optimal_risk(one, n, *numbers) for one in problems)
    assert float(found.optimal) == pytest.approx(2 * large - small, rel=2e-5)
    assert found.optimal < found.masked < found.standard
    gains = random_features.gains(problems[1], n, q, float(ridge))
    assert float(found.gain(3)) == pytest.approx(gains[2], rel=1e-2)


def test_the_best_surrogate_at_infinite_p_needs_few_modes_one_by_one():
    with pytest.raises(ArithmeticError, match="modes one by one, above 500000"):
        _ = infinite.infinite("1.2", 2, 10**7, 2 * 10**7, digits=10).optimal
