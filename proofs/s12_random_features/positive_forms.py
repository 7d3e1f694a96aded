"""Claim 12.positive-forms: Upsilon, its complement and chi as sums of positive terms."""

from typing import Any

import numpy as np
import sympy

from kdverify import formulas as f
from kdverify.arithmetic import BALLS
from kdverify.evidence import Claim, Step

from ..lib.features import cases, mode, sums
from ..lib.modes import Pairs

CLAIM = Claim(
    id="12.positive-forms",
    title="eta = S/(q - T_2) says it all: Upsilon, 1 - Upsilon and chi without a subtraction",
    statement=r"S = \sum\zeta(1-\zeta),\ T_2 = \sum(1-\zeta)^2,\ \eta = \frac{S}{q-T_2}:\quad"
    r" n\Upsilon = T_2 + \eta S,\quad n(1-\Upsilon) = (n-{\rm df}) + (1-\eta)S,\quad"
    r" \zeta(1+\chi\lambda) = \zeta+\eta(1-\zeta),\quad \eta\in[0,1],\ \Upsilon\in(0,1)",
    needs=("12.one-equation",),
    parts=("Upsilon and chi", "risk", "ranges"),
    steps=[
        Step("df = T_2 + S, so that q - T_2 = (q - df) + S, and q nu_1/nu_2 = q - df."),
        Step("T_1 = sum lambda/(lambda+nu)^2 = S/nu: chi lambda = eta lambda/nu.", lambda: chi()),
        Step(
            "Put into the literature's Upsilon, df^2 (q-T_2) + (q-df)^2 T_2 = q((q-df)T_2 + df S).",
            lambda: literature()[0],
        ),
    ],
)


def chi() -> Any:
    """T_1/(q - T_2), as Defilippis et al. write it."""
    s = sums()
    return (s.spreads / s.nu) / (s.q - s.squares)


def literature(features: Any = None) -> list[Any]:
    """Upsilon and 1 - Upsilon as they are written there."""
    s = sums()
    ratio, q = s.nu_1 / s.nu, s.q if features is None else features
    inner = (1 - ratio) ** 2 + ratio**2 * s.squares / (q - s.squares)
    return [q / s.n * inner, 1 - q / s.n * inner]


@CLAIM.identity("Upsilon and chi", but={"n in the place of q": {"exchanged": True}})
def positive_terms(exchanged: bool = False) -> tuple[list[Any], list[Any]]:
    """The library's numbers, and those of the literature; complements add up to 1."""
    s = sums()
    theirs = literature(s.n if exchanged else None)
    ours = [s.upsilon, s.one_minus_upsilon, s.crowding + s.room]
    return ours, [*theirs, 1]


@CLAIM.identity("Upsilon and chi", note="as Simon, Karkada, Ghosh, Belkin 2023 have it")
def eigenframework() -> tuple[list[Any], list[Any]]:
    """1 - Upsilon and one mode's share, with gamma = nu_2, kappa = nu_1, k = q, z, q."""
    s, m = sums(), mode()
    z, squares, k = s.df, s.squares, s.q
    rest = 1 - (squares * (k - 2 * z) + z**2) / (s.n * (k - squares))
    zeta, lam = m.zeta, m.lam.subs(m.nu, s.nu)
    share = s.nu / (lam + s.nu) - s.nu_1 * lam / (lam + s.nu) ** 2 * k / (k - squares)
    ours = zeta * f.feature_missed(zeta, 1 - zeta, s.crowding)
    return [s.one_minus_upsilon, ours], [rest, share]


@CLAIM.identity("Upsilon and chi", note="one mode")
def missed_part() -> tuple[Any, Any]:
    """zeta (1 + chi lambda) with chi = eta/nu, and the library's."""
    m = mode()
    chi_of_eta = m.crowding / m.nu
    ours = f.feature_missed(m.zeta, 1 - m.zeta, m.crowding)
    return ours, m.zeta * (1 + chi_of_eta * m.lam)


@CLAIM.identity("risk", but={"without the last zeta^2": {"taken": 0}})
def seventeen(taken: Any = 1) -> tuple[Any, Any]:
    """(17) as it stands, and the library's risk: one mode and the noise part, both additive."""
    m = mode()
    chi_lam = m.crowding * m.lam / m.nu
    square = m.lam * m.zeta**2 * m.surrogate**2
    shift = (1 - m.zeta) * m.surrogate - m.beta_star
    theirs = m.lam * shift**2 - taken * square + square * (1 + chi_lam) / (1 - m.upsilon)
    theirs += m.noise * m.upsilon / (1 - m.upsilon)
    ours = f.feature_risk(
        m.lam, m.surrogate, m.beta_star, *m.values, m.noise, total=lambda share: share
    )
    return ours, theirs


@CLAIM.identity("risk", note="strong labels, dropped and kept modes, additivity")
def other_forms() -> tuple[list[Any], list[Any]]:
    """The other risks of the library are (17) at their surrogates; the sum over three modes."""
    m = mode()

    def one(value: Any) -> Any:
        return value

    def at(surrogate: Any, noise: Any = 0) -> Any:
        return f.feature_risk(m.lam, surrogate, m.beta_star, *m.values, noise, total=one)

    standard = f.feature_standard_risk(m.signal, *m.values, m.noise, total=one)
    kept = f.feature_kept_risk(m.signal, m.zeta, 1 - m.zeta, 1 - m.upsilon, m.crowding)
    masked = f.feature_masked_risk(
        m.signal, m.zeta, 1 - m.zeta, m.signal, *m.values[2:], m.noise, total=one
    )
    energy = f.feature_transfer_energy(m.lam, *m.values)
    trace = f.noise_trace(m.upsilon, 1 - m.upsilon)
    moments = f.transfer_risk(
        m.lam, m.surrogate, m.surrogate**2, m.beta_star, 1 - m.zeta, energy, trace, m.noise, one
    )
    lam = sympy.symbols("lambda_1:4", positive=True)
    b, s = sympy.symbols("b_1:4"), sympy.symbols("s_1:4")
    zetas = [sympy.Rational(1, k) for k in (2, 3, 5)]
    three = sum(
        f.feature_risk(x, u, t, z, 1 - z, *m.values[2:], 0, total=one)
        for x, u, t, z in zip(lam, s, b, zetas, strict=True)
    )
    noise = f.variance_factor(m.upsilon, 1 - m.upsilon) * m.noise
    vectors = [as_vector(values) for values in (lam, s, b)]
    zeta = as_vector(zetas)
    at_once = f.feature_risk(
        vectors[0], vectors[1], vectors[2], zeta, 1 - zeta, *m.values[2:], m.noise
    )
    left = [standard, kept, masked, moments, at_once]
    right = [at(m.beta_star, m.noise), at(m.beta_star), at(m.beta_star, m.noise) + at(0)]
    return left, [*right, at(m.surrogate, m.noise), three + noise]


def as_vector(values: Any) -> Any:
    """An object array of symbols."""
    vector = np.empty(len(values), dtype=object)
    vector[:] = list(values)
    return vector


@CLAIM.forall("ranges", witness={"S": 1, "e_q": 1}, but={"eta at most 1/2": {"most": "1/2"}})
def range_of_eta(smt: Any, most: str = "1") -> Any:
    """0 < eta <= 1."""
    spreads, gap = smt.Real("S"), smt.Real("e_q")
    eta = f.crowding(spreads, gap)
    return [spreads > 0, gap >= 0], smt.And(eta > 0, eta <= smt.number(most))


@CLAIM.forall(
    "ranges",
    witness={"S": 1, "T": 1, "e_n": 1, "e_q": 1},
    note="Upsilon",
    but={"without either gap": {"some_gap": False}},
)
def range_of_upsilon(smt: Any, some_gap: bool = True) -> Any:
    """Upsilon and 1 - Upsilon are positive, unless both gaps vanish."""
    spreads, squares, samples, gap = (smt.Real(name) for name in ("S", "T", "e_n", "e_q"))
    inside = [spreads > 0, squares > 0, samples >= 0, gap >= 0]
    inside += [samples + gap > 0] if some_gap else []
    n, room = squares + spreads + samples, f.one_minus_crowding(spreads, gap)
    learnt = f.upsilon(squares, spreads, f.crowding(spreads, gap), n)
    return inside, smt.And(learnt > 0, f.one_minus_upsilon(spreads, room, samples, n) > 0)


@CLAIM.equal("nine spectra", guard=12, but={"nu_1 one in 10^6 too large": {"factor": 1 + 2**-20}})
def by_definition(digits: int, factor: float = 1) -> Pairs:
    """1 - Upsilon as the literature writes it, summed mode by mode at certified roots."""
    for case in cases():
        at = case.solved(2 * digits)
        learnt = f.one_minus_zeta(at.eigenvalues, at.nu)
        squares = BALLS.total(f.learnt_square(learnt))
        ratio = factor * at.nu_1 / at.nu
        inner = (1 - ratio) ** 2 + ratio**2 * squares / (at.q - squares)
        yield at.upsilon, at.q / at.n * inner
        yield at.one_minus_upsilon, 1 - at.q / at.n * inner
