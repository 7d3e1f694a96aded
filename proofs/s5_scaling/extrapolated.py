"""Claim of section 5: limits and exponents from exact values at finite n."""

import itertools
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from flint import arb

from kdverify import formulas as f
from kdverify.arithmetic import BALLS
from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.gaussian import infinite as scaling

from ..lib import power_laws as laws

EXTRAPOLATED = Claim(
    "5.extrapolated",
    title="Exact values at finite n lead to the constants, in both families of powers",
    statement=r"\beta<2\alpha+1:\ R_{std}, R_{opt} = C(c/n)^{\beta-1}\Big(1 + \sum c_e n^{-e}\Big),"
    r"\ e \in \{a+b(\alpha+1)\}\cup\{2\alpha+1-\beta+a+b\alpha\};\quad"
    r" \frac{R_{std}}{C(c/n)^{\beta-1}(1-\beta/2n)} - 1 = O(n^{-\min(2,\,2\alpha+1-\beta)})",
    needs=("5.standard", "5.optimal", "5.mask", "5.finite-n"),
    parts=("constants to 15 digits, mask 5", "exponents to 4 digits"),
    steps=[
        Step(
            "The sum over modes has the Mellin poles tau^((beta-1)/alpha), which gives the law, and"
            " tau^2, tau^3, ... (best surrogate: tau'^1, tau'^2, ...), with zeta values; tau is"
            " (c/(n + 1/2))^alpha up to relative n^-(alpha+1), n^-(2 alpha+1), ..."
        ),
        Step("So two families of exponents, a and b whole numbers not below 0."),
        Step(
            "K exact values eliminate K - 1 of them; the error is estimated from what one power"
            " and one value less give."
        ),
        Step(
            "The mask's cut is a whole number; as kept and dropped cost the same at the threshold"
            " this is felt at n^-2 only, but oscillates: 3 values, 2 powers."
        ),
        Step("Slopes of the distance from the limit form, extrapolated, measure the exponents."),
    ],
)


#: Exact values at n = 16, 32, ..., 16384.
SIZES = tuple(16 * 2**k for k in range(11))
DIGITS = 40
#: The mask's cut is a whole number: beyond 1/n its corrections are no powers.
MASK_VALUES = 3
#: Relative bands: the digits that the statement names.
BANDS = {
    "standard": Fraction(1, 10**15),
    "optimal": Fraction(1, 10**15),
    "masked": Fraction(1, 10**5),
}
CONSTANTS = {
    "standard": f.scaling_standard_constant,
    "optimal": f.scaling_optimal_constant,
    "masked": f.scaling_mask_constant,
}
CASES = laws.NEAR
#: 2 alpha + 1 - beta = 1/2, 3/2 and 7/2.
GAPS = (
    (Fraction(2), Fraction(9, 2)),
    (Fraction(2), Fraction(7, 2)),
    (Fraction(3), Fraction(7, 2)),
)
#: Standard errors are estimates of an extrapolation's error: no degrees of freedom are lost.
MANY = 10**6


def over_law(alpha: Fraction, beta: Fraction, name: str) -> list[Any]:
    """A risk over ``(c/n)^(beta-1)`` at all sizes."""
    return [
        getattr(laws.exact(alpha, beta, n, DIGITS), name) / laws.law(alpha, beta, n) for n in SIZES
    ]


def limit(alpha: Fraction, beta: Fraction, name: str) -> Any:
    """That, extrapolated to n = infinity in both families of powers."""
    values, sizes = over_law(alpha, beta, name), SIZES
    if name == "masked":
        values, sizes = values[-MASK_VALUES:], sizes[-MASK_VALUES:]
    powers = scaling.correction_exponents(alpha, beta, len(sizes) - 1)
    return scaling.extrapolate(values, sizes, powers)


def constant(alpha: Fraction, beta: Fraction, name: str) -> Any:
    """The constant of the law, by its formula."""
    return CONSTANTS[name](laws.number(alpha), laws.number(beta), laws.ops())


@EXTRAPOLATED.agreement(
    "constants to 15 digits, mask 5",
    note="n = 16 to 16,384, p = oo",
    but={"constants two bands off": {"wrong": Fraction(1)}},
)
def constants(context: Context, wrong: Fraction = Fraction(0)) -> list[Comparison]:
    """Extrapolated constants over the formulas', less one; ``wrong`` in band-widths."""
    found = []
    with BALLS.precision(DIGITS):
        for alpha, beta in CASES:
            for name, band in BANDS.items():
                expected = constant(alpha, beta, name)
                got = limit(alpha, beta, name)
                found.append(
                    Comparison(
                        f"{name}, alpha={alpha}, beta={beta}",
                        float(got.value / expected - 1),
                        got.error / float(expected),
                        MANY,
                        float(2 * wrong * band),
                        float(band),
                    )
                )
    return found


@EXTRAPOLATED.below(
    "the error's estimate at three settings", but={"a millionth of the estimate": {"factor": 10**6}}
)
def covered(digits: int, factor: int = 1) -> list[tuple[Any, Any]]:
    """Pairs (distance from the formula's constant, estimate of the error over ``factor``)."""
    pairs = []
    for alpha, beta in CASES:
        for name in BANDS:
            got = limit(alpha, beta, name)
            pairs.append((abs(got.value - constant(alpha, beta, name)), arb(got.error) / factor))
    return pairs


def sums(steps: Sequence[Fraction], count: int) -> list[Fraction]:
    """The ``count`` smallest sums of one or more of ``steps``, with repetition."""
    found = {Fraction(0)}
    while True:
        grown = sorted(found | {x + s for x in found for s in steps})[: count + 1]
        if set(grown) == found:
            return grown[1:]
        found = set(grown)


def first_exponent(alpha: Fraction, beta: Fraction, corrected: bool = True) -> Any:
    """``log2 D(n)/D(2n)`` extrapolated, D the distance of R_std from its corrected form.

    Where D is a sum of powers ``n^-e``, its slope is ``e_1`` plus powers ``n^-(e_j - e_1)`` and
    their products.
    """
    expected = constant(alpha, beta, "standard")
    gaps = []
    for n, value in zip(SIZES, over_law(alpha, beta, "standard"), strict=True):
        factor = f.scaling_standard_correction(laws.number(beta), laws.number(n))
        gaps.append(value / expected / (factor if corrected else 1) - 1)
    slopes = [(a / b).log() / laws.number(2).log() for a, b in itertools.pairwise(gaps)]
    powers = scaling.correction_exponents(alpha, beta, 12)
    if corrected:
        powers.remove(Fraction(1))
    later = sums([e - powers[0] for e in powers[1:]], len(slopes) - 1)
    return scaling.extrapolate(slopes, SIZES[:-1], later)


@EXTRAPOLATED.agreement("exponents to 4 digits", note="R_std, three (alpha, beta)")
def exponents(context: Context, shift: int = 0) -> list[Comparison]:
    """The first exponent after ``1 - beta/(2n)`` is the lesser of 2 and 2 alpha + 1 - beta."""
    found = []
    with BALLS.precision(DIGITS):
        for alpha, beta in GAPS:
            got = first_exponent(alpha, beta)
            expected = min(Fraction(2), 2 * alpha + 1 - beta + shift)
            found.append(
                Comparison(
                    f"alpha={alpha}, beta={beta}",
                    float(got.value),
                    got.error,
                    MANY,
                    float(expected),
                    1e-4,
                )
            )
    return found


exponents.shifted(-1, "2 alpha + 2 - beta")
