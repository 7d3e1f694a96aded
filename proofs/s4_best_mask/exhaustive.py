"""Claim of section 4: what the best mask buys, and that no other mask is as good."""

from itertools import product

import numpy as np

from kdverify.evidence import Claim
from kdverify.gaussian.certified import certificate
from kdverify.problem import Problem, Spectrum

from ..lib import modes as one
from ..lib.modes import Pairs

EXHAUSTIVE = Claim(
    "4.exhaustive",
    title="No other mask is as good: all 255 others of 8 modes, four problems",
    statement=r"p=8:\quad \bar R(M\beta^*) > \bar R(M^{\circ}\beta^*)\quad\forall M\ne M^{\circ}",
    source="paper",
    needs=("4.rule",),
)


@EXHAUSTIVE.below("whole", but={"keep where zeta < 1 - Omega": {"linear": True}})
def every_mask(digits: int, linear: bool = False) -> Pairs:
    """The rule's mask against all others, on four problems without ties.

    ``linear`` takes the modes with zeta < 1 - Omega instead.
    """
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


one_mode = EXHAUSTIVE.forall(
    "one mode",
    one.keep_iff,
    witness={"zeta": "1/4", "Omega": "1/2", "signal": "1"},
    relation="kept",
)
one_mode.but("zeta in the place of its square", power=1)
