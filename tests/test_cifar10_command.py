"""The neural experiment from the command line, its figure and its features."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest
from cifar10_samples import (
    ROOT,
    S2T,
    STANDARD,
    SURROGATE,
    TINY,
    command,
    record,
    same_results,
    torch,
)
from command_line import HANGS

from experiments.cifar10 import batches, config, models, training
from experiments.cifar10 import run as running
from kdverify import images

pytestmark = pytest.mark.usefixtures("one_thread")


# The command line


def test_kill_and_resume(tmp_path):
    arguments = ["--preset", "smoke", "--seed", "0", "--only", "surrogate-4", "--threads", "1"]
    killed = command(*arguments, "--out", str(tmp_path / "killed"))
    try:
        checkpoint = tmp_path / "killed" / "surrogate-4-8-16-seed0.checkpoint"
        end = time.monotonic() + HANGS
        while not checkpoint.exists() and killed.poll() is None and time.monotonic() < end:
            time.sleep(0.002)
    finally:
        killed.send_signal(signal.SIGKILL)
        killed.communicate()
    assert killed.returncode == -signal.SIGKILL
    assert checkpoint.exists()
    assert not checkpoint.with_suffix(".json").exists()
    settings = replace(config.PRESETS["smoke"], seeds=(0,))
    machine = running.machine(config.Place("cpu"))
    for folder in ("killed", "whole"):
        experiment = running.Experiment(
            settings, images.load("digits"), "none", tmp_path / folder, machine
        )
        experiment.perform(config.Run("surrogate", 0, (4, 8, 16)))
    same_results(tmp_path / "killed", tmp_path / "whole", "surrogate-4-8-16-seed0")


def test_two_processes_share_a_training(tmp_path):
    """Data-parallel through gloo; the sums of both shares make the same epoch."""
    both = command(
        "--preset", "smoke", "--seed", "0", "--only", "surrogate-4", "--threads", "1",
        "--device", "cpu", "--processes", "2", "--out", str(tmp_path),
    )  # fmt: skip
    output, error = both.communicate(timeout=HANGS)
    assert both.returncode == 0, error
    content = record(tmp_path / "surrogate-4-8-16-seed0.json")
    assert content["sources"]["processes"] == 2
    alone = replace(config.PRESETS["smoke"], seeds=(0,))
    experiment = running.Experiment(
        alone,
        images.load("digits"),
        "none",
        tmp_path / "alone",
        running.machine(config.Place("cpu")),
    )
    expected = record(experiment.perform(config.Run("surrogate", 0, (4, 8, 16))))
    # No batch normalisation in a surrogate: the first epoch differs by rounding only, which the
    # steps of SGD amplify little; both last batches are of 24 images, shared evenly.
    first, reference = content["history"][0], expected["history"][0]
    assert first["train_loss"] == pytest.approx(reference["train_loss"], rel=1e-4)
    assert output.count("surrogate-4-8-16-seed0.json\n") == 1
    assert error.count("epoch 1/8") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--preset", "tiny"], "preset='tiny' must be one of"),
        (["--labels", "firm"], "labels='firm' must be one of"),
        (["--seed", "-1"], "seed=-1 must be at least 0"),
        (["--only", "vgg"], "only=vgg must be part of the name of a run"),
        (["--processes", "0"], "processes=0 must be at least 1"),
        (["--device", "tpu"], "device='tpu' must be one of"),
        (["--target-epochs", "0"], "epochs=0 must be at least 1"),
        (["--target", "vgg"], "target_model='vgg' must be one of"),
        (["--precision", "half"], "precision='half' must be one of"),
        (["--data", "nowhere.npz"], "data='nowhere.npz' must be an existing file"),
        (["--weights", "nowhere.pth"], "weights='nowhere.pth' must be an existing file"),
        (["--plot-only"], "must hold at least one finished run"),
        (["--nonsense"], "No such option"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(arguments, message, tmp_path, monkeypatch, capsys):
    from experiments.cifar10.__main__ import app
    from kdverify.cli import run_app

    preset = [] if "--preset" in arguments else ["--preset", "smoke"]
    out = ["--out", str(tmp_path / "out")]
    monkeypatch.setattr(sys, "argv", ["cifar10", *preset, *out, *arguments])
    with pytest.raises(SystemExit) as ended:
        run_app(app, "cifar10")
    assert ended.value.code == 2
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error
    assert message == "No such option" or error.count("\n") == 1


def test_fewer_epochs_are_the_targets_alone(tmp_path):
    done = command(
        "--preset", "smoke", "--seed", "0", "--threads", "1", "--device", "cpu",
        "--train-size", "40", "--target-epochs", "1", "--out", str(tmp_path),
        "--only", "s2t-4", "--only", "surrogate-4",
    )  # fmt: skip
    _, error = done.communicate(timeout=HANGS)
    assert done.returncode == 0, error
    epochs = {kind: len(record(tmp_path / f"{kind}-4-8-16-seed0.json")["history"])
              for kind in ("surrogate", "s2t")}  # fmt: skip
    assert epochs == {"surrogate": 8, "s2t": 1}


def test_an_interrupt_ends_with_130(monkeypatch, capsys, tmp_path):
    from experiments.cifar10 import __main__ as line
    from kdverify.cli import run_app

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(running.Experiment, "perform", interrupted)
    monkeypatch.setattr(sys, "argv", ["cifar10", "--preset", "smoke", "--out", str(tmp_path)])
    with pytest.raises(SystemExit) as ended:
        run_app(line.app, "cifar10")
    assert ended.value.code == 130
    assert capsys.readouterr().err == "cifar10: interrupted\n"


@pytest.mark.parametrize(
    "module",
    [
        "",
        ".features",
        ".orderings",
        ".series",
        ".scaling",
        ".linear",
        ".heads",
        ".fresh",
        ".tangent",
        ".lazy",
        ".lazy_networks",
        ".lazy_figure",
    ],
)
def test_help_needs_no_torch(module):
    code = (
        "import runpy, sys\n"
        "sys.argv = ['x', '--help']\n"
        "try:\n"
        f"    runpy.run_module('experiments.cifar10{module}', run_name='__main__')\n"
        "except SystemExit as end:\n"
        "    assert end.code == 0, end.code\n"
        "assert not {'torch', 'sklearn', 'matplotlib', 'scipy'} & set(sys.modules)\n"
    )
    finished = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr
    assert "Usage" in finished.stdout


# The figure and the features


def test_the_figure_of_a_directory(experiment):
    from experiments.cifar10 import figure

    for run in config.runs(replace(TINY, seeds=(0, 1))):
        experiment.perform(run)
    png, svg, data = figure.draw(experiment.folder)
    assert png.read_bytes().startswith(b"\x89PNG")
    text = svg.read_text()
    content = record(data)
    caption = content["settings"]["caption"]
    for said in ("small", "weights none", "8x8 pixels", "150 train images", "hard labels", "batch"):
        assert said in caption
    assert "<svg" in text
    rows = {row["kind"]: row for row in content["rows"]}
    assert set(rows) == {"surrogate", "standard", "s2t"}
    values = [
        record(experiment.folder / f"standard-seed{seed}.json")["result"]["accuracy"]
        for seed in (0, 1)
    ]
    assert rows["standard"]["accuracy"] == values
    assert rows["standard"]["mean"] == pytest.approx(np.mean(values))
    # Two values: half the difference times t = 12.706 over sqrt(2) times sqrt(2).
    half = 12.7062047 * abs(values[0] - values[1]) / 2
    assert rows["standard"]["interval_half_width"] == pytest.approx(half, rel=1e-6)


def test_features(digits, tmp_path):
    from experiments.cifar10 import features

    torch.manual_seed(1)
    network = models.target("small", "none", 10)
    torch.save(network.state_dict(), tmp_path / "w.pth")
    file = tmp_path / "f.npz"
    features.extract(digits, str(tmp_path / "w.pth"), file, "small", 50, "cpu", 7)
    with np.load(file) as found:
        assert found["train"].shape == (50, 32)
        assert found["train"].dtype == np.float32
        np.testing.assert_array_equal(found["test_labels"], digits.test_labels)
        rows = found["train_rows"]
        np.testing.assert_array_equal(found["train_labels"], digits.train_labels[rows])
        store = batches.Store(digits.train[rows], torch.zeros(50), 0, torch.device("cpu"))
        expected = training.predictions(network, store)
        with torch.no_grad():
            scores = network.fc(torch.from_numpy(found["train"]))
        # The same network in other batches: float32 rounding of numbers of order one.
        np.testing.assert_allclose(scores.numpy(), expected.numpy(), atol=1e-4)
    assert {p.name for p in tmp_path.iterdir()} == {"w.pth", "f.npz"}
    with pytest.raises(ValueError, match="train_size=5000 must be at most 1437"):
        features.extract(digits, "none", file, "small", 5000)


def test_networks_on_the_labels_of_heads(digits, tmp_path):
    from experiments.cifar10 import features, heads, population

    file = tmp_path / "f.npz"
    torch.manual_seed(0)
    features.extract(digits, "none", file, "small", 400)
    people = population.from_file(file)
    with np.load(file) as content:
        rows, truth = content["train_rows"], content["train_labels"]
    # Fewer images than features: else the best mask keeps all.
    chosen, by_kind = heads.labels(people, truth, 40, 20, 0)
    assert tuple(by_kind) == heads.KINDS
    assert chosen.min() >= people.half
    assert len(set(chosen)) == 20
    np.testing.assert_array_equal(by_kind["head-strong"], digits.train_labels[rows[chosen]])
    assert (by_kind["head-naive"] != by_kind["head-masked"]).any()
    experiment = running.Experiment(
        replace(TINY, train_size=20), digits, "none", tmp_path / "out",
        running.machine(config.Place("cpu")),
    )  # fmt: skip
    files = heads.perform(experiment, people, rows, truth, 40, 20, 0)
    assert [record(f)["run"]["kind"] for f in files] == list(heads.KINDS)
    accuracies = [record(f)["result"]["label_accuracy"] for f in files]
    assert accuracies[0] == 1
    for kind, share in zip(heads.KINDS, accuracies, strict=True):
        assert share == (by_kind[kind] == by_kind["head-strong"]).mean()
    text = heads.report(tmp_path / "out")
    assert text.count("1 seeds") == 4
    assert "less naive +0.0000" in text
    with pytest.raises(ValueError, match="n=500 must be at most 200"):
        heads.labels(people, truth, 30, 500, 0)


def test_surrogates_of_another_directory_teach_smaller_targets(digits, tmp_path):
    """The plan of `scaling`: one surrogate, targets on n images of the other half."""
    from experiments.cifar10 import scaling

    machine = running.machine(config.Place("cpu"))
    base = replace(TINY, fresh_half=True, train_size=None)
    teachers = running.Experiment(base, digits, "none", tmp_path / "surrogates", machine)
    for size in (60, 120):
        settings = scaling.settings_for(replace(base, target=TINY.target), size, 240)
        students = replace(
            teachers, settings=settings, folder=tmp_path / f"n-{size}", teachers=teachers
        )
        content = record(students.perform(S2T))
        students.perform(STANDARD)
        assert content["settings"]["repeats"] == 240 // size
        assert not set(students.rows(S2T)) & set(teachers.rows(SURROGATE))
    assert [f.name for f in (tmp_path / "surrogates").glob("*.json")] == [f"{SURROGATE.name}.json"]
    assert "undecided: fewer than 3 seeds" in scaling.report(tmp_path)


def test_heads_resume_and_refuse_other_images(digits, tmp_path, monkeypatch, capsys):
    """The second call finds the records of the first, with its passes through the images."""
    from experiments.cifar10 import features, heads
    from kdverify.cli import run_app

    file, out = tmp_path / "f.npz", tmp_path / "out"
    torch.manual_seed(0)
    features.extract(digits, "none", file, "small", 400)
    arguments = [
        "heads", "--features", str(file), "--preset", "smoke", "--data", "digits", "-m", "40",
        "-n", "50", "--seed", "0", "--epoch-images", "100", "--device", "cpu", "--out", str(out),
    ]  # fmt: skip
    seconds = []
    for _ in range(2):
        monkeypatch.setattr(sys, "argv", arguments)
        with pytest.raises(SystemExit) as ended:
            run_app(heads.app, "heads")
        assert ended.value.code == 0
        content = record(out / "head-masked-seed0.json")
        assert content["settings"]["repeats"] == 2
        tested = ["test_accuracy" in epoch for epoch in content["history"]]
        assert tested == [False, False, False, True]
        seconds.append(content["history"][0]["seconds"])
    assert seconds[0] == seconds[1]
    capsys.readouterr()
    with np.load(file) as content:
        parts = dict(content)
    np.savez(file, **(parts | {"train_rows": parts["train_rows"] + 2000}))
    monkeypatch.setattr(sys, "argv", arguments)
    with pytest.raises(SystemExit) as ended:
        run_app(heads.app, "heads")
    assert ended.value.code == 2
    assert "data='digits' must be the images of the features" in capsys.readouterr().err


def test_bf16_trains_to_within_its_rounding(digits, tmp_path):
    """Products are rounded to 8 bits: the first loss differs by less than a few of 2^-8."""
    losses = {}
    for precision in ("float32", "bf16"):
        machine = running.machine(config.Place("cpu", precision))
        experiment = running.Experiment(TINY, digits, "none", tmp_path / precision, machine)
        content = record(experiment.perform(SURROGATE))
        assert content["sources"]["precision"] == precision
        losses[precision] = content["history"][0]["train_loss"]
    assert losses["bf16"] != losses["float32"]
    assert losses["bf16"] == pytest.approx(losses["float32"], rel=4 / 256)
    weights = models.load_weights(tmp_path / "bf16" / f"{SURROGATE.name}.safetensors")
    assert all(value.dtype == torch.float32 for value in weights.values())


def test_the_machine():
    assert running.machine(config.Place("cpu")).precision == "float32"
    with pytest.raises(ValueError, match="precision='half' must be one of"):
        running.machine(config.Place("cpu", "half"))
    assert running.available_device("auto") in ("cuda", "mps", "cpu")
    missing = "cuda" if torch.backends.mps.is_available() else "mps"
    with pytest.raises(ValueError, match=f"device={missing} must be available"):
        running.machine(config.Place(missing))
