"""``kdverify mix``: the command is a thin face of `kdverify.gaussian.pseudo_labels`."""

from __future__ import annotations

from pathlib import Path

import pytest

import kdverify as kd
from kdverify.stages import Stage, chain_law

SETTING = ("mix", "--alpha", "1", "--beta", "2", "-p", "60", "--noise-variance", "0.25")


def test_mixtures_as_the_library_has_them(document):
    found = document(
        *SETTING, "--real", "0,20", "--pseudo", "0,30", "-m", "25", "--ridge", "0.5",
        "--source-noise-variance", "0.25", "--source-ridge", "0.5",
    )  # fmt: skip
    problem = kd.Problem.power_law(60, "1", "2")
    law = chain_law(problem, [Stage(25, None, 0.25, 0.5)])
    rows = {(row["real"], row["pseudo"]): row for row in found["rows"]}
    assert set(rows) == {(0, 30), (20, 0), (20, 30)}
    mixture = kd.Mixture(20, 30, law, 0.25, 0.0, 0.5)
    row = rows[20, 30]
    assert row["risk"] == mixture.risk(problem)
    assert row["without"] == pytest.approx(kd.risk(problem, 20, None, 0.25, 0.5))
    assert row["corrections"]["risk"] == mixture.error(problem).correction
    assert row["worth"] == kd.label_worth(problem, mixture).worth
    assert row["best_weight"] == kd.best_weight(problem, mixture).weight
    assert rows[20, 0]["best_weight"] is None
    assert found["settings"]["m"] == "25"


def test_pseudo_labels_of_the_best_surrogate(document):
    (row,) = document(*SETTING, "--real", "0", "--pseudo", "30", "--teacher", "optimal")["rows"]
    problem = kd.Problem.power_law(60, "1", "2")
    assert row["risk"] == pytest.approx(kd.optimal_risk(problem, 30))


def test_generations(document):
    (row,) = document(
        *SETTING, "--real", "60", "--pseudo", "60", "--generations", "4",
        "--pseudo-noise-variance", "0.25",
    )["rows"]  # fmt: skip
    line = kd.Generations(kd.Problem.power_law(60, "1", "2"), 120, 0.5, 0.25, 0.25)
    assert row["risks"] == line.risks(4).tolist()
    assert row["settled"] == line.settled_risk()
    errors = line.errors(4)
    assert row["corrections"] == {
        "first": errors[0].correction,
        "last": errors[3].correction,
        "settled": line.settled_error().correction,
    }


def test_figure(kdverify):
    kdverify(
        *SETTING, "--real", "10,100", "--pseudo", "10,100", "--teacher", "mask", "--ridge", "0.5",
        "--plot", "mix.svg",
    )  # fmt: skip
    assert "<svg" in Path("mix.svg").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--real", "20", "--pseudo", "30"), "-m must be given for --teacher trained"),
        (("--real", "20", "--pseudo", "30", "--teacher", "best"), "teacher='best' must be one of"),
        (("--real", "0", "--pseudo", "0", "-m", "9"), "real and pseudo must name at least one"),
        (("--real", "x", "--pseudo", "3", "-m", "9"), "real='x' must be a decimal number"),
        (("--real", "9", "--pseudo", "3", "--generations", "-1"), "generations=-1 must be at"),
        (
            ("--real", "9", "--pseudo", "3", "--generations", "2", "-m", "9"),
            "must go without --plot",
        ),
        (("--real", "9", "--pseudo", "3", "-m", "9,12"), "m='9,12' must name one size"),
        (("--real", "20", "--pseudo", "40", "--generations", "2"), "n=60 must not lie between"),
        (
            ("--real", "9", "--pseudo", "1,5", "-m", "9", "--plot", "m.svg"),
            "real must name two sizes above 0 or more",
        ),
    ],
)
def test_bad_input(kdverify, arguments, message):
    finished = kdverify(*SETTING, *arguments)
    assert finished.code == 2
    assert message in finished.err
    assert len(finished.err.strip().splitlines()) == 1


def test_generations_at_the_peak_without_noise(document):
    for pseudo in ("1", "2"):
        setting = ("mix", "--alpha", "1", "--beta", "2", "-p", "3", "--real", "2")
        (row,) = document(*setting, "--pseudo", pseudo, "--generations", "3")["rows"]
        assert row["settled"] == 0
