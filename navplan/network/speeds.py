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
from navplan.units import SECONDS_PER_DAY, SECONDS_PER_MINUTE

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
SIGNAL_S: Final = 10.0
"""Lost at a traffic signal by car and bicycle, red and green taken together [s] (assumption).

Engines differ: OSRM's car profile takes 2 s. With a cycle of 80 s, half of it red, whoever comes
at any time waits 10 s in the mean.
"""
SIGNAL_SPACING_M: Final = 30.0
"""No more signals count than one for so many metres of an edge [m]: those of the arms of one
junction and of the crossings beside it are passed in one green (assumption)."""
STEPS_SHARE: Final = 0.5
"""Stairs are walked at this share of the speed on the flat, up and down (assumption; measured on
long stairs upwards 0.4–0.5 m/s along the ground, Kretz et al. 2008,
doi:10.1016/j.ssci.2006.10.001)."""
BICYCLE_SURFACES: Final[Mapping[str, float]] = MappingProxyType(
    {"": 1.0, "paved": 1.0, "unpaved": 0.8, "rough": 0.7}
)
"""Share of the cycling speed kept on a surface (assumption); "" is not known."""
WHEELCHAIR_SLOPES: Final = ((1 / 20, 1.0), (1 / 15, 0.75), (1 / 12, 0.5))
"""Slopes up to which a wheelchair keeps a share of its speed, both ways; steeper ones are closed.

1:15 and 1:12 are the steepest that the building code allows on the way to a building open to
all, the latter over 5 m at most (TEK17 § 8-6); the shares are an assumption.
"""

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


def edge_seconds(streets: Streets, profile: Profile) -> Floats:
    """Seconds each directed edge takes in the profile's mode.

    =========  ==============================================  ====================================
    mode       speed                                           besides
    =========  ==============================================  ====================================
    car        the source's own seconds (``car_s``) if any,    10 s a traffic signal; all of it
               else the posted speed × 0.9 if known, else the  times the profile's ``car_factor``
               class's mean (`CAR_KM_H`); connectors 25 km/h
    bicycle    ``bicycle_km_h`` on the flat; 1.44/21.6 (about  10 s a traffic signal; on unpaved
               6.7 %) slower for each percent up and           ground × 0.8, on rough × 0.7; stairs
               0.86/21.6 (about 4.0 %) faster for each         that are open to bicycles as on foot
               percent down [3]_, between 4 and 30 km/h
    walk,      ``walk_m_per_s`` on the flat, times Tobler's    stairs at half the speed, whatever
    transit    exp(-3.5 (|s + 0.05| - 0.05)) of the slope s    their climb
               [1]_ [2]_
    walk,      ``walk_m_per_s``, × 0.75 on slopes from 1:20    closed: what ``wheelchair`` bars,
    step-free  to 1:15 and × 0.5 to 1:12                       slopes over 1:12; if only what is
                                                               known counts, all but ``paved``
    ferry,     minutes on board, and the headway times         closed if the profile's window lies
    any mode   ``ferry_wait``; unscaled                        wholly outside its hours
    =========  ==============================================  ====================================

    Slopes are those of ``climb_m``; where it is not known, the ground counts as flat. On foot and
    by bicycle they are cut at 35 %: a short link with a long climb, as a connector to a hillside
    may be, loses the rest of it. Of traffic signals no more count than one for 30 m of an edge,
    since maps mark several at one junction.

    Car times are free of traffic. Routing engines differ by about 30 % in such times for the
    same trip: set ``car_factor`` to what known trips of the region take over what is found here.

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
        If the class of a road or a surface is not known, or a ferry that is open to the mode
        lacks its crossing or its headway.

    References
    ----------
    .. [1] Tobler (1993), Three presentations on geographical analysis and modeling, NCGIA 93-1.
    .. [2] Irmischer and Clarke (2018), measured walking, doi:10.1080/15230406.2017.1292150.
    .. [3] Parkin and Rotheram (2010), measured cycling, doi:10.1016/j.tranpol.2010.03.001
       (21.6 km/h on the flat, -1.44 km/h a percent up, +0.86 km/h a percent down).
    """
    edges = streets.edges
    mode = "walk" if profile.mode == "transit" else profile.mode
    ferry = ((edges["structure"] == "ferry") | (edges["road_class"] == "ferry")).to_numpy()
    usable = edges[mode].to_numpy(dtype=bool) & _is_open(edges, profile)
    _check(edges[usable & ~ferry], mode)
    seconds = {"car": _car_seconds, "bicycle": _bicycle_seconds, "walk": _walk_seconds}[mode]
    sails = ~ferry | _sails(edges, profile)
    sea = _ferry_seconds(streets, ferry & usable & sails, profile.ferry_wait)
    return np.asarray(
        np.where(usable & sails, np.where(ferry, sea, seconds(edges, profile)), np.nan)
    )


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


def _is_open(edges: pd.DataFrame, profile: Profile) -> Bools:
    """Whether an edge is open on the day, and to a wheelchair where one is asked for."""
    opened = pd.to_datetime(edges["opened"])
    is_open = ~(opened > pd.Timestamp(profile.date)).to_numpy()
    if profile.mode not in ("walk", "transit") or not profile.step_free:
        return np.asarray(is_open)
    is_open &= edges["wheelchair"].to_numpy(dtype=bool)
    is_open &= np.abs(_slope(edges)) <= WHEELCHAIR_SLOPES[-1][0]
    if profile.step_free == "known":
        is_open &= (edges["surface"] == "paved").to_numpy()
    return np.asarray(is_open)


def _check(edges: pd.DataFrame, mode: str) -> None:
    """Refuse words of open roads that no speed can be made of."""
    expected = f"expected {', '.join(CAR_KM_H)} or ferry."
    faults = [
        Fault("streets", "road_class", f"{word!r} is no class of road; {expected}")
        for word in sorted(map(str, set(edges["road_class"]) - set(CAR_KM_H)))
    ]
    if mode == "bicycle":
        expected = "expected paved, unpaved, rough or nothing."
        faults += [
            Fault("streets", "surface", f"{word!r} is no surface; {expected}")
            for word in sorted(map(str, set(edges["surface"]) - set(BICYCLE_SURFACES)))
        ]
    raise_faults(faults)


def _car_seconds(edges: pd.DataFrame, profile: Profile) -> Floats:
    speed = edges["road_class"].map(CAR_KM_H).to_numpy(dtype=float)
    posted = edges["speed_km_h"].to_numpy(dtype=float) * CAR_POSTED_SHARE
    speed = np.where(posted > 0, posted, speed)
    connector = (edges["structure"] == "connector").to_numpy()
    speed = np.where(connector, CAR_CONNECTOR_KM_H, speed)
    given = edges["car_s"].to_numpy(dtype=float)
    seconds = np.where(np.isnan(given), _length(edges) / (speed / 3.6), given)
    return np.asarray((seconds + _signal_seconds(edges)) * profile.car_factor)


def _bicycle_seconds(edges: pd.DataFrame, profile: Profile) -> Floats:
    flat = profile.bicycle_km_h / 3.6
    surface = edges["surface"].map(BICYCLE_SURFACES).to_numpy(dtype=float)
    speed = _cycling(flat, _slope(edges)) * surface
    stairs = edges["steps"].to_numpy(dtype=bool)
    speed = np.where(stairs, profile.walk_m_per_s * STEPS_SHARE, speed)
    return np.asarray(_length(edges) / speed + _signal_seconds(edges))


def _walk_seconds(edges: pd.DataFrame, profile: Profile) -> Floats:
    slope = _slope(edges)
    if profile.step_free:
        speed = profile.walk_m_per_s * _wheelchair_share(slope)
    else:
        speed = _walking(profile.walk_m_per_s, slope)
        stairs = edges["steps"].to_numpy(dtype=bool)
        speed = np.where(stairs, profile.walk_m_per_s * STEPS_SHARE, speed)
    return np.asarray(_length(edges) / speed)


def _length(edges: pd.DataFrame) -> Floats:
    return edges["length_m"].to_numpy(dtype=float)


def _signal_seconds(edges: pd.DataFrame) -> Floats:
    signals = edges["signals"].to_numpy(dtype=float)
    return np.asarray(np.minimum(signals, _length(edges) / SIGNAL_SPACING_M) * SIGNAL_S)


def _slope(edges: pd.DataFrame) -> Floats:
    """Climb over length, cut at `STEEPEST`; 0 where it is not known [m/m]."""
    climb, length = edges["climb_m"].to_numpy(dtype=float), _length(edges)
    known = ~np.isnan(climb) & (length > 0)
    slope = np.divide(climb, length, out=np.zeros_like(length), where=known)
    return np.asarray(np.clip(slope, -STEEPEST, STEEPEST))


def _walking(flat: float, slope: Floats) -> Floats:
    return np.asarray(flat * np.exp(-3.5 * (np.abs(slope + 0.05) - 0.05)))


def _wheelchair_share(slope: Floats) -> Floats:
    limits, shares = zip(*WHEELCHAIR_SLOPES, strict=True)
    # what is steeper than the last limit is closed elsewhere
    step = np.searchsorted(limits, np.abs(slope), side="left").clip(max=len(limits) - 1)
    return np.asarray(np.asarray(shares)[step])


def _cycling(flat: float, slope: Floats) -> Floats:
    # both coefficients relative to the 21.6 km/h the study measured on the flat
    factor = 1.0 - np.where(slope > 0, 1.44 / 0.216, 0.86 / 0.216) * slope
    least, most = min(flat, BICYCLE_LEAST_KM_H / 3.6), max(flat, BICYCLE_MOST_KM_H / 3.6)
    return np.asarray(np.clip(flat * factor, least, most))


def _sails(edges: pd.DataFrame, profile: Profile) -> Bools:
    """Whether an edge's hours, those of a ferry, meet the profile's window."""
    hours = edges[["sails_from", "sails_until"]].to_numpy(dtype=float)
    all_day = np.isnan(hours).all(axis=1)
    first, last = np.where(np.isnan(hours), [0, SECONDS_PER_DAY], hours).T
    last = np.where(last < first, last + SECONDS_PER_DAY, last)  # from 22:00 until 02:00
    begin, end = profile.window
    # hours and window may both pass midnight: what is late today is early tomorrow
    days = [-SECONDS_PER_DAY, 0, SECONDS_PER_DAY]
    meets = [(first <= end + day) & (begin + day <= last) for day in days]
    return np.asarray(all_day | np.any(meets, axis=0))


def _ferry_seconds(streets: Streets, open_ferry: Bools, wait: float) -> Floats:
    """Crossing and wait [s]; `wait` is the share of the headway [0–1]."""
    edges = streets.edges
    minutes = edges["crossing_min"].to_numpy(dtype=float)
    if wait > 0:  # who comes in time for it need not know how often it goes
        minutes = minutes + edges["headway_min"].to_numpy(dtype=float) * wait
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
