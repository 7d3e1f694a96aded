"""Where results go: closed, full and narrow-minded outputs, pipes, links, devices."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading

import numpy as np
import pytest
from command_line import ROOT

RISK = ("risk", "--alpha", "2", "--beta", "1.5", "-p", "30", "-n", "5,10")


def shell(folder, command, **environment):
    """A command line for bash, in which kdverify stands for the program."""
    finished = subprocess.run(
        ["bash", "-c", f'kdverify() {{ "{sys.executable}" -m kdverify "$@"; }}; {command}'],
        cwd=folder,
        capture_output=True,
        env=os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "80"} | environment,
        check=False,
    )
    return finished.returncode, finished.stdout, finished.stderr


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "cp437", "utf-16"])
def test_letters_that_an_encoding_lacks_are_spelt_out(tmp_path, encoding):
    code, out, err = shell(tmp_path, f"kdverify {' '.join(RISK)}", PYTHONIOENCODING=encoding)
    assert (code, err.decode(encoding)) == (0, "")
    lines = out.decode(encoding).splitlines()
    if encoding in ("ascii", "latin-1", "cp1252"):
        assert lines[0] == "excess risk: p=30, alpha=2, beta=1.5, noise variance 0, ridge 0"
        assert lines[2].split()[:3] == ["n", "tau", "Omega"]
    assert len({len(line) for line in lines[1:5]}) == 1  # columns still stand below their names


@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
def test_json_on_standard_output_is_json_in_any_encoding(tmp_path, encoding):
    (tmp_path / "é.npy").write_bytes(b"")
    code, out, err = shell(
        tmp_path, f"kdverify {' '.join(RISK)} --json -", PYTHONIOENCODING=encoding
    )
    assert code == 0, err
    assert json.loads(out.decode(encoding))["rows"][0]["n"] == 5
    code, out, err = shell(
        tmp_path, "kdverify risk --spectrum é.npy -n 5", PYTHONIOENCODING=encoding
    )
    assert (code, err.decode(encoding).count("\n")) == (2, 1)


def test_a_closed_standard_output(tmp_path):
    command = f"kdverify {' '.join(RISK)} --json j.json"
    for closed in (">&-", ">&- 2>&-"):
        code, _, err = shell(tmp_path, f"{command} {closed}")
        assert (code, err) == (0, b"")
        assert len(json.loads((tmp_path / "j.json").read_text())["rows"]) == 2
        (tmp_path / "j.json").unlink()
    code, _, err = shell(tmp_path, f"kdverify {' '.join(RISK)} --json - >&-")
    assert code == 2
    assert err == b"kdverify: error: json='-' must not be: standard output is closed\n"
    assert shell(tmp_path, "kdverify --version >&-")[0] == 0


def test_files_are_written_before_the_reader_of_the_table_leaves(tmp_path):
    code, _, err = shell(
        tmp_path, f"set -o pipefail; kdverify {' '.join(RISK)} --json j.json | true"
    )
    assert (code in (0, 141), err) == (True, b"")
    assert len(json.loads((tmp_path / "j.json").read_text())["rows"]) == 2


def test_a_full_standard_output(tmp_path):
    code, _, err = shell(tmp_path, f"kdverify {' '.join(RISK)} --json j.json > /dev/full")
    assert code == 2
    assert b"No space left on device" in err
    assert (tmp_path / "j.json").exists()


@pytest.fixture
def full(tmp_path):
    """A folder on a disk with 8 KiB left, if one can be mounted here."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        mounted = False
    if not mounted:
        pytest.skip("not run: no file system can be mounted here")
    (folder / "filler").write_bytes(bytes(56 * 1024))
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize(
    "arguments",
    [
        (*RISK, "--plot", "a.png"),
        (*RISK, "-n", "5:3000:1", "--ridge", "1", "--json", "a.json"),
        ("figure", "figure_1a", "--out", "."),
        ("features", "../t.npz", "-n", "2", "--repetitions", "2", "--html", "a.html"),
    ],
)
def test_a_full_disk_is_one_line_and_leaves_nothing_behind(full, arguments):
    X = np.random.default_rng(0).standard_normal((60, 4))
    np.savez(full.parent / "t.npz", X=X, y=X[:, 0])
    code, _, err = shell(full, f"kdverify -q {' '.join(arguments)}")
    assert code == 2, err
    assert err.decode().count("\n") == 1
    assert b"No space left on device: '" in err
    assert [file.name for file in full.iterdir()] == ["filler"]


def test_a_store_on_a_full_disk(full):
    command = "sweep s.sqlite -a p=9 -a alpha=2 -a beta=1.5 -a n=3 --trials 2"
    code, _, err = shell(full, f"kdverify -q {command}")
    assert (code, err.count(b"\n")) == (2, 1)
    assert b"database or disk is full" in err


def test_folders_where_files_are_expected_and_the_other_way(kdverify, tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("x")
    sweep = ("sweep", "s.sqlite", "-a", "p=9", "-a", "alpha=2", "-a", "beta=1.5", "-a", "n=3")
    for arguments, message in (
        ((*RISK, "--json", "folder"), "json='folder' must be a file, not a folder"),
        ((*RISK, "--json", "file/a.json"), "json='file/a.json' must lie in a folder"),
        ((*RISK, "--plot", "file/a.png"), "plot='file/a.png' must lie in a folder"),
        ((*sweep, "--csv", "folder"), "csv='folder' must be a file, not a folder"),
        (("sweep", "folder", *sweep[2:]), "store='folder' must be a file, not a folder"),
        (("figure", "figure_1a", "--out", "file"), "out='file' must be a folder"),
        (("verify", "-k", "1.unique", "--smt-dir", "file"), "smt_dir='file' must be a folder"),
    ):
        finished = kdverify(*arguments)
        assert (finished.code, finished.err.count("\n")) == (2, 1), arguments
        assert message in finished.err


def test_folders_of_results_are_made(kdverify, tmp_path):
    X = np.random.default_rng(0).standard_normal((60, 4))
    np.savez(tmp_path / "t.npz", X=X, y=X[:, 0])
    np.savez(
        tmp_path / "few.npz", X=X, y=np.where(np.arange(60) < 40, X[:, 0] + X[:, 1] ** 2, np.nan)
    )
    model = ("--alpha", "2", "--beta", "1.5", "-p", "30", "-n", "5")
    axes = ("-a", "p=9", "-a", "alpha=2", "-a", "beta=1.5", "-a", "n=3,4", "--trials", "2")
    mixed = (*model[:-2], "--real", "5,7", "--pseudo", "5,9", "-m", "5")
    features = ("features", "t.npz", "-n", "2", "--repetitions", "2")
    for number, (arguments, options) in enumerate((
        (("risk", *model), ("json", "plot")),
        (("surrogate", *model), ("json", "plot")),
        (("scaling", *model[:4]), ("json",)),
        (("simulate", *model, "--trials", "2"), ("json",)),
        (("mix", *mixed), ("json", "plot")),
        (("sweep", "new/place/s.sqlite", *axes), ("json", "csv", "plot")),
        (features, ("json", "plot", "html")),
        (("labels", "few.npz", "-n", "44", "--draws", "4"), ("json", "plot", "html")),
        (("verify", "-k", "1.unique", "-j", "1"), ("json", "html")),
    )):  # fmt: skip
        ending = {"plot": "png"}
        files = [f"to/{number}/be/made.{ending.get(one, one)}" for one in options]
        given = [text for pair in zip(options, files, strict=True) for text in pair]
        named = [f"--{text}" if k % 2 == 0 else text for k, text in enumerate(given)]
        finished = kdverify(*arguments, *named)
        assert finished.code == 0, (arguments, finished.err)
        assert all((tmp_path / file).stat().st_size > 0 for file in files)
    assert (tmp_path / "new" / "place" / "s.sqlite").exists()


def test_a_pipe_a_device_and_a_link_stay_what_they_are(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    read = []
    reader = threading.Thread(target=lambda: read.append((tmp_path / "pipe").read_text()))
    reader.start()
    assert shell(tmp_path, f"kdverify {' '.join(RISK)} --json pipe")[0] == 0
    reader.join()
    assert len(json.loads(read[0])["rows"]) == 2
    (tmp_path / "real.json").write_text("old")
    (tmp_path / "real.json").chmod(0o640)
    (tmp_path / "link.json").symlink_to("real.json")
    assert shell(tmp_path, f"kdverify {' '.join(RISK)} --json link.json")[0] == 0
    assert (tmp_path / "link.json").is_symlink()
    assert json.loads((tmp_path / "real.json").read_text())["command"] == "risk"
    assert (tmp_path / "real.json").stat().st_mode & 0o777 == 0o640
    code, out, err = shell(tmp_path, f"kdverify -q {' '.join(RISK)} --json /dev/stdout")
    assert (code, json.loads(out)["command"]) == (0, "risk"), err
    code, out, err = shell(tmp_path, f"kdverify -q {' '.join(RISK)} --json >(cat)")
    assert code == 0, err


def test_a_table_on_standard_output(tmp_path):
    sweep = "kdverify sweep s.sqlite -a p=9 -a alpha=2 -a beta=1.5 -a n=3 --trials 2"
    code, out, err = shell(tmp_path, f"{sweep} --csv -")
    assert code == 0
    assert out.decode().splitlines()[0].startswith("p,alpha,beta,n,")
    assert b"excess risk" in err  # the table for people
    assert not (tmp_path / "-").exists()
    code, out, err = shell(tmp_path, f"{sweep} --csv - --json -")
    assert code == 2
    assert b"only one result must go to standard output" in err


def test_a_page_does_not_go_to_standard_output(kdverify):
    finished = kdverify("features", "x.npz", "--html", "-")
    assert (finished.code, "html='-' must be a file" in finished.err) == (2, True)


def test_results_do_not_overwrite_what_is_read_or_each_other(kdverify, tmp_path):
    sweep = ("sweep", "s.sqlite", "-a", "p=9", "-a", "alpha=2", "-a", "beta=1.5", "-a", "n=3")
    assert kdverify(*sweep, "--trials", "2").code == 0
    X = np.random.default_rng(0).standard_normal((60, 4))
    np.savez(tmp_path / "t.npz", X=X, y=X[:, 0])
    np.save(tmp_path / "t.npy", X[:, 0])
    (tmp_path / "link").symlink_to("s.sqlite")
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    features = ("features", "t.npz", "-n", "2")
    for arguments, message in (
        ((*sweep, "--json", "s.sqlite"), "json='s.sqlite' must be another file than store="),
        ((*sweep, "--csv", "./s.sqlite"), "csv='./s.sqlite' must be another file than store="),
        ((*sweep, "--csv", "link"), "csv='link' must be another file than store='s.sqlite'"),
        ((*features, "--json", "t.npz"), "json='t.npz' must be another file than features="),
        (
            (*features, "--teacher", "strong", "--teacher", "t.npy", "--html", "t.npy"),
            "html='t.npy' must be another file than teacher='t.npy'",
        ),
        (
            (*features, "--json", "new", "--html", "./new"),
            "json='new' must be another file than html",
        ),
        (
            (*RISK, "--json", "a.png", "--plot", "a.png"),
            "json='a.png' must be another file than plot",
        ),
    ):
        finished = kdverify(*arguments)
        assert (finished.code, finished.err.count("\n")) == (2, 1), arguments
        assert message in finished.err
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before
    assert kdverify(*RISK, "--json", "/dev/null", "--plot", "a.png").code == 0
