"""A second look: values of SymPy's expressions and answers, computed without SymPy.

`compare` looks at two expressions at random admissible points, in balls, at two precisions;
`watch` writes down what SymPy is asked while a claim's function runs, and looks at its answers.
"""

from kdverify.evidence.look import bound as _bound  # noqa: F401 - what binds a variable
