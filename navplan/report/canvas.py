"""Pieces of a map: land, places, offices, names and scale, drawn on given axes."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline
from matplotlib.patheffects import withStroke
from scipy.spatial import KDTree

from navplan.report import drawing as look
from navplan.report.view import View

LARGEST_PT2: Final = 110.0
SMALLEST_PT2: Final = 7.0
LONG_LABEL: Final = 26
NEAR_PT: Final = 14
"""A name farther from its spot than this has a line to it [pt]."""
_SHIFTS: Final = (
    *((7, 0, "left", "center"), (-7, 0, "right", "center")),
    *((0, 7, "center", "bottom"), (0, -7, "center", "top")),
    *((6, 6, "left", "bottom"), (-6, 6, "right", "bottom")),
    *((6, -6, "left", "top"), (-6, -6, "right", "top")),
)


def _land(zones: pd.DataFrame) -> npt.NDArray[np.object_]:
    """Draw a cell round each place, cut to what lies near: no shore is known here."""
    points = np.asarray(shapely.points(zones["x"], zones["y"]), dtype=object)
    everything = shapely.MultiPoint(points.tolist())
    if len(points) == 1:
        return np.asarray(shapely.buffer(points, 0.05 * _extent(zones)), dtype=object)
    reach = _reach(zones)
    # Grown and shrunk again: gaps between neighbours close, the outline stays calm.
    grown = shapely.union_all(shapely.buffer(points, 2 * reach))
    near = shapely.buffer(_without_small_holes(grown, math.pi * (2 * reach) ** 2), -reach)
    cells = shapely.get_parts(shapely.voronoi_polygons(everything, extend_to=near))
    order = shapely.STRtree(cells).query(points, predicate="intersects")
    # Two places at one spot share a cell, so take the first cell each place lies in.
    first = dict(zip(order[0][::-1], order[1][::-1], strict=True))
    mine = cells[[first[k] for k in range(len(points))]]
    return np.asarray(shapely.intersection(mine, near), dtype=object)


def _reach(zones: pd.DataFrame) -> float:
    """Half of how far places reach out to each other [m]: enough for the squares of a grid."""
    points = zones[["x", "y"]].to_numpy(dtype=float)
    distances, _ = KDTree(points).query(points, k=[2])
    apart = float(np.median(distances))
    extent = _extent(zones)
    return min(max(0.05 * extent, 0.4 * apart), 0.1 * extent)


def _without_small_holes(shape: shapely.Geometry, least_area: float) -> shapely.Geometry:
    """Fill what is smaller: between places in a grid, shrinking would make white discs of it."""
    filled = [
        shapely.Polygon(
            part.exterior,
            [ring for ring in part.interiors if shapely.Polygon(ring).area >= least_area],
        )
        for part in shapely.get_parts(shape)
    ]
    return shapely.union_all(filled)


def _extent(zones: pd.DataFrame) -> float:
    wide = float(zones["x"].max() - zones["x"].min())
    return max(wide, float(zones["y"].max() - zones["y"].min()), 1000.0)


def _draw_polygon(axes: Axes, shape: shapely.Geometry, **style: object) -> None:
    for part in shapely.get_parts(shape):
        if not isinstance(part, shapely.Polygon) or part.is_empty:
            continue
        rings = [part.exterior, *part.interiors]
        outline = Outline.make_compound_path(
            *(Outline(np.asarray(ring.coords)[:, :2], closed=True) for ring in rings)
        )
        axes.add_patch(PathPatch(outline, **style))


def ground(axes: Axes, zones: pd.DataFrame, groups: pd.Series[str]) -> None:
    """Draw the land in one shape a group.

    Parameters
    ----------
    axes : Axes
    zones : DataFrame
        ``x`` and ``y`` of every place [m].
    groups : Series
        What each place belongs to: an office, or an area.
    """
    land = _land(zones)
    for group in groups.unique():
        shape = shapely.union_all(land[(groups == group).to_numpy()])
        _draw_polygon(axes, shape, facecolor=look.LAND, edgecolor="#8f8f86", lw=0.8, zorder=1)
    box = shapely.total_bounds(land)
    pad = (box[2] - box[0] + box[3] - box[1]) * 0.02
    axes.set_xlim(box[0] - pad, box[2] + pad)
    axes.set_ylim(box[1] - pad, box[3] + pad)
    axes.set_aspect("equal")
    axes.set_axis_off()


def _sizes(people: pd.Series[float]) -> pd.Series[float]:
    largest = people.max()
    if not largest > 0:
        return pd.Series(SMALLEST_PT2, index=people.index)
    return (people.fillna(0) / largest * LARGEST_PT2).clip(lower=SMALLEST_PT2)


def places(
    axes: Axes,
    zones: pd.DataFrame,
    values: pd.Series[float],
    limits: Sequence[float],
    marks: Sequence[look.Mark],
    absent: look.Mark,
    *,
    shown: pd.Series[bool] | None = None,
) -> None:
    """Draw every place as a mark of its class, its size by people.

    Parameters
    ----------
    axes : Axes
    zones : DataFrame
        ``x``, ``y`` [m] and ``people``.
    values : Series
        Minutes, or their change [min].
    limits, marks : sequence
        Upper limits of the classes [min], and one mark more than limits.
    absent : Mark
        Drawn where there is no value.
    shown : Series of bool, optional
        Which places to draw; all unless told.
    """
    sizes = _sizes(zones["people"])
    classes = np.searchsorted(limits, values.to_numpy(), side="left")
    classes = np.where(values.isna(), -1, classes)
    if shown is not None:
        classes = np.where(shown, classes, -2)
    # The largest third first, so that small places stay visible on top of it.
    thirds = np.array_split(np.argsort(-sizes.to_numpy(), kind="stable"), 3)
    drawn = [*enumerate(marks), (-1, absent)]
    for third, (number, mark) in itertools.product(thirds, drawn):
        mine = third[classes[third] == number]
        if len(mine):
            axes.scatter(
                zones["x"].iloc[mine],
                zones["y"].iloc[mine],
                s=sizes.iloc[mine],
                c=mark.colour,
                marker=mark.marker,
                edgecolors=mark.edge,
                linewidths=0.5,
                zorder=3,
            )


def scale_bar(axes: Axes, view: View) -> None:
    """Draw a bar of a round number of kilometres.

    Parameters
    ----------
    axes : Axes
        With its limits set [m].
    view : View
        For the number format.
    """
    left, right = axes.get_xlim()
    bottom, top = axes.get_ylim()
    wanted = (right - left) / 4
    step = 10 ** math.floor(math.log10(wanted))
    length = max(k * step for k in (1, 2, 5) if k * step <= wanted)
    x, y = right - length - (right - left) * 0.02, bottom + (top - bottom) * 0.015
    axes.plot([x, x + length], [y, y], color=look.INK, lw=1.5, solid_capstyle="butt", zorder=6)
    kilometres = view.words.number(length / 1000, 0 if length >= 1000 else 1)  # noqa: PLR2004
    text = view.words("map.km", number=kilometres)
    axes.annotate(
        text,
        (x + length / 2, y),
        (0, 2),
        textcoords="offset points",
        ha="center",
        va="bottom",
        fontsize=7,
    )


def _boxes(axes: Axes, zones: pd.DataFrame) -> npt.NDArray[np.object_]:
    """Boxes round the marks of the places [px]."""
    pixels = axes.transData.transform(zones[["x", "y"]].to_numpy(dtype=float))
    half = np.sqrt(_sizes(zones["people"]).to_numpy(dtype=float)) / 2 + 0.5  # points
    half = half * axes.figure.dpi / 72
    x, y = pixels.T
    return np.asarray(shapely.box(x - half, y - half, x + half, y + half), dtype=object)


def _lead(axes: Axes, spot: tuple[float, float], box: shapely.Geometry) -> None:
    """Draw a thin line under the marks, from a spot [m] to the nearest point of its name [px]."""
    start = shapely.Point(axes.transData.transform(spot))
    line = shapely.get_coordinates(shapely.shortest_line(start, box))
    x, y = axes.transData.inverted().transform(line).T
    axes.plot(x, y, color=look.INK, lw=0.7, zorder=2)


def label(
    axes: Axes,
    spots: list[tuple[float, float, str, float, str]],
    around: pd.DataFrame | None = None,
) -> None:
    """Write names beside their spots, where they cover the least of one another.

    Parameters
    ----------
    axes : Axes
        With its limits and layout settled.
    spots : list of tuple
        x, y [m], text, font size and weight.
    around : DataFrame, optional
        ``x``, ``y`` [m] and ``people`` of places whose marks the names shall not cover.

    Notes
    -----
    The first of eight positions with the least overlap is taken, in the order given: an
    approximation that is enough for a dozen names. Where there are marks to keep clear of, the
    same eight are tried twice and three times as far off, too, and a thin line then leads to the
    spot; a name on a name, or outside the map, counts more than one on a mark.
    """
    pixels = axes.transData.transform([(x, y) for x, y, *_ in spots] or np.empty((0, 2)))
    taken = [shapely.box(x - 5, y - 5, x + 5, y + 5) for x, y in pixels]
    frame = axes.get_window_extent()
    inside = shapely.box(frame.x0, frame.y0, frame.x1, frame.y1)
    marks = np.empty(0, dtype=object) if around is None else _boxes(axes, around)
    steps = (1,) if around is None else (1, 2, 3)
    shifts = [(k * dx, k * dy, ha, va) for k in steps for dx, dy, ha, va in _SHIFTS]
    halo = [withStroke(linewidth=2.2, foreground="white", alpha=0.85)]
    for x, y, text, size, weight in spots:
        best = None
        for dx, dy, ha, va in shifts:
            note = axes.annotate(
                text,
                (x, y),
                (dx, dy),
                textcoords="offset points",
                ha=ha,
                va=va,
                fontsize=size,
                fontweight=weight,
                path_effects=halo,
                zorder=7,
            )
            extent = note.get_window_extent()
            box = shapely.box(extent.x0, extent.y0, extent.x1, extent.y1)
            cover = 3 * sum(box.intersection(other).area for other in taken)
            cover += float(shapely.area(shapely.intersection(box, marks)).sum())
            cover += 3 * box.difference(inside).area
            if best is None or cover < best[0]:
                if best is not None:
                    best[1].remove()
                best = (cover, note, box, max(abs(dx), abs(dy)))
            else:
                note.remove()
            if cover == 0:
                break
        if best is not None:
            taken.append(best[2])
            if best[3] > NEAR_PT:
                _lead(axes, (x, y), best[2])


def _short(name: str) -> str:
    return name if len(name) <= LONG_LABEL else f"{name[: LONG_LABEL - 1].rstrip()}…"


def offices(axes: Axes, view: View, scenario: str) -> None:
    """Draw the offices of a scenario with their names, and a cross where one was closed.

    Parameters
    ----------
    axes : Axes
    view : View
        The run.
    scenario : str
        Name of the scenario.
    """
    table = view.tables.offices.set_index("site")
    entry = view.scenarios[scenario]
    meetings = [m["at"] for m in entry.get("outreach") or ()]
    spots = []
    shown = [(s, "s", look.INK) for s in entry["offices"]]
    shown += [(s, "D", "#ffffff") for s in meetings if s not in entry["offices"]]
    closed = set(view.scenarios[view.base]["offices"]) - {s for s, *_ in shown}
    for site in sorted(closed & set(table.index)):
        x, y = table.loc[site, ["x", "y"]].astype(float)
        axes.scatter([x], [y], s=34, marker="x", c="white", linewidths=3.2, zorder=5)
        axes.scatter([x], [y], s=26, marker="x", c=look.INK, linewidths=1.4, zorder=5)
    for site, marker, fill in shown:
        if site not in table.index:
            continue
        x, y = table.loc[site, ["x", "y"]].astype(float)
        axes.scatter(
            [x], [y], s=34, marker=marker, c=fill, edgecolors="white", linewidths=1.8, zorder=5
        )
        axes.scatter(
            [x], [y], s=24, marker=marker, c=fill, edgecolors=look.INK, linewidths=1.0, zorder=5
        )
        spots.append((x, y, _short(view.office(site)), 7.5, "bold"))
    label(axes, spots)
