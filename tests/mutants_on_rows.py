"""More changes of meaning: rows, students that are trained, labels, estimators, simulations."""

CHANGES: list[tuple[str, str, str, str]] = [
    # rows
    (
        "ridge forgotten in (9)",
        "kdverify/rows/fixed_point.py",
        "formulas.row_scale(ridge, ",
        "formulas.row_scale(0.0 * ridge, ",
    ),
    (
        "cross term of (11) halved",
        "kdverify/rows/prediction.py",
        'return quadratic + 2 * np.einsum("ik,ik->k", theta, crossed) + noise',
        'return quadratic + np.einsum("ik,ik->k", theta, crossed) + noise',
    ),
    (
        "noise_variance ignored",
        "kdverify/rows/prediction.py",
        "(np.square(self.residuals) + self.noise)",
        "np.square(self.residuals)",
    ),
    (
        "noise between columns",
        "kdverify/rows/prediction.py",
        "+ students.noise * (k == other)",
        "+ students.noise",
    ),
    (
        "no row left out",
        "kdverify/rows/theory.py",
        "left = self._left_out if unseen else LeftOut.nothing(solving.size)",
        "left = LeftOut.nothing(solving.size)",
    ),
    (
        "mask + 1",
        "kdverify/rows/teachers.py",
        "return np.arange(summed.size - 1) < int(summed.argmin())",
        "return np.arange(summed.size - 1) <= int(summed.argmin())",
    ),
    (
        "ridge lost",
        "kdverify/rows/theory.py",
        """            covariance,
            at.ridge,""",
        """            covariance,
            0.0,""",
    ),
    (
        "weights forgotten",
        "kdverify/rows/pool.py",
        "return np.asarray(np.average(values, axis=0, weights=self.weights))",
        "return np.asarray(np.average(values, axis=0))",
    ),
    (
        "level forgotten",
        "kdverify/rows/question.py",
        "scores = outputs + self.level",
        "scores = outputs",
    ),
    (
        "one row twice",
        "kdverify/rows/one_or_two.py",
        "return (size * on_all - own) / (size - n) if unseen else on_all",
        "return (size * on_all - own) / size if unseen else on_all",
    ),
    (
        "sign of a factor",
        "kdverify/rows/modes.py",
        "return labels + pool.times(modes @ (changed - coefficients))",
        "return labels + pool.times(modes @ changed)",
    ),
    (
        "another law",
        "kdverify/rows/as_gaussian.py",
        "noise = self.pool.mean(np.square(given.rest))",
        "noise = self.pool.mean(np.square(truth.rest))",
    ),
    # students that are trained
    (
        "judged on all",
        "kdverify/measurement.py",
        "self.chosen, gone = np.flatnonzero(~seen), np.flatnonzero(seen)",
        "self.chosen, gone = np.arange(seen.size), np.flatnonzero(seen)",
    ),
    (
        "constant forgotten",
        "kdverify/measurement.py",
        "levels.append(level - mean @ slopes[-1])",
        "levels.append(0 * level - mean @ slopes[-1])",
    ),
    (
        "squared ridge",
        "kdverify/rows/training.py",
        "factors = self.sizes / (np.square(self.sizes) + deltas)",
        "factors = self.sizes / (np.square(self.sizes) + deltas**2)",
    ),
    (
        "weights of draws forgotten",
        "kdverify/rows/draws.py",
        "drawn = generator.choice(pool.size, n, p=chances)",
        "drawn = generator.choice(pool.size, n)",
    ),
    # labels
    (
        "no control",
        "kdverify/labels/measured.py",
        "moved = squares.mean() + slope * (expected - control.mean())",
        "moved = squares.mean()",
    ),
    (
        "degrees of freedom",
        "kdverify/labels/measured.py",
        "return float(np.square(left).sum() / (len(left) - 2) / len(left))",
        "return float(np.square(left).sum() / len(left) / len(left))",
    ),
    (
        "noise of the intercept",
        "kdverify/labels/drawn.py",
        "constant = 1 + (1 / len(self.numbers) if self.sample.intercept else 0.0)",
        "constant = 1.0",
    ),
    (
        "a label that judges itself",
        "kdverify/labels/worth.py",
        "true[rest] = weight",
        "true[:] = weight",
    ),
    (
        "interval too narrow",
        "kdverify/labels/curve.py",
        "return QUANTILE * np.hypot(level + spread + MISFIT * abs(change), sets)",
        "return QUANTILE * np.hypot(level, spread)",
    ),
    # estimators and verdicts
    (
        "the surrogate's own rows",
        "kdverify/estimators/distiller.py",
        "return everything[~missing], everything[missing]",
        "return everything[~missing], everything",
    ),
    (
        "first class for second",
        "kdverify/estimators/classes.py",
        "return outputs[:, 1] - outputs[:, 0] if outputs.shape[1] == 2 else outputs",
        "return outputs[:, 0] - outputs[:, 1] if outputs.shape[1] == 2 else outputs",
    ),
    (
        "constant of a transform",
        "kdverify/estimators/transforms.py",
        'found = made[int(question.intercept == "fitted") :]',
        "found = made[0:]",
    ),
    (
        "side of the verdict",
        "kdverify/features/verdict.py",
        "low, high = ratio - wide * error, ratio + wide * error",
        "low, high = ratio - error, ratio + error",
    ),
    # simulations
    (
        "variance for deviation",
        "kdverify/simulation/block.py",
        "mapped[..., :k] += np.sqrt(stage.noise_variance) * factor.fit_noise(noise)",
        "mapped[..., :k] += stage.noise_variance * factor.fit_noise(noise)",
    ),
    (
        "variance for deviation",
        "kdverify/simulation/block.py",
        "mapped = _beside(mapped, np.sqrt(stage.noise_variance) * factor.noise_columns())",
        "mapped = _beside(mapped, stage.noise_variance * factor.noise_columns())",
    ),
    # written against every function of the composing code, not seen before the claims were
    (
        "first for least",
        "kdverify/gaussian/best_ridge.py",
        "least = min(candidates, key=curve.risk)",
        "least = candidates[0]",
    ),
    (
        "coordinates turned twice",
        "kdverify/gaussian/exact_risk.py",
        "given = problem.beta_star if surrogate is None",
        "given = problem.beta_modes if surrogate is None",
    ),
    (
        "weight lost",
        "kdverify/gaussian/pseudo_labels.py",
        "return mixed_error(problem, self.n, self.kinds(weight), self.ridge)",
        "return mixed_error(problem, self.n, self.kinds(), self.ridge)",
    ),
    (
        "n for n - 1",
        "kdverify/rows/as_random_features.py",
        "stage = Stage(self.contrasts, None, noise, self.ridge, self.features)",
        "stage = Stage(self.n, None, noise, self.ridge, self.features)",
    ),
    (
        "rows of zeros",
        "kdverify/rows/finite_size.py",
        "self.at, self.chosen = at, chosen[~pool.zero_rows[chosen]]",
        "self.at, self.chosen = at, chosen[at.inverse_b[chosen] > 0]",
    ),
    (
        "sign",
        "kdverify/rows/finite_size.py",
        "float(1 + added / variance) if variance > 0 else 1.0",
        "float(1 - added / variance) if variance > 0 else 1.0",
    ),
    (
        "weights forgotten",
        "kdverify/rows/jackknife.py",
        "weights = None if pool.weights is None else pool.weights[kept]",
        "weights = None",
    ),
    (
        "shape of a gamma law",
        "kdverify/rows/pairs.py",
        "shape = 1 / (factor - 1) + 2",
        "shape = 1 / (factor - 1) + 1",
    ),
    (
        "constant column counted",
        "kdverify/teachers.py",
        "own = factors[int(answers.constant) :][: lesson.question.pool.rank]",
        "own = factors[: lesson.question.pool.rank]",
    ),
    (
        "n for n - 1",
        "kdverify/measurement.py",
        "max(values.shape[-1] - 1, 1)",
        "values.shape[-1]",
    ),
    (
        "tempering forgotten",
        "kdverify/labels/likelihood.py",
        "degrees = max(temper * columns * self.freedom, FEWEST_FREEDOM)",
        "degrees = max(columns * self.freedom, FEWEST_FREEDOM)",
    ),
    (
        "share for rest",
        "kdverify/labels/likelihood.py",
        "noise *= np.sqrt(scales * (1 - rho))[:, None]",
        "noise *= np.sqrt(scales * rho)[:, None]",
    ),
    (
        "another teacher",
        "kdverify/labels/verdict.py",
        "key=lambda one: min(one.alone.risk, one.mix.risk)",
        "key=lambda one: one.alone.risk",
    ),
]
