"""``kdverify labels`` on files: JSON, page, figure, teachers, errors of one line."""

from __future__ import annotations

import json

import numpy as np
import pytest
from command_line import process
from sklearn.datasets import load_digits
from sklearn.linear_model import Ridge

from kdverify.commands.labels import _read
from kdverify.tables import Layout


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Digits with 100 labels, the predictions of a ridge teacher of 500 others."""
    path = tmp_path_factory.mktemp("labels")
    pixels, digits = load_digits(return_X_y=True)
    pixels = pixels[:, (pixels > 0).mean(axis=0) > 0.03]
    order = np.random.default_rng(0).permutation(len(pixels))
    known, taught = order[:100], order[100:600]
    np.save(path / "X.npy", pixels)
    lines = [f"{row},{digits[row]}" for row in known]
    (path / "few.csv").write_text("row,label\n" + "\n".join(lines) + "\n")
    column = np.full(len(pixels), -1)
    column[known] = digits[known]
    np.save(path / "column.npy", column)
    teacher = Ridge(alpha=1000).fit(pixels[taught], np.eye(10)[digits[taught]])
    np.save(path / "teacher.npy", teacher.predict(pixels))
    return path


def labels(folder, *arguments):
    return process("labels", str(folder / "X.npy"), *arguments)


def test_json_page_and_figure(folder):
    done = labels(
        folder, str(folder / "few.csv"), "-n", "200,400", "--draws", "6",
        "--ridge", "best", "--ridge", "min-norm", "--ridge", "50", "--target-risk", "0.5",
        "--target-accuracy", "0.99", "--teacher", str(folder / "teacher.npy"),
        "--json", "-", "--html", str(folder / "page.html"), "--plot", str(folder / "plot.png"),
    )  # fmt: skip
    assert done.code == 0, done.err
    found = json.loads(done.out)
    assert found["command"] == "labels"
    assert found["n_labelled"] == 100
    assert (found["task"], found["because"]) == ("classes", "the labels are whole numbers")
    assert (found["rank"], found["rows_of_pool"]) == (50, 1797)
    assert found["classes"] == [str(digit) for digit in range(10)]
    shown = [p for p in found["curve"] if p["n"] >= 100]
    assert [(p["n"], p["student"]) for p in shown] == [
        (n, student) for n in (100, 200, 400) for student in ("best", "min-norm", "ridge")
    ]
    for point in shown:
        assert point["ridge"] == {"min-norm": 0.0, "ridge": 50.0}.get(
            point["student"], point["ridge"]
        )
        if point["risk"] is None:
            assert point["reasons"]
            continue
        assert point["risk_low"] < point["risk"] < point["risk_high"]
        assert point["accuracy_low"] < point["accuracy"] < point["accuracy_high"]
    assert [one["target"] for one in found["needed"]] == ["accuracy", "risk"]
    assert found["needed"][0]["labels"] is None
    reached = found["needed"][1]["labels"]
    assert reached is None or found["needed"][1]["low"] <= reached
    (worth,) = found["worth"]
    assert worth["teacher"] == "teacher.npy"
    assert worth["labels"] is None or worth["labels"] > 150
    assert found["verdict"] in ("use the teacher", "mix both")
    assert "verdict: " in done.err
    page = (folder / "page.html").read_text()
    assert "Measured with the labels at hand" in page
    assert "<svg" in page
    assert "<p>task: classes (10), " in page
    assert "risk ± s.e." in page
    assert "http" not in page.split("<svg")[0]
    assert (folder / "plot.png").stat().st_size > 10_000


def test_refused_numbers_are_shown_anyway_beside_the_reasons(tmp_path):
    generator = np.random.default_rng(0)
    rows = generator.standard_normal((400, 30))
    rows[:4] *= 30
    np.save(tmp_path / "X.npy", rows)
    column = rows[:, 0] + generator.standard_normal(400)
    column[40:] = np.nan
    np.save(tmp_path / "y.npy", column)
    np.save(tmp_path / "teacher.npy", rows[:, 0])
    asked = (
        str(tmp_path / "y.npy"), "-n", "80", "--draws", "3", "--json", "-",
        "--teacher", str(tmp_path / "teacher.npy"), "--plot", str(tmp_path / "plot.svg"),
    )  # fmt: skip
    drawn = []
    for flag in ((), ("--anyway",)):
        drawn.append((labels(tmp_path, *asked, *flag), (tmp_path / "plot.svg").read_text()))
    (silent, _), (shown, picture) = drawn
    assert "best ridge: predicted, 80 % (refused)" in picture
    assert "(refused); its student has" in " ".join(shown.err.split())
    assert "note: --anyway shows what is refused" in silent.err
    assert "note: --anyway" not in shown.err
    for done, has in ((silent, False), (shown, True)):
        found = json.loads(done.out)
        assert {point["risk"] is not None for point in found["curve"]} == {has}
        for point in found["curve"]:
            assert any("row lengths" in reason for reason in point["reasons"])
        assert [one["refused"] for one in found["worth"]] == [has]
        assert ("best (refused)" in done.err) == has
    assert "note: refused, shown anyway, best: squared row lengths" in shown.err


def test_a_column_with_a_value_for_none_says_the_same(folder):
    arguments = ("-n", "200", "--draws", "4", "--json", "-")
    one = labels(folder, str(folder / "few.csv"), *arguments)
    two = labels(folder, str(folder / "column.npy"), "--unlabelled", "-1", *arguments)
    assert one.code == two.code == 0, one.err + two.err
    assert json.loads(one.out)["curve"] == json.loads(two.out)["curve"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "labels=None must be given"),
        (("{X}",), "must be missing in some rows"),
        (("{few}", "--ridge", "most"), "ridge='most' must be best, min-norm or a number"),
        (("{few}", "--ridge", "-1"), "must not be negative"),
        (("{few}", "--target-risk", "0"), "target_risk=0.0 must be positive"),
        (("{few}", "--teacher", "{few}"), "1797"),
        (("{column}",), "labels must be missing in some rows"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(folder, arguments, message):
    files = {"X": folder / "X.npy", "few": folder / "few.csv", "column": folder / "column.npy"}
    done = labels(folder, *(one.format(**files) for one in arguments), "--draws", "2")
    assert done.code == 2
    assert message in done.err
    assert len(done.err.strip().splitlines()) <= 2


@pytest.mark.parametrize(
    "head",
    [
        "\ufeffrow,label",  # a byte-order mark
        '"row","label"',
        ',"row","label"',  # pandas' index
        '"a, b","row","label"',
        "row,name,label",
    ],
)
def test_labels_of_some_rows_in_tables_as_they_come(tmp_path, head):
    """The column of row numbers is found by the reader of tables, whatever else there is."""

    names = head.removeprefix("\ufeff").split(",")
    extra = {'"a': "7.5", ' b"': None, "name": "anna", "": "{k}"}
    cells = {"row": "{row}", '"row"': "{row}", "label": "{label}", '"label"': "{label}"}
    np.save(tmp_path / "x.npy", np.ones((9, 2)))
    line = ",".join(c for name in names if (c := (cells | extra)[name]) is not None)
    rows = [(4, 1), (0, 2), (8, 1)]
    text = "".join(line.format(k=k, row=r, label=v) + "\n" for k, (r, v) in enumerate(rows))
    (tmp_path / "few.csv").write_text(f"{head}\n{text}", encoding="utf-8")
    table, (places, known) = _read(
        str(tmp_path / "x.npy"), str(tmp_path / "few.csv"), "label", Layout()
    )
    assert (places.tolist(), known.tolist()) == ([4, 0, 8], [1, 2, 1])
    assert table.features.shape == (9, 2)
    assert table.notes[1].startswith("few.csv: 3 rows, 1 columns; the first row is the header")


def test_teachers_are_read_as_the_table_is(kdverify, tmp_path):
    """``--header``, ``--delimiter`` and ``--decimal`` hold for the files of teachers too."""
    X = np.random.default_rng(0).standard_normal((90, 3))
    np.save(tmp_path / "x.npy", X)
    (tmp_path / "y.csv").write_text("".join(f"{v:.3f}\n".replace(".", ",") for v in X[:, 0]))
    (tmp_path / "t.csv").write_text("".join(f"{v:.2f}\n".replace(".", ",") for v in X[:, 0]))
    given = ("features", "x.npy", "y.csv", "-n", "2", "--repetitions", "2", "--teacher", "t.csv")
    written = ("--delimiter", ";", "--decimal", ",", "--header", "no", "--ridge", "1")
    finished = kdverify(*given, *written, "--teacher", "strong", "--json", "a.json")
    assert finished.code == 0, finished.err
    rows = json.loads((tmp_path / "a.json").read_text())["rows"]
    by_name = {row["teacher"]: row["measured"] for row in rows}
    assert by_name["t.csv"] == pytest.approx(by_name["strong"], rel=0.05)


def test_row_numbers_beyond_a_million_are_told_in_full(tmp_path):
    np.save(tmp_path / "X.npy", np.tile(np.float32([[0, 1], [1, 0]]), (600_000, 1)))
    (tmp_path / "few.csv").write_text("row,label\n7,a\n1199998,b\n")
    table, (numbers, _) = _read(str(tmp_path / "X.npy"), str(tmp_path / "few.csv"), None, Layout())
    assert numbers.tolist() == [7, 1199998]
    assert table.notes[-1] == "labels of rows 7 to 1199998, counted from 0"
