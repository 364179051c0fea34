"""What a study tells beside the best structure: near-best ones, prices, front, regret."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, TypeAlias, TypedDict, TypeVar

import pandas as pd

from navplan.errors import Fault, InputError
from navplan.locate import OBJECTIVES, Gap, Objective
from navplan.locate.arrays import sum_question
from navplan.locate.near_best import ALIKE_MIN, NearBest
from navplan.locate.ranked import (
    MIX,
    OUTLOOK,
    Blend,
    ranked_front,
    ranked_prices,
    ranked_regret,
    ranked_stability,
)
from navplan.locate.watch import Watch, silent
from navplan.nouns import Profile
from navplan.results import TABLES
from navplan.scenario import Scenario
from navplan.study.asked import names_of, naming
from navplan.study.locating import LocatingStudy
from navplan.study.opened import find_name
from navplan.study.questions import demands_of
from navplan.study.schema import Question
from navplan.study.solved import (
    solved_front,
    solved_near_best,
    solved_prices,
    solved_regret,
    solved_stability,
)
from navplan.study.told import MeanAgainstWorst, Prices, Regrets, Stability

MIX_SHARES: Final = (0.25, 0.5, 0.75, 1.0)
"""Shares of the visits that go the other way."""


Tell: TypeAlias = Callable[[Gap], None]


class _Where(TypedDict):
    profile: str | Profile | None
    outlook: str | None


@dataclass(frozen=True, repr=False, eq=False)
class TellingStudy(LocatingStudy):
    """An opened study that tells what lies around the best; `Study` adds comparison and report."""

    def near_best(
        self,
        question: str | Question,
        *,
        within: float | None = None,
        minimise: Objective = "mean_minutes",
        profile: str | Profile | None = None,
        outlook: str | None = None,
        progress: Tell = silent,
    ) -> NearBest:
        """List every structure that is nearly as good as the best.

        Parameters
        ----------
        question : str or Question
            As in the study file, or one made for the purpose.
        within : float, optional
            How much worse than the best, as a share of it; the question's own unless told.
        minimise : {"mean_minutes", "worst_minutes", "ede_minutes"}
            What is compared; only the mean where there are too many structures to rank.
        profile, outlook : str, optional
            The headline ones unless told.
        progress : callable
            Told of the gap where the solver searches.

        Returns
        -------
        NearBest
            The list, how many of them have each site, and groups of look-alikes.

        Raises
        ------
        InputError
            If `within` is negative or no number, or another aim than the mean is asked for where
            there are too many structures to rank.
        InfeasibleError
            If no structure satisfies the question.
        """
        question = self.question(question)
        find_name(minimise, OBJECTIVES, "objective", self.name)
        share = question.near_best_percent / 100 if within is None else within
        if not 0 <= share < math.inf:
            given = f"{share:g}; expected a share of the best, 0 or more."
            raise InputError([Fault(f"study {self.name}", "within", given, "Give 0.01 for 1 %.")])
        where: _Where = {"profile": profile, "outlook": outlook}
        if self.can_rank(question, **where):
            near = NearBest.of_ranking(self.ranking(question, **where), minimise, share)
            if question.kind == "areas":
                return near
            # Where everyone uses the nearest, times tell better than values which sites look alike.
            times = sum_question(self.problem(question, **where))
            return replace(near, times=times, alike=ALIKE_MIN)
        self._only_mean(minimise)
        problem = self.problem(question, **where)
        with naming(question):
            return solved_near_best(problem, share, limit_s=question.time_limit_s, tell=progress)

    def prices(
        self,
        question: str | Question,
        *,
        demands: Sequence[str] | None = None,
        minimise: Objective = "mean_minutes",
        profile: str | Profile | None = None,
        outlook: str | None = None,
        progress: Tell = silent,
    ) -> Prices:
        """Tell what each demand for an office costs: the best with it, less the best of all.

        Parameters
        ----------
        question : str or Question
            As in the study file, or one made for the purpose.
        demands : sequence of str, optional
            Ids of sites that stay open, or names of areas that have an office; those of the
            question unless told.
        minimise : {"mean_minutes", "worst_minutes", "ede_minutes"}
            What the price is told in.
        profile, outlook : str, optional
            The headline ones unless told.
        progress : callable
            Told of the gap where the solver searches.

        Returns
        -------
        Prices
            Table and figure.

        Raises
        ------
        InputError
            If a demand is no site or area, or the price is not told in what is minimised.
        InfeasibleError
            If no structure satisfies the question.
        """
        question = self.question(question)
        find_name(minimise, OBJECTIVES, "objective", self.name)
        names = question.price if demands is None else names_of(demands)
        for name in names:
            known = [*self.offices.table.index, *self.zones.areas]
            find_name(name, known, "site or area", self.name)
        asked = demands_of(question, self.offices, names)
        where: _Where = {"profile": profile, "outlook": outlook}
        if self.can_rank(question, **where):
            found = ranked_prices(self.ranking(question, **where), asked, minimise)
        else:
            problem = self.problem(question, minimise=minimise, **where)
            with naming(question):
                found = solved_prices(problem, asked, limit_s=question.time_limit_s, tell=progress)
        table = self._laid_out("prices", found, question, profile, outlook)
        return Prices(question.name, table)

    def front(
        self,
        question: str | Question,
        *,
        scenarios: Sequence[str | Scenario] = (),
        profile: str | Profile | None = None,
        outlook: str | None = None,
        progress: Tell = silent,
    ) -> MeanAgainstWorst:
        """Set the mean against the longest way: every structure worth choosing for the two.

        Parameters
        ----------
        question : str or Question
            As in the study file, or one made for the purpose.
        scenarios : sequence of str or Scenario
            Placed beside the front; those that are no structure of the question are left out, and
            all where there are too many structures to rank.
        profile, outlook : str, optional
            The headline ones unless told.
        progress : callable
            Told of the gap where the solver searches.

        Returns
        -------
        MeanAgainstWorst
            Table and figure.

        Raises
        ------
        InfeasibleError
            If no structure satisfies the question.
        """
        question = self.question(question)
        where: _Where = {"profile": profile, "outlook": outlook}
        if self.can_rank(question, **where):
            found = ranked_front(self.ranking(question, **where), named=self._named(scenarios))
        else:
            problem = self.problem(question, **where)
            with naming(question):
                found = solved_front(problem, limit_s=question.time_limit_s, tell=progress)
        table = self._laid_out("fronts", found, question, profile, outlook)
        return MeanAgainstWorst(question.name, table)

    def regret(
        self,
        question: str | Question,
        *,
        scenarios: Sequence[str | Scenario] = (),
        minimise: Objective = "mean_minutes",
        profile: str | Profile | None = None,
        outlooks: Sequence[str] | None = None,
        progress: Tell = silent,
    ) -> Regrets:
        """Find the structure that does least badly whatever outlook comes true.

        Parameters
        ----------
        question : str or Question
            As in the study file, or one made for the purpose.
        scenarios : sequence of str or Scenario
            Set beside it; those that are no structure of the question are left out, and all where
            there are too many structures to rank.
        minimise : {"mean_minutes", "worst_minutes", "ede_minutes"}
            What is minimised; only the mean where there are too many structures to rank.
        profile : str, optional
            The headline one unless told.
        outlooks : sequence of str, optional
            All of the study unless told.
        progress : callable
            Told of the gap where the solver searches.

        Returns
        -------
        Regrets
            Table, and the structure as a scenario.

        Raises
        ------
        InfeasibleError
            If no structure satisfies the question under every outlook.
        """
        question = self.question(question)
        find_name(minimise, OBJECTIVES, "objective", self.name)
        names = self._outlooks(outlooks)
        if not names:
            raise InputError([Fault(f"study {self.name}", "outlooks", "none is given.")])
        if self.can_rank(question, profile=profile, outlook=names[0]):
            rankings = {o: self.ranking(question, profile=profile, outlook=o) for o in names}
            found = ranked_regret(rankings, minimise, named=self._named(scenarios))
        else:
            self._only_mean(minimise)
            problems = {o: self.problem(question, profile=profile, outlook=o) for o in names}
            with naming(question):
                found = solved_regret(problems, limit_s=question.time_limit_s, tell=progress)
        table = self._laid_out("regrets", found.table, question, profile)
        return Regrets(question.name, table, found.scenario)

    def stability(
        self,
        question: str | Question,
        *,
        minimise: Objective = "mean_minutes",
        profile: str | Profile | None = None,
        mixed_with: Sequence[str | Profile] | None = None,
        outlook: str | None = None,
        outlooks: Sequence[str] | None = None,
        progress: Callable[[Gap], None] = silent,
    ) -> Stability:
        """Tell whether the best structure stays the best, and what it costs to stay with it.

        Settings are the outlooks, and mixes of the way to travel with others: so many of all
        visits are made the other way, each to the office one would choose that way. For the mean
        the mix is exact; longest ways and equal equivalents are not mixed.

        Parameters
        ----------
        question : str or Question
            As in the study file, or one made for the purpose.
        minimise : {"mean_minutes", "worst_minutes", "ede_minutes"}
            What is minimised.
        profile : str, optional
            The headline one unless told.
        mixed_with : sequence of str, optional
            Other ways to travel; those the report shows unless told.
        outlook : str, optional
            Whose best structure is kept; the headline one unless told.
        outlooks : sequence of str, optional
            All of the study unless told.
        progress : callable, optional
            Told of the gap of a search as it closes.

        Returns
        -------
        Stability
            One row a setting.

        Raises
        ------
        InputError
            If another aim than the mean is asked for where there are too many structures to rank.
        InfeasibleError
            If no structure satisfies the question in some setting.
        """
        question = self.question(question)
        find_name(minimise, OBJECTIVES, "objective", self.name)
        searched = not self.can_rank(question, profile=profile, outlook=outlook)
        if searched:
            self._only_mean(minimise)
        shown = self.file.report.profiles if mixed_with is None else mixed_with
        mixed = [] if minimise != "mean_minutes" else list(map(self._chosen, shown))
        where = (self._chosen(profile), mixed, outlook, self._outlooks(outlooks))
        if searched:
            base, mixes = _settings(partial(self.problem, question), *where)
            watch = Watch(limit_s=question.time_limit_s, tell=progress)
            with naming(question):
                found = solved_stability(base, mixes, watch)
        else:
            rank, blends = _settings(partial(self.ranking, question), *where)
            told = {setting: Blend(tuple(parts)) for setting, parts in blends.items()}
            found = ranked_stability(rank, told, minimise)
        return Stability(question.name, self._laid_out("stability", found, question, profile))

    def _only_mean(self, minimise: Objective) -> None:
        if minimise != "mean_minutes":
            given = "too many structures to rank: only mean_minutes is searched here."
            remedy = "Minimise mean_minutes, or allow fewer sites."
            raise InputError([Fault(f"study {self.name}", "minimise", given, remedy)])

    def _outlooks(self, outlooks: Sequence[str] | None) -> list[str]:
        return [o.name for o in self.file.outlook] if outlooks is None else list(names_of(outlooks))

    def _named(self, scenarios: Sequence[str | Scenario]) -> list[Scenario]:
        given = names_of(scenarios) if isinstance(scenarios, str) else scenarios
        return [self.scenario(s) if isinstance(s, str) else s for s in given]

    def _laid_out(
        self,
        name: str,
        found: pd.DataFrame,
        question: Question,
        profile: str | Profile | None,
        outlook: str | None = None,
    ) -> pd.DataFrame:
        """Put a table into the columns of the results folder, and name what it is about."""
        case = {
            "question": question.name,
            "profile": self._chosen(profile).name,
            "outlook": outlook or self.headline_outlook,
        }
        more = {key: value for key, value in case.items() if key not in found.columns}
        return found.assign(**more)[list(TABLES[name])]


_T = TypeVar("_T")


def _settings(
    under: Callable[..., _T],
    own: Profile,
    mixed_with: Sequence[Profile],
    outlook: str | None,
    outlooks: Sequence[str],
) -> tuple[_T, dict[tuple[str, str], list[tuple[float, _T]]]]:
    """Put a question as it is, and under each setting as a weighted mix of what it is made of."""
    base = under(profile=own, outlook=outlook)
    settings = {(OUTLOOK, name): [(1.0, under(profile=own, outlook=name))] for name in outlooks}
    for way in mixed_with:
        if way != own:
            other = under(profile=way, outlook=outlook)
            for share in MIX_SHARES:
                settings[MIX + way.name, f"{share:g}"] = [(1 - share, base), (share, other)]
    return base, settings
