"""An opened study: everything a planner asks of it, from minutes to a ranking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import platformdirs

from navplan.compare import base_kappa, compare
from navplan.errors import Fault, InfeasibleError, InputError, raise_faults
from navplan.locate import OBJECTIVES, Ranking, Solution, rank_area_structures, rank_site_choices
from navplan.nouns import Profile, TravelTimes
from navplan.report import minutes_figure
from navplan.results import Results
from navplan.scenario import Scenario
from navplan.study.choosing import chosen_outlooks, name_faults, scenario_faults
from navplan.study.comparison import StudyComparison
from navplan.study.finding import find_study
from navplan.study.loading import load
from navplan.study.opened import OpenedStudy, find_name
from navplan.study.scenarios import resolve_located
from navplan.study.schema import LocateEntry, Objective, Question, Words
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
class Study(OpenedStudy):
    """An opened study, and what is decided with it; see `open_study`."""

    _rankings: dict[tuple[Any, ...], Ranking] = field(init=False, default_factory=dict)
    _located: dict[str, Scenario] = field(init=False, default_factory=dict)

    def scenario(self, name: str) -> Scenario:
        """Give a scenario; one that stands for a question's answer is worked out first.

        Parameters
        ----------
        name : str
            As in the study file.

        Returns
        -------
        Scenario
            Frozen; edits make new ones.

        Raises
        ------
        InputError
            If there is none of the name.
        """
        find_name(name, self.scenario_names, "scenario", self.name)
        if name in self.inputs.scenarios:
            return self.inputs.scenarios[name]
        if name not in self._located:
            self._located[name] = resolve_located(
                self.inputs.waiting[name],
                located=self._answer,
                base=self.scenario,
            )
        return self._located[name]

    def _answer(self, entry: LocateEntry) -> Scenario:
        ranking = self.ranking(entry.question, profile=entry.profile, outlook=entry.outlook)
        return ranking.best(entry.minimise).scenario

    def kappa(self, profile: str | Profile | None = None, outlook: str | None = None) -> float:
        """Give Kolm–Pollak's κ, fixed by the base scenario, see `measures.kolm_pollak_kappa`.

        Parameters
        ----------
        profile, outlook : str, optional
            The headline ones unless told.

        Returns
        -------
        float
            Aversion to inequality [1/min].
        """
        base, population = self.inputs.scenarios[self.file.base], self.population(outlook)
        return base_kappa(base, population, self.travel_times(profile), self.zones)

    def ranking(
        self,
        question: str | Question,
        *,
        profile: str | Profile | None = None,
        outlook: str | None = None,
    ) -> Ranking:
        """Rank every structure of a question.

        Parameters
        ----------
        question : str or Question
            As in the study file, or one made for the purpose.
        profile, outlook : str, optional
            The headline ones unless told.

        Returns
        -------
        Ranking
            Complete.

        Raises
        ------
        InputError
            If there is no such question, or it has more structures than can be enumerated.
        InfeasibleError
            If no structure satisfies it.
        """
        if isinstance(question, str):
            known = {q.name: q for q in self.file.question}
            question = known[find_name(question, known, "question", self.name)]
        times = self.travel_times(profile)
        key = (question, times.profile, outlook or self.headline_outlook)
        if key not in self._rankings:
            sites = self._sites(question)
            people, kappa = self.population(outlook).people, self.kappa(profile, outlook)
            try:
                self._rankings[key] = (
                    rank_area_structures(
                        times, people, zones=self.zones, offices=self.offices,
                        neighbours=self.inputs.neighbours, count=question.offices, sites=sites,
                        contiguous=question.contiguous, inside=question.inside, kappa=kappa,
                    )
                    if question.kind == "areas"
                    else rank_site_choices(
                        times, people, zones=self.zones, sites=sites,
                        count=question.offices, kappa=kappa,
                    )
                )  # fmt: skip
            except InfeasibleError as error:
                raise InfeasibleError(f"question {question.name}: {error}") from error
        return self._rankings[key]

    def _sites(self, question: Question) -> tuple[str, ...]:
        if question.sites == "all":
            return tuple(self.offices.table.index)
        return self.offices.existing if question.sites == "existing" else question.sites

    def locate(
        self,
        *,
        offices: int | None = None,
        minimise: Objective = "mean_minutes",
        areas: Literal["whole", "split"] = "whole",
        contiguous: bool = True,
        sites: Literal["all", "existing"] | Sequence[str] = "all",
        question: str | None = None,
        profile: str | Profile | None = None,
        outlook: str | None = None,
    ) -> Solution:
        """Find the best structure, with the ranking of all as its proof.

        Parameters
        ----------
        offices : int, optional
            How many; needed unless a question of the study is named.
        minimise : {"mean_minutes", "worst_minutes", "ede_minutes"}
            Mean, worst, or Kolm–Pollak equally-distributed equivalent.
        areas : {"whole", "split"}
            Whether whole areas share an office, or everyone goes to the nearest.
        contiguous : bool
            Whether areas that share an office must border on each other.
        sites : {"all", "existing"} or sequence of str
            Where offices may lie.
        question : str, optional
            A question of the study file, instead of the choices above.
        profile, outlook : str, optional
            The headline ones unless told.

        Returns
        -------
        Solution
            Value, bound, gap, status, scenario and ranking.

        Raises
        ------
        InputError
            If neither a number of offices nor a question is given.
        InfeasibleError
            If no structure satisfies what is asked.
        """
        find_name(minimise, OBJECTIVES, "objective", self.name)
        asked: str | Question
        if question is not None:
            asked = question
        elif offices is None:
            remedy = "Give offices=5, or question= with a name of the study file."
            raise InputError([Fault("locate", "offices", "is not given.", remedy)])
        else:
            kind: Literal["areas", "sites"] = "areas" if areas == "whole" else "sites"
            chosen_sites: Any = sites
            if sites not in ("all", "existing"):
                chosen_sites = (sites,) if isinstance(sites, str) else tuple(sites)
            title = Words(nb="Egen sak", nn="Eiga sak", en="Own question")
            asked = Question(
                name="own", title=title, kind=kind, offices=offices, contiguous=contiguous,
                sites=chosen_sites,
            )  # fmt: skip
        return self.ranking(asked, profile=profile, outlook=outlook).best(minimise)

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
