"""Where results go: closed, full and narrow-minded outputs, pipes, links, devices."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading

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
