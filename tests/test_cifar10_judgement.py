"""What the records of the neural experiment are said to show; synthetic records, no torch."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from experiments.cifar10 import config, figure, linear, orderings, population, results, scaling
from kdverify.evidence import Verdict
from kdverify.rows import fit

CHANNELS = ((16, 32, 64), (4, 8, 16))
TRUE = {"surrogate": 0.60, "s2t": 0.66, "standard": 0.72}


def record(kind, channels, seed, accuracy, **settings) -> dict:
    run = config.Run(kind, seed, channels)
    sources = {
        "data": "made up", "image": [32, 32, 3], "train_images": 100, "test_images": 10_000,
        "weights": "none",
    }  # fmt: skip
    result = {"accuracy": accuracy, "cross_entropy": 1.0, "squared_risk": 1 - accuracy}
    return {
        "schema": 1,
        "run": {"name": run.name, "kind": kind, "seed": seed, "channels": channels},
        "settings": replace(config.PRESETS["cpu"], **settings).as_json(),
        "sources": sources,
        "result": result,
        "history": [],
    }


def made_up(seeds=5, spread=0.004, means=TRUE, key=0) -> list[dict]:
    generator = np.random.default_rng(key)
    records = []
    for seed in range(seeds):
        noise = iter(spread * generator.standard_normal(5))
        for channels in CHANNELS:
            for kind in ("surrogate", "s2t"):
                records.append(record(kind, channels, seed, means[kind] + next(noise)))
        records.append(record("standard", None, seed, means["standard"] + next(noise)))
    return records


def test_clear_orderings_stand():
    judged = orderings.judge(made_up())
    assert judged.verdict is Verdict.MEASURED
    assert len(judged.orderings) == 4
    assert all(o.seeds == 5 and o.p_value < 0.05 for o in judged.orderings)
    for found in judged.recovered:
        low, high = found.interval
        assert low < 0.5 < high
        assert low < found.value < high


def test_a_reversed_order_is_refuted():
    judged = orderings.judge(made_up(means=TRUE | {"s2t": 0.55}))
    assert judged.verdict is Verdict.REFUTED
    verdicts = {(o.lower, o.verdict) for o in judged.orderings}
    assert verdicts == {("surrogate", Verdict.REFUTED), ("s2t", Verdict.MEASURED)}
    assert all(found.value < 0 for found in judged.recovered)


@pytest.mark.parametrize("seeds", [1, 2])
def test_few_seeds_decide_nothing(seeds):
    judged = orderings.judge(made_up(seeds=seeds, spread=1e-6))
    assert judged.verdict is Verdict.UNDECIDED
    assert all(found.interval is None for found in judged.recovered)


def test_nothing_and_parts_of_it_are_undecided():
    assert orderings.judge([]).verdict is Verdict.UNDECIDED
    partial = [r for r in made_up() if r["run"]["kind"] != "standard"]
    judged = orderings.judge(partial)
    assert judged.verdict is Verdict.UNDECIDED
    assert {o.seeds for o in judged.orderings} == {0}
    noisy = orderings.judge(made_up(seeds=3, spread=0.1))
    assert noisy.verdict is Verdict.UNDECIDED


def test_identical_differences_are_not_infinitely_sure():
    """Three equal differences of the size of one test image say nothing."""
    means = {"surrogate": 0.6, "s2t": 0.6001, "standard": 0.6002}
    judged = orderings.judge(made_up(seeds=3, spread=0.0, means=means))
    assert judged.verdict is Verdict.UNDECIDED


def test_shuffled_kinds_do_not_stand():
    """The negative control: which accuracy is whose, drawn anew for every seed."""
    stood = 0
    for key in range(100):
        generator = np.random.default_rng([1, key])
        records = made_up(seeds=5, key=key)
        for seed in range(5):
            group = [r for r in records if r["run"]["seed"] == seed]
            values = [r["result"]["accuracy"] for r in group]
            for member, value in zip(group, generator.permutation(values), strict=True):
                member["result"]["accuracy"] = float(value)
        stood += orderings.judge(records).verdict is Verdict.MEASURED
    # All four would have to come out right at once: far below one in 100.
    assert stood == 0


def test_the_error_rate_is_kept_where_all_are_equal():
    """Under equality some ordering is declared in at most 5 % of families, either way."""
    flat = dict.fromkeys(TRUE, 0.6)
    runs = 250
    declared = {Verdict.MEASURED: 0, Verdict.REFUTED: 0}
    for key in range(runs):
        verdicts = {o.verdict for o in orderings.judge(made_up(5, means=flat, key=key)).orderings}
        for verdict in declared:
            declared[verdict] += verdict in verdicts
    # The binomial count lies below this with probability 1 - 1e-6.
    from scipy import stats

    for count in declared.values():
        assert count <= stats.binom.isf(1e-6, runs, 0.05)


def test_the_test_over_images_stands_beside_and_decides_nothing():
    from scipy import stats

    generator = np.random.default_rng(2)
    records = made_up(seeds=3, spread=0.1)
    truth = np.zeros(10_000, int)
    for found in records:
        guessed = (generator.random(10_000) > TRUE[found["run"]["kind"]]).astype(int)
        found["predictions"] = results.packed(guessed, truth)
        np.testing.assert_array_equal(results.right(found), guessed == 0)
        np.testing.assert_array_equal(results.predicted_classes(found), guessed)
    judged = orderings.judge(records)
    plain = orderings.judge([{k: v for k, v in r.items() if k != "predictions"} for r in records])
    assert all(o.over_images is None for o in plain.orderings)
    assert [o.verdict for o in judged.orderings] == [o.verdict for o in plain.orderings]
    by = {
        (r["run"]["kind"], r["run"]["channels"], r["run"]["seed"]): results.right(r)
        for r in records
    }
    pairs = [(by["standard", None, seed], by["s2t", CHANNELS[1], seed]) for seed in range(3)]
    differences = np.mean([upper.astype(float) - lower for upper, lower in pairs], axis=0)
    expected = stats.ttest_1samp(differences, 0, alternative="greater")
    found = judged.orderings[-1].over_images
    assert found.difference == pytest.approx(differences.mean())
    assert found.difference / found.standard_error == pytest.approx(expected.statistic)
    assert found.p_value == pytest.approx(stats.norm.sf(expected.statistic))


def test_holm():
    from scipy import stats

    assert orderings._holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])
    generator = np.random.default_rng(0)
    a, b = generator.standard_normal((2, 6))
    b = b + 1
    expected = stats.ttest_rel(b, a, alternative="greater").pvalue
    mean, error, count = orderings._moments(b - a, 0.0)
    assert orderings._tail(mean, error, count) == pytest.approx(expected)


def test_fieller_covers_and_knows_when_it_cannot():
    generator = np.random.default_rng(3)
    hits, runs, level = 0, 2000, 0.9
    for _ in range(runs):
        shared = generator.standard_normal(6)
        top = 1 + 0.3 * (shared + generator.standard_normal(6))
        bottom = 2 + 0.3 * (shared + generator.standard_normal(6))
        low, high = orderings.fieller(top, bottom, level)
        hits += low <= 0.5 <= high
    # Exact for normal pairs: five binomial standard deviations.
    assert abs(hits / runs - level) < 5 * np.sqrt(level * (1 - level) / runs)
    assert orderings.fieller(np.ones(4), np.array([1.0, -1.0, 2.0, -2.0]), 0.9) is None


@pytest.mark.parametrize("rate", [0, 1, 1.5])
def test_bad_error_rates(rate):
    with pytest.raises(ValueError, match="error_rate="):
        orderings.judge(made_up(), rate)


def saved(records, folder: Path) -> Path:
    for content in records:
        results.save(content, folder)
    return folder


@pytest.mark.parametrize(
    ("means", "seeds", "code"),
    [(TRUE, 5, 0), (TRUE | {"s2t": 0.5}, 5, 1), (TRUE, 2, 3), (None, 0, 2)],
)
def test_exit_codes(means, seeds, code, tmp_path, monkeypatch, capsys):
    from kdverify.cli import run_app

    if means is not None:
        saved(made_up(seeds=seeds, means=means), tmp_path)
    monkeypatch.setattr("sys.argv", ["orderings", str(tmp_path), "--json", "-"])
    with pytest.raises(SystemExit) as ended:
        run_app(orderings.app, "orderings")
    assert ended.value.code == code
    written = capsys.readouterr()
    if code == 2:
        assert "must hold at least one finished run" in written.err
    else:
        assert len(json.loads(written.out)["rows"]) == 6
        assert "verdict: " in written.err


def test_figure_2a_of_records(tmp_path):
    saved(made_up(seeds=3), tmp_path)
    _, svg, data = figure.draw(tmp_path)
    assert svg.stat().st_size > 0
    content = json.loads(data.read_text())
    assert "reduced" in content["settings"]["caption"]
    assert "6 epochs of T_max 20, warm-up 1, batch 256, rate 0.08" in content["settings"]["caption"]
    assert [row["kind"] for row in content["rows"]] == [
        "s2t", "surrogate", "s2t", "surrogate", "standard",
    ]  # fmt: skip


# Scaling


def scaled(standard: float, s2t: float, spread=0.01, seeds=4) -> dict[int, list[dict]]:
    """Errors that fall like n^slope, with noise between seeds."""
    generator = np.random.default_rng(0)
    found = {}
    for size in (500, 1000, 2000, 4000):
        members = []
        for seed in range(seeds):
            for kind, slope in (("standard", standard), ("s2t", s2t)):
                error = 0.5 * (size / 500) ** slope * np.exp(spread * generator.standard_normal())
                channels = CHANNELS[0] if kind == "s2t" else None
                members.append(record(kind, channels, seed, 1 - error, train_size=size))
        found[size] = members
    return found


def test_slopes_are_recovered():
    fitted = scaling.slopes(scaled(-0.5, -0.3, spread=0.0), "error")
    assert list(fitted["standard", ()].values()) == pytest.approx([-0.5] * 4)
    assert list(fitted["s2t", CHANNELS[0]].values()) == pytest.approx([-0.3] * 4)


@pytest.mark.parametrize(
    ("slopes", "spread", "seeds", "verdict"),
    [
        ((-0.4, -0.4), 0.01, 4, "the same within 0.1"),
        ((-0.4, -0.1), 0.01, 4, "different"),
        ((-0.4, -0.4), 0.5, 4, "undecided"),
        ((-0.4, -0.4), 0.0, 2, "undecided: fewer than 3 seeds"),
    ],
)
def test_exponents_are_compared(slopes, spread, seeds, verdict):
    rows = scaling.compare(scaled(*slopes, spread=spread, seeds=seeds))
    assert [row["metric"] for row in rows] == ["error", "squared_risk"]
    assert {row["verdict"] for row in rows} == {verdict}


def test_the_report_of_a_directory(tmp_path):
    for size, members in scaled(-0.4, -0.4).items():
        saved(members, tmp_path / f"n-{size}")
    text = scaling.report(tmp_path)
    assert text.count("the same within 0.1") == 2
    assert {"scaling.png", "scaling.svg", "scaling.json"} <= {f.name for f in tmp_path.iterdir()}
    with pytest.raises(ValueError, match="at least two sizes"):
        scaling.report(tmp_path / "n-500")


@pytest.mark.parametrize(("size", "repeats"), [(500, 100), (1000, 50), (4000, 12), (50_000, 1)])
def test_every_size_takes_the_same_number_of_steps(size, repeats):
    base = config.PRESETS["cpu"]
    settings = scaling.settings_for(base, size, 50_000)
    assert settings.repeats == repeats
    assert settings.fresh_half
    steps = -(-size * settings.repeats // base.target.batch)
    assert abs(steps - -(-50_000 // base.target.batch)) <= 1 + size / base.target.batch / 2


# Linear students


def pool(rows=6000, width=60, seed=0, freedom=None) -> population.Population:
    """Gaussian or t rows with a power law, labels by a noisy linear rule of three classes."""
    generator = np.random.default_rng(seed)
    scale = np.arange(1, width + 1) ** -0.75
    train = generator.standard_normal((rows, width)) * scale
    if freedom:
        train *= np.sqrt(freedom / generator.chisquare(freedom, (rows, 1)))
    weights = generator.standard_normal((width, 3))

    def labels(x):
        return (x @ weights + generator.standard_normal((len(x), 3))).argmax(axis=1)

    return population.centred(train, labels(train), "made up")


def test_a_population_is_centred_and_diagonal():
    people = pool()
    np.testing.assert_allclose(people.rows.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(
        people.rows.T @ people.rows / len(people.rows), np.diag(people.eigenvalues), atol=1e-10
    )
    residual = people.labels - people.rows @ people.beta
    np.testing.assert_allclose(people.rows.T @ residual, 0, atol=1e-7)
    np.testing.assert_allclose(people.labels.sum(axis=1), 0, atol=1e-12)


def test_modes_without_variance_are_dropped():
    generator = np.random.default_rng(0)
    train = generator.standard_normal((200, 5)) @ generator.standard_normal((5, 9)) + 3
    found = population.centred(train, np.arange(200) % 2, "x")
    assert found.eigenvalues.size == 5


@pytest.mark.parametrize("n", [20, 90])
def test_min_norm_is_the_pseudo_inverse(n):
    generator = np.random.default_rng(0)
    rows, labels = generator.standard_normal((n, 40)), generator.standard_normal((n, 2))
    np.testing.assert_allclose(fit(rows, labels), np.linalg.pinv(rows) @ labels, atol=1e-10)


def test_linear_students_follow_the_theory():
    """Gaussian rows: theory up to O(1/n), and hiding weak features helps as predicted."""
    people, m, n, repetitions = pool(), 40, 30, 150
    rows = {row["model"]: row for row in next(linear.measure(people, m, [n], repetitions))}
    for row in rows.values():
        # 95 % half-widths, widened to a false alarm of about 1e-5 each, and the bias of order
        # 1/n of each stage next to the interpolation threshold, 1/(p - n - 1) + 1/(p - m - 1).
        bias = row["predicted"] * (1 / (60 - n - 1) + 1 / (60 - m - 1))
        assert abs(row["risk"] - row["predicted"]) < 2.4 * row["risk_half_width"] + bias
    for name in ("masked", "gained"):
        assert rows[name]["against_naive"] + rows[name]["against_naive_half_width"] < 0
    assert rows["naive"]["against_naive"] == 0


def test_rows_that_are_not_gaussian_follow_section_9():
    """Heavy tails: the Gaussian formula falls short by more than the band of the other."""
    people, m, n = pool(freedom=3), 25, 20
    rows = {row["model"]: row for row in next(linear.measure(people, m, [n], 150))}
    for row in rows.values():
        band = 2.4 * row["risk_half_width"] + row["predicted"] * (1 / (59 - n) + 1 / (59 - m))
        assert abs(row["risk"] - row["predicted"]) < band
    strong = rows["strong"]
    band = 2.4 * strong["risk_half_width"] + strong["predicted"] / (59 - n)
    assert strong["risk"] - strong["gaussian"] > band


def test_more_rows_than_modes_are_least_squares():
    """Noise on least squares on 30 rows of 20 columns: 20 sigma^2/(30 - 20 - 1)."""
    people = pool(rows=2000, width=20)
    rows = {row["model"]: row for row in next(linear.measure(people, 10, [40], 60))}
    wanted = people.noise.sum() * 20 / 19
    assert rows["strong"]["gaussian"] == pytest.approx(wanted)
    assert (
        abs(rows["strong"]["risk"] - wanted) < 2.4 * rows["strong"]["risk_half_width"] + wanted / 19
    )


@pytest.mark.parametrize(
    ("m", "n", "repetitions", "message"),
    [(5980, 20, 3, "m \\+ n = 6000 must be below"), (20, 6000, 3, "m \\+ n = 6020 must be below"),
     (20, 20, 1, "repetitions=1 must be at least 2")],
)  # fmt: skip
def test_bad_sizes(m, n, repetitions, message):
    with pytest.raises(ValueError, match=message):
        next(linear.measure(pool(), m, [n], repetitions))


def test_damaged_feature_files(tmp_path):
    np.savez(tmp_path / "x.npz", train=np.zeros(3))
    with pytest.raises(ValueError, match="must be a file of experiments.cifar10.features"):
        population.from_file(tmp_path / "x.npz")


@pytest.mark.parametrize(
    ("preset", "change", "said"),
    [("paper", {}, "the paper's protocol: resnet50"),
     ("paper-2k", {}, "the paper's training: resnet50"),
     ("paper", {"target_model": "efficientnet-lite0"}, "the paper's training: efficientnet-lite0"),
     ("cpu", {}, "reduced: resnet50")],
)  # fmt: skip
def test_captions_say_what_was_reduced(preset, change, said):
    settings = replace(config.PRESETS[preset], **change).as_json()
    content = record("standard", None, 0, 0.5) | {"settings": settings}
    assert f"Preset {preset}, {said}" in figure.reductions(content)
