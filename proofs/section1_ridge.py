"""Claims of section 1: the fixed point with a ridge, and what it loses.

"For all p" is shown as in ``section1.py``: one-mode lemmas, summed or by induction.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from _notation import Pairs, equal_modes_total, one_mode

from kdverify import formulas as f
from kdverify.evidence import Claim, Control, Enclosure, Forall, Identity, Limit, Step

# --------------------------------------------------------------------------
# 1.ridge
# --------------------------------------------------------------------------


def tail_of_small_modes(share: Any) -> Any:
    """The sum of ``share(zeta, 1 - zeta)`` over M extra modes of size delta/M."""
    import sympy

    count, delta, tau = sympy.symbols("M delta tau", positive=True)
    zeta, learnt = f.split_mode(delta / count, tau)
    return equal_modes_total(count)(share(zeta, learnt))


def ridge_over_tau() -> Any:
    """delta/tau in SymPy symbols."""
    import sympy

    return sympy.Symbol("delta", positive=True) / one_mode()[1]


def residual_of(*learnt: Any) -> Any:
    """Left minus right side of (1) with a ridge, in SymPy symbols."""
    import sympy

    return f.fixed_point_residual(learnt, sympy.Symbol("n", positive=True), ridge_over_tau())


def residual_of_one_mode() -> Any:
    """(1) with a ridge for one mode; further modes add terms of the same kind."""
    return residual_of(f.one_minus_zeta(*one_mode()))


def falls_with_ridge(smt: Any, ridge_sign: int = 1) -> Any:
    """(1) falls strictly as tau grows: one mode and the ridge."""
    lam, low, high, delta, n = (smt.Real(s) for s in ("lambda", "low", "high", "delta", "n"))

    def residual(tau: Any) -> Any:
        return f.fixed_point_residual([f.one_minus_zeta(lam, tau)], n, delta / tau)

    assumptions = [lam > 0, low > 0, low < high, ridge_sign * delta > 0]
    return assumptions, residual(high) < residual(low)


def size_from_equation(sign: int = 1) -> tuple[Any, Any]:
    """n - delta/tau at the n that solves (1), and the sum of the 1 - zeta."""
    import sympy

    learnt = sympy.Symbol("S", positive=True)
    (size,) = sympy.solve(residual_of(learnt), sympy.Symbol("n", positive=True))
    return size - sign * ridge_over_tau(), learnt


def degrees_at_roots(digits: int) -> Pairs:
    """The sum of the certified 1 - zeta, and n - delta/tau, for n below, at and above p."""
    from _fixed_point import ridge_cases

    from kdverify.arithmetic import BALLS

    for case in ridge_cases():
        at = case.solved(digits)
        yield f.degrees_of_freedom(at.one_minus_zeta, BALLS.total), at.n - at.ridge / at.tau


RIDGE = Claim(
    id="1.ridge",
    title="With a ridge (1) has one root for every n > 0",
    statement=r"\delta > 0:\ \text{for every real } n > 0 \text{ there is exactly one }\tau > 0"
    r"\text{ with } \sum_i \frac{\lambda_i}{\lambda_i + \tau} + \frac{\delta}{\tau} = n;\ "
    r" \sum_i (1-\zeta_i) = n - \frac{\delta}{\tau}",
    source="classic",
    needs=("1.unique",),
    parts=("ridge as modes", "values", "order", "degrees of freedom"),
    steps=[
        Step(
            "Ridge regression is the limit of min-norm interpolation with M extra features of"
            " variance delta/M each, since their Gram matrix tends to delta I. In (1) they add"
            " M (delta/M) / (delta/M + tau) -> delta/tau.",
            lambda: tail_of_small_modes(lambda zeta, learnt: learnt),
        ),
        Step(
            "They add nothing to n Omega, and delta/tau to n (1 - Omega).",
            lambda: tail_of_small_modes(lambda zeta, learnt: f.learnt_square(learnt)),
        ),
        Step(
            "The left side of (1) falls strictly and continuously, from oo at tau = 0 (where tau"
            " times it tends to delta) to 0 at tau = oo: one root for every n > 0.",
            residual_of_one_mode,
        ),
    ],
    evidence=[
        Limit(
            "ridge as modes",
            expression=lambda: tail_of_small_modes(lambda zeta, learnt: learnt),
            symbol="M",
            point="oo",
            value=ridge_over_tau,
            note="what M small modes learn",
        ),
        Limit(
            "ridge as modes",
            expression=lambda: tail_of_small_modes(f.spread),
            symbol="M",
            point="oo",
            value=ridge_over_tau,
            note="their part of n (1 - Omega)",
        ),
        Limit(
            "ridge as modes",
            expression=lambda: tail_of_small_modes(lambda _, learnt: f.learnt_square(learnt)),
            symbol="M",
            point="oo",
            value=0,
            note="their part of n Omega",
        ),
        Limit(
            "values",
            expression=lambda: one_mode()[1] * residual_of_one_mode(),
            symbol="tau",
            point=0,
            value=lambda: one_mode()[1] * ridge_over_tau(),
            note="tau times the left side",
        ),
        Limit(
            "values",
            expression=residual_of_one_mode,
            symbol="tau",
            point="oo",
            value=lambda: residual_of() - ridge_over_tau(),
        ),
        Forall("order", build=falls_with_ridge, note="one mode and the ridge"),
        Identity(
            "degrees of freedom",
            left=lambda: size_from_equation()[0],
            right=lambda: size_from_equation()[1],
        ),
        Enclosure("five spectra", equal=degrees_at_roots),
    ],
    controls=[
        Control(Forall("order", build=lambda smt: falls_with_ridge(smt, -1)), "a negative ridge"),
        Control(
            Identity(
                "degrees of freedom",
                left=lambda: size_from_equation(-1)[0],
                right=lambda: size_from_equation(-1)[1],
            ),
            wrong="n + delta/tau",
        ),
        Control(
            Limit(
                "ridge as modes",
                expression=lambda: tail_of_small_modes(lambda zeta, learnt: learnt),
                symbol="M",
                point="oo",
                value=lambda: ridge_over_tau() / 2,
            ),
            wrong="half of the ridge",
        ),
    ],
)

# --------------------------------------------------------------------------
# 1.ridge-loses
# --------------------------------------------------------------------------


def example() -> Any:
    """Sigma = I, p = 120, n = 60, delta = 30."""
    from _fixed_point import Case, isotropic

    return Case(isotropic(120), Fraction(60), Fraction(30))


def example_root() -> Any:
    """The residual of (1) at (3 + sqrt 17)/4 for the example."""
    import sympy

    tau = (3 + sympy.sqrt(17)) / 4
    learnt = f.one_minus_zeta(sympy.Integer(1), tau)
    return f.fixed_point_residual(learnt, 60, 30 / tau, equal_modes_total(120))


def example_gain(digits: int) -> Any:
    """The gain that all modes of the example share."""
    at = example().solved(digits)
    return f.gain(at.zeta[0], at.one_minus_zeta[0], at.omega, at.one_minus_omega)


def example_order(digits: int, ridgeless: bool = False) -> Pairs:
    """Omega below n/p and below every 1 - zeta; every gain above 1."""
    at = example().solved(digits)
    below_ratio = at.omega, Fraction(60, 120)
    yield below_ratio[::-1] if ridgeless else below_ratio
    for share in at.one_minus_zeta:
        yield at.omega, share
    yield 1, example_gain(digits)


def upper_side_step(smt: Any, side: str = "upper") -> Any:
    """With a ridge Omega stays below the largest 1 - zeta: one more mode, and the ridge."""
    learnt, squares, x, ridge, bound = (
        smt.Real(s) for s in ("learnt", "squares", "x", "ridge_over_tau", "bound")
    )
    assumptions = [learnt > 0, squares > 0, x > 0, bound > 0, ridge > 0]
    omega = f.omega(squares + f.learnt_square(x), learnt + x + ridge)
    if side == "upper":
        return [*assumptions, squares <= bound * learnt, x <= bound], omega < bound
    return [*assumptions, squares >= bound * learnt, x >= bound], omega >= bound


def amplified(smt: Any) -> Any:
    """A mode with 1 - zeta above Omega has a gain above 1."""
    zeta, omega = smt.Real("zeta"), smt.Real("Omega")
    assumptions = [zeta > 0, zeta < 1, omega > 0, omega < 1 - zeta]
    return assumptions, f.gain(zeta, 1 - zeta, omega, 1 - omega) > 1


RIDGE_LOSES = Claim(
    id="1.ridge-loses",
    title="With a ridge Omega may fall below n/p and below every 1 - zeta, never above all",
    statement=r"\delta > 0:\ \Omega < \max_i (1 - \zeta_i), \text{ so that some mode is amplified;"
    r" } \Omega \ge n/p \text{ and } \Omega \ge \min_i (1-\zeta_i) \text{ may both fail:}\ "
    r"\Sigma = I,\ p = 120,\ n = 60,\ \delta = 30 \text{ has } \Omega = 0.2586,"
    r" \text{ and every gain is } 1.32",
    source="new",
    needs=("1.ridge", "1.omega-mean"),
    parts=("upper side", "some mode amplified", "example"),
    steps=[
        Step(
            "n Omega = sum (1 - zeta)^2 <= max(1 - zeta) sum (1 - zeta), and the last sum is"
            " n - delta/tau < n."
        ),
        Step("For the mode with the largest 1 - zeta: zeta < 1 - Omega, its gain exceeds 1."),
        Step(
            "In the example (1) reads 120/(1 + tau) + 30/tau = 60, so tau = (3 + sqrt 17)/4;"
            " all modes are alike, and Omega < 1 - zeta for all of them.",
        ),
    ],
    evidence=[
        Forall("upper side", build=upper_side_step, note="induction over the modes"),
        Forall("some mode amplified", build=amplified),
        Identity("the root of the example", left=example_root, right=lambda: 0),
        Enclosure("example", below=example_order),
        Enclosure("example", ball=lambda digits: example().solved(digits).omega, value="0.2586"),
        Enclosure("example", ball=example_gain, value="1.32"),
    ],
    controls=[
        Control(
            Forall("upper side", build=lambda smt: upper_side_step(smt, "lower")),
            wrong="Omega is not below the smallest 1 - zeta",
        ),
        Control(
            Enclosure("example", below=lambda d: example_order(d, True)),
            wrong="Omega >= n/p, as without ridge",
        ),
    ],
)

CLAIMS = [RIDGE, RIDGE_LOSES]

if __name__ == "__main__":
    from kdverify.verify import run_as_script

    raise SystemExit(run_as_script(CLAIMS))
