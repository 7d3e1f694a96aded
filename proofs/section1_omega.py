"""Claims of section 1: Omega, its bounds, and complements that lose no digits.

"For all p" is shown as in ``section1.py``: one-mode lemmas, summed or by induction.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from _notation import Pairs, modes, one_mode

from kdverify import formulas as f
from kdverify.evidence import Claim, Control, Enclosure, Forall, Identity, Step

# --------------------------------------------------------------------------
# 1.omega-bounds
# --------------------------------------------------------------------------


def pairwise_squares(p: int) -> tuple[Any, Any]:
    """``n (p Omega - n)`` and the sum of all squared differences of the zeta."""
    m = modes(p)
    differences = [m.zeta[i] - m.zeta[j] for i in range(p) for j in range(i)]
    return m.n * (p * m.omega - m.n), sum(d * d for d in differences)


def lagrange_step() -> tuple[Any, Any]:
    """What one more mode adds to ``p sum x^2 - (sum x)^2``: the sum of all (x_i - x)^2."""
    import sympy

    p, total, squares, x = sympy.symbols("p S_1 S_2 x", positive=True)

    def gap(p: Any, total: Any, squares: Any) -> Any:
        return total * (p * f.omega(squares, total) - total)

    added = gap(p + 1, total + x, squares + f.learnt_square(x)) - gap(p, total, squares)
    return added, squares - 2 * x * total + p * x * x


def left_bound_step(smt: Any, factor: int = 1) -> Any:
    """p Omega >= n for p modes gives (p + 1) Omega >= n for p + 1, at the larger n and Omega."""
    p, n, squares, x = (smt.Real(s) for s in ("p", "n", "squares", "x"))
    assumptions = [p > 0, n > 0, x > 0, p * f.omega(squares, n) >= factor * n]
    larger = f.omega(squares + f.learnt_square(x), n + x)
    return assumptions, (p + 1) * larger >= factor * (n + x)


def equal_modes(smt: Any) -> Any:
    """Equal zeta come from equal eigenvalues only."""
    first, second, tau = (smt.Real(s) for s in ("lambda_1", "lambda_2", "tau"))
    same = f.zeta(first, tau) == f.zeta(second, tau)
    return [first > 0, second > 0, tau > 0, same], first == second


def right_bound(smt: Any) -> Any:
    """One mode's square is below its share."""
    lam, tau = smt.Real("lambda"), smt.Real("tau")
    learnt = f.one_minus_zeta(lam, tau)
    return [lam > 0, tau > 0], smt.And(f.learnt_square(learnt) < learnt, learnt > 0)


def omega_between(digits: int, factor: int = 1) -> Pairs:
    """n/p < Omega < 1 for unequal eigenvalues."""
    from _fixed_point import ridgeless_cases

    for case in ridgeless_cases():
        at = case.solved(digits)
        yield factor * case.n / case.spectrum.p, at.omega
        yield 0, at.one_minus_omega


def isotropic_omega(digits: int) -> Pairs:
    """Omega and n/p for Sigma = I."""
    from _fixed_point import Case, isotropic

    for n in (1, 7, 19):
        yield Case(isotropic(20), Fraction(n)).solved(digits).omega, Fraction(n, 20)


OMEGA_BOUNDS = Claim(
    id="1.omega-bounds",
    title="n/p <= Omega < 1, with equality on the left iff Sigma is a multiple of I",
    statement=r"0 < n < p:\ \frac{n}{p} \le \Omega < 1,\quad"
    r" \Omega = \frac{n}{p} \iff \Sigma \propto I",
    source="classic",
    needs=("1.unique",),
    parts=("left", "equality", "right"),
    steps=[
        Step(
            "n (p Omega - n) = sum_{i<j} (zeta_i - zeta_j)^2 >= 0 (Lagrange): by induction over"
            " the modes, since one more mode x adds sum_i (x_i - x)^2 on the right.",
            lambda: lagrange_step()[1],
        ),
        Step("All zeta_i are equal iff all lambda_i are: equality iff Sigma is a multiple of I."),
        Step("(1 - zeta)^2 < 1 - zeta, summed over the modes: n Omega < n."),
    ],
    evidence=[
        Identity(
            "left",
            left=lambda: lagrange_step()[0],
            right=lambda: lagrange_step()[1],
            note="induction over the modes",
        ),
        Identity(
            "p = 2, 3, 4",
            left=lambda: [pairwise_squares(p)[0] for p in (2, 3, 4)],
            right=lambda: [pairwise_squares(p)[1] for p in (2, 3, 4)],
        ),
        Forall("left", build=left_bound_step, note="induction over the modes"),
        Forall("equality", build=equal_modes),
        Forall("right", build=right_bound, note="one mode"),
        Enclosure("seven spectra", below=omega_between, note="strict for unequal eigenvalues"),
        Enclosure("Sigma = I", equal=isotropic_omega),
    ],
    controls=[
        Control(
            Identity(
                "p = 2",
                left=lambda: pairwise_squares(2)[0],
                right=lambda: 2 * pairwise_squares(2)[1],
            ),
            wrong="every pair counted twice",
        ),
        Control(Forall("left", build=lambda smt: left_bound_step(smt, 2)), "Omega >= 2 n/p"),
        Control(Enclosure("seven spectra", below=lambda d: omega_between(d, 2)), "Omega > 2 n/p"),
    ],
)

# --------------------------------------------------------------------------
# 1.omega-mean
# --------------------------------------------------------------------------


def mean_step() -> tuple[list[Any], list[Any]]:
    """One mode's square as weight times value, and Omega at the n that (1) gives."""
    import sympy

    learnt = f.one_minus_zeta(*one_mode())
    weights, squares, n = sympy.symbols("S_1 S_2 n", positive=True)
    (root,) = sympy.solve(f.fixed_point_residual([weights], n), n)
    return [f.learnt_square(learnt), f.omega(squares, root)], [learnt * learnt, squares / weights]


def weighted_mean(p: int, weights: Any = lambda learnt: learnt) -> tuple[Any, Any]:
    """Omega, and the mean of 1 - zeta with the given weights."""
    m = modes(p)
    w = weights(m.one_minus_zeta)
    return m.omega, sum(w * m.one_minus_zeta) / sum(w)


def bound_step(smt: Any, side: str, bound_moved: Any = lambda bound: bound) -> Any:
    """A bound of every 1 - zeta bounds Omega: one more mode does not change that."""
    learnt, squares, x, bound = (smt.Real(s) for s in ("learnt", "squares", "x", "bound"))
    before, after = f.omega(squares, learnt), f.omega(squares + f.learnt_square(x), learnt + x)
    assumptions = [learnt > 0, x > 0, bound > 0]
    if side == "lower":
        return [*assumptions, before >= bound, x >= bound], after >= bound_moved(bound)
    return [*assumptions, before <= bound, x <= bound], after <= bound_moved(bound)


def omega_among_shares(digits: int, swapped: bool = False) -> Pairs:
    """The smallest 1 - zeta, Omega and the largest 1 - zeta, for unequal eigenvalues."""
    from _fixed_point import ridgeless_cases

    for case in ridgeless_cases():
        at = case.solved(digits)
        smallest = at.one_minus_zeta[-1]
        yield (at.omega, smallest) if swapped else (smallest, at.omega)
        yield at.zeta[0], at.one_minus_omega  # Omega below the largest, without cancellation


OMEGA_MEAN = Claim(
    id="1.omega-mean",
    title="Omega is the (1 - zeta)-weighted mean of 1 - zeta",
    statement=r"\Omega = \frac{\sum_i (1-\zeta_i)(1-\zeta_i)}{\sum_i (1-\zeta_i)},\quad"
    r" \min_i (1-\zeta_i) \le \Omega \le \max_i (1-\zeta_i)",
    source="new",
    needs=("1.unique",),
    parts=("mean", "bounds"),
    steps=[
        Step(
            "Without ridge n = sum (1 - zeta_i): the n in Omega = (1/n) sum (1 - zeta_i)^2 is"
            " the sum of the weights 1 - zeta_i.",
            lambda: weighted_mean(2)[1],
        ),
        Step(
            "By induction over the modes, a mean of numbers that lie between two bounds, with"
            " positive weights, lies between them."
        ),
    ],
    evidence=[
        Identity("mean", left=lambda: mean_step()[0], right=lambda: mean_step()[1]),
        Identity("p = 3", left=lambda: weighted_mean(3)[0], right=lambda: weighted_mean(3)[1]),
        Forall("bounds", build=lambda smt: bound_step(smt, "lower"), note="lower, induction"),
        Forall("bounds", build=lambda smt: bound_step(smt, "upper"), note="upper, induction"),
        Enclosure("seven spectra", below=omega_among_shares),
    ],
    controls=[
        Control(
            Identity(
                "p = 3",
                left=lambda: weighted_mean(3)[0],
                right=lambda: weighted_mean(3, lambda learnt: learnt**0)[1],
            ),
            wrong="the plain mean",
        ),
        Control(
            Forall("bounds", build=lambda smt: bound_step(smt, "upper", lambda b: b / 2)),
            wrong="at most half of the largest",
        ),
        Control(
            Enclosure("seven spectra", below=lambda d: omega_among_shares(d, True)),
            wrong="Omega below the smallest",
        ),
    ],
)

# --------------------------------------------------------------------------
# 1.complements
# --------------------------------------------------------------------------


def logarithmic_shares() -> tuple[list[Any], list[Any]]:
    """zeta and 1 - zeta by every formula, and as derivatives of log(lambda + tau)."""
    import sympy

    lam, tau = one_mode()
    unlearnt = tau * sympy.diff(sympy.log(lam + tau), tau)
    learnt = lam * sympy.diff(sympy.log(lam + tau), lam)
    formulas = [*f.split_mode(lam, tau), f.zeta(lam, tau), f.one_minus_zeta(lam, tau)]
    return [*formulas, formulas[0] + formulas[1]], [*(unlearnt, learnt) * 2, 1]


def shares_of_matrix() -> tuple[list[Any], list[Any]]:
    """Sums over the modes of a covariance that is not diagonal, and traces of its resolvent."""
    import numpy as np
    import sympy

    tau = one_mode()[1]
    vectors = sympy.Matrix([[3, -4], [4, 3]]) / 5
    lam = np.array([sympy.Integer(7), sympy.Integer(2)], dtype=object)
    covariance = vectors * sympy.diag(*lam) * vectors.T
    hat = (covariance + tau * sympy.eye(2)).inv() * covariance
    zeta, learnt = f.split_mode(lam, tau)
    sums = [
        f.degrees_of_freedom(learnt),
        sum(f.learnt_square(learnt)),
        sum(f.spread(zeta, learnt)),
    ]
    return sums, [hat.trace(), (hat * hat).trace(), (hat - hat * hat).trace()]


def omega_and_complement(ridge: bool = True) -> tuple[list[Any], list[Any]]:
    """Omega + (1 - Omega) from sums over any number of modes, and one mode's part of it."""
    import sympy

    zeta, learnt = f.split_mode(*one_mode())
    learnt_sum, squares, delta = sympy.symbols("S_1 S_2 delta", positive=True)
    over_tau = (delta / one_mode()[1],) if ridge else ()
    n = sympy.Symbol("n", positive=True)
    (size,) = sympy.solve(f.fixed_point_residual([learnt_sum], n, *over_tau), n)
    both = f.omega(squares, size) + f.one_minus_omega(learnt_sum - squares, size, *over_tau)
    return [both, f.spread(zeta, learnt)], [1, learnt - f.learnt_square(learnt)]


def elasticity_of_n(sign: int = -1) -> tuple[list[Any], list[Any]]:
    """1 - Omega, and minus the derivative of log n by log tau in (1), p = 2 and a ridge."""
    import sympy

    m = modes(2, ridge=True)
    return [m.one_minus_omega], [sign * m.tau * sympy.diff(m.n, m.tau) / m.n]


def bias_forms() -> tuple[Any, Any]:
    """The first bracket of (2), without cancellation and as (1 - zeta) surrogate - truth."""
    import sympy

    zeta, learnt = f.split_mode(*one_mode())
    surrogate, truth = sympy.symbols("beta^s beta^*", real=True)
    return f.mode_bias(surrogate, truth, zeta, learnt), learnt * surrogate - truth


def nothing_cancels(smt: Any, also: Any = lambda lam, tau: True) -> Any:
    """What is summed in n, n Omega and n (1 - Omega) is positive, mode by mode."""
    lam, tau = smt.Real("lambda"), smt.Real("tau")
    zeta, learnt = f.split_mode(lam, tau)
    positive = (learnt > 0, f.learnt_square(learnt) > 0, f.spread(zeta, learnt) > 0)
    return [lam > 0, tau > 0], smt.And(*positive, also(lam, tau))


def digits_at_gap(digits: int, subtracted: bool = False) -> Pairs:
    """Relative error of 1 - Omega in double precision at a gap of 1e20, and 1e-14."""
    import flint
    from _fixed_point import Case, two_levels

    from kdverify.gaussian.solve import equivalents

    gap = two_levels(1e10, 1e-10, 10)
    true = Case(gap, Fraction(10)).solved(digits).one_minus_omega
    double = equivalents(gap, 10)
    found = 1.0 - double.omega if subtracted else double.one_minus_omega
    yield abs(flint.arb(float(found)) / true - 1), Fraction(1, 10**14)


COMPLEMENTS = Claim(
    id="1.complements",
    title="zeta, Omega and the bias have complements that are sums of terms of one sign",
    statement=r"\zeta_i + (1 - \zeta_i) = 1,\quad 1 - \Omega = \frac1n\Big(\sum_i"
    r" \zeta_i(1-\zeta_i) + \frac{\delta}{\tau}\Big) = -\frac{d \log n}{d \log \tau},\quad"
    r" (1-\zeta_i)\beta^s_i - \beta^*_i = (1-\zeta_i)(\beta^s_i - \beta^*_i)"
    r" - \zeta_i\beta^*_i",
    source="new",
    parts=("shares", "Omega", "bias", "signs"),
    steps=[
        Step(
            "zeta and 1 - zeta are the derivatives of log(lambda + tau) by log tau and by"
            " log lambda: shares of one whole.",
            lambda: logarithmic_shares()[1][0],
        ),
        Step(
            "By (1) n = sum (1 - zeta_i) + delta/tau; subtract n Omega = sum (1 - zeta_i)^2 and"
            " use (1 - zeta) - (1 - zeta)^2 = zeta (1 - zeta).",
            lambda: omega_and_complement()[1][1],
        ),
        Step(
            "Differentiating (1) by log tau gives minus the same sum, so that 1 - Omega is the"
            " elasticity of n in tau.",
            lambda: elasticity_of_n()[1][0],
        ),
        Step("All terms are positive: forming them one by one and adding loses no digits."),
    ],
    evidence=[
        Identity(
            "shares",
            left=lambda: logarithmic_shares()[0],
            right=lambda: logarithmic_shares()[1],
        ),
        Identity(
            "one rotated covariance, p = 2",
            left=lambda: shares_of_matrix()[0],
            right=lambda: shares_of_matrix()[1],
        ),
        Identity(
            "Omega",
            left=lambda: omega_and_complement()[0] + omega_and_complement(False)[0],
            right=lambda: omega_and_complement()[1] + omega_and_complement(False)[1],
            note="sums over any number of modes, with and without ridge",
        ),
        Identity(
            "p = 2",
            left=lambda: elasticity_of_n()[0],
            right=lambda: elasticity_of_n()[1],
            note="elasticity",
        ),
        Identity("bias", left=lambda: bias_forms()[0], right=lambda: bias_forms()[1]),
        Forall("signs", build=nothing_cancels),
        Enclosure("double precision at a gap of 1e20", below=digits_at_gap),
    ],
    controls=[
        Control(
            Identity(
                "p = 2",
                left=lambda: elasticity_of_n(1)[0],
                right=lambda: elasticity_of_n(1)[1],
            ),
            wrong="n grows with tau",
        ),
        Control(
            Forall("signs", build=lambda smt: nothing_cancels(smt, lambda lam, tau: lam < tau)),
            wrong="every mode is below tau",
        ),
        Control(
            Enclosure("double precision at a gap of 1e20", below=lambda d: digits_at_gap(d, True)),
            wrong="1 - Omega by subtraction",
        ),
    ],
)

CLAIMS = [OMEGA_BOUNDS, OMEGA_MEAN, COMPLEMENTS]

if __name__ == "__main__":
    from kdverify.verify import run_as_script

    raise SystemExit(run_as_script(CLAIMS))
