"""A table of minutes, zones × offices, checked and turned into arrays."""

from __future__ import annotations

import numpy as np
import pandas as pd

from navplan.errors import Fault, raise_faults
from navplan.measures.decays import Decay
from navplan.measures.measured import Floats, Numbers

Table = pd.DataFrame | Floats
"""Zones × offices: a data frame with ids, or a plain array."""


def office_arrays(
    what: str, minutes: Table, people: Numbers, offices: Numbers | None, key: str
) -> tuple[Floats, Floats, Floats]:
    """Check minutes, people by zone and a number by office against each other.

    Parameters
    ----------
    what : str
        The measure, for the faults.
    minutes : DataFrame or array, shape (zones, offices)
        Minutes [min]; NaN = no time.
    people : Series or array, shape (zones,)
        Residents [persons].
    offices : Series or array, shape (offices,), optional
        A number an office, ≥ 0; left out, 1 for each.
    key : str
        What that number is called, for the faults.

    Returns
    -------
    tuple of array
        Minutes, people and the number by office, as floats.

    Raises
    ------
    InputError
        On other zones or offices, negative or missing numbers, negative or infinite minutes.
    """
    z, w = np.asarray(minutes, dtype=float), np.asarray(people, dtype=float)
    columns = z.shape[1] if z.ndim == 2 else 0  # noqa: PLR2004 - zones × offices
    each = np.ones(columns) if offices is None else np.asarray(offices, dtype=float)
    faults = []
    if z.shape != (*w.shape, *each.shape) or not columns:
        given = f"{z.shape} minutes, {w.shape} people and {each.shape} {key}."
        faults.append(Fault(what, "minutes", given, "Give minutes zones × offices."))
    if isinstance(minutes, pd.DataFrame):
        for noun, column, index in (
            ("people", people, minutes.index),
            (key, offices, minutes.columns),
        ):
            if isinstance(column, pd.Series) and not column.index.equals(index):
                given = "the ids are others than those of the minutes, or in another order."
                faults.append(Fault(what, noun, given, "Reindex them to the minutes first."))
    for noun, numbers in (("people", w), (key, each)):
        if not (np.isfinite(numbers) & (numbers >= 0)).all():
            faults.append(Fault(what, noun, "a number is negative or missing.", "Expected ≥ 0."))
    if (z < 0).any() or np.isinf(z).any():
        given = "a time is negative or infinite."
        faults.append(Fault(what, "minutes", given, "No time is NaN, never a large number."))
    raise_faults(faults)
    return z, w, each


def attraction(what: str, decay: Decay, minutes: Floats) -> Floats:
    """Share of each office's draw that reaches each zone.

    Parameters
    ----------
    what : str
        The measure, for the faults.
    decay : Decay
        1 at 0 minutes and never rising.
    minutes : array, shape (zones, offices)
        Minutes [min]; NaN = no time.

    Returns
    -------
    array, shape (zones, offices)
        Between 0 and 1; 0 where there is no time.

    Raises
    ------
    InputError
        If the decay gives anything that is no share.
    """
    shares = np.zeros(minutes.shape)
    timed = ~np.isnan(minutes)
    shares[timed] = decay(minutes[timed])
    if not ((shares >= 0) & (shares <= 1)).all():
        given = "it gives numbers that are no shares between 0 and 1."
        raise_faults([Fault(what, "decay", given, "See measures.decays.")])
    return shares
