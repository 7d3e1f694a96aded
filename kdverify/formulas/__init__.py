"""Every closed form of the theory, once.

Each function is plain arithmetic (``+ - * /`` and integer powers), so that the
same lines run on floats, NumPy arrays, mpmath numbers, ball-arithmetic numbers,
SymPy symbols and SMT terms: *the formula that is proved is the formula that is
run*.  Arrays hold one entry per mode and may be NumPy object arrays of any of
these numbers.  Where a sum over modes is needed it is passed in as ``total``
(Python's ``sum`` unless said otherwise; ``numpy.sum`` for float arrays).

Complements are carried, never formed by subtraction: next to ``zeta`` every
function that needs it takes ``one_minus_zeta``, next to ``omega`` it takes
``one_minus_omega``.

Notation (the paper: Ildiz et al., arXiv 2410.18837; section numbers are those of
``proofs/``):

======================  ====================================================
``lam``                 eigenvalues of the target covariance
``tau``                 effective regularisation, the root of (1)
``zeta``                tau / (lam + tau), the fraction of a mode not learnt
``omega``               (1/n) sum (1 - zeta)^2
``beta_star``           ground truth;  ``surrogate``: the teacher's coefficients
``signal``              lam * beta_star^2, one entry per mode
``noise``               variance of the label noise that the target trains on
======================  ====================================================
"""

from __future__ import annotations

from kdverify.formulas._types import Number, Total
from kdverify.formulas.finite_size import (
    centred_slope,
    energy_correction,
    learnt_correction,
    spread_slope,
    tau_tilt,
)
from kdverify.formulas.fixed_point import (
    degrees_of_freedom,
    fixed_point_residual,
    learnt_square,
    omega,
    one_minus_omega,
    one_minus_zeta,
    split_denominator,
    split_minus_slope,
    split_mode,
    split_numerator,
    spread,
    unregularised_omega,
    unregularised_one_minus_omega,
    zeta,
)
from kdverify.formulas.masks import (
    dropped_risk,
    keep_margin,
    kept_risk,
    masked_risk,
)
from kdverify.formulas.model_shift import (
    coordinate_mean,
    coordinate_share,
    coordinate_variance,
    four_term_risk,
    gamma_squared,
    isotropic_noise_risk,
    isotropic_risk,
    mode_bias,
    mode_standard_risk,
    moment_risk,
    noise_trace,
    ols_noise_risk,
    predictor_risk,
    projector_variance,
    risk,
    standard_risk,
    transfer_energy,
    transfer_mean,
    transfer_risk,
    unlearnt_energy,
    variance_factor,
)
from kdverify.formulas.rows import (
    chains_variance,
    coupling,
    crossed_weight,
    label_weight,
    left_out_factor,
    one_row_variance,
    response_weight,
    row_scale,
    row_weight,
    rows_error_contraction,
    squared_error,
    teacher_form,
)
from kdverify.formulas.scaling import (
    optimal_regularisation,
    scaling_amplified,
    scaling_boundary_log,
    scaling_boundary_optimal,
    scaling_boundary_standard,
    scaling_kappa,
    scaling_kept,
    scaling_mask_constant,
    scaling_mask_odds,
    scaling_mask_ratio,
    scaling_omega,
    scaling_omega_at,
    scaling_optimal_constant,
    scaling_plateau,
    scaling_ratio,
    scaling_standard_constant,
    scaling_standard_correction,
    scaling_steep_constant,
    scaling_tail,
    scaling_tail_loss,
    scaling_tau,
    scaling_tau_constant,
    scaling_tau_loss,
)
from kdverify.formulas.stages import (
    isotropic_chain_risk,
    least_squares_variance,
    mean_variance_risk,
    missing_noise,
    performance_gap_recovered,
    rank_one_variance,
    source_eigenvalue,
    surrogate_from_covariances,
    trained_scale,
    trained_variance,
)
from kdverify.formulas.surrogates import (
    amplification_margin,
    gain,
    gain_excess,
    improvement,
    mode_curvature,
    optimal_risk,
    optimal_surrogate,
)
from kdverify.formulas.universality import rescaled_noise, student_variance

__all__ = [
    "Number",
    "Total",
    "amplification_margin",
    "centred_slope",
    "chains_variance",
    "coordinate_mean",
    "coordinate_share",
    "coordinate_variance",
    "coupling",
    "crossed_weight",
    "degrees_of_freedom",
    "dropped_risk",
    "energy_correction",
    "fixed_point_residual",
    "four_term_risk",
    "gain",
    "gain_excess",
    "gamma_squared",
    "improvement",
    "isotropic_chain_risk",
    "isotropic_noise_risk",
    "isotropic_risk",
    "keep_margin",
    "kept_risk",
    "label_weight",
    "learnt_correction",
    "learnt_square",
    "least_squares_variance",
    "left_out_factor",
    "masked_risk",
    "mean_variance_risk",
    "missing_noise",
    "mode_bias",
    "mode_curvature",
    "mode_standard_risk",
    "moment_risk",
    "noise_trace",
    "ols_noise_risk",
    "omega",
    "one_minus_omega",
    "one_minus_zeta",
    "one_row_variance",
    "optimal_regularisation",
    "optimal_risk",
    "optimal_surrogate",
    "performance_gap_recovered",
    "predictor_risk",
    "projector_variance",
    "rank_one_variance",
    "rescaled_noise",
    "response_weight",
    "risk",
    "row_scale",
    "row_weight",
    "rows_error_contraction",
    "scaling_amplified",
    "scaling_boundary_log",
    "scaling_boundary_optimal",
    "scaling_boundary_standard",
    "scaling_kappa",
    "scaling_kept",
    "scaling_mask_constant",
    "scaling_mask_odds",
    "scaling_mask_ratio",
    "scaling_omega",
    "scaling_omega_at",
    "scaling_optimal_constant",
    "scaling_plateau",
    "scaling_ratio",
    "scaling_standard_constant",
    "scaling_standard_correction",
    "scaling_steep_constant",
    "scaling_tail",
    "scaling_tail_loss",
    "scaling_tau",
    "scaling_tau_constant",
    "scaling_tau_loss",
    "source_eigenvalue",
    "split_denominator",
    "split_minus_slope",
    "split_mode",
    "split_numerator",
    "spread",
    "spread_slope",
    "squared_error",
    "standard_risk",
    "student_variance",
    "surrogate_from_covariances",
    "tau_tilt",
    "teacher_form",
    "trained_scale",
    "trained_variance",
    "transfer_energy",
    "transfer_mean",
    "transfer_risk",
    "unlearnt_energy",
    "unregularised_omega",
    "unregularised_one_minus_omega",
    "variance_factor",
    "zeta",
]
