"""Section 9 on small pools in exact arithmetic: SymPy matrices of rationals or symbols.

The equations (10) to (12) are linear in D and V, and hold for any scales b, solution of (9) or
not: so that rational rows and rational b make every number rational.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import sympy
from sympy.polys.matrices import DomainMatrix

from kdverify import formulas as f


def solve(matrix: Any, right: Any) -> Any:
    """``matrix^-1 right``, by exact elimination in the field of the entries."""
    left, given = DomainMatrix.from_Matrix(matrix).to_field(), DomainMatrix.from_Matrix(right)
    left, given = left.unify(given.to_field())
    return left.lu_solve(given).to_Matrix()


def inverse(matrix: Any) -> Any:
    """The inverse, exactly."""
    return solve(matrix, sympy.eye(matrix.rows))


@dataclass(frozen=True, eq=False)
class ExactPool:
    """A pool: rows (columns of length p), scales b, labels (one row of numbers per label)."""

    rows: Sequence[Any]
    b: Sequence[Any]
    labels: Sequence[Sequence[Any]]
    n: Any
    noise: Any = 0

    @property
    def size(self) -> int:
        """Number of rows."""
        return len(self.rows)

    @property
    def eye(self) -> Any:
        """The p x p identity."""
        return sympy.eye(self.rows[0].rows)

    def mean(self, values: Callable[[int], Any], shape: tuple[int, int]) -> Any:
        """The mean over the pool of a matrix."""
        return sum((values(i) for i in range(self.size)), sympy.zeros(*shape)) / self.size

    def gram(self, weights: Sequence[Any]) -> Any:
        """``E[w x x']``."""
        p = self.eye.rows
        return self.mean(lambda i: weights[i] * self.rows[i] * self.rows[i].T, (p, p))

    def form(self, i: int, matrix: Any, j: int | None = None) -> Any:
        """``x_i' A x_j``."""
        return (self.rows[i].T * matrix * self.rows[i if j is None else j])[0, 0]

    def forms(self, matrix: Any) -> list[Any]:
        """``x' A x`` for every row."""
        return [self.form(i, matrix) for i in range(self.size)]

    @cached_property
    def M(self) -> Any:
        """``(I + E[w x x'])^-1`` with the weights of (9)."""
        return inverse(self.eye + self.gram([f.row_weight(self.n, b) for b in self.b]))

    @cached_property
    def coupling(self) -> Any:
        """J of the N x N form of (10) and (12)."""
        return sympy.Matrix(
            self.size,
            self.size,
            lambda i, j: f.coupling(
                self.n, self.size, self.b[i], self.b[j], self.form(i, self.M, j)
            ),
        )

    def coupled(self, given: Sequence[Any]) -> list[Any]:
        """``q = given + n E[(x'Mx')^2 q' / b'^2]``, by the coupling."""
        right = sympy.Matrix([q / b for q, b in zip(given, self.b, strict=True)])
        u = solve(sympy.eye(self.size) - self.coupling, right)
        return [u[i] * b for i, b in enumerate(self.b)]

    def weights(self, forms: Sequence[Any]) -> list[Any]:
        """Weights of (10)."""
        return [f.response_weight(self.n, b, form) for b, form in zip(self.b, forms, strict=True)]

    def response(self, matrix: Any) -> tuple[Any, list[Any]]:
        """D_A of (10), and ``x' D_A x`` for every row."""
        forms = self.coupled(self.forms(self.M * matrix * self.M))
        return self.M * (matrix + self.gram(self.weights(forms))) * self.M, forms

    def theta(self, label: int = 0) -> Any:
        """``E[x x'/b]^-1 E[x y/b]``."""
        crossed = self.mean(
            lambda i: self.rows[i] * self.labels[label][i] / self.b[i], (self.eye.rows, 1)
        )
        return solve(self.gram([1 / b for b in self.b]), crossed)

    def residuals(self, label: int = 0) -> list[Any]:
        """``e = y - x'theta``."""
        theta = self.theta(label)
        return [y - (x.T * theta)[0, 0] for x, y in zip(self.rows, self.labels[label], strict=True)]

    def second_moment(self, matrix: Any, label: int = 0, crossed: int = 2) -> Any:
        """``E b'Ab`` by (11); ``crossed`` is the factor of its middle term."""
        D, forms = self.response(matrix)
        theta, e, M = self.theta(label), self.residuals(label), self.M
        form = f.teacher_form(matrix, matrix * M, M * matrix, D)
        pulled = self.mean(
            lambda i: self.rows[i] * f.crossed_weight(self.n, self.b[i], forms[i], e[i]),
            (self.eye.rows, 1),
        )
        noise = self.mean(
            lambda i: sympy.Matrix([[self.weights(forms)[i] * (e[i] ** 2 + self.noise)]]), (1, 1)
        )
        linear = (theta.T * form * theta)[0, 0]
        return linear + crossed * (theta.T * M * pulled)[0, 0] + noise[0, 0]

    def with_labels(self, labels: Sequence[Any]) -> ExactPool:
        """The same pool with one label column."""
        return replace(self, labels=[labels])

    def second_moment_of(self, labels: Sequence[Any], matrix: Any) -> Any:
        """(11) for other labels."""
        return self.with_labels(labels).second_moment(matrix)

    def theta_of(self, labels: Sequence[Any]) -> Any:
        """theta of other labels."""
        return self.with_labels(labels).theta()

    def adjoint(self, first: int = 0, second: int | None = None, polarised: bool = True) -> Any:
        """``E b b'`` by (12), symmetrised; two label columns by polarisation."""
        pair = (first, first if second is None else second)
        thetas = [self.theta(k) for k in pair]
        e = [self.residuals(k) for k in pair]
        lost = [[(x.T * self.M * theta)[0, 0] for x in self.rows] for theta in thetas]
        noise = self.noise if pair[0] == pair[1] else 0
        weights = []
        for i, b in enumerate(self.b):
            crossed = e[0][i] * lost[1][i]
            if polarised:
                crossed = (crossed + e[1][i] * lost[0][i]) / 2
            weights.append(f.label_weight(self.n, b, crossed, 1, e[0][i] * e[1][i] + noise))
        outer = (thetas[0] * thetas[1].T + thetas[1] * thetas[0].T) / 2
        W, M = outer + self.gram(weights), self.M
        V = W + self.gram(self.weights(self.coupled(self.forms(M * W * M))))
        return f.teacher_form(outer, M * outer, outer * M, M * V * M)


def random_pool(
    seed: int, size: int = 4, p: int = 2, labels: int = 2, noise: bool = True
) -> ExactPool:
    """A pool of small random rationals."""
    source = random.Random(seed)

    def rational(low: int = -6) -> Any:
        return sympy.Rational(source.randint(low, 6) or 1, source.randint(1, 4))

    return ExactPool(
        rows=[sympy.Matrix([rational() for _ in range(p)]) for _ in range(size)],
        b=[rational(1) for _ in range(size)],
        labels=[[rational() for _ in range(size)] for _ in range(labels)],
        n=sympy.Rational(source.randint(1, 3 * p), 3),
        noise=rational(1) if noise else 0,
    )


def random_symmetric(seed: int, p: int = 2) -> Any:
    """A symmetric matrix of small integers."""
    source = random.Random(seed)
    half = sympy.Matrix(p, p, lambda i, j: source.randint(-5, 5))
    return half + half.T


@dataclass(frozen=True, eq=False)
class SolvedPool:
    """An exact solution of (9) with ridge, from directions ``u = x / sqrt(b)``.

    ``M = (I + n E[u u'])^-1`` is known without b, and ``b = delta + x'Mx`` is
    ``b = delta / (1 - u'Mu)``: every pool with a ridge arises in this way.
    """

    directions: Sequence[Any]
    n: Any
    ridge: Any

    @cached_property
    def unit(self) -> ExactPool:
        """The pool of the directions, all scales 1."""
        size = len(self.directions)
        return ExactPool(self.directions, [sympy.Integer(1)] * size, [], self.n)

    @cached_property
    def b(self) -> list[Any]:
        """The scales."""
        return [self.ridge / (1 - share) for share in self.unit.forms(self.unit.M)]

    def forms(self, matrix: Any) -> list[Any]:
        """``x' A x`` for every row."""
        return [b * own for b, own in zip(self.b, self.unit.forms(matrix), strict=True)]


def solved_pools(count: int = 4) -> list[SolvedPool]:
    """Random directions, one of them zero, two of them equal."""
    pools = []
    for seed in range(count):
        source = random.Random(seed)
        drawn = [
            sympy.Matrix([sympy.Rational(source.randint(-9, 9), 10) for _ in range(3)])
            for _ in range(4)
        ]
        directions = [*drawn, sympy.zeros(3, 1), drawn[0]]
        pools.append(SolvedPool(directions, sympy.Rational(5, 2), sympy.Rational(seed + 1, 3)))
    return pools
