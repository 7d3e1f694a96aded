"""Claims of section 3: the best surrogate, and which modes it amplifies."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import Any

import _one_mode as one
from _notation import Pairs

from kdverify import formulas as f
from kdverify.evidence import Claim, Control, Enclosure, Forall, Identity, Step

# --------------------------------------------------------------------------
# 3.optimal
# --------------------------------------------------------------------------


def completed_square(best: Any = None) -> tuple[Any, Any]:
    """One mode's risk above its minimum, and the square that it should be."""
    lam, zeta, omega, _, surrogate, noise = one.symbols()
    best = one.best() if best is None else best
    curvature = lam * f.mode_curvature(zeta, 1 - zeta, omega, 1 - omega) / (1 - omega)
    above = one.share(surrogate, noise) - one.share(best, noise)
    return above, curvature * (surrogate - best) ** 2


def swapped_best() -> Any:
    """(4) with Omega and 1 - Omega in each other's place."""
    _, zeta, omega, beta_star, _, _ = one.symbols()
    return f.optimal_surrogate(beta_star, zeta, 1 - zeta, 1 - omega, omega)


def curvature_positive(smt: Any, sign: int = 1) -> Any:
    """(2) curves upward in every coordinate."""
    zeta, omega, inside = one.unit(smt)
    return inside, sign * f.mode_curvature(zeta, 1 - zeta, omega, 1 - omega) > 0


def noise_part() -> tuple[Any, Any]:
    """What the noise adds, whatever the surrogate."""
    _, _, omega, _, surrogate, noise = one.symbols()
    added = one.share(surrogate, noise) - one.share(surrogate)
    return added, f.variance_factor(omega, 1 - omega) * noise


def perturbed(digits: int, factor: Fraction = Fraction(1)) -> Pairs:
    """The best surrogate against itself moved, coordinate by coordinate or as a whole."""
    from kdverify.arithmetic import BALLS

    proof = one.certificate(digits)
    best = proof.optimal_surrogate * BALLS.number(factor)
    least = proof.risk(best)
    for k in (0, 60, 125, 126, 300, 499):
        moved = best.copy()
        moved[k] = moved[k] * BALLS.number(Fraction(1001, 1000))
        yield least, proof.risk(moved)
    for scale in (Fraction(999, 1000), Fraction(1001, 1000)):
        yield least, proof.risk(best * BALLS.number(scale))
    yield least, proof.standard


def minimum_by_two_routes(digits: int) -> Pairs:
    """The formula for the minimum, and (2) at the minimiser; without and with ridge."""
    for ridge in (Fraction(0), Fraction(1, 1000)):
        proof = one.certificate(digits, ridge)
        yield proof.optimal, proof.risk(proof.optimal_surrogate)


OPTIMAL = Claim(
    id="3.optimal",
    title="(4) is the one best surrogate, whatever the noise",
    statement=r"\beta^{opt}_i = \frac{(1-\zeta_i)\beta^*_i}{(1-\zeta_i)^2+\zeta_i^2"
    r"\frac{\Omega}{1-\Omega}} = \arg\min_{\beta^s}\bar R(\beta^s)",
    source="paper",
    needs=("2.risk",),
    parts=("minimum", "unique", "any noise"),
    steps=[
        Step("(2) is additive over the modes, with Omega a number that no surrogate changes."),
        Step("Complete the square in one mode.", lambda: completed_square()[1]),
        Step("Its curvature is positive, so the minimum is the one zero of the square."),
        Step("The noise adds the same to every surrogate.", lambda: noise_part()[1]),
    ],
    evidence=[
        Identity(
            "minimum", left=lambda: completed_square()[0], right=lambda: completed_square()[1]
        ),
        Identity(
            "minimum",
            left=lambda: one.additive()[0],
            right=lambda: one.additive()[1],
            note="(2) is additive, any number of modes",
        ),
        Forall("unique", build=curvature_positive, witness={"zeta": "1/4", "Omega": "1/2"}),
        Identity("any noise", left=lambda: noise_part()[0], right=lambda: noise_part()[1]),
        Enclosure("figure 1a", below=perturbed, note="moved surrogates are worse"),
        Enclosure("figure 1a", equal=minimum_by_two_routes, note="ridgeless and ridge"),
    ],
    controls=[
        Control(
            Identity(
                "minimum",
                left=lambda: completed_square(swapped_best())[0],
                right=lambda: completed_square(swapped_best())[1],
            ),
            wrong="Omega and 1 - Omega swapped in (4)",
        ),
        Control(Forall("unique", build=lambda smt: curvature_positive(smt, -1)), wrong="sign"),
        Control(
            Enclosure("figure 1a", below=lambda d: perturbed(d, Fraction(999, 1000))),
            wrong="(4) smaller by a thousandth",
        ),
    ],
)

# --------------------------------------------------------------------------
# 3.transition
# --------------------------------------------------------------------------


def excess() -> tuple[Any, Any]:
    """gain - 1, two ways."""
    _, zeta, omega, _, _, _ = one.symbols()
    arguments = (zeta, 1 - zeta, omega, 1 - omega)
    return f.gain(*arguments) - 1, f.gain_excess(*arguments)


def gain_from_derivative() -> tuple[Any, Any]:
    """The zero of the derivative of one mode's risk at beta* = 1, and the gain."""
    import sympy

    _, zeta, omega, _, surrogate, _ = one.symbols()
    slope = sympy.diff(one.share(surrogate, truth=sympy.Integer(1)), surrogate)
    (zero,) = sympy.solve(slope, surrogate)
    return zero, f.gain(zeta, 1 - zeta, omega, 1 - omega)


def sign_of_gain(smt: Any, relation: str, threshold: Any = None) -> Any:
    """Amplified iff zeta is below the threshold, shrunk iff above."""
    zeta, omega, inside = one.unit(smt)
    gain = f.gain(zeta, 1 - zeta, omega, 1 - omega)
    at = 1 - omega if threshold is None else threshold(omega)
    if relation == "amplified":
        return inside, (gain > 1) == (zeta < at)
    return inside, (gain < 1) == (zeta > at)


def sign_of_margin(smt: Any) -> Any:
    """The margin that the library looks at has the sign of gain - 1."""
    zeta, omega, inside = one.unit(smt)
    margin = f.amplification_margin(zeta, 1 - omega)
    return inside, (margin > 0) == (f.gain_excess(zeta, 1 - zeta, omega, 1 - omega) > 0)


def around_transition(digits: int, last: int = 126) -> Pairs:
    """Mode 126 is amplified, mode 127 is shrunk."""
    gains = one.certificate(digits).gains
    return iter([(1, gains[last - 1]), (gains[last], 1)])


TRANSITION = Claim(
    id="3.transition",
    title="A mode is amplified iff zeta < 1 - Omega, shrunk iff zeta > 1 - Omega",
    statement=r"\frac{\beta^{opt}_i}{\beta^*_i}-1 = \frac{\zeta_i(1-\Omega-\zeta_i)}"
    r"{(1-\Omega)(1-\zeta_i)^2+\Omega\zeta_i^2}",
    source="paper",
    needs=("3.optimal",),
    parts=("excess", "sign"),
    steps=[
        Step("The gain is the zero of the derivative of (2).", lambda: gain_from_derivative()[0]),
        Step(
            "Its excess over one has the sign of 1 - Omega - zeta, so that it is zero exactly at"
            " zeta = 1 - Omega.",
            lambda: excess()[1],
        ),
    ],
    evidence=[
        Identity("excess", left=lambda: excess()[0], right=lambda: excess()[1]),
        Identity(
            "excess",
            left=lambda: gain_from_derivative()[0],
            right=lambda: gain_from_derivative()[1],
            note="from the derivative",
        ),
        *(
            Forall(
                "sign",
                build=partial(sign_of_gain, relation=relation),
                witness={"zeta": "1/4", "Omega": "1/2"},
                note=relation,
            )
            for relation in ("amplified", "shrunk")
        ),
        Forall("sign", build=sign_of_margin, witness={"zeta": "1/4", "Omega": "1/2"}),
        Enclosure("figure 1a", below=around_transition, note="126 modes amplified"),
    ],
    controls=[
        Control(
            Forall("sign", build=lambda smt: sign_of_gain(smt, "amplified", lambda omega: omega)),
            wrong="threshold Omega",
        ),
        Control(
            Identity("excess", left=lambda: excess()[0], right=lambda: -excess()[1]),
            wrong="the sign of the excess",
        ),
        Control(
            Enclosure("figure 1a", below=lambda d: around_transition(d, 127)),
            wrong="127 modes amplified",
        ),
    ],
)

# --------------------------------------------------------------------------
# 3.both-kinds
# --------------------------------------------------------------------------


def weighted_gap(ridge: bool = False) -> Any:
    """sum (1 - zeta_i)(Omega - (1 - zeta_i)), any number of modes."""
    import _mode_sums as m

    learnt = m.split()[1]
    return (m.ridge_total if ridge else m.total)(learnt * (m.omega - learnt))


def one_sided_term(smt: Any, above: bool, strict: bool = False) -> Any:
    """A mode on one side of Omega gives a term of one sign, zero only at Omega."""
    learnt, omega = smt.Real("learnt"), smt.Real("Omega")
    inside = [learnt > 0, learnt < 1, omega > 0, omega < 1]
    side = learnt >= omega if above else learnt <= omega
    term = learnt * (omega - learnt)
    signed = -term if above else term
    conclusion = signed > 0 if strict else smt.And(signed >= 0, (term == 0) == (learnt == omega))
    return [*inside, side], conclusion


def both_kinds(digits: int, ridge: bool = False) -> Pairs:
    """The largest mode is amplified, the smallest shrunk."""
    from _fixed_point import Case, isotropic, ridgeless_cases

    from kdverify.certified import certificate

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
    steps=[
        Step(
            "Ridgeless, sum (1 - zeta_i)(Omega - (1 - zeta_i)) = n Omega - n Omega = 0.",
            weighted_gap,
        ),
        Step(
            "If no mode were amplified, every 1 - zeta_i would be at most Omega and every term at"
            " least 0; a sum of such terms vanishes only if each does, so that all zeta_i, hence"
            " all lam_i, were equal.  If none were shrunk: the same with the other sign."
        ),
    ],
    evidence=[
        Identity("whole", left=weighted_gap, right=lambda: 0, note="any number of modes"),
        Forall(
            "whole",
            build=lambda smt: one_sided_term(smt, above=False),
            witness={"learnt": "1/4", "Omega": "1/2"},
            note="none amplified",
        ),
        Forall(
            "whole",
            build=lambda smt: one_sided_term(smt, above=True),
            witness={"learnt": "3/4", "Omega": "1/2"},
            note="none shrunk",
        ),
        Enclosure("seven spectra", below=both_kinds),
    ],
    controls=[
        Control(
            Identity("whole", left=lambda: weighted_gap(ridge=True), right=lambda: 0),
            wrong="with ridge",
        ),
        Control(
            Enclosure("ridge", below=lambda d: both_kinds(d, ridge=True)),
            wrong="with ridge: Sigma = I, p = 120, n = 60, delta = 30 amplifies every mode",
        ),
        Control(
            Forall("whole", build=lambda smt: one_sided_term(smt, above=False, strict=True)),
            wrong="strictly, equal modes included",
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


def least_squares_shift(smt: Any, strict: bool = False) -> Any:
    """With n > p + 1, any surrogate but beta* adds to the risk."""
    lam, surrogate, truth = smt.Real("lam"), smt.Real("surrogate"), smt.Real("truth")
    added = f.predictor_risk(lam, surrogate, truth, total=one.itself)
    if strict:
        return [lam > 0], added > 0
    return [lam > 0], smt.And(added >= 0, (added == 0) == (surrogate == truth))


def gains_are_one(digits: int, level: int = 1) -> Pairs:
    """Certified gains for Sigma = 7 I, and for n >= p."""
    from kdverify.certified import certificate
    from kdverify.problem import Spectrum

    equal = Spectrum.from_multiplicities([7, level * 7], [6, 4])
    for spectrum, n in (
        (equal, 4),
        (Spectrum.power_law(10, 2), 10),
        (Spectrum.power_law(10, 2), 25),
    ):
        for gain in certificate(spectrum, n, digits=digits).gains:
            yield gain, 1


NO_GAIN = Claim(
    id="3.no-gain",
    title="For Sigma a multiple of I, and for n >= p, no surrogate beats beta*",
    statement=r"\Sigma\propto I \text{ or } n\ge p\ \Rightarrow\ \beta^{opt}=\beta^*",
    source="paper",
    needs=("3.optimal", "2.least-squares"),
    parts=("isotropic", "n >= p"),
    steps=[
        Step("For equal modes zeta = 1 - n/p = 1 - Omega: the gain is one.", isotropic_gain),
        Step("For n > p + 1 the risk is |Sigma^(1/2)(beta^s - beta*)|^2 plus a constant."),
    ],
    evidence=[
        Identity("isotropic", left=isotropic_gain, right=lambda: 1),
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
            Forall("n >= p", build=lambda smt: least_squares_shift(smt, strict=True)),
            wrong="strictly, beta* included",
        ),
    ],
)

CLAIMS = [OPTIMAL, TRANSITION, BOTH_KINDS, NO_GAIN]

if __name__ == "__main__":
    from kdverify.verify import run_as_script

    raise SystemExit(run_as_script(CLAIMS))
