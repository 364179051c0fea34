"""What a study file may say: every key with its type; `reading` reads and checks it."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from navplan.locate import Objective
from navplan.nouns import Profile
from navplan.study.schema_fetch import Fetch
from navplan.units import Language, Mode, Quality, StepFree, seconds_of_day

_NAME = r"^[a-z0-9][a-z0-9-]*$"


def _seconds(value: object) -> object:
    if isinstance(value, dt.time):
        return value.hour * 3600 + value.minute * 60 + value.second
    if isinstance(value, str):
        return seconds_of_day(value)
    return value


ClockSeconds = Annotated[int, BeforeValidator(_seconds), Field(ge=0)]
Name = Annotated[str, Field(pattern=_NAME)]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Words(_Table):
    """A text in bokmål, nynorsk and English."""

    nb: str = Field(min_length=1)
    nn: str = Field(min_length=1)
    en: str = Field(min_length=1)


class TableFile(_Table):
    """One table of the study's folder."""

    file: str


class StreetFiles(_Table):
    """Tables of junctions and links, or an OpenStreetMap extract.

    Parameters
    ----------
    nodes, links : str, optional
        The two tables; both or none.
    osm : str, optional
        An extract, ``.osm.pbf`` or ``.osm``, instead of the tables; places and offices are joined
        to the nearest street.
    heights : str, optional
        Beside `osm`: an elevation model, from which streets get their slopes.
    source, date, quality : str
        Of the extract; rows of the tables have their own.
    """

    nodes: str | None = None
    links: str | None = None
    osm: str | None = None
    heights: str | None = None
    source: str = Field(default="© OpenStreetMap contributors, ODbL", min_length=1)
    date: str = Field(default="–", min_length=1)
    quality: Quality = "approximate"


class TimetableFile(_Table):
    """A GTFS feed, zipped or as a folder, and where it comes from."""

    gtfs: str
    source: str = Field(min_length=1)
    date: str = Field(min_length=1)
    quality: Quality


class OfficeFiles(_Table):
    """Sites and their drop-in hours."""

    file: str
    hours: str | None = None


class Service(_Table):
    """How often people come: return visits per resident and year."""

    visits_per_person: float = Field(gt=0)
    quality: Quality
    note: Words


class Outlook(_Table):
    """A population future: one year and alternative of the people table."""

    name: Name
    title: Words
    year: int
    alternative: str
    quality: Quality
    method: Words


class Window(_Table):
    """Wished times of arrival or departure."""

    start: ClockSeconds = Field(alias="from")
    until: ClockSeconds


class ProfileEntry(_Table):
    """A way to travel; keys as in `navplan.nouns.Profile`."""

    name: Name
    title: Words
    mode: Mode
    date: dt.date
    arrive: Window | None = None
    depart: Window | None = None
    percentile: float = Profile.percentile
    step_s: int = Profile.step_s
    walk_m_per_s: float = Profile.walk_m_per_s
    bicycle_km_h: float = Profile.bicycle_km_h
    car_factor: float = Profile.car_factor
    turn_costs: bool = Profile.turn_costs
    step_free: StepFree = Profile.step_free
    ferry_wait: float = Profile.ferry_wait
    max_rides: int | None = Profile.max_rides
    change_slack_s: int = Profile.change_slack_s
    max_walk_min: float = Profile.max_walk_min
    max_direct_walk_min: float | None = Profile.max_direct_walk_min
    limit_min: float = Profile.limit_min
    snap_limit_m: float = Profile.snap_limit_m

    def noun(self) -> Profile:
        """Make the noun the travel floor works with.

        Returns
        -------
        Profile
            With the window in seconds after midnight.
        """
        fields = self.model_dump(exclude={"title", "arrive", "depart"})
        if self.arrive is not None:
            fields |= {"arrive_from": self.arrive.start, "arrive_until": self.arrive.until}
        if self.depart is not None:
            fields |= {"depart_from": self.depart.start, "depart_until": self.depart.until}
        return Profile(**fields)


class Merge(_Table):
    """Areas that get one office together."""

    areas: tuple[str, ...] = Field(min_length=1)
    office: str


class Move(_Table):
    """An office that moves to another site."""

    office: str
    to: str


class OutreachEntry(_Table):
    """Meetings away from the office on some weekdays."""

    at: str
    serves: tuple[str, ...] = Field(min_length=1)
    days: tuple[Weekday, ...] = Field(min_length=1)
    start: ClockSeconds = Field(alias="from")
    until: ClockSeconds


class LocateEntry(_Table):
    """The best structure of a question stands for the scenario."""

    question: str
    profile: str
    outlook: str
    minimise: Objective = "mean_minutes"


class ScenarioEntry(_Table):
    """An office structure: a list of offices, edits of another, or the answer to a question.

    ``offices = "existing"`` stands for all that the table calls an office; where an area has none
    of them or several, its people use the nearest.
    """

    name: Name
    title: Words
    offices: tuple[str, ...] | Literal["existing"] | None = None
    base: str | None = None
    locate: LocateEntry | None = None
    merge: tuple[Merge, ...] = ()
    close: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    move: tuple[Move, ...] = ()
    choice: Literal["area", "nearest"] = "area"
    outreach: tuple[OutreachEntry, ...] = ()


class Question(_Table):
    """A location problem: every structure is ranked, or the solver proves the best.

    Parameters
    ----------
    name : str
        Lower-case letters, digits and hyphens.
    title : Words
        What the report calls it.
    kind : {"areas", "sites"}
        Whole areas share an office, or everyone uses the nearest.
    offices : int
        How many.
    sites : {"all", "existing"} or list of str
        Where they may lie.
    contiguous : bool
        Whether areas that share an office must border on each other.
    inside : bool
        Whether an office must lie in an area it serves.
    keep, close : list of str
        Sites that must be open, and sites that must not.
    limit_min : float, optional
        Nobody may have longer than this [min].
    near_best_percent : float
        How far above the best a structure may lie and still be near-best [%].
    price : list of str
        Demands whose price is told: a site stays open, or an area has an office.
    front : bool
        Whether the mean is set against the longest way.
    regret : bool
        Whether the structure is sought that does least badly whatever the outlook.
    time_limit_s : float
        Longest one search may take where there are too many structures to rank [s].
    """

    name: Name
    title: Words
    kind: Literal["areas", "sites"]
    offices: int = Field(ge=1)
    sites: Literal["all", "existing"] | tuple[str, ...] = "all"
    contiguous: bool = True
    inside: bool = True
    keep: tuple[str, ...] = ()
    close: tuple[str, ...] = ()
    limit_min: float | None = Field(default=None, gt=0)
    near_best_percent: float = Field(default=1.0, ge=0, le=100)
    price: tuple[str, ...] = ()
    front: bool = False
    regret: bool = False
    time_limit_s: float = Field(default=60.0, gt=0)


class Assumption(_Table):
    """Something the numbers rest on that is not measured; printed in the report."""

    text: Words
    quality: Quality = "assumption"


class ReportChoice(_Table):
    """What the report shows first."""

    language: Language = "nb"
    headline_profile: str
    headline_outlook: str
    profiles: tuple[str, ...] = ()
    outlooks: tuple[str, ...] = ()


class StudyFile(_Table):
    """A whole study file."""

    schema_version: Literal[1] = Field(alias="schema")
    name: Name
    title: Words
    summary: Words
    fetch: Fetch | None = None
    crs: str
    base: str
    decided: str | None = None
    area_word: Literal["bydel", "kommune"]
    zones: TableFile
    people: TableFile
    streets: StreetFiles
    timetable: TimetableFile | None = None
    offices: OfficeFiles
    neighbours: TableFile | None = None
    service: Service
    outlook: tuple[Outlook, ...] = Field(min_length=1)
    profile: tuple[ProfileEntry, ...] = Field(min_length=1)
    scenario: tuple[ScenarioEntry, ...] = Field(min_length=1)
    question: tuple[Question, ...] = ()
    assumption: tuple[Assumption, ...] = ()
    report: ReportChoice
