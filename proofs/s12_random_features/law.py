"""Claim 12.law: mean and variance of the coordinates of a random-feature student."""

from functools import cache
from typing import Any

import numpy as np
import sympy

from kdverify import formulas as f
from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.gaussian.numbers import FloatModes
from kdverify.random_features.finite_size import form_correction
from kdverify.simulation.features import FeatureWorkspace, factorise_features
from kdverify.stages import Stage, ground_truth, train

from ..lib.ensembles import generator, times
from ..lib.features import NOISE, TwoLayer, mode, settings, sums
from ..lib.modes import symbol_vector

CLAIM = Claim(
    id="12.law",
    title="The coordinates of W'a: mean (1 - zeta) s, and a variance of two parts",
    statement=r"\hat\beta = W^\top\hat a:\quad E\hat\beta_i \approx (1-\zeta_i)\beta^s_i,\quad"
    r" {\rm Var}\,\hat\beta_i \approx \frac Vn\,\frac{1-\zeta_i+\eta\zeta_i}{\lambda_i+\nu_2} +"
    r" \frac{\zeta_i^2}{q-T_2}\sum_j(1-\zeta_j)^2(\beta^s_j)^2,\quad V = \frac{\sigma^2 +"
    r" \sum_j\lambda_j\zeta_j(\zeta_j+\eta(1-\zeta_j))(\beta^s_j)^2}{1-\Upsilon}",
    needs=("12.one-equation", "2.coordinates"),
    parts=("law", "sampling", "draw of W"),
    steps=[
        Step(
            "Given W, section 2 with the covariance F = W Sigma W' and nu_1: the mean of a is"
            " M W Sigma s with M = (F + nu_1)^-1, its covariance (V/n) M F M, V by (7)."
        ),
        Step(
            "W'M W Sigma = Sigma^(-1/2) P Sigma^(1/2) with the P of section 2 for q samples and the"
            " ridge q nu_1. Its mean is diagonal, 1 - zeta_i."
        ),
        Step(
            "M F M = M - nu_1 M^2, and M^2 = -dM/d nu_1: E W'MFMW has the entries 1/(lambda+nu_2) -"
            " nu_1 nu_2'/(lambda+nu_2)^2, with nu_2' = q/(q - T_2) by (16).",
            lambda: sampling()[0][0],
        ),
        Step(
            "The variance of W'MW Sigma s over W, by Var P_ij of section 2, is zeta_i^2 times"
            " sum (1-zeta_j)^2 s_j^2/(q - T_2)."
        ),
        Step("What a trained student does not explain of the labels is V(1 - Upsilon), as in (7)."),
    ],
)


@CLAIM.identity("sampling", but={"without the derivative of nu_2": {"slope": 1}})
def sampling(slope: Any = None) -> tuple[list[Any], list[Any]]:
    """E W'M F M W, one entry, from derivatives by nu_1; and n Upsilon as its trace with Sigma."""
    s, m = sums(), mode()
    grows = s.q / (s.q - s.squares) if slope is None else slope
    entry = 1 / (m.lam + m.nu) - s.nu_1 * grows / (m.lam + m.nu) ** 2
    entry = entry.subs(m.nu, s.nu)
    ours = f.feature_variance(
        1, 1, m.zeta, 1 - m.zeta, s.crowding, (m.lam + m.nu).subs(m.nu, s.nu), 0
    )
    trace = s.squares + s.crowding * s.spreads
    return [ours, trace], [entry, s.n * s.upsilon]


@CLAIM.identity("sampling", note="nu_2' from (16), p = 2")
def derivative_of_nu() -> tuple[Any, Any]:
    """d nu_2/d nu_1 at fixed q from q = df + q nu_1/nu_2, and q/(q - T_2)."""
    lam = symbol_vector("lambda", 2, positive=True)
    nu, q = sympy.symbols("nu q", positive=True)
    learnt = f.one_minus_zeta(lam, nu)
    nu_1 = nu * (q - sum(learnt)) / q
    squares = sum(f.learnt_square(learnt))
    here = {lam[0]: sympy.Integer(2), lam[1]: sympy.Rational(1, 3)}
    return (1 / sympy.diff(nu_1, nu)).subs(here), (q / (q - squares)).subs(here)


@CLAIM.identity("draw of W", but={"zeta of the other mode": {"exchanged": True}})
def drawn_layer(exchanged: bool = False) -> tuple[Any, Any]:
    """Var (W'MW Sigma)_ij s_j from Var P_ij of section 2 at q samples; the library's drift."""
    s = sums()
    i, j = (sympy.Symbol(name, positive=True) for name in ("zeta_i", "zeta_j"))
    lam_i, lam_j = (s.nu * (1 - z) / z for z in (i, j))
    label = sympy.Symbol("s_j", real=True)
    if exchanged:
        i, j = j, i
    variance = f.projector_variance(lam_i, lam_j, 1 - i, j, s.q, (s.q - s.squares) / s.q)
    theirs = lam_j / lam_i * variance * label**2
    drift = f.feature_drift((1 - j) ** 2 * label**2, s.spreads, s.feature_gap)
    return f.feature_variance(0, s.n, i, 1 - i, s.crowding, lam_i + s.nu, drift), theirs


@CLAIM.identity("risk from the law", but={"half of the drift": {"part": sympy.Rational(1, 2)}})
def risk_of_law(part: Any = 1) -> tuple[Any, Any]:
    """p equal modes: the mean risk by means and variances is (17)."""
    s, m = sums(), mode()
    p = sympy.Symbol("p", positive=True)
    zeta, square = m.zeta, m.surrogate**2
    spreads, squares = p * zeta * (1 - zeta), p * (1 - zeta) ** 2
    s_here = {s.spreads: spreads, s.squares: squares, s.nu: m.nu}
    crowding, upsilon, n = (x.subs(s_here) for x in (s.crowding, s.upsilon, s.n))
    rest = s.one_minus_upsilon.subs(s_here)
    missed = f.feature_missed(zeta, 1 - zeta, crowding)
    leftover = p * f.feature_leftover(m.lam, square, zeta, missed)
    scale = f.trained_scale(leftover, rest, m.noise)
    drift = f.feature_drift(p * (1 - zeta) ** 2 * square, spreads, s.feature_gap)
    variance = f.feature_variance(scale, n, zeta, 1 - zeta, crowding, m.lam + m.nu, part * drift)
    mean = (1 - zeta) * m.surrogate
    total = f.mean_variance_risk(m.lam, mean, variance, m.beta_star, lambda share: p * share)
    seventeen = f.feature_risk(
        m.lam,
        m.surrogate,
        m.beta_star,
        zeta,
        1 - zeta,
        upsilon,
        rest,
        crowding,
        m.noise,
        total=lambda share: p * share,
    )
    return total, seventeen


#: What the trials can tell, relative: of mean squares, and of means, which hardly vary.
FLOORS = {"mean squares": 0.02, "means": 0.005}


@cache
def coordinates(context: Context, place: int, trials: int) -> np.ndarray:
    """(trials, 2, p) means and mean squares over column signs and noise, one draw each."""
    setting = settings()[place].copies(2 * times(context))
    rng = generator(context, setting.name)
    p, truth = setting.problem.p, setting.problem.beta_modes
    space = FeatureWorkspace(p, setting.n, setting.q)
    root, found = np.sqrt(setting.problem.spectrum.eigenvalues), np.empty((trials, 2, p))
    for trial in found:
        rng.standard_normal(out=space.rows)
        space.rows *= root
        space.draw_layer(rng)
        factor, _ = factorise_features(space, setting.ridge)
        trial[0] = factor.diagonal() * truth
        trial[1] = factor.carried(truth * truth) + NOISE * factor.noise_diagonal()
    return found


def corrections(setting: TwoLayer) -> tuple[np.ndarray, np.ndarray]:
    """What finite n and q add to the groups' mean squares and means, to first order."""
    modes = FloatModes.of(setting.problem)
    lam, truth, none = modes.lam, modes.beta_star, np.zeros(setting.problem.p)
    given = truth, truth**2, NOISE
    chosen = np.repeat(np.eye(5), len(lam) // 5, axis=1)
    squares = [form_correction(modes, setting.at, lam * one, none, *given) for one in chosen]
    aims = -lam * truth / 2
    means = [form_correction(modes, setting.at, none, aims * one, *given) for one in chosen]
    return np.array(squares), np.array(means)


@CLAIM.agreement("law", note="corrected as in 15.random-features, which 15.feature-stages has")
def groups_of_modes(
    context: Context, drifting: float = 1.0, exchanged: bool = False, trials: int = 600
) -> list[Comparison]:
    """Means and mean squares, lambda-weighted, of five groups of modes, three settings.

    A group is a quadratic form of its own, so that all are more than the risk.  With the first
    correction in what is predicted, bands are of second order.
    """
    comparisons, more = [], times(context)
    for place in (0, 1, 4):
        setting = settings()[place].copies(2 * more)
        lam, truth = setting.problem.spectrum.eigenvalues, setting.problem.beta_modes
        found = coordinates(context, place, context.trials(trials) // more)
        n, q = (setting.q, setting.n) if exchanged else (setting.n, setting.q)
        stage = Stage(n, None, NOISE, setting.ridge, q)
        law = train(setting.problem, ground_truth(setting.problem), stage)
        of_squares, of_means = corrections(setting)
        squares = grouped(lam * (law.mean**2 + drifting * law.variances)) + of_squares
        means, scale = grouped(lam * truth * law.mean) + of_means, grouped(lam * truth * truth)
        for name, values, theory, size in (
            ("mean squares", grouped(lam * found[:, 1]), squares, squares),
            ("means", grouped(lam * truth * found[:, 0]), means, scale),
        ):
            band = (setting.corrected_band + FLOORS[name] / more) * size
            comparisons.append(Comparison.of(f"{name}, {setting.name}", values, theory, band))
    return comparisons


def grouped(values: np.ndarray) -> np.ndarray:
    """Sums over five groups of neighbouring modes, on the last axis."""
    return values.reshape(*values.shape[:-1], 5, -1).sum(axis=-1)


groups_of_modes.shifted(1)
groups_of_modes.but("variances a tenth larger", drifting=1.1)
groups_of_modes.but("q for n", exchanged=True)
