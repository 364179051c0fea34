"""What a study file may say: every key with its type, checked all at once."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from navplan.errors import Fault, InputError, raise_faults
from navplan.nouns import Profile
from navplan.units import Language, Mode, Quality, StepFree, seconds_of_day

MAX_STUDY_FILE_BYTES = 1_000_000
_NAME = r"^[a-z0-9][a-z0-9-]*$"


def _seconds(value: object) -> object:
    if isinstance(value, dt.time):
        return value.hour * 3600 + value.minute * 60 + value.second
    if isinstance(value, str):
        return seconds_of_day(value)
    return value


ClockSeconds = Annotated[int, BeforeValidator(_seconds), Field(ge=0)]
Name = Annotated[str, Field(pattern=_NAME)]
Objective = Literal["mean_minutes", "worst_minutes", "ede_minutes"]
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
    """Junctions and links."""

    nodes: str
    links: str


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
    """An office structure: a list of offices, edits of another, or the answer to a question."""

    name: Name
    title: Words
    offices: tuple[str, ...] | None = None
    base: str | None = None
    locate: LocateEntry | None = None
    merge: tuple[Merge, ...] = ()
    close: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    move: tuple[Move, ...] = ()
    choice: Literal["area", "nearest"] = "area"
    outreach: tuple[OutreachEntry, ...] = ()


class Question(_Table):
    """A location problem that is answered by complete enumeration."""

    name: Name
    title: Words
    kind: Literal["areas", "sites"]
    offices: int = Field(ge=1)
    sites: Literal["all", "existing"] | tuple[str, ...] = "all"
    contiguous: bool = True
    inside: bool = True


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


def _line(text: str, path: tuple[int | str, ...]) -> int | None:
    """Find the line a key stands on; tomllib keeps no positions, so the text is searched."""
    lines = text.splitlines()
    at = 0
    found = None
    for place, part in enumerate(path):
        if isinstance(part, int):
            continue
        after = path[place + 1] if place + 1 < len(path) else 0
        nth = after if isinstance(after, int) else 0
        header = re.compile(rf"\s*\[\[?\s*{re.escape(part)}\s*\]?\]")
        key = re.compile(rf"\s*\"?{re.escape(part)}\"?\s*=")
        headers = [i for i, row in enumerate(lines) if i >= at and header.match(row)]
        if place == 0 and len(headers) > nth:
            at = found = headers[nth]
            continue
        end = next((i for i in range(at + 1, len(lines)) if lines[i].startswith("[")), len(lines))
        keys = [i for i in range(at, end) if key.match(lines[i])]
        if not keys:
            break
        at = found = keys[0]
    return None if found is None else found + 1


def _dotted(path: tuple[int | str, ...]) -> str:
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _fault(error: ErrorDetails, text: str, raw: dict[str, Any], where: str) -> Fault:
    # pydantic names the branch of a union in the path; the file has no such key
    branches = ("tuple[str, ...]", "literal['all','existing']")
    path = tuple(part for part in error["loc"] if part not in branches)
    key = _dotted(path)
    line = _line(text, path)
    if line is not None:
        key += f" (line {line})"
    first = path[0] if path else ""
    if len(path) > 1 and isinstance(path[1], int) and isinstance(raw.get(str(first)), list):
        entry = raw[str(first)][path[1]]
        if isinstance(entry, dict) and isinstance(entry.get("name"), str):
            key += f" of {entry['name']!r}"
    if error["type"] == "extra_forbidden":
        return Fault(where, key, "is not a known key.", "Correct its spelling or remove it.")
    if error["type"] == "missing":
        return Fault(where, key, "is missing.", "Add it.")
    if error["type"] == "string_pattern_mismatch":
        remedy = "Use lower-case letters a–z, digits and hyphens."
        return Fault(where, key, f"{error['input'][:80]!r} is no name.", remedy)
    given = repr(error["input"])
    return Fault(where, key, f"{given[:80]} was given. {error['msg']}.", "")


def _set(raw: dict[str, Any], setting: str) -> list[Fault]:
    """Apply ``profile.transit.percentile=75``: a named entry of a list is chosen by its name."""
    path, equals, text = setting.partition("=")
    if not equals or not path.strip():
        problem = f"{setting!r} gives no key and value."
        return [Fault("--set", path, problem, "Write it as in profile.car.limit_min=90.")]
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):
        value = text
    *steps, last = path.strip().split(".")
    at: Any = raw
    for step in steps:
        if isinstance(at, list):
            at = next((e for e in at if isinstance(e, dict) and e.get("name") == step), None)
        else:
            at = at.get(step)
        if not isinstance(at, dict | list):
            problem = f"{setting!r}: there is no {step!r}."
            return [Fault("--set", path, problem, "Write it as in profile.car.limit_min=90.")]
    if isinstance(at, list):
        names = ", ".join(str(e["name"]) for e in at if isinstance(e, dict) and "name" in e)
        remedy = f"Add one of: {names}." if names else "Change the list as a whole."
        return [Fault("--set", path, "names no single entry.", remedy)]
    at[last] = value
    return []


def read_study_file(path: Path, settings: Sequence[str] = ()) -> StudyFile:
    """Read and check a study file.

    Parameters
    ----------
    path : Path
        A TOML file.
    settings : sequence of str
        Changes on top of the file, each ``key.key=value`` with the value written as in TOML.

    Returns
    -------
    StudyFile
        Frozen; unknown keys have been refused.

    Raises
    ------
    InputError
        With every fault, its key and its line.
    """
    where = path.name
    if not path.is_file():
        raise_faults([Fault(str(path), "", "there is no such file.", "Check the study's name.")])
    if path.stat().st_size > MAX_STUDY_FILE_BYTES:
        raise_faults([Fault(where, "", "is larger than 1 MB.", "Move tables to CSV files.")])
    raw: dict[str, Any] = {}
    text = ""
    try:
        text = path.read_text(encoding="utf-8-sig")
        raw = tomllib.loads(text)
    except UnicodeDecodeError:
        raise_faults([Fault(where, "", "is not UTF-8.", "Save it as UTF-8.")])
    except RecursionError:
        raise_faults([Fault(where, "", "is nested too deeply.", "Close the brackets.")])
    except ValueError as error:  # tomllib's own, and integers of thousands of digits
        raise_faults([Fault(where, "", f"is not valid TOML: {error}.", "Correct the line.")])
    raise_faults([fault for setting in settings for fault in _set(raw, setting)])
    try:
        file = StudyFile.model_validate(raw)
    except ValidationError as error:
        found = error.errors(include_url=False)
        raise_faults([_fault(e, text, raw, where) for e in found if not _follows(e, found)])
        raise AssertionError from error
    raise_faults([fault for profile in file.profile for fault in _profile_faults(profile, where)])
    return file


def _follows(error: ErrorDetails, errors: Sequence[ErrorDetails]) -> bool:
    """Whether a list only seems too short because its entries are at fault."""
    path = error["loc"]
    return error["type"] == "too_short" and any(
        len(other["loc"]) > len(path) and other["loc"][: len(path)] == path for other in errors
    )


def _profile_faults(profile: ProfileEntry, where: str) -> list[Fault]:
    if profile.arrive is not None and profile.depart is not None:
        problem = "both arrive and depart are given; a profile has one window."
        return [Fault(where, f"profile {profile.name}, depart", problem, "Remove one of them.")]
    try:
        profile.noun()
    except InputError as error:
        return [Fault(where, f"{f.where}, {f.key}", f.problem, f.remedy) for f in error.faults]
    return []
