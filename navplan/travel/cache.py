"""Digests of everything travel times depend on, and files that keep them."""

from __future__ import annotations

import hashlib
import os
import tempfile
import warnings
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from navplan.errors import NavplanWarning
from navplan.nouns import Profile, Streets, Timetable, TravelTimes
from navplan.units import MODES, Reason

VERSION: Final = "travel 2"
"""Raised whenever the definition of a time changes, so that no old file is taken for new."""
_ONLY_FOR: Final = {
    "walk_m_per_s": ("walk", "transit"),
    "bicycle_km_h": ("bicycle",),
    "car_factor": ("car",),
    **dict.fromkeys(("arrive_from", "arrive_until", "percentile", "step_s"), ("transit",)),
    **dict.fromkeys(("change_slack_s", "max_walk_min", "max_direct_walk_min"), ("transit",)),
}
"""Profile fields that only some modes know; every other field counts for all."""
_REASONS: Final = tuple(Reason)


def digest_of(
    profile: Profile,
    *,
    zones: gpd.GeoDataFrame,
    sites: gpd.GeoDataFrame,
    streets: Streets,
    timetable: Timetable | None,
) -> str:
    """Hash what the minutes depend on: points, network, service and the mode's parameters.

    Names, people and the parameters of other modes do not count.

    Parameters
    ----------
    profile : Profile
        The way to travel.
    zones, sites : GeoDataFrame
        Points by id.
    streets : Streets
        The network.
    timetable : Timetable, optional
        Counts for transit only.

    Returns
    -------
    str
        sha256, hexadecimal.
    """
    digest = hashlib.sha256(VERSION.encode())

    def add(name: str, content: bytes) -> None:
        """Let named bytes count."""
        digest.update(f"\n{name} {len(content)}\n".encode())
        digest.update(content)

    def add_points(name: str, frame: gpd.GeoDataFrame) -> None:
        """Let ids and positions count."""
        add(f"{name} ids", "\n".join(map(str, frame.index)).encode())
        add(f"{name} xy", shapely.get_coordinates(frame.geometry.to_numpy()).tobytes())

    for key in (field.name for field in fields(profile)):
        if key != "name" and profile.mode in _ONLY_FOR.get(key, MODES):
            add(key, str(getattr(profile, key)).encode())
    for name, frame in (("zones", zones), ("sites", sites), ("nodes", streets.nodes)):
        add_points(name, frame)
    add("crs", str(streets.nodes.crs).encode())
    for column in Streets.COLUMNS[:-1]:
        add(column, _column_bytes(streets.edges[column]))
    lines = streets.edges["geometry"].to_numpy(dtype=object)
    add("geometry", b"".join(b"-" if line is None else shapely.to_wkb(line) for line in lines))
    if profile.mode == "transit" and timetable is not None:
        add("service day", str(timetable.date).encode())
        add_points("stops", timetable.stops)
        for column in ("trip", "stop", "arrival", "departure", "board", "alight"):
            add(column, timetable.stop_times[column].to_numpy(dtype=np.int64).tobytes())
    return digest.hexdigest()


def _column_bytes(column: pd.Series[Any]) -> bytes:
    if column.name == "opened":
        return pd.to_datetime(column).to_numpy(dtype="datetime64[s]").tobytes()
    if column.name in ("road_class", "structure"):
        return "\n".join(map(str, column)).encode()
    return column.to_numpy(dtype=np.float64).tobytes()


def write_times(times: TravelTimes, folder: Path) -> Path:
    """Keep times in a file named by their digest, whole or not at all.

    Parameters
    ----------
    times : TravelTimes
        With a digest.
    folder : Path
        Made if it is not there.

    Returns
    -------
    Path
        The file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    codes = {str(reason): code for code, reason in enumerate(_REASONS)}
    path = folder / f"{times.digest}.npz"
    handle, name = tempfile.mkstemp(dir=folder, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez_compressed(
                file,
                minutes=times.minutes.to_numpy(dtype=float),
                reason=times.reason.map(codes.__getitem__).to_numpy(dtype=np.int8),
                snap_m=times.snap_m.to_numpy(dtype=float),
            )
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
    return path


def read_times(
    digest: str, folder: Path, *, zones: pd.Index, sites: pd.Index, profile: Profile
) -> TravelTimes | None:
    """Read times kept under a digest.

    Parameters
    ----------
    digest : str
        From `digest_of`.
    folder : Path
        Where `write_times` put them.
    zones, sites : Index
        Ids, in the order the digest was made of.
    profile : Profile
        The way to travel.

    Returns
    -------
    TravelTimes or None
        None where there is no such file, or it cannot be read (with a `NavplanWarning`).
    """
    path = folder / f"{digest}.npz"
    if not path.exists():
        return None
    words = np.array([str(reason) for reason in _REASONS], dtype=object)
    try:
        with np.load(path, allow_pickle=False) as kept:
            minutes = pd.DataFrame(kept["minutes"], index=zones, columns=sites)
            reason = pd.DataFrame(words[kept["reason"]], index=zones, columns=sites)
            snap_m = pd.Series(kept["snap_m"], index=zones, name="snap_m")
        return TravelTimes(minutes, reason, snap_m, profile, digest)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with it, the times are made anew
        text = f"The kept times {path.name} cannot be read ({error}); they are made anew."
        warnings.warn(text, NavplanWarning, stacklevel=3)
        return None
