"""Hooks of the site's build: mathematics, generated pages, links to claims and proof files."""

from __future__ import annotations

import posixpath
import re
from typing import Any

import generated
import ledger
from mathml import MathML, fence
from mkdocs.structure.files import File, Files

#: Files of the repository that are pages of the site as they stand.
REPOSITORY_PAGES = {"CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}
#: Pages whose tables or code need the width of the table of contents.
WIDE = re.compile(r"(?:regimes|notation|peers|tutorial-claim|proofs/.*)\.md")

_CLAIM_LINK = re.compile(r"\[`(\d+)\.([a-z0-9-]+)`\]\(\.\./proofs/[^)]*\.py\)")
_PROOF_LINK = re.compile(r"\]\((?:\.\./)+proofs/([^)]*\.(?:py|v))\)")


def on_config(config: Any) -> Any:
    """Turn mathematics on and list the generated pages in the navigation."""
    config.markdown_extensions.append(MathML())
    config.mdx_configs["pymdownx.superfences"] = {
        "custom_fences": [{"name": "math", "class": "formula", "format": fence}]
    }
    for pages, place in (
        (generated.claim_pages(), "Claims in full"),
        (generated.api_pages(), "API reference"),
    ):
        _find(config.nav, place)[place] = [{title: path} for path, title, _ in pages]
    return config


def _find(nav: list[Any], name: str) -> dict[str, Any]:
    """The entry ``name`` of the navigation, at whatever depth."""
    for entry in nav:
        if isinstance(entry, dict):
            if name in entry:
                return entry
            for value in entry.values():
                if isinstance(value, list):
                    try:
                        return _find(value, name)
                    except KeyError:
                        continue
    raise KeyError(name)


def on_files(files: Files, config: Any) -> Files:
    """Add the pages that are made from ``proofs/``, the package and the repository."""
    pages = [*generated.claim_pages(), *generated.proof_pages(), *generated.api_pages()]
    for path, _, text in pages:
        files.append(File.generated(config, path, content=text))
    for source, path in REPOSITORY_PAGES.items():
        text = (ledger.ROOT / source).read_text()
        files.append(File.generated(config, path, content=text))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Lead links to claims and proof files, which work in the repository, to their pages."""
    if WIDE.fullmatch(page.file.src_uri):
        page.meta["hide"] = ["toc"]

    def to(path: str) -> str:
        return posixpath.relpath(path, posixpath.dirname(page.file.src_uri) or ".")

    markdown = _CLAIM_LINK.sub(
        lambda m: f"[`{m[1]}.{m[2]}`]({to(f'claims/section{m[1]}.md')}#{m[1]}.{m[2]})", markdown
    )
    return _PROOF_LINK.sub(lambda m: f"]({to(f'proofs/{m[1]}.md')})", markdown)
