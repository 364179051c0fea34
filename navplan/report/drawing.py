"""Drawing without global state: one look, deterministic SVG, classes that survive greyscale."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import matplotlib as mpl
import numpy as np
from matplotlib.axis import Axis
from matplotlib.figure import Figure as Drawing
from matplotlib.ticker import FuncFormatter

from navplan.report.words import Words

INK: Final = "#1d1d1d"
MUTED: Final = "#595959"
LAND: Final = "#f1f1ec"
BORDER: Final = "#b9b9b0"
ACCENT: Final = "#8c2d04"
CALM: Final = "#2b5c8a"
_SETTINGS: Final = {
    "font.family": "sans-serif",
    "font.size": 9.0,
    "text.color": INK,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": MUTED,
    "ytick.color": INK,
    "svg.fonttype": "path",
    "svg.hashsalt": "navplan",
}


@dataclass(frozen=True)
class Mark:
    """How a class of values is drawn: colour, marker and the key of its word."""

    colour: str
    marker: str
    word: str
    edge: str = INK


MINUTE_LIMITS: Final = (15.0, 30.0, 45.0, 60.0)
MINUTE_MARKS: Final = (
    Mark("#ffffff", "o", "map.up_to_15"),
    Mark("#fdd49e", "o", "map.15_30"),
    Mark("#fc8d59", "o", "map.30_45"),
    Mark("#d7301f", "o", "map.45_60"),
    Mark("#3b0a0a", "o", "map.over_60"),
)
"""Lighter is nearer; luminance falls from class to class, so that grey print keeps the order."""
NO_TIME: Final = Mark(INK, "X", "map.no_time")
CHANGE_LIMITS: Final = (-5.0, 5.0, 10.0, 15.0)
CHANGE_MARKS: Final = (
    Mark("#3f7fb5", "v", "map.gain_5"),
    Mark("#ffffff", "o", "map.little", "#8a8a8a"),
    Mark("#fdbb84", "^", "map.lose_5"),
    Mark("#d7301f", "^", "map.lose_10"),
    Mark("#4a0606", "^", "map.lose_15"),
)
LOST: Final = Mark(INK, "X", "map.lost")
NEVER: Final = Mark("#d9d9d9", "P", "map.never", "#6f6f6f")


@contextmanager
def look() -> Iterator[None]:
    """Hold the report's look while a drawing is made and written."""
    with mpl.rc_context(_SETTINGS):  # type: ignore[arg-type]
        yield


def svg(drawing: Drawing) -> str:
    """Write a drawing as SVG; the same drawing gives the same bytes.

    Parameters
    ----------
    drawing : matplotlib Figure

    Returns
    -------
    str
    """
    held = io.StringIO()
    drawing.savefig(
        held,
        format="svg",
        metadata={"Date": None, "Creator": None},
        bbox_inches="tight",
        pad_inches=0.04,
    )
    return held.getvalue()


def tick_numbers(axis: Axis, words: Words) -> FuncFormatter:
    """Write every tick as the language does, with as many decimals as the finest of them needs.

    Parameters
    ----------
    axis : matplotlib Axis
        Whose ticks.
    words : Words
        Of the language.

    Returns
    -------
    FuncFormatter
        For `axis`.
    """

    def _text(value: float, _: int) -> str:
        ticks = np.asarray(axis.get_majorticklocs())
        finer = (d for d in range(3) if np.allclose(ticks, ticks.round(d), rtol=0, atol=1e-6))
        return words.number(value, next(finer, 3))

    return FuncFormatter(_text)
