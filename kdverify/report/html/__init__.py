"""The report of ``kdverify verify --html``: one page that opens from disk, with no network.

The page is a function of the JSON document of the run (`kdverify.evidence.results`): it
shows nothing that ``--json`` does not hold, and an old document can be shown again.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kdverify._files import write_text

__all__ = ["render", "write"]


def render(document: dict[str, Any], interactive: bool | None = None) -> str:
    """The page of a run, as HTML.

    Args:
        document: the JSON document of the run, schema 1.
        interactive: whether to include the pictures with sliders; by default iff the run
            holds claims that come with the package, since the pictures show its theory.

    Raises:
        ValueError: for a document of another schema.
    """
    from kdverify.report.html.page import page

    return page(document, interactive)


def write(document: dict[str, Any], path: str | Path) -> None:
    """Write the page of a run to a file, whole or not at all."""
    write_text(Path(path), render(document))
