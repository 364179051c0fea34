"""Figures for the notebook of what a study tells about a question; the page draws its own."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from navplan.locate.ranked import MIX, OUTLOOK, ROBUST
from navplan.report import drawing as look
from navplan.report.fronts import SIGNS
from navplan.report.located import ALIKE_MIN, LEAST_TOLD_MIN
from navplan.report.words import Words

_WIDE_IN: Final = 6.0
_BAR_IN: Final = 0.5
_FRAME_IN: Final = 1.2
_MARK_IN: Final = 0.16
_LINE_IN: Final = 0.2
_ROW_SHARE: Final = 0.7
"""How much of a row its marks share, where each has a height of its own."""


def prices_figure(table: pd.DataFrame, words: Words) -> Figure:
    """Draw what each demand costs.

    Parameters
    ----------
    table : DataFrame
        Columns ``demand``, ``profile``, ``outlook``, ``price_minutes``, ``least_price`` and
        ``most_price`` [min].
    words : Words
        Of the language it is labelled in.

    Returns
    -------
    Figure
        A bar a demand; a thin line is the interval of a price that is not proved.
    """
    shown = table.dropna(subset=["price_minutes"])[::-1]
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
    with look.look():
        figure, axes = _sheet(_high(len(shown)), words)
        axes.barh(names, shown["price_minutes"], xerr=spread, color=look.CALM, ecolor=look.INK)
        axes.set_xlabel(words("told.price"))
    return figure


def front_figure(table: pd.DataFrame, words: Words) -> Figure:
    """Draw the mean against the longest way.

    Parameters
    ----------
    table : DataFrame
        Columns ``kind``, ``mean_minutes``, ``worst_minutes``, ``knee`` and ``scenario``.
    words : Words
        Of the language it is labelled in.

    Returns
    -------
    Figure
        Steps, below and left of which no structure lies; the knees and the scenarios by name.
    """
    front = table[table["kind"] == "front"].sort_values("mean_minutes")
    named = table[table["kind"] == "named"]
    knees = front[front["knee"] != ""]
    called = [words(f"front.{knee}") for knee in knees["knee"]]
    marked = pd.concat([knees.assign(scenario=called), named])
    with look.look():
        figure, axes = _sheet(_WIDE_IN, words)
        axes.step(front["mean_minutes"], front["worst_minutes"], where="post", color=look.CALM)
        axes.scatter(front["mean_minutes"], front["worst_minutes"], c=look.CALM, zorder=3)
        axes.scatter(named["mean_minutes"], named["worst_minutes"], c=look.INK, marker="D")
        for mean, worst, name in marked[["mean_minutes", "worst_minutes", "scenario"]].to_numpy():
            axes.annotate(name, (mean, worst), xytext=(6, 6), textcoords="offset points")
        axes.set_xlabel(words("chart.mean_minutes"))
        axes.set_ylabel(words("chart.worst_minutes"))
        axes.yaxis.set_major_formatter(look.tick_numbers(axes.yaxis, words))
    return figure


def regrets_figure(table: pd.DataFrame, words: Words) -> Figure:
    """Draw how much worse than the best of each outlook every structure is.

    Parameters
    ----------
    table : DataFrame
        Columns ``structure``, ``outlook``, ``regret`` [min] and ``status``.
    words : Words
        Of the language it is labelled in.

    Returns
    -------
    Figure
        A row an outlook, a mark a structure: the farther left, the less is lost. The robust one
        is filled; the heading says so where it is not proved.
    """
    outlooks = list(dict.fromkeys(table["outlook"]))[::-1]
    structures = list(dict.fromkeys(table["structure"]))
    rows = table.assign(at=table["outlook"].map(outlooks.index)).dropna(subset=["regret"])
    many = len(structures)
    shifts = 0.5 - (np.arange(many) + 0.5) / max(many, 1)  # from the top of a row to its foot
    high_in = _high(len(outlooks), max(_BAR_IN, _MARK_IN * many)) + _LINE_IN * many
    with look.look():
        figure, axes = _sheet(high_in, words)
        for name, sign, shift in zip(structures, _signs(many), _ROW_SHARE * shifts, strict=True):
            mine = rows[rows["structure"] == name]
            robust = name == ROBUST
            axes.plot(
                mine["regret"], mine["at"] + shift, sign, ms=8, mec=look.INK, clip_on=False,
                mfc=look.ACCENT if robust else "white", zorder=3,
                label=words("told.robust") if robust else name,
            )  # fmt: skip
        _rows(axes, outlooks, rows["regret"])
        axes.set_xlabel(words("told.regret"))
        if (table["status"] != "proved").any():
            axes.set_title(words("regret.open"), loc="left", fontsize="medium")
        if structures:
            figure.legend(loc="outside lower left", frameon=False)
    return figure


def stability_figure(table: pd.DataFrame, words: Words) -> Figure:
    """Draw what it costs to keep the best structure when an assumption is another.

    Parameters
    ----------
    table : DataFrame
        Columns ``parameter``, ``setting`` and ``loss`` [min].
    words : Words
        Of the language it is labelled in.

    Returns
    -------
    Figure
        A row a setting. A white circle is where the structure is still the best; a filled one
        tells how many minutes are lost.
    """
    rows = table.dropna(subset=["loss"])[::-1]
    names = [
        words("told.outlook", name=setting)
        if parameter == OUTLOOK
        else words("told.mix", share=words.share(float(setting)), how=parameter.removeprefix(MIX))
        for parameter, setting in zip(rows["parameter"], rows["setting"], strict=True)
    ]
    with look.look():
        figure, axes = _sheet(_high(len(rows)), words)
        for at, loss in enumerate(rows["loss"]):
            holds = loss < ALIKE_MIN
            axes.plot([0, loss], [at, at], color=look.MUTED, lw=1.4, zorder=1)
            axes.plot(
                [loss], [at], "o", ms=8, mec=look.INK, mfc="white" if holds else look.ACCENT,
                clip_on=False, zorder=3,
            )  # fmt: skip
            text = words("told.holds") if holds else words.change(loss, 2)
            axes.annotate(text, (loss, at), (9, 0), textcoords="offset points", va="center")
        _rows(axes, names, rows["loss"])
        axes.set_xlabel(words("told.loss"))
    return figure


def _high(rows: int, row_in: float = _BAR_IN) -> float:
    return _FRAME_IN + row_in * max(rows, 1)


def _sheet(high_in: float, words: Words) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(_WIDE_IN, high_in), layout="constrained")
    axes = figure.add_subplot()
    axes.xaxis.set_major_formatter(look.tick_numbers(axes.xaxis, words))
    return figure, axes


def _rows(axes: Axes, names: list[str], minutes: pd.Series[float]) -> None:
    """Name the rows of minutes that begin at nought; to the right there is room for a text."""
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(-0.6, max(len(names), 1) - 0.4)
    axes.tick_params(axis="y", length=0, pad=9)  # clear of marks at nought
    axes.grid(axis="x", color=look.BORDER, lw=0.6)
    axes.set_axisbelow(True)
    axes.set_xlim(0, 1.2 * max(minutes.max(), LEAST_TOLD_MIN) if len(minutes) else 1)


def _signs(count: int) -> list[str]:
    return ["o", *(SIGNS[k % len(SIGNS)] for k in range(count - 1))][:count]
