"""The mutants of the composing code: which there are, and how they are judged."""

from __future__ import annotations

import ast
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import pytest
from runner_samples import ROOT

from tests import mutants as tool
from tests import mutants_map, mutations
from tests.mutants_judge import Judge

ALL = list(tool.mutants())


def test_every_package_and_kind_of_change_is_covered() -> None:
    assert {mutant.package for mutant in ALL} <= set(tool.COMPOSING)
    assert len({mutant.package for mutant in ALL}) > 9
    kinds = Counter(mutant.kind for mutant in ALL)
    wanted = {
        *("operator", "factor lost", "term lost", "wrong index", "another quantity"),
        *("tie to the other side", "bound too small", "ridge dropped", "noise_variance dropped"),
    }
    assert wanted <= kinds.keys()
    assert all(kinds[kind] >= 5 for kind in wanted)
    assert all((ROOT / file).is_file() for file in tool.NOT_COMPOSING)


@pytest.mark.parametrize("mutant", tool.sample(ALL, 60), ids=lambda m: m.rank()[:8])
def test_a_mutant_is_the_same_program_but_for_one_place(mutant: tool.Mutant) -> None:
    original = (ROOT / mutant.file).read_text()
    changed = mutant.source
    assert ast.dump(ast.parse(changed)) != ast.dump(ast.parse(original))
    size = len(mutant.text.encode()) - (mutant.end - mutant.start)
    assert len(changed.encode()) == len(original.encode()) + size


def test_changes_by_hand_can_be_made() -> None:
    for mutant in tool.by_hand():
        ast.parse(mutant.source)
        assert mutant.package in tool.COMPOSING


def test_a_sample_is_the_same_in_every_run_and_mixed() -> None:
    chosen = tool.sample(ALL, 12)
    assert chosen == tool.sample(list(reversed(ALL)), 12)
    assert chosen == tool.sample(ALL, 30)[:12]
    assert chosen != tool.sample(ALL, 12, seed=1)
    assert len({m.package for m in chosen}) > 1
    assert len({m.kind for m in chosen}) > 3


def test_what_computes_nothing_is_not_changed() -> None:
    tree = ast.parse("def f(x: A[1]) -> B[2]:\n    raise ValueError(f'{x + 1}')\n    return x * 2")
    found = [ast.unparse(node) for node, _ in tool._expressions(tree)]
    assert "x * 2" in found
    assert not {"A[1]", "B[2]", "x + 1"} & set(found)


def test_evidence_that_runs_the_line_is_asked_and_no_other() -> None:
    mutant = next(m for m in ALL if m.file.endswith("risks.py") and m.kind == "operator")
    here = {mutant.file: [mutant.rows[0]]}
    common = {"origin": "", "expect": "stands", "seeds": "", "rate": 1e-6, "digests": {}}
    common["verdict"] = "proved"
    records = [
        mutants_map.Record("a", 0, seconds=2.0, lines=here, **common),
        mutants_map.Record("b", 0, seconds=1.0, lines=here, **common),
        mutants_map.Record("c", 0, seconds=1.0, lines={mutant.file: [1]}, **common),
    ]
    assert [record.claim for record in tool.units_of(mutant, records)] == ["b", "a"]


def test_a_trace_sees_lines_of_formulas_and_composing_code_only() -> None:
    import kdverify as kd

    problem = kd.Problem.power_law(20, 2, 1.5)
    with mutants_map.Trace() as trace:
        kd.optimal_mask(problem, 5)
    files = {Path(name).relative_to(ROOT).as_posix() for name in trace.lines}
    assert {"kdverify/gaussian/risks.py", "kdverify/formulas/masks.py"} <= files
    assert not any("checks" in file for file in files)
    assert any("checks" in name for name in trace.files)


def test_a_formula_is_changed_by_one_character_inside_its_body() -> None:
    found = list(mutations.mutants(["gain", "masks.py"]))
    assert {mutant.kind for mutant in found} >= {"gain", "keep_margin"}
    for mutant in found:
        before = (ROOT / mutant.file).read_text()
        assert sum(a != b for a, b in zip(before, mutant.source, strict=True)) == 1
        ast.parse(mutant.source)
        lines = ast.unparse(ast.parse(before)), ast.unparse(ast.parse(mutant.source))
        assert lines[0] != lines[1]
    with pytest.raises(SystemExit, match="2"):
        mutations.main(["nothing_of_that_name"])


def test_equivalent_mutants_are_mutants() -> None:
    every = [*ALL, *tool.by_hand(), *mutations.mutants()]
    assert tool.EQUIVALENT.keys() <= {(mutant.file, mutant.line) for mutant in every}


def test_a_changed_rule_dies_by_its_claim_and_the_tree_is_put_back(tmp_path: Path) -> None:
    judge = Judge(tmp_path / "tree", warm=True)
    file = "kdverify/gaussian/risks.py"
    original = (ROOT / file).read_text()
    unit = mutants_map.Record(
        "3.as-run",
        5,
        "proofs/s3_best_surrogate/as_run.py",
        "stands",
        "3.as-run#5",
        1e-6,
        "certified",
        1.0,
        {},
        {},
    )
    try:
        wrong = asdict(unit) | {"verdict": "proved"}
        with pytest.raises(RuntimeError, match="unchanged: 3.as-run#5 certified"):
            judge.verdict(file, original, [wrong])
        assert judge.verdict(file, original, [asdict(unit)]) == ""
        broken = original.replace(
            "formulas.keep_margin(at.zeta,", "formulas.keep_margin(2 * at.zeta,"
        )
        assert broken != original
        changes = [(file, broken)]
        changes += [(m.file, m.source) for m in mutations.mutants(["keep_margin"])][:1]
        for place, source in changes:
            said = judge.verdict(place, source, [asdict(unit)])
            assert said.startswith("3.as-run#5 refuted, exit 1")
        assert judge.verdict(file, "import nothing_of_that_name", [asdict(unit)])
        assert judge.verdict(file, original, [asdict(unit)]) == ""
    finally:
        judge.end()
    assert (judge.folder / file).read_text() == original


def test_the_command_lists_and_refuses(capsys: pytest.CaptureFixture) -> None:
    assert tool.main(["rows", "--sample", "5", "--list"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[-1] == "5 mutants"
    assert all(line.startswith("kdverify/rows/") for line in printed[:-1])
    assert tool.main(["--by-hand", "--list"]) == 0
    with pytest.raises(SystemExit, match="2"):
        tool.main(["formulas"])


@pytest.mark.parametrize("content", [None, '[{"claim": "a", "index": 0}]'])
def test_no_map_or_one_of_another_version_is_no_map(tmp_path, monkeypatch, content):
    monkeypatch.setattr(mutants_map, "PLACE", tmp_path / "mutants.json")
    if content is not None:
        mutants_map.PLACE.write_text(content)
    assert mutants_map.load() == []
