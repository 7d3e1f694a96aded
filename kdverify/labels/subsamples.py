"""The learning curve below n_0, measured: students of some labelled rows, the others judge."""

from __future__ import annotations

import numpy as np

from kdverify.labels.setting import Setting
from kdverify.measurement import measure

#: Shares of the labelled rows that train, and how often.
SHARES, REPETITIONS = (0.25, 0.5, 0.75), 10


def measured_below(
    setting: Setting, ridges: np.ndarray, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Sizes below n_0, and risks (sizes, len(ridges)) of students of so many labels."""
    assert setting.question is not None
    sizes = [max(2, round(share * setting.count)) for share in SHARES]
    found = measure(
        setting.question.labelled_part(),
        sizes,
        "strong",
        ridges=ridges.tolist(),
        repetitions=REPETITIONS,
        seed=seed,
    )
    return np.array(sizes), found.risk["strong"]
