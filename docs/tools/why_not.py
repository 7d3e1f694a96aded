"""Why a proved claim has no theorem of Coq that says its whole statement."""

_WISHART = "its means of inverse Wishart matrices; Coq has no such integrals here"
_POWER_SUMS = "how the sums over infinitely many modes behave as n grows"
#: For the claims that are not listed.
NOT_YET = "a theorem is not written yet; its foralls are checked as lemmas, if it has any"

WHY_NOT = {
    "2.four-term": "any basis: the eigenbasis is checked",
    "2.isotropic-exact": _WISHART,
    "2.isotropic-noise": _WISHART,
    "2.least-squares": _WISHART,
    "6.rank-one": "Sigma = I: the second moments of a random projector",
    "9.response": "the derivative of a matrix that an equation defines",
    "12.certificate": "g with the gap e, a root of a quadratic, in the place of the ridge; its"
    " inequalities are checked as lemmas",
    "12.plateau": f"{_POWER_SUMS} (5.omega, certified)",
    "12.student-exponent": f"{_POWER_SUMS}; the exponents' algebra is checked as lemmas",
    "12.strong-exponent": f"{_POWER_SUMS} (5.omega, certified); its bound is that of 12.optimal",
}
