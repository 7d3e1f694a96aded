"""The graph of claims: which rests on which, in layers, drawn without crossing too much.

Layers are the longest distance from a claim that rests on none.  An arrow that skips layers
passes through a place of its own in each of them.  Arrows that follow from others (a rests
on b, b on c, so a on c) are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import mean
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import networkx as nx

Place = str | tuple[str, str, int]

ROW, PASSING = 27.0, 13.0
CHARACTER, LABEL_GAP, COLUMN_GAP, EDGE = 6.3, 13.0, 36.0, 12.0
SWEEPS = 24


@dataclass(frozen=True)
class Node:
    """A claim in the picture: where its mark stands, its layer and place in the layer."""

    id: str
    x: float
    y: float
    layer: int
    row: int


@dataclass(frozen=True)
class Arrow:
    """``source`` is what ``target`` rests on."""

    source: str
    target: str
    path: str


@dataclass(frozen=True)
class Picture:
    """The whole picture, in pixels of its natural size."""

    width: float
    height: float
    nodes: tuple[Node, ...]
    arrows: tuple[Arrow, ...]


def draw(needs: Mapping[str, Sequence[str]]) -> Picture:
    """Lay out the claims, each with the ids that it needs; unknown ids are left out."""
    import networkx as nx

    graph = nx.DiGraph()
    graph.add_nodes_from(needs)
    graph.add_edges_from((n, c) for c, wanted in needs.items() for n in wanted if n in needs)
    graph = _reduced(graph, list(needs))
    layers: list[list[Place]] = [list(layer) for layer in nx.topological_generations(graph)]
    layer_of = {place: k for k, layer in enumerate(layers) for place in layer}
    chains = [_chain(a, b, layer_of, layers) for a, b in graph.edges]
    heights = _heights(layers, chains)
    lefts = _lefts(layers)
    nodes = [
        Node(str(place), lefts[k], heights[place], k, row)
        for k, layer in enumerate(layers)
        for row, place in enumerate(p for p in layer if isinstance(p, str))
    ]
    arrows = tuple(
        Arrow(str(chain[0]), str(chain[-1]), _path(chain, layer_of, lefts, heights))
        for chain in chains
    )
    last = max((_label_end(node.x, node.id) for node in nodes), default=0.0)
    bottom = max(heights.values(), default=0.0)
    return Picture(last + EDGE, bottom + EDGE, tuple(nodes), arrows)


def _reduced(graph: nx.DiGraph, order: list[str]) -> nx.DiGraph:
    """Without the edges that follow from others, in the order given: the picture is the same
    in every process, whatever the order of Python's sets.
    """
    import networkx as nx

    kept = nx.transitive_reduction(graph).edges
    reduced = nx.DiGraph()
    reduced.add_nodes_from(order)
    reduced.add_edges_from(edge for edge in graph.edges if edge in kept)
    return reduced


def _chain(
    source: str, target: str, layer_of: Mapping[Place, int], layers: list[list[Place]]
) -> list[Place]:
    """The places through which an arrow goes; new ones are added to the layers passed."""
    between: list[Place] = []
    for k in range(layer_of[source] + 1, layer_of[target]):
        place = (source, target, k)
        layers[k].append(place)
        between.append(place)
    return [source, *between, target]


def _heights(layers: list[list[Place]], chains: list[list[Place]]) -> dict[Place, float]:
    """Heights near those of the neighbours, at a distance within each layer.

    Sweeps to and fro, as Sugiyama, Tagawa and Toda (1981) order layers: a layer is sorted
    by the mean height of its neighbours and then placed as close to it as the distances
    allow.
    """
    neighbours: dict[Place, list[Place]] = {place: [] for layer in layers for place in layer}
    for chain in chains:
        for a, b in pairwise(chain):
            neighbours[a].append(b)
            neighbours[b].append(a)
    heights: dict[Place, float] = {}
    for layer in layers:
        heights |= dict(zip(layer, _spread(layer, [0.0] * len(layer)), strict=True))
    for sweep in range(SWEEPS):
        for layer in layers if sweep % 2 else layers[::-1]:
            wish = {p: mean([heights[q] for q in neighbours[p]] or [heights[p]]) for p in layer}
            layer.sort(key=wish.__getitem__)
            heights |= dict(zip(layer, _spread(layer, [wish[p] for p in layer]), strict=True))
    top = min(heights.values(), default=0.0)
    return {place: height - top + EDGE for place, height in heights.items()}


def _spread(layer: list[Place], wishes: list[float]) -> list[float]:
    """The least-squares heights in this order and at these distances from the wishes.

    With the distances subtracted this is isotonic regression: pool adjacent violators.
    """
    offsets = [0.0]
    for a, b in pairwise(layer):
        offsets.append(offsets[-1] + (_room(a) + _room(b)) / 2)
    blocks: list[list[float]] = []
    for wish, offset in zip(wishes, offsets, strict=True):
        blocks.append([wish - offset])
        while len(blocks) > 1 and mean(blocks[-2]) > mean(blocks[-1]):
            blocks[-2:] = [blocks[-2] + blocks[-1]]
    levels = [mean(block) for block in blocks for _ in block]
    return [level + offset for level, offset in zip(levels, offsets, strict=True)]


def _room(place: Place) -> float:
    return ROW if isinstance(place, str) else PASSING


def _label_end(x: float, label: str) -> float:
    return x + LABEL_GAP + CHARACTER * len(label)


def _lefts(layers: list[list[Place]]) -> list[float]:
    """Where the marks of each layer stand: as far right as the labels before it need."""
    lefts = [EDGE]
    for layer in layers[:-1]:
        longest = max(len(place) for place in layer if isinstance(place, str))
        lefts.append(_label_end(lefts[-1], "x" * longest) + COLUMN_GAP)
    return lefts


def _path(
    chain: list[Place],
    layer_of: Mapping[Place, int],
    lefts: list[float],
    heights: Mapping[Place, float],
) -> str:
    """A curve from the label of the first claim, level through each place passed."""
    first, last = str(chain[0]), str(chain[-1])
    points = [(_label_end(lefts[layer_of[first]], first) + 3, heights[first])]
    for place in chain[1:-1]:
        x = lefts[int(place[2])]
        points += [(x - 6, heights[place]), (x + COLUMN_GAP, heights[place])]
    points.append((lefts[layer_of[last]] - 10, heights[last]))
    path = f"M{points[0][0]:.1f},{points[0][1]:.1f}"
    for (x0, y0), (x1, y1) in pairwise(points):
        middle = (x0 + x1) / 2
        path += f"C{middle:.1f},{y0:.1f} {middle:.1f},{y1:.1f} {x1:.1f},{y1:.1f}"
    return path
