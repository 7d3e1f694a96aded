"""Claim 10.tuned-mixing: the mixing of self-distillation, tuned without the truth."""

from typing import Any

import numpy as np
import sympy

from kdverify import formulas as f
from kdverify import self_distillation
from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.gaussian.self_distillation import SelfDistillation

from ..lib import batches as b
from ..lib import copies as c

TUNED = Claim(
    "10.tuned-mixing",
    title="xi* by generalised cross-validation: the estimate's derivative, not a smoother's trace",
    statement=r"v(\delta)=\frac{nQy}{\mathrm{tr}\,Q},\ Q=(XX^\top+\delta)^{-1}:\quad"
    r" \tfrac1n\lVert v+\xi\delta v'\rVert^2 \approx R(\xi)+\sigma^2,\quad"
    r" \hat\xi = -\frac{v^\top v'}{\delta\lVert v'\rVert^2}",
    needs=("10.same-data-risk",),
    parts=("left out", "slope", "least", "estimates the risk", "error"),
    steps=[
        Step("Exact: the error of row i by the ridge student of the others is (Qy)_i/Q_ii."),
        Step(
            "Self-distillation is b + xi delta b', with each row left out as well: its left-out"
            " error is v_i + xi delta v_i', the derivative of the ridge student's.",
        ),
        Step("Q_ii and (Q^2)_ii replaced by their means give v and v'.", lambda: slope()[1]),
        Step(
            "Generalised cross-validation of the student as one linear smoother, with tr(I - M^2)"
            " in the place of the derivative, is another estimate: along xi it moves less by the"
            " factor 2 - delta tr Q^2/tr Q, between 1 and 2: its xi is that much too large.",
            lambda: one_smoother()[1],
        ),
    ],
)

t = sympy.Symbol("delta", positive=True)


@TUNED.identity(
    "left out", note="lemma: n = 3, the last row left out", but={"Q_ii^2": {"power": 2}}
)
def last_row(power: int = 1) -> tuple[Any, Any]:
    """y_3 less its prediction from rows 1 and 2, for any kernel matrix and labels."""
    k = sympy.symbols("k_1:7", real=True)
    kernel = sympy.Matrix([[k[0], k[1], k[2]], [k[1], k[3], k[4]], [k[2], k[4], k[5]]])
    y = sympy.Matrix(sympy.symbols("y_1:4", real=True))
    solved = (kernel + t * sympy.eye(3)).inv()
    others = (kernel[:2, :2] + t * sympy.eye(2)).inv() * y[:2, :]
    prediction = (kernel[2, :2] * others)[0]
    return y[2] - prediction, (solved * y)[2] / solved[2, 2] ** power


@TUNED.identity("slope", but={"without the trace's change": {"change": 0}})
def slope(change: int = 1) -> tuple[Any, Any]:
    """The derivative of the errors by the ridge, three eigenvalues."""
    values = sympy.symbols("g_1:4", positive=True)
    seen = sympy.symbols("y_1:4", real=True)
    n = sympy.Integer(3)
    trace = sum(1 / (g + t) for g in values)
    square = sum(1 / (g + t) ** 2 for g in values)
    left, right = [], []
    for g, y in zip(values, seen, strict=True):
        left.append(sympy.diff(f.left_out_errors(y / (g + t), trace, n), t))
        right.append(f.left_out_slope(y / (g + t), y / (g + t) ** 2, trace, change * square, n))
    return left, right


@TUNED.identity("least")
def least() -> tuple[Any, Any]:
    """The mean square of v + xi delta v' in two rows is least at `best_mixing`."""
    v, w = sympy.symbols("v_1 v_2", real=True), sympy.symbols("w_1 w_2", real=True)
    xi = sympy.Symbol("xi", real=True)
    square = sum((a + xi * t * c) ** 2 for a, c in zip(v, w, strict=True)) / 2
    (zero,) = sympy.solve(sympy.diff(square, xi), xi)
    along = sum(a * c for a, c in zip(v, w, strict=True))
    return zero, f.best_mixing(along, sum(c * c for c in w), t)


@TUNED.identity("one smoother", note="its step from xi = 0 to 1 is shorter by one factor")
def one_smoother() -> tuple[Any, Any]:
    """v of the smoother M^2 less v of M, and delta v' over 2 - delta tr Q^2/tr Q."""
    q, w, trace, square, n = sympy.symbols("q w T S n", positive=True)
    smoother = n * (2 * q - t * w) / (2 * trace - t * square)
    step = t * f.left_out_slope(q, w, trace, square, n) / (2 - t * square / trace)
    return smoother - f.left_out_errors(q, trace, n), step


MIXINGS = (-1.0, 1.0, 2.0)


def estimated(ridge: float) -> c.Measured:
    """The estimates less sigma^2, averaged over the noise and the signs of columns."""

    def measured(on: c.Copies, draw: np.random.Generator, trials: int) -> Any:
        sample = on.sample(draw, trials, SIZE)
        fits = [c.Fit(on, sample, part * ridge) for part in (1, 2)]
        values, vectors = np.linalg.eigh(sample.rows @ np.swapaxes(sample.rows, 1, 2))
        seen = np.swapaxes(vectors, 1, 2) @ sample.rows
        power = NOISE + (seen**2) @ on.truth**2  # of labels along each eigenvector
        errors, slopes = gcv(np.ones_like(values), 1 / (values + fits[0].ridge))
        estimates = [
            ((errors + xi * fits[0].ridge * slopes) ** 2 * power).mean(axis=1) - NOISE
            for xi in MIXINGS
        ]
        return np.stack(estimates, axis=1), lambda: c.zero_means(on, c.fields(on, *fits))

    return measured


@TUNED.agreement("estimates the risk", note="xi = -1, 1, 2 at two ridges")
def estimates(context: Context, turned: bool = False) -> list[Comparison]:
    """The mean estimate less sigma^2, beside the theory's risk."""
    found = []
    for ridge in (0.3, 5.0):
        law = self_distillation(b.PROBLEM, SIZE, ridge, noise_variance=NOISE)
        theory = [law.at(-xi if turned else xi) for xi in MIXINGS]
        name, run, order = f"ridge {ridge:g}", estimated(ridge), b.band(SIZE, ridge)
        found.append(c.extrapolated(context, name, b.PROBLEM, run, theory, order))
    return found


estimates.but("the derivative's sign", turned=True)


def tuned(law: SelfDistillation, factor: float) -> c.Measured:
    """The risk at ``factor`` times the tuned xi."""

    def measured(on: c.Copies, draw: np.random.Generator, trials: int) -> Any:
        rows, delta = on.sample(draw, trials, SIZE).rows, on.k * law.ridge
        labels = rows @ on.truth + b.noise(draw, rows.shape[:2], NOISE)
        values, vectors = np.linalg.eigh(rows @ np.swapaxes(rows, 1, 2))
        along = np.einsum("tij,ti->tj", vectors, labels)
        errors, slopes = gcv(along, 1 / (values + delta))
        best = -(errors * slopes).sum(axis=1) / (delta * np.square(slopes).sum(axis=1))
        return np.array([law.at(float(factor * xi)) for xi in best]), lambda: np.zeros((trials, 1))

    return measured


@TUNED.agreement("error", note="excess risk at the tuned xi beside that at xi*, two ridges")
def regret(context: Context, factor: float = 1.0) -> list[Comparison]:
    """delta^2 K (xi - xi*)^2 in the mean: of order 1/n, and nothing beyond."""
    found = []
    for ridge in (1.5, 5.0):
        law = self_distillation(b.PROBLEM, SIZE, ridge, noise_variance=NOISE)
        name, order = f"ridge {ridge:g}, {factor:g} xi", b.band(SIZE, ridge, 4)
        run, aim = tuned(law, factor), law.best_risk
        found.append(c.extrapolated(context, name, b.PROBLEM, run, aim, order, (600, 500), 0.02))
    return found


regret.but("four times the tuned xi", factor=4.0)

SIZE, NOISE = 26, 0.3


def gcv(labels: np.ndarray, inverse: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(T, n) errors of generalised cross-validation along the eigenvectors, and their slopes."""
    trace, square = inverse.sum(axis=1)[:, None], np.square(inverse).sum(axis=1)[:, None]
    solved, n = inverse * labels, labels.shape[1]
    return (
        f.left_out_errors(solved, trace, n),
        f.left_out_slope(solved, inverse * solved, trace, square, n),
    )
