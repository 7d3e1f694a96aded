"""What a formula takes: any number, and the sum of a vector of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Number = Any  # float, ndarray, mpf, arb, SymPy expression or SMT term
Total = Callable[..., Any]  # sum over the modes of one vector
