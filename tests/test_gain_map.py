"""The gain map against single calls."""

import numpy as np
import pytest

import kdverify as kd
from kdverify.gain_map import GainMap, gain_map

M, N = [5, 20, 60], [4, 15, 30, 60]


@pytest.fixture
def problem():
    return kd.Problem.power_law(40, 1.5, 2.0)


@pytest.mark.parametrize("rival", ["same n", "same m"])
@pytest.mark.parametrize("transform", ["none", "mask"])
def test_single_calls(problem, rival, transform):
    noise = {"source_noise_variance": 1.0, "noise_variance": 0.1, "transform": transform}
    found = gain_map(problem, M, N, rival=rival, ridge=0.2, **noise)
    for i, m in enumerate(M):
        for j, n in enumerate(N):
            two = kd.two_stage_risk(problem, None, m, n, ridge=0.2, **noise)
            size = n if rival == "same n" else m
            strong = kd.risk(problem, size, noise_variance=1.0, ridge=0.2)
            assert found.ratio[i, j] == pytest.approx(two / strong, rel=1e-10)
            assert found.wins[i, j] == (two < strong)


def test_best_is_the_least_ratio(problem):
    found = gain_map(problem, M, N, source_noise_variance=1.0)
    m, n, ratio = found.best()
    assert ratio == found.ratio.min() == found.ratio[M.index(m), N.index(n)]


def test_undefined_ratios_are_no_best():
    found = GainMap(np.array([1.0]), np.array([1.0, 2.0]), np.array([[0, 3.0]]), np.array([[0, 2]]))
    assert np.isnan(found.ratio[0, 0])
    assert found.best() == (1.0, 2.0, 1.5)
    assert not found.wins.any()


def test_own_noise_of_the_strong_labels(problem):
    found = gain_map(problem, M, N, source_noise_variance=1.0, strong_noise_variance=0.5)
    assert found.strong[0, 1] == kd.risk(problem, N[1], noise_variance=0.5)


@pytest.mark.parametrize(
    ("options", "words"),
    [({"rival": "same p"}, "rival='same p'"), ({"strong_noise_variance": -1.0}, "=-1")],
)
def test_bad_input(problem, options, words):
    with pytest.raises(ValueError, match=words):
        gain_map(problem, M, N, **options)
