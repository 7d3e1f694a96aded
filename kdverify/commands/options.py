"""Options that several commands have.  Imports nothing but typer, so that ``--help`` is fast."""

from __future__ import annotations

import math
import os
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

#: Parameters of commands that name files to write.
RESULTS = {"json", "plot", "html", "csv"}
#: Parameters of commands that results do not depend on.
NO_SETTINGS = RESULTS | {"jobs"}


def settings(context: typer.Context, **changes: Any) -> dict[str, Any]:
    """What the running command was given, for its JSON document, with ``changes``."""
    given = {name: value for name, value in context.params.items() if name not in NO_SETTINGS}
    return given | changes


class Command(TyperCommand):
    """A command whose results do not overwrite what it reads, or each other.

    An option of one value must not be given twice: the first would be lost without a word.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the command line."""
        _, _, order = self.make_parser(ctx).parse_args(args=list(args))
        for param in order:
            if order.count(param) > 1 and not getattr(param, "multiple", False):
                raise ValueError(f"{param.opts[-1]} must be given once")
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run it."""
        named = [
            (name, text)
            for name, value in ctx.params.items()
            for text in (value if isinstance(value, list | tuple) else [value])
            if isinstance(text, str) and text != "-"
        ]
        for result, file in named:
            for name, text in named:
                if result in RESULTS and name != result and _one_file(file, text):
                    raise ValueError(f"{result}={file!r} must be another file than {name}={text!r}")
        return super().invoke(ctx)


def _one_file(left: str, right: str) -> bool:
    """Whether two names are those of one file, which is no pipe or device."""
    if os.path.exists(left) and os.path.exists(right):
        return os.path.isfile(left) and os.path.samefile(left, right)
    return os.path.realpath(left) == os.path.realpath(right)


def Integer(*names: str, **settings: Any) -> Any:
    """The option of a whole number, which may be written as 100, 1e2 or 100.0."""
    return typer.Option(*names, parser=integer, **settings)


def integer(value: Any) -> int:
    """A whole number from what was typed."""
    from kdverify import checks

    try:
        return checks.count("value", checks.exact("value", value), -math.inf, math.inf)
    except ValueError:
        raise typer.BadParameter(f"{value!r} must be a whole number") from None


def _output_file(param: typer.CallbackParam, value: str | None) -> str | None:
    """Turn away a file that cannot be written before any work is done for it."""
    if value == "-":
        from kdverify import _streams

        if _streams.is_closed():
            raise ValueError(f"{param.name}='-' must not be: standard output is closed")
    if value is not None and value != "-":
        from kdverify import checks

        checks.output_file(str(param.name), value)
    return value


def _report_file(param: typer.CallbackParam, value: str | None) -> str | None:
    if value == "-":
        raise ValueError("html='-' must be a file: a page does not go to standard output")
    return _output_file(param, value)


def _figure_file(param: typer.CallbackParam, value: str | None) -> str | None:
    if value is not None:
        from kdverify import checks

        checks.figure_file(str(param.name), value)
    return value


Alpha = Annotated[
    str | None,
    typer.Option(
        metavar="A", help="Exponent of the spectrum, lambda_i = i^-alpha, positive; exact decimal."
    ),
]
Beta = Annotated[
    str | None,
    typer.Option(
        metavar="B", help="Exponent of the signal, lambda_i beta*_i^2 = i^-beta; exact decimal."
    ),
]
P = Annotated[
    str | None, typer.Option("-p", metavar="P", help="Number of features of the power law.")
]
SpectrumFile = Annotated[
    str | None,
    typer.Option(
        "--spectrum",
        metavar="FILE",
        help=".npy or .csv with p eigenvalues; .npz or .csv with eigenvalues and beta_star, "
        "p each, in units of your choice (risks are in those of eigenvalue times beta_star^2).",
    ),
]
Sizes = Annotated[
    list[str],
    typer.Option(
        "-n",
        metavar="N[,N...]",
        help="Sample sizes: 50,100 or 50:200:50 or 10:1000/5 (five in equal ratios); repeatable.",
    ),
]
Noise = Annotated[
    str,
    typer.Option(metavar="V", help="Variance of the noise in the student's labels; exact decimal."),
]
Ridge = Annotated[
    str,
    typer.Option(
        metavar="D",
        help="delta of |y - Xb|^2 + delta |b|^2, a sum over samples; 0 is the minimum-norm "
        "solution (least squares for n >= p); exact decimal.",
    ),
]
Html = Annotated[
    str | None,
    typer.Option(
        "--html",
        metavar="FILE",
        callback=_report_file,
        help="Write a page that opens from disk, with no network: verdicts, the graph of the "
        "claims, statements, evidence, pictures.",
    ),
]
Page = Annotated[
    str | None,
    typer.Option(
        "--html",
        metavar="FILE",
        callback=_report_file,
        help="Write a page with the tables and figure.",
    ),
]
Json = Annotated[
    str | None,
    typer.Option(
        "--json",
        metavar="FILE",
        callback=_output_file,
        help="Write a JSON document; - is standard output, and tables go to standard error.",
    ),
]
Plot = Annotated[
    str | None,
    typer.Option(
        metavar="FILE", callback=_figure_file, help="Write a figure (.png, .svg or .pdf)."
    ),
]
Table = Annotated[
    str | None, typer.Option(metavar="FILE", callback=_output_file, help="Write a CSV table.")
]
Digits = Annotated[
    int | None,
    Integer(metavar="D", help="Print this many certified digits instead of doubles."),
]
ExactMeans = Annotated[
    bool,
    typer.Option(
        "--exact-means",
        help="Compare with exact means of Gaussian rows, for whole n; up to 10,000 modes.",
    ),
]
DESIGN_HELP = "Law of the entries: gaussian, rademacher, uniform, exponential, student."
Trials = Annotated[int, Integer(help="Independent designs per setting, at least 2.")]
Seed = Annotated[int, Integer(help="Seed; results do not depend on the number of workers.")]
Jobs = Annotated[int, Integer("-j", "--jobs", help="Worker processes.")]
SourceSizes = Annotated[
    list[str] | None,
    typer.Option("-m", metavar="M[,M...]", help="Samples of a trained surrogate, as -n."),
]
RandomFeatures = Annotated[
    list[str] | None,
    typer.Option(
        "--features",
        metavar="Q[,Q...]",
        help="Random features of the student, as -n; 30x40: of two layers.",
    ),
]
SourceFeatures = Annotated[
    list[str] | None,
    typer.Option(
        "--source-features", metavar="Q[,Q...]", help="Random features of the surrogate, as -n."
    ),
]
Axis = Annotated[
    list[str] | None,
    typer.Option(
        "-a",
        "--axis",
        metavar="NAME=V[,V...]",
        help="Values of p, alpha, beta, n, m, source_alpha, noise_variance, "
        "source_noise_variance, ridge, source_ridge, design or student_df; repeatable.",
    ),
]
SourceAlpha = Annotated[
    str | None,
    typer.Option(metavar="A", help="Exponent of the surrogate's own data (default: alpha)."),
]
SourceNoise = Annotated[
    str, typer.Option(metavar="V", help="Variance of the noise in the surrogate's labels.")
]
SourceRidge = Annotated[str, typer.Option(metavar="D", help="Ridge of the surrogate.")]
SizesOfRank = Annotated[
    list[str] | None,
    typer.Option(
        "-n", metavar="N[,N...]", help="Sample sizes (default: 0.1, 0.3, 0.5, 0.7 of the rank)."
    ),
]
FEATURES_HELP = (
    "(N, p) features: .npy; .npz with features (and labels); .csv, .tsv; .parquet (extra tables)."
)
LabelColumn = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Column of a table that holds the labels."),
]
Header = Annotated[
    str,
    typer.Option(
        metavar="yes|no|auto",
        help="Whether the first row of a .csv names the columns; auto asks where it cannot tell.",
    ),
]
Delimiter = Annotated[
    str | None,
    typer.Option(metavar="C", help="Between the cells of a .csv: one character, or tab.  [,]"),
]
Decimal = Annotated[str, typer.Option(metavar="C", help="Decimal mark of a .csv: . or ,")]
Drop = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME", help="Column of a table to leave out; repeatable."),
]
Unlabelled = Annotated[
    str | None,
    typer.Option(metavar="VALUE", help="A label that means none, beside empty ones and NaN."),
]
