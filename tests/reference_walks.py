"""Ways over the streets to compare with: scipy's search between all nodes that matter."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import dijkstra

from navplan.nouns import Streets


def link_seconds(
    streets: Streets, seconds: np.ndarray, origins: pd.DataFrame, targets: pd.DataFrame
) -> np.ndarray:
    """Seconds between linked points, origins × targets; inf where there is no way."""
    fastest: dict[tuple[int, int], float] = {}
    ends = streets.edges[["tail", "head"]].to_numpy()
    for (tail, head), cost in zip(ends.tolist(), seconds.tolist(), strict=True):
        if not np.isnan(cost):
            fastest[tail, head] = min(cost, fastest.get((tail, head), np.inf))
    tails, heads = np.array(list(fastest), dtype=int).reshape(-1, 2).T
    # the lists of a sparse matrix keep edges that take no time
    order = np.lexsort((heads, tails))
    count = len(streets.nodes)
    pointers = np.concatenate([[0], np.cumsum(np.bincount(tails, minlength=count))])
    costs = np.array(list(fastest.values()))[order]
    graph = sparse.csr_array((costs, heads[order], pointers), shape=(count, count))
    way = np.full((len(origins), len(targets)), np.inf)
    from_nodes = np.unique(origins[["node_a", "node_b"]].to_numpy())
    from_nodes = from_nodes[from_nodes >= 0]
    between = dijkstra(graph, indices=from_nodes) if len(from_nodes) else np.empty((0, count))
    for out in "ab":
        for into in "ab":
            one, other = origins[f"node_{out}"].to_numpy(), targets[f"node_{into}"].to_numpy()
            leave, enter = origins[f"out_{out}"].to_numpy(), targets[f"in_{into}"].to_numpy()
            here, there = np.flatnonzero(one >= 0), np.flatnonzero(other >= 0)
            found = between[np.searchsorted(from_nodes, one[here])][:, other[there]]
            found = leave[here, None] + found + enter[there]
            way[np.ix_(here, there)] = np.minimum(way[np.ix_(here, there)], found)
    for edge, starts in origins.reset_index(drop=True).groupby("edge"):
        for end in np.flatnonzero((targets["edge"] == edge).to_numpy() & (edge >= 0)):
            target = targets.iloc[end]
            for start, origin in starts.iterrows():
                ahead = target["fraction"] - origin["fraction"]
                whole = 0.0 if ahead == 0 else origin["forward" if ahead > 0 else "backward"]
                cost = origin["connector_s"] + abs(ahead) * whole + target["connector_s"]
                way[start, end] = min(way[start, end], cost)
    return way
