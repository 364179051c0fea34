"""A second opinion on street times: networkx, written without any of the library's search."""

from __future__ import annotations

import networkx as nx
import numpy as np
import numpy.typing as npt

from navplan.nouns import Streets

ROUNDING_MIN = 5e-4
"""The search counts whole milliseconds; half of one at most is lost on each edge of a way."""


def minutes_between_nodes(
    streets: Streets, seconds: npt.NDArray[np.float64], head: str
) -> dict[str, float]:
    """Minutes from every node to one, by networkx's Dijkstra."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    names = streets.nodes.index
    for tail, to, cost in zip(streets.edges["tail"], streets.edges["head"], seconds, strict=True):
        a, b = names[tail], names[to]
        if not np.isnan(cost) and (not graph.has_edge(b, a) or graph.edges[b, a]["cost"] > cost):
            graph.add_edge(b, a, cost=cost)
    if head not in graph:
        return {}
    found = nx.single_source_dijkstra_path_length(graph, head, weight="cost")
    return {name: float(cost) / 60 for name, cost in found.items()}
