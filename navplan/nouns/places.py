"""Where people live, how many they are, and where offices stand or could stand."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd

from navplan.errors import Fault, raise_faults
from navplan.nouns.checks import crs_faults, index_faults, missing_columns, position_faults
from navplan.nouns.digests import digest, of_points
from navplan.units import clock


@dataclass(frozen=True, repr=False)
class Zones:
    """The places people live.

    Parameters
    ----------
    table : GeoDataFrame
        Indexed by zone id (str); columns ``name``, ``area``, ``kommune`` and point geometry at
        the populated point, in a projected CRS [m].

    Raises
    ------
    InputError
        On duplicate ids, missing columns, a CRS in degrees, or what is no point anywhere.
    """

    table: gpd.GeoDataFrame

    def __post_init__(self) -> None:
        faults = missing_columns(self.table, ("name", "area", "kommune", "geometry"), "zones")
        faults += index_faults(self.table.index, "zones")
        if not faults:
            faults += crs_faults(self.table, "zones")
            faults += position_faults(self.table, "zones")
        raise_faults(faults)

    @property
    def areas(self) -> tuple[str, ...]:
        """Names of the areas, sorted."""
        return tuple(sorted(self.table["area"].unique()))

    @cached_property
    def digest(self) -> str:
        """Hash of ids and positions."""
        return digest(of_points("zones", self.table))

    def __len__(self) -> int:
        return len(self.table)

    def __repr__(self) -> str:
        return f"Zones({len(self)} zones in {len(self.areas)} areas, {self.table.crs})"


@dataclass(frozen=True, repr=False)
class Population:
    """Residents by zone and age group under one outlook.

    Parameters
    ----------
    table : DataFrame
        Zones (rows, same ids as `Zones`) × age groups (columns) → persons, no negatives.
    name : str
        Name of the outlook.
    """

    table: pd.DataFrame
    name: str

    def __post_init__(self) -> None:
        where = f"population {self.name}"
        faults = index_faults(self.table.index, where)
        values = self.table.to_numpy(dtype=float)
        for row, column in np.argwhere(~(values >= 0))[:20]:
            key = f"{self.table.index[row]}, {self.table.columns[column]}"
            given = f"{values[row, column]:g} people; expected zero or more."
            faults.append(Fault(where, key, given))
        raise_faults(faults)

    @property
    def people(self) -> pd.Series[float]:
        """Residents of all ages by zone."""
        return self.table.sum(axis=1)

    @property
    def ages(self) -> tuple[str, ...]:
        """Age groups in table order."""
        return tuple(self.table.columns)

    def __repr__(self) -> str:
        return (
            f"Population({self.name!r}, {self.people.sum():,.0f} people, {len(self.table)} zones)"
        )


@dataclass(frozen=True, repr=False)
class Offices:
    """Existing offices and possible sites.

    Parameters
    ----------
    table : GeoDataFrame
        Indexed by site id; columns ``name``, ``kind``, ``area``, ``address``, ``step_free``,
        ``quality`` (of the position) and point geometry in a projected CRS [m].
    hours : DataFrame
        Columns ``office``, ``weekday``, ``opens`` [s], ``closes`` [s]; may be empty.
    """

    table: gpd.GeoDataFrame
    hours: pd.DataFrame

    def __post_init__(self) -> None:
        columns = ("name", "kind", "area", "address", "step_free", "quality", "geometry")
        faults = missing_columns(self.table, columns, "offices") + index_faults(
            self.table.index, "offices"
        )
        faults += missing_columns(self.hours, ("office", "weekday", "opens", "closes"), "hours")
        if not faults:
            faults += crs_faults(self.table, "offices")
            faults += position_faults(self.table, "offices")
            hours = self.hours[["office", "weekday", "opens", "closes"]]
            rows = hours.itertuples(index=False, name=None)
            for office, weekday, opens, closes in rows:
                key = f"{office}, {weekday}"
                if office not in self.table.index:
                    faults.append(Fault("hours", key, "no such office.", "Use an id of offices."))
                if closes <= opens:
                    given = f"closes {clock(closes)}, not after it opens {clock(opens)}."
                    faults.append(Fault("hours", key, given, "Give a later closing time."))
        raise_faults(faults)

    @property
    def existing(self) -> tuple[str, ...]:
        """Ids of the sites where an office stands today."""
        return tuple(self.table.index[self.table["kind"] == "office"])

    def __len__(self) -> int:
        return len(self.table)

    def __repr__(self) -> str:
        return f"Offices({len(self.existing)} offices, {len(self) - len(self.existing)} more sites)"
