"""Claims of section 2: the law of the coordinates of the student, and of the entries of P."""

from typing import Any

import numpy as np
import sympy

from kdverify import formulas as f
from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.gaussian.finite_size import correction
from kdverify.gaussian.numbers import FloatModes

from ..lib import sums as d
from ..lib import sums as m
from ..lib.ensembles import Ensemble, generator, harmonic, times, two_levels, waves
from ..lib.flips import designs, hats
from ..lib.integrals import projector_moment

COORDINATES = Claim(
    "2.coordinates",
    title="Mean and variance of the student's coordinates, with the factor 1 + s_i",
    statement=r"E\hat\beta_i \approx (1-\zeta_i)\beta^s_i,\quad {\rm Var}\,\hat\beta_i \approx"
    r" (1+s_i)\frac{\gamma^2(1-\zeta_i)^2}{p\lambda_i},\quad s_i = \frac{\lambda_i\zeta_i^2"
    r"(\beta^s_i)^2}{\sigma^2+\sum_k\lambda_k\zeta_k^2(\beta^s_k)^2};\quad {\rm Var}\,P_{ij}"
    r" \approx (1+1_{i=j})\frac{(1-\zeta_i)^2\lambda_j\zeta_j^2}{\lambda_i n(1-\Omega)}",
    needs=("2.transfer",),
    parts=("law", "variance from entries", "rows of P", "isotropic"),
    steps=[
        Step("Column signs make the entries of a row of P uncorrelated, with mean 0 off i = j."),
        Step(
            "So Var sum_j P_ij beta^s_j = sum_j Var P_ij (beta^s_j)^2; twice the law at j = i is"
            " the 1 + s_i. The noise adds sigma^2 (1-zeta_i)^2/(lambda_i n (1-Omega)).",
            lambda: variance_by_entries(),
        ),
        Step(
            "Var P_ij is consistent with P^2 = P, which gives sum_j P_ij^2 = P_ii, and with the"
            " energies of 2.transfer (the extra own term is of smaller order).",
            lambda: row_sums()[1][0],
        ),
        Step(
            "Sigma = I: P_11 ~ Beta(n/2, (p-n)/2), Var P_11 = 2n(p-n)/(p^2 (p+2)): the law is"
            " off by the factor p/(p+2).",
            lambda: isotropic_ratio(same=True),
        ),
    ],
)


LITERAL = Claim(
    "2.coordinates-literal",
    title="False reading: the student's coordinates have the literal gaussian law",
    statement=r"{\rm Var}\,\hat\beta_i \approx \frac{\gamma^2(1-\zeta_i)^2}{p\lambda_i}"
    r"\ \text{for every surrogate, without the factor}\ 1+s_i",
    source="paper",
    needs=("2.coordinates",),
    expect="refuted",
    steps=[
        Step(
            "Sigma = I, beta^s = e_1, no noise: the coordinate is P_11, s_1 = 1, and the exact"
            " variance over the literal one tends to 2.",
            lambda: first_coordinate_ratio(own=0),
        ),
        Step("The law holds where s_i -> 0; its effect on the risk is O(1/n)."),
    ],
)


NOISE = 0.05
#: The mode of a localised surrogate.
LOCALISED = 4
#: Half-widths of bands, relative, at the quick level, by what the trials can tell: of a coordinate
#: to which a spread-out surrogate leaks, or a block of them; and of the localised one itself.
LEFT, OWN_LEFT = 0.06, 0.25
#: Coordinates in a block: what one mode leaks to another varies as a squared normal variable.
BLOCK = 20


def predicted_variance(setting: Ensemble, surrogate: np.ndarray, own: float = 1.0) -> np.ndarray:
    """The law of the variance; ``own=0`` leaves the factor 1 + s_i out."""
    at, p = setting.at, setting.problem.p
    lam = setting.problem.spectrum.eigenvalues
    unlearnt = f.unlearnt_energy(lam, surrogate, at.zeta)
    leftover = unlearnt.sum()
    share = own * f.coordinate_share(unlearnt, leftover, NOISE)
    scale = f.gamma_squared(p, setting.n, at.one_minus_omega, leftover, NOISE)
    return f.coordinate_variance(lam, at.one_minus_zeta, scale, share, p)


def second_order(setting: Ensemble, surrogate: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What the first correction of E P_ii, E (P A P)_ii and E (AA')_ii adds to mean and variance.

    The mean square of a coordinate is ``E (P B P)_ii`` with B the surrogate's squares, and the
    noise's share.  The part of s_i, of that order too, is in the law already.
    """
    modes, at = FloatModes.of(setting.problem), setting.at
    found = correction(modes, at, surrogate**2)
    ones = np.eye(setting.problem.p)
    noise = np.array([correction(modes, at, one).noise for one in ones])
    mean = found.learnt * surrogate
    square = found.energy + NOISE * noise - 2 * at.one_minus_zeta * surrogate * mean
    own = predicted_variance(setting, surrogate) - predicted_variance(setting, surrogate, own=0)
    return mean, square - own


@COORDINATES.agreement(
    "law",
    note="all coordinates, p = 80, n = 40, corrected in 1/n; bands of 6 %",
)
@LITERAL.agreement("whole", note="localised surrogates among them", own=0.0, trials=1000)
def coordinates(context: Context, own: float = 1.0, trials: int = 2500) -> list[Comparison]:
    """Mean and variance of all coordinates, for a localised and a spread-out surrogate.

    Over column signs and noise they are averaged exactly, given the design's other numbers: the
    mean is ``P_ii s_i``, the mean square ``sum_j P_ij^2 s_j^2 + sigma^2 (AA')_ii``.  The ratio of
    the variance to its law is compared with 1.  The second order, at Sigma = I about
    ``3.2/(n (1 - Omega))^2``, is below 1 %; of s_i it is ``p/(p + 2)``, 2.5 %.
    """
    comparisons, k = [], times(context)
    for name, problem in (("two levels", two_levels(80 * k)), ("harmonic", harmonic(80 * k))):
        setting = Ensemble(name, problem, 40 * k)
        draw, count = generator(context, name), context.trials(trials) // k
        sizes = [min(50, count - start) for start in range(0, count, 50)]
        rows = [designs(draw, size, setting.n, problem.spectrum.eigenvalues) for size in sizes]
        drawn = [hats(each, 0.0) for each in rows]
        hat = np.concatenate([np.diagonal(one, axis1=1, axis2=2) for one, _ in drawn])
        for kind, surrogate in (
            ("localised", np.eye(problem.p)[LOCALISED]),
            ("spread out", waves(problem.p, 1.7)),
        ):
            square = np.concatenate([np.square(P) @ surrogate**2 + NOISE * N for P, N in drawn])
            means = hat * surrogate
            middle = means.mean(axis=0)
            added_mean, added = second_order(setting, surrogate)
            mean = f.coordinate_mean(surrogate, setting.at.one_minus_zeta) + added_mean
            theory = predicted_variance(setting, surrogate, own) + added
            ratios = (square - 2 * middle * means + middle**2) / theory
            lefts = np.full(problem.p, LEFT / np.sqrt(k))
            seen = surrogate != 0
            if kind == "localised":
                rest = np.delete(ratios, LOCALISED, axis=1)[:, : problem.p - BLOCK * k]
                blocks = rest.reshape(count, -1, BLOCK * k).mean(axis=2)
                ratios = np.column_stack([ratios[:, LOCALISED], blocks])
                lefts = np.append(OWN_LEFT / np.sqrt(k), lefts[: blocks.shape[1]])
            left = LEFT / np.sqrt(k) * abs(mean[seen])
            comparisons += [
                Comparison.of(f"mean, {name}, {kind}", means[:, seen], mean[seen], left),
                Comparison.of(f"variance, {name}, {kind}", ratios, 1.0, lefts),
            ]
    return comparisons


coordinates.shifted(-1, "one band-width too high")


def this_mode() -> tuple[Any, Any, Any, Any]:
    """lambda, zeta, 1 - zeta and the surrogate of one mode i beside the generic mode j."""
    lam, surrogate = sympy.Symbol("lambda_i", positive=True), sympy.Symbol("beta^s_i", real=True)
    return lam, *f.split_mode(lam, m.tau), surrogate


def entry_variance(same: bool = False) -> Any:
    """Var P_ij of this mode and the generic one; ``same``: Var P_ii."""
    lam, zeta, learnt, _ = this_mode()
    other, other_zeta = (lam, zeta) if same else (m.lam, m.split()[0])
    return f.projector_variance(lam, other, learnt, other_zeta, m.n, 1 - m.omega, same)


def variance_by_entries() -> Any:
    """Var sum_j P_ij beta^s_j for uncorrelated entries, and the noise part."""
    lam, zeta, learnt, surrogate = this_mode()
    off_diagonal = f.projector_variance(lam, lam, learnt, zeta, m.n, 1 - m.omega)
    labels = m.total(entry_variance() * m.surrogate**2)
    labels += (entry_variance(same=True) - off_diagonal) * surrogate**2
    return labels + m.noise * d.mode_noise().subs(m.ridge, 0).subs(m.lam, lam)


def variance_law(own: int = 1) -> Any:
    """The law of the variance, any number of modes."""
    lam, zeta, learnt, surrogate = this_mode()
    leftover = m.total(f.unlearnt_energy(m.lam, m.surrogate, m.split()[0]))
    share = f.coordinate_share(f.unlearnt_energy(lam, surrogate, zeta), leftover, m.noise)
    scale = f.gamma_squared(m.p, m.n, 1 - m.omega, leftover, m.noise)
    return f.coordinate_variance(lam, learnt, scale, own * share, m.p)


variance_from_entries = COORDINATES.identity(
    "variance from entries", lambda: (variance_by_entries(), variance_law())
)
variance_from_entries.but(
    "without 1 + s_i", sides=lambda: (variance_by_entries(), variance_law(own=0))
)


@COORDINATES.identity("rows of P")
def row_sums() -> tuple[list[Any], list[Any]]:
    """sum_j P_ij^2 = P_ii and sum_j lambda_j P_ij^2, beside the squares of the means."""
    lam, zeta, learnt, _ = this_mode()
    energy = f.transfer_energy(lam, zeta, learnt, m.omega, 1 - m.omega)
    return [m.total(entry_variance()), m.total(m.lam * entry_variance())], [
        f.transfer_mean(learnt) - f.transfer_mean(learnt) ** 2,
        energy - lam * f.transfer_mean(learnt) ** 2,
    ]


@COORDINATES.identity("mean from E P_ii")
def mean_law() -> tuple[Any, Any]:
    """The mean of a coordinate: column signs leave E P_ii of the row."""
    _, _, learnt, surrogate = this_mode()
    return f.coordinate_mean(surrogate, learnt), f.transfer_mean(learnt) * surrogate


def kappa() -> Any:
    """n/p, between 0 and 1."""
    return sympy.Symbol("kappa", positive=True)


def kappas() -> list[dict[Any, Any]]:
    """Points of the domain."""
    return [{kappa(): sympy.Rational(1, k)} for k in (2, 3)]


AS_P_GROWS: dict[str, Any] = {
    "symbol": "p",
    "point": "oo",
    "value": 1,
    "samples": lambda: kappas(),
}


@COORDINATES.limit(
    "isotropic",
    **AS_P_GROWS,
    note="Var P_11",
    same=True,
    but={"Var P_11 without its factor 2": {"times": 2}},
)
@COORDINATES.limit("isotropic", **AS_P_GROWS, note="Var P_12", same=False)
def isotropic_ratio(same: bool, times: int = 1) -> Any:
    """Sigma = I, n = kappa p: the exact variance of an entry of P over the law."""
    n = kappa() * m.p
    first, second = projector_moment(1, n, m.p), projector_moment(2, n, m.p)
    # P^2 = P: sum_j P_1j^2 = P_11, and the p - 1 entries off the diagonal are alike
    exact = second - first**2 if same else (first - second) / (m.p - 1)
    learnt, zeta = kappa(), 1 - kappa()
    return times * exact / f.projector_variance(1, 1, learnt, zeta, n, 1 - kappa(), same)


@LITERAL.limit(
    "whole",
    **AS_P_GROWS,
    note="beta^s = e_1",
    own=0,
    but={"four times the literal variance": {"times": sympy.Rational(1, 4)}},
)
@LITERAL.limit("the factor", **AS_P_GROWS | {"value": 2}, note="off by the factor 2", own=0)
@COORDINATES.limit("isotropic", **AS_P_GROWS, note="beta^s = e_1")
def first_coordinate_ratio(own: int = 1, times: Any = 1) -> Any:
    """Sigma = I, beta^s = e_1, no noise, n = kappa p: exact variance of P_11 over the law."""
    n = kappa() * m.p
    exact = projector_moment(2, n, m.p) - projector_moment(1, n, m.p) ** 2
    leftover = f.unlearnt_energy(1, 1, 1 - kappa())
    scale = f.gamma_squared(m.p, n, 1 - kappa(), leftover)
    share = own * f.coordinate_share(leftover, leftover)
    return times * exact / f.coordinate_variance(1, kappa(), scale, share, m.p)
