"""The questions of a study, each answered for every way to travel and outlook: tables of a run."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
import pandas as pd

from navplan.errors import InfeasibleError, NavplanWarning
from navplan.locate import OBJECTIVES, PROVED, NotFoundError, Objective, Ranking, Solution
from navplan.locate.near_best import NearBest
from navplan.locate.ranked import INFEASIBLE, NOT_FOUND
from navplan.nouns import Profile
from navplan.results import ANSWERS, TABLES, empty
from navplan.scenario import Scenario
from navplan.study.schema import Question
from navplan.study.solved import allocation_of
from navplan.travel import Progress

if TYPE_CHECKING:
    from navplan.study.study import Study

NEAR_BEST_ROWS: Final = 200
"""Most rows of near-best structures a question and way to travel."""

_WRITTEN: Final = ("ranking", *ANSWERS)
_Parts: TypeAlias = Iterator[tuple[str, pd.DataFrame]]


@dataclass(frozen=True)
class Asked:
    """For whom the questions are answered.

    Parameters
    ----------
    profiles : tuple of Profile
        The ways to travel.
    outlooks : tuple of str
        The populations.
    headline_profile : str
        The way to travel that others are mixed with.
    headline_outlook : str
        The outlook that near-best structures and fronts are told for.
    scenarios : tuple of Scenario
        Pointed out where they are structures of a question.
    """

    profiles: tuple[Profile, ...]
    outlooks: tuple[str, ...]
    headline_profile: str
    headline_outlook: str
    scenarios: tuple[Scenario, ...]


@dataclass(frozen=True)
class Answers:
    """What the questions of a study come to.

    Parameters
    ----------
    tables : dict of str to DataFrame
        ``ranking`` and those of `navplan.results.ANSWERS`.
    questions : list of dict
        For ``run.json``: what is asked, how many structures were ranked, how it was proved.
    searches : list of dict
        For ``run.json``: seconds and seed of each search, which the tables leave out so that equal
        answers give equal tables.
    """

    tables: dict[str, pd.DataFrame]
    questions: list[dict[str, Any]]
    searches: list[dict[str, Any]]


def answer_questions(study: Study, asked: Asked, progress: Progress) -> Answers:
    """Answer every question of a study.

    Parameters
    ----------
    study : Study
        With its questions.
    asked : Asked
        For whom they are answered.
    progress : callable
        Told in a few words what comes next.

    Returns
    -------
    Answers
        Tables for `Results`.
    """
    parts: dict[str, list[pd.DataFrame]] = {name: [] for name in _WRITTEN}
    questions, searches = [], []
    for question in study.file.question:
        progress(f"Question: {question.name}")
        answer = _Answer(study, question, asked)
        for name, table in answer.tables():
            parts[name].append(table)
        questions.append(question.model_dump() | answer.proof())
        searches += answer.searches()
    tables = {}
    for name, found in parts.items():
        filled = [table for table in found if len(table)]
        tables[name] = pd.concat(filled, ignore_index=True) if filled else empty(name)
    return Answers(tables, questions, searches)


@dataclass(frozen=True)
class _Case:
    """One question for one way to travel and one outlook."""

    profile: Profile
    outlook: str
    ranking: Ranking | None = None
    solutions: tuple[Solution, ...] = ()
    nothing: Mapping[Objective, InfeasibleError] = field(default_factory=dict)

    @property
    def mean(self) -> Solution | None:
        """The structure with the least mean."""
        return next((s for s in self.solutions if s.objective == "mean_minutes"), None)


class _Answer:
    """One question, answered for all."""

    def __init__(self, study: Study, question: Question, asked: Asked) -> None:
        self.study, self.question, self.asked = study, question, asked
        self.cases = [self._case(p, o) for p in asked.profiles for o in asked.outlooks]

    def _case(self, profile: Profile, outlook: str) -> _Case:
        where: dict[str, Any] = {"profile": profile, "outlook": outlook}
        try:
            if self.study.can_rank(self.question, **where):
                ranking = self.study.ranking(self.question, **where)
                found = tuple(ranking.best(objective) for objective in OBJECTIVES)
                return _Case(profile, outlook, ranking, found)
        except InfeasibleError as error:
            if self.question.limit_min is None:  # no way to travel can help
                raise
            return _Case(profile, outlook, nothing=dict.fromkeys(self._searched(), error))
        return self._searched_case(profile, outlook)

    def _searched_case(self, profile: Profile, outlook: str) -> _Case:
        """Search for each aim: there may be a least mean and no longest way, as on two islands."""
        solutions: list[Solution] = []
        nothing: dict[Objective, InfeasibleError] = {}
        for objective in self._searched():
            try:
                found = self.study.locate(
                    question=self.question, minimise=objective, profile=profile, outlook=outlook
                )
                solutions.append(found)
            except InfeasibleError as error:
                nothing[objective] = error
        ruled_out = [e for e in nothing.values() if not isinstance(e, NotFoundError)]
        if ruled_out and not solutions and self.question.limit_min is None:
            raise ruled_out[0]
        return _Case(profile, outlook, solutions=tuple(solutions), nothing=nothing)

    def _searched(self) -> tuple[Objective, ...]:
        """Name the aims that are known without a ranking: of whole areas the mean alone."""
        return OBJECTIVES if self.question.kind == "sites" else ("mean_minutes",)

    def proof(self) -> dict[str, Any]:
        """Say how many structures were ranked, for ``run.json``."""
        counts = [case.ranking.count for case in self.cases if case.ranking is not None]
        status = PROVED if counts else "searched"
        return {"count": max(counts, default=None), "status": status}

    def searches(self) -> list[dict[str, Any]]:
        """List what each search took, for ``run.json``."""
        return [
            {
                "question": self.question.name,
                "profile": case.profile.name,
                "outlook": case.outlook,
                "objective": solution.objective,
                "seconds": round(solution.seconds, 3),
                "seed": solution.seed,
            }
            for case in self.cases
            for solution in case.solutions
        ]

    def tables(self) -> _Parts:
        """Give the parts of every table that this question has."""
        yield from self._by_case()
        for profile in self.asked.profiles:
            mine = [case for case in self.cases if case.profile == profile]
            yield from self._across(profile, mine)

    def _by_case(self) -> _Parts:
        scenarios = self.asked.scenarios
        for case in self.cases:
            yield "answers", self._answers(case)
            if not case.solutions:
                continue
            where: dict[str, Any] = {"profile": case.profile, "outlook": case.outlook}
            headline = case.outlook == self.asked.headline_outlook
            if case.ranking is not None:
                excerpts = [case.ranking.excerpt(o, named=scenarios) for o in OBJECTIVES]
                yield "ranking", self._laid_out("ranking", pd.concat(excerpts), case)
            # a search each takes longer
            if self.question.price and (headline or case.ranking is not None):
                yield from self._told("prices", self._prices(where))
            if headline and self._can_tell(case):
                yield from self._told("near-best structures", self._near_best(case, where))
            if headline and self.question.front and self._can_tell(case):
                yield from self._told("front", self._front(where))

    def _near_best(self, case: _Case, where: dict[str, Any]) -> _Parts:
        if case.mean is None or np.isnan(case.mean.value):  # nobody has a time: nothing is near
            return
        near = self.study.near_best(self.question, **where)
        shares = near.share.rename_axis("site").reset_index()
        shares = shares.assign(
            objective="mean_minutes",
            within_percent=self.question.near_best_percent,
            count=near.count,
            complete="yes" if near.complete else "no",
        )
        yield "near_best", self._laid_out("near_best", near_rows(near, self.asked.scenarios), case)
        yield "site_shares", self._laid_out("site_shares", shares, case)

    def _across(self, profile: Profile, mine: list[_Case]) -> _Parts:
        across: dict[str, Any] = {"profile": profile, "outlooks": self.asked.outlooks}
        if self.question.regret and len(mine) > 1 and all(map(self._can_tell, mine)):
            yield from self._told("regret", self._regret(across))
        if all(map(self._can_tell, mine)):
            yield from self._told("stability", self._stability(profile, across))

    def _prices(self, where: dict[str, Any]) -> _Parts:
        yield "prices", self.study.prices(self.question, **where).table

    def _front(self, where: dict[str, Any]) -> _Parts:
        front = self.study.front(self.question, scenarios=self.asked.scenarios, **where)
        yield "fronts", front.table

    def _regret(self, across: dict[str, Any]) -> _Parts:
        regret = self.study.regret(self.question, scenarios=self.asked.scenarios, **across)
        yield "regrets", regret.table

    def _stability(self, profile: Profile, across: dict[str, Any]) -> _Parts:
        stability = self.study.stability(
            self.question, mixed_with=self._mixed_with(profile),
            outlook=self.asked.headline_outlook, **across,
        )  # fmt: skip
        yield "stability", stability.table

    def _told(self, what: str, parts: _Parts) -> _Parts:
        """Give what is told beside the best; where there is none, the best itself still stands."""
        try:
            yield from parts
        except InfeasibleError as error:
            warnings.warn(f"no {what}: {error}", NavplanWarning, stacklevel=2)

    def _can_tell(self, case: _Case) -> bool:
        """Whether there is a structure, of which front and regret can be told."""
        return case.ranking is not None or bool(case.solutions)

    def _mixed_with(self, profile: Profile) -> list[Profile]:
        """Ways to travel the report shows, to be mixed with the headline's."""
        if profile.name != self.asked.headline_profile:
            return []
        told = {case.profile for case in self.cases if self._can_tell(case)}
        shown = self.study.file.report.profiles
        return [p for p in self.asked.profiles if p in told and p.name in shown]

    def _answers(self, case: _Case) -> pd.DataFrame:
        rows: list[dict[str, Any]] = [
            {
                "objective": solution.objective,
                "value": solution.value,
                "bound": solution.bound,
                "unit": solution.unit,
                "status": solution.status,
                "reason": solution.reason,
                "offices": ";".join(sorted(solution.scenario.offices)),
                "allocation": allocation_of(solution.scenario),
                "share_without_time": solution.share_without_time,
            }
            for solution in case.solutions
        ]
        for objective, error in case.nothing.items():
            row: dict[str, Any] = dict.fromkeys(("value", "bound", "share_without_time"), np.nan)
            row |= {"objective": objective, "offices": "", "allocation": "", "unit": "min"}
            row["status"] = NOT_FOUND if isinstance(error, NotFoundError) else INFEASIBLE
            rows.append(row | {"reason": str(error)})
        return self._laid_out("answers", pd.DataFrame(rows), case)

    def _laid_out(self, name: str, table: pd.DataFrame, case: _Case) -> pd.DataFrame:
        more = {"question": self.question.name, "profile": case.profile.name}
        return table.assign(**more, outlook=case.outlook)[list(TABLES[name])]


def near_rows(near: NearBest, named: Sequence[Scenario]) -> pd.DataFrame:
    """Lay out the best of the near-best structures.

    Parameters
    ----------
    near : NearBest
        All of them.
    named : sequence of Scenario
        Pointed out where they are among them.

    Returns
    -------
    DataFrame
        At most `NEAR_BEST_ROWS` rows with the columns of ``near_best``, without the case.
    """
    table = near.head(NEAR_BEST_ROWS)
    if "allocation" not in table:
        table = table.assign(allocation="")
    names: dict[tuple[str, str], list[str]] = {}
    for scenario in named:
        if not scenario.outreach:
            texts = ";".join(sorted(scenario.offices)), allocation_of(scenario)
            names.setdefault(texts, []).append(scenario.name)
    alike = {site: "|".join(sites) for sites in near.look_alikes for site in sites}
    groups = dict(zip(near.groups["offices"], near.groups["group"], strict=True))
    return table.assign(
        objective="mean_minutes",
        group=[
            groups[";".join(sorted(alike.get(site, site) for site in offices.split(";")))]
            for offices in table["offices"]
        ],
        scenario=[
            ";".join(names.get(texts, ()))
            for texts in zip(table["offices"], table["allocation"], strict=True)
        ],
        above_minutes=table["above_best"],
        above_percent=table["above_best_percent"],
    )
