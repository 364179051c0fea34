"""RoutingKit's customisable contraction hierarchy, by pyroutingkit: its many-to-many query."""

import os

import numpy as np
from _peer import done, roads, settings, timed
from pyroutingkit import INF_WEIGHT, CCHMetric, CCHTopology

given, work = settings(), roads()
tail, head = work["tail"].astype(np.uint32), work["head"].astype(np.uint32)
lat, lon = work["lat"].astype(np.float32), work["lon"].astype(np.float32)
weights = work["milliseconds"].astype(np.uint32)
topology = CCHTopology()
_, build = timed(lambda: topology.build(tail, head, lat, lon, len(lat)), 1)
metric = CCHMetric(topology)
_, customise = timed(lambda: metric.customize(weights, os.cpu_count() or 1), given["repetitions"])
origins = work["origins"].astype(np.uint32)[: given["trees"]]
targets = work["targets"].astype(np.uint32)
found, times = timed(lambda: metric.distances_many_to_many(origins, targets), given["repetitions"])
answers = np.where(found == INF_WEIGHT, np.nan, found / 1000.0)
share = len(origins) / len(work["origins"])
note = f"{len(origins)} of {len(work['origins'])} origins, scaled" if share < 1 else ""
done(
    "routingkit", "pyroutingkit", times, answers,
    order_s=build[0], customise_s=float(np.median(customise)), share=share, note=note,
)  # fmt: skip
