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

from kdverify.formulas._types import (
    Number,
    Total,
)
from kdverify.formulas.best_ridge import (
    optimal_share,
    ridge_condition,
    ridge_noise_threshold,
    ridge_of_root,
    scale_margin,
    surrogate_ridge_condition,
    surrogate_scale,
)
from kdverify.formulas.exact_means import (
    column_tilt,
    column_weight,
    gram_factor,
    left_out_mean,
    left_out_residual,
    mean_excess,
)
from kdverify.formulas.finite_size import (
    centred_slope,
    damped_eigenvalue,
    energy_correction,
    learnt_by_ridge,
    learnt_correction,
    least_unlearnt,
    left_out_bound,
    mean_by_ridge,
    mean_unlearnt,
    most_unlearnt,
    product_correction,
    ridge_mean_tilt,
    root_by_ridge,
    spare_first_order,
    spread_slope,
    spreads_by_ridge,
    trace_excess,
    weights_tilt,
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
from kdverify.formulas.kernels import (
    erf_covariance,
    erf_slopes,
    mehler_alpha,
    mehler_first_squared,
    mehler_ratio,
    mehler_root_squared,
    next_covariance,
    next_gegenbauer,
    next_krawtchouk,
    next_multiplicity,
    next_tangent,
    relu_covariance,
    relu_slopes,
)
from kdverify.formulas.labels import (
    label_variance,
    left_over,
    linear_risk,
    log_evidence,
    noise_taken,
)
from kdverify.formulas.log_determinants import (
    crossed_kinds,
    feature_pole,
    given_layer_correction,
    kept_of_truth,
    label_residual,
    mode_load,
    pole_by_both,
    pole_by_nu,
    pole_by_ratio,
    row_level,
    saddle_hessian,
    spare_of_kind,
)
from kdverify.formulas.masks import (
    dropped_risk,
    keep_margin,
    kept_risk,
    masked_risk,
)
from kdverify.formulas.mixing import (
    averaging_condition,
    averaging_factor,
    disagreement,
    mixed_noise,
    mixed_surrogate,
    omega_by_log_n,
    pull,
    risk_by_log_n,
    risk_by_share,
    settled_averaged,
    settled_least_squares,
    settled_mean,
    settled_spread,
    spared_trace,
    square_pull,
    two_kinds_noise,
    unseen_error,
    weight_scale,
    weighted_omega,
    weighted_risk,
)
from kdverify.formulas.model_shift import (
    coordinate_mean,
    coordinate_share,
    coordinate_variance,
    four_term_risk,
    gamma_squared,
    intercept_variance,
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
from kdverify.formulas.random_features import (
    crowding,
    feature_amplification_margin,
    feature_bias_exponent,
    feature_curvature,
    feature_drift,
    feature_few,
    feature_gain,
    feature_gap,
    feature_gap_discriminant,
    feature_gap_rate,
    feature_improvement,
    feature_keep_margin,
    feature_kept_risk,
    feature_leftover,
    feature_masked_risk,
    feature_missed,
    feature_optimal_risk,
    feature_optimal_share,
    feature_plateau,
    feature_ridge_exponent,
    feature_risk,
    feature_spread,
    feature_standard_risk,
    feature_student_exponent,
    feature_transfer_energy,
    feature_variance,
    first_regularisation,
    one_minus_crowding,
    one_minus_upsilon,
    tuned_exponent,
    upsilon,
)
from kdverify.formulas.rows import (
    chains_variance,
    coupling,
    crossed_weight,
    finite_size_source,
    form_gain,
    form_keep_margin,
    label_weight,
    left_out_factor,
    one_row_variance,
    response_weight,
    row_kernel,
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
from kdverify.formulas.shared_data import (
    best_mixing,
    crossed_risk,
    ensemble_risk,
    left_out_errors,
    left_out_slope,
    mixed_labels_risk,
    mixed_student,
    mixing_gain,
    one_minus_shared_omega,
    ridge_filter,
    root_secant,
    secant_curvature,
    secant_mode,
    secant_slope,
    self_distilled,
    shared_omega,
    subagging_ridge,
    subsample_overlap,
    trained_covariance,
)
from kdverify.formulas.small_facts import (
    discrepancy_variance,
    paired_squares,
    projection_slack,
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
from kdverify.formulas.universality import (
    rescaled_noise,
    student_variance,
)

# fmt: off
__all__ = [
    "Number", "Total", "amplification_margin", "averaging_condition", "averaging_factor",
    "best_mixing", "centred_slope", "chains_variance", "column_tilt", "column_weight",
    "coordinate_mean", "coordinate_share", "coordinate_variance", "coupling", "crossed_kinds",
    "crossed_risk", "crossed_weight", "crowding", "damped_eigenvalue", "degrees_of_freedom",
    "disagreement", "discrepancy_variance", "dropped_risk", "energy_correction", "ensemble_risk",
    "erf_covariance", "erf_slopes", "feature_amplification_margin", "feature_bias_exponent",
    "feature_curvature", "feature_drift", "feature_few", "feature_gain", "feature_gap",
    "feature_gap_discriminant", "feature_gap_rate", "feature_improvement", "feature_keep_margin",
    "feature_kept_risk", "feature_leftover", "feature_masked_risk", "feature_missed",
    "feature_optimal_risk", "feature_optimal_share", "feature_plateau", "feature_pole",
    "feature_ridge_exponent", "feature_risk", "feature_spread", "feature_standard_risk",
    "feature_student_exponent", "feature_transfer_energy", "feature_variance", "finite_size_source",
    "first_regularisation", "fixed_point_residual", "form_gain", "form_keep_margin",
    "four_term_risk", "gain", "gain_excess", "gamma_squared", "given_layer_correction",
    "gram_factor", "improvement", "intercept_variance", "isotropic_chain_risk",
    "isotropic_noise_risk", "isotropic_risk", "keep_margin", "kept_of_truth", "kept_risk",
    "label_residual", "label_variance", "label_weight", "learnt_by_ridge", "learnt_correction",
    "learnt_square", "least_squares_variance", "least_unlearnt", "left_out_bound",
    "left_out_errors", "left_out_factor", "left_out_mean", "left_out_residual", "left_out_slope",
    "left_over", "linear_risk", "log_evidence", "masked_risk", "mean_by_ridge", "mean_excess",
    "mean_unlearnt", "mean_variance_risk", "mehler_alpha", "mehler_first_squared", "mehler_ratio",
    "mehler_root_squared", "missing_noise", "mixed_labels_risk", "mixed_noise", "mixed_student",
    "mixed_surrogate", "mixing_gain", "mode_bias", "mode_curvature", "mode_load",
    "mode_standard_risk", "moment_risk", "most_unlearnt", "next_covariance", "next_gegenbauer",
    "next_krawtchouk", "next_multiplicity", "next_tangent", "noise_taken", "noise_trace",
    "ols_noise_risk", "omega", "omega_by_log_n", "one_minus_crowding", "one_minus_omega",
    "one_minus_shared_omega", "one_minus_upsilon", "one_minus_zeta", "one_row_variance",
    "optimal_regularisation", "optimal_risk", "optimal_share", "optimal_surrogate",
    "paired_squares", "performance_gap_recovered", "pole_by_both", "pole_by_nu", "pole_by_ratio",
    "predictor_risk", "product_correction", "projection_slack", "projector_variance", "pull",
    "rank_one_variance", "relu_covariance", "relu_slopes", "rescaled_noise", "response_weight",
    "ridge_condition", "ridge_filter", "ridge_mean_tilt", "ridge_noise_threshold", "ridge_of_root",
    "risk", "risk_by_log_n", "risk_by_share", "root_by_ridge", "root_secant", "row_kernel",
    "row_level", "row_scale", "row_weight", "rows_error_contraction", "saddle_hessian",
    "scale_margin", "scaling_amplified", "scaling_boundary_log", "scaling_boundary_optimal",
    "scaling_boundary_standard", "scaling_kappa", "scaling_kept", "scaling_mask_constant",
    "scaling_mask_odds", "scaling_mask_ratio", "scaling_omega", "scaling_omega_at",
    "scaling_optimal_constant", "scaling_plateau", "scaling_ratio", "scaling_standard_constant",
    "scaling_standard_correction", "scaling_steep_constant", "scaling_tail", "scaling_tail_loss",
    "scaling_tau", "scaling_tau_constant", "scaling_tau_loss", "secant_curvature", "secant_mode",
    "secant_slope", "self_distilled", "settled_averaged", "settled_least_squares", "settled_mean",
    "settled_spread", "shared_omega", "source_eigenvalue", "spare_first_order", "spare_of_kind",
    "spared_trace", "split_denominator", "split_minus_slope", "split_mode", "split_numerator",
    "spread", "spread_slope", "spreads_by_ridge", "square_pull", "squared_error", "standard_risk",
    "student_variance", "subagging_ridge", "subsample_overlap", "surrogate_from_covariances",
    "surrogate_ridge_condition", "surrogate_scale", "teacher_form", "trace_excess",
    "trained_covariance", "trained_scale", "trained_variance", "transfer_energy", "transfer_mean",
    "transfer_risk", "tuned_exponent", "two_kinds_noise", "unlearnt_energy", "unregularised_omega",
    "unregularised_one_minus_omega", "unseen_error", "upsilon", "variance_factor", "weight_scale",
    "weighted_omega", "weighted_risk", "weights_tilt", "zeta",
]
# fmt: on
