"""Monte-Carlo simulation of ridgeless and ridge students, with exact partial means.

`simulate`, `two_stage`, `covariate_shift` and `chain` run on this machine.  What
schedules work elsewhere uses `build_task`, ``Task.blocks``, `run_block` and `finish`.
"""

from kdverify.simulation.block import BlockResult, run_block
from kdverify.simulation.designs import Design
from kdverify.simulation.engine import (
    build_task,
    chain,
    covariate_shift,
    finish,
    require_memory,
    run_blocks,
    run_task,
    simulate,
    two_stage,
)
from kdverify.simulation.result import SimulationResult, reduce_blocks
from kdverify.simulation.task import Block, ModalStage, Task
from kdverify.training import Stage

__all__ = [
    "Block",
    "BlockResult",
    "Design",
    "ModalStage",
    "SimulationResult",
    "Stage",
    "Task",
    "build_task",
    "chain",
    "covariate_shift",
    "finish",
    "reduce_blocks",
    "require_memory",
    "run_block",
    "run_blocks",
    "run_task",
    "simulate",
    "two_stage",
]
