"""Claim 10.rows: (13) for rows as they are, the polarised (11)."""

from typing import Any

import numpy as np
import sympy

from kdverify import formulas as f
from kdverify import rows as library
from kdverify.evidence import Claim, Comparison, Context, Step

from ..lib import batches as b

ROWS = Claim(
    "10.rows",
    title="Two students of one pool that share rows: (10) and (11), polarised",
    statement=r"D=M_a\big(A+n_0E[xx^\top\,x^\top Dx/(b_ab_b)]\big)M_b,\quad"
    r" \mathrm{tr}(A\,\mathrm{Cov}(\hat\beta_a,\hat\beta_b)) \approx"
    r" n_0E[(\bar r_a\bar r_b+\sigma_{ab})\,x^\top Dx/(b_ab_b)]",
    needs=("9.variance", "10.crossed"),
    parts=("gaussian rows", "simulated"),
    steps=[
        Step("As 9.second-moment, with one left-out row in both students, and in one of them."),
        Step("Gaussian rows: x'Dx -> tr(Sigma D), b -> n tau, and (13).", lambda: gaussian()[0]),
    ],
)


@ROWS.identity("gaussian rows", but={"n_a for n_0": {"shared_in": "n_a"}})
def gaussian(shared_in: str = "n_0") -> tuple[Any, Any]:
    """The covariance's trace with Sigma where x'Dx is the number tr(Sigma D)."""
    products, tau_a, tau_b, n_a, n_b, shared, error = sympy.symbols(
        "T tau_a tau_b n_a n_b n_0 r", positive=True
    )
    trace = sympy.Symbol("D", positive=True)
    size = shared if shared_in == "n_0" else n_a
    weight = f.response_weight(size, 1, trace) / (n_a * tau_a * n_b * tau_b)
    own = tau_a * tau_b * products
    (found,) = sympy.solve(sympy.Eq(trace, own * (1 + weight)), trace)
    omega = f.shared_omega(products, shared, n_a, n_b)
    return (weight * error).subs(trace, found), f.variance_factor(omega, 1 - omega) * error


@ROWS.agreement("simulated", note="t-like rows, non-linear labels, ridges 0.4 and 2, 12 shared")
def drawn(context: Context, shared: int = 12) -> Comparison:
    """Students of rows drawn with replacement from a pool of 400, in pairs."""
    draw = b.generator(context, "pool")
    scales = np.sqrt(draw.chisquare(6, (400, 1)) / 6)
    pool = draw.standard_normal((400, b.P)) * np.sqrt(b.LAM) * scales
    first = pool @ b.TRUTH + 0.3 * np.maximum(pool[:, 0], 0)
    second = 1.2 * first - 0.3 * pool[:, 1]
    held = library.Pool(pool)
    one = library.Students(library.solve(held, 16, 0.4), first)
    other = library.Students(library.solve(held, 20, 2.0), second)
    test = library.Moments.of(held, held, one.labels)
    theory = library.crossed_excess(one, other, shared, test)[0]
    chosen = draw.integers(0, 400, (context.trials(1500), 24))
    a, c = chosen[:, :16], chosen[:, 4:]
    best = test.best[:, 0]
    off = [
        b.students(pool[rows], labels[rows], ridge) - best
        for rows, labels, ridge in ((a, first, 0.4), (c, second, 2.0))
    ]
    values = np.einsum("ti,ij,tj->t", off[0], held.covariance, off[1])
    return b.compared("excess", values, theory, b.band(16, 0.4, 1.5))


drawn.but("no row shared", shared=0)
drawn.shifted(1.0)


@ROWS.identity("one student", note="the weight at a = b, n_0 = n is that of (11)")
def same() -> tuple[Any, Any]:
    """n_0 x'Dx/(b_a b_b) and n x'Dx/b^2."""
    n, scale, form = sympy.symbols("n b D", positive=True)
    crossed = f.response_weight(n, 1, form) / (scale * scale)
    return crossed, f.response_weight(n, scale, form)
