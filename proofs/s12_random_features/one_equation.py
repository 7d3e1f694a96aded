"""Claim 12.one-equation: two nested fixed points are one equation, with one root."""

from fractions import Fraction
from typing import Any

import sympy

from kdverify import formulas as f
from kdverify.arithmetic import BALLS
from kdverify.evidence import Claim, Step
from kdverify.random_features import certified

from ..lib.balls import isotropic
from ..lib.features import cases, sums
from ..lib.modes import Pairs

CLAIM = Claim(
    id="12.one-equation",
    title="(16) is one equation, the same with n and q exchanged, and has one root",
    statement=r"n-\frac{\delta}{\nu_1} = {\rm df}(\nu_2),\ q\Big(1-\frac{\nu_1}{\nu_2}\Big) ="
    r" {\rm df}(\nu_2)\quad\iff\quad (n-{\rm df})(q-{\rm df}) = \frac{q\delta}{\nu_2},\ "
    r"\nu_1 = \nu_2\frac{q-{\rm df}}{q};\qquad \delta > 0:\ \text{one root};\qquad"
    r" \min(n,q) - {\rm df} = e,\ e(e+|n-q|) = \frac{q\delta}{\nu_2}",
    source="neighbouring",
    needs=("1.unique",),
    parts=("one equation", "one root", "gap"),
    steps=[
        Step(
            "Given W, the student is ridge regression on the features z = Wx, whose covariance F ="
            " W Sigma W' enters (1): n = tr F(F+nu_1)^-1 + delta/nu_1."
        ),
        Step(
            "The nonzero eigenvalues of F are those of the sample covariance of q rows"
            " Sigma^(1/2)w: by (1) for q samples and the ridge q nu_1 the trace is df(nu_2), with"
            " q = df(nu_2) + q nu_1/nu_2. These are both equations."
        ),
        Step("The second gives nu_1; put into the first it leaves one equation for nu_2."),
        Step(
            "With k the smaller of n and q and e = k - df the other gap is e + |n - q|: the"
            " positive root of a quadratic, written without cancellation.",
            lambda: gap_solves()[0][0],
        ),
        Step(
            "(n - df)(q - df) nu grows with nu wherever df < min(n, q), from 0 (df = min(n, q), or"
            " nu = 0) to infinity: it takes the value q delta once."
        ),
    ],
)


@CLAIM.identity("one equation", but={"n for q in nu_1": {"swapped": True}})
def eliminated(swapped: bool = False) -> tuple[list[Any], list[Any]]:
    """Both of (16) as (1), at nu_1 of the library and at the delta of the one equation."""
    s = sums()
    ridge = s.sample_gap * s.feature_gap * s.nu / s.q
    nu_1 = f.first_regularisation(s.nu, s.feature_gap, s.n if swapped else s.q)
    learnt = [s.squares, s.spreads]
    both = [
        f.fixed_point_residual(learnt, s.n, ridge / nu_1),
        f.fixed_point_residual(learnt, s.q, s.q * nu_1 / s.nu),
    ]
    return both, [0, 0]


@CLAIM.identity("gap", but={"twice the gap": {"factor": 2}})
def gap_solves(factor: int = 1) -> tuple[list[Any], list[Any]]:
    """The library's e solves its quadratic; the root of the discriminant is e + (e + surplus)."""
    gap, surplus = sympy.symbols("e Delta", positive=True)
    load = gap * (gap + surplus)
    root = 2 * gap + surplus
    found = factor * f.feature_gap(load, surplus, root)
    return [found, f.feature_gap_discriminant(load, surplus)], [gap, root**2]


@CLAIM.forall(
    "one root",
    witness={"n": 5, "q": 4, "df": 3, "less": 2},
    note="lemma: the gaps",
    but={"with df larger at the larger nu": {"grown": True}},
)
def gaps_grow(smt: Any, grown: bool = False) -> Any:
    """(n - df)(q - df) at two points: df, below n and q, falls as nu grows."""
    n, q, df, less = (smt.Real(s) for s in ("n", "q", "df", "less"))
    here, there = (less, df) if grown else (df, less)
    inside = [df < n, df < q, less <= df]
    return inside, (n - here) * (q - here) <= (n - there) * (q - there)


@CLAIM.forall(
    "one root", witness={"a": 1, "b": 2, "nu": 1, "mu": 2}, note="lemma: their product with nu"
)
def product_grows(smt: Any) -> Any:
    """0 < a <= b and 0 < nu < mu: a nu < b mu."""
    a, b, nu, mu = (smt.Real(s) for s in ("a", "b", "nu", "mu"))
    return [a > 0, b >= a, nu > 0, mu > nu], a * nu < b * mu


@CLAIM.equal("nine spectra", guard=12, but={"n and q exchanged": {"swapped": True}})
def both_hold(digits: int, swapped: bool = False) -> Pairs:
    """(16) at certified solutions with a ridge, df summed mode by mode."""
    for case in cases():
        if not case.ridge or (swapped and case.n == case.q):
            continue
        at = case.solved(digits)
        learnt = BALLS.total(f.one_minus_zeta(at.eigenvalues, at.nu))
        n, q, ridge = (BALLS.number(value) for value in (case.n, case.q, case.ridge))
        if swapped:
            n, q = q, n
        yield n - ridge / at.nu_1, learnt
        yield q * (1 - at.nu_1 / at.nu), learnt


@CLAIM.equal("Sigma = I", but={"another ridge": {"ridge": Fraction(1)}})
def known_root(digits: int, ridge: Fraction = Fraction(5, 6)) -> Pairs:
    """20/(1 + nu) = 10 at nu = 1: n = 15, q = 12 and 5 * 2 = 12 delta."""
    proof = certified.certificate(isotropic(20), 15, 12, 0, ridge, digits)
    yield proof.equivalents.nu, 1
    yield proof.equivalents.nu_1, Fraction(1, 6)
