"""Claim of section 12: random features as the library computes them, in every branch."""

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

import flint
import numpy as np

import kdverify as kd
from kdverify import random_features as rf
from kdverify.evidence import Claim, Step
from kdverify.gaussian import theory
from kdverify.gaussian.theory import NoFiniteMeanWarning
from kdverify.random_features import certified, risks
from kdverify.random_features.chain_size import energies
from kdverify.random_features.finite_size import size_errors
from kdverify.random_features.infinite import infinite
from kdverify.random_features.solve import FeatureEquivalents
from kdverify.stages import ground_truth, train, two_stage_map
from kdverify.teachers import BlindMask, Classroom, Gains, Given

from ..lib.balls import holds, reflection
from ..lib.features import mode
from ..lib.layered import BETA, LAM, Layered
from ..lib.modes import Pairs
from ..lib.written import agree, all_same, ball, exact, mp, same
from ..s9_rows.as_trained import near

AS_RUN = Claim(
    "12.as-run",
    title="Fixed points, risks, masks, curves, stages with random features, in every branch",
    statement=r"(16), (17),\ \text{the law 12.law, two stages, maps}:\ \text{within}\ 10^{-11}\ "
    r"\text{of the equations};\quad q < n,\ q > n,\ q \ge p,\ n \ge p,\ \text{ridge, noise}",
    needs=("12.one-equation", "12.risk", "12.law", "12.two-stages"),
    parts=("float64", "curves", "balls", "stages", "p = infinity", "rows", "one mode, symbols"),
    steps=[
        Step(
            "(16) is one equation for nu_2, (n - df)(q - df) nu_2 = ridge q; bisection in mpmath."
        ),
        Step("The best surrogate is the minimum of a parabola in each mode, the best mask counts."),
        Step("A student of a student: (17) averaged over means and variances by 12.law."),
    ],
)

OTHER = (0.5, -1.0, 0.25, 1.0, 1.0, -2.0)
MASK = (True, False, True, True, False, True)
BASIS = np.array(reflection((1, -2, 3, 1, 1, 2)), dtype=float) @ np.array(
    reflection((2, 1, 1, -1, 1, 0)), dtype=float
)
PROBLEM = kd.Problem(kd.Spectrum(np.array(LAM), BASIS), BASIS @ np.array(BETA))
#: n, q, ridge, noise: more features than samples and fewer, either beyond p, with and without.
CASES: tuple[tuple[float, float, float, float], ...] = (
    (2.5, 4.0, 0.0, 0.5),
    (4.0, 2.5, 0.0, 0.25),
    (3.0, 40.0, 0.0, 0.0),
    (20.0, 3.0, 0.0, 1.5),
    (3.0, 4.0, 0.5, 0.5),
    (9.0, 3.5, 1.25, 0.0),
    (3.0, 3.0, 0.25, 0.75),
    (12.0, 8.0, 2.0, 0.5),
    (9.0, 7.0, 0.0, 0.5),
)
CLOSE = Fraction(1, 10**11)


@contextmanager
def quiet() -> Iterator[None]:
    """Without the warning where noise has no finite mean."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NoFiniteMeanWarning)
        yield


@AS_RUN.below(
    "float64", note="nine settings, six modes", but={"half a feature more": {"more": 0.5}}
)
def in_float64(digits: int, more: float = 0.0) -> Pairs:
    """The fixed points and every function of `random_features.theory` at every setting."""
    for n, q, ridge, noise in CASES:
        true, width = Layered(n, q, ridge, noise), q + more
        at = rf.equivalents(PROBLEM, n, width, ridge)
        yield same(at.nu, true.nu, CLOSE)
        yield same(at.upsilon, true.upsilon, CLOSE)
        yield same(at.one_minus_upsilon, 1 - true.upsilon, CLOSE, least=1e-3)
        yield same(at.crowding, true.eta, CLOSE, least=1e-3)
        yield same(at.one_minus_crowding, 1 - true.eta, CLOSE, least=1e-3)
        df = sum(1 - z for z in true.zeta)
        yield same(at.sample_gap, exact(n) - df, CLOSE, least=1e-3)
        yield same(at.feature_gap, exact(q) - df, CLOSE, least=1e-3)
        yield same(at.nu_1, true.nu * (exact(q) - df) / exact(q), CLOSE, least=1e-3)
        if not true.least_squares:
            error = abs(mp.log(mp.mpf(float(at.nu)) / true.nu))
            bound = ball(mp.mpf(float(at.log_error)))
            yield ball(error), bound
            yield flint.arb(140) / 2**53, bound  # 70 units in g, whose slope may be 1/2
        labels = {"noise_variance": noise, "ridge": ridge}
        with quiet():
            turned = BASIS @ np.array(OTHER)
            yield same(rf.risk(PROBLEM, n, width, turned, **labels), true.risk(OTHER), CLOSE)
            yield same(rf.risk(PROBLEM, n, width, **labels), true.risk(BETA), CLOSE, least=1e-3)
            best = [g * exact(b) for g, b in zip(true.gains, BETA, strict=True)]
            found = rf.optimal_risk(PROBLEM, n, width, **labels)
            yield same(found, true.risk(best), CLOSE, least=1e-3)
            for mask, kept in ((None, true.kept), (np.array(MASK), MASK)):
                masked = [b if k else 0 for b, k in zip(BETA, kept, strict=True)]
                risk = rf.masked_risk(PROBLEM, n, width, mask, **labels)
                yield same(risk, true.risk(masked), CLOSE, least=1e-3)
            errors = size_errors(PROBLEM, n, width, **labels)
            for name, surrogate in (
                ("standard", None),
                ("optimal", rf.optimal_surrogate(PROBLEM, n, width, ridge)),
                (
                    "masked",
                    BASIS @ (rf.optimal_mask(PROBLEM, n, width, ridge) * PROBLEM.beta_modes),
                ),
            ):
                alone = rf.size_error(PROBLEM, n, width, surrogate, **labels)
                for number in ("risk", "correction"):
                    told = getattr(errors[name], number)
                    yield same(told, getattr(alone, number), CLOSE, least=1e-3)
        yield from all_same(rf.gains(PROBLEM, n, width, ridge), true.gains, close=CLOSE)
        surrogate = PROBLEM.spectrum.to_modes(rf.optimal_surrogate(PROBLEM, n, width, ridge))
        yield from all_same(surrogate, best, close=CLOSE, least=1)
        yield from agree(rf.optimal_mask(PROBLEM, n, width, ridge), true.kept)
        if not true.least_squares:
            better = [true.cost(k, true.gains[k]) / true.cost(k, 1) for k in range(len(LAM))]
            yield from all_same(rf.improvements(PROBLEM, n, width, ridge), better, close=CLOSE)


@AS_RUN.below("curves", note="pairs, one q for all n", but={"the next q": {"more": 1.0}})
def curves(digits: int, more: float = 0.0) -> Pairs:
    """Every array of `random_features.curve`."""
    for sizes, widths, ridge, noise in (
        ([2.5, 4.0, 9.0], [4.0, 2.5, 7.0], 0.0, 0.25),
        ([2.0, 3.0, 5.0], 4.0, 0.5, 0.75),
        (3.0, [2.0, 5.0], 0.0, 0.5),
    ):
        given = np.array(widths) + more
        with quiet():
            found = rf.theory.curve(PROBLEM, sizes, given, noise, ridge)
        pairs = np.broadcast(sizes, widths)
        for k, (n, q) in enumerate(pairs):
            true = Layered(float(n), float(q), ridge, noise)
            yield from all_same(
                (found.n[k], found.features[k], found.nu[k], found.upsilon[k], found.crowding[k]),
                (n, float(q) + more, true.nu, true.upsilon, true.eta),
                close=CLOSE,
                least=1e-3,
            )
            best = [g * exact(b) for g, b in zip(true.gains, BETA, strict=True)]
            masked = [b if kept else 0 for b, kept in zip(BETA, true.kept, strict=True)]
            yield same(found.standard[k], true.risk(BETA), CLOSE, least=1e-3)
            yield same(found.optimal[k], true.risk(best), CLOSE, least=1e-3)
            yield same(found.masked[k], true.risk(masked), CLOSE, least=1e-3)
            counts = sum(true.kept), sum(g > 1 for g in true.gains)
            yield from agree((found.kept[k], found.amplified[k]), counts)


@AS_RUN.below("balls", note="nine settings, certified", but={"noise 1/100 more": {"more": 100}})
def in_balls(digits: int, more: float = math.inf) -> Pairs:
    """Each ball of `random_features.certified` holds the true number, and is narrow."""
    close = Fraction(1, 10**14)
    for n, q, ridge, noise in CASES:
        true = Layered(n, q, ridge, noise)
        added = Fraction(noise) + (0 if more == math.inf else Fraction(1, int(more)))
        held = certified.certificate(PROBLEM, n, q, added, ridge, 15)
        yield same(held.tau, true.nu, close)
        yield same(held.omega, true.upsilon, close)
        yield same(held.standard, true.risk(BETA), close, least=1e-3)
        best = [g * exact(b) for g, b in zip(true.gains, BETA, strict=True)]
        masked = [b if kept else 0 for b, kept in zip(BETA, true.kept, strict=True)]
        yield same(held.optimal, true.risk(best), close, least=1e-3)
        yield same(held.masked, true.risk(masked), close, least=1e-3)
        yield from all_same(held.gains, true.gains, close=close)
        yield from agree(held.kept[0], true.kept)
        turned = BASIS @ np.array(OTHER)
        risk = certified.risk(PROBLEM, n, q, turned, added, ridge, 15)
        yield same(risk, true.risk(OTHER), close)


TEACHERS = ((3.0, 4.0, 0.5, 0.5), (4.5, 2.5, 0.0, 0.25), (9.0, 7.5, 0.0, 0.75))
WEIGHTS = (1.0, -0.5, 2.0, 0.25, 3.0, 0.75)
STUDENTS = ((2.5, 5.0, 0.0, 0.5), (5.0, 3.0, 1.25, 0.125), (8.5, 9.0, 0.0, 1.5))


@AS_RUN.below(
    "stages", note="three teachers, three students", but={"ridge + 1/100": {"more": 0.01}}
)
def stages(digits: int, more: float = 0.0) -> Pairs:
    """The law of each student, two-stage risks, plain, gained, masked, and their map."""
    truth = [exact(b) for b in BETA], [mp.mpf(0)] * len(BETA)
    given = [kd.Stage(n, None, s, d + more, q) for n, q, d, s in TEACHERS]
    last = [kd.Stage(n, None, s, d, q) for n, q, d, s in STUDENTS]
    maps = {name: two_stage_map(PROBLEM, given, last, name) for name in ("none", "gain", "mask")}
    for i, teacher in enumerate(TEACHERS):
        law = Layered(*teacher).law(*truth)
        found = train(PROBLEM, ground_truth(PROBLEM), given[i])
        yield from all_same(found.mean, law[0], close=CLOSE, least=1e-3)
        yield from all_same(found.variances, law[1], close=CLOSE, least=1e-3)
        # the form that a stage passes back sees what the form sees of the student's law
        seen = zip(WEIGHTS, *Layered(*teacher[:3]).law(law[0], law[1]), strict=True)
        at = rf.equivalents(PROBLEM, *teacher[:2], teacher[2] + more)
        squares = [float(m**2 + v) for m, v in zip(*law, strict=True)]
        passed = energies(at, np.array(WEIGHTS)) @ squares
        yield same(passed, sum(exact(w) * (m**2 + v) for w, m, v in seen), CLOSE)
        for j, student in enumerate(STUDENTS):
            true = Layered(*student)
            second = true.law(*law)
            again = train(PROBLEM, found, last[j])
            yield from all_same(again.mean, second[0], close=CLOSE, least=1e-3)
            yield from all_same(again.variances, second[1], close=CLOSE, least=1e-3)
            changes = {
                "none": [mp.mpf(1)] * len(LAM),
                "gain": true.gains,
                "mask": [mp.mpf(int(k)) for k in true.kept],
            }
            for name, factors in changes.items():
                means = [c * m for c, m in zip(factors, law[0], strict=True)]
                squares = [
                    c**2 * (m**2 + v) for c, m, v in zip(factors, law[0], law[1], strict=True)
                ]
                risk = true.risk(means, squares)
                yield same(maps[name][i, j], risk, CLOSE)
                one = kd.two_stage_risk(
                    PROBLEM,
                    None,
                    teacher[0],
                    student[0],
                    teacher[3],
                    student[3],
                    teacher[2] + more,
                    student[2],
                    name,
                    teacher[1],
                    student[1],
                )
                yield same(one, risk, CLOSE)


#: alpha, beta, n, q, ridge, noise
LAWS = (
    (2.0, 1.5, 5.0, 9.0, 0.0, 0.5),
    (1.5, 2.5, 12.0, 5.0, 0.0, 0.0),
    (3.0, 2.0, 6.0, 6.0, 0.25, 1.5),
)


@AS_RUN.below("p = infinity", note="three laws", but={"one feature more": {"more": 1.0}})
def infinite_laws(digits: int, more: float = 0.0) -> Pairs:
    """`random_features.infinite`: risks and the mask, by sums to 2^18 and integrals beyond."""
    last = 2**18
    i = np.arange(1.0, last + 1)

    def beyond(power: float) -> float:
        return (last + 0.5) ** (1 - power) / (power - 1)

    for alpha, beta, n, q, ridge, noise in LAWS:
        lam, signal = i**-alpha, i**-beta
        low, high = -30.0, 5.0
        for _ in range(60):
            nu = math.exp((low + high) / 2)
            df = float((lam / (lam + nu)).sum()) + beyond(alpha) / nu
            short = df >= min(n, q) or (n - df) * (q - df) * nu < ridge * q
            low, high = ((low + high) / 2, high) if short else (low, (low + high) / 2)
        zeta = nu / (lam + nu)
        squares = float(((1 - zeta) ** 2).sum())
        spreads = float((zeta * (1 - zeta)).sum()) + beyond(alpha) / nu
        eta = spreads / (q - squares)
        upsilon = (squares + eta * spreads) / n
        scattered = zeta * (upsilon * zeta + eta * (1 - zeta)) / (1 - upsilon)
        costs = (zeta**2 + scattered) * signal
        gain = (1 - zeta) / ((1 - zeta) ** 2 + scattered)
        least = (((1 - zeta) * gain - 1) ** 2 + scattered * gain**2) * signal
        kept = costs < signal
        part, rest = upsilon / (1 - upsilon) * noise, beyond(beta)
        found = infinite(alpha, beta, n, q + more, noise, ridge, digits=12)
        close = Fraction(1, 10**6)
        # far modes cost 1/(1 - Upsilon) of their signal; without them, their signal
        yield same(found.standard, costs.sum() + rest / (1 - upsilon) + part, close)
        yield same(found.optimal, least.sum() + rest + part, close)
        yield same(found.masked, np.where(kept, costs, signal).sum() + rest + part, close)
        yield from agree(found.kept, [kept.sum()] * 2)
        fine = infinite(alpha, beta, n, q + more, noise, ridge, digits=digits + 20)
        names = ("nu", "upsilon")
        for wanted in range(1, 25):
            found = infinite(alpha, beta, n, q, noise, ridge, digits=wanted)
            yield from holds(found.equivalents, fine.equivalents, names)
            yield from holds(found, fine, ("standard", "optimal", "masked"))


@AS_RUN.below("rows", note="a fitted intercept", but={"one sample more": {"more": 1}})
def on_rows(digits: int, more: int = 0) -> Pairs:
    """`kd.predict` by random features: (17) at n - 1 contrasts, and the intercept's variance."""
    generator = np.random.default_rng(4)
    rows = generator.standard_normal((60, len(LAM))) * np.sqrt(LAM) + 1.0
    labels = rows @ np.array(BETA) + np.abs(rows[:, 0]) + 2.0
    taught = rows @ np.array(OTHER) + np.abs(rows[:, 1])
    centred = rows - rows.mean(axis=0)
    values, vectors = np.linalg.eigh(centred.T @ centred / 60)
    asked = kd.Question.of(rows, labels)
    for n, q, ridge in ((4, 6, 0.5), (12, 3, 0.0)):
        options = {"by": "random-features", "features": q}
        told = kd.predict(asked, n + more, Given(taught), ridges=ridge, **options)
        slopes, rest = [], []
        for y in (labels, taught):
            level = y - y.mean()
            slopes.append(np.linalg.lstsq(centred, level, rcond=None)[0])
            rest.append(float(np.mean((level - centred @ slopes[-1]) ** 2)))
        modes = [vectors.T @ slope for slope in slopes]
        true = Layered(n - 1, q, ridge, rest[1], tuple(values), tuple(modes[0]))
        own = Layered(n - 1, q, ridge, rest[1], tuple(values), tuple(modes[1]))
        excess = true.risk(modes[1]) + (own.risk(modes[1]) + exact(rest[1])) / n
        excess += exact(float(labels.mean() - taught.mean())) ** 2
        yield same(told.excess["given"], excess, Fraction(1, 10**9))
        yield same(told.risk["given"], excess + exact(rest[0]), Fraction(1, 10**9))
        # the law of a student's outputs; teachers by this theory; without an intercept
        own_law = own.law([exact(m) for m in modes[1]], [mp.mpf(0)] * len(LAM))
        squares = np.square(centred @ vectors)
        level = float((own.risk(modes[1]) + exact(rest[1])) / n)
        variance = squares @ np.array([float(v) for v in own_law[1]]) + level
        outputs = centred @ vectors @ np.array([float(m) for m in own_law[0]])
        law = kd.predict(asked, n, Given(taught), ridges=ridge, laws=True, **options).laws["given"]
        yield from near(law[0].means[:, 0], outputs + taught.mean() - labels.mean(), 1e-8)
        yield from near(law[0].covariances[:, 0, 0], variance, 1e-8)
        room = Classroom(asked, {"random-features": {"features": q}}).lesson(n + more, ridge)
        gains = np.array([float(g) for g in true.gains])
        for teacher, factors in (
            (Gains(by="random-features"), gains),
            (BlindMask(by="random-features"), np.array(true.kept, dtype=float)),
        ):
            clean = centred @ vectors @ (factors * modes[0])
            yield from near(room.labels(teacher), clean[:, None], 1e-8)
            yield from agree([room.kept[teacher]], [int((factors != 0).sum())])
        bare = kd.Question.of(centred, labels - labels.mean(), intercept="none")
        told = kd.predict(bare, n - 1, "strong", ridges=ridge, laws=True, **options)
        strong = Layered(n - 1, q, ridge, rest[0], tuple(values), tuple(modes[0]))
        yield same(told.excess["strong"], strong.risk(modes[0]), Fraction(1, 10**9))
        spread = strong.law([exact(m) for m in modes[0]], [mp.mpf(0)] * len(LAM))[1]
        found = told.laws["strong"][0].covariances[:, 0, 0]
        yield from near(found, squares @ np.array([float(v) for v in spread]), 1e-8)
    classroom = Classroom(asked, {"random-features": {"features": 6}})
    for n in (3, 5, 7, 12):
        kept = Layered(n - 1, 6, 0.5, 0, tuple(values)).kept
        mask = classroom.lesson(n, 0.5).by("random-features").blind_mask()
        yield from agree(mask.astype(bool), kept[::-1])  # falling eigenvalues
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        few = kd.predict(asked, [4, 5, 6, 7], "strong", by="random-features", features=4)
    yield from agree(np.isinf(few.excess["strong"]), [True, True, True, False])


@AS_RUN.identity("one mode, symbols", but={"noise twice": {"share": 2}})
def symbols(share: int = 1) -> tuple[list[Any], list[Any]]:
    """`random_features.risks` on SymPy's symbols: the best surrogate's and the mask's risk."""
    m = mode()
    unused: dict[str, Any] = dict.fromkeys(
        ("n", "q", "ridge", "nu_1", "sample_gap", "feature_gap", "spreads")
    )
    at = FeatureEquivalents(
        **unused,
        nu=m.nu,
        crowding=m.values[4],
        one_minus_crowding=1 - m.values[4],
        upsilon=m.values[2],
        one_minus_upsilon=m.values[3],
        eigenvalues=np.array([m.lam]),
        split=(np.array([m.values[0]]), np.array([m.values[1]])),
    )
    lam, beta = np.array([m.lam]), np.array([m.beta_star])
    modes = theory._Modes(lam, beta, lam * beta**2)
    gain = risks.gains(at)[0]
    kept, dropped = np.array([True]), np.array([False])
    left = [
        risks.optimal_risk(modes, at, m.noise),
        risks.standard_risk(modes, at, m.noise),
        risks.masked_risk(modes, at, kept, m.noise),
        risks.masked_risk(modes, at, dropped, m.noise),
    ]
    right = [
        risks.excess_risk(modes, at, np.array([b]), share * m.noise)
        for b in (gain * m.beta_star, m.beta_star, m.beta_star, 0 * m.beta_star)
    ]
    return left, right
