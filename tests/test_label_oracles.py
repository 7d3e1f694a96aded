"""Forecasts that know more than n_0 labels: what they know is what they are given."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from experiments import label_oracles
from experiments.few_labels import labelled, unlabelled
from kdverify.labels.drawn import Sample
from kdverify.labels.likelihood import Evidence

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "docs" / "tools"))

import label_oracles_table  # noqa: E402 - after its folder was made known


def made_up(size: int = 4000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows with falling scales, labels of 30 % noise, and what is linear in them."""
    generator = np.random.default_rng(0)
    rows = generator.standard_normal((size, 12)) / np.arange(1, 13)
    linear = rows @ generator.standard_normal((12, 1))
    linear /= linear.std()
    return rows, linear, linear + 0.3 * generator.standard_normal((size, 1))


def test_the_known_signal_is_that_of_all_labels():
    rows, linear, labels = made_up()
    sample = Sample.of(rows)
    drawn = label_oracles.known_signal(sample, labels)
    told = sample.rows @ drawn.signal[:, 0]
    # least squares is off by noise * rank / size in the mean, 2.7e-4; shrinking moves it as little
    assert np.mean(np.square(told - (linear - linear.mean()))) < 3 * 0.09 * 12 / 4000
    # the variance of the residuals is within five standard errors, 0.09 sqrt(2 / 4000) each
    assert abs(drawn.noises[0, 0] - 0.09) < 5 * 0.09 * np.sqrt(2 / 4000)


def test_a_known_shape_is_the_prior_with_power_one():
    """With the eigenvalues themselves as energies it is the forecast's own prior of power 1."""
    rows, _, labels = made_up(600)
    setting = labelled(unlabelled(rows, labels), "numbers", labels, 100, 0)
    values = setting.sample.values
    drawn = label_oracles.with_shape(setting, values, 50, np.random.default_rng(1), 1.0)
    evidence = Evidence.of(setting.rows, values, setting.columns, True, False)
    alone = np.where((label_oracles.POWERS == 1)[:, None], evidence.log, -np.inf)
    plain = label_oracles.replace(evidence, log=alone).draws(50, np.random.default_rng(1))
    np.testing.assert_allclose(drawn.signal, plain.signal, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(drawn.noises, plain.noises, rtol=1e-12)
    assert drawn.power == pytest.approx(1)


def test_another_shape_is_followed():
    """Energy in the last directions alone: the draws have it there and nowhere else."""
    rows, _, labels = made_up(600)
    setting = labelled(unlabelled(rows, labels), "numbers", labels, 100, 0)
    energies = np.where(np.arange(12) >= 9, 1.0, 0.0)
    drawn = label_oracles.with_shape(setting, energies, 50, np.random.default_rng(1), 1.0)
    of_each = setting.sample.values[:, None] * np.square(drawn.signal[..., 0])
    assert of_each[:9].max() < 1e-9 * of_each[9:].max()


@pytest.mark.parametrize("name", ["diabetes"])
def test_the_command_makes_the_stored_rows(name, tmp_path):
    """Of the first labelled draw, from a folder that has its forecast alone."""
    stored = json.loads((ROOT / f"docs/data/few_labels_tuning/{name}-numbers.json").read_text())
    stored["rows"] = [row for row in stored["rows"] if row.get("draw", 0) == 0]
    (tmp_path / f"{name}-numbers.json").write_text(json.dumps(stored))
    label_oracles.main(tmp_path / "out", name, tmp_path)
    made = json.loads((tmp_path / "out" / f"{name}-numbers.json").read_text())["rows"]
    kept = json.loads((ROOT / f"docs/data/label_oracles_tuning/{name}-numbers.json").read_text())
    assert len(made) == len({row["n"] for row in stored["rows"] if row.get("n0") == 100}) > 0
    for one in made:
        same = [r for r in kept["rows"] if (r["draw"], r["n"]) == (0, one["n"])]
        assert same == [pytest.approx(one, rel=1e-6)]


def test_a_folder_without_forecasts_is_refused(tmp_path):
    with pytest.raises(
        ValueError, match="found=.* must hold forecasts of diabetes from 100 labels"
    ):
        label_oracles.oracles("diabetes", None, tmp_path)


def test_what_the_table_sets_beside_them():
    """By hand from the stored files: half of the best fit's median error, and what is reached."""
    data = ROOT / "docs" / "data"
    found = label_oracles_table.cells(data / "label_oracles", data / "few_labels")
    one = next(cell for cell in found if cell["set"] == "affairs-two")
    rows = json.loads((data / "few_labels" / "affairs-two.json").read_text())["rows"]
    truths = {row["truth_at"]: min(row["risk"]) for row in rows if "truth_at" in row}
    told = [r for r in rows if r.get("n0") == 100 and r["student"] == "best" and "fits" in r]
    assert not any(row["refused"] for row in told)

    def median(name: str) -> float:
        off = []
        for row in told:
            now, then = (value if value and value > 0 else np.nan for value in row["fits"][name])
            off.append(abs(np.log(then / now) - np.log(truths[row["n"]] / truths[100])))
        return float(np.nanmedian(off))

    assert one["half of best fit"] == pytest.approx(min(map(median, told[0]["fits"])) / 2, rel=1e-9)
    oracle = json.loads((data / "label_oracles" / "affairs-two.json").read_text())["rows"]
    for title, name in (("all known", "known"), ("shape known", "shape")):
        off = [abs(row[name] - np.log(truths[row["n"]] / truths[100])) for row in oracle]
        assert one[title] == pytest.approx(np.median(off), rel=1e-9)


def level_errors(folder: Path) -> dict[tuple[str, int], float]:
    """Root mean square of the level's log error over what is told of it, for each set and n_0."""
    found = {}
    for file in sorted(folder.glob("*.json")):
        rows = json.loads(file.read_text())["rows"]
        truths = {row["truth_at"]: min(row["risk"]) for row in rows if "truth_at" in row}
        cells: dict[int, dict[int, float]] = {}
        for row in rows:
            if row.get("level_error") and row["student"] == "best" and not row["refused"]:
                off = np.log(row["measured"] / truths[row["n0"]]) / row["level_error"]
                cells.setdefault(row["n0"], {})[row["draw"]] = off
        for n0, draws in cells.items():
            if len(draws) >= 15:
                found[file.stem, n0] = float(np.sqrt(np.mean(np.square(list(draws.values())))))
    return found


def test_what_the_page_says_of_levels_and_of_intervals():
    data = ROOT / "docs" / "data"
    page = (ROOT / "docs" / "labels-measured.md").read_text(encoding="utf-8")
    kept, tuning = (level_errors(data / name) for name in ("few_labels", "few_labels_tuning"))
    for found in (kept, tuning):
        assert f"{np.median(list(found.values())):.1f} times what is told in the median" in page
    worst = max(tuning, key=lambda cell: tuning[cell])
    assert worst[0] == "texts-ten"
    assert 1.9 < tuning[worst] < 2.1
    held = label_oracles_table.forecasts.targets(data / "few_labels_tuning").splitlines()
    best = {
        line.split("|")[1].strip(): line.split("|")[2].split()[0]
        for line in held[-12:]
        if "draws" in line
    }
    assert f"({best['resnet50-512']} of `resnet50-512`, {best['resnet50']} of all 2,048)" in page
    assert f"`cifar-16` with the best ridge ({best['cifar-16']})" in page
    for line in label_oracles_table.forecasts.targets(data / "few_labels").splitlines()[-6:]:
        shares = [float(cell.split()[0]) for cell in line.split("|")[2:4] if "draws" in cell]
        assert all(0.75 <= share <= 0.87 for share in shares), line
