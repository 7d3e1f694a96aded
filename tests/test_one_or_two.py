"""Students of one and of two samples, against all of them trained."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge

from kdverify import rows
from kdverify.rows.one_or_two import few_sample_errors


@pytest.mark.parametrize("n", [1, 2])
@pytest.mark.parametrize("ridge", [0.0, 0.7])
@pytest.mark.parametrize("unseen", [True, False])
@pytest.mark.parametrize("p", [3, 20])
def test_every_student_trained(n, ridge, unseen, p):
    generator = np.random.default_rng(p)
    X = generator.standard_normal((9, p))
    X[4] = X[5]  # of two equal rows nothing is learnt but their mean
    X -= X.mean(axis=0)
    taught, judged = generator.standard_normal((2, 9, 2)) + 3
    errors = []
    for chosen in itertools.combinations(range(9), n):
        # the minimum norm of a pair is reached from a small ridge; equal rows have slope zero
        student = Ridge(alpha=ridge or 1e-10).fit(X[list(chosen)], taught[list(chosen)])
        wrong = np.square(student.predict(X) - judged)
        rest = np.delete(wrong, chosen, axis=0) if unseen else wrong
        errors.append(rest.mean(axis=0))
    found = few_sample_errors(rows.Pool(X), taught, judged, n, ridge, unseen)
    np.testing.assert_allclose(found, np.mean(errors, axis=0), rtol=1e-7)


def test_diabetes():
    """n = 1 is twice the variance exactly; measured are 12,034 +- 100 and 8,908 +- 72."""
    X, y = load_diabetes(return_X_y=True)
    pool = rows.Pool(X - X.mean(axis=0))
    one = few_sample_errors(pool, y, y, 1)[0]
    assert one == pytest.approx(2 * y.var(ddof=1))
    assert abs(one - 12_034) < 4 * 100
    assert abs(few_sample_errors(pool, y, y, 2)[0] - 8_908) < 4 * 72


def test_what_is_refused():
    pool = rows.Pool(np.eye(4))
    for n in (0, 3, 1.5):
        with pytest.raises(ValueError, match="must be 1 or 2, and below the number of rows, 4"):
            few_sample_errors(pool, np.ones(4), np.ones(4), n)
