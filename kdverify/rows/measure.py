"""Measurement on real rows: students trained on n rows of a pool, again and again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from kdverify import checks
from kdverify.rows.pool import Pool
from kdverify.rows.training import fit
from kdverify.seeds import Rng, seed_from, stream
from kdverify.shown import Shown

#: From a teacher's name, its student and the rows that were not drawn to named numbers.
Judge = Callable[[str, np.ndarray, np.ndarray], Mapping[str, float]]


@dataclass(frozen=True, eq=False, repr=False)
class Measured(Shown):
    """Results of a measurement, one entry a repetition.

    Attributes:
        values: name -> (repetitions,) array.
    """

    values: dict[str, np.ndarray]

    def records(self) -> Iterator[dict[str, float]]:
        """One record: means, and their standard errors as ``NAME_se``."""
        found = {name: self.mean(name) for name in self.values}
        yield found | {f"{name}_se": self.standard_error(name) for name in self.values}

    def mean(self, name: str) -> float:
        """Mean over the repetitions."""
        return float(self.values[name].mean())

    def standard_error(self, name: str) -> float:
        """Standard error of the mean."""
        found = self.values[name]
        return float(found.std(ddof=1) / np.sqrt(found.size))


def excess_on(pool: Pool, student: np.ndarray, best: np.ndarray, chosen: np.ndarray) -> float:
    """Mean of ``(x'(student - best))^2`` over the ``chosen`` rows (N,) bool, columns summed."""
    gaps = pool.times(student - best)[chosen]
    return float(np.average(np.square(gaps).sum(axis=1), weights=pool.each_weight[chosen]))


def excess_judge(pool: Pool, best: np.ndarray) -> Judge:
    """Judges a student by `excess_on` the rows that were not drawn, as ``"excess"``.

    The sum over all rows, by their covariance, less that over the drawn ones, while these are
    few; nothing is lost to cancellation then.
    """

    def judged(_: str, student: np.ndarray, unseen: np.ndarray) -> Mapping[str, float]:
        seen = np.flatnonzero(~unseen)
        if 2 * seen.size > pool.size:
            return {"excess": excess_on(pool, student, best, unseen)}
        gap = student - best
        weights = pool.each_weight[seen]
        gone = np.square(np.asarray(pool.rows[seen], dtype=float) @ gap).sum(axis=1) @ weights
        whole = pool.size * np.einsum("ij,ij->", gap, pool.covariance @ gap)
        return {"excess": float((whole - gone) / (pool.size - weights.sum()))}

    return judged


def draw(
    generator: np.random.Generator, pool: Pool, n: int, replace: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of the drawn rows, each once, and how often each was drawn."""
    chances = None if pool.weights is None else pool.weights / pool.size
    drawn = generator.choice(pool.size, n, replace=replace, p=chances)
    return np.unique(drawn, return_counts=True)


def measure(
    pool: Pool,
    n: int,
    teachers: Mapping[str, np.ndarray],
    judge: Judge,
    repetitions: int = 20,
    seed: int = 0,
    ridge: float = 0.0,
    noise_variance: float = 0.0,
    replace: bool = False,
    rng: Rng = None,
) -> Measured:
    """Train a student on n rows of ``pool`` with each teacher's labels, ``repetitions`` times.

    Args:
        teachers: name -> labels (N,) or (N, K) of all rows of the pool; all teachers of a
            repetition share its rows and its noise.
        judge: called with a teacher's name, the student (width, K) and a bool mask (N,) of
            the rows that were not drawn; returns named numbers, that are recorded as
            ``"teacher/name"``.
        replace: draw rows independently, as the theory has it (a row may come twice), or
            none twice.
        seed: each repetition has a stream of its own, by seed, n and repetition.
        rng: in its place, a seed or a NumPy generator (`kdverify.seeds.seed_from`).

    A row that was drawn k times with different labels counts once with their mean and, where
    there is a ridge, with weight k: the same least-squares problem.
    """
    seed = seed_from(seed, rng)
    n = checks.count("n", n)
    repetitions = checks.count("repetitions", repetitions, 2)
    noise = checks.non_negative("noise_variance", noise_variance)
    if not replace and n > pool.size:
        raise ValueError(f"n={n} must be at most the number of rows, {pool.size}")
    if not replace:
        checks.equal_weights("pool", pool.weights, "only replace=True draws by weights")
    labels = {k: checks.label_matrix(f"labels of {k}", v, pool.size) for k, v in teachers.items()}
    outputs = {label.shape[1] for label in labels.values()}
    found: dict[str, list[float]] = {}
    for repetition in range(repetitions):
        generator = stream(seed, "training rows", n, repetition)
        chosen, counts = draw(generator, pool, n, replace)
        roots = np.sqrt(counts)[:, None]
        rows = np.asarray(pool.rows[chosen], dtype=float) * roots
        unseen = np.ones(pool.size, dtype=bool)
        unseen[chosen] = False
        noises = {
            k: generator.standard_normal((chosen.size, k)) * np.sqrt(noise) for k in sorted(outputs)
        }
        for name, values in labels.items():
            # the mean of k noises has variance noise / k; times sqrt(k) it is noise again
            target = values[chosen] * roots + noises[values.shape[1]]
            student = fit(rows, target, ridge)
            for key, value in judge(name, student, unseen).items():
                found.setdefault(f"{name}/{key}", []).append(float(value))
    return Measured({name: np.asarray(values) for name, values in found.items()})
