"""Random numbers of the experiments: the stored records' own, and no two alike."""

from itertools import combinations

import numpy as np
from numpy.random import SeedSequence, default_rng

from experiments import label_sets, other_label_sets, streams
from kdverify.rows import made_up


def first(stream: np.random.Generator | SeedSequence) -> int:
    """The state that a stream begins with."""
    return int(default_rng(stream).integers(2**63))


def test_records_rest_on_these_keys():
    """The very keys with which the records in docs/data were made."""
    drawn = streams.stream(3, "draws from the kernel", 50, 300, 2)
    assert first(drawn) == first(SeedSequence([3, 6, 50, 300, 2]))
    assert first(streams.stream(0, "order of the train images")) == first(SeedSequence([0, 1]))
    assert first(streams.kept_images()) == first(SeedSequence([2]))
    assert first(streams.of_run((1, 2, 4, 8, 16), 5)) == first(SeedSequence([1, 2, 4, 8, 16, 5]))
    assert first(streams.made_up("few labels", "t3")) == first(SeedSequence([13, 116, 51]))
    assert first(streams.made_up("few labels", 4)) == first(SeedSequence([13, 4]))
    assert first(streams.made_up("few samples")) == first(SeedSequence([12]))
    assert first(streams.of_draw("labelled", 100, 3)) == first(
        SeedSequence([108, 97, 98, 101, 108, 108, 101, 100, 100, 3])
    )


def alike(named: dict[str, int]) -> set[frozenset[str]]:
    """Pairs of names whose streams begin alike."""
    return {frozenset(two) for two in combinations(named, 2) if named[two[0]] == named[two[1]]}


def test_the_pairs_that_coincide_are_those_that_are_said():
    """Images of a standard target and its first pass; two pairs of other experiments."""
    named = {}
    for seed in (0, 1, 2):
        for kind, channels in ((0, (16, 32, 64)), (0, (4, 8, 16)), (1, ()), (2, (16, 32, 64))):
            for passed in (0, 1, 59):
                key = (seed, kind, *channels)
                named[f"run {key} {passed}"] = first(streams.of_run(key, passed))
        for purpose in streams.STREAMS:
            more = {"draws from the kernel": (50, 300, 7), "batches of a lazy network": (50, 1, 9)}
            name = f"{seed} {purpose}"
            named[name] = first(streams.stream(seed, purpose, *more.get(purpose, ())))
    named["kept images"] = first(streams.kept_images())
    named["Fashion"] = first(streams.made_up("ReLU of Fashion-MNIST"))
    named["few samples"] = first(streams.made_up("few samples"))
    named |= {f"real {law}": first(streams.made_up("real features", law)) for law in made_up.LAWS}
    expected = {
        frozenset({f"run {(seed, 1)} 0", f"{seed} order of the train images"}) for seed in (0, 1, 2)
    } | {
        frozenset({"kept images", "2 first layer and pool"}),
        frozenset({"Fashion", "0 first layer and pool"}),
    }
    assert alike(named) == expected


def test_no_two_of_few_labels_coincide():
    named = {}
    for law in (*made_up.LAWS, "relu of digits", *label_sets.SETS, *other_label_sets.OTHERS):
        named[f"made up {law}"] = first(streams.made_up("few labels", law))
    for number in range(10):
        named[f"texts {number}"] = first(streams.made_up("few labels", number))
    for n0 in (100, 300, 1000):
        for draw in (0, 1, 19):
            for purpose in ("labelled", "posterior", "sub-samples"):
                named[f"{purpose} {n0} {draw}"] = first(streams.of_draw(purpose, n0, draw))
            for n in (200, 1600):
                key = f"few labels {n0} {draw} {n}"
                named[key] = first(streams.of_draw("few labels", n0, draw, n))
    assert alike(named) == set()
