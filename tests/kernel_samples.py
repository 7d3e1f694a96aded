"""What the tests of kernel evidence share: Coq, or the reason why a test does not run."""

from __future__ import annotations

import os
import shutil

import pytest

from kdverify.evidence.kernel.coqc import INSTALL

REQUIRED = os.environ.get("KDVERIFY_REQUIRE_COQ") == "1"

#: Without Coq these tests say "not run"; where it is required they fail.
needs_coq = pytest.mark.skipif(
    shutil.which("coqc") is None and not REQUIRED, reason=f"not run: Coq is missing: {INSTALL}"
)
