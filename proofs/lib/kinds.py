"""Five modes, and risks of labels of several kinds, (14) and (15), written out in mpmath."""

from typing import Any

from .written import Written, exact, mp

LAM = (3.0, 0.5, 1.25, 0.25, 2.0)
BETA = (1.0, -2.0, 0.5, 3.0, -0.75)


def blend(kinds: Any, n: float, ridge: float) -> Any:
    """(14): kinds are (share, mean, variance, noise)."""
    centre = [sum(exact(w) * exact(m[i]) for w, m, _, _ in kinds) for i in range(5)]
    noise = mp.mpf(0)
    for w, mean, _, own in kinds:
        apart = sum(
            exact(x) * (exact(m) - c) ** 2 for x, m, c in zip(LAM, mean, centre, strict=True)
        )
        noise += exact(w) * (exact(own) + apart)
    risk = Written(LAM, BETA, n, ridge, noise).risk(centre)
    for w, _, variance, _ in kinds:
        power = sum(exact(x) * exact(v) for x, v in zip(LAM, variance, strict=True))
        random = [exact(w) * mp.sqrt(exact(v)) for v in variance]
        own = Written(LAM, (0,) * 5, n, ridge, exact(w) * (1 - exact(w)) * power)
        risk += own.risk(random)
    return risk


def weighted(told: Any) -> Any:
    """(15) by hand at n = 3.5 and ridge 1/4: (share, weight, mean, variance, noise)."""
    n, ridge = mp.mpf("3.5"), mp.mpf("0.25")
    lam = [exact(x) for x in LAM]

    def spared(tau: Any) -> Any:
        return sum(x * tau / (x + tau) for x in lam)

    def level(tau: Any) -> Any:
        return n * tau * sum(exact(w) * v / (ridge + v * spared(tau)) for w, v, *_ in told) - 1

    low, high = mp.mpf("1e-6"), mp.mpf(1000)
    for _ in range(90):
        middle = mp.sqrt(low * high)
        low, high = (middle, high) if level(middle) < 0 else (low, middle)
    tau, t = low, spared(low)
    pulls = [exact(w) * v / (ridge + v * t) * n * tau for w, v, *_ in told]
    squares = [exact(w) * (v / (ridge + v * t)) ** 2 * n * tau**2 for w, v, *_ in told]
    learnt = [x / (x + tau) for x in lam]
    size = sum(a**2 for a in learnt)
    omega = sum(squares) * size

    def risk(means: Any, truth: Any, noises: Any) -> Any:
        centre = [sum(c * exact(m[i]) for c, m in zip(pulls, means, strict=True)) for i in range(5)]
        seen = [a * c for a, c in zip(learnt, centre, strict=True)]
        errors = [
            noise + sum(x * (exact(m[i]) - seen[i]) ** 2 for i, x in enumerate(lam))
            for m, noise in zip(means, noises, strict=True)
        ]
        bias = sum(x * (seen[i] - exact(truth[i])) ** 2 for i, x in enumerate(lam))
        return bias + size * sum(s * e for s, e in zip(squares, errors, strict=True)) / (1 - omega)

    true = risk([one[2] for one in told], BETA, [exact(one[4]) for one in told])
    random = [mp.sqrt(exact(v)) for v in told[-1][3]]
    true += risk([[0] * 5, random], [0] * 5, [0, 0])
    return true
