"""Sweeps: nothing is lost, nothing depends on how the work was done."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from command_line import HANGS, ROOT

from kdverify.simulation import grid, sweep
from kdverify.simulation import store as store_module
from kdverify.simulation.block import run_block
from kdverify.simulation.store import Store, pack, unpack
from kdverify.simulation.task import Block

AXES = {
    "p": [60],
    "alpha": ["2"],
    "beta": ["1.5"],
    "n": [15, 30],
    "m": [20],
    "noise_variance": ["0", "0.1"],
}
TRIALS = 600


def run(path: Path, **options) -> list:
    with Store(path) as store:
        return sweep.sweep(grid.points(AXES), store, trials=TRIALS, **options)


def same(left: list, right: list) -> bool:
    return all(
        np.array_equal(a.stage_means, b.stage_means)
        and np.array_equal(a.stage_standard_errors, b.stage_standard_errors)
        for a, b in zip(left, right, strict=True)
    )


@pytest.fixture(scope="module")
def reference(tmp_path_factory) -> list:
    return run(tmp_path_factory.mktemp("sweep") / "reference.sqlite")


def test_two_workers_give_the_same_bits(tmp_path, reference):
    assert same(run(tmp_path / "s.sqlite", workers=2), reference)


def test_another_seed_gives_others(tmp_path, reference):
    assert not same(run(tmp_path / "s.sqlite", seed=1), reference)


def test_finished_work_is_reused_and_more_trials_only_add(tmp_path, reference):
    plans = []
    path = tmp_path / "s.sqlite"
    run(path, announce=plans.append)
    again = run(path, announce=plans.append)
    with Store(path) as store:
        sweep.sweep(grid.points(AXES), store, trials=2 * TRIALS, announce=plans.append)
    assert same(again, reference)
    assert [(p.reused, p.new) for p in plans[:2]] == [(0, 4 * TRIALS), (4 * TRIALS, 0)]
    assert 0 < plans[2].reused < 4 * TRIALS + 1
    assert plans[2].reused + plans[2].new == plans[2].trials == 8 * TRIALS


SCRIPT = """
import sys
from kdverify.simulation import grid, store, sweep
axes = {axes!r}
blocks = []
def wait_to_be_killed(done, todo):
    blocks.append(done)
    if len(blocks) == 2:
        sys.stdin.read()
with store.Store(sys.argv[1]) as s:
    sweep.sweep(grid.points(axes), s, trials={trials}, progress=wait_to_be_killed)
"""


def test_killed_and_resumed_equals_uninterrupted(tmp_path, reference):
    path = tmp_path / "s.sqlite"
    code = SCRIPT.format(axes=AXES, trials=TRIALS)
    process = subprocess.Popen([sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE)
    try:
        deadline = time.monotonic() + HANGS
        while blocks_in(path) < 2:
            assert process.poll() is None, "the sweep ended before it could be killed"
            assert time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    before = blocks_in(path)
    plans = []
    resumed = run(path, announce=plans.append)
    assert before >= 2
    assert plans[0].reused > 0
    assert plans[0].new > 0
    assert same(resumed, reference)


def blocks_in(path: Path) -> int:
    if not path.exists():
        return 0
    db = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
    try:
        return db.execute("SELECT count(*) FROM blocks").fetchone()[0]
    except sqlite3.OperationalError:  # not made yet
        return 0
    finally:
        db.close()


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGKILL])
def test_workers_end_with_the_sweep(tmp_path, sent):
    """Standard output is at its end when the last process that holds it has ended."""
    command = [sys.executable, "-m", "kdverify", "sweep", "s.sqlite", "-j", "2"]
    for axis in (
        "p=400",
        "alpha=2",
        "beta=1.5",
        "n=200",
        "m=" + ",".join(map(str, range(20, 220))),
    ):
        command += ["-a", axis]
    process = subprocess.Popen(
        [*command, "--trials", "400"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    while not blocks_in(tmp_path / "s.sqlite"):
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(sent)
    process.communicate(timeout=HANGS)
    assert process.returncode == -sent
    with Store(tmp_path / "s.sqlite"):  # it is whole
        pass


PAIR = """
import sys
from kdverify.simulation.store import Store
for path in sys.argv[1:]:
    with Store(path) as store:
        store.describe("task", {})
"""


def test_many_may_make_one_store_at_once(tmp_path):
    paths = [str(tmp_path / f"{k}.sqlite") for k in range(25)]
    started = [
        subprocess.Popen([sys.executable, "-c", PAIR, *paths], stderr=subprocess.PIPE)
        for _ in range(4)
    ]
    for process in started:
        _, errors = process.communicate(timeout=HANGS)
        assert (process.returncode, errors) == (0, b"")


def test_an_empty_database_becomes_a_store(tmp_path):
    sqlite3.connect(tmp_path / "s.sqlite").execute("PRAGMA journal_mode=WAL")
    with Store(tmp_path / "s.sqlite") as store:
        store.describe("task", {})


def test_a_store_that_another_program_locks(tmp_path, monkeypatch):
    path = tmp_path / "s.sqlite"
    with Store(path) as store:
        monkeypatch.setattr(store_module, "PATIENCE", 0.1)
        store._db.execute("PRAGMA busy_timeout=10")
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(ValueError, match="must be readable and writable: database is locked"):
            store.describe("task", {})
        other.execute("ROLLBACK")
        store.describe("task", {})


def test_a_full_disk_loses_nothing_that_was_finished(tmp_path):
    path = tmp_path / "s.sqlite"
    with Store(path) as store:
        (pages,) = store._db.execute("PRAGMA page_count").fetchone()
        store._db.execute(f"PRAGMA max_page_count={pages + 1}")
        kept, problem = 0, None
        while problem is None:
            try:
                store.describe(f"task {kept}", {"n": kept})
                kept += 1
            except ValueError as error:
                problem = error
    assert re.search("database or disk is full; what was finished before is in it", str(problem))
    db = sqlite3.connect(path)
    assert db.execute("SELECT count(*) FROM tasks").fetchone()[0] == kept > 0
    db.close()


def test_a_store_that_cannot_be_written(tmp_path):
    path = tmp_path / "s.sqlite"
    with Store(path):
        pass
    with Store(path) as store:
        store._db.execute("PRAGMA query_only=1")
        with pytest.raises(ValueError, match="attempt to write a readonly database"):
            store.describe("task", {})


def test_dask_cluster_survives_the_death_of_a_worker(tmp_path, reference, monkeypatch):
    from distributed import LocalCluster

    monkeypatch.setattr(sweep, "CONNECT_SECONDS", HANGS)

    with LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address=None,
    ) as cluster:
        victim = cluster.workers[0].process.pid
        killed = []

        def kill_once(done: int, todo: int) -> None:
            if not killed:
                os.kill(victim, signal.SIGKILL)
                killed.append(victim)

        found = run(tmp_path / "s.sqlite", scheduler=cluster.scheduler_address, progress=kill_once)
    assert killed == [victim]
    assert same(found, reference)


def test_unreachable_scheduler_is_a_clear_error(tmp_path, monkeypatch):
    monkeypatch.setattr(sweep, "CONNECT_SECONDS", 0.5)
    with pytest.raises(ValueError, match="scheduler='tcp://127.0.0.1:9' must be the address"):
        run(tmp_path / "s.sqlite", scheduler="tcp://127.0.0.1:9")


def test_blocks_survive_packing():
    task = grid.points({**AXES, "n": [15], "noise_variance": ["0.1"]})[0].task(seed=3)
    block = run_block(task, Block(0, 5))
    back = unpack(pack(block))
    assert back.index == 0
    assert np.array_equal(back.risks, block.risks)
    assert back.transfer_energy is not None
    assert np.array_equal(back.transfer_energy.squares, block.transfer_energy.squares)
    assert (back.safe, back.condition) == (block.safe, block.condition)


def damaged(path: Path) -> None:
    with Store(path) as store:
        sweep.sweep(grid.points({**AXES, "m": [20, 25]}), store, trials=TRIALS)
    content = bytearray(path.read_bytes())
    for page in range(1, len(content) // 4096):
        content[page * 4096 : page * 4096 + 64] = b"\xff" * 64
    path.write_bytes(content)


def foreign(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE theirs (x)")
    db.commit()
    db.close()


def later_schema(path: Path) -> None:
    Store(path).__exit__(None, None, None)
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 99")
    db.commit()
    db.close()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda path: path.write_text("not a database, but long enough to have a header" * 40),
            "cannot be read as one",
        ),
        (damaged, "damaged|cannot be read"),
        (foreign, "another program's database"),
        (later_schema, "must have schema 1, but it has 99"),
    ],
)
def test_a_file_that_is_no_store_is_left_untouched(tmp_path, make, message):
    path = tmp_path / "s.sqlite"
    make(path)
    before = path.read_bytes()
    with pytest.raises(ValueError, match=message):
        Store(path)
    assert path.read_bytes() == before


def test_store_in_a_missing_folder(tmp_path):
    with Store(tmp_path / "missing" / "s.sqlite"):
        assert (tmp_path / "missing" / "s.sqlite").exists()
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match="must lie in a folder that can be written to"):
        Store(tmp_path / "file" / "s.sqlite")


@pytest.mark.parametrize(
    ("axes", "message"),
    [
        ({**AXES, "n": []}, "grid axis 'n' must not be empty: the grid would have size zero"),
        ({"p": [10], "alpha": ["2"], "beta": ["2"]}, "grid axis 'n' must be given"),
        ({**AXES, "q": [1]}, "grid axis 'q' must be one of"),
        ({**AXES, "n": [0]}, "n=0 must be at least 1"),
        ({**AXES, "n": ["2.5"]}, "must be a whole number"),
        ({**AXES, "m": [-3]}, "m=-3 must be at least 1"),
        ({**AXES, "noise_variance": ["-1"]}, "noise_variance=.* must not be negative"),
        ({**AXES, "alpha": ["0"]}, "alpha=.* must be positive"),
        ({**AXES, "alpha": ["two"]}, "alpha='two' must be a decimal number"),
        ({**AXES, "design": ["cauchy"]}, "design='cauchy' must be one of"),
    ],
)
def test_bad_grids(axes, message):
    with pytest.raises(ValueError, match=message):
        grid.points(axes)


def test_repeated_points_are_one():
    assert len(grid.points({**AXES, "n": [15, 15, "15.0"]})) == 2


def test_toml(tmp_path):
    file = tmp_path / "grid.toml"
    file.write_text(
        '[grid]\np = 60\nalpha = "2"\nbeta = [1.5]\nn = [15, 30]\nm = 20\n'
        'noise_variance = ["0", 0.1]\n[run]\ntrials = 600\nseed = 7\n'
    )
    axes, options = grid.from_toml(file)
    assert grid.points(axes) == grid.points(AXES)
    assert options == {"trials": 600, "seed": 7}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[grid\n", "must be a TOML file"),
        ("[axes]\np = 1\n", r"must have the table \[grid\]"),
        ("[grid]\np = 1\n[run]\nworkers = 2\n", "must hold only trials and seed"),
    ],
)
def test_bad_toml(tmp_path, text, message):
    file = tmp_path / "grid.toml"
    file.write_text(text)
    with pytest.raises(ValueError, match=message):
        grid.from_toml(file)


def test_memory_that_does_not_fit_is_told_before_work(tmp_path):
    axes = {"p": [300_000], "alpha": ["2"], "beta": ["1.5"], "n": [200_000]}
    with (
        Store(tmp_path / "s.sqlite") as store,
        pytest.raises(ValueError, match="must fit into memory: about .* GiB of arrays are needed"),
    ):
        sweep.sweep(grid.points(axes), store)
