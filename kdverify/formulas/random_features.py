"""Section 12 of the theory: random features, a two-layer student with a random first layer.

The student sees ``z = W x`` with W (q, p) of independent N(0, 1/q) entries, and a ridge on its
q coefficients.  (16) is (1) twice: for n samples of the features with the ridge delta, and for
q features as samples of the modes with the ridge ``q nu_1``.  With ``nu = nu_2``, ``zeta = nu/
(lam + nu)``, ``df = sum (1 - zeta)``, ``spreads = sum zeta (1 - zeta)``:

=====================  =====================================================================
``sample_gap``         n - df = delta/nu_1, what the ridge takes of the samples
``feature_gap``        q - df = q nu_1/nu_2, what it takes of the features
``crowding``           eta = spreads/(q - sum (1 - zeta)^2) in [0, 1]: 0 for infinitely many
                       features, 1 where every feature is used up (q <= n without ridge)
``upsilon``            Upsilon, Omega's part: (1/n) (sum (1 - zeta)^2 + eta spreads)
=====================  =====================================================================
"""

from __future__ import annotations

from kdverify.formulas._types import Number, Total
from kdverify.formulas.masks import dropped_risk
from kdverify.formulas.model_shift import mode_bias, variance_factor


def feature_gap_discriminant(load: Number, surplus: Number) -> Number:
    """What stands under the root in `feature_gap`: ``|n - q|^2 + 4 load``."""
    return surplus * surplus + 4 * load


def feature_gap(load: Number, surplus: Number, root: Number) -> Number:
    """The smaller of n - df and q - df, the positive root e of ``e (e + surplus) = load``.

    ``load`` is ``q ridge/nu``, ``surplus`` ``|n - q|``, ``root`` the square root of
    `feature_gap_discriminant`.  Needs load > 0 or surplus > 0.
    """
    return 2 * load / (surplus + root)


def feature_gap_rate(gap: Number, surplus: Number) -> Number:
    """``-d log(gap)/d log(nu)``: in [1/2, 1], 1/2 at n = q."""
    return (gap + surplus) / (2 * gap + surplus)


def feature_slope_slack(size: Number) -> Number:
    """How far ``-g'`` at t is from its mean on the way to the root, at most: ``|g|/2``."""
    return size / 2


def first_regularisation(nu: Number, feature_gap: Number, q: Number) -> Number:
    """``nu_1 = nu_2 (q - df)/q``."""
    return nu * feature_gap / q


def activation_rest(square: Number, mean: Number, slope: Number, variance: Number) -> Number:
    """Variance of what no linear function of a normal sum says of its activation.

    ``square`` and ``mean`` are ``E phi^2`` and ``E phi``, ``slope`` is ``E phi'``, of a sum with
    this ``variance``.
    """
    return square - mean * mean - slope * slope * variance


def joint_gap(first: Number, second: Number) -> Number:
    """Of two layers of features, the gap of one that crowds as much: ``1/(1/e + 1/e')``."""
    return first * second / (first + second)


def crowding(spreads: Number, feature_gap: Number) -> Number:
    """``eta = spreads/(q - sum (1 - zeta)^2)``; ``spreads`` is the sum of `spread`."""
    return spreads / (feature_gap + spreads)


def one_minus_crowding(spreads: Number, feature_gap: Number) -> Number:
    """``1 - eta``, without cancellation."""
    return feature_gap / (feature_gap + spreads)


def upsilon(learnt_squares: Number, spreads: Number, crowding: Number, n: Number) -> Number:
    """``Upsilon = (1/n) (sum (1 - zeta)^2 + eta sum zeta (1 - zeta))``."""
    return (learnt_squares + crowding * spreads) / n


def one_minus_upsilon(
    spreads: Number, one_minus_crowding: Number, sample_gap: Number, n: Number
) -> Number:
    """``1 - Upsilon = (1/n) (n - df + (1 - eta) sum zeta (1 - zeta))``, all terms positive."""
    return (sample_gap + one_minus_crowding * spreads) / n


def feature_missed(zeta: Number, one_minus_zeta: Number, crowding: Number) -> Number:
    """``zeta + eta (1 - zeta)``, which is ``zeta (1 + chi lam)`` of (17)."""
    return zeta + crowding * one_minus_zeta


def feature_spread(
    zeta: Number, one_minus_zeta: Number, upsilon: Number, crowding: Number
) -> Number:
    """``Upsilon zeta + eta (1 - zeta)``.

    The coordinate of a student along one mode has the second moment ``(1 - zeta)^2 + zeta
    feature_spread/(1 - Upsilon)`` per unit of label energy, measured on the covariance.
    """
    return upsilon * zeta + crowding * one_minus_zeta


def feature_risk(
    lam: Number,
    surrogate: Number,
    beta_star: Number,
    zeta: Number,
    one_minus_zeta: Number,
    upsilon: Number,
    one_minus_upsilon: Number,
    crowding: Number,
    noise: Number = 0,
    total: Total = sum,
) -> Number:
    """Excess risk (17) of a random-feature student of ``surrogate``; (2) where eta is 0."""
    bias = mode_bias(surrogate, beta_star, zeta, one_minus_zeta)
    spread = feature_spread(zeta, one_minus_zeta, upsilon, crowding)
    scattered = total(lam * zeta * spread * surrogate * surrogate)
    return total(lam * bias * bias) + (scattered + upsilon * noise) / one_minus_upsilon


def feature_kept_risk(
    signal: Number,
    zeta: Number,
    one_minus_zeta: Number,
    one_minus_upsilon: Number,
    crowding: Number,
) -> Number:
    """Cost of one mode that the teacher keeps, strong labels included; no noise part."""
    return signal * zeta * feature_missed(zeta, one_minus_zeta, crowding) / one_minus_upsilon


def feature_standard_risk(
    signal: Number,
    zeta: Number,
    one_minus_zeta: Number,
    upsilon: Number,
    one_minus_upsilon: Number,
    crowding: Number,
    noise: Number = 0,
    total: Total = sum,
) -> Number:
    """Excess risk (17) on strong labels."""
    missed = feature_missed(zeta, one_minus_zeta, crowding)
    return (total(signal * zeta * missed) + upsilon * noise) / one_minus_upsilon


def feature_curvature(
    zeta: Number,
    one_minus_zeta: Number,
    upsilon: Number,
    one_minus_upsilon: Number,
    crowding: Number,
) -> Number:
    """``(1 - Upsilon)(1 - zeta)^2 + zeta (Upsilon zeta + eta (1 - zeta))``.

    ``lam * feature_curvature / (1 - Upsilon)`` is the curvature of (17) in ``surrogate_i``.
    """
    spread = feature_spread(zeta, one_minus_zeta, upsilon, crowding)
    return one_minus_upsilon * one_minus_zeta * one_minus_zeta + zeta * spread


def feature_transfer_energy(
    lam: Number,
    zeta: Number,
    one_minus_zeta: Number,
    upsilon: Number,
    one_minus_upsilon: Number,
    crowding: Number,
) -> Number:
    """``E sum_k lam_k P_ki^2`` of the student's map P: the second of (3), with features."""
    curvature = feature_curvature(zeta, one_minus_zeta, upsilon, one_minus_upsilon, crowding)
    return lam * curvature / one_minus_upsilon


def feature_gain(
    zeta: Number,
    one_minus_zeta: Number,
    upsilon: Number,
    one_minus_upsilon: Number,
    crowding: Number,
) -> Number:
    """``beta_opt_i / beta_star_i``: the best surrogate of a random-feature student."""
    curvature = feature_curvature(zeta, one_minus_zeta, upsilon, one_minus_upsilon, crowding)
    return one_minus_upsilon * one_minus_zeta / curvature


def feature_amplification_margin(
    zeta: Number,
    one_minus_zeta: Number,
    upsilon: Number,
    one_minus_upsilon: Number,
    crowding: Number,
) -> Number:
    """``(1 - Upsilon)(1 - zeta) - spread``: a mode is amplified iff this is positive."""
    spread = feature_spread(zeta, one_minus_zeta, upsilon, crowding)
    return one_minus_upsilon * one_minus_zeta - spread


def feature_improvement(
    zeta: Number,
    one_minus_zeta: Number,
    upsilon: Number,
    one_minus_upsilon: Number,
    crowding: Number,
) -> Number:
    """One mode's optimal over its standard risk, without the noise part."""
    spread = feature_spread(zeta, one_minus_zeta, upsilon, crowding)
    curvature = feature_curvature(zeta, one_minus_zeta, upsilon, one_minus_upsilon, crowding)
    missed = feature_missed(zeta, one_minus_zeta, crowding)
    return one_minus_upsilon * spread / (missed * curvature)


def feature_optimal_share(
    odds: Number, upsilon: Number, one_minus_upsilon: Number, crowding: Number
) -> Number:
    """What the best surrogate's student misses of one mode's signal, by ``odds = lam/nu``.

    ``(Upsilon + eta x)/(Upsilon + eta x + (1 - Upsilon) x^2)``, which is ``zeta spread/curvature``.
    """
    missed = upsilon + crowding * odds
    return missed / (missed + one_minus_upsilon * odds * odds)


def feature_optimal_risk(
    signal: Number,
    zeta: Number,
    one_minus_zeta: Number,
    upsilon: Number,
    one_minus_upsilon: Number,
    crowding: Number,
    noise: Number = 0,
    total: Total = sum,
) -> Number:
    """Excess risk of the student of the best surrogate: (17) at `feature_gain`."""
    spread = feature_spread(zeta, one_minus_zeta, upsilon, crowding)
    curvature = feature_curvature(zeta, one_minus_zeta, upsilon, one_minus_upsilon, crowding)
    shares = total(signal * zeta * spread / curvature)
    return shares + variance_factor(upsilon, one_minus_upsilon) * noise


def feature_keep_margin(
    zeta: Number, one_minus_zeta: Number, one_minus_upsilon: Number, crowding: Number
) -> Number:
    """``1 - Upsilon - zeta (zeta + eta (1 - zeta))``: a mask keeps the mode iff positive."""
    return one_minus_upsilon - zeta * feature_missed(zeta, one_minus_zeta, crowding)


def feature_masked_risk(
    kept_signal: Number,
    kept_zeta: Number,
    kept_one_minus_zeta: Number,
    dropped_signal: Number,
    upsilon: Number,
    one_minus_upsilon: Number,
    crowding: Number,
    noise: Number = 0,
    total: Total = sum,
) -> Number:
    """Excess risk of the student of a masked surrogate; a dropped mode costs its energy."""
    kept = total(
        feature_kept_risk(kept_signal, kept_zeta, kept_one_minus_zeta, one_minus_upsilon, crowding)
    )
    dropped = total(dropped_risk(dropped_signal))
    return kept + dropped + variance_factor(upsilon, one_minus_upsilon) * noise


def feature_leftover(lam: Number, square: Number, zeta: Number, missed: Number) -> Number:
    """One mode's label energy that a student leaves unexplained: ``lam zeta missed E s_i^2``.

    ``square`` is the mean square of the teacher's coefficient, ``missed`` `feature_missed`.
    """
    return lam * zeta * missed * square


def feature_drift(learnt_energy: Number, spreads: Number, feature_gap: Number) -> Number:
    """``sum (1 - zeta)^2 E s^2 / (q - sum (1 - zeta)^2)``: what the draw of W scatters.

    ``learnt_energy`` is the sum of ``(1 - zeta_i)^2`` times the mean square of the teacher's
    coefficient (not times lam).
    """
    return learnt_energy / (feature_gap + spreads)


def feature_variance(
    scale: Number,
    n: Number,
    zeta: Number,
    one_minus_zeta: Number,
    crowding: Number,
    shifted: Number,
    drift: Number,
) -> Number:
    """Variance of one coordinate of the student, over W, its rows and its noise.

    ``(V/n) (1 - zeta + eta zeta)/(lam + nu) + zeta^2 drift`` with ``V`` from `trained_scale`
    of the sum of `feature_leftover`, ``shifted`` = ``lam + nu`` and ``drift`` from
    `feature_drift`.
    """
    noisy = scale * (one_minus_zeta + crowding * zeta) / (n * shifted)
    return noisy + zeta * zeta * drift


def feature_plateau(alpha: Number, ratio: Number) -> Number:
    """Limit of Upsilon/(1 - Upsilon) for ``lam_i = i^-alpha``, no ridge, q = ratio n > n."""
    return alpha - 1 + 1 / (ratio - 1)


def feature_few(ratio: Number) -> Number:
    """``q/(n - q)``, Upsilon/(1 - Upsilon) without ridge for q = ratio n < n, any spectrum."""
    return ratio / (1 - ratio)


def feature_ridge_exponent(learnt: Number, decay: Number) -> Number:
    """``sum i^-beta zeta^2 ~ n^-this`` where ``n^learnt`` modes are learnt.

    ``decay`` is the smaller of beta - 1 and 2 alpha.
    """
    return learnt * decay


def feature_bias_exponent(learnt: Number, decay: Number, width: Number) -> Number:
    """``eta sum i^-beta zeta (1 - zeta) ~ n^-this`` where ``q = n^width`` features.

    eta falls as the learnt modes over q; ``decay`` is the smaller of beta - 1 and alpha.
    """
    return width - learnt + learnt * decay


def feature_student_exponent(alpha: Number, decay: Number) -> Number:
    """Exponent in q of the best-ridge student of a teacher that only its q features limit.

    The student has as much data and as many features as it likes; ``decay`` is the smaller of
    beta - 1 and 2 alpha, above alpha, which is the teacher's own exponent.
    """
    return decay * (2 * alpha + 1) / (decay + alpha + 1)


def tuned_exponent(decay: Number) -> Number:
    """Exponent in m of the best ridge on m noisy labels, and of a student of such a teacher."""
    return decay / (decay + 1)
