"""Claims 12.exponents and 12.plateau: power laws, n samples and q = n^width features."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import sympy

from kdverify import formulas as f
from kdverify.arithmetic import BALLS
from kdverify.evidence import Claim, Step
from kdverify.random_features.infinite import exponents, infinite

from ..lib.features import student
from ..lib.modes import Pairs
from ..lib.weak_to_strong import local_exponents

EXPONENTS = Claim(
    id="12.exponents",
    title="How the risk on strong labels falls with n where q and the ridge are powers of n",
    statement=r"q = n^\gamma,\ \delta = n^{1-\ell}:\ k = n^{\min(1,\gamma,\ell/\alpha)}\ "
    r"\text{modes are learnt};\quad R \sim k^{-\min(\beta-1,2\alpha)} + \frac kq"
    r"k^{-\min(\beta-1,\alpha)} + \sigma^2\frac kn\quad(\text{logarithms at equality})",
    source="neighbouring",
    needs=("12.positive-forms", "12.limits", "5.exponents"),
    parts=("literature", "exact values", "noise"),
    steps=[
        Step(
            "nu = k^-alpha up to a constant, with df ~ k: (n - df)(q - df) = q delta/nu stops k at"
            " n, at q, or where nu ~ delta/n."
        ),
        Step(
            "sum i^-beta zeta^2 ~ k^-min(beta-1, 2 alpha) and sum i^-beta zeta(1-zeta) ~"
            " k^-min(beta-1, alpha), as in section 5; eta ~ k/q and Upsilon ~ k/n."
        ),
        Step(
            "With r = (beta-1)/(2 alpha) these are the exponents of Defilippis, Loureiro,"
            " Misiakiewicz 2024."
        ),
    ],
)

PLATEAU = Claim(
    id="12.plateau",
    title="Without ridge noise does not die out: a plateau that q in multiples of n sets",
    statement=r"\lambda_i = i^{-\alpha},\ \delta=0,\ n\to\infty,\ q = cn:\quad"
    r" \frac{\Upsilon}{1-\Upsilon} \to \alpha-1+\frac1{c-1}\ (c>1),\quad"
    r" \frac{c}{1-c}\ (c<1)",
    needs=("12.limits", "5.plateau"),
    parts=("c > 1", "c < 1"),
    steps=[
        Step("S/n tends to 1/alpha and T_2/n to (alpha-1)/alpha (claim 5.omega), q - n = (c-1)n."),
        Step("Upsilon/(1-Upsilon) of these.", lambda: many()[0]),
        Step("c to infinity gives the plateau alpha - 1 of section 5."),
    ],
)


@EXPONENTS.identity("literature", but={"r and 1 in the second": {"half": "1"}})
def as_published(half: str = "1/2") -> tuple[list[Any], list[Any]]:
    """2 alpha k min(r, 1) and (2 alpha min(r, 1/2) - 1) k + gamma, with r below, between, above.

    k is min(l/alpha, gamma, 1), beta - 1 = 2 alpha r.
    """
    alpha, learnt, width = sympy.symbols("alpha k gamma", positive=True)
    ours, theirs = [], []
    for source in (sympy.Rational(1, 3), sympy.Rational(2, 3), sympy.Rational(3, 2)):
        decay = 2 * alpha * source
        ours += [
            f.feature_ridge_exponent(learnt, least(decay, 2 * alpha, alpha)),
            f.feature_bias_exponent(learnt, least(decay, alpha, alpha), width),
        ]
        theirs += [
            2 * alpha * learnt * min(source, 1),
            (2 * alpha * min(source, sympy.Rational(half)) - 1) * learnt + width,
        ]
    return ours, theirs


def least(x: Any, y: Any, alpha: Any) -> Any:
    """The smaller of two multiples of alpha > 0."""
    return min(x / alpha, y / alpha) * alpha


#: alpha, beta, width, decay: bias by ridge and by features, few features, a ridge.
REGIMES = (
    ("2", "2", "1", None),
    ("1.5", "3", "1.5", None),
    ("2", "6", "1.25", None),
    ("1.5", "3", "0.5", None),
    ("2", "2.5", "1", "1.5"),
)


@EXPONENTS.below(
    "exact values",
    note="p = infinity, n = 2^16 and 2^24",
    but={"the exponents of q = infinity": {"width": 9}},
)
def near_exponents(digits: int, width: Any = None) -> Pairs:
    """Local exponents of the exact risk between n = 2^16 and 2^24 within 0.04 of the limit.

    q = 4 n^width, ridge n^(1 - decay), no noise.
    """
    for alpha, beta, gamma, decay in REGIMES:
        found = exponents(alpha, beta, gamma if width is None else width, decay).bias
        value = local(alpha, beta, gamma, decay, lambda law: law.standard)
        yield abs(value - BALLS.number(found)), Fraction(1, 25)


@EXPONENTS.below("noise", note="p = infinity, n = 2^16 and 2^24", but={"q for n": {"share": 1}})
def near_noise_exponents(digits: int, share: int = 0) -> Pairs:
    """The same of the noise part, Upsilon/(1 - Upsilon); 0 is a plateau."""
    for alpha, beta, gamma, decay in REGIMES:
        expected = exponents(alpha, beta, gamma, decay)
        wanted = expected.variance + share * (Fraction(gamma) - 1)
        value = local(alpha, beta, gamma, decay, noise_part)
        yield abs(value - BALLS.number(wanted)), Fraction(1, 25)


def noise_part(law: Any) -> Any:
    """What noise of variance 1 costs."""
    at = law.equivalents
    return f.variance_factor(at.upsilon, at.one_minus_upsilon)


def local(alpha: str, beta: str, gamma: str, decay: Any, part: Callable[[Any], Any]) -> Any:
    """The local exponent of a part of the risk between n = 2^16 and 2^24."""
    sizes, values = (2**16, 2**24), []
    for n in sizes:
        q = 4 * rounded(n, Fraction(gamma))
        ridge = 0 if decay is None else Fraction(n) / rounded(n, Fraction(decay))
        values.append(part(infinite(alpha, beta, n, q, 0, ridge, digits=12)))
    (value,) = local_exponents(sizes, values)
    return value


def rounded(n: int, power: Fraction) -> int:
    """n^power of a power of two, exactly: all products of exponents are whole here."""
    exponent = n.bit_length() - 1
    whole = Fraction(exponent) * power
    assert whole.denominator == 1
    return int(2**whole.numerator)


@PLATEAU.identity("c > 1", but={"1/c": {"shift": 1}})
def many(shift: int = 0) -> tuple[Any, Any]:
    """Upsilon/(1 - Upsilon) per sample at the limits of S, T_2 and the gaps."""
    alpha, more = sympy.symbols("alpha d", positive=True)  # c = 1 + d
    s = student(1 / alpha, (alpha - 1) / alpha, sympy.Integer(0), more, sympy.Integer(1))
    ours = f.feature_plateau(alpha, 1 + more + shift)
    return f.variance_factor(s.upsilon, s.one_minus_upsilon), ours


@PLATEAU.identity("c < 1")
def few() -> tuple[Any, Any]:
    """The same at q = df, per sample of n = 1."""
    alpha, ratio = sympy.symbols("alpha c", positive=True)
    squares = ratio * (alpha - 1) / alpha
    s = student(ratio / alpha, squares, 1 - ratio, sympy.Integer(0), sympy.Integer(1))
    return f.variance_factor(s.upsilon, s.one_minus_upsilon), f.feature_few(ratio)


@PLATEAU.limit("c > 1", symbol="c", point="oo", note="infinitely many features")
def plateau_at_infinity() -> tuple[Any, Any]:
    """The plateau of section 5."""
    alpha, ratio = sympy.symbols("alpha c", positive=True)
    return f.feature_plateau(alpha, ratio), f.scaling_plateau(alpha, 1)


@PLATEAU.below("exact values", but={"at q = n + n/2 in the place of 2n": {"ratio": "3/2"}})
def near_plateau(digits: int, ratio: str = "2") -> Pairs:
    """Upsilon/(1 - Upsilon) at p = infinity, n = 10^4, within 1e-3 of the limit at q = 2n, n/2."""
    for alpha, c in (("1.5", ratio), ("3", ratio), ("2", "1/2")):
        at = infinite(alpha, 2, 10**4, Fraction(c) * 10**4, digits=12).equivalents
        limit = Fraction(alpha) if Fraction(c) > 1 else f.feature_few(Fraction(c))
        value = f.variance_factor(at.upsilon, at.one_minus_upsilon)
        yield abs(value - BALLS.number(Fraction(limit))), Fraction(1, 1000)
