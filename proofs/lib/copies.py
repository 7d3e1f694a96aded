"""Mean risks of Gaussian ridge students without the bias of finite n, from two or three sizes.

*Sizes.*  Let each mode stand k times, with 1/k of its signal in each, and take k times the rows and
the ridge: the equivalents stay what they are, and what finite n adds is a series in 1/k.  Means
at k = 1, ..., r extrapolate to k = oo: of order r the part 1/r! is left, of lower ones nothing.

*Averages.*  Given its rows a student is linear in its labels, so that the means over their noise
and over the signs of the columns are sums.

*Zero means.*  Integration by parts over Gaussian rows, ``E x_i F = lambda_i E dF/dx_i``, is exact
at every n.  The differences of the two sides are known to have the mean zero, and move with
the risk: what least squares explains by them is taken off.  Coefficients come from other trials.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from kdverify import Problem, equivalents
from kdverify.evidence import Comparison, Context
from kdverify.gaussian.finite_size import SizeError
from kdverify.steady import steadied

from .drawn import KEPT
from .ensembles import generator, times

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class Copies:
    """A problem with each mode ``k`` times."""

    problem: Problem
    k: int

    @cached_property
    def lam(self) -> Array:
        """(k p,) eigenvalues."""
        return np.repeat(self.problem.spectrum.eigenvalues, self.k)

    @cached_property
    def truth(self) -> Array:
        """(k p,) coefficients."""
        return self.of(self.problem.beta_modes)

    def of(self, vector: Array) -> Array:
        """Coefficients of one problem, spread over the copies."""
        return np.repeat(vector, self.k) / np.sqrt(self.k)

    def sample(self, draw: np.random.Generator, trials: int, n: int) -> Sample:
        """(trials, k n, k p) Gaussian rows."""
        shape = (trials, self.k * n, self.lam.size)
        return Sample(draw.standard_normal(shape) * np.sqrt(self.lam))


class Sample:
    """A batch of rows (T, n, p) and their second moments."""

    def __init__(self, rows: Array) -> None:
        self.rows, self.size = rows, rows.shape[1]
        self._known: dict[bytes, Array] = {}

    def moment(self, weights: Array) -> Array:
        """(T, p, p) ``X' diag(u) X``."""
        key = weights.tobytes()
        if key not in self._known:
            used = self.rows[:, weights != 0]
            scaled = used * weights[weights != 0, None]
            self._known[key] = np.swapaxes(used, 1, 2) @ scaled
        return self._known[key]


class Fit:
    """Minimisers of ``sum_i v_i (y_i - x_i'b)^2 + ridge |b|^2`` for a batch of rows.

    ``ridge``: that of one copy; 0 is least squares or the least norm.  ``weights``: (n,), or 1.
    """

    def __init__(self, on: Copies, sample: Sample, ridge: float, weights: Any = 1.0) -> None:
        self.sample, self.ridge = sample, on.k * ridge
        self.weights = weights * np.ones(sample.size)
        self.least_norm = ridge == 0 and np.sum(self.weights > 0) < sample.rows.shape[2]

    @cached_property
    def inverse(self) -> Array:
        """(T, p, p) ``(X' V X + ridge)^-1``; for the least norm of a ridge of 10^-4."""
        gram = self.sample.moment(self.weights)
        ridge = self.ridge or (1e-4 if self.least_norm else 0.0)
        return np.linalg.inv(gram + ridge * np.eye(gram.shape[1]))

    @cached_property
    def map(self) -> Array:
        """(T, p, n) from labels to coefficients."""
        used = self.weights > 0
        roots = np.sqrt(self.weights[used, None])
        rows = self.sample.rows[:, used] * roots
        found = np.zeros_like(np.swapaxes(self.sample.rows, 1, 2))
        if self.least_norm:
            solved = np.swapaxes(np.linalg.solve(rows @ np.swapaxes(rows, 1, 2), rows), 1, 2)
        else:
            solved = self.inverse @ np.swapaxes(rows, 1, 2)
        found[:, :, used] = solved * roots[:, 0]
        return found

    def learnt(self, weights: Any = 1.0) -> Array:
        """(T, p, p) what students make of coefficients that label rows, or some of them."""
        if self.least_norm:
            return np.asarray(self.map * weights @ self.sample.rows)
        return np.asarray(self.inverse @ self.sample.moment(self.weights * weights))


@dataclass(frozen=True, eq=False)
class Labels:
    """Coefficients that label rows: means and mean squares, (p,) or (T, p)."""

    mean: Array
    square: Array

    @classmethod
    def of(cls, vector: Array) -> Labels:
        """Fixed coefficients."""
        return cls(vector, vector**2)


@dataclass(frozen=True, eq=False)
class Student:
    """A linear student: what it makes of coefficients that label rows, and of noise.

    Attributes:
        taught: (T, p, p) maps and the labels that each is applied to, independent if random.
        noise: (T, p, N) map of independent noise of variance 1.
    """

    taught: Sequence[tuple[Array, Labels]]
    noise: Array

    def labels(self) -> Labels:
        """What it teaches, averaged over noise and the signs of columns."""
        mean: Any = 0.0
        square = (self.noise**2).sum(axis=2)
        for i, (learnt, own) in enumerate(self.taught):
            mean = mean + np.einsum("tii->ti", learnt) * own.mean
            for j, (other, theirs) in enumerate(self.taught):
                both = own.square if i == j else own.mean * theirs.mean
                square = square + over_columns(learnt * other, both)
        return Labels(mean, square)


def over_columns(maps: Array, weights: Array) -> Array:
    """(T, p) maps times weights, (p,) or (T, p)."""
    return np.asarray((maps @ weights[..., None])[..., 0])


def excess(on: Copies, one: Student, other: Student | None = None) -> Array:
    """(T,) ``(b - beta*)' Sigma (b' - beta*)`` averaged over noise and the signs of columns."""
    second = one if other is None else other
    value = on.lam @ on.truth**2 + (one.noise * second.noise).sum(axis=2) @ on.lam
    for student in (one, second):
        for learnt, own in student.taught:
            value -= (np.einsum("tii->ti", learnt) * own.mean) @ (on.lam * on.truth)
    for i, (learnt, own) in enumerate(one.taught):
        for j, (map_, theirs) in enumerate(second.taught):
            both = own.square if other is None and i == j else own.mean * theirs.mean
            value += (over_columns(np.swapaxes(learnt * map_, 1, 2), on.lam) * both).sum(axis=1)
    return np.asarray(value)


@dataclass(frozen=True, eq=False)
class Field:
    """``diag(rows) X G``: G the inverse of one fit, or of two around ``diag(form)``.

    ``last``: weights of rows, whose ``X' diag(last) X`` G is then multiplied by.
    """

    first: Fit
    second: Fit | None = None
    form: Array | None = None
    rows: Any = 1.0
    last: Array | None = None


def fields(on: Copies, *fits: Fit, rows: Any = 1.0, product: Array | None = None) -> list[Field]:
    """Every fit alone, and every pair around eigenvalues and around the signal."""
    signal = on.truth**2 if product is None else product
    found = [Field(fit, rows=rows) for fit in fits]
    pairs = [(a, b) for i, a in enumerate(fits) for b in fits[i:]]
    return found + [Field(a, b, s, rows) for a, b in pairs for s in (on.lam, on.k * signal)]


def mode_weights(on: Copies, fit: Fit, *products: Array) -> list[Array]:
    """Weights of modes for `zero_means`: 1, zeta, zeta^2, and products with and without zeta."""
    at = equivalents(on.problem, np.sum(fit.weights > 0) / on.k, (fit.ridge or 1e-3) / on.k)
    zeta = np.repeat(at.zeta, on.k)
    weights = [np.ones(zeta.size), *(on.k * s for s in products or [on.truth**2])]
    return [*weights, *(w * zeta for w in weights), zeta**2]


def zero_means(on: Copies, given: Sequence[Field], *products: Array) -> Array:
    """(T, m) variates of mean zero: ``X'F`` less ``Sigma`` times the divergence of each field F.

    The diagonals are summed over modes with weights: 1, zeta, zeta^2, and ``products`` of
    coefficients, by default the signal, with and without zeta.  Products and forms may be those of
    each trial, (T, p), if they are independent of the rows.
    """
    sample, weights = given[0].first.sample, mode_weights(on, given[0].first, *products)
    found = []
    for field in given:
        u, R = field.rows * np.ones(sample.size), field.first.inverse
        moment, both = sample.moment(u), sample.moment(u * field.first.weights) @ R
        free = (u.sum() - np.einsum("tii->t", both))[:, None]
        added: Any = 0.0
        if field.second is None:
            G, spread = R, 0.0
        else:
            other, gram = field.second.inverse, sample.moment(u * field.second.weights)
            G = (R * np.atleast_2d(np.asarray(field.form))[:, None]) @ other
            through, turned = np.einsum("tij,tij->t", gram, G)[:, None], gram @ G
            if field.last is not None:
                grown = sample.moment(u * field.last)
                added = np.einsum("tij,tij->t", grown, G)[:, None]
                added = added + np.einsum("tji,tji->ti", grown, G)
                G, other = G @ sample.moment(field.last), other @ sample.moment(field.last)
            spread = np.einsum("tji,tji->ti", turned, other)
            spread = spread + through * np.einsum("tii->ti", other) - added
        spread = spread + np.einsum("tji,tji->ti", both, G)
        left = np.einsum("tji,tji->ti", moment, G)
        right = free * np.einsum("tii->ti", G) - spread
        gap = left - on.lam * right
        found += [(gap * w).sum(axis=1) for w in weights]
    return np.stack(found, axis=1)


def halves(n: int, count: int) -> list[Array]:
    """Up to seven halves of n rows, any two of which share a quarter of them; n in eighths."""
    block = np.repeat(np.arange(8), n // 8)
    return [
        np.array([(i & number).bit_count() % 2 for i in block], dtype=float)
        for number in range(1, count + 1)
    ]


def mean_of(fits: Sequence[Fit], truth: Array, noise: float) -> Student:
    """The mean of students of the same labels."""
    learnt = np.mean([fit.learnt() for fit in fits], axis=0)
    maps = np.mean([fit.map for fit in fits], axis=0)
    return Student([(learnt, Labels.of(truth))], maps * np.sqrt(noise))


def ensemble_means(on: Copies, fits: Sequence[Fit]) -> Array:
    """`zero_means` of members, each in its own rows and in those of another, summed over all."""
    own, crossed = [], []
    for i, fit in enumerate(fits):
        own.append(zero_means(on, fields(on, fit, rows=fit.weights)))
        other = fits[i - 1]
        rows = fit.weights * other.weights
        both = [
            Field(fit, other, form, u)
            for form in (on.lam, on.k * on.truth**2)
            for u in (fit.weights, rows)
        ]
        crossed.append(zero_means(on, both))
    return np.concatenate([sum(own), sum(crossed)], axis=1)


#: Of one size's copies and trials: values (T,) or (T, m), and what makes variates of mean zero.
Measured = Callable[[Copies, np.random.Generator, int], tuple[Array, Callable[[], Array]]]


def extrapolated(
    context: Context,
    name: str,
    problem: Problem,
    measured: Measured,
    theory: Any,
    order: Any,
    trials: Sequence[int] = (110, 80),
    floor: float = 0.005,
) -> Comparison:
    """Means at sizes 1, 2, ..., as many as ``trials``, extrapolated, beside the equivalents.

    ``order``: the relative size of what is of order 1/n at one copy, ``1/(n (1 - Omega))``.  The
    band of r sizes is ``order^r``, r! times what they leave of a term of that size, and ``floor``,
    what so many trials can tell.  The full level has twice the copies and half of the floor: what
    variates of mean zero leave falls with k, of k times a difference too.
    ``name`` stands for what is drawn and measured: controls that name it too draw nothing.
    """
    more, mean, variance, counts = times(context), 0.0, 0.0, []
    sizes = range(1, len(trials) + 1)
    for k, count in zip(sizes, trials, strict=True):
        weight = math.prod(k / (k - j) for j in sizes if j != k)
        counts.append(context.trials(count) // more)
        on = Copies(problem, k * more)
        steady = steady_values(context, name, on, measured, counts[-1])
        mean = mean + weight * steady.mean(axis=0)
        variance = variance + weight**2 * steady.var(axis=0, ddof=1) / len(steady)
    expected = np.atleast_1d(np.asarray(theory, dtype=float))
    left = (order / more) ** len(trials)
    band = (left + floor / more) * np.abs(expected)
    return Comparison(name, mean, np.sqrt(variance), min(counts) - 1, expected, band)


def corrected(
    context: Context,
    name: str,
    problem: Problem,
    measured: Measured,
    theory: SizeError,
    order: float,
    copies: int = 2,
    trials: int = 240,
    floor: float = 0.005,
) -> Comparison:
    """Means at one size beside the equivalent with its first correction there.

    The band is ``order^2`` at so many copies, and ``floor``; as for `extrapolated`.
    """
    more = times(context)
    on, count = Copies(problem, copies * more), context.trials(trials) // more
    steady = steady_values(context, name, on, measured, count)
    expected = theory.risk + theory.correction / on.k
    band = ((order / on.k) ** 2 + floor / more) * abs(expected)
    return Comparison.of(name, steady[:, 0], expected, band)


#: What was drawn last.
_kept: dict[tuple[Context, str, int, int], Array] = {}


def steady_values(context: Context, name: str, on: Copies, measured: Measured, count: int) -> Array:
    """(count, m) values at one size, steadied."""
    key = context, name, on.k, count
    if key not in _kept:
        if len(_kept) == KEPT:
            del _kept[next(iter(_kept))]
        values, zeros = measured(on, generator(context, name, on.k), count)
        _kept[key] = steadied(values.reshape(count, -1), zeros())
    return _kept[key]
