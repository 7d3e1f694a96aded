"""What several commands read from their options: problems and lists of sample sizes."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from kdverify import checks
from kdverify.problem import Problem, Spectrum, load
from kdverify.report.output import number

if TYPE_CHECKING:
    from kdverify.rows.question import Question

MAX_SIZES = 100_000


def read_problem(
    alpha: str | None, beta: str | None, p: str | None, spectrum: str | None
) -> Spectrum | Problem:
    """A power law from ``--alpha``, ``--beta`` and ``-p``, or what a file holds."""
    if spectrum is not None:
        if alpha is not None or beta is not None or p is not None:
            raise ValueError("--spectrum must stand without --alpha, --beta and -p")
        return load(spectrum)
    if alpha is None or p is None:
        raise ValueError("--alpha and -p must both be given, or --spectrum FILE instead")
    modes = whole_number("p", p)
    if beta is None:
        return Spectrum.power_law(modes, alpha)
    return Problem.power_law(modes, alpha, beta)


def read_signal(
    alpha: str | None, beta: str | None, p: str | None, spectrum: str | None
) -> Problem:
    """As `read_problem`, where there must be a ground truth."""
    problem = read_problem(alpha, beta, p, spectrum)
    if not isinstance(problem, Problem):
        raise ValueError("beta_star must be there: --beta, or a file that holds it")
    return problem


def describe(source: Spectrum | Problem, file: str | None) -> str:
    """A few words for titles."""
    spectrum = source.spectrum if isinstance(source, Problem) else source
    if file is not None:
        return f"{file}, p={spectrum.p}"
    words = f"p={spectrum.p}, α={_decimal(spectrum.exponent)}"
    if isinstance(source, Problem):
        words += f", β={_decimal(source.signal_exponent)}"
    return words


def sample_sizes(
    texts: Sequence[str], name: str = "n", of: str = "samples, not a share of rows"
) -> list[Fraction]:
    """Sample sizes from texts such as ``50,100``, ``50:200:50`` or ``10:1000/5``.

    ``A:B:STEP`` counts from A to B, both included; ``A:B/K`` takes K whole numbers in equal
    ratios from A to B.  Repeated sizes are kept once, in the order of their first mention.
    ``name`` is what messages call them, ``of`` what they are a number of; each is 1 at least.
    """
    sizes: list[Fraction] = []
    for text in texts:
        for part in text.split(","):
            if part.startswith("="):
                raise ValueError(f"{name}={part!r} must stand without = after -{name}")
            sizes.extend(_range(part, name) if ":" in part else [checks.exact(name, part)])
    checks.sample_sizes(name, sizes, share=False, of=of)
    return list(dict.fromkeys(sizes))


def layers_of(texts: Sequence[str]) -> list[Fraction | tuple[Fraction, ...]]:
    """Random features as `sample_sizes`; ``30x40`` are two layers, that on the inputs first."""
    found: list[Fraction | tuple[Fraction, ...]] = []
    for part in (part for text in texts for part in text.split(",")):
        widths = [sample_sizes([width], "features", of="features") for width in part.split("x")]
        found.extend(widths[0] if len(widths) == 1 else [tuple(width for (width,) in widths)])
    return list(dict.fromkeys(found))


def whole_number(name: str, text: str) -> int:
    """A count from a text such as ``50``, ``50.0`` or ``5e1``."""
    return checks.count(name, plain_size(checks.exact(name, text)))


def task_line(question: Question) -> str:
    """What labels are labels of, and why."""
    kinds = f" ({len(question.class_names)})" if question.class_names else ""
    return f"task: {question.settings['chosen_task']}{kinds}, {question.settings['because']}"


def not_negative(name: str, text: str) -> Fraction:
    """A variance or a ridge, an exact decimal, by the name of its option."""
    value = checks.exact(name, text)
    checks.non_negative(name, value)
    return value


def _range(text: str, name: str) -> list[Fraction]:
    first, _, rest = text.partition(":")
    geometric = "/" in rest
    last, _, third = rest.partition("/" if geometric else ":")
    if not third:
        raise ValueError(f"{name}={text!r} must read START:STOP:STEP or START:STOP/COUNT")
    low, high = checks.exact(name, first), checks.exact(name, last)
    checks.positive(name, low)
    if high < low:
        raise ValueError(f"{name}={text!r} must not stop before it starts")
    if geometric:
        count = checks.count("count", plain_size(checks.exact("count", third)), minimum=2)
        _not_too_many(text, count, name)
        values = np.geomspace(float(low), float(high), count)
        return [Fraction(round(v)) for v in values.tolist()]
    step = checks.exact("step", third)
    checks.positive("step", step)
    count = int((high - low) / step) + 1
    _not_too_many(text, count, name)
    return [low + k * step for k in range(count)]


def _not_too_many(text: str, count: int, name: str) -> None:
    if count > MAX_SIZES:
        raise ValueError(f"{name}={text!r} must name at most {MAX_SIZES} sizes, not {count}")


def plain_size(size: Fraction) -> int | float:
    """A sample size as a JSON number; `settings.n` holds it as it was typed."""
    return int(size) if size.denominator == 1 else float(size)


def _decimal(value: Fraction | None) -> str:
    return "?" if value is None else f"{float(value):g}"


def shown(size: Fraction | float | list[int | float]) -> str:
    """A sample size, or widths of layers, for a table: all digits that double precision has."""
    if isinstance(size, list):
        return "x".join(map(shown, size))
    return str(plain_size(Fraction(size)))


def cell(value: Any, digits: int = 6) -> str:
    """A value for a table: texts and whole numbers as they are."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if isinstance(value, str | int) else number(value, digits)


def count_modes(certain: np.ndarray, possible: np.ndarray) -> int | str:
    """How many modes; a range where some are undecided."""
    low, high = int(certain.sum()), int(possible.sum())
    return low if low == high else f"{low}-{high}"
