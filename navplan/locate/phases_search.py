"""Searching the best plan of several periods, exactly.

The changes between periods are moved into the periods as site costs with multipliers μ (Lagrangian
decomposition): for −closing ≤ μ ≤ opening, ``μ (y − y')`` never exceeds the cost of the change, so
the periods solved each on its own are a bound. Once the multipliers are good, every choice that
can be part of a better plan is listed for each period, and the best path through the lists is the
best plan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy import sparse

from navplan.errors import InfeasibleError
from navplan.locate.array_types import Bools, Floats, Ints
from navplan.locate.highs import Program, solve_program
from navplan.locate.listing import list_within
from navplan.locate.median import SumQuestion, solve_sum
from navplan.locate.phases import PhaseQuestion, Plan
from navplan.locate.steps import closed, sure_bound, time_after, unheard
from navplan.locate.tables import site_ids
from navplan.locate.watch import Gap, Status, Watch

_STEPS: Final = 40
# A gap this small is closed sooner by listing than by more steps [share of the value].
_NEAR: Final = 0.002
_PATIENCE: Final = 4
_MOST_LISTED: Final = 20_000
_CELLS: Final = 4_000_000  # of a table of changes at a time
# Longest first step of the multipliers while no plan is known to aim at [share of the bound].
_AIM: Final = 0.05


def solve_phases(
    question: PhaseQuestion, watch: Watch, *, sites: Sequence[str] | None = None
) -> Plan:
    """Choose the open sites of every period, so that sums and changes together cost least.

    Multi-period p-median with opening and closing. Use it where the years pull apart (people
    move, roads open) and changes cost or must not be undone; where one choice must serve all
    years, solve their sum instead (`outlooks.solve_weighted`).

    Parameters
    ----------
    question : PhaseQuestion
        Periods, costs and rules.
    watch : Watch
        For all steps together.
    sites : sequence of str, optional
        Ids by position, for the tables.

    Returns
    -------
    Plan
        ``proved`` where no plan is better.

    Raises
    ------
    InfeasibleError
        If no plan keeps to the numbers of sites and rules and gives everybody a time who must have
        one.
    """
    ids = site_ids(question.periods[0].question, sites)
    search = _Search(question, watch)
    search.run()
    before, values, changes = question.existing, [], []
    for period, choice in zip(question.periods, search.choices, strict=True):
        after = _open(choice, len(before))
        values.append(period.question.value(choice))
        changes.append(question.changes(before, after))
        before = after
    return Plan(
        periods=tuple(period.name for period in question.periods),
        choices=tuple(search.choices),
        values=np.array(values),
        changes=np.array(changes),
        bound=search.value if search.proved else min(search.bound, search.value),
        status=search.status,
        seconds=watch.seconds,
        seed=watch.seed,
        existing=question.existing,
        sites=ids,
    )


@dataclass(frozen=True, eq=False)
class _Relaxed:
    """Periods each on its own under multipliers: their questions, least values, and the bound."""

    questions: list[SumQuestion]
    least: Floats
    choices: list[Ints]
    bound: float


class _Search:
    """The best plan so far, the choices seen for each period, and what is proved."""

    def __init__(self, question: PhaseQuestion, watch: Watch) -> None:
        self.question, self.watch = question, watch
        self.alone = [period.question for period in question.periods]
        self.pools: list[dict[bytes, Ints]] = [{} for _ in self.alone]
        self.choices: list[Ints] = []
        self.value, self.bound = float("inf"), 0.0
        self.status: Status = "proved"

    @property
    def proved(self) -> bool:
        return self.status == "proved"

    def run(self) -> None:
        # Without a plan there is nothing to hand back: this step, a short one, knows no limit.
        self._take(feasible_plan(self.question, replace(unheard(self.watch), limit_s=np.inf)))
        try:
            best = self._raise_bound()
            # Few choices lie near the bound: they often bring the value down before all are listed.
            for part in (0.25, 1.0):
                if best is None or not self.proved or closed(self.value, self.bound):
                    return
                self._list(best, part * (self.value - best.bound))
        except KeyboardInterrupt:
            self.status = "interrupted"

    def _raise_bound(self) -> _Relaxed | None:
        """Move the multipliers by projected subgradient steps; gives the best periods alone."""
        lowest, highest = -self.question.closing_limits, self.question.opening_limits
        multipliers = np.zeros((len(self.alone), len(highest)))
        best, pace, stuck = None, 1.0, 0
        for _ in range(_STEPS):
            relaxed = self._relax(multipliers)
            if relaxed is None:
                break
            if best is None or relaxed.bound > best.bound:
                stuck, best = 0, relaxed
                self.bound = max(self.bound, best.bound)
            else:
                stuck += 1
            self._follow([list(pool.values()) for pool in self.pools])
            self._tell()
            open_ = np.array([_open(choice, len(highest)) for choice in relaxed.choices])
            before = np.vstack([self.question.existing, open_[:-1]])
            moves = open_.astype(float) - before
            length = float((moves**2).sum())
            if self.value - self.bound <= _NEAR * abs(self.value) or length == 0:
                break
            if stuck == _PATIENCE:
                pace, stuck = pace / 2, 0
            aim = min(self.value, best.bound + _AIM * abs(best.bound))
            step = pace * (aim - relaxed.bound) / length
            multipliers = np.clip(multipliers + step * moves, lowest, highest)
        return best

    def _relax(self, multipliers: Floats) -> _Relaxed | None:
        """Solve every period on its own; None where the watch stops it."""
        after = np.vstack([multipliers[1:], np.zeros(multipliers.shape[1])])
        bound = -float(multipliers[0][self.question.existing].sum())
        questions, least, choices = [], [], []
        step = unheard(self.watch)
        for number, question in enumerate(self.alone):
            costs = question.site_costs + multipliers[number] - after[number]
            # A fixed number of sites pays the same shift, whichever they are.
            shift = min(0.0, float(costs.min()))
            shifted = replace(question, site_costs=costs - shift)
            found = solve_sum(shifted, step)
            step = time_after(found, step)
            if found.status != "proved":
                self.status = found.status
            questions.append(shifted)
            least.append(sure_bound(found))
            choices.append(found.sites)
            bound += least[-1] + shift * question.least
        if np.isfinite([q.value(c) for q, c in zip(questions, choices, strict=True)]).all():
            for choice in choices:
                self._offer(choice)
        relaxed = _Relaxed(questions, np.array(least), choices, bound)
        if self.proved:
            return relaxed
        self.bound = max(self.bound, bound)
        return None

    def _list(self, relaxed: _Relaxed, room: float) -> None:
        """Take the best plan of all whose periods lie within some room of the bound."""
        lists = []
        for question, least, pool in zip(
            relaxed.questions, relaxed.least.tolist(), self.pools, strict=True
        ):
            listed = list_within(question, least + room, self.watch, most=_MOST_LISTED)
            if listed.status != "proved":
                self.status = listed.status
                return
            pool.update({choice.tobytes(): choice for choice in listed.choices})
            lists.append(list(pool.values()))
        self._follow(lists)
        self.bound = max(self.bound, min(relaxed.bound + room, self.value))
        self._tell()

    def _offer(self, choice: Ints) -> None:
        """Let every period that may have a choice know of it."""
        for question, pool in zip(self.alone, self.pools, strict=True):
            open_ = _open(choice, question.sites)
            allowed = not (question.barred & open_).any() and not (question.fixed & ~open_).any()
            if allowed and len(choice) == question.least:
                pool[choice.tobytes()] = choice

    def _follow(self, lists: Sequence[Sequence[Ints]]) -> None:
        """Take the best path through lists of choices where it is better."""
        path = best_path(self.question, lists)
        if path is not None:
            self._take(path)

    def _take(self, choices: list[Ints]) -> None:
        value = self.question.value(choices)
        if value < self.value or not self.choices:
            self.choices, self.value = choices, value
        for choice, pool in zip(choices, self.pools, strict=True):
            pool[choice.tobytes()] = choice

    def _tell(self) -> None:
        bound = min(self.bound, self.value)
        self.watch.tell(Gap("phases", self.value, bound, self.watch.seconds))


def best_path(question: PhaseQuestion, lists: Sequence[Sequence[Ints]]) -> list[Ints] | None:
    """Find the best plan whose periods are taken from lists, by dynamic programming.

    Parameters
    ----------
    question : PhaseQuestion
        Periods, costs and rules.
    lists : sequence of sequence of array of int
        Choices for each period, at least one.

    Returns
    -------
    list of array of int or None
        One choice a period; None where no path keeps to the rules.
    """
    sites = len(question.existing)
    before, total = question.existing[np.newaxis], np.zeros(1)
    origins = []
    for period, choices in zip(question.periods, lists, strict=True):
        after = np.array([_open(choice, sites) for choice in choices])
        values = np.array([period.question.value(choice) for choice in choices])
        origin, reached = np.empty(len(after), dtype=np.intp), np.empty(len(after))
        block = max(1, _CELLS // len(before))
        for start in range(0, len(after), block):
            part = slice(start, start + block)
            costs = total[:, np.newaxis] + _changes(question, before, after[part])
            origin[part] = costs.argmin(axis=0)
            reached[part] = costs.min(axis=0)
        origins.append(origin)
        before, total = after, reached + values
    last = int(total.argmin())
    if np.isinf(total[last]):
        return None
    path = []
    for choices, origin in zip(reversed(lists), reversed(origins), strict=True):
        path.append(choices[last])
        last = int(origin[last])
    return path[::-1]


def _changes(question: PhaseQuestion, before: Bools, after: Bools) -> Floats:
    """Cost of every change between two lists; inf where it is not allowed."""
    opened, closed_ = (~before).astype(float), before.astype(float)
    costs = np.zeros((len(before), len(after)))
    for limits, left, right in (
        (question.opening_limits, opened, after),
        (question.closing_limits, closed_, ~after),
    ):
        never = np.isinf(limits)
        costs += (left * np.where(never, 0.0, limits)) @ right.T.astype(float)
        costs[(left * never) @ right.T.astype(float) > 0] = np.inf
    return costs


def feasible_plan(question: PhaseQuestion, watch: Watch) -> list[Ints]:
    """Find any plan that keeps to the rules, or prove that there is none.

    Parameters
    ----------
    question : PhaseQuestion
        Periods, costs and rules.
    watch : Watch
        Limits of the search.

    Returns
    -------
    list of array of int
        One choice a period.

    Raises
    ------
    InfeasibleError
        If there is none.
    KeyboardInterrupt
        If it is stopped before there is a plan.
    """
    sites, periods = len(question.existing), len(question.periods)
    rows, least, most = [], [], []
    lower, upper = np.zeros(periods * sites), np.ones(periods * sites)
    for number, period in enumerate(question.periods):
        own = slice(number * sites, (number + 1) * sites)
        lower[own], upper[own] = period.question.fixed, ~period.question.barred
        reach = np.vstack([np.ones((1, sites)), _must_reach(period.question)])
        place = sparse.csr_array(([1.0], ([0], [number])), shape=(1, periods))
        rows.append(sparse.kron(place, reach, format="csr"))
        least += [float(period.question.least), *([1.0] * (len(reach) - 1))]
        most += [float(period.question.least), *([np.inf] * (len(reach) - 1))]
        rising, falling = np.isinf(question.opening_limits), np.isinf(question.closing_limits)
        if number == 0:
            upper[own] = np.where(rising & ~question.existing, 0.0, upper[own])
            lower[own] = np.where(falling & question.existing, 1.0, lower[own])
            continue
        step = np.zeros((1, periods))
        step[0, number - 1 : number + 1] = -1.0, 1.0
        for bound, sign in ((rising, 1.0), (falling, -1.0)):
            pick = np.eye(sites)[bound]
            rows.append(sparse.kron(sparse.csr_array(sign * step), pick, format="csr"))
            least += [-np.inf] * len(pick)
            most += [0.0] * len(pick)
    if (lower > upper).any():
        raise InfeasibleError(_NO_PLAN)
    program = Program(
        cost=np.zeros(periods * sites),
        lower=lower,
        upper=upper,
        integer=np.ones(periods * sites, dtype=np.bool_),
        rows=sparse.csr_array(sparse.vstack(rows)),
        row_lower=np.array(least),
        row_upper=np.array(most),
    )
    answer = solve_program(program, watch, step="phases")
    if answer.status == "infeasible":
        raise InfeasibleError(_NO_PLAN)
    if answer.columns is None:
        raise KeyboardInterrupt
    return [np.flatnonzero(open_ > 0) for open_ in answer.columns.reshape(periods, sites)]


_NO_PLAN: Final = (
    "No plan opens the number of sites of every period, keeps to what may open and close, and "
    "gives everybody a time who must have one."
)


def _must_reach(question: SumQuestion) -> Floats:
    """Sites of which one must be open for each client that must have a time, each set once."""
    if np.isfinite(question.without):
        return np.empty((0, question.sites))
    reached = np.isfinite(question.minutes) & (question.minutes <= question.limit)
    reached = reached[~reached.all(axis=1)]
    return np.unique(reached, axis=0).astype(float)


def _open(choice: Ints, sites: int) -> Bools:
    open_ = np.zeros(sites, dtype=np.bool_)
    open_[choice] = True
    return open_
