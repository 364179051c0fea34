"""Counts of people that are none: missing, negative, not whole."""

from __future__ import annotations

import numpy as np
import pandas as pd

from navplan.errors import Fault


def count_faults(
    people: pd.Series[float], *, where: str, column: str = "people", whole: bool = True
) -> list[Fault]:
    """Find counts that are missing, no numbers, infinite, negative or not whole.

    Parameters
    ----------
    people : Series
        One count a row.
    where : str
        File or table, for the faults.
    column : str
        The counts' column, for the faults.
    whole : bool
        Whether only whole numbers are counts.

    Returns
    -------
    list of Fault
        Row numbers are those of the file (the header is row 1).
    """
    counts = pd.to_numeric(people, errors="coerce").to_numpy(dtype=float)
    good = np.isfinite(counts) & (counts >= 0)
    if whole:
        good &= np.mod(counts, 1, where=good, out=np.ones_like(counts)) == 0
    wanted = "a whole number from zero" if whole else "zero or more"
    return [
        Fault(where, f"row {row + 2}, {column}", f"{people.iloc[row]} is no number of people; "
              f"expected {wanted}.")
        for row in np.flatnonzero(~good)
    ]  # fmt: skip
