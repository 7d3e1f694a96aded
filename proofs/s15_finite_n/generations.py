"""Claim 15.generations: the first correction for students that label for students."""

from functools import cache
from typing import Any

import numpy as np
import sympy

from kdverify import Generations, Kind, Stage, chain_error, mixed_error
from kdverify import formulas as f
from kdverify.arithmetic import BALLS
from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.gaussian import generations_finite_size as sizes
from kdverify.training import Coefficients, Form, ground_truth

from ..lib import batches as b
from ..lib.drawn import shared
from ..lib.modes import Pairs
from .mixed import form_by_differences

GENERATIONS = Claim(
    "15.generations",
    title="The first correction for generations with a share of real data",
    statement=r"A_{k-1} = (1-w)^2\,\mathbb E(PA_kP) + w(1-w)N_k\Sigma,\quad \mathbb ER_K = R_K +"
    r"\sum_{k\le K}(\text{what }n\text{ rows add to }\mathbb E\,b_k^\top A_kb_k-2l_k^\top b_k),"
    r"\quad \mathbb ER_\infty:\ \text{one term, at }\textstyle\sum_kA_k,\ \sum_kl_k",
    needs=("11.generations", "15.mixed", "15.mixed-least-squares", "15.two-stages"),
    parts=("form", "saddle", "settled", "limits", "simulated"),
    steps=[
        Step(
            "What follows a student sees its coefficients through tr(A b b') - 2 l'b; so does the"
            " student itself those of the one before.",
            lambda: form()[1],
        ),
        Step(
            "With the penalty s (b'Ab - 2 l'b) in the place of that on the risk, 15.mixed gives"
            " what a student's rows of two kinds add to the form; where labels are averaged it is"
            " 15.two-stages. To first order these add up over the students."
        ),
        Step(
            "In the long run the laws settle, and the sum over the students is linear in the forms:"
            " their sum solves A = Sigma + (what A makes of the one before).",
        ),
        Step(
            "Least squares keeps A a multiple of Sigma: the recursion is that of 11.collapse with"
            " the exact factor of 15.mixed-least-squares."
        ),
    ],
)


@GENERATIONS.identity("form", note="one mode, any level", but={"no spread of kinds": {"apart": 0}})
def form(apart: int = 1) -> tuple[Any, Any]:
    """A student's form averaged over its law, less the part without the last one's coefficient."""
    lam, zeta, weight, linear, level, share, truth = sympy.symbols(
        "lambda zeta A l N w beta", real=True
    )
    last, learnt = sympy.Symbol("b", real=True), 1 - zeta

    def mean(last: Any) -> Any:
        label = share * truth + (1 - share) * last
        gap = f.two_kinds_noise(share, 0, 0, lam * (last - truth) ** 2)
        noise = level * (f.unlearnt_energy(lam, label, zeta) + gap)
        return weight * (learnt * label) ** 2 - 2 * linear * learnt * label + noise

    energy = weight * learnt**2 + level * f.unlearnt_energy(lam, 1, zeta)
    known = energy, share, apart * share * (1 - share) * level
    square = f.generation_energy(lam, *known)
    crossed = f.generation_linear(lam, truth, linear, learnt, *known)
    return mean(last) - mean(0), square * last**2 - 2 * crossed * last


def family(keep: str, ridge: float, share: float = 0.25, n: float = 9.0) -> Generations:
    """Of 20 modes, noise in both kinds of labels."""
    return Generations(b.EXACT, n, share, 0.3, 0.2, ridge, keep)


WEIGHTS, MEAN = np.cos(np.arange(20.0)) + 1.5, b.EXACT.beta_star * np.cos(np.arange(20.0))


@cache
def differences(scale: int) -> tuple[Any, Any]:
    """A form's mean and what 12 rows add, where pseudo-labels are of ``scale`` times a mean."""
    kinds = [Kind(0.25, None, 0.3), Kind(0.75, scale * MEAN, 0.2)]
    return form_by_differences(kinds, 12, 0.5, WEIGHTS)


@GENERATIONS.below("saddle", note="differences, p = 20", but={"of a share of 0.5": {"share": 0.5}})
def by_differences(digits: int, share: float = 0.25) -> Pairs:
    """A later student's form: its mean by differences of the saddle, and what 12 rows add."""
    del digits
    line = family("rows", 0.5, share, 12)
    (start, _), (value, change) = differences(0), differences(1)
    asked = Form(WEIGHTS, WEIGHTS * b.EXACT.beta_star)
    before, (none, law) = (
        sizes.before(line, asked),
        [Coefficients(k * MEAN, 0 * MEAN) for k in (0, 1)],
    )
    moved = before.at(law) - before.at(none)
    yield BALLS.number(abs(float(value - start - moved))), BALLS.number(1e-3 * abs(moved))
    added = sizes.rows_added(line, [asked], [law])
    yield BALLS.number(abs(float(change - added))), BALLS.number(1e-2 * abs(float(change)))


@GENERATIONS.below("form", note="backwards and forwards", but={"of a share of 0.3": {"share": 0.3}})
def backwards(digits: int, share: float = 0.25) -> Pairs:
    """The change of the risk from the second to the third student, and of the form before."""
    del digits
    for keep, ridge in (("rows", 0.5), ("labels", 0.0)):
        laws = [ground_truth(b.EXACT), *family(keep, ridge).laws(3)]
        forms = [Form.risk(b.EXACT)]
        forms.append(sizes.before(family(keep, ridge, share), forms[0]))
        last = forms[0].at(laws[3]) - forms[0].at(laws[2])
        before = forms[1].at(laws[2]) - forms[1].at(laws[1])
        yield BALLS.number(abs(last - before)), BALLS.number(1e-11)


@cache
def after_40(keep: str, ridge: float, n: float) -> float:
    """The last of 40 corrections at a share of 0.6."""
    return family(keep, ridge, 0.6, n).errors(40)[-1].correction


@GENERATIONS.below("settled", note="after 40 students", but={"of a share of 0.55": {"share": 0.55}})
def long_run(digits: int, share: float = 0.6) -> Pairs:
    """The last of many corrections, and the settled one."""
    del digits
    for keep, ridge, n in (("rows", 0.5, 9.0), ("labels", 0.0, 9.0), ("rows", 0.0, 60.0)):
        settled = family(keep, ridge, share, n).settled_error().correction
        gap = abs(after_40(keep, ridge, n) - settled)
        yield BALLS.number(gap), BALLS.number(1e-10)


@GENERATIONS.below("limits", but={"a later student's noise": {"noise": 0.25}})
def limits(digits: int, noise: float = 0.2) -> Pairs:
    """No real data: a chain. Almost none, and real data alone: the limits of two kinds."""
    del digits
    stages = [Stage(9, None, 0.3, 0.5), *[Stage(9, None, noise, 0.5)] * 2]
    sought = chain_error(b.EXACT, stages)
    for keep in ("rows", "labels"):
        for found in (family(keep, 0.5, 0.0).errors(3)[2], family(keep, 0.5, 1e-12).errors(3)[2]):
            yield BALLS.number(abs(found.risk - sought.risk)), BALLS.number(1e-9)
            yield BALLS.number(abs(found.correction - sought.correction)), BALLS.number(1e-9)
    line = family("rows", 0.0, 0.25, 40.0)  # least squares: exactly, a mixture with the first one
    kinds = [Kind(0.25, None, 0.3), Kind(0.75, line.laws(1)[0], noise)]
    gap = mixed_error(b.EXACT, 40.0, kinds).corrected - line.errors(2)[1].corrected
    yield BALLS.number(abs(gap)), BALLS.number(1e-12)
    alone = chain_error(b.EXACT, [stages[0]]).correction
    for share in (1.0, 1 - 1e-12):
        gap = abs(family("rows", 0.5, share).errors(3)[2].correction - alone)
        yield BALLS.number(gap), BALLS.number(1e-9)


@shared
def third_risks(draw: np.random.Generator, trials: int, line: Generations) -> np.ndarray:
    """(trials,) risks of the third student."""
    n, share, student = int(line.n), line.share, b.TRUTH
    for k in range(3):
        rows = b.designs(draw, trials, n)
        own, y = b.predictions(rows, student), rows @ b.TRUTH
        y = y + b.noise(draw, y.shape, line.noise_variance)
        own = own + b.noise(draw, y.shape, line.own_noise_variance)
        if k and line.keep == "rows":
            y[:, int(share * n) :] = own[:, int(share * n) :]
        elif k:
            y = share * y + (1 - share) * own
        student = b.students(rows, y, line.ridge)
    return b.excess(student)


#: kept, n, share, ridge, trials
CASES = (
    ("rows", 22, 0.5, 0.0, 6000),
    ("labels", 20, 0.25, 0.0, 4500),
)


@GENERATIONS.agreement("simulated", note="3 generations, within 60 % of the correction")
def measured(context: Context, sign: float = 1.0) -> list[Comparison]:
    """What the third student is above its equivalent."""
    found = []
    for keep, n, share, ridge, count in CASES:
        line = Generations(b.PROBLEM, n, share, 0.3, 0.2, ridge, keep)
        theory = line.errors(3)[2]
        aim = sign * theory.correction
        draw = b.generator(context, "generations", keep, n)
        above = third_risks(draw, context.trials(count), line) - theory.risk
        band = 0.6 * abs(theory.correction)
        found.append(Comparison.of(f"{keep}, n = {n}", above, aim, band))
    return found


measured.but("the correction's sign", sign=-1.0)
