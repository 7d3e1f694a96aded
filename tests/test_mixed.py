"""Labels of several kinds in one training set, and generations of students."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

import kdverify as kd
from kdverify.gaussian.pseudo_labels import pseudo_map
from kdverify.stages import Coefficients, Stage, ground_truth, train

P = 60
LAM = np.arange(1.0, P + 1) ** -1.2
PROBLEM = kd.Problem(kd.Spectrum(LAM), np.cos(0.9 * np.arange(1, P + 1)) / np.sqrt(P * LAM))
WEAK = PROBLEM.beta_star * (np.arange(P) < 15)
TRAINED = train(PROBLEM, ground_truth(PROBLEM), Stage(40, None, 0.2, 0.5))


def test_one_kind_is_no_mixture() -> None:
    alone = kd.risk(PROBLEM, 40, WEAK, 0.3, 0.5)
    assert kd.mixed_risk(PROBLEM, 40, [kd.Kind(1, WEAK, 0.3)], 0.5) == pytest.approx(alone)
    halves = [kd.Kind(0.5, WEAK, 0.3), kd.Kind(0.5, WEAK, 0.3)]
    assert kd.mixed_risk(PROBLEM, 40, halves, 0.5) == pytest.approx(alone)
    doubled = [kd.Kind(1, WEAK, 0.3, weight=2.0)]
    assert kd.mixed_risk(PROBLEM, 40, doubled, 1.0) == pytest.approx(alone)


def test_weights_of_one_kind_are_smooth_at_equality() -> None:
    def risk(weight: float) -> float:
        kinds = [kd.Kind(0.4, None, 0.3), kd.Kind(0.6, TRAINED, 0.1, weight)]
        return float(kd.mixed_risk(PROBLEM, 70, kinds, 0.8))

    assert risk(1 + 1e-9) == pytest.approx(risk(1.0), rel=1e-7)


def test_weights_do_nothing_without_ridge() -> None:
    kinds = [kd.Kind(0.4, None, 0.3), kd.Kind(0.6, WEAK)]
    plain = kd.mixed_risk(PROBLEM, 40, kinds)
    other = [kinds[0], replace(kinds[1], weight=0.1)]
    assert kd.mixed_risk(PROBLEM, 40, other) == plain
    assert kd.mixed_risk(PROBLEM, 40, other, 1e-11) == pytest.approx(plain, rel=1e-8)
    with pytest.raises(ValueError, match="weights must be equal for n > p without ridge"):
        kd.mixed_risk(PROBLEM, 90, other)


def test_a_certain_law_is_its_mean() -> None:
    law = Coefficients(WEAK, np.zeros(P))
    for weight in (1.0, 0.3):
        one, other = (
            kd.mixed_risk(PROBLEM, 50, [kd.Kind(0.5), kd.Kind(0.5, s, 0.1, weight)], 0.4)
            for s in (WEAK, law)
        )
        assert one == pytest.approx(other, rel=1e-13)


@pytest.mark.parametrize("ridge", [0.0, 0.3])
@pytest.mark.parametrize("n", [20, 300])
def test_rows_without_weight_are_left_out(n: float, ridge: float) -> None:
    """Without ridge too, where any positive weight has its rows fitted."""
    kinds = [kd.Kind(0.25, TRAINED, 0.3, weight=0), kd.Kind(0.75, WEAK, 0.1)]
    alone = kd.risk(PROBLEM, 0.75 * n, WEAK, 0.1, ridge)
    for shuffled in (kinds, kinds[::-1]):
        assert kd.mixed_risk(PROBLEM, n, shuffled, ridge) == pytest.approx(alone, rel=1e-13)
        left = kd.mixed_error(PROBLEM, n, shuffled, ridge)
        one = kd.mixed_error(PROBLEM, 0.75 * n, [kd.Kind(1, WEAK, 0.1)], ridge)
        assert left.correction == pytest.approx(one.correction, rel=1e-10)


@pytest.mark.parametrize("weight", [1.0, 0.25])
def test_mixtures_on_balls(weight: float) -> None:
    kinds = [kd.Kind("0.4", None, "0.25"), kd.Kind("0.6", WEAK, 0, weight)]
    ball = kd.mixed_risk(PROBLEM, 60, kinds, 2, digits=30)
    floats = [kd.Kind(0.4, None, 0.25), kd.Kind(0.6, WEAK, 0, weight)]
    assert float(ball) == pytest.approx(kd.mixed_risk(PROBLEM, 60, floats, 2.0), rel=1e-13)
    assert float(ball.rad()) < 1e-28


@pytest.mark.parametrize("surrogate", [WEAK, TRAINED])
@pytest.mark.parametrize("ridge", [0.0, 0.7])
def test_worth_is_the_ratio_of_derivatives(surrogate: object, ridge: float) -> None:
    mixture = kd.Mixture(20, 30, surrogate, 0.3, 0.1, ridge)
    found, step = kd.label_worth(PROBLEM, mixture), 1e-4
    for name in ("real", "pseudo"):
        ends = [
            replace(mixture, **{name: getattr(mixture, name) + s}).risk(PROBLEM)
            for s in (step, -step)
        ]
        assert getattr(found, f"by_{name}") == pytest.approx(
            (ends[0] - ends[1]) / (2 * step), rel=1e-6
        )
    assert found.worth == found.by_pseudo / found.by_real


def test_best_weight() -> None:
    mixture = kd.Mixture(30, 50, TRAINED, 0.3, 0.1, 0.7)
    found = kd.best_weight(PROBLEM, mixture)
    for weight in (0.0, 0.9 * found.weight, 1.1 * found.weight, 1.0):
        assert mixture.risk(PROBLEM, weight) > found.risk
    useless = replace(mixture, surrogate=-5 * PROBLEM.beta_star)
    assert kd.best_weight(PROBLEM, useless).weight == 0
    with pytest.raises(ValueError, match="ridge=0.0 must be positive"):
        kd.best_weight(PROBLEM, replace(mixture, ridge=0.0))


def test_map_has_the_edges_of_one_kind() -> None:
    table = pseudo_map(PROBLEM, [0, 20], [0, 30], kd.Mixture(0, 0, WEAK, 0.3, 0.1, 0.5))
    assert table[0, 0] == pytest.approx(PROBLEM.signal.sum())
    assert table[1, 0] == pytest.approx(kd.risk(PROBLEM, 20, None, 0.3, 0.5))
    assert table[0, 1] == pytest.approx(kd.risk(PROBLEM, 30, WEAK, 0.1, 0.5))


@pytest.mark.parametrize(
    ("kinds", "message"),
    [
        ([kd.Kind(0.5), kd.Kind(0.4)], r"shares must add up to 1; their sum is 0\.9"),
        ([kd.Kind(1.5), kd.Kind(-0.5)], r"share=1\.5 must be at most 1.* .all."),
        ([kd.Kind(1.0, weight=-1)], "weight=-1 must not be negative"),
        ([kd.Kind(1.0, weight=0)], "weights must not be zero for all rows"),
        ([], "kinds must hold at least one"),
    ],
)
def test_bad_mixtures(kinds: list, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        kd.mixed_risk(PROBLEM, 40, kinds, 0.5)


@pytest.mark.parametrize("keep", ["rows", "labels"])
@pytest.mark.parametrize(("n", "ridge"), [(40, 0.0), (40, 1.0), (150, 0.0)])
def test_generations_settle(keep: str, n: int, ridge: float) -> None:
    line = kd.Generations(PROBLEM, n, 0.4, 0.3, 0.2, ridge, keep)
    assert line.risks(400)[-1] == pytest.approx(line.settled_risk(), rel=1e-8)
    assert line.risks(1)[0] == pytest.approx(kd.risk(PROBLEM, n, None, 0.3, ridge))
    real = replace(line, share=1.0)
    assert real.settled_risk() == pytest.approx(real.risks(3)[0])


def test_least_squares_on_its_own_output_diverges() -> None:
    line = kd.Generations(PROBLEM, 150, 0.0, 0.3, 0.3)
    assert line.settled_risk() == math.inf
    steps = np.diff(line.risks(10))
    assert steps == pytest.approx(0.3 * P / (150 - P - 1))


def test_golden_ratio_and_one_half() -> None:
    flat = kd.Problem(kd.Spectrum(np.ones(P)), np.full(P, 1e-9))
    golden = (math.sqrt(5) - 1) / 2
    assert kd.best_share(flat, 150, 0.3, 0.3, keep="labels")[0] == pytest.approx(golden, abs=1e-7)
    assert kd.best_share(flat, 0.01, 0.3, 0.3, keep="labels")[0] == pytest.approx(0.5, abs=1e-3)
    with pytest.raises(ValueError, match=r"share=1\.2 must be at most"):
        kd.Generations(PROBLEM, 150, 1.2)


@pytest.mark.parametrize("n", [60, 60.5, 61, 62])
@pytest.mark.parametrize("keep", ["rows", "labels"])
@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_generations_of_least_squares_without_noise_lose_nothing(n, keep, share) -> None:
    line = kd.Generations(kd.Problem.power_law(60, 1, 2), n, share, keep=keep)
    assert line.risks(3).tolist() == [0, 0, 0]
    assert [(e.risk, e.correction) for e in line.errors(3)] == [(0, 0)] * 3
    assert line.settled_risk() == 0
    assert line.settled_error().corrected == 0
