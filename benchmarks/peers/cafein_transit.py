"""cafein's departure-window matrix: one range scan an origin, the median over the minutes."""

import math
import time
import warnings

import geopandas as gpd
import numpy as np
from _peer import done, folder, settings, timed
from cafein import TransportNetwork

warnings.simplefilter("ignore")
given = settings()
began = time.perf_counter()
network = TransportNetwork.from_gtfs(
    folder() / "feed.zip",
    osm_pbf=folder() / "roads.osm.pbf",
    walking_speed_kmph=given["walk_m_per_s"] * 3.6,
    max_walking_time=given["max_walk_min"],
    trip_distances=False,
    street_modes=(),
)
build_s = time.perf_counter() - began
_, transfers = timed(lambda: network.compute_tbtr_transfers(given["date"]), 1)
with np.load(folder() / "points.npz") as arrays:
    points = dict(arrays)


def frame(kind: str, most: int | None = None) -> gpd.GeoDataFrame:
    """Origins or targets as the matrix wants them."""
    lon, lat = points[f"{kind}_lon"][:most], points[f"{kind}_lat"][:most]
    ids = [str(number) for number in range(len(lon))]
    return gpd.GeoDataFrame({"id": ids}, geometry=gpd.points_from_xy(lon, lat), crs="EPSG:4326")


origins, targets = frame("origin", given["cells"]), frame("target")


# Of n minutes cafein takes the sample nearest to p (n - 1); this p is that of the lower median.
minutes = given["minutes"]
percentile = 100.0 * (math.ceil(minutes / 2) - 1) / (minutes - 1)


def matrix(router: str) -> np.ndarray:
    """Median seconds of every pair."""
    return network.travel_time_matrix(
        origins,
        f"{given['date']} {given['depart']}",
        destinations=targets,
        departure_time_window=minutes,
        percentiles=[percentile],
        walking_speed_kmph=given["walk_m_per_s"] * 3.6,
        max_walking_time=given["max_walk_min"],
        router=router,
    )


once = {router: timed(lambda r=router: matrix(r), 1)[1] for router in given["routers"]}
best = min(once, key=lambda router: once[router])
found, times = timed(lambda: matrix(best), given["repetitions"])
answers = np.asarray(found, dtype=float).reshape(len(origins), len(targets))
answers[answers >= np.iinfo(np.uint32).max] = np.nan
share = len(origins) / len(points["origin_lon"])
note = f"its quicker engine here is {best}; walks from cells and to sites are searched in each call"
if share < 1:
    note += f"; {len(origins)} of {len(points['origin_lon'])} cells, scaled"
done(
    "cafein_transit", "cafein", times, answers,
    share=share, note=note, build_s=build_s, transfers_s=transfers[0],
)  # fmt: skip
