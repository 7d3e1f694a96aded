"""``kdverify mix``: real rows and pseudo-labelled rows in one training set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any

import typer

import kdverify as kd
from kdverify.commands.options import (
    Alpha,
    Beta,
    Integer,
    Json,
    Noise,
    P,
    Plot,
    Ridge,
    SourceNoise,
    SourceRidge,
    SpectrumFile,
    settings,
)

if TYPE_CHECKING:
    from kdverify.gaussian.pseudo_labels import Mixture
    from kdverify.problem import Problem
    from kdverify.training import Stage

TEACHERS = ("trained", "optimal", "mask")
COLUMNS = ("real", "pseudo", "risk", "without", "worth", "best_weight", "best_risk")
HEADER = (
    "real\nrows",
    "pseudo-\nlabels",
    "risk",
    "real rows\nalone",
    "one more\nin real ones",
    "best\nweight",
    "risk\nat it",
)
LINE = ("real", "pseudo", "share", "first", "last", "settled", "best_share")
LINE_HEADER = ("real\nrows", "own\nlabels", "share", "first", "last", "settled", "best\nshare")
#: Risks beside which a correction stands.
CORRECTED = ("risk", "without", "best_risk")
LINE_CORRECTED = ("first", "last", "settled")
#: Points of the figure's grid along each axis.
GRID = 24


def mix(
    context: typer.Context,
    real: Annotated[
        list[str],
        typer.Option(metavar="N[,N...]", help="Rows with real labels, as -n of risk, or 0."),
    ],
    pseudo: Annotated[
        list[str], typer.Option(metavar="N[,N...]", help="Rows with pseudo-labels, or 0.")
    ],
    alpha: Alpha = None,
    beta: Beta = None,
    p: P = None,
    spectrum: SpectrumFile = None,
    teacher: Annotated[
        str, typer.Option(help="What labels them: trained (on -m rows), optimal or mask.")
    ] = "trained",
    m: Annotated[
        str | None, typer.Option("-m", metavar="M", help="Samples of a trained teacher.")
    ] = None,
    noise_variance: Noise = "0",
    pseudo_noise_variance: Annotated[
        str, typer.Option(metavar="V", help="Variance of noise that is added to pseudo-labels.")
    ] = "0",
    source_noise_variance: SourceNoise = "0",
    ridge: Ridge = "0",
    source_ridge: SourceRidge = "0",
    generations: Annotated[
        int,
        Integer(
            metavar="K", help="K students, each labelling for the next, on fresh rows; 0: none."
        ),
    ] = 0,
    json: Json = None,
    plot: Plot = None,
) -> None:
    """Real rows and pseudo-labels in one training set.

    Columns: the excess risk of the student of all rows; of the real rows alone; what one more
    pseudo-label changes over what one more real row does; with a ridge the best weight of
    pseudo-labels in the loss, and the risk at it. --plot draws contours between the least and the
    largest numbers of rows, and where one more pseudo-label hurts.

    Example: kdverify mix --alpha 2 --beta 1.5 -p 500 --real 50 --pseudo 0,100 -m 80 --ridge 0.01
    """
    from kdverify.commands.inputs import describe, not_negative, read_signal
    from kdverify.report.output import console, document, number, print_table, write_json

    problem = read_signal(alpha, beta, p, spectrum)
    noise = float(not_negative("noise_variance", noise_variance))
    pseudo_noise = float(not_negative("pseudo_noise_variance", pseudo_noise_variance))
    start = kd.Mixture(0, 0, None, noise, pseudo_noise, float(not_negative("ridge", ridge)))
    rows, columns = counts(real, "real"), counts(pseudo, "pseudo")
    pairs = [(r, c) for r in rows for c in columns if r + c]
    if not pairs:
        raise ValueError("real and pseudo must name at least one training set that is not empty")
    ends = {"real": rows, "pseudo": columns} if plot is not None else {}
    grids = [_grid(name, sizes) for name, sizes in ends.items()]
    words = f"{describe(problem, spectrum)}, noise {noise_variance} (pseudo "
    words += f"{pseudo_noise_variance}), ridge {ridge}"
    if generations:
        kd.checks.count("generations", generations, minimum=0)
        if plot is not None or m is not None:
            raise ValueError("--generations must go without --plot and -m")
        named, header, corrected = LINE, LINE_HEADER, LINE_CORRECTED
        found = [_line(problem, start, *pair, generations) for pair in pairs]
        title = f"excess risk of students that label for the next, {generations} of them: {words}"
    else:
        named, header, corrected = COLUMNS, HEADER, CORRECTED
        first = kd.Stage(
            None if m is None else _one_size(m),
            None,
            float(not_negative("source_noise_variance", source_noise_variance)),
            float(not_negative("source_ridge", source_ridge)),
        )
        labels = _labels(problem, teacher, first, start.ridge)
        found = [_row(problem, _mixture(start, labels, *pair)) for pair in pairs]
        described = {
            "trained": f"a teacher trained on {m} labels with noise {source_noise_variance}",
            "optimal": "the best surrogate",
            "mask": "the best mask",
        }
        title = f"excess risk: {words}; pseudo-labels: {described[teacher]}"
    out = console(json)
    print_table(header, [[number(row[c], 5) for c in named] for row in found], title, out)
    from kdverify.gaussian.finite_size import FIRST_ORDER

    beside = [
        [number(row["real"]), number(row["pseudo"]), *map(number, row["corrections"].values())]
        for row in found
    ]
    heads = [header[named.index(name)] for name in ("real", "pseudo", *corrected)]
    print_table(heads, beside, f"to be added at finite n: {FIRST_ORDER}", out)
    if not generations:
        out.print(
            "one more in real ones: what one more pseudo-label changes over what one more real row"
            " does; below 0 one of the two hurts. Best weight: in the loss, needs a ridge"
        )
    if json is not None:
        write_json(document("mix", settings(context, p=problem.p), found), json)
    if plot is not None:
        from kdverify.report.figures import save
        from kdverify.report.mixture_figure import mixture_figure

        mixtures = [[_mixture(start, labels, r, c) for c in grids[1]] for r in grids[0]]
        save(mixture_figure(problem, mixtures, words), plot)


def counts(texts: Sequence[str], name: str) -> list[float]:
    """Numbers of rows, 0 among them, from texts as ``-n`` takes them."""
    from kdverify.commands.inputs import plain_size, sample_sizes

    found: list[Fraction] = []
    for part in (part.strip() for text in texts for part in text.split(",")):
        value = None if ":" in part else kd.checks.exact(name, part)
        if value is not None:
            kd.checks.non_negative(name, value)
        found.extend([value] if value == 0 else sample_sizes([part], name))
    return [plain_size(size) for size in dict.fromkeys(found)]


def _one_size(text: str) -> float:
    """The samples of the one teacher."""
    from kdverify.commands.inputs import sample_sizes

    sizes = sample_sizes([text], "m")
    if len(sizes) > 1:
        raise ValueError(f"m={text!r} must name one size")
    return float(sizes[0])


def _labels(problem: Problem, teacher: str, first: Stage, ridge: float) -> Callable[[float], Any]:
    """A function of the number of rows that returns what labels the pseudo rows."""
    kd.checks.choice("teacher", teacher, TEACHERS)
    if (teacher == "trained") != (first.n is not None):
        raise ValueError("-m must be given for --teacher trained, and only for it")
    if teacher == "trained":
        law = kd.chain_law(problem, [first])
        return lambda n: law
    if teacher == "optimal":
        return lambda n: kd.optimal_surrogate(problem, n, ridge)
    return lambda n: problem.spectrum.from_modes(
        kd.optimal_mask(problem, n, ridge) * problem.beta_modes
    )


def _mixture(start: Mixture, labels: Any, real: float, pseudo: float) -> Mixture:
    return replace(start, real=real, pseudo=pseudo, surrogate=labels(real + pseudo))


def _row(problem: Problem, mixture: Mixture) -> dict[str, Any]:
    tied = mixture.ridge == 0 and mixture.n >= problem.p
    weighed = mixture.ridge > 0 and mixture.real > 0 and mixture.pseudo > 0
    best = kd.best_weight(problem, mixture) if weighed else None
    alone = replace(mixture, pseudo=0)
    return {
        "real": mixture.real,
        "pseudo": mixture.pseudo,
        "risk": mixture.risk(problem),
        "without": alone.risk(problem),
        "worth": None if tied else kd.label_worth(problem, mixture).worth,
        "best_weight": None if best is None else best.weight,
        "best_risk": None if best is None else best.risk,
        "corrections": {
            "risk": mixture.error(problem).correction,
            "without": alone.error(problem).correction if mixture.real else 0.0,
            "best_risk": None if best is None else mixture.error(problem, best.weight).correction,
        },
    }


def _line(problem: Problem, start: Mixture, real: float, own: float, count: int) -> dict[str, Any]:
    n = real + own
    noises = start.noise_variance, start.pseudo_noise_variance
    line = kd.Generations(problem, n, real / n, *noises, start.ridge)
    errors, settled = line.errors(count), line.settled_error()
    return {
        "real": real,
        "pseudo": own,
        "share": real / n,
        "first": errors[0].risk,
        "last": errors[-1].risk,
        "settled": settled.risk,
        "best_share": kd.best_share(problem, n, *noises, start.ridge)[0],
        "risks": [error.risk for error in errors],
        "corrections": {
            "first": errors[0].correction,
            "last": errors[-1].correction,
            "settled": settled.correction,
        },
    }


def _grid(name: str, sizes: list[float]) -> Any:
    """(GRID,) numbers of rows of the figure, between the least and the largest."""
    import numpy as np

    positive = [size for size in sizes if size > 0]
    if len(positive) < 2:
        raise ValueError(f"{name} must name two sizes above 0 or more for a figure: its ends")
    return np.geomspace(min(positive), max(positive), GRID)
