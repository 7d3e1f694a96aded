"""The network itself on the samples of `experiments.cifar10.lazy`: where does it leave its theory?

``python -m experiments.cifar10.lazy_networks --kernel kernel.npz --data FILE --weights FILE
--out DIR -n 50 -n 100``.

The network is f(x; theta) = v'(phi(x; theta) - phi(x; theta_0)), two classes as +1 and -1, squared
loss, batch norm with the statistics of its start; its samples and labels are those of the
linearised network, repetition by repetition.  Two trainings:

newton   steps theta += sum_i c_i grad f(x_i; theta), c = K^-1 (labels - f) with the tangent
         kernel K of the start, halved where they do not help, until the labels are fitted: one
         step, to the min-norm solution, if f is linear
paper    the paper's optimiser on the mean of (f - label)^2 / 2: rate 0.01, momentum 0.9, weight
         decay 5e-4, batch 32, 60 epochs of T_max 200

One small JSON for each network; what is there is not trained again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer

import kdverify as kd
from kdverify import checks
from kdverify._files import write_json
from kdverify.cli import run_app
from kdverify.provenance import SCHEMA, environment
from kdverify.report.output import markdown_table

from .. import streams
from . import lazy
from .config import Schedule
from .figure import mean_interval

if TYPE_CHECKING:
    import torch

    from .tangent import ScalarNetwork

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
TRAININGS = ("newton", "paper")
#: Steps of Newton's training, the part of the labels' size that it leaves, and the shortest step.
STEPS, LEFT, SHORTEST = 30, 0.01, 1 / 32


@dataclass(frozen=True)
class Case:
    """One network: its training, n, kind of labels and repetition."""

    training: str
    n: int
    labels: str
    repetition: int

    @property
    def name(self) -> str:
        """Name of its file."""
        return f"{self.training}-{self.n}-{self.labels}-{self.repetition}"


@dataclass(frozen=True, eq=False)
class Trained:
    """Scores of the test images (M, 1), and how the training went."""

    scores: np.ndarray
    residual: float
    steps: int
    moved: float


class Student:
    """A scalar network that is trained from its start again and again.

    ``inputs`` are prepared images; those of the test split are ``test``.
    """

    def __init__(self, network: ScalarNetwork, test: torch.Tensor) -> None:
        self.network, self.test = network, test
        self.start = {k: v.clone() for k, v in network.body.state_dict().items()}
        self.test_start = self._values(test)

    def _values(self, images: torch.Tensor) -> torch.Tensor:
        import torch

        with torch.no_grad():
            return torch.cat([self.network.values(part) for part in images.split(100)])

    def newton(self, images: torch.Tensor, labels: np.ndarray, kernel: np.ndarray) -> Trained:
        """Train by Newton's steps with the kernel (k, k) of the start; labels (k, 1)."""
        from scipy.linalg import cho_factor, cho_solve

        self._restart()
        factor = cho_factor(kernel)
        begun = self._values(images)
        size = float(np.sqrt(np.mean(np.square(labels))))

        def rest() -> tuple[np.ndarray, float]:
            left = labels[:, 0] - (self._values(images) - begun).double().numpy()
            return left, float(np.sqrt(np.mean(np.square(left)))) / size

        left, residual = rest()
        steps = 0
        while residual > LEFT and steps < STEPS:
            direction = self._direction(images, cho_solve(factor, left))
            length, before = 1.0, residual
            self._move(direction, length)
            left, residual = rest()
            while not residual < before and length > SHORTEST:
                length /= 2
                self._move(direction, -length)
                left, residual = rest()
            steps += 1
            if not residual < before:
                break
        return self._trained(residual, steps)

    def _direction(self, images: torch.Tensor, weights: np.ndarray) -> list[torch.Tensor]:
        """sum_i weights_i grad f(x_i; theta), for each parameter."""
        import torch

        given = torch.from_numpy(weights).to(images.dtype)
        self.network.body.zero_grad(set_to_none=True)
        for part, factor in zip(images.split(100), given.split(100), strict=True):
            (self.network.values(part) @ factor).backward()
        return [p.grad for p in self.network.body.parameters() if p.grad is not None]

    def _move(self, direction: list[torch.Tensor], length: float) -> None:
        import torch

        with torch.no_grad():
            for parameter, part in zip(self.network.body.parameters(), direction, strict=True):
                parameter.add_(part, alpha=length)

    def paper(
        self, images: torch.Tensor, labels: np.ndarray, schedule: Schedule, key: Sequence[int]
    ) -> Trained:
        """Train by SGD on squared loss; labels (k, 1); an image drawn twice counts once."""
        import torch

        self._restart()
        begun = self._values(images)
        truth = torch.from_numpy(labels[:, 0]).to(images.dtype)
        optimizer = torch.optim.SGD(
            self.network.body.parameters(),
            lr=schedule.learning_rate,
            momentum=schedule.momentum,
            weight_decay=schedule.weight_decay,
        )
        steps = 0
        for epoch in range(schedule.epochs):
            for group in optimizer.param_groups:
                group["lr"] = schedule.rate(epoch, 1.0)
            generator = streams.stream(key[0], "batches of a lazy network", *key[1:], epoch)
            order = torch.from_numpy(generator.permutation(len(images)))
            for chosen in order.split(schedule.batch):
                optimizer.zero_grad(set_to_none=True)
                wrong = self.network.values(images[chosen]) - begun[chosen] - truth[chosen]
                (wrong.square().mean() / 2).backward()
                optimizer.step()
                steps += 1
        left = (self._values(images) - begun - truth).square().mean().sqrt()
        return self._trained(float(left / truth.square().mean().sqrt()), steps)

    def _restart(self) -> None:
        self.network.body.load_state_dict(self.start)

    def _trained(self, residual: float, steps: int) -> Trained:
        scores = (self._values(self.test) - self.test_start).double().numpy()
        now = self.network.body.state_dict()
        names = [name for name, _ in self.network.body.named_parameters()]
        moved = sum(float((now[k] - self.start[k]).square().sum()) for k in names)
        whole = sum(float(self.start[k].square().sum()) for k in names)
        return Trained(scores[:, None], residual, steps, (moved / whole) ** 0.5)


def sample(case: Case, pool: lazy.TangentPool, m: int) -> tuple[np.ndarray, np.ndarray]:
    """Images of a case, each once, (k,), and their labels (k, 1): those that `lazy` measures."""
    from kdverify.measurement import Surrogate

    from .samples import Samples

    question = pool.question("two")
    drawn, own = Samples(m=m).rows(question.pool, case.n, m, 0, case.repetition)
    chosen, teacher = np.unique(drawn), pool.teachers("two", m)[case.labels]
    lesson = kd.teachers.Classroom(question).lesson(case.n, 0.0)
    if isinstance(teacher, kd.teachers.Trained):
        surrogate = Surrogate(m, 0.0, teacher.turn(lesson))
        return chosen, surrogate.labels(question, question.pool.rows[chosen], own)
    return chosen, lesson.labels(teacher)[chosen]


def judged(pool: lazy.TangentPool, scores: np.ndarray) -> tuple[float, float]:
    """Error and accuracy of scores (M, 1) of the test images, less the labels' mean."""
    question = pool.question("two")
    test = question.held_out
    assert test is not None
    error = np.square(scores - test.labels).sum(axis=1).mean()
    return float(error), float((question.named(scores) == test.classes).mean())


def perform(
    case: Case,
    pool: lazy.TangentPool,
    student: Student,
    inputs: torch.Tensor,
    m: int,
    folder: Path,
    schedule: Schedule,
) -> Path:
    """Train the network of a case unless its record is there; ``inputs`` are the pool's images."""
    file = folder / f"{case.name}.json"
    if file.exists():
        return file
    chosen, labels = sample(case, pool, m)
    images, block = inputs[chosen], pool.kernel[np.ix_(chosen, chosen)]
    begun = time.perf_counter()
    if case.training == "newton":
        trained = student.newton(images, labels, block)
    else:
        number = (*lazy.GIVEN, *lazy.TAUGHT).index(case.labels)
        key = (case.repetition, case.n, number)
        trained = student.paper(images, labels, schedule, key)
    finite = bool(np.isfinite(trained.scores).all())
    error, accuracy = judged(pool, trained.scores) if finite else (None, None)
    linear = judged(pool, pool.kernel[pool.size :, chosen] @ np.linalg.solve(block, labels))
    record = {
        "schema": SCHEMA,
        "case": asdict(case) | {"m": m, "source": pool.source, "pool": pool.size},
        "schedule": asdict(schedule) if case.training == "paper" else None,
        "result": {
            "error": error,
            "accuracy": accuracy,
            "linearised_error": linear[0],
            "linearised_accuracy": linear[1],
            "train_residual": trained.residual if finite else None,
            "steps": trained.steps,
            "moved": trained.moved if finite else None,
            "seconds": time.perf_counter() - begun,
        },
        "environment": environment(),
    }
    write_json(record, str(file))
    return file


def read(folder: Path) -> list[dict[str, Any]]:
    """All records of a folder."""
    files = [f for training in TRAININGS for f in sorted(folder.glob(f"{training}-*.json"))]
    return [json.loads(file.read_text(encoding="utf-8")) for file in files]


def compare(records: Sequence[dict[str, Any]], predicted: Sequence[dict[str, Any]]) -> list[Any]:
    """A row per training, n and kind of labels: means with 95 % half-widths.

    ``predicted`` are rows of `lazy.compare`; ``less_linearised`` is the difference to the
    linearised network on the same sample and labels, ``less_naive`` that to the network on the
    naive teacher's labels of the same repetition.
    """
    known = {
        (r["n"], r["labels"]): r for r in predicted if not r["ridge"] and r["outputs"] == "two"
    }
    groups: dict[tuple[str, int, str], dict[int, dict[str, Any]]] = {}
    for record in records:
        case = record["case"]
        key = (case["training"], case["n"], case["labels"])
        groups.setdefault(key, {})[case["repetition"]] = record["result"]
    rows = []
    for (training, n, labels), by_repetition in sorted(groups.items()):
        row: dict[str, Any] = {"training": training, "n": n, "labels": labels}
        finite = {k: r for k, r in by_repetition.items() if r["error"] is not None}
        row |= {"repetitions": len(by_repetition), "diverged": len(by_repetition) - len(finite)}
        theory = known.get((n, labels), {})
        row["predicted_error"] = theory.get("predicted_error")
        row["predicted_accuracy"] = theory.get("predicted_accuracy")
        for name in ("error", "accuracy", "linearised_error", "linearised_accuracy", "moved"):
            values = [r[name] for r in finite.values()]
            row[name], row[f"{name}_half_width"] = mean_interval(values) if values else (None, None)
        parted = [r["error"] - r["linearised_error"] for r in finite.values()]
        found = mean_interval(parted) if parted else (None, None)
        row["error_less_linearised"], row["error_less_linearised_half_width"] = found
        naive = groups.get((training, n, "naive"), {})
        for name in ("error", "accuracy"):
            pairs = [
                r[name] - naive[k][name]
                for k, r in finite.items()
                if k in naive and naive[k][name] is not None
            ]
            found = mean_interval(pairs) if pairs else (None, None)
            row[f"{name}_less_naive"], row[f"{name}_less_naive_half_width"] = found
        rows.append(row)
    return rows


def _shown(row: dict[str, Any], name: str) -> str:
    if row.get(name) is None:
        return ""
    half = row.get(f"{name}_half_width")
    plain = f"{row[name]:+.4f}" if "_less_" in name else f"{row[name]:.4f}"
    return plain if half is None or half != half else f"{plain} ± {half:.4f}"


def _count(row: dict[str, Any]) -> str:
    count, diverged = row["repetitions"], row["diverged"]
    return f"{count}, {diverged} diverged" if diverged else str(count)


def markdown(rows: Sequence[dict[str, Any]]) -> str:
    """`compare` as a table for a page."""
    names = ["predicted_error", "error", "error_less_linearised", "error_less_naive"]
    names += ["predicted_accuracy", "accuracy", "accuracy_less_naive"]
    head = ["training", "n", "labels", "networks", "predicted error", "error of the network"]
    head += ["less linearised", "less naive", "predicted accuracy", "accuracy", "less naive"]
    lines = [
        [row["training"], str(row["n"]), row["labels"], _count(row)]
        + [_shown(row, name) for name in names]
        for row in rows
    ]
    return markdown_table(head, lines)


@app.command()
def main(
    kernel: Annotated[str, typer.Option(help="File of experiments.cifar10.tangent.")],
    data: Annotated[str, typer.Option(help="The images of the kernel.")],
    weights: Annotated[str, typer.Option(help="The network of the kernel.")],
    out: Annotated[str, typer.Option(help="Folder of the results, resumed.")],
    model: Annotated[str, typer.Option(help="The network of the kernel.")] = "resnet50",
    training: Annotated[list[str] | None, typer.Option(help="newton, paper. [both]")] = None,
    labels: Annotated[list[str] | None, typer.Option(help="Kinds of labels. [all]")] = None,
    n: Annotated[list[int] | None, typer.Option("-n", help="Draws of a student.")] = None,
    m: Annotated[int, typer.Option("-m", help="Draws of the linear teacher.")] = 300,
    repetitions: Annotated[int, typer.Option(help="Networks of a case.")] = 10,
    epochs: Annotated[int, typer.Option(help="Of the paper's optimiser.")] = 60,
    rate: Annotated[float, typer.Option(help="Of the paper's optimiser.")] = 0.01,
    threads: Annotated[int | None, typer.Option(help="CPU threads.")] = None,
) -> None:
    """Train the network on the samples of the linearised one, case by case."""
    import torch

    from kdverify import images

    from .tangent import ScalarNetwork, prepared

    trainings = [checks.choice("training", t, TRAININGS) for t in training or TRAININGS]
    kinds = [checks.choice("labels", k, (*lazy.GIVEN, *lazy.TAUGHT)) for k in labels or lazy.GIVEN]
    pool = lazy.load(Path(kernel))
    with np.load(kernel, allow_pickle=False) as content:
        chosen, seed = content["train_rows"], int(content["seed"])
    pictures = images.load(data)
    truth = pool.classes[: pool.size]
    if chosen.max() >= len(pictures.train) or (pictures.train_labels[chosen] != truth).any():
        raise ValueError(f"data={checks.shown(data)} must be the images of the kernel")
    if threads is not None:
        torch.set_num_threads(checks.count("threads", threads))
    count = len(pool.kernel) - pool.size
    student = Student(ScalarNetwork(model, weights, seed), prepared(pictures.test[:count]))
    inputs = prepared(pictures.train[chosen])
    schedule = Schedule(epochs=checks.count("epochs", epochs), learning_rate=rate)
    for repetition in range(checks.count("repetitions", repetitions)):
        for name in trainings:
            for size in n or [50, 100]:
                for kind in kinds:
                    case = Case(name, checks.count("n", size, 2), kind, repetition)
                    print(perform(case, pool, student, inputs, m, Path(out), schedule), flush=True)


if __name__ == "__main__":
    run_app(app, "lazy_networks")
