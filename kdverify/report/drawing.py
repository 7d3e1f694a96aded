"""A figure with the data behind it: PNG, SVG and JSON of one name."""

from __future__ import annotations

import importlib
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from kdverify import _locate, checks
from kdverify.report import figures
from kdverify.report.output import document, write_json

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: The experiments under this name, wherever their folder lies.
PACKAGE = "kdverify_experiments"


@dataclass(frozen=True)
class Effort:
    """How much a figure may spend: a factor on its trials, the seed, worker processes."""

    scale: float = 1.0
    seed: int = 0
    jobs: int = 1

    def trials(self, base: int) -> int:
        """Number of trials where the full figure takes ``base``."""
        return max(round(base * self.scale), 8)


@dataclass(frozen=True, eq=False)
class Drawing:
    """What an experiment returns: the figure, its settings and the numbers in it."""

    figure: Figure
    settings: dict[str, Any]
    rows: list[dict[str, Any]]


def names() -> list[str]:
    """The figures that there are: experiments with a function ``run``."""
    files = _locate.folder("experiments").glob("*.py")
    return sorted(f.stem for f in files if "\ndef run(" in f.read_text(encoding="utf-8"))


def draw(name: str, effort: Effort, folder: Path) -> list[Path]:
    """Run the experiment ``name`` and write its files; returns them."""
    checks.choice("figure", name, tuple(names()))
    folder.mkdir(parents=True, exist_ok=True)
    drawing: Drawing = _load(name).run(effort)
    settings = drawing.settings | {"scale": effort.scale, "seed": effort.seed}
    files = [folder / f"{name}.{ending}" for ending in ("png", "svg", "json")]
    for file in files[:2]:
        figures.save(drawing.figure, str(file))
    write_json(document(f"figure {name}", settings, drawing.rows), str(files[2]))
    return files


def _load(name: str) -> ModuleType:
    """The experiment as part of a package: it may import its neighbours."""
    package = sys.modules.setdefault(PACKAGE, ModuleType(PACKAGE))
    package.__path__ = [str(_locate.folder("experiments"))]
    return importlib.import_module(f"{PACKAGE}.{name}")
