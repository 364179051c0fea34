"""One search over a street graph, from the states that some points are tied to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import dijkstra

from navplan.network.graph import Graph
from navplan.network.terminals import Terminals

Floats = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Tree:
    """Fastest ways from the nearest of some points to every state.

    Parameters
    ----------
    seconds : ndarray of float
        By state; inf where no way leads [s].
    before : ndarray of int
        The state before each on its way; negative, or the number of states, where there is none.
    """

    seconds: Floats
    before: Longs

    def way_to(self, state: int) -> list[int]:
        """States of a way, in order.

        Parameters
        ----------
        state : int
            One that is reached.

        Returns
        -------
        list of int
            Ends with that state.
        """
        states = [state]
        while 0 <= (previous := int(self.before[states[-1]])) < len(self.seconds):
            states.append(previous)
        return states[::-1]


def tree_from(graph: Graph, ties: Terminals, *, backwards: bool = False) -> Tree:
    """Search from some points, or to them.

    Dijkstra's search [1]_. For many points each on its own, use
    `navplan.travel.street_search.StreetSearch`.

    Parameters
    ----------
    graph : Graph
        The streets.
    ties : Terminals
        From `navplan.network.terminals`: ``origins_of``, or ``targets_of`` backwards.
    backwards : bool
        Search against the arcs: seconds are then those to the nearest of the points.

    Returns
    -------
    Tree
        Over the states of the graph.

    References
    ----------
    .. [1] Dijkstra (1959), doi:10.1007/BF01386390.
    """
    tails, heads = (graph.head, graph.tail) if backwards else (graph.tail, graph.head)
    # one state more, from which the points are left
    tail = np.concatenate([tails, np.full(len(ties.states), graph.count)]).astype(np.int64)
    head = np.concatenate([heads, ties.states]).astype(np.int64)
    seconds = np.concatenate([graph.seconds, ties.seconds])
    kept = fastest(tail, head, seconds)
    pointers = np.searchsorted(tail[kept], np.arange(graph.count + 2))
    size = graph.count + 1
    # pointers of our own: a zero in a matrix made of triples would be no arc
    matrix = sparse.csr_array((seconds[kept], head[kept], pointers), shape=(size, size))
    labels, before = dijkstra(matrix, indices=np.array([graph.count]), return_predecessors=True)
    return Tree(labels[0, :-1], before[0, :-1].astype(np.int64))


def fastest(tail: Longs, head: Longs, seconds: Floats) -> Longs:
    """Of parallel arcs the fastest; sorted by tail, then head.

    Parameters
    ----------
    tail, head : ndarray of int
        Ends by arc.
    seconds : ndarray of float
        By arc [s].

    Returns
    -------
    ndarray of int
        Positions of the arcs kept.
    """
    order = np.lexsort((seconds, head, tail))
    first = np.ones(len(order), dtype=bool)
    first[1:] = (np.diff(tail[order]) != 0) | (np.diff(head[order]) != 0)
    return order[first]
