"""Row distributions for the measured claims of section 9: a pool and true labels for each.

A pool is the distribution: rows are drawn from it independently.  Labels hold a linear part,
a part that is not linear, and noise whose size depends on the row, so that no term of (11)
is zero.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

import kdverify as kd
from kdverify.evidence import Context, NotRun

from .ensembles import seed

#: Rows of a made-up pool, and rows that are kept out of every pool.
POOL, UNSEEN = 1200, 300
#: Images of Fashion-MNIST in a pool.
FASHION_ROWS = 1500
#: Label columns of a made-up pool: students that share their rows.
COLUMNS = 6
#: Half-width of a band for risks and variances, relative, times p - n - 1: three times the bias
#: that Sigma = I has (9.left-out-noise), where the noise part is exact.
BAND = 3.0
#: Digits on one side: odd, above 4, with a closed loop, and every other pair.
DIVISIONS = ((1, 3, 5, 7, 9), (5, 6, 7, 8, 9), (0, 4, 6, 8, 9), (2, 3, 6, 7))


@dataclass(frozen=True, eq=False)
class Law:
    """A pool of rows with labels (N, K), rows outside it, and how many rows a student gets."""

    name: str
    pool: kd.rows.Pool
    labels: np.ndarray
    unseen: np.ndarray
    unseen_labels: np.ndarray
    n: int
    ridge: float = 0.0

    @property
    def gap(self) -> int:
        """``p - n - 1``: for Sigma = I the noise part is off by the fraction 1/gap."""
        return self.pool.rank - self.n - 1

    @property
    def relative_band(self) -> float:
        """Half-width of a band, relative to a predicted risk or variance."""
        return BAND / self.gap

    @property
    def second_order(self) -> float:
        """Four times the square of Omega/(n (1 - Omega)), for what a first correction leaves.

        Relative, as in section 2: at Sigma = I the noise part is off by the fraction 1/gap, which
        is Omega/(n (1 - Omega)) to lowest order; with a ridge the other parts are off too, by the
        order 1/(n (1 - Omega)).
        """
        at = kd.equivalents(kd.Spectrum(self.pool.principal[0]), self.n, self.ridge)
        first = (1.0 if self.ridge else at.omega) / (self.n * at.one_minus_omega)
        return 4 * float(first) ** 2

    @property
    def accuracy_band(self) -> float:
        """Half-width of a band of accuracies.

        ``Phi(t)`` changes by at most ``t phi(t) <= phi(1)`` times the relative change of the
        standard deviation, half that of the variance.
        """
        return float(math.exp(-0.5) / math.sqrt(2 * math.pi) * self.relative_band / 2)

    def divisions(self) -> tuple[np.ndarray, np.ndarray]:
        """Divisions into two classes: (N, k) bool, and that of the unseen rows.

        Above the median of each label, or for digits the four in `DIVISIONS`.
        """
        if self.name == "digits":
            sides = np.array([np.isin(np.arange(10), side) for side in DIVISIONS]).T
            return sides[self.labels.argmax(axis=1)], sides[self.unseen_labels.argmax(axis=1)]
        cut = np.median(self.labels, axis=0)
        return self.labels > cut, self.unseen_labels > cut


def _labels(generator: np.random.Generator, features: np.ndarray) -> np.ndarray:
    """Linear part, non-linear part and noise that grows with the row's length; `COLUMNS` times."""
    size, p = features.shape
    beta = generator.standard_normal((p, COLUMNS)) / np.sqrt(p * np.square(features).mean())
    linear = features @ beta
    length = np.linalg.norm(features, axis=1, keepdims=True)
    uneven = 0.3 * length / np.sqrt(np.square(length).mean())
    return linear + 0.3 * np.abs(linear) + uneven * generator.standard_normal((size, COLUMNS))


#: Columns of a made-up pool, and how many rows a student gets.
MADE = {
    "Gaussian": (60, 20),
    "Student t3 mixture": (60, 20),
    "sparse": (60, 15),
    "two Gaussians": (60, 20),
    "ReLU features": (60, 15),
}


@cache
def made(name: str, k: int = 1) -> Law:
    """One of `MADE`; with k times the columns, the rows of the pool and those of a student."""
    p, n = (k * size for size in MADE[name])
    generator, size = np.random.default_rng([9, *name.encode()]), k * POOL
    features = kd.rows.made_up.LAWS[name](generator, size + UNSEEN, p)
    labels = _labels(generator, features)
    pool = kd.rows.Pool(features[:size])
    return Law(name, pool, labels[:size], features[size:], labels[size:], n)


@cache
def two_slopes() -> Law:
    """Rows of scale 1/4 or 7/4, and labels whose slope grows with the scale; with a ridge.

    The linear predictor of (11) leaves errors that depend on the row's direction and scale, so that
    the cross term of (11) is a tenth of the risk.  Without ridge it would nearly vanish: b is in
    proportion to the squared scale.
    """
    generator = np.random.default_rng([9, *b"two slopes"])
    scales = generator.choice([0.25, 1.75], (POOL + UNSEEN, 1))
    features = scales * generator.standard_normal((POOL + UNSEEN, 60))
    labels = (scales**2 - 1) * (features @ generator.standard_normal((60, COLUMNS)))
    pool = kd.rows.Pool(features[:POOL])
    return Law("two slopes", pool, labels[:POOL], features[POOL:], labels[POOL:], 40, 10.0)


@cache
def digits() -> Law:
    """Pixels of handwritten digits, centred, constant ones left out; labels: ten classes."""
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        raise NotRun("scikit-learn is not installed") from None
    pixels, classes = load_digits(return_X_y=True)
    features = (pixels - pixels.mean(axis=0))[:, pixels.std(axis=0) > 0]
    order = np.random.default_rng(9).permutation(len(features))
    kept, unseen = order[UNSEEN:], order[:UNSEEN]
    labels = np.eye(10)[classes]
    pool = kd.rows.Pool(features[kept])
    return Law("digits", pool, labels[kept], features[unseen], labels[unseen], 15)


@cache
def fashion() -> Law:
    """100 random ReLU features of 1,500 images of Fashion-MNIST, centred; labels: ten classes."""
    try:
        found = kd.images.load("fashion-mnist")
    except ValueError as error:
        raise NotRun(str(error)) from None
    generator = np.random.default_rng([9, *b"fashion"])
    chosen = generator.choice(len(found.train), FASHION_ROWS + UNSEEN, replace=False)
    pixels = found.train[chosen].reshape(len(chosen), -1) / 255
    features = np.maximum(
        pixels @ kd.rows.made_up.relu_weights(generator, pixels.shape[1], 100), 0.0
    )
    features -= features.mean(axis=0)
    labels = np.eye(10)[found.train_labels[chosen]]
    pool = kd.rows.Pool(features[:FASHION_ROWS])
    unseen = slice(FASHION_ROWS, None)
    return Law("Fashion-MNIST", pool, labels[:FASHION_ROWS], features[unseen], labels[unseen], 30)


def ten_class_labels(law: Law) -> tuple[np.ndarray, np.ndarray]:
    """Classes of the pool's rows and of the unseen ones: the largest of ten noisy linear forms."""
    generator = np.random.default_rng([10, *law.name.encode()])
    weights = generator.standard_normal((law.pool.columns, 10))
    classes = [
        kd.rows.made_up.noisy_classes(generator, weights, features)
        for features in (np.asarray(law.pool.rows), law.unseen)
    ]
    return classes[0], classes[1]


def all_laws() -> list[Law]:
    """Five made-up laws and the digits."""
    return [*(made(name) for name in MADE), digits()]


def influences(one: kd.rows.Students, other: kd.rows.Students, best: np.ndarray) -> np.ndarray:
    """(N, 6) how a row moves the excess through either student and both, to lowest order.

    Label columns summed; of mean zero over the pool, whose covariance judges.  Sums over drawn
    rows are `zeros` of a `Comparison`.
    """
    pool, known = one.at.pool, (one, other)
    rows = np.asarray(pool.rows)
    maps = [rows @ s.at.M / s.at.b[:, None] for s in known]
    errors = [s.labels - rows @ s.mean for s in known]
    aims = [pool.covariance @ (s.mean - best) for s in known[::-1]]
    both = np.einsum("ij,ij->i", maps[0] @ pool.covariance, maps[1])
    found = [both, both * (errors[0] * errors[1]).sum(axis=1)]
    found += [(e * (m @ aim)).sum(axis=1) for e, m, aim in zip(errors, maps, aims, strict=True)]
    found += [np.einsum("ij,ij->i", m, rows) for m in maps]
    return np.transpose([values - values.mean() for values in found])


def teaches(student: kd.rows.Students) -> np.ndarray:
    """(N, width, K) what a row teaches its student to lowest order, ``M x e/b``, less the mean."""
    rows = np.asarray(student.at.pool.rows)
    errors = student.labels - rows @ student.mean
    found = (rows @ student.at.M / student.at.b[:, None])[:, :, None] * errors[:, None]
    return np.asarray(found - found.mean(axis=0))


def students_drawn(
    law: Law, labels: np.ndarray, trials: int, key: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Students of rows drawn from a law's pool independently, and these rows, each once."""
    rows, draws = np.asarray(law.pool.rows), kd.rows.Draws(replace=True)
    for k in range(trials):
        drawn, counts = np.unique(draws.rows(law.pool, law.n, 0, key, k)[0], return_counts=True)
        roots = np.sqrt(counts)[:, None]
        yield kd.rows.fit(rows[drawn] * roots, labels[drawn] * roots, law.ridge), drawn


def trained(
    context: Context,
    law: Law,
    labels: np.ndarray,
    judge: Callable[[np.ndarray], float],
    trials: int,
) -> np.ndarray:
    """``judge(student)`` for students of rows drawn from a law's pool independently, (trials,)."""
    drawn = students_drawn(law, labels, context.trials(trials), seed(context, law.name))
    return np.array([judge(student) for student, _ in drawn])
