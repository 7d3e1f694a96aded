"""Claims of section 6: the law of a trained surrogate, and its student."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kdverify import formulas as f
from kdverify.evidence import (
    Agreement,
    Claim,
    Comparison,
    Context,
    Control,
    Forall,
    Identity,
    Limit,
    Step,
)

if TYPE_CHECKING:
    from _stages import Setting

# --------------------------------------------------------------------------
# 6.two-stage
# --------------------------------------------------------------------------


def averaged_risk() -> Any:
    """(2) averaged over surrogates s + w and s - w, the sign of each mode fair."""
    import _mode_sums as m

    return sum(m.risk(student_of=m.surrogate + w) for w in (m.spread, -m.spread)) / 2


def risk_of_moments(ignore_spread: bool = False) -> Any:
    """The student's risk from its mean and covariance (7), any number of modes."""
    import _mode_sums as m

    zeta, learnt = m.split()
    leftover = f.unlearnt_energy(m.lam, m.surrogate, zeta)
    if not ignore_spread:
        leftover += f.unlearnt_energy(m.lam, m.spread, zeta)
    scale = f.trained_scale(m.total(leftover), 1 - m.omega, m.noise)
    variance = learnt**2 * m.spread**2 + f.trained_variance(scale, m.n, learnt, m.lam + m.tau)
    return f.mean_variance_risk(m.lam, learnt * m.surrogate, variance, m.beta_star, m.total)


def variances() -> tuple[Any, Any]:
    """(7) in one mode, and the coordinate's variance of section 2 with s_i = 0."""
    import _mode_sums as m
    import sympy

    learnt = m.split()[1]
    leftover = sympy.Symbol("L", positive=True)
    scale = f.trained_scale(leftover, 1 - m.omega, m.noise)
    spread = f.gamma_squared(m.p, m.n, 1 - m.omega, leftover, m.noise)
    return (
        f.trained_variance(scale, m.n, learnt, m.lam + m.tau),
        f.coordinate_variance(m.lam, learnt, spread, 0, m.p),
    )


def least_squares_risk() -> Any:
    """Noise part of least squares from its covariance, p modes."""
    import _mode_sums as m

    variance = f.least_squares_variance(m.noise, m.lam, m.n, m.p)
    return m.total(f.mean_variance_risk(m.lam, 0, variance, 0, lambda share: share))


def inverse_wishart_risk() -> Any:
    """The same, sigma^2 E tr W^-1, by an integral."""
    import _mode_sums as m
    from _integrals import mean_inverse_wishart_trace

    return m.noise * mean_inverse_wishart_trace(m.p, m.n)


def two_stage_simulations(
    context: Context, cases: slice = slice(None), shift: float = 0.0
) -> list[Comparison]:
    """The student in all six settings."""
    from _stages import settings, simulated

    return simulated(context, settings()[cases], shift=shift, first=1)


def without_surrogate_spread(context: Context) -> list[Comparison]:
    """Wrong: the student of the surrogate's mean."""
    from _stages import settings, simulated

    from kdverify.gaussian.stages import Law, ground_truth, train

    def theory(case: Setting) -> list[float]:
        first, second = case.stages
        law = train(case.problem, ground_truth(case.problem), first)
        fixed = Law(law.mean, 0 * law.variances)
        return [law.risk(case.problem), train(case.problem, fixed, second).risk(case.problem)]

    return simulated(context, settings()[:1], theory, trials=100, first=1)


TWO_STAGE = Claim(
    id="6.two-stage",
    title="The student of a trained surrogate: (2) averaged over the law (7)",
    statement=r"E\beta^s = A\beta^*,\ \mathrm{Cov}\,\beta^s = \frac{V_s}{m}(\Sigma_s+\tau_s)^{-1}"
    r"\Sigma_s(\Sigma_s+\tau_s)^{-1}:\quad R \approx E_{\beta^s}\bar R(\beta^s)",
    source="paper",
    needs=("2.risk", "2.coordinates"),
    parts=("law", "least squares", "expectation", "simulated"),
    steps=[
        Step(
            "A stage's mean and covariance are those of section 2 in the eigenbasis of its own"
            " covariance; the share s_i is left out (6.rank-one).",
            lambda: variances()[0],
        ),
        Step("For m > p + 1 least squares is unbiased, with covariance sigma^2 E (X'X)^-1."),
        Step(
            "(2) is quadratic in the surrogate and has no products of two modes: its mean needs"
            " the mean and variance of each coordinate in the eigenbasis of Sigma_t.",
            risk_of_moments,
        ),
    ],
    evidence=[
        Identity("law", left=lambda: variances()[0], right=lambda: variances()[1]),
        Identity(
            "least squares",
            left=least_squares_risk,
            right=inverse_wishart_risk,
            note="inverse chi-square integral",
        ),
        Identity(
            "expectation", left=averaged_risk, right=risk_of_moments, note="any number of modes"
        ),
        Agreement("simulated", sample=two_stage_simulations, note="6 settings, p = 60"),
    ],
    controls=[
        Control(
            Identity("expectation", left=averaged_risk, right=lambda: risk_of_moments(True)),
            wrong="leftover energy of the mean surrogate only",
        ),
        Control(Agreement("simulated", sample=without_surrogate_spread), "no covariance"),
        Control(
            Agreement("simulated", sample=lambda c: two_stage_simulations(c, slice(1), 1.0)),
            wrong="one band-width too high",
        ),
    ],
)

# --------------------------------------------------------------------------
# 6.rank-one
# --------------------------------------------------------------------------


def left_out() -> tuple[Any, Any]:
    """u_i^2/(m (1 - Omega)), and what s_i adds to the variance of section 2."""
    import _mode_sums as m
    import sympy

    zeta, learnt = m.split()
    leftover = sympy.Symbol("L", positive=True)
    share = f.coordinate_share(f.unlearnt_energy(m.lam, m.beta_star, zeta), leftover, m.noise)
    spread = f.gamma_squared(m.p, m.n, 1 - m.omega, leftover, m.noise)
    full, plain = (f.coordinate_variance(m.lam, learnt, spread, s, m.p) for s in (share, 0))
    return f.rank_one_variance(learnt, zeta * m.beta_star, m.n, 1 - m.omega), full - plain


def haar_term() -> Any:
    """p times the coefficient of beta* beta*' in the exact covariance, Sigma = I, p = m/kappa.

    P projects on m random directions; E P_ij P_kl = a d_ij d_kl + b (d_ik d_jl + d_il d_jk),
    with a and b from tr P = tr P^2 = m: a p^2 + 2 b p = m^2 and a p + b p (p + 1) = m.
    """
    import sympy

    m, kappa, a, b = sympy.symbols("m kappa a b", positive=True)
    p = m / kappa
    solved = sympy.solve([a * p**2 + 2 * b * p - m**2, a * p + b * p * (p + 1) - m], [a, b])
    return sympy.cancel(p * (solved[a] + solved[b] - kappa**2))


def isotropic_term(power: int = 1) -> Any:
    """The same by the formula at Sigma = I."""
    import sympy

    m, kappa = sympy.symbols("m kappa", positive=True)
    return m / kappa * f.rank_one_variance(kappa, 1 - kappa, m, (1 - kappa) ** power)


def kappas() -> list[dict[Any, Any]]:
    """Points of the domain."""
    import sympy

    return [{sympy.Symbol("kappa", positive=True): sympy.Rational(1, k)} for k in (2, 3)]


def small_share(smt: Any, power: int = 1) -> Any:
    """lam u^2/(m (1 - Omega)) is at most the mode's leftover energy over m (1 - Omega)."""
    lam, zeta, truth, m, left = (smt.Real(x) for x in ("lam", "zeta", "b", "m", "left"))
    assumptions = [lam > 0, zeta > 0, zeta < 1, m > 0, left > 0, left < 1]
    added = lam * f.rank_one_variance(1 - zeta, zeta * truth, m, left)
    return assumptions, added <= f.unlearnt_energy(lam, truth, zeta**power) / (m * left)


RANK_ONE = Claim(
    id="6.rank-one",
    title="What (7) leaves out changes a trace by a relative 1/(m Omega) at most",
    statement=r"\mathrm{Cov}\,\beta^s\ \text{lacks}\ \frac{uu^\top}{m(1-\Omega_s)},"
    r"\ u = A(I-A)\beta^*:\quad \frac{u^\top\Sigma_s u}{m(1-\Omega_s)} \le \frac{V_s}{m}"
    r" = \frac{\mathrm{tr}(\Sigma_s\mathrm{Cov}\,\beta^s)}{m\,\Omega_s}",
    source="new",
    needs=("2.coordinates",),
    parts=("diagonal", "Sigma = I", "bound", "trace"),
    steps=[
        Step("Its diagonal is what the share s_i of section 2 adds.", lambda: left_out()[0]),
        Step("Sigma = I: the projector's second moments are exact, and m -> oo gives uu'."),
        Step(
            "Mode by mode lam u^2 <= lam zeta^2 b^2: the sum is at most V (1 - Omega), and the"
            " trace of Sigma_s against (7) is V Omega."
        ),
        Step(
            "Against another Sigma_t the same with its eigenvalues: O(1/m) where no one mode"
            " dominates; for beta* = e_1 and Sigma_t = e_1 e_1' the variance doubles."
        ),
    ],
    evidence=[
        Identity("diagonal", left=lambda: left_out()[0], right=lambda: left_out()[1]),
        Limit(
            "Sigma = I",
            expression=haar_term,
            symbol="m",
            point="oo",
            value=isotropic_term,
            samples=kappas,
        ),
        Forall(
            "bound",
            build=small_share,
            witness={"zeta": "1/2", "lam": 1, "b": 1, "m": 2, "left": "1/2"},
        ),
        Identity("trace", left=lambda: own_trace(), right=lambda: scale_omega()),
    ],
    controls=[
        Control(
            Limit(
                "Sigma = I",
                expression=haar_term,
                symbol="m",
                point="oo",
                value=lambda: isotropic_term(2),
                samples=kappas,
            ),
            wrong="(1 - Omega)^2",
        ),
        Control(Forall("bound", build=lambda smt: small_share(smt, 2)), wrong="zeta^4"),
    ],
)


def own_trace() -> Any:
    """tr(Sigma Cov) of (7), any number of modes, V a symbol."""
    import _mode_sums as m
    import sympy

    learnt = m.split()[1]
    variance = f.trained_variance(sympy.Symbol("V"), m.n, learnt, m.lam + m.tau)
    return m.total(m.lam * variance)


def scale_omega() -> Any:
    """V Omega."""
    import _mode_sums as m
    import sympy

    return sympy.Symbol("V") * m.omega


CLAIMS = [TWO_STAGE, RANK_ONE]

if __name__ == "__main__":
    from kdverify.verify import run_as_script

    raise SystemExit(run_as_script(CLAIMS))
