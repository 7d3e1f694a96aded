"""Prints claims for a reader and runs them, here: ``python -m proofs -k 3.optimal``."""

from pathlib import Path

from kdverify.verify import collect, run_as_script

if __name__ == "__main__":
    raise SystemExit(run_as_script(collect([Path(__file__).parent])))
