"""The sum question answered exactly: rounds of bounding and fixing, then branch and bound."""

from __future__ import annotations

from typing import Final

import numpy as np

from navplan.locate.found import Found
from navplan.locate.median import kernels
from navplan.locate.median.bounds import Bound, decided, likely_multipliers, raise_bound
from navplan.locate.median.branching import WORTH_LEAVING_OUT, Goal, Part, look_at, reduced
from navplan.locate.median.feasible import feasible_choice
from navplan.locate.median.growing import Grown, grown, tree_within
from navplan.locate.median.orders import drawn_in, level_radius, whole_values
from navplan.locate.median.pricing import priced_bound, rules_of
from navplan.locate.median.question import Floats, Ints, SumQuestion
from navplan.locate.median.rows import nearest_two
from navplan.locate.median.sample import drawn_clients
from navplan.locate.median.swaps import fill_up, greedy_sites, shaken_search, swap_search
from navplan.locate.median.tree import PrefixTree
from navplan.locate.watch import PROVED_GAP, Gap, Status, Watch
from navplan.travel.threads import in_threads

_SAMPLE: Final = 6_000
_LEAST_SAMPLE: Final = 1_500
_SAMPLE_CELLS: Final = 12_000_000
_GREEDY_CELLS: Final = 4_000_000
_ROOT_STEPS: Final = 400
_ROUNDS: Final = 14
_FEW_LEFT: Final = 0.93
_STEPS_AT_ONCE: Final = 40
_TRIES: Final = 12
_TRIES_NODES: Final = 2_000_000
_ALMOST_ONE: Final = 1 - 1e-4  # whole values: bounds are sums of floats, not whole themselves
_MANY_SITES: Final = 400  # with more, sites are priced out before a tree has them all
_MANY_CELLS: Final = 10_000_000
_SOME: Final = 150  # used sites, and others at random, that pricing begins with
_MORE: Final = 300  # sites that come in a round
_NEARER: Final = 0.8  # lists to there rule as many sites out, and the tree is a quarter smaller
_RESTRICTED_STEPS: Final = 400
_AT_ONCE: Final = 4
_LATEST: Final = 2
_MOST_OPEN: Final = 20_000_000  # nodes of trees, about 30 bytes each
_PATIENCE: Final = 4
_TELL_EVERY: Final = 20


def solve_sum(
    question: SumQuestion, watch: Watch | None = None, *, start: Ints | None = None
) -> Found:
    """Answer a sum question exactly.

    Parameters
    ----------
    question : SumQuestion
        What is asked.
    watch : Watch, optional
        Time limit, progress and seed; without limit unless given.
    start : array of int, optional
        A choice known to be good, as positions of sites.

    Returns
    -------
    Found
        The best choice; ``proved`` where nothing is better by more than `PROVED_GAP` of it. Where
        the time was too short to find any choice that gives everybody a time, its value is inf.

    Raises
    ------
    InfeasibleError
        If no choice gives a time to every client that must have one.
    InputError
        If costs fall with rising minutes, or are not finite.
    """
    search = _Search(question, watch or Watch())
    return search.found(start)


class _Search:
    """One search: the best choice so far, what is proved, and how far the lists must go.

    Lists of sites end where longer ones hardly matter, so a choice may cost less in the tree than
    in truth. What such a choice reaches is remembered (`radius`), and the tree is grown anew over
    the sites that are left when that happens too often.
    """

    def __init__(self, question: SumQuestion, watch: Watch, ceiling: float = np.inf) -> None:
        self.question = question
        self.watch = watch
        self.ceiling = ceiling
        self.random = np.random.default_rng(watch.seed)
        self.best = np.flatnonzero(~question.barred)[: question.least]
        self.value = np.inf
        self.bound = -np.inf
        self.nodes = 0
        self.radius = np.zeros(question.clients)
        self.flattered = 0
        self.step = _ALMOST_ONE if whole_values(question) else 0.0
        self.known: dict[bytes, float] = {}
        self.wanted = np.zeros(0, dtype=np.intp)  # sites whose prices keep those of others down

    @property
    def cutoff(self) -> float:
        """Only choices below this are looked for."""
        if self.value == np.inf:
            return self.ceiling
        return min(self.ceiling, self.value - max(PROVED_GAP * abs(self.value), self.step))

    @property
    def closed(self) -> bool:
        """Whether nothing better is left."""
        return self.bound >= self.cutoff

    def found(self, start: Ints | None) -> Found:
        """Run, and tell what came of it."""
        status: Status = "proved"
        try:
            self.run(start)
            if not self.closed:
                status = "time limit"
        except KeyboardInterrupt:
            status = "interrupted"
        value = self.question.value(self.best)
        return Found(
            np.sort(self.best),
            value,
            value if status == "proved" else min(self.bound, value),
            status,
            self.watch.seconds,
            self.watch.seed,
            self.nodes,
        )

    def offer(self, sites: Ints, claimed: float) -> bool:
        """Take a choice if it is better than the best so far; `claimed` is its value in a tree."""
        if claimed >= self.cutoff:
            return False
        sites = np.sort(sites)
        key = sites.tobytes()
        if key in self.known:
            return False
        _, nearest, second = nearest_two(self.question.minutes, sites, self.question.limit)
        value = self.known[key] = self.question.value_at(nearest, sites)
        if value > claimed + PROVED_GAP * abs(claimed):
            self.flattered += 1
            self.radius = np.maximum(self.radius, nearest)
        if value >= self.value:
            return False
        self.best, self.value = sites, value
        self.radius = np.maximum(self.radius, second)
        return True

    def tell(self, step: str) -> None:
        """Tell how far the search is."""
        bound = min(self.bound, self.value)
        self.watch.tell(Gap(step, self.value, bound, self.watch.seconds, self.nodes))

    def run(self, start: Ints | None) -> None:
        """Find a good choice, then close the gap."""
        usage = None
        if start is None:
            start, usage, self.wanted = first_choice(self.question, self.watch)
        if not self.offer(start, -np.inf):
            start = feasible_choice(self.question, start, self.watch, _fewest_without)
            if not self.offer(start, -np.inf):
                self.best = start
                return
        self.close(_evenly(self.question) if usage is None else usage, branch=True)

    def close(self, usage: Floats, *, branch: bool) -> Floats:
        """Close the gap, growing the tree anew as often as needed; gives the usage of sites."""
        question = self.question
        free = np.flatnonzero(~question.barred & ~question.fixed)
        inside = np.flatnonzero(question.fixed)
        if len(free) > _MANY_SITES and len(free) * question.clients > _MANY_CELLS:
            free, inside, usage = self.restrict(free, inside, usage)
            if self.closed or self.watch.over:
                return usage
        patience = 0
        while True:
            radius = level_radius(question, self.radius)
            tree = tree_within(question, radius, self.value, free=free, inside=inside)
            self.flattered = 0
            multipliers = likely_multipliers(tree, usage[tree.sites])
            tree, bound = self.narrow(tree, multipliers, usage[tree.sites])
            usage = np.zeros(question.sites)
            usage[tree.sites] = bound.usage
            usage[tree.inside] = 1.0
            free, inside = tree.sites, tree.inside
            if self.flattered <= patience and not self.closed and branch:
                self.branch(tree, bound, max(patience, _PATIENCE))
            if self.closed or self.watch.over or not (branch or self.flattered):
                return usage
            patience = 2 * patience + 1

    def restrict(self, free: Ints, inside: Ints, usage: Floats) -> tuple[Ints, Ints, Floats]:
        """Rule sites out by prices, so that the tree need never have all of them.

        A tree over some sites is bounded; the sites that its prices rate highest come in, those
        that they rule out never do. It begins with the sites that came in for a sample, or with
        the most used ones and others at random.
        """
        question = self.question
        some = self.wanted
        if not len(some):
            most_used = free[np.argsort(-usage[free], kind="stable")[:_SOME]]
            some = np.union1d(most_used, self.random.permutation(free)[:_SOME])
        for _ in range(_ROUNDS):
            some = np.intersect1d(np.union1d(some, self.best), free)
            self.wanted = np.union1d(self.wanted, some)
            _, nearest, _ = nearest_two(question.minutes, self.best, question.limit)
            radius = level_radius(question, drawn_in(self.radius, nearest, _NEARER))
            tree = grown(question, radius, self.value, free=some, inside=inside, paths=True)
            bound, whole = self.priced(tree, usage[some], free)
            usage = np.zeros(question.sites)
            usage[some] = bound.usage
            state = decided(rules_of(question, free, inside), whole, self.cutoff)
            inside = np.concatenate([inside, free[state == kernels.INSIDE]])
            left = (state == kernels.FREE) & ~np.isin(free, some)
            net = whole.scores - question.site_costs[free]
            new = free[left][np.argsort(-net[left], kind="stable")[:_MORE]]
            free = free[state == kernels.FREE]
            if self.closed or self.watch.over or len(free) <= _MANY_SITES or not len(new):
                break
            some = np.union1d(some, new)
        return free, inside, usage

    def priced(self, some: Grown, usage: Floats, free: Ints) -> tuple[Bound, Bound]:
        """Bound a tree over some sites, and the question over all free ones by its prices.

        Goes on as long as the tree's own bound is what keeps the other low.
        """
        multipliers = likely_multipliers(some.tree, usage)
        pace = None
        while True:
            bound = raise_bound(
                some.tree, multipliers, usage, upper=self.value, enough=self.cutoff,
                steps=_RESTRICTED_STEPS, watch=self.watch, pace=pace,
            )  # fmt: skip
            self.improve(some.tree, bound.usage, self.tries(some.tree))
            whole = priced_bound(self.question, some, bound, free)
            self.bound = max(self.bound, whole.value)
            self.tell("price")
            missing_sites = bound.value - whole.value > self.value - bound.value
            if missing_sites or bound.ended or self.closed or self.watch.over:
                return bound, whole
            multipliers, usage, pace = bound.multipliers, bound.usage, bound.pace

    def narrow(
        self, tree: PrefixTree, multipliers: Floats, usage: Floats
    ) -> tuple[PrefixTree, Bound]:
        """Bound and decide sites, as long as that leaves fewer.

        Sites are taken out of the tree as soon as they are many: steps cost less without them.
        """
        pace = None
        rounds = 0
        since = 0
        while True:
            bound = raise_bound(
                tree, multipliers, usage, upper=self.value, enough=self.cutoff,
                steps=_STEPS_AT_ONCE, watch=self.watch, pace=pace,
            )  # fmt: skip
            self.bound = max(self.bound, bound.value)
            self.tell("bound")
            if self.closed or self.watch.over:
                break
            pace = bound.pace
            ended = bound.ended or since >= _ROOT_STEPS
            better = (ended or since == 0) and self.improve(tree, bound.usage, self.tries(tree))
            since += bound.steps
            state = decided(tree, bound, self.cutoff)
            left = np.count_nonzero(state == kernels.FREE)
            if left < WORTH_LEAVING_OUT * len(state) or (ended and left < len(state)):
                tree, bound = reduced(tree, bound, state)
                if self.settled(tree):
                    break
            if ended:
                rounds += 1
                if rounds == _ROUNDS or (left > _FEW_LEFT * len(state) and not better):
                    break
                pace, since = None, 0
            multipliers, usage = bound.multipliers, bound.usage
        return tree, bound

    def tries(self, tree: PrefixTree) -> int:
        """How often a search is shaken: less often in a large tree."""
        return min(_TRIES, _TRIES_NODES // (len(tree) + 1))

    def settled(self, tree: PrefixTree) -> bool:
        """Whether no more than one choice is left; then the gap is closed."""
        goal = Goal(self.value, self.cutoff, self.watch)
        if not goal.settles(tree):
            return False
        for sites, claimed in goal.offers:
            self.offer(sites, claimed)
        self.bound = max(self.bound, self.cutoff)
        return True

    def improve(self, tree: PrefixTree, usage: Floats, tries: int) -> bool:
        """Search around the best choice, and around what the relaxation uses."""
        likely, worth = swap_search(tree, fill_up(tree, np.zeros(0, dtype=np.intp), usage))
        better = self.offer(np.concatenate([tree.inside, tree.sites[likely]]), worth)
        if tries:
            known = np.flatnonzero(np.isin(tree.sites, self.best))
            chosen, worth = shaken_search(
                tree, fill_up(tree, known, usage), usage, tries, self.random, self.watch
            )
            better |= self.offer(np.concatenate([tree.inside, tree.sites[chosen]]), worth)
        return better

    def branch(self, tree: PrefixTree, bound: Bound, patience: int) -> None:
        """Look at every part that may hold a better choice, the likelier half first.

        A few parts at a time, in threads; what they find is taken in order, so the search is the
        same on any machine. Ends early where the tree flatters too many choices: then it must be
        grown anew.
        """
        stack = [Part(tree, bound, self.bound)]
        told = 0
        while stack:
            self.bound = max(self.bound, min(part.bound for part in stack))
            if self.watch.over or self.flattered > patience:
                return
            stack, taken = self.next_parts(stack)
            goals = [Goal(self.value, self.cutoff, self.watch) for _ in taken]
            found = in_threads(lambda job: look_at(*job), zip(taken, goals, strict=True))
            for goal in goals:
                for sites, claimed in goal.offers:
                    self.offer(sites, claimed)
            for parts in found:
                stack += parts
            self.nodes += len(taken)
            if self.nodes >= told + _TELL_EVERY:
                told = self.nodes
                self.tell("branch")
        self.bound = max(self.bound, self.cutoff)

    def next_parts(self, stack: list[Part]) -> tuple[list[Part], list[Part]]:
        """Take the latest parts, and the least bounded where there is memory for many.

        The latest soon end, which keeps few parts open; the least bounded raise the bound.
        """
        open_parts = [part for part in stack if part.bound < self.cutoff]
        kept, taken = open_parts[:-_LATEST], open_parts[-_LATEST:]
        if sum(len(part.tree) for part in kept) < _MOST_OPEN:
            order = sorted(range(len(kept)), key=lambda k: kept[k].bound)
            least = set(order[: _AT_ONCE - len(taken)])
            taken = [kept[k] for k in sorted(least)] + taken
            kept = [part for k, part in enumerate(kept) if k not in least]
        return kept, taken


def first_choice(question: SumQuestion, watch: Watch) -> tuple[Ints, Floats | None, Ints]:
    """Find a good choice for a sample of the clients, or for all where they are few.

    Parameters
    ----------
    question : SumQuestion
        The question.
    watch : Watch
        When to stop early; its seed draws the sample, by weight.

    Returns
    -------
    sites : array of int
        A choice; it may leave clients without a time.
    usage : array, shape (sites,), or None
        How much each site is used in the sample's relaxation.
    wanted : array of int
        Where sites are very many, those that a bound for the sample needed.
    """
    none = np.zeros(0, dtype=np.intp)
    size = min(_SAMPLE, max(_LEAST_SAMPLE, _SAMPLE_CELLS // question.sites))
    few = max(_LEAST_SAMPLE, _GREEDY_CELLS // question.sites)
    if question.clients <= 2 * size:
        if question.clients <= 2 * few:
            return greedy_sites(question), None, none
        return greedy_sites(drawn_clients(question, few, watch.seed)), None, none
    sample = drawn_clients(question, size, watch.seed)
    search = _Search(sample, watch)
    start, _, _ = first_choice(sample, watch)
    if not search.offer(start, -np.inf):
        return start, None, none
    usage = search.close(_evenly(sample), branch=False)
    return search.best, usage, search.wanted


def _evenly(question: SumQuestion) -> Floats:
    return np.full(question.sites, question.least / question.sites)


def _fewest_without(question: SumQuestion, watch: Watch) -> tuple[Ints, bool]:
    """Look for a choice of no value; second, whether there is none."""
    search = _Search(question, watch, ceiling=0.5)
    search.run(None)
    return search.best, search.value > 0 and search.closed
