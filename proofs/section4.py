"""Claims of section 4: the best mask, weak-to-strong by dropping features."""

from __future__ import annotations

from functools import partial
from itertools import product
from typing import Any

import _one_mode as one
from _notation import Pairs

from kdverify import formulas as f
from kdverify.evidence import Claim, Control, Enclosure, Forall, Identity, Step

# --------------------------------------------------------------------------
# 4.rule
# --------------------------------------------------------------------------


def choice(keep: bool) -> tuple[Any, Any]:
    """One mode's risk from (2) where the mask keeps or drops it, and the formula's."""
    _, zeta, omega, beta_star, _, _ = one.symbols()
    if keep:
        return one.share(beta_star), f.kept_risk(one.signal(), zeta, 1 - omega)
    return one.share(0), f.dropped_risk(one.signal())


def masked_modes() -> tuple[Any, Any]:
    """Three modes, the second dropped, with noise: the library's sum, and (2) at M beta*."""
    import numpy as np
    import sympy
    from _symbolic import symbolic_modes

    m = symbolic_modes(3)
    mask = np.array([True, False, True])
    at = (m.omega, m.one_minus_omega)
    ours = f.masked_risk(m.signal[mask], m.zeta[mask], m.signal[~mask], *at, m.noise)
    surrogate = m.beta_star * mask.astype(int)
    theirs = f.risk(m.lam, surrogate, m.beta_star, m.zeta, m.one_minus_zeta, *at, m.noise)
    lam = dict(zip(m.lam, (1, sympy.Rational(1, 2), sympy.Rational(1, 5)), strict=True))
    here = {**lam, m.tau: sympy.Rational(1, 3)}
    return ours.subs(here), theirs.subs(here)


def keep_iff(smt: Any, relation: str, power: int = 2) -> Any:
    """Keeping costs less than dropping iff zeta^2 < 1 - Omega; the same at the tie."""
    zeta, omega, inside = one.unit(smt)
    signal = smt.Real("signal")
    kept, dropped = f.kept_risk(signal, zeta, 1 - omega), f.dropped_risk(signal)
    margin = f.keep_margin(zeta, 1 - omega) if power == 2 else 1 - omega - zeta
    assumptions = [*inside, signal > 0]
    if relation == "kept":
        return assumptions, (kept < dropped) == (margin > 0)
    return assumptions, (kept > dropped) == (margin < 0)


def margin_is_rule() -> tuple[Any, Any]:
    """The margin that the library looks at, and the rule."""
    _, zeta, omega, _, _, _ = one.symbols()
    return f.keep_margin(zeta, 1 - omega), (1 - omega) - zeta**2


def around_cut(digits: int, last: int = 203) -> Pairs:
    """Figure 1a: mode 203 is kept, mode 204 dropped."""
    at = one.certificate(digits).equivalents
    square = at.zeta * at.zeta
    return iter([(square[last - 1], at.one_minus_omega), (at.one_minus_omega, square[last])])


def tied(digits: int, other: int = 7) -> Pairs:
    """Sixteen eigenvalues 7 and fourteen 1 at n = 21: tau = 1, and zeta^2 = 1 - Omega at 1.

    The tied modes cost the same kept or dropped.
    """
    import numpy as np

    from kdverify.certified import certificate
    from kdverify.problem import Problem, Spectrum

    spectrum = Spectrum.from_multiplicities([other, 1], [16, 14])
    proof = certificate(Problem(spectrum, np.ones(30)), 21, digits=digits)
    keep_all = np.ones(30, dtype=bool)
    yield proof.tau, 1
    yield proof.equivalents.zeta[-1] ** 2, proof.equivalents.one_minus_omega
    yield proof.masked_by(keep_all), proof.masked_by(spectrum.eigenvalues > 1)
    yield proof.masked, proof.masked_by(keep_all)


RULE = Claim(
    id="4.rule",
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
    ],
    evidence=[
        Identity("costs", left=lambda: choice(True)[0], right=lambda: choice(True)[1], note="kept"),
        Identity(
            "costs", left=lambda: choice(False)[0], right=lambda: choice(False)[1], note="dropped"
        ),
        Identity(
            "costs",
            left=lambda: one.additive()[0],
            right=lambda: one.additive()[1],
            note="(2) is additive, any number of modes",
        ),
        Identity("p = 3", left=lambda: masked_modes()[0], right=lambda: masked_modes()[1]),
        *(
            Forall(
                "rule",
                build=partial(keep_iff, relation=relation),
                witness={"zeta": "1/4", "Omega": "1/2", "signal": "1"},
                note=relation,
            )
            for relation in ("kept", "dropped")
        ),
        Identity("rule", left=lambda: margin_is_rule()[0], right=lambda: margin_is_rule()[1]),
        Enclosure("figure 1a", below=around_cut, note="203 of 500 modes kept"),
        Enclosure("tie", equal=tied, guard=8, note="tau = 1, n = 21, lam = 7 and 1"),
    ],
    controls=[
        Control(
            Forall("rule", build=lambda smt: keep_iff(smt, "kept", power=1)),
            wrong="zeta in the place of its square",
        ),
        Control(Enclosure("figure 1a", below=lambda d: around_cut(d, 204)), wrong="204 modes kept"),
        Control(
            Enclosure("tie", equal=lambda d: tied(d, other=6), guard=8),
            wrong="another eigenvalue: no tie",
        ),
        Control(
            Identity("costs", left=lambda: choice(True)[0], right=lambda: choice(False)[1]),
            wrong="a kept mode costs its energy",
        ),
    ],
)

# --------------------------------------------------------------------------
# 4.tail
# --------------------------------------------------------------------------


def tail_step(smt: Any, swapped: bool = False) -> Any:
    """If a mode is dropped, so is every mode with a smaller eigenvalue."""
    large, small, tau = smt.Real("large"), smt.Real("small"), smt.Real("tau")
    assumptions = [small > 0, large >= small, tau > 0]
    first, second = f.zeta(large, tau), f.zeta(small, tau)
    if swapped:
        first, second = second, first
    return assumptions, first <= second


def square_grows(smt: Any) -> Any:
    """The margin falls as zeta grows."""
    less, more, rest = smt.Real("less"), smt.Real("more"), smt.Real("rest")
    assumptions = [less > 0, more >= less, more < 1]
    return assumptions, f.keep_margin(more, rest) <= f.keep_margin(less, rest)


def margins_fall(digits: int, backward: bool = False) -> Pairs:
    """The margins along falling eigenvalues, on spectra without repeats."""
    from _fixed_point import integers

    from kdverify.certified import certificate
    from kdverify.compose import keep_margins
    from kdverify.problem import Spectrum

    for spectrum, n in ((Spectrum.power_law(40, 2), 15), (integers(12), 5)):
        margins = keep_margins(certificate(spectrum, n, digits=digits).equivalents)
        pairs = list(zip(margins[1:], margins[:-1], strict=True))
        yield from ((b, a) for a, b in pairs) if backward else pairs


TAIL = Claim(
    id="4.tail",
    title="The dropped modes are those below some eigenvalue",
    statement=r"\lambda_i\ge\lambda_j,\ M_{ii}=0\ \Rightarrow\ M_{jj}=0",
    source="paper",
    needs=("4.rule",),
    parts=("zeta falls with lam", "margin falls with zeta"),
    steps=[Step("zeta falls with lam, and 1 - Omega - zeta^2 with zeta: signs change once.")],
    evidence=[
        Forall(
            "zeta falls with lam",
            build=tail_step,
            witness={"large": "2", "small": "1", "tau": "1"},
        ),
        Forall(
            "margin falls with zeta",
            build=square_grows,
            witness={"less": "1/4", "more": "1/2", "rest": "1"},
        ),
        Enclosure("two spectra", below=margins_fall),
    ],
    controls=[
        Control(
            Forall("zeta falls with lam", build=lambda smt: tail_step(smt, swapped=True)),
            wrong="the other way round",
        ),
        Control(
            Enclosure("two spectra", below=lambda d: margins_fall(d, backward=True)),
            wrong="the other way round",
        ),
    ],
)

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


def masks_against_standard(digits: int, n: int = 200) -> Pairs:
    """Masked beats standard at figure 1a; R_opt is below both."""
    from kdverify.certified import certificate

    proof = certificate(one.figure_1a()[0], n, digits=digits)
    return iter([(proof.masked, proof.standard), (proof.optimal, proof.masked)])


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
    ],
)

# --------------------------------------------------------------------------
# 4.exhaustive
# --------------------------------------------------------------------------


def every_mask(digits: int, linear: bool = False) -> Pairs:
    """The rule's mask against all others, on three problems without ties.

    ``linear`` takes the modes with zeta < 1 - Omega instead.
    """
    import numpy as np

    from kdverify.certified import certificate
    from kdverify.problem import Problem

    for alpha, beta, n, ridge in (("2", "1.5", 3, 0), ("1", "2", 6, 0), ("1.5", "1.2", 4, "0.01")):
        proof = certificate(Problem.power_law(8, alpha, beta), n, ridge=ridge, digits=digits)
        chosen = proof.amplified[0] if linear else proof.kept[0]
        least = proof.masked_by(chosen)
        for mask in product((True, False), repeat=8):
            if mask != tuple(chosen.tolist()):
                yield least, proof.masked_by(np.array(mask))


EXHAUSTIVE = Claim(
    id="4.exhaustive",
    title="No other mask is as good: all 255 others of 8 modes, three problems",
    statement=r"p=8:\quad \bar R(M\beta^*) > \bar R(M^{\circ}\beta^*)\quad\forall M\ne M^{\circ}",
    source="paper",
    needs=("4.rule",),
    evidence=[
        Enclosure("whole", below=every_mask),
        Forall(
            "one mode",
            build=lambda smt: keep_iff(smt, "kept"),
            witness={"zeta": "1/4", "Omega": "1/2", "signal": "1"},
        ),
    ],
    controls=[
        Control(
            Enclosure("whole", below=lambda d: every_mask(d, linear=True)),
            wrong="keep where zeta < 1 - Omega",
        )
    ],
)

CLAIMS = [RULE, TAIL, STRICT, EXHAUSTIVE]

if __name__ == "__main__":
    from kdverify.verify import run_as_script

    raise SystemExit(run_as_script(CLAIMS))
