"""Claim of sections 10 and 11: what the library makes of shared data and mixtures."""

import math
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import sympy

import kdverify as kd
from kdverify import formulas as f
from kdverify.evidence import Claim, Step
from kdverify.gaussian import best_ridge as tuned
from kdverify.gaussian import mixed, shared
from kdverify.gaussian.mixed_finite_size import mixed_error
from kdverify.gaussian.pseudo_labels import Mixture, best_weight, label_worth, pseudo_map
from kdverify.gaussian.self_distillation import self_distillation
from kdverify.training import Coefficients

from ..lib.balls import reflection
from ..lib.kinds import BETA, LAM, blend, weighted
from ..lib.modes import Pairs
from ..lib.written import Written, all_same, exact, mp, same

AS_RUN = Claim(
    "10.as-run",
    title="Shared data, ensembles, best ridges and mixtures, in every branch",
    statement=r"(13),\ \text{combinations, ensembles, self-distillation},\ (14),\ (15),\ "
    r"\text{derivatives}:\ \text{within}\ 10^{-9}\ \text{of the equations};\quad"
    r"\ \text{best ridges, weights}:\ \text{no other is better}",
    needs=("10.crossed", "10.ensemble", "10.best-ridge", "11.mixed", "11.weighted"),
    parts=("crossed", "same data", "best ridge", "mixtures"),
    steps=[
        Step("(13) mode by mode; a student of its own teacher's data is a combination of two."),
        Step("Derivatives are differences of risks; a best value is no worse than 200 others."),
    ],
)

OTHER, THIRD = (0.5, -1.0, 0.25, 1.0, 1.0), (1.5, 0.5, -0.5, 2.0, 0.0)
BASIS = np.array(reflection((1, -2, 3, 1, 1)), dtype=float) @ np.array(
    reflection((2, 1, 1, -1, 1)), dtype=float
)
PROBLEM = kd.Problem(kd.Spectrum(np.array(LAM), BASIS), BASIS @ np.array(BETA))
CLOSE = Fraction(1, 10**10)


def turned(vector: Any) -> np.ndarray:
    """Modes in the problem's coordinates."""
    return BASIS @ np.array(vector)


def crossed(first: Written, second: Written, labels: Any, common: Any, noise: Any) -> Any:
    """(13), mode by mode."""
    omega = (
        exact(common)
        / (exact(first.n) * exact(second.n))
        * sum((1 - a) * (1 - b) for a, b in zip(first.zeta, second.zeta, strict=True))
    )
    bias, left = mp.mpf(0), exact(noise)
    for x, a, b, s, t, true in zip(
        first.modes, first.zeta, second.zeta, labels[0], labels[1], BETA, strict=True
    ):
        bias += x * ((1 - a) * exact(s) - exact(true)) * ((1 - b) * exact(t) - exact(true))
        left += x * a * b * exact(s) * exact(t)
    return bias + left * omega / (1 - omega)


@AS_RUN.below(
    "crossed", note="pairs, combinations, ensembles", but={"one sample less": {"less": 1}}
)
def pairs(digits: int, less: int = 0) -> Pairs:
    """`crossed_risk`, `crossed_risks`, `combined_risk`, ensembles and their law, subagging."""
    students = [
        shared.Student(3.0, turned(OTHER), 0.5, 0.25),
        shared.Student(4.5, None, 1.5, 0.0),
        shared.Student(9.0, turned(THIRD), 0.75, 0.0),
    ]
    labels = (OTHER, BETA, THIRD)
    own = [Written(LAM, BETA, s.n, s.ridge, s.noise_variance) for s in students]
    table: list[list[Any]] = [[own[i].risk(labels[i]) for _ in range(3)] for i in range(3)]
    for i in range(3):
        for j in range(i):
            common, noise = 2 + i + j - 1, 0.25 * (-1) ** i
            true = crossed(own[i], own[j], (labels[i], labels[j]), common, noise)
            found = shared.crossed_risk(PROBLEM, students[i], students[j], common - less, noise)
            yield same(found, true, CLOSE)
            held = shared.crossed_risk(PROBLEM, students[j], students[i], common - less, noise, 20)
            yield same(held, true, CLOSE)
            table[i][j] = table[j][i] = crossed(own[i], own[j], (labels[i], labels[j]), 2, -0.125)
    rows = shared.crossed_risks(PROBLEM, students, 2 - less, -0.125)
    for i in range(3):
        yield from all_same(rows[i], table[i], close=CLOSE)
    both_see = np.array([[9.0, 2.5, 1.0], [2.5, 9.0, 3.0], [1.0, 3.0, 9.0]])
    pairwise = [[table[i][i]] * 3 for i in range(3)]
    for i, j in ((1, 0), (2, 0), (2, 1)):
        pair = crossed(own[i], own[j], (labels[i], labels[j]), both_see[i, j], -0.125)
        pairwise[i][j] = pairwise[j][i] = pair
    rows = shared.crossed_risks(PROBLEM, students, both_see - less * (1 - np.eye(3)), -0.125)
    for i in range(3):
        yield from all_same(rows[i], pairwise[i], close=CLOSE)
    weights = (0.5, 0.75, -0.25)
    both = sum(weights[i] * weights[j] * table[i][j] for i in range(3) for j in range(3))
    yield same(shared.combined_risk(PROBLEM, students, weights, 2 - less, -0.125), both, CLOSE)
    square = shared.Student(5.0)
    yield same(shared.crossed_risk(PROBLEM, square, square, 5.0), 0)
    yield same(shared.crossed_risk(PROBLEM, square, square, 5.0, 0.0, 20), 0)
    yield from all_same(shared.ensemble_law(PROBLEM, 5.0, 5.0).variances, [0] * 5)
    full = [shared.Student(5.0, turned(given)) for given in (OTHER, THIRD)]
    gaps = zip(LAM, OTHER, THIRD, BETA, strict=True)  # each repeats its surrogate
    true = sum(exact(x) * (exact(s) - exact(b)) * (exact(t) - exact(b)) for x, s, t, b in gaps)
    for precise in (None, 20):
        yield same(shared.crossed_risk(PROBLEM, full[0], full[1], 5.0, 0.0, precise), true, CLOSE)
    noisy = shared.Student(5.0, None, 0.5)
    yield same(shared.crossed_risk(PROBLEM, noisy, noisy, 5.0, 0.25), mp.inf)
    for size, ridge in ((3.0, 0.25), (2.0, 0.0)):
        one = Written(LAM, BETA, size, ridge, 0.5)
        pair = crossed(one, one, (OTHER, OTHER), size**2 / 8.0, 0.5)
        for members in (math.inf, 4):
            true = pair if members == math.inf else one.risk(OTHER) / 4 + pair * 3 / 4
            found = shared.ensemble_risk(
                PROBLEM, 8.0 - less, size, members, turned(OTHER), 0.5, ridge
            )
            yield same(found, true, CLOSE)
            held = shared.ensemble_risk(
                PROBLEM, 8 - less, size, members, turned(OTHER), 0.5, ridge, 20
            )
            yield same(held, true, CLOSE)
            law = shared.ensemble_law(PROBLEM, 8.0, size, members, 0.5, ridge)
            yield same(
                law.risk(PROBLEM),
                shared.ensemble_risk(PROBLEM, 8.0, size, members, None, 0.5, ridge),
                CLOSE,
            )
        all_subsets = shared.ensemble_risk(PROBLEM, 8.0, size, math.inf, None, 0.5, ridge)
        delta = shared.subagging_ridge(PROBLEM, 8.0, size, ridge)
        yield same(kd.risk(PROBLEM, 8.0, None, 0.5, delta), all_subsets, CLOSE)


@AS_RUN.below(
    "same data", note="a combination of two ridge solutions", but={"xi + 1/10": {"more": 0.1}}
)
def same_data(digits: int, more: float = 0.0) -> Pairs:
    """``b(xi) = (1 - xi) b + xi (d_t b_t - d b)/(d_t - d)``: risks, best mixing, gain, balls."""
    for n, ridge, given in ((3.0, 0.5, 1.25), (3.0, 0.0, 0.75), (8.0, 2.0, 0.5)):
        students = [shared.Student(n, turned(OTHER), 0.5, d) for d in (ridge, given)]
        found = self_distillation(PROBLEM, n, ridge, given, turned(OTHER), 0.5)
        held = self_distillation(PROBLEM, n, ridge, given, turned(OTHER), 0.5, 20)
        own = [Written(LAM, BETA, n, d, 0.5) for d in (ridge, given)]
        mutual = crossed(own[0], own[1], (OTHER, OTHER), n, 0.5)

        def risk(xi: Any) -> Any:
            weight = exact(xi) * exact(given) / (exact(given) - exact(ridge))  # noqa: B023 - called in its turn
            rest = 1 - weight
            return (
                rest**2 * own[0].risk(OTHER)  # noqa: B023 - called in its turn
                + 2 * rest * weight * mutual  # noqa: B023 - called in its turn
                + weight**2 * own[1].risk(OTHER)  # noqa: B023 - called in its turn
            )

        for xi in (0.0, 0.5, 1.0, -0.75):
            yield same(found.at(xi + more), risk(xi), CLOSE)
            yield same(held.at(xi + more), risk(xi), CLOSE)
        start, one, minus = risk(0), risk(1), risk(-1)
        curvature, slope = (one + minus - 2 * start) / 2, (one - minus) / 2
        for answer in (found, held):
            yield same(answer.best_mixing, -slope / curvature / 2, CLOSE)
            yield same(answer.gain, slope**2 / curvature / 4, CLOSE)
            yield same(answer.best_risk, start - slope**2 / curvature / 4, CLOSE)
        yield same(
            shared.combined_risk(PROBLEM, students, (0.25, 0.75), n), sum_of(own, mutual), CLOSE
        )
    alone = self_distillation(PROBLEM, 3.0, 0.5, None, None, 0.5)
    near = [
        self_distillation(PROBLEM, 3.0, 0.5, 0.5 + h, None, 0.5).at(0.75) for h in (-1e-4, 1e-4)
    ]
    yield same(alone.at(0.75), sum(near) / 2, Fraction(1, 10**7))


def sum_of(own: list[Written], mutual: Any) -> Any:
    """A quarter and three quarters."""
    return (own[0].risk(OTHER) + 6 * mutual + 9 * own[1].risk(OTHER)) / 16


def no_better(risk: Callable[[float], float], best: float, least: float) -> Pairs:
    """In order iff ``least`` is the risk at ``best``, and no risk at 200 other values is lower."""
    yield same(risk(best), least, CLOSE)
    for power in np.linspace(-3, 3, 200):
        other = risk(best * 10**power)
        yield 0, Fraction(other) - Fraction(least) + Fraction(least) / 10**9


@AS_RUN.below("best ridge", note="n below and above p", but={"half of it": {"share": 0.5}})
def best_ridges(digits: int, share: float = 1.0) -> Pairs:
    """Strong labels and the best surrogate's; tuned and not; balls; negative ridges."""
    for n, noise in ((3.0, 1.5), (8.0, 0.5), (2.5, 4.0)):
        for labels, risk in (("strong", kd.risk), ("optimal", kd.optimal_risk)):
            found = tuned.best_ridge(PROBLEM, n, noise, labels)

            def at(ridge: float) -> float:
                options = {"noise_variance": noise, "ridge": ridge}  # noqa: B023 - called in its turn
                return float(risk(PROBLEM, n, **options))  # noqa: B023 - called in its turn

            if found.ridge > 0:
                yield from no_better(at, found.ridge * share, found.risk)
                yield same(kd.equivalents(PROBLEM, n, found.ridge).tau, found.tau, CLOSE)
                held = tuned.best_ridge(PROBLEM, Fraction(n), Fraction(noise), labels, digits=15)
                yield same(held.ridge, found.ridge, Fraction(1, 10**6))
                yield same(held.risk, found.risk, CLOSE)
        worth = tuned.worth(PROBLEM, n, noise)
        true = Written(LAM, BETA, n, 0, noise)
        yield same(worth.neither, true.risk(), CLOSE)
        yield same(worth.teacher, true.best, CLOSE)
        yield same(worth.ridge, tuned.best_ridge(PROBLEM, n, noise).risk, CLOSE)
        yield same(worth.both, tuned.best_ridge(PROBLEM, n, noise, "optimal").risk, CLOSE)
    quiet = kd.Problem(
        kd.Spectrum(np.array([16.0, 8.0, 1.0, 1.0, 1.0, 1.0])), np.array([1.0, 1, 0.01, 0, 0, 0])
    )
    below = tuned.best_ridge(quiet, 3.0, 1e-4, negative=True)
    none = tuned.best_ridge(quiet, 3.0, 1e-4)
    yield 0, (1 if below.wants_negative and none.wants_negative else -1)
    yield 0, (1 if none.ridge == 0 and below.ridge < 0 else -1)
    yield same(none.risk, kd.risk(quiet, 3.0, None, 1e-4), CLOSE)
    yield Fraction(below.risk), Fraction(none.risk)
    sure = tuned.best_ridge(PROBLEM, 8.0)
    yield from all_same((sure.ridge, sure.tau, sure.risk), (0, 0, 0))
    for n, noise, labels, risk in (
        (8.0, 1e-7, "strong", kd.risk),
        (3.0, 1e5, "optimal", kd.optimal_risk),
        (3.0, 1e6, "strong", kd.risk),
    ):
        extreme = tuned.best_ridge(PROBLEM, n, noise, labels)

        def away(ridge: float) -> float:
            return float(risk(PROBLEM, n, noise_variance=noise, ridge=ridge))  # noqa: B023 - called in its turn

        yield from no_better(away, extreme.ridge * share, extreme.risk)
    # risks with several minima, of which the first is not the least
    for labels, risk, lam, beta, noise in (
        ("strong", kd.risk, (38.0, 0.0132, 0.0027, 0.0001), (-0.16, 0.0014, -15.9, -0.22), 3e-4),
        ("optimal", kd.optimal_risk, (14.0, 1e-3, 6e-4, 4.6e-4), (0.01, 0, -0.56, 17.3), 0.0076),
    ):
        several = kd.Problem(kd.Spectrum(np.array(lam)), np.array(beta))
        least = tuned.best_ridge(several, 2.0, noise, labels)
        for ridge in np.geomspace(1e-6, 1e3, 90) * share:
            other = risk(several, 2.0, noise_variance=noise, ridge=float(ridge))
            yield 0, Fraction(other) - Fraction(least.risk) * (1 - Fraction(1, 10**9))
    learnt = [x / (x + below.tau) for x in (16.0, 8.0, 1.0, 1.0, 1.0, 1.0)]
    yield same(below.ridge, below.tau * (3 - sum(learnt)), Fraction(1, 10**6))


SPREAD = (0.25, 0.5, 0.125, 0.0, 1.0)


@AS_RUN.below("mixtures", note="(14), weights, derivatives", but={"other shares": {"moved": 0.05}})
def mixtures(digits: int, moved: float = 0.0) -> Pairs:
    """`mixed_risk`, `Mixture`, `label_worth`, `best_weight`, `pseudo_map`."""
    law = Coefficients(np.array(THIRD), np.array(SPREAD))
    for n, ridge in ((3.0, 0.0), (3.0, 0.5), (9.0, 0.0), (8.0, 1.25)):
        shares = (0.25 + moved, 0.25 - moved, 0.5)
        kinds = [
            mixed.Kind(shares[0], None, 0.5),
            mixed.Kind(shares[1], turned(OTHER), 0.75),
            mixed.Kind(shares[2], law, 0.25),
        ]
        told = [
            (0.25, BETA, (0,) * 5, 0.5),
            (0.25, OTHER, (0,) * 5, 0.75),
            (0.5, THIRD, SPREAD, 0.25),
        ]
        yield same(mixed.mixed_risk(PROBLEM, n, kinds, ridge), blend(told, n, ridge), CLOSE)
        heavy = [replace(kind, weight=2.5) for kind in kinds]
        yield same(mixed.mixed_risk(PROBLEM, n, heavy, ridge * 2.5), blend(told, n, ridge), CLOSE)
        plain = [*kinds[:2], replace(kinds[2], surrogate=turned(THIRD))]
        told[2] = (0.5, THIRD, (0,) * 5, 0.25)
        yield same(mixed.mixed_risk(PROBLEM, n, plain, ridge, 20), blend(told, n, ridge), CLOSE)
    mixture = Mixture(2.0, 1.5, law, 0.5, 0.125, 0.25)
    told = [(2 / 3.5, BETA, (0,) * 5, 0.5), (1.5 / 3.5, THIRD, SPREAD, 0.125)]
    yield same(mixture.risk(PROBLEM), blend(told, 3.5, 0.25), CLOSE)
    alone = Written(LAM, BETA, 2.0, 0.25, 0.5)
    yield same(mixture.risk(PROBLEM, 0.0), alone.risk(), CLOSE)
    given = Mixture(0.0, 2.0, turned(OTHER), 0.5, 0.125, 0.25)
    yield same(given.risk(PROBLEM, 2.0), Written(LAM, BETA, 2.0, 0.125, 0.125).risk(OTHER), CLOSE)
    yield same(
        Mixture(0.0, 1.0).risk(PROBLEM, 0.0),
        sum(x * b * b for x, b in zip(LAM, BETA, strict=True)),
        CLOSE,
    )
    # without ridge a weight of 0 leaves rows out too; errors are those of the kinds
    bare = replace(mixture, ridge=0.0)
    yield same(bare.risk(PROBLEM, 0.0), Written(LAM, BETA, 2.0, 0, 0.5).risk(), CLOSE)
    for weight in (0.0, 0.4):
        told_error, kinds = mixture.error(PROBLEM, weight), mixture.kinds(weight)
        rows = 3.5
        if weight == 0:
            rows, kinds = 2.0, [mixed.Kind(1.0, None, 0.5)]
        true_error = mixed_error(PROBLEM, rows, kinds, 0.25)
        yield same(told_error.risk, mixture.risk(PROBLEM, weight), CLOSE)
        yield same(told_error.correction, true_error.correction, Fraction(1, 10**9))
    # (15): weights near 1 are continuous, a weight of 0 leaves rows out, scale goes to the ridge
    for weight in (1 + 1e-9, 1 - 1e-9):
        yield same(mixture.risk(PROBLEM, weight), blend(told, 3.5, 0.25), Fraction(1, 10**7))
    yield same(mixture.risk(PROBLEM, 1e-9), alone.risk(), Fraction(1, 10**6))
    yield same(
        mixed.mixed_risk(
            PROBLEM,
            3.5,
            [replace(kind, weight=3 * kind.weight) for kind in mixture.kinds(2.0)],
            0.75,
        ),
        mixture.risk(PROBLEM, 2.0),
        CLOSE,
    )
    both_kinds = weighted(
        [(2 / 3.5, 1.0, BETA, SPREAD, 0.5), (1.5 / 3.5, 2.0, THIRD, SPREAD, 0.125)]
    )
    found_risk = mixed.mixed_risk(PROBLEM, 3.5, mixture.kinds(2.0), 0.25)
    yield same(found_risk, both_kinds, Fraction(1, 10**9))
    for one in (
        mixture,
        Mixture(1.0, 1.5, turned(OTHER), 0.5, 1.25),
        Mixture(4.0, 3.0, None, 0.5, 0.25, 1.0),
    ):
        worth = label_worth(PROBLEM, one)
        step = 1e-4
        slopes = [
            (
                replace(one, **{k: getattr(one, k) + step}).risk(PROBLEM)
                - replace(one, **{k: getattr(one, k) - step}).risk(PROBLEM)
            )
            / (2 * step)
            for k in ("real", "pseudo")
        ]
        yield same(worth.by_real, slopes[0], Fraction(1, 10**6))
        yield same(worth.by_pseudo, slopes[1], Fraction(1, 10**6))
        yield same(worth.worth, slopes[1] / slopes[0], Fraction(1, 10**5))
    alike = [replace(kind, weight=1 + k) for k, kind in enumerate(mixture.kinds(1.0))]
    yield same(mixed.mixed_risk(PROBLEM, 3.5, alike), blend(told, 3.5, 0.0), CLOSE)
    useless = Mixture(3.0, 2.0, turned([-9.0 * x for x in BETA]), 0.5, 400.0, 0.25)
    none = best_weight(PROBLEM, useless)
    yield from all_same((none.weight, none.risk), (0, useless.risk(PROBLEM, 0.0)))
    best = best_weight(PROBLEM, mixture)
    if best.weight > 0:
        yield from no_better(lambda w: mixture.risk(PROBLEM, w), best.weight, best.risk)
    yield Fraction(best.risk), Fraction(mixture.risk(PROBLEM, 0.0)) + Fraction(1, 10**9)
    drawn = pseudo_map(PROBLEM, [1.0, 2.0], [1.5, 0.5, 3.0], mixture)
    for i, real in enumerate((1.0, 2.0)):
        cells = [replace(mixture, real=real, pseudo=c).risk(PROBLEM) for c in (1.5, 0.5, 3.0)]
        yield from all_same(drawn[i], cells, close=CLOSE)


@AS_RUN.identity("an ensemble of two", but={"of three": {"members": 3}})
def two_members(members: int = 2) -> tuple[Any, Any]:
    """`formulas.ensemble_risk` of two students is the mean of four entries of their table."""
    single, both = sympy.symbols("single crossed", positive=True)
    return f.ensemble_risk(single, both, sympy.Rational(1, members)), (2 * single + 2 * both) / 4
