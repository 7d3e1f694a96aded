"""Claims 11.generations, 11.collapse, 11.golden-ratio, 11.golden-rows: on one's own output."""

import math
from typing import Any

import numpy as np
import sympy

from kdverify import Generations, Problem, Spectrum, best_share
from kdverify import formulas as f
from kdverify.arithmetic import BALLS
from kdverify.evidence import Claim, Comparison, Context, Step

from ..lib import batches as b
from ..lib import copies as c
from ..lib import sums as m
from ..lib.modes import Pairs

GENERATIONS = Claim(
    "11.generations",
    title="Generations of students, each labelling for the next, with a share of real data",
    statement=r"\beta^{(k+1)}:\ (7)\text{ averaged over labels }w\beta^*+(1-w)\beta^{(k)},\quad"
    r" m_i=\frac{w(1-\zeta_i)\beta_i^*}{1-(1-w)(1-\zeta_i)},\quad"
    r" v_i=\frac{u_iV}{1-(1-w)^2(1-\zeta_i)^2}",
    source="neighbouring",
    needs=("6.chains", "11.mixed"),
    parts=("mean", "variance", "simulated"),
    steps=[
        Step("Fresh rows: given the last student a generation has the mean and variance of (7)."),
        Step("The mean's fixed point.", lambda: settled_mean()[1]),
        Step(
            "The variance keeps (1-w)^2 (1-zeta)^2 of the old and adds u V, where V is affine in"
            " the variances: the fixed point is linear in V, and diverges where V's own feedback"
            " reaches 1 - Omega."
        ),
    ],
)


@GENERATIONS.identity("mean", but={"w^2": {"power": 2}})
def settled_mean(power: int = 1) -> tuple[Any, Any]:
    """The mean after one more generation is the mean."""
    beta, learnt, share = sympy.symbols("beta k w", positive=True)
    mean = f.settled_mean(beta, learnt, share**power)
    return learnt * (share * beta + (1 - share) * mean), mean


@GENERATIONS.identity("variance", but={"(1 - w) once": {"power": 1}})
def settled_variance(power: int = 2) -> tuple[Any, Any]:
    """The variance after one more generation is the variance."""
    added, learnt, share = sympy.symbols("u k w", positive=True)
    settled = f.settled_spread(added, learnt, share)
    return (1 - share) ** power * learnt**2 * settled + added, settled


def line(keep: str, n: int, ridge: float) -> c.Measured:
    """Four students, each on the labels of the last one and a quarter of real ones."""

    def measured(on: c.Copies, draw: np.random.Generator, trials: int) -> Any:
        risks, fits = [], []
        real = own = c.Labels.of(on.truth)
        quarter = np.repeat([1.0, 0.0, 0.0, 0.0], n * on.k // 4) if keep == "rows" else 0.25
        for k in range(4):
            fit = c.Fit(on, on.sample(draw, trials, n), ridge)
            share = np.ones(fit.sample.size) * (quarter if k else 1.0)
            taught = [(fit.learnt(share), real), (fit.learnt(1 - share), own)]
            noise = np.sqrt(0.3 * share**2 + 0.2 * (1 - share) ** 2)
            student = c.Student(taught, fit.map * noise)
            risks.append(c.excess(on, student))
            fits.append(fit)
            own = student.labels()

        def zeros() -> np.ndarray:
            return np.concatenate([c.zero_means(on, c.fields(on, fit)) for fit in fits], axis=1)

        return np.stack(risks, axis=1), zeros

    return measured


@GENERATIONS.agreement("simulated", note="4 generations; shares of rows, averaged labels, ridge")
def lines(context: Context, keep_noise: bool = True) -> list[Comparison]:
    """Students of students."""
    found = []
    for keep, n, ridge in (("rows", 20, 0.5), ("labels", 20, 0.2), ("rows", 80, 0.0)):
        law = Generations(b.PROBLEM, n, 0.25, 0.3, 0.2 if keep_noise else 0.0, ridge, keep)
        # what the last generation is off by is learnt in part
        name, order = f"{keep}, n = {n}", np.array([1, 2, 2, 2]) * b.band(n, ridge)
        # least squares is exact, but for disagreements
        trials = (180,) if n > b.P else (130, 90)
        run, theory = line(keep, n, ridge), law.risks(4)
        found.append(c.extrapolated(context, name, b.PROBLEM, run, theory, order, trials))
    return found


lines.but("no noise in the students' labels", keep_noise=False)


@GENERATIONS.below("long run", but={"of another share": {"other": 0.5}})
def long_run(digits: int, other: float = 0.25) -> Pairs:
    """The risk after 300 generations, and the settled one."""
    del digits
    for keep in ("rows", "labels"):
        line = Generations(b.PROBLEM, 20, 0.25, 0.3, 0.2, 0.5, keep)
        settled = Generations(b.PROBLEM, 20, other, 0.3, 0.2, 0.5, keep).settled_risk()
        gap = abs(line.risks(300)[-1] - settled)
        yield BALLS.number(gap), BALLS.number(1e-9 * settled)


COLLAPSE = Claim(
    "11.collapse",
    title="Least squares on its own output: without real data the risk grows for ever",
    statement=r"R_k = \Big((1-w)^2+\varphi w(1-w)\Big)R_{k-1} +"
    r" \varphi\big(w\sigma^2+(1-w)\sigma_s^2\big),\ \varphi=\frac p{n-p-1};"
    r"\quad w=0:\ R_k=\varphi(\sigma^2+(k-1)\sigma_s^2);"
    r"\quad w>0:\ R_\infty<\infty \iff (1-w)^2+\varphi w(1-w)<1",
    source="neighbouring",
    needs=("11.generations", "2.least-squares"),
    parts=("recursion", "no real data", "fixed point", "finite iff"),
    steps=[
        Step(
            "n > p + 1: the mean stays beta*, and (14) adds w (1 - w) R_(k-1) to the noise, whose"
            " factor phi is exact. That of rows of two kinds is exactly 15.mixed-least-squares."
        ),
        Step("The fixed point.", lambda: fixed_point()[1]),
        Step(
            "(1-w)^2 + phi w (1-w) < 1 iff w > 1 - 1/(phi - 1) for phi > 2, and for every w > 0"
            " if phi <= 2: where n < 3p/2 or so, too small a share of rows does not stop the"
            " collapse.",
        ),
    ],
)

share, phi, noise, own, old = sympy.symbols("w varphi s s_s R", positive=True)


def next_risk(last: Any, w: Any = share) -> Any:
    """One generation of least squares by (14)."""
    return f.least_squares_generation(last, w, phi, phi, noise, own)


@COLLAPSE.identity("recursion", note="any p: (7)'s sum over modes of least squares")
def recursion() -> tuple[Any, Any]:
    """The mean excess risk of the next student: p equal parts of the exact variance."""
    n, p = sympy.symbols("n p", positive=True)
    level = f.two_kinds_noise(share, noise, own, old)
    variance = p * f.least_squares_variance(level, 1, n, p)
    return (1 - share) ** 2 * old + variance, next_risk(old).subs(phi, p / (n - p - 1))


@COLLAPSE.identity("no real data", but={"no growth": {"grows": 0}})
def no_real_data(grows: int = 1) -> tuple[Any, Any]:
    """k + 1 generations from k, at w = 0."""
    k = sympy.Symbol("k", positive=True)
    law = phi * (noise + (k - 1) * own)
    return next_risk(law, sympy.Integer(0)), law + grows * phi * own


@COLLAPSE.identity("fixed point", but={"the own labels' noise alone": {"fresh": 0}})
def fixed_point(fresh: int = 1) -> tuple[Any, Any]:
    """The settled risk is its own successor."""
    settled = f.settled_least_squares(share, phi, phi, fresh * noise, own)
    return next_risk(settled), settled


@COLLAPSE.forall("finite iff", witness={"w": "1/2", "phi": 1}, but={"for every w > 0": {"all": 1}})
def finite(smt: Any, all: int = 0) -> Any:
    """The factor of the old risk is below 1 iff phi <= 2 or w is above 1 - 1/(phi - 1)."""
    w, factor = smt.Real("w"), smt.Real("phi")
    inside = [w > 0, w < 1, factor > 0]
    kept = f.least_squares_kept(w, factor)
    condition = smt.Or(factor <= 2, (w - 1) * (factor - 1) > -1)
    return inside, (kept < 1) if all else (kept < 1) == condition


@COLLAPSE.below("p = 30", note="n = 40: a share of 0.4 of rows diverges, 0.8 settles")
def collapse(digits: int) -> Pairs:
    """phi = 10/3: the border lies at 4/7."""
    del digits
    risks = {w: Generations(b.PROBLEM, 40, w, 0.3, 0.3).risks(60) for w in (0.4, 0.8)}
    yield BALLS.number(100 * risks[0.4][0]), BALLS.number(risks[0.4][-1])
    yield BALLS.number(abs(risks[0.8][-1] - risks[0.8][-2])), BALLS.number(1e-9)
    assert math.isinf(Generations(b.PROBLEM, 40, 0.4, 0.3, 0.3).settled_risk())


GOLDEN = Claim(
    "11.golden-ratio",
    title="Averaged labels: the best share is the golden ratio for n >= p, 1/2 for n << p",
    statement=r"\Sigma=I,\ \text{labels }wy+(1-w)\hat y:\ R_\infty \propto"
    r" \frac{w^2+(1-w)^2}{1-\Omega(1-w)^2},\text{ least at } 2w-1=\Omega w(1-w):"
    r"\ \Omega=1: w=\tfrac{\sqrt5-1}2,\ \Omega\to0: w=\tfrac12",
    source="neighbouring",
    needs=("11.generations",),
    parts=("noise", "slope", "one minimum", "golden", "half"),
    steps=[
        Step(
            "Each row's label averages two independent noises, w^2 + (1-w)^2 of one, and Omega of"
            " the last student's variance stays in the next, times (1-w)^2.",
            lambda: settled_noise()[1],
        ),
        Step("The derivative by w has the sign of 2w - 1 - Omega w (1 - w).", lambda: slope()[1]),
        Step("That is a parabola, below 0 at 1/2 and above at the golden ratio."),
        Step(
            "For least squares Omega is 1 there, exactly at every n > p + 1. What is noiseless in"
            " the risk of n < p pushes the share up."
        ),
    ],
)

omega = sympy.Symbol("Omega", positive=True)


@GOLDEN.identity("noise", but={"noise of one label": {"averaged": False}})
def settled_noise(averaged: bool = True) -> tuple[Any, Any]:
    """The fixed point of V = Omega (1-w)^2 V + Omega/(1 - Omega) (w^2 + (1-w)^2) sigma^2."""
    level = f.averaged_noise(share, noise, noise) if averaged else noise
    start = f.variance_factor(omega, 1 - omega) * level
    settled = start / (1 - omega * (1 - share) ** 2)
    return settled, f.settled_averaged(share, omega, 1 - omega, noise)


@GOLDEN.identity("noise", note="of an average", but={"noises that move together": {"apart": 1}})
def averaged(apart: int = -1) -> tuple[Any, Any]:
    """Mean square of ``w e + (1-w) e'`` over independent signs of deviations e, e'."""
    e, other = sympy.symbols("e f", positive=True)
    sums = [share * e + sign * (1 - share) * other for sign in (1, apart)]
    return (sums[0] ** 2 + sums[1] ** 2) / 2, f.averaged_noise(share, e**2, other**2)


@GOLDEN.identity("isotropic", note="what stays of the variance: (3) for Sigma = I is Omega")
def kept() -> tuple[Any, Any]:
    """(1-zeta)^2 + zeta^2 Omega/(1 - Omega) at zeta = 1 - Omega."""
    return f.transfer_energy(1, 1 - omega, omega, omega, 1 - omega), omega


@GOLDEN.identity("slope", but={"without Omega": {"of": 1}})
def slope(of: int = 0) -> tuple[Any, Any]:
    """The derivative of the averaging factor, and the condition over a square."""
    factor = sympy.diff(f.averaging_factor(share, omega), share)
    condition = f.averaging_condition(share, of or omega)
    return factor, 2 * condition / (1 - omega * (1 - share) ** 2) ** 2


@GOLDEN.forall("one minimum", witness={"w": "1/4", "v": "1/2", "Omega": "1/2"})
def rises(smt: Any) -> Any:
    """The condition rises with w on (0, 1): one change of sign, at 1/2 or above."""
    low, high, at = smt.Real("w"), smt.Real("v"), smt.Real("Omega")
    inside = [low > 0, low < high, high < 1, at > 0, at <= 1]
    half = smt.number("1/2")
    return inside, smt.And(
        f.averaging_condition(low, at) < f.averaging_condition(high, at),
        f.averaging_condition(half, at) < 0,
    )


@GOLDEN.identity("golden", but={"Omega = 1/2": {"at": sympy.Rational(1, 2)}})
def golden(at: Any = 1) -> tuple[Any, Any]:
    """The condition at Omega = 1 and the golden ratio."""
    return sympy.expand(f.averaging_condition((sympy.sqrt(5) - 1) / 2, at)), sympy.Integer(0)


@GOLDEN.identity("half")
def half() -> tuple[Any, Any]:
    """The condition at Omega = 0 and 1/2."""
    return f.averaging_condition(sympy.Rational(1, 2), 0), sympy.Integer(0)


@GOLDEN.below("library", but={"1/2 at n > p": {"aim": 0.5}})
def found(digits: int, aim: float = (math.sqrt(5) - 1) / 2) -> Pairs:
    """The best share by the library at n > p, any spectrum; and for Sigma = I at n << p."""
    del digits
    at = best_share(b.PROBLEM, 80, 0.3, 0.3, keep="labels")[0]
    yield BALLS.number(abs(at - aim)), BALLS.number(1e-6)
    flat = Problem(Spectrum(np.ones(20)), np.full(20, 1e-9))
    at = best_share(flat, 0.02, 0.3, 0.3, keep="labels")[0]
    yield BALLS.number(abs(at - 0.5)), BALLS.number(1e-3)


ROWS = Claim(
    "11.golden-rows",
    title="False: the best share of real rows is the golden ratio",
    statement=r"\text{a share } w \text{ of the rows real: } \arg\min_wR_\infty(w) ="
    r" \tfrac{\sqrt5-1}2\quad\text{(false: it is 1)}",
    source="neighbouring",
    needs=("11.collapse", "11.golden-ratio"),
    expect="refuted",
    steps=[
        Step(
            "Rows that are labelled by the last student have noise as real ones have, and add"
            " their disagreement: of n rows in all, more real ones are always better. The golden"
            " ratio belongs to labels that are averaged, each row having both."
        ),
    ],
)


@ROWS.forall("whole")
def golden_is_best(smt: Any) -> Any:
    """The settled risk at w = 3/5, near the golden ratio, is not above that at w = 1."""
    factor, variance = smt.Real("phi"), smt.Real("s")
    near = smt.number("3/5")
    settled = f.settled_least_squares(near, factor, factor, variance, variance)
    return [factor > 0, factor <= 2, variance > 0], settled <= factor * variance


@ROWS.below("whole", note="risks at the golden ratio and at w = 1, p = 30, n = 80")
def by_the_library(digits: int) -> Pairs:
    """The pairs (risk at the golden ratio, risk at 1), which are in the other order."""
    del digits
    shares = ((math.sqrt(5) - 1) / 2, 1.0)
    risks = [Generations(b.PROBLEM, 80, w, 0.3, 0.3).settled_risk() for w in shares]
    yield BALLS.number(risks[0]), BALLS.number(risks[1])


@ROWS.identity("what holds", note="the settled risk less that of w = 1", but={"phi + 1": {"k": 1}})
def above_one(k: int = 0) -> tuple[Any, Any]:
    """phi sigma^2 (1-w) ((1-w) + phi w) over what is above 0: never below 0."""
    settled = f.settled_least_squares(share, phi, phi, noise, noise)
    rest = 1 - (1 - share) ** 2 - phi * share * (1 - share)
    return settled - phi * noise, phi * noise * (1 - share) * (1 - share + (phi + k) * share) / rest


@ROWS.identity("modes", note="least squares keeps every mode: no bias")
def no_bias() -> tuple[Any, Any]:
    """The settled mean at zeta = 0."""
    return f.settled_mean(m.beta_star, 1, share), m.beta_star
