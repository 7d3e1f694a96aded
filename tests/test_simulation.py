"""`kdverify.simulate` and its kin: exact cases, error bars, reductions, determinism."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simulation_samples import ISOTROPIC, LIMIT, POWER, SYMMETRIC, z_score

import kdverify as kd
from kdverify import formulas
from kdverify.simulation import (
    Stage,
    build_task,
    chain,
    covariate_shift,
    engine,
    finish,
    reduce_blocks,
    run_block,
    run_task,
    two_stage,
)
from kdverify.simulation.block import RunningMoments
from kdverify.simulation.factor import LARGEST_CONDITION

# --------------------------------------------------------------------------
# Exactly known means
# --------------------------------------------------------------------------


@pytest.mark.parametrize("reduction", ["auto", "none"])
def test_isotropic_risk_is_hit_exactly(reduction: str) -> None:
    surrogate = np.linspace(-2.0, 1.0, 20)
    result = kd.simulate(ISOTROPIC, 8, [None, surrogate], trials=1500, seed=1, reduction=reduction)
    b = ISOTROPIC.beta_star
    for j, s in enumerate((b, surrogate)):
        truth = formulas.isotropic_risk(s @ s, s @ b, b @ b, 8, 20)
        assert z_score(result.means[j], result.standard_errors[j], truth) < LIMIT
        wrong = formulas.isotropic_risk(s @ s, s @ b, b @ b, 9, 20)
        assert z_score(result.means[j], result.standard_errors[j], wrong) > LIMIT


def test_isotropic_noise_has_its_finite_size_error() -> None:
    result = kd.simulate(ISOTROPIC, 8, trials=1500, seed=2, noise_variance=1.0)
    error = result.noise_trace_standard_error
    truth = formulas.isotropic_noise_risk(1.0, 8, 20)
    asymptotic = formulas.variance_factor(8 / 20, 12 / 20)
    assert z_score(result.noise_trace, error, truth) < LIMIT
    assert z_score(result.noise_trace, error, asymptotic) > LIMIT


def test_least_squares_risk_is_hit_exactly() -> None:
    surrogate = POWER.beta_star * 1.5
    result = kd.simulate(POWER, 60, [surrogate], trials=1500, seed=3, noise_variance=0.5)
    lam, b = POWER.spectrum.eigenvalues, POWER.beta_star
    own = formulas.predictor_risk(lam, surrogate, b, np.sum)
    truth = own + formulas.ols_noise_risk(0.5, 60, 30)
    limit = own + 0.5 * formulas.variance_factor(30 / 60, 30 / 60)
    assert z_score(result.means[0], result.standard_errors[0], truth) < LIMIT
    assert z_score(result.means[0], result.standard_errors[0], limit) > LIMIT


def test_least_squares_without_noise_is_the_surrogate_itself() -> None:
    result = kd.simulate(POWER, 40, [None, 2 * POWER.beta_star], trials=10)
    assert result.means[0] == 0.0
    assert result.means[1] == pytest.approx(POWER.signal.sum(), rel=1e-13)


# --------------------------------------------------------------------------
# Error bars
# --------------------------------------------------------------------------


def test_intervals_cover_the_truth_as_often_as_they_say() -> None:
    b = np.array([1.0, 2.0, -1.0, 0.5, 1.5, -2.0])
    problem = kd.Problem(kd.Spectrum(np.ones(6)), b)
    truth = formulas.isotropic_risk(b @ b, b @ b, b @ b, 3, 6)
    task = build_task(problem, [Stage(3)], reduction="none", transfer=False)
    repetitions, trials = 1000, 24
    everything = run_task(task, repetitions * trials, keep_trials=True)
    assert everything.raw is not None
    covered = 0
    for part in everything.raw.reshape(repetitions, trials):
        [[low, high]] = summary(part).intervals(0.95)
        covered += low <= truth <= high
    assert 930 <= covered <= 970


def summary(risks: np.ndarray) -> Any:
    """A result from given risks."""
    block = engine.BlockResult(0, risks[:, None, None], None, None, None, 0, 1.0)
    return reduce_blocks([block], "given", ())


def test_error_bars_are_those_of_the_trials() -> None:
    result = kd.simulate(
        POWER, 10, [None, 0.5 * POWER.beta_star], trials=50, reduction="none", keep_trials=True
    )
    raw = result.raw
    assert raw is not None
    assert raw.shape == (50, 2)
    np.testing.assert_allclose(result.means, raw.mean(axis=0))
    np.testing.assert_allclose(result.standard_errors, raw.std(axis=0, ddof=1) / np.sqrt(50))
    np.testing.assert_allclose(result.covariance, np.cov(raw.T) / 50)
    gap, error = result.difference(0, 1)
    assert gap == pytest.approx((raw[:, 0] - raw[:, 1]).mean())
    assert error == pytest.approx((raw[:, 0] - raw[:, 1]).std(ddof=1) / np.sqrt(50))
    assert result.degrees_of_freedom == 49


@given(st.integers(1, 200), st.integers(1, 200), st.floats(-1e3, 1e3))
@settings(max_examples=30, deadline=None)
def test_moments_of_two_samples_merge(first: int, second: int, offset: float) -> None:
    values = offset + np.random.default_rng(first).standard_normal((first + second, 2))
    merged = RunningMoments.of(values[:first]).merged(RunningMoments.of(values[first:]))
    whole = RunningMoments.of(values)
    assert merged.count == whole.count
    scale = 1 + abs(offset)
    np.testing.assert_allclose(merged.mean, whole.mean, atol=1e-13 * scale)
    np.testing.assert_allclose(merged.squares, whole.squares, rtol=1e-9, atol=1e-9)


# --------------------------------------------------------------------------
# The reductions
# --------------------------------------------------------------------------


@pytest.mark.parametrize("law", SYMMETRIC)
def test_flipping_signs_changes_no_mean_and_shrinks_the_error(law: str) -> None:
    surrogates = [None, 0.5 * POWER.beta_star]
    flipped = kd.simulate(POWER, 10, surrogates, trials=400, seed=4, design=law)
    plain = kd.simulate(POWER, 10, surrogates, trials=1500, seed=5, design=law, reduction="none")
    error = np.hypot(flipped.standard_errors, plain.standard_errors)
    assert (np.abs(flipped.means - plain.means) < LIMIT * error).all()
    gain = 1500 * plain.standard_errors**2 / (400 * flipped.standard_errors**2)
    assert (gain > 4).all()
    assert any("column signs" in text for text in flipped.reductions)
    assert plain.reductions == ()


def test_sampled_noise_agrees_with_the_exact_mean_over_it() -> None:
    problem, n, noise = POWER, 10, 0.7
    exact = kd.simulate(problem, n, trials=800, seed=6, noise_variance=noise, reduction="none")
    rng = np.random.default_rng(7)
    lam, b = problem.spectrum.eigenvalues, problem.beta_star
    risks = []
    for _ in range(1500):
        x = rng.standard_normal((n, 30)) * np.sqrt(lam)
        fitted = np.linalg.pinv(x) @ (x @ b + np.sqrt(noise) * rng.standard_normal(n))
        risks.append(lam @ (fitted - b) ** 2)
    error = np.hypot(exact.standard_errors[0], np.std(risks, ddof=1) / np.sqrt(len(risks)))
    assert abs(exact.means[0] - np.mean(risks)) < LIMIT * error


@given(
    p=st.integers(2, 12),
    n=st.integers(1, 15),
    ridge=st.sampled_from([0.0, 0.0, 0.3]),
    law=st.sampled_from(SYMMETRIC),
)
@settings(max_examples=40, deadline=None)
def test_transfer_functions_obey_what_every_projector_obeys(
    p: int, n: int, ridge: float, law: str
) -> None:
    problem = kd.Problem.power_law(p=p, alpha=1.2, beta=1.3)
    result = kd.simulate(problem, n, trials=3, ridge=ridge, design=law, reduction="signs")
    mean, energy = result.transfer_mean, result.transfer_energy
    assert mean is not None
    assert energy is not None
    lam = problem.spectrum.eigenvalues
    # Rounding: eps times the condition for each mode; the safe route errs less.
    slack = p * np.finfo(float).eps * min(10 + result.largest_condition, LARGEST_CONDITION)
    assert (mean > -slack).all()
    assert (mean < 1 + slack).all()
    assert (energy < lam.max() * mean + slack).all()  # P Sigma P <= max(lam) P^2 <= max(lam) P
    if ridge == 0.0 and result.safe_factorisations == 0:
        assert mean.sum() == pytest.approx(min(n, p), rel=1e-9, abs=slack)


def test_transfer_functions_predict_the_risk_of_every_surrogate() -> None:
    surrogate = np.linspace(1.0, -1.0, 30)
    result = kd.simulate(POWER, 12, [surrogate], trials=30, noise_variance=0.2)
    predicted = formulas.transfer_risk(
        POWER.spectrum.eigenvalues,
        surrogate,
        surrogate**2,
        POWER.beta_star,
        result.transfer_mean,
        result.transfer_energy,
        result.noise_trace,
        0.2,
        np.sum,
    )
    # Linear in energy and trace; lam P_ii^2 cancels between spread and shift.
    assert result.means[0] == pytest.approx(predicted, rel=1e-12)


# --------------------------------------------------------------------------
# Stages
# --------------------------------------------------------------------------


def test_two_stages_report_the_surrogate_too() -> None:
    both = two_stage(POWER, None, 14, 10, source_noise_variance=0.3, trials=300, seed=8)
    assert both.stage_means.shape == (2, 1)
    alone = covariate_shift(POWER, None, 14, noise_variance=0.3, trials=300, seed=9)
    error = np.hypot(both.stage_standard_errors[0], alone.standard_errors)
    assert (np.abs(both.stage_means[0] - alone.means) < LIMIT * error).all()
    assert both.means == both.stage_means[1]


def test_a_source_matrix_is_the_same_as_its_spectrum() -> None:
    values = np.linspace(1.0, 2.0, 30)
    as_spectrum = two_stage(POWER, kd.Spectrum(values), 14, 10, trials=20)
    as_matrix = two_stage(POWER, np.diag(values), 14, 10, trials=20)
    np.testing.assert_array_equal(as_spectrum.means, as_matrix.means)
    assert as_matrix.reductions == as_spectrum.reductions != ()
    thinned = values * (np.arange(30) % 3 > 0)  # modes without variance
    forms = [two_stage(POWER, s, 14, 10, trials=20).means for s in (thinned, np.diag(thinned))]
    np.testing.assert_array_equal(*forms)


def test_theory_and_simulation_take_the_same_stages() -> None:
    """A chain with a source, noise and ridges; the theory is off by O(1/n), 6 % here."""
    values = np.linspace(1.0, 2.0, 30)
    stages = [kd.Stage(24, values, 0.1, 0.5), kd.Stage(18, None, 0.1, 1.0)]
    found, predicted = chain(POWER, stages, trials=400), kd.chain_risks(POWER, stages)
    np.testing.assert_allclose(found.stage_means[:, 0], predicted, rtol=0.1)
    assert kd.Stage is Stage
    for take in (chain, kd.chain_risks):
        with pytest.raises(TypeError, match=r"stages\[1\]=18 must be a Stage"):
            take(POWER, [stages[0], 18])


def test_a_chain_of_one_is_a_student_of_the_truth() -> None:
    one = chain(POWER, [Stage(10, None, 0.2, 0.1)], trials=20)
    same = kd.simulate(POWER, 10, trials=20, noise_variance=0.2, ridge=0.1)
    np.testing.assert_array_equal(one.means, same.means)


def test_rows_of_data_are_drawn_without_replacement() -> None:
    rows = np.random.default_rng(0).standard_normal((12, 30))
    whole = kd.simulate(POWER, 12, trials=5, design=rows, keep_trials=True)
    assert whole.raw is not None
    np.testing.assert_allclose(whole.raw[1:], whole.raw[:-1], rtol=1e-9)  # all rows, in any order
    fitted = np.linalg.pinv(rows) @ rows @ POWER.beta_star
    truth = POWER.spectrum.eigenvalues @ (fitted - POWER.beta_star) ** 2
    assert whole.means[0] == pytest.approx(truth, rel=1e-9)
    assert whole.transfer_mean is None
    assert kd.simulate(POWER, 5, trials=5, design=rows).standard_errors[0] > 0


# --------------------------------------------------------------------------
# Determinism
# --------------------------------------------------------------------------


def same(a: Any, b: Any) -> None:
    for name in ("means", "standard_errors", "transfer_mean", "transfer_energy_standard_errors"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name))
    assert a.noise_trace == b.noise_trace


def test_results_do_not_depend_on_workers_or_order() -> None:
    problem = kd.Problem.power_law(p=150, alpha=2.0, beta=1.5)
    task = build_task(problem, [Stage(70, None, 0.1)], seed=3)
    blocks = list(task.blocks(2 * task.block_trials + 3))
    assert [block.trials for block in blocks] == [task.block_trials] * 2 + [3]
    forward = finish(task, [run_block(task, block) for block in blocks])
    backward = finish(task, [run_block(task, block) for block in reversed(blocks)])
    same(forward, backward)
    same(forward, run_task(task, 2 * task.block_trials + 3, workers=2))


def test_more_trials_reuse_the_full_blocks() -> None:
    task = build_task(POWER, [Stage(10)])
    few = run_task(task, task.block_trials, keep_trials=True)
    more = run_task(task, task.block_trials + 5, keep_trials=True)
    np.testing.assert_array_equal(more.raw[: task.block_trials], few.raw)


def test_keys_tell_tasks_apart() -> None:
    def task(**changes: Any) -> Any:
        links = {"n": 10} | {k: v for k, v in changes.items() if k in Stage.__annotations__}
        others = {k: v for k, v in changes.items() if k not in links}
        return build_task(POWER, [Stage(**links)], **others)

    changes: list[dict[str, Any]] = [
        {},
        {"n": 11},
        {"seed": 1},
        {"noise_variance": 0.1},
        {"ridge": 0.1},
        {"design": "uniform"},
        {"design": "student"},
        {"design": np.ones((20, 30))},
        {"design": np.zeros((20, 30))},
    ]
    assert len({task(**change).key for change in changes}) == len(changes)
    assert task().key == task().key
    generators = [task(**change).generator(block) for change in changes[:3] for block in (0, 1)]
    assert len({int(rng.integers(2**60)) for rng in generators}) == 6


def test_no_two_keys_of_random_numbers_coincide() -> None:
    """A seed sequence pads keys of fewer than five words with zeros: these are longer."""

    def state(key: Any) -> tuple[int, ...]:
        return tuple(np.random.SeedSequence(key).generate_state(4).tolist())

    assert state([1, 2]) == state([1, 2, 0])  # what must not happen
    keys: list[Any] = []
    for seed in (0, 1):
        for stages in ([Stage(1)], [Stage(10)], [Stage(1), Stage(10)], [Stage(1, features=2)]):
            for block in (0, 1):
                source: Any = build_task(POWER, stages, seed=seed).generator(block).bit_generator
                keys.append(source.seed_seq.entropy)
    assert min(sum(max(1, -(-int(k).bit_length() // 32)) for k in key) for key in keys) >= 5
    assert len({state(key) for key in keys} | {state([*key, 0]) for key in keys}) == 2 * len(keys)


def test_blocks_must_be_complete() -> None:
    task = build_task(POWER, [Stage(10)])
    blocks = [run_block(task, block) for block in task.blocks(task.block_trials + 2)]
    with pytest.raises(ValueError, match="once each"):
        finish(task, blocks[1:])
    with pytest.raises(ValueError, match="once each"):
        finish(task, [*blocks, blocks[0]])
    with pytest.raises(ValueError, match="at least one block"):
        finish(task, [])


def test_power_laws_are_the_same_bits_on_every_processor():
    """Vectorised powers differ in the last bit where AVX-512 is there; seeds are keyed by bits."""
    law = kd.Problem.power_law(700, "1.75", "1.5")
    assert law.spectrum.eigenvalues.tolist() == [float(i) ** -1.75 for i in range(1, 701)]
    assert law.beta_star.tolist() == [float(i) ** 0.125 for i in range(1, 701)]
