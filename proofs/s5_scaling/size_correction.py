"""Claim of section 5: simulations at p >> n, the bias in 1/n, and the way to p = infinity."""

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import sympy

from kdverify import Problem, equivalents, optimal_mask, optimal_surrogate
from kdverify import formulas as f
from kdverify.evidence import Claim, Comparison, Context, Step

from ..lib.drawn import simulate
from ..lib.ensembles import seed
from ..lib.sums import in_zeta, lam, n, omega, ridge, tau, tau_along_tilt, total, written, zeta

SIZE_CORRECTION = Claim(
    "5.size-correction",
    title="The bias of order 1/n of every noiseless risk, in closed form",
    statement=r"E P_{ii} = 1-\zeta_i + \frac{w_i(\zeta_i-\bar\zeta)}{n(1-\Omega)} + O(n^{-2}),\ "
    r"w=\zeta(1-\zeta),\ \bar\zeta=\frac{\sum w\zeta}{\sum w};\quad"
    r" E(P\Sigma P)_{ii}\ \text{by its derivative}",
    needs=("2.transfer",),
    parts=("equation", "log-determinant", "energy", "Sigma = I", "simulated"),
    steps=[
        Step(
            "N = I - P, T = tr(Sigma N). Integration by parts over Gaussian rows is exact:"
            " n lam_i E N_ii = E[(1 - N_ii) T] + E[(N Sigma (I - N))_ii]."
        ),
        Step(
            "To first order the last term is its equivalent and Cov(N_ii, T) = O(1/n) drops out;"
            " the correction solves what is left, and no other does.",
            lambda: written(equation()[1]),
        ),
        Step(
            "It is the derivative of (1/2) log(1 - Omega) by log lam_i: this is what E log det of"
            " the rows' Gram matrix exceeds its equivalent by.",
            lambda: written(log_determinant()[1]),
        ),
        Step("Energies are derivatives of E P_ii along Sigma (I + t Sigma)^-1 (2.transfer)."),
        Step("Sigma = I: both corrections vanish; there (2) is exact without noise."),
    ],
)


def spread_at() -> Any:
    """zeta (1 - zeta) of the generic mode, as a function of lam and tau."""
    return f.spread(*f.split_mode(lam, tau))


def mean_zeta() -> Any:
    """The mean of zeta with the weights zeta (1 - zeta)."""
    return total(spread_at() * zeta) / total(spread_at())


def correction() -> Any:
    """The correction of E P_ii, by the formula."""
    return f.learnt_correction(*f.split_mode(lam, tau), mean_zeta(), total(spread_at()))


def tau_along_mode() -> Any:
    """d tau / d log lam_i, from (1)."""
    learnt = f.one_minus_zeta(lam, tau)
    return -lam * sympy.diff(learnt, lam) / total(sympy.diff(learnt, tau))


def half_log_slope() -> Any:
    """``(1/2) d log(1 - Omega) / d log lam_i``: own eigenvalue, and through tau."""
    own = lam * sympy.diff(spread_at(), lam)
    through_tau = total(sympy.diff(spread_at(), tau)) * tau_along_mode()
    return (own + through_tau) / (2 * total(spread_at()))


def _tilt() -> Any:
    """d tau / dt along Sigma (I + t Sigma)^-1, without ridge."""
    return tau_along_tilt().subs(ridge, 0)


def first_order_equation(extra: int = 1) -> tuple[Any, Any]:
    """Both sides of the equation less their equivalents, with the correction by the formula."""
    unlearnt, learnt = f.split_mode(lam, tau)
    of_n = -correction()
    of_trace = total(lam * of_n)
    right = learnt * of_trace - of_n * n * tau + extra * (lam * unlearnt - missed_energy()[1])
    return n * lam * of_n, right


def missed_energy() -> tuple[Any, Any]:
    """The equivalent of (N Sigma N)_ii, from (3) and in closed form."""
    unlearnt, learnt = f.split_mode(lam, tau)
    energy = f.transfer_energy(lam, unlearnt, learnt, omega, 1 - omega)
    return energy - lam + 2 * lam * unlearnt, lam * unlearnt**2 / (1 - omega)


def energy_along_tilt() -> Any:
    """``lam p + d/dt p`` for p the correction, along Sigma (I + t Sigma)^-1."""
    mean, spreads = sympy.symbols("m S", positive=True)
    one_mode = f.learnt_correction(*f.split_mode(lam, tau), mean, spreads)
    at = {mean: mean_zeta(), spreads: total(spread_at())}
    weighted = spread_at() * f.zeta(lam, tau)
    of_spreads = total(_along(spread_at()))
    of_mean = (total(_along(weighted)) - mean_zeta() * of_spreads) / total(spread_at())
    along = _along(one_mode)
    along += sympy.diff(one_mode, mean) * of_mean + sympy.diff(one_mode, spreads) * of_spreads
    return lam * correction() + along.subs(at)


def _along(expression: Any) -> Any:
    """d/dt of one mode's expression in lam and tau."""
    return -(lam**2) * sympy.diff(expression, lam) + sympy.diff(expression, tau) * _tilt()


def energy_formula() -> Any:
    """The correction of the energy, by the formula."""
    split = f.split_mode(lam, tau)
    spreads, mean = total(spread_at()), mean_zeta()
    tilt = f.weights_tilt(total(spread_at() * lam), spreads)
    mean_tilt = total(f.centred_slope(*split, mean) * (lam - tilt)) / spreads
    spreads_tilt = total(f.spread_slope(*split) * (lam - tilt))
    return f.energy_correction(lam, *split, mean, spreads, tilt, mean_tilt, spreads_tilt)


def first_order(problem: Problem, n: int) -> tuple[np.ndarray, np.ndarray]:
    """(p,) corrections of ``E P_ii`` and of ``E (P Sigma P)_ii``."""
    lam, at = problem.spectrum.eigenvalues, equivalents(problem, n)
    split = at.zeta, at.one_minus_zeta
    weights = f.spread(*split)
    spreads = weights.sum()
    mean = (weights * at.zeta).sum() / spreads
    tilt = f.weights_tilt((weights * lam).sum(), spreads)
    mean_tilt = (f.centred_slope(*split, mean) * (lam - tilt)).sum() / spreads
    spreads_tilt = (f.spread_slope(*split) * (lam - tilt)).sum()
    energy = f.energy_correction(lam, *split, mean, spreads, tilt, mean_tilt, spreads_tilt)
    return f.learnt_correction(*split, mean, spreads), energy


def corrected_risk(problem: Problem, n: int, surrogate: np.ndarray, order: int = 1) -> float:
    """Excess risk of the student of ``surrogate`` on noiseless labels; order 0 is (2)."""
    lam, at = problem.spectrum.eigenvalues, equivalents(problem, n)
    split = at.zeta, at.one_minus_zeta
    mean = f.transfer_mean(at.one_minus_zeta)
    energy = f.transfer_energy(lam, *split, at.omega, at.one_minus_omega)
    if order:
        of_mean, of_energy = first_order(problem, n)
        mean, energy = mean + of_mean, energy + of_energy
    truth, trace = problem.beta_modes, f.noise_trace(at.omega, at.one_minus_omega)
    square = surrogate * surrogate
    return float(f.transfer_risk(lam, surrogate, square, truth, mean, energy, trace, 0.0, np.sum))


@dataclass(frozen=True)
class Setting:
    """A power law at finite p and n, and its number of trials at the quick level."""

    alpha: Fraction
    beta: Fraction
    n: int
    p: int
    trials: int

    @property
    def name(self) -> str:
        """For reports."""
        return f"alpha={self.alpha}, beta={self.beta}, n={self.n}, p={self.p}"

    @property
    def exponents(self) -> tuple[Fraction, Fraction, int, int]:
        """What `lib.power_laws` asks for."""
        return self.alpha, self.beta, self.n, self.p


#: Small ones, for the correction itself.
SMALL = (
    Setting(Fraction(3, 2), Fraction(2), 20, 200, 250),
    Setting(Fraction(2), Fraction(3), 20, 200, 250),
)


@dataclass(frozen=True, eq=False)
class Measured:
    """The three risks of one setting, simulated, with order 0 and 1 in 1/n."""

    mean: Any
    standard_error: Any
    degrees_of_freedom: int
    equivalent: Any
    corrected: Any

    @property
    def bias(self) -> Any:
        """The correction over the equivalent."""
        return self.corrected / self.equivalent - 1


def measured(context: Context, setting: Setting) -> Measured:
    """Simulate one setting: noiseless labels of beta*, of the best surrogate and mask."""
    problem, n = Problem.power_law(setting.p, setting.alpha, setting.beta), setting.n
    truth = problem.beta_modes
    teachers = [truth, optimal_surrogate(problem, n), optimal_mask(problem, n) * truth]
    run = simulate(
        problem,
        n,
        surrogates=teachers,
        trials=context.trials(setting.trials),
        seed=seed(context, setting.name),
        workers=context.workers,
        steady=True,
    )
    orders = [[corrected_risk(problem, n, t, order) for t in teachers] for order in (0, 1)]
    return Measured(
        run.means, run.standard_errors, run.degrees_of_freedom, *(np.array(o) for o in orders)
    )


def mode_by_mode(left: Any, right: Any) -> tuple[Any, Any]:
    """Both sides with lambda eliminated."""
    return in_zeta(left), in_zeta(right)


@SIZE_CORRECTION.identity("equation", but={"without the term of order 1": {"extra": 0}})
@cache
def equation(extra: int = 1) -> tuple[Any, Any]:
    """The first order of the exact equation for E N_ii."""
    return mode_by_mode(*first_order_equation(extra))


@SIZE_CORRECTION.identity("equation")
@cache
def missed_by_mode() -> tuple[Any, Any]:
    """What the equation takes for (N Sigma N)_ii."""
    return mode_by_mode(*missed_energy())


@SIZE_CORRECTION.identity("log-determinant", note="any number of modes")
@cache
def log_determinant() -> tuple[Any, Any]:
    """The correction, and half the logarithmic slope of 1 - Omega."""
    return mode_by_mode(correction(), half_log_slope())


@SIZE_CORRECTION.identity("energy", note="any number of modes")
@cache
def energy() -> tuple[Any, Any]:
    """The energy's correction, and the derivative of the first along a tilt."""
    return mode_by_mode(energy_formula(), energy_along_tilt())


def isotropic() -> list[Any]:
    """Both corrections at Sigma = I, where all modes have 1 - zeta = q = n/p and tau = (1-q)/q."""
    q, p = sympy.symbols("q p", positive=True)
    tau = (1 - q) / q
    zeta, learnt = f.split_mode(1, tau)
    spreads = p * f.spread(zeta, learnt)
    tilt = f.weights_tilt(spreads, spreads)
    of_mean = p * f.centred_slope(zeta, learnt, zeta) * (1 - tilt) / spreads
    of_spreads = p * f.spread_slope(zeta, learnt) * (1 - tilt)
    return [
        f.learnt_correction(zeta, learnt, zeta, spreads),
        f.energy_correction(1, zeta, learnt, zeta, spreads, tilt, of_mean, of_spreads),
    ]


SIZE_CORRECTION.identity("Sigma = I", lambda: (isotropic(), [0, 0]), note="exact there")


@SIZE_CORRECTION.agreement(
    "simulated",
    note="n = 20, p = 200; band: a fifth of it",
    but={"the equivalent without correction, two and a half band-widths off": {"corrected": False}},
)
def small_runs(context: Context, corrected: bool = True) -> list[Comparison]:
    """Risks against equivalent plus correction; the band is a fifth of the correction."""
    found = []
    for setting in SMALL:
        run = measured(context, setting)
        found.append(
            Comparison(
                setting.name,
                run.mean,
                run.standard_error,
                run.degrees_of_freedom,
                run.corrected if corrected else run.equivalent,
                abs(run.corrected - run.equivalent) / 5,
            )
        )
    return found
