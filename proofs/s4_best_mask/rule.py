"""Claim of section 4: the best mask, weak-to-strong by dropping features."""

from typing import Any

import numpy as np
import sympy

from kdverify import formulas as f
from kdverify import optimal_mask
from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.gaussian.certified import certificate
from kdverify.problem import Problem, Spectrum

from ..lib import modes as one
from ..lib.ensembles import MASKED, SETTINGS, savings
from ..lib.modes import Pairs, symbolic_modes

RULE = Claim(
    "4.rule",
    title="The best mask keeps mode i iff zeta_i^2 < 1 - Omega; a tie changes nothing",
    statement=r"\arg\min_{M}\bar R(M\beta^*):\quad M_{ii}=1 \iff \zeta_i^2 < 1-\Omega",
    source="paper",
    needs=("2.risk",),
    parts=("costs", "rule"),
    steps=[
        Step("(2) is additive over the modes: each is decided for itself."),
        Step("A kept mode costs lam beta*^2 zeta^2/(1 - Omega).", lambda: choice(True)[1]),
        Step("A dropped one costs its whole energy.", lambda: choice(False)[1]),
        Step("Keep iff the first is smaller.", lambda: margin_is_rule()[0]),
        Step("At the tie both cost the same: it is counted as dropped."),
    ],
)


@RULE.identity("costs", note="kept", but={"a kept mode costs its energy": {"costs": False}})
@RULE.identity("costs", note="dropped", keep=False)
def choice(keep: bool = True, costs: bool | None = None) -> tuple[Any, Any]:
    """One mode's risk from (2) where the mask keeps or drops it, and the formula's."""
    _, zeta, omega, beta_star, _, _ = one.symbols()
    kept, dropped = f.kept_risk(one.signal(), zeta, 1 - omega), f.dropped_risk(one.signal())
    costs = keep if costs is None else costs
    return one.share(beta_star if keep else 0), kept if costs else dropped


@RULE.identity("p = 3")
def masked_modes() -> tuple[Any, Any]:
    """Three modes, the second dropped, with noise: the library's sum, and (2) at M beta*."""
    m = symbolic_modes(3)
    mask = np.array([True, False, True])
    at = (m.omega, m.one_minus_omega)
    ours = f.masked_risk(m.signal[mask], m.zeta[mask], m.signal[~mask], *at, m.noise)
    surrogate = m.beta_star * mask.astype(int)
    theirs = f.risk(m.lam, surrogate, m.beta_star, m.zeta, m.one_minus_zeta, *at, m.noise)
    lam = dict(zip(m.lam, (1, sympy.Rational(1, 2), sympy.Rational(1, 5)), strict=True))
    here = {**lam, m.tau: sympy.Rational(1, 3)}
    return ours.subs(here), theirs.subs(here)


@RULE.identity("rule")
def margin_is_rule() -> tuple[Any, Any]:
    """The margin that the library looks at, and the rule."""
    _, zeta, omega, _, _, _ = one.symbols()
    return f.keep_margin(zeta, 1 - omega), (1 - omega) - zeta**2


@RULE.below("figure 1a", note="203 of 500 modes kept", but={"204 modes kept": {"last": 204}})
def around_cut(digits: int, last: int = 203) -> Pairs:
    """Figure 1a: mode 203 is kept, mode 204 dropped."""
    at = one.certificate(digits).equivalents
    square = at.zeta * at.zeta
    return iter([(square[last - 1], at.one_minus_omega), (at.one_minus_omega, square[last])])


@RULE.equal(
    "tie",
    note="tau = 1, n = 21, lam = 7 and 1",
    guard=8,
    but={"another eigenvalue: no tie": {"other": 6}},
)
def tied(digits: int, other: int = 7) -> Pairs:
    """Sixteen eigenvalues 7 and fourteen 1 at n = 21: tau = 1, and zeta^2 = 1 - Omega at 1.

    The tied modes cost the same kept or dropped; the library drops them, in both arithmetics.
    """
    spectrum = Spectrum.from_multiplicities([other, 1], [16, 14])
    proof = certificate(Problem(spectrum, np.ones(30)), 21, digits=digits)
    keep_all = np.ones(30, dtype=bool)
    yield proof.tau, 1
    yield proof.equivalents.zeta[-1] ** 2, proof.equivalents.one_minus_omega
    yield proof.masked_by(keep_all), proof.masked_by(spectrum.eigenvalues > 1)
    yield proof.masked, proof.masked_by(keep_all)
    yield int(optimal_mask(spectrum, 21).sum()), 16
    yield proof.membership().count("no"), 14


@RULE.agreement("saving by simulation", note="4 settings, one with ridge", draws=SETTINGS)
def mask_saves(context: Context) -> list[Comparison]:
    """What the best mask saves its student, by simulation."""
    return savings(context, MASKED)


mask_saves.shifted(-1)
RULE.identity("costs", one.additive, note="(2) is additive, any number of modes")


AT = {"zeta": "1/4", "Omega": "1/2", "signal": "1"}
kept_iff = RULE.forall("rule", one.keep_iff, witness=AT, note="kept", relation="kept")
kept_iff.but("zeta in the place of its square", power=1)
RULE.forall("rule", one.keep_iff, witness=AT, note="dropped", relation="dropped")
