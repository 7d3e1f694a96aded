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


def paired_squares(first: Number, second: Number, both: Number) -> Number:
    """``E (sum_i a_i x_i^2)(sum_k b_k x_k^2)`` for independent normal x with variances v.

    From ``sum a v``, ``sum b v`` and ``sum a b v^2``.
    """
    return first * second + 2 * both
