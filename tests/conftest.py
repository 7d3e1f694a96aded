"""Hypothesis profiles: dev (quick), ci (the same examples every time), nightly (many)."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
settings.register_profile("dev", deadline=None, max_examples=50, suppress_health_check=SLOW)
settings.register_profile(
    "ci", deadline=None, max_examples=100, derandomize=True, suppress_health_check=SLOW
)
settings.register_profile("nightly", deadline=None, max_examples=3000, suppress_health_check=SLOW)
settings.load_profile(os.environ.get("KDVERIFY_PROFILE", "ci" if "CI" in os.environ else "dev"))
