"""Claim 10.rows: (13) for rows as they are, the polarised (11)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import sympy

from kdverify import formulas as f
from kdverify import rows as library
from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.steady import steadied

from ..lib import batches as b
from ..lib.copies import Copies
from ..lib.ensembles import times
from ..lib.row_laws import influences, teaches

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


@dataclass(frozen=True, eq=False)
class Pair:
    """Two students of one pool of t-like rows, ``k`` of each mode, and how many rows they share."""

    k: int
    pool: library.Pool
    one: library.Students
    other: library.Students
    shared: int

    @property
    def test(self) -> library.Moments:
        """The pool, with the labels of the first."""
        return library.Moments.of(self.pool, self.pool, self.one.labels)

    @property
    def expected(self) -> float:
        """What (10) and (11), polarised, say."""
        return float(library.crossed_excess(self.one, self.other, self.shared, self.test)[0])

    def simulated(self, draw: np.random.Generator, trials: int) -> tuple[np.ndarray, np.ndarray]:
        """Values; sums over the rows of one, of both, of the other, and `pairs`, of mean zero."""
        rows, best = np.asarray(self.pool.rows), self.test.best[:, 0]
        chosen = draw.integers(0, len(rows), (trials, 24 * self.k))
        parts = np.split(chosen, [4 * self.k, 16 * self.k], axis=1)
        off = [
            b.students(rows[drawn], known.labels[drawn, 0], known.at.ridge) - best
            for known, drawn in (
                (self.one, chosen[:, : 16 * self.k]),
                (self.other, chosen[:, 4 * self.k :]),
            )
        ]
        values = np.einsum("ti,ij,tj->t", off[0], self.pool.covariance, off[1])
        moved = influences(self.one, self.other, best[:, None])
        sums = [moved[part].sum(axis=1) for part in parts]
        return values, np.column_stack([*sums, *self.pairs(chosen)])

    def pairs(self, chosen: np.ndarray) -> Iterator[np.ndarray]:
        """Products of what the rows of one or both teach to lowest order, less their means."""
        taught = [teaches(student)[:, :, 0] for student in (self.one, self.other)]
        own = chosen[:, : 16 * self.k], chosen[:, 4 * self.k :]
        sums = [each[drawn].sum(axis=1) for each, drawn in zip(taught, own, strict=True)]
        for form in (self.pool.covariance, np.eye(self.pool.rank)):
            for i, j, count in ((0, 0, 16), (0, 1, 12), (1, 1, 20)):
                mean = np.einsum("ni,ni->n", taught[i] @ form, taught[j]).mean()
                product = np.einsum("ti,ti->t", sums[i] @ form, sums[j])
                yield product - count * self.k * mean


def pair_of(draw: np.random.Generator, k: int, shared: int = 12) -> Pair:
    """Labels are not linear; 16 and 20 rows and ridges of 0.4 and 2, all k times."""
    on, size = Copies(b.PROBLEM, k), 400 * k * k
    scales = np.sqrt(draw.chisquare(6, (size, 1)) / 6)
    rows = draw.standard_normal((size, on.lam.size)) * np.sqrt(on.lam) * scales
    modes = rows.reshape(size, b.P, k).sum(axis=2) / np.sqrt(k)
    first = rows @ on.truth + 0.3 * np.maximum(modes[:, 0], 0)
    second = 1.2 * first - 0.3 * modes[:, 1]
    held = library.Pool(rows)
    one = library.Students(library.solve(held, 16 * k, 0.4 * k), first)
    other = library.Students(library.solve(held, 20 * k, 2.0 * k), second)
    return Pair(k, held, one, other, shared * k)


#: Sizes, weights that leave no term of order 1/k, and trials.
SIZES, WEIGHTS, TRIALS = (1, 3), (-1 / 2, 3 / 2), (4000, 2500)
#: What the trials can tell, relative.
FLOOR = 0.015


@cache
def drawn_pairs(context: Context) -> list[tuple[Pair, np.ndarray, np.ndarray]]:
    """The two sizes, values and what is known to have mean zero."""
    found = []
    for k, trials in zip(SIZES, TRIALS, strict=True):
        draw = b.generator(context, "pool", k)
        pair = pair_of(draw, k * times(context))
        found.append((pair, *pair.simulated(draw, context.trials(trials) // times(context))))
    return found


@ROWS.agreement("simulated", note="t-like rows, non-linear labels, ridges 0.4 and 2, 12 shared")
def drawn(context: Context, shared: int = 12) -> Comparison:
    """Students of rows drawn with replacement, in pairs; relative to (11), from two sizes.

    Each size has a pool of its own, of 400 k^2 rows, for which the theory is solved: what is of
    order 1/k cancels, that of rows drawn twice too.
    Of the next order a third is left; the band has half, and `FLOOR`.
    """
    mean, variance, counts = 0.0, 0.0, []
    for weight, (pair, values, zeros) in zip(WEIGHTS, drawn_pairs(context), strict=True):
        asked = replace(pair, shared=shared * pair.k)
        steady = steadied(values, zeros) / asked.expected
        mean += weight * steady.mean()
        variance += weight**2 * steady.var(ddof=1) / len(steady)
        counts.append(len(steady))
    more = times(context)
    width = (b.band(16, 0.4) / more) ** 2 / 2 + FLOOR / more
    return Comparison("excess", mean, np.sqrt(variance), min(counts) - 1, 1.0, width)


drawn.but("nine rows shared", shared=9)
drawn.shifted(1.0)


@ROWS.identity("one student", note="the weight at a = b, n_0 = n is that of (11)")
def same() -> tuple[Any, Any]:
    """n_0 x'Dx/(b_a b_b) and n x'Dx/b^2."""
    n, scale, form = sympy.symbols("n b D", positive=True)
    crossed = f.response_weight(n, 1, form) / (scale * scale)
    return crossed, f.response_weight(n, scale, form)
