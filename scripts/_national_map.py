"""The map of the national study."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

import geopandas as gpd
import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.patches import Patch
from PIL import Image

mpl.use("Agg")
STEPS: Final = (-1.0, 1.0, 5.0, 10.0, 20.0)
"""Where one class of the map ends and the next begins [min]."""
CLASSES: Final = (
    ("over 1 min shorter", "#4393c3"),
    ("within 1 min of 2019", "#e3e3e3"),
    ("1–5 min longer", "#fed98e"),
    ("5–10 min longer", "#fe9929"),
    ("10–20 min longer", "#cc4c02"),
    ("over 20 min longer", "#662506"),
)
"""Words and colours (a sequence that stays one for the colour-blind, and blue for the gains)."""
NO_WAY: Final = "#777777"
"""Outline of kommuner where nobody has a time."""
CREDITS: Final = "© Kartverket (roads, borders) · Statistics Norway (people) · NAV (offices)"


def draw_map(land: gpd.GeoDataFrame, table: pd.DataFrame, path: Path) -> None:
    """Colour kommuner by the change of the mean way.

    Parameters
    ----------
    land : GeoDataFrame
        Indexed by kommune; projected.
    table : DataFrame
        As `_national_table.by_kommune` gives it.
    path : Path
        PNG, 1 200 pixels wide.
    """
    change = table["change_min"].reindex(land.index)
    figure, ax = plt.subplots(figsize=(8, 9))
    known = land[change.notna()]
    classes = np.digitize(change.dropna(), STEPS)
    unknown = land[change.isna()]
    if len(unknown):
        unknown.plot(ax=ax, color="white", edgecolor=NO_WAY, linewidth=0.8)
    for number in np.unique(classes):
        own = known[classes == number]
        own.plot(ax=ax, color=CLASSES[number][1], edgecolor="white", linewidth=0.25)
    west, south, east, north = land.total_bounds
    ax.set_xlim(west - 2e4, east + 2e4)
    ax.set_ylim(south - 2e4, north + 2e4)
    ax.set_axis_off()
    counts = np.bincount(classes, minlength=len(CLASSES))
    handles = [
        Patch(facecolor=colour, edgecolor="#777777", linewidth=0.4, label=f"{words} ({count})")
        for (words, colour), count in zip(CLASSES, counts, strict=True)
    ]
    if len(unknown):
        no_way = Patch(facecolor="white", edgecolor=NO_WAY, label=f"no way by car ({len(unknown)})")
        handles.insert(0, no_way)
    ax.legend(
        handles=handles[::-1], loc="lower right", fontsize=12, frameon=False,
        bbox_to_anchor=(1.0, 0.14), alignment="left",
        title="Mean way by car\n(number of kommuner)", title_fontsize=12,
    )  # fmt: skip
    longer = int((change >= STEPS[1]).sum())
    figure.suptitle(
        f"From 2019 to 2024 the mean way to one's NAV office\n"
        f"grew by a minute or more in {longer} of {len(table)} kommuner",
        x=0.03, y=0.98, ha="left", va="top", fontsize=15, weight="bold",
    )  # fmt: skip
    figure.text(0.03, 0.015, CREDITS, fontsize=10.5, color="#444444")
    figure.subplots_adjust(0.0, 0.04, 1.0, 0.93)
    drawn = io.BytesIO()
    figure.savefig(drawn, dpi=150)
    Image.open(drawn).convert("RGB").quantize(64).save(path, optimize=True)
    plt.close(figure)
