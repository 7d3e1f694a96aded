"""Evidence of each kind that the tests share."""

from __future__ import annotations

from typing import Any

from kdverify import formulas
from kdverify.evidence import (
    Agreement,
    Comparison,
    Context,
    Evidence,
    Identity,
    NotRun,
    Verdict,
)

QUICK = Context()


def verdict(evidence: Evidence, context: Context = QUICK) -> Verdict:
    return evidence.run(context).verdict


def zeta_omega() -> Any:
    import sympy

    return sympy.symbols("zeta Omega", positive=True)


def gain_identity(sign: int = 1) -> Identity:
    def left() -> Any:
        zeta, omega = zeta_omega()
        return formulas.gain(zeta, 1 - zeta, omega, 1 - omega) - 1

    def right() -> Any:
        zeta, omega = zeta_omega()
        return sign * formulas.gain_excess(zeta, 1 - zeta, omega, 1 - omega)

    return Identity("whole", left=left, right=right)


def equation(left: str, right: str, **options: Any) -> Identity:
    import sympy

    return Identity(
        "whole", left=lambda: sympy.sympify(left), right=lambda: sympy.sympify(right), **options
    )


#: True (Machin), and beyond SymPy's simplification.
HIDDEN = equation("16*atan(Rational(1, 5)) - 4*atan(Rational(1, 239))", "pi")


def amplified_below(threshold: Any) -> Any:
    """gain > 1 iff zeta < threshold(omega)."""

    def build(smt: Any) -> Any:
        zeta, omega = smt.Real("zeta"), smt.Real("Omega")
        inside = [zeta > 0, zeta < 1, omega > 0, omega < 1]
        gain = formulas.gain(zeta, 1 - zeta, omega, 1 - omega)
        return inside, (gain > 1) == (zeta < threshold(omega))

    return build


def pi(digits: int) -> Any:
    import flint

    return flint.arb.pi()


def wide_pi(digits: int) -> Any:
    import flint

    return flint.arb("3.14159 +/- 0.1")


def agreement(estimate: Any, error: Any = 0.01, theory: Any = 0.0, band: Any = 0.1) -> Agreement:
    return Agreement(
        "whole", sample=lambda context: Comparison("mean", estimate, error, 999, theory, band)
    )


def missing(*_: Any) -> Any:
    raise NotRun("missing: the data")


def broken(*_: Any) -> Any:
    raise KeyError("oops")
