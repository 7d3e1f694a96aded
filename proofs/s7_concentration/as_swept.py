"""Claim of section 7: factorisations of one design, grids of settings, and sweeps, by hand."""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import sympy

import kdverify as kd
from kdverify import formulas as f
from kdverify.evidence import Claim, Step
from kdverify.gaussian import theory
from kdverify.provenance import formula_version
from kdverify.simulation import engine, sweep
from kdverify.simulation.block import RunningMoments
from kdverify.simulation.factor import Factor, Safe, Tall, Wide, Workspace, factorise
from kdverify.simulation.features import FeatureWorkspace, factorise_features
from kdverify.simulation.grid import Point, from_toml, points
from kdverify.simulation.store import Store
from kdverify.simulation.task import BLOCK_WORK, Block, ModalStage, Task
from kdverify.training import Stage

from ..lib.modes import Pairs
from ..lib.written import Written, agree
from ..s9_rows.as_trained import near
from .as_run import SMALL, SOURCE, TWICE, student

AS_SWEPT = Claim(
    "7.as-swept",
    title="Every route of a factorisation is the same student; a sweep simulates what it names",
    statement=r"P = AX,\ A = X^\top(XX^\top + \delta I)^+\ \text{(with random features }"
    r"W^\top(Z^\top Z + \delta I)^+Z^\top\text{)}:\ \text{all that wide, tall and safe routes"
    r" give; points, tasks, blocks, stores}",
    needs=("7.as-run", "4.rule", "3.optimal"),
    parts=("factors", "random features", "grid", "tasks", "sweep"),
    steps=[
        Step("Each number that a route gives is read off the dense matrices P and A."),
        Step("A design with a row twice has no inverse: the safe route is its pseudo-inverse."),
        Step("A point of a grid is a task with these labels; a stored block is not run again."),
    ],
)

WEIGHTS = np.array([2.0, 0.5, 1.25, 0.25, 3.0])


def compared(factor: Factor, P: np.ndarray, A: np.ndarray, close: float = 1e-8) -> Pairs:
    """In order iff all that a factor says of itself is what the dense matrices are."""
    generator = np.random.default_rng(8)
    b, z = generator.standard_normal((5, 2)), generator.standard_normal((A.shape[1], 2))
    some = WEIGHTS * [1, 0, 1, 1, 1]
    spread = np.diag(A @ A.T)
    for _ in range(2):  # a wide factor has other ways once it is whitened
        yield from near(factor.fit(b), P @ b, close)
        yield from near(factor.fit_noise(z), A @ z, close)
        yield from near(factor.diagonal(), np.diag(P), close)
        yield from near(factor.energy(WEIGHTS), WEIGHTS @ P**2, close)
        yield from near(factor.energy(some), some @ P**2, close)
        yield from near(factor.carried(WEIGHTS), P**2 @ WEIGHTS, close)
        yield from near(factor.noise_columns(), A, close)
        yield from near(factor.noise_diagonal(), spread, close)
        yield from near(factor.noise_trace(WEIGHTS), WEIGHTS @ spread, close)
    true = np.diag(P), WEIGHTS @ P**2, WEIGHTS @ spread
    for found, one in zip(factor.transfer(WEIGHTS), true, strict=True):
        yield from near(found, one, close)


def designs() -> Iterator[tuple[np.ndarray, float, type]]:
    """Designs of 5 modes, a ridge, and the route that each takes."""
    generator = np.random.default_rng(4)
    for n, ridge in ((3, 0.0), (3, 0.5), (5, 0.0), (8, 0.0), (8, 0.75)):
        yield generator.standard_normal((n, 5)), ridge, Wide if n < 5 else Tall
    near_by = generator.standard_normal((8, 5))
    near_by[:, 1] = 4 * near_by[:, 0] + near_by[:, 1] / 8  # an inverse that is not mostly diagonal
    yield near_by, 0.125, Tall
    for n, ridge in ((4, 0.0), (7, 0.0), (4, 1e-18)):
        X = generator.standard_normal((n, 5))
        X[1] = X[0]
        X[2:5] = X[2:3] - X[0]  # two directions, or the few that n rows leave
        yield X, ridge, Safe
    empty = generator.standard_normal((6, 5))
    empty[:, 2] = 0.0
    yield empty, 0.0, Safe


@AS_SWEPT.below("factors", note="ten designs of 5 modes", but={"another ridge": {"more": 1e-3}})
def factors(digits: int, more: float = 0.0) -> Pairs:
    """Wide, tall and safe routes; condition numbers; a safe factor of a good design."""
    for X, ridge, route in designs():
        space = Workspace(5, len(X))
        space.rows[:] = X
        factor, safe = factorise(space, ridge)
        yield from agree([type(factor), safe], [route, route is Safe])
        small = ridge if ridge > 1e-9 else 0.0
        A = student(X, small + more)
        s = np.linalg.svd(X)[1]
        if route is Safe:
            full = (s > 1e-12 * s[0]).all()
            yield from agree([np.isinf(factor.condition)], [not full])
        else:
            K = X @ X.T if len(X) < 5 else X.T @ X
            K = K + ridge * np.eye(len(K))
            scale = np.ones(len(K)) if route is Wide else np.sqrt(np.diag(K))
            K = K / np.outer(scale, scale)
            solved = np.linalg.norm(np.linalg.solve(K, space.probe))
            yield from near([factor.condition], [np.trace(K) * solved], 1e-7)
        yield from compared(factor, A @ X, A)
        if route is not Safe:
            yield from compared(Safe(X, ridge), A @ X, A)
            square = (s[0] / s[min(len(X), 5) - 1]) ** 2
            yield from near([Safe(X, ridge).condition], [square])
    # weights that leave one direction of three: no root of the middle, and the long way round
    space = Workspace(5, 3)
    space.rows[:] = np.eye(3, 5) + 0.25 * np.eye(3, 5, 1)
    A = student(space.rows.copy(), 0.0)
    P, uneven = A @ space.rows, np.array([1.0, 1e-180, 1e-180, 1e-180, 1e-180])
    told = factorise(space, 0.0)[0].transfer(uneven)
    for found, true in zip(
        told, (np.diag(P), uneven @ P**2, uneven @ np.diag(A @ A.T)), strict=True
    ):
        yield from near(found, true)


@AS_SWEPT.below("random features", note="n below, at, above q", but={"ridge": {"more": 1e-3}})
def features(digits: int, more: float = 0.0) -> Pairs:
    """Wide, tall and safe routes of a student that sees random features."""
    generator = np.random.default_rng(6)
    for n, q, ridge, twice in (
        (3, 4, 0.0, False),
        (3, 8, 0.5, False),
        (6, 4, 0.0, False),
        (6, 4, 0.5, False),
        (4, 4, 0.25, False),
        (4, 6, 0.0, True),
        (3, 2, 0.0, False),
    ):
        space = FeatureWorkspace(5, n, q)
        layer = np.random.default_rng(n)
        space.draw_layer(layer)
        W = np.random.default_rng(n).standard_normal((q, 5)) / q**0.5
        yield from near(space.layer, W)
        X = generator.standard_normal((n, 5))
        if twice:
            X[1] = X[0]
        space.rows[:] = X
        factor, safe = factorise_features(space, ridge)
        yield from agree([safe], [twice])
        Z = X @ W.T
        A = W.T @ student(Z, ridge + more)
        if not safe:
            K = (Z @ Z.T if n < q else Z.T @ Z) + ridge * np.eye(min(n, q))
            solved = np.linalg.norm(np.linalg.solve(K, space.probe))
            yield from near([factor.condition], [np.trace(K) * solved], 1e-7)
        yield from compared(factor, A @ X, A)


def grid_of(ridge: str = "1/2") -> list[Point]:
    """Six points: two exponents beside two n, one of them twice."""
    return points(
        {
            "p": [6],
            "alpha": ["1"],
            "beta": ["3/2", 0.5],
            "n": [2, 4.0, 2],
            "ridge": [ridge],
            "noise_variance": ["0.25"],
        }
    )


@AS_SWEPT.below(
    "grid",
    note="points, their tasks, a file",
    but={"no ridge": {"ridge": "0"}},
)
def grid(digits: int, ridge: str = "1/2") -> Pairs:
    """Points in their order; labels of a point's students; what a TOML file says."""
    made = grid_of(ridge)
    yield from agree(
        [(one.beta, one.n) for one in made], [("3/2", 2), ("3/2", 4), ("1/2", 2), ("1/2", 4)]
    )
    lam = np.arange(1, 7) ** -1.0
    for one, exponent in zip(made, (1.5, 1.5, 0.5, 0.5), strict=True):
        beta = np.sqrt(np.arange(1, 7) ** -exponent / lam)
        true = Written(lam.tolist(), beta.tolist(), one.n, 0.5)
        gains = np.array([float(gain) for gain in true.gains])
        labels = [beta, beta * gains, beta * np.array(true.kept)]
        task = one.task(9)
        yield from near(task.starts, np.stack(labels, axis=1))
        yield from near([task.weights, task.beta_star], [lam, beta])
        (stage,) = task.stages
        yield from near(
            [stage.n, stage.noise_variance, stage.ridge, task.seed], [one.n, 0.25, 0.5, 9]
        )
        yield from agree(
            [task.flipped, task.design.name, one.settings()["n"]], [1, "gaussian", one.n]
        )
    (one,) = points({"p": [9], "alpha": ["3"], "beta": ["2"], "n": [3], "ridge": ["1/50"]})
    lam, beta = np.arange(1, 10) ** -3.0, np.sqrt(np.arange(1, 10) * 1.0)
    kept = Written(lam.tolist(), beta.tolist(), 3, 0.02).kept
    yield from agree([0 < sum(kept) < 9], [True])
    yield from near(one.task(0).starts[:, 2], beta * np.array(kept))
    plain = theory.optimal_mask(made[0].problem(), 2, 0.0)
    yield from agree([(plain == (made[0].task(0).starts[:, 2] != 0)).all()], [False])
    axes: dict[str, list[Any]] = {"p": [5], "alpha": ["2"], "beta": ["1"], "n": [3], "m": [4]}
    axes |= {"source_noise_variance": ["1/8"], "source_ridge": ["1/4"], "ridge": ["3/4"]}
    axes |= {"noise_variance": ["3/8"], "design": ["student"], "student_df": ["9"]}
    for source in (None, "1"):
        (one,) = points(axes | ({"source_alpha": [source]} if source else {}))
        task = one.task(1)
        first, last = task.stages
        lam = np.arange(1, 6) ** -2.0
        yield from near(first.eigenvalues, np.arange(1, 6) ** -1.0 if source else lam)
        yield from near(last.eigenvalues, lam)
        yield from near([first.n, first.noise_variance, first.ridge], [4, 0.125, 0.25])
        yield from near([last.n, last.noise_variance, last.ridge], [3, 0.375, 0.75])
        yield from near(task.starts[:, 0], np.sqrt(np.arange(1, 6) ** -1.0 / lam))
        yield from agree([task.design.law, task.design.student_df], ["student", 9.0])
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "grid.toml"
        file.write_text('[grid]\np = 5\nalpha = [1.1, "2"]\nn = [3, 4]\n[run]\ntrials = 7\n')
        found, run = from_toml(file)
        yield from agree(found.items(), [("p", [5]), ("alpha", ["1.1", "2"]), ("n", [3, 4])])
        yield from agree(run.items(), [("trials", 7)])


@AS_SWEPT.below("tasks", note="sizes, keys, blocks", but={"one row more": {"more": 1}})
def tasks(digits: int, more: int = 0) -> Pairs:
    """Work and blocks of a task; keys differ where a result could; whose law a chain is."""
    for r, n, q in ((900, 300, None), (200, 700, None), (300, 400, 500), (300, 500, 400)):
        stage = ModalStage(np.ones(r), n + more, features=q)
        small = min(n, r if q is None else q)
        work = max(r, n) * small**2 + 50 * r * n
        held = 8 * (3 * r * n + 3 * small**2)
        if q is not None:
            work = r * (2 * n * q + 4 * small**2) + 50 * r * (n + q)
            held = 8 * (r * (n + q + 3 * small) + 2 * n * q + 4 * small**2)
        yield from near([stage.work, stage.workspace_bytes], [work, held])
        task = replace(engine.build_task(SMALL, [Stage(2)]), stages=(stage,), flipped=0)
        full = min(max(int(BLOCK_WORK // work), 1), 256)
        yield from agree([task.block_trials], [full])
        wanted = 2 * full + 1
        blocks = [Block(0, full), Block(1, full), Block(2, 1)]
        yield from agree(task.blocks(wanted), blocks)
        yield from agree(task.blocks(full), blocks[:1])
        columns = 8 * 4 * 3 * full + held + 8 * 3 * 3
        yield from near([task.bytes_needed()], [columns])
        noisy = replace(task, stages=(replace(stage, noise_variance=0.5),))
        yield from near([noisy.bytes_needed()], [columns + 8 * 3 * 3 * n])
    links = [Stage(4, SOURCE, 0.25, 0.5), Stage(2, None, 0.5, 0.125)]
    options: dict[str, Any] = {"trials": 3, "reduction": "none", "seed": 2, "keep_trials": True}
    chain = engine.chain(SMALL, links, **options)
    pair = engine.two_stage(SMALL, SOURCE, 4, 2, 0.25, 0.5, 0.5, 0.125, **options)
    yield from near(pair.raw, chain.raw)
    shift = engine.covariate_shift(SMALL, SOURCE, 4, 0.25, 0.5, **options)
    alone = engine.chain(SMALL, links[:1], **options)
    yield from near(shift.raw, alone.raw)
    seen = engine.two_stage(SMALL, None, 4, 2, 0.25, 0.5, 0.0, 0.0, 5, 6, **options)
    of_features = [Stage(4, None, 0.25, 0.0, 5), Stage(2, None, 0.5, 0.0, 6)]
    yield from near(seen.raw, engine.chain(SMALL, of_features, **options).raw)
    base = engine.build_task(SMALL, links, seed=2, reduction="none")
    first, last = base.stages
    assert first.into_modes is not None
    others: list[Task] = [
        replace(base, seed=3),
        replace(base, weights=base.weights * 2),
        replace(base, beta_star=base.beta_star * 2),
        replace(base, starts=base.starts * 2),
        replace(base, flipped=1),
        replace(base, transfer=True),
        replace(base, sampled_noise=True),
        replace(base, fingerprint="ab"),
        replace(base, design=replace(base.design, law="uniform")),
        replace(base, design=replace(base.design, law="student")),
        replace(base, design=replace(base.design, law="student", student_df=9.0)),
        replace(base, backend="torch"),
        replace(base, device="cuda"),
        *(
            replace(base, stages=(replace(first, **change), last))
            for change in (
                {"n": 5},
                {"noise_variance": 0.5},
                {"ridge": 0.75},
                {"features": 7},
                {"eigenvalues": first.eigenvalues * 2},
                {"into_modes": first.into_modes * 2},
                {"entries": np.eye(3)},
            )
        ),
    ]
    again = engine.build_task(SMALL, links, seed=2, reduction="none")
    yield from agree([again.key, len({base.key, *(one.key for one in others)})], [base.key, 21])
    values = np.arange(12.0).reshape(4, 3) ** 2
    turned = kd.Problem(
        kd.Spectrum(np.array([2.0, 1.0]), np.array([[0.6, -0.8], [0.8, 0.6]])), np.ones(2)
    )
    for design, flips in (("rademacher", 0), ("exponential", 0), ("gaussian", 2)):
        two = engine.build_task(turned, [Stage(3, None, 0.5), Stage(2)], design=design)
        yield from agree([two.flipped], [flips])
    of_data = engine.build_task(SMALL, [Stage(3)], design=TWICE).design.rows
    yield from near(of_data, TWICE @ SMALL.spectrum.from_modes(np.eye(3)))
    both = RunningMoments.of(values[:3]).merged(RunningMoments.of(values[3:]))
    yield from near(both.mean, values.mean(axis=0))
    yield from near(both.squares, values.var(axis=0) * 4)


@AS_SWEPT.below("sweep", note="four points, in two goes", but={"another seed": {"seed": 6}})
def swept(digits: int, seed: int = 5) -> Pairs:
    """A sweep is its tasks, run one by one; what a store holds is not run again."""
    grid = grid_of()[:2]
    told: list[sweep.Plan] = []
    steps: list[tuple[int, int]] = []
    with tempfile.TemporaryDirectory() as place, Store(Path(place) / "store") as store:
        for trials, new, reused in ((256, 512, 0), (258, 4, 512), (258, 0, 516)):
            found = sweep.sweep(
                grid,
                store,
                trials,
                seed,
                announce=told.append,
                progress=lambda done, todo: steps.append((done, todo)),
            )
            plan = told[-1]
            yield from agree([plan.trials, plan.new, plan.reused], [2 * trials, new, reused])
        yield from agree(steps, [(256, 512), (512, 512), (2, 4), (4, 4)])
        for point, result in zip(grid, found, strict=True):
            task = point.task(5)
            alone = engine.run_task(task, 258)
            yield from near(result.means, alone.means)
            yield from near(result.standard_errors, alone.standard_errors)
            yield from near(result.transfer_mean, alone.transfer_mean)
            yield from agree([result.trials], [258])
            key, block = sweep._keyed(("key", task, Block(1, 4)))
            yield from agree([key, block.index, len(block.risks)], ["key", 1, 4])
        first, second = (sweep.store_key(point.task(5)) for point in grid[:2])
        yield from agree([first == second, formula_version() in first], [False, True])


@AS_SWEPT.identity("a row twice", note="two rows", but={"counted once": {"weight": 1}})
def twice(weight: int = 2) -> tuple[Any, Any]:
    """`formulas.noise_taken`: two equal rows answer to noise as one of twice the square."""
    s, d = sympy.symbols("s d", positive=True)
    alone = s / (2 * s**2 + d)
    return f.noise_taken(weight * s**2, d), 2 * alone**2
