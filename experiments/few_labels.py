"""Learning curves from few labels, predicted and true, beside curve fits.

Claim: from n_0 labels and the unlabelled rows the total risk of a student at 2 to 16 n_0 labels
is predicted (section 13) better than by fits to the learning curve of the n_0 rows, and the
intervals of 80 % hold what they say.  Truth: students of n real labels, judged on other rows.

    python -m experiments.few_labels --set digits --out DIR
    python -m experiments.few_labels --set cifar-8 --data cifar10-jpeg.npz --out DIR

One JSON file a set and labelling, written after each block of labelled draws: a run that was
stopped goes on, and more draws can be asked for later.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from experiments import curve_fits
from kdverify import checks, images
from kdverify.labels.curve import Level
from kdverify.labels.forecast import AtSize, at_size
from kdverify.labels.guards import at_size_refusals, refusals
from kdverify.labels.path import Decomposition
from kdverify.labels.setting import Setting
from kdverify.report.output import document, write_json
from kdverify.rows import made_up

#: Labelled rows, and multiples of them that are predicted.
COUNTS, MULTIPLES = (100, 300, 1000), (2, 4, 8, 16)
#: Largest share of the rows that a student is trained on, and rows that judge it.
SHARE, JUDGES = 0.8, 1500
#: Labelled draws that share the rows of the forecast's students.
BLOCK = 5


@dataclass(frozen=True)
class Set:
    """A feature matrix with classes or numbers, and what is spent on it.

    ``positive`` are the classes of the labelling in two; students: trained for the truth at
    each n; sets: drawn for each n of a forecast; draws: of the posterior.
    """

    make: Callable[[str | None], tuple[np.ndarray, np.ndarray]]
    positive: tuple[int, ...] = ()
    students: int = 30
    sets: int = 4
    draws: int = 16
    counts: tuple[int, ...] = COUNTS


def _lit(pixels: np.ndarray, share: float = 0.03) -> np.ndarray:
    return pixels[:, (pixels > 0).mean(axis=0) > share]


def _digits(_: str | None) -> tuple[np.ndarray, np.ndarray]:
    pixels, classes = images.load("digits").flat()
    return _lit(pixels), classes


def _pooled(side: int, split: str, count: int) -> Callable[[str | None], Any]:
    def make(data: str | None) -> tuple[np.ndarray, np.ndarray]:
        found = images.load(data or "cifar10")
        pixels = getattr(found, split)[:count]
        size = pixels.shape[1] // side
        small = pixels.reshape(-1, side, size, side, size, 3).mean(axis=(2, 4)) / 255
        return small.reshape(len(small), -1), getattr(found, f"{split}_labels")[:count]

    return make


def _network(columns: int | None) -> Callable[[str | None], Any]:
    """Features of a network's test images, as ``python -m experiments.cifar10.features`` writes."""

    def make(data: str | None) -> tuple[np.ndarray, np.ndarray]:
        if data is None:
            raise ValueError("data=None must be a feature file (.npz with test and test_labels)")
        with np.load(checks.readable_file("data", data, (".npz",))) as file:
            rows, classes = file["test"].astype(float), file["test_labels"].astype(int)
        if columns is not None:
            rows = rows - rows.mean(axis=0)
            rows = rows @ np.linalg.eigh(rows.T @ rows)[1][:, ::-1][:, :columns]
        return rows, classes

    return make


def _made(law: str, size: int, p: int) -> Callable[[str | None], Any]:
    def make(_: str | None) -> tuple[np.ndarray, np.ndarray]:
        generator = np.random.default_rng(np.random.SeedSequence([13, *law.encode()]))
        rows = made_up.LAWS[law](generator, size, p)
        weights = generator.standard_normal((p, 10))
        return rows, made_up.noisy_classes(generator, weights, rows)

    return make


def _relu(_: str | None) -> tuple[np.ndarray, np.ndarray]:
    """600 random ReLU features of the digits, those that are lit in 3 % of them."""
    pixels, classes = images.load("digits").flat()
    generator = np.random.default_rng(np.random.SeedSequence([13, *b"relu of digits"]))
    pixels = pixels / 16 - 0.5
    weights = made_up.relu_weights(generator, pixels.shape[1], 600)
    return _lit(np.maximum(pixels @ weights, 0)), classes


def _cancer(_: str | None) -> tuple[np.ndarray, np.ndarray]:
    """300 random Fourier features of an RBF kernel of the standardised columns."""
    from sklearn.datasets import load_breast_cancer
    from sklearn.kernel_approximation import RBFSampler
    from sklearn.preprocessing import StandardScaler

    columns, classes = load_breast_cancer(return_X_y=True)
    columns = StandardScaler().fit_transform(columns)
    return RBFSampler(gamma=0.02, n_components=300, random_state=0).fit_transform(columns), classes


def _diabetes(_: str | None) -> tuple[np.ndarray, np.ndarray]:
    """150 random Fourier features of the ten columns; progression in standard deviations."""
    from sklearn.datasets import load_diabetes
    from sklearn.kernel_approximation import RBFSampler
    from sklearn.preprocessing import StandardScaler

    columns, target = load_diabetes(return_X_y=True)
    columns = StandardScaler().fit_transform(columns)
    made = RBFSampler(gamma=0.02, n_components=150, random_state=0).fit_transform(columns)
    return made, (target - target.mean()) / target.std()


def _texts(_: str | None) -> tuple[np.ndarray, np.ndarray]:
    """Docstrings of ten installed packages, tf-idf, 300 components; which package is it from."""
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts, classes = docstrings()
    matrix = TfidfVectorizer(min_df=3, sublinear_tf=True, token_pattern="[a-z]{3,}").fit_transform(
        texts
    )
    return TruncatedSVD(300, random_state=0).fit_transform(matrix), classes


#: Packages that the library needs or its tests do, large enough to have many docstrings.
PACKAGES = (
    "numpy", "scipy", "sklearn", "sympy", "matplotlib", "networkx", "mpmath", "pandas", "joblib",
    "rich",
)  # fmt: skip


def docstrings(most: int = 600) -> tuple[list[str], np.ndarray]:
    """Docstrings of at least 200 characters, at most ``most`` a package, names of packages out."""
    import ast
    import importlib.util
    import re

    texts, classes = [], []
    for number, package in enumerate(PACKAGES):
        spec = importlib.util.find_spec(package)
        assert spec is not None
        assert spec.origin is not None
        found = []
        for path in sorted(Path(spec.origin).parent.rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8", errors="replace"))
            nodes = (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.ClassDef))
            found += [text for node in nodes if len(text := ast.get_docstring(node) or "") > 200]
        generator = np.random.default_rng(np.random.SeedSequence([13, number]))
        kept = generator.permutation(len(found))[:most]
        names = re.compile("|".join((*PACKAGES, "np", "plt", "pd", "nx")), re.IGNORECASE)
        texts += [names.sub(" ", found[k].lower()) for k in kept]
        classes += [number] * len(kept)
    return texts, np.array(classes)


ANIMALS, EVEN = (2, 3, 4, 5, 6, 7), (0, 2, 4, 6, 8)
SETS = {
    "digits": Set(_digits, (3,)),
    "cifar-8": Set(_pooled(8, "train", 20_000), ANIMALS, 20),
    "cifar-16": Set(_pooled(16, "test", 10_000), ANIMALS, 8, 3, 12, (100, 300)),
    "resnet50-512": Set(_network(512), ANIMALS, 10, 3, 12),
    "resnet50": Set(_network(None), ANIMALS, 5, 3, 8, (300,)),
    "relu": Set(_relu, (3,), 20, 4, 12),
    "t3": Set(_made("Student t3 mixture", 8000, 200), EVEN, 20),
    "gaussian": Set(_made("Gaussian", 8000, 200), EVEN, 20),
    "cancer-rbf": Set(_cancer, (1,)),
    "diabetes": Set(_diabetes),
    "texts": Set(_texts, (0, 1, 2), 12, 3, 12),
}
#: How many labels: of classes in two, of all classes, numbers.
LABELLINGS = ("two", "ten", "numbers")


def labellings(name: str, given: np.ndarray) -> dict[str, np.ndarray]:
    """Labelling -> labels (N, C) of a set."""
    if given.dtype.kind == "f":
        return {"numbers": given[:, None]}
    found = {"two": np.eye(2)[np.isin(given, SETS[name].positive).astype(int)]}
    count = int(given.max()) + 1
    return found | ({"ten": np.eye(count)[given]} if count > 2 else {})


def sizes_of(n0: int, size: int) -> list[int]:
    """The n that are predicted from n_0 labels."""
    return [multiple * n0 for multiple in MULTIPLES if multiple * n0 <= SHARE * size]


def truths(
    rows: np.ndarray, labels: dict[str, np.ndarray], n: int, ridges: np.ndarray, students: int
) -> dict[str, dict[str, list[float]]]:
    """Labelling -> mean total risk and accuracy (len(ridges),) of students of n real labels."""
    risks = {key: np.zeros((students, len(ridges))) for key in labels}
    hits = {key: np.zeros((students, len(ridges))) for key in labels}
    for student in range(students):
        generator = _generator("truth", n, student)
        order = generator.permutation(len(rows))
        drawn, others = order[:n], order[n : n + JUDGES]
        centre = rows[drawn].mean(axis=0)
        made = Decomposition.of(rows[drawn] - centre)
        seen = (rows[others] - centre) @ made.right
        for key, given in labels.items():
            level = given[drawn].mean(axis=0)
            projected = made.projected(given[drawn] - level)
            for k, ridge in enumerate(ridges):
                outputs = seen @ made.coefficients(projected, ridge) + level
                gap = given[others] - outputs
                risks[key][student, k] = np.square(gap).sum(axis=1).mean()
                hits[key][student, k] = (outputs.argmax(1) == given[others].argmax(1)).mean()
    return {
        key: {
            "risk": risks[key].mean(axis=0).tolist(),
            "error": (risks[key].std(axis=0, ddof=1) / np.sqrt(students)).tolist(),
            "accuracy": hits[key].mean(axis=0).tolist(),
        }
        for key in labels
    }


def measure_set(name: str, data: str | None, folder: Path, labelled_draws: int) -> None:
    """Predict and measure one set; what is there already is kept."""
    chosen = SETS[checks.choice("set", name, tuple(SETS))]
    rows, given = chosen.make(data)
    labels = labellings(name, given)
    whole = Setting.of(rows, np.arange(2), np.zeros((2, 1)))
    ridges, size = whole.ridges(), len(rows)
    counts = [n0 for n0 in chosen.counts if sizes_of(n0, size)]
    documents = {key: _read(folder / f"{name}-{key}.json") for key in labels}
    settings = {"set": name, "rows": size, "rank": whole.sample.rank, "students": chosen.students}
    settings |= {"ridges": (ridges / whole.sample.scale).tolist(), "draws": chosen.draws}
    for n in sorted({n for n0 in counts for n in (n0, *sizes_of(n0, size))}):
        if all(any(row.get("truth_at") == n for row in found) for found in documents.values()):
            continue
        for key, truth in truths(whole.sample.rows, labels, n, ridges, chosen.students).items():
            documents[key].append({"truth_at": n} | truth)
        _write(documents, settings, folder, name)
        print(f"{name}: truth at n = {n}", file=sys.stderr, flush=True)
    for start in range(0, labelled_draws, BLOCK):
        for n0 in counts:
            todo = [
                key
                for key, found in documents.items()
                if not any(row.get("n0") == n0 and row.get("draw") == start for row in found)
            ]
            if todo:
                block = range(start, min(start + BLOCK, labelled_draws))
                made = forecast_block(name, whole, {k: labels[k] for k in todo}, n0, block)
                for key, found in made.items():
                    documents[key] += found
                _write(documents, settings, folder, name)
                print(f"{name}: n_0 = {n0}, draws from {start}", file=sys.stderr, flush=True)


def forecast_block(
    name: str, whole: Setting, labels: dict[str, np.ndarray], n0: int, block: range
) -> dict[str, list[dict[str, Any]]]:
    """Forecasts from ``block``'s labelled draws of n_0 rows, which share their drawn sets."""
    chosen, ridges = SETS[name], whole.ridges()
    jobs: list[tuple[str, int, Setting]] = []
    for key, given in labels.items():
        names = () if key == "numbers" else tuple(map(str, range(given.shape[1])))
        for draw in block:
            generator = _generator("labelled", n0, draw)
            known = generator.choice(len(given), n0, replace=False)
            while names and given[known].sum(axis=0).min() < 2:  # as the command demands
                known = generator.choice(len(given), n0, replace=False)
            setting = Setting(whole.sample, known, given[known], names, whole.size)
            jobs.append((key, draw, setting))
    measured = [setting.measured(ridges) for _, _, setting in jobs]
    draws = [
        setting.draws(chosen.draws, _generator("posterior", n0, draw), one.temper)
        for (_, draw, setting), one in zip(jobs, measured, strict=True)
    ]
    kinds = [setting.classes for _, _, setting in jobs]

    def at(n: int, accuracy: Callable[[int], list[int]]) -> list[AtSize]:
        rows = _generator("few labels", n0, block.start, n)
        return at_size(whole.sample, n, ridges, draws, kinds, accuracy, rows, chosen.sets)

    now = at(n0, lambda _: list(range(len(ridges))))
    levels = [Level.of(one, found) for one, found in zip(measured, now, strict=True)]
    refused = [
        refusals(setting, one, signals)
        for (_, _, setting), one, signals in zip(jobs, measured, draws, strict=True)
    ]
    results: dict[str, list[dict[str, Any]]] = {key: [] for key in labels}
    wanted = sizes_of(n0, len(whole.sample.rows))
    curves = []
    for _, draw, setting in jobs:
        fitted = curve_fits.subsample_curves(
            setting.rows, setting.labels, ridges, _generator("sub-samples", n0, draw)
        )
        curves.append(_fits(*fitted, np.array([n0, *wanted], dtype=float)))
    for place, n in enumerate(wanted, start=1):
        for index, found in enumerate(at(n, lambda best: [0, best])):
            key, draw, _ = jobs[index]
            for student, ridge, first in (
                ("min-norm", 0, 0),
                ("best", found.best, now[index].best),
            ):
                level = levels[index]
                risk, _, _ = level.risk(found, ridge)
                logs = np.log(found.risks[:, ridge])
                no = [r for r in refused[index] if r.meets(n, ridges[ridge])]
                no += [r for r in at_size_refusals(found, 0) if r.meets(n, ridges[ridge])]
                row = {
                    "n0": n0, "draw": draw, "n": n, "student": student, "ridge": ridge,
                    "risk": risk, "risk_now": level.risk(now[index], first)[0],
                    "level_variance": level.variance,
                    "shape_variance": float((logs - level.reference).var()),
                    "refused": [r.reason for r in no],
                    "fits": {k: v[[0, place]].tolist() for k, v in curves[index][student].items()},
                }  # fmt: skip
                if kinds[index] is not None:
                    row["accuracy"] = level.accuracy(found, ridge)[0]
                results[key].append(_rounded(row))
    return results


def _fits(
    sizes: np.ndarray, risks: np.ndarray, crossed: np.ndarray, wanted: np.ndarray
) -> dict[str, dict[str, np.ndarray]]:
    """Both students' curves extrapolated; the best ridge is sought at each size."""
    curves = {
        "min-norm": (risks[:, 0], crossed[:, 0]),
        "best": (risks.min(axis=1), crossed.min(axis=1)),
    }
    return {k: curve_fits.extrapolations(sizes, *found, wanted) for k, found in curves.items()}


def _generator(purpose: str, *keys: int) -> np.random.Generator:
    """A stream of a purpose.  The stored tables rest on these keys, so they stay.

    No two coincide: a purpose has more letters than a seed sequence pads with zeros, none begins
    another, and each has its own number of keys.  Those of made-up rows begin with 13.
    """
    return np.random.default_rng(np.random.SeedSequence([*purpose.encode(), *keys]))


def _rounded(value: Any) -> Any:
    """Numbers with five digits: a file of thousands of rows stays small."""
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return float(f"{value:.5g}") if isinstance(value, float) else value


def _read(file: Path) -> list[dict[str, Any]]:
    if not file.exists():
        return []
    return list(json.loads(file.read_text(encoding="utf-8"))["rows"])


def _write(
    documents: dict[str, list[dict[str, Any]]], settings: dict[str, Any], folder: Path, name: str
) -> None:
    for key, found in documents.items():
        content = document("few_labels", settings | {"labels": key}, [_rounded(r) for r in found])
        write_json(content, str(folder / f"{name}-{key}.json"))


def main(
    out: Annotated[Path, typer.Option(help="Folder of the results.")],
    set_: Annotated[str, typer.Option("--set", help=f"One of {', '.join(SETS)}.")],
    data: Annotated[str | None, typer.Option(help="A file of images or features.")] = None,
    draws: Annotated[int, typer.Option(help="Labelled draws.")] = 20,
) -> None:
    """Predict and measure one set."""
    out.mkdir(parents=True, exist_ok=True)
    measure_set(set_, data, out, draws)


if __name__ == "__main__":
    typer.run(main)
