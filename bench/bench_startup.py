"""Start-up: `import kdverify` and `kdverify --help` beside an empty Python, fresh processes."""

from __future__ import annotations

import subprocess
import sys

from bench.timing import best, print_table

COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "import kdverify": ["-c", "import kdverify"],
    "kdverify --help": ["-m", "kdverify", "--help"],
    "kdverify risk --help": ["-m", "kdverify", "risk", "--help"],
}
REPEATS = 20
#: What a person does not notice, seconds.
TARGET = 0.25


def seconds(arguments: list[str]) -> float:
    """The fastest of `REPEATS` fresh processes."""
    command = [sys.executable, *arguments]
    return best(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL), REPEATS, 10)


def main() -> None:
    """One line per command, all of the same run."""
    taken = {name: seconds(arguments) for name, arguments in COMMANDS.items()}
    empty = taken["python -c pass"]
    rows = [
        [name, f"{s * 1e3:.0f}", f"{s / empty:.1f}", "yes" if s < TARGET else "NO"]
        for name, s in taken.items()
    ]
    print_table(
        f"fresh processes, fastest of {REPEATS}",
        ["command", "ms", "empty Pythons", f"under {TARGET} s"],
        rows,
    )


if __name__ == "__main__":
    main()
