"""Splitting a sum question into parts, and ruling parts out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from navplan.locate.median import kernels
from navplan.locate.median.bounds import Bound, decided, raise_bound
from navplan.locate.median.swaps import fill_up, swap_search
from navplan.locate.median.tree import Floats, Ints, PrefixTree, States
from navplan.locate.watch import Watch

WORTH_LEAVING_OUT: Final = 0.85
"""Sites are taken out of a tree at once where no more than this share is left."""

_STEPS_AT_ONCE: Final = 40
_STEPS: Final = 120
_STEP: Final = 0.3  # multipliers begin near their best
_TRIALS: Final = 4
_TRIAL_STEPS: Final = 8
_LEAST_RISE: Final = 1e-3  # of the gap: one half that does not rise must not hide the other
_DEMANDED: Final = 0.999  # of the cost of a set that every better choice must serve


@dataclass(frozen=True, eq=False)
class Part:
    """A part of the search that is not ruled out yet.

    Parameters
    ----------
    tree : PrefixTree
        Its sites and costs.
    start : Bound
        Multipliers and usage to begin with.
    bound : float
        No choice in the part is better.
    """

    tree: PrefixTree
    start: Bound
    bound: float


@dataclass
class Goal:
    """What a part is looked at for, and what was found on the way.

    Parameters
    ----------
    upper : float
        Best value known.
    cutoff : float
        Only choices below it matter.
    watch : Watch
        When to stop early.
    offers : list
        Choices worth a look: positions in the question, and value in the tree.
    """

    upper: float
    cutoff: float
    watch: Watch
    offers: list[tuple[Ints, float]] = field(default_factory=list)

    def offer(self, tree: PrefixTree, chosen: Ints, value: float) -> None:
        """Note a choice if it seems good enough.

        Parameters
        ----------
        tree : PrefixTree
            Where it was found.
        chosen : array of int
            Positions among the tree's free sites.
        value : float
            Its value in the tree.
        """
        if value < self.cutoff:
            self.offers.append((np.concatenate([tree.inside, tree.sites[chosen]]), value))

    def settles(self, tree: PrefixTree) -> bool:
        """Whether a tree holds no more than one choice; that one is offered.

        Parameters
        ----------
        tree : PrefixTree
            A part's tree.

        Returns
        -------
        bool
            Whether nothing is left to look at.
        """
        if tree.impossible:
            return True
        only = tree.only_choice
        if only is not None:
            self.offer(tree, only, tree.value(only))
        return only is not None

    def raised(
        self, tree: PrefixTree, bound: Bound, steps: int, pace: Floats | None = None
    ) -> Bound:
        """Take more steps from a bound.

        Parameters
        ----------
        tree : PrefixTree
            The tree.
        bound : Bound
            Where to begin.
        steps : int
            At most so many.
        pace : array, optional
            As in `raise_bound`.

        Returns
        -------
        Bound
            The best met.
        """
        return raise_bound(
            tree,
            bound.multipliers,
            bound.usage,
            upper=self.upper,
            enough=self.cutoff,
            steps=steps,
            watch=self.watch,
            step=_STEP,
            pace=pace,
        )


def reduced(tree: PrefixTree, bound: Bound, state: States) -> tuple[PrefixTree, Bound]:
    """Take sites for decided, and the bound's multipliers and usage along.

    Parameters
    ----------
    tree : PrefixTree
        The tree.
    bound : Bound
        A bound of it.
    state : array of int8, shape (free sites,)
        As in `PrefixTree.contracted`.

    Returns
    -------
    tree : PrefixTree
        Over the sites that stay free.
    bound : Bound
        Where to begin there.
    """
    smaller, multipliers = tree.contracted(state, bound.multipliers)
    free = state == kernels.FREE
    return smaller, replace(
        bound, multipliers=multipliers, usage=bound.usage[free], scores=bound.scores[free]
    )


def look_at(part: Part, goal: Goal) -> list[Part]:
    """Bound a part; where that does not rule it out, give its two halves.

    Parameters
    ----------
    part : Part
        What to look at.
    goal : Goal
        What for; its offers grow.

    Returns
    -------
    list of Part
        Empty where no choice in it is below the cutoff but those offered; the likelier one last.
    """
    tree, bound = part.tree, part.start
    pace = None
    steps = 0
    while not goal.settles(tree):
        bound = goal.raised(tree, bound, _STEPS_AT_ONCE, pace)
        if bound.value >= goal.cutoff:
            return []
        pace = bound.pace
        steps += bound.steps
        ended = bound.ended or steps >= _STEPS or goal.watch.over
        if ended:
            goal.offer(tree, *swap_search(tree, fill_up(tree, tree.sites[:0], bound.usage)))
        state = decided(tree, bound, goal.cutoff)
        left = np.count_nonzero(state == kernels.FREE)
        if left < WORTH_LEAVING_OUT * len(state) or (ended and left < len(state)):
            tree, bound = reduced(tree, bound, state)
            pace = None if ended else pace
        elif ended:
            return _halves(Part(tree, bound, max(bound.value, part.bound)), goal)
    return []


def _halves(part: Part, goal: Goal) -> list[Part]:
    """Split a part in the way, of a few that are tried, that raises its halves' bounds most.

    Either one of some neighbouring sites is chosen, or none (strong branching).
    """
    best: list[Part] = []
    most = -1.0
    gap = goal.cutoff - part.bound
    for sites in _branchings(part.tree, part.start.usage, goal.cutoff):
        both: list[Part] = []
        score = 1.0
        for one in (False, True):
            half = _half(part, sites, goal, one=one)
            if half is not None:
                both.append(half)
            score *= gap if half is None else max(half.bound - part.bound, _LEAST_RISE * gap)
        if score > most:
            likely = part.start.usage[sites].sum() >= 0.5  # noqa: PLR2004 - more so than not
            most, best = score, both if likely else both[::-1]
        if not both:
            break
    return best


def _half(part: Part, sites: Ints, goal: Goal, *, one: bool) -> Part | None:
    """Part where one of some sites is chosen, or none of them; None where it is ruled out."""
    tree, start = part.tree, part.start
    state = np.zeros(len(tree.sites), dtype=np.int8)
    if one and len(sites) > 1:
        more = np.zeros(len(sites))
        start = replace(start, multipliers=np.concatenate([start.multipliers, more]))
        tree = tree.demanding(sites, goal.cutoff - tree.constant)
    else:
        state[sites] = kernels.INSIDE if one else kernels.OUTSIDE
    tree, start = reduced(tree, start, state)
    if goal.settles(tree):
        return None
    start = goal.raised(tree, start, _TRIAL_STEPS)
    if start.value >= goal.cutoff:
        return None
    return Part(tree, start, max(start.value, part.bound))


def _branchings(tree: PrefixTree, usage: Floats, cutoff: float) -> list[Ints]:
    """Sites that a part may be split on: the sites half used, and the dearest set half served."""
    half_used = np.argsort(np.abs(usage - 0.5), kind="stable")[:_TRIALS]
    ways = [np.array([site]) for site in half_used]
    node = kernels.weighed(
        tree.parent,
        tree.site,
        tree.cost,
        _DEMANDED * (cutoff - tree.constant),
        usage,
        np.empty(len(tree)),
        np.empty(len(tree)),
    )
    if node >= 0:
        ways.append(tree.sites_of(node))
    return ways
