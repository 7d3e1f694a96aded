"""Claims of section 4: what the best mask buys, and that no other mask is as good."""

from __future__ import annotations

from itertools import product
from typing import Any

import _one_mode as one
from _notation import Pairs

from kdverify import formulas as f
from kdverify.evidence import Claim, Control, Enclosure, Forall, Step

# --------------------------------------------------------------------------
# 4.strict
# --------------------------------------------------------------------------


def strictly_better(smt: Any, always: bool = False) -> Any:
    """Dropping a mode with energy saves something iff zeta^2 > 1 - Omega."""
    zeta, omega, inside = one.unit(smt)
    signal = smt.Real("signal")
    saves = f.dropped_risk(signal) < f.kept_risk(signal, zeta, 1 - omega)
    conclusion = saves if always else saves == (zeta * zeta > 1 - omega)
    return [*inside, signal > 0], conclusion


def nothing_to_gain(smt: Any) -> Any:
    """A mode without energy costs nothing either way."""
    zeta, omega, inside = one.unit(smt)
    zero = smt.number("0")
    return inside, f.kept_risk(zero, zeta, 1 - omega) == f.dropped_risk(zero)


def masks_against_standard(digits: int) -> Pairs:
    """Masked beats standard at figure 1a, where 297 modes are dropped; R_opt is below both."""
    proof = one.certificate(digits)
    return iter([(proof.masked, proof.standard), (proof.optimal, proof.masked)])


def nothing_to_drop(digits: int, last: int = 16) -> Pairs:
    """Masked equals standard where every mode is kept, and where the dropped have no signal.

    Equal modes; then lam_i = 1/i^2 at n = 15 of 40, with signal in the first ``last`` modes,
    of which the mask keeps 16.
    """
    import numpy as np

    from kdverify.gaussian.certified import certificate
    from kdverify.problem import Problem, Spectrum

    equal = Problem(Spectrum(np.ones(10)), np.arange(1.0, 11))
    head = Problem(Spectrum.power_law(40, 2), np.repeat([1.0, 0.0], [last, 40 - last]))
    for problem, n, kept in ((equal, 4, 10), (head, 15, 16)):
        proof = certificate(problem, n, digits=digits)
        yield int(proof.kept[0].sum()), kept
        yield proof.masked, proof.standard


STRICT = Claim(
    id="4.strict",
    title="A weaker teacher that hides weak features makes a better student",
    statement=r"\min_M\bar R(M\beta^*)<\bar R(\beta^*) \iff \exists i:\ \beta^*_i\ne0,"
    r"\ \zeta_i^2>1-\Omega",
    source="paper",
    needs=("4.rule",),
    parts=("with energy", "without"),
    steps=[Step("The best mask takes the smaller of two costs in each mode.")],
    evidence=[
        Forall(
            "with energy",
            build=strictly_better,
            witness={"zeta": "1/4", "Omega": "1/2", "signal": "1"},
        ),
        Forall("without", build=nothing_to_gain, witness={"zeta": "1/4", "Omega": "1/2"}),
        Enclosure("figure 1a", below=masks_against_standard),
        Enclosure("two examples", equal=nothing_to_drop, note="no mode to drop: equal risks"),
    ],
    controls=[
        Control(
            Forall("with energy", build=lambda smt: strictly_better(smt, always=True)),
            wrong="always",
        ),
        Control(
            Enclosure("figure 1a", below=lambda d: [(s, m) for m, s in masks_against_standard(d)]),
            wrong="strong labels are better",
        ),
        Control(
            Enclosure("two examples", equal=lambda d: nothing_to_drop(d, last=17)),
            wrong="signal in one mode that is dropped",
        ),
    ],
)

# --------------------------------------------------------------------------
# 4.exhaustive
# --------------------------------------------------------------------------


def every_mask(digits: int, linear: bool = False) -> Pairs:
    """The rule's mask against all others, on four problems without ties.

    ``linear`` takes the modes with zeta < 1 - Omega instead.
    """
    import numpy as np

    from kdverify.gaussian.certified import certificate
    from kdverify.problem import Problem, Spectrum

    two_levels = Spectrum.from_multiplicities([9, 1], [3, 5])
    for problem, n, ridge in (
        (Problem.power_law(8, "2", "1.5"), 3, 0),
        (Problem.power_law(8, "1", "2"), 6, 0),
        (Problem.power_law(8, "1.5", "1.2"), 4, "0.01"),
        (Problem(two_levels, np.arange(1.0, 9)), 4, 0),
    ):
        proof = certificate(problem, n, ridge=ridge, digits=digits)
        chosen = proof.amplified[0] if linear else proof.kept[0]
        least = proof.masked_by(chosen)
        for mask in product((True, False), repeat=8):
            if mask != tuple(chosen.tolist()):
                yield least, proof.masked_by(np.array(mask))


EXHAUSTIVE = Claim(
    id="4.exhaustive",
    title="No other mask is as good: all 255 others of 8 modes, four problems",
    statement=r"p=8:\quad \bar R(M\beta^*) > \bar R(M^{\circ}\beta^*)\quad\forall M\ne M^{\circ}",
    source="paper",
    needs=("4.rule",),
    evidence=[
        Enclosure("whole", below=every_mask),
        Forall(
            "one mode",
            build=lambda smt: one.keep_iff(smt, "kept"),
            witness={"zeta": "1/4", "Omega": "1/2", "signal": "1"},
        ),
    ],
    controls=[
        Control(
            Enclosure("whole", below=lambda d: every_mask(d, linear=True)),
            wrong="keep where zeta < 1 - Omega",
        ),
        Control(
            Forall("one mode", build=lambda smt: one.keep_iff(smt, "kept", power=1)),
            wrong="zeta in the place of its square",
        ),
    ],
)

CLAIMS = [STRICT, EXHAUSTIVE]

if __name__ == "__main__":
    from kdverify.verify import run_as_script

    raise SystemExit(run_as_script(CLAIMS))
