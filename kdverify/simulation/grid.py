"""Grids of settings for sweeps: from options or a TOML file."""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from kdverify import checks
from kdverify.gaussian import theory
from kdverify.problem import Problem, Spectrum
from kdverify.simulation.designs import LAWS
from kdverify.simulation.engine import Training, build_task
from kdverify.simulation.task import Task

#: What a point without first stage simulates, in this order.
TEACHERS = ("standard", "optimal", "masked")


@dataclass(frozen=True)
class Point:
    """One setting of a power-law problem.

    Without ``m`` the student trains on the labels of beta*, of the best surrogate and of
    the best mask; with ``m`` on those of a surrogate trained on m samples of a power law
    with exponent ``source_alpha`` (None: the same spectrum).  Exponents, variances and
    ridges are exact decimals as text.
    """

    p: int
    alpha: str
    beta: str
    n: int
    m: int | None = None
    source_alpha: str | None = None
    noise_variance: str = "0"
    source_noise_variance: str = "0"
    ridge: str = "0"
    source_ridge: str = "0"
    design: str = "gaussian"
    student_df: str = "8"

    def problem(self) -> Problem:
        """The spectrum and ground truth."""
        return _problem(self.p, self.alpha, self.beta)

    def source(self) -> Spectrum:
        """The surrogate's spectrum, paired mode by mode with the target's."""
        return Spectrum.power_law(self.p, self.source_alpha or self.alpha)

    def task(self, seed: int) -> Task:
        """What to simulate."""
        problem = self.problem()
        noise, source_noise, ridge, source_ridge = (
            float(Fraction(text))
            for text in (
                self.noise_variance,
                self.source_noise_variance,
                self.ridge,
                self.source_ridge,
            )
        )
        last = Training(self.n, None, noise, ridge)
        law: dict[str, Any] = {
            "design": self.design,
            "student_df": float(Fraction(self.student_df)),
        }
        if self.m is None:
            mask = theory.optimal_mask(problem, self.n, ridge)
            teachers = [
                None,
                theory.optimal_surrogate(problem, self.n, ridge),
                problem.beta_star * mask,
            ]
            return build_task(problem, [last], teachers, seed, **law)
        first = Training(self.m, self.source(), source_noise, source_ridge)
        return build_task(problem, [first, last], (None,), seed, **law)

    def settings(self) -> dict[str, Any]:
        """All fields by name."""
        return asdict(self)


NAMES = tuple(f.name for f in fields(Point))
_COUNTS = ("p", "n", "m")
_TEXTS = ("design",)


@cache
def _problem(p: int, alpha: str, beta: str) -> Problem:
    return Problem.power_law(p, alpha, beta)


def points(axes: Mapping[str, Sequence[Any]]) -> list[Point]:
    """Every combination of the values of ``axes``, the last named axis fastest.

    Raises:
        ValueError: for an unknown axis, an empty one (a grid of size zero), a value out of
            range or a missing p, alpha, beta or n.
    """
    for name in axes:
        if name not in NAMES:
            raise ValueError(f"grid axis {name!r} must be one of {', '.join(NAMES)}")
    for name in ("p", "alpha", "beta", "n"):
        if name not in axes:
            raise ValueError(f"grid axis {name!r} must be given")
    values = {name: [_value(name, v) for v in axis] for name, axis in axes.items()}
    for name, axis in values.items():
        if not axis:
            raise ValueError(f"grid axis {name!r} must not be empty: the grid would have size zero")
    grid = [
        Point(**dict(zip(values, row, strict=True))) for row in itertools.product(*values.values())
    ]
    return list(dict.fromkeys(grid))


def _value(name: str, value: Any) -> Any:
    if name in _COUNTS:
        return checks.count(name, _whole(name, value))
    if name in _TEXTS:
        return checks.choice(name, value, tuple(LAWS))
    number = checks.exact(name, value)
    if name == "alpha" or name == "source_alpha":
        checks.positive(name, number)
    elif name != "beta":
        checks.non_negative(name, number)
    return str(number)


def _whole(name: str, value: Any) -> Any:
    number = checks.exact(name, value)
    return int(number) if number.denominator == 1 else float(number)


def from_toml(path: str | Path) -> tuple[dict[str, list[Any]], dict[str, Any]]:
    """The axes and the run options (``trials``, ``seed``) of a TOML file.

    ::

        [grid]
        p = 500
        alpha = "2"
        beta = ["1.25", "1.5"]
        n = [50, 100, 200]

        [run]
        trials = 400
        seed = 0
    """
    file = checks.readable_file("grid", path, (".toml",))
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"grid={str(path)!r} must be a TOML file: {error}") from None
    unknown = set(content) - {"grid", "run"}
    if unknown or "grid" not in content:
        raise ValueError(
            f"grid={str(path)!r} must have the table [grid] and at most [run] beside it"
        )
    run = content.get("run", {})
    if set(run) - {"trials", "seed"}:
        raise ValueError(f"grid={str(path)!r}: [run] must hold only trials and seed")
    axes = {
        name: list(axis) if isinstance(axis, list) else [axis]
        for name, axis in content["grid"].items()
    }
    # TOML has binary floats only; the text that was written is what was meant.
    return {n: [repr(v) if isinstance(v, float) else v for v in a] for n, a in axes.items()}, run
