"""Claims of section 6: what a surrogate's covariance means, and what it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kdverify import formulas as f
from kdverify.evidence import (
    Agreement,
    Claim,
    Comparison,
    Context,
    Control,
    Enclosure,
    Forall,
    Identity,
    Step,
)

if TYPE_CHECKING:
    from fractions import Fraction

# --------------------------------------------------------------------------
# 6.false-reading
# --------------------------------------------------------------------------


def readings() -> tuple[Any, Any]:
    """Covariate-shift risk, and S2T risk with Sigma_t^-1/2 Sigma_s^1/2 beta*, as fractions.

    p = 2n, Sigma_t = I, Sigma_s = 4 and 1/4.  One mode of each per sample; beta*^2 = 1/2 per
    sample is written as 1 with both risks halved, so that its root is rational.
    """
    from fractions import Fraction

    import numpy as np
    from _stages import two_levels

    at, one, half = two_levels(), Fraction(1), Fraction(1, 2)
    truth = np.array([one, one], dtype=object)
    mean, square = at.trained(truth, truth)
    shift = f.moment_risk(truth, mean, square, truth)
    roots = np.array([Fraction(2), half], dtype=object)
    surrogate = f.surrogate_from_covariances(roots, one, truth)
    zeta, learnt = f.split_mode(one, one)
    assert f.fixed_point_residual(2 * learnt, 1, total=lambda x: x) == 0
    omega = f.omega(2 * f.learnt_square(learnt), 1)
    student = f.risk(truth, surrogate, truth, zeta, learnt, omega, 1 - omega)
    return shift / 2, student / 2


def rational(value: Fraction) -> Any:
    """A SymPy number."""
    import sympy

    return sympy.Rational(value.numerator, value.denominator)


def ball(value: Fraction) -> Any:
    """A ball around an exact number."""
    from kdverify.arithmetic import BALLS

    return BALLS.number(value)


FALSE_READING = Claim(
    id="6.false-reading",
    title="False: covariate shift is S2T with the surrogate Sigma_t^-1/2 Sigma_s^1/2 beta*",
    statement=r"\text{trained on }\Sigma_s,\text{ tested on }\Sigma_t:\ R = \bar R(\beta^s),"
    r"\ \beta^s = \Sigma_t^{-1/2}\Sigma_s^{1/2}\beta^*\quad\text{(false)}",
    source="new",
    needs=("6.covariate-shift", "6.label-law"),
    expect="refuted",
    steps=[
        Step(
            "p = 2n, Sigma_t = I, Sigma_s = 4 and 1/4 on half the modes each, beta*_i^2 = 1/p:"
            " tau_s = 1, Omega_s = 0.68.",
        ),
        Step("Covariate shift: 1/2.", lambda: rational(readings()[0])),
        Step("S2T with that surrogate: 13/16.", lambda: rational(readings()[1])),
        Step(
            "The labels do agree (6.label-law); but the least norm is taken in other"
            " coordinates, and so is the risk."
        ),
    ],
    evidence=[
        Identity(
            "whole",
            left=lambda: rational(readings()[0]),
            right=lambda: rational(readings()[1]),
            note="one exact example",
        ),
        Enclosure("whole", equal=lambda digits: [tuple(ball(r) for r in readings())]),
        Enclosure("covariate shift", ball=lambda digits: ball(readings()[0]), value="0.5"),
        Enclosure("S2T", ball=lambda digits: ball(readings()[1]), value="0.8125"),
    ],
    controls=[
        Control(
            Enclosure("S2T", ball=lambda digits: ball(readings()[1]), value="0.8126"),
            wrong="another fourth digit",
        ),
    ],
)

# --------------------------------------------------------------------------
# 6.label-law
# --------------------------------------------------------------------------


def labels(inverted: bool = False) -> tuple[Any, Any]:
    """One mode's share of the label: of beta* on x_s, of the surrogate on x_t."""
    import sympy

    source, target = sympy.symbols("r_s r_t", positive=True)
    truth, x = sympy.symbols("b x", real=True)
    surrogate = f.surrogate_from_covariances(source, target, truth)
    row = target / source * x if inverted else source / target * x
    return row * truth, x * surrogate


def inverse(smt: Any, signs: bool = True) -> Any:
    """r_s gives the surrogate iff its square is `source_eigenvalue`, on the support."""
    root, target, truth, surrogate = (smt.Real(x) for x in ("r_s", "r_t", "b", "s"))
    assumptions = [root > 0, target > 0, truth != 0]
    if signs:
        assumptions.append(surrogate * truth > 0)
    gives = f.surrogate_from_covariances(root, target, truth) == surrogate
    squared = root * root == f.source_eigenvalue(target * target, surrogate, truth)
    return assumptions, gives == squared


def off_support(smt: Any) -> Any:
    """Where beta*_i = 0 every eigenvalue gives the same surrogate."""
    first, second, target = (smt.Real(x) for x in ("r_1", "r_2", "r_t"))
    values = [f.surrogate_from_covariances(r, target, smt.number(0)) for r in (first, second)]
    return [first > 0, second > 0, target > 0], values[0] == values[1]


LABEL_LAW = Claim(
    id="6.label-law",
    title="One label law, two views: another covariance or another surrogate",
    statement=r"x_s = \Sigma_s^{1/2}\Sigma_t^{-1/2}x_t:\ x_s^\top\beta^* = x_t^\top\beta^s,\ "
    r"\beta^s = \Sigma_s^{1/2}\Sigma_t^{-1/2}\beta^*;\quad"
    r"\lambda^s_i = \lambda^t_i(\beta^s_i/\beta^*_i)^2",
    source="paper",
    parts=("samples", "inverse", "off the support"),
    steps=[
        Step(
            "In a common eigenbasis each mode's share of a label is the same number.",
            lambda: labels()[0],
        ),
        Step("A label is the sum of these shares: equal for every sample and every p."),
        Step("The square root is positive, so that signs have to agree where beta*_i != 0."),
    ],
    evidence=[
        Identity("samples", left=lambda: labels()[0], right=lambda: labels()[1]),
        Forall("inverse", build=inverse, witness={"r_s": 1, "r_t": 2, "b": 1, "s": 3}),
        Forall("off the support", build=off_support),
    ],
    controls=[
        Control(
            Identity("samples", left=lambda: labels(True)[0], right=lambda: labels(True)[1]),
            wrong="the roots exchanged",
        ),
        Control(
            Forall("inverse", build=lambda smt: inverse(smt, signs=False)),
            wrong="without equal signs",
        ),
    ],
)

# --------------------------------------------------------------------------
# 6.weak-models
# --------------------------------------------------------------------------


def residual_square() -> Any:
    """E (x b + r)^2 over fair signs of x = +-sqrt(lam) and of a residual r = +-sigma."""
    import sympy

    lam, sigma = sympy.symbols("lambda sigma", positive=True)
    truth = sympy.Symbol("b", real=True)
    signs = [(1, 1), (1, -1), (-1, 1), (-1, -1)]
    return sum((x * sympy.sqrt(lam) * truth + r * sigma) ** 2 for x, r in signs) / 4


def as_noise() -> Any:
    """The same by the formula."""
    import sympy

    lam, sigma = sympy.symbols("lambda sigma", positive=True)
    return f.missing_noise(sigma**2, f.dropped_risk(lam * sympy.Symbol("b", real=True) ** 2))


def weak_model(context: Context, truncated: bool, with_missing: bool) -> list[Comparison]:
    """A model without the last third of the features: own draws, least norm on the rest.

    ``truncated``: its rows come from the covariance without these modes, so that labels do
    not see them; else the full data loses columns.  ``with_missing``: in the prediction.
    """
    import numpy as np
    from _ensembles import power_law, seed
    from _stages import NOISES, P

    from kdverify import Spectrum, equivalents
    from kdverify.gaussian.stages import covariate_shift_risk

    problem, m, kept = power_law(P), P // 4, 2 * P // 3
    lam, truth = problem.spectrum.eigenvalues, problem.beta_modes
    draw = np.random.default_rng(seed(context, "weak model", int(truncated)))
    risks = []
    for _ in range(context.trials(1500)):
        x = draw.standard_normal((m, P)) * np.sqrt(lam)
        if truncated:
            x[:, kept:] = 0
        y = x @ truth + np.sqrt(NOISES[0]) * draw.standard_normal(m)
        student = np.zeros(P)
        part = x[:, :kept]
        student[:kept] = part.T @ np.linalg.solve(part @ part.T, y)
        risks.append(f.predictor_risk(lam, student, truth, np.sum))
    noise = NOISES[0]
    if with_missing:
        noise = f.missing_noise(noise, problem.signal[kept:].sum())
    source = np.where(np.arange(P) < kept, lam, 0.0)
    theory = covariate_shift_risk(problem, source, m, noise)
    at = equivalents(Spectrum(lam[:kept]), m)
    band = theory * float(at.omega / at.one_minus_omega) / m
    error = np.std(risks, ddof=1) / np.sqrt(len(risks))
    name = "truncated" if truncated else "dropped columns"
    return [Comparison(name, np.mean(risks), error, len(risks) - 1, theory, band)]


WEAK_MODELS = Claim(
    id="6.weak-models",
    title="Dropping columns turns the missing features into label noise; truncation does not",
    statement=r"\Sigma_s\ \text{diagonal}:\quad \sigma_s^2 \to \sigma_s^2"
    r" + \sum_{\text{missing}}\lambda_i\beta_i^{*2},\quad \beta^s_i = 0\ \text{there}",
    source="new",
    needs=("6.two-stage", "6.covariate-shift"),
    parts=("noise", "dropped columns", "truncated"),
    steps=[
        Step(
            "The missing columns are independent of the others: their share of the label is"
            " centred, and each in turn adds lambda_i beta*_i^2 to the variance of the rest.",
            as_noise,
        ),
        Step("For Gaussian rows it is Gaussian noise, independent of what the model sees."),
        Step("Rows of a truncated covariance are zero there: nothing is added to the labels."),
    ],
    evidence=[
        Identity("noise", left=residual_square, right=as_noise, note="one mode more"),
        Agreement("dropped columns", sample=lambda c: weak_model(c, False, True)),
        Agreement("truncated", sample=lambda c: weak_model(c, True, False)),
    ],
    controls=[
        Control(
            Agreement("dropped columns", sample=lambda c: weak_model(c, False, False)),
            wrong="without the missing signal",
        ),
        Control(
            Agreement("truncated", sample=lambda c: weak_model(c, True, True)),
            wrong="with the missing signal",
        ),
    ],
)

CLAIMS = [FALSE_READING, LABEL_LAW, WEAK_MODELS]

if __name__ == "__main__":
    from kdverify.verify import run_as_script

    raise SystemExit(run_as_script(CLAIMS))
