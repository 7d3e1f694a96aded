"""One BLAS thread where products are small: two are several times slower there."""

from __future__ import annotations

from contextlib import nullcontext
from functools import cache
from typing import Any

#: Products of matrices with more entries than this gain from several threads.
LARGE = 4_000_000


def one_blas_thread() -> Any:
    """A context in which BLAS takes one thread; results then do not depend on the machine."""
    return _controller().limit(limits=1, user_api="blas")


def blas_threads_for(entries: int) -> Any:
    """One thread for matrices of so many entries, or as many as there are for large ones."""
    return one_blas_thread() if entries < LARGE else nullcontext()


@cache
def _controller() -> Any:
    """The BLAS of this process; to look for it takes longer than to train a small student."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
