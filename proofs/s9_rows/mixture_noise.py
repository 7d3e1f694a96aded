"""Claims of section 9, any rows: the part of the risk that label noise makes."""

from typing import Any

import numpy as np
import sympy

from kdverify import formulas as f
from kdverify import size_error
from kdverify.evidence import Claim, Comparison, Context, Step

from ..lib import sums as m
from ..lib.ensembles import harmonic, times
from ..lib.integrals import chi_square_density, x
from .left_out_noise import noise_parts

MIXTURE_NOISE = Claim(
    "9.mixture-noise",
    title="Scale mixtures of rows: the noise part grows by E[s^2] E[1/s^2], for t3 threefold",
    statement=r"x = s\,\Sigma_g^{1/2}g,\ \delta=0:\quad \text{noise part} ="
    r" E[s^2]\,E[s^{-2}]\,\frac{\sigma^2\Omega}{1-\Omega};\quad t_\nu:\ \frac{\nu}{\nu-2}",
    needs=("9.scale-mixture", "9.left-out-noise"),
    parts=("factor", "Student t3", "measured"),
    steps=[
        Step(
            "M and D are those of g; in n sigma^2 E[x'Dx/b^2] b = s^2 t and x'Dx = s^2 d, so that"
            " 1/s^2 is left. Jensen: the factor is at least 1."
        ),
        Step("t with nu degrees: E s^2 = nu/(nu - 2) and E s^-2 = 1.", lambda: student_factor()),
    ],
)


GAUSSIAN_NOISE_PART = Claim(
    "9.gaussian-noise-part",
    title="False: the Gaussian noise part of (2) holds for rows of a Student t3 mixture",
    statement=r"x = s\,\Sigma_g^{1/2}g,\ 1/s^2\sim\chi^2_3/3:\quad \text{noise part} ="
    r" \frac{\sigma^2\Omega}{1-\Omega}\quad\text{(false)}",
    needs=("9.mixture-noise",),
    expect="refuted",
    steps=[
        Step(
            "Off by exactly 3, far beyond every band of order 1/(p - n).", lambda: student_factor()
        )
    ],
)


#: Degrees of freedom of the t mixture.
STUDENT_DF = 3


@MIXTURE_NOISE.identity("factor", note="any number of modes")
def mixture_noise() -> tuple[Any, Any]:
    """(11)'s noise part of rows of scale s, mean over s; and E[s^2] E[s^-2] times that of (2).

    Measured in Sigma = E[s^2] Sigma_g, with M, D and t = tr(Sigma_g M) of 9.scale-mixture.
    """
    s, inverse, square = sympy.symbols("s E[s^-2] E[s^2]", positive=True)
    zeta, _ = m.split()
    trace = m.n * m.tau
    form = square * m.total(m.lam**2 * zeta**2) / (1 - m.omega)  # x'Dx = s^2 times this
    share = f.response_weight(m.n, f.row_scale(0, s**2 * trace), s**2 * form) * m.noise
    mean = sympy.simplify(share * s**2) * inverse
    return mean, square * inverse * m.noise * f.noise_trace(m.omega, 1 - m.omega)


def student_factor() -> Any:
    """``E[s^2] E[s^-2]`` for ``1/s^2 ~ chi^2_3/3``, by integrals."""
    df = sympy.Integer(STUDENT_DF)
    density = chi_square_density(df)
    means = [sympy.integrate(density * value, (x, 0, sympy.oo)) for value in (df / x, x / df)]
    return sympy.simplify(means[0] * means[1])


@MIXTURE_NOISE.identity("Student t3", but={"twofold": {"claimed": 2}})
def student_rise(claimed: int | None = None) -> tuple[Any, Any]:
    """E[s^2] E[s^-2] of t3, and nu/(nu - 2)."""
    return student_factor(), claimed or f.student_variance(sympy.Integer(STUDENT_DF))


GAUSSIAN_NOISE_PART.identity("whole", lambda: (student_factor(), 1), note="lemma: E[s^2] E[1/s^2]")


def student_scales(draw: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Scales of a multivariate t with three degrees of freedom."""
    return np.sqrt(STUDENT_DF / draw.chisquare(STUDENT_DF, shape))


#: Half-width of the band, relative, at the quick level.
LEFT = 0.008


@MIXTURE_NOISE.agreement(
    "measured",
    note="p = 480, n = 80, the Gaussian part corrected in 1/n",
    factor=f.student_variance(STUDENT_DF),
)
@GAUSSIAN_NOISE_PART.agreement(
    "whole",
    factor=1.0,
    trials=40,
    but={"off by 3 the other way": {"factor": 1 / 3, "trials": 40}},
)
def student_rows(context: Context, factor: float, trials: int = 200) -> Comparison:
    """Noise part for fresh t rows, against ``factor`` times that of (2).

    At Sigma = I the correction leaves ``1/(p - n)^2`` of it, and less than a hundredth of the band;
    the rest of the band is for the trials' error.  Sizes double at the full level.
    """
    values, p, n = noise_parts(context, "t", student_scales, np.ones_like, 1.0, trials)
    values = values * f.student_variance(STUDENT_DF)  # measured in the rows' own Sigma
    gaussian = size_error(harmonic(p), n, np.zeros(p), 1.0)
    own = harmonic(p).signal.sum()  # the risk of a surrogate 0 without noise
    theory = factor * (gaussian.corrected - own)
    band = LEFT / times(context) * theory
    return Comparison.of(f"noise part, p={p}, n={n}", values, theory, band)


student_rows.shifted(-1)
