"""Least mean of those worst off: the tail (conditional value at risk) of the minutes, exactly."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from navplan.errors import Fault, raise_faults
from navplan.locate.array_types import Floats, Ints
from navplan.locate.costs import TailCost
from navplan.locate.found import Found
from navplan.locate.listing import list_within
from navplan.locate.median import SumQuestion, solve_sum
from navplan.locate.steps import closed, nearest_minutes, sure_bound, unheard
from navplan.locate.watch import Gap, Status, Watch
from navplan.measures import percentile_minutes, tail_mean_minutes

_PERCENT: Final = 100
# An interval whose bound is this near to the best value is closed by listing [share of the value],
# unless there are more choices than this.
_NEAR: Final = 0.02
_FEW: Final = 5_000


@dataclass(frozen=True, order=True)
class _Interval:
    """Quantiles from low to high; no choice whose quantile lies there is better than bound."""

    bound: float
    low: float
    high: float
    quantile: float = field(default=0.0, compare=False)


def tail_value(question: SumQuestion, sites: Ints, share: float) -> float:
    """Mean minutes of the worst-off share of the clients under a choice.

    Parameters
    ----------
    question : SumQuestion
        Minutes, weights and limit; ``without`` stands for no time [min].
    sites : array of int
        Positions of the chosen sites.
    share : float
        Share of the weight that is looked at, above 0 and at most 1.

    Returns
    -------
    float
        In minutes, by `measures.tail_mean_minutes`, and the site costs spread over the weight; inf
        where a client that must have a time has none.
    """
    nearest = _minutes(question, sites)
    if np.isinf(nearest).any():
        return float("inf")
    tail = tail_mean_minutes(nearest, question.weights, share=share).value
    return tail + float(question.site_costs[sites].sum() / question.weights.sum())


def solve_tail(question: SumQuestion, share: float, watch: Watch) -> Found:
    """Choose sites so that the mean minutes of the worst-off share of the clients are least.

    The tail mean of a choice is the least over its quantile η of ``η + Σ w (z − η)⁺ / (share Σ w)``
    [1]_. For η in an interval, letting every client have an η of its own gives a sum question with
    `TailCost`, whose value no choice with its quantile there can be better than. The interval is
    split at the quantile of the choice found until nothing better is possible: where no time lies
    within, the least is at an end, and there the sum question is the tail mean itself. Use it for
    those worst off together; the p-centre looks at a single place.

    Parameters
    ----------
    question : SumQuestion
        Its ``cost`` is not used: minutes are what is averaged; ``without`` is minutes too.
    share : float
        Share of the weight that is looked at, above 0 and at most 1; 1 is the p-median.
    watch : Watch
        Limits of the search.

    Returns
    -------
    Found
        Value and bound in minutes, see `tail_value`.

    Raises
    ------
    InputError
        If the share is out of range, or nobody has any weight.
    InfeasibleError
        If no choice serves every client that must be served.

    References
    ----------
    .. [1] Rockafellar, R. T., Uryasev, S. (2000). Optimization of conditional value-at-risk.
       Journal of Risk 2(3), 21–41. https://doi.org/10.21314/JOR.2000.038
    """
    if not 0 < share <= 1:
        given = f"{share:g}; expected above 0 and at most 1."
        raise_faults([Fault("tail question", "share", given)])
    if not question.weights.any():
        raise_faults([Fault("tail question", "weights", "nobody has any weight.")])
    return _Search(question, share, watch).run()


class _Search:
    """Intervals still open, best bound first, and the best choice so far."""

    def __init__(self, question: SumQuestion, share: float, watch: Watch) -> None:
        self.question, self.share, self.watch = question, share, watch
        self.people = float(question.weights.sum())
        self.sites, self.value = np.empty(0, dtype=np.intp), float("inf")
        self.status: Status = "proved"
        self.nodes = 0

    def run(self) -> Found:
        # No choice has a shorter quantile than all sites together, nor one beyond its tail mean.
        low = self._quantile(np.flatnonzero(~self.question.barred))
        self._solve(0.0, low, low)
        open_ = [self._solve(0.0, low, max(self.value, low))]
        try:
            while open_ and self.status == "proved" and not closed(self.value, open_[0].bound):
                # An interval stays open until all of its parts are, whatever interrupts them.
                left = [*open_[1:], *self._closer(open_[0])]
                heapq.heapify(left)
                open_ = left
                self._tell(open_)
        except KeyboardInterrupt:
            self.status = "interrupted"
        bound = min(open_[0].bound, self.value) if open_ else self.value
        return Found(
            sites=self.sites,
            value=self.value,
            bound=bound,
            status=self.status,
            seconds=self.watch.seconds,
            seed=self.watch.seed,
            nodes=self.nodes,
        )

    def _closer(self, interval: _Interval) -> list[_Interval]:
        """What is left of an interval after another look."""
        if self._listed(interval):
            return []
        return [self._solve(interval.bound, *ends) for ends in self._parts(interval)]

    def _listed(self, interval: _Interval) -> bool:
        """Try every choice that could be better in an interval, where they are few."""
        if self.value - interval.bound > _NEAR * self.value:
            return False
        question = self._relaxed(interval.low, interval.high)
        listed = list_within(question, self.value * self.people, self.watch, most=_FEW)
        for sites in listed.choices:
            self._offer(sites)
        if listed.status != "count limit":
            self.status = listed.status
        return listed.status == "proved"

    def _solve(self, bound: float, low: float, high: float) -> _Interval:
        """Bound an interval, and take its choice where that is better."""
        if self.status != "proved":
            return _Interval(bound, low, high)
        found = solve_sum(self._relaxed(low, high), unheard(self.watch))
        self.nodes += found.nodes
        self.status = found.status
        self._offer(found.sites)
        best = max(bound, sure_bound(found) / self.people)
        return _Interval(best, low, high, self._quantile(found.sites))

    def _relaxed(self, low: float, high: float) -> SumQuestion:
        """Every client with a quantile of its own in an interval: no choice's tail is less."""
        cost = TailCost(low, high, self.share)
        without = self.question.without
        if np.isfinite(without):
            without = float(cost(np.array([without]))[0])
        return replace(self.question, cost=cost, without=without)

    def _offer(self, sites: Ints) -> None:
        value = tail_value(self.question, sites, self.share)
        if value < self.value:
            self.value, self.sites = value, sites

    def _parts(self, interval: _Interval) -> list[tuple[float, float]]:
        low, high = interval.low, interval.high
        if low == high:  # the sum question was the tail mean itself
            return []
        middle = interval.quantile
        if not low < middle < high:
            within = self._times_within(low, high)
            if not len(within):  # the tail mean is linear in between: the least is at an end
                return [(low, low), (high, high)]
            middle = float(within[np.abs(within - (low + high) / 2).argmin()])
        return [(low, middle), (middle, high)]

    def _times_within(self, low: float, high: float) -> Floats:
        minutes, limit = self.question.minutes, self.question.limit
        times = minutes[(minutes > low) & (minutes < high) & (minutes <= limit)]
        without = self.question.without
        return np.append(times, [without] if low < without < high else []).astype(np.float64)

    def _quantile(self, sites: Ints) -> float:
        """Shortest time that all but the worst-off share do not exceed."""
        nearest = _minutes(self.question, sites)
        if np.isinf(nearest).any() or self.share == 1:
            return 0.0
        percent = _PERCENT * (1 - self.share)
        return percentile_minutes(nearest, self.question.weights, percent=percent).value

    def _tell(self, open_: list[_Interval]) -> None:
        bound = min(open_[0].bound, self.value) if open_ else self.value
        self.watch.tell(Gap("tail", self.value, bound, self.watch.seconds, self.nodes))


def _minutes(question: SumQuestion, sites: Ints) -> Floats:
    """Minutes to the nearest chosen site, what no time counts as where there is none."""
    nearest = nearest_minutes(question, sites)
    return np.where(np.isinf(nearest), question.without, nearest)
