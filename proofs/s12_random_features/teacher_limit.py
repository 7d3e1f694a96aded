"""Claims 12.teacher-limit and 12.always-improves: what a student can gain on its teacher."""

from fractions import Fraction
from typing import Any

import sympy

from kdverify import formulas as f
from kdverify.arithmetic import BALLS
from kdverify.evidence import Claim, Step
from kdverify.gaussian.solve.power_sum import UNLEARNT, UNLEARNT_SQUARE, PowerSum
from kdverify.problem import Problem

from ..lib.modes import Pairs
from ..lib.weak_to_strong import ENDLESS, Teacher

LIMIT = Claim(
    id="12.teacher-limit",
    title="At best the square: a shrinking student's risk is at least its teacher's, squared",
    statement=r"m = \infty,\ 0 \le \zeta_s \le 1:\quad R(\text{student}) \ge"
    r" \sum_i\lambda_i\beta_i^{*2}\zeta_{t,i}^2 \ge"
    r" \frac{R(\text{teacher})^2}{\sum_i\lambda_i\beta_i^{*2}}",
    source="neighbouring",
    needs=("12.two-stages", "12.limits"),
    parts=("bias", "square"),
    steps=[
        Step(
            "A teacher that only its features limit has the risk sum lambda beta*^2 zeta_t"
            " (12.limits, n to infinity), and the mean (1-zeta_t) beta*."
        ),
        Step(
            "A student of endless data, whatever its ridge or when it stops, multiplies modes by"
            " 1-zeta_s in [0, 1]: what is missing of a mode is 1-(1-zeta_s)(1-zeta_t) >= zeta_t."
        ),
        Step("Cauchy and Schwarz, with the weights lambda beta*^2: the square of the mean."),
        Step(
            "Medvedev et al. 2025 have a bound of this order for two-layer networks; here it"
            " holds for every spectrum, with the constant 1/E f*^2."
        ),
    ],
)

ALWAYS = Claim(
    id="12.always-improves",
    title="False reading: a teacher limited by its features has a student with a better exponent",
    statement=r"\min_{\nu_s}R(\text{student})/R(\text{teacher}) \to 0\ \text{as}\ q_t\to\infty,\ "
    r"\text{for all } \alpha, \beta",
    source="neighbouring",
    needs=("12.teacher-limit",),
    expect="refuted",
    steps=[
        Step(
            "beta - 1 <= alpha: sum i^-beta zeta_t^2 falls like sum i^-beta zeta_t, as"
            " q_t^(1-beta): by claim 12.teacher-limit no student has a better exponent."
        )
    ],
)


@LIMIT.forall(
    "bias", witness={"z_s": "1/2", "z_t": "1/3"}, but={"a student that amplifies": {"least": -1}}
)
def missing(smt: Any, least: int = 0) -> Any:
    """The student's bias on the teacher's mean, squared, is at least z_t^2."""
    student, teacher = smt.Real("z_s"), smt.Real("z_t")
    inside = [student >= least, student <= 1, teacher >= 0, teacher <= 1]
    left = f.mode_bias(f.coordinate_mean(1, 1 - teacher), 1, student, 1 - student)
    return inside, left * left >= teacher * teacher


@LIMIT.forall(
    "square",
    witness={"A": 1, "B": 1, "C": 1, "z": "1/2"},
    note="lemma: one more mode keeps it",
    but={"three times the crossed term": {"crossed": 3}},
)
def one_more_mode(smt: Any, crossed: int = 2) -> Any:
    """A B >= C^2 > 0: B times what a mode of energy s adds to A B - C^2, per s, is not negative.

    A, B, C grow by z^2 s, s, z s; at the start A B = C^2.
    """
    a, b, c, z = (smt.Real(name) for name in ("A", "B", "C", "z"))
    inside = [b > 0, a * b >= c * c]
    return inside, b * (a - crossed * c * z + b * z * z) >= 0


@LIMIT.identity("square", note="lemma: a completed square")
def completed() -> tuple[Any, Any]:
    """What a mode adds to A B - C^2."""
    a, b, c, z, s = sympy.symbols("A B C z s")
    left = (a + z * z * s) * (b + s) - (c + z * s) ** 2 - (a * b - c * c)
    return left, s * (a - 2 * c * z + b * z * z)


@LIMIT.below("six students", but={"a hundred times the square": {"factor": 100}})
def students_above(digits: int, factor: int = 1) -> Pairs:
    """Certified risks of students of three ridges, two teachers, above the square.

    The second has nearly all signal in one mode.
    """
    for problem in (Problem.power_law(60, "1.5", "3"), Problem.power_law(60, "1.5", "40")):
        teacher = Teacher(problem, ENDLESS, 10, Fraction(0), digits)
        energy = BALLS.total(BALLS.number(x) for x in problem.signal.tolist())
        for kept in (2, 5, 10**6):
            yield factor * teacher.risk**2 / energy, teacher.student(kept)


def shares(digits: int, beta: Fraction = Fraction(2)) -> list[Any]:
    """sum i^-beta zeta^2/sum i^-beta zeta at p = infinity, alpha = 2, nu = 10^-2, 10^-4, 10^-6."""
    sums = PowerSum(Fraction(2), beta, digits)
    points = [BALLS.number(Fraction(1, 100**k)) for k in (1, 2, 3)]
    return [sums.total(UNLEARNT_SQUARE, nu) / sums.total(UNLEARNT, nu) for nu in points]


@ALWAYS.below("whole")
def share_falls(digits: int) -> Pairs:
    """The reading: the share that no student can lose falls to 0, by half a hundredfold in nu."""
    found = shares(digits)
    return zip(found[1:], [value / 2 for value in found[:-1]], strict=True)


@ALWAYS.forall("whole", witness={"alpha": 2, "beta": 2})
def exponents_differ(smt: Any) -> Any:
    """The reading: min(beta-1, 2 alpha) > min(beta-1, alpha)."""
    alpha, beta = smt.Real("alpha"), smt.Real("beta")
    decay = beta - 1
    square = f.feature_ridge_exponent(1, smt.If(decay <= 2 * alpha, decay, 2 * alpha))
    own = f.feature_bias_exponent(1, smt.If(decay <= alpha, decay, alpha), 1)
    return [alpha > 1, beta > 1], square > own


@ALWAYS.below("a third stays", but={"with beta = 5": {"beta": Fraction(5)}})
def share_stays(digits: int, beta: Fraction = Fraction(2)) -> Pairs:
    """beta = 2: the share stays above a third; its limit is 1/2 (z^2/(1+z^2)^2 over z^0)."""
    for value in shares(digits, beta):
        yield Fraction(1, 3), value
