"""Facts about the project that stand in several files."""

from __future__ import annotations

import json
import re
from importlib import metadata

import oldest
import pytest
from command_line import ROOT
from packaging.version import Version

import kdverify as kd


def test_the_version_is_one():
    assert json.loads((ROOT / "codemeta.json").read_text())["version"] == kd.__version__
    citation = (ROOT / "CITATION.cff").read_text()
    assert re.search(r"^version: (.*)$", citation, re.MULTILINE).group(1) == kd.__version__
    changes = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert changes[0] == kd.__version__
    assert len(set(changes)) == len(changes)


def _resolved(name: str) -> object:
    found: object = {"kd": kd, "kdverify": kd}.get(name.partition(".")[0]) or getattr(
        kd, name.partition(".")[0]
    )
    for part in name.split(".")[1:]:
        found = getattr(found, part)
    return found


def test_what_was_renamed_is_there_under_its_new_name():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    renamed = next(line for line in text.splitlines() if line.startswith("- Renamed:"))
    names = re.findall(r"→ `([\w.]+)`", renamed)
    assert len(names) > 8
    for name in names:
        assert _resolved(name) is not None, name


@pytest.mark.parametrize("page", ["docs/checklists.md", "SUPPORT.md"])
def test_links_lead_to_files(page):
    links = re.findall(r"\]\(([^)#]+)\)", (ROOT / page).read_text(encoding="utf-8"))
    local = [link for link in links if "://" not in link and not link.startswith("api/")]
    assert local
    for link in local:
        assert ((ROOT / page).parent / link).exists(), link


def test_the_workflow_calls_the_script_of_the_gate():
    workflow = (ROOT / ".github" / "workflows" / "test.yml").read_text()
    assert "run: .ci/portable" in workflow
    assert ".ci/portable" in (ROOT / ".ci" / "run").read_text()
    for system in ("ubuntu", "macos", "windows"):
        assert f"{system}-latest" in workflow
    for version in ("3.11", "3.12", "3.13", "3.14"):
        assert f'"{version}"' in workflow


def test_no_test_depends_on_how_busy_the_machine_is():
    """Whatever waits does so for `HANGS`, and no assertion compares seconds."""
    waits = re.compile(r"timeout(=|\()[\d.]+[,)]|assert .*(_counter|monotonic)\(\) < (?!deadline)")
    for file in sorted((ROOT / "tests").glob("*.py")):
        text = file.read_text(encoding="utf-8")
        found = [line for line in text.splitlines() if waits.search(line)]
        assert not found, (file.name, found)


def test_every_requirement_names_the_oldest_version_that_will_do():
    project = oldest.project()
    named = dict(
        line.split("==") for line in oldest.oldest(project, project["optional-dependencies"])
    )
    assert {"numpy", "sympy", "cvc5", "pandas", "torch", "timm", "pytest"} <= named.keys()
    here = {name: metadata.version(name) for name in ("numpy", "sympy", "cvc5", "pandas", "torch")}
    for name, version in here.items():
        assert Version(version) >= Version(named[name]), name


@pytest.mark.parametrize("requirement", ["numpy", "numpy<3", "numpy!=2.1", "numpy[dev]"])
def test_a_requirement_without_an_oldest_version_is_an_error(requirement):
    project = {"name": "kdverify", "dependencies": [requirement], "optional-dependencies": {}}
    with pytest.raises(ValueError, match="must name the oldest version"):
        list(oldest.oldest(project))


def test_the_gate_asks_the_oldest_versions():
    assert "make oldest" in (ROOT / ".ci" / "run").read_text()
