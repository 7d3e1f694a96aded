"""How far off is (2) at the n in hand?  The first correction in 1/n, for Gaussian rows.

It holds for every surrogate, with noise and with ridge (claims ``5.size-correction``,
``15.correction``).  That what is left is of order ``1/n^2`` is measured, not proved.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kdverify import checks, formulas
from kdverify.gaussian import mean_student
from kdverify.gaussian import risks as compose
from kdverify.gaussian.numbers import numbers, slack
from kdverify.gaussian.risks import Modes
from kdverify.gaussian.solve import Code, Equivalents
from kdverify.problem import Problem
from kdverify.shown import Shown

EXACT = "exact mean of least squares"
BY_QUADRATURE = "exact mean of Gaussian rows, by quadrature"
FIRST_ORDER = "first correction in 1/n for Gaussian rows; measured, not proved"


@dataclass(frozen=True, eq=False, repr=False)
class Correction(Shown):
    """What finite n adds to the equivalents (3), to first order in 1/n.

    ``A`` is the diagonal matrix of the weights that were asked for, by default Sigma.

    Attributes:
        learnt: (p,) to ``E P_ii``.
        energy: (p,) to ``E (P A P)_ii``.
        noise: to ``E tr A X'(XX' + ridge)^-2 X``.
    """

    learnt: Any
    energy: Any
    noise: Any


@dataclass(frozen=True, eq=False, repr=False)
class SizeError(Shown):
    """An equivalent beside its error at finite n.

    Attributes:
        risk: the equivalent.
        correction: what to add to it for the mean risk of Gaussian rows, to first order.
        basis: what this rests on, in words.
    """

    risk: Any
    correction: Any
    basis: str

    @property
    def corrected(self) -> Any:
        """``risk + correction``."""
        return self.risk + self.correction


def correction(modes: Modes, at: Equivalents, weights: Any = None) -> Correction:
    """The corrections of all three equivalents (3) at a solution of (1), in its numbers.

    ``weights``: (p,) the diagonal of A, None for the eigenvalues.
    """
    zero = 0 * at.zeta
    if at.code is Code.UNREGULARISED:
        return Correction(zero, zero, 0 * at.n)
    total, split = modes.total, (at.zeta, at.one_minus_zeta)
    weights = at.eigenvalues if weights is None else weights
    unused = slack(at)
    spreads = at.n * at.one_minus_omega
    mean = formulas.mean_unlearnt(total(formulas.spread(*split) * at.zeta), spreads, unused)
    tilt = formulas.weights_tilt(total(formulas.spread(*split) * weights), spreads)
    slopes, centred = formulas.spread_slope(*split), formulas.centred_slope(*split, mean)
    mean_tilt = total(centred * (weights - tilt)) + formulas.ridge_mean_tilt(mean, tilt, unused)
    spreads_tilt = total(slopes * (weights - tilt)) - tilt * unused
    energy = formulas.energy_correction(
        weights, *split, mean, spreads, tilt, mean_tilt / spreads, spreads_tilt
    )
    root = formulas.root_by_ridge(at.tau, spreads)
    by_ridge = formulas.learnt_by_ridge(
        *split,
        mean,
        spreads,
        root,
        formulas.mean_by_ridge(total(centred), mean, spreads, root, at.tau, unused),
        formulas.spreads_by_ridge(total(slopes), root, at.tau, unused),
    )
    learnt = formulas.learnt_correction(*split, mean, spreads)
    return Correction(learnt, energy, -total(weights * by_ridge))


def risk_correction(modes: Modes, found: Correction, surrogate: Any, noise: Any) -> Any:
    """What finite n adds to the excess risk of the student of ``surrogate``, to first order."""
    crossed = modes.lam * modes.beta_star * surrogate * found.learnt
    return modes.total(surrogate * surrogate * found.energy - 2 * crossed) + noise * found.noise


def size_error(
    problem: Problem,
    n: Any,
    surrogate: Any = None,
    noise_variance: Any = 0.0,
    ridge: Any = 0.0,
    digits: int | None = None,
    exact: bool = False,
) -> SizeError:
    """`kdverify.risk` with its first correction in 1/n for Gaussian rows.

    Arguments as in `kdverify.risk`.  For n > p + 1 without ridge the risk is an exact mean and
    the correction 0.  With ``exact`` the correction is all that the risk is off by: the exact
    mean less the equivalent, for whole n.  Source: claims ``5.size-correction``,
    ``15.correction``, ``15.every-n``.

    >>> import kdverify as kd
    >>> problem = kd.Problem.power_law(p=500, alpha=2.0, beta=1.5)
    >>> error = kd.size_error(problem, n=200)
    >>> round(error.risk, 6), round(error.correction, 6)
    (0.119367, 0.00025)
    >>> round(kd.size_error(problem, n=200, exact=True).correction, 6)
    0.000249
    """
    if checks.flag("exact", exact) and digits is not None:
        raise ValueError(f"digits={digits!r} must be None: exact means are found in float64")
    with numbers(problem, digits) as on:
        at, vector = on.solve(n, ridge), on.vector("surrogate", surrogate)
        noise = on.number("noise_variance", noise_variance)
        risk = compose.excess_risk(on.modes, at, vector, noise)
        if exact and at.code is not Code.UNREGULARISED:
            found = mean_student.mean_student(problem, n, ridge)
            mean = mean_student.excess(problem, found, vector, noise)
            return SizeError(float(risk), mean - float(risk), BY_QUADRATURE)
        added = risk_correction(on.modes, correction(on.modes, at), vector, noise)
        basis = EXACT if at.code is Code.UNREGULARISED else FIRST_ORDER
        if digits is None:
            risk, added = float(risk), float(added)
        return SizeError(risk, added, basis)


def size_errors(
    problem: Problem,
    n: Any,
    noise_variance: Any = 0.0,
    ridge: Any = 0.0,
    exact: bool = False,
) -> dict[str, SizeError]:
    """`size_error` for strong labels, the best surrogate and the best mask, by one solution."""
    with numbers(problem, None) as on:
        modes, at = on.modes, on.solve(n, ridge)
        noise = on.number("noise_variance", noise_variance)
        exact = exact and at.code is not Code.UNREGULARISED
        found = mean_student.mean_student(problem, n, ridge) if exact else correction(modes, at)
        basis = EXACT if at.code is Code.UNREGULARISED else FIRST_ORDER
        labels = {
            "standard": modes.beta_star,
            "optimal": compose.gains(at) * modes.beta_star,
            "masked": (compose.keep_margins(at) > 0) * modes.beta_star,
        }
        errors = {}
        for name, vector in labels.items():
            risk = float(compose.excess_risk(modes, at, vector, noise))
            if isinstance(found, Correction):
                added = float(risk_correction(modes, found, vector, noise))
                errors[name] = SizeError(risk, added, basis)
            else:
                mean = mean_student.excess(problem, found, vector, noise)
                errors[name] = SizeError(risk, mean - risk, BY_QUADRATURE)
        return errors
