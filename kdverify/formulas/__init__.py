"""Every closed form of the theory, once.

Each function is plain arithmetic (``+ - * /`` and integer powers), so that the
same lines run on floats, NumPy arrays, mpmath numbers, ball-arithmetic numbers,
SymPy symbols and SMT terms: *the formula that is proved is the formula that is
run*.  Arrays hold one entry per mode and may be NumPy object arrays of any of
these numbers.  Where a sum over modes is needed it is passed in as ``total``
(Python's ``sum`` unless said otherwise; ``numpy.sum`` for float arrays).

Complements are carried, never formed by subtraction: next to ``zeta`` every
function that needs it takes ``one_minus_zeta``, next to ``omega`` it takes
``one_minus_omega``.

Notation (the paper: Ildiz et al., arXiv 2410.18837; section numbers are those of
``proofs/``):

======================  ====================================================
``lam``                 eigenvalues of the target covariance
``tau``                 effective regularisation, the root of (1)
``zeta``                tau / (lam + tau), the fraction of a mode not learnt
``omega``               (1/n) sum (1 - zeta)^2
``beta_star``           ground truth;  ``surrogate``: the teacher's coefficients
``signal``              lam * beta_star^2, one entry per mode
``noise``               variance of the label noise that the target trains on
======================  ====================================================
"""

from kdverify.formulas._types import Number, Total
from kdverify.formulas.best_ridge import *
from kdverify.formulas.exact_means import *
from kdverify.formulas.finite_size import *
from kdverify.formulas.fixed_point import *
from kdverify.formulas.kernels import *
from kdverify.formulas.labels import *
from kdverify.formulas.log_determinants import *
from kdverify.formulas.masks import *
from kdverify.formulas.mixing import *
from kdverify.formulas.model_shift import *
from kdverify.formulas.random_features import *
from kdverify.formulas.rows import *
from kdverify.formulas.scaling import *
from kdverify.formulas.shared_data import *
from kdverify.formulas.small_facts import *
from kdverify.formulas.stages import *
from kdverify.formulas.surrogates import *
from kdverify.formulas.universality import *

#: Every formula, and the two types.
__all__ = [
    "Number",
    "Total",
    *sorted(k for k, v in globals().items() if getattr(v, "__module__", "").startswith(__name__)),
]
