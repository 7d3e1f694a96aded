"""Everything that wants a GPU, in the minutes that one is at hand: ``make gpu``.

``python -m experiments.gpu --minutes 15 --data FILE --weights FILE --out results/gpu``.

1. The tests that have a CUDA variant: simulation and training (``tests.json``).
2. Images per second of a training step of the target at batch 32 and 256: eager, compiled with
   CUDA graphs, and ``--parallel K`` eager runs side by side, their sum (``throughput.json``).
3. Runs of figure 2a (``--preset``, by default the paper's), K side by side, until the minutes
   are over: a record each in ``runs/``, resumed at their last epoch by the next call.

All results are JSON.  A part whose file is there is not done again.  ``--smoke`` does the same
with the smallest models on the CPU, to see that it works.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from kdverify import checks
from kdverify._files import write_json
from kdverify.cli import run_app
from kdverify.extras import needed_for
from kdverify.provenance import SCHEMA, environment

from .cifar10.config import PRESETS, SOURCES, Run, runs

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
ROOT = Path(__file__).resolve().parent.parent
#: Files of tests that run on CUDA where it is there, and what the smoke variant takes of them.
TESTS = ("tests/test_simulation_torch.py", "tests/test_cifar10.py")
SMOKE_TESTS = ("tests/test_simulation_torch.py", "-k", "square")
BATCHES = (32, 256)
#: Steps before the clock starts, and seconds of a measurement.
WARM_UP, SECONDS = 5, 10.0
#: Longest time between looks at a running process, and what it gets to end, in seconds.
LOOK, GRACE = 0.5, 20.0


@dataclass(frozen=True)
class Plan:
    """What is done on which device until when (`time.monotonic`)."""

    preset: str
    data: str
    weights: str
    folder: Path
    parallel: int
    deadline: float
    device: str
    smoke: bool

    @property
    def left(self) -> float:
        """Seconds left, at least 0."""
        return max(0.0, self.deadline - time.monotonic())


def once(plan: Plan, name: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The content of a JSON file, made where it is not there."""
    file = plan.folder / f"{name}.json"
    if not file.exists():
        content = {"schema": SCHEMA} | make() | {"device": device_name(plan.device)}
        write_json(content | {"environment": environment()}, str(file))
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def device_name(device: str) -> str:
    """What the device is called."""
    import torch

    return torch.cuda.get_device_name() if device == "cuda" else f"cpu, {os.cpu_count()} threads"


def tests(plan: Plan) -> dict[str, Any]:
    """Exit status and counts of the tests; none where only the package is installed."""
    if not (ROOT / TESTS[0]).exists():
        return {"status": None, "said": "not run: no tests in an installed package"}
    chosen = SMOKE_TESTS if plan.smoke else TESTS
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *chosen]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    said = re.findall(r"\d+ (?:passed|failed|skipped|errors?)", found.stdout)
    dots = "".join(re.findall(r"^[.sxFE]+(?=\s+\[)", found.stdout, re.MULTILINE))
    return {"status": found.returncode, "said": ", ".join(said) or f"{len(dots)} run", "of": chosen}


def throughput(plan: Plan) -> dict[str, Any]:
    """Images per second of each way, at each batch."""
    rows = []
    for batch in BATCHES:
        ways = ["eager"] if plan.device == "cpu" else ["eager", "compiled"]
        for way in ways:
            rows.append({"batch": batch, "way": way, "images_per_second": rate(plan, batch, way)})
        if plan.parallel > 1:
            shared = side_by_side(plan, batch)
            rows.append({"batch": batch, "way": f"{plan.parallel} runs", **shared})
    note = "" if plan.device == "cuda" else "compiled: not run on a CPU"
    return {"model": PRESETS[plan.preset].target_model, "rows": rows, "note": note}


def rate(plan: Plan, batch: int, way: str) -> float:
    """Images per second of a training step on images of the preset's data set's size."""
    import numpy as np
    import torch
    from torch.nn import functional

    from .cifar10 import models
    from .cifar10.batches import Store, draws

    settings = PRESETS[plan.preset]
    device = torch.device(plan.device)
    side = 8 if plan.smoke else 32
    generator = np.random.default_rng(0)
    pixels = generator.integers(0, 256, (4 * batch, side, side, 3), dtype=np.uint8)
    labels = torch.from_numpy(generator.integers(0, 10, 4 * batch))
    store = Store(pixels, labels, settings.pad, device)
    torch.manual_seed(0)
    network = models.target(settings.target_model, "none", 10).to(device)
    network = network.to(memory_format=torch.channels_last).train()
    forward: Any = torch.compile(network, mode="reduce-overhead") if way == "compiled" else network
    optimizer = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9, fused=True)

    def epoch(number: int) -> int:
        chosen = draws(np.random.SeedSequence(number), len(pixels), settings.pad, True)
        for images, truth in store.augmented(chosen, batch):
            optimizer.zero_grad(set_to_none=True)
            with torch.autocast(plan.device, torch.bfloat16, enabled=plan.device == "cuda"):
                loss = functional.cross_entropy(forward(images), truth)
            loss.backward()
            optimizer.step()
        if plan.device == "cuda":
            torch.cuda.synchronize()
        return len(pixels)

    for number in range(WARM_UP if plan.device == "cuda" else 1):
        epoch(number)
    seconds = 0.2 if plan.smoke else SECONDS
    begun, seen = time.perf_counter(), 0
    while time.perf_counter() - begun < seconds:
        seen += epoch(seen)
    return seen / (time.perf_counter() - begun)


def side_by_side(plan: Plan, batch: int) -> dict[str, Any]:
    """The sum over K processes that measure `rate` at about the same time, and each of them."""
    command = [*_module("gpu"), "--measure", str(batch), "--preset", plan.preset]
    command += ["--out", str(plan.folder), *(["--smoke"] if plan.smoke else [])]
    started = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(plan.parallel)
    ]
    rates = [float(process.communicate()[0]) for process in started]
    return {"images_per_second": sum(rates), "each": rates}


def train(plan: Plan) -> dict[str, Any]:
    """Runs in the order of `config.runs`, K at a time, teachers before all targets."""
    settings = PRESETS[plan.preset]
    if plan.smoke:
        settings = replace(settings, seeds=settings.seeds[:1])
    everything = list(runs(settings))
    teachers = [run for run in everything if run.kind == "surrogate"]
    targets = [run for run in everything if run.kind != "surrogate"]
    begun = time.monotonic()
    for group in (teachers, targets):
        _train_group(plan, group)
    folder = plan.folder / "runs"
    done = [run.name for run in everything if (folder / f"{run.name}.json").exists()]
    return {"done": done, "of": len(everything), "seconds": time.monotonic() - begun}


def _train_group(plan: Plan, group: Sequence[Run]) -> None:
    folder = plan.folder / "runs"
    waiting = [run for run in group if not (folder / f"{run.name}.json").exists()]
    working: list[subprocess.Popen[str]] = []
    try:
        while (waiting or working) and plan.left:
            while waiting and len(working) < plan.parallel:
                working.append(_started(plan, waiting.pop(0)))
            time.sleep(min(LOOK, plan.left))
            for process in working:
                if process.poll():
                    raise ValueError(f"a run ended with status {process.returncode}, see above")
            working = [process for process in working if process.poll() is None]
    finally:
        for process in working:
            process.send_signal(signal.SIGTERM)
        for process in working:
            process.wait(GRACE)


def _started(plan: Plan, run: Run) -> subprocess.Popen[str]:
    command = [*_module("cifar10"), "--preset", plan.preset, "--data", plan.data]
    command += ["--weights", plan.weights, "--device", plan.device, "--seed", str(run.seed)]
    command += ["--only", run.name, "--out", str(plan.folder / "runs")]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, text=True)


def _module(name: str) -> list[str]:
    return [sys.executable, "-m", f"{__package__}.{name}"]


@app.command()
def main(
    out: Annotated[str, typer.Option(help="Folder of the results, resumed.")] = "results/gpu",
    minutes: Annotated[float, typer.Option(help="Time in all.")] = 15,
    parallel: Annotated[int, typer.Option(help="Runs side by side.")] = 4,
    preset: Annotated[str | None, typer.Option(help="[paper]")] = None,
    data: Annotated[str | None, typer.Option(help="As for experiments.cifar10.")] = None,
    weights: Annotated[str | None, typer.Option(help="As for experiments.cifar10.")] = None,
    smoke: Annotated[bool, typer.Option("--smoke", help="Small, on the CPU.")] = False,
    measure: Annotated[int | None, typer.Option(hidden=True)] = None,
) -> None:
    """Tests, throughput, and as many runs of figure 2a as fit."""
    with needed_for("a GPU run"):
        import torch
    if not smoke and not torch.cuda.is_available():
        raise ValueError("device=cuda must be available on this machine; --smoke runs on the CPU")
    chosen = checks.choice("preset", preset or ("smoke" if smoke else "paper"), tuple(PRESETS))
    plan = Plan(
        chosen,
        data or SOURCES[chosen][0],
        weights or SOURCES[chosen][1],
        Path(out),
        checks.count("parallel", parallel),
        time.monotonic() + 60 * checks.positive("minutes", minutes),
        "cpu" if smoke else "cuda",
        smoke,
    )
    if measure is not None:
        print(rate(plan, checks.count("measure", measure, 2), "eager"))
        return
    print(f"tests: {once(plan, 'tests', lambda: tests(plan))['said']}", flush=True)
    for row in once(plan, "throughput", lambda: throughput(plan))["rows"]:
        print(f"batch {row['batch']}, {row['way']}: {row['images_per_second']:,.0f} images/s")
    found = train(plan)
    print(f"runs: {len(found['done'])} of {found['of']} done, in {plan.folder / 'runs'}")


if __name__ == "__main__":
    run_app(app, "gpu")
