"""What a formula takes: any number, and the sum of a vector of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

#: Parameters that are one number also where a formula sums over modes.
ONE_NUMBER = frozenset(
    {"n", "m", "p", "tau", "noise", "ridge_over_tau", "omega", "one_minus_omega", "df"}
    | {"noise_trace", "noise_slope", "upsilon", "one_minus_upsilon", "crowding", "square", "cube"}
    | {"n_minus_square", "one_minus_own", "one_minus_crossed", "one_minus_other"}
    | {"label_step"}
)

Number = Any  # float, ndarray, mpf, arb, SymPy expression or SMT term
Total = Callable[..., Any]  # sum over the modes of one vector
