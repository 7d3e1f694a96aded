"""Claims 11.worth and 11.best-weight: what a pseudo-label is worth in real ones, and its weight."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from kdverify import Kind, Mixture, best_weight, label_worth, mixed_risk
from kdverify import formulas as f
from kdverify.arithmetic import BALLS
from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.stages import Stage, ground_truth, train

from ..lib import batches as b
from ..lib import copies as c
from ..lib import sums as m
from ..lib.modes import Pairs

WORTH = Claim(
    "11.worth",
    title="The worth of a pseudo-label in real ones, and where one more hurts",
    statement=r"\frac{\partial R/\partial n_p}{\partial R/\partial n_r},\quad"
    r" \frac{\partial R}{\partial n_g} = \frac1n\Big(\frac{\partial R}{\partial\log n} +"
    r" (1_{g=p}-w)\frac{\partial R}{\partial w}\Big),\quad"
    r" \frac{d\log\tau}{d\log n} = \frac{-1}{1-\Omega}",
    needs=("11.mixed",),
    parts=("by n", "by share", "chain", "hurts"),
    steps=[
        Step("(1): d log tau/d log n = -1/(1 - Omega)."),
        Step("(2) along it.", lambda: by_size()[1]),
        Step("(14) along the share w of pseudo-labels: both move.", lambda: by_share()[1]),
        Step("One more row of a kind moves n, and the share by (1 - w)/n or -w/n."),
    ],
)


def along_n(expression: Any) -> Any:
    """d/d log n of one mode's expression at fixed ridge, without what n does itself."""
    return -sympy.diff(expression, m.tau) * m.tau / (1 - m.omega)


@WORTH.identity("by n", note="any number of modes", but={"tau held fast": {"moves": 0}})
def by_size(moves: int = 1) -> tuple[Any, Any]:
    """d/d log n of (2), by the chain rule on symbols, and the formula."""
    zeta, learnt = m.split()
    bias = f.mode_bias(m.surrogate, m.beta_star, zeta, learnt)
    unlearnt = f.unlearnt_energy(m.lam, m.surrogate, zeta)
    factor = f.variance_factor(m.omega, 1 - m.omega)
    of_omega = m.ridge_total(along_n(learnt * learnt)) / m.n - m.omega
    left = moves * m.ridge_total(along_n(m.lam * bias * bias))
    left += moves * factor * m.ridge_total(along_n(unlearnt))
    left += (m.noise + m.ridge_total(unlearnt)) * of_omega / (1 - m.omega) ** 2
    right = f.risk_by_log_n(
        m.lam,
        m.surrogate,
        m.beta_star,
        zeta,
        learnt,
        m.omega,
        1 - m.omega,
        m.n,
        m.noise,
        m.ridge_total,
    )
    return left, right


@WORTH.identity("by share", but={"the noise held fast": {"moves": 0}})
def by_share(moves: int = 1) -> tuple[Any, Any]:
    """d/dw of (14) in (2), and the formula: the surrogate moves towards the pseudo-labels."""
    share = sympy.Symbol("q", positive=True)
    zeta, learnt = m.split()
    gap = m.surrogate - m.beta_star
    apart = m.ridge_total(m.lam * gap**2)
    level = f.two_kinds_noise(1 - share, m.noise, 0, apart)
    at = (zeta, learnt, m.omega, 1 - m.omega)
    law = f.risk(m.lam, m.beta_star + share * gap, m.beta_star, *at, level, m.ridge_total)
    right = f.risk_by_share(
        m.lam,
        m.beta_star + share * gap,
        m.beta_star,
        gap,
        *at,
        -moves * f.two_kinds_noise_by_share(1 - share, m.noise, 0, apart),
        m.ridge_total,
    )
    return sympy.diff(law, share), right


@WORTH.identity("chain", but={"w for 1 - w": {"turned": True}})
def chain(turned: bool = False) -> tuple[Any, Any]:
    """d/dn_r and d/dn_p of a function of log n and w = n_p/n."""
    real, pseudo = sympy.symbols("r p", positive=True)
    size, share = real + pseudo, pseudo / (real + pseudo)
    slope, tilt = sympy.symbols("L W", real=True)  # a function linear in both: slopes L, W
    law = slope * sympy.log(size) + tilt * share
    towards = (-share, share if turned else 1 - share)
    return [sympy.diff(law, real), sympy.diff(law, pseudo)], [
        f.risk_by_row(slope, tilt, w, size) for w in towards
    ]


@WORTH.forall("hurts", witness={"L": -1, "W": 3, "q": "1/2", "n": 2})
def hurts(smt: Any) -> Any:
    """One more pseudo-label hurts iff (1 - w) dR/dw outweighs what the larger n takes off."""
    slope, tilt, share, n = (smt.Real(name) for name in ("L", "W", "q", "n"))
    inside = [n > 0, share >= 0, share < 1]
    return inside, (f.risk_by_row(slope, tilt, 1 - share, n) > 0) == ((1 - share) * tilt > -slope)


hurts.but("wherever dR/dw > 0", build=lambda smt: hurts_wrongly(smt))


def hurts_wrongly(smt: Any) -> Any:
    """The same without the larger n."""
    slope, tilt, share, n = (smt.Real(name) for name in ("L", "W", "q", "n"))
    inside = [n > 0, share >= 0, share < 1]
    return inside, (f.risk_by_row(slope, tilt, 1 - share, n) > 0) == (tilt > 0)


@WORTH.below("p = 20", note="central differences of certified risks", but={"swapped": {"turn": -1}})
def differences(digits: int, turn: int = 1) -> Pairs:
    """Differences of certified risks over a step of 1/10000 rows, and the derivatives."""
    surrogate = b.EXACT.beta_star * (np.arange(20) < 6)
    mixture = Mixture(5, 4, surrogate, 0.25, 0.0, 0.5)
    found = label_worth(b.EXACT, mixture)
    slopes = (found.by_real, found.by_pseudo)[::turn]
    for name, slope in zip(("real", "pseudo"), slopes, strict=True):
        ends = []
        for sign in (1, -1):
            step = Fraction(sign, 10000)
            rows = {"real": Fraction(5), "pseudo": Fraction(4)}
            rows[name] += step
            n = rows["real"] + rows["pseudo"]
            kinds = [
                Kind(rows["real"] / n, None, Fraction(1, 4)),
                Kind(rows["pseudo"] / n, surrogate),
            ]
            ends.append(mixed_risk(b.EXACT, n, kinds, Fraction(1, 2), digits))
        with BALLS.precision(digits):
            yield abs((ends[0] - ends[1]) * 5000 - slope), BALLS.number(Fraction(1, 10**6))


@WORTH.below("where it hurts", but={"of the same labels without noise": {"weak": False}})
def examples(digits: int, weak: bool = True) -> Pairs:
    """Pseudo-labels of a surrogate far off: the derivative by their number is above 0."""
    del digits
    surrogate = -b.TRUTH if weak else b.TRUTH
    found = label_worth(b.PROBLEM, Mixture(15, 5, surrogate, 0.1, 0.0, 0.5))
    yield BALLS.number(0.0), BALLS.number(found.by_pseudo)
    yield BALLS.number(found.worth), BALLS.number(0.0)


WEIGHT = Claim(
    "11.best-weight",
    title="Pseudo-labels deserve a weight of their own, and with a ridge it matters",
    statement=r"\min_vR(v)<\min(R(0),R(1)):\ \text{neither dropping pseudo-labels nor counting"
    r" them in full is best;}\quad \delta=0:\ R(v)\text{ is constant for }v>0",
    needs=("11.weighted",),
    parts=("an example",),
    steps=[
        Step("(15) is a smooth function of the weight v; at v = 0 it is the real rows alone."),
        Step("Here the best weight lies inside, and takes off more than the bands of (15)."),
    ],
)

#: Few noisy real rows, many of a surrogate that is off.
MIXTURE = Mixture(10, 30, b.OTHER, 0.5, 0.0, 1.0)


@WEIGHT.below("an example", note="certified at the weight that was found", but={"9": {"at": 9.0}})
def inside(digits: int, at: float = 1.0) -> Pairs:
    """The risk at the best weight, and those at half and twice it, at 1 and without them."""
    weight = best_weight(b.PROBLEM, MIXTURE).weight * at

    def risk(v: float) -> Any:
        return mixed_risk(b.PROBLEM, 40, MIXTURE.kinds(v), 1.0, digits)

    yield risk(weight), risk(0.5 * weight / at)
    yield risk(weight), risk(2 * weight / at)
    yield risk(weight), risk(1.0)
    yield risk(weight), BALLS.number(MIXTURE.risk(b.PROBLEM, 0.0))


@WEIGHT.agreement("an example", note="risks at weight 0, 1 and the best one")
def simulated(context: Context, flat: bool = False) -> Comparison:
    """Students with three weights on the same rows."""
    best = best_weight(b.PROBLEM, MIXTURE)

    def measured(on: c.Copies, draw: np.random.Generator, trials: int) -> Any:
        sample = on.sample(draw, trials, 40)
        real = (np.arange(sample.size) < 10 * on.k) * 1.0
        labels, risks, given = [on.truth, on.of(b.OTHER)], [], []
        for weight in (0.0, 1.0, best.weight):
            fit = c.Fit(on, sample, 1.0, real + weight * (1 - real))
            taught = [
                (fit.learnt(u), c.Labels.of(s))
                for u, s in zip((real, 1 - real), labels, strict=True)
            ]
            risks.append(c.excess(on, c.Student(taught, fit.map * np.sqrt(0.5 * real))))
            used = [real, 1 - real] if weight else [real]
            given += [field for u in used for field in c.fields(on, fit, rows=u)]
        products = labels[0] ** 2, labels[0] * labels[1], labels[1] ** 2
        return np.stack(risks, axis=1), lambda: c.zero_means(on, given, *products)

    theory = [MIXTURE.risk(b.PROBLEM, 0.0), MIXTURE.risk(b.PROBLEM), best.risk]
    theory = [theory[0]] * 3 if flat else theory
    order = np.array([b.band(10, 1.0), b.band(40, 1.0), b.band(10, 1.0)])
    return c.extrapolated(
        context, "risks", b.PROBLEM, measured, theory, order, (260, 200), floor=0.01
    )


simulated.but("that the weight makes no difference", flat=True)


@WEIGHT.identity("no ridge", note="(15) has no weights left: 11.weighted")
def without_ridge() -> tuple[Any, Any]:
    """A training set that is fitted exactly is the same with any weights."""
    share, v, t = sympy.symbols("w v t", positive=True)
    return f.pull(share, v, f.weight_scale(0, v, t)), share / t


def law_of_teacher() -> Any:
    """A trained surrogate on 12 rows."""
    return train(b.PROBLEM, ground_truth(b.PROBLEM), Stage(12, None, 0.2, 0.5))


@WORTH.below("trained", note="by differences of the risk", but={"half": {"part": 0.5}})
def trained(digits: int, part: float = 1.0) -> Pairs:
    """float64 differences of the risk, and the derivative by the number of pseudo-labels."""
    del digits
    mixture = Mixture(10, 12, law_of_teacher(), 0.3, 0.1, 0.7)
    found = label_worth(b.PROBLEM, mixture)
    up, down = (replace(mixture, pseudo=12 + s).risk(b.PROBLEM) for s in (1e-4, -1e-4))
    gap = abs((up - down) / 2e-4 - part * found.by_pseudo)
    yield BALLS.number(gap), BALLS.number(1e-6 * abs(found.by_pseudo))
