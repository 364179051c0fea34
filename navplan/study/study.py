"""An opened study: everything a planner asks of it, from minutes to a report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from navplan.compare import compare
from navplan.errors import raise_faults
from navplan.nouns import Profile, TravelTimes
from navplan.report import minutes_figure
from navplan.results import Results
from navplan.scenario import Scenario
from navplan.study.choosing import chosen_outlooks, name_faults, scenario_faults
from navplan.study.comparison import StudyComparison
from navplan.study.finding import find_study
from navplan.study.loading import load
from navplan.study.opened import find_name
from navplan.study.telling import TellingStudy
from navplan.study.ways import ways_of
from navplan.travel import Progress, in_threads, quiet

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def open_study(name: str | Path, *, settings: Sequence[str] = (), cache: bool = True) -> Study:
    """Open a study and check it as a whole; nothing is computed yet.

    Parameters
    ----------
    name : str or Path
        A name from `list_studies`, or the path of a folder with a ``study.toml``.
    settings : sequence of str
        Changes on top of the study file, for example ``"profile.transit.percentile=75"``.
    cache : bool
        Whether computed travel times are kept for the next time, by a digest of all they depend
        on, in the user's cache folder.

    Returns
    -------
    Study
        Ready to be asked.

    Raises
    ------
    InputError
        With every fault found.
    """
    folder = find_study(name)
    changes = (settings,) if isinstance(settings, str) else tuple(settings)
    file, inputs = load(folder, changes)
    kept = Path(platformdirs.user_cache_dir("navplan", appauthor=False)) if cache else None
    return Study(folder, file, inputs, ways_of(inputs, kept), changes)


@dataclass(frozen=True, repr=False, eq=False)
class Study(TellingStudy):
    """An opened study, and what is decided with it; see `open_study`."""

    def compare(
        self,
        *scenarios: str | Scenario,
        profiles: Sequence[str | Profile] | None = None,
        outlooks: Sequence[str] | None = None,
        years: Sequence[int] | None = None,
    ) -> StudyComparison:
        """Set scenarios side by side.

        Parameters
        ----------
        *scenarios : str or Scenario
            Names of the study file or scenarios of one's own; the study's base is added.
        profiles : sequence of str or Profile, optional
            All of the study unless told.
        outlooks : sequence of str, optional
            All of the study unless told.
        years : sequence of int, optional
            Instead of outlooks: every outlook of these years.

        Returns
        -------
        StudyComparison
            Tables, losers and report.

        Raises
        ------
        InputError
            If a name is not known, two scenarios or profiles share one, or a scenario of one's own
            bears the name of another one of the study.
        """
        chosen = [self.scenario(s) if isinstance(s, str) else s for s in scenarios]
        base = self.inputs.scenarios[self.file.base]
        stated = [self.scenario(s.name) for s in chosen if s.name in self.scenario_names]
        raise_faults(scenario_faults(chosen, stated=stated))
        if base.name not in [s.name for s in chosen]:
            chosen.insert(0, base)
        outlooks = chosen_outlooks(self.file.outlook, outlooks, years)
        if profiles is None:
            profiles = [p.name for p in self.file.profile]
        ways = [self.profile(p) if isinstance(p, str) else p for p in profiles]
        raise_faults(name_faults("profile", [way.name for way in ways]))
        times = in_threads(self.travel_times, ways)
        found = compare(
            chosen,
            base=base.name,
            populations={o: self.population(o) for o in outlooks},
            times={t.profile.name: t for t in times},
            zones=self.zones,
            visits_per_person=self.file.service.visits_per_person,
        )
        return StudyComparison(self, tuple(chosen), tuple(t.profile for t in times), found)

    def run(self, *, scenarios: Sequence[str] | None = None, progress: Progress = quiet) -> Results:
        """Compute everything the study file asks for.

        Parameters
        ----------
        scenarios : sequence of str, optional
            Only these and the base; all unless told.
        progress : callable
            Told in a few words what comes next.

        Returns
        -------
        Results
            Tables and manifest; `Results.write` puts them in a folder.
        """
        for name in scenarios or ():  # before anything is computed
            find_name(name, self.scenario_names, "scenario", self.name)
        for profile in self.file.profile:
            progress(f"Travel times: {profile.name}")
            self.travel_times(profile.name)
        progress("Scenarios")
        comparison = self.compare(*(scenarios or self.scenario_names))
        return comparison.results(progress=progress)

    def map(self, times: TravelTimes, *, to: str) -> Figure:
        """Draw the minutes from every zone to one site.

        Parameters
        ----------
        times : TravelTimes
            From `travel_times`.
        to : str
            Id of the site.

        Returns
        -------
        Figure
            A matplotlib figure.

        Raises
        ------
        InputError
            If there is no such site.
        """
        find_name(to, times.minutes.columns, "site", self.name)
        return minutes_figure(times, zones=self.zones, offices=self.offices, to=to)
