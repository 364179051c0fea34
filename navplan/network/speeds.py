"""How long an edge takes: one small table of speeds and two slope models."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from navplan.errors import Fault, raise_faults
from navplan.nouns import Profile, Streets
from navplan.units import SECONDS_PER_MINUTE

CAR_KM_H: Final[Mapping[str, float]] = MappingProxyType(
    {
        "motorway": 85.0,
        "expressway": 80.0,
        "trunk": 60.0,
        "primary": 52.0,
        "secondary": 45.0,
        "tertiary": 38.0,
        "local": 30.0,
        "path": 15.0,
        "cycleway": 15.0,
    }
)
"""Mean free-flow car speed by class of road [km/h], bends, crossings and built-up stretches in.

An assumption, not a measurement: the general Norwegian limits are 80 outside and 50 inside
built-up areas and 90–110 on motorways; means lie below them because main roads in towns are
posted 50–60 and local streets 30. Paths and cycleways count only where a car is allowed at all.
"""
CAR_POSTED_SHARE: Final = 0.9
"""Where the posted speed is known, cars are taken to keep this share of it (assumption)."""
CAR_CONNECTOR_KM_H: Final = 25.0
"""Cars on connectors, the unmapped last stretch of local streets [km/h] (assumption)."""
BICYCLE_LEAST_KM_H: Final = 4.0
"""Uphill nobody cycles slower than one can push [km/h]."""
BICYCLE_MOST_KM_H: Final = 30.0
"""Downhill nobody is taken to go faster [km/h]."""
STEEPEST: Final = 0.35
"""Slopes beyond this are taken to be this [m/m]: longer climbs are faults of the data."""

Floats = npt.NDArray[np.float64]


def edge_seconds(streets: Streets, profile: Profile) -> Floats:
    """Seconds each directed edge takes in the profile's mode.

    - *Car*: the posted speed × 0.9 if known, else the class's mean (`CAR_KM_H`), connectors at
      25 km/h; all times the profile's ``car_factor``.
    - *Walk* (and transit's walks): ``walk_m_per_s`` on the flat; where the climb is known, times
      Tobler's exp(-3.5 |s + 0.05|) / exp(-3.5 × 0.05) of the slope s [1]_ [2]_.
    - *Bicycle*: ``bicycle_km_h`` on the flat; where the climb is known, 1.44/21.6 (about 6.7 %)
      slower for each percent up and 0.86/21.6 (about 4.0 %) faster for each percent down [3]_,
      between 4 and 30 km/h.
    - *Slopes* on foot and by bicycle are cut at 35 %: a short link with a long climb, as a
      connector to a hillside may be, loses the rest of it.
    - *Ferry*, any mode it is open to: the minutes on board and half the headway, unscaled.

    Parameters
    ----------
    streets : Streets
        The network.
    profile : Profile
        Mode, speeds and date.

    Returns
    -------
    ndarray of float
        One value an edge [s]; NaN where the edge is closed to the mode or opens only after the
        profile's date.

    Raises
    ------
    InputError
        If the class of a road is not known, or a ferry that is open to the mode lacks its
        crossing or its headway.

    References
    ----------
    .. [1] Tobler (1993), Three presentations on geographical analysis and modeling, NCGIA 93-1.
    .. [2] Irmischer and Clarke (2018), measured walking, doi:10.1080/15230406.2017.1292150.
    .. [3] Parkin and Rotheram (2010), measured cycling, doi:10.1016/j.tranpol.2010.03.001
       (21.6 km/h on the flat, -1.44 km/h a percent up, +0.86 km/h a percent down).
    """
    edges = streets.edges
    mode = "walk" if profile.mode == "transit" else profile.mode
    length = edges["length_m"].to_numpy(dtype=float)
    if mode == "car":
        seconds = _car_seconds(edges, length) * profile.car_factor
    else:
        slope = _slope(edges, length)
        flat = profile.walk_m_per_s if mode == "walk" else profile.bicycle_km_h / 3.6
        metres_per_s = _walking(flat, slope) if mode == "walk" else _cycling(flat, slope)
        seconds = length / metres_per_s
    ferry = ((edges["structure"] == "ferry") | (edges["road_class"] == "ferry")).to_numpy()
    usable = edges[mode].to_numpy(dtype=bool)
    _check_classes(edges[usable & ~ferry])
    opened = pd.to_datetime(edges["opened"])
    usable = usable & ~(opened > pd.Timestamp(profile.date)).to_numpy()
    sea = _ferry_seconds(streets, ferry & usable)
    return np.asarray(np.where(usable, np.where(ferry, sea, seconds), np.nan))


def connector_seconds(metres: Floats, profile: Profile) -> Floats:
    """Seconds over unmapped ground between a point and its street [s].

    Parameters
    ----------
    metres : ndarray of float
        Length of the way [m].
    profile : Profile
        Mode and speeds; cars go 25 km/h times ``car_factor``.

    Returns
    -------
    ndarray of float
        Seconds [s].
    """
    if profile.mode == "car":
        return metres / (CAR_CONNECTOR_KM_H / 3.6) * profile.car_factor
    if profile.mode == "bicycle":
        return metres / (profile.bicycle_km_h / 3.6)
    return metres / profile.walk_m_per_s


def _check_classes(edges: pd.DataFrame) -> None:
    expected = f"expected {', '.join(CAR_KM_H)} or ferry."
    raise_faults(
        Fault("streets", "road_class", f"{word!r} is no class of road; {expected}")
        for word in sorted(map(str, set(edges["road_class"]) - set(CAR_KM_H)))
    )


def _car_seconds(edges: pd.DataFrame, length: Floats) -> Floats:
    speed = edges["road_class"].map(CAR_KM_H).to_numpy(dtype=float)
    posted = edges["speed_km_h"].to_numpy(dtype=float) * CAR_POSTED_SHARE
    speed = np.where(posted > 0, posted, speed)
    connector = (edges["structure"] == "connector").to_numpy()
    speed = np.where(connector, CAR_CONNECTOR_KM_H, speed)
    return np.asarray(length / (speed / 3.6))


def _slope(edges: pd.DataFrame, length: Floats) -> Floats:
    climb = edges["climb_m"].to_numpy(dtype=float)
    known = ~np.isnan(climb) & (length > 0)
    slope = np.divide(climb, length, out=np.zeros_like(length), where=known)
    return np.asarray(np.clip(slope, -STEEPEST, STEEPEST))


def _walking(flat: float, slope: Floats) -> Floats:
    return np.asarray(flat * np.exp(-3.5 * (np.abs(slope + 0.05) - 0.05)))


def _cycling(flat: float, slope: Floats) -> Floats:
    # both coefficients relative to the 21.6 km/h the study measured on the flat
    factor = 1.0 - np.where(slope > 0, 1.44 / 0.216, 0.86 / 0.216) * slope
    least, most = min(flat, BICYCLE_LEAST_KM_H / 3.6), max(flat, BICYCLE_MOST_KM_H / 3.6)
    return np.asarray(np.clip(flat * factor, least, most))


def _ferry_seconds(streets: Streets, open_ferry: npt.NDArray[np.bool_]) -> Floats:
    edges = streets.edges
    minutes = (edges["crossing_min"] + edges["headway_min"] / 2.0).to_numpy(dtype=float)
    ids = streets.nodes.index
    raise_faults(
        Fault(
            "streets",
            f"ferry {ids[edges['tail'].iloc[row]]} – {ids[edges['head'].iloc[row]]}",
            "has no crossing or no headway minutes.",
            "Fill in crossing_min and headway_min, or close it to the mode.",
        )
        for row in np.flatnonzero(open_ferry & np.isnan(minutes))
    )
    return np.asarray(minutes * SECONDS_PER_MINUTE)
