"""One map for the notebook: minutes from every zone to one site."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from navplan.nouns import Offices, TravelTimes, Zones
from navplan.report import drawing as look

_SIZE_IN = 6.0


def minutes_figure(times: TravelTimes, *, zones: Zones, offices: Offices, to: str) -> Figure:
    """Draw the minutes from every zone to one site.

    Use it to look at a matrix; the report's own maps show scenarios.

    Parameters
    ----------
    times : TravelTimes
        Minutes to at least the site.
    zones : Zones
        Where people live.
    offices : Offices
        Holds the site.
    to : str
        Id of the site.

    Returns
    -------
    Figure
        A matplotlib figure; classes differ in lightness, no time is a cross.
    """
    minutes = times.minutes[to].reindex(zones.table.index).to_numpy(dtype=float)
    points = zones.table.geometry
    site = offices.table.loc[to]
    with look.look():
        figure = Figure(figsize=(_SIZE_IN, _SIZE_IN), layout="constrained")
        axes = figure.add_subplot()
        classes = np.searchsorted(look.MINUTE_LIMITS, minutes, side="left")
        classes[np.isnan(minutes)] = -1
        edges = [0.0, *look.MINUTE_LIMITS]
        names = [f"{low:g}–{high:g} min" for low, high in pairwise(edges)]
        names += [f"more than {edges[-1]:g} min", "no time"]
        signs = []
        for number, mark in enumerate([*look.MINUTE_MARKS, look.NO_TIME]):
            chosen = classes == (number if mark is not look.NO_TIME else -1)
            axes.scatter(
                points.x[chosen],
                points.y[chosen],
                s=34,
                c=mark.colour,
                marker=mark.marker,
                linewidths=0.5,
                edgecolors=mark.edge,
            )
            if chosen.any():
                signs.append(_sign(mark, names[number]))
        place = (site.geometry.x, site.geometry.y)
        axes.scatter(*place, s=110, marker="*", c=look.CALM, edgecolors=look.INK, zorder=3)
        axes.annotate(site["name"], place, xytext=(8, 8), textcoords="offset points")
        axes.legend(handles=signs, frameon=False, loc="best")
        axes.set_title(f"{times.profile.name}: minutes to {site['name']}", loc="left")
        axes.set_aspect("equal")
        axes.set_axis_off()
    return figure


def _sign(mark: look.Mark, text: str) -> Line2D:
    return Line2D(
        [], [], ls="", marker=mark.marker, color=mark.colour, markeredgecolor=mark.edge, label=text
    )
