"""Claim of section 3: the best surrogate, and when it amplifies a mode."""

from typing import Any

import sympy

from kdverify import formulas as f
from kdverify.evidence import Claim, Step

from ..lib import modes as one
from ..lib.modes import Pairs

TRANSITION = Claim(
    "3.transition",
    title="A mode is amplified iff zeta < 1 - Omega, shrunk iff zeta > 1 - Omega",
    statement=r"\frac{\beta^{opt}_i}{\beta^*_i}-1 = \frac{\zeta_i(1-\Omega-\zeta_i)}"
    r"{(1-\Omega)(1-\zeta_i)^2+\Omega\zeta_i^2}",
    source="paper",
    needs=("3.optimal",),
    parts=("excess", "sign"),
    steps=[
        Step("The gain is the zero of the derivative of (2).", lambda: gain_from_derivative()[0]),
        Step(
            "Its excess over one has the sign of 1 - Omega - zeta, so that it is zero exactly at"
            " zeta = 1 - Omega.",
            lambda: excess()[1],
        ),
    ],
)


@TRANSITION.identity("excess")
def excess() -> tuple[Any, Any]:
    """gain - 1, two ways."""
    _, zeta, omega, _, _, _ = one.symbols()
    arguments = (zeta, 1 - zeta, omega, 1 - omega)
    return f.gain(*arguments) - 1, f.gain_excess(*arguments)


excess.but("the sign of the excess", sides=lambda: (excess()[0], -excess()[1]))


@TRANSITION.identity("excess", note="from the derivative")
def gain_from_derivative() -> tuple[Any, Any]:
    """The zero of the derivative of one mode's risk at beta* = 1, and the gain."""
    _, zeta, omega, _, surrogate, _ = one.symbols()
    slope = sympy.diff(one.share(surrogate, truth=sympy.Integer(1)), surrogate)
    (zero,) = sympy.solve(slope, surrogate)
    return zero, f.gain(zeta, 1 - zeta, omega, 1 - omega)


INSIDE = {"zeta": "1/4", "Omega": "1/2"}


@TRANSITION.forall(
    "sign",
    witness=INSIDE,
    note="amplified",
    relation="amplified",
    but={"threshold Omega": {"threshold": lambda omega: omega}},
)
@TRANSITION.forall("sign", witness=INSIDE, note="shrunk", relation="shrunk")
def sign_of_gain(smt: Any, relation: str, threshold: Any = None) -> Any:
    """Amplified iff zeta is below the threshold, shrunk iff above (so unchanged iff at it)."""
    zeta, omega, inside = one.unit(smt)
    gain = f.gain(zeta, 1 - zeta, omega, 1 - omega)
    at = 1 - omega if threshold is None else threshold(omega)
    if relation == "amplified":
        return inside, (gain > 1) == (zeta < at)
    return inside, (gain < 1) == (zeta > at)


@TRANSITION.forall("sign", witness=INSIDE)
def sign_of_margin(smt: Any) -> Any:
    """The margin that the library looks at has the sign of gain - 1."""
    zeta, omega, inside = one.unit(smt)
    margin = f.amplification_margin(zeta, 1 - omega)
    return inside, (margin > 0) == (f.gain_excess(zeta, 1 - zeta, omega, 1 - omega) > 0)


@TRANSITION.below(
    "figure 1a", note="126 modes amplified", but={"127 modes amplified": {"last": 127}}
)
def around_transition(digits: int, last: int = 126) -> Pairs:
    """Mode 126 is amplified, mode 127 is shrunk."""
    gains = one.certificate(digits).gains
    return iter([(1, gains[last - 1]), (gains[last], 1)])
