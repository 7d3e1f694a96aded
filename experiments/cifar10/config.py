"""What is run: presets, settings and the list of runs.

The defaults are the paper's: ResNet-50, SGD, learning rate 0.01, momentum 0.9, weight decay
5e-4, cosine annealing with T_max = 200 stepped once an epoch, batch 32, 60 epochs.  Where the
paper is silent the choice is ours: surrogates use the target's optimiser settings; labels of
the surrogate are hard, computed once on the un-augmented images of the train split that the
surrogate saw; augmentation is a crop after padding by four pixels, and a flip; ResNet-50's stem is
unchanged and images are not enlarged.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from kdverify import checks

#: Channels of the three convolutions of each surrogate, from the strongest to the weakest.
SURROGATES = ((16, 32, 64), (8, 16, 32), (4, 8, 16))
LABELS = ("hard", "soft")
DEVICES = ("auto", "cuda", "mps", "cpu")
PRECISIONS = ("auto", "float32", "bf16")
#: Targets: torchvision's, timm's with weights of a package, one small enough for tests on a CPU.
MODELS = ("resnet50", "resnet18", "efficientnet-lite0", "small")
#: Side to which a target's images are enlarged where the user names none.
RESOLUTIONS = {"efficientnet-lite0": 96}
KINDS = ("surrogate", "standard", "s2t")
#: Settings that older records do not know; their defaults are what those records did.
LATER = ("repeats", "resolution", "test_each_epoch", "images_seed", "fresh", "epochs_per_pass")


@dataclass(frozen=True)
class Place:
    """Where and how it runs, as it was asked for: no result depends on it beyond rounding.

    ``precision``: float32, bf16 (autocast: products and convolutions in bfloat16, weights and
    sums in float32), or auto, which is bf16 on CUDA and float32 elsewhere.
    """

    device: str = "auto"
    precision: str = "auto"
    compiled: bool = False
    processes: int = 1
    threads: int | None = None

    def __post_init__(self) -> None:
        """Refuse what no machine has, before any work."""
        checks.choice("device", self.device, DEVICES)
        checks.choice("precision", self.precision, PRECISIONS)
        checks.count("processes", self.processes)
        if self.threads is not None:
            checks.count("threads", self.threads)


@dataclass(frozen=True)
class Schedule:
    """An optimisation: SGD with momentum, cosine annealing stepped once an epoch."""

    epochs: int = 60
    batch: int = 32
    learning_rate: float = 0.01
    t_max: int = 200
    warmup_epochs: int = 0
    momentum: float = 0.9
    weight_decay: float = 5e-4

    def rate(self, epoch: int, fraction: float) -> float:
        """Learning rate in ``epoch`` (from 0) after ``fraction`` of its steps.

        During the warm-up it rises linearly with the steps; then it is
        learning_rate (1 + cos(pi epoch / t_max)) / 2, constant within an epoch.
        """
        if epoch < self.warmup_epochs:
            return self.learning_rate * (epoch + fraction) / self.warmup_epochs
        return self.learning_rate * (1 + math.cos(math.pi * epoch / self.t_max)) / 2


@dataclass(frozen=True)
class Settings:
    """Everything that a result depends on, but for the data, the weights and the run itself.

    ``train_size`` is the number of train images of every run; ``repeats`` how often an epoch of
    the schedule goes through them, so that runs on fewer images can take as many steps.
    ``images_seed`` keys which images these are, so that all runs learn on the same ones (None:
    each run's own seed); those of a smaller ``train_size`` are among those of a larger.  With
    ``fresh_half`` surrogates learn on one half of the train split, both kinds of targets on the
    other; with ``fresh`` S2T targets learn on so many images besides, of which their surrogate
    saw none.  Targets go through their images once in ``epochs_per_pass`` epochs of the schedule.
    ``resolution`` is the side to which images are enlarged (None: not at all).  The test split is
    evaluated after each epoch of the schedule, or after the last one alone.
    """

    preset: str = "paper"
    target_model: str = "resnet50"
    target: Schedule = field(default_factory=Schedule)
    surrogate: Schedule = field(default_factory=Schedule)
    surrogates: tuple[tuple[int, int, int], ...] = SURROGATES
    seeds: tuple[int, ...] = (0, 1, 2)
    labels: str = "hard"
    fresh_half: bool = False
    train_size: int | None = None
    pad: int = 4
    flip: bool = True
    repeats: int = 1
    resolution: int | None = None
    test_each_epoch: bool = True
    images_seed: int | None = None
    fresh: int | None = None
    epochs_per_pass: int = 1

    def checked(self) -> Settings:
        """The same, or a ValueError that names what is wrong."""
        checks.choice("labels", self.labels, LABELS)
        checks.choice("target_model", self.target_model, MODELS)
        if self.train_size is not None:
            checks.count("train_size", self.train_size, 10)
        if not self.seeds:
            raise ValueError("seeds=() must name at least one seed")
        for seed in self.seeds:
            checks.count("seed", seed, 0)
        if len(set(self.seeds)) < len(self.seeds):
            raise ValueError(f"seeds={self.seeds} must not repeat a seed")
        checks.count("repeats", self.repeats)
        if self.resolution is not None:
            checks.count("resolution", self.resolution, 8)
        if self.images_seed is not None:
            checks.count("images_seed", self.images_seed, 0)
        if self.fresh is not None:
            checks.count("fresh", self.fresh, 10)
        checks.count("epochs_per_pass", self.epochs_per_pass)
        for schedule in (self.target, self.surrogate):
            checks.count("epochs", schedule.epochs)
            checks.count("batch", schedule.batch, 2)
            checks.positive("learning_rate", schedule.learning_rate)
        return self

    def as_json(self) -> dict[str, Any]:
        """Plain JSON values; what is in `LATER` stands there only where it is not the default."""
        found = asdict(self)
        for item in fields(self):
            if item.name in LATER and found[item.name] == item.default:
                del found[item.name]
        found["surrogates"] = [list(channels) for channels in self.surrogates]
        found["seeds"] = list(self.seeds)
        return found


def passes(size: int, epoch_images: int) -> int:
    """Passes through ``size`` images that come closest to ``epoch_images``, at least one."""
    return max(1, round(epoch_images / size))


#: ``paper-2k`` is the paper's protocol on a 25th of the images, the same for all seeds.
#: ``cpu`` keeps the paper's 60 of T_max = 200 epochs in proportion; its learning rate is the
#: paper's times the ratio of the batches.
PRESETS = {
    "paper": Settings(),
    "paper-2k": Settings(
        preset="paper-2k",
        seeds=(0, 1, 2, 3, 4),
        train_size=2000,
        images_seed=0,
        test_each_epoch=False,
    ),
    "cpu": Settings(
        preset="cpu",
        target=Schedule(epochs=6, batch=256, learning_rate=0.08, t_max=20, warmup_epochs=1),
        surrogate=Schedule(epochs=20, batch=256, learning_rate=0.08, t_max=67, warmup_epochs=1),
    ),
    "smoke": Settings(
        preset="smoke",
        target_model="small",
        target=Schedule(epochs=4, batch=32, learning_rate=0.1, t_max=13, warmup_epochs=1),
        surrogate=Schedule(epochs=8, batch=32, learning_rate=0.02, t_max=27, warmup_epochs=1),
        surrogates=((16, 32, 64), (4, 8, 16)),
        seeds=(0, 1),
        train_size=600,
        pad=1,
        flip=False,
    ),
}
#: Data and weights of a preset, where the user names none.
SOURCES = {
    "paper": ("cifar10", "imagenet"),
    "paper-2k": ("cifar10", "imagenet"),
    "cpu": ("cifar10", "imagenet"),
    "smoke": ("digits", "none"),
}


@dataclass(frozen=True)
class Run:
    """One model trained once: a surrogate, the standard target, or a target on S2T labels.

    ``kind`` is one of `KINDS`, or names other labels that a caller supplies.
    """

    kind: str
    seed: int
    channels: tuple[int, int, int] | None = None

    @property
    def name(self) -> str:
        """Name of its files."""
        return "-".join([self.kind, *map(str, self.channels or ()), f"seed{self.seed}"])

    @property
    def teacher(self) -> Run | None:
        """The run whose predictions are the labels, or None for true labels."""
        return replace(self, kind="surrogate") if self.kind == "s2t" else None


def runs(settings: Settings) -> Iterator[Run]:
    """All runs, seed by seed, a teacher before its students."""
    for seed in settings.seeds:
        for channels in settings.surrogates:
            yield Run("surrogate", seed, channels)
        yield Run("standard", seed)
        for channels in settings.surrogates:
            yield Run("s2t", seed, channels)
