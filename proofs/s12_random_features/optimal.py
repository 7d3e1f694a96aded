"""Claim 12.optimal: the best surrogate of a random-feature student, and what it saves."""

from fractions import Fraction
from typing import Any

from kdverify import formulas as f
from kdverify.arithmetic import BALLS
from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.random_features.finite_size import size_errors
from kdverify.random_features.infinite import infinite

from ..lib.drawn import simulate
from ..lib.ensembles import seed, times
from ..lib.features import UNIT, cases, mode, settings, tame_cases, unit
from ..lib.modes import Pairs

CLAIM = Claim(
    id="12.optimal",
    title="The best surrogate of a student with random features, whatever the noise",
    statement=r"\beta^{\rm opt}_i = \frac{(1-\zeta_i)\,\beta^*_i}{(1-\zeta_i)^2 + \zeta_i^2\big("
    r"\frac{1+\chi\lambda_i}{1-\Upsilon}-1\big)},\quad \frac{R_{{\rm opt},i}}{R_{{\rm std},i}} ="
    r" \frac{(1-\Upsilon)(\Upsilon\zeta_i+\eta(1-\zeta_i))}{(\zeta_i+\eta(1-\zeta_i))\,C_i},"
    r"\quad \min(\Upsilon,1-\Upsilon)\,R_{\rm std} \le R_{\rm opt} \le R_{\rm std}\ (\sigma=0)",
    needs=("12.risk", "12.positive-forms"),
    parts=("square", "improvement", "bounds"),
    steps=[
        Step("(17) is additive over the modes; in one mode it is a parabola in the surrogate."),
        Step("Completing the square gives its lowest point.", lambda: completed()[1]),
        Step("The value there over the value at beta* is the improvement."),
        Step(
            "Bounds: (Upsilon zeta + eta (1-zeta))/(zeta + eta (1-zeta)) is at least Upsilon, and"
            " the curvature C at most max(Upsilon, 1-Upsilon), since eta zeta (1-zeta) <= 2 max"
            " zeta (1-zeta)."
        ),
    ],
)


@CLAIM.identity("square", but={"without eta": {"eta": 0}})
def completed(eta: Any = None) -> tuple[Any, Any]:
    """(17) in one mode, and its square completed at the library's gain."""
    m = mode()
    eta = m.crowding if eta is None else eta
    values = (*m.values[:4], eta)
    ours = f.feature_risk(
        m.lam, m.surrogate, m.beta_star, *m.values, m.noise, total=lambda share: share
    )
    best = f.feature_gain(*values) * m.beta_star
    least = f.feature_optimal_risk(m.signal, *values, m.noise, total=lambda share: share)
    bend = f.feature_transfer_energy(m.lam, *values)
    return ours, least + bend * (m.surrogate - best) ** 2


@CLAIM.identity("square", note="the form of the statement")
def as_stated() -> tuple[Any, Any]:
    """The library's gain, and the one with chi."""
    m = mode()
    chi_lam = m.crowding * m.lam / m.nu
    spread = m.zeta**2 * ((1 + chi_lam) / (1 - m.upsilon) - 1)
    return f.feature_gain(*m.values), (1 - m.zeta) / ((1 - m.zeta) ** 2 + spread)


@CLAIM.identity("improvement", but={"over a dropped mode": {"dropped": True}})
def improvement(dropped: bool = False) -> tuple[Any, Any]:
    """Optimal over standard risk of one mode."""
    m = mode()
    best = f.feature_optimal_risk(m.signal, *m.values, total=lambda share: share)
    standard = f.feature_kept_risk(m.signal, m.zeta, 1 - m.zeta, 1 - m.upsilon, m.crowding)
    return f.feature_improvement(*m.values), best / (m.signal if dropped else standard)


@CLAIM.identity("improvement", note="sign of gain - 1")
def margin() -> tuple[Any, Any]:
    """gain - 1 is zeta times the library's margin over the curvature."""
    m = mode()
    excess = m.zeta * f.feature_amplification_margin(*m.values) / f.feature_curvature(*m.values)
    return f.feature_gain(*m.values) - 1, excess


@CLAIM.identity("bounds", but={"without eta": {"part": 0}})
def room_above(part: int = 1) -> tuple[list[Any], list[Any]]:
    """Upsilon - C and 1 - Upsilon - C as products."""
    m = mode()
    curvature, idle = f.feature_curvature(*m.values), 1 - part * m.crowding
    left = [m.upsilon - curvature, 1 - m.upsilon - curvature]
    above = (1 - m.zeta) * (2 * m.upsilon - 1 + m.zeta * idle)
    return left, [above, m.zeta * (1 - 2 * m.upsilon + (1 - m.zeta) * idle)]


@CLAIM.forall("bounds", witness=UNIT, note="curvature", but={"Upsilon above 1/4": {"half": "1/4"}})
def curvature_is_bounded(smt: Any, half: str = "1/2") -> Any:
    """Upsilon >= 1/2: the curvature C is at most Upsilon."""
    _, values, inside = unit(smt)
    return [*inside, values[2] >= smt.number(half)], f.feature_curvature(*values) <= values[2]


@CLAIM.forall("bounds", witness=UNIT, note="curvature, the other half")
def curvature_is_bounded_too(smt: Any) -> Any:
    """Upsilon <= 1/2: the curvature C is at most 1 - Upsilon."""
    _, values, inside = unit(smt)
    return [*inside, 2 * values[2] <= 1], f.feature_curvature(*values) <= values[3]


@CLAIM.forall("bounds", witness=UNIT, note="spread", but={"at most Upsilon": {"below": True}})
def spread_is_bounded(smt: Any, below: bool = False) -> Any:
    """Upsilon missed <= spread <= missed: the ratio is between Upsilon and 1."""
    zeta, values, inside = unit(smt)
    spread = f.feature_spread(zeta, values[1], values[2], values[4])
    missed = f.feature_missed(zeta, values[1], values[4])
    least = values[2] * missed
    if below:
        return inside, spread <= least
    return inside, smt.And(least <= spread, spread <= missed)


@CLAIM.forall("bounds", witness=UNIT, note="never above strong labels")
def never_worse(smt: Any) -> Any:
    """(1 - Upsilon) spread <= missed C: the improvement is at most 1."""
    zeta, values, inside = unit(smt)
    spread = f.feature_spread(zeta, values[1], values[2], values[4])
    missed = f.feature_missed(zeta, values[1], values[4])
    return inside, values[3] * spread <= missed * f.feature_curvature(*values)


@CLAIM.below("nine spectra", but={"twice the lower bound": {"factor": 2}})
def certified_bounds(digits: int, factor: int = 1) -> Pairs:
    """min(Upsilon, 1 - Upsilon) R_std < R_opt < R_std on balls."""
    for case in cases():
        proof = case.certificate(digits)
        at = proof.equivalents
        share = at.upsilon if at.upsilon < at.one_minus_upsilon else at.one_minus_upsilon
        yield factor * share * proof.standard, proof.optimal
        yield proof.optimal, proof.standard


@CLAIM.identity("improvement", note="what is missed, by lambda/nu", but={"lambda": {"power": 1}})
def by_odds(power: int = 2) -> tuple[Any, Any]:
    """The optimal risk of one mode per unit of signal, and the share in x = (1 - zeta)/zeta."""
    m = mode()
    best = f.feature_optimal_risk(1, *m.values, total=lambda share: share)
    odds = (1 - m.zeta) / m.zeta
    if power == 1:
        odds = odds * m.nu
    return best, f.feature_optimal_share(odds, *m.values[2:])


#: alpha, beta, n, q, ridge: both signs under the root of the share's poles, a ridge.
ENDLESS = ((2, 5, 20, 40, 0), (2, 5, 20, 10, 0), (2, 5, 40, 50, "0.1"), (3, 5, 10, 100, 0))


@CLAIM.below("p = infinity", but={"eta of 0": {"crowded": 0}})
def endless(digits: int, crowded: int = 1) -> Pairs:
    """The library's value between two: the modes from 2000 on have shares from theirs up to 1."""
    first = 2000
    for alpha, beta, n, q, ridge in ENDLESS:
        at_infinity = infinite(alpha, beta, n, q, 0, ridge, digits=digits + 5)
        at = at_infinity.equivalents
        parts = (at.upsilon, at.one_minus_upsilon, crowded * at.crowding)

        def share(i: int, at: Any = at, alpha: int = alpha, parts: Any = parts) -> Any:
            return f.feature_optimal_share(BALLS.power(i, Fraction(-alpha)) / at.nu, *parts)

        with BALLS.precision(digits + 10):
            head = BALLS.total(share(i) * BALLS.power(i, Fraction(-beta)) for i in range(1, first))
            rest = BALLS.number(beta).zeta(BALLS.number(first))
            yield head + share(first) * rest, at_infinity.optimal
            yield at_infinity.optimal, head + rest


@CLAIM.agreement("saving by simulation", draws="savings with random features")
def savings(context: Context, which: int = 1) -> list[Comparison]:
    """What the best surrogate (1) or the best mask (2) saves, sigma = 0; paired trials."""
    comparisons = []
    more = 2 * times(context)
    for setting in (settings()[k].copies(more) for k in (0, 1, 3)):
        run = simulate(
            setting.problem,
            setting.n,
            setting.surrogates()[:3],
            context.trials(220) // times(context),
            seed(context, setting.name),
            ridge=setting.ridge,
            features=setting.q,
            workers=context.workers,
        )
        saved, error = run.difference(0, which)
        question = (setting.problem, setting.n, setting.q)
        errors = size_errors(*question)
        other = errors["optimal" if which == 1 else "masked"]
        expected = errors["standard"].corrected - other.corrected
        comparisons.append(
            Comparison(
                setting.name,
                saved,
                error,
                run.degrees_of_freedom,
                expected,
                (setting.corrected_band + 0.08 / more) * expected,
            )
        )
    return comparisons


savings.shifted(1)


@CLAIM.equal("two routes", guard=12, but={"the truth for the best": {"gain": 1}})
def at_the_best(digits: int, gain: Any = None) -> Pairs:
    """(17) at the best surrogate, and the risk in its own closed form, on balls."""
    for case in tame_cases():
        proof = case.certificate(digits, Fraction(1, 4))
        surrogate = proof.optimal_surrogate if gain is None else gain * proof.modes.beta_star
        yield proof.risk(surrogate), proof.optimal
