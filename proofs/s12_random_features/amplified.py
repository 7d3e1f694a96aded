"""Claim 12.amplified: with few features no mode is amplified, and Sigma = I is no exception."""

from typing import Any

import numpy as np
import sympy

from kdverify import Problem, Spectrum
from kdverify import formulas as f
from kdverify.evidence import Claim, Step
from kdverify.random_features import certified

from ..lib.ensembles import waves
from ..lib.features import UNIT, unit
from ..lib.modes import Pairs

CLAIM = Claim(
    id="12.amplified",
    title="Without ridge and q at most 2n every mode is shrunk; for Sigma = I at every q",
    statement=r"\beta^{\rm opt}_i > \beta^*_i\ (\beta^*_i>0) \iff (1-\Upsilon)(1-\zeta_i) >"
    r" \Upsilon\zeta_i + \eta(1-\zeta_i);\quad \delta=0,\ q\le 2n:\ \text{for no } i;\quad"
    r" \Sigma = I,\ q < \infty:\ \beta^{\rm opt} = c\,\beta^*,\ c < 1,\ \text{though }"
    r" \beta^{\rm opt} = \beta^*\ \text{for } q = \infty",
    needs=("12.optimal", "12.limits", "3.no-gain"),
    parts=("rule", "few features", "few samples", "Sigma = I"),
    steps=[
        Step("The rule is the sign of gain - 1 (claim 12.optimal)."),
        Step("delta = 0, q < n: eta = 1, and (1-Upsilon)(1-zeta) < 1-zeta."),
        Step(
            "delta = 0, n < q: 1-Upsilon = eta (q-n)/n <= eta if q <= 2n, and Upsilon zeta > 0:"
            " below the right side again."
        ),
        Step(
            "Sigma = I: with p (1-zeta) = n - (n - df) the margin is -eta.", lambda: isotropic()[0]
        ),
    ],
)


@CLAIM.forall("rule", witness=UNIT, but={"the margin of q = infinity": {"eta": 0}})
def amplified_iff(smt: Any, eta: Any = None) -> Any:
    """gain > 1 iff the margin is positive; both denominators are."""
    _, values, inside = unit(smt)
    at = values if eta is None else (*values[:4], eta)
    above = values[3] * values[1] > f.feature_curvature(*values)
    return inside, above == (f.feature_amplification_margin(*at) > 0)


@CLAIM.forall("few features", witness=UNIT | {"eta": 1}, but={"eta = 0": {"eta": 0}})
def few_features(smt: Any, eta: int = 1) -> Any:
    """eta = 1: the margin is negative, whatever zeta and Upsilon."""
    _, values, inside = unit(smt)
    margin = f.feature_amplification_margin(*values[:4], eta)
    return [*inside, values[4] == eta], margin < 0


@CLAIM.forall(
    "few samples",
    witness={"S": 1, "n": 2, "q - n": 1, "eta": "1/2"},
    note="1 - Upsilon is at most eta",
    but={"q up to 3n": {"most": 3}},
)
def few_samples(smt: Any, most: int = 2) -> Any:
    """n < q <= 2n without ridge, where q - df = q - n and n - df = 0: 1 - Upsilon <= eta."""
    spreads, n, more, eta = (smt.Real(name) for name in ("S", "n", "q - n", "eta"))
    inside = [spreads > 0, n > 0, more > 0, more <= (most - 1) * n]
    inside.append(eta == f.crowding(spreads, more))
    return inside, f.one_minus_upsilon(spreads, 1 - eta, 0, n) <= eta


@CLAIM.forall(
    "few samples", witness=UNIT | {"Upsilon": "3/4"}, but={"1 - Upsilon <= 2 eta": {"most": 2}}
)
def not_amplified(smt: Any, most: int = 1) -> Any:
    """1 - Upsilon <= eta: the margin is negative."""
    _, values, inside = unit(smt)
    return [*inside, values[3] <= most * values[4]], f.feature_amplification_margin(*values) < 0


@CLAIM.identity("Sigma = I", but={"Upsilon without eta": {"part": 0}})
def isotropic(part: int = 1) -> tuple[Any, Any]:
    """p equal modes without ridge on n samples: the margin is -eta (1 - zeta + zeta) = -eta."""
    zeta, eta, p = sympy.symbols("zeta eta p", positive=True)
    n = p * (1 - zeta)
    upsilon = f.upsilon(p * (1 - zeta) ** 2, p * zeta * (1 - zeta), part * eta, n)
    return f.feature_amplification_margin(zeta, 1 - zeta, upsilon, 1 - upsilon, eta), -eta


@CLAIM.below("examples", but={"q = 3n": {"q": 60}})
def gains_below_one(digits: int, q: int = 40) -> Pairs:
    """The largest gain at n = 20, q = 2n of 50 and of equal modes; and one above 1 at q = 10n."""
    power, equal = Spectrum.power_law(100, 2), Spectrum(np.ones(100))
    for spectrum, features in ((power, q), (power, 10), (equal, 40), (equal, 1000)):
        problem = Problem(spectrum, waves(100, 0.9))
        for gain in certified.certificate(problem, 20, features, digits=digits).gains:
            yield gain, 1
    many = certified.certificate(Problem(power, waves(100, 0.9)), 20, 200, digits=digits)
    yield 1, max(many.gains, key=float)
