"""Columns of a teacher's table that are named by the classes go by name, else as they stand."""

from __future__ import annotations

import json

import numpy as np
import pytest

from kdverify import Question, labels
from kdverify.tables import Layout, read_predictions

CLASSES = ("one", "three", "two", "zero")
CHANCES = np.random.default_rng(5).dirichlet(np.ones(4), size=90)


def written(path, names, values=CHANCES):
    head = ",".join(names) + "\n" if len(names) else ""
    path.write_text(head + "".join(",".join(map(repr, row)) + "\n" for row in values.tolist()))
    return path


def test_columns_named_by_the_classes_go_by_name(tmp_path):
    names = ("zero", "one", "two", "three")
    moved = CHANCES[:, [1, 3, 2, 0]]
    found, notes = read_predictions(written(tmp_path / "t.csv", names), 90, CLASSES)
    np.testing.assert_array_equal(found, moved)
    assert notes == ("t.csv: columns are matched with the classes by name",)
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    frame = pandas.DataFrame(CHANCES, columns=names)
    frame.to_parquet(tmp_path / "t.parquet")
    np.testing.assert_array_equal(read_predictions(tmp_path / "t.parquet", 90, CLASSES)[0], moved)


@pytest.mark.parametrize("names", [(), ("a", "b", "c", "d")])
def test_other_columns_are_taken_as_they_stand_and_this_is_said(tmp_path, names):
    found, notes = read_predictions(written(tmp_path / "t.csv", names), 90, CLASSES)
    np.testing.assert_array_equal(found, CHANCES)
    assert notes[0].endswith("for the classes in this order: one, three, two, zero")
    np.save(tmp_path / "t.npy", CHANCES)
    assert "no names of columns" in read_predictions(tmp_path / "t.npy", 90, CLASSES)[1][0]


@pytest.mark.parametrize(
    ("names", "why"),
    [
        (("zero", "one", "two", "four"), "'zero' is one, 'four' is not"),
        (("zero", "one", "two", "two"), "one comes twice"),
    ],
)
def test_columns_of_which_some_are_classes_are_refused(tmp_path, names, why):
    with pytest.raises(ValueError, match=rf"^teacher='t.csv' must have columns .*{why}"):
        read_predictions(written(tmp_path / "t.csv", names), 90, CLASSES)


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 1, 0, 2), (2, 3, 0, 1)])
def test_classes_that_are_numbers_may_name_columns_too(tmp_path, order):
    path = written(tmp_path / "t.csv", [str(k) for k in order])
    found, _ = read_predictions(path, 90, ("0", "1", "2", "3"))
    np.testing.assert_array_equal(found[:, list(order)], CHANCES)
    rows = [[1, 0], [0, 1], [1, 0]]  # the first is data: it is one of the three
    plain = written(tmp_path / "u.csv", (), np.array(rows))
    np.testing.assert_array_equal(read_predictions(plain, 3, ("0", "1"))[0], rows)


def test_one_column_of_chances_is_of_the_second_class(tmp_path):
    chances = CHANCES[:, :1]
    path = written(tmp_path / "t.csv", ("yes",), chances)
    assert read_predictions(path, 90, ("no", "yes"))[1] == (
        "t.csv: read as chances of 'yes', the second class",
    )
    written(path, ("no",), chances)
    with pytest.raises(ValueError, match="must hold chances of the second class, 'yes'"):
        read_predictions(path, 90, ("no", "yes"), Layout())


def test_data_frames_go_by_name():
    pandas = pytest.importorskip("pandas")
    generator = np.random.default_rng(0)
    X, names = generator.standard_normal((90, 3)), np.array(CLASSES)[np.arange(90) % 4]
    frame = pandas.DataFrame(CHANCES, columns=["zero", "one", "two", "three"])
    question = Question.of(X, names)
    moved = question.outputs_of(CHANCES[:, [1, 3, 2, 0]])
    np.testing.assert_array_equal(question.outputs_of(frame), moved)
    np.testing.assert_array_equal(question.outputs_of(pandas.DataFrame(CHANCES)),
                                  question.outputs_of(CHANCES))  # fmt: skip
    setting = labels.ask(X, np.where(np.arange(90) < 60, names, ""))
    np.testing.assert_allclose(
        labels.teacher_labels("t", frame, setting, 90), CHANCES[:, [1, 3, 2, 0]]
    )


def test_both_commands_match_columns_by_name(kdverify, tmp_path):
    generator = np.random.default_rng(1)
    X = generator.standard_normal((90, 4))
    own = X.argmax(axis=1)
    np.save(tmp_path / "x.npy", X)
    names = np.array(CLASSES)[own]
    (tmp_path / "y.csv").write_text("y\n" + "\n".join(names) + "\n")
    given = np.where(np.arange(90) < 60, names, "")
    np.save(tmp_path / "few.npy", given)
    order = [3, 0, 2, 1]
    written(tmp_path / "t.csv", np.array(CLASSES)[order], np.eye(4)[own][:, order])
    done = kdverify(
        "features", "x.npy", "y.csv", "-n", "3", "--repetitions", "2", "--ridge", "1",
        "--teacher", "t.csv", "--teacher", "strong", "--json", "a.json",
    )  # fmt: skip
    assert done.code == 0, done.err
    rows = json.loads((tmp_path / "a.json").read_text())["rows"]
    found = {row["teacher"]: row["measured"] for row in rows}
    assert found["t.csv"] == pytest.approx(found["strong"], rel=1e-9)
    assert "matched with the classes by name" in done.out
    done = kdverify("labels", "x.npy", "few.npy", "-n", "70", "--draws", "2", "--teacher", "t.csv")
    assert done.code == 0, done.err
    assert "matched with the classes by name" in " ".join(done.out.split())
