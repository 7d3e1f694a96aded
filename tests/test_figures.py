"""Every figure is drawn, with its data, and its simulation agrees with its theory."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from kdverify.report.drawing import Effort, draw, names

STORED = Path(__file__).resolve().parent.parent / "docs" / "figures"


def test_there_are_figures():
    assert {"figure_1a", "figure_1b", "two_stage", "gain_map", "concentration"} <= set(names())


@pytest.mark.parametrize("name", names())
def test_figure(name, tmp_path):
    png, svg, data = draw(name, Effort(scale=0.05), tmp_path)
    assert png.read_bytes().startswith(b"\x89PNG")
    assert "<svg" in svg.read_text()
    content = json.loads(data.read_text())
    assert content["command"] == f"figure {name}"
    assert content["rows"]
    assert {f.name for f in tmp_path.iterdir()} == {png.name, svg.name, data.name}


@pytest.mark.parametrize("name", names())
def test_the_stored_figure_is_there_and_its_theory_is_current(name, tmp_path):
    for ending in ("png", "svg", "json"):
        assert (STORED / f"{name}.{ending}").stat().st_size > 0
    stored = json.loads((STORED / f"{name}.json").read_text())
    fresh = json.loads(draw(name, Effort(scale=0.02), tmp_path)[2].read_text())
    assert len(stored["rows"]) == len(fresh["rows"])
    random = {"measured", "standard_error", "trials"}
    random |= {"accuracy_measured", "accuracy_standard_error", "normal", "skewed"}
    # a fixed point to 1e-10, and a central difference with a step of 1e-2 of such
    loose = {"rows": 1e-7, "accuracy": 1e-3, "corrected": 1e-5}
    statistics = {"relative_deviation", "relative_bias", "bias_standard_error"}
    for old, new in zip(stored["rows"], fresh["rows"], strict=True):
        for key in set(new) - random - statistics:
            if isinstance(new[key], float):
                assert math.isclose(old[key], new[key], rel_tol=loose.get(key, 1e-9))
            else:
                assert old[key] == new[key]


@pytest.mark.parametrize("name", ["figure_1b", "two_stage"])
def test_stored_markers_lie_on_the_lines(name):
    """Within the finite-size bias, some 3/n of the value, and 4.5 standard errors."""
    for row in json.loads((STORED / f"{name}.json").read_text())["rows"]:
        bias = 3 / row["n"] + (3 / row["m"] if row.get("m") else 0)
        allowed = bias * row["predicted"] + 4.5 * row["standard_error"]
        assert abs(row["measured"] - row["predicted"]) <= allowed


@pytest.mark.parametrize(
    ("name", "message"),
    [("figure_9z", "figure='figure_9z' must be one of"), ("", "must be one of")],
)
def test_unknown_figures(name, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        draw(name, Effort(), tmp_path)
