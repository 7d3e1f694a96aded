"""Write the tables of measured results into the pages that show them.

    python docs/tools/measured_tables.py

Each table stands between ``<!-- NAME: begin -->`` and ``<!-- NAME: end -->`` and is made by
the experiment whose results lie in ``docs/data``; a test notices a page that is stale.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "docs" / "data"


@dataclass(frozen=True)
class Table:
    """A table of a page: its name there, and where it comes from."""

    page: str
    name: str
    module: str
    function: str
    results: str

    @property
    def file(self) -> Path:
        """The page."""
        return ROOT / self.page

    def made(self) -> str:
        """The table as the results have it."""
        if str(ROOT) not in sys.path:
            sys.path.insert(0, str(ROOT))
        function: Callable[[Path], str] = getattr(
            importlib.import_module(self.module), self.function
        )
        return function(DATA / self.results)

    def stated(self) -> str:
        """The table as the page has it."""
        return self._parts()[1]

    def filled(self) -> str:
        """The page with the table as the results have it."""
        before, _, after = self._parts()
        return before + self.made() + after

    def _parts(self) -> tuple[str, str, str]:
        begin, end = f"<!-- {self.name}: begin -->\n", f"<!-- {self.name}: end -->"
        before, rest = self.file.read_text(encoding="utf-8").split(begin)
        table, after = rest.split(end)
        return before + begin, table, end + after


def tables() -> Iterator[Table]:
    """All of them."""
    page, module = "docs/real-features.md", "experiments.real_features"
    for name, function in (
        ("table", "table"),
        ("teachers", "teachers_table"),
        ("stages", "stages_table"),
    ):
        yield Table(page, name, module, function, "real_features")
    yield Table(page, "few", "experiments.few_samples", "table", "../figures")
    yield Table(page, "features", "features_table", "table", "features/cifar10-resnet50.json")
    page = "docs/labels-measured.md"
    for name in ("few_labels", "few_labels_tables", "few_labels_tuning"):
        yield Table(page, name, "few_labels_table", "table", name)
        yield Table(page, f"{name}_targets", "few_labels_table", "targets", name)
    for name in ("label_oracles", "label_oracles_tuning"):
        yield Table(page, name, "label_oracles_table", "table", name)
    folder = "few_labels_tables"
    yield Table(page, "few_labels_expected", "few_labels_table", "expected", ".")
    yield Table(page, "few_labels_refused", "few_labels_table", "refused_table", folder)
    yield Table(page, "few_labels_other", "few_labels_table", "table", "few_labels_other")
    yield Table(page, "worth", "experiments.teacher_worth", "table", "teacher_worth")
    page, package = "docs/cifar10.md", "experiments.cifar10"
    yield Table(page, "figure", f"{package}.figure", "accuracy_table", "cifar10-cpu")
    yield Table(page, "orderings", f"{package}.orderings", "markdown", "cifar10-cpu")
    yield Table("README.md", "cifar10", f"{package}.figure", "summary_table", "cifar10-2k")
    for name in ("resnet50-features", "random-relu"):
        yield Table(page, name, f"{package}.linear", "risk_table", f"cifar10-linear/{name}.json")
    for name in ("pretrained", "finetuned"):
        yield Table(page, name, "features_table", "table", f"features/cifar10-{name}.json")
    for name in ("2k", "2k-lite0"):
        folder = f"cifar10-{name}"
        yield Table(page, f"orderings-{name}", f"{package}.orderings", "markdown", folder)
        yield Table(page, f"figure-{name}", f"{package}.figure", "accuracy_table", folder)
    yield Table(page, "series", f"{package}.series", "table", "cifar10-series")
    yield Table(page, "fresh-2k", f"{package}.fresh", "table", "cifar10-2k-fresh")
    for name in ("error_table", "accuracy_table", "agreement", "networks_table"):
        yield Table(page, f"lazy-{name}", f"{package}.lazy_figure", name, "cifar10-tangent")
    for name in ("error_table", "agreement"):
        more = (f"lazy-2000-{name}", f"{package}.lazy_figure", name, "cifar10-tangent-2000")
        yield Table(page, *more)
    yield Table(page, "heads", f"{package}.heads", "markdown", "cifar10-heads")
    yield Table(page, "scaling", f"{package}.scaling", "markdown", "cifar10-scaling")


def main() -> None:
    """Fill every page."""
    for table in tables():
        table.file.write_text(table.filled(), encoding="utf-8")
        print(f"{table.page}: {table.name}")


if __name__ == "__main__":
    main()
