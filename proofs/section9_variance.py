"""Claims of section 9, any rows: the student's covariance, and one row left out of the pool."""

from __future__ import annotations

from typing import Any

from kdverify import formulas as f
from kdverify.evidence import Claim, Control, Enclosure, Identity, Step

# --------------------------------------------------------------------------
# 9.variance
# --------------------------------------------------------------------------


def split(crossed: int = 2) -> list[list[Any]]:
    """(11), and mean plus variance: words, one generic row."""
    import _rows_words as w

    return w.variance_split(crossed)


def loss_weights(crossed: int = 1) -> tuple[Any, Any]:
    """Weights of one row in V - theta theta' by (12), and of its loss in U."""
    import sympy

    e, lost = sympy.symbols("e u", real=True)  # residual of theta, x'M theta
    n, b, noise, spread = sympy.symbols("n b sigma^2 x'MUMx", positive=True)
    given = f.label_weight(n, b, crossed * lost, e, e**2 + noise)
    # x'MVMx is (x'M theta)^2 + x'MUMx
    added = f.response_weight(n, b, lost**2 + spread)
    return given + added, f.response_weight(n, b, (e + lost) ** 2 + noise + spread)


def exact_variances(about_mean: bool = True) -> tuple[list[Any], list[Any]]:
    """(11) on rational pools, and ``mean' A mean + E[w (residual of the mean)^2]``."""
    from _rows_pools import random_pool, random_symmetric

    left, right = [], []
    for seed in range(4):
        pool, A = random_pool(seed), random_symmetric(seed)
        theta, (_, forms) = pool.theta(), pool.response(A)
        mean = (pool.eye - pool.M) * theta
        missed = [
            y - (x.T * (mean if about_mean else theta))[0, 0]
            for x, y in zip(pool.rows, pool.labels[0], strict=True)
        ]
        spread = sum(
            weight * (r * r + pool.noise)
            for weight, r in zip(pool.weights(forms), missed, strict=True)
        )
        left.append(pool.second_moment(A))
        right.append((mean.T * A * mean)[0, 0] + spread / pool.size)
    return left, right


def unseen_errors(own: bool = True) -> tuple[list[Any], list[Any]]:
    """Cov of (12), and ``M U M`` with ``U = n E[x x' L/b^2]``, L = residual^2 + noise + x'Cov x."""
    from _rows_pools import random_pool

    left, right = [], []
    for seed in range(4):
        pool = random_pool(seed)
        mean = (pool.eye - pool.M) * pool.theta()
        covariance = pool.adjoint() - mean * mean.T
        losses = [
            (y - (x.T * mean)[0, 0]) ** 2
            + pool.noise
            + (x.T * covariance * x)[0, 0] * (1 if own else 0)
            for x, y in zip(pool.rows, pool.labels[0], strict=True)
        ]
        left.append(covariance)
        right.append(pool.M * pool.gram(pool.weights(losses)) * pool.M)
    return left, right


def positive(digits: int, sign: int = 1) -> Any:
    """Variances by (12) at solutions of (9) with residuals: above zero in four directions."""
    from _rows_balls import identity, labelled, number, random_pools

    for pool in (pool.enclosed(digits) for pool in random_pools()):
        theta, _ = labelled(pool)
        mean = (identity(4) - pool.M) * theta
        fitted = pool.X * mean
        for i in range(4):
            axis = identity(4) * 0
            axis[i, i] = number(1)
            D = pool.response(axis)
            weights = [
                f.response_weight(number(pool.n), b, form)
                for b, form in zip(pool.b, pool.forms(D), strict=True)
            ]
            missed = [number(k * k % 7 - 2) - fitted[k, 0] for k in range(pool.size)]
            variance = sum((w * r * r for w, r in zip(weights, missed, strict=True)), number(0))
            yield 0, sign * variance


VARIANCE = Claim(
    id="9.variance",
    title="Any rows, any labels: the covariance by the errors on rows that were not drawn",
    statement=r"\bar r = y - x^\top E\hat\beta:\quad {\rm tr}(A\,{\rm Cov}\,\hat\beta) ="
    r" nE[\bar r^2x^\top D_Ax/b^2],\quad {\rm Cov}\,\hat\beta = nM\,E[xx^\top L/b^2]\,M,"
    r"\ L = \bar r^2 + \sigma^2 + x^\top{\rm Cov}\,\hat\beta\,x",
    source="new",
    needs=("9.adjoint",),
    parts=("one row", "weights"),
    steps=[
        Step(
            "D = M A M + M n E[x x' x'Dx/b^2] M turns (11) into a sum of squares: with w ="
            " n x'Dx/b^2, theta'(A - MA - AM + D) theta + 2 theta'k + E[w e^2] ="
            " |(I - M) theta|_A^2 + E[w (e + x'M theta)^2], and e + x'M theta = y - x'E beta_hat."
        ),
        Step(
            "(12) in the same way: V = theta theta' + U, U = n E[x x' ((e + x'M theta)^2 +"
            " x'MUMx)/b^2], Cov = M U M. L(x) is the mean squared error on x of a student that"
            " did not see x."
        ),
        Step(
            "So all variances are at least zero, and (11) is convex in the labels: w >= 0, since"
            " J >= 0 and x'MAMx >= 0 for A >= 0."
        ),
    ],
    evidence=[
        Identity(
            "one row",
            left=lambda: split()[0],
            right=lambda: split()[1],
            note="words: any size, linear in the rows",
        ),
        Identity(
            "weights",
            left=lambda: loss_weights()[0],
            right=lambda: loss_weights()[1],
            note="of one row in (12)",
        ),
        Identity(
            "four pools",
            left=lambda: [exact_variances()[0], unseen_errors()[0]],
            right=lambda: [exact_variances()[1], unseen_errors()[1]],
            note="rational",
        ),
        Enclosure("variances at solutions of (9)", below=positive),
    ],
    controls=[
        Control(
            Identity("one row", left=lambda: split(1)[0], right=lambda: split(1)[1]),
            wrong="half of the term in k_A",
        ),
        Control(
            Identity(
                "four pools",
                left=lambda: exact_variances(False)[0],
                right=lambda: exact_variances(False)[1],
            ),
            wrong="residuals of theta in the place of those of the mean",
        ),
        Control(
            Identity(
                "four pools",
                left=lambda: unseen_errors(False)[0],
                right=lambda: unseen_errors(False)[1],
            ),
            wrong="without x'Cov x",
        ),
        Control(
            Identity("weights", left=lambda: loss_weights(2)[0], right=lambda: loss_weights(2)[1]),
            wrong="x'M theta twice",
        ),
        Control(Enclosure("variances", below=lambda d: positive(d, -1)), wrong="negative ones"),
    ],
)

# --------------------------------------------------------------------------
# 9.left-out-row
# --------------------------------------------------------------------------


def left_out_words(shift: int = 0) -> list[list[Any]]:
    """The equation that ``M_- x = factor M x`` solves."""
    import _rows_words as w
    import sympy

    n, size, b, ridge = sympy.symbols("n N b delta", positive=True)
    factor = f.left_out_factor(n, size + shift, ridge, b)
    return w.left_out_row(factor, f.row_weight(n, b) / size, b - ridge)


def left_out_pools(ridge_share: int = 1) -> tuple[list[Any], list[Any]]:
    """``x'M_-`` on exact solutions with ridge, and the factor times ``x'M``."""
    import sympy
    from _rows_pools import inverse, solved_pools

    left, right = [], []
    for pool in solved_pools():
        size, unit = len(pool.b), pool.unit
        for i, u in enumerate(pool.directions):
            others = [sympy.Integer(int(j != i)) for j in range(size)]
            rest = inverse(unit.eye + pool.n * unit.gram(others))
            factor = f.left_out_factor(pool.n, size, ridge_share * pool.ridge, pool.b[i])
            left.append(u.T * rest)
            right.append(factor * u.T * unit.M)
    return left, right


def left_out_balls(digits: int) -> Any:
    """The same without ridge, on balls."""
    from _rows_balls import identity, matrix, number, random_pools

    for pool in (pool.enclosed(digits) for pool in random_pools()):
        n, size = number(pool.n), number(pool.size)
        for i in (0, pool.size - 1):
            weights = [n / b if j != i else number(0) for j, b in enumerate(pool.b)]
            row = matrix([pool.rows[i]])
            rest = row * (identity(4) + pool.gram(weights)).inv()
            own = row * pool.M * f.left_out_factor(n, size, number(pool.ridge), pool.b[i])
            for j in range(4):
                yield rest[0, j], own[0, j]


LEFT_OUT_ROW = Claim(
    id="9.left-out-row",
    title="Any rows: one row left out of the pool changes M by rank one",
    statement=r"M_-^{-1} = M^{-1} - \frac{n}{Nb}xx^\top:\quad x^\top M_- ="
    r" \frac{Nb}{Nb - n(b-\delta)}\,x^\top M\quad\text{(the other rows' b as they are)}",
    source="new",
    needs=("9.trace",),
    steps=[
        Step("(M^-1 - c x x') M x = (1 - c x'Mx) x, with c = n/(N b) and x'Mx = b - delta."),
        Step(
            "A row of the pool is drawn with probability about n/N: its own predictions are a"
            " mixture over whether it was. Leaving it out gives those of an unseen row. That the"
            " other scales move by O(1/N) is left out."
        ),
    ],
    evidence=[
        Identity(
            "whole",
            left=lambda: left_out_words()[0],
            right=lambda: left_out_words()[1],
            note="words: any size",
        ),
        Identity(
            "four pools, rational",
            left=lambda: left_out_pools()[0],
            right=lambda: left_out_pools()[1],
        ),
        Enclosure("five pools", equal=left_out_balls, guard=10),
    ],
    controls=[
        Control(
            Identity(
                "whole", left=lambda: left_out_words(1)[0], right=lambda: left_out_words(1)[1]
            ),
            wrong="N + 1",
        ),
        Control(
            Identity(
                "four pools",
                left=lambda: left_out_pools(0)[0],
                right=lambda: left_out_pools(0)[1],
            ),
            wrong="x'Mx as if it were b",
        ),
    ],
)

CLAIMS = [VARIANCE, LEFT_OUT_ROW]

if __name__ == "__main__":
    from kdverify.verify import run_as_script

    raise SystemExit(run_as_script(CLAIMS))
