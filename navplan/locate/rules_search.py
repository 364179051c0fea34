"""The sum question under rules about its sites: a program over the prefix tree, in HiGHS."""

from __future__ import annotations

from functools import partial
from typing import Final

import numpy as np

from navplan.errors import InfeasibleError
from navplan.locate.array_types import Bools, Floats, Ints
from navplan.locate.checks import counted
from navplan.locate.found import Found
from navplan.locate.highs import TOLERANCE, Answer, solve_program
from navplan.locate.median import (
    Bound,
    PrefixTree,
    SumQuestion,
    even_usage,
    likely_multipliers,
    raise_bound,
    solve_sum,
    tree_within,
)
from navplan.locate.median.orders import level_radius
from navplan.locate.median.rows import nearest_two
from navplan.locate.rules import SiteRules
from navplan.locate.rules_bound import (
    bound_of_prices,
    decided_by_prices,
    raise_under_rules,
    site_scores,
)
from navplan.locate.rules_program import RulesProgram, mark
from navplan.locate.steps import unheard
from navplan.locate.swap_prices import swap_prices
from navplan.locate.watch import PROVED_GAP, Gap, Status, Watch

_STEPS: Final = 400  # of the bound without the rules: quick ones
_RULE_STEPS: Final = 120
_WHOLE_EVERY: Final = 20  # steps
_ROUNDS: Final = 6
_FEW_LEFT: Final = 0.9  # another round pays where this share of the sites or less is left
_ROWS_MORE: Final = 20


def solve_sum_with_rules(question: SumQuestion, rules: SiteRules, watch: Watch) -> Found:
    """Answer a sum question whose sites must keep to rules.

    The sum question alone gives a bound, and the answer where it keeps to the rules. Otherwise a
    Lagrangian bound with the rules inside and swaps that keep to them close in on the answer from
    both sides; sites that no better choice can have or spare are decided by their reduced costs;
    and HiGHS solves what is left of the prefix tree, each set of sites a column that pays where
    none of it is chosen.

    Parameters
    ----------
    question : SumQuestion
        What is minimised.
    rules : SiteRules
        What a choice must keep to, besides the question's own fixed and barred sites.
    watch : Watch
        Its limit, who is told, and the seed.

    Returns
    -------
    Found
        The best choice that keeps to the rules.

    Raises
    ------
    InputError
        If the rules do not fit the question.
    InfeasibleError
        If no choice keeps to the rules, or none that does reaches everybody who must be.

    Notes
    -----
    The columns are those of R. Church, "COBRA: a new formulation of the classic p-median location
    problem", Annals of Operations Research 122 (2003), doi:10.1023/A:1026142406234, and of
    S. García, M. Labbé and A. Marín, "Solving large p-median problems with a radius formulation",
    INFORMS Journal on Computing 23 (2011), doi:10.1287/ijoc.1100.0418, merged over clients.
    """
    rules.check(question.sites)
    return _Search(question, rules, watch).run()


class _Search:
    """The best choice so far, what is proved, and how far each client's list of sites goes."""

    def __init__(self, question: SumQuestion, rules: SiteRules, watch: Watch) -> None:
        self.question = question
        self.rules = rules
        self.program = RulesProgram(question, rules)
        self.watch = watch
        self.best: Ints = np.zeros(0, dtype=np.intp)
        self.value = float("inf")
        self.bound = 0.0
        self.nodes = 0
        self.chosen = 0
        self.radius = np.zeros(question.clients)

    def run(self) -> Found:
        """Search until the gap is closed or the watch ends it."""
        status: Status = "proved"
        try:
            status = self._close()
        except KeyboardInterrupt:
            status = "interrupted"
        bound = self.value if status == "proved" else min(self.bound, self.value)
        return Found(
            self.best,
            self.value,
            bound,
            status,
            self.watch.seconds,
            self.watch.seed,
            self.nodes,
        )

    def _close(self) -> Status:
        relaxed = solve_sum(self.question, self.watch)
        self.bound = relaxed.bound
        self._offer(relaxed.sites)
        if relaxed.status != "proved" or self.value < np.inf:
            return relaxed.status
        stopped = self._first_choice(relaxed.value)
        while stopped == "proved" and not self._closed:
            self._swap()
            tree = self._narrowed()
            if tree is None:
                break
            stopped = self._solve(tree)
        return stopped

    @property
    def _closed(self) -> bool:
        return self.value - self.bound <= PROVED_GAP * abs(self.value)

    def _offer(self, sites: Ints) -> None:
        """Keep a choice where it keeps to the rules and is better; lists then reach as far."""
        sites = np.sort(sites)
        nearest, second = nearest_two(self.question.minutes, sites, self.question.limit)[1:]
        self.radius = np.maximum(self.radius, nearest)
        chosen = mark(sites, self.question.sites)
        count = self.question.least <= len(sites) <= self.question.most
        value = self.question.value(sites)
        if count and value < self.value and self.rules.satisfied(chosen):
            self.best, self.value = sites, value
            self.radius = np.maximum(self.radius, second)

    def _grown(self, upper: float) -> tuple[PrefixTree, Bound]:
        """Grow the tree as far as the lists go, and bound it without the rules."""
        tree = tree_within(self.question, level_radius(self.question, self.radius), upper)
        usage = even_usage(tree)
        bound = raise_bound(
            tree, likely_multipliers(tree, usage), usage,
            upper=upper, enough=upper, steps=_STEPS, watch=self.watch,
        )  # fmt: skip
        return tree, bound

    def _narrowed(self) -> PrefixTree | None:
        """Bound and decide sites, in rounds; None where nothing better is left."""
        tree, bound = self._grown(self.value)
        multipliers, usage = bound.multipliers, bound.usage
        for _ in range(_ROUNDS):
            raised = raise_under_rules(
                tree, multipliers, usage, partial(self._choose, tree),
                upper=lambda: self.value, steps=_RULE_STEPS, watch=self.watch,
            )  # fmt: skip
            self.bound = max(self.bound, min(raised.value, self.value))
            self.watch.tell(Gap("rules", self.value, self.bound, self.watch.seconds, self.nodes))
            self._swap()
            if self._closed:
                return None
            if self.watch.over or not np.isfinite(raised.value):
                break
            costs = self._site_costs(tree, site_scores(tree, raised.multipliers))
            parts = self.program.of_sites(
                costs, *self._marks(tree), whole=False, reached=self._nobody
            )
            answer = solve_program(parts, unheard(self.watch), step="rules")
            if answer.row_duals is None:
                break
            constant = tree.constant + float(raised.multipliers.sum())
            state = decided_by_prices(parts, answer.row_duals, self.value - constant)[tree.sites]
            free = state == 0
            tree, multipliers = tree.contracted(state, raised.multipliers)
            usage = raised.usage[free]
            if tree.impossible:
                return None
            if free.mean() > _FEW_LEFT:
                break
        return tree

    def _choose(self, tree: PrefixTree, cost: Floats) -> tuple[Floats, float] | None:
        """Choose parts of free sites of least cost under the rules; keep what is whole and better.

        The cheapest sites alone where they keep to the rules, else the linear relaxation; now and
        then whole sites, for the sake of a better choice.
        """
        question, parts = self.question, np.zeros(len(tree.sites))
        few = max(tree.least, min(tree.most, int((cost < 0).sum())))
        chosen = np.argsort(cost, kind="stable")[:few]
        if self.rules.satisfied(
            mark(np.concatenate([tree.inside, tree.sites[chosen]]), question.sites)
        ):
            self._offer_in(tree, chosen)
            parts[chosen] = 1.0
            return parts, float(cost[chosen].sum())
        costs = np.zeros(question.sites)
        costs[tree.sites] = cost
        self.chosen += 1
        for whole in (False, True) if self.chosen % _WHOLE_EVERY == 1 else (False,):
            program = self.program.of_sites(
                costs, *self._marks(tree), whole=whole, reached=self._nobody
            )
            answer = solve_program(program, unheard(self.watch), step="rules")
            if answer.status == "infeasible":
                return parts, np.inf
            if answer.status != "proved" or answer.columns is None:
                return None
            used = answer.columns[tree.sites]
            if np.abs(used - np.rint(used)).max(initial=0.0) < TOLERANCE:
                self._offer_in(tree, np.flatnonzero(used > 1 / 2))
            if answer.row_duals is not None:
                parts, least = used, bound_of_prices(program, answer.row_duals)[0]
        return parts, least

    def _offer_in(self, tree: PrefixTree, chosen: Ints) -> None:
        """Offer a choice of free sites where it is better in the tree."""
        if tree.value(chosen) < self.value:
            self._offer(np.concatenate([tree.inside, tree.sites[chosen]]))

    def _solve(self, tree: PrefixTree) -> Status:
        """Let HiGHS solve what is left; lists that were too short are made longer."""
        answer = solve_program(
            self.program.of_tree(tree), self.watch, step="rules",
            at_most=self.value, size=self.value or None,
        )  # fmt: skip
        self.nodes += max(1, answer.nodes)
        if answer.status == "infeasible":
            self.bound = self.value
            return "proved"
        self.bound = max(self.bound, min(answer.bound, self.value))
        if answer.columns is not None:
            self._offer(np.flatnonzero(answer.columns[: self.question.sites] > 1 / 2))
        return "proved" if answer.status == "proved" else _stopped(answer)

    def _first_choice(self, upper: float) -> Status:
        """Find a choice that keeps to the rules, of sites that score well in the bound.

        Clients who must have a time and have none are added as rows until there are none.
        """
        question = self.question
        tree, bound = self._grown(upper)
        costs = self._site_costs(tree, bound.scores)
        reached = self._nobody
        while True:
            program = self.program.of_sites(costs, *self._marks(tree), reached=reached)
            answer = solve_program(program, unheard(self.watch), step="rules")
            self.nodes += max(1, answer.nodes)
            if answer.status == "infeasible":
                raise InfeasibleError(_why_not(len(reached)))
            if answer.columns is None:
                return _stopped(answer)
            chosen = np.flatnonzero(answer.columns > 1 / 2)
            self._offer(chosen)
            if self.value < np.inf:
                return "proved"
            if answer.status != "proved":
                return _stopped(answer)
            nearest = nearest_two(question.minutes, chosen, question.limit)[1]
            left = np.flatnonzero(np.isinf(nearest))[:_ROWS_MORE]
            within = question.minutes[left].astype(np.float64) <= question.limit
            reached = np.concatenate([reached, within & np.isfinite(question.minutes[left])])

    def _swap(self) -> None:
        """Swap a site for another as long as that is better and keeps to the rules."""
        question = self.question
        while not self.watch.over:
            self.watch.tell(Gap("swap", self.value, self.bound, self.watch.seconds, self.nodes))
            before = self.value
            change = swap_prices(question, self.best, before)
            change[question.barred] = np.inf
            change[:, question.fixed[self.best]] = np.inf
            cheapest = np.argsort(change, axis=None, kind="stable")
            for site, place in zip(*np.unravel_index(cheapest, change.shape), strict=True):
                if change[site, place] >= -PROVED_GAP * before:
                    return
                swapped = np.append(np.delete(self.best, place), site)
                if self.rules.satisfied(mark(swapped, question.sites)):
                    self._offer(swapped)
                    break
            if self.value >= before:
                return

    @property
    def _nobody(self) -> Bools:
        return np.zeros((0, self.question.sites), dtype=np.bool_)

    def _marks(self, tree: PrefixTree) -> tuple[Bools, Bools]:
        return mark(tree.inside, self.question.sites), mark(tree.sites, self.question.sites)

    def _site_costs(self, tree: PrefixTree, scores: Floats) -> Floats:
        costs = np.zeros(self.question.sites)
        costs[tree.sites] = tree.site_costs - scores
        return costs


def _why_not(clients: int) -> str:
    if clients:
        return (
            f"No choice that keeps to the rules reaches everybody: {counted(clients, 'place')} "
            "and the rules rule it out together."
        )
    return "No choice of so many sites keeps to all the rules together."


def _stopped(answer: Answer) -> Status:
    return "interrupted" if answer.status == "interrupted" else "time limit"
