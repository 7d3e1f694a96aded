"""Claim of section 5: what `gaussian.infinite` computes, beside plain sums and integrals."""

from collections.abc import Callable
from fractions import Fraction
from functools import cache
from typing import Any

import flint

from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.gaussian import infinite as scaling
from kdverify.gaussian.extrapolation import correction_exponents, extrapolate
from kdverify.gaussian.solve.power_sum import PowerSum

from ..lib.balls import holds
from ..lib.modes import Pairs
from ..lib.written import agree, exact, mp, same

AS_RUN = Claim(
    "5.as-run",
    title="Power laws at p = infinity and their limits are the sums and integrals of section 5",
    statement=r"\tau,\ \Omega,\ R_{std},\ R_{opt},\ R_{mask}\ \text{at}\ p=\infty:\ \text{within}\ "
    r"10^{-12};\quad c,\ \kappa,\ \rho,\ \rho_{mask},\ \text{constants, thresholds}:\ "
    r"\text{those of the integrals, on both sides of}\ \beta = 2\alpha+1",
    needs=("5.tau", "5.standard", "5.optimal", "5.mask", "5.steep", "5.boundary"),
    parts=("finite n", "limits", "extrapolation"),
    steps=[
        Step("Sums: 400 terms, the rest by Euler's formula with a quadrature of mpmath."),
        Step(
            "Limits: with i = z n/c every sum is an integral over z, zeta = z^alpha/(1 + z^alpha)."
        ),
    ],
)

#: What a solution at p = infinity encloses.
ENCLOSED = ("tau", "omega", "one_minus_omega", "standard", "optimal", "masked")
#: Terms that are added one by one.
TERMS = 400


def series(term: Callable[[Any], Any], first: int = 1) -> Any:
    """``sum_{i >= first}`` of a smooth function that falls like a power."""
    last = max(first, TERMS)
    direct = mp.fsum(term(mp.mpf(i)) for i in range(first, last))
    rest = mp.quad(lambda u: term(last / u) * last / u**2, [0, 0.03, 0.3, 1])
    edge = term(mp.mpf(last)) / 2 - mp.diff(term, last) / 12 + mp.diff(term, last, 3) / 720
    return direct + rest + edge


@cache
def at_size(alpha: Fraction, beta: Fraction, n: Fraction) -> dict[str, Any]:
    """tau, Omega, energies and the mask's cut at p = infinity."""
    a, b, size = exact(alpha), exact(beta), exact(n)
    c = (mp.pi / a) / mp.sin(mp.pi / a)
    tau = (c / (size + 0.5)) ** a
    for _ in range(6):  # Newton's method in log tau
        value = series(lambda i: 1 / (1 + tau * i**a))  # noqa: B023 - called in its turn
        slope = series(lambda i: tau * i**a / (1 + tau * i**a) ** 2)  # noqa: B023 - called in its turn
        step = mp.log(value / size) * value / slope
        tau *= mp.exp(step)
        if abs(step) < mp.mpf(10) ** -18:
            break
    omega = series(lambda i: 1 / (1 + tau * i**a) ** 2) / size

    def zeta(i: Any) -> Any:
        return tau * i**a / (1 + tau * i**a)

    kept = 0
    while zeta(mp.mpf(kept + 1)) ** 2 < 1 - omega:
        kept += 1
    share = omega / (1 - omega)
    head = mp.fsum(mp.mpf(i) ** -b * zeta(mp.mpf(i)) ** 2 for i in range(1, kept + 1))
    return {
        "tau": tau,
        "omega": omega,
        "zeta": zeta(mp.mpf(3)),
        "gain": (1 - zeta(mp.mpf(3))) / ((1 - zeta(mp.mpf(3))) ** 2 + share * zeta(mp.mpf(3)) ** 2),
        "standard": series(lambda i: i**-b * zeta(i) ** 2) / (1 - omega),
        "optimal": series(
            lambda i: i**-b * share * zeta(i) ** 2 / ((1 - zeta(i)) ** 2 + share * zeta(i) ** 2)
        ),
        "masked": head / (1 - omega) + mp.zeta(b, kept + 1),
        "noise": share,
        "kept": kept,
    }


@AS_RUN.below("finite n", note="three pairs of exponents", but={"one sample more": {"more": 1}})
def finite_n(digits: int, more: int = 0) -> Pairs:
    """Balls at p = infinity."""
    for alpha, beta, n in (("2", "2", "20"), ("3/2", "5/2", "7/2"), ("3", "8", "30")):
        a, b, size = (Fraction(text) for text in (alpha, beta, n))
        true = at_size(a, b, size)
        noise = Fraction(1, 2)
        found = scaling.infinite(a, b, size + more, noise, 25)
        extra = true["noise"] / 2
        yield same(found.tau, true["tau"])
        yield same(found.omega, true["omega"])
        yield same(found.one_minus_omega, 1 - true["omega"])
        yield same(found.zeta(3), true["zeta"])
        yield same(found.gain(3), true["gain"])
        for name in ("standard", "optimal", "masked"):
            yield same(getattr(found, name), true[name] + extra)
            bare = scaling.infinite(a, b, size + more, 0, 25)
            yield same(getattr(bare, name), true[name])
        yield from agree(found.kept, [true["kept"]] * 2)


@AS_RUN.below("finite n", note="a root that is known", but={"the root of 1/4": {"root": 3}})
def known_root(digits: int, root: int = 2) -> Pairs:
    """`enclosed_root` of 1/(1 + tau) = 1/3, begun near it, where one step has to do."""
    for offset in ("0.03", "-0.02", "0.001"):
        begun = 2 * flint.arb(offset).exp()
        found = scaling.enclosed_root(
            lambda t: 1 / (1 + t),
            lambda t: t / (1 + t) ** 2,
            flint.arb(1) / 3,
            begun,
            Fraction(1),
            1,
        )
        yield found.lower(), root
        yield root, found.upper()
        yield found.rad(), Fraction(1, 100)


@AS_RUN.below(
    "finite n",
    note="balls of 1 to 24 digits hold those of 60",
    but={"n + 1/100": {"more": "1/100"}},
)
def coarse_balls(digits: int, more: str = "0") -> Pairs:
    """No error bound is too small: sums, their remainders and series, roots."""
    for alpha, beta, n in (("2", "3/2", 10), ("3/2", "5/2", 7), ("3", "2", 25)):
        fine = scaling.infinite(alpha, beta, n + Fraction(more), "1/3", digits + 30)
        for wanted in range(1, 25):
            yield from holds(scaling.infinite(alpha, beta, n, "1/3", wanted), fine, ENCLOSED)
    for slope in (Fraction(1, 2), Fraction(4, 3)):
        for x in (flint.arb("0.3"), flint.arb("0.66")):
            whole = PowerSum(Fraction(2), Fraction(0), digits)._series(slope, x)
            for wanted in (-3, 0, 3):
                part = PowerSum(Fraction(2), Fraction(0), wanted)._series(slope, x)
                yield part.lower(), whole
                yield whole, part.upper()


@cache
def integrals(alpha: Fraction, beta: Fraction) -> dict[str, Any]:
    """The limits for beta < 2 alpha + 1 as integrals over z; constants for any beta."""
    a, b = exact(alpha), exact(beta)

    def whole(term: Callable[[Any], Any], ends: tuple[Any, ...] = (0, 0.25, 1, 4, mp.inf)) -> Any:
        return mp.quad(term, list(ends))

    def zeta(z: Any) -> Any:
        return z**a / (1 + z**a)

    c = whole(lambda z: 1 - zeta(z))
    omega = whole(lambda z: (1 - zeta(z)) ** 2) / c
    share = omega / (1 - omega)
    level = (1 - omega) ** (mp.mpf(1) / 2)
    cut = (level / (1 - level)) ** (1 / a)
    found = {
        "c": c,
        "omega": omega,
        "plateau": share,
        "amplified": ((1 - omega) / omega) ** (1 / a) / c,
        "kept": cut / c,
        "kappa": (b - 1) / (2 * a),
    }
    if b < 2 * a + 1:
        energy = whole(lambda z: z**-b * zeta(z) ** 2)
        found["standard"] = energy / (1 - omega)
        found["optimal"] = whole(
            lambda z: z**-b * share * zeta(z) ** 2 / ((1 - zeta(z)) ** 2 + share * zeta(z) ** 2)
        )
        kept = whole(lambda z: z**-b * zeta(z) ** 2, (0, cut / 4, cut))
        found["masked"] = kept / (1 - omega) + cut ** (1 - b) / (b - 1)
        found["rho"] = found["optimal"] / found["standard"]
        found["rho_mask"] = found["masked"] / found["standard"]
    else:
        boundary = b == 2 * a + 1
        found["standard"] = (1 if boundary else mp.zeta(b - 2 * a)) / (1 - omega)
        found["rho"], found["rho_mask"] = omega, mp.mpf(1)
        found["optimal"] = omega * found["standard"]
    return found


PAIRS = (("2", "3"), ("3/2", "2"), ("3", "5"), ("2", "5"), ("2", "7"), ("3/2", "11/2"))


@AS_RUN.below("limits", note="six pairs of exponents", but={"the next pair": {"shift": 1}})
def limits(digits: int, shift: int = 0) -> Pairs:
    """`constants`, `rho`, `rho_mask`, `exponent`; steep and boundary branches."""
    for k, (alpha, beta) in enumerate(PAIRS):
        a, b = Fraction(alpha), Fraction(beta)
        true = integrals(*(Fraction(text) for text in PAIRS[(k + shift) % len(PAIRS)]))
        found = scaling.constants(a, b)
        close = Fraction(1, 10**9)
        for name in ("c", "kappa", "omega", "standard", "optimal", "amplified", "kept", "plateau"):
            yield same(getattr(found, name), true[name], close)
        yield same(scaling.rho(a, b), true["rho"], close)
        yield same(scaling.rho_mask(a, b), true["rho_mask"], close)
        fall = b - 1 if b - 1 < 2 * a else 2 * a
        for exponent in (found.exponent, scaling.exponent(a, b)):
            yield 0, (1 if exponent == fall else -1)


@AS_RUN.below("extrapolation", note="exact values", but={"one power left out": {"left_out": 1}})
def extrapolated(digits: int, left_out: int = 0) -> Pairs:
    """Three powers with known constants: the limit is found, and the error is what it says."""
    powers = [Fraction(1), Fraction(2), Fraction(5)]
    sizes = [2, 3, 5, 8]
    values = [7 + Fraction(3, n) - Fraction(2, n**2) + Fraction(4, n**5) for n in sizes]
    found = extrapolate(values, sizes, [*powers[left_out:], Fraction(6)])
    yield same(found.value, 7, Fraction(1, 10**15))
    for part in (slice(1, None), slice(-1)):
        shorter = extrapolate([*values[part]], sizes[part], powers).value
        gap = abs(shorter - found.value)
        yield gap, found.error * (1 + 2.0**-40) + gap * 0
    steps = [Fraction(i) for i in range(9)]
    for a, b in ((Fraction(2), Fraction(7, 2)), (Fraction(5, 3), Fraction(5, 2))):
        every = {i + j * (a + 1) for i in steps for j in steps}
        every |= {2 * a + 1 - b + i + j * a for i in steps for j in steps}
        yield from agree(correction_exponents(a, b, 8), sorted(every - {Fraction(0)})[:8])


@AS_RUN.agreement(
    "simulated, n = 40", note="p = 4,000 stands for infinity", but={"another beta": {"beta": "2.5"}}
)
def simulated(context: Context, beta: str = "2") -> Comparison:
    """The ball at p = infinity beside finite p by the library's double precision."""
    from kdverify import Problem, curve

    found = scaling.infinite("3", "2", 40, 0, 20)
    finite = curve(Problem.power_law(4000, "3", beta), 40)
    theory = [float(found.standard), float(found.optimal), float(found.masked)]
    values = [float(x[0]) for x in (finite.standard, finite.optimal, finite.masked)]
    # energy beyond p is below 1/p, times 1/(1 - Omega) = 3, and a third more for what tau loses
    return Comparison("risks", values, 0.0, 10**6, theory, 1 / 1000)
