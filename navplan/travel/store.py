"""Columns of travel times kept in files, by a digest of all that they depend on."""

from __future__ import annotations

import hashlib
import os
import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from navplan.errors import NavplanWarning
from navplan.nouns import Profile, Streets, Timetable, Zones
from navplan.units import MODES

VERSION: Final = "travel 5"
"""Raised whenever the definition of a time changes, so that no old file is taken for new."""
_FEET: Final = ("walk", "transit")
_TIMETABLED: Final = (
    *("percentile", "step_s", "change_slack_s"),
    *("max_rides", "max_walk_min", "max_direct_walk_min"),
)
_ONLY_FOR: Final = {
    "step_free": _FEET,
    "walk_m_per_s": (*_FEET, "bicycle"),  # who cycles pushes up stairs
    **dict.fromkeys(_TIMETABLED, ("transit",)),
    **dict.fromkeys(("car_factor", "turn_costs"), ("car",)),
    "bicycle_km_h": ("bicycle",),
}
"""Profile fields that only some modes know; every other field counts for all."""
_ARRAYS: Final = ("minutes", "codes", "snap_m")


def inputs_digest(
    profile: Profile, *, zones: Zones, streets: Streets, timetable: Timetable | None
) -> str:
    """Hash what all columns depend on: origins, network, service and the mode's parameters.

    Names, people and the parameters of other modes do not count.

    Parameters
    ----------
    profile : Profile
        The way to travel.
    zones : Zones
        Where people start.
    streets : Streets
        The network.
    timetable : Timetable, optional
        Counts for transit only.

    Returns
    -------
    str
        sha256, hexadecimal.
    """
    kept = [
        f"{key}={getattr(profile, key)}"
        for key in (field.name for field in fields(profile))
        if key != "name" and profile.mode in _ONLY_FOR.get(key, MODES)
    ]
    service = timetable.digest if profile.mode == "transit" and timetable is not None else ""
    return _hash(VERSION, *kept, zones.digest, streets.digest, service)


def _hash(*words: str) -> str:
    return hashlib.sha256("\n".join(words).encode()).hexdigest()


def site_keys(sites: gpd.GeoDataFrame) -> list[str]:
    """Name each site by what its column depends on: id and position.

    Parameters
    ----------
    sites : GeoDataFrame
        Points by id.

    Returns
    -------
    list of str
        sha256, hexadecimal, in the order of the sites.
    """
    at = shapely.get_coordinates(sites.geometry.to_numpy())
    ids = map(str, sites.index)
    return [_hash(i, x.hex(), y.hex()) for i, (x, y) in zip(ids, at.tolist(), strict=True)]


def times_digest(inputs: str, keys: Sequence[str]) -> str:
    """Hash what a whole matrix depends on.

    Parameters
    ----------
    inputs : str
        From `inputs_digest`.
    keys : sequence of str
        From `site_keys`.

    Returns
    -------
    str
        sha256, hexadecimal.
    """
    return _hash(inputs, *keys)


@dataclass(frozen=True)
class Columns:
    """Times to some sites, a column each.

    Parameters
    ----------
    minutes : ndarray of float
        Zones × sites [min]; NaN where there is no time.
    codes : ndarray of int8
        Zones × sites; positions in `units.REASONS`.
    snap_m : ndarray of float
        From each zone to its street [m]; NaN where not linked.
    """

    minutes: npt.NDArray[np.float64]
    codes: npt.NDArray[np.int8]
    snap_m: npt.NDArray[np.float64]

    def one(self, number: int) -> Columns:
        """Take one column out.

        Parameters
        ----------
        number : int
            Which.

        Returns
        -------
        Columns
            Of one site.
        """
        here = [number]
        return Columns(self.minutes[:, here], self.codes[:, here], self.snap_m)


@dataclass(frozen=True)
class Store:
    """A folder with blocks of columns; each is written whole or not at all.

    What is found there is read again, so that a run that was interrupted goes on where it was,
    and a site more costs its own column only.

    Parameters
    ----------
    folder : Path
        The folder of one digest; made when the first block is kept.
    """

    folder: Path

    def read(self, keys: Sequence[str]) -> dict[str, Columns]:
        """Read the columns that are there.

        Parameters
        ----------
        keys : sequence of str
            From `site_keys`.

        Returns
        -------
        dict of str to Columns
            One site each; without those not there. A file that cannot be read is passed over
            with a `NavplanWarning`.
        """
        wanted, found = set(keys), {}
        for path in sorted(self.folder.glob("*.npz")):
            try:
                with np.load(path, allow_pickle=False) as block:
                    kept = block["keys"].tolist()
                    if wanted.isdisjoint(kept):
                        continue
                    columns = Columns(*(block[name] for name in _ARRAYS))
                for number, key in enumerate(kept):
                    if key in wanted:
                        found[key] = columns.one(number)
            except Exception as error:  # noqa: BLE001 - whatever is wrong, the times are made anew
                text = f"The kept times {path.name} cannot be read ({error}); they are made anew."
                warnings.warn(text, NavplanWarning, stacklevel=3)
        return found

    def keep(self, keys: Sequence[str], columns: Columns) -> Path:
        """Keep a block of columns.

        Parameters
        ----------
        keys : sequence of str
            From `site_keys`.
        columns : Columns
            As many sites.

        Returns
        -------
        Path
            The file.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{_hash(*keys)}.npz"
        handle, name = tempfile.mkstemp(dir=self.folder, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                np.savez(
                    file,
                    keys=np.array(keys, dtype=str),
                    minutes=columns.minutes,
                    codes=columns.codes,
                    snap_m=columns.snap_m,
                )
            Path(name).replace(path)
        finally:
            Path(name).unlink(missing_ok=True)
        return path
