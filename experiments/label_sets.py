"""Feature matrices with labels for `few_labels`: some to choose the method on, others to judge it.

Grids, guards and the form of the intervals were chosen on the sets of `TUNING`.  The others were
not looked at before: what they say is what a reader may expect on a set of their own.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kdverify import checks, images
from kdverify.rows import made_up

from . import streams

#: Labelled rows that are asked from.
COUNTS = (100, 300, 1000)


@dataclass(frozen=True)
class Set:
    """A feature matrix with classes or numbers, and what is spent on it.

    ``positive`` are the classes of the labelling in two; students: trained for the truth at
    each n; draws: of the posterior.
    """

    make: Callable[[str | None], tuple[np.ndarray, np.ndarray]]
    positive: tuple[int, ...] = ()
    students: int = 30
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
        generator = streams.made_up("few labels", law)
        rows = made_up.LAWS[law](generator, size, p)
        weights = generator.standard_normal((p, 10))
        return rows, made_up.noisy_classes(generator, weights, rows)

    return make


def _relu(_: str | None) -> tuple[np.ndarray, np.ndarray]:
    """600 random ReLU features of the digits, those that are lit in 3 % of them."""
    pixels, classes = images.load("digits").flat()
    generator = streams.made_up("few labels", "relu of digits")
    pixels = pixels / 16 - 0.5
    weights = made_up.relu_weights(generator, pixels.shape[1], 600)
    return _lit(np.maximum(pixels @ weights, 0)), classes


def _fashion(_: str | None) -> tuple[np.ndarray, np.ndarray]:
    """Fashion-MNIST's test images, 14 x 14."""
    found = images.load("fashion-mnist")
    pixels = found.test.reshape(-1, 14, 2, 14, 2).mean(axis=(2, 4)) / 255
    return _lit(pixels.reshape(len(pixels), -1)), found.test_labels


def fourier(columns: np.ndarray, count: int) -> np.ndarray:
    """Random Fourier features of an RBF kernel of the standardised columns."""
    from sklearn.kernel_approximation import RBFSampler
    from sklearn.preprocessing import StandardScaler

    columns = StandardScaler().fit_transform(columns)
    made = RBFSampler(gamma=0.02, n_components=count, random_state=0).fit_transform(columns)
    return np.asarray(made)


def carried(module: str, package: str) -> Any:
    """A module of a package that carries data, which nothing else here needs."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ValueError(f"this set comes with a package: pip install {package}") from error


def survey(name: str) -> Any:
    """A data set of statsmodels."""
    return carried(f"statsmodels.datasets.{name}", "statsmodels").load_pandas()


def standard(labels: np.ndarray) -> np.ndarray:
    """Numbers in standard deviations from their mean."""
    return np.asarray((labels - labels.mean()) / labels.std())


def _affairs(_: str | None) -> tuple[np.ndarray, np.ndarray]:
    """Fair's survey of marriages (statsmodels), 200 Fourier features: whether there was one."""
    given = survey("fair")
    return fourier(given.exog.to_numpy(), 200), (given.endog.to_numpy() > 0).astype(int)


def _visits(_: str | None) -> tuple[np.ndarray, np.ndarray]:
    """RAND's health insurance experiment (statsmodels): log of one more than visits to a doctor."""
    given = survey("randhie")
    visits = np.log1p(given.endog.to_numpy())
    return fourier(given.exog.to_numpy(), 200), standard(visits)


def _cancer(_: str | None) -> tuple[np.ndarray, np.ndarray]:
    """300 random Fourier features of an RBF kernel of the standardised columns."""
    from sklearn.datasets import load_breast_cancer

    columns, classes = load_breast_cancer(return_X_y=True)
    return fourier(columns, 300), classes


def _diabetes(_: str | None) -> tuple[np.ndarray, np.ndarray]:
    """150 random Fourier features of the ten columns; progression in standard deviations."""
    from sklearn.datasets import load_diabetes

    columns, target = load_diabetes(return_X_y=True)
    return fourier(columns, 150), standard(target)


def _texts(_: str | None) -> tuple[np.ndarray, np.ndarray]:
    """Docstrings of ten installed packages; which package is it from."""
    return _words(*docstrings())


#: Folders of SymPy with many docstrings.
SUBJECTS = (
    "core", "functions", "physics", "polys", "solvers", "matrices", "combinatorics", "geometry",
    "stats", "ntheory",
)  # fmt: skip


def _subjects(_: str | None) -> tuple[np.ndarray, np.ndarray]:
    """Docstrings of ten folders of SymPy; which folder is it from."""
    return _words(*docstrings(SUBJECTS, 400, "sympy"))


def _words(texts: list[str], classes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """tf-idf, 300 components."""
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    matrix = TfidfVectorizer(min_df=3, sublinear_tf=True, token_pattern="[a-z]{3,}").fit_transform(
        texts
    )
    return TruncatedSVD(300, random_state=0).fit_transform(matrix), classes


#: Packages that the library needs or its tests do, large enough to have many docstrings.
PACKAGES = (
    "numpy", "scipy", "sklearn", "sympy", "matplotlib", "networkx", "mpmath", "pandas", "joblib",
    "rich",
)  # fmt: skip


def docstrings(
    packages: tuple[str, ...] = PACKAGES, most: int = 600, inside: str = ""
) -> tuple[list[str], np.ndarray]:
    """Docstrings of at least 200 characters, at most ``most`` a package, names of packages out.

    ``inside``: a package whose folders ``packages`` are.
    """
    import ast
    import importlib.util
    import re

    texts, classes = [], []
    for number, package in enumerate(packages):
        spec = importlib.util.find_spec(f"{inside}.{package}" if inside else package)
        assert spec is not None
        assert spec.origin is not None
        found = []
        for path in sorted(Path(spec.origin).parent.rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8", errors="replace"))
            nodes = (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.ClassDef))
            found += [text for node in nodes if len(text := ast.get_docstring(node) or "") > 200]
        generator = streams.made_up("few labels", number)
        kept = generator.permutation(len(found))[:most]
        names = re.compile("|".join((*packages, "np", "plt", "pd", "nx")), re.IGNORECASE)
        texts += [names.sub(" ", found[k].lower()) for k in kept]
        classes += [number] * len(kept)
    return texts, np.array(classes)


ANIMALS, EVEN = (2, 3, 4, 5, 6, 7), (0, 2, 4, 6, 8)
SETS = {
    "digits": Set(_digits, (3,)),
    "cifar-8": Set(_pooled(8, "train", 20_000), ANIMALS, 20),
    "cifar-16": Set(_pooled(16, "test", 10_000), ANIMALS, 8, 12, (100, 300)),
    "resnet50-512": Set(_network(512), ANIMALS, 10, 12),
    "resnet50": Set(_network(None), ANIMALS, 5, 8, (300,)),
    "relu": Set(_relu, (3,), 20, 12),
    "t3": Set(_made("Student t3 mixture", 8000, 200), EVEN, 20),
    "gaussian": Set(_made("Gaussian", 8000, 200), EVEN, 20),
    "cancer-rbf": Set(_cancer, (1,)),
    "diabetes": Set(_diabetes),
    "texts": Set(_texts, (0, 1, 2), 12, 12),
    "fashion": Set(_fashion, (0, 2, 4, 6), 60, 16),
    "subjects": Set(_subjects, (0, 1, 2), 12, 16),
    "affairs": Set(_affairs, (1,), 60, 16),
    "visits": Set(_visits, (), 12, 16),
    "two-gaussians": Set(_made("two Gaussians", 8000, 200), EVEN, 12, 16),
    "sparse": Set(_made("sparse", 8000, 200), EVEN, 8, 16),
}
#: Sets on which the method was chosen.
TUNING = (
    "digits", "cifar-8", "cifar-16", "resnet50-512", "resnet50", "relu", "t3", "gaussian",
    "cancer-rbf", "diabetes", "texts",
)  # fmt: skip


def labellings(
    given: np.ndarray, positive: tuple[int, ...], every: str = "ten"
) -> dict[str, np.ndarray]:
    """Labelling -> labels (N, C): numbers, ``positive`` classes and the others, all classes."""
    if given.dtype.kind == "f":
        return {"numbers": given[:, None]}
    count = int(given.max()) + 1
    found = {"two": np.eye(2)[np.isin(given, positive).astype(int)]} if positive else {}
    return found | ({every: np.eye(count)[given]} if count > 2 or not positive else {})
