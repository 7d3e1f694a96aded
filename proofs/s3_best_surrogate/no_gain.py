"""Claim of section 3: amplified and shrunk modes, and when the best surrogate is beta*."""

from typing import Any

import numpy as np
import sympy

from kdverify import formulas as f
from kdverify.evidence import Claim, Step
from kdverify.gaussian.certified import certificate
from kdverify.problem import Problem, Spectrum

from ..lib import modes as one
from ..lib.modes import Pairs

NO_GAIN = Claim(
    "3.no-gain",
    title="Without ridge, for Sigma a multiple of I and for n >= p, no surrogate beats beta*",
    statement=r"\delta = 0:\quad \Sigma\propto I \text{ or } n\ge p\ \Rightarrow"
    r"\ \beta^{opt}=\beta^*",
    source="paper",
    needs=("3.optimal", "2.least-squares"),
    parts=("isotropic", "n >= p"),
    steps=[
        Step(
            "For equal modes zeta = 1 - n/p = 1 - Omega: the gain is one.",
            lambda: isotropic_gain()[0],
        ),
        Step(
            "There the exact mean risk at finite n, without noise, is that of beta* plus"
            " (n/p)|beta^s - beta*|^2; the noise adds the same to every surrogate.",
            lambda: isotropic_excess()[1],
        ),
        Step("For n > p + 1 the risk is |Sigma^(1/2)(beta^s - beta*)|^2 plus a constant."),
        Step(
            "With a ridge both fail: Sigma = I, p = 60, n = 30, delta = 15 has a gain of 1.32 in"
            " every mode, and for n >= p a ridge shrinks what a surrogate can put back."
        ),
    ],
)


@NO_GAIN.identity("isotropic", but={"with a ridge": {"ridge": sympy.Symbol("r", positive=True)}})
def isotropic_gain(ridge: Any = 0) -> tuple[Any, Any]:
    """The gain for p equal modes at n < p, and 1; ``ridge`` is delta/tau over n."""
    n, p = sympy.symbols("n p", positive=True)
    learnt = n * (1 - ridge) / p
    omega = f.omega(p * f.learnt_square(learnt), n)
    one_minus_omega = f.one_minus_omega(p * f.spread(1 - learnt, learnt), n, ridge * n)
    return f.gain(1 - learnt, learnt, omega, one_minus_omega), sympy.Integer(1)


@NO_GAIN.identity("isotropic", note="exact at finite n")
def isotropic_excess() -> tuple[Any, Any]:
    """Sigma = I at finite n: exact risk above that of beta*, and (n/p) |beta^s - beta*|^2."""
    n, p, energy, truth = sympy.symbols("n p S T", positive=True)
    overlap = sympy.Symbol("O", real=True)
    above = f.isotropic_risk(energy, overlap, truth, n, p) - f.isotropic_risk(
        truth, truth, truth, n, p
    )
    return above, n / p * (energy - 2 * overlap + truth)


isotropic_excess.but(
    "all surrogates are as good as beta*", sides=lambda: (isotropic_excess()[0], 0)
)


@NO_GAIN.forall(
    "n >= p",
    witness={"lam": "1", "surrogate": "0", "truth": "1"},
    but={"strictly, beta* included": {"strict": True}},
)
def least_squares_shift(smt: Any, strict: bool = False) -> Any:
    """With n > p + 1, any surrogate but beta* adds to the risk."""
    lam, surrogate, truth = smt.Real("lam"), smt.Real("surrogate"), smt.Real("truth")
    added = f.predictor_risk(lam, surrogate, truth, total=one.itself)
    if strict:
        return [lam > 0], added > 0
    return [lam > 0], smt.And(added >= 0, (added == 0) == (surrogate == truth))


@NO_GAIN.equal(
    "examples",
    guard=6,
    but={"two different eigenvalues": {"level": 2}, "with a ridge": {"ridge": 15}},
)
def gains_are_one(digits: int, level: int = 1, ridge: int = 0) -> Pairs:
    """Certified gains, and the risks of all three students, for Sigma = 7 I and for n >= p."""
    equal = Problem(Spectrum.from_multiplicities([7, level * 7], [6, 4]), np.arange(1.0, 11))
    power_law = Problem.power_law(10, 2, "1.5")
    for problem, n, noise in ((equal, 4, 1), (power_law, 10, 0), (power_law, 25, 1)):
        proof = certificate(problem, n, noise, ridge, digits=digits)
        for gain in proof.gains:
            yield gain, 1
        yield proof.optimal, proof.standard
        yield proof.masked, proof.standard
