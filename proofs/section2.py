"""Claims of section 2: forms of the risk for a given surrogate, any covariance matrix.

"For all p" is shown with sums over a generic mode (``_mode_sums.py``) and with words in
non-commuting matrices (``_matrices.py``).  What is measured stands in
``section2_simulation.py``, what is exact at finite n in ``section2_exact.py``.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from _notation import Pairs

from kdverify import formulas as f
from kdverify.evidence import Claim, Control, Enclosure, Identity, Step

# --------------------------------------------------------------------------
# 2.four-term
# --------------------------------------------------------------------------


def four_terms(complement: bool = True) -> Any:
    """The four-term form for a diagonal Sigma and any number of modes."""
    import _mode_sums as m
    import sympy

    theta = m.lam / (m.lam + m.tau)
    shift = theta * (m.surrogate - m.beta_star)
    missed = (1 - theta) * m.beta_star
    leftover = m.total(m.lam * (m.tau * m.surrogate / (m.lam + m.tau)) ** 2)
    one_minus_omega = 1 - m.omega if complement else 1
    form = f.four_term_risk(
        m.total(m.lam * shift * shift),
        f.gamma_squared(m.p, m.n, one_minus_omega, leftover, m.noise),
        theta2_energy(),
        m.total(m.lam * missed * missed),
        m.total(m.lam * missed * shift),
    )
    return sympy.cancel(form)


def theta2_energy() -> Any:
    """E |Sigma^(1/2) theta_2|^2, mode by mode as a Gaussian integral."""
    import _mode_sums as m
    import sympy

    g = sympy.Symbol("g", real=True)
    entry = m.lam / (m.lam + m.tau) * g / sympy.sqrt(m.p)
    density = sympy.exp(-g * g / 2) / sympy.sqrt(2 * sympy.pi)
    return m.total(sympy.integrate(entry**2 * density, (g, -sympy.oo, sympy.oo)))


def mode_form() -> Any:
    """(2) for any number of modes."""
    from _mode_sums import risk

    return risk()


def on_balls(digits: int, sign: int = 1) -> Pairs:
    """Matrices and modes, on balls."""
    from _turned import both_routes

    return both_routes(digits, sign)


def turned_example(direction: tuple[int, ...], sign: int = 1) -> tuple[Any, Any]:
    """Matrices and modes, symbolic vectors, eigenvalues 1/i, tau = 2/3."""
    import numpy as np
    import sympy
    from _matrices import four_term_risk, reflection
    from _symbolic import symbol_vector

    p = len(direction)
    lam = np.array([sympy.Rational(1, i) for i in range(1, p + 1)], dtype=object)
    tau, noise = sympy.Rational(2, 3), sympy.Symbol("sigma^2", nonnegative=True)
    beta_star, surrogate = (symbol_vector(s, p, real=True) for s in ("beta^*", "beta^s"))
    zeta, learnt = f.split_mode(lam, tau)
    n = f.degrees_of_freedom(learnt)
    omega = f.omega(sum(f.learnt_square(learnt)), n)
    one_minus_omega = f.one_minus_omega(sum(f.spread(zeta, learnt)), n)
    q = sympy.Matrix(reflection(direction))
    matrices = four_term_risk(
        q * sympy.diag(*lam) * q,
        sympy.eye(p),
        tau,
        q * sympy.Matrix(sign * surrogate),
        q * sympy.Matrix(beta_star),
        n,
        p,
        noise,
    )
    modes = f.risk(lam, surrogate, beta_star, zeta, learnt, omega, one_minus_omega, noise)
    return matrices, modes


def turned_forms() -> tuple[list[Any], list[Any]]:
    """The forms at O Sigma O', and O times the forms at Sigma times O'."""
    from _matrices import rotated_forms

    return rotated_forms()


FOUR_TERM = Claim(
    id="2.four-term",
    title="The paper's four-term form equals the sum over modes (2), for any covariance",
    statement=r"d^\top\theta_1^\top\Sigma\theta_1 d + \gamma^2 E\|\Sigma^{1/2}\theta_2\|^2"
    r" + \beta_*^\top(I-\theta_1)^\top\Sigma(I-\theta_1)\beta_*"
    r" - 2\beta_*^\top(I-\theta_1)^\top\Sigma\theta_1 d = \bar R(\beta^s),"
    r"\quad d = \beta^s-\beta_*,\ \theta_1 = (\Sigma+\tau I)^{-1}\Sigma,"
    r"\ \theta_2 = (\Sigma+\tau I)^{-1}\Sigma^{1/2}g/\sqrt p,\ \gamma^2 = \tfrac pn\,"
    r"\frac{\sigma^2+\tau^2\|(\Sigma+\tau I)^{-1}\Sigma^{1/2}\beta^s\|^2}{1-\Omega}",
    source="paper",
    needs=("1.unique", "1.complements"),
    parts=("eigenbasis", "any basis"),
    steps=[
        Step(
            "Each term is a quadratic form or a trace of a rational function of Sigma, and"
            " f(O Sigma O') = O f(Sigma) O': the eigenbasis is enough."
        ),
        Step(
            "E |Sigma^(1/2) theta_2|^2 = (1/p) tr(Sigma^2 (Sigma + tau)^-2), since E g_i^2 = 1;"
            " that is n Omega / p, so gamma^2 times it is Omega/(1 - Omega) times the labels'"
            " noise and unlearnt energy.",
            theta2_energy,
        ),
        Step(
            "The other three terms are |Sigma^(1/2)(theta_1 d - (I - theta_1) beta*)|^2,"
            " and theta_1 d - (I - theta_1) beta* = theta_1 beta^s - beta*."
        ),
    ],
    evidence=[
        Identity("eigenbasis", left=four_terms, right=mode_form, note="any number of modes"),
        Identity(
            "any basis",
            left=lambda: turned_forms()[0],
            right=lambda: turned_forms()[1],
            note="words in matrices of any size",
        ),
        Identity(
            "p = 2, 3",
            left=lambda: [turned_example(d)[0] for d in ((1, 2), (1, 2, 3))],
            right=lambda: [turned_example(d)[1] for d in ((1, 2), (1, 2, 3))],
            note="dense matrices, inverted",
        ),
        Enclosure("p = 8", equal=on_balls, guard=8, note="dense matrices of balls, inverted"),
    ],
    controls=[
        Control(
            Identity("eigenbasis", left=lambda: four_terms(complement=False), right=mode_form),
            wrong="gamma^2 without 1/(1 - Omega)",
        ),
        Control(
            Identity(
                "p = 2",
                left=lambda: turned_example((1, 2), sign=-1)[0],
                right=lambda: turned_example((1, 2))[1],
            ),
            wrong="the surrogate's sign in the matrices",
        ),
        Control(
            Enclosure("p = 8", equal=lambda digits: on_balls(digits, sign=-1), guard=8),
            wrong="the surrogate's sign in the eigenbasis",
        ),
    ],
)

# --------------------------------------------------------------------------
# 2.rotation
# --------------------------------------------------------------------------


def signed_share(sign: int, sign_of_truth: int) -> Any:
    """(2), every coefficient times a sign of its vector's own."""
    import _mode_sums as m

    return m.risk(sign * m.surrogate, sign_of_truth * m.beta_star)


def in_double(digits: int, sign: int = 1) -> Pairs:
    """Double precision, within what rounding may do."""
    from _turned import double_precision

    return double_precision(digits, sign)


ROTATION = Claim(
    id="2.rotation",
    title="The risk depends on the covariance only through its eigenbasis; signs do not matter",
    statement=r"\bar R(O\Sigma O^\top; O\beta^s, O\beta_*) = \bar R(\Sigma; \beta^s, \beta_*)"
    r"\ \text{for orthogonal } O;\quad \bar R\ \text{is unchanged when}\ \beta^s_i, \beta^*_i"
    r"\ \text{change sign together}",
    source="paper",
    needs=("1.unique", "2.four-term"),
    parts=("basis", "signs"),
    steps=[
        Step("O D O' is the resolvent of O Sigma O' if D is that of Sigma: O'O = I."),
        Step(
            "tau and Omega are fixed by traces of (Sigma + tau)^-1 Sigma and its square, which"
            " do not see O; each of the four forms gets O' on one side and O on the other."
        ),
        Step(
            "Signs: each mode's summand of (2) is even in its pair of coefficients.",
            lambda: signed_share(1, 1),
        ),
    ],
    evidence=[
        Identity(
            "basis",
            left=lambda: turned_forms()[0],
            right=lambda: turned_forms()[1],
            note="words in matrices of any size",
        ),
        Identity(
            "signs",
            left=lambda: signed_share(-1, -1),
            right=lambda: signed_share(1, 1),
            note="the generic mode of any number",
        ),
        Enclosure("p = 8", equal=on_balls, guard=8, note="turned and diagonal, on balls"),
        Enclosure("p = 8", below=in_double, note="from_covariance in double precision"),
    ],
    controls=[
        Control(
            Identity("signs", left=lambda: signed_share(1, -1), right=lambda: signed_share(1, 1)),
            wrong="one of the two signs changed",
        ),
        Control(
            Enclosure("p = 8", below=lambda digits: in_double(digits, sign=-1)),
            wrong="one of the two signs changed",
        ),
    ],
)

# --------------------------------------------------------------------------
# 2.classical
# --------------------------------------------------------------------------


def strong_labels() -> Any:
    """(2) at beta^s = beta*, any number of modes."""
    import _mode_sums as m

    return m.risk(student_of=m.beta_star, sums=m.ridge_total)


def classical(noise_factor: Any = 1) -> Any:
    """The classical form."""
    import _mode_sums as m

    signal, zeta = m.lam * m.beta_star**2, m.split()[0]
    noise = noise_factor * m.noise
    return f.standard_risk(signal, zeta, m.omega, 1 - m.omega, noise, m.ridge_total)


def from_mode_shares() -> Any:
    """The classical form from one mode's share and the factor of the noise."""
    import _mode_sums as m

    share = f.mode_standard_risk(m.lam * m.beta_star**2, m.split()[0], 1 - m.omega)
    return m.ridge_total(share) + m.noise * f.variance_factor(m.omega, 1 - m.omega)


def from_derivatives() -> Any:
    """E |Sigma^(1/2)(I - P) beta*|^2 and the noise part, from means of P alone."""
    import _derivatives as d
    import _mode_sums as m

    return m.ridge_total(m.beta_star**2 * d.mode_energy()) + m.noise * d.noise_trace()


def classical_on_balls(digits: int, noise_factor: int = 1) -> Pairs:
    """Strong labels as a surrogate, and the classical form, for two power laws."""
    from kdverify import Problem
    from kdverify.gaussian import certified

    noise = Fraction(1, 3)
    for p, n, ridge in ((40, 15, Fraction(0)), (30, 50, Fraction(1, 7))):
        problem = Problem.power_law(p, 2, 1)
        strong = certified.certificate(problem, n, noise, ridge, digits)
        classic = certified.certificate(problem, n, noise_factor * noise, ridge, digits)
        yield strong.risk(strong.modes.beta_star), classic.standard


CLASSICAL = Claim(
    id="2.classical",
    title="Strong labels: the classical risk",
    statement=r"\bar R(\beta_*) = \frac{\sigma^2\Omega + \sum_i \lambda_i\zeta_i^2(\beta^*_i)^2}"
    r"{1-\Omega}",
    source="classic",
    needs=("1.unique", "1.complements"),
    steps=[
        Step("At beta^s = beta* the bias of a mode is -zeta_i beta*_i."),
        Step(
            "Both parts carry sum lambda zeta^2 beta*^2, with 1 + Omega/(1 - Omega)"
            " = 1/(1 - Omega).",
            classical,
        ),
        Step(
            "From first moments: (I - P) Sigma (I - P) is minus the derivative in t of"
            " delta (X'X + delta (I + t Sigma))^-1, whose equivalent has the mode value"
            " T/(lambda + T (1 + t lambda)) with T(t) from (1): lambda zeta^2/(1 - Omega).",
            lambda: from_derivatives(),
        ),
    ],
    evidence=[
        Identity("whole", left=strong_labels, right=classical, note="any number of modes, ridge"),
        Identity("whole", left=from_mode_shares, right=classical, note="mode by mode"),
        Identity("whole", left=from_derivatives, right=classical, note="derivatives of E P"),
        Enclosure("two power laws", equal=classical_on_balls, note="both forms on balls"),
    ],
    controls=[
        Control(
            Identity("whole", left=strong_labels, right=lambda: classical(2)),
            wrong="the noise counted twice",
        ),
        Control(
            Enclosure("two power laws", equal=lambda d: classical_on_balls(d, 2)),
            wrong="the noise counted twice",
        ),
    ],
)

CLAIMS = [FOUR_TERM, ROTATION, CLASSICAL]

if __name__ == "__main__":
    from kdverify.verify import run_as_script

    raise SystemExit(run_as_script(CLAIMS))
