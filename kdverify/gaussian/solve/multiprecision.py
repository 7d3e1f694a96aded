"""The fixed point to any number of digits (mpmath), residual re-checked."""

from __future__ import annotations

from fractions import Fraction

from kdverify import formulas
from kdverify.arithmetic import MULTIPRECISION
from kdverify.gaussian.solve.exact import GUARD_DIGITS, ExactModes, FixedPoint, unregularised
from kdverify.gaussian.solve.newton import Wanted
from kdverify.gaussian.solve.result import Code, Equivalents
from kdverify.problem import Spectrum


def solve(
    spectrum: Spectrum, n: Fraction, ridge: Fraction = Fraction(0), digits: int = 50
) -> Equivalents:
    """Solve (1) to ``digits`` digits; every value is an mpmath number.

    ``log_error`` is |g| at the returned tau, evaluated with twice the guard digits; the
    code is `Code.CONVERGED` only if that is at most ``10**-digits``.  The precision of
    mpmath is restored.
    """
    with MULTIPRECISION.precision(digits + 2 * GUARD_DIGITS):
        modes = ExactModes(MULTIPRECISION, spectrum)
        if ridge == 0 and n >= spectrum.p:
            return unregularised(modes, n)
        equation = FixedPoint(modes, n, ridge)
        tau = equation.root(digits + GUARD_DIGITS // 2)
        now = equation.evaluate(tau, Wanted.OMEGA)
        residual = abs(MULTIPRECISION.log(now.ratio))
        return Equivalents(
            n=MULTIPRECISION.number(n),
            ridge=MULTIPRECISION.number(ridge),
            tau=tau,
            omega=now.omega,
            one_minus_omega=now.one_minus_omega,
            eigenvalues=modes.lam,
            split=formulas.split_mode(modes.lam, tau),
            log_error=residual,
            code=Code.CONVERGED if residual * 10**digits <= 1 else Code.NOT_CONVERGED,
        )
