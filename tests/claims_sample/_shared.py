"""A helper that the sample claims share."""

from typing import Any


def ratio() -> Any:
    import sympy

    x = sympy.Symbol("x", positive=True)
    return x / (1 + x)
