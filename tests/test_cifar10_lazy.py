"""Students on a tangent kernel, predicted and measured; made-up kernels, no torch."""

from __future__ import annotations

import json

import numpy as np
import pytest

import kdverify as kd
from experiments.cifar10 import lazy
from kdverify.seeds import stream

NAMES = ("bird", "ship", "cat")


def made_up(size=400, test=300, width=1500, seed=0) -> lazy.TangentPool:
    """Rows with a power law, more columns than rows, and three classes by a noisy linear rule."""
    generator = np.random.default_rng(seed)
    scale = np.arange(1, width + 1) ** -0.6
    features = generator.standard_normal((size + test, width)) * scale
    scores = features @ generator.standard_normal((width, 3))
    scores += 0.5 * scores.std() * generator.standard_normal(scores.shape)
    said = (scores + scores.std() * generator.standard_normal(scores.shape)).argmax(axis=1)
    return lazy.TangentPool(
        features @ features.T, scores.argmax(axis=1), said[:size], NAMES, "made up"
    )


def test_modes_hold_the_kernel():
    pool = made_up()
    values, coordinates, test = pool.modes
    np.testing.assert_allclose(coordinates @ coordinates.T, pool.kernel[:400, :400], atol=1e-8)
    np.testing.assert_allclose(test @ coordinates.T, pool.kernel[400:, :400], atol=1e-7)
    np.testing.assert_allclose(coordinates.T @ coordinates / 400, np.diag(values), atol=1e-8)


def labels_of(pool, outputs):
    """Kind -> labels of the pool's images, the mean of the true ones taken off."""
    lesson = kd.teachers.Classroom(pool.question(outputs)).lesson(10, 0.0)
    return {kind: lesson.labels(pool.teachers(outputs, 20)[kind]) for kind in lazy.GIVEN}


def test_labels():
    pool = made_up()
    ten, two = labels_of(pool, "ten"), labels_of(pool, "two")
    np.testing.assert_allclose(ten["strong"].mean(axis=0), 0, atol=1e-12)
    for name in lazy.GIVEN:
        plain = two[name][:, 0] + pool.question("two").level
        assert set(np.round(plain, 9)) == {-1.0, 1.0}
        said = (ten[name] + pool.question("ten").level).argmax(axis=1)
        np.testing.assert_array_equal(plain > 0, said != 1)
    share = (pool.wrong() != pool.classes[:400]).mean()
    # 400 independent draws of probability 0.2: five standard deviations.
    assert abs(share - lazy.WRONG) < 5 * np.sqrt(0.16 / 400)


@pytest.mark.parametrize("outputs", lazy.OUTPUTS)
def test_measured_students_are_linearised_networks(outputs):
    """On the kernel itself; the images of teacher and student are different ones each."""
    pool, n, m, ridges = made_up(), 60, 50, (0.0, 0.3)
    found = lazy.compare(pool, outputs, [n], m, 2, ridges)
    question, labels = pool.question(outputs), labels_of(pool, outputs)
    held, truth = question.held_out, pool.labels(pool.classes, outputs)
    for ridge in ridges:
        errors, right = {}, {}
        for repetition in range(2):
            generator = stream(0, "distinct draws from the kernel", n, m, repetition)
            own, chosen = generator.permutation(400)[:m], generator.permutation(400)[:n]
            block = pool.kernel[np.ix_(own, own)]
            taught = pool.kernel[:400, own] @ np.linalg.solve(block, labels["strong"][own])
            for kind in (*lazy.GIVEN, "naive"):
                given = taught if kind == "naive" else labels[kind]
                block = pool.kernel[np.ix_(chosen, chosen)] + ridge * pool.scale * np.eye(n)
                scores = pool.kernel[400:, chosen] @ np.linalg.solve(block, given[chosen])
                gap = scores + question.level - truth[400:]
                errors.setdefault(kind, []).append(np.square(gap).sum(axis=1).mean())
                right.setdefault(kind, []).append((question.named(scores) == held.classes).mean())
        rows = {row["labels"]: row for row in found if row["ridge"] == ridge}
        assert set(rows) == {*lazy.GIVEN, *lazy.TAUGHT}
        for kind, values in errors.items():
            assert rows[kind]["error"] == pytest.approx(np.mean(values), rel=1e-7)
            assert rows[kind]["accuracy"] == pytest.approx(np.mean(right[kind]))


@pytest.mark.parametrize("outputs", lazy.OUTPUTS)
def test_prediction_and_students_agree(outputs):
    pool = made_up()
    found = lazy.compare(pool, outputs, [40, 80], 60, 40, ridges=(0.0, 0.3))
    assert {row["labels"] for row in found if row["ridge"]} == {*lazy.GIVEN, *lazy.TAUGHT}
    by_case = {(row["n"], row["ridge"], row["labels"]): row for row in found}
    for row in found:
        # 95 % half-widths, widened to a false alarm of about 1e-5 each, and a bias of order 1/n.
        band = 2.4 * row["error_half_width"] + row["predicted_error"] / row["n"]
        assert abs(row["error"] - row["predicted_error"]) < band
        band = 2.4 * row["accuracy_half_width"] + 1 / row["n"]
        assert abs(row["accuracy"] - row["predicted_accuracy"]) < band
    if outputs == "ten":  # a control: the prediction for other labels is not that of these
        strong, wrong = by_case[80, 0.0, "strong"], by_case[80, 0.0, "wrong"]
        band = 2.4 * wrong["error_half_width"] + strong["predicted_error"] / 80
        assert wrong["error"] - strong["predicted_error"] > band
    table = lazy.markdown(found).splitlines()
    # a row for min-norm, and one more where the prediction prefers a ridge
    least = {}
    for row in found:
        case = least.setdefault((row["n"], row["labels"]), row)
        if row["predicted_error"] < case["predicted_error"]:
            least[row["n"], row["labels"]] = row
    ridged = sum(row["ridge"] > 0 for row in least.values())
    assert len(table) == 2 + len(least) + ridged


def test_bands():
    row = {"error": 0.51, "predicted_error": 0.5, "accuracy": 0.6, "predicted_accuracy": 0.595}
    assert lazy.agrees(row)
    assert not lazy.agrees(row | {"error": 0.53})
    assert not lazy.agrees(row | {"accuracy": 0.606})


@pytest.mark.parametrize(
    ("sizes", "m", "repetitions", "message"),
    [([400], 20, 2, "n=400 must be below 400"), ([20], 400, 2, "m=400 must be below 400"),
     ([20], 20, 1, "repetitions=1 must be at least 2")],
)  # fmt: skip
def test_bad_sizes(sizes, m, repetitions, message):
    with pytest.raises(ValueError, match=message):
        lazy.compare(made_up(), "two", sizes, m, repetitions)


def test_files(tmp_path):
    pool = made_up(size=40, test=20, width=100)
    content = {
        "kernel": pool.kernel.astype(np.float32), "train_labels": pool.classes[:40],
        "test_labels": pool.classes[40:], "surrogate_labels": pool.surrogate,
        "classes": np.array(NAMES), "source": "made up",
    }  # fmt: skip
    np.savez(tmp_path / "k.npz", **content)
    found = lazy.load(tmp_path / "k.npz", 30)
    assert found.size == 30
    np.testing.assert_allclose(found.kernel[30:, :30], pool.kernel[40:, :30], rtol=1e-6)
    np.testing.assert_array_equal(found.classes[30:], pool.classes[40:])
    with pytest.raises(ValueError, match="pool=41 must be at most 40"):
        lazy.load(tmp_path / "k.npz", 41)
    del content["classes"]
    np.savez(tmp_path / "k.npz", **content)
    with pytest.raises(ValueError, match="must be a file of experiments.cifar10.tangent"):
        lazy.load(tmp_path / "k.npz")


def test_the_table_of_networks():
    from experiments.cifar10 import lazy_networks

    generator = np.random.default_rng(0)
    records = []
    for labels, level in (("strong", 0.8), ("naive", 0.7), ("masked", 0.75)):
        for repetition in range(4):
            case = lazy_networks.Case("newton", 50, labels, repetition)
            shared = 0.05 * np.random.default_rng(repetition).standard_normal()
            result = dict.fromkeys(
                ("error", "linearised_error", "linearised_accuracy", "moved"), 0.5
            )
            result["accuracy"] = level + shared + 0.001 * generator.standard_normal()
            if repetition == 3 and labels == "strong":
                result |= {"error": None, "accuracy": None}
            records.append({"case": vars(case), "result": result})
    predicted = [{"outputs": "two", "n": 50, "ridge": 0.0, "labels": "masked",
                  "predicted_error": 0.4, "predicted_accuracy": None}]  # fmt: skip
    rows = {row["labels"]: row for row in lazy_networks.compare(records, predicted)}
    assert (rows["strong"]["repetitions"], rows["strong"]["diverged"]) == (4, 1)
    masked = rows["masked"]
    assert masked["predicted_error"] == 0.4
    assert masked["accuracy_less_naive"] == pytest.approx(0.05, abs=0.003)
    assert masked["accuracy_less_naive_half_width"] < 0.01 < masked["accuracy_half_width"]
    assert lazy_networks.markdown(list(rows.values())).count("\n") == 5


def test_a_damaged_result(tmp_path):
    from experiments.cifar10 import lazy_figure

    (tmp_path / "lazy.json").write_text('{"rows": []}')
    with pytest.raises(ValueError, match="must be a result of experiments.cifar10.lazy"):
        lazy_figure.read(tmp_path)


def test_the_command(tmp_path, monkeypatch, capsys):
    import sys

    from kdverify.cli import run_app

    pool = made_up(size=60, test=20, width=150)
    np.savez(
        tmp_path / "k.npz", kernel=pool.kernel, train_labels=pool.classes[:60],
        test_labels=pool.classes[60:], surrogate_labels=pool.surrogate,
        classes=np.array(NAMES), source="made up",
    )  # fmt: skip
    arguments = ["--kernel", str(tmp_path / "k.npz"), "--out", str(tmp_path / "lazy.json")]
    monkeypatch.setattr(
        sys, "argv", ["lazy", *arguments, "-n", "12", "-m", "15", "--repetitions", "2"]
    )
    with pytest.raises(SystemExit) as ended:
        run_app(lazy.app, "lazy")
    assert not ended.value.code
    from experiments.cifar10 import lazy_figure

    monkeypatch.setattr(sys, "argv", ["lazy_figure", str(tmp_path)])
    with pytest.raises(SystemExit) as ended:
        run_app(lazy_figure.app, "lazy_figure")
    assert not ended.value.code
    assert (tmp_path / "lazy.png").read_bytes().startswith(b"\x89PNG")
    text = (tmp_path / "lazy.svg").read_text()
    assert "made up; 60 images, 20 test images, m = 15" in text
    assert not (tmp_path / "networks.json").exists()
    content = json.loads((tmp_path / "lazy.json").read_text())
    assert content["settings"]["pool"] == 60
    assert {row["outputs"] for row in content["rows"]} == {"ten", "two"}
    assert len(content["rows"]) == 2 * len(lazy.RIDGES) * len((*lazy.GIVEN, *lazy.TAUGHT))
    assert "agree within the bands" in capsys.readouterr().out
