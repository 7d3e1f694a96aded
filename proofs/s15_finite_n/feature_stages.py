"""Claim 15.feature-stages: the first correction for stages whose students have random features."""

from typing import Any

import numpy as np
import sympy

from kdverify import Stage, chain_error
from kdverify import formulas as f
from kdverify.arithmetic import BALLS
from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.gaussian.numbers import FloatModes
from kdverify.random_features import equivalents
from kdverify.random_features.chain_size import energies, passed_back
from kdverify.random_features.finite_size import form_correction
from kdverify.training import Coefficients, Form

from ..lib import batches as b
from ..lib.drawn import chain
from ..lib.ensembles import seed
from ..lib.modes import Pairs
from .random_features import form_by_differences

STAGES = Claim(
    "15.feature-stages",
    title="The first correction for stages with random features",
    statement=r"\mathbb EP_{ii} \approx 1-\zeta_i + \frac{w_i}{2s}(2\zeta_i-1-c),\quad"
    r"\mathbb E(P_{ii}P_{jj}+P_{ij}P_{ji}) \approx \mathbb EP_{ii}\,\mathbb EP_{jj}"
    r" + \frac{w_iw_j}s,\quad s = S+\frac{e_ne_q}{e_n+e_q};\quad \mathbb E(P^\top AP)_{jj}\text{: }"
    r"\tfrac12\partial_s\partial_t\log D\text{ with the penalty }sWAW^\top",
    needs=("15.random-features", "15.two-stages", "12.two-stages"),
    parts=("exact", "first order", "products", "weights", "few features", "simulated"),
    steps=[
        Step(
            "What follows a student sees its coefficients b through tr(A b b') - 2 l'b. With"
            " s W A W' in the place of s W Sigma W', log det K of 15.random-features has the mixed"
            " derivative tr P'AP B for labels of second moment B, for every X and W.",
            lambda: by_determinant()[0],
        ),
        Step(
            "A small change eps f(u, w) of the saddle's function moves half the logarithm of its"
            " Hessian by its own second derivatives and through the saddle. log lambda_i is the"
            " change 1 - zeta_i.",
            lambda: first_order()[1],
        ),
        Step(
            "Off the diagonal, A and labels in the modes i and j change log det by"
            " 2 s t (1 - zeta_i)(1 - zeta_j) at first order: signs of columns leave"
            " P_ii P_jj + P_ij P_ji.",
            lambda: products()[1],
        ),
        Step(
            "Without ridge and q < n the student is least squares given W:"
            " Sigma^(1/2) W'(W Sigma W')^-1 W Sigma^(1/2) is the projector on q rows, A over Sigma"
            " its weights, and what is left of the labels is noise.",
        ),
        Step(
            "Corrections of stages add up, each at the law of its labels and the form that the"
            " later stages make; their products are of second order. That O(n^-2) is what is left"
            " is measured."
        ),
    ],
)


@STAGES.identity("exact", note="lemma: n = 1, q = p = 2", but={"Sigma for A": {"own": False}})
def by_determinant(own: bool = True) -> tuple[Any, Any]:
    """The mixed derivative of log det K, and tr P'AP B, A and B any symmetric matrices."""
    s, ridge = sympy.symbols("s delta", positive=True)
    x, w = sympy.Matrix(1, 2, sympy.symbols("x_1:3")), sympy.Matrix(2, 2, sympy.symbols("w_1:5"))
    a, labels = (sympy.Matrix(2, 2, sympy.symbols(f"{c}_1 {c}_2 {c}_2 {c}_3")) for c in "ab")
    lam = sympy.diag(*sympy.symbols("lambda_1:3", positive=True))
    z, label = w * x.T, (x * labels * x.T)[0]
    student = w.T * z / ((z.T * z)[0] + ridge)
    penalty = sympy.eye(2) + s * w * (a if own else lam) * w.T
    k_0 = ridge + (z.T * penalty.adjugate() * z)[0] / penalty.det()
    return sympy.diff(label / k_0, s).subs(s, 0), (student.T * a * student)[0] * label


SPREADS, SLOPES, ROWS, LAYER = sympy.symbols("S S_3 e_n e_q", positive=True)
LEARNT = sympy.symbols("k_1:3", positive=True)


def half_log_change(change: Any, at: Any, held: bool = False) -> Any:
    """d/d eps of half the log of the Hessian's determinant, the saddle moving along.

    The function has the second and third derivatives of the saddle's at u = w = 0; ``change`` is a
    function of x = w - u.
    """
    u, w = at
    x = w - u
    whole = SPREADS * x**2 / 2 + SLOPES * x**3 / 6 + ROWS * sympy.exp(-u) + LAYER * sympy.exp(w)
    zero = {u: 0, w: 0}
    second = sympy.hessian(whole, at).subs(zero)
    slope = sympy.Matrix([sympy.diff(change(x), v) for v in at]).subs(zero)
    move = -second.adjugate() * slope / second.det()
    moved = sympy.hessian(change(x), at).subs(zero)
    for v, step in zip(at, move, strict=True):
        moved += (0 if held else step) * sympy.hessian(whole, at).diff(v).subs(zero)
    return (second.adjugate() * moved).trace() / second.det() / 2


def learnt_near(learnt: Any, x: Any) -> Any:
    """1 - zeta where log nu_2 falls by x, to second order."""
    width = learnt * (1 - learnt)
    return learnt + width * x + width * (1 - 2 * learnt) * x**2 / 2


def corrected(learnt: Any) -> Any:
    """The formula."""
    return f.feature_learnt_correction(1 - learnt, learnt, SLOPES, SPREADS, ROWS, LAYER)


@STAGES.identity("first order", but={"the saddle held": {"held": True}})
def first_order(held: bool = False) -> tuple[Any, Any]:
    """E P_ii: the change 1 - zeta_i, and the formula."""
    at = sympy.symbols("u w")
    return half_log_change(lambda x: learnt_near(LEARNT[0], x), at, held), corrected(LEARNT[0])


@STAGES.identity("products", but={"without P_ij P_ji": {"part": 0}})
def products(part: int = 1) -> tuple[Any, Any]:
    """E (P_ii P_jj + P_ij P_ji): half the change 2 (1 - zeta_i)(1 - zeta_j)."""
    one, two = LEARNT
    left = half_log_change(
        lambda x: learnt_near(one, x) * learnt_near(two, x), sympy.symbols("u w")
    )
    widths = part * one * (1 - one), two * (1 - two)
    spreads = f.feature_spreads(SPREADS, ROWS, LAYER)
    known = (one, corrected(one), widths[0]), (two, corrected(two), widths[1])
    return left, f.product_correction(1, *known[0], *known[1], spreads)


#: Weights of a form with both signs, and its linear part, on the 20 modes of `b.EXACT`.
WEIGHTS = np.cos(np.arange(20.0)) + 0.5
LINEAR = np.sin(np.arange(20.0))


@STAGES.below("weights", note="differences, p = 20", but={"weights of Sigma": {"own": 0.0}})
def by_differences(digits: int, own: float = 1.0) -> Pairs:
    """Differences of the saddle's value make the form passed back, those of half the log its."""
    del digits
    lam, mean = b.EXACT.spectrum.eigenvalues, b.EXACT.beta_star * np.cos(np.arange(20.0))
    squares, noise = mean**2 + 0.1 * lam, 0.3
    weights = own * WEIGHTS + (1 - own) * lam
    at = equivalents(b.EXACT, 10, 14, 0.5)
    setting = b.EXACT, 10, 14, noise, 0.5
    value = form_by_differences(setting, squares, LINEAR * mean, WEIGHTS, 1e-3)
    passed = energies(at, weights) @ squares - 2 * (LINEAR * mean) @ at.one_minus_zeta
    spread = f.feature_variance(
        1.0, at.n, at.zeta, at.one_minus_zeta, at.crowding, lam + at.nu, 0.0
    )
    passed += noise * f.trained_scale(0.0, at.one_minus_upsilon, 1.0) * (spread @ weights)
    modes = FloatModes.of(b.EXACT)
    added = form_correction(modes, at, weights, LINEAR, mean, squares, noise)
    stage, law = Stage(10, None, noise, 0.5, 14), Coefficients(mean, 0.1 * lam)
    back = passed_back(b.EXACT, stage, Form(weights, LINEAR), law)[1]
    for found, sought, close in (
        (value[0], passed, 1e-5),
        (value[1], added, 1e-3),
        (value[1], back, 1e-3),
    ):
        yield BALLS.number(abs(float(found - sought))), BALLS.number(close * abs(float(found)))


@STAGES.below("few features", note="q = 12 < n, p = 20", but={"weights of Sigma": {"own": 0.0}})
def few_features(digits: int, own: float = 1.0) -> Pairs:
    """No ridge: the limit of small ridges, up to second order, 3/(n - q) of the first."""
    del digits
    lam, mean = b.EXACT.spectrum.eigenvalues, b.EXACT.beta_star * np.cos(np.arange(20.0))
    found = []
    for ridge, weights in ((0.0, own * WEIGHTS + (1 - own) * lam), (1e-7, WEIGHTS)):
        at = equivalents(b.EXACT, 312, 12, ridge)
        known = weights, LINEAR, mean, mean**2 + 0.1 * lam, 0.3
        found.append(float(form_correction(FloatModes.of(b.EXACT), at, *known)))
    yield BALLS.number(abs(found[0] - found[1])), BALLS.number(abs(found[1]) / 100)


def turned() -> np.ndarray:
    """A covariance that does not commute with the problem's: modes mixed in pairs."""
    turn = np.kron(np.eye(b.P // 2), np.array([[0.8, -0.6], [0.6, 0.8]]))
    return np.asarray((turn * b.LAM) @ turn.T)


@STAGES.below("products", note="features before a turned source", but={"q = 30": {"q": 30}})
def no_layer(digits: int, q: float = 1e13) -> Pairs:
    """Infinitely many features are none: 15.two-stages off the diagonal."""
    del digits
    last = Stage(20, turned(), 0.0, 0.3)
    plain = chain_error(b.PROBLEM, [Stage(15, None, 0.2, 0.3), last]).correction
    found = chain_error(b.PROBLEM, [Stage(15, None, 0.2, 0.3, q), last]).correction
    yield BALLS.number(abs(plain - found)), BALLS.number(1e-9 * abs(plain))


#: stages, trials
CHAINS = (
    ("ridge", (Stage(20, None, 0.3, 0.1, 40), Stage(15, None, 0.3, 0.05, 40)), 1200),
    ("few features, no ridge", (Stage(40, None, 0.3, 0, 22), Stage(40, None, 0.3, 0, 22)), 1200),
)


@STAGES.agreement("simulated", note="risk less its equivalent within 60 % of the correction")
def measured(context: Context, sign: float = 1.0) -> list[Comparison]:
    """What chains are above the equivalents of their stages."""
    found = []
    for name, stages, trials in CHAINS:
        count = context.trials(trials)
        run = chain(b.PROBLEM, stages, count, seed(context, name), workers=context.workers)
        theory = chain_error(b.PROBLEM, stages)
        aim = sign * theory.correction
        error, above = run.standard_errors[-1], run.means[-1] - theory.risk
        found.append(Comparison(name, above, error, run.degrees_of_freedom, aim, 0.6 * abs(aim)))
    return found


measured.but("the correction's sign", sign=-1.0)
