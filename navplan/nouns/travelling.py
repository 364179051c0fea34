"""How one travels, and the minutes it takes."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from navplan.errors import Fault, raise_faults
from navplan.nouns.checks import index_faults
from navplan.units import (
    MODES,
    REASONS,
    STEP_FREE,
    WEEKDAYS,
    Mode,
    Reason,
    StepFree,
    clock,
)

_ALL_PERCENT: Final = 100
_WORDS: Final = pd.CategoricalDtype([str(reason) for reason in REASONS])
OK: Final = REASONS.index(Reason.OK)


@dataclass(frozen=True)
class Profile:
    """A way to travel.

    Parameters
    ----------
    name : str
        Used in tables and on the command line.
    mode : {"walk", "bicycle", "car", "transit"}
    date : date
        The day: decides which links are open and which service runs.
    arrive_from, arrive_until : int
        Transit: the window of wished arrival times [s after midnight].
    depart_from, depart_until : int or None
        Transit: the window of wished departures; where both are set, it takes the place of the
        arrivals' [s after midnight].
    percentile : float
        Transit: which percentile of the minutes over the window is reported [0–100].
    step_s : int
        Transit: seconds between wished times [s].
    walk_m_per_s : float
        Walking speed [m/s].
    bicycle_km_h : float
        Cycling speed on the flat [km/h].
    car_factor : float
        Free-flow car seconds are multiplied by this.
    turn_costs : bool
        Car: whether turning at a junction costs time (`navplan.network.turns`). Turn restrictions
        hold either way.
    step_free : {"", "known", "unless-barred"}
        Walk and transit: "" for anybody; else only what a wheelchair can use, taking what is not
        known for impassable ("known") or for passable ("unless-barred").
    ferry_wait : float
        Streets: the share of the headway waited for a ferry [0–1]; 0 if one comes in time for it.
    change_slack_s : int
        Transit: least time between alighting and boarding another trip [s].
    max_rides : int or None
        Transit: most vehicles boarded on one way; None for any number. Staying seated while a
        trip goes on as another is no new ride.
    max_walk_min : float
        Transit: longest walk to, from or between stops [min].
    max_direct_walk_min : float or None
        Transit: longest walk all the way, past which it is no journey by public transport [min];
        None means the limit below.
    limit_min : float
        Longer ways count as no time [min].
    snap_limit_m : float
        A zone or site farther from any usable street is not linked [m].
    """

    name: str
    mode: Mode
    date: dt.date
    arrive_from: int = 10 * 3600
    arrive_until: int = 14 * 3600
    depart_from: int | None = None
    depart_until: int | None = None
    percentile: float = 50.0
    step_s: int = 60
    walk_m_per_s: float = 1.2
    bicycle_km_h: float = 15.0
    car_factor: float = 1.0
    turn_costs: bool = False
    step_free: StepFree = ""
    ferry_wait: float = 0.5
    change_slack_s: int = 60
    max_rides: int | None = None
    max_walk_min: float = 25.0
    max_direct_walk_min: float | None = None
    limit_min: float = 240.0
    snap_limit_m: float = 2000.0

    def __post_init__(self) -> None:
        where = f"profile {self.name}"
        faults = []
        if self.mode not in MODES:
            given = f"{self.mode!r}; expected {', '.join(MODES)}."
            faults.append(Fault(where, "mode", given))
        if self.arrive_until < self.arrive_from:
            given = f"until {clock(self.arrive_until)} is before from {clock(self.arrive_from)}."
            faults.append(Fault(where, "arrive", given, "Turn them round."))
        if (self.depart_from is None) != (self.depart_until is None):
            given = "only one end of the window is given."
            faults.append(Fault(where, "depart", given, "Give both from and until, or neither."))
        elif self.by_departure and self.window[1] < self.window[0]:
            given = "until {1} is before from {0}.".format(*map(clock, self.window))
            faults.append(Fault(where, "depart", given, "Turn them round."))
        if self.max_rides is not None and self.max_rides < 1:
            faults.append(Fault(where, "max_rides", f"{self.max_rides}; expected 1 or more."))
        if self.step_free not in STEP_FREE:
            given = f"{self.step_free!r}; expected {', '.join(map(repr, STEP_FREE))}."
            faults.append(Fault(where, "step_free", given))
        if not 0 <= self.ferry_wait <= 1:
            faults.append(Fault(where, "ferry_wait", f"{self.ferry_wait:g}; expected 0 to 1."))
        if not 0 <= self.percentile <= _ALL_PERCENT:
            faults.append(Fault(where, "percentile", f"{self.percentile:g}; expected 0 to 100."))
        positive = (
            *("walk_m_per_s", "bicycle_km_h", "car_factor", "limit_min"),
            *("snap_limit_m", "step_s", "max_walk_min"),
            *(() if self.max_direct_walk_min is None else ("max_direct_walk_min",)),
        )
        faults += [
            Fault(where, key, f"{getattr(self, key):g}; expected more than zero.")
            for key in positive
            if not getattr(self, key) > 0
        ]
        whole = ("arrive_from", "arrive_until", "depart_from", "depart_until", "step_s")
        faults += [
            Fault(where, key, f"{value}; expected a whole number.")
            for key in (*whole, "change_slack_s", "max_rides")
            if (value := getattr(self, key)) is not None and value != int(value)
        ]
        if not self.change_slack_s >= 0:
            given = f"{self.change_slack_s:g}; expected zero or more."
            faults.append(Fault(where, "change_slack_s", given))
        raise_faults(faults)

    @property
    def weekday(self) -> str:
        """``mon`` … ``sun`` of the date."""
        return WEEKDAYS[self.date.weekday()]

    @property
    def by_departure(self) -> bool:
        """Whether the window is one of wished departures, not arrivals."""
        return self.depart_from is not None

    @property
    def window(self) -> tuple[int, int]:
        """First and last wished time, of departure or arrival [s after midnight]."""
        if self.depart_from is not None and self.depart_until is not None:
            return self.depart_from, self.depart_until
        return self.arrive_from, self.arrive_until


@dataclass(frozen=True, repr=False)
class TravelTimes:
    """Minutes from every zone to every site, with a reason where there is no time.

    Parameters
    ----------
    minutes : DataFrame
        Zones (rows) × sites (columns) [min]; NaN means no time.
    codes : DataFrame
        Same shape; `units.REASONS` by number (int8), that of ``ok`` exactly where there is a
        time. `units.reason_codes` makes them of words.
    snap_m : Series
        Distance from each zone to the street it is linked to [m]; NaN where not linked.
    profile : Profile
        The way to travel.
    digest : str
        sha256 over everything the times depend on.
    """

    minutes: pd.DataFrame
    codes: pd.DataFrame
    snap_m: pd.Series[float]
    profile: Profile
    digest: str = ""

    def __post_init__(self) -> None:
        where = f"travel times {self.profile.name}"
        faults = index_faults(self.minutes.index, where)
        same = self.minutes.index.equals(self.codes.index) and self.minutes.columns.equals(
            self.codes.columns
        )
        if not same:
            faults.append(Fault(where, "codes", "their zones or sites differ from the minutes'."))
        else:
            values = self.minutes.to_numpy()
            timed = values == values  # noqa: PLR0124 - quicker than isnan and a negation
            if not np.array_equal(timed, self.codes.to_numpy() == OK):
                faults.append(Fault(where, "codes", "a time without ok, or ok without a time."))
            if values.size and not (
                np.nanmax(values, initial=0) < np.inf and np.nanmin(values, initial=0) >= 0
            ):
                faults.append(Fault(where, "minutes", "a time is negative or infinite."))
        raise_faults(faults)

    @property
    def reason(self) -> pd.DataFrame:
        """Why there is no time: zones × sites, words of `units.Reason`."""
        words = self.codes.to_numpy()
        return pd.DataFrame(
            {
                site: pd.Categorical.from_codes(words[:, column], dtype=_WORDS)
                for column, site in enumerate(self.codes.columns)
            },
            index=self.codes.index,
        )

    def __repr__(self) -> str:
        zones, sites = self.minutes.shape
        missing = int(self.minutes.isna().to_numpy().sum())
        return (
            f"TravelTimes({self.profile.name!r}, {zones} zones × {sites} sites, "
            f"{missing} pairs without a time)"
        )
