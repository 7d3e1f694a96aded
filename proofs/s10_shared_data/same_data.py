"""Claim 10.same-data: self-distillation on the same data is a step along the ridge."""

from fractions import Fraction
from typing import Any

import flint
import sympy

from kdverify import formulas as f
from kdverify.evidence import Claim, Step

from ..lib.balls import matrix as balls
from ..lib.modes import Pairs

SAME_DATA = Claim(
    "10.same-data",
    title="Self-distillation on the same data: a step along the derivative by the ridge",
    statement=r"\text{for every }X, y, \delta>0:\ \tilde\beta_\xi = \hat\beta_\delta +"
    r" \xi\delta\,\partial_\delta\hat\beta_\delta,\quad R(\xi) = R + \xi\delta R'(\delta) +"
    r" \xi^2\delta^2\lVert\partial_\delta\hat\beta\rVert_\Sigma^2,\quad \xi^* ="
    r" -\frac{R'}{2\delta\lVert\partial_\delta\hat\beta\rVert_\Sigma^2},\quad"
    r" R - R(\xi^*) = \frac{R'^2}{4\lVert\partial_\delta\hat\beta\rVert_\Sigma^2}",
    source="neighbouring",
    parts=("student", "risk", "best mixing", "gain"),
    steps=[
        Step(
            "X'X and X'y turn in the same eigenvectors, so that every student is a function of one"
            " eigenvalue g of X'X times a coordinate of X'y: an identity in g holds for all X, y."
        ),
        Step("The ridge solution, and its derivative by the ridge.", lambda: derivative()),
        Step("The student of (1 - xi) y + xi X b.", lambda: student()[0]),
        Step("A quadratic risk of b + u w is R + 2 u (b - beta*)'Sigma w + u^2 w'Sigma w."),
        Step("The slope at u = 0 is dR/d ridge: b'(ridge) = w.", lambda: risk()[1]),
    ],
)

g, delta, y, xi = sympy.symbols("g delta c xi", real=True)


def ridge(at: Any = delta) -> Any:
    """One coordinate of the ridge solution."""
    return f.ridge_filter(g, at) / g * y


def derivative() -> Any:
    """Its derivative by the ridge."""
    return sympy.diff(ridge(), delta)


@SAME_DATA.identity("student", note="the ridge solution solves (g + delta) b = c")
def normal_equation() -> tuple[Any, Any]:
    """One eigenvalue's normal equation."""
    return (g + delta) * ridge(), y


@SAME_DATA.identity("student", but={"a step of xi ridge/2": {"length": sympy.Rational(1, 2)}})
def student(length: Any = 1) -> tuple[Any, Any]:
    """Ridge on the mixed labels, and the step: one eigenvalue, one coordinate of X'y."""
    labels = (1 - xi) * y + xi * g * ridge()
    trained = f.ridge_filter(g, delta) / g * labels
    return trained, f.mixed_student(ridge(), derivative(), delta, length * xi)


def risk() -> tuple[Any, Any]:
    """The quadratic's slope at xi = 0, and delta R' for any quadratic risk of two coordinates."""
    entries = sympy.symbols("s_11 s_12 s_22", real=True)
    sigma = sympy.Matrix([[entries[0], entries[1]], [entries[1], entries[2]]])
    truth = sympy.Matrix(sympy.symbols("t_1 t_2", real=True))
    b = sympy.Matrix([sympy.Function(name)(delta) for name in ("b_1", "b_2")])
    step = b.diff(delta)
    along = ((b - truth).T * sigma * step)[0]
    law = f.mixed_labels_risk(0, along, 0, delta, xi)
    whole = ((b - truth).T * sigma * (b - truth))[0]
    return sympy.diff(law, xi).subs(xi, 0), delta * sympy.diff(whole, delta)


SAME_DATA.identity("risk", risk, note="the slope is delta R', any Sigma and beta*")


@SAME_DATA.identity("risk", note="the polynomial in xi", but={"the slope once": {"twice": 1}})
def polynomial(twice: int = 2) -> tuple[Any, Any]:
    """The risk of the student for any Sigma, two coordinates, and the polynomial."""
    entries = sympy.symbols("s_11 s_12 s_22", real=True)
    sigma = sympy.Matrix([[entries[0], entries[1]], [entries[1], entries[2]]])
    error = sympy.Matrix(sympy.symbols("e_1 e_2", real=True))
    step = sympy.Matrix(sympy.symbols("w_1 w_2", real=True))
    off = error + xi * delta * step
    forms = [(a.T * sigma * c)[0] for a, c in ((error, error), (error, step), (step, step))]
    forms[1] *= sympy.Rational(twice, 2)
    return (off.T * sigma * off)[0], f.mixed_labels_risk(forms[0], forms[1], forms[2], delta, xi)


@SAME_DATA.identity("best mixing", but={"the sign": {"sign": -1}})
def least(sign: int = 1) -> tuple[Any, Any]:
    """The zero of the polynomial's derivative."""
    start, slope, curvature = sympy.symbols("R L K", real=True)
    law = f.mixed_labels_risk(start, slope, curvature, delta, xi)
    (zero,) = sympy.solve(sympy.diff(law, xi), xi)
    return zero, sign * f.best_mixing(slope, curvature, delta)


@SAME_DATA.identity("gain")
def taken_off() -> tuple[Any, Any]:
    """What the best mixing takes off."""
    start, slope, curvature = sympy.symbols("R L K", real=True)
    best = f.best_mixing(slope, curvature, delta)
    law = f.mixed_labels_risk(start, slope, curvature, delta, best)
    return start - law, f.mixing_gain(slope, curvature)


@SAME_DATA.forall(
    "gain",
    witness={"L": 1, "K": 1},
    note="positive iff the slope is not 0",
    but={"wherever the slope is positive": {"both_signs": False}},
)
def gains_iff_sloped(smt: Any, both_signs: bool = True) -> Any:
    """The gain is above 0 iff the risk still changes with the ridge."""
    slope, curvature = smt.Real("L"), smt.Real("K")
    sloped = smt.Or(slope > 0, slope < 0) if both_signs else slope > 0
    return [curvature > 0], (f.mixing_gain(slope, curvature) > 0) == sloped


def one_data_set(digits: int, mixing: Fraction) -> tuple[Any, Any, Any, Any]:
    """X (4, 3), y, the ridge solution, and the student trained on the mixed labels: balls."""
    del digits
    x = balls([[1, 2, -1], [0, 1, 3], [2, -1, 1], [1, 1, 1]])
    labels = balls([[1], [-2], [3], [1]])
    gram = x.transpose() * x + balls([[2 * (i == j) for j in range(3)] for i in range(3)])
    teacher = gram.solve(x.transpose() * labels)
    share = flint.arb(flint.fmpq(mixing.numerator, mixing.denominator))
    mixed = labels * (1 - share) + x * teacher * share
    return gram, x, teacher, gram.solve(x.transpose() * mixed)


@SAME_DATA.equal(
    "four rows of three",
    note="trained twice, xi = 3/2 and -2",
    but={"a step of half the length": {"length": Fraction(1, 2)}},
)
def trained_twice(digits: int, length: Fraction = Fraction(1)) -> Pairs:
    """The student that is trained, and the step along -(X'X + delta)^-1 b."""
    for mixing in (Fraction(3, 2), Fraction(-2)):
        gram, _, teacher, trained = one_data_set(digits, mixing)
        step = gram.solve(teacher)
        factor = flint.arb(2) * flint.arb(str(float(mixing * length)))
        for i in range(3):
            yield trained[i, 0], teacher[i, 0] - factor * step[i, 0]
