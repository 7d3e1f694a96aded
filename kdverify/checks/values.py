"""Checks of single values: numbers, counts, words, sample sizes."""

from __future__ import annotations

import math
import numbers
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, cast

import numpy as np

#: Eigenvalues outside this range could overflow or underflow in double precision.
SMALLEST_EIGENVALUE = 1e-300
LARGEST_EIGENVALUE = 1e300

#: The same for tau; beyond the last times the largest eigenvalue squares of 1 - zeta underflow.
SMALLEST_ROOT, LARGEST_ROOT, LARGEST_RATIO = 1e-307, 1e307, 1e150

#: What counts of things that are made or done may be.
LARGEST_COUNT = 2**63 - 1

#: A decimal exponent of five digits or more.
LONG_EXPONENT = re.compile(r"[eE][+-]?[0_]*[1-9](_?\d){4}")


def shortened(text: str, length: int = 60) -> str:
    """A text of at most ``length`` characters."""
    return text if len(text) <= length else text[: length - 3] + "..."


def shown(value: Any) -> str:
    """A short text of ``value`` for an error message."""
    if not isinstance(value, Fraction):
        return shortened(" ".join(repr(value).split()))
    written = f"{Decimal(value.numerator) / value.denominator:.12g}"  # 0.5 where that is exact
    exact = "e" not in written and Fraction(written) == value
    return shortened(written if exact else str(value))


def instance(name: str, value: Any, kind: type) -> None:
    """Turn away a thing of another class."""
    if not isinstance(value, kind):
        raise TypeError(f"{name}={shown(value)} must be a {kind.__name__}")


def instances(name: str, values: Any, kind: type) -> None:
    """Turn away what is no list, or array, of things of one class; one at least."""
    listed = isinstance(values, Sequence | np.ndarray) and getattr(values, "ndim", 1) > 0
    if not listed or isinstance(values, str):
        raise TypeError(f"{name}={shown(values)} must be a list, each a {kind.__name__}")
    if len(values) == 0:
        raise ValueError(f"{name} must hold at least one {kind.__name__.lower()}")
    for index, value in enumerate(values):
        instance(f"{name}[{index}]", value, kind)


def flag(name: str, value: Any) -> bool:
    """True or False: a text such as "no" would count as true."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name}={shown(value)} must be True or False")
    return bool(value)


#: What Python or NumPy counts among the numbers, and is none.
NO_NUMBERS = bool | np.bool_ | np.timedelta64


def number(name: str, value: Any) -> float:
    """A finite real number (not a bool, a string or a duration)."""
    if isinstance(value, NO_NUMBERS) or not isinstance(
        value, numbers.Real | np.integer | np.floating
    ):
        raise TypeError(f"{name}={shown(value)} must be a real number")
    try:
        result = float(value)
    except OverflowError:
        result = math.inf
    if not math.isfinite(result):
        raise ValueError(f"{name}={shown(value)} must be finite in double precision")
    if result == 0 and value != 0:
        raise ValueError(f"{name}={shown(value)} must not be so close to 0: it rounds to 0")
    return result


def positive(name: str, value: Any) -> float:
    """A finite number above zero."""
    result = number(name, value)
    if result <= 0:
        raise ValueError(f"{name}={shown(value)} must be positive")
    return result


def non_negative(name: str, value: Any) -> float:
    """A finite number, zero allowed."""
    result = number(name, value)
    if result < 0:
        raise ValueError(f"{name}={shown(value)} must not be negative")
    return result


def below(name: str, value: float, limit: float, meaning: str) -> float:
    """A number below ``limit``, which the message calls ``meaning``."""
    if value >= limit:
        raise ValueError(f"{name}={shown(value)} must be below {meaning}={limit}")
    return value


def at_most(name: str, value: Any, limit: Any, meaning: str) -> None:
    """Turn away a number, or a ball, above ``limit``, which the message calls ``meaning``."""
    if value > limit:
        raise ValueError(f"{name}={shown(value)} must be at most {shown(limit)} ({meaning})")


def adds_up(name: str, values: Any) -> None:
    """Turn away numbers whose sum is not 1, up to rounding."""
    gap = math.fsum(float(value) for value in values) - 1
    if not abs(gap) <= 1e-12 * max(1.0, math.fsum(abs(float(value)) for value in values)):
        raise ValueError(f"{name} must add up to 1; their sum is {1 + gap:.12g}")


def fraction(name: str, value: Any) -> float:
    """A number from 0 to 1."""
    result = non_negative(name, value)
    at_most(name, result, 1, "all")
    return result


def count(name: str, value: Any, minimum: float = 1, most: float = LARGEST_COUNT) -> int:
    """A whole number from ``minimum`` to ``most``."""
    if isinstance(value, NO_NUMBERS) or not isinstance(value, numbers.Real | np.integer):
        raise TypeError(f"{name}={shown(value)} must be a whole number")
    if not isinstance(value, numbers.Integral) and number(name, value) % 1 != 0:
        raise ValueError(f"{name}={shown(value)} must be a whole number")
    if value < minimum:
        raise ValueError(f"{name}={shown(value)} must be at least {minimum}")
    if cast(Any, value) > most:
        raise ValueError(f"{name}={shown(value)} must be at most {most}")
    return int(cast(Any, value))


def exact(name: str, value: Any) -> Fraction:
    """``value`` as an exact fraction.

    Text is read as a decimal (``"1.1"`` is 11/10); a float is its exact binary
    value; ``Fraction`` and integers are taken as they are.
    """
    if isinstance(value, str):
        if LONG_EXPONENT.search(value):  # its digits would have to be written out
            raise ValueError(f"{name}={shown(value)} must have an exponent of at most 4 digits")
        try:
            return Fraction(value.strip())
        except (ValueError, ZeroDivisionError):
            raise ValueError(f"{name}={value!r} must be a decimal number") from None
    if isinstance(value, Fraction):
        return value
    number(name, value)
    return Fraction(int(value)) if isinstance(value, int | np.integer) else Fraction(float(value))


def root_in_range(n: float, ridge: float, p: int, largest: float) -> None:
    """Turn away n and ridge at which tau, in [ridge/n, (p largest + ridge)/n], leaves float64."""
    limit = min(LARGEST_ROOT, LARGEST_RATIO * largest)
    if (p * largest + ridge) / n > limit:
        raise ValueError(
            f"n={shown(n)} must be larger: (p*largest eigenvalue + ridge)/n bounds tau and "
            f"must be at most {limit:g}"
        )
    if n >= p and ridge / n < SMALLEST_ROOT:
        raise ValueError(
            f"ridge={shown(ridge)} must be at least {SMALLEST_ROOT:g} times n={shown(n)}"
        )


def power_in_range(p: int, alpha: Fraction) -> None:
    """Turn away a power law whose smallest eigenvalue ``p**-alpha`` is too small for doubles."""
    if float(p) ** -float(alpha) < SMALLEST_EIGENVALUE:
        largest = -math.log(SMALLEST_EIGENVALUE) / math.log(p)
        raise ValueError(
            f"alpha={float(alpha):g} must be at most {largest:.4g} for p={p}: p**-alpha, the "
            f"smallest eigenvalue, must be at least {SMALLEST_EIGENVALUE:g}"
        )


def below_rank(n: float, rank: int, ridge: float, taught: float = 1.0) -> None:
    """Turn away n rows, the fraction ``taught`` of them not zero, that fill the rank; no ridge."""
    if ridge == 0 and n * taught >= rank:
        raise ValueError(
            f"n={n:g} must be below the rank {rank} of the rows where there is no ridge"
        )


def choice(name: str, value: Any, allowed: tuple[str, ...]) -> str:
    """One of a few words."""
    if not isinstance(value, str):
        raise TypeError(f"{name}={shown(value)} must be one of {', '.join(allowed)}")
    if value not in allowed:
        raise ValueError(f"{name}={value!r} must be one of {', '.join(allowed)}")
    return value


def sample_sizes(
    name: str, values: Any, share: bool = True, of: str = "samples, not a share of rows"
) -> list[float]:
    """One sample size or several, each positive; none repeated silently lost.

    Without ``share`` each must be 1 at least: what is less is the habit of a share of the rows.
    ``of``: what they are a number of, in messages.
    """
    several = isinstance(values, Iterable) and getattr(values, "ndim", 1) > 0
    items = list(values) if several else [values]
    if not items:
        raise ValueError(f"{name} must name at least one sample size")
    sizes = [positive(name, item) for item in items]
    for size, item in zip(sizes, items, strict=True):
        if size < 1 and not share:
            raise ValueError(f"{name}={shown(item)} must be at least 1: a number of {of}")
    return sizes
