"""The options of ``kdverify mix``.  Imports nothing but typer, so that ``--help`` is fast."""

from __future__ import annotations

from typing import Annotated

import typer

from kdverify.commands.options import (
    Alpha,
    Beta,
    Json,
    Noise,
    P,
    Plot,
    Ridge,
    SourceNoise,
    SourceRidge,
    SpectrumFile,
)


def mix(
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
        typer.Option(
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
    from kdverify.commands import mix as command

    if generations:
        from kdverify import checks

        checks.count("generations", generations)
    noises = (noise_variance, pseudo_noise_variance, source_noise_variance)
    raise typer.Exit(
        command.run(
            real,
            pseudo,
            alpha,
            beta,
            p,
            spectrum,
            teacher,
            m,
            noises,
            (ridge, source_ridge),
            generations,
            json,
            plot,
        )
    )
