"""What the scaling formulas need beyond arithmetic, once for every number type."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any


def floats() -> SimpleNamespace:
    """float64: `math` and SciPy."""
    import numpy as np
    from scipy import special

    return SimpleNamespace(
        pi=math.pi,
        euler_gamma=float(np.euler_gamma),
        sinc=lambda x: float(np.sinc(x)),
        power=math.pow,
        sqrt=math.sqrt,
        log=math.log,
        zeta=lambda s: float(special.zeta(s)),
        hyp2f1=lambda a, b, c, x: float(special.hyp2f1(a, b, c, x)),
    )


def multiprecision() -> SimpleNamespace:
    """mpmath numbers, at the precision in force."""
    import mpmath

    return SimpleNamespace(
        pi=+mpmath.pi,
        euler_gamma=+mpmath.euler,
        sinc=mpmath.sincpi,
        power=mpmath.power,
        sqrt=mpmath.sqrt,
        log=mpmath.log,
        zeta=mpmath.zeta,
        hyp2f1=mpmath.hyp2f1,
    )


def balls() -> SimpleNamespace:
    """python-flint ``arb``, at the precision in force."""
    from flint import arb

    return SimpleNamespace(
        pi=arb.pi(),
        euler_gamma=arb.const_euler(),
        sinc=lambda x: arb(x).sinc_pi(),
        power=lambda x, y: arb(x) ** y,
        sqrt=lambda x: arb(x).sqrt(),
        log=lambda x: arb(x).log(),
        zeta=lambda s: arb(s).zeta(),
        hyp2f1=lambda a, b, c, x: arb(x).hypgeom_2f1(a, b, c),
    )


def symbols() -> SimpleNamespace:
    """SymPy expressions."""
    import sympy

    def sinc(x: Any) -> Any:
        return sympy.sin(sympy.pi * x) / (sympy.pi * x) if x != 0 else sympy.Integer(1)

    return SimpleNamespace(
        pi=sympy.pi,
        euler_gamma=sympy.EulerGamma,
        sinc=sinc,
        power=sympy.Pow,
        sqrt=sympy.sqrt,
        log=sympy.log,
        zeta=sympy.zeta,
        hyp2f1=lambda a, b, c, x: sympy.hyper((a, b), (c,), x),
    )
