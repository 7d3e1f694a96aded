"""Laws of the standardised entries of a design, and rows drawn from data.

A design matrix is ``X = G Sigma^(1/2)`` with independent, standardised entries in
``G`` (mean 0, variance 1), or ``n`` distinct rows of a real data matrix.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from kdverify import checks, formulas

#: The least degrees of freedom for which the moments that the theory needs exist.
LEAST_STUDENT_DF = 8.0


@dataclass(frozen=True, eq=False)
class Design:
    """How the rows of a design matrix are drawn.

    Args:
        law: ``"gaussian"``, ``"rademacher"``, ``"uniform"``, ``"student"`` (divided by its
            standard deviation), or ``"rows"``.
        student_df: degrees of freedom of Student's t, at least 8.
        rows: (N, p) data, for ``law="rows"``: each trial takes n of the N rows, without
            replacement and as they are (not centred, not scaled).
    """

    law: str
    student_df: float = LEAST_STUDENT_DF
    rows: np.ndarray | None = None

    @classmethod
    def of(cls, design: Any, student_df: Any, p: int) -> Design:
        """The design that the caller means: a law's name, a data matrix or a `Design`."""
        if isinstance(design, Design):
            return design
        df = checks.number("student_df", student_df)
        if df < LEAST_STUDENT_DF:
            raise ValueError(f"student_df={df:g} must be at least {LEAST_STUDENT_DF:g}")
        if isinstance(design, str):
            return cls(checks.choice("design", design, checks.DESIGNS), df)
        return cls("rows", df, checks.data_matrix("design", design, p))

    @property
    def sign_symmetric(self) -> bool:
        """Whether flipping the sign of any column of ``G`` leaves its law unchanged."""
        return self.law != "rows"

    @property
    def rotation_invariant(self) -> bool:
        """Whether ``G`` and ``G V`` have the same law for every rotation ``V``."""
        return self.law == "gaussian"

    @cached_property
    def name(self) -> str:
        """A short text: the law, with what it depends on."""
        if self.law == "student":
            return f"student({self.student_df:g})"
        if self.rows is not None:
            digest = hashlib.sha256(np.ascontiguousarray(self.rows).tobytes()).hexdigest()[:16]
            return f"rows{self.rows.shape}:{digest}"
        return self.law

    def draw(self, rng: np.random.Generator, out: np.ndarray) -> None:
        """Fill ``out`` with standardised entries (not for ``law="rows"``)."""
        if self.law == "gaussian":
            rng.standard_normal(out=out)
        elif self.law == "uniform":
            rng.random(out=out)
            out -= 0.5
            out *= np.sqrt(12.0)
        elif self.law == "rademacher":
            bits = np.frombuffer(rng.bytes(-(-out.size // 8)), dtype=np.uint8)
            np.multiply(np.unpackbits(bits, count=out.size).reshape(out.shape), 2.0, out=out)
            out -= 1.0
        else:
            df = self.student_df
            scale = np.sqrt(1.0 / formulas.student_variance(df))
            np.multiply(rng.standard_t(df, out.shape), scale, out=out)
