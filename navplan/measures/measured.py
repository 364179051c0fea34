"""What every measure gives back: a value with its unit and the share it leaves out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from navplan.errors import Fault, raise_faults

Numbers: TypeAlias = "pd.Series[float] | npt.NDArray[np.float64]"
Floats: TypeAlias = npt.NDArray[np.float64]
Marks: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Measured:
    """A value that never travels without what it leaves out.

    Parameters
    ----------
    value : float
        The value; NaN where nobody it could be about has a time.
    unit : str
        ``min``, ``persons``, ``h`` or ``1`` (a pure number).
    share_without_time : float
        Share of the people the value leaves out, having no time [0–1]; NaN where there are no
        people.
    people : float
        Everybody in the group, with and without a time [persons].
    """

    value: float
    unit: str
    share_without_time: float
    people: float


@dataclass(frozen=True, eq=False)
class MeasuredGroups:
    """One measure of several groups of people; see `Measured`.

    Parameters
    ----------
    value : array, shape (groups,)
        The value of each group.
    unit : str
        Of the values.
    share_without_time, people : array, shape (groups,)
        What the values leave out [0–1], and everybody [persons].
    """

    value: Floats
    unit: str
    share_without_time: Floats
    people: Floats

    @property
    def first(self) -> Measured:
        """The first group's, on its own."""
        value, share, people = self.value[0], self.share_without_time[0], self.people[0]
        return Measured(float(value), self.unit, float(share), float(people))


def numbers(what: str, *columns: Numbers) -> tuple[Floats, ...]:
    """Turn equally long columns into arrays; the last one holds people.

    Parameters
    ----------
    what : str
        The measure, for the faults.
    *columns : Series or array
        Minutes (NaN = no time) and, last, people [persons].

    Returns
    -------
    tuple of array
        Floats, in the order given.

    Raises
    ------
    InputError
        On different lengths or zones, negative or missing people, negative or infinite minutes.
    """
    faults = []
    arrays = tuple(np.asarray(column, dtype=float) for column in columns)
    if len({a.shape for a in arrays}) > 1 or arrays[0].ndim != 1:
        given = f"the columns hold {', '.join(str(a.shape) for a in arrays)} values."
        faults.append(Fault(what, "zones", given, "Give one value a zone in each."))
    indexed = [c.index for c in columns if isinstance(c, pd.Series)]
    if any(not indexed[0].equals(other) for other in indexed[1:]):
        given = "the columns are about different zones, or in another order."
        faults.append(Fault(what, "zones", given, "Reindex them to the same zones first."))
    *minutes, people = arrays
    if not (np.isfinite(people) & (people >= 0)).all():
        faults.append(Fault(what, "people", "a count is negative or missing.", "Expected ≥ 0."))
    if any((column < 0).any() or np.isinf(column).any() for column in minutes):
        given = "a time is negative or infinite."
        faults.append(Fault(what, "minutes", given, "No time is NaN, never a large number."))
    raise_faults(faults)
    return arrays
