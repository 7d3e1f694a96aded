"""The mutants of the composing code: which there are, and how they are judged."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest
from runner_samples import ROOT

from tests import mutants as tool

ALL = list(tool.mutants())


def test_every_package_and_kind_of_change_is_covered() -> None:
    assert {mutant.package for mutant in ALL} == set(tool.PACKAGES)
    kinds = Counter(mutant.kind for mutant in ALL)
    wanted = {
        *("operator", "factor lost", "term lost", "wrong index", "another quantity"),
        *("tie to the other side", "bound too small", "ridge dropped", "noise_variance dropped"),
    }
    assert wanted <= kinds.keys()
    assert all(kinds[kind] >= 5 for kind in wanted)


@pytest.mark.parametrize("mutant", tool.sample(ALL, 60), ids=lambda m: m.rank[:8])
def test_a_mutant_is_the_same_program_but_for_one_place(mutant: tool.Mutant) -> None:
    original = (ROOT / mutant.file).read_text()
    changed = mutant.source
    assert ast.dump(ast.parse(changed)) != ast.dump(ast.parse(original))
    size = len(mutant.text.encode()) - (mutant.end - mutant.start)
    assert len(changed.encode()) == len(original.encode()) + size


def test_a_sample_is_the_same_in_every_run_and_mixed() -> None:
    chosen = tool.sample(ALL, 12)
    assert chosen == tool.sample(list(reversed(ALL)), 12)
    assert chosen == tool.sample(ALL, 30)[:12]
    assert len({m.package for m in chosen}) > 1
    assert len({m.kind for m in chosen}) > 3


def test_a_changed_rule_dies_by_its_claim_and_the_tree_is_put_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(tool.PACKAGES, "gaussian", (("4.tail",), ()))
    tree = tool.Tree(tmp_path / "tree")
    file = "kdverify/gaussian/risks.py"
    original = (ROOT / file).read_text()
    broken = original.replace("def keep_margins(", "def other_margins(")
    assert broken != original
    who, how = tree.death(file, broken, "gaussian", tests=False)
    assert who == "claims"
    assert how.startswith("4.tail")
    assert (tree.folder / file).read_text() == original


def test_the_command_lists_and_refuses(capsys: pytest.CaptureFixture) -> None:
    assert tool.main(["rows", "--sample", "5", "--list"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[-1] == "5 mutants"
    assert all(line.startswith("kdverify/rows/") for line in printed[:-1])
    with pytest.raises(SystemExit, match="2"):
        tool.main(["formulas"])
