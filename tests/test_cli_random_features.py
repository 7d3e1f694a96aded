"""``kdverify risk --features``."""

from __future__ import annotations

import pytest
from test_cli import FIGURE_1A

import kdverify as kd


def test_rows_are_those_of_the_library(document):
    found = document("risk", *FIGURE_1A, "-n", "100,200", "--features", "150,600")
    problem = kd.Problem.power_law(500, "2", "1.5")
    pairs = [(row["n"], row["features"]) for row in found["rows"]]
    assert pairs == [(100, 150), (100, 600), (200, 150), (200, 600)]
    for row in found["rows"]:
        curve = kd.random_features.curve(problem, row["n"], row["features"])
        for name in ("nu", "upsilon", "crowding", "standard", "optimal", "masked", "kept"):
            assert row[name] == getattr(curve, name)[0]
    assert found["settings"]["features"] == ["150,600"]


def test_certified_digits_hold_the_doubles(document):
    arguments = ("risk", *FIGURE_1A, "-n", "200", "--features", "150", "--noise-variance", "0.1")
    (exact,) = document(*arguments, "--digits", "25")["rows"]
    (double,) = document(*arguments)["rows"]
    for name in ("nu", "upsilon", "crowding", "standard", "optimal", "masked"):
        assert float(exact[name]) == pytest.approx(double[name], rel=1e-13)
        assert len(exact[name].replace(".", "").lstrip("0")) >= 25 or exact[name] == "1.000000000"
    assert (exact["kept"], exact["amplified"]) == (double["kept"], double["amplified"])


def test_a_spectrum_has_fixed_points_without_a_signal(document):
    arguments = ("--alpha", "2", "-p", "50", "-n", "20", "--features", "30")
    for digits in ((), ("--digits", "15")):
        (row,) = document("risk", *arguments, *digits)["rows"]
        assert row["kept"] > 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--features", "0.5"), "features=0.5 must be at least 1: a number of features"),
        (("--features", "many"), "features='many' must be a decimal number"),
        (("--features", "200"), "features=200 must differ from n=200"),
        (("--features", "5:1:1"), "features='5:1:1' must not stop before it starts"),
        (
            ("--features", "100", "-m", "10", "--digits", "9"),
            "-m must go without --digits and --plot",
        ),
        (("--features", "100", "--plot", "x.png"), "--features must go without --plot"),
        (("--features", "100", "--ridge", "-1"), "ridge=-1 must not be negative"),
    ],
)
def test_bad_input_is_one_line(kdverify, arguments, message):
    finished = kdverify("risk", *FIGURE_1A, "-n", "200", *arguments)
    assert finished.code == 2
    assert finished.err.startswith(f"kdverify: error: {message}")
    assert finished.err.count("\n") == 1


def test_next_to_the_peak_a_note(kdverify):
    finished = kdverify("risk", *FIGURE_1A, "-n", "200", "--features", "201")
    assert "note: n=200 with 201 free coefficients" in finished.out


def test_several_layers(document, kdverify):
    asked = ("risk", "--alpha", "1", "--beta", "2", "-p", "60", "-n", "25")
    floats = document(*asked, "--features", "30x40,50", "--ridge", "0.1")["rows"]
    balls = document(*asked, "--features", "30x40", "--ridge", "0.1", "--digits", "20")["rows"]
    problem = kd.Problem.power_law(60, 1, 2)
    assert [row["features"] for row in floats] == [[30, 40], 50]
    assert floats[0]["standard"] == kd.random_features.risk(problem, 25, (30, 40), ridge=0.1)
    assert floats[0]["optimal"] == pytest.approx(float(balls[0]["optimal"]), rel=1e-13)
    assert "corrections" not in floats[0]
    assert "corrections" in floats[1]
    out = kdverify(*asked, "--features", "30x40", "--ridge", "0.1").out
    assert "25 30x40" in out
    assert "note: how far off several layers are at finite n is not known" in " ".join(out.split())
    assert "to be added at finite n" not in out
