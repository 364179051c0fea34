"""Where offices should lie: the questions of a study, ranked or solved, with their proof."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from navplan.errors import Fault, InputError
from navplan.locate import (
    AIMS,
    OBJECTIVES,
    Aim,
    Gap,
    LocationProblem,
    Solution,
    Watch,
    WholeAreas,
    solve,
)
from navplan.locate.watch import silent
from navplan.nouns import Profile
from navplan.scenario import Scenario
from navplan.study.asked import AskedStudy, naming
from navplan.study.opened import find_name
from navplan.study.questions import sites_of
from navplan.study.scenarios import resolve_located
from navplan.study.schema import LocateEntry, Question


@dataclass(frozen=True, repr=False, eq=False)
class LocatingStudy(AskedStudy):
    """An opened study that answers its questions; `TellingStudy` adds what is told beside."""

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
        return self.locate(
            question=entry.question,
            minimise=entry.minimise,
            profile=entry.profile,
            outlook=entry.outlook,
        ).scenario

    def problem(
        self,
        question: str | Question,
        *,
        minimise: Aim = "mean_minutes",
        profile: str | Profile | None = None,
        outlook: str | None = None,
    ) -> LocationProblem:
        """State a question as a location problem, for the solver or to change it by hand.

        Parameters
        ----------
        question : str or Question
            As in the study file, or one made for the purpose.
        minimise : str
            One of `navplan.locate.problem.AIMS`.
        profile, outlook : str, optional
            The headline ones unless told.

        Returns
        -------
        LocationProblem
            See `navplan.locate.solve.solve`.
        """
        question = self.question(question)
        whole = WholeAreas(
            self.inputs.neighbours, contiguous=question.contiguous, inside=question.inside
        )
        return LocationProblem(
            self.travel_times(profile),
            self.population(outlook).people,
            self.zones,
            self.offices,
            question.offices,
            minimise,
            sites=sites_of(question, self.offices),
            keep=question.keep,
            limit_min=question.limit_min,
            kappa=self.kappa(profile, outlook),
            areas=whole if question.kind == "areas" else None,
        )

    def locate(
        self,
        *,
        offices: int | None = None,
        minimise: Aim = "mean_minutes",
        areas: Literal["whole", "split"] = "whole",
        contiguous: bool = True,
        sites: Literal["all", "existing"] | Sequence[str] = "all",
        keep: Sequence[str] = (),
        close: Sequence[str] = (),
        limit_min: float | None = None,
        time_limit_s: float | None = None,
        question: str | Question | None = None,
        profile: str | Profile | None = None,
        outlook: str | None = None,
        progress: Callable[[Gap], None] = silent,
    ) -> Solution:
        """Find the best structure, with its proof.

        Every structure is ranked where that can be done; otherwise, and for aims a ranking does
        not have, the solver searches and says how far it may be from the best.

        Parameters
        ----------
        offices : int, optional
            How many; needed unless a question of the study is named, or ``minimise`` finds it.
        minimise : str
            One of `navplan.locate.problem.AIMS`: mean, worst, worst and then mean, Kolm–Pollak
            equally-distributed equivalent, mean of the worst tenth, people beyond `limit_min`, or
            how few offices bring everyone within it.
        areas : {"whole", "split"}
            Whether whole areas share an office, or everyone goes to the nearest.
        contiguous : bool
            Whether areas that share an office must border on each other.
        sites : {"all", "existing"} or sequence of str
            Where offices may lie.
        keep, close : sequence of str
            Sites that must be open, and sites that must not, beside those of the question.
        limit_min : float, optional
            Nobody may have longer than this; for the last two aims the limit that counts [min].
        time_limit_s : float, optional
            Longest the solver may search [s]; that of the question, or a minute.
        question : str or Question, optional
            A question of the study file, instead of the choices above.
        profile, outlook : str, optional
            The headline ones unless told.
        progress : callable
            Called with a `navplan.locate.watch.Gap` while the solver searches.

        Returns
        -------
        Solution
            Value, bound, gap, status, scenario, and the ranking where there is one.

        Raises
        ------
        InputError
            If neither a number of offices nor a question is given, a name is not known, or whole
            areas are asked for with an aim that needs everyone to go to the nearest.
        InfeasibleError
            If no structure satisfies what is asked.
        NotFoundError
            If the search ended before it found one; there may be one.
        """
        find_name(minimise, AIMS, "objective", self.name)
        if minimise == "offices" and offices is None and question is None:
            offices = self.most_offices(sites, close)
        own = self.asked(
            question=question, offices=offices, areas=areas, contiguous=contiguous, sites=sites,
            keep=keep, close=close, limit_min=limit_min, time_limit_s=time_limit_s,
        )  # fmt: skip
        where: Mapping[str, Any] = {"profile": profile, "outlook": outlook}
        for objective in OBJECTIVES:
            if minimise == objective and self.can_rank(own, **where):
                return self.ranking(own, **where).best(objective)
        if own.kind == "areas" and minimise != "mean_minutes":
            known = OBJECTIVES if self.can_rank(own, **where) else ("mean_minutes",)
            given = f"{minimise!r} is searched only where everyone goes to the nearest office."
            remedy = f"Ask with areas 'split', or minimise one of {', '.join(known)}."
            raise InputError([Fault(f"question {own.name}", "minimise", given, remedy)])
        problem = self.problem(own, minimise=minimise, **where)
        with naming(own):
            return solve(problem, Watch(limit_s=own.time_limit_s, tell=progress))
