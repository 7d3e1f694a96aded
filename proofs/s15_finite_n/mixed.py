"""Claim 15.mixed: the first correction for labels of several kinds, with weights."""

from dataclasses import replace
from typing import Any

import numpy as np
import sympy

from kdverify import Kind, mixed_error, size_error
from kdverify import formulas as f
from kdverify.arithmetic import BALLS
from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.gaussian.finite_size import EXACT, FIRST_ORDER
from kdverify.training import Coefficients

from ..lib import batches as b
from ..lib import copies as c
from ..lib.modes import Pairs
from ..lib.written import agree

MIXED = Claim(
    "15.mixed",
    title="The first correction for labels of several kinds",
    statement=r"R = \partial_s\partial_t\log\det(K_s+tYY^\top)\ \text{exactly};\quad"
    r"\text{to first order}\ \tfrac12\,\partial_s\partial_t\log\det\Big(I-\Big[\frac{m_h^2}{n_h}"
    r"\mathrm{tr}\,C_gRC_hR\Big]_{gh}\Big)\ \text{is added to (14), (15)}",
    needs=("11.mixed", "11.weighted", "15.correction"),
    parts=("exact", "one kind", "saddle", "simulated", "doubles"),
    steps=[
        Step(
            "Beside the ridge put a penalty s |Sigma^(1/2) (b - beta*)|^2. By the envelope theorem"
            " the least objective grows with s, at s = 0, as fast as the excess risk.",
            lambda: envelope()[0][0],
        ),
        Step(
            "The least objective is Y' K_s^-1 Y, the derivative of log det(K_s + t YY') at t = 0:"
            " rows of kind g are gaussian with one more column, sqrt(t) times their label."
        ),
        Step(
            "E log det of gaussian rows, n_g of covariance C_g, has a saddle in m_g = n_g/(r_g +"
            " k_g), k_g = tr C_g R; beside it stands half the logarithm of the Hessian's"
            " determinant, as in 15.correction for one kind."
        ),
        Step(
            "Both are differentiated at the saddle, which moves with s and t. A trained surrogate"
            " enters by means and variances. That O(n^-2) is what is left is measured, not proved."
        ),
    ],
)


@MIXED.identity("exact", note="one mode, three rows", but={"an aim of 0": {"aim": 0}})
def envelope(aim: int = 1) -> tuple[Any, Any]:
    """d/ds of the least objective at s = 0, and the student's risk; the penalty's own minimum."""
    s, lam, ridge = sympy.symbols("s lambda delta", positive=True)
    x, y, beta = sympy.symbols("x_1:4"), sympy.symbols("y_1:4"), sympy.Symbol("beta")
    v = sympy.symbols("v_1:4", positive=True)

    def least(s: Any) -> Any:
        gram = sum(w * a * a for w, a in zip(v, x, strict=True)) + ridge + s * lam
        seen = sum(w * a * c for w, a, c in zip(v, x, y, strict=True)) + s * lam * aim * beta
        return (
            sum(w * c * c for w, c in zip(v, y, strict=True)) + s * lam * beta**2 - seen**2 / gram
        )

    gram = sum(w * a * a for w, a in zip(v, x, strict=True)) + ridge
    student = sum(w * a * c for w, a, c in zip(v, x, y, strict=True)) / gram
    own = -f.pulled_to_aim(lam, aim * lam * beta, s)
    left = [sympy.diff(least(s), s).subs(s, 0), own + s * lam * (own - beta)]
    return left, [lam * (student - beta) ** 2, 0]


@MIXED.identity("saddle", note="rank one more: kinds in t", but={"e_g for e_h": {"same": True}})
def crossed(same: bool = False) -> tuple[Any, Any]:
    """tr C_g R C_h R by 2 x 2 matrices of one mode and the label's column, to first order in t."""
    lam = sympy.Symbol("lambda", positive=True)
    m, betas = sympy.symbols("m_1:3", positive=True), sympy.symbols("beta_1:3")
    root = sympy.Symbol("r", positive=True)  # sqrt t
    covariances = [
        sympy.Matrix([[lam, root * lam * beta], [root * lam * beta, root**2 * lam * beta**2]])
        for beta in betas
    ]
    whole = sympy.diag(1, 1) + m[0] * covariances[0] + m[1] * covariances[1]
    adjugate, det = whole.adjugate(), whole.det()
    product = (covariances[0] * adjugate * covariances[1] * adjugate).trace()
    left = sympy.expand(product) / sympy.expand(det) ** 2
    load = f.mode_load(lam, lam, 0, sum(m))
    pulled = m[0] * betas[0] + m[1] * betas[1]
    errors = [f.label_residual(lam, beta, pulled, load) for beta in betas]
    square = errors[0] * errors[0 if same else 1]
    right = f.crossed_kinds(lam, load, root**2, square, lambda value: value)
    order = [sympy.diff(side, root, 2).subs(root, 0) for side in (left, right)]
    return order[0], order[1]


@MIXED.equal("one kind", note="p = 20, balls", but={"of another noise": {"noise": "0.74"}})
def one_kind(digits: int, noise: str = "0.75") -> Pairs:
    """Kinds that differ in their noise alone: one kind with the mean noise; 0 for n > p + 1."""
    for ridge, n in (("0.25", 9), ("0", 9), ("0", 30)):
        pair = [Kind("0.5", None, "0.5"), Kind("0.5", None, 1)]
        yield (
            mixed_error(b.EXACT, n, pair, ridge, digits=digits + 10).corrected,
            size_error(b.EXACT, n, None, noise, ridge, digits=digits + 10).corrected,
        )


def saddle_at(
    s: float, t: float, kinds: list[Kind], n: int, ridge: float, weights: Any = None
) -> tuple[float, float]:
    """By matrices with one more column: E least objective's slope by t, and the half logarithm.

    The penalty s is on ``(b - beta*)' A (b - beta*)``, A diagonal with the weights, or Sigma.
    """
    lam, truth = b.EXACT.spectrum.eigenvalues, b.EXACT.beta_star
    weights = lam if weights is None else weights
    rows = np.array([n * kind.share for kind in kinds])
    slack = np.array([ridge / kind.weight for kind in kinds])
    covariances = []
    for kind in kinds:
        label = (truth if kind.surrogate is None else kind.surrogate) - truth
        label = label + truth / (1 + s * weights)
        last = np.sqrt(t) * lam * label
        corner = t * (lam @ label**2 + kind.noise_variance)
        covariances.append(np.block([[np.diag(lam), last[:, None]], [last[None], corner]]))
    base = np.diag(np.append(1 + s * weights, 1.0))
    spare = np.ones(len(kinds))
    for _ in range(400):
        level = rows / (slack + spare)
        inverse = np.linalg.inv(base + np.tensordot(level, np.array(covariances), 1))
        turned = [c @ inverse for c in covariances]
        spare = np.array([np.trace(c) for c in turned])
    products = np.array([[np.sum(g * h.T) for h in turned] for g in turned])
    half = np.linalg.slogdet(np.eye(len(kinds)) - products * level**2 / rows)[1] / 2
    whole = np.linalg.slogdet(base + np.tensordot(level, np.array(covariances), 1))[1]
    return whole + rows @ np.log(slack + spare) - level @ spare, half


def two_kinds(weight: float) -> list[Kind]:
    """Real labels, and those of a surrogate that differs in every mode, with a weight."""
    other = b.EXACT.beta_star * np.cos(np.arange(20.0))
    return [Kind(0.4, None, 0.3), Kind(0.6, other, 0.1, weight)]


@MIXED.below("saddle", note="differences, p = 20", but={"of a weight of 0.5": {"weight": 0.5}})
def by_differences(digits: int, weight: float = 0.4) -> Pairs:
    """Mixed differences of the saddle's value and of the half logarithm: (15), and the correction.

    The value in s at t = 0 is exact by its slope in t; s |Sigma^(1/2) beta*|^2/(1 + s lam) joins.
    """
    del digits
    n, ridge = 10, 0.5
    found = mixed_error(b.EXACT, n, two_kinds(weight), ridge)
    slope = form_by_differences(two_kinds(0.4), n, ridge)
    truth = b.EXACT.signal.sum()
    yield BALLS.number(abs(float(slope[0] + truth - found.risk))), BALLS.number(1e-4)
    gap = abs(float(slope[1] - found.correction))
    yield BALLS.number(gap), BALLS.number(1e-2 * abs(found.correction))


def form_by_differences(kinds: list[Kind], n: int, ridge: float, weights: Any = None) -> Any:
    """``E (b - beta*)'A(b - beta*) - beta*'A beta*`` and its correction, A as in `saddle_at`."""
    h, known = 2e-3, (kinds, n, ridge, weights)
    corners = np.array([[saddle_at(i * h, h * j, *known) for j in (1, 2, 3)] for i in (-1, 1)])
    by_s = (corners[1] - corners[0]) / (2 * h)  # at t = h, 2 h, 3 h: the slope at t = 0
    at_zero = np.array(saddle_at(h, 0, *known)) - np.array(saddle_at(-h, 0, *known))
    return (-11 * at_zero / (2 * h) + 18 * by_s[0] - 9 * by_s[1] + 2 * by_s[2]) / (6 * h)


@MIXED.below("doubles", but={"another ridge": {"ridge": "0.26"}})
def doubles(digits: int, ridge: str = "0.25") -> Pairs:
    """float64 beside the ball, with weights: to nine digits."""
    pair = [Kind("0.5", None, "0.5"), Kind("0.5", 0.5 * b.EXACT.beta_star, 0, "0.25")]
    ball = mixed_error(b.EXACT, 9, pair, ridge, digits=digits).correction
    same = [Kind(0.5, None, 0.5), Kind(0.5, 0.5 * b.EXACT.beta_star, 0.0, 0.25)]
    found = mixed_error(b.EXACT, 9, same, 0.25).correction
    yield abs(ball - found), abs(ball) / 10**9


@MIXED.below("one kind", note="no weight, no row, words", but={"a row more": {"more": 1.0}})
def weightless(digits: int, more: float = 0.0) -> Pairs:
    """Kinds of weight 0 or without rows are not there; when the risk is an exact mean."""
    del digits
    other = b.EXACT.beta_star * np.cos(np.arange(20.0))
    real, taught = Kind(0.5, None, 0.3), Kind(0.3, other, 0.1, 0.4)
    for rest in (Kind(0.2, other, 9.0, 0.0), Kind(0.0, other, 9.0, 0.7)):
        kept = 1 - rest.share
        kinds = [Kind(kept - 0.3, None, 0.3), taught, rest]
        without = [replace(k, share=k.share / kept) for k in kinds[:2]]
        found = mixed_error(b.EXACT, 10, kinds, 0.5)
        true = mixed_error(b.EXACT, 10 * kept + more, without, 0.5)
        yield BALLS.number(abs(found.risk / true.risk - 1)), BALLS.number(1e-9)
        yield BALLS.number(abs(found.correction / true.correction - 1)), BALLS.number(1e-7)
    pair = [real, Kind(0.5, other)]
    whole = Kind(1.0, None, 0.3)
    for n, ridge, kinds, basis in (
        (30, 0.0, [whole], EXACT),
        (30, 0.0, pair, EXACT),
        (30, 0.5, [whole], FIRST_ORDER),
        (9, 0.0, [whole], FIRST_ORDER),
        (21, 0.0, pair, EXACT),
    ):
        said = mixed_error(b.EXACT, n, kinds, ridge)
        yield from agree([said.basis, np.isinf(said.risk)], [basis, n == 21])


def above(kinds: list[Kind], n: int, ridge: float, risk: float) -> c.Measured:
    """k times what a mixture's students are above their equivalent."""

    def measured(on: c.Copies, draw: np.random.Generator, trials: int) -> Any:
        sample = on.sample(draw, trials, n)
        sizes = [round(kind.share * sample.size) for kind in kinds]
        which = np.repeat(range(len(kinds)), sizes)
        rows = [(which == g) * 1.0 for g in range(len(kinds))]
        fit = c.Fit(on, sample, ridge, np.array([kind.weight for kind in kinds])[which])
        labels = [taught(on, kind.surrogate) for kind in kinds]
        noise = fit.map * np.sqrt(np.array([kind.noise_variance for kind in kinds])[which])
        student = c.Student([(fit.learnt(u), s) for u, s in zip(rows, labels, strict=True)], noise)
        given = [c.Field(fit, fit, on.lam, u, last) for u in rows for last in rows]
        given += [c.Field(fit, rows=u) for u in rows]
        products = [labels[0].square, labels[1].square, labels[0].mean * labels[1].mean]
        products += [s * on.lam for s in products]
        zeros = lambda: c.zero_means(on, given, *products)  # noqa: E731
        return on.k * (c.excess(on, student) - risk), zeros

    return measured


def taught(on: c.Copies, surrogate: Any) -> c.Labels:
    """What labels one kind's rows; labels are what they are."""
    if isinstance(surrogate, c.Labels):
        return surrogate
    if isinstance(surrogate, Coefficients):
        mean = on.of(surrogate.mean)
        return c.Labels(mean, mean**2 + np.repeat(surrogate.variances, on.k) / on.k)
    return c.Labels.of(on.truth if surrogate is None else on.of(surrogate))


LAW = Coefficients(0.8 * b.TRUTH, 0.1 * b.LAM)
#: rows of each kind, kinds' settings, ridge, trials, what these can tell of the correction
CASES = (
    ("ridgeless", [8, 12], [(None, 0.2, 1.0), (b.OTHER, 0.1, 1.0)], 0.0, (700, 400), 0.1),
    ("weights", [90, 60], [(None, 0.3, 1.0), (b.OTHER, 0.1, 0.2)], 1.0, (400, 260), 0.014),
    ("trained", [50, 40], [(None, 0.3, 1.0), (LAW, 0.0, 1.0)], 1.0, (350, 220), 0.033),
)


@MIXED.agreement("simulated", note="two sizes of three mixtures, what is left extrapolated")
def measured(context: Context, sign: float = 1.0) -> list[Comparison]:
    """What mixtures' students are above their equivalents."""
    found = []
    for name, rows, settings, ridge, count, floor in CASES:
        n = sum(rows)
        kinds = [Kind(k / n, *rest) for k, rest in zip(rows, settings, strict=True)]
        theory = mixed_error(b.PROBLEM, n, kinds, ridge)
        aim, trials = sign * theory.correction, count
        run, order = above(kinds, n, ridge, theory.risk), b.band(n, ridge)
        found.append(c.extrapolated(context, name, b.PROBLEM, run, aim, order, trials, floor))
    return found


measured.but("the correction's sign", sign=-1.0)
