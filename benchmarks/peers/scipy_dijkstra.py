"""scipy's Dijkstra: one tree an origin."""

import numpy as np
from _peer import done, roads, settings, timed
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

given, work = settings(), roads()
count = len(work["lon"])
# scipy sums parallel arcs: keep the quickest
order = np.lexsort((work["milliseconds"], work["head"], work["tail"]))
tail, head = work["tail"][order], work["head"][order]
first = np.r_[True, (np.diff(tail) != 0) | (np.diff(head) != 0)]
seconds = work["milliseconds"][order][first] / 1000.0
graph = csr_matrix((seconds, (tail[first], head[first])), shape=(count, count))
origins = work["origins"][: given["trees"]]
dijkstra(graph, indices=origins[:1])  # nothing is compiled, but the arrays are touched once


def search() -> np.ndarray:
    """Trees of the origins, read at the targets."""
    return dijkstra(graph, indices=origins)[:, work["targets"]]


found, times = timed(search, given["repetitions"])
share = len(origins) / len(work["origins"])
note = f"{len(origins)} of {len(work['origins'])} origins, scaled" if share < 1 else ""
found[np.isinf(found)] = np.nan
done("scipy_dijkstra", "scipy", times, found, share=share, note=note)
