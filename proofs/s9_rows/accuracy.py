"""Claim of section 9, any rows: accuracy predicted without training."""

from functools import cache, partial
from typing import Any

import numpy as np
import sympy

import kdverify as kd
from kdverify.evidence import Claim, Comparison, Context, Step

from ..lib.row_laws import Law, all_laws, made, ten_class_labels, trained

ACCURACY = Claim(
    "9.accuracy",
    title="Any rows: accuracy predicted without training, for two classes and ten",
    statement=r"P(x_0^\top\hat\beta > c) \approx \Phi\Big(\frac{x_0^\top E\hat\beta - c}"
    r"{{\rm sd}(x_0^\top\hat\beta)}\Big);\ \text{more classes: the joint normal law of the scores}",
    needs=("9.scores",),
    parts=("band", "two classes, six laws", "ten classes, three laws"),
    steps=[
        Step(
            "If the standard deviation is off by the fraction e, Phi(t) is off by t phi(t) e <="
            " phi(1) e, largest at t = 1: bands of 9.risk, halved and times phi(1).",
            lambda: steepest()[0][0],
        ),
        Step(
            "That beta_hat is close to normal is measured, not proved. It needs several rows of"
            " every class: of ten classes of digits, 15 rows, the accuracy is 0.05 below the"
            " predicted one."
        ),
    ],
)


@cache
def two_class_prediction(law: Law) -> float:
    """Mean over the divisions of the predicted accuracy on unseen rows, labels +-1/2."""
    positive, unseen_positive = law.divisions()
    students = kd.rows.Students(kd.rows.solve(law.pool, law.n), positive - 0.5)
    predicted = kd.rows.scores(students, law.unseen)
    columns = enumerate(unseen_positive.T)
    return float(np.mean([predicted.two_class_accuracy(c, 0.0, i) for i, c in columns]))


def share_right(law: Law, truth: np.ndarray, student: np.ndarray) -> float:
    """Accuracy on the unseen rows: of signs where ``truth`` is a matrix, else of the largest."""
    scores = law.unseen @ student
    return float(((scores > 0) == truth if truth.ndim > 1 else scores.argmax(1) == truth).mean())


@ACCURACY.agreement(
    "two classes, six laws", note="mean over 4 (digits) or 6 divisions into two classes"
)
def two_classes(context: Context, trials: int = 1000) -> list[Comparison]:
    """Accuracy on unseen rows of every law, mean over some divisions into two classes."""
    comparisons = []
    for law in all_laws():
        positive, unseen_positive = law.divisions()
        right = partial(share_right, law, unseen_positive)
        values = trained(context, law, positive - 0.5, right, trials)
        expected = two_class_prediction(law)
        comparisons.append(Comparison.of(law.name, values, expected, law.accuracy_band))
    return comparisons


two_classes.shifted(-1)


@cache
def ten_class_prediction(law: Law) -> float:
    """Predicted accuracy of the largest of ten scores on unseen rows, labels one-hot less 1/10."""
    classes, unseen_classes = ten_class_labels(law)
    students = kd.rows.Students(kd.rows.solve(law.pool, law.n), np.eye(10)[classes] - 0.1)
    return kd.rows.scores(students, law.unseen).accuracy(unseen_classes)


@ACCURACY.agreement("ten classes, three laws", note="the largest of ten noisy linear forms")
def ten_classes(context: Context, trials: int = 1200) -> list[Comparison]:
    """Accuracy of the largest of ten scores, classes by the largest of ten noisy linear forms."""
    comparisons = []
    for name in ("Gaussian", "Student t3 mixture", "two Gaussians"):
        law = made(name)
        classes, unseen_classes = ten_class_labels(law)
        right = partial(share_right, law, unseen_classes)
        values = trained(context, law, np.eye(10)[classes] - 0.1, right, trials)
        expected = ten_class_prediction(law)
        comparisons.append(Comparison.of(name, values, expected, law.accuracy_band))
    return comparisons


ten_classes.shifted(-1)


@ACCURACY.identity("band", note="lemma", but={"twice as steep": {"factor": 2}})
def steepest(factor: int = 1) -> tuple[list[Any], list[Any]]:
    """``t phi(t)``, the derivative of Phi(t/s) by -log s, has its largest value at t = 1."""
    t, s = sympy.symbols("t s", positive=True)
    phi = sympy.exp(-(t**2) / 2) / sympy.sqrt(2 * sympy.pi)
    cdf = (1 + sympy.erf(t / s / sympy.sqrt(2))) / 2
    slope = -sympy.diff(cdf, s).subs(s, 1)
    return [slope, sympy.factor(sympy.diff(t * phi, t))], [factor * t * phi, (1 - t**2) * phi]
