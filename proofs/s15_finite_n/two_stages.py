"""Claim 15.two-stages: the first correction for the student of a trained surrogate."""

import itertools
from typing import Any

import numpy as np
import sympy

from kdverify import Problem, Spectrum, Stage, chain_error, equivalents, size_error
from kdverify import formulas as f
from kdverify.arithmetic import BALLS
from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.gaussian.chain_size import square_correction
from kdverify.gaussian.finite_size import correction as size_correction
from kdverify.gaussian.numbers import FloatModes
from kdverify.stages import _sized, two_stage_error

from ..lib import batches as b
from ..lib import copies as c
from ..lib.modes import Pairs

TWO_STAGES = Claim(
    "15.two-stages",
    title="The first correction for the student of a trained surrogate",
    statement=r"\mathbb E R = \sum_j\beta_j^{*2}\mathbb E(PAP)_{jj} - 2\sum_j\lambda_j(1-\zeta_j)"
    r"\beta_j^{*2}\mathbb EP_{jj} + \dots,\quad A\ \text{what the student makes of squares};\quad"
    r"\mathbb EPAP\ \text{by}\ \frac{d}{dt}\ \text{along}\ \log\lambda_i \to \log\lambda_i - ta_i",
    needs=("15.correction", "6.two-stage"),
    parts=("weights", "risk", "simulated"),
    steps=[
        Step(
            "The student's risk is linear in means and mean squares of the surrogate's coordinates;"
            " the surrogate is P beta* and noise. Signs of columns average products of two modes.",
            lambda: risk()[1],
        ),
        Step(
            "N A N is minus the derivative of delta (X'X + delta (I + t A))^-1 at t = 0, for any"
            " diagonal A, exactly: P A P is had from E P_ii at the covariance Sigma/(1 + t A).",
        ),
        Step("To first order E P_ii and E (P A P)_ii are those of 15.correction."),
        Step(
            "A source that does not commute: in its eigenbasis A is no diagonal matrix. Signs leave"
            " A_ij (P_ii P_jj + P_ij^2) off the diagonal; the variance of P_ij is that of"
            " 2.coordinates, w_i w_j/(n (1 - Omega)) with w = zeta (1 - zeta), and the covariance"
            " of P_ii and P_jj is of second order.",
            lambda: products()[1][0],
        ),
        Step(
            "The student's own sample adds 15.correction at the surrogate's mean squares. The part"
            " of (7) that 6.rank-one leaves out is of this order, and is in E P A P."
        ),
    ],
)


@TWO_STAGES.identity("risk", note="lemma: two modes", but={"P for P squared": {"power": 1}})
def risk(power: int = 2) -> tuple[Any, Any]:
    """The risk of a student of P beta*, over both signs of a mode, and by diagonals."""
    names = sympy.symbols("P_11 P_12 P_22 beta_1 beta_2", real=True)
    energy, learnt, lams = (sympy.symbols(f"{x}_1:3", real=True) for x in "ALl")
    P = sympy.Matrix([[names[0], names[1]], [names[1], names[2]]])
    A, L, S = sympy.diag(*energy), sympy.diag(*learnt), sympy.diag(*lams)

    def given(sign: int) -> Any:
        truth = sympy.Matrix([names[3], sign * names[4]])
        taught = P * truth
        crossed = 2 * truth.T * S * L * taught
        return (taught.T * A * taught - crossed + truth.T * S * truth)[0]

    squares = (P**power if power == 1 else P * A * P).diagonal()
    signal = [names[3] ** 2, names[4] ** 2]
    by_modes = sum(
        signal[j] * (squares[j] - 2 * lams[j] * learnt[j] * P[j, j] + lams[j]) for j in range(2)
    )
    return (given(1) + given(-1)) / 2, by_modes


@TWO_STAGES.identity(
    "weights",
    note="lemma: off the diagonal, three modes, over all signs",
    but={"without P_ij^2": {"squares": 0}},
)
def products(squares: int = 1) -> tuple[list[Any], list[Any]]:
    """The mean of P A P over flips of columns, entries 12 and 13, and what is left of them."""
    P, A = symmetric("P"), symmetric("A")
    flips = [sympy.diag(1, *signs) for signs in itertools.product((1, -1), repeat=2)]
    mean = sum((F * P * F * A * F * P * F for F in flips), sympy.zeros(3, 3)) / 4
    left = [A[0, j] * (P[0, 0] * P[j, j] + squares * P[0, j] ** 2) for j in (1, 2)]
    return [sympy.expand(mean[0, j]) for j in (1, 2)], left


def symmetric(name: str) -> Any:
    """A symmetric 3 x 3 matrix of symbols."""
    return sympy.Matrix(3, 3, lambda i, j: sympy.Symbol(f"{name}_{min(i, j)}{max(i, j)}"))


def unlearnt(turn: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """``delta E (X'X + delta B)^-1`` for ``B^-1 = turn turn'``: its equivalent and correction."""
    eigenvalues, axes = np.linalg.eigh(turn @ np.diag(values) @ turn)
    at = equivalents(Spectrum(eigenvalues), 9, 0.25)
    found, axes = size_correction(FloatModes.of(b.EXACT), at), turn @ axes
    return (axes * at.zeta) @ axes.T, -(axes * found.learnt) @ axes.T


@TWO_STAGES.below(
    "weights",
    note="p = 20, any symmetric A, by differences",
    but={"other weights": {"scale": 1.1}, "without the variance of P_ij": {"own": 0.0}},
)
def by_differences(digits: int, scale: float = 1.0, own: float = 1.0) -> Pairs:
    """E (P A P) and its correction: minus the derivative of E N by the penalty I + t A.

    ``P A P = N A N - A + A P + P A``, and E N at ``(I + t A)^-1`` is that of turned rows.
    ``(X'X + delta)^-1 X'X (X'X + delta)^-1``, what noise makes, is minus the derivative of P.
    """
    del digits
    values, step = b.EXACT.spectrum.eigenvalues, 1e-4
    modes, at = FloatModes.of(b.EXACT), equivalents(Spectrum(values), 9, 0.25)
    A = np.cos(np.add.outer(np.arange(values.size), np.arange(values.size)) ** 2)
    moved = []
    for h in (step, -step):
        weights, axes = np.linalg.eigh(np.eye(values.size) + h * A)
        moved.append(unlearnt((axes / np.sqrt(weights)) @ axes.T, values))
    up, down = moved
    plain, found = (-(x - y) / (2 * step) for x, y in zip(up, down, strict=True))
    given = size_correction(modes, at, scale * A.diagonal())
    claimed = square_correction(scale * A, at, given)
    width = f.spread(at.zeta, at.one_minus_zeta)
    variance = A * np.outer(width, width) / (at.n * at.one_minus_omega)
    np.fill_diagonal(variance, 0)
    learnt, own_change = np.diag(at.one_minus_zeta), np.diag(given.learnt)
    crossed = np.outer(at.one_minus_zeta, at.one_minus_zeta) * A
    off = ~np.eye(values.size, dtype=bool)
    gaps = [
        (plain - A + A @ learnt + learnt @ A - crossed)[off],
        found + A @ own_change + own_change @ A - claimed + (1 - own) * variance,
    ]
    for gap, size in zip(gaps, (crossed, claimed), strict=True):
        yield BALLS.number(float(np.abs(gap).max())), BALLS.number(1e-5 * float(abs(size).max()))
    more, less = (
        size_correction(modes, equivalents(Spectrum(values), 9, 0.25 + h)).learnt
        for h in (step, -step)
    )
    noise = -float(A.diagonal() @ (more - less)) / (2 * step)
    yield BALLS.number(abs(noise - float(given.noise))), BALLS.number(1e-5 * abs(noise))


@TWO_STAGES.below(
    "weights", note="a teacher whose modes are multiplied by c", but={"all of it": {"c": 1.0}}
)
def multiplied(digits: int, c: float = 0.0) -> Pairs:
    """A polynomial of degree two in c; nothing of the teacher at c = 0, all of it at c = 1."""
    generator = np.random.default_rng(5)
    turn = np.linalg.qr(generator.standard_normal((3, 3)))[0]
    problem = Problem(Spectrum(np.array([1.0, 0.5, 0.25])), np.array([1.0, -2.0, 0.5]))
    for source in (None, turn @ np.diag([2.0, 1.0, 0.5]) @ turn.T):
        stages = [Stage(2, source, 0.5, 0.25), Stage(2, None, 0.3, 0.5)]
        at = [_sized(problem, stages, np.full(3, x)).correction for x in (-1.0, 0.0, 1.0, 2.0)]
        size = BALLS.number(1e-12 * max(map(abs, at)))
        yield BALLS.number(abs(at[3] - 3 * at[2] + 3 * at[1] - at[0])), size
        nothing = _sized(problem, stages, np.full(3, c)).correction
        alone = size_error(problem, 2, np.zeros(3), 0.3, 0.5).correction
        yield BALLS.number(abs(nothing - alone)), size
        whole = chain_error(problem, stages).correction
        yield BALLS.number(abs(at[2] - whole)), size


#: teacher, student, trials, what these can tell of the correction
CHAINS = (
    (Stage(60, None, 0.3, 1.0), Stage(60, None, 0.3, 1.0), (400, 300), 0.014),
    (Stage(20, None, 0.5, 0.0), Stage(60, None, 0.2, 1.0), (400, 240), 0.05),
)


def above(teacher: Stage, student: Stage, risk: float) -> c.Measured:
    """k times what the last students' risks are above the equivalent of two stages."""

    def measured(on: c.Copies, draw: np.random.Generator, trials: int) -> Any:
        labels, fits = c.Labels.of(on.truth), []
        for stage in (teacher, student):
            fits.append(c.Fit(on, on.sample(draw, trials, int(stage.n)), stage.ridge))
            noise = fits[-1].map * np.sqrt(stage.noise_variance)
            given, one = labels, c.Student([(fits[-1].learnt(), labels)], noise)
            labels = one.labels()
        return on.k * (c.excess(on, one) - risk), lambda: zeros(on, fits[0], fits[1], given)

    return measured


@TWO_STAGES.agreement("simulated", note="two chains, two sizes, of the correction: within 1.6, 9 %")
def measured(context: Context, sign: float = 1.0) -> list[Comparison]:
    """What chains of Gaussian students are above the equivalent of two stages."""
    found = []
    for teacher, student, trials, floor in CHAINS:
        theory = two_stage_error(b.PROBLEM, teacher, student)
        aim, name = sign * theory.correction, f"m = {teacher.n}, n = {student.n}"
        order = b.band(int(teacher.n), teacher.ridge) + b.band(int(student.n), student.ridge)
        run = above(teacher, student, theory.risk)
        found.append(c.extrapolated(context, name, b.PROBLEM, run, aim, order, trials, floor))
    return found


def zeros(on: c.Copies, first: c.Fit, second: c.Fit, labels: c.Labels) -> np.ndarray:
    """Variates of mean zero: of each stage's rows, weighted by what the other stage makes of it."""
    learnt = second.learnt()
    seen = c.over_columns(np.swapaxes(learnt**2, 1, 2), on.lam)
    aims = on.lam * np.einsum("tii->ti", learnt)
    taught = c.fields(on, second, product=labels.square)
    back = [*c.fields(on, first), c.Field(first, first, seen)]
    return np.concatenate(
        [
            c.zero_means(on, taught, labels.square, labels.mean * on.truth),
            c.zero_means(on, back, on.truth**2, seen / on.k, on.truth**2 * aims),
        ],
        axis=1,
    )


measured.but("the correction's sign", sign=-1.0)
