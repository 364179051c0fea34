"""Climbs of streets from an elevation model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyproj
import shapely
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import spsolve

from navplan.errors import Fault, raise_faults
from navplan.network.spans import grouped
from navplan.nouns import Streets

SMOOTH_M: Final = 25.0
"""Heights of nodes closer than this to one another are smoothed [m] (assumption): over a shorter
way the noise of an elevation model, a step in a wall or the roof of a house looks like a slope."""
PLAUSIBLE_M: Final = (-500.0, 9000.0)
"""Heights outside are no heights but a mark for nothing measured [m]."""
OFF_GROUND: Final = ("tunnel", "bridge", "ferry")
_TILE: Final = 2048
"""Squares of so many cells are read at once, so that a model of a whole country is no matter."""

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def with_slopes(streets: Streets, path: Path) -> Streets:
    """Fill in the climb of every edge from an elevation model.

    The climb is the height of the head less that of the tail, so that both directions have
    opposite signs and every way round climbs nothing.

    - *Heights* lie between the four nearest cells of the model (bilinear). Each node takes the
      mean of its own and its neighbours' heights along edges on the ground, weighted by 1 less
      their distance over 25 m: a slope shorter than 25 m is not seen.
    - *Tunnels, bridges, ferries* run evenly from end to end, however many edges they are drawn
      in: the ground above or below them does not count.
    - *Long edges* know their ends only: hills in between are hidden. Streets of a source that is
      cut at every junction, as OpenStreetMap's are, hide little; the main roads of N1000 much.
    - *Unknown* stay edges with an end outside the model or where it holds nothing. Climbs that
      the source itself gives are kept.

    Parameters
    ----------
    streets : Streets
        The network.
    path : Path
        A raster of heights above sea level [m] in its first band, for example a GeoTIFF of
        Kartverket's DTM 10; in any coordinate system. Use a terrain model, not one of surfaces.

    Returns
    -------
    Streets
        With ``climb_m`` and a notice of how many edges, ferries apart, stay unknown.

    Raises
    ------
    InputError
        If rasterio is not installed, or the file is missing, no raster or has no coordinate
        system.
    """
    heights = _on_the_way(streets, _smoothed(streets, _sampled(streets, path)))
    tail, head = streets.edges[["tail", "head"]].to_numpy(dtype=np.int64).T
    given = streets.edges["climb_m"].to_numpy(dtype=float)
    climb = np.where(np.isnan(given), heights[head] - heights[tail], given)
    ashore = (streets.edges["structure"] != "ferry").to_numpy()  # a ferry's climb is no matter
    unknown = int((np.isnan(climb) & ashore).sum())
    edges = streets.edges.assign(climb_m=climb)
    if not unknown:
        return replace(streets, edges=edges)
    of_all = f"{unknown} of {int(ashore.sum())} directed edges"
    notice = f"{path.name} holds no height for an end of {of_all}: they count as flat."
    return replace(streets, edges=edges, notices=(*streets.notices, notice))


def _sampled(streets: Streets, path: Path) -> Floats:
    """Height of the model at each node [m]; NaN where it has none."""
    if not path.is_file():
        problem = "there is no such file."
        raise_faults([Fault(path.name, "", problem, "Fetch the elevation model first.")])
    rasterio = _rasterio(path)
    try:
        with rasterio.open(path) as raster:
            if raster.crs is None:
                problem = "has no coordinate system."
                raise_faults([Fault(path.name, "crs", problem, "Set it, e.g. to EPSG:25833.")])
            return _bilinear(raster, _cells(raster, streets))
    except rasterio.errors.RasterioError as error:
        problem = f"cannot be read as a raster ({error})."
        raise_faults([Fault(path.name, "", problem, "Fetch it again, e.g. as a GeoTIFF.")])
        raise


def _rasterio(path: Path) -> Any:
    try:
        import rasterio  # noqa: PLC0415  only slopes need it
    except ImportError:
        problem = "elevation models are read with rasterio, which is not installed."
        raise_faults([Fault(path.name, "", problem, "Run: pip install 'navplan[slopes]'.")])
    return rasterio


def _cells(raster: Any, streets: Streets) -> Floats:
    """Column and row of each node, counted from the middle of the first cell; may lie outside."""
    xy = shapely.get_coordinates(streets.nodes.geometry.to_numpy())
    to_raster = pyproj.Transformer.from_crs(
        streets.nodes.crs, pyproj.CRS.from_wkt(raster.crs.to_wkt()), always_xy=True
    )
    x, y = to_raster.transform(xy[:, 0], xy[:, 1])
    a, b, west, d, e, north = tuple(raster.transform)[:6]
    offsets = np.column_stack([np.asarray(x) - west, np.asarray(y) - north])
    return np.asarray(offsets @ np.linalg.inv([[a, b], [d, e]]).T - 0.5)


def _bilinear(raster: Any, cells: Floats) -> Floats:
    shape = np.array([raster.width, raster.height])
    # the outer half of the outermost cells has no further neighbour
    nearest = np.clip(cells, 0, shape - 1)
    inside = np.flatnonzero((np.abs(cells - nearest) <= 1 / 2).all(axis=1))
    at = nearest[inside]
    corner = np.minimum(at.astype(np.int64), np.maximum(shape - 2, 0))
    tiles = -(-raster.width // _TILE)
    tile = corner[:, 1] // _TILE * tiles + corner[:, 0] // _TILE
    used, number = np.unique(tile, return_inverse=True)
    order, pointers = grouped(number, len(used))
    found = np.full(len(cells), np.nan)
    for i, which in enumerate(used.tolist()):
        here = order[pointers[i] : pointers[i + 1]]
        row, column = which // tiles * _TILE, which % tiles * _TILE
        window = ((row, row + _TILE + 1), (column, column + _TILE + 1))
        model = raster.read(1, window=window, masked=True).astype(float).filled(np.nan)
        model = model * raster.scales[0] + raster.offsets[0]
        model[(model < PLAUSIBLE_M[0]) | (model > PLAUSIBLE_M[1])] = np.nan
        local = at[here] - (column, row)
        found[inside[here]] = _between(model, local, corner[here] - (column, row))
    return found


def _between(model: Floats, at: Floats, corner: Ints) -> Floats:
    """Heights between four cells; a cell of no weight need not be known."""
    share = at - corner
    total = np.zeros(len(at))
    for right in (0, 1):
        for down in (0, 1):
            weight = np.abs(1 - right - share[:, 0]) * np.abs(1 - down - share[:, 1])
            row = np.minimum(corner[:, 1] + down, model.shape[0] - 1)
            column = np.minimum(corner[:, 0] + right, model.shape[1] - 1)
            total += np.where(weight > 0, weight * model[row, column], 0.0)
    return total


def _off_ground(streets: Streets) -> npt.NDArray[np.bool_]:
    return np.asarray(streets.edges["structure"].isin(OFF_GROUND).to_numpy())


def _smoothed(streets: Streets, heights: Floats) -> Floats:
    """Mean of each node and its near neighbours along the streets."""
    edges = streets.edges[~_off_ground(streets)]
    tail, head = edges[["tail", "head"]].to_numpy(dtype=np.int64).T
    weight = np.maximum(1.0 - edges["length_m"].to_numpy(dtype=float) / SMOOTH_M, 0.0)
    # each street once, whether it is drawn in one direction or in both, the shortest of several
    low, high = np.minimum(tail, head), np.maximum(tail, head)
    order = np.lexsort((-weight, high, low))
    order = order[(weight[order] > 0) & (low[order] != high[order])]
    _, first = np.unique(np.column_stack([low[order], high[order]]), axis=0, return_index=True)
    pairs = order[first]
    known = ~np.isnan(heights)
    total, share = np.where(known, heights, 0.0), known.astype(float)
    summed, shares = total.copy(), share.copy()
    for here, there in ((low[pairs], high[pairs]), (high[pairs], low[pairs])):
        np.add.at(summed, here, weight[pairs] * total[there])
        np.add.at(shares, here, weight[pairs] * share[there])
    return np.asarray(np.divide(summed, shares, out=np.full(len(heights), np.nan), where=known))


def _on_the_way(streets: Streets, heights: Floats) -> Floats:
    """Heights of nodes inside tunnels and on bridges, evenly between the ends on the ground."""
    off = _off_ground(streets)
    ends = streets.edges[["tail", "head"]].to_numpy(dtype=np.int64)
    ground, above = np.zeros((2, len(heights)), dtype=bool)
    ground[ends[~off].ravel()] = True
    above[ends[off].ravel()] = True
    inner = np.flatnonzero(above & ~ground)
    # the height along a chain of edges rises evenly where each node lies at the mean of its
    # neighbours, weighted by nearness
    length = streets.edges["length_m"].to_numpy(dtype=float)[off]
    nearness = 1.0 / np.maximum(length, 0.1)
    size = (len(heights), len(heights))
    one_way = sparse.csr_array((nearness, ends[off].T), shape=size)
    ties = (one_way + one_way.T)[inner]
    within, outward = ties[:, inner], ties[:, ground]
    ends_known = ~np.isnan(heights[ground])
    _, part = connected_components(within, directed=False)
    reached = np.bincount(part, outward @ np.ones(len(ends_known))) > 0
    lost = np.bincount(part, outward @ (~ends_known).astype(float)) > 0
    solved = np.flatnonzero((reached & ~lost)[part])
    result = heights.copy()
    result[inner] = np.nan
    if len(solved):
        pull = outward @ np.where(ends_known, heights[ground], 0.0)
        balance = sparse.diags_array(ties.sum(axis=1)) - within
        system = sparse.csc_array(balance[solved][:, solved])
        result[inner[solved]] = spsolve(system, pull[solved])
    return result
