"""Claim 10.same-data-risk: the equivalents of self-distillation on the same data."""

from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from kdverify import Student, crossed_risk, self_distillation
from kdverify import formulas as f
from kdverify.arithmetic import BALLS
from kdverify.evidence import Claim, Comparison, Context, Step

from ..lib import batches as b
from ..lib import copies as c
from ..lib import sums as m
from ..lib.modes import Pairs

SAME_DATA_RISK = Claim(
    "10.same-data-risk",
    title="The risk of self-distillation on the same data, by (13) with all samples shared",
    statement=r"R(\xi) \approx R + 2\xi\delta_tL + \xi^2\delta_t^2K:\ L, K\text{ the first and"
    r" second divided differences of (13) at }n_0=n,\quad"
    r" \frac{\tau_s-\tau_t}{\delta_s-\delta_t} = \frac1{n(1-\omega_{st})}",
    source="neighbouring",
    needs=("10.crossed", "10.same-data", "10.two-ridges"),
    parts=("root", "slope", "curvature", "derivative", "simulated"),
    steps=[
        Step(
            "Both students are on the same data, so that (b_s - b_t)'Sigma(b_s - b_t) is"
            " C_ss - 2 C_st + C_tt by (13)."
        ),
        Step(
            "ridge = tau (n - sum (1 - zeta)), and the difference of two of these is"
            " n (1 - omega_st) times that of the roots.",
            lambda: secant_of_root()[0],
        ),
        Step(
            "Differences of sums are linear: U_ss - U_st = dt sum lam zeta_s eta beta^2 with eta ="
            " (1 - zeta_s)(1 - zeta_t)/lam. Divided by dt nothing is left that cancels.",
        ),
        Step("At equal ridges the slope is half of dR/d ridge.", lambda: derivative()[1]),
    ],
)

dt, n, noise = sympy.symbols("d n sigma^2", positive=True)


@SAME_DATA_RISK.identity("root", note="one mode; sums are linear")
def secant_of_root() -> tuple[Any, Any]:
    """One mode's part of ridge_s - ridge_t, over tau_s - tau_t: 1 - zeta_s - ... in n."""
    lam, tau, other = sympy.symbols("lambda tau_s tau_t", positive=True)
    parts = [f.ridge_of_root(t, -f.one_minus_zeta(lam, t)) for t in (tau, other)]
    product = f.one_minus_zeta(lam, tau) * f.one_minus_zeta(lam, other)
    return (parts[0] - parts[1]) / (tau - other), -product


def sums() -> dict[str, Any]:
    """The sums over modes, as symbols, with the linear relations that tie them together."""
    along_t, bent = sympy.symbols("W_t W_2", positive=True)
    power_t, square = sympy.symbols("A_t A_2", positive=True)
    crossed, rest = sympy.symbols("U_st c_st", positive=True)
    along_s = along_t - dt * bent
    power_s = power_t + dt * square
    return {
        "along": (along_s, along_t),
        "bent": bent,
        "power": (power_s, power_t),
        "square": square,
        "leftover": (crossed + dt * power_s, crossed, crossed - dt * power_t),
        "rest": (rest + dt * along_s, rest, rest - dt * along_t),
    }


def crossed_values() -> list[Any]:
    """(13) for (s, s), (s, t), (t, t), the biases left out: (sigma^2 + U)/(1 - omega)."""
    known = sums()
    return [(noise + u) / c for u, c in zip(known["leftover"], known["rest"], strict=True)]


class Picked:
    """Stands for the total: looks a summand up by name."""

    def __init__(self, **values: Any) -> None:
        self.values = values

    def __call__(self, summand: Any) -> Any:
        """The sum of a product of the generic mode's symbols."""
        return self.values[str(sympy.expand(summand))]


def generic() -> tuple[Any, ...]:
    """lam, zeta_s, zeta_t, 1 - zeta_s, 1 - zeta_t, eta of the generic mode; beta is 1."""
    return sympy.symbols("l z_s z_t k_s k_t e", positive=True)


@SAME_DATA_RISK.identity("slope", but={"1 - Omega_s for 1 - omega_st": {"own": True}})
def slope(own: bool = False) -> tuple[Any, Any]:
    """(C_ss - C_st)/dt times the rate, and the formula, on strong labels."""
    known, (lam, zeta, _, learnt, _, eta) = sums(), generic()
    left = f.root_secant(n, known["rest"][1])
    values = crossed_values()
    left *= (values[0] - values[1]) / dt
    total = Picked(
        **{
            str(lam * zeta**2): known["leftover"][0],
            str(lam * zeta * eta): known["power"][0],
            str(learnt * eta): n * known["along"][0],
            "0": sympy.Integer(0),
        }
    )
    rest = known["rest"]
    right = f.secant_slope(
        lam, 1, 1, zeta, learnt, eta, n, rest[0], rest[0] if own else rest[1], noise, total
    )
    return left, right


@SAME_DATA_RISK.identity("curvature", but={"the noise left out": {"factor": 0}})
def curvature(factor: int = 1) -> tuple[Any, Any]:
    """(C_ss - 2 C_st + C_tt)/dt^2 times the rate squared, and the formula."""
    known, (lam, zeta_s, zeta_t, learnt_s, learnt_t, eta) = sums(), generic()
    values = crossed_values()
    left = f.root_secant(n, known["rest"][1]) ** 2 / dt**2
    left *= values[0] - 2 * values[1] + values[2]
    total = Picked(
        **{
            str(lam * zeta_s * zeta_t): known["leftover"][1],
            str(lam * zeta_t * eta): known["power"][1],
            str(lam * eta**2): known["square"],
            str(learnt_s * eta): n * known["along"][0],
            str(learnt_t * eta): n * known["along"][1],
            str(eta**2): n * known["bent"],
        }
    )
    own, between, other = known["rest"]
    right = f.secant_curvature(
        lam,
        1,
        zeta_s,
        learnt_s,
        zeta_t,
        learnt_t,
        eta,
        n,
        own,
        between,
        other,
        factor * noise,
        total,
    )
    return left, right


@SAME_DATA_RISK.identity("derivative", note="equal ridges, any number of modes")
def derivative() -> tuple[Any, Any]:
    """2 slope and dR/d ridge = R_tau/(n (1 - Omega)), from (2) on strong labels."""
    zeta, learnt = m.split()
    eta = f.secant_mode(learnt, learnt, m.lam)
    found = f.secant_slope(
        m.lam,
        m.beta_star,
        m.beta_star,
        zeta,
        learnt,
        eta,
        m.n,
        1 - m.omega,
        1 - m.omega,
        m.noise,
        m.ridge_total,
    )
    unlearnt = m.ridge_total(m.lam * (zeta * m.beta_star) ** 2)
    moved = m.ridge_total(sympy.diff(m.lam * (zeta * m.beta_star) ** 2, m.tau))
    omega_moved = m.ridge_total(sympy.diff(learnt**2, m.tau)) / m.n
    risk = moved / (1 - m.omega) + (m.noise + unlearnt) * omega_moved / (1 - m.omega) ** 2
    return 2 * found, risk * f.root_secant(m.n, 1 - m.omega)


@SAME_DATA_RISK.equal("p = 20", but={"a slope 1e-9 too large": {"factor": 1 + 1e-9}})
def by_crossed_risks(digits: int, factor: float = 1.0) -> Pairs:
    """xi = 1 at ridges 1/2 and 2, from three crossed risks and from the coefficients."""
    work = digits + 15
    ridges = (Fraction(1, 2), Fraction(2))
    found = self_distillation(b.EXACT, 9, *ridges, None, "0.5", digits=work)

    def crossed(one: Fraction, other: Fraction) -> Any:
        pair = (Student(9, None, "0.5", ridge) for ridge in (one, other))
        return crossed_risk(b.EXACT, *pair, 9, digits=work)

    with BALLS.precision(work):
        s, t = (BALLS.number(ridge) for ridge in ridges)
        square = s * s * crossed(*ridges[:1] * 2) + t * t * crossed(*ridges[1:] * 2)
        square -= 2 * s * t * crossed(*ridges)
        own = f.mixed_labels_risk(found.risk, found.slope * factor, found.curvature, t, 1)
        yield own, square / ((s - t) * (s - t))


MIXINGS = (-0.5, 1.0, 1.5)


SIZE, VARIANCE = 18, 0.2


def taught(ridge: float, given: float) -> c.Measured:
    """Students of labels mixed with those of their teachers, on the same rows."""

    def measured(on: c.Copies, draw: np.random.Generator, trials: int) -> Any:
        sample = on.sample(draw, trials, SIZE)
        own, teacher = (c.Fit(on, sample, delta) for delta in (ridge, given))
        labels, risks = on.of(b.BOLD), []
        for xi in MIXINGS:
            seen = (1 - xi) * np.eye(labels.size) + xi * teacher.learnt()
            noise = own.map * (1 - xi) + xi * own.learnt() @ teacher.map
            one = c.Student([(own.learnt() @ seen, c.Labels.of(labels))], noise * np.sqrt(VARIANCE))
            risks.append(c.excess(on, one))
        other = teacher if ridge != given else c.Fit(on, sample, 2 * ridge)
        fields = c.fields(on, own, other, product=labels**2)
        products = labels**2, labels * on.truth
        return np.stack(risks, axis=1), lambda: c.zero_means(on, fields, *products)

    return measured


@SAME_DATA_RISK.agreement("simulated", note="one ridge and two, xi = -1/2, 1, 3/2")
def distilled(context: Context, first: int = 0, slope: float = 1.0) -> list[Comparison]:
    """Students trained on their teachers' labels, on the same rows."""
    found = []
    for ridge, given in ((1.0, 1.0), (0.1, 2.0))[first:]:
        law = self_distillation(b.PROBLEM, SIZE, ridge, given, b.BOLD, VARIANCE)
        theory = [
            f.mixed_labels_risk(law.risk, slope * law.slope, law.curvature, given, xi)
            for xi in MIXINGS
        ]
        name, run = f"ridges {ridge:g}, {given:g}", taught(ridge, given)
        order = b.band(SIZE, ridge)
        found.append(c.extrapolated(context, name, b.PROBLEM, run, theory, order))
    return found


distilled.but("the slope with the other sign", first=1, slope=-1.0)
distilled.shifted(1.0)
