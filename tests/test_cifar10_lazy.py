"""Students on a tangent kernel, predicted and measured; made-up kernels, no torch."""

from __future__ import annotations

import json

import numpy as np
import pytest

from experiments.cifar10 import lazy
from kdverify import rows

NAMES = ("bird", "ship", "cat")


def made_up(size=400, test=300, width=1500, seed=0) -> lazy.TangentPool:
    """Rows with a power law, more columns than rows, and three classes by a noisy linear rule."""
    generator = np.random.default_rng(seed)
    scale = np.arange(1, width + 1) ** -0.6
    features = generator.standard_normal((size + test, width)) * scale
    scores = features @ generator.standard_normal((width, 3))
    scores += 0.5 * scores.std() * generator.standard_normal(scores.shape)
    said = (scores + scores.std() * generator.standard_normal(scores.shape)).argmax(axis=1)
    return lazy.TangentPool(
        features @ features.T, scores.argmax(axis=1), said[:size], NAMES, "made up"
    )


def test_modes_hold_the_kernel():
    pool = made_up()
    values, coordinates, test = pool.modes
    np.testing.assert_allclose(coordinates @ coordinates.T, pool.kernel[:400, :400], atol=1e-8)
    np.testing.assert_allclose(test @ coordinates.T, pool.kernel[400:, :400], atol=1e-7)
    np.testing.assert_allclose(coordinates.T @ coordinates / 400, np.diag(values), atol=1e-8)


def test_labels():
    pool = made_up()
    ten, two = pool.given("ten"), pool.given("two")
    assert set(ten) == set(two) == set(lazy.GIVEN)
    np.testing.assert_allclose(ten["strong"].mean(axis=0), 0, atol=1e-12)
    for name in lazy.GIVEN:
        plain = two[name][:, 0] + pool.level("two")
        assert set(np.round(plain, 9)) == {-1.0, 1.0}
        said = (ten[name] + pool.level("ten")).argmax(axis=1)
        np.testing.assert_array_equal(plain > 0, said != 1)
    share = (pool.wrong() != pool.classes[:400]).mean()
    # 400 independent draws of probability 0.2: five standard deviations.
    assert abs(share - lazy.WRONG) < 5 * np.sqrt(0.16 / 400)


def test_linearised_students_are_min_norm_and_ridge():
    pool = made_up()
    _, coordinates, test = pool.modes
    sample = lazy.draw(pool, "ten", 60, 50, 0)
    assert sample.counts.sum() == 60
    drawn = np.repeat(sample.chosen, sample.counts)
    for ridge in (0.0, 0.3):
        found = lazy.linearised(pool, sample, "ten", ridge)
        assert set(found) == set(lazy.GIVEN if ridge else (*lazy.GIVEN, *lazy.TAUGHT))
        for name in lazy.GIVEN:
            labels = pool.given("ten")[name][drawn]
            student = rows.fit(coordinates[drawn], labels, ridge * pool.scale)
            expected = lazy.judged(pool, test @ student, "ten")
            np.testing.assert_allclose(found[name], expected, rtol=1e-7)


@pytest.mark.parametrize("outputs", lazy.OUTPUTS)
def test_prediction_and_students_agree(outputs):
    """Up to the band of a finite sample, and not without it: a control with shifted labels."""
    pool = made_up()
    found = lazy.compare(pool, outputs, [40, 80], 60, 40, ridges=(0.0, 0.3))
    assert {row["labels"] for row in found if row["ridge"] == 0} == {*lazy.GIVEN, *lazy.TAUGHT}
    for row in found:
        print(row)
