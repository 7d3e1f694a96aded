"""Claims 15.mixed-least-squares, 15.trained-kinds: kinds of labels, exactly, and a trained one."""

from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
import sympy

from kdverify import Kind, Stage, chain_law, equivalents, mixed_error, two_stage_error
from kdverify import formulas as f
from kdverify.arithmetic import BALLS
from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.gaussian.finite_size import SizeError
from kdverify.training import Coefficients

from ..lib import batches as b
from ..lib import copies as c
from ..lib.ensembles import copied, times
from ..lib.modes import Pairs
from .mixed import above

SPREAD = Claim(
    "15.mixed-least-squares",
    title="Least squares on labels of several kinds: the mean risk, exactly",
    statement=r"n>p+1:\ \mathbb ER = \lVert\bar\beta-\beta^*\rVert^2_\Sigma"
    r" + \frac p{n-p-1}\sum_gw_g\sigma_g^2 + \psi\sum_gw_g\lVert\beta_g-\bar\beta\rVert_\Sigma^2,"
    r"\quad \psi = \frac{(n-1)(np+n-4)+2(p-1)}{(n-1)(n+2)(n-p-1)};\quad"
    r"\text{(14) has } \tfrac p{n-p-1}\text{ for }\psi",
    needs=("11.mixed", "2.least-squares"),
    parts=("one mode", "any p", "simulated"),
    steps=[
        Step(
            "X = U S^(1/2), U'U = I, U uniform and independent of S, a Wishart matrix. The student"
            " is beta-bar plus the sum of h_i x_i'd_i, d_i the deviation of row i's kind,"
            " h_i = S^(-1/2) u_i."
        ),
        Step(
            "Over the kinds, E d_i d_i' = D, E d_i d_j' = -D/(n - 1) as numbers of rows are fixed;"
            " all sums over rows are one mode's up to E sum_i |x_i|^2 |h_i|^2, where"
            " |x_i|^2 |h_i|^2 = (u'Su)(u'S^-1 u).",
            lambda: from_moments()[0],
        ),
        Step(
            "|u|^2 has the law Beta(p/2, (n - p)/2), its direction is uniform, and"
            " E tr S tr S^-1 = p (np - 2)/(n - p - 1): the derivative of E tr S^-1 by a scale of S."
        ),
    ],
)

n, p, k = sympy.symbols("n p k", positive=True)


@SPREAD.identity("any p", but={"kinds drawn by chance": {"fixed": 0}})
def from_moments(fixed: int = 1) -> tuple[Any, Any]:
    """n/(n - 1) of the sum over rows, less what all rows together have, and the formula."""
    traces = p * (n * p - 2) / (n - p - 1)  # E tr S tr S^-1
    fourth = p * (p + 2) / (n * (n + 2))  # E |u|^4
    rows = n * fourth * (traces + 2 * p) / (p * (p + 2)) / p  # u'Su u'S^-1 u over directions
    left = (n * rows - 1) / (n - 1) if fixed else rows
    return left, f.least_squares_spread(n, p)


@SPREAD.identity("any p", note="lemma: tr S tr S^-1", but={"without its covariance": {"part": 0}})
def traces(part: int = 1) -> tuple[Any, Any]:
    """E tr S tr S^-1 by a scale t of S: the density's derivative is tr S/2 less its mean."""
    t = sympy.Symbol("t", positive=True)
    inverse = p / (t * (n - p - 1))
    covariance = 2 * sympy.diff(inverse, t).subs(t, 1)
    return n * p * inverse.subs(t, 1) + part * covariance, p * (n * p - 2) / (n - p - 1)


@SPREAD.identity("one mode", note="p = 1, any n and k of n rows", but={"the noise's": {"as_is": 1}})
def one_mode(as_is: int = 0) -> tuple[Any, Any]:
    """k rows of n have the label x, the others 0: E (sum_k x^2/sum x^2)^2, a Dirichlet law."""
    square, crossed = 3 / (n * (n + 2)), 1 / (n * (n + 2))
    left = k * square + k * (k - 1) * crossed
    share = k / n
    spread = f.ols_noise_risk(1, n, 1) if as_is else f.least_squares_spread(n, 1)
    return left, share**2 + share * (1 - share) * spread


@SPREAD.agreement("simulated", note="p = 6, n = 10, half of the rows without signal; within 3 %")
def exactly(context: Context, exact: bool = True) -> list[Comparison]:
    """Mean over all choices of 5 rows and a basis of surrogates, for each draw of rows.

    As much noise, whose mean is known exactly, takes away what the draw of S adds to both.
    """
    draw = b.generator(context, "spread")
    x = draw.standard_normal((context.trials(9_000), 10, 6))
    inverse = np.linalg.inv(np.swapaxes(x, 1, 2) @ x)
    hat = x @ inverse  # row i is h_i
    chosen = np.array(
        [[i in rows for i in range(10)] for rows in combinations(range(10), 5)], float
    )
    products = (hat @ np.swapaxes(hat, 1, 2)) * (x @ np.swapaxes(x, 1, 2))
    square = np.einsum("tij,ij->t", products, chosen.T @ chosen / len(chosen))
    crossed = np.einsum("tij,tij,i->t", hat, x, chosen.mean(axis=0))
    risk = (square - crossed) / 6 + 1 / 4
    as_noise = f.ols_noise_risk(1, 10, 6)
    values = risk - (inverse.trace(axis1=1, axis2=2) - as_noise) / 4
    spread = f.least_squares_spread(10, 6) if exact else as_noise
    return [Comparison.of("spread", values, spread / 4, 0.03 / times(context) * spread / 4)]


exactly.but("the factor of noise, as (14) has it", exact=False)

TRAINED = Claim(
    "15.trained-kinds",
    title="The first correction where a kind of label is a trained surrogate's",
    statement=r"\bar R = \sum_iA_i\,\mathbb Eb_i^2 - 2\sum_il_i\,\mathbb Eb_i + \dots,\quad A ="
    r"\lambda\Big((1-\zeta)^2c^2(1+\textstyle\sum_gN_g)+N_k(1-2(1-\zeta)c)\Big),\ N_g ="
    r"\partial\bar R/\partial\sigma_g^2:\quad\text{the teacher's rows add what they add to }"
    r"\mathbb E(b^\top Ab-2l^\top b)",
    needs=("15.mixed", "15.two-stages", "15.feature-stages"),
    parts=("form", "pseudo-labels alone", "simulated"),
    steps=[
        Step(
            "Given the surrogate's coefficients b, (14) and (15) are a form in them, one mode at a"
            " time; signs of columns leave no products of two modes.",
            lambda: form()[1],
        ),
        Step(
            "What the surrogate's own samples add to the mean of a form is in 15.two-stages and"
            " 15.feature-stages; what the rows of the mixture add, 15.mixed at the law (7), is"
            " beside it. Products of the two are of second order."
        ),
    ],
)


@TRAINED.identity("form", note="three kinds, one mode", but={"no level of its own": {"own": 0}})
def form(own: int = 1) -> tuple[Any, Any]:
    """(15) less (15) at b = 0 as a function of the first kind's coefficient, and the form."""
    lam, zeta, truth, coefficient = sympy.symbols("lambda zeta beta b", real=True)
    betas, pulls = [coefficient, *sympy.symbols("beta_2:4")], sympy.symbols("c_1:4")
    levels = sympy.symbols("N_1:4")

    def risk(betas: Any) -> Any:
        theta = sum(c * beta for c, beta in zip(pulls, betas, strict=True))
        errors = [
            f.unseen_error(lam, beta, theta, 1 - zeta, 0, lambda value: value) for beta in betas
        ]
        shift = (1 - zeta) * theta - truth
        return lam * shift**2 + sum(v * e for v, e in zip(levels, errors, strict=True))

    others = [sympy.Integer(0), *betas[1:]]
    rest = sum(c * beta for c, beta in zip(pulls, others, strict=True))
    missed = sum(v * (beta - (1 - zeta) * rest) for v, beta in zip(levels, others, strict=True))
    known = 1 - zeta, pulls[0], own * levels[0]
    square = f.kind_energy(lam, *known, sum(levels))
    linear = f.kind_linear(lam, truth, *known, rest, missed)
    return risk(betas) - risk(others), square * coefficient**2 - 2 * linear * coefficient


@TRAINED.below("pseudo-labels alone", but={"a share of real ones": {"share": 0.99}})
def two_stages(digits: int, share: float = 1.0) -> Pairs:
    """No real labels: the error of two stages, with ridge and without; features too."""
    del digits
    for teacher in (Stage(9, None, 0.5, 0.25), Stage(9, None, 0.5, 0.25, 14)):
        for size, ridge in ((12, 0.5), (12, 0.0), (30, 0.0)):
            sought = two_stage_error(b.EXACT, teacher, Stage(size, None, 0.2, ridge))
            law = chain_law(b.EXACT, [teacher])
            kinds = [Kind(share, law, 0.2), Kind(1 - share, None, 0.2)]
            found = mixed_error(b.EXACT, size, kinds, ridge)
            for one, other in ((found.risk, sought.risk), (found.correction, sought.correction)):
                yield BALLS.number(abs(one - other)), BALLS.number(1e-10 * abs(other))


@TRAINED.below("form", note="least squares and weights, p = 20", but={"n = 31": {"moved": 1}})
def by_risks(digits: int, moved: int = 0) -> Pairs:
    """A teacher whose form moves by ``added``: differences of corrected risks are A and l."""
    del digits

    def risk(law: Coefficients, size: int, weight: float, ridge: float) -> Any:
        kinds = [Kind(0.25, None, 0.3), Kind(0.5, law, 0.2, weight)]
        kinds.append(Kind(0.25, 0.5 * b.EXACT.beta_star, 0.1))
        return mixed_error(b.EXACT, size, kinds, ridge)

    basis = b.EXACT.beta_modes
    for size, weight, ridge, exact in ((30, 1.0, 0.0, 1), (12, 1.0, 0.0, 0), (12, 0.3, 0.5, 0)):
        seen: list[Any] = []
        watched = Watched(basis, 0 * basis, seen)
        risk(watched, size + moved * exact, weight, ridge)
        for mode in (0, 7):
            step = np.eye(20)[mode]
            laws = [Coefficients(basis + s * step, 0 * basis) for s in (-1, 0, 1)]
            errors = [risk(law, size, weight, ridge) for law in laws]
            down, here, up = (e.corrected if exact else e.risk for e in errors)
            square, linear = seen[0].square[mode], seen[0].linear[mode]
            slope = 2 * square * basis[mode] - 2 * linear
            yield BALLS.number(abs((up - 2 * here + down) / 2 - square)), BALLS.number(1e-8)
            yield BALLS.number(abs((up - down) / 2 - slope)), BALLS.number(1e-8)


class Watched(Coefficients):
    """A law that keeps the form that it is asked about."""

    def __init__(self, mean: Any, covariance: Any, seen: list[Any]) -> None:
        super().__init__(mean, covariance)
        object.__setattr__(self, "seen", seen)

    def added(self, form: Any) -> float:
        """Nothing, but keep the form."""
        self.seen.append(form)  # type: ignore[attr-defined]
        return 0.0


@dataclass(frozen=True)
class Case:
    """A teacher, rows of each kind, the weight of pseudo-labels, a ridge; all for one copy."""

    name: str
    teacher: Stage
    rows: tuple[int, int]
    weight: float = 1.0
    ridge: float = 0.0

    def kinds(self, surrogate: Any) -> list[Kind]:
        """Real labels, and the surrogate's."""
        share = self.rows[0] / sum(self.rows)
        return [Kind(share, None, 0.3), Kind(1 - share, surrogate, 0.1, self.weight)]

    def error(self, k: int, own: bool = True) -> SizeError:
        """Risk and correction of k copies; ``own``: with what the teacher's samples add."""
        problem, t = copied(b.PROBLEM, k), self.teacher
        law = chain_law(problem, [replace(t, n=k * t.n, ridge=k * t.ridge)])
        given = law if own else Coefficients(law.mean, law.covariance)
        return mixed_error(problem, k * sum(self.rows), self.kinds(given), k * self.ridge)

    def above(self, on: c.Copies, draw: np.random.Generator, trials: int) -> Any:
        """What students, each with a teacher of its own, are above (14), over the correction."""
        teacher, total, theory = self.teacher, sum(self.rows), self.error(on.k)
        first = c.Fit(on, on.sample(draw, trials, int(teacher.n)), teacher.ridge)
        noise = first.map * np.sqrt(teacher.noise_variance)
        labels = c.Student([(first.learnt(), c.Labels.of(on.truth))], noise).labels()
        run = above(self.kinds(labels), total, self.ridge, theory.risk)
        values, zeros = run(on, draw, trials)
        learnt = np.repeat(equivalents(on.problem, total, self.ridge).one_minus_zeta, on.k)
        forms = [on.lam * learnt**power for power in (0, 1, 2)]
        back = [*c.fields(on, first), *(c.Field(first, first, form) for form in forms[1:])]
        products = [on.truth**2 * weight for weight in (1, *forms)]
        more = values / (on.k * theory.correction)
        return more, lambda: np.hstack([zeros(), c.zero_means(on, back, *products)])


#: With trials at two sizes, and what these can tell of the correction.
CASES = (
    (Case("least squares", Stage(24, None, 0.3, 0.02), (10, 60)), (450, 280), 0.07),
    (Case("weights", Stage(22, None, 0.2, 0.0), (10, 40), 0.6, 0.5), (450, 280), 0.07),
)


@TRAINED.agreement("simulated", note="risk less (14), of the correction: within 12 %")
def measured(context: Context, own: bool = True) -> list[Comparison]:
    """What mixtures with a trained teacher's labels are above their equivalents, two sizes."""
    found = []
    for case, trials, floor in CASES:
        aim = case.error(1, own).correction / case.error(1).correction
        order = b.band(int(case.teacher.n), case.teacher.ridge) + b.band(sum(case.rows), case.ridge)
        given = case.name, b.PROBLEM, case.above, aim, order, trials, floor
        found.append(c.extrapolated(context, *given))
    return found


measured.but("without the teacher's own samples", own=False)
