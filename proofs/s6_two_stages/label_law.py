"""Claim of section 6: what a surrogate's covariance means, and what it does not."""

from typing import Any

import sympy

from kdverify import formulas as f
from kdverify.evidence import Claim, Step

from ..lib import words as w

LABEL_LAW = Claim(
    "6.label-law",
    title="One label law, two views: another covariance or another surrogate",
    statement=r"x_s = \Sigma_s^{1/2}\Sigma_t^{-1/2}x_t:\ x_s^\top\beta^* = x_t^\top\beta^s,\ "
    r"\beta^s = \Sigma_t^{-1/2}\Sigma_s^{1/2}\beta^*;\quad\text{in a common eigenbasis:}\ "
    r"\lambda^s_i = \lambda^t_i(\beta^s_i/\beta^*_i)^2",
    source="paper",
    parts=("samples", "inverse", "off the support"),
    steps=[
        Step("The roots are symmetric: x_s' beta* = x_t' Sigma_t^-1/2 Sigma_s^1/2 beta*."),
        Step(
            "In a common eigenbasis each mode's share of a label is the same number.",
            lambda: labels()[0],
        ),
        Step("The square root is positive, so that signs have to agree where beta*_i != 0."),
    ],
)


@LABEL_LAW.identity(
    "samples",
    note="lemma: any symmetric roots, p = 2 and words for any p",
    but={"the roots in the other order": {"exchanged": True}},
)
def rows_and_labels(exchanged: bool = False) -> tuple[list[Any], list[Any]]:
    """x_s' beta* and x_t' beta^s for roots R of Sigma_s and U of Sigma_t^-1 that do not commute."""
    R, U = (sympy.Matrix(2, 2, sympy.symbols(f"{a}1 {a}2 {a}2 {a}3", real=True)) for a in "RU")
    x, truth = (sympy.Matrix(sympy.symbols(f"{a}1 {a}2", real=True)) for a in "xb")
    surrogate = (R * U if exchanged else U * R) * truth
    letters = sympy.symbols("R U x^T b", commutative=False)
    of_rows = letters[2] * letters[1] * letters[0] * letters[3]  # (R U x)' b, both symmetric
    own = letters[:2] if exchanged else letters[1::-1]
    words = w.coefficients(of_rows, letters[2] * own[0] * own[1] * letters[3])
    left, right = [((R * U * x).T * truth)[0, 0]], [(x.T * surrogate)[0, 0]]
    return [*left, *words[0]], [*right, *words[1]]


@LABEL_LAW.identity(
    "samples",
    note="one mode of a common eigenbasis",
    but={"the roots exchanged": {"inverted": True}},
)
def labels(inverted: bool = False) -> tuple[Any, Any]:
    """One mode's share of the label: of beta* on x_s, of the surrogate on x_t."""
    source, target = sympy.symbols("r_s r_t", positive=True)
    truth, x = sympy.symbols("b x", real=True)
    surrogate = f.surrogate_from_covariances(source, target, truth)
    row = target / source * x if inverted else source / target * x
    return row * truth, x * surrogate


@LABEL_LAW.forall(
    "inverse",
    witness={"r_s": 1, "r_t": 2, "b": 1, "s": 3},
    but={"without equal signs": {"signs": False}},
)
def inverse(smt: Any, signs: bool = True) -> Any:
    """r_s gives the surrogate iff its square is `source_eigenvalue`, on the support."""
    root, target, truth, surrogate = (smt.Real(x) for x in ("r_s", "r_t", "b", "s"))
    assumptions = [root > 0, target > 0, truth != 0]
    if signs:
        assumptions.append(surrogate * truth > 0)
    gives = f.surrogate_from_covariances(root, target, truth) == surrogate
    squared = root * root == f.source_eigenvalue(target * target, surrogate, truth)
    return assumptions, gives == squared


@LABEL_LAW.forall("off the support")
def off_support(smt: Any) -> Any:
    """Where beta*_i = 0 every eigenvalue gives the same surrogate."""
    first, second, target = (smt.Real(x) for x in ("r_1", "r_2", "r_t"))
    values = [f.surrogate_from_covariances(r, target, smt.number(0)) for r in (first, second)]
    return [first > 0, second > 0, target > 0], values[0] == values[1]
