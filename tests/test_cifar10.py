"""The neural experiment: runs, labels, resume; small models on digits."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from cifar10_samples import S2T, STANDARD, SURROGATE, TINY, record, same_results, torch

from experiments.cifar10 import batches, config, models, results, training

pytestmark = pytest.mark.usefixtures("one_thread")


# Runs


def test_hard_and_soft_labels(experiment):
    file = experiment.perform(S2T)
    hard, figures = experiment._labels(S2T)
    rows = experiment.rows(S2T)
    scores = experiment.scores(SURROGATE, experiment.images.train[rows])
    assert torch.equal(hard, scores.argmax(1))
    truth = torch.from_numpy(experiment.images.train_labels[rows])
    assert figures["label_accuracy"] == (hard == truth).double().mean()
    # The labels are what the surrogate says, and it was scored on the same images.
    teacher = record(experiment.folder / f"{SURROGATE.name}.json")
    assert record(file)["result"]["label_accuracy"] == teacher["result"]["train_accuracy"]
    assert len(set(hard.tolist())) > 3
    soft_ones = replace(TINY, labels="soft")
    experiment = replace(
        experiment, settings=soft_ones, folder=experiment.folder / "soft", teachers=experiment
    )
    soft, _ = experiment._labels(S2T)
    np.testing.assert_allclose(soft.sum(1).numpy(), 1, rtol=1e-5)
    assert torch.equal(soft.argmax(1), hard)


def test_the_record(experiment):
    content = record(experiment.perform(SURROGATE))
    assert content["run"] == {
        "name": SURROGATE.name, "kind": "surrogate", "seed": 3, "channels": [8, 16, 32]
    }  # fmt: skip
    assert content["settings"] == json.loads(json.dumps(TINY.as_json()))
    assert content["sources"]["data"] == "scikit-learn digits"
    assert len(content["history"]) == 6
    assert content["result"]["accuracy"] == content["history"][-1]["test_accuracy"]
    assert content["result"]["parameters"] == 10342
    assert content["result"]["peak_memory_bytes"] > 2**20
    assert {"torch", "kdverify"} <= set(content["environment"])
    for epoch in content["history"]:
        assert epoch["images_per_second"] > 0


def test_a_fresh_half_is_disjoint_and_shared_by_the_targets(digits, experiment):
    halves = replace(experiment, settings=replace(TINY, fresh_half=True, train_size=None))
    surrogate, standard, s2t = (halves.rows(run) for run in (SURROGATE, STANDARD, S2T))
    assert not set(surrogate) & set(s2t)
    np.testing.assert_array_equal(standard, s2t)
    assert sorted([*surrogate, *s2t]) == list(range(len(digits.train)))
    other = halves.rows(replace(S2T, seed=4))
    assert set(other) != set(s2t)
    with pytest.raises(ValueError, match="train_size=1000 must be at most 71"):
        replace(halves, settings=replace(TINY, fresh_half=True, train_size=1000)).rows(S2T)


class Stop(Exception):
    pass


def stopping(after: int):
    def progress(name: str, epochs: int):
        def report(epoch: dict) -> None:
            if epoch["epoch"] + 1 == after:
                raise Stop(name)

        return report

    return progress


def test_a_resumed_run_is_the_same_bit_for_bit(experiment, tmp_path):
    whole = replace(experiment, folder=tmp_path / "whole")
    whole.perform(S2T)
    broken = replace(experiment, folder=tmp_path / "broken")
    for run, after in ((SURROGATE, 1), (SURROGATE, 3), (S2T, 1)):
        with pytest.raises(Stop):
            replace(broken, progress=stopping(after)).perform(run)
        assert (broken.folder / f"{run.name}.checkpoint").exists()
        if run is SURROGATE and after == 3:
            broken.perform(run)
    broken.perform(S2T)
    for run in (SURROGATE, S2T):
        same_results(whole.folder, broken.folder, run.name)
    assert not list(broken.folder.glob("*.checkpoint"))


def test_other_seeds_and_kinds_are_other_runs(experiment):
    files = [experiment.perform(run) for run in (STANDARD, replace(STANDARD, seed=4))]
    first, second = (models.load_weights(file.with_suffix(".safetensors")) for file in files)
    assert not torch.equal(first["conv1.weight"], second["conv1.weight"])


def test_a_finished_run_is_not_trained_again(experiment):
    file = experiment.perform(SURROGATE)
    before = file.stat().st_mtime_ns
    replace(experiment, progress=stopping(1)).perform(SURROGATE)
    assert file.stat().st_mtime_ns == before


def test_a_checkpoint_of_other_settings_or_damaged_is_refused(experiment):
    with pytest.raises(Stop):
        replace(experiment, progress=stopping(1)).perform(SURROGATE)
    other = replace(TINY, surrogate=replace(TINY.surrogate, learning_rate=0.03))
    with pytest.raises(ValueError, match="of other settings, data or weights"):
        replace(experiment, settings=other).perform(SURROGATE)
    (experiment.folder / f"{SURROGATE.name}.checkpoint").write_bytes(b"nothing")
    with pytest.raises(ValueError, match=r"checkpoint is damaged .*delete it"):
        experiment.perform(SURROGATE)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"labels": "soft"}, "has labels='hard', this run 'soft'"),
        ({"train_size": 140}, "has train_size=150, this run 140"),
        ({"repeats": 2}, "has repeats=None, this run 2"),
        ({"target": config.Schedule(epochs=9)}, "has target"),
    ],
)
def test_other_settings_in_a_folder_are_refused(change, message, experiment):
    experiment.perform(SURROGATE)
    replace(experiment, settings=replace(TINY, seeds=(8, 9)))
    with pytest.raises(ValueError, match=message):
        replace(experiment, settings=replace(TINY, **change))


def test_damaged_records_and_missing_weights(experiment):
    file = experiment.perform(SURROGATE)
    file.with_suffix(".safetensors").unlink()
    with pytest.raises(ValueError, match="delete the record to train it again"):
        experiment.perform(S2T)
    for text, message in (
        ("{", "damaged"),
        ("[]", "damaged"),
        ('{"schema": 1}', "damaged"),
        (json.dumps(record(file) | {"schema": 0}), "must have schema 1"),
    ):
        file.write_text(text)
        with pytest.raises(ValueError, match=message):
            results.read(experiment.folder)


def test_a_diverging_run_says_so(experiment):
    wild = replace(TINY, surrogate=replace(TINY.surrogate, learning_rate=1e6))
    with pytest.raises(ValueError, match=r"learning_rate=1000000.0 .* must be lower"):
        replace(experiment, settings=wild).perform(SURROGATE)


def test_evaluation(digits):
    class Constant(torch.nn.Module):
        def forward(self, x):
            return torch.log(torch.tensor([[0.5] + [0.5 / 9] * 9])).expand(len(x), 10)

    store = batches.Store(digits.test, torch.from_numpy(digits.test_labels), 0, torch.device("cpu"))
    found = training.measures(training.predictions(Constant(), store), store.labels)
    share = float((digits.test_labels == 0).mean())
    assert found["accuracy"] == pytest.approx(share)
    right, wrong = 0.25 + 9 * (0.5 / 9) ** 2, 0.25 + (1 - 0.5 / 9) ** 2 + 8 * (0.5 / 9) ** 2
    assert found["squared_risk"] == pytest.approx(share * right + (1 - share) * wrong, rel=1e-5)
    entropy = -share * np.log(0.5) - (1 - share) * np.log(0.5 / 9)
    assert found["cross_entropy"] == pytest.approx(entropy, rel=1e-5)


# Fresh images


def test_fresh_images_are_others_and_their_labels_the_surrogates(experiment):
    from experiments.cifar10 import fresh

    settings = fresh.settings_for(TINY, 300, "soft")
    assert (settings.fresh, settings.labels, settings.epochs_per_pass) == (300, "soft", 2)
    students = replace(
        experiment, settings=settings, folder=experiment.folder / "soft-300", teachers=experiment
    )
    base, rows = experiment.rows(S2T), students.rows(S2T)
    assert len(rows) == 300
    assert not set(base) & set(rows)
    np.testing.assert_array_equal(base, students.rows(STANDARD))
    np.testing.assert_array_equal(base, students.rows(SURROGATE))
    for run in (SURROGATE, S2T, STANDARD):
        experiment.perform(run)
    file = students.perform(S2T)
    scores = experiment.scores(SURROGATE, experiment.images.train[rows])
    truth = torch.from_numpy(experiment.images.train_labels[rows])
    accuracy = (scores.argmax(1) == truth).double().mean()
    assert record(file)["result"]["label_accuracy"] == accuracy
    assert not list(students.folder.glob("surrogate*"))
    (row,) = fresh.compare(results.read(experiment.folder), fresh.read(experiment.folder))
    known = {r["run"]["kind"]: r["result"]["accuracy"] for r in results.read(experiment.folder)}
    found = record(file)["result"]["accuracy"]
    assert row["less_base"] == pytest.approx(found - known["s2t"])
    assert row["less_surrogate"] == pytest.approx(found - known["surrogate"])
    assert fresh.markdown(experiment.folder, experiment.folder).count("\n") == 3
    with pytest.raises(ValueError, match="fresh=2000 must be at most"):
        replace(
            students, settings=replace(settings, fresh=2000), folder=students.folder / "more"
        ).rows(S2T)


def test_the_record_knows_each_test_image(experiment):
    content = record(experiment.perform(SURROGATE))
    right = results.right(content)
    assert right.mean() == content["result"]["accuracy"]
    classes = results.predicted_classes(content)
    np.testing.assert_array_equal(classes == experiment.images.test_labels, right)
    scores = experiment.scores(SURROGATE, experiment.images.test)
    np.testing.assert_array_equal(classes, scores.argmax(1))


def test_fixed_images_are_the_same_for_all_seeds_and_nested(experiment):
    settings = replace(TINY, images_seed=0)
    fixed = replace(experiment, settings=settings)
    rows = fixed.rows(S2T)
    np.testing.assert_array_equal(rows, fixed.rows(replace(SURROGATE, seed=9)))
    assert set(rows) != set(experiment.rows(S2T))
    fewer = replace(experiment, settings=replace(settings, train_size=60)).rows(S2T)
    assert len(fewer) == 60
    assert set(fewer) < set(rows)
