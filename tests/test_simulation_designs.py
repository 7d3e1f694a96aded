"""Laws of the entries of a design: standardised, symmetric or not, named where one chooses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from simulation_samples import ISOTROPIC, LIMIT, POWER, z_score

import kdverify as kd
from kdverify.commands.options import DESIGN_HELP
from kdverify.simulation import (
    Design,
    Stage,
    build_task,
    designs,
)


@pytest.mark.parametrize("law", designs.LAWS)
def test_entries_are_standardised(law: str) -> None:
    entries = np.empty((400, 500))
    Design.of(law, 9.0, 500).draw(np.random.default_rng(1), entries)
    count = entries.size
    fourth = (entries**4).mean()
    assert abs(entries.mean()) < LIMIT / np.sqrt(count)
    assert abs((entries**2).mean() - 1) < LIMIT * np.sqrt((fourth - 1) / count) + 1e-15
    skewness, spread = (entries**3).mean(), (entries**3).std() / np.sqrt(count)
    assert (abs(skewness) < LIMIT * spread) == designs.LAWS[law].sign_symmetric
    known = {"gaussian": 3, "rademacher": 1, "uniform": 1.8, "student": 4.2, "exponential": 9}
    spread = (entries**4).std() / np.sqrt(count)
    assert abs(fourth - known.get(law, fourth)) <= LIMIT * spread
    tail = np.sqrt(3) if law == "uniform" else np.inf
    assert np.abs(entries).max() <= tail


def test_a_skew_law_is_not_averaged_over_signs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Centred exponential entries, against students trained one by one."""
    rng, b = np.random.default_rng(3), ISOTROPIC.beta_star
    risks = []
    for _ in range(1500):
        x = rng.exponential(size=(8, 20)) - 1
        risks.append(np.square(np.linalg.pinv(x) @ (x @ b) - b).sum())
    truth, error = np.mean(risks), np.std(risks, ddof=1) / np.sqrt(len(risks))

    def gap(result: Any) -> float:
        return z_score(result.means[0], float(np.hypot(result.standard_errors[0], error)), truth)

    found = kd.simulate(ISOTROPIC, 8, trials=1500, design="exponential")
    assert found.reductions == ()
    assert gap(found) < LIMIT
    with pytest.raises(ValueError, match="must go with independent sign-symmetric entries"):
        kd.simulate(ISOTROPIC, 8, design="exponential", reduction="signs")
    wrong = designs.EntryLaw(designs.LAWS["exponential"].draw, sign_symmetric=True)
    monkeypatch.setitem(designs.LAWS, "exponential", wrong)
    assert gap(kd.simulate(ISOTROPIC, 8, trials=1500, design="exponential")) > 2 * LIMIT


def test_a_law_allows_nothing_that_it_does_not_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(designs.LAWS, "skew", designs.EntryLaw(designs.LAWS["uniform"].draw))
    task = build_task(POWER, [Stage(10)], design="skew")
    assert (task.flipped, Design("skew").rotation_invariant) == (0, False)


def test_every_law_is_named_where_it_can_be_chosen() -> None:
    listed = ", ".join(designs.LAWS)
    assert f"Law of the entries: {listed}." in DESIGN_HELP
    page = Path(__file__).parents[1].joinpath("docs", "sweeps.md").read_text(encoding="utf-8")
    assert ", ".join(f"`{name}`" for name in designs.LAWS) in page
    with pytest.raises(ValueError, match=f"design='cauchy' must be one of {listed}"):
        Design("cauchy")
