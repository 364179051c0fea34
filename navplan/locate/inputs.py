"""What both enumerations take in: checked, aligned, and without zones that decide nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from navplan.errors import Fault, InputError, raise_faults
from navplan.locate.array_types import Floats
from navplan.locate.ranking import Objective
from navplan.measures import is_flat
from navplan.nouns import TravelTimes, Zones

# exp(κ · longest) must not overflow, nor its inverse vanish.
_STEEPEST = 600.0
_DECIMALS = 9
SHARE_DECIMALS = 12
"""Shares are rounded to this, so that the same people summed in another order tie."""


class TooManyError(InputError):
    """There are more structures than can be enumerated: `solve` searches instead."""


@dataclass(frozen=True)
class Matrix:
    """Minutes of the inhabited zones to the sites that may be chosen.

    Parameters
    ----------
    minutes : array
        Zones × sites [min]; inf where there is no time.
    people : array
        Residents by zone, all above zero [persons].
    area : array
        Position of each zone's area.
    areas : tuple of str
        All areas, sorted.
    sites : tuple of str
        The sites, sorted.
    kappa : float
        Aversion to inequality [1/min]; 0 where it makes no difference.
    longest : float
        Longest time [min].
    """

    minutes: Floats
    people: Floats
    area: npt.NDArray[np.intp]
    areas: tuple[str, ...]
    sites: tuple[str, ...]
    kappa: float
    longest: float

    @property
    def weights(self) -> Floats:
        """``exp(κ (z − longest))``, at most 1; inf where there is no time."""
        with np.errstate(invalid="ignore"):
            return np.exp(self.kappa * (self.minutes - self.longest))

    def ede(self, mass: Floats, timed: Floats, mean: Floats) -> Floats:
        """Equal equivalent from sums, the same function as `measures.ede_minutes`.

        Parameters
        ----------
        mass : array
            Σ w exp(κ (z − longest)) over the people with a time.
        timed : array
            People with a time [persons].
        mean : array
            Mean minutes [min], which stands for it where κ is next to nothing.

        Returns
        -------
        array
            In minutes; NaN where nobody has a time.
        """
        if self.kappa == 0:
            return mean
        with np.errstate(divide="ignore", invalid="ignore"):
            value = self.longest + np.log(mass / timed) / self.kappa
        return np.where(timed > 0, value, np.nan)


def matrix(
    times: TravelTimes,
    people: pd.Series[float],
    *,
    zones: Zones,
    sites: Iterable[str],
    kappa: float,
) -> Matrix:
    """Check and align what a ranking is made of.

    Parameters
    ----------
    times : TravelTimes
        Minutes to at least the sites.
    people : Series
        Residents by zone [persons].
    zones : Zones
        The zones and their areas.
    sites : iterable of str
        The sites that may be chosen.
    kappa : float
        Aversion to inequality [1/min].

    Returns
    -------
    Matrix
        Aligned arrays.

    Raises
    ------
    InputError
        On sites or zones without times or people, nobody at all, or a κ out of range.
    """
    where = f"ranking by {times.profile.name}"
    chosen = tuple(sorted(sites))
    faults = [
        Fault(where, "sites", f"{site!r} stands more than once.", "Name it once.")
        for site in sorted({s for s in chosen if chosen.count(s) > 1})
    ]
    faults += [
        Fault(where, "sites", f"the travel times have no site {site!r}.", "Compute them first.")
        for site in chosen
        if site not in times.minutes.columns
    ]
    index = zones.table.index
    for noun, other in (("travel times", times.minutes.index), ("people", people.index)):
        missing = index.difference(other)
        if len(missing):
            given = f"{len(missing)} zones are missing, for example {missing[0]!r}."
            faults.append(Fault(where, noun, given, "Give one row a zone."))
    if not (np.isfinite(kappa) and kappa >= 0):
        faults.append(Fault(where, "kappa", f"{kappa:g}; expected zero or more."))
    raise_faults(faults)
    weights = people.loc[index].to_numpy(dtype=float)
    if not (np.isfinite(weights) & (weights >= 0)).all():
        faults.append(Fault(where, "people", "a count is negative or missing."))
    elif not (weights > 0).any():
        faults.append(Fault(where, "people", "nobody lives in the zones.", "Check the outlook."))
    raise_faults(faults)
    lived = weights > 0
    minutes = times.minutes.loc[index, list(chosen)].to_numpy(dtype=float)[lived]
    minutes = np.where(np.isnan(minutes), np.inf, minutes)
    finite = minutes[np.isfinite(minutes)]
    longest = float(finite.max()) if len(finite) else 0.0
    if kappa * longest > _STEEPEST:
        given = f"{kappa:g} per minute is too steep for times up to {longest:g} minutes."
        raise_faults([Fault(where, "kappa", given, "Take it from measures.kolm_pollak_kappa.")])
    position = {area: number for number, area in enumerate(zones.areas)}
    area = zones.table["area"].map(position).to_numpy(dtype=np.intp)[lived]
    flat = is_flat(kappa, longest)
    return Matrix(
        minutes, weights[lived], area, zones.areas, chosen, 0.0 if flat else kappa, longest
    )


def rounded(values: Mapping[Objective, Floats]) -> dict[Objective, Floats]:
    """Round to a billionth of a minute: sums in another order differ in later digits.

    Parameters
    ----------
    values : mapping
        Objective → values [min].

    Returns
    -------
    dict
        The same, rounded.
    """
    return {objective: value.round(_DECIMALS) for objective, value in values.items()}


def too_many(count: int, most: int, what: str) -> None:
    """Refuse an enumeration that would take too long.

    Parameters
    ----------
    count : int
        How many there would be.
    most : int
        How many are allowed.
    what : str
        How the count comes about.

    Raises
    ------
    TooManyError
        If there are more than allowed.
    """
    if count > most:
        given = f"{what} give {count:,} structures; at most {most:,} are enumerated."
        remedy = "Allow fewer sites, or search with `solve`."
        raise TooManyError([Fault("ranking", "count", given, remedy)])
