"""The neural experiment: settings, schedule, batches, models and weights."""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
import pytest
from cifar10_samples import TINY, torch

from experiments.cifar10 import batches, config, models

pytestmark = pytest.mark.usefixtures("one_thread")


# Settings


def test_the_defaults_are_the_papers():
    paper = config.PRESETS["paper"]
    assert paper == config.Settings()
    assert paper.target == config.Schedule(60, 32, 0.01, 200, 0, 0.9, 5e-4)
    assert paper.surrogate == paper.target
    assert (paper.target_model, paper.labels, paper.train_size) == ("resnet50", "hard", None)
    assert (paper.pad, paper.flip, paper.fresh_half) == (4, True, False)
    assert config.SOURCES["paper"] == ("cifar10", "imagenet")
    fewer = config.PRESETS["paper-2k"]
    changed = {"preset", "seeds", "train_size", "images_seed", "test_each_epoch"}
    mine, theirs = fewer.as_json(), paper.as_json()
    assert {k for k in mine if mine[k] != theirs.get(k)} == changed
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
        (lambda s: s.update({"bn1.weight": torch.zeros(3)}), "must fit small"),
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


@pytest.mark.parametrize(
    ("kernel", "stride", "pad", "size"),
    [(1, 1, 0, 9), (1, 2, 0, 7), (3, 1, 1, 1), (3, 1, 1, 4), (3, 2, 1, 7), (3, 2, 1, 8),
     (3, 1, 1, 9), (2, 1, 0, 3)],
)  # fmt: skip
def test_convolutions_as_products_are_convolutions(kernel, stride, pad, size):
    torch.manual_seed(0)
    plain = torch.nn.Conv2d(5, 7, kernel, stride, pad, dtype=torch.float64)
    other = torch.nn.Sequential(torch.nn.Conv2d(5, 7, kernel, stride, pad, dtype=torch.float64))
    other[0].load_state_dict(plain.state_dict())
    other = models.with_products(other)
    assert type(other[0]) is models.ProductConvolution
    images = torch.randn(3, 5, size, size, dtype=torch.float64)
    expected, found = plain(images), other(images)
    # Sums of 45 products in double precision.
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-13)
    (expected.square().sum() + found.square().sum()).backward()
    torch.testing.assert_close(other[0].weight.grad, plain.weight.grad, rtol=1e-12, atol=1e-12)


def test_other_convolutions_stay():
    grouped = torch.nn.Sequential(
        torch.nn.Conv2d(4, 4, 3, groups=4), torch.nn.Conv2d(4, 4, (1, 3)), torch.nn.ReLU()
    )
    assert {type(m) for m in models.with_products(grouped)} == {torch.nn.Conv2d, torch.nn.ReLU}


# EfficientNet-lite0


def test_lite0_needs_its_packages_file(monkeypatch):
    pytest.importorskip("timm", reason="not run: no extra lite0")
    monkeypatch.setattr(models, "LITE0_SHA256", "0" * 64)
    with pytest.raises(ValueError, match="its checksum differs"):
        models.target("efficientnet-lite0", "imagenet", 10)


def test_lite0_knows_imagenet():
    """Scores of the original architecture (efficientnet-lite-pytorch 0.1.0) for one image."""
    pytest.importorskip("timm", reason="not run: no extra lite0")
    network = models.lite0(1000)
    network.load_state_dict(models.lite0_weights())
    assert {m.momentum for m in network.modules() if isinstance(m, torch.nn.BatchNorm2d)} == {0.1}
    side = torch.linspace(-1, 1, 96)
    image = torch.stack([side[:, None] * side, side[:, None] + side, side[:, None] - side])
    with torch.no_grad():
        scores = network.eval()(image[None])[0]
    largest = scores.topk(4)
    assert largest.indices.tolist() == [818, 782, 644, 885]
    # Float32 through fifty layers: a few times 1e-5 of scores of size one.
    expected = torch.tensor([6.2809, 4.1840, 3.7835, 3.4258])
    torch.testing.assert_close(largest.values, expected, rtol=0, atol=1e-3)
    assert float(scores.norm()) == pytest.approx(35.0597, abs=1e-2)
    # body and head are loaded into a target of ten classes all the same
    body = models.target("efficientnet-lite0", "imagenet", 10).state_dict()
    assert torch.equal(body["conv_stem.weight"], network.state_dict()["conv_stem.weight"])
    assert body["classifier.weight"].shape == (10, 1280)
    assert body["classifier.weight"].abs().max() <= 1280**-0.5


def test_parts_of_a_pass_make_it_whole():
    whole = batches.draws(np.random.SeedSequence(1), 23, 1, True)
    parts = [whole.part(k, 3) for k in range(3)]
    assert [len(part.order) for part in parts] == [7, 8, 8]
    for name in ("order", "top", "left", "flip"):
        assert torch.equal(torch.cat([getattr(p, name) for p in parts]), getattr(whole, name))
