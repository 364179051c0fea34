"""Residents of grid cells by age, and cells too small to be shown."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from navplan.errors import Fault, raise_faults
from navplan.population.counts import count_faults
from navplan.population.rounding import controlled_rounding, largest_remainder
from navplan.units import LEAST_PEOPLE


def people_of_cells(
    areas: pd.DataFrame,
    cells: pd.DataFrame,
) -> pd.DataFrame:
    """Divide the residents of each area by age over its cells, to the person.

    Each cell gets its share of the area's residents in the grid, with the area's ages; in every
    year and alternative both the cells' totals and the area's figure for each age are kept. The
    grid has no ages: that all cells of an area have the same is an assumption
    (`controlled_rounding` of the table in which cells and ages are independent).

    Parameters
    ----------
    areas : DataFrame
        ``area``, ``age``, ``people`` (whole) and any others, as ``year`` and ``alternative``.
    cells : DataFrame
        ``cell``, ``area``, ``people`` (residents in the grid, zero or more).

    Returns
    -------
    DataFrame
        ``cell`` in place of ``area``, the other columns of ``areas``.

    Raises
    ------
    InputError
        With every count that is no whole number of people, cell that stands twice, row of an
        area that stands twice, and area with residents and no inhabited cell.
    """
    others = [str(c) for c in areas.columns if c not in {"area", "age", "people"}]
    faults = count_faults(areas["people"], where="residents")
    faults += count_faults(cells["people"], where="cells") + _doubled(cells)
    faults += [
        Fault("residents", f"row {row + 2}", "the same area and age stand twice.")
        for row in np.flatnonzero(areas.duplicated(["area", "age", *others]))
    ]
    raise_faults(faults)
    held = cells.groupby("area")["people"].sum()
    lived = areas.groupby("area")["people"].sum()
    raise_faults(
        Fault("cells", f"area {area}", f"no inhabited cell for {people} residents.",
              "Check that the cells and the areas have the same codes.")
        for area, people in lived[lived > 0].items() if not held.get(area, 0) > 0
    )  # fmt: skip
    own = {str(area): part.sort_values("cell") for area, part in cells.groupby("area")}
    parts = []
    for key, rows in areas.groupby(["area", *others], sort=False):
        here = own.get(str(key[0]))
        if here is None:  # nobody lives there
            continue
        total = int(rows["people"].sum())
        sums = largest_remainder([float(n) for n in here["people"]], total)
        ages = [int(people) for people in rows["people"]]
        table = controlled_rounding(sums, ages)
        parts.append(
            pd.DataFrame(
                {
                    "cell": np.repeat(here["cell"].to_numpy(), len(ages)),
                    **dict(zip(others, key[1:], strict=True)),
                    "age": np.tile(rows["age"].to_numpy(), len(here)),
                    "people": np.ravel(table),
                }
            )
        )
    columns = ["cell", *(str(c) for c in areas.columns if c != "area")]
    if not parts:
        return pd.DataFrame(columns=columns)
    return pd.concat(parts, ignore_index=True)[columns]


def merge_small_cells(
    cells: pd.DataFrame,
    *,
    figures: Sequence[str] = ("people",),
    least: int = LEAST_PEOPLE,
) -> pd.DataFrame:
    """Merge cells with few residents into neighbours until no figure is from 1 to 9.

    The rule: take the cell with the smallest figure above zero and below ``least`` (of equals,
    the smaller id), and join it to the nearest inhabited cell of the same area (of equally near
    ones, the smaller id). The joined cell keeps the id and the point of the one with more people
    (of equals, the smaller id). Repeat. The order of the rows does not matter, nobody is lost and
    nobody changes area.

    Parameters
    ----------
    cells : DataFrame
        ``cell``, ``area``, ``x``, ``y`` [m] and the figures.
    figures : sequence of str
        Columns of counts that are all to be zero or at least ``least``: the residents, or one
        column for each year, alternative and age that is to be shown.
    least : int
        Smallest figure that may be shown besides zero [persons].

    Returns
    -------
    DataFrame
        A row for each given cell: ``cell``, ``into`` (the id of the cell that now holds its
        people; its own where it stands).

    Raises
    ------
    InputError
        With every area that has a figure from 1 to ``least`` − 1 altogether, every cell that
        stands twice or has no position, and every count that is no whole number of people.

    Notes
    -----
    What can be worked out from two published results, as a scenario before and after, is left
    to `navplan.measures.disclosure`.
    """
    faults = _doubled(cells)
    for figure in figures:
        faults += count_faults(cells[figure], where="cells", column=figure)
    placed = np.isfinite(cells[["x", "y"]].to_numpy(dtype=float)).all(axis=1)
    faults += [
        Fault("cells", f"row {row + 2}, x and y", "has no position.", "Give its middle in metres.")
        for row in np.flatnonzero(~placed)
    ]
    raise_faults(faults)
    sums = cells.groupby("area")[list(figures)].sum()
    raise_faults(
        Fault("cells", f"area {area}", f"has fewer than {least} people altogether ({figure}), "
              "which is not shown.", "Join it with a neighbouring area, or take fewer groups.")
        for figure in figures
        for area, people in sums[figure].items() if 0 < people < least
    )  # fmt: skip
    parts = [_merge_area(own, list(figures), least) for _, own in cells.groupby("area")]
    into = pd.concat(parts) if parts else pd.Series(dtype=object)
    return pd.DataFrame({"cell": cells["cell"], "into": cells["cell"].map(into)})


def _doubled(cells: pd.DataFrame) -> list[Fault]:
    return [
        Fault("cells", f"row {row + 2}, cell", f"{cells['cell'].iloc[row]!r} stands twice.")
        for row in np.flatnonzero(cells["cell"].duplicated())
    ]


def _merge_area(own: pd.DataFrame, figures: list[str], least: int) -> pd.Series[str]:
    own = own.sort_values("cell")
    ids = own["cell"].to_numpy()
    at = own[["x", "y"]].to_numpy(dtype=float)
    counts = np.array(own[figures], dtype=np.int64)
    holder = np.arange(len(own))
    there = counts.sum(axis=1) > 0
    while True:
        small = np.where((counts > 0) & (counts < least), counts, least).min(axis=1)
        small[~there] = least
        one = int(small.argmin())
        if small[one] >= least:
            return pd.Series(ids[holder], index=ids)
        away = np.hypot(*(at - at[one]).T)
        away[~there] = np.inf
        away[one] = np.inf
        other = int(away.argmin())
        more = counts[other].sum() - counts[one].sum()
        stays, goes = (other, one) if more > 0 or (more == 0 and other < one) else (one, other)
        counts[stays] += counts[goes]
        there[goes] = False
        holder[holder == goes] = stays
