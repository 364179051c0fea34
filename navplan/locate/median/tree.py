"""The prefix tree: all clients' lists of nearest sites, merged without loss."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from navplan.locate.median import growing_kernels, kernels

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
Int32s = npt.NDArray[np.int32]
States = npt.NDArray[np.int8]

_SEED: Final = 20_091_964


@dataclass(frozen=True, eq=False)
class PrefixTree:
    """A sum question over some free sites, as sets that cost where none of their sites is chosen.

    A client whose sites lie at rising costs c₁ ≤ c₂ ≤ … pays c₁ + Σₖ (cₖ₊₁ − cₖ)·[none of the
    nearest k is chosen] [1]_. The nearest k sites are a set: the nearest k − 1 and one more, hence
    a tree; clients whose nearest k are the same set share its node, and their costs add up. That
    loses nothing, for any weights and any cost that never falls. Nodes lie depth first.

    Parameters
    ----------
    parent : array of int32, shape (nodes,)
        Node of the set less its last site; -1 where the set is one site.
    site : array of int32, shape (nodes,)
        The set's last site, as a position in `sites`.
    cost : array, shape (nodes,)
        Cost where none of the set is chosen, ≥ 0.
    size : array of int32, shape (nodes,)
        Nodes of the branch: the node itself and everything under it.
    constant : float
        Cost whatever is chosen, that of `inside` included.
    sites : array of int, shape (free sites,)
        Positions of the free sites in the question.
    site_costs : array, shape (free sites,)
        Cost of choosing each.
    inside : array of int
        Positions in the question of the sites already chosen.
    least, most : int
        How many of the free sites are to be chosen.

    References
    ----------
    .. [1] Hammer, P. L. (1968). Plant location: a pseudo-Boolean approach. Israel Journal of
       Technology, 6; Church, R. L. (2003). COBRA: a new formulation of the classic p-median
       location problem. Annals of Operations Research, 122.
       https://doi.org/10.1023/A:1026142406234
    """

    parent: Int32s
    site: Int32s
    cost: Floats
    size: Int32s
    constant: float
    sites: Ints
    site_costs: Floats
    inside: Ints
    least: int
    most: int

    def __len__(self) -> int:
        return len(self.parent)

    @property
    def impossible(self) -> bool:
        """Whether so many sites cannot be chosen."""
        return self.most < 0 or self.least > len(self.sites)

    @property
    def only_choice(self) -> Ints | None:
        """Positions of the free sites chosen where there is no more than one way; else None."""
        if self.most == 0:
            return np.zeros(0, dtype=np.intp)
        if self.least == len(self.sites):
            return np.arange(len(self.sites))
        return None

    def value(self, chosen: npt.ArrayLike) -> float:
        """Cost of a choice in the tree: never above its cost in the question.

        Parameters
        ----------
        chosen : array of int
            Chosen free sites, as positions in `sites`.

        Returns
        -------
        float
            Lower than in the question only where a client's list ends before its nearest.
        """
        mark = np.zeros(len(self.sites), dtype=np.int8)
        mark[np.asarray(chosen, dtype=np.intp)] = 1
        scratch = np.empty(len(self), dtype=np.int8)
        paid = kernels.tree_value(self.parent, self.site, self.cost, mark, scratch)
        return self.constant + paid + float(self.site_costs[mark > 0].sum())

    def sites_of(self, node: int) -> Ints:
        """Sites of a set.

        Parameters
        ----------
        node : int
            Its node.

        Returns
        -------
        array of int
            Positions in `sites`, the last site first.
        """
        chain = []
        while node >= 0:
            chain.append(self.site[node])
            node = self.parent[node]
        return np.array(chain, dtype=np.intp)

    def demanding(self, wanted: Ints, cost: float) -> PrefixTree:
        """Demand that one of some sites is chosen: none of them costs so much more.

        Parameters
        ----------
        wanted : array of int
            Positions in `sites`.
        cost : float
            What it costs to choose none of them.

        Returns
        -------
        PrefixTree
            With a branch more, at its end.
        """
        count = len(wanted)
        chain = np.arange(len(self), len(self) + count, dtype=np.int32)
        added = np.zeros(count)
        added[-1] = cost
        return replace(
            self,
            parent=np.concatenate([self.parent, [-1], chain[:-1]]).astype(np.int32),
            site=np.concatenate([self.site, wanted]).astype(np.int32),
            cost=np.concatenate([self.cost, added]),
            size=np.concatenate([self.size, np.arange(count, 0, -1)]).astype(np.int32),
        )

    def contracted(self, state: States, multipliers: Floats) -> tuple[PrefixTree, Floats]:
        """Take sites for chosen or left out.

        Parameters
        ----------
        state : array of int8, shape (free sites,)
            1 chosen, -1 left out, 0 free.
        multipliers : array, shape (nodes,)
            One a node, between 0 and its cost.

        Returns
        -------
        tree : PrefixTree
            Over the sites that stay free.
        multipliers : array
            Its nodes' multipliers: their Lagrangian bound is not below the old one.
        """
        free = state == kernels.FREE
        place = np.cumsum(free, dtype=np.int32) - np.int32(1)
        chosen = state == kernels.INSIDE
        parent, site, cost, moved, constant = growing_kernels.contract(
            self.parent, self.site, self.cost, multipliers, state, place, set_numbers(free.sum())
        )
        order, parent, size = growing_kernels.depth_first(parent, cost)
        count = int(chosen.sum())
        return (
            PrefixTree(
                parent,
                site[order],
                cost[order],
                size,
                self.constant + constant + float(self.site_costs[chosen].sum()),
                self.sites[free],
                self.site_costs[free],
                np.concatenate([self.inside, self.sites[chosen]]),
                max(self.least - count, 0),
                self.most - count,
            ),
            moved[order],
        )


def set_numbers(sites: int) -> npt.NDArray[np.uint64]:
    """Draw a number for each site; sums of them find sets in a table.

    Parameters
    ----------
    sites : int
        How many sites.

    Returns
    -------
    array of uint64
        Always the same; answers do not depend on them.
    """
    return np.random.default_rng(_SEED).integers(0, 2**63, sites, dtype=np.uint64)
