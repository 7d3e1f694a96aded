"""What `predict` and `measure` have in common: keys, units and shapes of their results."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from kdverify import checks
from kdverify.shown import Shown

if TYPE_CHECKING:
    from kdverify.rows.question import Question
    from kdverify.teachers import Teacher

#: A risk may be below zero by rounding: this fraction of the labels' power.
ROUNDING = 1e-9


@dataclass(frozen=True, eq=False, repr=False)
class Results(Shown):
    """Numbers for each teacher, n and ridge.

    Each is a float where n and ridges are numbers; an axis stands for each that is a list, n
    first.

    Attributes:
        question: what was asked.
        n, ridges: sample size and ridge of each entry.
        teachers: in the order of the call; the dictionaries below have their names as keys.
        risk: mean squared error against the true labels on the rows that the question judges,
            their noise included, summed over label columns.
        excess: mean square of prediction less ``x'beta*`` on these rows, summed likewise: what a
            student loses against the best linear predictor of all rows.
        accuracy: share of these rows that are classified right; empty for regression, NaN for
            teachers whose accuracy was not asked for.
    """

    question: Question
    n: np.ndarray
    ridges: np.ndarray
    teachers: tuple[Teacher, ...]
    risk: dict[str, np.ndarray]
    excess: dict[str, np.ndarray]
    accuracy: dict[str, np.ndarray]

    def standard_errors(self) -> dict[str, dict[str, np.ndarray]]:
        """Standard errors, ``{"risk": {teacher: ...}, ...}``, where the numbers have any."""
        return {}

    def records(self) -> Iterator[dict[str, Any]]:
        """One flat record for each n, ridge and teacher."""
        errors = self.standard_errors()
        for place in np.ndindex(np.shape(self.n)):
            for teacher in self.teachers:
                row: dict[str, Any] = {
                    "n": float(self.n[place]),
                    "ridge": float(self.ridges[place]),
                    "teacher": teacher.name,
                }
                for name in ("risk", "excess", "accuracy"):
                    values = getattr(self, name)
                    if teacher.name in values:
                        row[name] = float(values[teacher.name][place])
                    if name in errors and teacher.name in errors[name]:
                        row[f"{name}_se"] = float(errors[name][teacher.name][place])
                yield row

    def __repr__(self) -> str:
        names = ", ".join(teacher.name for teacher in self.teachers)
        sizes = ", ".join(f"{size:g}" for size in np.unique(self.n))
        return f"<{type(self).__name__} of {names} at n = {sizes}>"


R = TypeVar("R", bound=Results)


def side_by_side(parts: Sequence[R]) -> R:
    """Results of one question at several n, each with its own ridges, as one."""

    def joined(values: list[Any]) -> Any:
        if isinstance(values[0], dict):
            names = dict.fromkeys(name for value in values for name in value)
            return {name: joined([v[name] for v in values if name in v]) for name in names}
        if isinstance(values[0], np.ndarray):
            return np.concatenate(values)
        if isinstance(values[0], list):
            return [item for value in values for item in value]
        return values[0]

    names = [one.name for one in fields(parts[0])]
    return replace(parts[0], **{k: joined([getattr(part, k) for part in parts]) for k in names})


def grid(n: Any, ridges: Any) -> tuple[list[float], list[float], tuple[int, ...]]:
    """Sample sizes, ridges, and the shape of results over them."""
    sizes = checks.sample_sizes("n", n, share=False)
    deltas = [checks.non_negative("ridge", delta) for delta in np.atleast_1d(ridges).tolist()]
    if not deltas:
        raise ValueError("ridges must name at least one ridge")
    shape = (*(() if np.ndim(n) == 0 else (len(sizes),)),)
    shape += () if np.ndim(ridges) == 0 else (len(deltas),)
    return sizes, deltas, shape


def in_shape(values: Sequence[Any] | np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Numbers for each n and ridge, n first, in the shape of `grid`."""
    return np.asarray(values, dtype=float).reshape(shape)


def check_ranges(
    where: str, power: float, risk: Any, excess: Any, accuracy: float = np.nan
) -> None:
    """Refuse a number outside its range: a negative risk, an accuracy outside [0, 1].

    Args:
        power: mean square of the labels, of which `ROUNDING` is no sign.

    Raises:
        CannotTell: a theory that says such a thing does not hold there.
    """
    from kdverify.rows.answers import CannotTell

    for name, values in (("risk", risk), ("excess risk", excess)):
        values = np.asarray(values, dtype=float)
        scale = max(float(np.nanmax(np.abs(values), initial=0.0)), power, np.finfo(float).tiny)
        if (values < -ROUNDING * scale).any():
            raise CannotTell(f"{where}: a negative {name}, {float(np.nanmin(values)):.3g}")
    if not (np.isnan(accuracy) or 0 <= accuracy <= 1):
        raise CannotTell(f"{where}: an accuracy of {accuracy:.3g}")
