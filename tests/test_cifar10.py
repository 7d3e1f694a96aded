"""The neural experiment: batches, schedule, models, resume, errors; small models on digits."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("torchvision")
pytest.importorskip("lightning_fabric")
pytest.importorskip("sklearn")

from experiments.cifar10 import batches, config, models, results, training  # noqa: E402
from experiments.cifar10 import run as running  # noqa: E402
from kdverify import images  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
TINY = replace(
    config.PRESETS["smoke"],
    target=config.Schedule(epochs=2, batch=32, learning_rate=0.05, t_max=7, warmup_epochs=1),
    surrogate=config.Schedule(epochs=6, batch=16, learning_rate=0.08, t_max=20, warmup_epochs=1),
    surrogates=((8, 16, 32),),
    train_size=150,
)
SURROGATE, STANDARD, S2T = list(config.runs(replace(TINY, seeds=(3,))))


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def digits():
    return images.load("digits")


@pytest.fixture
def experiment(digits, tmp_path):
    return running.Experiment(TINY, digits, "none", tmp_path, running.machine("cpu", False))


def record(file: Path) -> dict:
    return json.loads(file.read_text())


def command(*arguments: str, **options) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "experiments.cifar10", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        **options,
    )


# Settings


def test_the_defaults_are_the_papers():
    paper = config.PRESETS["paper"]
    assert paper == config.Settings()
    assert paper.target == config.Schedule(60, 32, 0.01, 200, 0, 0.9, 5e-4)
    assert paper.surrogate == paper.target
    assert (paper.target_model, paper.labels, paper.train_size) == ("resnet50", "hard", None)
    assert (paper.pad, paper.flip, paper.fresh_half) == (4, True, False)
    assert config.SOURCES["paper"] == ("cifar10", "imagenet")
    assert [run.name for run in config.runs(replace(paper, seeds=(7,)))] == [
        "surrogate-16-32-64-seed7",
        "surrogate-8-16-32-seed7",
        "surrogate-4-8-16-seed7",
        "standard-seed7",
        "s2t-16-32-64-seed7",
        "s2t-8-16-32-seed7",
        "s2t-4-8-16-seed7",
    ]


def test_later_settings_leave_older_records_as_they_were():
    plain = config.Settings().as_json()
    assert not set(config.LATER) & set(plain)
    assert config.Settings(repeats=3).as_json() == plain | {"repeats": 3}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"labels": "firm"}, "labels='firm' must be one of"),
        ({"target_model": "vgg"}, "target_model='vgg' must be one of"),
        ({"seeds": ()}, "must name at least one seed"),
        ({"seeds": (1, 1)}, "must not repeat a seed"),
        ({"seeds": (-1,)}, "seed=-1 must be at least 0"),
        ({"train_size": 3}, "train_size=3 must be at least 10"),
        ({"repeats": 0}, "repeats=0 must be at least 1"),
        ({"resolution": 4}, "resolution=4 must be at least 8"),
        ({"target": config.Schedule(batch=1)}, "batch=1 must be at least 2"),
        ({"surrogate": config.Schedule(epochs=0)}, "epochs=0 must be at least 1"),
        ({"target": config.Schedule(learning_rate=0)}, "learning_rate=0 must be"),
    ],
)
def test_bad_settings(change, message):
    with pytest.raises(ValueError, match=message):
        replace(TINY, **change).checked()


@pytest.mark.parametrize("t_max", [20, 200])
def test_the_learning_rate_is_torchs_cosine_annealing(t_max):
    schedule = config.Schedule(epochs=60, learning_rate=0.01, t_max=t_max)
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.01)
    annealing = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, t_max)
    for epoch in range(min(60, t_max + 1)):
        for fraction in (0.01, 1.0):
            # The recursion of torch rounds some 10 times a step: 60 steps, far below 1e-12.
            assert schedule.rate(epoch, fraction) == pytest.approx(
                optimizer.param_groups[0]["lr"], rel=1e-12, abs=1e-14
            )
        optimizer.step()
        annealing.step()


def test_warm_up_rises_linearly_to_the_rate():
    schedule = config.Schedule(learning_rate=0.08, t_max=20, warmup_epochs=2)
    assert schedule.rate(0, 0.5) == pytest.approx(0.02)
    assert schedule.rate(1, 1.0) == pytest.approx(0.08)
    assert schedule.rate(2, 0.0) == schedule.rate(2, 1.0) < 0.08


# Batches


def reference(image: np.ndarray, top: int, left: int, flip: bool, pad: int) -> np.ndarray:
    """Crop, flip and scale of one image, step by step."""
    height, width, _ = image.shape
    bordered = np.zeros((height + 2 * pad, width + 2 * pad, 3))
    bordered[pad : pad + height, pad : pad + width] = image
    crop = bordered[top : top + height, left : left + width]
    crop = crop[:, ::-1] if flip else crop
    return ((crop / 255 - batches.MEAN) / batches.STD).transpose(2, 0, 1)


@pytest.mark.parametrize(("channels", "pad", "repeats"), [(3, 4, 1), (1, 2, 1), (3, 1, 3)])
def test_crops_and_flips_are_those_of_one_image_at_a_time(channels, pad, repeats):
    generator = np.random.default_rng(0)
    pixels = generator.integers(0, 256, (11, 10, 9, channels), dtype=np.uint8)
    store = batches.Store(pixels, torch.arange(11), pad, torch.device("cpu"))
    chosen = batches.draws(np.random.SeedSequence(5), 11, pad, True, repeats)
    seen = 0
    for found, labels in store.augmented(chosen, 4):
        assert found.is_contiguous(memory_format=torch.channels_last)
        for image, label in zip(found, labels, strict=True):
            place = int(chosen.order[seen])
            assert label == place
            expected = reference(
                np.broadcast_to(pixels[place], (10, 9, 3)),
                int(chosen.top[seen]),
                int(chosen.left[seen]),
                bool(chosen.flip[seen]),
                pad,
            )
            # float32 of numbers below 10: a few units in the last place.
            np.testing.assert_allclose(image.numpy(), expected, atol=4e-6)
            seen += 1
    assert seen in (11 * repeats, 11 * repeats - 1)


def test_the_plain_images_are_scaled_only(digits):
    store = batches.Store(digits.test[:5], torch.zeros(5), 4, torch.device("cpu"))
    ((found, _),) = store.plain(8)
    for image, pixels in zip(found, digits.test, strict=False):
        expected = reference(np.broadcast_to(pixels, (8, 8, 3)), 4, 4, False, 4)
        np.testing.assert_allclose(image.numpy(), expected, atol=4e-6)


def test_crops_and_flips_are_uniform_and_every_image_comes_once():
    pad, count, epochs = 2, 400, 50
    corners = np.zeros((2 * pad + 1, 2 * pad + 1))
    flips = 0
    for epoch in range(epochs):
        chosen = batches.draws(np.random.SeedSequence([1, epoch]), count, pad, True)
        assert sorted(chosen.order.tolist()) == list(range(count))
        np.add.at(corners, (chosen.top.numpy(), chosen.left.numpy()), 1)
        flips += int(chosen.flip.sum())
    total = count * epochs
    cells = corners.size
    chi_square = float(((corners - total / cells) ** 2).sum() / (total / cells))
    from scipy import stats

    # A false alarm once in 10^6 seeds each; the seed is fixed.
    assert chi_square < stats.chi2.isf(1e-6, cells - 1)
    assert abs(flips - total / 2) < 4.9 * np.sqrt(total / 4)


def test_processes_share_a_batch_without_overlap():
    pixels = np.zeros((23, 8, 8, 1), np.uint8)
    store = batches.Store(pixels, torch.arange(23), 1, torch.device("cpu"))
    chosen = batches.draws(np.random.SeedSequence(0), 23, 1, False)
    whole = [labels.tolist() for _, labels in store.augmented(chosen, 8)]
    parts = [[y.tolist() for _, y in store.augmented(chosen, 8, rank, 2)] for rank in range(2)]
    for batch, first, second in zip(whole, *parts, strict=True):
        assert sorted(batch) == sorted(first + second)
        assert abs(len(first) - len(second)) <= 1


@pytest.mark.parametrize(("count", "world", "left_out"), [(17, 1, 1), (18, 1, 0), (19, 2, 3)])
def test_a_rest_too_small_for_batch_normalisation_is_left_out(count, world, left_out):
    store = batches.Store(
        np.zeros((count, 8, 8, 1), np.uint8), torch.arange(count), 0, torch.device("cpu")
    )
    chosen = batches.draws(np.random.SeedSequence(0), count, 0, False)
    seen = sum(
        len(labels)
        for rank in range(world)
        for _, labels in store.augmented(chosen, 16, rank, world)
    )
    assert seen == count - left_out


def test_resolution_enlarges():
    store = batches.Store(
        np.full((2, 8, 8, 1), 255, np.uint8), torch.zeros(2), 0, torch.device("cpu"), 20
    )
    ((found, _),) = store.plain(4)
    assert found.shape == (2, 3, 20, 20)
    np.testing.assert_allclose(found[0, 0].numpy(), (1 - 0.485) / 0.229, rtol=1e-5)


# Models and weights


@pytest.mark.parametrize(
    ("channels", "parameters"),
    [((16, 32, 64), 127_094), ((8, 16, 32), 58_342), ((4, 8, 16), 28_286)],
)
def test_parameters_of_the_surrogates(channels, parameters):
    network = models.surrogate(channels, (3, 32, 32), 10)
    assert sum(p.numel() for p in network.parameters()) == parameters
    assert network(torch.zeros(2, 3, 32, 32)).shape == (2, 10)


def test_small_images_are_refused():
    with pytest.raises(ValueError, match="at least 8 pixels"):
        models.surrogate((4, 8, 16), (3, 7, 9), 10)


@pytest.mark.parametrize("ending", ["safetensors", "pth", "pt"])
def test_weights_from_a_file_with_another_head(ending, tmp_path):
    from safetensors.torch import save_file

    torch.manual_seed(0)
    state = models.target("small", "none", 7).state_dict()
    file = tmp_path / f"x.{ending}"
    if ending == "safetensors":
        save_file({k: v.half() if v.is_floating_point() else v for k, v in state.items()}, file)
    else:
        torch.save(state, file)
    found = models.target("small", str(file), 10).state_dict()
    assert found["fc.weight"].shape == (10, 32)
    for name, value in state.items():
        if not name.startswith("fc."):
            expected = value.half() if ending == "safetensors" else value
            assert torch.equal(found[name], expected.to(value.dtype))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s.pop("conv1.weight"), "entries do not fit, as conv1.weight"),
        (lambda s: s.update({"extra": torch.zeros(1)}), "entries do not fit, as extra"),
        (lambda s: s.update({"bn1.weight": torch.zeros(3)}), "must fit torchvision's small"),
    ],
)
def test_weights_that_do_not_fit(change, message, tmp_path):
    state = dict(models.target("small", "none", 10).state_dict())
    change(state)
    torch.save(state, tmp_path / "x.pt")
    with pytest.raises(ValueError, match=message):
        models.target("small", str(tmp_path / "x.pt"), 10)


@pytest.mark.parametrize("ending", ["safetensors", "pt"])
def test_damaged_weights(ending, tmp_path):
    file = tmp_path / f"x.{ending}"
    file.write_bytes(b"\x00\x01 no weights")
    with pytest.raises(ValueError, match="damaged or of another kind"):
        models.load_weights(file)


def test_weights_cannot_run_code(tmp_path):
    class Evil:
        def __reduce__(self):
            return (os.system, ("touch " + str(tmp_path / "ran"),))

    torch.save({"a": Evil()}, tmp_path / "x.pt")
    with pytest.raises(ValueError, match="damaged or of another kind"):
        models.load_weights(tmp_path / "x.pt")
    assert not (tmp_path / "ran").exists()


def test_imagenet_weights_that_cannot_be_had(monkeypatch):
    def unreachable(*_, **__):
        raise OSError("no route to host")

    from torchvision.models import _api

    monkeypatch.setattr(_api, "load_state_dict_from_url", unreachable)
    with pytest.raises(ValueError, match=r"could not be downloaded \(no route.*--weights FILE"):
        models.target("resnet18", "imagenet", 10)


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


def timeless(history: list[dict]) -> list[dict]:
    return [
        {k: v for k, v in e.items() if k not in ("seconds", "images_per_second")} for e in history
    ]


def same_results(first: Path, second: Path, name: str) -> None:
    one, two = (models.load_weights(folder / f"{name}.safetensors") for folder in (first, second))
    assert one.keys() == two.keys()
    assert all(torch.equal(one[key], two[key]) for key in one)
    old, new = (record(folder / f"{name}.json") for folder in (first, second))
    assert timeless(old["history"]) == timeless(new["history"])
    assert old["result"].keys() == new["result"].keys()


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
    found = training.evaluate(Constant(), store)
    share = float((digits.test_labels == 0).mean())
    assert found["accuracy"] == pytest.approx(share)
    right, wrong = 0.25 + 9 * (0.5 / 9) ** 2, 0.25 + (1 - 0.5 / 9) ** 2 + 8 * (0.5 / 9) ** 2
    assert found["squared_risk"] == pytest.approx(share * right + (1 - share) * wrong, rel=1e-5)
    entropy = -share * np.log(0.5) - (1 - share) * np.log(0.5 / 9)
    assert found["cross_entropy"] == pytest.approx(entropy, rel=1e-5)


# The command line


def test_kill_and_resume(tmp_path):
    arguments = ["--preset", "smoke", "--seed", "0", "--only", "surrogate-4", "--threads", "1"]
    killed = command(*arguments, "--out", str(tmp_path / "killed"))
    try:
        checkpoint = tmp_path / "killed" / "surrogate-4-8-16-seed0.checkpoint"
        end = time.monotonic() + 120
        while not checkpoint.exists() and killed.poll() is None and time.monotonic() < end:
            time.sleep(0.002)
    finally:
        killed.send_signal(signal.SIGKILL)
        killed.communicate()
    assert killed.returncode == -signal.SIGKILL
    assert checkpoint.exists()
    assert not checkpoint.with_suffix(".json").exists()
    settings = replace(config.PRESETS["smoke"], seeds=(0,))
    machine = running.machine("cpu", False)
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
    output, error = both.communicate(timeout=300)
    assert both.returncode == 0, error
    content = record(tmp_path / "surrogate-4-8-16-seed0.json")
    assert content["sources"]["processes"] == 2
    alone = replace(config.PRESETS["smoke"], seeds=(0,))
    experiment = running.Experiment(
        alone, images.load("digits"), "none", tmp_path / "alone", running.machine("cpu", False)
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


@pytest.mark.parametrize("module", ["", ".features", ".orderings", ".scaling", ".linear", ".heads"])
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
    from experiments.cifar10 import features, heads, linear

    file = tmp_path / "f.npz"
    torch.manual_seed(0)
    features.extract(digits, "none", file, "small", 400)
    people = linear.from_file(file)
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
        running.machine("cpu", False),
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

    machine = running.machine("cpu", False)
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


def test_the_machine():
    assert running.available_device("auto") in ("cuda", "mps", "cpu")
    missing = "cuda" if torch.backends.mps.is_available() else "mps"
    with pytest.raises(ValueError, match=f"device={missing} must be available"):
        running.machine(missing, False)
