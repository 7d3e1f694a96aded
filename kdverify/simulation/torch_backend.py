"""Factorisations by PyTorch: all designs of a block at once, in double precision.

The draws are NumPy's own, so that results agree with the default backend within rounding.
Needs the extra ``torch``; nothing else in kdverify imports it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property

import numpy as np
import torch

from kdverify.simulation.draws import Trial, draw_noise, draw_rows
from kdverify.simulation.factor import LARGEST_CONDITION, Factor, Safe, probe
from kdverify.simulation.task import Task


def require_device(device: str) -> None:
    """Raise ValueError unless ``device`` is here and computes in double precision."""
    try:
        torch.ones(1, dtype=torch.float64, device=device).sum().item()
    except (RuntimeError, AssertionError, TypeError, NotImplementedError) as error:
        reason = str(error).splitlines()[0].split(". ")[0]
        raise ValueError(
            f"device={device!r} must be available to PyTorch with float64: {reason}"
        ) from None


@contextmanager
def one_thread() -> Iterator[None]:
    """One thread for PyTorch's own kernels on the processor."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


class Together:
    """All trials of a block at once (a `Trial`)."""

    def __init__(self, task: Task, rng: np.random.Generator, trials: int) -> None:
        self._task = task
        self._rows = [np.empty((trials, stage.n, stage.r)) for stage in task.stages]
        noises: list[list[np.ndarray]] = [[] for _ in task.stages]
        for trial in range(trials):
            for j, stage in enumerate(task.stages):
                draw_rows(stage, task.design, rng, self._rows[j][trial])
                noise = draw_noise(task, j, rng)
                if noise is not None:
                    noises[j].append(noise)
        self._noises = [np.stack(noise) if noise else None for noise in noises]
        self.safe = 0
        self.condition = 1.0

    def trials(self, count: int) -> Iterator[tuple[slice, Trial]]:
        """All of them, once."""
        yield slice(count), self

    def factor(self, j: int) -> Factor:
        """Factorises the designs of stage ``j``."""
        factor = Stack(self._rows[j], self._task.stages[j].ridge, torch.device(self._task.device))
        self.safe += factor.safe
        self.condition = max(self.condition, factor.condition)
        return factor

    def noise(self, j: int) -> np.ndarray | None:
        """(t, n, 1) noise of stage ``j``."""
        return self._noises[j]


class Stack(Factor):
    """t designs, (t, n, r): by Cholesky at once, the ill-conditioned ones by `Safe`.

    What is asked and answered are NumPy arrays.

    Attributes:
        safe: how many took the safe route.
    """

    def __init__(self, rows: np.ndarray, ridge: float, device: torch.device) -> None:
        _, n, self._r = rows.shape
        self._device = device
        self._batch = (_Wide if n < self._r else _Tall)(self._tensor(rows), ridge)
        conditions = self._batch.conditions.cpu().numpy()
        fit_for_cholesky = conditions <= LARGEST_CONDITION
        self._own = {int(i): Safe(rows[i], ridge) for i in np.flatnonzero(~fit_for_cholesky)}
        self.safe = len(self._own)
        met = [*conditions[fit_for_cholesky], *(safe.condition for safe in self._own.values())]
        self.condition = float(max(met))

    def fit(self, b: np.ndarray) -> np.ndarray:
        """``P b`` for b of shape (r, k) or (t, r, k)."""
        each = np.broadcast_to(b, (len(self._batch.x), *b.shape[-2:]))
        return self._mended(self._batch.fit(self._tensor(each)), lambda s, i: s.fit(each[i]))

    def fit_noise(self, z: np.ndarray) -> np.ndarray:
        """``A z`` for z of shape (t, n, k)."""
        return self._mended(self._batch.fit_noise(self._tensor(z)), lambda s, i: s.fit_noise(z[i]))

    def diagonal(self) -> np.ndarray:
        """``P_ii``, (t, r)."""
        return self._mended(self._batch.diagonal(), lambda s, i: s.diagonal())

    def energy(self, weights: np.ndarray) -> np.ndarray:
        """``sum_k weights_k P_ki^2`` for weights of shape (r,) or (t, r)."""
        each = np.broadcast_to(weights, (len(self._batch.x), self._r))
        return self._mended(self._batch.energy(self._tensor(each)), lambda s, i: s.energy(each[i]))

    def noise_columns(self) -> np.ndarray:
        """``A``, (t, r, n)."""
        return self._mended(self._batch.noise_columns, lambda s, i: s.noise_columns())

    def noise_diagonal(self) -> np.ndarray:
        """``(A A')_ii``, (t, r)."""
        return self._mended(self._batch.noise_diagonal(), lambda s, i: s.noise_diagonal())

    def _tensor(self, array: np.ndarray) -> torch.Tensor:
        return torch.as_tensor(np.require(array, requirements=["C", "W"]), device=self._device)

    def _mended(self, values: torch.Tensor, own: Callable[[Safe, int], np.ndarray]) -> np.ndarray:
        """``values``, with those of the ill-conditioned designs put right."""
        found = values.cpu().numpy()
        for i, safe in self._own.items():
            found[i] = own(safe, i)
        return found


class _Batch(ABC):
    """The Cholesky routes of `Factor` on tensors; for notation see that module.

    Attributes:
        x: (t, n, r) designs.
        conditions: (t,) estimated condition numbers, infinite where Cholesky failed; what
            else is said of those designs is finite and wrong.
    """

    x: torch.Tensor
    conditions: torch.Tensor

    @abstractmethod
    def fit(self, b: torch.Tensor) -> torch.Tensor: ...

    @abstractmethod
    def fit_noise(self, z: torch.Tensor) -> torch.Tensor: ...

    @abstractmethod
    def diagonal(self) -> torch.Tensor: ...

    @abstractmethod
    def energy(self, weights: torch.Tensor) -> torch.Tensor: ...

    @property
    @abstractmethod
    def noise_columns(self) -> torch.Tensor: ...

    @abstractmethod
    def noise_diagonal(self) -> torch.Tensor: ...


class _Wide(_Batch):
    def __init__(self, x: torch.Tensor, ridge: float) -> None:
        self.x = x
        gram = x @ x.mT
        _diagonal(gram).add_(ridge)
        self._lower, self.conditions = _cholesky(gram)

    def fit(self, b: torch.Tensor) -> torch.Tensor:
        return self.fit_noise(self.x @ b)

    def fit_noise(self, z: torch.Tensor) -> torch.Tensor:
        return self.x.mT @ torch.cholesky_solve(z, self._lower)

    def diagonal(self) -> torch.Tensor:
        return self._white.square().sum(dim=-2)

    def energy(self, weights: torch.Tensor) -> torch.Tensor:
        w = self._white
        middle = (w * weights[:, None, :]) @ w.mT
        return (w * (middle @ w)).sum(dim=-2)

    @cached_property
    def noise_columns(self) -> torch.Tensor:
        return torch.linalg.solve_triangular(self._lower.mT, self._white, upper=True).mT

    def noise_diagonal(self) -> torch.Tensor:
        return self.noise_columns.square().sum(dim=-1)

    @cached_property
    def _white(self) -> torch.Tensor:
        return torch.linalg.solve_triangular(self._lower, self.x, upper=False)


class _Tall(_Batch):
    def __init__(self, x: torch.Tensor, ridge: float) -> None:
        self.x = x
        self._ridge = ridge
        gram = x.mT @ x
        _diagonal(gram).add_(ridge)
        scale = _diagonal(gram).sqrt()
        scale = torch.where(scale > 0, scale, 1.0)
        lower, self.conditions = _cholesky(gram / scale[:, :, None] / scale[:, None, :])
        inverse = torch.cholesky_inverse(lower)
        self._inverse = inverse / scale[:, :, None] / scale[:, None, :]

    def fit(self, b: torch.Tensor) -> torch.Tensor:
        return b - self._ridge * (self._inverse @ b) if self._ridge else b.clone()

    def fit_noise(self, z: torch.Tensor) -> torch.Tensor:
        return self._inverse @ (self.x.mT @ z)

    def diagonal(self) -> torch.Tensor:
        return 1.0 - self._ridge * _diagonal(self._inverse)

    def energy(self, weights: torch.Tensor) -> torch.Tensor:
        if not self._ridge:
            return weights.clone()
        own = self._ridge * _diagonal(self._inverse)
        off = self._ridge**2 * (weights[:, None, :] @ self._inverse.square())[:, 0, :]
        return off + weights * ((1.0 - own).square() - own.square())

    @property
    def noise_columns(self) -> torch.Tensor:
        return self._inverse @ self.x.mT

    def noise_diagonal(self) -> torch.Tensor:
        return _diagonal(self._inverse) - self._ridge * self._inverse.square().sum(dim=-1)


def _cholesky(gram: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Lower factors and condition estimates; where it fails, the identity and infinity."""
    lower, info = torch.linalg.cholesky_ex(gram)
    size = gram.shape[-1]
    one = torch.eye(size, dtype=gram.dtype, device=gram.device)
    lower = torch.where((info != 0)[:, None, None], one, lower)
    start = torch.as_tensor(probe(size), device=gram.device).expand(len(gram), size, 1)
    inverse_norms = torch.cholesky_solve(start, lower).norm(dim=(-2, -1))
    conditions = _diagonal(gram).sum(dim=-1) * inverse_norms
    infinite = (info != 0) | ~conditions.isfinite()
    return lower, torch.where(infinite, torch.inf, conditions)


def _diagonal(matrices: torch.Tensor) -> torch.Tensor:
    return matrices.diagonal(dim1=-2, dim2=-1)
