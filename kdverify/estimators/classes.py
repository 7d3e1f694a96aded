"""What classifiers share whose outputs are numbers, one column a class."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin


class OfClasses(ClassifierMixin):
    """The class of the largest of the outputs (k, C), which ``_outputs`` gives."""

    classes_: np.ndarray
    _outputs: Any

    def decision_function(self, X: Any) -> np.ndarray:
        """(k, C) outputs; for two classes (k,), that of the second less that of the first."""
        outputs = self._outputs(X)
        return outputs[:, 1] - outputs[:, 0] if outputs.shape[1] == 2 else outputs

    def predict(self, X: Any) -> np.ndarray:
        """(k,) classes."""
        outputs = self._outputs(X)  # says if nothing was fitted
        return np.asarray(self.classes_[outputs.argmax(axis=1)])


class WithChances(OfClasses):
    """The same, its outputs read as chances."""

    def predict_proba(self, X: Any) -> np.ndarray:
        """(k, C) outputs cut at 0 and divided by their sum; even chances where all are cut."""
        cut = np.maximum(self._outputs(X), 0.0)
        total = cut.sum(axis=1, keepdims=True)
        even = np.full_like(cut, 1 / cut.shape[1])
        return np.where(total > 0, cut / np.where(total > 0, total, 1.0), even)
