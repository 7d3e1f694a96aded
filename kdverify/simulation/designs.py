"""Laws of the standardised entries of a design, and rows drawn from data.

A design matrix is ``X = G Sigma^(1/2)`` with independent, standardised entries in
``G`` (mean 0, variance 1), or ``n`` distinct rows of a real data matrix.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from kdverify import checks, formulas

#: The least degrees of freedom for which the moments that the theory needs exist.
LEAST_STUDENT_DF = 8.0


def _gaussian(rng: np.random.Generator, out: np.ndarray, df: float) -> None:
    rng.standard_normal(out=out)


def _rademacher(rng: np.random.Generator, out: np.ndarray, df: float) -> None:
    bits = np.frombuffer(rng.bytes(-(-out.size // 8)), dtype=np.uint8)
    np.multiply(np.unpackbits(bits, count=out.size).reshape(out.shape), 2.0, out=out)
    out -= 1.0


def _uniform(rng: np.random.Generator, out: np.ndarray, df: float) -> None:
    rng.random(out=out)
    out -= 0.5
    out *= np.sqrt(12.0)


def _exponential(rng: np.random.Generator, out: np.ndarray, df: float) -> None:
    rng.standard_exponential(out=out)
    out -= 1.0


def _student(rng: np.random.Generator, out: np.ndarray, df: float) -> None:
    scale = np.sqrt(1.0 / formulas.student_variance(df))
    np.multiply(rng.standard_t(df, out.shape), scale, out=out)


@dataclass(frozen=True)
class EntryLaw:
    """A law of independent entries with mean 0 and variance 1, and what it allows.

    Attributes:
        draw: ``(rng, out, student_df)`` fills ``out``.
        sign_symmetric: whether ``-g`` has the law of ``g``: trials may then be averaged over
            the signs of the columns.  Of a law that is not, such averages are wrong.
        rotation_invariant: whether a vector of such entries may be rotated.
        has_df: whether the law depends on ``student_df``.
    """

    draw: Callable[[np.random.Generator, np.ndarray, float], None]
    sign_symmetric: bool = False
    rotation_invariant: bool = False
    has_df: bool = False


#: Name -> law of the entries: what ``design`` may say.
LAWS = {
    "gaussian": EntryLaw(_gaussian, sign_symmetric=True, rotation_invariant=True),
    "rademacher": EntryLaw(_rademacher, sign_symmetric=True),
    "uniform": EntryLaw(_uniform, sign_symmetric=True),
    "exponential": EntryLaw(_exponential),
    "student": EntryLaw(_student, sign_symmetric=True, has_df=True),
}


@dataclass(frozen=True, eq=False)
class Design:
    """How the rows of a design matrix are drawn.

    Args:
        law: one of `LAWS`, or ``"rows"``.
        student_df: degrees of freedom of Student's t, at least 8.
        rows: (N, p) data, for ``law="rows"``: each trial takes n of the N rows, without
            replacement and as they are (not centred, not scaled).
    """

    law: str
    student_df: float = LEAST_STUDENT_DF
    rows: np.ndarray | None = None

    def __post_init__(self) -> None:
        if self.rows is None:
            checks.choice("design", self.law, tuple(LAWS))

    @classmethod
    def of(cls, design: Any, student_df: Any, p: int) -> Design:
        """The design that the caller means: a law's name, a data matrix or a `Design`."""
        if isinstance(design, Design):
            return design
        df = checks.number("student_df", student_df)
        if df < LEAST_STUDENT_DF:
            raise ValueError(f"student_df={df:g} must be at least {LEAST_STUDENT_DF:g}")
        if isinstance(design, str):
            return cls(design, df)
        return cls("rows", df, checks.data_matrix("design", design, p))

    @property
    def sign_symmetric(self) -> bool:
        """Whether flipping the sign of any column of ``G`` leaves its law unchanged."""
        return self.rows is None and LAWS[self.law].sign_symmetric

    @property
    def rotation_invariant(self) -> bool:
        """Whether ``G`` and ``G V`` have the same law for every rotation ``V``."""
        return self.rows is None and LAWS[self.law].rotation_invariant

    @cached_property
    def name(self) -> str:
        """A short text: the law, with what it depends on."""
        if self.rows is not None:
            digest = hashlib.sha256(np.ascontiguousarray(self.rows).tobytes()).hexdigest()[:16]
            return f"rows{self.rows.shape}:{digest}"
        return f"{self.law}({self.student_df:g})" if LAWS[self.law].has_df else self.law

    def draw(self, rng: np.random.Generator, out: np.ndarray) -> None:
        """Fill ``out`` with standardised entries (not for rows of data)."""
        LAWS[self.law].draw(rng, out, self.student_df)
