"""Random numbers of the experiments whose records are stored, by what they are for.

A new experiment asks `kdverify.seeds.stream`.  The records in ``docs/data`` are older and rest on
lists of integers, which stay so that the same command makes the same record; they are listed
here, once.  A seed sequence pads its key with zeros, and two of these coincide by that: the first
pass of a standard target is shuffled by the stream that chose its train images.  These are two
permutations of other lengths, so that nothing follows; no other two of one experiment coincide.
Of experiments that share no result two pairs do: `KEPT_IMAGES` and the rows "ReLU of Fashion-MNIST"
with the first layer of seeds 2 and 0 (``tests/test_streams.py``).
"""

from __future__ import annotations

from numpy.random import Generator, SeedSequence, default_rng

#: Purpose -> its number in a key, after the seed and before what the stream is asked for.
STREAMS = {
    "first layer and pool": 0,
    "order of the train images": 1,
    "rows of teacher and head": 3,
    "fixed head": 4,
    "wrong labels": 5,
    "draws from the kernel": 6,
    "batches of a lazy network": 7,
}
#: Key of the train images whose features are kept, whatever the seed.
KEPT_IMAGES = 2
#: Table of results -> first number of the keys of its made-up rows.
TABLES = {"ReLU of Fashion-MNIST": 0, "real features": 12, "few samples": 12, "few labels": 13}


def stream(seed: int, purpose: str, *keys: int) -> Generator:
    """The random numbers of a purpose of `STREAMS`; each has its own number of keys."""
    return default_rng(SeedSequence([seed, STREAMS[purpose], *keys]))


def kept_images() -> Generator:
    """Which train images `cifar10.features` keeps."""
    return default_rng(KEPT_IMAGES)


def made_up(table: str, name: str | int | None = None) -> Generator:
    """The random numbers of a made-up set of a table of `TABLES`, or of its only one."""
    key = name.encode() if isinstance(name, str) else [] if name is None else [name]
    return default_rng(SeedSequence([TABLES[table], *key]))


def of_draw(purpose: str, *keys: int) -> Generator:
    """Those of the table of few labels: a purpose, as text, then n_0 and the labelled draw."""
    return default_rng(SeedSequence([*purpose.encode(), *keys]))


def of_run(key: tuple[int, ...], *passed: int) -> SeedSequence:
    """Start of a training run, or with the number of a pass over the images its choices there.

    ``key`` is the seed, the kind of run and its channels.
    """
    return SeedSequence([*key, *passed])
