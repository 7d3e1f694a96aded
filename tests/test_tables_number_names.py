"""Columns that are named by numbers, as those of spectra are."""

from __future__ import annotations

import pytest

BELOW = "0.5,0.25,0.75,0.1\n0.5,0.5,0.25,0.9\n0.75,0.5,0.25,0.4\n"


@pytest.mark.parametrize("name", ["700", "650", " 600 ", "0"])
def test_a_wanted_number_that_is_no_place_names_a_column(read_table, name):
    table = read_table("700,650,600,0\n" + BELOW, name)
    assert table.labels.shape == (3,)
    assert name.strip() not in table.columns
    assert len(table.columns) == 3
    dropped = read_table("700,650,600,0\n" + BELOW, drop=(name,))
    assert dropped.columns == table.columns


def test_beside_a_column_of_texts_too(read_table):
    table = read_table("id,700,650\np1,0.5,0.25\np2,0.25,0.5\n", "700", drop=("id",))
    assert (table.columns, table.labels.tolist()) == (("650",), [0.5, 0.25])


def test_a_number_that_is_a_name_or_a_place_is_asked_for(read_table):
    text = "700,650,600,3\n" + BELOW
    with pytest.raises(ValueError, match="must come with --header yes or --header no: its first"):
        read_table(text, "3")
    assert read_table(text, "3", header="yes").labels.tolist() == [0.1, 0.9, 0.4]
    assert read_table(text, "3", header="no").labels.tolist() == [600, 0.75, 0.25, 0.25]


@pytest.mark.parametrize("text", ["3,3,5,1\n" + BELOW, "7,6,5,2\n" + BELOW])
def test_places_are_places_where_the_first_row_cannot_name_them(read_table, text):
    """Twice the same cell, or none of that name."""
    assert len(read_table(text, "3").labels) == 4
