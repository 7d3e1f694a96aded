"""Proofs that Coq's kernel checks: statements printed from the formulas, scripts, the driver."""

from kdverify.evidence.kernel.foralls import KernelForall
from kdverify.evidence.kernel.theorems import KernelTheorem

__all__ = ["KernelForall", "KernelTheorem"]
