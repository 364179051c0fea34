"""Figures for the notebook of what a study tells about a question; the report draws its own."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from navplan.report import drawing as look

_WIDE_IN = 6.0
_BAR_IN = 0.5
_FRAME_IN = 1.2


def prices_figure(table: pd.DataFrame) -> Figure:
    """Draw what each demand costs.

    Parameters
    ----------
    table : DataFrame
        Columns ``demand``, ``profile``, ``outlook``, ``price_minutes``, ``least_price`` and
        ``most_price`` [min].

    Returns
    -------
    Figure
        A bar a demand; a thin line is the interval of a price that is not proved.
    """
    shown = table.dropna(subset=["price_minutes"])[::-1]
    with look.look():
        size = (_WIDE_IN, _FRAME_IN + _BAR_IN * max(len(shown), 1))
        figure = Figure(figsize=size, layout="constrained")
        axes = figure.add_subplot()
        names = [
            f"{demand} ({profile}, {outlook})"
            for demand, profile, outlook in zip(
                shown["demand"], shown["profile"], shown["outlook"], strict=True
            )
        ]
        spread = [
            shown["price_minutes"] - shown["least_price"],
            shown["most_price"] - shown["price_minutes"],
        ]
        axes.barh(names, shown["price_minutes"], xerr=spread, color=look.CALM, ecolor=look.INK)
        axes.set_xlabel("price [min a resident]")
    return figure


def front_figure(table: pd.DataFrame) -> Figure:
    """Draw the mean against the longest way.

    Parameters
    ----------
    table : DataFrame
        Columns ``kind``, ``mean_minutes``, ``worst_minutes``, ``knee`` and ``scenario``.

    Returns
    -------
    Figure
        Steps, below and left of which no structure lies; the knees and the scenarios by name.
    """
    front = table[table["kind"] == "front"].sort_values("mean_minutes")
    named = table[table["kind"] == "named"]
    with look.look():
        figure = Figure(figsize=(_WIDE_IN, _WIDE_IN), layout="constrained")
        axes = figure.add_subplot()
        axes.step(front["mean_minutes"], front["worst_minutes"], where="post", color=look.CALM)
        axes.scatter(front["mean_minutes"], front["worst_minutes"], c=look.CALM, zorder=3)
        axes.scatter(named["mean_minutes"], named["worst_minutes"], c=look.INK, marker="D")
        marked = pd.concat([front[front["knee"] != ""].assign(scenario=front["knee"]), named])
        for mean, worst, name in marked[["mean_minutes", "worst_minutes", "scenario"]].to_numpy():
            axes.annotate(name, (mean, worst), xytext=(6, 6), textcoords="offset points")
        axes.set_xlabel("mean [min]")
        axes.set_ylabel("longest way [min]")
    return figure
