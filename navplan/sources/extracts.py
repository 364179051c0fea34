"""What a client of a statistical service hands back: figures, where they are from, what to know."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from navplan.nouns.source import Source


@dataclass(frozen=True)
class Extract:
    """A frame with the rows of the source list that belong to it.

    Parameters
    ----------
    frame : DataFrame
        The figures or codes, one row each.
    sources : tuple of Source
        One for each answer the frame was made of.
    notices : tuple of str
        Sentences a reader of the figures must know, for example what was left out.
    left_out : DataFrame
        Rows of the answers that the frame does not hold, each with its ``reason``; empty where
        nothing was left out.
    """

    frame: pd.DataFrame
    sources: tuple[Source, ...]
    notices: tuple[str, ...] = ()
    left_out: pd.DataFrame = field(default_factory=pd.DataFrame)
