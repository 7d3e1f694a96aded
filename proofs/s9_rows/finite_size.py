"""Claim of section 9: the error of (9) to (11) at finite n, to first order."""

from functools import cache
from typing import Any

import numpy as np
import sympy

import kdverify as kd
from kdverify import formulas as f
from kdverify.evidence import Claim, Comparison, Context, Step

from ..lib.ensembles import seed
from ..lib.row_laws import digits

FINITE_SIZE = Claim(
    "9.finite-size",
    title="Any rows: the first-order error of (9) to (11), which grows like 1/(p - n)",
    statement=r"E N = M + dM,\quad dM = M\,n E[xx^\top (x^\top dM\,x)/b^2]\,M + G,\quad"
    r" G = D_S M - M S M - n M E[xx^\top w/b] M + n E[C_x x^\top/b^2] M,\quad"
    r" w = \mathrm{Var}(x^\top N_- x)/b^2,\ C_x = \mathrm{Cov}(N_- x, x^\top N_- x)",
    needs=("9.pseudo-inverse", "9.response", "9.contraction", "9.second-moment"),
    parts=("variance at Sigma = I", "three laws close to the rank"),
    steps=[
        Step("Exact: I - N = sum_i N_i x_i x_i' / b_i (9.pseudo-inverse); take the mean."),
        Step(
            "Second order in the fluctuation of N_i about its mean at fixed x:"
            " E[N_i x / b_i] = (1 + w) E[N_i] x / E b_i - C_x / b^2, with C_x of x'C_x = w b^2."
        ),
        Step(
            "E N_i - E N = E[N_i x x' N_i / b_i], close to D_A for A = S = E[xx'/b] (9.response)."
        ),
        Step(
            "w and C_x: one more row a moves N_i by -D_A of A = aa'/b_a (9.response), so that"
            " single rows contribute the variance of R_xa over a, R = J (I - J)^-1; m >= 2 rows"
            " contribute the chains x a_1 ... a_m x, each in two directions: 2 (N/n) (J^(m+1))_xx."
            " Hoeffding's decomposition adds them up; other orders of the same rows are"
            " smaller by 1/p."
        ),
        Step("At Sigma = I the sum is the exact variance.", lambda: isotropic_variance()[0]),
        Step(
            "Put into the exact equation, with M = (I + n S)^-1 to leading order, the difference"
            " solves (10) with G in place of MAM. tr dM = tr(M^-1 G) = 0, since D of A = M^-1 is M,"
            " tr D_S = -d tr M/dn = 1 = tr SM, and x'C_x = w b^2; G is symmetric although D_S M"
            " and C alone are not."
        ),
        Step(
            "Labels: with t y as one more coordinate of each row and I + eps A for the penalty,"
            " E b'Ab is minus the mixed derivative of (E N)_yy in eps and t^2, exactly."
        ),
    ],
)


#: Rows of a made-up pool, its columns, rows a student gets, and label columns.
POOL, WIDTH, TRAINED, COLUMNS = 1000, 40, 35, 8
#: Rows a student of digits gets; 61 columns.
DIGITS_TRAINED = 44


@FINITE_SIZE.identity("variance at Sigma = I", but={"chains in one direction only": {"chains": 1}})
def isotropic_variance(chains: int = 2) -> tuple[Any, Any]:
    """Sigma = I, p large at fixed Omega = n/p: w of the claim, and the exact one's limit.

    ``rho_J`` is chi^2_1 times Omega, so of mean Omega and variance 2 Omega^2; the other entries
    of R = J + J^2 + ... concentrate: N (J^k)_xa -> Omega^k.
    """
    n, p = sympy.symbols("n p", positive=True)
    omega = n / p
    mean = omega / (1 - omega)
    one_row = f.one_row_variance(n, mean**2 + 2 * omega**2, mean)
    w = one_row + f.chains_variance(n, mean, omega, omega**2) * sympy.Rational(chains, 2)
    # x'Nx / x'x is Beta((p - n)/2, n/2): variance over squared mean
    a, b = (p - n) / 2, n / 2
    exact = (a * b / ((a + b) ** 2 * (a + b + 1))) / (a / (a + b)) ** 2
    return w, sympy.simplify(exact * (p + 2) / p)


@cache
def near_rank(name: str) -> tuple[kd.rows.Pool, np.ndarray, int]:
    """A pool, labels and a number of rows close to the rank."""
    if name == "digits":
        law = digits()
        return law.pool, law.labels, DIGITS_TRAINED
    generator = np.random.default_rng([11, *name.encode()])
    features = kd.rows.made_up.LAWS[name](generator, POOL, WIDTH)
    labels = features[:, :1] + generator.standard_normal((POOL, COLUMNS))
    return kd.rows.Pool(features), labels, TRAINED


@cache
def predicted(name: str) -> tuple[float, float]:
    """Excess risk by (11), summed over the label columns, and its correction."""
    pool, labels, n = near_rank(name)
    test = kd.rows.Moments.of(pool, pool, labels)
    at = kd.rows.solve(pool, n)
    plain = kd.rows.Students(at, labels).excess_risks(test).sum()
    return float(plain), float(kd.rows.corrected_errors(pool, labels, n, test, start=at).sum())


@cache
def measured(name: str, trials: int, key: int) -> np.ndarray:
    """Excess risks of students, (trials,)."""
    pool, labels, n = near_rank(name)
    question = kd.Question.of(pool.rows, labels, task="regression", intercept="none")
    found = kd.measure(question, n, "strong", repetitions=trials, seed=key)
    return found.values["excess"]["strong"]


LAWS = ("Gaussian", "Student t3 mixture", "digits")


@FINITE_SIZE.agreement(
    "three laws close to the rank",
    note="Gaussian and t3 rows at 35 of 40, digits at 44 of 61; bands half the correction",
    but={"(11) without the correction": {"share": 0.0}},
)
def risks(context: Context, share: float = 1.0) -> list[Comparison]:
    """Students judged on the rows that they did not see, beside (11) and ``share`` of dM's part.

    The band is half the correction, so that without it the prediction is one band-width outside.
    """
    comparisons = []
    for name in LAWS:
        plain, change = predicted(name)
        values = measured(name, context.trials(2300, full=13600), seed(context, name))
        theory, band = plain + share * change, abs(change) / 2
        comparisons.append(Comparison.of(f"{name}, n={near_rank(name)[2]}", values, theory, band))
    return comparisons
