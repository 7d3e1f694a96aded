"""`make gpu` in small, on the CPU: every part leaves its JSON, and is not done twice."""

from __future__ import annotations

import json
import sys

import pytest
from cifar10_samples import torch
from command_line import HANGS

from experiments import gpu
from kdverify.cli import run_app

pytestmark = pytest.mark.usefixtures("one_thread")


def called(monkeypatch, capsys, *arguments: str):
    monkeypatch.setattr(sys, "argv", ["gpu", *arguments])
    with pytest.raises(SystemExit) as ended:
        run_app(gpu.app, "gpu")
    return ended.value.code, capsys.readouterr()


def test_smoke(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(gpu, "SMOKE_TESTS", ("tests/test_cifar10_parts.py", "-k", "warm"))
    monkeypatch.setattr(gpu, "runs", lambda settings: [gpu.Run("surrogate", 0, (4, 8, 16))])
    arguments = ("--smoke", "--parallel", "2", "--minutes", str(HANGS / 60), "--out", str(tmp_path))
    code, output = called(monkeypatch, capsys, *arguments)
    assert not code, output.err
    found = json.loads((tmp_path / "tests.json").read_text())
    assert found["status"] == 0
    assert found["said"] == "1 run"
    rows = json.loads((tmp_path / "throughput.json").read_text())["rows"]
    assert [(row["batch"], row["way"]) for row in rows] == [
        (32, "eager"), (32, "2 runs"), (256, "eager"), (256, "2 runs"),
    ]  # fmt: skip
    assert all(row["images_per_second"] > 0 for row in rows)
    assert rows[1]["images_per_second"] == sum(rows[1]["each"])
    assert (tmp_path / "runs" / "surrogate-4-8-16-seed0.json").exists()
    assert "runs: 1 of 1 done" in output.out
    before = (tmp_path / "throughput.json").stat().st_mtime_ns
    code, output = called(monkeypatch, capsys, *arguments)
    assert not code
    assert (tmp_path / "throughput.json").stat().st_mtime_ns == before


def test_no_time_left_starts_nothing(tmp_path):
    plan = gpu.Plan("smoke", "digits", "none", tmp_path, 2, 0.0, "cpu", True)
    assert plan.left == 0
    assert gpu.train(plan)["done"] == []
    assert not (tmp_path / "runs").exists()


def test_a_failing_run_is_reported(tmp_path):
    from time import monotonic

    plan = gpu.Plan("smoke", "nowhere.npz", "none", tmp_path, 1, monotonic() + HANGS, "cpu", True)
    with pytest.raises(ValueError, match="a run ended with status 2"):
        gpu.train(plan)


@pytest.mark.skipif(torch.cuda.is_available(), reason="CUDA is there")
def test_without_cuda(tmp_path, monkeypatch, capsys):
    code, output = called(monkeypatch, capsys, "--out", str(tmp_path))
    assert code == 2
    assert "device=cuda must be available" in output.err
