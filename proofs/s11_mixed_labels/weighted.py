"""Claims 11.weighted, 11.weighted-root, 11.weighted-literal: weights in the loss, (15)."""

from typing import Any

import numpy as np
import sympy

from kdverify import Kind, mixed_risk
from kdverify import formulas as f
from kdverify.arithmetic import BALLS
from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.gaussian.numbers import numbers
from kdverify.gaussian.solve.weighted import Weighted, level

from ..lib import batches as b
from ..lib import copies as c
from ..lib import sums as m
from ..lib.modes import Pairs

WEIGHTED = Claim(
    "11.weighted",
    title="Kinds of labels with weights in the loss",
    statement=r"R = \sum_i\lambda_i((1-\zeta_i)\theta_i-\beta_i^*)^2 + Tn\sum_g"
    r" \frac{w_gv_g^2}{(\delta+v_gt)^2}\Big(\sigma_g^2+\lVert\beta_g-(1-\zeta)\theta\rVert_\Sigma^2"
    r"\Big),\quad \theta=\sum_gc_g\beta_g,\ c_g\propto\frac{w_gv_g}{\delta+v_gt}",
    needs=("9.second-moment", "9.variance", "11.mixed"),
    parts=("scales", "variance", "equal weights", "no ridge", "simulated"),
    steps=[
        Step(
            "A row with weight v is the row sqrt(v) x with the label sqrt(v) y: (9) has b ="
            " delta + v x'Mx -> delta + v t and M = tau (Sigma + tau)^-1.",
            lambda: scales()[1],
        ),
        Step("theta is the mean of the kinds with the weights v/b of (11)."),
        Step(
            "The variance needs only the errors of the mean student on fresh labels (9.variance):"
            " sigma_g^2 + |beta_g - (1 - zeta) theta|^2, with v^2/b^2 each.",
            lambda: variance()[0],
        ),
        Step("Equal weights: (14). No ridge: the weights cancel."),
    ],
)


@WEIGHTED.identity("scales", note="tr(Sigma D) of (10), two kinds")
def scales() -> tuple[Any, Any]:
    """The linear equation of (10) for A = Sigma, and T = tau^2 sum (1-zeta)^2/(1 - Omega_v)."""
    share, v, other, ridge, t, n, tau, square, trace = sympy.symbols(
        "w v u delta t n tau S D", positive=True
    )
    kinds = ((share, v), (1 - share, other))
    squares = sum(f.square_pull(w, x, f.weight_scale(ridge, x, t)) for w, x in kinds)
    weights = sum(
        w * x * f.response_weight(n, f.weight_scale(ridge, x, t), x * trace) for w, x in kinds
    )
    own = tau**2 * square
    found = own / (1 - own * sympy.diff(weights, trace))  # of D = own (1 + weights), linear in D
    return found, own / (1 - f.weighted_omega(squares, n, tau, square))


@WEIGHTED.identity("variance", but={"errors of theta for those of its mean": {"learnt": 1}})
def variance(learnt: int = 0) -> tuple[Any, Any]:
    """(11) less the mean's square: e^2 + 2 e x'M theta + (x'M theta)^2, for one mode and kind."""
    lam, zeta, noise = sympy.symbols("lambda zeta s", positive=True)
    kind, centre = sympy.symbols("beta theta", real=True)
    off, unlearnt = kind - centre, zeta * centre
    whole = noise + lam * (off**2 + 2 * off * unlearnt + unlearnt**2)
    kept = 1 if learnt else 1 - zeta
    return whole, f.unseen_error(lam, kind, centre, kept, noise, lambda value: value)


def one_mode_risk(kinds: list[tuple[Any, ...]], t: Any, tau: Any, n: Any, ridge: Any) -> Any:
    """(15) for any number of modes from (share, weight, coefficients, noise) of each kind."""
    _, learnt = m.split()
    scale = [f.weight_scale(ridge, v, t) for _, v, _, _ in kinds]
    pulls = [f.pull(k[0], k[1], s) for k, s in zip(kinds, scale, strict=True)]
    squares = np.array(
        [f.square_pull(k[0], k[1], s) for k, s in zip(kinds, scale, strict=True)], dtype=object
    )
    centre = sum(c * k[2] for c, k in zip(pulls, kinds, strict=True)) / sum(pulls)
    centre = sympy.cancel(centre)
    errors = np.array(
        [f.unseen_error(m.lam, k[2], centre, learnt, k[3], m.ridge_total) for k in kinds],
        dtype=object,
    )
    square = m.ridge_total(learnt**2)
    rest = 1 - f.weighted_omega(sum(squares), n, tau, square)
    return f.weighted_risk(
        m.lam,
        centre,
        m.beta_star,
        learnt,
        errors,
        squares,
        tau,
        square,
        n,
        rest,
        lambda value: sum(value) if isinstance(value, np.ndarray) else m.ridge_total(value),
    )


@WEIGHTED.identity("equal weights", note="weights 1 are (14), any number of modes")
def equal_weights() -> tuple[Any, Any]:
    """(15) at weights 1, t = n tau - ridge, and (14)."""
    share = sympy.Symbol("q", positive=True)
    kinds = [(1 - share, 1, m.beta_star, m.noise), (share, 1, m.surrogate, 0)]
    left = one_mode_risk(kinds, m.n * m.tau - m.ridge, m.tau, m.n, m.ridge)
    mean = (1 - share) * m.beta_star + share * m.surrogate
    gap = m.ridge_total(m.lam * (m.surrogate - m.beta_star) ** 2)
    noise = f.two_kinds_noise(1 - share, m.noise, 0, gap)
    zeta, learnt = m.split()
    right = f.risk(
        m.lam, mean, m.beta_star, zeta, learnt, m.omega, 1 - m.omega, noise, m.ridge_total
    )
    return left, right


@WEIGHTED.identity("no ridge", but={"a ridge of one": {"ridge": 1}})
def no_ridge(ridge: int = 0) -> tuple[Any, Any]:
    """Without ridge the pulls and their squares do not depend on the weights."""
    share, v, t = sympy.symbols("w v t", positive=True)
    scale = f.weight_scale(ridge, v, t)
    return [f.pull(share, v, scale), f.square_pull(share, v, scale)], [share / t, share / t**2]


#: shares 1/2, weights, surrogates, noises, n, ridge
CASES = (
    ((1.0, 0.1), (b.TRUTH, -0.5 * b.TRUTH), (0.05, 0.0), 24, 1.0),
    ((1.0, 4.0), (b.TRUTH, b.BOLD), (0.5, 0.0), 20, 0.8),
)


def trained(case: tuple[Any, ...]) -> c.Measured:
    """Students with weights in the loss."""
    weights, surrogates, noises, n, ridge = case

    def measured(on: c.Copies, draw: np.random.Generator, trials: int) -> Any:
        sample = on.sample(draw, trials, n)
        rows = [np.repeat(u, sample.size // 2) for u in ((1.0, 0.0), (0.0, 1.0))]
        fit = c.Fit(on, sample, ridge, np.repeat(weights, sample.size // 2))
        labels = [on.of(s) for s in surrogates]
        taught = [(fit.learnt(u), c.Labels.of(s)) for u, s in zip(rows, labels, strict=True)]
        student = c.Student(taught, fit.map * np.sqrt(np.repeat(noises, sample.size // 2)))
        given = [x for u in rows for x in c.fields(on, fit, rows=u, product=labels[1] ** 2)]
        products = labels[0] ** 2, labels[0] * labels[1], labels[1] ** 2
        return c.excess(on, student), lambda: c.zero_means(on, given, *products)

    return measured


@WEIGHTED.agreement("simulated", note="weights 1, 1/10 and 1, 4", draws="weights in the loss")
def weighted(context: Context, literal: bool = False, count: int = 2) -> list[Comparison]:
    """Students with weights in the loss."""
    found = []
    for k, case in enumerate(CASES[:count]):
        weights, surrogates, noises, n, ridge = case
        kinds = [Kind(0.5, s, v, w) for s, v, w in zip(surrogates, noises, weights, strict=True)]
        theory = literal_risk(k) if literal else mixed_risk(b.PROBLEM, n, kinds, ridge)
        name, run, order = f"case {k + 1}", trained(case), b.band(n, ridge)
        found.append(c.extrapolated(context, name, b.PROBLEM, run, theory, order, (150, 110)))
    return found


weighted.shifted(1.0)

LITERAL = Claim(
    "11.weighted-literal",
    title="False: with weights the disagreement is around theta, apart from the unlearnt part",
    statement=r"R = \sum_i\lambda_i((1-\zeta_i)\theta_i-\beta_i^*)^2 +"
    r" \frac{\Omega_v}{1-\Omega_v}\sum_i\lambda_i\zeta_i^2\theta_i^2 +"
    r" Tn\sum_g\frac{w_gv_g^2(\sigma_g^2+\lVert\beta_g-\theta\rVert_\Sigma^2)}{(\delta+v_gt)^2}"
    r"\quad\text{(false)}",
    needs=("11.weighted",),
    expect="refuted",
    steps=[
        Step(
            "It lacks 2 T n sum_g w_g v_g^2/(delta + v_g t)^2 theta'M Sigma (beta_g - theta), which"
            " is zero for equal weights only: theta is a mean with the weights v/b, these are"
            " v^2/b^2.",
            lambda: crossed_term()[0],
        ),
    ],
)


def literal_risk(case: int) -> float:
    """The reading's value."""
    weights, surrogates, noises, n, ridge = CASES[case]
    with numbers(b.PROBLEM, None) as on:
        at = Weighted.solve(b.PROBLEM, n, [0.5, 0.5], list(weights), ridge, on)
    centre = sum(c * s for c, s in zip(at.pulls, surrogates, strict=True))
    errors = [
        v + b.LAM @ (s - centre) ** 2 + b.LAM @ (at.zeta * centre) ** 2
        for s, v in zip(surrogates, noises, strict=True)
    ]
    with numbers(b.PROBLEM, None) as on:
        return float(at.risk(on.modes, centre, b.TRUTH, errors))


def crossed_term() -> tuple[Any, Any]:
    """What the reading lacks for one kind and mode: the errors' crossed part, said to be zero."""
    lam, zeta = sympy.symbols("lambda zeta", positive=True)
    kind, centre = sympy.symbols("beta theta", real=True)
    whole = f.unseen_error(lam, kind, centre, 1 - zeta, 0, lambda value: value)
    apart = lam * (kind - centre) ** 2 + lam * (zeta * centre) ** 2
    return sympy.expand(whole - apart), sympy.Integer(0)


LITERAL.identity("whole", crossed_term, note="one kind and mode")


@LITERAL.agreement("whole", note="weights 1 and 1/10, opposite labels", draws="weights in the loss")
def measured(context: Context) -> list[Comparison]:
    """The simulation beside the reading."""
    return weighted(context, literal=True, count=1)


@LITERAL.below("it is smaller", but={"it is larger": {"sign": -1}})
def by_how_much(digits: int, sign: int = 1) -> Pairs:
    """The reading's value, and (15), for opposite labels."""
    del digits
    weights, surrogates, noises, n, ridge = CASES[0]
    kinds = [Kind(0.5, s, v, w) for s, v, w in zip(surrogates, noises, weights, strict=True)]
    pair = [BALLS.number(v) for v in (literal_risk(0), mixed_risk(b.PROBLEM, n, kinds, ridge))]
    first, second = pair[::sign]
    yield first, second


ROOT = Claim(
    "11.weighted-root",
    title="The effective regularisation with weights: one root, enclosed by two values",
    statement=r"h(\tau)=n\tau\sum_g\frac{w_gv_g}{\delta+v_gt(\tau)},\ t=\sum_i\lambda_i\zeta_i:"
    r"\quad h\text{ rises strictly from }0\text{ without bound};\ h(\tau)=1\text{ once}",
    needs=("1.ridge",),
    parts=("rises", "t"),
    steps=[
        Step("t rises with tau, t/tau = sum (1 - zeta) falls: t' < t/tau.", lambda: slower()[0]),
        Step("So each tau v/(delta + v t) rises: its log slope is 1 - v t' tau/(delta + v t) > 0."),
        Step("t is at most tr Sigma: h has no bound."),
    ],
)


@ROOT.forall("rises", witness={"a": 1, "b": 2, "s": 1, "t": "3/2", "delta": 1, "v": 1})
def rises(smt: Any) -> Any:
    """tau v/(delta + v t) at tau = b is above that at a < b, where t/tau falls and t rises."""
    low, high, t_low, t_high, ridge, weight = (
        smt.Real(name) for name in ("a", "b", "s", "t", "delta", "v")
    )
    inside = [low > 0, high > low, t_low > 0, t_high >= t_low, t_high * low <= t_low * high]
    inside += [ridge > 0, weight > 0]

    def pull(tau: Any, spared: Any) -> Any:
        return tau * f.pull(1, weight, f.weight_scale(ridge, weight, spared))

    return inside, pull(low, t_low) < pull(high, t_high)


rises.but("t that rises faster than tau", build=lambda smt: faster(smt))


def faster(smt: Any) -> Any:
    """The same without t_high/high <= t_low/low."""
    (low, high, t_low, t_high, ridge, weight) = (
        smt.Real(name) for name in ("a", "b", "s", "t", "delta", "v")
    )
    inside = [low > 0, high > low, t_low > 0, t_high >= t_low, ridge > 0, weight > 0]
    scale_low = f.weight_scale(ridge, weight, t_low)
    scale_high = f.weight_scale(ridge, weight, t_high)
    return inside, low * f.pull(1, weight, scale_low) < high * f.pull(1, weight, scale_high)


@ROOT.identity("t", note="d(t/tau)/d tau of one mode is -lam/(lam + tau)^2")
def slower() -> tuple[Any, Any]:
    """t/tau falls."""
    lam, tau = sympy.symbols("lambda tau", positive=True)
    spared = f.spared_trace(lam, f.zeta(lam, tau), lambda value: value)
    return sympy.diff(spared / tau, tau), -lam / (lam + tau) ** 2


@ROOT.below("p = 20", note="h below and above the root", but={"the other way": {"turned": True}})
def enclosed(digits: int, turned: bool = False) -> Pairs:
    """h at 1e-20 to either side of the certified root, around 1."""
    with numbers(b.EXACT, digits) as on:
        shares, weights = [on.number("w", "0.4"), on.number("w", "0.6")], [1, on.number("v", "0.3")]
        known = on.number("n", 15), shares, weights, on.number("ridge", 2)
        tau = Weighted.solve(b.EXACT, 15, shares, weights, 2, on).tau
        lam, total = on.modes.lam, on.modes.total
        ends = [level(lam, tau * (1 + s * BALLS.number(1e-20)), *known, total) for s in (-1, 1)]
        ends = ends[::-1] if turned else ends
        yield ends[0], 1
        yield 1, ends[1]
