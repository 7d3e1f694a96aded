"""Collection of claim files, ledgers, selection."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import pytest
from runner_samples import (
    SAMPLE,
    STANDS,
    claim,
    folder,
)

from kdverify import verify
from kdverify.evidence.collect import matching


def test_collect_follows_the_ledger_and_knows_the_files() -> None:
    claims = verify.collect([SAMPLE])
    assert [c.id for c in claims] == ["2.mean", "1.ratio", "1.false-reading"]
    assert [c.origin.name for c in claims if c.origin] == [
        "sampling.py",
        "algebra.py",
        "algebra.py",
    ]


def test_collect_takes_single_files_and_drops_no_claim() -> None:
    assert [c.id for c in verify.collect([SAMPLE / "algebra.py"])] == ["1.ratio", "1.false-reading"]


def test_collect_leaves_no_helper_and_no_path_behind() -> None:
    before = list(sys.path), list(sys.meta_path)
    verify.collect([SAMPLE])
    assert "_shared" not in sys.modules
    assert (sys.path, sys.meta_path) == before


def test_a_claim_file_hides_no_other_module(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    late = (
        "def late(digits):\n    import colorsys\n    return [(0, round(colorsys.ONE_SIXTH * 6))]\n"
    )
    late += "C = one('1.a')\nD = Claim(id='1.b', title='t', statement='s', source='new',"
    late += "controls=C.controls, evidence=[Enclosure('whole', below=late), C.evidence[1]])"
    claims = verify.collect([folder(tmp_path, colorsys=late)])
    assert verify.run(claims, jobs=1).exit_code == 0


def test_helpers_of_two_folders_may_have_the_same_name(tmp_path: Path) -> None:
    paths = []
    for number in "12":
        path = tmp_path / number
        path.mkdir()
        paths.append(
            folder(path, a=f"from _help import ID\nC = one('{number}.' + ID)", _help="ID = 'x'\n")
        )
    (tmp_path / "2" / "_help.py").write_text("ID = 'y'\n")
    assert [c.id for c in verify.collect(paths)] == ["1.x", "2.y"]


def test_claims_in_a_list_and_by_name_are_collected_once(tmp_path: Path) -> None:
    path = folder(tmp_path, a="A = one('1.a')\nCLAIMS = [A, one('1.b')]")
    assert [c.id for c in verify.collect([path])] == ["1.a", "1.b"]


LEDGER = "from kdverify.evidence import Entry\n"


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "must hold claim files"),
        ({"a": ""}, "at least one Claim"),
        ({"a": "1/0"}, "a.py: ZeroDivisionError"),
        ({"a": "def"}, "a.py: SyntaxError"),
        ({"a": "CLAIMS = [3]"}, "CLAIMS must hold claims only"),
        ({"a": "C = one('1.a')", "b": "C = one('1.a')"}, "id='1.a' must name one claim only"),
        ({"a": "C = one('bad')"}, "must read section.slug"),
        ({"a": "C = one('1.a', needs=['1.z'])"}, "needs='1.z' of claim 1.a must be the id"),
        (
            {"a": "A, B = one('1.a', needs=['1.b']), one('1.b', needs=['1.a'])"},
            "must not run in a circle: 1.[ab] -> 1.[ab] -> 1.[ab]",
        ),
        ({"a": "C = one('1.a')", "ledger": "LEDGER = 3"}, "LEDGER must be a list of Entry"),
        (
            {"a": "C = one('1.a')", "ledger": LEDGER + "LEDGER = [Entry('1.a', 'new')] * 2"},
            "name each id once, repeats 1.a",
        ),
        (
            {"a": "C = one('1.a')", "ledger": LEDGER + "LEDGER = [Entry('1.b', 'new')]"},
            "missing there: 1.a",
        ),
        (
            {
                "a": "C = one('1.a')",
                "ledger": LEDGER + "LEDGER = [Entry(i, 'new') for i in ('1.a', '1.b', '1.c')]",
            },
            "missing: 1.b, 1.c",
        ),
        (
            {"a": "C = one('1.a')", "ledger": LEDGER + "LEDGER = [Entry('1.a', 'paper')]"},
            "source='new'.*ledger says source='paper'",
        ),
        (
            {"a": "C = one('1.a')", "ledger": LEDGER + "LEDGER = [Entry('1.a', 'new', 'refuted')]"},
            "ledger says .*expect='refuted'",
        ),
    ],
)
def test_bad_folders(tmp_path: Path, files: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        verify.collect([folder(tmp_path, **files)])


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="must be a folder or a Python file"):
        verify.collect([tmp_path / "nowhere"])


def test_a_single_file_may_need_claims_that_the_ledger_lists(tmp_path: Path) -> None:
    folder(
        tmp_path,
        a="C = one('1.a', needs=['1.b'])",
        b="C = one('1.b')",
        ledger=LEDGER + "LEDGER = [Entry('1.b', 'new'), Entry('1.a', 'new')]",
    )
    assert [c.id for c in verify.collect([tmp_path / "a.py"])] == ["1.a"]
    assert [c.id for c in verify.collect([tmp_path])] == ["1.b", "1.a"]


@pytest.mark.parametrize(
    ("word", "ids"),
    [
        ("1.", ["1.ratio", "1.false-reading"]),
        ("2.", ["2.mean"]),
        ("RATIO", ["1.ratio", "1.false-reading"]),
        ("uniform", ["2.mean"]),
        ("1.false", ["1.false-reading"]),
        (["2.", "1.false"], ["2.mean", "1.false-reading"]),
    ],
)
def test_select(word: str | list[str], ids: list[str]) -> None:
    assert [c.id for c in matching(verify.collect([SAMPLE]), word)] == ids


def test_select_by_section_is_no_search() -> None:
    claims = [claim("a", STANDS), dataclasses.replace(claim("b", STANDS), id="11.b")]
    assert [c.id for c in matching(claims, "1.")] == ["1.a"]
    assert matching(claims, None) == claims
    assert [c.id for c in matching(claims, "1.A")] == ["1.a"]
    with pytest.raises(ValueError, match="select='1.c' must match at least one claim"):
        matching(claims, ["1.", "1.c"])


def test_claims_of_a_folder_with_an_underscore_run_like_any_other(tmp_path: Path) -> None:
    inside = tmp_path / "_proofs"
    inside.mkdir()
    late = "C = one('1.a')\ndef late(digits):\n    from _help import PAIR\n    return [PAIR]\n"
    late += "D = Claim(id='1.b', title='t', statement='s', source='new', controls=C.controls,"
    late += "evidence=[Enclosure('whole', below=late), C.evidence[1]])"
    report = verify.run(verify.collect([folder(inside, a=late, _help="PAIR = (1, 2)")]), jobs=1)
    assert report.exit_code == 0


def package(root: Path) -> Path:
    """A package of claims: two sections that share `lib`, and a ledger."""
    for name in ("", "one", "two", "lib"):
        (root / name).mkdir(parents=True, exist_ok=True)
        (root / name / "__init__.py").touch()
    (root / "lib" / "words.py").write_text("ID = 'x'\nPAIR = (1, 2)\nC = None\n")
    for number, name in ((1, "one"), (2, "two")):
        text = f"from ..lib.words import ID\nC = one('{number}.' + ID)"
        folder(root / name, a=text)
    entries = "LEDGER = [Entry('2.x', 'new'), Entry('1.x', 'new')]\n"
    (root / "ledger.py").write_text(LEDGER + entries)
    return root


def test_a_package_is_searched_with_what_is_inside_it(tmp_path: Path) -> None:
    root = package(tmp_path / "theory")
    claims = verify.collect([root])
    assert [c.id for c in claims] == ["2.x", "1.x"]
    assert [c.origin for c in claims] == [root / "two" / "a.py", root / "one" / "a.py"]
    assert verify.run(claims, jobs=2).exit_code == 0
    assert [c.id for c in verify.collect([root / "one"])] == ["1.x"]
    assert [c.id for c in verify.collect([root / "two" / "a.py"])] == ["2.x"]


def test_packages_of_the_same_name_are_told_apart(tmp_path: Path) -> None:
    first, second = (package(tmp_path / side / "theory") for side in "ab")
    (second / "lib" / "words.py").write_text("ID = 'y'\n")
    (second / "ledger.py").unlink()
    ids = [[c.id for c in verify.collect([path])] for path in (first, second)]
    assert ids == [["2.x", "1.x"], ["1.y", "2.y"]]


def test_a_file_of_a_package_runs_as_a_script(tmp_path: Path) -> None:
    root = package(tmp_path / "theory")
    with (root / "one" / "a.py").open("a") as file:
        file.write("\nfrom kdverify.verify import run_as_script\n")
        file.write("if __name__ == '__main__':\n    raise SystemExit(run_as_script([C]))\n")
    command = [sys.executable, "-m", "theory.one.a"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "1 claim" in done.stdout
