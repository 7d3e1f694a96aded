"""What distillation can buy on real features: predictions from a feature matrix and labels.

Everything is predicted before a student is trained, from the rows as they are (section 9 of
the theory, `kdverify.rows`) or as if they were Gaussian (2), and then measured by training
students on the same rows.

    ready = features.prepare(X, y)
    found = features.analyse(ready, n=[50, 100])
    features.verdicts(found)
"""

from __future__ import annotations

from kdverify.features.analysis import MODELS, Analysis, Point, analyse
from kdverify.features.prepare import FEWEST_ROWS, Prepared, prepare
from kdverify.features.solver import TEACHERS, Prediction, Report, silent, strong_judge
from kdverify.features.verdict import cautions, summary, verdicts
from kdverify.tables import Layout, Table, read

__all__ = [
    "FEWEST_ROWS",
    "MODELS",
    "TEACHERS",
    "Analysis",
    "Layout",
    "Point",
    "Prediction",
    "Prepared",
    "Report",
    "Table",
    "analyse",
    "cautions",
    "prepare",
    "read",
    "silent",
    "strong_judge",
    "summary",
    "verdicts",
]
