"""Numbers and words for the reader of the page."""

from __future__ import annotations

import re

_GREEK = {
    "alpha": "α",
    "beta": "β",
    "gamma": "γ",
    "delta": "δ",
    "zeta": "ζ",
    "kappa": "κ",
    "lambda": "λ",
    "rho": "ρ",
    "sigma": "σ",
    "tau": "τ",
    "Omega": "Ω",
    "Sigma": "Σ",
}
_LETTER = re.compile(rf"(?<![A-Za-z])({'|'.join(_GREEK)})(?![A-Za-z])")


def spelled(text: str) -> str:
    """Plain-text mathematics of the package's own claims in its letters: tau as τ, <= as ≤."""
    for sign, better in (("<=", "≤"), (">=", "≥"), (" - ", " − "), ("^2", "²")):
        text = text.replace(sign, better)
    return _LETTER.sub(lambda match: _GREEK[match[1]], text)


def figure(value: str | float | int) -> str:
    """A figure at four significant digits, powers of ten as such."""
    if isinstance(value, bool) or not isinstance(value, float):
        return str(value)
    text = f"{value:.4g}"
    mantissa, exponent, power = text.partition("e")
    if not exponent:
        return text.replace("-", "−")
    raised = str(int(power)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    shown = mantissa[:-1] + "10" if mantissa in ("1", "-1") else f"{mantissa}·10"
    return f"{shown}{raised}".replace("-", "−", 1)


def duration(seconds: float) -> str:
    """A time for the reader."""
    if seconds < 0.1:
        return f"{1000 * seconds:.0f} ms"
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{int(seconds // 60)} min {int(seconds % 60)} s"


def counted(number: int, one: str, many: str = "") -> str:
    """``1 claim``, ``2 claims``."""
    return f"{number} {one if number == 1 else many or one + 's'}"
