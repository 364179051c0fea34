"""A plain search over the streets to compare with: scipy's Dijkstra between linked points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import dijkstra

from navplan.nouns import Streets

Floats = npt.NDArray[np.float64]
_MAX_CELLS: Final = 20_000_000
"""Labels held at once while searching (160 MB)."""


@dataclass(frozen=True)
class Graph:
    """Usable edges only, the fastest of parallel ones.

    Parameters
    ----------
    tail, head : ndarray of int
        Positions of the ends.
    seconds : ndarray of float
        [s].
    count : int
        Number of nodes.
    """

    tail: npt.NDArray[np.int64]
    head: npt.NDArray[np.int64]
    seconds: Floats
    count: int


def graph_of(streets: Streets, seconds: Floats) -> Graph:
    """Keep the edges that can be used, one for each pair of ends.

    Parameters
    ----------
    streets : Streets
        The network.
    seconds : ndarray of float
        Seconds by edge, NaN where closed [s].

    Returns
    -------
    Graph
        For `link_seconds`.
    """
    rows = np.flatnonzero(~np.isnan(seconds))
    tail = streets.edges["tail"].to_numpy(dtype=np.int64)[rows]
    head = streets.edges["head"].to_numpy(dtype=np.int64)[rows]
    tail, head, least = _fastest(tail, head, seconds[rows])
    return Graph(tail, head, least, len(streets.nodes))


def _fastest(
    tail: npt.NDArray[np.int64], head: npt.NDArray[np.int64], seconds: Floats
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Floats]:
    # a sparse matrix adds up entries of one cell, so parallel edges must go first
    order = np.lexsort((seconds, head, tail))
    tail, head, seconds = tail[order], head[order], seconds[order]
    first = np.ones(len(tail), dtype=bool)
    first[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
    return tail[first], head[first], seconds[first]


def link_seconds(
    graph: Graph, origins: pd.DataFrame, targets: pd.DataFrame, *, limit_s: float = np.inf
) -> Floats:
    """Seconds of the fastest way from each origin to each target.

    Dijkstra's search [1]_ from every target over the reversed network, or from every origin
    where those are fewer. Points linked to an edge enter and leave it at either end; two points
    on one edge also reach each other along it.

    Parameters
    ----------
    graph : Graph
        From `graph_of`.
    origins, targets : DataFrame
        From `navplan.network.attach` with the same seconds.
    limit_s : float
        Longer ways need not be found [s].

    Returns
    -------
    ndarray of float
        Origins × targets [s]; inf where there is no way, or none within the limit.

    References
    ----------
    .. [1] Dijkstra (1959), doi:10.1007/BF01386390.
    """
    backwards = len(targets) <= len(origins)
    starts, ends = (targets, origins) if backwards else (origins, targets)
    leave, enter = ("in", "out") if backwards else ("out", "in")
    matrix = _matrix(graph, starts, leave=leave, backwards=backwards)
    found = np.full((len(starts), len(ends)), np.inf)
    size = matrix.shape[0]
    chunk = max(1, _MAX_CELLS // size)
    nodes = [ends[f"node_{end}"].to_numpy(dtype=np.int64) for end in "ab"]
    costs = [ends[f"{enter}_{end}"].to_numpy(dtype=float) for end in "ab"]
    for first in range(0, len(starts), chunk):
        rows = np.arange(first, min(first + chunk, len(starts)))
        labels = dijkstra(matrix, indices=graph.count + rows, limit=limit_s)
        for node, cost in zip(nodes, costs, strict=True):
            here = np.flatnonzero(node >= 0)
            way = labels[:, node[here]] + cost[here]
            found[np.ix_(rows, here)] = np.minimum(found[np.ix_(rows, here)], way)
    result = found.T.copy() if backwards else found
    _along_edges(result, origins, targets)
    result[result > limit_s] = np.inf
    return result


def _matrix(graph: Graph, starts: pd.DataFrame, *, leave: str, backwards: bool) -> sparse.csr_array:
    """Make the network with a node more for each start; zero seconds stay stored entries."""
    tails, heads = (graph.head, graph.tail) if backwards else (graph.tail, graph.head)
    rows, columns, seconds = [tails], [heads], [graph.seconds]
    for end in "ab":
        node = starts[f"node_{end}"].to_numpy(dtype=np.int64)
        cost = starts[f"{leave}_{end}"].to_numpy(dtype=float)
        here = np.flatnonzero((node >= 0) & np.isfinite(cost))
        rows.append(graph.count + here)
        columns.append(node[here])
        seconds.append(cost[here])
    tail, head, least = _fastest(
        np.concatenate(rows), np.concatenate(columns), np.concatenate(seconds)
    )
    size = graph.count + len(starts)
    pointers = np.concatenate([[0], np.cumsum(np.bincount(tail, minlength=size))])
    return sparse.csr_array((least, head, pointers), shape=(size, size))


def _along_edges(result: Floats, origins: pd.DataFrame, targets: pd.DataFrame) -> None:
    """Lower the seconds of pairs on one street to the way along it."""
    columns = ["edge", "fraction", "connector_s", "forward", "backward"]
    linked = [frame[columns].reset_index(drop=True) for frame in (origins, targets)]
    left, right = (frame[frame["edge"] >= 0].reset_index(names="number") for frame in linked)
    pairs = left.merge(right, on="edge", suffixes=("", "_target"))
    ahead = pairs["fraction_target"] - pairs["fraction"]
    whole = pairs["forward"].where(ahead > 0, pairs["backward"]).where(ahead != 0, 0.0)
    way = pairs["connector_s"] + ahead.abs() * whole + pairs["connector_s_target"]
    cells = (pairs["number"].to_numpy(), pairs["number_target"].to_numpy())
    result[cells] = np.minimum(result[cells], way.to_numpy(dtype=float))
