"""Claims of section 6: what can be trained, what it recovers, the exponent."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from kdverify import formulas as f
from kdverify.evidence import (
    Agreement,
    Claim,
    Comparison,
    Context,
    Control,
    Enclosure,
    Forall,
    Identity,
    Step,
)

if TYPE_CHECKING:
    from collections.abc import Callable

# --------------------------------------------------------------------------
# 6.trainable
# --------------------------------------------------------------------------


def student_of_moments(square: Callable[[Any, Any], Any] = lambda s, w: s**2 + w**2) -> Any:
    """The student's risk from the surrogate's means and mean squares, through (3)."""
    import _mode_sums as m

    zeta, learnt = m.split()
    return f.transfer_risk(
        m.lam,
        m.surrogate,
        square(m.surrogate, m.spread),
        m.beta_star,
        f.transfer_mean(learnt),
        f.transfer_energy(m.lam, zeta, learnt, m.omega, 1 - m.omega),
        f.noise_trace(m.omega, 1 - m.omega),
        m.noise,
        m.total,
    )


def averaged_risk() -> Any:
    """(2) averaged over surrogates s + w and s - w."""
    import _mode_sums as m

    return sum(m.risk(student_of=m.surrogate + w) for w in (m.spread, -m.spread)) / 2


def own_draws(context: Context, shift: float = 0.0) -> list[Comparison]:
    """Both stages drawn here; the surrogate's modes gained or masked in between."""
    import numpy as np
    from _ensembles import power_law, seed
    from _stages import NOISES, P, two_stages

    from kdverify import gains, optimal_mask
    from kdverify.gaussian.stages import two_stage_risk

    m, n, problem = 40, 30, power_law(P)
    lam, truth = problem.spectrum.eigenvalues, problem.beta_modes
    factors = {"gain": gains(problem, n), "mask": optimal_mask(problem, n).astype(float)}
    draw = np.random.default_rng(seed(context, "trainable"))

    def least_norm(size: int, labels: Any, noise: float) -> Any:
        x = draw.standard_normal((size, P)) * np.sqrt(lam)
        y = x @ labels + np.sqrt(noise) * draw.standard_normal((size, labels.shape[1]))
        return x.T @ np.linalg.solve(x @ x.T, y)

    risks = []
    for _ in range(context.trials(1200)):
        surrogate = least_norm(m, truth[:, None], NOISES[0])
        changed = np.column_stack([g * surrogate[:, 0] for g in factors.values()])
        student = least_norm(n, changed, NOISES[1])
        risks.append([f.predictor_risk(lam, s, truth, np.sum) for s in student.T])
    estimate, error = np.mean(risks, axis=0), np.std(risks, axis=0, ddof=1) / len(risks) ** 0.5
    band = two_stages("", None, m, n).bands()[1]
    theory = np.array(
        [two_stage_risk(problem, None, m, n, *NOISES, transform=name) for name in factors]
    )
    expected = theory * (1 + 2 * shift * band)
    return [Comparison("gain and mask", estimate, error, len(risks) - 1, expected, theory * band)]


def level_risks(second: Any, noise: Any) -> dict[str, Any]:
    """Two levels, m = n = p/2, beta* = (1, second): strong labels, and the trained students.

    The same m strong labels, with their noise, serve all; pseudo-labels cost nothing.
    """
    from fractions import Fraction

    import numpy as np
    from _stages import level_risk, two_levels

    at = two_levels()
    truth = np.array([Fraction(1), Fraction(second)], dtype=object)
    mean, square = at.trained(truth, truth * truth, Fraction(noise))
    factors = {
        "plain": np.array([Fraction(1), Fraction(1)], dtype=object),
        "gain": f.gain(at.zeta, at.learnt, at.omega, at.one_minus_omega),
        "mask": np.array(
            [Fraction(int(f.keep_margin(z, at.one_minus_omega) > 0)) for z in at.zeta]
        ),
    }
    risks = {"strong": level_risk(mean, square, truth)}
    for name, g in factors.items():
        risks[name] = level_risk(*at.trained(g * mean, g * g * square), truth)
    return risks


def comparisons() -> list[tuple[Any, Any]]:
    """Pairs (smaller, larger): each way, for gain and for mask."""
    faint, noiseless = level_risks("1/4", 1), level_risks("1/4", 0)
    middle = level_risks(1, 1)
    strong = level_risks(2, 4)
    return [
        (faint["mask"], faint["strong"]),
        (noiseless["strong"], noiseless["mask"]),
        (strong["gain"], strong["strong"]),
        (noiseless["strong"], noiseless["gain"]),
        (faint["plain"], faint["gain"]),
        (middle["mask"], middle["strong"]),
    ]


TRAINABLE = Claim(
    id="6.trainable",
    title="A trained surrogate, gained or masked, against strong labels of the same budget",
    statement=r"\beta^s \to g\odot\beta^s,\ g = g(\Sigma_t, n):\ \text{its student's risk is (2)}"
    r"\text{ averaged over } N(gA\beta^*, g\,\mathrm{Cov}\,g);\ \text{it may win or lose}",
    source="new",
    needs=("6.two-stage", "3.optimal", "4.rule"),
    parts=("closed form", "simulated", "examples"),
    steps=[
        Step("Gains and masks need Sigma_t and n only, not beta*."),
        Step(
            "A fixed factor scales mean and standard deviation of each coordinate; with them the"
            " transfer functions (3) give the risk.",
            student_of_moments,
        ),
        Step(
            "Two levels, m = n: with label noise mask and gain beat the m strong labels, without"
            " noise they lose. The gain is made for an exact teacher: with a noisy one it can be"
            " worse than no gain."
        ),
    ],
    evidence=[
        Identity("closed form", left=averaged_risk, right=student_of_moments, note="any p"),
        Agreement("simulated", sample=own_draws, note="own draws, p = 60, m = 40, n = 30"),
        Enclosure("examples", below=lambda digits: comparisons(), note="exact fractions"),
    ],
    controls=[
        Control(
            Identity(
                "closed form",
                left=averaged_risk,
                right=lambda: student_of_moments(lambda s, w: s**2),
            ),
            wrong="the square of the mean for the mean square",
        ),
        Control(
            Agreement("simulated", sample=lambda c: own_draws(c, shift=1.0)),
            wrong="one band-width too high",
        ),
        Control(Enclosure("examples", below=lambda digits: [comparisons()[0][::-1]]), "the order"),
    ],
)

# --------------------------------------------------------------------------
# 6.pgr
# --------------------------------------------------------------------------


def meaning(smt: Any, reversed_gap: bool = False) -> Any:
    """PGR > 0: the student beats its surrogate; PGR > 1: it beats strong labels as well."""
    weak, student, strong = (smt.Real(x) for x in ("weak", "student", "strong"))
    assumptions = [weak < strong if reversed_gap else weak > strong]
    recovered = f.performance_gap_recovered(weak, student, strong)
    conclusion = smt.And(
        (recovered > 0) == (student < weak),
        (recovered > 1) == (student < strong),
        (recovered == 1) == (student == strong),
    )
    return assumptions, conclusion


def recovered() -> dict[str, Any]:
    """PGR on two levels, beta* = (1, 1): three strong students for one trained surrogate."""
    from fractions import Fraction

    noises = {"noiseless": Fraction(0), "noisier": Fraction(1), "noisiest": Fraction(9, 5)}
    weak, student = (level_risks(1, 2)[key] for key in ("strong", "mask"))
    return {
        name: f.performance_gap_recovered(weak, student, level_risks(1, noise)["strong"])
        for name, noise in noises.items()
    }


def recovered_pairs() -> list[tuple[Any, Any]]:
    """Part of the gap; part of a smaller gap; more than all of it."""
    values = recovered()
    return [
        (0, values["noiseless"]),
        (values["noiseless"], values["noisier"]),
        (values["noisier"], 1),
        (1, values["noisiest"]),
    ]


PGR = Claim(
    id="6.pgr",
    title="Performance gap recovered",
    statement=r"PGR = \frac{R(\beta^s) - R(S2T)}{R(\beta^s) - R(std)}:\quad PGR > 0 \iff R(S2T) <"
    r" R(\beta^s),\ PGR > 1 \iff R(S2T) < R(std),\quad\text{if}\ R(\beta^s) > R(std)",
    source="neighbouring",
    needs=("6.two-stage",),
    parts=("meaning", "examples"),
    steps=[
        Step("The denominator is positive: signs carry over; otherwise they turn round."),
        Step(
            "Two levels, m = n, sigma_s^2 = 2: the masked student recovers a part of the gap to"
            " noiseless strong labels, and more than all of it at noise 9/5."
        ),
    ],
    evidence=[
        Forall("meaning", build=meaning, witness={"weak": 3, "student": 2, "strong": 1}),
        Enclosure("examples", below=lambda digits: recovered_pairs(), note="exact fractions"),
    ],
    controls=[
        Control(Forall("meaning", build=lambda smt: meaning(smt, True)), "weak below strong"),
        Control(
            Enclosure("examples", below=lambda digits: [recovered_pairs()[0][::-1]]), "the order"
        ),
    ],
)

# --------------------------------------------------------------------------
# 6.teacher-exponent
# --------------------------------------------------------------------------

SIZES = (100, 316, 1000, 3162)
STUDENTS = (0.2127, 0.1229, 0.0705, 0.0403)
STRONG = (0.168, 0.093, 0.052, 0.029)
SLOPES = (-0.477, -0.482, -0.485)


def least(risk: Callable[[float], float], guess: float) -> float:
    """The least value over the ridge, within a factor 2 of ``guess``."""
    import math

    from scipy.optimize import minimize_scalar

    found = minimize_scalar(
        lambda log_ridge: risk(math.exp(log_ridge)),
        bounds=(math.log(guess / 2), math.log(2 * guess)),
        method="bounded",
        options={"xatol": 1e-2},
    )
    return float(found.fun)


def numbers(context: Context, p: int = 10**6, noise: float = 1.0) -> list[Comparison]:
    """Teacher, best-ridge student, best ridge on strong labels; at full for all sizes.

    Each has to lie within half a unit of the last digit given.
    """
    import numpy as np

    from kdverify import Problem, risk, two_stage_risk

    problem = Problem.power_law(p, "1.5", "2")
    count = len(SIZES) if context.level.name == "full" else 1

    def taught(m: int, ridge: float) -> float:
        return two_stage_risk(problem, None, m, m, noise, ridge=ridge)

    def alone(m: int, ridge: float) -> float:
        return risk(problem, m, noise_variance=noise, ridge=ridge)

    teachers, students, strong = [], [], []
    for m in SIZES[:count]:
        teachers.append(risk(problem, m, noise_variance=noise))
        students.append(least(partial(taught, m), guess=3.1 * (m / 100) ** 0.4))
        strong.append(least(partial(alone, m), guess=2.8 * (m / 100) ** 0.28))
    slopes = np.diff(np.log(students)) / np.diff(np.log(SIZES[:count]))

    def digits(name: str, values: Any, expected: Any, band: float) -> Comparison:
        values = np.asarray(values)
        return Comparison(name, values, 1e-9 * abs(values), 10**6, np.asarray(expected), band)

    found = [
        digits("teacher", teachers, [0.52] * count, 0.006),
        digits("student", students, STUDENTS[:count], 5e-5),
        digits("strong labels", strong, STRONG[:count], 5e-4),
    ]
    return found if count == 1 else [*found, digits("slopes", slopes, SLOPES, 5e-4)]


def plateau(exponent_shift: int = 0) -> tuple[Any, Any]:
    """Omega/(1 - Omega) at the limit Omega = (alpha-1)/alpha, and alpha - 1."""
    import sympy

    alpha = sympy.Symbol("alpha", positive=True)
    return f.noise_trace((alpha - 1) / alpha, 1 / alpha), alpha - 1 + exponent_shift


TEACHER_EXPONENT = Claim(
    id="6.teacher-exponent",
    title="Against its teacher a student can have the better exponent",
    statement=r"\lambda_i = i^{-1.5},\ \lambda_i\beta_i^{*2} = i^{-2},\ \sigma_s^2 = 1,\ m = n:"
    r"\ R(\beta^s) \to \tfrac12,\ \text{best-ridge student}\ 0.2127,\ 0.1229,\ 0.0705,\ 0.0403",
    source="neighbouring",
    needs=("6.two-stage",),
    parts=("teacher's limit", "numbers"),
    steps=[
        Step(
            "The ridgeless teacher keeps the noise part sigma^2 Omega/(1 - Omega), which tends to"
            " alpha - 1 = 1/2; its other part tends to 0.",
            lambda: plateau()[0],
        ),
        Step(
            "The student's ridge is chosen best, the teacher stays ridgeless: m = 100, 316, 1000,"
            " 3162 at p = 10^6."
        ),
        Step("Strong labels with the best ridge are better still: no contradiction to section 5."),
    ],
    evidence=[
        Identity("teacher's limit", left=lambda: plateau()[0], right=lambda: plateau()[1]),
        Agreement("numbers", sample=numbers, note="double precision; m = 100 at quick"),
    ],
    controls=[
        Control(
            Identity("teacher's limit", left=lambda: plateau(1)[0], right=lambda: plateau(1)[1]),
            wrong="the limit alpha",
        ),
        Control(Agreement("numbers", sample=lambda c: numbers(c, p=10**4)), wrong="p = 10^4"),
    ],
)

CLAIMS = [TRAINABLE, PGR, TEACHER_EXPONENT]

if __name__ == "__main__":
    from kdverify.verify import run_as_script

    raise SystemExit(run_as_script(CLAIMS))
