"""The commands on real input: numbers, documents, figures, sweeps."""

from __future__ import annotations

import json
import os
from decimal import Decimal
from pathlib import Path

import flint
import numpy as np
import pytest
from command_line import FIGURE_1A

import kdverify as kd
from kdverify.arithmetic import BALLS
from kdverify.commands import risk as risk_command
from kdverify.gaussian import certified, theory
from kdverify.gaussian.finite_size import size_error
from kdverify.problem import Problem, Spectrum
from kdverify.report.figures import risk_figure, surrogate_figure
from kdverify.simulation import simulate
from kdverify.stages import two_stage_risk

# --------------------------------------------------------------------- risk


def test_printed_bounds_are_bounds(kdverify):
    """Of ends that agree in all digits shown the lower one is rounded down, the upper one up."""
    asked = ("--alpha", "1", "--beta", "2", "-p", "30")
    printed = kdverify("risk", *asked, "-n", "10", "--exact-means").out
    low, _, high = printed.splitlines()[-1].split()[-3:]
    found = kd.risk_bounds(kd.Problem.power_law(30, 1, 2), 10, 0).risk
    assert Decimal(low) <= Decimal(found[0]) < Decimal(found[1]) <= Decimal(high)
    assert float(high) - float(low) < 1.2 * (found[1] - found[0]) + 2e-8


def test_risk_at_figure_1a(document):
    found = document("risk", *FIGURE_1A, "-n", "200")
    (row,) = found["rows"]
    assert row["n"] == 200
    assert f"{row['tau']:.10g}" == "3.973373216e-05"
    assert f"{row['omega']:.10g}" == "0.6129848549"
    assert f"{row['standard']:.10g}" == "0.1193669839"
    assert f"{row['optimal']:.10g}" == "0.08325095954"
    assert f"{row['masked']:.10g}" == "0.08966240321"
    assert (row["kept"], row["amplified"]) == (203, 126)
    assert found["settings"] == {
        "m": [], "features": [], "source_features": [], "exact_means": False,
        "source_alpha": None, "source_noise_variance": "0",
        "source_ridge": "0", "alpha": "2", "beta": "1.5", "p": 500, "spectrum": None, "n": ["200"],
        "noise_variance": "0", "ridge": "0", "digits": None,
    }  # fmt: skip


def test_the_table_says_what_the_document_says(kdverify):
    finished = kdverify("risk", *FIGURE_1A, "-n", "200", "--json", "r.json")
    (row,) = json.loads(Path("r.json").read_text())["rows"]
    line, added = (line for line in finished.out.splitlines() if line.startswith("200 "))
    assert [float(cell) for cell in line.split()] == pytest.approx(
        [row[name] for name in risk_command.ON_INPUTS],
        rel=5e-6,  # six digits are shown
    )
    assert [float(cell) for cell in added.split()[1:]] == pytest.approx(
        list(row["corrections"].values()), rel=5e-6
    )
    assert row["corrections"]["standard"] == pytest.approx(
        size_error(Problem.power_law(500, "2", "1.5"), 200).correction
    )


def test_risk_with_certified_digits(document):
    arguments = ("--noise-variance", "0.1", "--ridge", "0.01", "--digits", "40")
    (row,) = document(
        "risk", "--alpha", "1.1", "--beta", "1.5", "-p", "60", "-n", "20.5", *arguments
    )["rows"]
    proof = certified.certificate(
        Problem.power_law(60, "1.1", "1.5"), "20.5", "0.1", "0.01", digits=60
    )
    assert row["n"] == 20.5
    assert isinstance(row["kept"], int)
    for name in ("tau", "omega", "standard", "optimal", "masked"):
        text = row[name]
        digits = text.split("e")[0].replace(".", "").lstrip("0")
        assert len(digits) == 40
        with BALLS.precision(60):
            assert abs(flint.arb(text) / getattr(proof, name) - 1) < flint.arb(10) ** -39


def test_tied_modes_are_counted_as_a_range(kdverify, document):
    # Equal eigenvalues: zeta = 1 - Omega for every mode, so that none is amplified or shrunk;
    # balls that are not exact cannot tell.
    arguments = ("risk", "--spectrum", "equal.csv", "-n", "2", "--digits", "20")
    Path("equal.csv").write_text("eigenvalues,beta_star\n" + "1,1\n" * 7)
    (row,) = document(*arguments)["rows"]
    assert row["amplified"] == "0-7"
    assert row["kept"] == 7  # zeta^2 = (5/7)^2 < 5/7 is decided
    assert "a range of modes: some are tied" in kdverify(*arguments).out


@pytest.mark.parametrize("digits", ["8", "12", "50"])
def test_no_number_is_torn_apart(kdverify, document, digits):
    arguments = ("risk", *FIGURE_1A, "-n", "200", "--digits", digits)
    (row,) = document(*arguments)["rows"]
    shown = kdverify(*arguments).out
    for name in ("tau", "omega", "standard", "optimal", "masked"):
        assert row[name] in shown


def test_sizes_in_all_notations(document):
    rows = document("risk", *FIGURE_1A, "-n", "50,100", "-n", "100:300:100", "-n", "10:40/3")[
        "rows"
    ]
    assert [row["n"] for row in rows] == [50, 100, 200, 300, 10, 20, 40]


def test_a_size_keeps_its_digits(kdverify):
    assert "\n20.123456789 " in kdverify("risk", *FIGURE_1A, "-n", "20.123456789").out


@pytest.mark.parametrize("digits", [[], ["--digits", "20"]])
def test_around_p_there_is_a_note_and_no_traceback(kdverify, document, digits):
    arguments = ("risk", "--alpha", "2", "--beta", "2", "-p", "8", "--noise-variance", "0.1")
    finished = kdverify(*arguments, "-n", "7,8,9,10", *digits)
    assert finished.code == 0
    assert finished.err == ""
    text = " ".join(finished.out.split())
    for n in (7, 8, 9):
        assert f"note: n={n} at p=8: the noise part of the risk has no finite mean" in text
    assert "n=10 at p=8" not in text
    assert "n >= p without ridge is ordinary least squares" in text
    rows = document(*arguments, "-n", "7,8,9,10", *digits)["rows"]
    for name in ("standard", "optimal", "masked"):
        assert [row[name] == "inf" for row in rows] == [False, True, True, False]
        assert float(rows[3][name]) == pytest.approx(0.1 * 8 / (10 - 8 - 1), rel=1e-14)


@pytest.mark.parametrize("digits", [[], ["--digits", "20"]])
def test_spectrum_without_signal(kdverify, document, digits):
    arguments = ("risk", "--alpha", "2", "-p", "50", "-n", "20", *digits)
    finished = kdverify(*arguments)
    assert finished.code == 0
    assert "standard" not in finished.out
    assert "no beta_star" in finished.out
    (row,) = document(*arguments)["rows"]
    assert [row[name] for name in ("standard", "optimal", "masked")] == [None] * 3
    margins = theory.gains(Spectrum.power_law(50, 2), 20) > 1
    mask = theory.optimal_mask(Spectrum.power_law(50, 2), 20)
    assert (row["kept"], row["amplified"]) == (mask.sum(), margins.sum())


@pytest.mark.parametrize("ending", ["npy", "npz", "csv"])
def test_spectrum_files(document, ending):
    problem = Problem.power_law(30, 2, 1.5)
    lam, beta = problem.spectrum.eigenvalues, problem.beta_star
    file = Path(f"s.{ending}")
    if ending == "npy":
        np.save(file, lam)
    elif ending == "npz":
        np.savez(file, eigenvalues=lam, beta_star=beta)
    else:
        lines = [f"{float(a)!r},{float(b)!r}" for a, b in zip(lam, beta, strict=True)]
        file.write_text("\n".join(["eigenvalues,beta_star", *lines]))
    (row,) = document("risk", "--spectrum", str(file), "-n", "12")["rows"]
    (same,) = document("risk", "--alpha", "2", "--beta", "1.5", "-p", "30", "-n", "12")["rows"]
    assert row["tau"] == pytest.approx(same["tau"], rel=1e-14)
    if ending == "npy":
        assert row["standard"] is None
    else:
        assert row["standard"] == pytest.approx(same["standard"], rel=1e-13)


# ---------------------------------------------------------------- surrogate


def test_surrogate(kdverify, document):
    (at,) = document("surrogate", *FIGURE_1A, "-n", "200")["rows"]
    assert (at["amplified"], at["kept"], len(at["modes"])) == (126, 203, 500)
    assert f"{at['omega']:.10g}" == "0.6129848549"
    for mode in (at["modes"][k] for k in (0, 125, 126, 202, 203, 499)):
        assert mode["amplified"] is (mode["mode"] <= 126)
        assert mode["kept"] is (mode["mode"] <= 203)
        assert mode["beta_opt"] == pytest.approx(mode["gain"] * mode["beta_star"], rel=1e-15)
        # the defining equation of zeta
        assert mode["zeta"] == pytest.approx(at["tau"] / (mode["lam"] + at["tau"]), rel=1e-14)
    shown = kdverify("surrogate", *FIGURE_1A, "-n", "200", "--modes", "2").out
    assert "126 modes amplified" in shown
    assert "203 of 500 kept by the mask" in shown
    first = [line.split()[0] for line in shown.splitlines()[3:]]
    assert first == ["1", "2", "…", "499", "500"]


def test_surrogate_shows_all_modes_on_request(kdverify):
    shown = kdverify("surrogate", *FIGURE_1A, "-n", "200", "--all").out
    assert len(shown.splitlines()) == 3 + 500


def test_surrogate_without_signal_and_at_several_n(kdverify, document):
    arguments = ("surrogate", "--alpha", "2", "-p", "50", "-n", "20,60")
    below, above = document(*arguments)["rows"]
    assert "beta_opt" not in below["modes"][0]
    mask = theory.optimal_mask(Spectrum.power_law(50, 2), 20)
    assert [mode["kept"] for mode in below["modes"]] == mask.tolist()
    assert (below["n"], below["kept"]) == (20, mask.sum())
    assert (above["n"], above["kept"], above["amplified"]) == (60, 50, 0)
    assert all(mode["gain"] == mode["improvement"] == 1 for mode in above["modes"])
    assert "n >= p: ordinary least squares" in kdverify(*arguments).out


def test_modes_keep_the_order_of_the_file(document):
    Path("s.csv").write_text("eigenvalues,beta_star\n1,10\n4,20\n2,30\n")
    (at,) = document("surrogate", "--spectrum", "s.csv", "-n", "2")["rows"]
    assert [(m["mode"], m["lam"], m["beta_star"]) for m in at["modes"]] == [
        (2, 4, 20), (3, 2, 30), (1, 1, 10)
    ]  # fmt: skip


def test_both_commands_count_the_same_amplified_modes(document):
    # At alpha = 12 the first gains exceed 1 by less than a rounding error.
    setting = ("--alpha", "12", "--beta", "1.5", "-p", "200", "-n", "50")
    (row,) = document("risk", *setting)["rows"]
    (at,) = document("surrogate", *setting)["rows"]
    (proof,) = document("risk", *setting, "--digits", "30")["rows"]
    assert at["modes"][0]["gain"] == 1
    assert row["amplified"] == at["amplified"] == proof["amplified"]
    assert row["kept"] == at["kept"] == proof["kept"]


# ------------------------------------------------------------------ figures


def test_figures_are_written_whole(kdverify):
    for command, name in (("risk", "r.png"), ("surrogate", "s.svg"), ("risk", "r.pdf")):
        finished = kdverify(command, *FIGURE_1A, "-n", "200", "--plot", name)
        assert finished.code == 0, finished.err
    assert Path("r.png").read_bytes().startswith(b"\x89PNG")
    assert Path("s.svg").read_text().rstrip().endswith("</svg>")
    assert Path("r.pdf").read_bytes().startswith(b"%PDF")
    assert sorted(os.listdir()) == ["r.pdf", "r.png", "s.svg"]


def lines_of(axes) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    return {line.get_label(): line.get_data() for line in axes.get_lines()}


def test_figure_of_the_surrogate():
    problem = Problem.power_law(500, 2, 1.5)
    (axes,) = surrogate_figure(problem, 200, 0.0, "a title").axes
    lines = lines_of(axes)
    beta = np.abs(problem.beta_star)
    np.testing.assert_array_equal(lines["|β*|"][1], beta)
    np.testing.assert_array_equal(
        lines["|β| of the best surrogate"][1], theory.optimal_surrogate(problem, 200)
    )
    masked = lines["|β| of the best mask"][1]
    assert np.isnan(masked[203:]).all()
    np.testing.assert_array_equal(masked[:203], beta[:203])
    marks = [line.get_xdata()[0] for line in axes.get_lines()[3:]]
    assert marks == [126.5, 203.5]
    texts = [text.get_text() for text in axes.texts]
    assert texts == ["transition ζ = 1 − Ω: 126", "mask's cut ζ² = 1 − Ω: 203"]
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    assert (axes.get_xlabel(), axes.get_ylabel()) == (
        "mode i, by falling eigenvalue",
        "size of the coefficient",
    )
    assert axes.get_title() == "a title"


def test_figure_of_the_risk_breaks_where_the_risk_is_infinite():
    problem = Problem.power_law(8, 2, 2)
    with pytest.warns(theory.NoFiniteMeanWarning):
        curve = theory.curve(problem, [12, 4, 8], 0.1)
    (axes,) = risk_figure(curve, "a title").axes
    lines = lines_of(axes)
    assert list(lines) == ["strong labels (β*)", "best surrogate", "best mask"]
    for (n, values), risks in zip(
        lines.values(), (curve.standard, curve.optimal, curve.masked), strict=True
    ):
        np.testing.assert_array_equal(n, [4, 8, 12])
        np.testing.assert_array_equal(values, [risks[1], np.nan, risks[0]])
    styles = {(line.get_color(), line.get_linestyle()) for line in axes.get_lines()}
    assert len({color for color, _ in styles}) == len({style for _, style in styles}) == 3


# ------------------------------------------------------- simulation, sweeps


def test_surrogate_with_certified_digits(document):
    (at,) = document("surrogate", *FIGURE_1A, "-n", "200", "--digits", "30")["rows"]
    assert (at["amplified"], at["kept"]) == (126, 203)
    proof = certified.certificate(Problem.power_law(500, "2", "1.5"), 200, digits=60)
    mode = at["modes"][299]
    assert (mode["mode"], mode["kept"]) == (300, "no")
    with BALLS.precision(60):
        for name, ball in (
            ("gain", proof.gains[299]),
            ("beta_opt", proof.optimal_surrogate[299]),
            ("zeta", proof.equivalents.zeta[299]),
            ("improvement", proof.improvements[299]),
        ):
            assert abs(flint.arb(mode[name]) / ball - 1) < flint.arb(10) ** -29


def test_two_stages(document):
    setting = ("--alpha", "2", "--beta", "1.5", "-p", "60", "-n", "20", "-m", "30,90")
    rows = document("risk", *setting, "--source-alpha", "1", "--source-noise-variance", "0.1")[
        "rows"
    ]
    problem, source = Problem.power_law(60, 2, 1.5), Spectrum.power_law(60, 1)
    for row, m in zip(rows, (30, 90), strict=True):
        assert (row["m"], row["n"]) == (m, 20)
        for name in ("none", "gain", "mask"):
            risk = two_stage_risk(problem, source, m, 20, 0.1, transform=name)
            assert row[name] == pytest.approx(risk, rel=1e-14)
            error = kd.two_stage_error(problem, kd.Stage(m, source, 0.1), kd.Stage(20), name)
            assert row["corrections"][name] == pytest.approx(error.correction, rel=1e-14)
        assert row["strong"] == theory.risk(problem, 20, None, 0.1)


def test_scaling(document):
    rows = document("scaling", "--alpha", "1.5,2", "--beta", "2,5", "-n", "1000", "--digits", "8")[
        "rows"
    ]
    laws, exact = rows[:4], rows[4:]
    assert laws[0]["rho"] == pytest.approx(2 ** (-1 / 3), rel=1e-14)
    assert [law["boundary"] for law in laws] == [False, False, False, True]
    ratio = float(exact[3]["optimal"]) / float(exact[3]["standard"])
    assert f"{ratio:.3f}" == "0.538"  # the theory's check value at (2, 5), n = 1000


def test_simulate(document):
    setting = ("--alpha", "2", "--beta", "1.5", "-p", "60", "-n", "20", "--noise-variance", "0.1")
    found = document("simulate", *setting, "--trials", "50", "--seed", "3")
    problem = Problem.power_law(60, 2, 1.5)
    best = theory.optimal_surrogate(problem, 20)
    masked = problem.beta_star * theory.optimal_mask(problem, 20)
    measured = simulate(problem, 20, [None, best, masked], trials=50, seed=3, noise_variance=0.1)
    assert [row["labels"] for row in found["rows"]] == ["standard", "optimal", "masked"]
    assert [row["measured"] for row in found["rows"]] == measured.means.tolist()
    assert [row["predicted"] for row in found["rows"]] == [
        theory.risk(problem, 20, None, 0.1),
        theory.optimal_risk(problem, 20, 0.1),
        theory.masked_risk(problem, 20, None, 0.1),
    ]
    assert all(row["low"] < row["measured"] < row["high"] for row in found["rows"])


def test_sweep_is_resumed(kdverify):
    axes = ("-a", "p=40", "-a", "alpha=2", "-a", "beta=1.5", "-a", "n=10,20")
    arguments = ("sweep", "s.sqlite", *axes, "--trials", "50")
    first = kdverify(*arguments, "--csv", "s.csv")
    assert first.code == 0, first.err
    assert "100 trials: 0 reused, 100 new" in first.err
    second = kdverify(*arguments, "--csv", "t.csv", "--plot", "s.png")
    assert "100 trials: 100 reused, 0 new" in second.err
    assert Path("s.png").read_bytes().startswith(b"\x89PNG")
    assert Path("s.csv").read_text() == Path("t.csv").read_text()
    assert len(Path("s.csv").read_text().splitlines()) == 1 + 2 * 3
    Path("g.toml").write_text(
        "[grid]\np = 40\nalpha = 2\nbeta = 1.5\nn = [10, 20]\n[run]\ntrials = 50\n"
    )
    third = kdverify("sweep", "s.sqlite", "--grid", "g.toml")
    assert "100 trials: 100 reused, 0 new" in third.err


def test_two_stage_sweep(document):
    (row,) = document(
        "sweep", "s.sqlite", "-a", "p=40", "-a", "alpha=2", "-a", "beta=1.5", "-a", "n=10",
        "-a", "m=20", "-a", "source_alpha=1.5", "-a", "source_noise_variance=0.1", "--trials", "50",
    )["rows"]  # fmt: skip
    assert row["labels"] == "trained surrogate"
    assert row["predicted"] == two_stage_risk(
        Problem.power_law(40, 2, 1.5), Spectrum.power_law(40, "1.5"), 20, 10, 0.1
    )
    assert row["measured"] > 10 * row["standard_error"] > 0
