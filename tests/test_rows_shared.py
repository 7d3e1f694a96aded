"""Two students of one pool that share rows; self-distillation on data."""

from __future__ import annotations

import numpy as np
import pytest

from kdverify import rows

RNG = np.random.default_rng(3)
ROWS = RNG.standard_normal((300, 20)) / np.sqrt(np.arange(1, 21))
LABELS = ROWS @ np.cos(np.arange(20)) + 0.3 * np.maximum(ROWS[:, 0], 0)


@pytest.mark.parametrize("weights", [None, RNG.uniform(0.2, 2, 300)])
def test_one_student_twice(weights: np.ndarray | None) -> None:
    pool = rows.Pool(ROWS, weights)
    students = rows.Students(rows.solve(pool, 12, 0.1), LABELS)
    alone = students.second_moments(pool.covariance)
    twice = rows.crossed_second_moments(students, students, 12, pool.covariance)
    assert twice == pytest.approx(alone, rel=1e-9)
    test = rows.Moments.of(pool, pool, students.labels)
    excess = rows.crossed_excess(students, students, 12, test)
    assert excess == pytest.approx(students.excess_risks(test), rel=1e-8)


def test_bad_overlaps() -> None:
    pool = rows.Pool(ROWS)
    one, other = (rows.Students(rows.solve(pool, n, 0.1), LABELS) for n in (12, 15))
    with pytest.raises(ValueError, match="shared=13 must be at most .* .both sample sizes."):
        rows.crossed_second_moments(one, other, 13, pool.covariance)
    third = rows.Students(rows.solve(rows.Pool(ROWS), 12, 0.1), LABELS)
    with pytest.raises(ValueError, match="second must be a student of the same pool"):
        rows.crossed_second_moments(one, third, 3, pool.covariance)


@pytest.mark.parametrize("given", [None, 2.0])
@pytest.mark.parametrize("n", [12, 60])
def test_the_student_is_trained_on_its_teachers_labels(n: int, given: float | None) -> None:
    data = rows.SameData(ROWS[:n], LABELS[:n])
    teacher = data.coefficients(given or 0.5)
    mixed = 0.3 * LABELS[:n, None] + 0.7 * ROWS[:n] @ teacher
    assert data.student(0.7, 0.5, given) == pytest.approx(rows.fit(ROWS[:n], mixed, 0.5))


def test_tuned_mixing_minimises_the_left_out_errors() -> None:
    data = rows.SameData(ROWS[:60], LABELS[:60])
    found = data.tuned(0.5)
    assert found.error[0] <= found.plain_error[0]
    assert found.coefficients == pytest.approx(data.student(found.mixing[0], 0.5))
    near = data.tuned(0.5, 0.5 + 1e-6)
    assert near.mixing == pytest.approx(found.mixing, rel=1e-4)
    kernel = np.linalg.inv(ROWS[:60] @ ROWS[:60].T + 0.5 * np.eye(60))
    left_out = 60 * kernel @ LABELS[:60] / np.trace(kernel)
    assert found.plain_error[0] == pytest.approx(np.mean(left_out**2))
    with pytest.raises(ValueError, match="ridge=0 must be positive"):
        data.tuned(0)
