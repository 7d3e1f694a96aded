"""What distillation can buy on real features: predictions from a feature matrix and labels.

Everything is predicted before a student is trained, from the rows as they are (section 9 of
the theory) or as if they were Gaussian (2), and then measured by training students on the same
rows: `kdverify.predict` and `kdverify.measure` for the teachers that commands offer.

    question = features.prepare(X, y)
    found = features.analyse(question, n=[50, 100])
    features.verdicts(found)
"""

from __future__ import annotations

from kdverify.features.analysis import FEWEST_ROWS, MODELS, Analysis, analyse, prepare
from kdverify.features.verdict import carried_at, cautions, summary, verdicts
from kdverify.tables import Layout, Table, read

__all__ = [
    "FEWEST_ROWS",
    "MODELS",
    "Analysis",
    "Layout",
    "Table",
    "analyse",
    "carried_at",
    "cautions",
    "prepare",
    "read",
    "summary",
    "verdicts",
]
