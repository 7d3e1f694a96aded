"""Claims 16.sphere, 16.cube and 16.mehler: eigenvalues of kernels on known domains."""

import itertools
import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from kdverify import formulas as f
from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.kernels import Levels, cube, gaussian_inputs, hermite_ansatz, sphere

from ..lib.ensembles import generator, times
from ..lib.modes import Pairs
from ..lib.written import agree
from ..s9_rows.as_trained import near

SPHERE = Claim(
    "16.sphere",
    title="Dot-product kernels on the sphere: one eigenvalue a degree",
    statement=r"K(x\cdot y)\text{ on }S^{d-1}:\ \lambda_k = \mathbb E\,K(t)P_k(t),\quad"
    r" \sum_k N_{d,k}\lambda_k = K(1),\quad \frac{N_{d,k+1}}{N_{d,k}} ="
    r" \frac{(2k+d)(k+d-2)}{(2k+d-2)(k+1)}",
    source="classic",
    parts=("multiplicity", "recurrence", "simulated", "as run"),
    steps=[
        Step("Rotations commute with the kernel: harmonics of one degree share an eigenvalue."),
        Step("Funk and Hecke: it is the mean of K P_k over one coordinate t of a uniform point."),
        Step("N_(d,k) = C(k+d-1, k) - C(k+d-3, k-2): polynomials less |x|^2 times such."),
    ],
)
d, k, t = sympy.symbols("d k t", positive=True)


def harmonics(degree: Any) -> Any:
    """N_(d,k) as a ratio of gamma functions."""
    return (
        (2 * degree + d - 2)
        * sympy.gamma(degree + d - 2)
        / (sympy.gamma(degree + 1) * sympy.gamma(d - 1))
    )


@SPHERE.identity("multiplicity", but={"k for k + 1": {"lag": 1}})
def multiplicity(lag: int = 0) -> tuple[Any, Any]:
    """The step from degree k to k + 1."""
    left = sympy.gammasimp(f.next_multiplicity(harmonics(k), k - lag, d) / harmonics(k))
    return left, sympy.gammasimp(harmonics(k + 1) / harmonics(k))


@SPHERE.identity("multiplicity", note="dimensions of polynomials, d = 5, k to 6")
def dimensions() -> tuple[Any, Any]:
    """N_(5,k) from polynomials, and by the recurrence from 1 and d."""
    found, counts = [sympy.Integer(5)], []
    for degree in range(1, 7):
        less = sympy.binomial(degree + 2, degree - 2) if degree > 1 else 0
        counts.append(sympy.binomial(degree + 4, degree) - less)
        found.append(f.next_multiplicity(found[-1], sympy.Integer(degree), sympy.Integer(5)))
    return counts, found[:6]


@SPHERE.identity("recurrence", note="orthogonal for the weight (1-t^2)^((d-3)/2), d = 5")
def orthogonal() -> tuple[Any, Any]:
    """Means of P_j P_k over one coordinate, j, k <= 3: 1/N on the diagonal."""
    polynomials = [sympy.Integer(1), t]
    for degree in range(1, 3):
        step = f.next_gegenbauer(t, polynomials[-1], polynomials[-2], degree, 5)
        polynomials.append(sympy.expand(step))

    def mean(expression: Any) -> Any:
        return sympy.integrate(sympy.expand(expression * (1 - t**2)), (t, -1, 1)) * 3 / 4

    left = [mean(a * b) for a in polynomials for b in polynomials]
    counts = [1, 5, 14, 30]
    right = [
        sympy.Rational(1, counts[i]) if i == j else sympy.Integer(0)
        for i in range(4)
        for j in range(4)
    ]
    return left, right


@SPHERE.agreement("simulated", note="mean of K(x.y) P_k(x.y) over pairs of points, d = 6")
def pairs(context: Context, extra: int = 0) -> Comparison:
    """lambda_k as means over uniform pairs, exp(2t)."""
    draw = generator(context, "sphere")
    points = draw.standard_normal((2, context.trials(3000, full=21_000), 6))
    points /= np.linalg.norm(points, axis=2, keepdims=True)
    at = (points[0] * points[1]).sum(axis=1)
    polynomials = [np.ones_like(at), at]
    polynomials.append(f.next_gegenbauer(at, at, polynomials[0], 1, 6 + extra))
    values = np.stack([np.exp(2 * at) * q for q in polynomials], axis=1)
    exact = sphere(lambda u: np.exp(2 * u), 6, 2).eigenvalues
    even = [math.prod((2 * i + 1) / (6 + 2 * i) for i in range(j)) for j in range(1, 4)]
    zeros = [at, at**3, at**5, *(at ** (2 * j) - mean for j, mean in enumerate(even, 1))]
    known = np.stack(zeros, axis=1)  # moments of t
    return Comparison.of("levels", values, exact, 0.005 / times(context) * exact, known)


pairs.but("polynomials of d = 9", extra=3)


def said(found: Levels, eigenvalues: Any, counts: Any, trace: Any) -> Pairs:
    """In order iff levels have these eigenvalues and multiplicities, and the rest as tail."""
    numbers = [float(value) for value in eigenvalues]
    yield from near(found.eigenvalues, numbers)
    yield from agree(found.multiplicities, counts)
    rest = float(trace) - math.fsum(c * x for c, x in zip(counts, numbers, strict=True))
    yield from near([found.tail + 1], [rest + 1])


def polynomial(series: Sequence[Any], point: Any) -> Any:
    """``sum c_i point^i``."""
    return sum(c * point**i for i, c in enumerate(series))


@SPHERE.below("as run", note="polynomial kernels, exact", but={"K + t/100": {"more": 0.01}})
def levels_of_sphere(digits: int, more: float = 0.0) -> Pairs:
    """`sphere`: polynomials made orthogonal by exact moments of a coordinate; targets of levels."""
    for dimension, series, degrees in (
        (2, (1, 2, 3, 1), 2),
        (3, (Fraction(1, 2), 1, 3, 1), 5),
        (5, (2, 1, Fraction(3, 2), 4), 3),
        (5, (2, 1, Fraction(3, 2), 4), 1),
    ):

        def mean(left: Sequence[Any], right: Sequence[Any], d: int = dimension) -> Fraction:
            total = Fraction(0)
            for (i, a), (j, b) in itertools.product(enumerate(left), enumerate(right)):
                power = Fraction(1 - (i + j) % 2)
                for m in range(1, (i + j) // 2 + 1):
                    power *= Fraction(2 * m - 1, d + 2 * m - 2)
                total += Fraction(a) * Fraction(b) * power
            return total

        bases: list[list[Fraction]] = []
        for degree in range(degrees + 1):
            made = [Fraction(int(i == degree)) for i in range(degrees + 1)]
            for one in bases:
                share = mean(made, one) / mean(one, one)
                made = [a - share * b for a, b in zip(made, one, strict=True)]
            bases.append([a / sum(made) for a in made])
        counts = [int(1 / mean(one, one)) for one in bases]
        moved = np.array([float(c) for c in series]) + np.array([0.0, more, 0.0, 0.0])
        found = sphere(lambda u: polynomial(moved, u), dimension, degrees)  # noqa: B023 - called in its turn
        yield from said(found, [mean(series, one) for one in bases], counts, sum(series))
    even = sphere(lambda u: 1 + 0 * u + u**2, 4, 3)  # levels 0 and 2 of 1, 4, 9, 16 harmonics
    yield from agree(even.kept, [True, False, True, False])
    target = even.problem([3.0, 0.0, 2.0, 0.0])
    yield from near(target.signal, np.repeat([3.0, 2.0 / 9], [1, 9]))
    yield from near(target.spectrum.eigenvalues, np.repeat([1.25, 1 / 12], [1, 9]))
    try:
        even.problem([3.0, 1.0, 2.0, 0.0])
    except ValueError:
        yield 0, 1
    else:
        yield 1, 0


CUBE = Claim(
    "16.cube",
    title="Kernels on the cube of signs: one eigenvalue a degree of parity",
    statement=r"K(x\cdot y/d)\text{ on }\{-1,1\}^d:\ \lambda_k = 2^{-d}\sum_j\binom dj"
    r"K(1-2j/d)\,\kappa_k(j),\ \text{multiplicity }\binom dk",
    source="classic",
    parts=("recurrence", "all corners", "as run"),
    steps=[Step("Parities diagonalise; kappa_k(j) is the mean of the parities of degree k.")],
)


@CUBE.identity("recurrence", note="d = 5, all degrees", but={"d - 2j + 1": {"shift": 1}})
def krawtchouk(shift: int = 0) -> tuple[Any, Any]:
    """The recurrence, and means of parities counted by hand."""
    left, right = [], []
    for j in range(6):
        values = [sympy.Integer(1), sympy.Rational(5 - 2 * j, 5)]
        for degree in range(1, 5):
            step = f.next_krawtchouk(
                sympy.Rational(2 * j - shift, 2), values[-1], values[-2], degree, 5
            )
            values.append(step)
        counted = [
            sum(
                (-1) ** i * sympy.binomial(j, i) * sympy.binomial(5 - j, degree - i)
                for i in range(degree + 1)
            )
            / sympy.binomial(5, degree)
            for degree in range(6)
        ]
        left += values
        right += counted
    return left, right


@CUBE.below("all corners", but={"of another kernel": {"rate": 1.01}})
def corners(digits: int, rate: float = 1.0) -> Any:
    """Eigenvalues of the 64 x 64 Gram matrix of exp(x.y/6) beside the levels."""
    del digits
    from kdverify.arithmetic import BALLS

    points = np.array(np.meshgrid(*[[-1, 1]] * 6)).reshape(6, -1).T
    exact = np.linalg.eigvalsh(np.exp(points @ points.T / 6) / 64)
    found = np.sort(cube(lambda u: np.exp(rate * u), 6).spectrum().eigenvalues)
    for one, other in zip(exact, found, strict=True):
        yield BALLS.number(abs(float(one - other))), BALLS.number(1e-12)


@CUBE.below("as run", note="means over corners", but={"of another kernel": {"rate": 1.01}})
def levels_of_cube(digits: int, rate: float = 1.0) -> Pairs:
    """`cube`: each degree's eigenvalue is the mean of kernel times parity over all corners."""
    for dimension, degrees in ((1, None), (5, None), (5, 2), (6, 5)):
        points = np.array(list(itertools.product((-1, 1), repeat=dimension)))
        kernel = np.exp(points.sum(axis=1) / dimension)
        top = dimension if degrees is None else degrees
        true = [float((kernel * points[:, :j].prod(axis=1)).mean()) for j in range(top + 1)]
        counts = [len(list(itertools.combinations(range(dimension), j))) for j in range(top + 1)]
        yield from said(
            cube(lambda u: np.exp(rate * u), dimension, degrees), true, counts, math.e**rate
        )


MEHLER = Claim(
    "16.mehler",
    title="Gaussian inputs: the Gaussian and the exponential kernel, a geometric spectrum",
    statement=r"K = e^{sxy-\frac c2(x^2+y^2)},\ x\sim\mathcal N(0,\gamma):\ \lambda_k ="
    r" \lambda_0r^k,\ r = \frac{s/2}{\alpha+\rho},\ \lambda_0^2 = \frac1{2\gamma(\alpha+\rho)},\ "
    r"\alpha=\frac1{4\gamma}+\frac c2,\ \rho^2=\alpha^2-\frac{s^2}4",
    source="classic",
    parts=("first", "second", "trace", "simulated", "as run"),
    steps=[
        Step(
            "With the input's density split as its roots the operator is exp(s x y - alpha (x^2 +"
            " y^2)); exp(-rho x^2) is an eigenfunction, and so are its products with Hermite's."
        ),
        Step("Inputs are independent: eigenvalues multiply."),
    ],
)
gamma, s, rho, y = sympy.symbols("gamma s rho y", positive=True)


def eigenfunction(degree: int, extra: int = 0) -> tuple[Any, Any]:
    """The operator on x^degree exp(-rho x^2), alpha and gamma free: value and eigenvalue times it.

    With alpha + rho = A and s^2 = 4 (alpha^2 - rho^2); gamma enters by its root in the density.
    """
    alpha = sympy.Symbol("alpha", positive=True)
    total = alpha + rho
    # E of y under exp(-A y^2 + s x y): mean s x/(2 A)
    mean = s * y / (2 * total)
    moved = mean**degree
    first = sympy.sqrt(sympy.pi / total) / sympy.sqrt(2 * sympy.pi * gamma)
    ratio = s / (2 * total)
    return first * moved, first * ratio ** (degree + extra) * y**degree


@MEHLER.identity("first", note="lemma: x^0 and x^1", but={"one power of r more": {"extra": 1}})
def first_two(extra: int = 0) -> tuple[Any, Any]:
    """Degrees 0 and 1 of the eigenfunctions."""
    both = [eigenfunction(degree, extra) for degree in (0, 1)]
    return [a for a, _ in both], [b for _, b in both]


@MEHLER.identity("second", note="ratio and square of the first by the formulas")
def by_formulas() -> tuple[Any, Any]:
    """The library's expressions at alpha = 1/(4 gamma) + c/2."""
    c = sympy.Symbol("c", nonnegative=True)
    alpha = f.mehler_alpha(gamma, c)
    ratio = f.mehler_ratio(gamma, s, c, rho)
    square = f.mehler_first_squared(gamma, c, rho)
    exponent = f.mehler_root_squared(gamma, s, c)
    return [ratio, square, exponent], [
        s / (2 * (alpha + rho)),
        1 / (2 * gamma * (alpha + rho)),
        (alpha - s / 2) * (alpha + s / 2),
    ]


@MEHLER.identity(
    "trace", note="lemma: the squares of both sides", but={"r^2 in the sum": {"power": 2}}
)
def trace(power: int = 1) -> tuple[Any, Any]:
    """(lambda_0/(1 - r))^2 = 1/(1 - 2 (s - c) gamma), written in alpha and rho."""
    alpha = sympy.Symbol("alpha", positive=True)
    product = 2 * sympy.sqrt((alpha - rho) * (alpha + rho))
    ratio = product / (2 * (alpha + rho))
    left = 1 / (2 * gamma * (alpha + rho)) / (1 - ratio**power) ** 2
    damping = 2 * (alpha - 1 / (4 * gamma))
    right = 1 / (1 - 2 * (product - damping) * gamma)
    point = {alpha: sympy.Rational(5), rho: sympy.Rational(3)}
    return [left.subs(point), left.subs({alpha: 13, rho: 5})], [
        right.subs(point),
        right.subs({alpha: 13, rho: 5}),
    ]


@MEHLER.agreement("simulated", note="E K^2 over pairs: the sum of squares, two inputs")
def squares(context: Context, factor: float = 1.0) -> Comparison:
    """The mean of K(x, y)^2."""
    draw = generator(context, "mehler")
    variances = np.array([0.4, 0.15])
    x, z = draw.standard_normal((2, context.trials(7000, full=60_000), 2)) * np.sqrt(variances)
    u = np.square(x - z) / (2 * variances)
    zeros = [u - 1, u**2 - 3, u**3 - 15, (u[:, :1] - 1) * (u[:, 1:] - 1)]
    values = np.exp(-0.9 * ((x - z) ** 2).sum(axis=1))
    exact = math.fsum(gaussian_inputs(variances, 0.9 * factor, count=500).eigenvalues ** 2)
    known, band = np.concatenate(zeros, axis=1), 0.012 / times(context) * exact
    return Comparison.of("squares", values, exact, band, known)


squares.but("of half the width", factor=4.0)


@MEHLER.below("as run", note="quadratures, products", but={"of another width": {"factor": 1.01}})
def levels_of_gaussian(digits: int, factor: float = 1.0) -> Pairs:
    """`gaussian_inputs` by Gauss and Hermite's nodes; `hermite_ansatz` by all products."""
    variances = np.array([0.15, 0.4, 0.1])
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    roots = np.sqrt(weights / weights.sum())
    for product, damping in ((0.9, None), (0.9, 0.0), (0.7, 0.3)):
        damped = product if damping is None else damping
        found = gaussian_inputs(variances, product * factor, damping, 60)
        parts, own = [], 1.0
        for variance in variances:
            x = nodes * variance**0.5
            kernel = np.exp(product * np.outer(x, x) - damped * (x[:, None] ** 2 + x**2) / 2)
            parts.append(np.linalg.eigvalsh(roots[:, None] * kernel * roots)[::-1][:25])
            own *= float(roots**2 @ kernel.diagonal())
        every = np.sort(np.einsum("i,j,k->ijk", *parts).ravel())[::-1][:60]
        yield from said(found, every, np.ones(60, dtype=int), own)
    for series, count in (((0.5, 1.0, 0.0, 2.0, 0.25), 12), ((0.0, 3.0, 1.0), 500)):
        products: list[float] = []
        trace = 0.0
        for degree, c in enumerate(series):
            chosen = list(itertools.combinations_with_replacement(variances * factor, degree))
            products += [c * math.prod(one) for one in chosen if c]
            mean = sum(
                math.prod(
                    math.factorial(2 * one.count(v))
                    / math.factorial(one.count(v)) ** 2
                    * (v / 2) ** one.count(v)
                    for v in variances
                )
                for one in itertools.combinations_with_replacement(variances.tolist(), degree)
            )  # E |x|^(2l)/l!: moments of each coordinate over factorials
            trace += c * mean
        largest = sorted(products, reverse=True)[:count]
        yield from said(
            hermite_ansatz(series, variances, count), largest, np.ones(len(largest), int), trace
        )
