"""Claim of section 9: how (9) is solved, linear systems, shared rows, and questions, by hand."""

import itertools
import warnings
from fractions import Fraction
from typing import Any
from unittest import mock

import numpy as np
import sympy

import kdverify as kd
from kdverify import formulas as f
from kdverify.evidence import Claim, Step
from kdverify.rows.finite_size import Correction, FiniteSize
from kdverify.rows.shared import crossed_forms
from kdverify.rows.training import train
from kdverify.seeds import stream

from ..lib.modes import Pairs
from ..lib.written import agree
from .as_trained import data, near

AS_SOLVED = Claim(
    "9.as-solved",
    title="Solves of (9), systems with weights, shared rows and questions are what they say",
    statement=r"\text{codes and bounds of (9)};\ (I - J)u = c;"
    r"\ D = M_a(A + n_0E[xx^\top x^\top Dx/(b_ab_b)])M_b;\ \text{parts of a question}:"
    r"\ \text{dense matrices}",
    needs=("9.as-run", "9.unique", "10.rows"),
    parts=("solves", "systems", "shared rows", "questions"),
    steps=[
        Step("Every linear system is written out row by row and solved densely."),
        Step("A start changes the way, not the solution; a row of zeros teaches nothing."),
    ],
)


@AS_SOLVED.below("solves", note="codes, starts, bounds, systems", but={"n + 0.001": {"more": 1e-3}})
def solves(digits: int, more: float = 0.0) -> Pairs:
    """Codes of (9), what starts and bounds are worth, and (I - J) u = c with weights."""
    rows, labels, _ = data()
    pool = kd.rows.Pool(rows)
    at = None
    for n in (2.0, 2.5, 3.0, 4.0, 4.0):
        at = kd.rows.solve(pool, n + more, 0.25, at)
        alone = kd.rows.solve(pool, n, 0.25)
        yield from near(at.b, alone.b, 1e-8)
        yield from agree([at.path[-1][0] - more], [n])
        yield from near(at.learnt, np.eye(6) - at.M, 1e-8)
        yield from near([at.trace_gap + 1], [1])
    yield from agree([len(at.path), at.code.name], [3, "CONVERGED"])  # type: ignore[union-attr]  # solved
    near_by = kd.rows.solve(pool, 2.1, 0.25, kd.rows.solve(pool, 2.0, 0.25))
    far = kd.rows.solve(pool, 40.0, 0.25, near_by)
    yield from near(far.b, kd.rows.solve(pool, 40.0, 0.25).b, 1e-8)
    rough, true = kd.rows.solve(pool, 3.0, 0.0, tolerance=1e-3), kd.rows.solve(pool, 3.0)
    square = np.einsum("ij,ij->i", rows @ rough.M, rows @ rough.M)
    yield from near([rough.log_error], [rough.step / (square / rough.b).min()])
    yield from near(rough.b, np.einsum("ij,jk,ik->i", rows, rough.M, rows))
    heavy = kd.rows.solve(pool.reweighted(np.arange(40.0) + 1), 3.0, 0.5)
    yield from near([heavy.trace_gap + 1], [1])
    off = np.abs(np.log(true.b / rough.b)).max()
    yield Fraction(float(off)), Fraction(1.5 * rough.log_error)
    with_ridge = kd.rows.solve(pool, 3.0, 0.5, tolerance=1e-3)
    square = np.einsum("ij,ij->i", rows @ with_ridge.M, rows @ with_ridge.M) + 0.5
    yield from near([with_ridge.log_error], [with_ridge.step / (square / with_ridge.b).min()])
    crowded = rows.copy()
    crowded[:30] = np.outer(np.arange(1, 31) / 30, np.eye(6)[0])
    few = kd.rows.solve(kd.rows.Pool(crowded), 2.0)
    yield from agree([few.code.name, few.crowded.tolist()], ["SUBSPACE", list(range(30))])
    yield from agree([kd.rows.solve(pool, 3.0, limit=2).code.name], ["NOT_CONVERGED"])
    with_zero = rows.copy()
    with_zero[4] = 0.0
    for ridge in (0.0, 0.5):
        at = kd.rows.solve(kd.rows.Pool(with_zero), 3.0, ridge)
        rest = kd.rows.solve(kd.rows.Pool(np.delete(rows, 4, axis=0)), 3.0 * 39 / 40, ridge)
        yield from near(np.delete(at.b, 4), rest.b, 1e-8)
        yield from agree([at.b[4]], [np.inf if ridge == 0 else 0.5])
        yield from near([at.inverse_b[4], at.trace_gap + 1], [2.0 if ridge else 0.0, 1.0])
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        asked = kd.Question.of(crowded, labels, task="regression", intercept="none")
        none = kd.predict(asked, [2, 6, 3], "strong", finite_size=False)
    yield from agree(np.isnan(none.risk["strong"]), [True, False, True])
    yield from agree([none.risk["strong"][1], none.excess["strong"][1]], [np.inf, np.inf])
    yield from agree(none.codes, ["", "", ""])
    yield from agree([sum("one subspace" in str(one.message) for one in heard)], [2])
    rare = rows.copy()
    rare[:, 5] = 0.0
    rare[7, 5] = 1.0
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        for given in (rare, rows):
            asked = kd.Question.of(given, labels, task="regression", intercept="none")
            kd.predict(asked, 20, "strong")
    yield from agree(
        [sum(": 1 of 40 rows" in str(one.message) for one in heard), len(heard)], [1, 1]
    )


@AS_SOLVED.below("systems", note="factored, by gradients", but={"n + 0.001": {"more": 1e-3}})
def systems(digits: int, more: float = 0.0) -> Pairs:
    """`Response`: factored and by gradients, rows of weight zero, beside a dense matrix."""
    generator = np.random.default_rng(2)
    for width, weights in itertools.product((2, 6), (None, np.arange(40.0) % 4)):
        rows = data()[0][:, :width]
        pool = kd.rows.Pool(rows, weights)
        at = kd.rows.solve(pool, 1.5, 0.5)
        w = np.ones(40) if weights is None else weights / weights.mean()
        J = (1.5 + more) * (rows @ at.M @ rows.T) ** 2 * w / (40 * np.outer(at.b, at.b))
        right = generator.standard_normal((40, 2))
        true = np.linalg.solve(np.eye(40) - J, right)
        for columns, limit in itertools.product((1, 1000), (1, 10**6)):
            with mock.patch.object(kd.rows.response, "LARGEST_DIRECT", limit):
                response = kd.rows.Response(at, columns=columns)
                yield from near(response.solve(right), true, 1e-8)
                given = np.square(rows @ at.M).sum(axis=1)
                forms = np.linalg.solve(np.eye(40) - J, given / at.b) * at.b
                yield from near(response.forms(np.eye(width)), forms, 1e-8)
                response.release()
                yield from near(response.forms(2 * np.eye(width)), 2 * forms, 1e-8)
                D = at.M @ (np.eye(width) + (rows.T * w * 1.5 * forms / at.b**2) @ rows / 40) @ at.M
                yield from near(response.matrix(np.eye(width)), D, 1e-8)
        # what is quadratic in a student, and in a surrogate
        students = kd.rows.Students(at, right, 0.25)
        mean = students.mean[:, 1]
        second = students.covariance(1) + np.outer(mean, mean)
        yield from near(students.second_moment_matrix(1), second, 1e-8)
        test = kd.rows.Moments.of(pool, pool, right)
        surrogate = generator.standard_normal((width, 2))
        taught = kd.rows.Students(at, rows @ surrogate).errors(test)
        teachers = kd.rows.Teachers(at, test, kd.rows.Response(at))
        yield from near(teachers.errors(surrogate), taught, 1e-8)
        basis, factors = np.linalg.qr(surrogate @ surrogate.T + np.eye(width))[0], right[:width, 0]
        turn = (basis * factors) @ basis.T
        turned = kd.rows.TwoStages(students, at, students.response, factors, basis).moments(test)
        yield from near(turned.covariance, turn @ teachers.form @ turn, 1e-8)
        yield from near(turned.crossed, turn @ teachers.aim, 1e-8)
        # rows of any weight, each left out of the pool
        law = kd.rows.unseen_scores(students)
        for i in range(0, 40, 7):
            kept = w * (np.arange(40) != i) / at.b / 40
            inverse = np.linalg.inv(np.eye(width) + 1.5 * (rows.T * kept) @ rows)
            theta = np.linalg.solve((rows.T * kept) @ rows, (rows.T * kept) @ right)
            yield from near(law.means[i], rows[i] @ (theta - inverse @ theta), 1e-8)
            spread = (rows.T * (kept * at.b * students.spread.weights[:, 0])) @ rows
            yield from near(
                [law.covariances[i, 0, 0]], [rows[i] @ inverse @ spread @ inverse @ rows[i]], 1e-8
            )


@AS_SOLVED.below("systems", note="corrections", but={"n + 0.1": {"more": 0.1}})
def corrections(digits: int, more: float = 0.0) -> Pairs:
    """What is made of `rows.finite_size.Correction`: derivatives, spreads, samples, zero rows."""
    rows, labels, _ = data()
    pool, A = kd.rows.Pool(rows), np.diag(np.arange(1.0, 7)) + 0.25
    values, vectors = np.linalg.eigh(A)

    def squared(step: float, chosen: Any = None) -> tuple[np.ndarray, np.ndarray]:
        root = (vectors / np.sqrt(1 + step * values / values[-1])) @ vectors.T
        at = kd.rows.solve(kd.rows.Pool(rows @ root), 4.0, 0.25)
        crossed, square = Correction(at, chosen).with_labels(labels)
        return -root @ crossed, -square

    at = kd.rows.solve(pool, 4.0, 0.25)
    students = kd.rows.Students(at, labels)
    picked = np.sort(stream(3, "rows of the correction for finite n").choice(40, 25, replace=False))
    means = students.mean
    for limit, chosen in ((40, None), (25, picked)):
        found = FiniteSize(pool, 4.0 + more, A, 0.25, limit=limit, seed=3).change(labels)
        mean, (high, low) = squared(0.0, chosen)[0], (squared(h, chosen)[1] for h in (1e-3, -1e-3))
        second = (high - low) / 2e-3 * values[-1]
        yield from near(found.mean, mean, 1e-3)
        yield from near(found.second, second, 1e-3)
        test = kd.rows.Moments(A, np.arange(12.0).reshape(6, 2), np.ones(2))
        crossed = np.einsum("ik,ik->k", test.crossed, found.mean)
        yield from near(found.errors(test), found.second - 2 * crossed)
        variance = sum(np.trace(A @ students.covariance(k)) for k in range(2))
        added = found.second.sum() - 2 * np.sum(found.mean * (A @ means))
        yield from near([found.spread_factor(students)], [1 + added / variance], 1e-7)
        inside = found.mean
        if chosen is not None:  # what is left of it among the combinations of the means
            inside = means @ np.linalg.solve(means.T @ A @ means, means.T @ A @ found.mean)
        yield from near(found.mean_change(students.mean), inside, 1e-7)
    # rows of zeros teach nothing, with a ridge as without; the trace of a change is 0 without
    zeros = rows.copy()
    zeros[:8] = 0.0
    for given, n in ((rows, 3.0), (zeros, 3.0)):
        none = Correction(kd.rows.solve(kd.rows.Pool(given), n, 0.0))
        yield from near([np.trace(none.matrix) + 1], [1.0], 1e-8)
        little = Correction(kd.rows.solve(kd.rows.Pool(given), n, 1e-7, tolerance=1e-12))
        yield from near(little.matrix, none.matrix, 1e-4)
    other = labels.copy()
    other[:8] += 5.0
    told = [
        FiniteSize(kd.rows.Pool(zeros), 4.0, A, 0.25).change(given) for given in (labels, other)
    ]
    yield from near(told[1].mean, told[0].mean, 1e-7)
    yield from near(told[1].second, told[0].second, 1e-7)


@AS_SOLVED.below(
    "shared rows",
    note="two students of their own n, ridge, labels",
    but={"one row less": {"common": 1.0}, "no noise": {"noise": 0.0}},
)
def shared(digits: int, common: float = 2.0, noise: float = 0.375) -> Pairs:
    """Crossed second moments and excess risks by dense systems of 40 equations."""
    rows, labels, _ = data()
    pool = kd.rows.Pool(rows)
    one = kd.rows.Students(kd.rows.solve(pool, 2.5, 0.25), labels, 0.5)
    for n, ridge in ((4.0, 1.5), (3.0, 0.0)):
        other = kd.rows.Students(kd.rows.solve(pool, n, ridge), labels[:, ::-1] + rows[:, :1])
        test = kd.rows.Moments.of(pool, kd.rows.Pool(rows[:9]), labels[:9])
        A, (Ma, Mb) = test.covariance, (one.at.M, other.at.M)
        over = 1 / (one.at.b * other.at.b)
        coupling = 2.0 / 40 * (rows @ Ma @ rows.T) * (rows @ Mb @ rows.T) * over
        forms = np.linalg.solve(
            np.eye(40) - coupling, np.einsum("ij,jk,ik->i", rows, Ma @ A @ Mb, rows)
        )
        yield from near(crossed_forms(one, other, common, A), forms, 1e-8)
        errors = (one.labels - rows @ one.mean) * (other.labels - rows @ other.mean)
        spread = 2.0 * ((forms * over)[:, None] * (errors + 0.375)).mean(axis=0)
        both = np.array([one.mean[:, k] @ A @ other.mean[:, k] + spread[k] for k in range(2)])
        found = kd.rows.crossed_second_moments(one, other, common, A, noise)
        yield from near(found, both, 1e-8)
        best = test.best
        gaps = [
            (one.mean[:, k] - best[:, k]) @ A @ (other.mean[:, k] - best[:, k]) for k in range(2)
        ]
        excess = kd.rows.crossed_excess(one, other, common, test, noise)
        yield from near(excess, np.array(gaps) + spread, 1e-8)
    # the same student twice: (11) without what is linear in the labels' noise
    same = kd.rows.Students(one.at, labels)
    own = kd.rows.crossed_second_moments(same, same, 2.5, np.eye(6))
    if common == 2.0:
        yield from near(own, same.second_moments(np.eye(6)), 1e-7)


@AS_SOLVED.below("questions", note="parts, notes, pools", but={"another row": {"first": 1}})
def questions(digits: int, first: int = 0) -> Pairs:
    """Labelled parts, weights of a part, notes; pools in the span of their rows; moments."""
    rows, labels, classes = data()
    some = labels.copy()
    some[20:, 0] = np.nan
    weights = np.arange(40) % 3 + 1.0
    asked = kd.Question.of(rows, some, task="regression", weights=weights)
    part = asked.labelled_part()
    shares = weights[first : first + 20]
    mean = np.average(rows[:20], axis=0, weights=shares)
    level = np.average(labels[:20], axis=0, weights=shares)
    yield from near(part.pool.original(), rows[:20] - mean)
    yield from near(part.labels + part.level, labels[:20])
    yield from near(part.level, level)
    yield from near(part.given_rows(), rows[:20])
    yield from near(part.pool.weights, weights[:20] / weights[:20].mean())
    yield from agree(part.notes, ["20 of 40 rows have no label and are left out"])
    yield from agree([part.labelled_part() is part, part.labelled.sum()], [True, 20])
    scaled = kd.Question.of(rows * 7.0, labels, task="regression", standardise=True)
    yield from near(scaled.at_rows(np.arange(5, 14)).given_rows(), 7.0 * rows[5:14])
    bare = kd.Question.of(rows, some, task="regression", intercept="none").at_rows(np.arange(9))
    yield from near(bare.pool.original(), rows[:9])
    yield from near(bare.level, np.zeros(2))
    wide = np.column_stack([rows[:4], rows[:4] ** 2, np.ones(4)])
    uneven = wide * np.repeat([1.0, 1e7, 1.0], [6, 6, 1])
    notes = " ".join(kd.Question.of(uneven, labels[:4], task="regression").notes)
    said = [word in notes for word in ("1 constant columns", "factor", "more columns (12) than")]
    yield from agree(said, [True, True, True])
    pool = kd.rows.Pool(wide[:, :9])
    other = pool.reweighted(weights[:4])
    w = weights[:4] / weights[:4].mean()
    lifted = (other.basis if other.basis is not None else np.eye(9)) @ other.covariance
    lifted = lifted @ (other.basis.T if other.basis is not None else np.eye(9))
    yield from near(lifted, (wide[:, :9].T * w) @ wide[:, :9] / 4)
    yield from near(pool.original(), wide[:, :9])
    moved = pool.coordinates(wide[:2, :9] * 2.0)
    yield from near(moved, 2.0 * np.asarray(pool.rows)[:2])
    signed = np.array([1.0, -2.0, 0.5, 1.0])
    plain_pool = kd.rows.Pool(rows[:6, :3])
    sizes = np.append(signed, [0.0, 3.0])
    yield from near(plain_pool.gram(sizes), (rows[:6, :3].T * sizes) @ rows[:6, :3] / 6)
    found = kd.rows.Moments.of(plain_pool, plain_pool, labels[:6])
    again = found.repeated(2)
    yield from near(again.crossed, np.hstack([found.crossed] * 2))
    rest = labels[:6] - rows[:6, :3] @ np.linalg.pinv(rows[:6, :3]) @ labels[:6]
    yield from near(again.floor, np.tile(np.square(rest).mean(axis=0), 2))
    none, level = train(np.empty((1, 3)), labels[:1], 0.0, True)
    yield from near(none, np.zeros((3, 2)))
    yield from near(level, labels[0])
    hot = kd.Question.of(rows, np.eye(3)[classes], classes=classes)
    yield from near(hot.labels + hot.level, np.eye(3)[classes])
    yield from agree([*hot.class_names, hot.threshold], ["0", "1", "2", None])
    names = kd.Question.of(rows, np.array(["a", "b", "c"])[classes], intercept="none")
    given = names.outputs_of(np.array(["c", "a"] * 20))
    yield from near(given, np.eye(3)[[2, 0] * 20])


@AS_SOLVED.identity("two students", note="one row's error", but={"squared": {"power": 2}})
def two_students(power: int = 1) -> tuple[Any, Any]:
    """`formulas.response_weight` at scales b_a, b_b: n_0 form / (b_a b_b)."""
    n, a, b, q = sympy.symbols("n a b q", positive=True)
    return f.response_weight(n, 1, q) / (a * b) ** power, n * q / a / b
