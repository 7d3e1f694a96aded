"""Claims of section 3: amplified and shrunk modes, and when the best surrogate is beta*."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import _one_mode as one
from _notation import Pairs

from kdverify import formulas as f
from kdverify.evidence import Claim, Control, Enclosure, Forall, Identity, Step

# --------------------------------------------------------------------------
# 3.both-kinds
# --------------------------------------------------------------------------


def weighted_margins(ridge: bool = False) -> Any:
    """sum (1 - zeta_i)(1 - Omega - zeta_i), any number of modes."""
    import _mode_sums as m

    zeta, learnt = m.split()
    margin = f.amplification_margin(zeta, 1 - m.omega)
    return (m.ridge_total if ridge else m.total)(learnt * margin)


def one_sided_term(smt: Any, amplified: bool, strict: bool = False) -> Any:
    """Where gain - 1 has one sign, or is zero, the term has it too, zero only at the tie."""
    zeta, omega, inside = one.unit(smt)
    excess = f.gain_excess(zeta, 1 - zeta, omega, 1 - omega)
    term = (1 - zeta) * f.amplification_margin(zeta, 1 - omega)
    sign = 1 if amplified else -1
    signed = sign * term
    conclusion = signed > 0 if strict else smt.And(signed >= 0, (term == 0) == (zeta == 1 - omega))
    return [*inside, sign * excess >= 0], conclusion


def equal_zeta(smt: Any, scale: int = 1) -> Any:
    """Modes with one zeta have one eigenvalue."""
    first, second, tau = smt.Real("first"), smt.Real("second"), smt.Real("tau")
    assumptions = [first > 0, second > 0, tau > 0, f.zeta(first, tau) == f.zeta(second, tau)]
    return assumptions, first == scale * second


def both_kinds(digits: int, ridge: bool = False) -> Pairs:
    """The largest mode is amplified, the smallest shrunk."""
    from _fixed_point import Case, isotropic, ridgeless_cases

    from kdverify.gaussian.certified import certificate

    cases = [Case(isotropic(120), Fraction(60), Fraction(30))] if ridge else ridgeless_cases()
    for case in cases:
        at = certificate(case.spectrum, case.n, ridge=case.ridge, digits=digits).equivalents
        order = case.spectrum.order
        yield at.zeta[order[0]], at.one_minus_omega
        yield at.one_minus_omega, at.zeta[order[-1]]


BOTH_KINDS = Claim(
    id="3.both-kinds",
    title="Ridgeless, unless Sigma is a multiple of I there are modes of each kind",
    statement=r"\Sigma\not\propto I,\ \delta=0,\ n<p \Rightarrow \exists i,j:\ "
    r"\zeta_i < 1-\Omega < \zeta_j",
    source="new",
    needs=("1.omega-mean", "3.transition"),
    parts=("sum", "one side", "equal modes"),
    steps=[
        Step(
            "Ridgeless, Omega is the mean of 1 - zeta_i with weights 1 - zeta_i: the weighted sum"
            " of the margins 1 - Omega - zeta_i is n Omega - n Omega = 0.",
            weighted_margins,
        ),
        Step(
            "If no mode were amplified, every term would be at most 0; a sum of such terms"
            " vanishes only if each does, that is if zeta_i = 1 - Omega for all i, and modes with"
            " one zeta have one eigenvalue.  If none were shrunk: the same with the other sign."
        ),
    ],
    evidence=[
        Identity("sum", left=weighted_margins, right=lambda: 0, note="any number of modes"),
        Forall(
            "one side",
            build=lambda smt: one_sided_term(smt, amplified=False),
            witness={"zeta": "3/4", "Omega": "1/2"},
            note="none amplified",
        ),
        Forall(
            "one side",
            build=lambda smt: one_sided_term(smt, amplified=True),
            witness={"zeta": "1/4", "Omega": "1/2"},
            note="none shrunk",
        ),
        Forall(
            "equal modes",
            build=equal_zeta,
            witness={"first": "1", "second": "1", "tau": "1"},
        ),
        Enclosure("seven spectra", below=both_kinds),
    ],
    controls=[
        Control(
            Identity("sum", left=lambda: weighted_margins(ridge=True), right=lambda: 0),
            wrong="with ridge",
        ),
        Control(
            Enclosure("ridge", below=lambda d: both_kinds(d, ridge=True)),
            wrong="with ridge: Sigma = I, p = 120, n = 60, delta = 30 amplifies every mode",
        ),
        Control(
            Forall("one side", build=lambda smt: one_sided_term(smt, amplified=False, strict=True)),
            wrong="strictly, equal modes included",
        ),
        Control(
            Forall("equal modes", build=lambda smt: equal_zeta(smt, scale=2)),
            wrong="twice the eigenvalue",
        ),
    ],
)

# --------------------------------------------------------------------------
# 3.no-gain
# --------------------------------------------------------------------------


def isotropic_gain() -> Any:
    """The gain for p equal modes at n < p."""
    import sympy

    n, p = sympy.symbols("n p", positive=True)
    learnt = n / p
    omega = f.omega(p * f.learnt_square(learnt), n)
    one_minus_omega = f.one_minus_omega(p * f.spread(1 - learnt, learnt), n)
    return f.gain(1 - learnt, learnt, omega, one_minus_omega)


def isotropic_excess() -> tuple[Any, Any]:
    """Sigma = I at finite n: exact risk above that of beta*, and (n/p) |beta^s - beta*|^2."""
    import sympy

    n, p, energy, truth = sympy.symbols("n p S T", positive=True)
    overlap = sympy.Symbol("O", real=True)
    above = f.isotropic_risk(energy, overlap, truth, n, p) - f.isotropic_risk(
        truth, truth, truth, n, p
    )
    return above, n / p * (energy - 2 * overlap + truth)


def least_squares_shift(smt: Any, strict: bool = False) -> Any:
    """With n > p + 1, any surrogate but beta* adds to the risk."""
    lam, surrogate, truth = smt.Real("lam"), smt.Real("surrogate"), smt.Real("truth")
    added = f.predictor_risk(lam, surrogate, truth, total=one.itself)
    if strict:
        return [lam > 0], added > 0
    return [lam > 0], smt.And(added >= 0, (added == 0) == (surrogate == truth))


def gains_are_one(digits: int, level: int = 1) -> Pairs:
    """Certified gains, and the risks of all three students, for Sigma = 7 I and for n >= p."""
    import numpy as np

    from kdverify.gaussian.certified import certificate
    from kdverify.problem import Problem, Spectrum

    equal = Problem(Spectrum.from_multiplicities([7, level * 7], [6, 4]), np.arange(1.0, 11))
    power_law = Problem.power_law(10, 2, "1.5")
    for problem, n, noise in ((equal, 4, 1), (power_law, 10, 0), (power_law, 25, 1)):
        proof = certificate(problem, n, noise, digits=digits)
        for gain in proof.gains:
            yield gain, 1
        yield proof.optimal, proof.standard
        yield proof.masked, proof.standard


NO_GAIN = Claim(
    id="3.no-gain",
    title="For Sigma a multiple of I, and for n >= p, no surrogate beats beta*",
    statement=r"\Sigma\propto I \text{ or } n\ge p\ \Rightarrow\ \beta^{opt}=\beta^*",
    source="paper",
    needs=("3.optimal", "2.least-squares"),
    parts=("isotropic", "n >= p"),
    steps=[
        Step("For equal modes zeta = 1 - n/p = 1 - Omega: the gain is one.", isotropic_gain),
        Step(
            "There the exact mean risk at finite n, without noise, is that of beta* plus"
            " (n/p)|beta^s - beta*|^2; the noise adds the same to every surrogate.",
            lambda: isotropic_excess()[1],
        ),
        Step("For n > p + 1 the risk is |Sigma^(1/2)(beta^s - beta*)|^2 plus a constant."),
    ],
    evidence=[
        Identity("isotropic", left=isotropic_gain, right=lambda: 1),
        Identity(
            "isotropic",
            left=lambda: isotropic_excess()[0],
            right=lambda: isotropic_excess()[1],
            note="exact at finite n",
        ),
        Forall(
            "n >= p",
            build=least_squares_shift,
            witness={"lam": "1", "surrogate": "0", "truth": "1"},
        ),
        Enclosure("examples", equal=gains_are_one, guard=6),
    ],
    controls=[
        Control(
            Enclosure("examples", equal=lambda d: gains_are_one(d, level=2), guard=6),
            wrong="two different eigenvalues",
        ),
        Control(
            Identity("isotropic", left=lambda: isotropic_excess()[0], right=lambda: 0),
            wrong="all surrogates are as good as beta*",
        ),
        Control(
            Forall("n >= p", build=lambda smt: least_squares_shift(smt, strict=True)),
            wrong="strictly, beta* included",
        ),
    ],
)

CLAIMS = [BOTH_KINDS, NO_GAIN]

if __name__ == "__main__":
    from kdverify.verify import run_as_script

    raise SystemExit(run_as_script(CLAIMS))
