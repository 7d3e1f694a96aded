"""Rows as they are, labels of any kind: section 9 of the theory on a pool of real rows.

pool = rows.Pool(X)                      # (N, p)
at = rows.solve(pool, n=400)             # the fixed point (9)
students = rows.Students(at, y)          # their law: (11) and (12)
test = rows.Moments.of(pool, pool, students.labels)
students.excess_risks(test)              # before anything was trained
"""

from __future__ import annotations

from kdverify.rows import made_up
from kdverify.rows.draws import Draws
from kdverify.rows.finite_size import (
    CORRECTION_ROWS,
    Correction,
    FiniteSize,
    StudentChange,
    corrected_errors,
    student_change,
)
from kdverify.rows.fixed_point import RowCode, RowEquivalents, solve
from kdverify.rows.jackknife import Jackknife, jackknife
from kdverify.rows.mixing import SameData, TunedMixing
from kdverify.rows.pairs import DrawnLaw, class_accuracy, drawn_law
from kdverify.rows.pool import Pool
from kdverify.rows.prediction import Moments, Students
from kdverify.rows.question import Question
from kdverify.rows.response import LARGEST_DIRECT, Response
from kdverify.rows.scores import LeftOut, Scores, scores, unseen_scores
from kdverify.rows.shared import crossed_excess, crossed_second_moments
from kdverify.rows.teachers import Teachers
from kdverify.rows.training import Decomposition, fit
from kdverify.rows.two_stages import TwoStages

__all__ = [
    "CORRECTION_ROWS",
    "LARGEST_DIRECT",
    "Correction",
    "Decomposition",
    "DrawnLaw",
    "Draws",
    "FiniteSize",
    "Jackknife",
    "LeftOut",
    "Moments",
    "Pool",
    "Question",
    "Response",
    "RowCode",
    "RowEquivalents",
    "SameData",
    "Scores",
    "StudentChange",
    "Students",
    "Teachers",
    "TunedMixing",
    "TwoStages",
    "class_accuracy",
    "corrected_errors",
    "crossed_excess",
    "crossed_second_moments",
    "drawn_law",
    "fit",
    "jackknife",
    "made_up",
    "scores",
    "solve",
    "student_change",
    "unseen_scores",
]
