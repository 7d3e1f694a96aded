"""Numbers ``v + a s + b t + c s t`` with ``s^2 = t^2 = 0``: derivatives by two parameters.

Entries are what arithmetic goes through: floats, arrays, balls.  A formula in plain arithmetic
gives, on `Jet` numbers, its value, both first derivatives and the mixed one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


class Jet:
    """Value, derivatives by s and by t, and the mixed derivative."""

    __array_ufunc__ = None  # an array on the left leaves the operation to us
    __slots__ = ("both", "by_s", "by_t", "value")

    def __init__(self, value: Any, by_s: Any = 0, by_t: Any = 0, both: Any = 0) -> None:
        self.value, self.by_s, self.by_t, self.both = value, by_s, by_t, both

    @classmethod
    def of(cls, number: Any) -> Jet:
        """A number that does not depend on s and t, or the jet that it is already."""
        return number if isinstance(number, cls) else cls(number)

    @property
    def parts(self) -> tuple[Any, Any, Any, Any]:
        """Value, by s, by t, mixed."""
        return self.value, self.by_s, self.by_t, self.both

    def __neg__(self) -> Jet:
        return Jet(*(-part for part in self.parts))

    def __add__(self, other: Any) -> Jet:
        return Jet(*(x + y for x, y in zip(self.parts, Jet.of(other).parts, strict=True)))

    def __sub__(self, other: Any) -> Jet:
        return self + -Jet.of(other)

    def __rsub__(self, other: Any) -> Jet:
        return -self + other

    def __mul__(self, other: Any) -> Jet:
        v, a, b, c = self.parts
        w, d, e, f = Jet.of(other).parts
        return Jet(v * w, a * w + v * d, b * w + v * e, c * w + v * f + a * e + b * d)

    def __truediv__(self, other: Any) -> Jet:
        v, a, b, c = Jet.of(other).parts
        one = 1 / v
        x, y = a * one, b * one
        return self * Jet(one, -x * one, -y * one, (2 * x * y - c * one) * one)

    def __rtruediv__(self, other: Any) -> Jet:
        return Jet.of(other) / self

    __radd__, __rmul__ = __add__, __mul__

    def log_both(self) -> Any:
        """The mixed derivative of the logarithm."""
        return (self.both - self.by_s * self.by_t / self.value) / self.value

    def exp_change(self) -> Jet:
        """The exponential, where the value is 0."""
        return Jet(1, self.by_s, self.by_t, self.both + self.by_s * self.by_t)

    def change(self) -> Jet:
        """Without the value."""
        return Jet(0 * self.value, self.by_s, self.by_t, self.both)


S, T = Jet(0, 1, 0, 0), Jet(0, 0, 1, 0)


def summed(total: Callable[[Any], Any]) -> Callable[[Any], Jet]:
    """The sum over a vector's entries for jets, from that for its parts."""

    def jets(vector: Any) -> Jet:
        parts = Jet.of(vector).parts
        shape = np.broadcast_shapes(*map(np.shape, parts))
        return Jet(*(total(np.broadcast_to(part, shape)) for part in parts))

    return jets


def solved(matrix: list[list[Any]], right: list[Any]) -> tuple[list[Any], list[Any]]:
    """Pivots of a small matrix of jets, whose product is its determinant, and the solution."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    size = len(rows)
    for k, pivot in enumerate(rows):
        for row in rows[k + 1 :]:
            factor = row[k] / pivot[k]
            row[k:] = [x - factor * y for x, y in zip(row[k:], pivot[k:], strict=True)]
    found: list[Any] = [None] * size
    for k in reversed(range(size)):
        known = sum(rows[k][h] * found[h] for h in range(k + 1, size))
        found[k] = (rows[k][size] - known) / rows[k][k]
    return [rows[k][k] for k in range(size)], found
