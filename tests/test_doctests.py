"""Every example in a docstring of the package gives what it says."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import kdverify

#: `__main__` runs the command line when imported.
MODULES = sorted(
    {"kdverify", *(m.name for m in pkgutil.walk_packages(kdverify.__path__, "kdverify."))}
    - {"kdverify.__main__"}
)


def examples(name: str) -> list[doctest.DocTest]:
    """The docstrings of a module that hold examples."""
    finder = doctest.DocTestFinder(exclude_empty=True)
    return [test for test in finder.find(importlib.import_module(name)) if test.examples]


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_module(name):
    runner = doctest.DocTestRunner(verbose=False)
    for test in examples(name):
        runner.run(test)
    assert runner.summarize(verbose=False).failed == 0


def test_there_are_examples():
    """The search finds them: a change of layout cannot empty it unnoticed."""
    assert sum(len(examples(name)) for name in MODULES) >= 1
    assert "kdverify.gaussian.theory" in {name for name in MODULES if examples(name)}


def test_a_wrong_example_is_noticed(capsys):
    wrong = doctest.DocTestParser().get_doctest(">>> 1 + 1\n3\n", {}, "wrong", None, 0)
    assert doctest.DocTestRunner(verbose=False).run(wrong).failed == 1
    assert "Expected" in capsys.readouterr().out
