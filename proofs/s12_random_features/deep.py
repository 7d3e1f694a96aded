"""Claim 12.deep: students on the last of several random layers."""

from fractions import Fraction
from typing import Any

import flint
import numpy as np
import sympy

from kdverify import Problem, Spectrum
from kdverify import formulas as f
from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.random_features import certified, equivalents, given_layers, risk, structured

from ..lib.balls import holds, reflection
from ..lib.batches import generator
from ..lib.modes import Pairs, symbol_vector
from ..lib.written import ball, exact, mp, same

DEEP = Claim(
    "12.deep",
    title="Several random layers: (16) nested once more a layer, and (17) with their joint gap",
    statement=r"z = W_L\cdots W_1x:\quad (n-{\rm df})\,\nu\prod_l\frac{q_l-{\rm df}}{q_l} ="
    r" \delta,\quad {\rm df} = \sum_i\frac{\lambda_i}{\lambda_i+\nu};\qquad (17)\ \text{with}\ "
    r"\eta = \frac S{S+e},\ \frac1e = \sum_l\frac1{q_l-{\rm df}},\ S = \sum_i\zeta_i(1-\zeta_i)",
    needs=("12.one-equation", "12.risk"),
    parts=("nested", "joint gap", "second moment", "as run", "simulated"),
    steps=[
        Step(
            "Given the layers up to l, the next draws q_(l+1) samples of their features: (1) with"
            " the ridge q kappa_l, so that q_(l+1) (1 - kappa_l/kappa_(l+1)) is the same df."
        ),
        Step(
            "kappa_0 is the regularisation of the last features, n - delta/kappa_0 = df, and"
            " kappa_L = nu that of the modes: kappa_0 = nu prod (q_l - df)/q_l.",
            lambda: nested()[0],
        ),
        Step(
            "Given the layers (2) holds for the features. With N = kappa_0 (K + kappa_0)^-1, K ="
            " Sigma^(1/2) W'W Sigma^(1/2), it needs E N, zeta, and E N^2 = E (N - kappa_0 dN/d"
            " kappa_0): zeta (zeta + eta (1 - zeta)), 1 - eta = d log nu/d log kappa_0.",
            lambda: second()[1],
        ),
        Step("Only eta and df know of the layers: all of (17) stands."),
    ],
)


def gaps() -> tuple[Any, Any, Any, Any]:
    """SymPy: two modes, nu, and three widths; df."""
    lam, nu = symbol_vector("lambda", 2, positive=True), sympy.Symbol("nu", positive=True)
    return lam, nu, symbol_vector("q", 3, positive=True), sum(f.one_minus_zeta(lam, nu))


@DEEP.identity("nested", but={"the widths in another order": {"turned": 1}})
def nested(turned: int = 0) -> tuple[list[Any], list[Any]]:
    """Every layer's equation, from the regularisations by the library's formula."""
    _, nu, widths, df = gaps()
    kappas = [nu]
    for width in np.roll(widths, turned):
        kappas.append(f.first_regularisation(kappas[-1], width - df, width))
    left = [
        f.fixed_point_residual(df, width, width * below / above, total=lambda value: value)
        for width, above, below in zip(widths, kappas[:-1], kappas[1:], strict=True)
    ]
    return [sympy.cancel(value) for value in left], [sympy.Integer(0)] * 3


@DEEP.identity("joint gap", but={"the smallest alone": {"layers": 1}})
def joint(layers: int = 2) -> tuple[Any, Any]:
    """1 - d log nu/d log kappa_0 of two layers, and the library's eta."""
    lam, nu, widths, df = gaps()
    zeta, learnt = f.split_mode(lam, nu)
    here = {lam[0]: 2, lam[1]: sympy.Rational(1, 3), nu: 1, widths[0]: 3, widths[1]: 4}
    kappa, first, second = nu, widths[0] - df, widths[1] - df
    for width in widths[:2]:
        kappa = f.first_regularisation(kappa, width - df, width)
    slope = nu * sympy.diff(sympy.log(kappa), nu)
    gap = f.joint_gap(first, second) if layers == 2 else first
    found = f.crowding(sum(f.spread(zeta, learnt)), gap)
    return (1 - 1 / slope).subs(here), found.subs(here)


@DEEP.identity("second moment", but={"N for N^2": {"part": 0}})
def second(part: int = 1) -> tuple[Any, Any]:
    """zeta - kappa d zeta/d kappa with d log nu/d log kappa = 1 - eta, and zeta feature_missed."""
    lam, nu, eta = sympy.symbols("lambda nu eta", positive=True)
    zeta, learnt = f.split_mode(lam, nu)
    left = zeta - part * (1 - eta) * nu * sympy.diff(zeta, nu)
    return sympy.cancel(left), sympy.cancel(zeta * f.feature_missed(zeta, learnt, eta))


SPECTRA = (np.arange(1, 41.0) ** -2, 0.6 ** np.arange(20.0))
CASES = ((15, (12, 18), 0.5), (10, (30, 25, 12), 1e-3), (60, (50, 9), 2.0), (9, (9, 9), 1.0))


@DEEP.below("as run", note="nu, nu_1, Upsilon", but={"a width more": {"more": 1}})
def as_run(digits: int, more: int = 0) -> Pairs:
    """The library beside the one equation by bisection in mpmath, eta by differences of widths."""
    del digits
    for values in SPECTRA:
        lam = [exact(value) for value in values]
        for n, widths, ridge in CASES:
            found = equivalents(Problem(*spectrum(values)), n, widths, ridge)
            sizes = [exact(width + more) for width in widths]

            def learnt(nu: Any) -> Any:
                return sum(x / (x + nu) for x in lam)  # noqa: B023 - called in its turn

            def excess(place: Any) -> Any:
                nu = mp.exp(place)
                df = learnt(nu)
                if df >= min(n, *sizes):  # noqa: B023 - called in its turn
                    return mp.mpf(-1)
                product = (n - df) * nu  # noqa: B023 - called in its turn
                for size in sizes:  # noqa: B023 - called in its turn
                    product *= (size - df) / size
                return product - exact(ridge)  # noqa: B023 - called in its turn

            low, high = mp.mpf(-60), mp.mpf(20)
            for _ in range(110):
                middle = (low + high) / 2
                low, high = (middle, high) if excess(middle) < 0 else (low, middle)
            nu = mp.exp(low)
            df = learnt(nu)
            squares = sum((x / (x + nu)) ** 2 for x in lam)
            load = (df - squares) * sum(1 / (size - df) for size in sizes)
            yield same(found.nu, nu)
            # 70 units in g for the root, for each gap, and for the product
            bound = flint.arb(float(found.log_error))
            yield abs(flint.arb(float(found.nu)) / ball(nu) - 1), bound
            yield flint.arb(70 * (3 + len(widths))) / 2**53, bound
            yield same(found.nu_1, exact(ridge) / (n - df))
            yield same(found.sample_gap, exact(n) - df)
            yield same(found.upsilon, (squares + load / (1 + load) * (df - squares)) / n)


@DEEP.below(
    "as run", note="balls of 10 to 28 digits hold those of 60", but={"a width more": {"more": 1}}
)
def nested_balls(digits: int, more: int = 0) -> Pairs:
    """The finer values between the ends of the coarser balls, several layers with a ridge."""
    problem = Problem(*spectrum(SPECTRA[0]))
    for n, widths, ridge in CASES[:3]:
        finer = (*widths[:-1], widths[-1] + more)
        fine = certified.certificate(problem, n, finer, 0, ridge, digits + 30).equivalents
        rough = equivalents(problem, n, finer, ridge)
        for name in ("nu", "nu_1", "upsilon"):
            yield same(getattr(fine, name), mp.mpf(float(getattr(rough, name))))
        for wanted in (10, 25, 28):
            told = certified.certificate(problem, n, widths, Fraction(1, 2), ridge, wanted)
            found = told.equivalents
            names = ("nu", "nu_1", "sample_gap", "feature_gap", "upsilon")
            yield from holds(found, fine, names)
        noisy = risk(problem, n, widths, noise_variance=0.5, ridge=ridge)
        yield same(told.standard, mp.mpf(float(noisy)))


def spectrum(values: np.ndarray) -> tuple[Any, np.ndarray]:
    """A spectrum and coefficients of one size."""
    return Spectrum(values), np.ones(values.size)


@DEEP.agreement("simulated", note="p = 120: 2 and 3 layers, with ridge and without, 2 surrogates")
def simulated(context: Context, layers: int = 3) -> list[Comparison]:
    """Trained students of drawn layers."""
    problem, draw = Problem.power_law(120, 1, 2), generator(context, "deep")
    surrogates = [problem.beta_star, problem.beta_star * np.linspace(1.5, 0.2, 120)]
    found = []
    for n, widths, ridge in (
        (60, (90, 100), 0.5),
        (120, (60, 70), 0.0),
        (60, (150, 130, 140), 0.3),
    ):
        values = [
            trained(draw, problem, n, widths, ridge, surrogates) for _ in range(context.trials(120))
        ]
        expected = [risk(problem, n, widths[:layers], s, 0.1, ridge) for s in surrogates]
        name = f"n = {n}, widths {widths}, ridge {ridge}"
        band = 0.08 * np.array(expected)
        found.append(Comparison.of(name, np.array(values), np.array(expected), band))
    return found


simulated.but("the first layer alone", layers=1)


def trained(
    draw: Any, problem: Problem, n: int, widths: Any, ridge: float, surrogates: list[np.ndarray]
) -> list[float]:
    """Excess risks of students of the surrogates on one draw.

    Averaged over the signs of the inputs, and over noise of variance 0.1.
    """
    lam, layers = problem.spectrum.eigenvalues, np.eye(problem.p)
    for width in widths:
        layers = draw.standard_normal((width, len(layers))) / np.sqrt(width) @ layers
    rows = draw.standard_normal((n, problem.p)) * np.sqrt(lam)
    left, s, right = np.linalg.svd(rows @ layers.T, full_matrices=False)
    kept = s > 1e-10 * s[0]
    solve = (right[kept].T * (s[kept] / (s[kept] ** 2 + ridge))) @ left[:, kept].T
    noise = layers.T @ solve
    carried = noise @ rows
    mean, energy = carried.diagonal(), lam @ carried**2
    shared = float(problem.signal.sum() + 0.1 * (lam @ noise**2).sum())
    truth = lam * problem.beta_star
    return [float(b**2 @ energy - 2 * (truth * b) @ mean) + shared for b in surrogates]


GIVEN = Claim(
    "12.given-layers",
    title="Layers of given weights, or of a given covariance: Gaussian problems of their own",
    statement=r"z = \phi(Wx)-\mathbb E:\ \Omega = a^2W\Sigma W^\top+(\mathbb E\phi^2-(\mathbb E"
    r"\phi)^2-a^2v)I,\ \psi = aW\Sigma\beta^*,\ a = \mathbb E\phi'(\sqrt vz),\quad \beta ="
    r" \Omega^{-1}\psi,\ \sigma^2 \to \sigma^2+\beta^{*\top}\Sigma\beta^*-\psi^\top\Omega^{-1}\psi;"
    r"\qquad W\ \text{of rows}\ N(0,C/q):\ x \to C^{1/2}x,\ \beta^* \to C^{-1/2}\beta^*",
    source="neighbouring",
    needs=("2.risk",),
    parts=("linear", "squares", "tanh", "structured"),
    steps=[
        Step("A linear function of the features has the best coefficients Omega^-1 psi."),
        Step(
            "What it leaves is uncorrelated with the features and acts as noise; of linear layers"
            " independent too, so that (2) holds as it is."
        ),
        Step("Rows of N(0, C/q) are G C^(1/2), G plain: the inputs and the truth take C^(1/2)."),
        Step(
            "phi of a normal sum is a times it and a rest, uncorrelated from unit to unit: nearly."
        ),
    ],
)


def written(found: Any, problem: Problem, layer: np.ndarray, covariance: np.ndarray) -> Pairs:
    """Features' covariance, and the energy that they explain and leave, from the matrices."""
    crossed = layer @ (problem.spectrum.eigenvalues * problem.beta_star)
    explained = float(crossed @ np.linalg.inv(covariance) @ crossed)
    yield same(found.problem.spectrum.eigenvalues.sum(), mp.mpf(float(covariance.trace())))
    yield same(found.problem.signal.sum(), mp.mpf(explained))
    yield same(found.unexplained, mp.mpf(float(problem.signal.sum()) - explained))


@GIVEN.below("linear", note="no activation, two layers", but={"one layer of them": {"layers": 1}})
def linear(digits: int, layers: int = 2) -> Pairs:
    """Covariance, energy explained and unexplained, from the matrices written out."""
    del digits
    weights = [np.cos(np.arange(k * k + k) ** 2.0).reshape(k, k + 1) for k in (4, 3)]
    problem = Problem(*spectrum(np.array([3.0, 2.0, 1.0, 0.5, 0.25])))
    found = given_layers(problem, weights[:layers])
    both = weights[1] @ weights[0]
    yield from written(found, problem, both, (both * problem.spectrum.eigenvalues) @ both.T)


@GIVEN.below("squares", note="phi(s) = s + s^2 of one layer", but={"no rest": {"rest": 0.0}})
def squares(digits: int, rest: float = 2.0) -> Pairs:
    """Mean v, slope 1, and a rest of variance 2 v^2 in every unit, v the mean variance."""
    del digits
    weights = np.cos(np.arange(12.0) ** 2).reshape(3, 4)
    problem = Problem(*spectrum(np.array([3.0, 2.0, 1.0, 0.5])))
    found = given_layers(problem, [weights], lambda s: s + s * s)
    linear = (weights * problem.spectrum.eigenvalues) @ weights.T
    covariance = linear + rest * (linear.trace() / 3) ** 2 * np.eye(3)
    yield from written(found, problem, weights, covariance)


@GIVEN.agreement("tanh", note="two layers of tanh, p = 100, widths 120 and 110, three n")
def networks(context: Context, known: float = 1.0) -> list[Comparison]:
    """Ridge regression on a drawn network's last layer, one network for all trials."""
    from kdverify import risk as equivalent

    problem, draw = Problem.power_law(100, "1/2", 1), generator(context, "given layers")
    weights = [draw.standard_normal((120, 100)) / 4, draw.standard_normal((110, 120)) / 10]
    found = given_layers(problem, weights, np.tanh)
    roots = np.sqrt(problem.spectrum.eigenvalues)

    def layer(count: int) -> tuple[np.ndarray, np.ndarray]:
        rows = draw.standard_normal((count, 100)) * roots
        hidden = np.tanh(np.tanh(rows @ weights[0].T) @ weights[1].T)
        return hidden, rows @ problem.beta_star

    judges, truth = layer(4000)
    comparisons = []
    for n in (60, 120, 250):
        values = []
        for _ in range(context.trials(200)):
            features, labels = layer(n)
            gram = features @ features.T + np.eye(n)
            gaps = judges @ (features.T @ np.linalg.solve(gram, labels)) - truth
            values.append(float(gaps @ gaps) / len(truth))
        rest = known * found.unexplained
        expected = equivalent(found.problem, n, None, rest, 1.0) + rest
        comparisons.append(Comparison.of(f"n = {n}", np.array(values), expected, 0.09 * expected))
    return comparisons


networks.but("nothing left unexplained", known=0.0)


@GIVEN.below("structured", note="five modes, turned", but={"C for its inverse": {"power": -1}})
def weights_of_covariance(digits: int, power: int = 1) -> Pairs:
    """beta' Sigma (C Sigma)^k beta for k = 0 to 4, C in the eigenbasis of Sigma and not."""
    del digits
    turn = np.array(reflection((1, 2, -1, 3, 1)), dtype=float)
    values = np.array([3.0, 2.0, 1.0, 0.5, 0.25])
    Sigma, beta = (turn * values) @ turn.T, np.cos(np.arange(5.0) ** 2)
    problem = Problem(Spectrum.from_covariance(Sigma), beta)
    levels = np.array([0.5, 4.0, 1.0, 0.25, 2.0])
    other = np.diag(levels) + 0.1
    for given, C in ((levels, (turn * levels) @ turn.T), (other, other)):
        found = structured(problem, given)
        moment = Sigma @ beta
        for k in range(5):
            mine = found.signal @ found.spectrum.eigenvalues**k
            yield same(mine, mp.mpf(float(beta @ moment)))
            moment = Sigma @ np.linalg.matrix_power(C, power) @ moment
