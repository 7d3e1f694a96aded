"""Claims of section 6: what a surrogate's covariance means, and what it does not."""

from __future__ import annotations

from typing import Any

import sympy

from kdverify import formulas as f
from kdverify.evidence import (
    Claim,
    Step,
)
from kdverify.verify import run_as_script

LABEL_LAW = Claim(
    "6.label-law",
    title="One label law, two views: another covariance or another surrogate",
    statement=r"x_s = \Sigma_s^{1/2}\Sigma_t^{-1/2}x_t:\ x_s^\top\beta^* = x_t^\top\beta^s,\ "
    r"\beta^s = \Sigma_s^{1/2}\Sigma_t^{-1/2}\beta^*;\quad"
    r"\lambda^s_i = \lambda^t_i(\beta^s_i/\beta^*_i)^2",
    source="paper",
    parts=("samples", "inverse", "off the support"),
    steps=[
        Step(
            "In a common eigenbasis each mode's share of a label is the same number.",
            lambda: labels()[0],
        ),
        Step("A label is the sum of these shares: equal for every sample and every p."),
        Step("The square root is positive, so that signs have to agree where beta*_i != 0."),
    ],
)


@LABEL_LAW.identity("samples", but={"the roots exchanged": {"inverted": True}})
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


if __name__ == "__main__":
    raise SystemExit(run_as_script([LABEL_LAW]))
