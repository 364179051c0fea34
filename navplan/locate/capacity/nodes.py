"""Parts of the capacitated search tree: their bound and what it fixes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from navplan.locate.array_types import Bools, Floats, Ints
from navplan.locate.capacity.fixing import pair_bounds
from navplan.locate.capacity.kernels import ascend
from navplan.locate.capacity.question import CapacityQuestion

States = npt.NDArray[np.int8]
"""Of each site: 1 must be open, -1 must not, 0 free."""

_STEPS: Final = 20
_ROUNDS: Final = 6
_SCALE: Final = 0.1
# Another ascent pays where fixing has taken this share of the pairs away.
_WORTHWHILE: Final = 0.2


@dataclass(frozen=True, eq=False)
class Pairs:
    """The pairs of unit and site that are left, site by site.

    Parameters
    ----------
    units, sites : array of int (pairs)
        Positions; sites rise.
    costs : array (pairs)
        Cost of each pair.
    starts : array of int (sites + 1)
        Where the pairs of each site begin.
    """

    units: Ints
    sites: Ints
    costs: Floats
    starts: Ints

    @classmethod
    def of(cls, cost: Floats, kept: Bools) -> Pairs:
        """Pairs that are kept of a matrix units × sites."""
        sites, units = np.nonzero(kept.T)
        return cls._built(units, sites, cost[units, sites], cost.shape[1])

    @classmethod
    def _built(cls, units: Ints, sites: Ints, costs: Floats, count: int) -> Pairs:
        starts = np.concatenate([[0], np.cumsum(np.bincount(sites, minlength=count))])
        # Every layout of memory would have the kernels compiled once more.
        return cls(np.ascontiguousarray(units), sites, costs, starts.astype(np.intp))

    def only(self, kept: Bools) -> Pairs:
        """Some of the pairs."""
        count = len(self.starts) - 1
        return self._built(self.units[kept], self.sites[kept], self.costs[kept], count)


@dataclass(frozen=True, eq=False)
class Rules:
    """What every part of the tree has in common, ready for the kernels."""

    cost: Floats
    sizes: Floats
    low: Floats
    high: Floats
    site_costs: Floats
    least: int
    most: int

    @classmethod
    def of(cls, question: CapacityQuestion) -> Rules:
        """Rules of a question."""
        return cls(
            cost=question.allowed(),
            sizes=question.sizes,
            low=question.low,
            high=question.high,
            site_costs=question.site_costs,
            least=question.least,
            most=question.most,
        )

    def arguments(self, pairs: Pairs, state: States) -> tuple[object, ...]:
        """What the Lagrangian kernels take after the prices."""
        return (
            pairs.starts, pairs.units, pairs.costs, self.sizes, self.low, self.high,
            self.site_costs, state, self.least, self.most,
        )  # fmt: skip


@dataclass(frozen=True, eq=False, order=False)
class Node:
    """A part of the search tree.

    Parameters
    ----------
    bound : float
        No answer in this part is better.
    prices : array (units)
        Lagrangian prices to begin with.
    kept : array of uint8
        Bits of the pairs of the tree that are left.
    state : array of int8 (sites)
        What is decided of each site.
    reach : float
        So far above its bound a general program has searched it last; 0 where none has.
    """

    bound: float
    prices: Floats
    kept: npt.NDArray[np.uint8]
    state: States
    reach: float = 0.0


@dataclass(eq=False)
class Relaxed:
    """A node after its ascent.

    Parameters
    ----------
    bound : float
        No answer in this part is better; inf where there is none below the cut.
    prices : array (units)
        Lagrangian prices of the bound.
    index : array of int
        Positions of the pairs left, among the pairs of the tree.
    pairs : Pairs
        The same pairs.
    state : array of int8 (sites)
        What is decided of each site.
    share : array (pairs)
        How much of each pair the relaxation takes.
    chosen, take : array of bool
        Sites and pairs of the best Lagrangian solution.
    pair_bounds, opened, closed : array
        Bounds with each pair assigned, each site opened, and closed.
    """

    bound: float
    prices: Floats
    index: Ints
    pairs: Pairs
    state: States
    share: Floats = field(default_factory=lambda: np.empty(0))
    chosen: Bools = field(default_factory=lambda: np.empty(0, bool))
    take: Bools = field(default_factory=lambda: np.empty(0, bool))
    pair_bounds: Floats = field(default_factory=lambda: np.empty(0))
    opened: Floats = field(default_factory=lambda: np.empty(0))
    closed: Floats = field(default_factory=lambda: np.empty(0))

    @property
    def settled(self) -> bool:
        """Whether every unit has one site left."""
        return len(self.pairs.units) == len(self.prices)


def relax(rules: Rules, tree: Pairs, node: Node, cut: float) -> Relaxed:
    """Raise the bound of a node and take away what cannot lie below the cut."""
    mask = np.unpackbits(node.kept, count=len(tree.units)).astype(bool)
    index = np.flatnonzero(mask)
    part = Relaxed(node.bound, node.prices, index, tree.only(mask), node.state.copy())
    scale = _SCALE
    for _ in range(_ROUNDS):
        if np.bincount(part.pairs.units, minlength=len(part.prices)).min() == 0:
            part.bound = np.inf
            return part
        arguments = rules.arguments(part.pairs, part.state)
        part.prices, bound, part.share, part.chosen, part.take, scale = ascend(
            part.prices,
            *arguments,
            cut,
            _STEPS,
            scale,  # type: ignore[call-arg]
        )
        part.bound = max(part.bound, bound)
        if part.bound >= cut:
            return part
        before = len(part.index)
        fix(part, arguments, cut)
        if part.bound >= cut or len(part.index) > (1 - _WORTHWHILE) * before:
            return part
    return part


def fix(part: Relaxed, arguments: tuple[object, ...], cut: float) -> None:
    """Take away pairs and sites whose bound is not below the cut; raise the bound on the way."""
    count = len(part.state)
    part.opened, part.closed = np.empty(count), np.empty(count)
    part.pair_bounds = np.empty(len(part.index))
    outcome = (part.opened, part.closed, part.pair_bounds)
    pair_bounds(part.prices, *arguments, *outcome)  # type: ignore[call-arg]
    cheapest = np.full(len(part.prices), np.inf)
    np.minimum.at(cheapest, part.pairs.units, part.pair_bounds)
    # Each unit goes somewhere, each site is open or not: the cheaper of the ways is a bound.
    ways = np.minimum(part.opened, part.closed)
    part.bound = max(part.bound, float(cheapest.max()), float(ways.max()))
    narrow(part, cut)


def narrow(part: Relaxed, cut: float) -> None:
    """Take away pairs and sites whose known bound is not below the cut."""
    free = part.state == 0
    part.state[free & (part.opened >= cut)] = -1
    part.state[free & (part.closed >= cut)] = 1
    kept = (part.pair_bounds < cut) & (part.state[part.pairs.sites] >= 0)
    part.index, part.pairs = part.index[kept], part.pairs.only(kept)
    part.share, part.take = part.share[kept], part.take[kept]
    part.pair_bounds = part.pair_bounds[kept]
