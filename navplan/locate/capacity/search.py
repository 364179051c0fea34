"""Exact answers to questions of capacity: Lagrangian bounds, fixing, branch and bound."""

from __future__ import annotations

import heapq
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from typing import Final

import numpy as np

from navplan.errors import InfeasibleError
from navplan.locate.array_types import Bools, Floats, Ints
from navplan.locate.capacity.branching import divide_site, divide_unit, doubtful_site
from navplan.locate.capacity.feasible import check_capacity
from navplan.locate.capacity.improving import first_assignment, improve, shake
from navplan.locate.capacity.kernels import ascend
from navplan.locate.capacity.nodes import (
    Node,
    Pairs,
    Relaxed,
    Rules,
    States,
    fix,
    narrow,
    relax,
)
from navplan.locate.capacity.question import CapacityQuestion
from navplan.locate.capacity.remainder import read_remainder, solve_remainder
from navplan.locate.found import Found, NotFoundError
from navplan.locate.watch import PROVED_GAP, Gap, Status, Watch

_CHUNK: Final = 60
_MOST_CHUNKS: Final = 60
_SETTLED_SCALE: Final = 2e-4
_PATIENCE: Final = 9  # chunks before slow progress ends the ascent
_SLOW: Final = 0.01  # of the gap that is left, and of the first steps
_SHAKES: Final = 4
_WHOLE: Final = 2.0**40
# From so many units with a choice on, a general program is faster than dividing unit by unit.
_MANY_UNITS: Final = 10
# How far the optimum is guessed to lie above the bound, at least [share of the bound], and by
# the best answer so far [share of its distance]; doubled when wrong.
_FIRST_GUESS: Final = 5e-4
_FIRST_PART: Final = 0.25
# How far above its bound a part is first searched by a general program [share].
_FIRST_REACH: Final = 1e-4
# Parts looked at side by side, however many cores there are: the search is the same everywhere.
_AT_ONCE: Final = 2


@dataclass(eq=False)
class _Best:
    """Best answer so far, and how far the search has come."""

    question: CapacityQuestion
    watch: Watch
    whole: bool
    value: float = float("inf")
    sites: Ints = field(default_factory=lambda: np.empty(0, np.intp))
    assigned: Ints = field(default_factory=lambda: np.empty(0, np.intp))
    bound: float = -float("inf")
    nodes: int = 0

    def offer(self, answer: tuple[Bools, Ints] | None) -> None:
        """Keep an answer (what is open, each unit's site) if it is permitted and better."""
        if answer is None:
            return
        chosen, assigned = answer
        sites = np.flatnonzero(chosen)
        value = self.question.value(sites, assigned)
        if value < self.value:
            self.value, self.sites, self.assigned = value, sites, assigned.copy()

    @property
    def target(self) -> float:
        """What a bound must reach to say that nothing is better."""
        if self.whole or self.value == np.inf:
            # All values are whole numbers: what is above the last below this one is not below.
            return self.value - 0.999
        return self.value - 0.5 * PROVED_GAP * abs(self.value)

    def tell(self, step: str) -> None:
        """Tell the watch."""
        bound = min(self.bound, self.value)
        self.watch.tell(Gap(step, self.value, bound, self.watch.seconds, self.nodes))


def solve_capacity(question: CapacityQuestion, watch: Watch) -> Found:
    """Find the best sites and assignment within capacities, with proof.

    The rows "each unit once" are priced into the objective, which leaves one knapsack a site:
    the bound equals that of column generation. What reduced costs rule out is fixed; the rest
    is searched by branch and bound with the same bound, below a guessed value that is doubled
    away from the bound until an answer lies under it.

    Parameters
    ----------
    question : CapacityQuestion
        What is asked.
    watch : Watch
        Limits, and who is told.

    Returns
    -------
    Found
        With `assigned`.

    Raises
    ------
    InfeasibleError
        If there is no answer.
    NotFoundError
        If none was found before the search had to stop.

    Notes
    -----
    F. Barahona and R. Anbil, "The volume algorithm: producing primal solutions with a
    subgradient method", Mathematical Programming 87 (2000), doi:10.1007/s101070050002; fixing
    and branching on the same bound as in A. Ceselli and G. Righini, "A branch-and-price
    algorithm for the capacitated p-median problem", Networks 45 (2005), doi:10.1002/net.20059.
    """
    check_capacity(question)
    best = _Best(question, watch, _whole(question))
    status: Status = "interrupted"
    try:
        status = _search(best)
    except KeyboardInterrupt:
        if not len(best.sites):
            raise
    if not len(best.sites):
        if status == "proved":
            raise InfeasibleError(
                "the units do not fit into the offices whole, within capacities and minimum "
                "sizes, however they are divided. Allow more offices, or larger ones."
            )
        raise NotFoundError.of("division of the units among offices")
    bound = best.value if status == "proved" else min(best.bound, best.value)
    return Found(
        sites=best.sites,
        value=best.value,
        bound=max(bound, 0.0),
        status=status,
        seconds=watch.seconds,
        seed=watch.seed,
        nodes=best.nodes,
        assigned=best.assigned,
    )


def _whole(question: CapacityQuestion) -> bool:
    """Whether every value is a whole number."""
    finite = question.cost[np.isfinite(question.cost)]
    numbers = np.concatenate([finite, question.site_costs])
    return bool((numbers == np.floor(numbers)).all() and numbers.sum() < _WHOLE)


def _ceiling(rules: Rules) -> float:
    """A value above that of every answer."""
    dearest = np.where(np.isfinite(rules.cost), rules.cost, 0.0).max(axis=1).sum()
    return float(dearest + rules.site_costs.sum()) * (1 + PROVED_GAP) + 1.0


def _search(best: _Best) -> Status:
    question, watch = best.question, best.watch
    rules = Rules.of(question)
    state = np.where(question.barred, -1, question.fixed.astype(np.int8)).astype(np.int8)
    root = _root(rules, state, best)
    if root.bound == np.inf:
        return "proved"
    if watch.over:
        return "time limit"
    ceiling = _ceiling(rules)
    gap = best.value - root.bound if best.value < np.inf else 0.0
    step = max(_FIRST_GUESS * abs(root.bound), _FIRST_PART * gap) or 1.0
    while best.bound < (limit := min(best.target, ceiling)):
        guess = min(best.bound + step, limit)
        # A guess just short of the limit would be searched twice.
        guess = limit if guess > limit - 0.25 * step else guess
        if (status := _branch(rules, root, guess, best)) != "proved":
            return status
        step *= 2.0
    return "proved"


def _root(rules: Rules, state: States, best: _Best) -> Relaxed:
    """Ascend on all pairs, with answers made from every stage."""
    cost = rules.cost
    pairs = Pairs.of(cost, np.isfinite(cost))
    rank = min(cost.shape[1] - 1, max(1, cost.shape[1] // max(1, rules.most)))
    nearest = np.partition(cost, rank, axis=1)[:, rank]
    prices = np.where(np.isfinite(nearest), nearest, cost.min(axis=1))
    part = Relaxed(-np.inf, prices, np.arange(len(pairs.units)), pairs, state.copy())
    arguments = rules.arguments(pairs, part.state)
    ceiling, scale = _ceiling(rules), 1.0
    for chunk in range(_MOST_CHUNKS):
        goal = min(best.value * (1 + 1e-4), ceiling)
        before = part.bound
        part.prices, bound, part.share, part.chosen, part.take, scale = ascend(
            part.prices,
            *arguments,
            goal,
            _CHUNK,
            scale,  # type: ignore[call-arg]
        )
        part.bound = max(part.bound, bound)
        best.bound = part.bound
        if bound == np.inf:
            return part
        best.offer(_answer(rules, part, best, shakes=_SHAKES, seed=best.watch.seed + chunk))
        best.tell("bound")
        gained = part.bound - before
        if best.watch.over or part.bound >= best.target:
            break
        gap = min(best.value, ceiling) - part.bound
        slow = chunk >= _PATIENCE and scale < _SLOW and gained < _SLOW * gap
        if slow or scale < _SETTLED_SCALE:
            break
    fix(part, arguments, ceiling)
    best.bound = part.bound
    return part


def _answer(
    rules: Rules, part: Relaxed, best: _Best, *, shakes: int = 0, seed: int = 0
) -> tuple[Bools, Ints] | None:
    """Make an answer of the sites and pairs that the relaxation takes; None where it fails."""
    chosen = part.chosen.copy()
    assigned = np.empty(len(part.prices), dtype=np.intp)
    loads = np.zeros(len(chosen))
    starts, units = part.pairs.starts, part.pairs.units
    take = part.take
    if not first_assignment(
        rules.cost, rules.sizes, rules.high, chosen, starts, units, take, assigned, loads
    ):
        return None
    price = _price(rules, part.prices)
    limits = (rules.cost, rules.sizes, rules.low, rules.high, rules.site_costs)
    state = np.where(best.question.barred, -1, best.question.fixed.astype(np.int8)).astype(np.int8)
    value = improve(*limits, state, chosen, assigned, loads, price)
    if value == np.inf:
        return None
    if shakes:
        strength = max(2, len(assigned) // 20)
        shake(*limits, state, chosen, assigned, price, shakes, strength, seed % 2**32)
    return chosen, assigned


def _price(rules: Rules, prices: Floats) -> float:
    """Price of a broken limit to begin with: what a unit costs for its size."""
    size = rules.sizes.mean()
    return float(np.abs(prices).mean() / size) if size > 0 and prices.any() else 1.0


def _branch(rules: Rules, root: Relaxed, guess: float, best: _Best) -> Status:
    """Search everything below the guess."""
    kept = (root.pair_bounds < guess) & (root.state[root.pairs.sites] >= 0)
    tree = root.pairs.only(kept)
    everything = np.packbits(np.ones(len(tree.units), dtype=bool))
    tie = count()
    heap = [(best.bound, next(tie), Node(best.bound, root.prices, everything, root.state))]
    with ThreadPoolExecutor(_AT_ONCE) as workers:
        while heap:
            cut = min(guess, best.target)
            # Whatever is left in this search lies above the bound of this part.
            best.bound = max(best.bound, min(heap[0][0], cut))
            if heap[0][0] >= cut:
                return "proved"
            if best.watch.over:
                return "time limit"
            nodes = [heapq.heappop(heap)[2] for _ in range(min(_AT_ONCE, len(heap)))]
            best.nodes += len(nodes)
            best.tell("search")
            looked = list(workers.map(partial(_look, rules, tree, cut, best), nodes))
            for found in looked:
                best.offer(found.answer)
            for node, found in zip(nodes, looked, strict=True):
                cut, children = min(guess, best.target), found.children
                if found.clear:
                    status, children = _remainder(rules, found.part, node, cut, best)
                    if status != "proved":
                        return status
                for child in children:
                    if child.bound < cut:
                        heapq.heappush(heap, (child.bound, -next(tie), child))
    best.bound = max(best.bound, min(guess, best.target))
    return "proved"


@dataclass(frozen=True, eq=False)
class _Looked:
    """What was found out about a part; `clear` where a general program is to settle it."""

    part: Relaxed
    answer: tuple[Bools, Ints] | None = None
    children: tuple[Node, ...] = ()
    clear: bool = False


def _look(rules: Rules, tree: Pairs, cut: float, best: _Best, node: Node) -> _Looked:
    """Bound a part, make an answer of it and divide it; changes nothing that others read."""
    part = relax(rules, tree, node, cut)
    if part.bound >= cut:
        return _Looked(part)
    if part.settled:
        return _Looked(part, _last(rules, part))
    answer = _answer(rules, part, best)
    site = doubtful_site(part)
    if site is not None:
        return _Looked(part, answer, divide_site(part, site, len(tree.units)))
    if _loose_units(part) < _MANY_UNITS:
        return _Looked(part, answer, divide_unit(part, len(tree.units)))
    return _Looked(part, answer, clear=True)


def _loose_units(part: Relaxed) -> int:
    """Number of units with more than one site left."""
    return int((np.bincount(part.pairs.units) > 1).sum())


def _remainder(
    rules: Rules, part: Relaxed, node: Node, cut: float, best: _Best
) -> tuple[Status, tuple[Node, ...]]:
    """Settle a part whose sites are clear, or what of it lies little above its bound.

    The less far above, the fewer pairs are left. Gives the part back where more is to be done.
    """
    if part.bound >= cut:
        return "proved", ()
    reach = max(2.0 * node.reach, _FIRST_REACH * abs(part.bound))
    goal = part.bound + reach
    goal = goal if reach > 0.0 and goal < cut else cut
    near = replace(part, state=part.state.copy())
    narrow(near, goal)
    if np.bincount(near.pairs.units, minlength=len(near.prices)).min() > 0:
        answer = solve_remainder(rules, near, goal, best.watch)
        if answer.columns is not None:
            best.offer(read_remainder(near, answer))
        status: Status = "proved" if answer.status == "infeasible" else answer.status
        if status != "proved" or answer.columns is not None:
            return status, ()
    if goal >= cut:
        return "proved", ()
    return "proved", (Node(goal, part.prices, node.kept, part.state, reach),)


def _last(rules: Rules, part: Relaxed) -> tuple[Bools, Ints]:
    """Give the one assignment that is left, with the cheapest sites that make up the number."""
    assigned = np.empty(len(part.prices), dtype=np.intp)
    assigned[part.pairs.units] = part.pairs.sites
    chosen = part.state == 1
    chosen[assigned] = True
    missing = rules.least - int(chosen.sum())
    if missing > 0:
        idle = np.flatnonzero((part.state == 0) & ~chosen & (rules.low <= 0))
        chosen[idle[np.argsort(rules.site_costs[idle], kind="stable")][:missing]] = True
    return chosen, assigned
