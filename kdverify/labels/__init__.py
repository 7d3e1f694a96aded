"""Labels that one does not have: what more labels buy, what a teacher is worth in labels.

    setting = labels.ask(X, y)                   # y: NaN where there is no label
    curve = labels.learning_curve(setting)
    curve.needed("accuracy", 0.9)
    labels.verdict(curve)

Section 13 of the theory.
"""

from __future__ import annotations

from kdverify.labels.asking import ask
from kdverify.labels.learning import (
    LabelCurve,
    Needed,
    Now,
    Point,
    default_sizes,
    learning_curve,
)
from kdverify.labels.setting import Setting
from kdverify.labels.verdict import CHOICES, Verdict, verdict
from kdverify.labels.worth import Route, Worth, below, fitted_teacher, teacher_labels, worth

__all__ = [
    "CHOICES",
    "LabelCurve",
    "Needed",
    "Now",
    "Point",
    "Route",
    "Setting",
    "Verdict",
    "Worth",
    "ask",
    "below",
    "default_sizes",
    "fitted_teacher",
    "learning_curve",
    "teacher_labels",
    "verdict",
    "worth",
]
