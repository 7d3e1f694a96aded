"""Claim of section 1: one evaluation of g certifies the root, for integer and for real n.

"For all p" is shown as in `1.slope`.
"""

from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from kdverify import formulas as f
from kdverify.arithmetic import BALLS
from kdverify.evidence import Claim, Step
from kdverify.gaussian.solve.newton import Split, Wanted, evaluate, pieces

from ..lib.balls import real_n_cases
from ..lib.modes import Pairs, growth, one_mode

REAL_N = Claim(
    "1.real-n",
    title="For real n the mode ceil(n) is split: same root, same bounds",
    statement=r"n = k + w,\ 0 \le w < 1:\ g(u) = \log\frac{\sum_{i>k+1}(1-\zeta_i) +"
    r" (1-w)(1-\zeta_{k+1}) + \delta/\tau}{\sum_{i\le k}\zeta_i + w\,\zeta_{k+1}}"
    r"\ \text{has the root of (1), and } -2 < g' \le -1",
    needs=("1.slope", "1.curvature", "1.certificate"),
    parts=("root", "slope"),
    steps=[
        Step(
            "Numerator less denominator is again the left less the right side of (1): the"
            " fractions of mode k + 1 combine to (1 - zeta) - w.",
            lambda: split_mode_shared()[0][0],
        ),
        Step(
            "-g' is again a mean of zeta plus a mean of 1 - zeta. Mode k + 1 enters the first with"
            " weight (1 - w)(1 - zeta), the second with w zeta; the means are at least zeta_{k+1}"
            " and 1 - zeta_{k+1}, together 1."
        ),
        Step(
            "All else in 1.slope, and 1.curvature and 1.certificate, holds for modes of any"
            " positive weight as it stands, with zeta_{k+1} in the place of zeta_n, zeta_{n+1}."
        ),
    ],
)


@REAL_N.identity(
    "root", note="any head and tail sums", but={"the whole split mode in the tail": {"whole": True}}
)
def split_mode_shared(whole: bool = False) -> tuple[list[Any], list[Any]]:
    """Numerator less denominator with one mode on both sides, and (1) at n = k + w."""
    tail, head, k, w, ridge = sympy.symbols("T H k w r", positive=True)
    zeta, learnt = f.split_mode(*one_mode())
    in_tail = 1 if whole else 1 - w
    numerator = f.split_numerator(tail + in_tail * learnt, ridge)
    difference = numerator - f.split_denominator(head + w * zeta)
    return [difference], [f.fixed_point_residual([k - head, learnt, tail], k + w, ridge)]


@REAL_N.identity("p = 3, as the solvers evaluate it")
def solver_on_symbols() -> tuple[list[Any], list[Any]]:
    """What the solvers evaluate at n = 1 + w, p = 3, with a ridge: exp(g) - 1 and -g'.

    The other side: (1) over the sum of zeta that the head holds, and the derivative of g.
    """
    tau = one_mode()[1]
    w, delta = sympy.symbols("w delta", positive=True)
    lam = np.array(sympy.symbols("lambda_1:4", positive=True), dtype=object)
    head, tail = pieces(lam, Split(1, w, 0.0), tau, sum, 3, Wanted.OMEGA)
    now = evaluate(head, tail, tau, 1 + w, delta, sympy.Integer(0), sum)
    zeta, learnt = f.split_mode(lam, tau)
    residual = f.fixed_point_residual(learnt, 1 + w, delta / tau)
    from_equation = residual / (zeta[0] + w * zeta[1])
    slope = -growth(sympy.log(now.ratio))
    return [now.ratio - 1, now.minus_slope], [from_equation, slope]


@REAL_N.forall("slope", note="tail")
def tail_with_part(smt: Any) -> Any:
    """The tail's mean of zeta, 1 - w of the split mode and a ridge in it: at least zeta_{k+1}."""
    tail, spreads, w, zeta, ridge = (smt.Real(s) for s in ("T", "T_s", "w", "zeta", "r"))
    in_tail, learnt = 1 - w, 1 - zeta
    assumptions = [tail >= 0, spreads >= zeta * tail, w > 0, w < 1, zeta > 0, zeta < 1, ridge >= 0]
    numerator = f.split_numerator(tail + in_tail * learnt, ridge)
    spreads = spreads + in_tail * f.spread(zeta, learnt)
    return assumptions, f.split_minus_slope(spreads, 0, numerator, 1, ridge) >= zeta


@REAL_N.forall(
    "slope",
    note="head",
    but={"the whole split mode in the denominator, a part in the slope": {"part": lambda w: 1}},
)
def head_with_part(smt: Any, part: Any = lambda w: w) -> Any:
    """The head's mean of 1 - zeta, w of the split mode in it: at least 1 - zeta_{k+1}."""
    head, spreads, w, zeta = (smt.Real(s) for s in ("H", "H_s", "w", "zeta"))
    learnt = 1 - zeta
    assumptions = [head >= 0, spreads >= learnt * head, w > 0, w < 1, zeta > 0, zeta < 1]
    denominator = f.split_denominator(head + part(w) * zeta)
    spreads = spreads + w * f.spread(zeta, learnt)
    return assumptions, f.split_minus_slope(0, spreads, 1, denominator) >= learnt


@REAL_N.below("five spectra, real n", but={"at most 3|g|/4": {"upper": Fraction(3, 4)}})
def real_bounds(digits: int, upper: Fraction = Fraction(1)) -> Pairs:
    """The bounds by g, and the sign change of (1), at n between integers."""
    for case in real_n_cases():
        for size, distance in case.distances(digits):
            yield size / 2, distance
            yield distance, BALLS.number(upper) * size
        yield from case.sign_change(digits)
