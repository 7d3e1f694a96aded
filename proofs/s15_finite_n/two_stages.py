"""Claim 15.two-stages: the first correction for the student of a trained surrogate."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy

from kdverify import Spectrum, Stage, equivalents
from kdverify.arithmetic import BALLS
from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.gaussian.finite_size import correction as size_correction
from kdverify.gaussian.numbers import FloatModes
from kdverify.simulation import chain
from kdverify.stages import two_stage_error

from ..lib import batches as b
from ..lib.ensembles import seed
from ..lib.modes import Pairs

TWO_STAGES = Claim(
    "15.two-stages",
    title="The first correction for the student of a trained surrogate",
    statement=r"\mathbb E R = \sum_j\beta_j^{*2}\mathbb E(PAP)_{jj} - 2\sum_j\lambda_j(1-\zeta_j)"
    r"\beta_j^{*2}\mathbb EP_{jj} + \dots,\quad A\ \text{what the student makes of squares};\quad"
    r"\mathbb EPAP\ \text{by}\ \frac{d}{dt}\ \text{along}\ \log\lambda_i \to \log\lambda_i - ta_i",
    source="new",
    needs=("15.correction", "6.two-stage"),
    parts=("weights", "risk", "simulated"),
    steps=[
        Step(
            "The student's risk is linear in means and mean squares of the surrogate's coordinates;"
            " the surrogate is P beta* and noise. Signs of columns average products of two modes.",
            lambda: risk()[1],
        ),
        Step(
            "N A N is minus the derivative of delta (X'X + delta (I + t A))^-1 at t = 0, for any"
            " diagonal A, exactly: P A P is had from E P_ii at the covariance Sigma/(1 + t A).",
        ),
        Step("To first order E P_ii and E (P A P)_ii are those of 15.correction."),
        Step(
            "The student's own sample adds 15.correction at the surrogate's mean squares. The part"
            " of (7) that 6.rank-one leaves out is of this order, and is in E P A P."
        ),
    ],
)


@TWO_STAGES.identity("risk", note="two modes", but={"P for P squared": {"power": 1}})
def risk(power: int = 2) -> tuple[Any, Any]:
    """The risk of a student of P beta*, over both signs of a mode, and by diagonals."""
    names = sympy.symbols("P_11 P_12 P_22 beta_1 beta_2", real=True)
    energy, learnt, lams = (sympy.symbols(f"{x}_1:3", real=True) for x in "ALl")
    P = sympy.Matrix([[names[0], names[1]], [names[1], names[2]]])
    A, L, S = sympy.diag(*energy), sympy.diag(*learnt), sympy.diag(*lams)

    def given(sign: int) -> Any:
        truth = sympy.Matrix([names[3], sign * names[4]])
        taught = P * truth
        crossed = 2 * truth.T * S * L * taught
        return (taught.T * A * taught - crossed + truth.T * S * truth)[0]

    squares = (P**power if power == 1 else P * A * P).diagonal()
    signal = [names[3] ** 2, names[4] ** 2]
    by_modes = sum(
        signal[j] * (squares[j] - 2 * lams[j] * learnt[j] * P[j, j] + lams[j]) for j in range(2)
    )
    return (given(1) + given(-1)) / 2, by_modes


@TWO_STAGES.below("weights", note="p = 20, by differences", but={"other weights": {"scale": 1.1}})
def by_differences(digits: int, scale: float = 1.0) -> Pairs:
    """Central differences of the library's corrections of E P_ii along weights, and the ridge.

    ``(X'X + delta)^-1 X'X (X'X + delta)^-1``, what noise makes, is minus the derivative of P.
    """
    del digits
    values, modes = b.EXACT.spectrum.eigenvalues, FloatModes.of(b.EXACT)
    given, step = 1 + np.cos(np.arange(values.size)), 1e-4
    centre = size_correction(modes, equivalents(Spectrum(values), 9, 0.25), scale * given)
    up, down = (
        size_correction(modes, equivalents(Spectrum(values / (1 + h * given)), 9, 0.25)).learnt
        for h in (step, -step)
    )
    energy = given * size_correction(modes, equivalents(Spectrum(values), 9, 0.25)).learnt
    gap = np.abs(energy + (up - down) / (2 * step) - centre.energy).max()
    yield BALLS.number(float(gap)), BALLS.number(1e-5 * float(np.abs(centre.energy).max()))
    more, less = (
        size_correction(modes, equivalents(Spectrum(values), 9, 0.25 + h)).learnt
        for h in (step, -step)
    )
    noise = -float(given @ (more - less)) / (2 * step)
    yield BALLS.number(abs(noise - float(centre.noise))), BALLS.number(1e-5 * abs(noise))


#: teacher, student, trials
CHAINS = (
    (Stage(20, None, 0.5, 0.5), Stage(20, None, 0.2, 0.3), 3500),
    (Stage(15, None, 0.3, 0.0), Stage(60, None, 0.3, 1.0), 2500),
)


@TWO_STAGES.agreement("simulated", note="risk less its equivalent within 60 % of the correction")
def measured(context: Context, sign: float = 1.0, size: float = 1.0) -> list[Comparison]:
    """What chains of gaussian students are above the equivalent of two stages."""
    found = []
    for teacher, student, trials in CHAINS:
        name = f"m = {teacher.n}, n = {student.n}"
        run = chain(
            b.PROBLEM,
            [teacher, student],
            context.trials(int(size * trials)),
            seed(context, name),
            workers=context.workers,
        )
        theory = two_stage_error(b.PROBLEM, teacher, student)
        aim = sign * theory.correction
        error, degrees = run.standard_errors[-1], run.degrees_of_freedom
        above = run.means[-1] - theory.risk
        found.append(Comparison(name, above, error, degrees, aim, 0.6 * abs(aim)))
    return found


measured.but("the correction's sign", sign=-1.0, size=0.5)

CLAIMS = [TWO_STAGES]

if __name__ == "__main__":
    from kdverify.verify import run_as_script

    raise SystemExit(run_as_script(CLAIMS))
