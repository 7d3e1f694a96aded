"""LaTeX as MathML, made when the page is written: the page needs no script to show it.

A statement on one line can be wider than any screen, and browsers do not break MathML.  So
it is cut where a typesetter would cut it: at wide spaces and before relations that stand
outside all brackets.  Each piece is a formula of its own, and lines break between pieces.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from xml.etree import ElementTree

from markupsafe import Markup

from kdverify.report.html import typesetting

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|.", re.DOTALL)
_COMMAND = re.compile(r"\\[A-Za-z]+")
_OPENING = {"{", "(", "[", r"\{", r"\begin"}
_CLOSING = {"}", ")", "]", r"\}", r"\end"}
#: Wide spaces: the line may break there, and the space is dropped.
_SPACES = {r"\quad", r"\qquad"}
#: A space behind one of these ends a sentence or a clause.
_STOPS = {",", ";", ":"}
#: The line may break before a relation, if what stands before it is not short.
_RELATIONS = {
    "=",
    r"\approx",
    r"\sim",
    r"\le",
    r"\ge",
    r"\iff",
    r"\Rightarrow",
    r"\to",
    r"\propto",
}
_SHORT = 12
#: HTML needs none.
_NAMESPACE = ' xmlns="http://www.w3.org/1998/Math/MathML"'
#: What the converter does not know, in words that it does.
_SPELLED = {re.compile(r"\\arg(?![A-Za-z])"): r"\\operatorname{arg}"}


class UnknownMathematics(ValueError):
    """LaTeX that cannot be shown as mathematics."""


def mathml(latex: str, display: bool = False) -> str:
    """MathML of a formula; its LaTeX is kept in ``alttext``.

    Raises:
        UnknownMathematics: for what the converter refuses, or would print as it stands.
    """
    from latex2mathml.converter import convert

    source = spelled = " ".join(latex.split())
    for command, words in _SPELLED.items():
        spelled = command.sub(words, spelled)
    try:
        text = convert(spelled, display="block" if display else "inline")
        root = ElementTree.fromstring(text.replace(_NAMESPACE, "", 1))
    except Exception as failure:  # the converter raises errors of many kinds
        raise UnknownMathematics(f"{type(failure).__name__}: {source}") from failure
    left = _COMMAND.findall("".join(root.itertext()))
    strange = {node.tag for node in root.iter()} - typesetting.ELEMENTS
    if left or strange:
        raise UnknownMathematics(f"{(left or sorted(strange))[0]} in {source}")
    typesetting.improve(root)
    root.set("alttext", source)
    return ElementTree.tostring(root, encoding="unicode")


@cache
def formula(latex: str) -> Markup:
    """A formula on a line of its own, or on several; as code where it is no LaTeX we know."""
    cut = pieces(latex)
    try:
        shown = [mathml(piece) for piece in cut]
    except UnknownMathematics:
        return Markup('<pre class="latex" tabindex="0"><code>{}</code></pre>').format(latex)
    spans = [
        Markup('<span class="piece{}">{}</span>').format(
            " stop" if piece[-1] in _STOPS else "", Markup(_displayed(text))
        )
        for piece, text in zip(cut, shown, strict=True)
    ]
    return Markup('<div class="formula" tabindex="0">{}</div>').format(Markup(" ").join(spans))


def _displayed(text: str) -> str:
    """Sums and fractions at full size."""
    return text.replace("<math ", '<math displaystyle="true" ', 1)


def pieces(latex: str) -> list[str]:
    """The formula cut where lines may break; whole if its brackets do not match."""
    try:
        cut = ["".join(piece).strip() for piece in _pieces(_TOKEN.findall(latex))]
    except UnknownMathematics:
        return [latex]
    return [piece for piece in cut if piece]


def _pieces(tokens: list[str]) -> Iterator[list[str]]:
    depth = 0
    piece: list[str] = []
    for index, token in enumerate(tokens):
        depth += (token in _OPENING) - (token in _CLOSING)
        if depth < 0:
            raise UnknownMathematics("brackets do not match")
        before = next((t for t in reversed(piece) if not t.isspace()), "")
        if depth == 0 and (token in _SPACES or (token == r"\ " and before in _STOPS)):
            yield piece
            piece = []
            continue
        if depth == 0 and token in _RELATIONS and _breakable(tokens, index, piece):
            yield piece
            piece = []
        piece.append(token)
    if depth:
        raise UnknownMathematics("brackets do not match")
    yield piece


def _breakable(tokens: list[str], index: int, piece: list[str]) -> bool:
    """Whether a line may break before the relation at ``index``."""
    scripts = index > 0 and tokens[index - 1] in ("_", "^")
    return len(piece) >= _SHORT and not scripts
