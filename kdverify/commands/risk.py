"""``kdverify risk``: risks of strong labels, best surrogate and best mask against n."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import typer

import kdverify as kd
from kdverify.commands.options import (
    Alpha,
    Beta,
    Digits,
    ExactMeans,
    Json,
    Noise,
    P,
    Plot,
    RandomFeatures,
    Ridge,
    Sizes,
    SourceAlpha,
    SourceFeatures,
    SourceNoise,
    SourceRidge,
    SourceSizes,
    SpectrumFile,
    settings,
)

if TYPE_CHECKING:
    import flint

    from kdverify.gaussian.theory import Curve
    from kdverify.problem import Problem, Spectrum

RISKS = ("standard", "optimal", "masked")
#: Columns of the three tables, and what stands above them.
ON_INPUTS = {
    "n": "n",
    "tau": "τ",
    "omega": "Ω",
    **{name: name for name in RISKS},
    "kept": "modes\nkept",
    "amplified": "modes\namplified",
}
ON_FEATURES = {
    "n": "n",
    "features": "q",
    "nu": "ν2",
    "upsilon": "Υ",
    "crowding": "η",
    **{name: name for name in RISKS},
    "kept": "modes\nkept",
    "amplified": "ampli-\nfied",
}
#: Sizes that may stand in a table, and what stands above them.
SIZES = {"m": "m", "source_features": "its q", "n": "n", "features": "q"}
TWO_STAGES = {
    "surrogate": "surrogate\nitself",
    "none": "student",
    "gain": "gained",
    "mask": "masked",
    "strong": "strong\nlabels",
}

#: Modes up to which bounds are computed, in a tenth of a second.
MOST_BOUNDED = 2000
#: The same without ridge, in two seconds.
MOST_RIDGELESS = 50

CERTIFIED = "every digit shown is certified; the last may be off by one unit"
TIED = "a range of modes: some are tied at this precision; either choice costs the same"
NO_SIGNAL = "no beta_star: the risks need it (--beta, or a file that holds it)"
NO_CORRECTION = (
    "how far off several layers are at finite n is not known here: no correction is given"
)
LEAST_SQUARES = (
    "n >= p without ridge is ordinary least squares: τ = 0, the risks are exact means, and no "
    "surrogate does better than strong labels"
)
STUDENTS = (
    "student: of plain pseudo-labels; gained, masked: the trained surrogate's modes times the "
    "best gains, or masked; strong: n labels of beta* with the surrogate's label noise"
)


@dataclass
class _Asked:
    """What the options say; of pairs the surrogate's stands first."""

    source: Spectrum | Problem
    noises: tuple[Fraction, Fraction]
    ridges: tuple[Fraction, Fraction]
    digits: int | None
    exact_means: bool = False
    notes: list[str] = field(default_factory=list)

    @property
    def setting(self) -> tuple[float, float]:
        """Noise variance and ridge of the student as doubles."""
        return float(self.noises[1]), float(self.ridges[1])


def risk(
    context: typer.Context,
    n: Sizes,
    alpha: Alpha = None,
    beta: Beta = None,
    p: P = None,
    spectrum: SpectrumFile = None,
    noise_variance: Noise = "0",
    ridge: Ridge = "0",
    digits: Digits = None,
    features: RandomFeatures = None,
    m: SourceSizes = None,
    source_alpha: SourceAlpha = None,
    source_features: SourceFeatures = None,
    source_noise_variance: SourceNoise = "0",
    source_ridge: SourceRidge = "0",
    exact_means: ExactMeans = False,
    json: Json = None,
    plot: Plot = None,
) -> None:
    """Excess risk against n: strong labels, best surrogate and mask.

    Columns: tau, the effective regularisation, in units of the eigenvalues; Omega; the excess
    risks |Sigma^(1/2)(b - beta*)|^2, label noise not added, of the student of strong labels
    (standard), of the best surrogate (optimal) and of the best mask (masked); how many modes
    the mask keeps (zeta^2 < 1 - Omega); how many the best surrogate amplifies (zeta < 1 -
    Omega): the transition index when the eigenvalues fall.

    With -m the surrogate is itself trained, on m samples, and the columns are the risks of
    that surrogate and of its students (two stages); --digits and --plot are then not taken. With
    --features a student sees q random features: nu2, Upsilon and the features' crowding eta; so
    does a trained surrogate with --source-features.

    A second table says how far the risks are from the mean over Gaussian rows at this n: to
    first order in 1/n, or with --exact-means exactly, by quadrature.

    Example: kdverify risk --alpha 2 --beta 1.5 -p 500 -n 50,100,200
    """
    from kdverify.commands.inputs import (
        cell,
        describe,
        layers_of,
        not_negative,
        read_problem,
        read_signal,
        sample_sizes,
        shown,
    )
    from kdverify.report.output import bounds, console, document, number, print_table, write_json

    if m and (digits is not None or plot is not None):
        raise ValueError("-m must go without --digits and --plot")
    if source_features and (not m or source_alpha is not None):
        raise ValueError("--source-features must go with -m and without --source-alpha")
    if exact_means and (m or features):
        raise ValueError("--exact-means must go without -m and --features")
    if features and plot is not None:
        raise ValueError("--features must go without --plot")
    source = (read_signal if m else read_problem)(alpha, beta, p, spectrum)
    has_signal = isinstance(source, kd.Problem)
    if plot is not None and not has_signal:
        raise ValueError(f"plot={plot!r} must go with beta_star: without it there is no risk")
    sizes = sample_sizes(n)
    asked = _Asked(
        source,
        (
            not_negative("source_noise_variance", source_noise_variance),
            not_negative("noise_variance", noise_variance),
        ),
        (not_negative("source_ridge", source_ridge), not_negative("ridge", ridge)),
        digits,
        exact_means,
    )
    setting = f"{describe(source, spectrum)}, noise variance {noise_variance}, ridge {ridge}"
    title, curve = f"excess risk: {setting}" if has_signal else setting, None
    layers = layers_of(features or [])
    source_layers = (
        sample_sizes(source_features, "source_features", of="features") if source_features else []
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", kd.NoFiniteMeanWarning)
        if m:
            plain = [q for q in layers if not isinstance(q, tuple)]
            if len(plain) < len(layers):
                raise ValueError("--features of several layers must go without -m")
            stages = sample_sizes(m, "m"), source_layers, sizes, plain
            rows = _two_stages(asked, stages, source_alpha)
            columns = {name: SIZES[name] for name in SIZES if name in rows[0]} | TWO_STAGES
            data = "the same spectrum" if source_alpha is None else f"α={source_alpha}"
            title = (
                f"excess risk: {describe(source, spectrum)}; surrogate: m samples of {data}, label "
                f"noise {source_noise_variance}, ridge {source_ridge}; student: noise "
                f"{noise_variance}, ridge {ridge}"
            )
        elif features:
            columns = ON_FEATURES
            rows = _on_features(asked, sizes, layers)
            title = f"excess risk with q random features: {setting}"
        else:
            columns = ON_INPUTS
            curve, rows = _on_inputs(asked, sizes)
    names = [name for name in columns if has_signal or name not in RISKS]
    cells = [[shown(row[c]) if c in SIZES else cell(row[c]) for c in names] for row in rows]
    out = console(json)
    print_table([columns[name] for name in names], cells, title, out)
    if corrected := [row for row in rows if "corrections" in row]:
        from kdverify.gaussian.finite_size import BY_QUADRATURE, FIRST_ORDER

        bounded = any(row.get("bounds") for row in rows)
        sizes_shown = [name for name in SIZES if name in columns]
        beside = [
            [shown(row[c]) for c in sizes_shown]
            + [number(value) for value in row["corrections"].values()]
            + [bounds(*row["bounds"]) if row["bounds"] else "" for _ in range(bounded)]
            for row in corrected
        ]
        heads = [columns[name] for name in (*sizes_shown, *corrected[0]["corrections"])]
        heads += ["standard is\nbounded by"] * bounded
        basis = BY_QUADRATURE if exact_means else FIRST_ORDER
        print_table(heads, beside, f"to be added at finite n: {basis}", out)
    if m:
        out.print(STUDENTS)
    for note in dict.fromkeys([*(str(warning.message) for warning in caught), *asked.notes]):
        out.print(f"note: {note}")
    if json is not None:
        write_json(document("risk", settings(context, p=source.p), rows), json)
    if plot is not None:
        from kdverify.report.figures import risk_figure, save

        assert curve is not None
        save(risk_figure(curve, setting), plot)


def _on_inputs(asked: _Asked, sizes: list[Fraction]) -> tuple[Curve, list[dict[str, Any]]]:
    """The curve in double precision, and rows, certified where digits are asked for."""
    from kdverify.commands.inputs import plain_size
    from kdverify.problem import Problem

    source = asked.source
    curve = kd.curve(source, [float(size) for size in sizes], *asked.setting)
    if asked.ridges[1] == 0 and any(size >= asked.source.p for size in sizes):
        asked.notes.append(LEAST_SQUARES)
    rows: list[dict[str, Any]] = []
    for k, size in enumerate(sizes):
        if asked.digits is None:
            values = {name: getattr(curve, name)[k].item() for name in list(ON_INPUTS)[1:]}
        else:
            proof = kd.certified.certificate(
                asked.source, size, asked.noises[1], asked.ridges[1], asked.digits
            )
            numbers = {"tau": proof.tau, "omega": proof.omega}
            values = _certified(asked, proof, numbers)
        rows.append({"n": plain_size(size)} | values)
    if asked.digits is not None:
        asked.notes.append(CERTIFIED)
        if any(isinstance(row[name], str) for row in rows for name in ("kept", "amplified")):
            asked.notes.append(TIED)
    if isinstance(source, Problem):
        for row, size in zip(rows, sizes, strict=True):
            row["corrections"] = _corrections(source, size, asked)
            row["bounds"] = _bounds(asked, size)
    else:
        asked.notes.append(NO_SIGNAL)
    return curve, rows


def _on_features(
    asked: _Asked, sizes: list[Fraction], features: list[Fraction | tuple[Fraction, ...]]
) -> list[dict[str, Any]]:
    """A row for every pair of n and q."""
    from kdverify.commands.inputs import plain_size
    from kdverify.random_features import certified, theory
    from kdverify.random_features.finite_size import size_errors

    rows: list[dict[str, Any]] = []
    for size, q in ((size, q) for size in sizes for q in features):
        several = isinstance(q, tuple)
        layers = list(map(plain_size, q)) if isinstance(q, tuple) else plain_size(q)
        student = tuple(layers) if isinstance(layers, list) else layers
        row: dict[str, Any] = {"n": plain_size(size), "features": layers}
        if asked.digits is None:
            found = theory.curve(asked.source, row["n"], [student], *asked.setting)
            values = {name: getattr(found, name)[0].item() for name in list(ON_FEATURES)[2:]}
        else:
            proof = certified.certificate(
                asked.source, size, q, asked.noises[1], asked.ridges[1], asked.digits
            )
            crowding = proof.equivalents.crowding
            numbers = {"nu": proof.tau, "upsilon": proof.omega, "crowding": crowding}
            values = _certified(asked, proof, numbers)
        if isinstance(asked.source, kd.Problem) and several:
            asked.notes.append(NO_CORRECTION)
        elif isinstance(asked.source, kd.Problem):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                errors = size_errors(asked.source, row["n"], row["features"], *asked.setting)
            values["corrections"] = {name: error.correction for name, error in errors.items()}
        rows.append(row | values)
    return rows


def _two_stages(
    asked: _Asked, sizes: tuple[list[Fraction], ...], source_alpha: str | None
) -> list[dict[str, Any]]:
    """A row for every m, features of the surrogate, n and features of the student."""
    from itertools import product

    from kdverify.commands.inputs import plain_size

    problem = asked.source
    first_noise, last_noise = map(float, asked.noises)
    first_ridge, last_ridge = map(float, asked.ridges)
    if source_alpha is not None:
        kd.checks.positive("source_alpha", kd.checks.exact("source_alpha", source_alpha))
    data = None if source_alpha is None else kd.Spectrum.power_law(problem.p, source_alpha)
    named: list[list[Any]] = [[plain_size(size) for size in values] or [None] for values in sizes]
    rows = []
    for m, q_t, n, q_s in product(*named):
        teacher = kd.Stage(m, data, first_noise, first_ridge, q_t)
        student = kd.Stage(n, None, last_noise, last_ridge, q_s)
        errors = {
            transform: kd.two_stage_error(problem, teacher, student, transform)
            for transform in kd.stages.TRANSFORMS
        }
        strong = kd.Stage(n, None, first_noise, last_ridge, q_s)
        told = zip(SIZES, (m, q_t, n, q_s), strict=True)
        rows.append(
            {name: size for name, size in told if size is not None}
            | {
                "surrogate": kd.stages.chain_risks(problem, [teacher])[0],
                **{transform: error.risk for transform, error in errors.items()},
                "strong": kd.stages.chain_risks(problem, [strong])[0],
                "corrections": {name: error.correction for name, error in errors.items()},
            }
        )
    return rows


def _certified(asked: _Asked, proof: Any, numbers: dict[str, flint.arb]) -> dict[str, Any]:
    """Certified digits of ``numbers`` and of the risks as texts; None without beta*."""
    from kdverify.arithmetic import certified_decimal
    from kdverify.commands.inputs import count_modes

    wanted = asked.digits or 0

    def digits(ball: flint.arb) -> str:
        infinite = not ball.is_finite() and ball > 0
        return "inf" if infinite else certified_decimal(ball, wanted)

    has_signal = isinstance(asked.source, kd.Problem)
    risks = {name: digits(getattr(proof, name)) if has_signal else None for name in RISKS}
    counts = {name: count_modes(*getattr(proof, name)) for name in ("kept", "amplified")}
    return {name: digits(ball) for name, ball in numbers.items()} | risks | counts


def _corrections(problem: Problem, size: Fraction, asked: _Asked) -> dict[str, float]:
    """What is to be added to the three risks; 0 where they are exact means already."""
    from kdverify.gaussian.finite_size import size_errors

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = size_errors(problem, float(size), *asked.setting, asked.exact_means)
    return {name: error.correction for name, error in found.items()}


def _bounds(asked: _Asked, size: Fraction) -> tuple[float, float] | None:
    """Bounds of the mean risk on strong labels; None where none are known, or p is large.

    Without ridge they take seconds, so that exact means have to be asked for.
    """
    ridge = asked.ridges[1]
    bounded = asked.noises[1] == 0 and size.denominator == 1 and (ridge > 0 or asked.exact_means)
    if not (bounded and asked.source.p <= (MOST_BOUNDED if ridge > 0 else MOST_RIDGELESS)):
        return None
    return kd.risk_bounds(asked.source, int(size), asked.ridges[1]).risk
