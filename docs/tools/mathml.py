"""Mathematics as MathML, made when the site is built: pages need no script and no network.

``$...$`` in running text and fenced blocks of language ``math`` hold LaTeX.  GitHub shows
the same sources as mathematics.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from latex2mathml.converter import convert
from markdown import Markdown
from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor

#: A dollar that opens stands before a printing character, one that closes after one.
INLINE = r"(?<![\\$\w])\$(?=[^\s$])([^$]+?)(?<=\S)\$(?![\w$])"
#: Before Python-Markdown's escapes (180), so that LaTeX keeps its backslashes, and after
#: its code spans (190), so that code keeps its dollars.
PRIORITY = 185

_COMMAND = re.compile(r"\\[A-Za-z]+")
_TAG = re.compile(r"\\tag\{(.*?)\}")
#: What the converter does not know or sets badly, in words that it sets well.
_SPELLED = {
    re.compile(r"\\arg(?![A-Za-z])"): r"\\operatorname{arg}",
    re.compile(r"\\[lr]Vert(?![A-Za-z])"): r"\\|",
    re.compile(r"\\[lr]vert(?![A-Za-z])"): "|",
    # Large brackets as a pair, so that an exponent stands at their height.
    re.compile(r"\\[bB]igg?l?\s*(?=[(\[]|\\\{)"): r"\\left",
    re.compile(r"\\[bB]igg?r?\s*(?=[)\]]|\\\})"): r"\\right",
}
#: Upright Greek capitals, a relation sign for the tilde, space around the names of functions,
#: none around slashes and bars, as TeX has them; signs that fonts have.
_SET = {
    re.compile(r"<mi>(&#x0?03(?:9|A)[0-9A-F];)</mi>"): r'<mi mathvariant="normal">\1</mi>',
    re.compile(r"<mo>(&#x0?002F;)</mo>"): r'<mo lspace="0" rspace="0">\1</mo>',
    re.compile(r"<mi>&#x0?007E;</mi>"): '<mo lspace="0.28em" rspace="0.28em">&#x0223C;</mo>',
    re.compile(r"(<mi>(?:sin|cos|log|ln)</mi>)(?=<m[inf])"): r'\1<mspace width="0.17em" />',
    re.compile(r"(?<=</m[in]>)(<mi>(?:sin|cos|log|ln)</mi>)"): r'<mspace width="0.17em" />\1',
    re.compile(r"<mi>&#x0?29F5;</mi>"): "<mo>&#x02216;</mo>",
    re.compile(r"<mo>(&#x0?221E;)</mo>"): r"<mi>\1</mi>",
    re.compile(
        r"<mo[^>]*>(&#x0?007C;|\|)</mo>"
    ): r'<mo stretchy="false" lspace="0" rspace="0">\1</mo>',
}


class UnknownCommand(ValueError):
    """LaTeX that the converter does not know and would print as it stands."""


def to_mathml(latex: str, display: bool = False) -> str:
    """MathML of a formula, its LaTeX kept in ``alttext``.

    Raises:
        UnknownCommand: for a LaTeX command that the converter leaves as it is.
    """
    source = " ".join(latex.split())
    mathml = convert(_replaced(source, _SPELLED), display="block" if display else "inline")
    left = _COMMAND.findall("".join(ElementTree.fromstring(mathml).itertext()))
    if left:
        raise UnknownCommand(f"{left[0]} is not known to the converter, in: {source}")
    alternative = f'<math alttext="{html.escape(source)}" '
    return _replaced(mathml, _SET).replace("<math ", alternative, 1)


def _replaced(text: str, patterns: Mapping[re.Pattern[str], str]) -> str:
    for pattern, replacement in patterns.items():
        text = pattern.sub(replacement, text)
    return text


def displayed(latex: str) -> str:
    """A formula on a line of its own, with its ``\\tag``; wide ones scroll."""
    tag = _TAG.search(latex)
    number = f'<span class="tag">({html.escape(tag[1])})</span>' if tag else ""
    formula = to_mathml(_TAG.sub("", latex), display=True)
    return f'<div class="formula" tabindex="0">{formula}{number}</div>'


def fence(source: str, *_: Any, **__: Any) -> str:
    """What a fenced block of language ``math`` becomes (for ``pymdownx.superfences``)."""
    return displayed(source)


class _Inline(InlineProcessor):
    def handleMatch(  # type: ignore[override] - Markdown's own stub is of the old processor
        self, m: re.Match[str], data: str
    ) -> tuple[str, int, int]:
        return self.md.htmlStash.store(to_mathml(m.group(1))), m.start(0), m.end(0)


class MathML(Extension):
    """Python-Markdown extension for ``$...$``."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: D102 - the base class says what it does
        md.inlinePatterns.register(_Inline(INLINE, md), "mathml", PRIORITY)
