"""Claim of section 5: the ratio of the constants is below one, and its limits."""

from fractions import Fraction
from typing import Any

import sympy

from kdverify import formulas as f
from kdverify.evidence import Claim, Step

from ..lib import power_laws as laws

BELOW_ONE = Claim(
    "5.below-one",
    title="The ratio is below one, however close",
    statement=r"\rho(\alpha,\beta)<1\ \ \forall\alpha>1,\,0<\kappa<1;\quad"
    r"\max_\alpha\rho=\kappa^\kappa(1-\kappa)^{1-\kappa}\frac{\cos\pi\kappa}{1-2\kappa}"
    r"\to 1\ (\kappa\to 0, 1)",
    needs=("5.ratio",),
    parts=("worst alpha", "worst value", "below one", "least at one half", "tends to one"),
    steps=[
        Step("The logarithmic slope in alpha at fixed kappa.", lambda: logarithmic_slope()[1]),
        Step("It is positive before alpha = 1/(1 - kappa) and negative after: the worst alpha."),
        Step("The worst value is symmetric about kappa = 1/2, so kappa <= 1/2 is enough."),
        Step(
            "For kappa <= 1/10: log(1-kappa) <= -kappa, cos <= 1 and -log(1-2 kappa) <= "
            "2 kappa/(1-2 kappa) give log(worst) <= kappa [log kappa - (1-kappa) + 2/(1-2 kappa)], "
            "and the bracket grows with kappa, hence is negative if it is at 1/10."
        ),
        Step("On [1/10, 1/2] ball arithmetic over boxes."),
        Step(
            "Least at 1/2: in x = 1/2 - kappa the entropy part has second derivative "
            "1/(1/4 - x^2), at least 4 and growing; that of -log sinc is "
            "pi^2/sin^2(pi x) - 1/x^2 = sum_{k != 0} 1/(x - k)^2, growing on [0, 1/2]. The first "
            "is larger on [0, 3/10] and on [3/10, 1/2], by the values at the ends: log(worst) is "
            "strictly convex in x, and even."
        ),
    ],
)


#: Below this kappa by hand, above by balls.
SPLIT = Fraction(1, 10)
BOXES = 40


@BELOW_ONE.identity("worst alpha")
def logarithmic_slope() -> tuple[Any, Any]:
    """d log rho / d alpha at fixed kappa, and ``(1 - alpha (1 - kappa))/(alpha (alpha - 1))``."""
    above, alpha, kappa = laws.exponents()
    ratio = f.scaling_ratio(alpha, laws.beta_of(alpha, kappa), laws.symbolic())
    slope = sympy.simplify(sympy.diff(ratio, above) / ratio)
    return slope, (1 - alpha * (1 - kappa)) / (alpha * above)


@BELOW_ONE.forall(
    "worst alpha",
    witness={"alpha": "3/2", "kappa": "1/2"},
    note="lemma: its sign",
    but={"another alpha": {"shift": 1}},
)
def worst_sign(smt: Any, shift: int = 0) -> Any:
    """The slope's numerator is positive before ``alpha = 1/(1 - kappa)``, negative after."""
    alpha, kappa = smt.Real("alpha"), smt.Real("kappa")
    worst = 1 / (1 - kappa) + shift
    slope = 1 - alpha * (1 - kappa)
    return (
        [alpha > 1, kappa > 0, kappa < 1],
        smt.And((slope > 0) == (alpha < worst), (slope < 0) == (alpha > worst)),
    )


def worst(kappa: Any, ops: Any) -> Any:
    """(6) at ``alpha = 1/(1 - kappa)``."""
    alpha = 1 / (1 - kappa)
    return f.scaling_ratio(alpha, laws.beta_of(alpha, kappa), ops)


@BELOW_ONE.identity(
    "worst value", points=lambda: worst_points(), but={"another power": {"shift": 1}}
)
def worst_forms(shift: int = 0) -> tuple[Any, Any]:
    """The worst ratio, and kappa^kappa (1-kappa)^(1-kappa) cos(pi kappa)/(1 - 2 kappa)."""
    odds = sympy.Symbol("t", positive=True)  # kappa/(1 - kappa)
    rest = 1 / (1 + odds)
    kappa = odds * rest
    text = kappa**kappa * rest ** (rest + shift) * sympy.cos(sympy.pi * kappa) / (1 - 2 * kappa)
    form = worst(kappa, laws.symbolic())
    quotient = sympy.simplify(sympy.powsimp(sympy.expand_power_base(form / text)))
    for function in (sympy.sin, sympy.cos):
        quotient = quotient.replace(
            function,
            lambda x, g=function: g(sympy.expand(sympy.pi * sympy.apart(x / sympy.pi, odds))),
        )
    return quotient, sympy.Integer(1)


@BELOW_ONE.limit(
    "tends to one",
    note="lemma",
    symbol="kappa",
    point=0,
    value=lambda: 1,
    but={"two": {"value": lambda: 2}},
)
def worst_text() -> Any:
    """The worst ratio as a function of kappa, as the theory writes it."""
    kappa = sympy.Symbol("kappa", positive=True)
    entropy = kappa**kappa * (1 - kappa) ** (1 - kappa)
    return entropy * sympy.cos(sympy.pi * kappa) / (1 - 2 * kappa)


def worst_points() -> list[dict[Any, Any]]:
    """Points of the domain."""
    odds = sympy.Symbol("t", positive=True)
    return [{odds: sympy.Rational(k, 7)} for k in (1, 2, 9)]


@BELOW_ONE.equal("symmetry at four kappa")
def symmetric(digits: int) -> list[tuple[Any, Any]]:
    """The worst ratio at kappa and at 1 - kappa."""
    ops = laws.ops()
    points = [laws.number(Fraction(k, 17)) for k in (1, 3, 5, 8)]
    return [(worst(k, ops), worst(1 - k, ops)) for k in points]


@BELOW_ONE.below("below one", but={"below 0.8": {"bound": Fraction(4, 5)}})
def boxes(digits: int, bound: Fraction = Fraction(1)) -> list[tuple[Any, Any]]:
    """The worst ratio over boxes that cover [SPLIT, 1/2]; and what is needed below SPLIT."""
    ops, pairs = laws.ops(), []
    step = (Fraction(1, 2) - SPLIT) / BOXES
    for k in range(BOXES):
        ends = [laws.number(SPLIT + (k + j) * step) for j in (0, 1)]
        pairs.append((worst(ends[0].union(ends[1]), ops), laws.number(bound)))
    by_hand = (1 - SPLIT) - 2 / (1 - 2 * SPLIT)
    pairs.append((ops.log(laws.number(SPLIT)), laws.number(by_hand)))
    return pairs


@BELOW_ONE.below("least at one half")
def convexity(digits: int) -> list[tuple[Any, Any]]:
    """Second derivatives in x = 1/2 - kappa: that of log sinc against that of the rest."""
    ops, x = laws.ops(), laws.number(Fraction(3, 10))

    def bend(at: Any) -> Any:
        sine = (ops.pi * at).sin()
        return ops.pi**2 / sine**2 - 1 / at**2

    return [
        (bend(x), 4),
        (bend(laws.number(Fraction(1, 2))), 1 / (Fraction(1, 4) - Fraction(9, 100))),
    ]


@BELOW_ONE.equal("pi/4 at one half", but={"pi/3": {"value": Fraction(1, 3)}})
def least(digits: int, value: Fraction = Fraction(1, 4)) -> list[tuple[Any, Any]]:
    """The worst ratio at kappa = 1/2, and pi times ``value``."""
    return [(worst(laws.number(Fraction(1, 2)), laws.ops()), laws.ops().pi * laws.number(value))]
