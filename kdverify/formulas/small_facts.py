"""Section 14 of the theory: exact facts about a teacher and a student of infinitely many labels."""

from __future__ import annotations

from kdverify.formulas._types import Number
from kdverify.formulas.model_shift import ols_noise_risk


def projection_slack(teacher: Number, student: Number, misfit: Number) -> Number:
    """``err_T - err_S - |f_S - f_T|^2``: not negative for a projection on a convex class.

    The class holds the truth, and the student is the member nearest to its teacher.
    """
    return teacher - student - misfit


def discrepancy_variance(
    noise: Number, n: Number, teacher: Number, labels: Number, student: Number, common: Number
) -> Number:
    """Variance of a least-squares student of a least-squares teacher's labels; exact.

    Gaussian rows with Sigma = I; the teacher sees ``teacher`` coordinates of n samples, the
    student ``student`` coordinates of ``labels`` pseudo-labels, ``common`` of them both do.
    Finite for ``n > teacher + 1`` and ``labels > student + 1``.
    """
    one = ols_noise_risk(noise, n, teacher) / teacher
    return one * common + ols_noise_risk(one * (teacher - common), labels, student)


def single_row_moment(damping: Number, own: Number, other: Number, same: Number = 0) -> Number:
    """``E x_i^2 x_j^2`` where each ``x_k`` is normal with variance ``lam/(1 + 2 t lam)``.

    ``own`` and ``other`` are these variances, ``damping`` the mean of ``exp(-t |x|^2)``, and
    ``same`` is 1 where i = j.  Integrals of it over t give the exact risk of one sample.
    """
    return damping * (1 + 2 * same) * own * other
