"""Hypothesis profiles: dev (quick), ci (the same examples every time), nightly (many)."""
# ruff: noqa: E402 (the number of threads is set before NumPy is loaded)

from __future__ import annotations

import json
import os
import sys
import warnings
from collections.abc import Callable

# several workers with several BLAS threads each are slower than with one
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import pytest
from command_line import Command, Finished
from hypothesis import HealthCheck, settings

from kdverify import cli, tables

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
settings.register_profile("dev", deadline=None, max_examples=50, suppress_health_check=SLOW)
settings.register_profile(
    "ci", deadline=None, max_examples=100, derandomize=True, suppress_health_check=SLOW
)
settings.register_profile("nightly", deadline=None, max_examples=3000, suppress_health_check=SLOW)
settings.load_profile(os.environ.get("KDVERIFY_PROFILE", "ci" if "CI" in os.environ else "dev"))


@pytest.fixture
def kdverify(tmp_path, capsys, monkeypatch) -> Command:
    """The command line in an empty folder, 80 columns wide, output piped."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(warnings, "formatwarning", warnings.formatwarning)

    def run(*arguments: str) -> Finished:
        monkeypatch.setattr(sys, "argv", ["kdverify", *arguments])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        out, err = capsys.readouterr()
        return Finished(stopped.value.code, out, err)

    return run


@pytest.fixture
def document(kdverify) -> Callable[..., dict]:
    """The JSON document of a command."""

    def run(*arguments: str) -> dict:
        finished = kdverify(*arguments, "--json", "-")
        assert finished.code == 0, finished.err
        found = json.loads(finished.out, parse_constant=pytest.fail)
        assert found["schema"] == 1
        assert found["command"] == arguments[0]
        assert set(found) == {
            "schema", "command", "settings", "rows", "formula_version", "environment"
        }  # fmt: skip
        return found

    return run


@pytest.fixture(scope="module")
def one_thread():
    """PyTorch on one thread, so that its sums have one order."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def digits():
    """scikit-learn's digits as images."""
    from kdverify import images

    return images.load("digits")


@pytest.fixture
def experiment(digits, tmp_path):
    """A tiny neural experiment on digits in an empty folder."""
    from cifar10_samples import TINY

    from experiments.cifar10 import config
    from experiments.cifar10 import run as running

    return running.Experiment(TINY, digits, "none", tmp_path, running.machine(config.Place("cpu")))


@pytest.fixture(params=["pandas", "csv"])
def engine(request, monkeypatch):
    """Both ways to read a table of texts."""
    if request.param == "csv":
        monkeypatch.setattr(tables.text, "_pandas_if_there", lambda: None)
    return request.param


@pytest.fixture
def read_table(tmp_path, engine):
    """Writes a text to a file and reads it."""

    def run(text, label_column=None, ending="csv", encoding="utf-8", **layout):
        file = tmp_path / f"table.{ending}"
        file.write_bytes(text.encode(encoding))
        return tables.read(file, label_column=label_column, layout=tables.Layout(**layout))

    return run
