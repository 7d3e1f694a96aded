"""What is turned away of n, q and the ridge of a random-feature student, in one place."""

from __future__ import annotations

from typing import Any

from kdverify import checks

#: Squares of n and of a number of random features have to stay finite.
MOST_FEATURES = 1e100


def checked(n: Any, features: Any, ridge: Any, p: int) -> tuple[float, float, float]:
    """Samples, random features and ridge of one student, in double precision.

    Without ridge and below p, n = q is turned away: Upsilon is 1 there and no risk is finite.
    """
    size, q = checks.positive("n", n), one_layer(features)
    if q < 1:
        raise ValueError(f"features={checks.shown(features)} must be at least 1")
    for name, value in (("n", size), ("features", q)):
        if value > MOST_FEATURES:
            raise ValueError(f"{name}={checks.shown(value)} must be at most {MOST_FEATURES:g}")
    delta = checks.non_negative("ridge", ridge)
    if delta == 0 and size == q < p:
        raise ValueError(
            f"features={q:g} must differ from n={size:g} where there is no ridge: "
            "the risk is infinite there"
        )
    return size, q, delta


def one_layer(features: Any) -> float:
    """The width of the only layer."""
    if isinstance(features, tuple | list):
        raise TypeError(
            f"features={checks.shown(features)} must be one number here: stages, first corrections "
            "and simulations take students of one layer"
        )
    return checks.number("features", features)


def widths(n: Any, features: Any, ridge: Any, p: int) -> tuple[float, ...]:
    """Widths of several layers, from the inputs on; each as `checked` wants one to be."""
    if len(features) == 0:
        raise ValueError("features must name the width of one layer at least")
    least = min(checks.number("features", width) for width in features)
    return tuple(
        checked(n, width, ridge if width == least else max(ridge, 1.0), p)[1] for width in features
    )


def root_in_range(n: float, q: float, ridge: float, p: int, largest: float) -> None:
    """Turn away n, q and ridge at which nu, at most (2 p largest + 4 ridge)/min(n, q), is out.

    Where df <= min(n, q)/2 the product (n - df)(q - df) is at least n q/4, so nu <= 4 ridge/n.
    """
    limit = min(checks.LARGEST_ROOT, checks.LARGEST_RATIO * largest)
    if (2 * p * largest + 4 * ridge) / min(n, q) > limit:
        raise ValueError(
            f"n={checks.shown(n)} and features={checks.shown(q)} must be larger: (2*p*largest "
            f"eigenvalue + 4*ridge)/min(n, features) bounds nu and must be at most {limit:g}"
        )
    if ridge > 0 and ridge / n < checks.SMALLEST_ROOT:
        raise ValueError(
            f"ridge={checks.shown(ridge)} must be at least {checks.SMALLEST_ROOT:g} times "
            f"n={checks.shown(n)}"
        )
