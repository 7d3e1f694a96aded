"""Changes of meaning, made by hand: what a slip of somebody who knows the theory looks like.

Each is a kind, a file, the text that stands there once, and what it becomes.
"""

from tests.mutants_on_rows import CHANGES as ON_ROWS

#: (file, line after the change): why it means the same, of these and of all other mutants.
EQUIVALENT: dict[tuple[str, str], str] = {}

_THEORY: list[tuple[str, str, str, str]] = [
    # the Gaussian theory
    (
        "noise lost",
        "kdverify/gaussian/risks.py",
        "return shift + least_squares_noise(at.n, at.eigenvalues.size, noise)",
        "return shift",
    ),
    (
        "n for n + 1",
        "kdverify/gaussian/risks.py",
        "return formulas.ols_noise_risk(noise, n, p)",
        "return formulas.ols_noise_risk(noise, n + 1, p)",
    ),
    (
        "wrong coordinates",
        "kdverify/gaussian/theory.py",
        "gains(problem, n, ridge) * problem.beta_modes)",
        "gains(problem, n, ridge) * problem.beta_star)",
    ),
    (
        "tie to the other side",
        "kdverify/gaussian/theory.py",
        "return compose.keep_margins(equivalents(source, n, ridge)) > 0",
        "return compose.keep_margins(equivalents(source, n, ridge)) > 0.02",
    ),
    (
        "noise lost",
        "kdverify/gaussian/theory.py",
        "risks.masked + noise_part,",
        "risks.masked,",
    ),
    (
        "ridge dropped",
        "kdverify/stages.py",
        "last = Stage(n, None, noise_variance, ridge, features)",
        "last = Stage(n, None, noise_variance, 0.0, features)",
    ),
    (
        "another basis",
        "kdverify/training.py",
        "matrix = target.basis.T @ matrix @ target.basis",
        "matrix = target.basis @ matrix @ target.basis.T",
    ),
    (
        "arguments exchanged",
        "kdverify/stages.py",
        "return float(formulas.performance_gap_recovered(*values))",
        "return float(formulas.performance_gap_recovered(*values[::-1]))",
    ),
    (
        "spread forgotten",
        "kdverify/gaussian/stages.py",
        "formulas.unlearnt_energy(values, np.sqrt(labels.mean_squares), at.zeta).sum()",
        "formulas.unlearnt_energy(values, labels.mean, at.zeta).sum()",
    ),
    (
        "n for rank",
        "kdverify/gaussian/stages.py",
        "added = formulas.least_squares_variance(noise, values, at.n, rank)",
        "added = formulas.least_squares_variance(noise, values, at.n, rank - 1)",
    ),
    (
        "wins inverted",
        "kdverify/gain_map.py",
        "return np.asarray(self.risks < self.strong)",
        "return np.asarray(self.risks > self.strong)",
    ),
    (
        "m for n",
        "kdverify/gain_map.py",
        'budget = columns if rival == "same n" else rows',
        'budget = rows if rival == "same n" else columns',
    ),
    (
        "complement",
        "kdverify/gaussian/infinite.py",
        """    if b >= 2 * a + 1:
        return float(formulas.scaling_omega(a))""",
        """    if b >= 2 * a + 1:
        return 1 - float(formulas.scaling_omega(a))""",
    ),
    (
        "branch lost",
        "kdverify/gaussian/infinite.py",
        "return float(formulas.scaling_mask_ratio(float(a), float(b), functions.floats()))",
        "return float(formulas.scaling_mask_constant(float(a), float(b), functions.floats()))",
    ),
    (
        "off by one",
        "kdverify/gaussian/infinite.py",
        "dropped = BALLS.number(self.beta).zeta(arb(kept + 1))",
        "dropped = BALLS.number(self.beta).zeta(arb(kept))",
    ),
    (
        "boundary for steep",
        "kdverify/gaussian/infinite.py",
        "boundary = exact_b == 2 * exact_a + 1",
        "boundary = exact_b >= 2 * exact_a + 1",
    ),
    (
        "off by one",
        "kdverify/gaussian/solve/many_n.py",
        "np.append(measure.block_signal[cut + 1 :], self._signal[kept:hi]),",
        "np.append(measure.block_signal[cut + 1 :], self._signal[kept + 1 : hi]),",
    ),
    (
        "bound halved",
        "kdverify/gaussian/solve/double.py",
        "log_error=abs(found.g) + ROUNDING,",
        "log_error=(abs(found.g) + ROUNDING) / 2,",
    ),
    (
        "complement",
        "kdverify/gaussian/solve/exact.py",
        "omega=formulas.unregularised_omega(n_exact, p),",
        "omega=formulas.unregularised_one_minus_omega(n_exact, p),",
    ),
    (
        "cost of a tie",
        "kdverify/gaussian/certified.py",
        "+ self._either_cost(tied)",
        "+ 0 * self._either_cost(tied)",
    ),
    (
        "mean overlap",
        "kdverify/gaussian/shared.py",
        "crossed = _crossed(on, solved, solved, formulas.subsample_overlap(at.n, total), noise)",
        "crossed = _crossed(on, solved, solved, at.n, noise)",
    ),
    (
        "share for rest",
        "kdverify/gaussian/generation_laws.py",
        "mixed = w * self.problem.beta_modes + (1 - w) * law.mean",
        "mixed = (1 - w) * self.problem.beta_modes + w * law.mean",
    ),
    (
        "forms in the order of the students",
        "kdverify/gaussian/generations_finite_size.py",
        "rows_added(line, forms[:k][::-1], laws[:k])",
        "rows_added(line, forms[:k], laws[:k])",
    ),
    (
        "the teacher's own samples forgotten",
        "kdverify/gaussian/mixed_finite_size.py",
        "added = added + taught\n",
        "added = added + 0\n",
    ),
    (
        "the drift of the layer forgotten",
        "kdverify/random_features/chain_size.py",
        "kept + scale * (spread @ weights) + drift * ((zeta * zeta) @ weights)",
        "kept + scale * (spread @ weights)",
    ),
    (
        "weight forgotten",
        "kdverify/gaussian/pseudo_labels.py",
        "Kind(1 - share, self.surrogate, self.pseudo_noise_variance, weight),",
        "Kind(1 - share, self.surrogate, self.pseudo_noise_variance),",
    ),
    # error bounds that are too small
    (
        "slack forgotten",
        "kdverify/gaussian/solve/exact.py",
        "g / (at.slope + slack.neg().union(slack))",
        "g / at.slope",
    ),
    (
        "room for the root's error forgotten",
        "kdverify/random_features/solve/deep.py",
        "[gap * wider + surplus for",
        "[gap + surplus for",
    ),
    (
        "half of the bound",
        "kdverify/random_features/solve/double.py",
        "log_error=2 * (abs(found.g) + ROUNDING)",
        "log_error=abs(found.g) + ROUNDING",
    ),
    (
        "half of the factors",
        "kdverify/gaussian/proved_mean.py",
        "return 2 * one, one",
        "return one, one",
    ),
    (
        "wrong coordinates",
        "kdverify/random_features/layers.py",
        "problem.beta_modes / np.sqrt(found)",
        "problem.beta_star / np.sqrt(found)",
    ),
]

#: In this order.
CHANGES = [*_THEORY, *ON_ROWS]
