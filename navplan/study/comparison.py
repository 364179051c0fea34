"""Scenarios of a study side by side: tables for the eye, and results that can be written."""

from __future__ import annotations

import datetime as dt
import platform
import warnings
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import pandas as pd

from navplan.compare import Comparison
from navplan.errors import Fault, InputError, NavplanWarning
from navplan.nouns import Profile
from navplan.report import write_report
from navplan.results import Results
from navplan.scenario import Scenario
from navplan.study.answering import Answers, Asked, answer_questions
from navplan.travel import Progress, quiet
from navplan.units import LANGUAGES, Language, clock

if TYPE_CHECKING:
    from navplan.study.study import Study

LIBRARIES: Final = ("numpy", "pandas", "geopandas", "shapely", "scipy")


@dataclass(frozen=True, repr=False)
class StudyComparison:
    """Scenarios of a study side by side.

    Parameters
    ----------
    study : Study
        Whose scenarios they are.
    scenarios : tuple of Scenario
        As they were given; the base is among them.
    profiles : tuple of Profile
        The ways to travel that were compared.
    comparison : Comparison
        The tidy tables.
    """

    study: Study
    scenarios: tuple[Scenario, ...]
    profiles: tuple[Profile, ...]
    comparison: Comparison

    def __repr__(self) -> str:
        names = ", ".join(s.name for s in self.scenarios)
        return f"StudyComparison({names}; {len(self.comparison.table):,} values)"

    def table(
        self,
        measure: str = "mean_minutes",
        *,
        by: str = "all",
        against: str | None = None,
        profile: str | None = None,
        outlook: str | None = None,
        of: Literal["value", "share_without_time", "people"] = "value",
    ) -> pd.DataFrame:
        """Lay one measure out: groups as rows, scenarios as columns.

        Parameters
        ----------
        measure : str
            For example ``mean_minutes`` or ``within_30``; see the column of `comparison.table`.
        by : str
            ``all``, ``area`` (or the study's own word for it) or ``age``.
        against : str, optional
            Show the difference from this scenario.
        profile, outlook : str, optional
            The headline ones if they were compared, otherwise the first.
        of : {"value", "share_without_time", "people"}
            The measure itself, the share of the people it leaves out, or all people it is about.

        Returns
        -------
        DataFrame
            The unit stands in the name of the columns' axis. A `NavplanWarning` says if it
            leaves people out.

        Raises
        ------
        InputError
            If a name is not in the comparison.
        """
        tidy = self.comparison.table
        if by == self.study.file.area_word:
            by = "area"
        asked = {
            "measure": measure,
            "by": by,
            "profile": profile or self._first("profile", self.study.headline_profile),
            "outlook": outlook or self._first("outlook", self.study.headline_outlook),
        }
        faults = []
        for column, value in asked.items():
            known = list(dict.fromkeys(tidy[column]))
            if value not in known:
                remedy = f"Known: {', '.join(map(str, known))}."
                faults.append(Fault("table", column, f"{value!r} was not compared.", remedy))
            else:
                tidy = tidy[tidy[column] == value]
        names = [s.name for s in self.scenarios]
        if against is not None and against not in names:
            remedy = f"Known: {', '.join(names)}."
            faults.append(Fault("table", "against", f"{against!r} was not compared.", remedy))
        if faults:
            raise InputError(faults)
        groups = list(dict.fromkeys(tidy["group"]))
        wide = tidy.pivot(index="group", columns="scenario", values=of).loc[groups, names]
        if against is not None:
            wide = wide.sub(wide[against], axis=0)
        wide.columns.name = f"{measure} [{tidy['unit'].iloc[0]}]"
        without = tidy["share_without_time"].max()
        if without > 0 and of == "value":
            warnings.warn(
                f"{measure}: up to {without:.1%} of a group's people are left out, having no time;"
                " `table(…, of='share_without_time')` shows where.",
                NavplanWarning,
                stacklevel=2,
            )
        return wide

    def _first(self, column: str, headline: str) -> str:
        known = list(dict.fromkeys(self.comparison.table[column]))
        return headline if headline in known else str(known[0])

    def losers(
        self,
        more_than_min: float = 10.0,
        *,
        scenario: str | None = None,
        profile: str | None = None,
        outlook: str | None = None,
    ) -> pd.DataFrame:
        """List who loses more than so many minutes against the base, and where.

        Parameters
        ----------
        more_than_min : float
            The limit, itself not included [min].
        scenario : str, optional
            One scenario; all unless told.
        profile, outlook : str, optional
            The headline ones if they were compared, otherwise the first.

        Returns
        -------
        DataFrame
            One row a place, the longest loss first; see `navplan.compare.Comparison.losers`.
        """
        return self.comparison.losers(
            more_than_min,
            scenario=scenario,
            profile=profile or self._first("profile", self.study.headline_profile),
            outlook=outlook or self._first("outlook", self.study.headline_outlook),
        )

    def results(self, *, progress: Progress = quiet) -> Results:
        """Gather what `Results.write` puts in a folder, with the answer to every question.

        Parameters
        ----------
        progress : callable
            Told in a few words what comes next.

        Returns
        -------
        Results
            All tables, and the manifest that says what they rest on.
        """
        outlooks = list(dict.fromkeys(self.comparison.table["outlook"]))
        shown = self._shown(outlooks)
        asked = Asked(
            profiles=self.profiles,
            outlooks=tuple(outlooks),
            headline_profile=shown["headline_profile"],
            headline_outlook=shown["headline_outlook"],
            scenarios=self.scenarios,
        )
        answers = answer_questions(self.study, asked, progress)
        return Results(
            comparison=self.comparison.table,
            zone_minutes=self.comparison.zone_minutes,
            zones=self._zones(outlooks),
            offices=self._offices(),
            outlooks=self._outlooks(outlooks),
            sources=self._sources(),
            run=self._manifest(outlooks, answers),
            crs=self.study.file.crs,
            **answers.tables,
        )

    def report(self, out: str | Path, *, language: Language | None = None) -> Path:
        """Write results and report of this comparison.

        Parameters
        ----------
        out : str or Path
            Folder; made if it is not there.
        language : {"nb", "nn", "en"}, optional
            The study's own unless told.

        Returns
        -------
        Path
            The report.
        """
        folder = Path(out)
        self.results().write(folder)
        return write_report(folder, folder, language=language)

    def _zones(self, outlooks: list[str]) -> pd.DataFrame:
        zones = self.study.zones.table
        table = pd.DataFrame({"zone": zones.index, "name": zones["name"].to_numpy()})
        table["area"] = zones["area"].to_numpy()
        table["x"], table["y"] = zones.geometry.x.to_numpy(), zones.geometry.y.to_numpy()
        for outlook in outlooks:
            people = self.study.population(outlook).people.reindex(zones.index)
            table[f"people_{outlook}"] = people.to_numpy()
        return table

    def _offices(self) -> pd.DataFrame:
        offices = self.study.offices.table
        table = offices[["name", "kind", "area", "step_free", "quality"]].reset_index(names="site")
        table["x"], table["y"] = offices.geometry.x.to_numpy(), offices.geometry.y.to_numpy()
        columns = ["site", "name", "kind", "area", "x", "y", "step_free", "quality"]
        return pd.DataFrame(table)[columns]

    def _outlooks(self, outlooks: list[str]) -> pd.DataFrame:
        area = self.study.zones.table["area"]
        parts = []
        for outlook in outlooks:
            by_area = self.study.population(outlook).table.groupby(area).sum()
            long = by_area.rename_axis("area").reset_index().melt(
                "area", var_name="age", value_name="people"
            )  # fmt: skip
            parts.append(long.assign(outlook=outlook))
        return pd.concat(parts, ignore_index=True)[["outlook", "area", "age", "people"]]

    def _sources(self) -> pd.DataFrame:
        keys = ["source", "date", "quality"]
        parts = [
            table.groupby(keys, sort=False).size().rename("rows").reset_index().assign(table=name)
            for name, table in self.study.inputs.tables.items()
        ]
        streets, feed = self.study.file.streets, self.study.file.timetable
        if streets.osm is not None:
            row = streets.model_dump(include=set(keys)) | {"table": "streets"}
            parts.append(pd.DataFrame([row | {"rows": len(self.study.inputs.streets.edges)}]))
        if feed is not None:
            trips = max((len(t.trips) for t in self.study.inputs.timetables.values()), default=0)
            row = feed.model_dump(include=set(keys)) | {"table": "timetable", "rows": trips}
            parts.append(pd.DataFrame([row]))
        return pd.concat(parts, ignore_index=True)[["table", *keys, "rows"]]

    def _manifest(self, outlooks: list[str], answers: Answers) -> dict[str, Any]:
        study, file = self.study, self.study.file
        populations = {name: study.population(name) for name in outlooks}
        titles = {p.name: p.title.model_dump() for p in file.profile}
        return {
            "study": file.name,
            "title": file.title.model_dump(),
            "summary": file.summary.model_dump(),
            "base": file.base,
            "decided": file.decided if file.decided in self._names() else None,
            "area_word": file.area_word,
            "created": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            "navplan": version("navplan"),
            "versions": {"python": platform.python_version()}
            | {name: version(name) for name in LIBRARIES},
            "settings": list(study.settings),
            "digests": dict(study.inputs.digests),
            "fetched": [asdict(source) for source in study.inputs.sources],
            "scenarios": [s.as_dict() for s in self.scenarios],
            "outlooks": [
                o.model_dump() | {"people": round(float(populations[o.name].people.sum()))}
                for o in file.outlook
                if o.name in populations
            ],
            "profiles": [
                _profile(profile)
                | {
                    "title": titles.get(profile.name, dict.fromkeys(LANGUAGES, profile.name)),
                    "times_digest": study.travel_times(profile).digest,
                }
                for profile in self.profiles
            ],
            "questions": answers.questions,
            "searches": answers.searches,
            "assumptions": [a.model_dump() for a in file.assumption],
            "notices": list(study.notices),
            "service": file.service.model_dump(),
            "report": self._shown(outlooks),
        }

    def _shown(self, outlooks: list[str]) -> dict[str, Any]:
        """What the report shows first, of what was compared."""
        choice = self.study.file.report
        profiles = [p.name for p in self.profiles]
        return choice.model_dump() | {
            "headline_profile": self._first("profile", choice.headline_profile),
            "headline_outlook": self._first("outlook", choice.headline_outlook),
            "profiles": [p for p in choice.profiles if p in profiles],
            "outlooks": [o for o in choice.outlooks if o in outlooks],
        }

    def _names(self) -> set[str]:
        return {s.name for s in self.scenarios}


_CLOCKS: Final = ("arrive_from", "arrive_until", "depart_from", "depart_until")


def _clock(seconds: int | None) -> str | None:
    return None if seconds is None else clock(seconds)


def _profile(profile: Profile) -> dict[str, Any]:
    return asdict(profile) | {
        "date": profile.date.isoformat(),
        **{key: _clock(getattr(profile, key)) for key in _CLOCKS},
    }
