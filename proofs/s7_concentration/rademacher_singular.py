"""Claim of section 7: Rademacher designs at small p, counted out."""

import itertools
import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import flint

from kdverify import simulate
from kdverify.evidence import Claim, Comparison, Context, Step

from ..lib.ensembles import isotropic, seed
from ..lib.modes import Pairs

RADEMACHER_SINGULAR = Claim(
    "7.rademacher-singular",
    title="Rademacher designs at small p are singular with positive probability",
    statement=r"X\in\{\pm1\}^{n\times p}\ \text{uniform}:\quad P(\det XX^\top = 0) = 2^{1-p}"
    r"\ (n = 2),\quad P(\det XX^\top = 0) > 2^{1-p}\ (n = 3);\quad"
    r" E P_{ii} = E\,{\rm rank}\,X/p\ \text{for the minimum-norm solution}",
    parts=("n = 2, p = 2 to 5", "n = 3, p = 3, 4", "minimum norm"),
    steps=[
        Step(
            "n = 2: det XX' = p^2 - s^2 with s the rows' inner product, zero iff the rows are"
            " equal up to a sign: 2 of 2^p choices of the second row."
        ),
        Step("More rows: any two of them may be equal, so that the probability only grows."),
        Step("tr P = rank X, and the p diagonal entries have the same law."),
    ],
)


def designs(n: int, p: int) -> Iterator[Any]:
    """All n x p matrices of signs."""
    for signs in itertools.product((1, -1), repeat=n * p):
        yield flint.fmpz_mat(n, p, list(signs))


def chance_of_ranks(n: int, p: int) -> dict[int, Fraction]:
    """Probability of each rank of X, by counting."""
    counts: dict[int, int] = {}
    for x in designs(n, p):
        counts[x.rank()] = counts.get(x.rank(), 0) + 1
    return {rank: Fraction(count, 2 ** (n * p)) for rank, count in counts.items()}


def singular(n: int, p: int) -> Fraction:
    """Probability that XX' (n <= p) has no inverse."""
    return 1 - chance_of_ranks(n, p).get(n, Fraction(0))


@RADEMACHER_SINGULAR.equal(
    "n = 2, p = 2 to 5", note="all designs counted", but={"3^(1-p)": {"base": 3}}
)
def two_rows(digits: int, base: int = 2) -> Pairs:
    """n = 2: the counted probability and 2^(1-p)."""
    for p in range(2, 6):
        yield singular(2, p), Fraction(1, base ** (p - 1))


@RADEMACHER_SINGULAR.below(
    "n = 3, p = 3, 4", note="all designs counted", but={"three times 2^(1-p)": {"factor": 3}}
)
def three_rows(digits: int, factor: int = 1) -> Pairs:
    """n = 3: more than the two equal rows of n = 2."""
    for p in (3, 4):
        yield factor * Fraction(1, 2 ** (p - 1)), singular(3, p)


@RADEMACHER_SINGULAR.agreement(
    "minimum norm",
    note="against the counted ranks",
    but={"every design taken as regular": {"ignored": True, "trials": 600}},
)
def engine(context: Context, ignored: bool = False, trials: int = 3000) -> list[Comparison]:
    """Share of singular designs and E P_ii from the engine, Sigma = I.

    All p entries P_ii have the same mean, and tr P is the rank.  Bands are half of what
    it would make to take every design as regular (``ignored``).
    """
    comparisons = []
    for n, p in ((2, 2), (2, 3), (3, 3)):
        ranks = chance_of_ranks(n, p)
        share = float(1 - ranks[n])
        mean = float(sum(rank * chance for rank, chance in ranks.items())) / p
        key = seed(context, n, p)
        count = context.trials(trials)
        run = simulate(isotropic(p), n, trials=count, seed=key, design="rademacher")
        found = run.safe_factorisations / count
        error = math.sqrt(found * (1 - found) / (count - 1))
        values = (0.0, n / p) if ignored else (share, mean)
        dof = run.degrees_of_freedom
        diagonal = (run.transfer_mean, run.transfer_mean_standard_errors)
        where = f"n={n}, p={p}"
        comparisons += [
            Comparison(f"singular, {where}", found, error, dof, values[0], share / 2),
            Comparison(f"P_ii, {where}", *diagonal, dof, values[1], (n / p - mean) / 2),
        ]
    return comparisons
