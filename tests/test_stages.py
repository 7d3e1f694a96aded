"""Two stages, chains and covariate shift: matrices by brute force, edges, bad input."""

import math
import re
import warnings

import numpy as np
import pytest

import kdverify as kd
from kdverify import formulas
from kdverify.gaussian.theory import NoFiniteMeanWarning
from kdverify.stages import (
    Stage,
    chain_error,
    chain_risks,
    covariate_shift_risk,
    performance_gap_recovered,
    two_stage_error,
    two_stage_map,
    two_stage_risk,
)

P = 12
NOISES = (0.3, 0.1)


def random(*key):
    return np.random.default_rng([20240, *key])


def orthogonal(key):
    return np.linalg.qr(random(1, key).standard_normal((P, P)))[0]


def covariance(key, rank=P):
    basis = orthogonal(key)[:, :rank]
    matrix = (basis * 0.7 ** np.arange(rank)) @ basis.T
    return (matrix + matrix.T) / 2


@pytest.fixture
def problem():
    return kd.Problem(kd.Spectrum(0.8 ** np.arange(P)), random(2).standard_normal(P))


@pytest.fixture
def turned(problem):
    """The same problem in other coordinates, and the rotation."""
    basis = orthogonal(3)
    matrix = (basis * problem.spectrum.eigenvalues) @ basis.T
    spectrum = kd.Spectrum.from_covariance((matrix + matrix.T) / 2)
    return kd.Problem(spectrum, basis @ problem.beta_star), basis


SOURCES = {
    "target": None,
    "spectrum": kd.Spectrum(1 / np.arange(P, 0.0, -1)),
    "zeros": np.where(np.arange(P) % 4, 1.0, 0.0),
    "diagonal matrix": np.diag(0.5 ** np.arange(P)),
    "turned": covariance(4),
    "singular": covariance(5, rank=9),
}


def as_matrix(problem, source):
    if source is None:
        source = problem.spectrum
    values = source.eigenvalues if isinstance(source, kd.Spectrum) else source
    return np.diag(values) if np.ndim(values) == 1 else values


def brute_law(problem, mean, second, source, m, noise, ridge=0.0):
    """Mean and second moment of a student, (7) by matrices; tau by bisection."""
    sigma = as_matrix(problem, source)
    values = np.linalg.eigvalsh(sigma)
    values = values[values > 1e-12]
    rank, eye = values.size, np.eye(P)
    support = np.linalg.pinv(sigma, rcond=1e-10) @ sigma
    if ridge == 0 and m >= rank:
        spread = noise / (m - rank - 1) * np.linalg.pinv(sigma, rcond=1e-10)
        return support @ mean, support @ second @ support.T + spread
    low, high = 1e-14, 1e6
    for _ in range(300):
        tau = math.sqrt(low * high)
        if (values / (values + tau)).sum() + ridge / tau > m:
            low = tau
        else:
            high = tau
    resolvent = np.linalg.inv(sigma + tau * eye)
    learnt = resolvent @ sigma
    omega = np.trace(learnt @ learnt) / m
    scale = noise + tau**2 * np.trace(resolvent @ sigma @ resolvent @ second)
    spread = scale / (m * (1 - omega)) * resolvent @ sigma @ resolvent
    return learnt @ mean, learnt @ second @ learnt.T + spread


def brute_risks(problem, stages):
    truth, sigma = problem.beta_star, np.diag(problem.spectrum.eigenvalues)
    mean, second, risks = truth, np.outer(truth, truth), []
    for stage in stages:
        mean, second = brute_law(
            problem, mean, second, stage.source, stage.n, stage.noise_variance, stage.ridge
        )
        cross = np.outer(mean, truth)
        gap = second - cross - cross.T + np.outer(truth, truth)
        risks.append(np.trace(sigma @ gap))
    return risks


@pytest.mark.parametrize("ridges", [(0.0, 0.0), (0.4, 0.0), (0.0, 0.7), (0.4, 0.7)])
@pytest.mark.parametrize("sizes", [(7, 5), (5, 7), (20, 6), (6, 20), (20, 25)])
@pytest.mark.parametrize("name", SOURCES)
def test_matrices_by_brute_force(problem, name, sizes, ridges):
    first = Stage(sizes[0], SOURCES[name], NOISES[0], ridges[0])
    stages = [first, Stage(sizes[1], None, NOISES[1], ridges[1])]
    expected = brute_risks(problem, stages)
    assert chain_risks(problem, stages) == pytest.approx(expected, rel=1e-8)
    found = two_stage_risk(problem, SOURCES[name], *sizes, *NOISES, *ridges)
    assert found == pytest.approx(expected[1], rel=1e-8)
    shifted = covariate_shift_risk(problem, SOURCES[name], sizes[0], NOISES[0], ridges[0])
    assert shifted == pytest.approx(expected[0], rel=1e-8)


def test_chain_by_brute_force(problem):
    stages = [
        Stage(7, covariance(6), 0.3),
        Stage(5, SOURCES["zeros"], 0.2, ridge=0.1),
        Stage(20, covariance(7, rank=10), 0.4),
        Stage(6, SOURCES["spectrum"]),
        Stage(8),
    ]
    assert chain_risks(problem, stages) == pytest.approx(brute_risks(problem, stages), rel=1e-8)


@pytest.mark.parametrize("name", SOURCES)
def test_a_rotation_changes_nothing(problem, turned, name):
    """The source as a matrix in the problem's coordinates, whatever these are."""
    rotated, basis = turned
    matrix = as_matrix(problem, SOURCES[name])
    source = basis @ matrix @ basis.T
    expected = two_stage_risk(problem, matrix, 7, 5, *NOISES)
    found = two_stage_risk(rotated, (source + source.T) / 2, 7, 5, *NOISES)
    assert found == pytest.approx(expected, rel=1e-9)


def test_forms_of_one_source_agree(problem):
    values = SOURCES["spectrum"].eigenvalues
    forms = [SOURCES["spectrum"], values, list(values), np.diag(values)]
    risks = [two_stage_risk(problem, form, 7, 5, *NOISES) for form in forms]
    assert risks == pytest.approx([risks[0]] * len(risks), rel=1e-13)


@pytest.mark.parametrize("n", [5, 10, 20])
def test_endless_first_stage_leaves_strong_labels(problem, n):
    """m -> infinity: the surrogate is beta*; least squares is off by O(1/m)."""
    expected = kd.risk(problem, n, noise_variance=0.1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NoFiniteMeanWarning)
        assert two_stage_risk(problem, None, 10**12, n, 0.3, 0.1) == pytest.approx(expected)
    assert two_stage_risk(problem, None, 20, n) == pytest.approx(kd.risk(problem, n), abs=1e-14)


@pytest.mark.parametrize("m", [5, 20])
def test_one_stage_on_the_target_is_the_standard_risk(problem, m):
    expected = kd.risk(problem, m, noise_variance=0.3)
    assert covariate_shift_risk(problem, None, m, 0.3) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("transform", ["none", "gain", "mask"])
@pytest.mark.parametrize("ridge", [0.0, 0.5])
@pytest.mark.parametrize("name", ["target", "zeros", "turned"])
def test_map_is_the_single_calls(problem, name, ridge, transform):
    options = {"transform": transform, "ridge": ridge, "source_ridge": ridge}
    m, n, source = [3, 7, 20], [4, 9, 20, 30], SOURCES[name]
    teachers = [Stage(size, source, NOISES[0], ridge) for size in m]
    students = [Stage(size, None, NOISES[1], ridge) for size in n]
    found = two_stage_map(problem, teachers, students, transform)
    expected = [[two_stage_risk(problem, source, a, b, *NOISES, **options) for b in n] for a in m]
    np.testing.assert_allclose(found, expected, rtol=1e-11)


@pytest.mark.parametrize(
    ("transform", "single"), [("gain", kd.optimal_surrogate), ("mask", kd.optimal_mask)]
)
def test_transforms_of_an_exact_teacher(problem, transform, single):
    """Stage 1 of noiseless least squares is beta*: its gain is beta_opt, its mask M beta*."""
    surrogate = single(problem, 6)
    if transform == "mask":
        surrogate = surrogate * problem.beta_star
    found = two_stage_risk(problem, None, 30, 6, 0.0, 0.1, transform=transform)
    expected = kd.risk(problem, 6, surrogate, noise_variance=0.1)
    assert found == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("source", ["target", "turned", "zeros", "singular"])
@pytest.mark.parametrize("extra", [0, 1])
def test_infinite_covariance(problem, source, extra):
    """rank <= m <= rank + 1 with noise: infinite after every later stage, never NaN."""
    rank = np.linalg.matrix_rank(as_matrix(problem, SOURCES[source]))
    later = [Stage(5), Stage(7, covariance(8)), Stage(30)]
    stages = [Stage(rank + extra, SOURCES[source], 0.3), *later]
    with pytest.warns(NoFiniteMeanWarning, match=f"with {rank} modes"):
        assert chain_risks(problem, stages) == [math.inf] * 4


def test_warns_beside_the_threshold(problem):
    with pytest.warns(NoFiniteMeanWarning):
        assert math.isfinite(covariate_shift_risk(problem, None, P - 1, 0.3))
    students = [Stage(P, None, 0.1), Stage(30, None, 0.1)]
    with pytest.warns(NoFiniteMeanWarning):
        found = two_stage_map(problem, [Stage(5, None, 0.3)], students)
    assert np.isinf(found).tolist() == [[True, False]]


def test_no_warning_without_noise_or_with_ridge(problem):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        covariate_shift_risk(problem, None, P)
        covariate_shift_risk(problem, None, P, 0.3, ridge=0.1)


def test_isotropic_chain():
    problem = kd.Problem(kd.Spectrum(np.ones(P)), random(9).standard_normal(P))
    omega, energy = 5 / P, float(problem.signal.sum())
    stages = [Stage(5, None, 0.3), *[Stage(5)] * 4]
    expected = [
        formulas.isotropic_chain_risk(omega**k, 1 - omega, energy, 0.3) for k in range(1, 6)
    ]
    assert chain_risks(problem, stages) == pytest.approx(expected, rel=1e-12)


def test_gap_recovered():
    assert performance_gap_recovered(3, 2, 1) == 0.5
    assert performance_gap_recovered(3, 0.5, 1) == 1.25
    assert math.isnan(performance_gap_recovered(1, 2, 1))
    assert math.isnan(performance_gap_recovered(1, 2, 3))


BAD = {
    "vector too short": (np.ones(P - 1), ValueError, f"must have p={P}"),
    "matrix too small": (np.eye(P - 1), ValueError, "must have shape"),
    "not symmetric": (np.triu(np.ones((P, P))), ValueError, "source"),
    "not positive": (np.diag([-1.0] + [1.0] * (P - 1)), ValueError, "positive semi-definite"),
    "negative eigenvalue": (np.r_[-1.0, np.ones(P - 1)], ValueError, "source"),
    "zero": (np.zeros(P), ValueError, "positive"),
    "NaN": (np.full(P, np.nan), ValueError, "source"),
    "own eigenvectors": (kd.Spectrum.from_covariance(covariance(4)), ValueError, "as a matrix"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_source(problem, name):
    source, error, words = BAD[name]
    with pytest.raises(error, match=words):
        two_stage_risk(problem, source, 7, 5)


CALLS = {
    "m": (lambda pr: two_stage_risk(pr, None, 0, 5), ValueError, "n=0"),
    "n": (lambda pr: two_stage_risk(pr, None, 5, -1), ValueError, "n=-1"),
    "noise": (lambda pr: two_stage_risk(pr, None, 5, 5, -1.0), ValueError, "noise_variance=-1"),
    "ridge": (lambda pr: two_stage_risk(pr, None, 5, 5, ridge=-1.0), ValueError, "ridge=-1"),
    "transform": (
        lambda pr: two_stage_risk(pr, None, 5, 5, transform="both"),
        ValueError,
        "transform='both'",
    ),
    "map transform": (
        lambda pr: two_stage_map(pr, [Stage(5)], [Stage(5)], "both"),
        ValueError,
        "transform='both'",
    ),
    "problem": (lambda pr: two_stage_risk(pr.spectrum, None, 5, 5), TypeError, "problem"),
    "no stages": (lambda pr: chain_risks(pr, []), ValueError, "at least one stage"),
    "a number as stage": (lambda pr: chain_risks(pr, [5]), TypeError, re.escape("stages[0]=5")),
    "PGR": (lambda pr: performance_gap_recovered(math.nan, 1, 1), ValueError, "weak"),
}


@pytest.mark.parametrize("name", CALLS)
def test_bad_call(problem, name):
    call, error, words = CALLS[name]
    with pytest.raises(error, match=words):
        call(problem)


@pytest.mark.parametrize("transform", ["none", "gain", "mask"])
def test_the_error_of_two_stages(problem, transform):
    """A teacher with endless data adds nothing of its own; what is left is `kd.size_error`."""
    student = Stage(6, None, 0.2, 0.5)
    found = two_stage_error(problem, Stage(1e9, None, 0.0, 0.1), student, transform)
    factors = {"none": np.ones(P), "gain": kd.gains(problem, 6, 0.5)}
    factors["mask"] = kd.optimal_mask(problem, 6, 0.5).astype(float)
    surrogate = factors[transform] * problem.beta_star
    alone = kd.size_error(problem, 6, surrogate, 0.2, 0.5)
    assert found.risk == pytest.approx(alone.risk, rel=1e-6)
    assert found.correction == pytest.approx(alone.correction, rel=1e-5)
    late = two_stage_error(problem, Stage(20, None, 0.3, 0.1), student, transform)
    numbers = (20, 6, 0.3, 0.2, 0.1, 0.5, transform)
    assert late.risk == two_stage_risk(problem, None, *numbers)
    assert late.corrected == late.risk + late.correction


def test_a_masked_surrogate_without_finite_variance(problem):
    """n = p + 1 in the first stage: no finite mean, whether modes are dropped or not."""
    with pytest.warns(NoFiniteMeanWarning):
        risk = two_stage_risk(problem, None, P + 1, 4, 0.1, transform="mask")
    assert risk == math.inf


def test_the_error_of_two_stages_where_there_is_none(problem):
    exact = two_stage_error(problem, Stage(40, None, 0.1), Stage(50, None, 0.1))
    assert (exact.correction, exact.basis) == (0.0, "exact mean of least squares")
    whole = two_stage_error(problem, Stage(40, None, 0.1, features=30), Stage(50, None, 0.1))
    assert whole.basis == exact.basis
    assert whole.corrected == pytest.approx(exact.risk, rel=1e-12)


def test_the_error_of_a_chain_does_not_depend_on_the_basis(problem):
    """A covariance that commutes, told as eigenvalues and as a matrix turned by rounding."""
    values = np.linspace(1, 2, P)
    nearly = np.diag(values) + 1e-9 * np.ones((P, P))
    chains = [
        [Stage(9, source, 0.3, 0.2), Stage(30, source, 0.1), Stage(6, None, 0.2, 0.5)]
        for source in (values, nearly)
    ]
    plain, turned = (chain_error(problem, stages) for stages in chains)
    assert plain.risk == chain_risks(problem, chains[0])[-1]
    assert turned.corrected == pytest.approx(plain.corrected, rel=1e-6)
