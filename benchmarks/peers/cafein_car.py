"""cafein's car matrix over a street network alone: one bounded search an origin."""

import warnings

import geopandas as gpd
import numpy as np
from _peer import done, folder, roads, settings, timed
from cafein import StreetNetwork

MOST_S = 6 * 3600.0
SNAP_M = 50.0

warnings.simplefilter("ignore")
given, work = settings(), roads()
network, build = timed(
    lambda: StreetNetwork.from_osm(folder() / "roads.osm.pbf", modes=("car",), country="NO"), 1
)


def points(kind: str, most: int | None = None) -> gpd.GeoDataFrame:
    """Origins or targets as the matrix wants them."""
    lon, lat = work[f"{kind}_lon"][:most], work[f"{kind}_lat"][:most]
    geometry = gpd.points_from_xy(lon, lat)
    ids = [str(number) for number in range(len(lon))]
    return gpd.GeoDataFrame({"id": ids}, geometry=geometry, crs="EPSG:4326")


origins, targets = points("origin", given["trees"]), points("target")


def places(frame: gpd.GeoDataFrame) -> list[tuple[float, float]]:
    """(lat, lon) of every point."""
    return list(zip(frame.geometry.y.tolist(), frame.geometry.x.tolist(), strict=True))


# The matrix itself, without the long table that TravelTimeMatrix makes of it afterwards.
start, end = places(origins), places(targets)
search = network._core.travel_time_matrix  # noqa: SLF001
found, times = timed(
    lambda: search(start, end, "car", MOST_S, SNAP_M, car_model=None, workers=None),
    given["repetitions"],
)
matrix = np.asarray(found["matrix"]).astype(float)
matrix[matrix == np.iinfo(np.uint32).max] = np.nan
share = len(origins) / len(work["origin_lon"])
note = f"{len(origins)} of {len(work['origin_lon'])} origins, scaled" if share < 1 else ""
done("cafein_car", "cafein", times, matrix, share=share, note=note, build_s=build[0])
