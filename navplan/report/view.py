"""What the report shows of a run: chosen profiles and outlooks, titles, and figures by name."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from navplan.errors import Fault, raise_faults
from navplan.report.model import Cell
from navplan.report.words import Words
from navplan.results import Results

ALL: Final = "all"
MANY: Final = 0.25
"""A mean that leaves out a larger share says little; the report warns."""


@dataclass(frozen=True)
class Figured:
    """A measure as `run` computed it; NaN where there is none (or the count is withheld)."""

    value: float = math.nan
    without: float = math.nan
    people: float = math.nan


@dataclass(frozen=True, repr=False)
class View:
    """One run seen in one language.

    Parameters
    ----------
    tables : Results
        What `run` wrote.
    words : Words
        The language.
    """

    tables: Results
    words: Words
    _figures: dict[tuple[str, ...], Figured] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        frame = self.tables.comparison
        keys = ("scenario", "outlook", "profile", "by", "group", "measure")
        columns = [frame[c].tolist() for c in (*keys, "value", "share_without_time", "people")]
        for *key, value, without, people in zip(*columns, strict=True):
            self._figures[tuple(key)] = Figured(value, without, people)
        self._check()

    def _check(self) -> None:
        faults = []
        report = self.run.get("report") or {}
        asked = [("profile", self.headline_profile, self.profiles)]
        asked.append(("outlook", self.headline_outlook, self.outlooks))
        for noun, name, known in asked:
            if name not in known:
                given = f"headline_{noun} {name!r} is not among those reported."
                remedy = f"Expected one of {', '.join(known)}."
                faults.append(Fault("study.toml", f"report.headline_{noun}", given, remedy))
        for noun, listed in (("profiles", self._named("profiles")),):
            faults += [
                Fault("study.toml", f"report.{noun}", f"{name!r} is not known.", "Remove it.")
                for name in report.get(noun) or ()
                if name not in listed
            ]
        for scenario in filter(None, (self.base, self.decided)):
            if scenario not in self.scenarios:
                given = f"scenario {scenario!r} is not among the scenarios."
                faults.append(Fault("run.json", "scenarios", given, "Run the study again."))
        word = str(self.run.get("area_word"))
        if f"area.{word}.one" not in self.words.texts:
            given = f"{word!r} is no word for an area; expected bydel or kommune."
            faults.append(Fault("run.json", "area_word", given, "Correct it in study.toml."))
        raise_faults(faults)

    @property
    def run(self) -> Mapping[str, Any]:
        """The manifest."""
        return self.tables.run

    def _named(self, noun: str) -> dict[str, Mapping[str, Any]]:
        return {str(entry["name"]): entry for entry in self.run.get(noun) or ()}

    def _chosen(self, noun: str) -> dict[str, Mapping[str, Any]]:
        named = self._named(noun)
        wanted = (self.run.get("report") or {}).get(noun)
        return {name: named[name] for name in wanted if name in named} if wanted else named

    @cached_property
    def scenarios(self) -> dict[str, Mapping[str, Any]]:
        """Scenarios by name, in the order of the study."""
        return self._named("scenarios")

    @cached_property
    def other_profiles(self) -> dict[str, Mapping[str, Any]]:
        """Profiles that were computed but are not among those the report shows throughout."""
        named = self._named("profiles")
        return {name: entry for name, entry in named.items() if name not in self.profiles}

    @cached_property
    def profiles(self) -> dict[str, Mapping[str, Any]]:
        """Profiles the report shows."""
        return self._chosen("profiles")

    @cached_property
    def outlooks(self) -> dict[str, Mapping[str, Any]]:
        """Outlooks the report shows."""
        return self._chosen("outlooks")

    @cached_property
    def questions(self) -> dict[str, Mapping[str, Any]]:
        """Questions of location."""
        return self._named("questions")

    @property
    def base(self) -> str:
        """The scenario all are compared with."""
        return str(self.run["base"])

    @property
    def decided(self) -> str | None:
        """The scenario that was decided, where one was."""
        return self.run.get("decided") or None

    @cached_property
    def focus(self) -> str | None:
        """The scenario the answer is about: the decided one, else the first besides the base."""
        others = [name for name in self.scenarios if name != self.base]
        return self.decided or (others[0] if others else None)

    @cached_property
    def headline_profile(self) -> str:
        """The way to travel the answer speaks of first."""
        wanted = (self.run.get("report") or {}).get("headline_profile")
        return str(wanted or next(iter(self.profiles)))

    @cached_property
    def headline_outlook(self) -> str:
        """The population the answer counts."""
        wanted = (self.run.get("report") or {}).get("headline_outlook")
        return str(wanted or next(iter(self.outlooks)))

    @cached_property
    def ordered_profiles(self) -> list[str]:
        """Profiles with the headline first."""
        rest = [name for name in self.profiles if name != self.headline_profile]
        return [self.headline_profile, *rest]

    @cached_property
    def rankings(self) -> dict[tuple[str, ...], list[Mapping[str, Any]]]:
        """Rows of the ranking table by question, profile, outlook and objective, best first."""
        found: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
        for row in self.tables.ranking.to_dict("records"):
            named = {str(column): value for column, value in row.items()}
            key = tuple(str(named[k]) for k in ("question", "profile", "outlook", "objective"))
            found.setdefault(key, []).append(named)
        for rows in found.values():
            rows.sort(key=lambda row: float(row["rank"]))
        return found

    def figure(
        self,
        measure: str,
        scenario: str,
        profile: str,
        *,
        outlook: str | None = None,
        by: str = ALL,
        group: str = ALL,
    ) -> Figured:
        """Look a measure up; an empty `Figured` where `run` has none."""
        key = (scenario, outlook or self.headline_outlook, profile, by, group, measure)
        return self._figures.get(key, Figured())

    def groups(self, by: str) -> list[str]:
        """Areas or age groups, in the order of the table."""
        frame = self.tables.comparison
        return list(dict.fromkeys(frame.loc[frame["by"] == by, "group"]))

    @cached_property
    def all_have_a_time(self) -> bool:
        """Whether no figure the report may show leaves anybody out."""
        frame = self.tables.comparison
        shown = frame["profile"].isin(list(self.profiles))
        shown &= frame["outlook"].isin(list(self.outlooks))
        return not (frame.loc[shown, "share_without_time"] > 0).any()

    def minutes(self, figured: Figured) -> str:
        """Minutes, with the share without a time beside them where there is one."""
        if math.isnan(figured.value):
            return self.words("number.no_time")
        return self.beside(self.words.minutes(figured.value), figured.without)

    @cached_property
    def many_lack_a_time(self) -> bool:
        """Whether some mean of all residents leaves out more than a quarter of them."""
        return any(
            self.figure("mean_minutes", scenario, profile).without > MANY
            for scenario in self.scenarios
            for profile in self.profiles
        )

    def cell(self, figured: Figured, *, strong: bool = False) -> Cell:
        """Minutes as a cell of a table, the share without a time below in small print."""
        if math.isnan(figured.value):
            return Cell(self.words("number.no_time"), number=True)
        text = self.words.minutes(figured.value)
        return Cell(text, number=True, strong=strong, small=self.small(figured.without))

    def small(self, without: float) -> str:
        """Return the share without a time as small print; empty where everyone has one."""
        if not without > 0:
            return ""
        return self.words("number.small", share=self.words.short_share(without))

    def told_minutes(self, figured: Figured) -> str:
        """Minutes for a sentence: number, unit, and the share without a time."""
        if math.isnan(figured.value):
            return self.words("number.no_time")
        text = self.words("number.minutes", number=self.words.minutes(figured.value))
        return self.beside(text, figured.without)

    def ranked_figure(self, row: Mapping[str, Any], column: str = "value") -> Figured:
        """Value of a row of the ranking with its share without a time."""
        return Figured(float(row[column]), float(row["share_without_time"]))

    def beside(self, text: str, without: float) -> str:
        """Put the share without a time in brackets after a figure, where there is one."""
        if not without > 0:
            return text
        share = self.words("number.without", share=self.words.share(without))
        return f"{text} ({share})"

    def change(self, scenario: str, profile: str, **group: str) -> Cell:
        """Mean change against the base of those with a time in both, as a cell."""
        figured = self.figure("mean_change_minutes", scenario, profile, **group)
        if math.isnan(figured.value):
            return Cell(self.words("number.none"), number=True)
        text = self.words.change(figured.value)
        return Cell(text, number=True, small=self.small(figured.without))

    # titles -----------------------------------------------------------------------------------

    def scenario_title(self, name: str) -> str:
        """Title of a scenario."""
        return self.words.title(self.scenarios[name].get("title")) or name

    def profile_title(self, name: str) -> str:
        """Title of a profile."""
        return self.words.title(self._named("profiles")[name].get("title")) or name

    def outlook_title(self, name: str) -> str:
        """Title of an outlook."""
        return self.words.title(self.outlooks[name].get("title")) or name

    @property
    def population_said(self) -> str:
        """Title of the headline outlook, with the word of its quality unless official."""
        tag = self.words.tag(str(self.outlooks[self.headline_outlook]["quality"]))
        title = self.outlook_title(self.headline_outlook)
        return f"{title} ({tag})" if tag else title

    def question_title(self, name: str) -> str:
        """Title of a question."""
        return self.words.title(self.questions[name].get("title")) or name

    def table_title(self, name: str) -> str:
        """Say what an input table holds; its name where there is no word for it."""
        return self.words.texts.get(f"table.{name.removesuffix('.csv')}", name)

    def group_title(self, group: str) -> str:
        """Name of an area, or an age group with a dash between its ages."""
        return re.sub(r"(?<=\d)-(?=\d)", "\u2013", group)

    def how(self, profile: str) -> str:
        """Say the way to travel within a sentence; the title is added where modes repeat."""
        mode = str(self.profiles[profile]["mode"])
        text = self.words(f"mode.{mode}")
        same = [p for p in self.profiles.values() if p["mode"] == mode]
        return f"{text} ({self.profile_title(profile)})" if len(same) > 1 else text

    @cached_property
    def office_names(self) -> dict[str, str]:
        """Names of sites."""
        frame = self.tables.offices
        return dict(zip(frame["site"], frame["name"], strict=True))

    def office(self, site: str) -> str:
        """Name of a site; the id where it has none."""
        return self.office_names.get(site, site)

    def area(self, form: str) -> str:
        """Return the word for an area: ``one``, ``many``, ``the_many``, ``each``."""
        return self.words(f"area.{self.run['area_word']}.{form}")

    def structure(self, offices: str, allocation: str) -> str:
        """A structure in words, from the texts of the ranking table.

        Parameters
        ----------
        offices : str
            Site ids, joined by ``;``.
        allocation : str
            ``area=site`` joined by ``;``; empty where everyone uses the nearest.

        Returns
        -------
        str
            For example ``Arna og Åsane: NAV Åsane; Fana: NAV Fana``.
        """
        if not allocation:
            return self.words.listing(self.office(site) for site in offices.split(";"))
        served: dict[str, list[str]] = {}
        for pair in allocation.split(";"):
            area, _, site = pair.rpartition("=")
            served.setdefault(site, []).append(area)
        return "; ".join(
            f"{self.words.listing(areas)}: {self.office(site)}" for site, areas in served.items()
        )
