"""Spaces and letters of MathML as a typesetter would have them.

A browser knows an operator's spaces from the character alone.  It cannot tell a sign from a
difference behind a bracket, an absolute value from "divides", or a word in an index from a
product of its letters; LaTeX can, and here it is put back.
"""

from __future__ import annotations

from itertools import pairwise
from xml.etree.ElementTree import Element

#: What a formula is made of; anything else is refused.
ELEMENTS = frozenset(
    {
        "math",
        "mrow",
        "mi",
        "mn",
        "mo",
        "ms",
        "mtext",
        "mspace",
        "mfrac",
        "msqrt",
        "mroot",
        "mstyle",
        "mpadded",
        "mphantom",
        "menclose",
        "msub",
        "msup",
        "msubsup",
        "munder",
        "mover",
        "munderover",
        "mmultiscripts",
        "mtable",
        "mtr",
        "mtd",
    }
)
#: What may stand in a tag; anything else, a link or a script say, is dropped.
ATTRIBUTES = frozenset(
    {
        "accent",
        "accentunder",
        "columnalign",
        "columnlines",
        "columnspacing",
        "depth",
        "display",
        "displaystyle",
        "fence",
        "form",
        "frame",
        "height",
        "largeop",
        "linethickness",
        "lspace",
        "mathbackground",
        "mathcolor",
        "mathsize",
        "mathvariant",
        "maxsize",
        "minsize",
        "movablelimits",
        "notation",
        "rowlines",
        "rowspacing",
        "rspace",
        "scriptlevel",
        "separator",
        "stretchy",
        "voffset",
        "width",
    }
)
_SCRIPTS = frozenset({"msub", "msup", "msubsup", "munder", "mover", "munderover"})
_OPENING = frozenset("([{⟨⌊⌈")
_STICKING = frozenset("|‖∥/")
_SIGNS = frozenset("-−+±")
_RELATIONS = frozenset("=<>≤≥≠≈∼∝≡∈∉⊂⊆⇒⇔⟹⟺→↦⟶")
_PUNCTUATION = frozenset(",;:")
#: The space around a relation, and behind the name of a function, as in TeX.
_THICK, _THIN = "0.278em", "0.167em"
#: A word in an index has at least so many letters.
_WORD = 3


def improve(root: Element) -> None:
    """Set spaces and words in place; drop what a formula does not need."""
    for parent in list(root.iter()):
        for name in set(parent.keys()) - ATTRIBUTES:
            del parent.attrib[name]
        children = list(parent)
        if parent.tag in _SCRIPTS:
            for script in children[1:]:
                _join_word(script)
        elif parent.tag in ("mrow", "math", "mstyle", "mtd", "msqrt"):
            _space_operators(children)
            _space_functions(parent, children)


def _join_word(script: Element) -> None:
    """``o p t`` in an index as the word ``opt``, upright."""
    letters = list(script)
    word = "".join(letter.text or "" for letter in letters)
    single = all(letter.tag == "mi" and len(letter.text or "") == 1 for letter in letters)
    if script.tag == "mrow" and single and len(letters) >= _WORD and word.isascii():
        script[:] = [Element("mi")]
        script[0].text = word


def _space_operators(children: list[Element]) -> None:
    before: Element | None = None
    for child in children:
        text = child.text or ""
        if text in _RELATIONS:  # the converter takes some arrows for letters
            child.tag = "mo"
        if child.tag == "mo" and text:
            if text in _STICKING:
                _set_space(child, "0", "0")
            elif text in _SIGNS and _opens(before):
                child.set("form", "prefix")
                _set_space(child, "0", "0")
            elif text in _RELATIONS:
                child.set("form", "infix")
                _set_space(child, _THICK, _THICK)
        if child.tag != "mspace":
            before = child


def _opens(before: Element | None) -> bool:
    """Whether a sign behind this belongs to what follows it."""
    if before is None:
        return True
    text = before.text or ""
    return before.tag == "mo" and text in _OPENING | _RELATIONS | _PUNCTUATION


def _set_space(operator: Element, left: str, right: str) -> None:
    operator.set("lspace", left)
    operator.set("rspace", right)


def _space_functions(parent: Element, children: list[Element]) -> None:
    """A thin space between the name of a function and an argument without brackets."""
    for name, argument in reversed(list(pairwise(children))):
        if _is_function(name) and argument.tag not in ("mo", "mspace", "mtext"):
            space = Element("mspace")
            space.set("width", _THIN)
            parent.insert(list(parent).index(argument), space)


def _is_function(node: Element) -> bool:
    while node.tag in _SCRIPTS and len(node):
        node = node[0]
    text = (node.text or "").strip()
    return node.tag in ("mi", "mo") and len(text) > 1 and text.isalpha() and text.isascii()
