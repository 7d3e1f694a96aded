"""What distillation can buy on real features: reading, preparing, predicting, measuring."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from sklearn.datasets import load_digits

import kdverify as kd
from kdverify import features, rows
from kdverify.seeds import stream

DIGITS = load_digits()


def gaussian_rows(count=400, p=24, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((count, p)) * np.arange(1, p + 1) ** -0.75
    return X, X @ rng.standard_normal(p) + 0.3 * rng.standard_normal(count)


# -- reading ------------------------------------------------------------------------------------


def write(folder, kind, X, y):
    file = folder / f"table.{kind}"
    if kind == "npy":
        np.save(file, X)
        np.save(folder / "labels.npy", y)
        return [str(file), str(folder / "labels.npy")], {}
    if kind == "npz":
        np.savez(file, features=X, labels=y)
        return [str(file)], {}
    if kind == "csv":
        header = ",".join([*(f"x{k}" for k in range(X.shape[1])), "answer"])
        table = np.column_stack([X, y])
        np.savetxt(file, table, delimiter=",", header=header, comments="", fmt="%.17g")
        return [str(file)], {"label_column": "answer"}
    pandas = pytest.importorskip("pandas", reason="not run: no pandas")
    pytest.importorskip("pyarrow", reason="not run: no pyarrow")
    frame = pandas.DataFrame(X, columns=[f"x{k}" for k in range(X.shape[1])])
    frame.assign(answer=y).to_parquet(file)
    return [str(file)], {"label_column": "answer"}


@pytest.mark.parametrize("kind", ["npy", "npz", "csv", "parquet"])
def test_every_kind_of_file_gives_the_same_table(tmp_path, kind):
    X, y = gaussian_rows(60, 5)
    arguments, options = write(tmp_path, kind, X, y)
    table = features.read(*arguments, **options)
    assert np.array_equal(table.features, X)
    assert np.array_equal(table.labels, y)


def test_an_npy_file_stays_in_the_file(tmp_path):
    X, _ = gaussian_rows(60, 5)
    np.save(tmp_path / "x.npy", X.astype(np.float32))
    assert isinstance(features.read(str(tmp_path / "x.npy")).features, np.memmap)


def test_class_names_of_a_table(tmp_path):
    (tmp_path / "t.csv").write_text("a,kind\n1.5,cat\n2.5,dog\n", encoding="utf-8")
    table = features.read(str(tmp_path / "t.csv"), label_column="kind")
    assert table.labels.tolist() == ["cat", "dog"]
    assert table.columns == ("a",)


# -- preparing ----------------------------------------------------------------------------------


def test_prepare_centres_and_says_so():
    X, y = gaussian_rows()
    ready = features.prepare(X + 5, y)
    assert np.abs(ready.pool.rows.mean(axis=0)).max() < 1e-12
    assert ready.level == pytest.approx([y.mean()])
    plain = features.prepare(X + 5, y, intercept="none")
    assert np.array_equal(plain.pool.rows, X + 5)


def test_prepare_standardises():
    X, y = gaussian_rows()
    ready = features.prepare(X, y, standardise=True)
    assert ready.pool.rows.std(axis=0) == pytest.approx(np.ones(24))


def test_constant_columns_are_dropped_with_a_note():
    X, y = gaussian_rows()
    ready = features.prepare(np.column_stack([X, np.full(len(X), 0.1), np.zeros(len(X))]), y)
    assert ready.pool.columns == 24
    assert ready.notes == ("2 constant columns were dropped",)


def test_classes_become_one_hot():
    X, _ = gaussian_rows()
    ready = features.prepare(X, np.array(["b", "a", "c", "a"] * 100))
    assert ready.class_names == ("a", "b", "c")
    assert ready.labels + ready.level == pytest.approx(np.eye(3)[[1, 0, 2, 0] * 100])


def test_more_columns_than_rows_has_a_note():
    X = np.random.default_rng(0).standard_normal((60, 80))
    ready = features.prepare(X, X[:, 0], intercept="none")
    assert ready.pool.width == 60
    assert "more columns (80) than rows (60)" in ready.notes[0]


BAD = [
    (lambda X, y: (X.astype(str), y), TypeError, "features must be a matrix of real numbers"),
    (lambda X, y: (X[:49], y[:49]), ValueError, "at least 50 rows, not 49"),
    (lambda X, y: (X, y[:-1]), ValueError, "labels of length 399 must have length 400"),
    (lambda X, y: (np.ones_like(X), y), ValueError, "a column that is not constant"),
    (lambda X, y: (X, np.zeros(400, int)), ValueError, "two classes or more; all are"),
    (lambda X, y: (X, np.full(400, 2.5)), ValueError, "labels must not be constant"),
    (lambda X, y: (X, np.arange(400)), ValueError, "400 different values in 400 rows"),
    (lambda X, y: (np.where(X[3, 2] == X, np.nan, X), y), ValueError, "row 3, column 2 .* is nan"),
    (lambda X, y: (X, np.where(y == y[0], np.inf, y)), ValueError, "labels must hold finite"),
]


@pytest.mark.parametrize(("spoil", "error", "message"), BAD)
def test_bad_input_is_named(spoil, error, message):
    with pytest.raises(error, match=message):
        features.prepare(*spoil(*gaussian_rows()))


def test_a_class_a_row_is_no_classification():
    """Asked for by name too: 400 columns of labels that nobody sees twice."""
    X, _ = gaussian_rows()
    with pytest.raises(ValueError, match="400 different values in 400 rows"):
        features.prepare(X, X[:, 0], task="classes")


# -- predicting and measuring ---------------------------------------------------------------------


def test_gaussian_model_is_formula_2_on_the_pool():
    X, y = gaussian_rows()
    ready = features.prepare(X, y, intercept="known")
    found = features.analyse(ready, [10], "gaussian", repetitions=0)
    excess = {name: value[0] for name, value in found.predictions["gaussian"].excess.items()}
    values, vectors = np.linalg.eigh(ready.pool.covariance)
    best = np.linalg.lstsq(ready.pool.rows, ready.labels[:, 0], rcond=None)[0]
    left = ready.labels[:, 0] - ready.pool.rows @ best
    problem = kd.Problem(kd.Spectrum(values), vectors.T @ best)
    assert excess["strong"] == pytest.approx(kd.risk(problem, 10, None, np.mean(left**2)))
    assert excess["best"] == pytest.approx(kd.optimal_risk(problem, 10))
    assert excess["nested-mask"] == pytest.approx(kd.masked_risk(problem, 10))


def test_predictions_are_those_of_the_rows_and_their_correction():
    X, y = gaussian_rows()
    ready = features.prepare(X, y, intercept="known")
    found = kd.predict(ready, 10)
    at = rows.solve(ready.pool, 10)
    test = rows.Moments.of(ready.pool, ready.pool, ready.labels)
    students = rows.Students(at, ready.labels)
    plain = rows.unseen_scores(students).errors(ready.pool.times(test.best)).mean()
    pooled = students.excess_risks(test)[0]
    change = rows.corrected_errors(ready.pool, ready.labels, 10, test)[0]
    # (9) is solved to 1e-7 there and to 1e-10 here
    parts = found.parts["strong"]
    assert found.excess["strong"] == pytest.approx(plain + change, rel=1e-5)
    assert parts["finite_size"] == pytest.approx(change, abs=1e-5 * plain)
    assert parts["optimism"] == pytest.approx(plain - pooled, rel=1e-4)
    assert parts["optimism"] > 0
    assert found.excess["best"] <= found.excess["nested-mask"] <= found.excess["clean"]


def test_measurement_on_digits_agrees_and_masking_helps():
    """n = 20 of 61: each teacher's mean within 4 standard errors and 5 % (8 comparisons)."""
    ready = features.prepare(DIGITS.data, DIGITS.target)
    found = features.analyse(ready, [20], repetitions=120, seed=1)
    for teacher, predicted in found.predictions["rows"].excess.items():
        measured = found.measured.excess[teacher]
        error = found.measured.standard_errors()["excess"][teacher]
        assert error < 0.03 * measured
        assert abs(measured - predicted) < 0.05 * measured + 4 * error, teacher
    (verdict,) = features.verdicts(found)
    assert "yes: risk ratio 0.8" in verdict


def test_half_of_the_rows_are_different_rows():
    """Digits, 900 of 1,797 with the best ridge: within 3 %, where draws are 40 % too high."""
    ready = features.prepare(DIGITS.data, DIGITS.target)
    found = features.analyse(ready, [900], ridge="best", repetitions=40, seed=1)
    predicted, measured = found.predictions["rows"], found.measured
    errors = measured.standard_errors()["excess"]
    kind = {"ridges": found.ridges[0], "distinct": False}
    drawn = kd.predict(ready, 900, "strong", **kind).excess["strong"]
    for name in ("strong", "clean", "best"):
        mean = measured.excess[name][0]
        assert abs(predicted.excess[name][0] - mean) < 0.03 * mean + 3 * errors[name][0]
    assert drawn > 1.3 * measured.excess["strong"][0]  # the control: draws from a population


def test_isotropic_rows_have_nothing_to_gain():
    X = np.random.default_rng(2).standard_normal((3000, 20))
    found = features.analyse(features.prepare(X, X[:, 0] + X[:, 1]), [10], repetitions=400)
    assert "no: risk ratio" in features.verdicts(found)[0]


def test_too_few_repetitions_cannot_tell():
    ready = features.prepare(DIGITS.data, DIGITS.target)
    found = features.analyse(ready, [40], repetitions=2)
    nothing = features.analyse(ready, [40], repetitions=0)
    assert "cannot tell" in features.verdicts(nothing)[0]
    assert "cannot tell" in features.verdicts(found)[0]


def test_rows_without_labels_still_give_a_mask():
    X, _ = gaussian_rows()
    found = features.analyse(features.prepare(X), [10])
    values = np.linalg.eigvalsh(features.prepare(X).pool.covariance)
    # a fitted intercept takes one sample: the first of 25 modes, which is far above the others
    with_it = np.append(values, 1e3 * values.sum())
    expected = int(kd.optimal_mask(kd.Spectrum(with_it), 10).sum()) - 1
    assert found.kept == [expected]
    assert features.verdicts(found) == []


def test_at_the_rank_nothing_is_told_and_a_ridge_helps():
    X, y = gaussian_rows()
    ready = features.prepare(X, y)
    assert ready.rank == 25
    with pytest.warns(UserWarning, match="n=25 at rank 25: the error has no finite mean"):
        told = features.analyse(ready, [12, 25], repetitions=2)
    assert np.isinf(told.predictions["rows"].excess["strong"]).tolist() == [False, True]
    assert told.measured.n.tolist() == [12]  # one n that cannot be solved does not lose the other
    assert "cannot predict: n=25 at rank 25" in features.cautions(told)[0]
    found = features.analyse(ready, [40], ridge=5.0, repetitions=150)
    excess, error = (
        found.predictions["rows"].excess["strong"],
        found.measured.standard_errors()["excess"],
    )
    assert abs(found.measured.excess["strong"] - excess) < 4 * error["strong"]


def test_more_columns_than_rows_is_predicted_on_unseen_rows():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((60, 80))
    y = X[:, 0] + 0.5 * rng.standard_normal(60)
    found = features.analyse(features.prepare(X, y), [20], repetitions=300)
    gap = found.predictions["rows"].risk["strong"] - found.measured.risk["strong"]
    # one comparison: a false alarm in 10^4
    assert abs(gap) < 4 * found.measured.standard_errors()["risk"]["strong"]


# -- the command -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def digits_file(tmp_path_factory):
    file = tmp_path_factory.mktemp("features") / "digits.npz"
    np.savez(file, features=DIGITS.data, labels=DIGITS.target)
    return str(file)


def test_command_writes_what_it_prints(kdverify, digits_file, tmp_path):
    outputs = ["--json", "f.json", "--plot", "f.png", "--html", "f.html"]
    finished = kdverify("features", digits_file, "-n", "15", "--model", "both", *outputs)
    assert finished.code == 0, finished.err
    assert max(map(len, finished.out.splitlines())) <= 80
    content = json.loads((tmp_path / "f.json").read_text(encoding="utf-8"))
    assert {row["model"] for row in content["rows"]} == {"rows", "gaussian"}
    strong = next(row for row in content["rows"] if row["teacher"] == "strong")
    assert strong["n"] == 15
    assert f"{strong['predicted']:.4g}" in finished.out
    assert content["summary"]["verdicts"][0] in " ".join(finished.out.split())
    page = (tmp_path / "f.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 1
    assert not re.findall(r"(?:src|href)=.https?:", page)
    assert (tmp_path / "f.png").stat().st_size > 10_000
    best, none = content["learning_curve"]
    assert (best["student"], none["student"], none["ridge"]) == ("best", "min-norm", 0.0)
    assert best["risk"] < none["risk"]
    assert strong["ridge"] == best["ridge"] > 0
    assert "students of your labels, measured" in finished.out
    assert "students of your labels, measured" in page


def test_a_teacher_that_exists_is_compared_with_the_labels(kdverify, digits_file, tmp_path):
    digits = np.load(digits_file)["labels"]
    np.save(tmp_path / "same.npy", digits)
    np.save(tmp_path / "chance.npy", np.random.default_rng(0).permutation(digits))
    arguments = ["-n", "30", "--repetitions", "12", "--teacher", "strong"]
    for name in ("same.npy", "chance.npy"):
        arguments += ["--teacher", str(tmp_path / name)]
    finished = kdverify("features", digits_file, *arguments)
    told = " ".join(finished.out.split())
    assert "should same.npy label in the place of your labels? no: risk ratio 1.000" in told
    assert "should chance.npy label in the place of your labels? no: risk ratio 2." in told
    assert "perfect" not in told
    finished = kdverify("features", digits_file, "--teacher", "nobody")
    assert "teacher='nobody' must be one of strong" in finished.err


def test_the_best_ridge_is_that_of_least_measured_risk():
    ready = features.prepare(DIGITS.data, DIGITS.target)
    found = features.analyse(ready, [20, 40.5, 5000], "gaussian", "best", 3, teachers="strong")
    free = found.free
    assert free.n[:, 0].tolist() == [20]
    best = free.ridges[0, free.risk["strong"][0].argmin()]
    assert found.ridges == [best] * 3  # measured at the nearest n
    assert found.measured.risk["strong"][0] == free.risk["strong"][0].min()
    with pytest.raises(ValueError, match="ridge='best' must go with repetitions"):
        features.analyse(ready, [20], ridge="best", repetitions=0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing.npy"], "must be an existing file"),
        (["FILE", "-n", "0"], "n=0 must be"),
        (["FILE", "--model", "both?"], "model='both?' must be one of rows, gaussian, both"),
        (["FILE", "--task", "none"], "task='none' must be one of auto, regression, classes"),
        (["FILE", "--repetitions", "-1"], "repetitions=-1 must be"),
        (["FILE", "--label-column", "y"], "must go with a .csv, .tsv or .parquet"),
        (["FILE", "FILE"], "must be given once"),
    ],
)
def test_command_names_bad_input(kdverify, digits_file, arguments, message):
    finished = kdverify("features", *(digits_file if a == "FILE" else a for a in arguments))
    assert finished.code == 2
    assert message in finished.err
    assert finished.err.count("\n") == 1


def test_a_sample_of_the_rows_stands_for_all():
    """Its teachers are judged by the moments of all rows; only the optimism is the sample's."""
    generator = np.random.default_rng(5)
    X = rows.made_up.gaussian(generator, 1200, 40)
    y = X @ generator.standard_normal(40) + generator.standard_normal(1200)
    ready = features.prepare(X, y, intercept="known")
    found = kd.predict(ready, 15, solve_rows=200)
    chosen = stream(0, "rows that stand for the pool").choice(1200, 200, replace=False)
    sample = rows.Pool(np.asarray(ready.pool.rows)[np.sort(chosen)])
    every = ready.moments
    at = rows.solve(sample, 15)
    best = rows.Teachers(at, every, rows.Response(at), ready.pool.principal[1])
    surrogates = {
        "clean": every.best,
        "best": best.optimal,
        "nested-mask": best.masked(best.mask),
        "gains": best.transformed(best.gains),
    }
    for name, surrogate in surrogates.items():
        on_all = (best.errors(surrogate) - every.floor).sum()
        parts = found.parts[name]
        given = found.excess[name] - parts["optimism"] - parts["finite_size"]
        assert given == pytest.approx(on_all, rel=1e-5)  # (9) is solved to 1e-7 there
        own = rows.Moments.of(sample, sample, sample.times(every.best))
        pooled = (rows.Teachers(at, own, rows.Response(at)).errors(surrogate) - own.floor).sum()
        taught = rows.Students(at, sample.times(surrogate))
        apart = rows.unseen_scores(taught).errors(sample.times(every.best)).sum(axis=1).mean()
        assert parts["optimism"] == pytest.approx(apart - pooled, rel=1e-4)
        assert parts["optimism"] > 0


def test_few_samples_of_many_classes_are_pointed_out(tmp_path):
    X, t = load_digits(return_X_y=True)
    found = features.analyse(features.prepare(X, t), [5, 15, 20], "gaussian", repetitions=0)
    assert features.cautions(found) == [
        "n = 5, 15: fewer than 2 samples a class: the predicted accuracy may be off by "
        "one or two points"
    ]
    assert features.summary(found)["notes"][-1] == features.cautions(found)[0]
    two = features.prepare(X, t == 3)
    assert features.cautions(features.analyse(two, [5], "gaussian", repetitions=0)) == []
    assert features.cautions(features.analyse(features.prepare(X), [5])) == []


def test_progress_goes_from_nothing_to_all():
    X, t = load_digits(return_X_y=True)
    seen = []
    ready = features.prepare(X, t == 3)
    features.analyse(ready, [5, 8], repetitions=3, progress=lambda *told: seen.append(told))
    done = [fraction for _, fraction in seen]
    assert done == sorted(done)
    assert done[0] == 0
    assert 0.9 < done[-1] < 1
    assert "n = 8: repetition 3 of 3" in [line for line, _ in seen]


def test_labels_that_are_learnt_exactly_are_no_negative_risk():
    X, y = gaussian_rows()
    found = features.analyse(features.prepare(X, y), [40, 60], repetitions=3)
    assert not found.predictions["rows"].reasons
    assert (found.predictions["rows"].excess["clean"] >= 0).all()
    assert all("its student learns all that is linear" in line for line in features.verdicts(found))
