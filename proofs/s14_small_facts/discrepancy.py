"""Claims 14.discrepancy and 14.discrepancy-form: teacher and student in other subspaces."""

from typing import Any

import numpy as np
import sympy

from kdverify import formulas as f
from kdverify.evidence import Claim, Comparison, Context, Step

from ..lib.ensembles import generator, times
from ..lib.integrals import mean_inverse_wishart_trace
from ..lib.modes import Pairs

DISCREPANCY = Claim(
    "14.discrepancy",
    title="Teacher and student in different subspaces: the variance, exactly",
    statement=r"\Sigma=I,\ \text{least squares}: \quad \frac{\sigma^2}{n-d_w-1}"
    r"\Big(d_\cap + (d_w-d_\cap)\frac{d_s}{N-d_s-1}\Big)",
    source="neighbouring",
    needs=("2.least-squares",),
    parts=("common", "not common", "sum", "simulated"),
    steps=[
        Step(
            "The teacher's error in its d_w coordinates has covariance sigma^2 E (X'X)^-1 ="
            " sigma^2/(n - d_w - 1) I."
        ),
        Step("What lies in common coordinates the student fits exactly: d_cap of these."),
        Step(
            "The rest is noise of independent rows to it, of variance sigma^2 (d_w - d_cap)/"
            "(n - d_w - 1): d_s/(N - d_s - 1) of that is left. Cross terms have mean zero.",
            lambda: by_parts()[1],
        ),
    ],
)

noise, n, d_w, big, d_s, common = sympy.symbols("sigma^2 n d_w N d_s d_c", positive=True)


@DISCREPANCY.identity("common", note="E tr (X'X)^-1 of a Wishart matrix")
def teacher() -> tuple[Any, Any]:
    """The variance of one coordinate of the teacher, from the inverse chi-square mean."""
    total = noise * mean_inverse_wishart_trace(d_w, n)
    return total / d_w, f.least_squares_variance(noise, 1, n, d_w)


@DISCREPANCY.identity("not common")
def student() -> tuple[Any, Any]:
    """What noise of variance 1 in the student's labels costs it."""
    return mean_inverse_wishart_trace(d_s, big), f.ols_noise_risk(1, big, d_s)


@DISCREPANCY.identity("sum", but={"d_s/N": {"approximate": True}})
def by_parts(approximate: bool = False) -> tuple[Any, Any]:
    """Both parts, and the formula."""
    one = f.least_squares_variance(noise, 1, n, d_w)
    factor = d_s / big if approximate else f.ols_noise_risk(1, big, d_s)
    whole = one * (common + (d_w - common) * factor)
    return f.discrepancy_variance(noise, n, d_w, big, d_s, common), whole


#: n, d_w, N, d_s, d_common
SIZES = (30, 10, 20, 12, 4)


@DISCREPANCY.agreement("simulated", note="30 and 20 samples, 10 and 12 coordinates, 4 in common")
def simulated(context: Context, literal: bool = False) -> list[Comparison]:
    """Second moments of the student of a teacher of noise alone, averaged over this noise.

    The second is averaged over the coordinates that the student does not see as well.
    """
    draw = generator(context, "discrepancy")
    size, weak, labels, strong, both = SIZES
    trials, apart = context.trials(4000, full=32_000), weak - both
    rows = draw.standard_normal((trials, size, weak))
    teacher = np.linalg.inv(np.swapaxes(rows, 1, 2) @ rows)  # its covariance
    new = draw.standard_normal((trials, labels, weak + strong - both))
    own = new[..., apart:]
    student = np.linalg.inv(np.swapaxes(own, 1, 2) @ own)
    made = student @ (np.swapaxes(own, 1, 2) @ new[..., :weak])
    values = np.einsum("tij,tij->t", made @ teacher, made)
    spared = np.einsum("tii->t", teacher[:, :apart, :apart])
    mean = np.einsum("tii->t", teacher[:, apart:, apart:])
    mean += np.einsum("tii->t", student) * spared
    zeros = np.concatenate([traces(teacher, size), traces(student, labels)], axis=1)
    theory = float(f.discrepancy_variance(1.0, size, weak, labels, strong, both))
    if literal:
        theory = (both + (weak - both) * strong / labels) / (size - weak - 1)
    return [
        Comparison.of("variance", values, theory, 0.04 / times(context) * theory),
        Comparison.of("its mean", mean, theory, 0.006 / times(context) * theory, zeros),
    ]


def traces(inverse: np.ndarray, n: int) -> np.ndarray:
    """(T, 2) of mean zero for W of n rows: p - (n-p-1) tr W^-1 and with one power more."""
    p, first = inverse.shape[1], np.einsum("tii->t", inverse)
    second = np.einsum("tij,tij->t", inverse, inverse)
    return np.stack([p - (n - p - 1) * first, first - (n - p - 2) * second + first**2], axis=1)


simulated.but("d_s/N", literal=True)

FORM = Claim(
    "14.discrepancy-form",
    title="False at finite N: the part that is not common is reduced by d_s/N",
    statement=r"\frac{\sigma^2}{n-d_w-1}\Big(d_\cap + (d_w-d_\cap)\frac{d_s}N\Big)"
    r"\quad\text{(false but for }N\gg d_s)",
    source="neighbouring",
    needs=("14.discrepancy",),
    expect="refuted",
    steps=[
        Step("d_s/(N - d_s - 1) is always larger; at N = 20, d_s = 12 it is 12/7 and not 3/5."),
    ],
)


@FORM.identity("whole")
def their_form() -> tuple[Any, Any]:
    """The exact formula, and the form with d_s/N."""
    return by_parts(approximate=True)


@FORM.agreement("whole", note="N = 20, d_s = 12")
def measured(context: Context) -> list[Comparison]:
    """The simulation beside that form."""
    return simulated(context, literal=True)


@FORM.limit("large N", symbol=big, point=sympy.oo, but={"to 2": {"value": 2}}, value=1)
def ratio() -> Any:
    """The form over the exact formula as N grows, at d_c = 0."""
    whole, form = by_parts(approximate=True)
    return (form / whole).subs({common: 0})


@FORM.below("it is smaller")
def smaller(digits: int) -> Pairs:
    """The two at the sizes of the simulation."""
    del digits
    size, weak, labels, strong, both = (sympy.Integer(v) for v in SIZES)
    exact = f.discrepancy_variance(1, size, weak, labels, strong, both)
    form = (both + (weak - both) * strong / labels) / (size - weak - 1)
    yield int(form * 1000), int(exact * 1000)
