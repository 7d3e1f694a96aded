"""The tangent kernel of a small network, and the network itself on it; digits."""

from __future__ import annotations

import json

import numpy as np
import pytest
from cifar10_samples import torch

from experiments.cifar10 import lazy, lazy_networks, models, tangent
from experiments.cifar10.config import Schedule

pytestmark = pytest.mark.usefixtures("one_thread")
POOL, TEST = 60, 30


@pytest.fixture
def network(tmp_path) -> tangent.ScalarNetwork:
    """`small` with batch norm statistics of some size, and its weights."""
    torch.manual_seed(0)
    made = models.small(2)
    for layer in made.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(layer.running_mean, -0.3, 0.3)
            torch.nn.init.uniform_(layer.running_var, 0.5, 2)
    torch.save(made.state_dict(), tmp_path / "small.pt")
    return tangent.ScalarNetwork("small", str(tmp_path / "small.pt"), 0)


@pytest.fixture
def images(digits) -> np.ndarray:
    return np.concatenate([digits.train[:POOL], digits.test[:TEST]])


@pytest.mark.parametrize("held", [tangent.HELD, 3000])
def test_the_kernel_is_products_of_gradients(network, images, held, monkeypatch):
    """Layers of both kinds; also in blocks that do not fit."""
    monkeypatch.setattr(tangent, "HELD", held)
    monkeypatch.setattr(tangent, "BLOCK", 35)
    monkeypatch.setattr(tangent, "GROUP", 4)
    found = tangent.kernel(network, images)
    rows = tangent.gradients(network, images).astype(float)
    parameters = sum(p.numel() for p in network.body.parameters())
    assert rows.shape == (POOL + TEST, parameters)
    # Float32 gradients: 1e-7 of each, and some 1e4 of them in a sum.
    np.testing.assert_allclose(found, rows @ rows.T, atol=2e-5 * np.diag(found).mean())
    assert tangent.difference(network, images[:5], found[:5, :5]) < 2e-5
    assert tangent.difference(network, images[:5], found[1:6, 1:6]) > 1e-2


def test_pairs_and_gradients_are_the_same_sum():
    generator = torch.Generator().manual_seed(0)
    slopes, patches = (torch.randn(7, 3, k, generator=generator) for k in (4, 5))
    pairs, products = np.zeros((2, 7, 7))
    tangent._add_pairs(pairs, slopes, patches)
    tangent._add_products(products, (slopes.transpose(1, 2) @ patches).flatten(1))
    np.testing.assert_allclose(pairs, products, atol=1e-4)


def test_other_layers_are_refused(network, images):
    network.body[0].groups = 3
    with pytest.raises(ValueError, match="must be a plain convolution or batch norm"):
        tangent._add(np.zeros((2, 2)), network.body[0], None, None)


@pytest.fixture
def pool(network, digits, images) -> lazy.TangentPool:
    classes = np.concatenate([digits.train_labels[:POOL], digits.test_labels[:TEST]])
    names = ("bird", "cat", "deer", "dog", "frog", "a", "b", "c", "d", "e")
    kernel = tangent.kernel(network, images)
    return lazy.TangentPool(kernel, classes, classes[:POOL], names, "digits")


def test_a_lazy_network_is_its_linearisation(network, pool, images, tmp_path, monkeypatch):
    """The larger the head, the less has to move: the difference falls with it."""
    monkeypatch.setattr(lazy_networks, "LEFT", 1e-4)
    inputs, test = (tangent.prepared(part).double() for part in (images[:POOL], images[POOL:]))
    chosen, labels = lazy_networks.sample(lazy_networks.Case("newton", 20, "strong", 0), pool, 15)
    block = pool.kernel[np.ix_(chosen, chosen)]
    linear = pool.kernel[POOL:, chosen] @ np.linalg.solve(block, labels)
    gaps = []
    for factor in (10.0, 1e5):
        other = tangent.ScalarNetwork("small", str(tmp_path / "small.pt"), 0)
        other.head, other.body = other.head.double() * factor, other.body.double()
        student = lazy_networks.Student(other, test)
        trained = student.newton(inputs[chosen], labels, block * factor**2)
        gaps.append(float(np.abs(trained.scores - linear).max()))
    assert trained.residual < lazy_networks.LEFT
    assert gaps[1] < 1e-3 * np.abs(linear).max()
    assert gaps[1] < gaps[0] / 100


def test_records_of_networks(network, pool, images, tmp_path):
    inputs, test = tangent.prepared(images[:POOL]), tangent.prepared(images[POOL:])
    student = lazy_networks.Student(network, test)
    files = []
    for name in lazy_networks.TRAININGS:
        for kind in ("strong", "naive"):
            case = lazy_networks.Case(name, 15, kind, 1)
            given = (case, pool, student, inputs, 15, tmp_path, Schedule(epochs=3))
            file = lazy_networks.perform(*given)
            before = file.stat().st_mtime_ns
            assert lazy_networks.perform(*given).stat().st_mtime_ns == before
            files.append(file)
    records = lazy_networks.read(tmp_path)
    assert len(records) == 4
    for record in records:
        found = record["result"]
        assert 0 < found["moved"] < 1
        assert 0 <= found["accuracy"] <= 1
        case = lazy_networks.Case("newton", 15, record["case"]["labels"], 1)
        chosen, labels = lazy_networks.sample(case, pool, 15)
        weights = np.linalg.solve(pool.kernel[np.ix_(chosen, chosen)], labels)
        expected = lazy_networks.judged(pool, pool.kernel[POOL:, chosen] @ weights)
        assert (found["linearised_error"], found["linearised_accuracy"]) == expected
    # The same again, bit for bit, from a start that other networks have left.
    first = json.loads(files[2].read_text())
    files[2].unlink()
    case = lazy_networks.Case("paper", 15, "strong", 1)
    lazy_networks.perform(case, pool, student, inputs, 15, tmp_path, Schedule(epochs=3))
    again = json.loads(files[2].read_text())
    for name in ("error", "accuracy", "train_residual", "moved"):
        assert first["result"][name] == again["result"][name]


def test_a_network_that_diverges_is_a_record(network, pool, images, tmp_path):
    """It counts, and means are over the others."""
    inputs, test = tangent.prepared(images[:POOL]), tangent.prepared(images[POOL:])
    student = lazy_networks.Student(network, test)
    for repetition, rate in enumerate((1e30, 0.01)):
        case = lazy_networks.Case("paper", 15, "strong", repetition)
        schedule = Schedule(epochs=3, learning_rate=rate)
        lazy_networks.perform(case, pool, student, inputs, 15, tmp_path, schedule)
    records = lazy_networks.read(tmp_path)
    lost, kept = (record["result"] for record in records)
    assert [lost[name] for name in ("error", "accuracy", "train_residual", "moved")] == [None] * 4
    (row,) = lazy_networks.compare(records, [])
    assert (row["repetitions"], row["diverged"], row["error"]) == (2, 1, kept["error"])
    assert "| 2, 1 diverged |" in lazy_networks.markdown([row])


def test_labels_of_a_surrogate(digits, tmp_path):
    from safetensors.torch import save_file

    torch.manual_seed(2)
    network = models.surrogate((4, 8, 16), (3, 8, 8), 10)
    save_file(network.state_dict(), tmp_path / "s.safetensors")
    found = tangent.surrogate_labels(tmp_path / "s.safetensors", digits.test, 10)
    with torch.no_grad():
        expected = network(tangent.prepared(digits.test)).argmax(1)
    np.testing.assert_array_equal(found, expected)
    save_file({"0.weight": torch.zeros(2)}, tmp_path / "s.safetensors")
    with pytest.raises(ValueError, match="must be a surrogate's weights"):
        tangent.surrogate_labels(tmp_path / "s.safetensors", digits.test, 10)


def test_the_commands(network, tmp_path, monkeypatch, capsys):
    import sys

    from kdverify.cli import run_app

    monkeypatch.setattr(lazy, "ANIMALS", ("0", "1", "2", "3", "4"))

    def run(module, *arguments):
        monkeypatch.setattr(sys, "argv", ["x", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            run_app(module.app, "x")
        return ended.value.code, capsys.readouterr()

    kernel, weights = tmp_path / "k.npz", tmp_path / "small.pt"
    shared = ("--data", "digits", "--weights", weights, "--model", "small", "--threads", 1)
    sizes = ("--pool", 50, "--test", 20, "--skip", 0)
    code, output = run(tangent, "--out", kernel, *shared, *sizes)
    assert not code, output.err
    assert "50 images" not in output.out
    assert "70 images, difference from automatic differentiation" in output.out
    arguments = ("--kernel", kernel, "--out", tmp_path / "runs", *shared, "-n", 10, "-m", 12)
    code, output = run(lazy_networks, *arguments, "--repetitions", 1, "--epochs", 2)
    assert not code, output.err
    assert len(lazy_networks.read(tmp_path / "runs")) == 2 * len(lazy.GIVEN)
    code, output = run(lazy_networks, *arguments, "--training", "guess")
    assert code == 2
    assert "training='guess' must be one of" in output.err
    code, output = run(tangent, "--out", kernel, *shared, "--pool", 5000)
    assert code == 2
    assert "pool=5000 must be at most" in output.err
