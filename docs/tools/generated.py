"""Pages that are made when the site is built: claims in full, proof files, API reference."""

from __future__ import annotations

import importlib
import inspect
import logging
import pkgutil
import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import ledger
from ledger import PROOFS
from mathml import UnknownCommand, displayed

import kdverify
from kdverify.evidence import Claim
from kdverify.report.html.page import SECTIONS

log = logging.getLogger("mkdocs.hooks.generated")

#: Faces of the package, reached from the command line: their help texts document them.
FACES = {"cli", "commands", "report"}
#: Kinds of files in `proofs/`, and the language to show them in.
LANGUAGES = {".py": "python", ".v": "coq"}
#: Packages that export nothing themselves: their modules are public one by one.
FOLDERS = ("kdverify.gaussian",)
#: Public modules that their package does not re-export.
INNER = ("kdverify.simulation.grid", "kdverify.simulation.store", "kdverify.simulation.sweep")


def claim_pages() -> Iterator[tuple[str, str, str]]:
    """Path, title and Markdown of one page per section: every claim in full."""
    for number, claims in ledger.sections().items():
        title = f"{number}. {SECTIONS[number]}"
        text = f"# {title}: claims\n\n"
        text += f"Run them: `kdverify verify -k {number}.`\n\n"
        text += "\n".join(map(_claim, claims))
        yield f"claims/section{number}.md", title, text


def _claim(claim: Claim) -> str:
    file = ledger.proof_file(claim)
    expected = " · expected: **refuted**" if claim.expect == "refuted" else ""
    needs = ", ".join(
        f"[`{other}`](section{ledger.section(other)}.md#{other})" for other in claim.needs
    )
    lines = [
        f"## `{claim.id}` {{: #{claim.id} data-toc-label='{claim.id}' }}",
        f"**{_plain(claim.title)}**",
        _statement(claim),
        f"source: {claim.source}{expected} · file: [`proofs/{file}`](../proofs/{file}.md)"
        + (f" · needs {needs}" if needs else ""),
    ]
    if claim.steps:
        lines.append("\n".join(f"{k}. {_plain(s.text)}" for k, s in enumerate(claim.steps, 1)))
    lines.append(
        "Evidence:\n\n"
        + "\n".join(
            f"* {(f'{item.count} × ' if item.count > 1 else '')}{item.kind}: "
            + _plain(", ".join(item.parts))
            for item in ledger.evidence(claim)
        )
    )
    wrong = "; ".join(_plain(control.wrong) for control in claim.controls)
    lines.append(f"Controls, which must be rejected: {wrong}.")
    return "\n\n".join(lines) + "\n"


def _statement(claim: Claim) -> str:
    try:
        return displayed(claim.statement)
    except UnknownCommand as error:
        log.warning("statement of claim %s: %s", claim.id, error)
        return f"```text\n{claim.statement}\n```"


def _plain(text: str) -> str:
    """Text of a claim, none of which is meant as Markdown."""
    return re.sub(r"([\\`*_{}\[\]<>#|$])", r"\\\1", text).replace("\\<", "&lt;")


def proof_pages() -> Iterator[tuple[str, str, str]]:
    """Path, title and Markdown of one page per file of ``proofs/``: its source."""
    for file in sorted(f for kind in LANGUAGES for f in PROOFS.rglob(f"*{kind}")):
        name = file.relative_to(PROOFS).as_posix()
        text = f"# proofs/{name}\n\n```{LANGUAGES[file.suffix]}\n{file.read_text()}```\n"
        yield f"proofs/{name}.md", name, text


def api_modules() -> list[str]:
    """The public modules below `kdverify`: no underscore, no faces."""
    found = [name for name in _public(kdverify) if name.removeprefix("kdverify.") not in FACES]
    inside = [inner for folder in FOLDERS for inner in _public(importlib.import_module(folder))]
    return [*(name for name in found if name not in FOLDERS), *inside, *INNER]


def _public(package: ModuleType) -> list[str]:
    names = sorted(info.name for info in pkgutil.iter_modules(package.__path__))
    return [f"{package.__name__}.{name}" for name in names if not name.startswith("_")]


def api_pages() -> Iterator[tuple[str, str, str]]:
    """Path, title and Markdown: the names of `kdverify` itself, then one page per module."""
    yield "api/kdverify.md", "kdverify", _api_overview()
    for name in api_modules():
        text = f"# {name}\n\n::: {name}\n"
        for path in _hidden_by_modules(name):
            text += f"\n::: {path}\n    options: {{ show_root_heading: true }}\n"
        yield f"api/{name}.md", name, text


def _hidden_by_modules(package: str) -> list[str]:
    """Exported functions that have the name of their own module, which hides them."""
    try:
        module = importlib.import_module(package)
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("kdverify"):
            raise
        return []  # an extra is not installed; the reference is read from the sources
    exported = {name: getattr(module, name) for name in getattr(module, "__all__", ())}
    return [
        f"{package}.{name}.{name}"
        for name, value in exported.items()
        if getattr(value, "__module__", "") == f"{package}.{name}"
    ]


def _api_overview() -> str:
    """The names of ``import kdverify as kd``, each linked to where it is documented."""
    rows = ["| name | what |", "|---|---|"]
    for name in kdverify.__all__:
        value = getattr(kdverify, name)
        if isinstance(value, ModuleType):
            rows.append(f"| [`{name}`]({value.__name__}.md) | {_summary(value)} |")
        elif not name.startswith("_"):
            home = kdverify._HOMES[name]
            rows.append(f"| [`{name}`]({home}.md#{home}.{name}) | {_summary(value)} |")
    intro = "The names of `import kdverify as kd`; each is loaded on first use."
    return "\n".join(["# kdverify", "", intro, "", *rows, ""])


def _summary(value: Any) -> str:
    """The first sentence of a docstring, for a cell of a table."""
    first = (inspect.getdoc(value) or "").partition("\n\n")[0]
    return " ".join(first.split()).replace("|", "\\|")
