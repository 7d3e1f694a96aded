"""Claim of section 4: what the best mask buys, and that no other mask is as good."""

from typing import Any

import numpy as np

from kdverify import formulas as f
from kdverify.evidence import Claim, Step
from kdverify.gaussian.certified import certificate
from kdverify.problem import Problem, Spectrum

from ..lib import modes as one
from ..lib.modes import Pairs

STRICT = Claim(
    "4.strict",
    title="A weaker teacher that hides weak features makes a better student",
    statement=r"\min_M\bar R(M\beta^*)<\bar R(\beta^*) \iff \exists i:\ \beta^*_i\ne0,"
    r"\ \zeta_i^2>1-\Omega",
    source="paper",
    needs=("4.rule",),
    parts=("with energy", "without"),
    steps=[Step("The best mask takes the smaller of two costs in each mode.")],
)


@STRICT.forall(
    "with energy",
    witness={"zeta": "1/4", "Omega": "1/2", "signal": "1"},
    but={"always": {"always": True}},
)
def strictly_better(smt: Any, always: bool = False) -> Any:
    """Dropping a mode with energy saves something iff zeta^2 > 1 - Omega."""
    zeta, omega, inside = one.unit(smt)
    signal = smt.Real("signal")
    saves = f.dropped_risk(signal) < f.kept_risk(signal, zeta, 1 - omega)
    conclusion = saves if always else saves == (zeta * zeta > 1 - omega)
    return [*inside, signal > 0], conclusion


@STRICT.forall("without", witness={"zeta": "1/4", "Omega": "1/2"})
def nothing_to_gain(smt: Any) -> Any:
    """A mode without energy costs nothing either way."""
    zeta, omega, inside = one.unit(smt)
    zero = smt.number("0")
    return inside, f.kept_risk(zero, zeta, 1 - omega) == f.dropped_risk(zero)


@STRICT.below("figure 1a", but={"the mask of all modes": {"keep_all": True}})
def masks_against_standard(digits: int, keep_all: bool = False) -> Pairs:
    """Masked beats standard by over a thousandth at figure 1a; R_opt is below both."""
    proof = one.certificate(digits)
    masked = proof.masked_by(np.ones(500, dtype=bool)) if keep_all else proof.masked
    return iter([(masked, proof.standard * 999 / 1000), (proof.optimal, masked)])


@STRICT.equal(
    "two examples",
    note="no mode to drop: equal risks",
    but={"signal in one mode that is dropped": {"last": 17}},
)
def nothing_to_drop(digits: int, last: int = 16) -> Pairs:
    """Masked equals standard where every mode is kept, and where the dropped have no signal.

    Equal modes; then lam_i = 1/i^2 at n = 15 of 40, with signal in the first ``last`` modes,
    of which the mask keeps 16.
    """
    equal = Problem(Spectrum(np.ones(10)), np.arange(1.0, 11))
    head = Problem(Spectrum.power_law(40, 2), np.repeat([1.0, 0.0], [last, 40 - last]))
    for problem, n, kept in ((equal, 4, 10), (head, 15, 16)):
        proof = certificate(problem, n, digits=digits)
        yield int(proof.kept[0].sum()), kept
        yield proof.masked, proof.standard
