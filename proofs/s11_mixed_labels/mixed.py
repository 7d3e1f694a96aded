"""Claim 11.mixed: labels of several kinds act as one surrogate with one noise, (14)."""

from dataclasses import replace
from typing import Any

import numpy as np
import sympy

from kdverify import Kind, mixed_error, mixed_risk
from kdverify import formulas as f
from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.gaussian import certified
from kdverify.stages import Stage, ground_truth, train

from ..lib import batches as b
from ..lib import copies as c
from ..lib import sums as m
from ..lib.modes import Pairs

MIXED = Claim(
    "11.mixed",
    title="Labels of several kinds: one surrogate, and noise from their disagreement",
    statement=r"\bar\beta=\sum_gw_g\beta_g,\quad \bar\sigma^2=\sum_gw_g\big(\sigma_g^2 +"
    r" \lVert\beta_g-\bar\beta\rVert_\Sigma^2\big)\ \text{in (2)};\quad"
    r" \text{two kinds: } w\sigma^2+(1-w)\sigma_s^2+w(1-w)\lVert\beta^s-\beta^*\rVert_\Sigma^2",
    needs=("2.risk", "6.two-stage"),
    parts=("moments", "two kinds", "trained", "simulated"),
    steps=[
        Step(
            "(2) needs of a gaussian row's label only E[x y] and E[y^2] (9.second-moment, where b"
            " is constant). A row's kind is independent of the row."
        ),
        Step(
            "E[x y] = Sigma sum w_g beta_g, and what is left of E[y^2] is the noise.",
            lambda: moments()[1],
        ),
        Step("With two kinds the spread around the mean is w (1 - w) times the gap."),
        Step("A trained surrogate: the mean over its law (7), independent of these rows."),
    ],
)


@MIXED.identity("moments", note="three kinds, one mode", but={"without disagreement": {"part": 0}})
def moments(part: int = 1) -> tuple[Any, Any]:
    """E y^2 of a mixture, and (beta-bar, sigma-bar^2) of (14): lam beta-bar^2 + sigma-bar^2."""
    lam = sympy.Symbol("lambda", positive=True)
    one, two = sympy.symbols("w_1 w_2", positive=True)
    shares = np.array([one, two, 1 - one - two], dtype=object)
    surrogates = np.array(sympy.symbols("beta_1:4", real=True), dtype=object)
    noises = np.array(sympy.symbols("s_1:4", positive=True), dtype=object)
    square = sum(shares * (lam * surrogates**2 + noises))
    mean = f.mixed_surrogate(shares, surrogates)
    apart = np.array(
        [f.disagreement(lam, s, mean, lambda value: value) for s in surrogates], dtype=object
    )
    return square, lam * mean**2 + f.mixed_noise(shares, noises, part * apart)


@MIXED.identity("two kinds", but={"w^2 for w (1 - w)": {"square": True}})
def two_kinds(square: bool = False) -> tuple[Any, Any]:
    """(14) for two kinds."""
    lam, share = sympy.symbols("lambda w", positive=True)
    surrogates = np.array(sympy.symbols("beta^s beta^*", real=True), dtype=object)
    noises = np.array(sympy.symbols("s_s s", positive=True), dtype=object)
    shares = np.array([1 - share, share], dtype=object)
    mean = f.mixed_surrogate(shares, surrogates)
    apart = np.array(
        [f.disagreement(lam, s, mean, lambda value: value) for s in surrogates], dtype=object
    )
    gap = lam * (surrogates[0] - surrogates[1]) ** 2
    law = f.two_kinds_noise(share, noises[1], noises[0], gap)
    if square:
        law += (share**2 - share * (1 - share)) * gap
    return f.mixed_noise(shares, noises, apart), law


@MIXED.identity("trained", note="the mean over surrogates s + w and s - w, any number of modes")
def trained() -> tuple[Any, Any]:
    """(14) averaged over a random surrogate: its spread enters by its square alone."""
    share = sympy.Symbol("q", positive=True)  # of the random kind

    def risk(surrogate: Any, truth: Any, noise: Any) -> Any:
        zeta, learnt = m.split()
        return f.risk(
            m.lam, surrogate, truth, zeta, learnt, m.omega, 1 - m.omega, noise, m.ridge_total
        )

    def mixture(surrogate: Any) -> Any:
        mean = (1 - share) * m.beta_star + share * surrogate
        gap = m.ridge_total(m.lam * (surrogate - m.beta_star) ** 2)
        return risk(mean, m.beta_star, f.two_kinds_noise(1 - share, m.noise, 0, gap))

    both = sum(mixture(m.surrogate + s * m.spread) for s in (1, -1)) / 2
    own = share * (1 - share) * m.ridge_total(m.lam * m.spread**2)
    return both, mixture(m.surrogate) + risk(share * m.spread, 0, own)


def kinds() -> list[Kind]:
    """Real labels, those of a bold and of an unrelated surrogate."""
    return [Kind(0.5, None, 0.3), Kind(0.25, b.BOLD, 0.0), Kind(0.25, b.OTHER, 0.1)]


@MIXED.agreement("simulated", note="3 kinds, n = 20 of 30; 2 kinds, one trained, ridge")
def mixtures(context: Context, apart: float = 1.0) -> list[Comparison]:
    """Students of training sets in which rows have labels of several kinds."""

    def three(on: c.Copies, draw: np.random.Generator, trials: int) -> Any:
        fit = c.Fit(on, on.sample(draw, trials, 20), 0.0)
        place = np.arange(fit.sample.size) // (5 * on.k)
        rows = [(place < 2) * 1.0, (place == 2) * 1.0, (place == 3) * 1.0]
        labels = [on.of(s) for s in (b.TRUTH, b.BOLD, b.OTHER)]
        taught = [(fit.learnt(u), c.Labels.of(s)) for u, s in zip(rows, labels, strict=True)]
        noise = fit.map * np.sqrt(0.3 * rows[0] + 0.1 * rows[2])
        centre = 0.5 * labels[0] + 0.25 * (labels[1] + labels[2])
        given = [c.Field(fit, fit, on.lam, u, last) for u in rows for last in rows]
        products = [s * centre for s in labels]
        return c.excess(on, c.Student(taught, noise)), lambda: c.zero_means(on, given, *products)

    error = mixed_error(b.PROBLEM, 20, kinds())
    if apart != 1:
        share, mean = 0.25, 0.5 * b.TRUTH + 0.25 * (b.BOLD + b.OTHER)
        gap = 0.5 * ((b.TRUTH - mean) ** 2) @ b.LAM
        gap += share * ((b.BOLD - mean) ** 2 + (b.OTHER - mean) ** 2) @ b.LAM
        less = (1 - apart) * gap * b.band(20) * 20 * (1 - 1 / (b.band(20) * 20))
        error = replace(error, risk=error.risk - less)
    found = [c.corrected(context, "3 kinds", b.PROBLEM, three, error, b.band(20))]

    def trained(on: c.Copies, draw: np.random.Generator, trials: int) -> Any:
        first, fit = (c.Fit(on, on.sample(draw, trials, n), 0.5) for n in (18, 24))
        truth = c.Labels.of(on.truth)
        teacher = c.Student([(first.learnt(), truth)], first.map * np.sqrt(0.2))
        real = (np.arange(fit.sample.size) < 8 * on.k) * 1.0
        taught = [(fit.learnt(real), truth), (fit.learnt(1 - real), teacher.labels())]
        student = c.Student(taught, fit.map * np.sqrt(0.3 * real))
        given = [field for u in (real, 1 - real) for field in c.fields(on, fit, rows=u)]

        def zeros() -> np.ndarray:
            own = c.zero_means(on, c.fields(on, first))
            return np.concatenate([own, c.zero_means(on, given)], axis=1)

        return c.excess(on, student), zeros

    law = train(b.PROBLEM, ground_truth(b.PROBLEM), Stage(18, None, 0.2, 0.5))
    theory = mixed_risk(b.PROBLEM, 24, [Kind(1 / 3, None, 0.3), Kind(2 / 3, law)], 0.5)
    order = b.band(24, 0.5) + b.band(18, 0.5)
    found.append(c.extrapolated(context, "trained", b.PROBLEM, trained, theory, order))
    return found


mixtures.but("without disagreement", apart=0.0)
mixtures.shifted(1.0)


@MIXED.equal(
    "p = 20", note="one kind is no mixture; balls", but={"shares 0.4, 0.6": {"part": "0.4"}}
)
def one_kind(digits: int, part: str = "0.5") -> Pairs:
    """Kinds that differ in their noise alone: (2) with its mean."""
    rest = {"0.5": "0.5", "0.4": "0.6"}[part]
    pair = [Kind(part, None, "0.5"), Kind(rest, None, 1)]
    yield (
        mixed_risk(b.EXACT, 9, pair, "0.25", digits=digits + 10),
        certified.risk(b.EXACT, 9, None, "0.75", "0.25", digits + 10),
    )
