"""Run every benchmark, or those whose name contains one of the words given.

python -m bench            # all
python -m bench solver     # one
"""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path

# One BLAS thread, here and in every peer; must be set before NumPy is loaded.
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"


def main(words: list[str]) -> int:
    """Import and run the chosen benchmarks; 2 if there is none."""
    names = sorted(f.stem for f in Path(__file__).parent.glob("bench_*.py"))
    chosen = [n for n in names if not words or any(w in n for w in words)]
    if not chosen:
        print(f"bench: no benchmark matches {words}; there are {', '.join(names)}", file=sys.stderr)
        return 2
    for name in chosen:
        print(f"\n== {name}")
        importlib.import_module(f"bench.{name}").main()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
