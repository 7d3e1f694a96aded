"""Proofs that Coq's kernel checks: statements printed from the formulas, scripts, the driver."""

from kdverify.evidence.kernel.evidence import KernelForall

__all__ = ["KernelForall"]
