"""The error of (9) to (11) at finite n, to first order: what makes them fall short close to p.

Start from what is exact (`proofs/`): ``I - N = sum_i N_i x_i x_i' / b_i`` with N_i the matrix of
the other n - 1 rows and ``b_i = ridge + x_i'N_i x_i``.  (9) puts M for N_i.  To the next order

* N_i has n - 1 rows and not n: ``E N_i - E N = E[N_i x x' N_i / b]``, close to D_A of (10)
  for ``A = S = E[x x'/b]``;
* ``x'N_i x`` fluctuates with the other rows.  With ``w = Var(x'N_i x) / b^2`` and
  ``C = Cov(N_i x, x'N_i x)``, ``E[N_i x / b_i]`` is ``(1 + w) M x / b - C / b^2``.

Both follow from the influence of single rows and of chains of rows (Hoeffding's
decomposition), which sum to powers of the coupling J of `kdverify.rows.response`, with
``R = J (I - J)^-1``:

* one row: ``w_1 = (N/n) (R^2)_xx - (R 1)_x^2 / n``, the variance of ``R_xa`` over the row a;
* chains of two rows and more, each in two directions: ``w_2 = 2 (N/n) [J^3 (I - J)^-1]_xx``.

For Gaussian rows with Sigma = I they add up to the exact ``2 n / (p (p - n))``.  Put into the
exact equation they give ``E N = M + dM``, where dM solves the linear equation (10) with a right
hand side G in place of M A M.  dM is symmetric and has no trace, as the exact E N demands; the
code does not enforce it.

Labels and quadratic forms need no theory of their own: with a label as one more, vanishing,
coordinate of each row, and ``I + eps A`` for the norm that is minimised, ``E beta_hat`` and
``E beta_hat'A beta_hat`` are derivatives of ``E N``.  In the extended rows ``(x, y)`` the matrix M
takes a row to ``(M x, e)`` with ``e = y - x'(I - M) theta``, what the mean student leaves of the
label, to first order in its size: so one solution serves labels of every kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.linalg import cho_factor, lapack, pinvh

from kdverify import checks, formulas
from kdverify.rows.draws import some_rows
from kdverify.rows.fixed_point import RowCode, RowEquivalents, solve
from kdverify.rows.pool import Pool
from kdverify.rows.prediction import Moments, Students
from kdverify.rows.response import Response

#: Rows that stand for the pool in the correction: it is small, so that a sample is enough.
CORRECTION_ROWS = 2000
#: Rounds of the scaling of J to its row sums at most; it converges geometrically, and ends where
#: no scale changes by more than this.
SCALINGS, SCALED = 50, 1e-13
#: Relative change of the norm in the direction of A, for a central difference.
NORM_STEP = 1e-2


class Correction:
    """First-order difference of ``E N`` and M at a solution of (9).

    Args:
        at: the solution of (9).
        chosen: numbers of the rows that stand for the pool in the fluctuations; None for all.
        response: where there is one already.

    Attributes:
        matrix: (width, width) ``dM``; its trace is zero up to rounding.
        asymmetry: largest entry of ``G - G'`` over the largest of G, rounding as well.
        variances: (k,) ``w``, the relative variance of ``x'N_i x`` at the rows that were used.
    """

    def __init__(
        self, at: RowEquivalents, chosen: np.ndarray | None = None, response: Response | None = None
    ) -> None:
        pool, M = at.pool, at.M
        checks.equal_weights("pool", pool.weights, "the correction is not known for others")
        if at.taken:
            raise ValueError("taken must be 0: the correction is not known for different rows")
        chosen = np.arange(pool.size) if chosen is None else chosen
        self.at, self.chosen = at, chosen[~pool.zero_rows[chosen]]
        X, b = np.asarray(pool.rows[self.chosen], dtype=float), at.b[self.chosen]
        n, share = at.n, at.n * (1 - pool.zero_rows.mean()) / self.chosen.size
        # one sample less: D of (10) for A = S, on the whole pool
        S = at.weighted
        response = response or Response(at, columns=2)
        all_forms = response.forms(S)
        self._one_less = at.inverse_b + response.weights(all_forms)  # D = E[. (Mx)(Mx)']
        D = response.matrix(S, all_forms)
        s = all_forms[self.chosen]
        # fluctuations, on the chosen rows
        J, crossed, R = _coupling(at, X, b, share)
        squared = R @ R.T  # symmetric
        rows_sum = R.sum(axis=1)
        size = n / share  # of the population that the chosen rows stand for, J_xx = 0 in it
        # the squared mean is rows_sum * n s / b, as D has it on the whole pool: for the trace
        mean = np.sqrt(rows_sum * n * s / b)
        one_row = formulas.one_row_variance(n, size * np.diag(squared), mean)
        double = size * np.einsum("ij,ij->i", J, J)
        w = one_row + formulas.chains_variance(n, size * np.diag(R), 0.0, double)
        Y = (X @ M) / np.sqrt(b)[:, None]
        pairs = 2 * (R - J)
        pairs += R
        pairs += squared
        pairs *= share * crossed
        taught, fluctuating = share * rows_sum / (n * b), share * w / b
        B, W = (X.T * taught) @ X, (X.T * fluctuating) @ X
        chains = Y.T @ pairs @ Y
        G = formulas.finite_size_source(D @ M, M @ S @ M, M @ W @ M, chains, n * D @ B @ M)
        self.asymmetry = float(np.abs(G - G.T).max() / np.abs(G).max())
        G = (G + G.T) / 2
        forms = response.solve_forms(pool.forms(G)[:, None])[:, 0]
        self._response_weights = response.weights(forms)
        self.matrix = M @ pool.gram(self._response_weights) @ M + G
        self.variances = w
        # what labels need beside: on the chosen rows, and matrices
        self._rows, self._pairs, self._taught, self._fluctuating = X, pairs, taught, fluctuating
        self._D, self._BM = D, B @ M

    def with_labels(self, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """dM of rows with labels (N, K) as vanishing coordinates, over their size (its square).

        (width, K) between rows and labels, and (K,) of each label with itself.
        """
        at, pool, n = self.at, self.at.pool, self.at.n
        students = Students(at, labels)
        left = students.labels - pool.times(students.mean)
        seen = left - pool.times(at.M @ students.mean)
        X, M, D = self._rows, at.M, self._D
        own = left[self.chosen]
        roots = np.sqrt(at.b[self.chosen])[:, None]
        paired = self._pairs @ (own / roots)
        weights, fluctuating = self._one_less[:, None], self._fluctuating[:, None]
        less = M @ pool.moment(weights * left)  # D between rows and labels
        taught = X.T @ (self._taught[:, None] * own)
        inverse_b = at.inverse_b[:, None]
        crossed = formulas.finite_size_source(
            (M @ pool.moment(weights * seen) + M @ less) / 2,
            M @ pool.moment(inverse_b * left),
            M @ X.T @ (fluctuating * own),
            (X @ M / roots).T @ ((paired + self._pairs.T @ (own / roots)) / 2),
            n * (D @ taught + self._BM.T @ less) / 2,
        )
        square = formulas.finite_size_source(
            pool.mean(weights * left * seen),
            pool.mean(inverse_b * np.square(left)),
            (fluctuating * np.square(own)).sum(axis=0),
            np.einsum("ik,ik->k", own / roots, paired),
            n * np.einsum("ik,ik->k", less, taught),
        )
        answered = self._response_weights[:, None]
        crossed = crossed + M @ pool.moment(answered * left)
        return crossed, square + pool.mean(answered * np.square(left))


def _coupling(
    at: RowEquivalents, X: np.ndarray, b: np.ndarray, share: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """J between distinct rows that stand for the pool, ``x'Mx' / sqrt(b b')``, and R.

    A row does not meet itself among the other rows, so that the diagonal is left out; J is then
    scaled, row and column, to the row sums ``1 - x'M^2x / b`` that it has on the pool (less
    ridge / b), on which all depends where they are close to one.
    """
    X = X / np.sqrt(b)[:, None]
    MX = X @ at.M
    crossed = MX @ X.T
    np.fill_diagonal(crossed, 0.0)
    J = np.square(crossed)
    J *= share
    wanted = np.einsum("ij,ij->i", MX, X) - np.einsum("ij,ij->i", MX, MX)
    scale = np.ones(len(b))
    for _ in range(SCALINGS):
        change = np.sqrt(wanted / (scale * (J @ scale)))
        scale *= change
        if np.abs(change - 1).max() < SCALED:
            break
    for scaled in (J, crossed):  # crossed too: J is its product with the unscaled one
        scaled *= scale
        scaled *= scale[:, None]
    matrix = -J
    matrix[np.diag_indices_from(matrix)] += 1.0
    factored, _ = cho_factor(matrix, lower=True, overwrite_a=True, check_finite=False)
    inverse, _ = lapack.dpotri(factored, lower=True, overwrite_c=True)
    R = np.tril(inverse, -1)
    R += R.T
    np.fill_diagonal(R, inverse.diagonal() - 1.0)
    return J, crossed, R


@dataclass(frozen=True, eq=False)
class StudentChange:
    """First-order change of a student's moments by finite n, to be added to them.

    Attributes:
        mean: (width, K) of ``E beta_hat``, in the pool's coordinates.
        second: (K,) of ``E beta_hat'A beta_hat``, A the covariance of the test rows.
        covariance: (width, width) A.
        sampled: whether a sample of rows stood for the pool.  Errors average over that; ``mean``
            has noise of it in every direction, and is not to be used alone (`mean_change`).
    """

    mean: np.ndarray
    second: np.ndarray
    covariance: np.ndarray
    sampled: bool = False

    def errors(self, test: Moments) -> np.ndarray:
        """(K,) change of `Students.errors` on ``test``, whose covariance is A."""
        crossed = np.einsum("ik,ik->k", test.crossed, self.mean)
        return np.asarray(formulas.squared_error(self.second, crossed, 0.0))

    def mean_change(self, mean: np.ndarray) -> np.ndarray:
        """(width, K) change of ``E beta_hat``, the ``mean``, for predictions on single rows.

        `mean` itself, or where a sample of rows stood for the pool its projection, in the norm
        of A, on the span of the K columns of ``E beta_hat``: K x K averages, with little noise.
        """
        if not self.sampled:
            return self.mean
        turned = mean.T @ self.covariance
        return np.asarray(mean @ pinvh(turned @ mean) @ (turned @ self.mean))

    def spread_factor(self, students: Students) -> float:
        """What finite n multiplies the variance of predictions by, label columns summed."""
        turned = self.covariance @ students.mean
        energy = np.einsum("ik,ik->", students.mean, turned)
        variance = students.second_moments(self.covariance).sum() - energy
        return variance_factor(self.variance_added(self.mean, turned), variance)

    def variance_added(self, moved: np.ndarray, turned: np.ndarray) -> float:
        """What it adds to that variance; ``turned`` is A times the mean of the predictor.

        ``moved`` is the change of that mean: `mean`, or what a student of its labels makes of it.
        """
        return float(self.second.sum() - 2 * np.einsum("ik,ik->", moved, turned))


def variance_factor(added: float, variance: float) -> float:
    """Factor of a ``variance`` to which something is ``added``; 1 where there is none."""
    return float(1 + added / variance) if variance > 0 else 1.0


def corrected_errors(
    pool: Pool, labels: Any, n: float, test: Moments, ridge: float = 0.0, **options: Any
) -> np.ndarray:
    """(K,) first-order change of `Students.errors` on ``test`` by finite n.

    To be added to it; ``options`` are those of `student_change`.
    """
    return student_change(pool, labels, n, test.covariance, ridge, **options).errors(test)


def student_change(
    pool: Pool, labels: Any, n: float, covariance: np.ndarray, ridge: float = 0.0, **options: Any
) -> StudentChange:
    """First-order change of the moments of `Students` by finite n; as `FiniteSize` has it."""
    return FiniteSize(pool, n, covariance, ridge, **options).change(labels)


class FiniteSize:
    """First-order changes by finite n, of students of any labels on the same rows.

    Args:
        pool, n, ridge: as for `solve`.
        covariance: (width, width) A, that of the test rows.
        start: the solution of (9) there, to begin with.
        seed: of the rows that are drawn.
        limit: at most so many rows stand for the pool in the correction; (9) is solved on all of
            them, twice more, to ``tolerance``.

    Raises:
        ArithmeticError: where (9) has no solution.
    """

    def __init__(
        self,
        pool: Pool,
        n: float,
        covariance: np.ndarray,
        ridge: float = 0.0,
        start: RowEquivalents | None = None,
        seed: int = 0,
        limit: int = CORRECTION_ROWS,
        tolerance: float = 1e-10,
    ) -> None:
        checks.equal_weights("pool", pool.weights, "the correction is not known for others")
        self.pool, self.covariance = pool, covariance
        chosen = some_rows(pool.size, limit, seed, "rows of the correction for finite n")
        self.sampled = chosen.size < pool.size
        values, vectors = np.linalg.eigh(covariance)
        self.largest = float(values[-1])
        self._turned: list[tuple[np.ndarray, Correction]] = []
        for step in (NORM_STEP, -NORM_STEP):
            root = (vectors / np.sqrt(1 + step * values / self.largest)) @ vectors.T
            turned = Pool(pool.times(root))
            at = solve(turned, n, ridge, start and start.moved_to(turned), tolerance)
            if at.code is not RowCode.CONVERGED:
                raise ArithmeticError(f"n={n:g}: {at.code.value}")
            self._turned.append((root, Correction(at, chosen)))

    def change(self, labels: Any) -> StudentChange:
        """The change for students of ``labels``, (N,) or (N, K)."""
        labels = checks.label_matrix("labels", labels, self.pool.size)
        means, squares = [], []
        for root, correction in self._turned:
            crossed, square = correction.with_labels(labels)
            means.append(-root @ crossed)
            squares.append(-square)
        second = (squares[0] - squares[1]) / (2 * NORM_STEP) * self.largest
        return StudentChange((means[0] + means[1]) / 2, second, self.covariance, self.sampled)
