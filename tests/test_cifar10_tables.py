"""Tables of the neural experiment for pages; synthetic records, no torch."""

from __future__ import annotations

import json
import sys
from itertools import product
from operator import itemgetter
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from test_cifar10_judgement import CHANNELS, TRUE, made_up, record, saved, scaled

from experiments.cifar10 import figure, heads, linear, orderings, results, scaling, series
from kdverify.cli import run_app


def cells(text: str) -> list[list[str]]:
    """Cells of a Markdown table, all rows of the same length."""
    lines = text.splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert len({len(row) for row in rows}) == 1
    assert set(rows[1]) == {"---"}
    return [rows[0], *rows[2:]]


def test_accuracies(tmp_path):
    records = made_up(seeds=3)
    for found in records:
        found["result"] |= {"train_accuracy": found["result"]["accuracy"] + 0.05}
        if found["run"]["kind"] == "s2t":
            found["result"]["label_accuracy"] = 0.5 + found["run"]["seed"] / 10
    saved(records, tmp_path)
    head, *body = cells(figure.accuracy_table(tmp_path))
    assert head[:3] == ["model", "accuracy, seed by seed", "mean"]
    assert [row[0] for row in body] == [
        "s2t (16, 32, 64)", "surrogate (16, 32, 64)", "s2t (4, 8, 16)", "surrogate (4, 8, 16)",
        "standard",
    ]  # fmt: skip
    values = [r["result"]["accuracy"] for r in records if r["run"]["kind"] == "standard"]
    mean, half = figure.mean_interval(values)
    assert body[-1][1:4] == [
        ", ".join(f"{value:.4f}" for value in values),
        f"{mean:.4f} ± {half:.4f}",
        f"{1 - mean:.4f}",
    ]
    assert body[-1][4:] == [f"{mean + 0.05:.4f}", ""]
    assert [row[5] for row in body[:4]] == ["0.6000", "", "0.6000", ""]
    _, *short = cells(figure.summary_table(tmp_path))
    assert [row[0] for row in short] == [str(channels) for channels in CHANNELS]
    assert {row[3] for row in short} == {f"{mean:.3f} ± {half:.3f}"}


def test_orderings(tmp_path):
    saved(made_up(seeds=5), tmp_path)
    head, *body = cells(orderings.markdown(tmp_path))
    assert head[-2:] == ["verdict", "PGR"]
    judged = orderings.judge(made_up(seeds=5))
    assert [row[1] for row in body] == ["surrogate < s2t", "s2t < standard"] * 2
    assert {row[5] for row in body} == {"measured"}
    low, high = judged.recovered[0].interval
    assert body[0][6] == f"{judged.recovered[0].value:.2f} [{low:.2f}, {high:.2f}]"
    assert [row[6] for row in body[1::2]] == ["", ""]


def test_heads(tmp_path):
    for kind, accuracy in zip(heads.KINDS, (0.7, 0.6, 0.65, 0.62), strict=True):
        for seed in range(3):
            found = record(kind, None, seed, accuracy + seed / 100)
            found["result"]["label_accuracy"] = accuracy
            saved([found], tmp_path)
    head, *body = cells(heads.markdown(tmp_path))
    assert head[2:4] == ["accuracy of the labels", "accuracy of the network"]
    assert [row[0] for row in body] == ["strong", "naive", "masked", "gained"]
    assert [row[4] for row in body] == [
        "+0.1000 ± 0.0000", "+0.0000 ± 0.0000", "+0.0500 ± 0.0000", "+0.0200 ± 0.0000",
    ]  # fmt: skip
    assert body[2][3].startswith("0.6600 ± ")
    assert [row["less_naive"] for row in heads.compare(tmp_path)] == pytest.approx(
        [0.1, 0, 0.05, 0.02]
    )


def test_scaling(tmp_path):
    for size, members in scaled(-0.4, -0.1, spread=0.001).items():
        saved(members, tmp_path / f"n-{size}")
    head, *body = cells(scaling.markdown(tmp_path))
    assert head == ["", "n = 500", "n = 1000", "n = 2000", "n = 4000", "slope", "less standard",
                    "exponent"]  # fmt: skip
    assert [row[0] for row in body] == [
        "error, standard", f"error, s2t {CHANNELS[0]}",
        "squared risk, standard", f"squared risk, s2t {CHANNELS[0]}",
    ]  # fmt: skip
    assert [row[5][:6] for row in body] == ["-0.400", "-0.100"] * 2
    assert [row[7] for row in body] == ["", "different"] * 2


def test_linear(tmp_path):
    names = linear.MODELS
    rows = [
        {
            "model": name, "n": n, "m": 9, "predicted": 0.25, "gaussian": 0.125, "risk": n / 100,
            "risk_half_width": 0.01, "accuracy": 0.5, "accuracy_half_width": 0.002,
        }
        for n in (20, 10) for name in names
    ]  # fmt: skip
    file = tmp_path / "found.json"
    file.write_text(json.dumps({"rows": rows}))
    head, *body = cells(linear.risk_table(file))
    assert head == ["n", *names]
    assert [row[0] for row in body] == ["risk, 10", "risk, 20", "accuracy, 10", "accuracy, 20"]
    assert body[1][3] == "0.200 ± 0.010 (0.250; 0.125)"
    assert body[2][1] == "0.500 ± 0.002"


def test_what_the_page_says_of_the_series():
    home = Path(__file__).parent.parent / "docs"
    told = json.loads((home / "data/cifar10-series/series.json").read_text())["rows"]
    largest = {(r["target"], r["images"]): r for r in told if r["channels"] == [16, 32, 64]}
    sizes = (1000, 2000, 4000, 8000)
    leads = [largest["resnet50", n]["s2t_less_surrogate"] for n in sizes]
    last = largest["resnet50", 8000]
    assert last["s2t_less_surrogate"] < -3 * last["s2t_less_surrogate_error"]
    page = " ".join((home / "cifar10.md").read_text(encoding="utf-8").split())
    above = [f"{100 * lead:.1f}" for lead in leads[:3]]
    assert f"by {above[0]}, {above[1]} and {above[2]} points, and at 8,000 images it is" in page
    assert f"it is {-100 * leads[3]:.1f} points *below* it" in page
    below = [f"{100 * largest['resnet50', n]['standard_less_s2t']:.1f}" for n in sizes]
    assert f"by {below[0]}, {below[1]}, {below[2]} and {below[3]} points" in page
    other = [largest["efficientnet-lite0", n]["s2t_less_surrogate"] for n in sizes]
    words = [f"{100 * lead:.0f}" for lead in other]
    assert f"by {', '.join(words[:3])} and {words[3]} points at 1,000, 2,000, 4,000" in page


def test_what_the_page_says_of_imagenet_weights():
    home = Path(__file__).parent.parent / "docs"
    rows = json.loads((home / "data/cifar10-series/series.json").read_text())["rows"]
    rows = [r for r in rows if (r["target"], r["images"]) == ("efficientnet-lite0", 2000)]
    above, below = (
        "{:.0f}, {:.0f} and {:.0f}".format(*(100 * row[key] for row in rows))
        for key in ("s2t_less_surrogate", "standard_less_s2t")
    )
    page = " ".join((home / "cifar10.md").read_text(encoding="utf-8").split())
    assert [row["seeds"] for row in rows] == [5, 5, 5]
    told = f"S2T is {above} points above its teacher and {below} below the true labels"
    assert told in page
    readme = (home.parent / "README.md").read_text(encoding="utf-8")
    assert f"S2T [{above} points above its teacher]" in readme
    gaps = [
        f"{r['s2t_less_surrogate'] / (r['s2t_less_surrogate'] + r['standard_less_s2t']):.2f}"
        for r in rows
    ]
    assert f"PGR {gaps[0]}, {gaps[1]} and {gaps[2]} where" in page


def test_what_the_page_says_of_random_features():
    home = Path(__file__).parent.parent / "docs"
    rows = json.loads((home / "data/cifar10-linear/random-relu.json").read_text())["rows"]
    page = " ".join((home / "cifar10.md").read_text(encoding="utf-8").split())
    off = [abs(row["risk"] / row["predicted"] - 1) for row in rows]
    assert f"within {100 * max(off):.1f} % of what is measured for every student" in page
    assert all(abs(row["risk"] - row["predicted"]) < row["risk_half_width"] for row in rows)
    less = [1 - row["gaussian"] / row["risk"] for row in rows]
    assert f"have risks {100 * min(less):.0f} to {100 * max(less):.0f} % smaller" in page
    for theory in ("predicted", "gaussian"):
        for n in (150, 300, 600, 1000):
            of_n = {
                row["model"]: row for row in rows if row["n"] == n and row["model"] != "teacher"
            }
            orders = [sorted(of_n, key=lambda name: of_n[name][key]) for key in (theory, "risk")]
            assert orders[0] == orders[1]


def test_what_the_page_says_of_the_linearised_network():
    home = Path(__file__).parent.parent / "docs"
    page = " ".join((home / "cifar10.md").read_text(encoding="utf-8").split())
    cases, close = 0, 0
    for more, start in (
        ("", "Without a ridge the error is at most {1} % and the accuracy at most {2} points off in"
         " the {0} cases, with one {5} % and {6} points in {4}. All errors are within their band;"
         " accuracies are in {3} of {0} and {7} of {4} cases."),
        ("-2000", "Without a ridge errors are at most {1} % and accuracies at most {2} points off,"
         " with one {5} % and {6} points; accuracies are within one point in {3} of {0} and {7} of"
         " {4} cases."),
    ):  # fmt: skip
        rows = json.loads((home / f"data/cifar10-tangent{more}/lazy.json").read_text())["rows"]
        told: list[object] = []
        for ridge in (False, True):
            chosen = [row for row in rows if bool(row["ridge"]) == ridge]
            errors = [abs(row["error"] / row["predicted_error"] - 1) for row in chosen]
            right = [abs(row["accuracy"] - row["predicted_accuracy"]) for row in chosen]
            assert max(errors) < 0.05
            inside = sum(gap < 0.01 for gap in right)
            told += [len(chosen), f"{100 * max(errors):.1f}", f"{100 * max(right):.1f}", inside]
            cases, close = cases + len(chosen), close + inside
        assert start.format(*told) in page
        if not more:  # the order of the labels
            found: dict[tuple[str, int], list[dict[str, float]]] = {}
            for row in rows:
                if not row["ridge"]:
                    found.setdefault((row["outputs"], row["n"]), []).append(row)
            orders = [
                [sorted(of_n, key=itemgetter(key)) for key in ("predicted_error", "error")]
                for of_n in found.values()
            ]
            assert sum(one == other for one, other in orders) == 11
            assert "is the predicted one in eleven of twelve cases" in page
            for (_, n), of_n in found.items():
                by = {row["labels"]: row for row in of_n}
                for key in ("predicted_error", "error"):
                    assert (by["gained"][key] < by["strong"][key]) == (n <= 200)
    said = f"to within 5 % in {cases} cases of {cases}, n up to 1,000, and their accuracy to within"
    assert f"{said} one point in {close} (" in (home.parent / "README.md").read_text(
        encoding="utf-8"
    )


def test_what_the_page_says_of_networks():
    home = Path(__file__).parent.parent / "docs"
    rows = json.loads((home / "data/cifar10-tangent/networks.json").read_text())["rows"]
    found = {(r["training"], r["n"], r["labels"]): r for r in rows}
    page = " ".join((home / "cifar10.md").read_text(encoding="utf-8").split())

    def led(training: str, n: int, metric: str = "error", labels: str = "gained") -> str:
        row, factor = found[training, n, labels], -1 if metric == "error" else 100
        value, half = (factor * row[f"{metric}_less_naive{e}"] for e in ("", "_half_width"))
        return (
            f"{value:.3f} ± {abs(half):.3f}" if metric == "error" else f"{value:.1f} ± {half:.1f}"
        )

    sizes = (25, 50, 100)
    errors, right = ([led("newton", n, m) for n in sizes] for m in ("error", "accuracy"))
    assert f"by {errors[0]}, {errors[1]} and {errors[2]} in error at n = 25, 50 and 100" in page
    assert f"by {right[0]}, {right[1]} and {right[2]} points of accuracy, ten networks" in page
    errors, right = ([led("paper", n, m) for n in sizes] for m in ("error", "accuracy"))
    assert (
        f"by {errors[1]} and {errors[2]} in error and by {right[1]} and {right[2]} points" in page
    )
    assert f"({errors[0].removeprefix('-')}, undecided)" in page
    promised = [
        found["paper", n, "naive"]["predicted_error"]
        - found["paper", n, "gained"]["predicted_error"]
        for n in sizes
    ]
    assert "(predicted: {:.3f}, {:.3f}, {:.3f})".format(*promised) in page
    assert f"at n = 100 alone ({led('newton', 100, labels='strong')}, predicted 0.013)" in page
    wrong = [led(training, 50, labels="wrong") for training in ("paper", "newton")]
    plain = [text.removeprefix("-") for text in wrong]
    assert (
        f"cost {plain[0]} in error against naive ones (predicted 0.105, Newton {plain[1]})" in page
    )
    hidden, other = (
        [led(training, 50, labels=labels) for training in ("newton", "paper")]
        for labels in ("masked", "surrogate")
    )
    gains = [
        found["newton", 50, "naive"]["predicted_error"]
        - found["newton", 50, labels]["predicted_error"]
        for labels in ("masked", "surrogate")
    ]
    assert f"hiding modes is predicted to gain {gains[0]:.3f} in error" in page
    assert f"cannot show ({hidden[0]} and {hidden[1]})" in page
    other = [text.removeprefix("-") for text in other]
    assert f"labels to cost {-gains[1]:.3f} ({other[0]} and {other[1]})" in page
    # the six one-sided tests of the paper's optimiser, in pairs, from the networks themselves
    alone, networks = {}, home / "data/cifar10-tangent/networks"
    for n, (metric, sign) in product(sizes, (("error", -1), ("accuracy", 1))):
        gained, naive = (
            [json.loads(file.read_text())["result"] for file in sorted(networks.glob(kind))]
            for kind in (f"paper-{n}-gained-?.json", f"paper-{n}-naive-?.json")
        )
        pairs = zip(gained, naive, strict=True)
        gaps = [sign * (g[metric] - b[metric]) for g, b in pairs if g[metric] is not None]
        alone[n, metric] = stats.ttest_1samp(gaps, 0, alternative="greater").pvalue
    family = dict(zip(alone, orderings._holm(list(alone.values())), strict=True))
    assert f"p = {family[100, 'error']:.0e} and {family[100, 'accuracy']:.3f}): decided" in page
    told = [f"{alone[50, metric]:.3f}" for metric in ("error", "accuracy")]
    assert f"at 5 % alone ({told[0]}, {told[1]}), not in the family" in page
    assert {f"{family[50, metric]:.3f}" for metric in ("error", "accuracy")} == {"0.065"}
    assert max(family[100, "error"], family[100, "accuracy"]) < 0.05 < family[50, "error"]
    for n in (50, 100):
        row = found["newton", n, "gained"]
        assert row["error_less_naive"] + row["error_less_naive_half_width"] < 0
        assert row["accuracy_less_naive"] - row["accuracy_less_naive_half_width"] > 0
    lost = {key: row["diverged"] for key, row in found.items() if row["diverged"]}
    assert lost == {("paper", 100, "gained"): 1}
    assert {row["repetitions"] for row in rows} == {10}


def test_series(tmp_path, monkeypatch, capsys):
    folders = [tmp_path / name for name in ("more", "fewer")]
    for folder, size, gain in zip(folders, (400, 100), (-0.02, 0.06), strict=True):
        records = made_up(seeds=2, spread=0, means=TRUE | {"s2t": 0.6 + gain})
        for found in records:
            found["settings"]["train_size"] = size
            right = np.arange(10_000) < 10_000 * found["result"]["accuracy"]
            found["predictions"] = results.packed(np.zeros(10_000), ~right)
        saved(records, folder)
    head, *body = cells(series.markdown(folders))
    assert head[:4] == ["target", "surrogate", "images", "seeds"]
    assert [row[1:4] for row in body] == [
        [str(channels), size, "2"] for channels in CHANNELS for size in ("100", "400")
    ]
    # right on 6 % of the images more and nowhere less: variance .06 - .06^2
    error = np.sqrt(0.06 * 0.94 / 10_000)
    assert body[0][4:8] == ["0.6000", "0.6600", "0.7200", f"+0.0600 ± {error:.4f}"]
    assert body[1][7].startswith("-0.0200 ± ")
    plot, found = tmp_path / "new" / "series.png", tmp_path / "series.json"
    line = ["series", *map(str, folders), "--plot", str(plot), "--json", str(found)]
    plot.parent.mkdir()
    monkeypatch.setattr(sys, "argv", line)
    with pytest.raises(SystemExit) as ended:
        run_app(series.app, "series")
    assert ended.value.code == 0
    assert capsys.readouterr().out.strip() == series.markdown(folders).strip()
    assert plot.read_bytes()[:4] == b"\x89PNG"
    rows = json.loads(found.read_text())["rows"]
    assert [row["s2t_less_surrogate"] for row in rows] == pytest.approx([0.06, -0.02] * 2)
    with pytest.raises(ValueError, match="must hold finished runs"):
        series.rows([tmp_path])


def test_the_linear_experiment_says_what_it_found(tmp_path, monkeypatch, capsys):
    generator = np.random.default_rng(0)
    rows = generator.standard_normal((60, 8))
    labels = (rows[:, 0] > 0).astype(int) + (rows[:, 1] > 0)
    np.savez(tmp_path / "features.npz", train=rows, train_labels=labels)
    out = tmp_path / "linear.json"
    line = ["linear", "--features", str(tmp_path / "features.npz"), "--out", str(out)]
    line += ["-m", "5", "-n", "4", "--repetitions", "3"]
    monkeypatch.setattr(sys, "argv", line)
    with pytest.raises(SystemExit) as ended:
        run_app(linear.app, "linear")
    told = capsys.readouterr()
    assert ended.value.code == 0, told.err
    lines = told.out.splitlines()
    assert [text.split()[3] for text in lines] == list(linear.MODELS)
    assert ["less naive" in text for text in lines] == [False, True, True, True, True]
    assert len(json.loads(out.read_text())["rows"]) == 5
    # goes on n by n, as a whole run has it, and keeps what is there
    first, line[-3:-2] = json.loads(out.read_text())["rows"], ["3", "-n", "4"]
    whole = tmp_path / "whole.json"
    for file in (out, whole):
        line[line.index("--out") + 1] = str(file)
        with pytest.raises(SystemExit) as ended:
            run_app(linear.app, "linear")
        assert ended.value.code == 0
    told = capsys.readouterr()
    assert [text.split()[2] for text in told.err.splitlines()] == ["3", "3", "4"]
    rows = json.loads(out.read_text())["rows"]
    # what is measured bit for bit; the fixed point begins elsewhere and ends within its tolerance
    for mine, theirs in zip(rows, json.loads(whole.read_text())["rows"], strict=True):
        assert mine == theirs | {"predicted": pytest.approx(theirs["predicted"], rel=1e-6)}
    assert rows[5:] == first
    line[-1] = "2"
    for damaged in (None, "[]", "{", '{"rows": 3, "settings": {}}'):
        if damaged is not None:
            whole.write_text(damaged)
        with pytest.raises(SystemExit) as ended:
            run_app(linear.app, "linear")
        assert ended.value.code == 2
        assert "must be a new file" in capsys.readouterr().err
