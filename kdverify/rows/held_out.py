"""Rows beside the question's own, on which its students are judged."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Rows that no student is trained on, of equal weight.

    Attributes:
        rows: (k, p), in the columns of the question's rows, centred and scaled as these are.
        labels: (k, K) true labels, without the question's level.
        classes: (k,) class numbers; None for regression.
    """

    rows: np.ndarray
    labels: np.ndarray
    classes: np.ndarray | None = None

    def moved(self, shift: np.ndarray, level: np.ndarray) -> HeldOut:
        """The same less ``shift`` (p,) of the rows and ``level`` (K,) of the labels."""
        return replace(self, rows=self.rows - shift, labels=self.labels - level)
