"""Lagrangian bounds on a prefix tree, and what they rule out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from navplan.locate.median import kernels
from navplan.locate.median.tree import Floats, PrefixTree, States
from navplan.locate.watch import Watch

_FIRST_STEP: Final = 0.1  # longer ones swing for dozens of steps before they tell anything
_SMALLEST_STEP: Final = 2e-3
_NODES_A_CALL: Final = 20_000_000  # compiled calls end often enough to be stopped: ~0.3 s


@dataclass(frozen=True, eq=False)
class Bound:
    """A Lagrangian bound: each set's multiplier says what it pays its sites for being spared.

    Sets are served (Σ of the chosen sites in it ≥ 1, or it pays its cost) at a price: with
    multipliers 0 ≤ μ ≤ cost, no choice is better than constant + Σ μ − the largest
    Σ (score − cost) of sites, where a site's score is the Σ μ of the sets that it is in [1]_.

    Parameters
    ----------
    value : float
        The bound.
    scores : array, shape (free sites,)
        Each site's score.
    multipliers : array, shape (nodes,)
        The multipliers that give it.
    usage : array, shape (free sites,)
        How much the late steps chose each site [0–1]: nearly an optimum of the linear relaxation.
    steps : int
        Steps taken.
    pace : array, shape (4,)
        Length of the next step as a share of the gap, the smallest worth taking, steps since the
        last progress, and the bound then: hand it on to go on at that pace.

    References
    ----------
    .. [1] Cornuéjols, G., Fisher, M. L. and Nemhauser, G. L. (1977). Location of bank accounts to
       optimize float. Management Science, 23(8). https://doi.org/10.1287/mnsc.23.8.789
    """

    value: float
    scores: Floats
    multipliers: Floats
    usage: Floats
    steps: int
    pace: Floats

    @property
    def ended(self) -> bool:
        """Whether more steps would do no good."""
        return bool(self.pace[0] < self.pace[1])


def even_usage(tree: PrefixTree) -> Floats:
    """Use every free site alike.

    Parameters
    ----------
    tree : PrefixTree
        The question.

    Returns
    -------
    array
        Share of each free site [0–1].
    """
    return np.full(len(tree.sites), max(tree.least, 1) / max(len(tree.sites), 1))


def likely_multipliers(tree: PrefixTree, usage: Floats) -> Floats:
    """Guess multipliers from how much sites are used: full where a set is hardly served.

    Parameters
    ----------
    tree : PrefixTree
        The question.
    usage : array, shape (free sites,)
        How much each site is used [0–1].

    Returns
    -------
    array
        One a node.
    """
    served = np.empty(len(tree))
    kernels.served(tree.parent, tree.site, usage, served)
    return np.where(served < 1, tree.cost * np.clip(1.5 - served, 0, 1), 0.0)


def raise_bound(
    tree: PrefixTree,
    multipliers: Floats,
    usage: Floats,
    *,
    upper: float,
    enough: float,
    steps: int,
    watch: Watch,
    step: float = _FIRST_STEP,
    pace: Floats | None = None,
) -> Bound:
    """Raise the bound by steps along the averaged subgradient, each set scaled by its cost.

    Averaging the chosen sites damps the zigzag of plain subgradient steps, as in the volume
    algorithm [1]_.

    Parameters
    ----------
    tree : PrefixTree
        The question.
    multipliers : array, shape (nodes,)
        Where to begin; not changed.
    usage : array, shape (free sites,)
        Average to begin with; not changed.
    upper : float
        Value of a known choice: steps are as long as the gap to it.
    enough : float
        A bound that is as good as any.
    steps : int
        At most so many.
    watch : Watch
        When to stop early.
    step : float
        Length of the first step, as a share of the gap.
    pace : array, optional
        Pace of an earlier `Bound`, to go on at it.

    Returns
    -------
    Bound
        The best met.

    References
    ----------
    .. [1] Barahona, F. and Anbil, R. (2000). The volume algorithm: producing primal solutions
       with a subgradient method. Mathematical Programming, 87.
       https://doi.org/10.1007/s101070050002
    """
    multipliers, usage = multipliers.copy(), usage.copy()
    pace = np.array([step, _SMALLEST_STEP, 0.0, -np.inf]) if pace is None else pace.copy()
    a_call = max(10, _NODES_A_CALL // (len(tree) + 1))
    left = steps
    value, scores = -np.inf, np.zeros(len(tree.sites))
    while True:
        value, scores, done = kernels.ascend(
            tree.parent,
            tree.site,
            tree.cost,
            tree.constant,
            tree.site_costs,
            tree.least,
            min(tree.most, len(tree.sites)),
            upper,
            enough,
            multipliers,
            usage,
            pace,
            min(a_call, left),
        )
        left -= done
        if left <= 0 or value >= enough or pace[0] < pace[1] or watch.over:
            break
    return Bound(value, scores, multipliers, usage, steps - left, pace)


def forcing_losses(tree: PrefixTree, scores: Floats) -> tuple[Floats, Floats]:
    """Find by how much the bound rises if one site is forced.

    Parameters
    ----------
    tree : PrefixTree
        The question.
    scores : array, shape (free sites,)
        Scores of a `Bound`.

    Returns
    -------
    if_chosen, if_left_out : array, shape (free sites,)
        Rise of the bound where the site must, and where it must not be chosen; inf where that
        leaves no choice.
    """
    net = scores - tree.site_costs
    free = len(net)
    most = min(tree.most, free)
    order = np.argsort(-net, kind="stable")
    count = min(max(tree.least, int(np.count_nonzero(net > 0))), most)
    chosen, others = order[:count], order[count:]
    if_chosen, if_left_out = np.zeros(free), np.zeros(free)
    weakest = net[chosen[-1]] if count else -np.inf
    strongest = net[others[0]] if count < free else -np.inf
    if_chosen[others] = np.inf
    if count:
        if_chosen[others] = weakest - net[others]
    if count < most:
        if_chosen[others] = np.minimum(if_chosen[others], -net[others])
    if_left_out[chosen] = net[chosen] - strongest
    if count > tree.least:
        if_left_out[chosen] = np.minimum(if_left_out[chosen], net[chosen])
    return if_chosen, if_left_out


def decided(tree: PrefixTree, bound: Bound, cutoff: float) -> States:
    """Decide the sites that every choice below a value must have or cannot have.

    Parameters
    ----------
    tree : PrefixTree
        The question.
    bound : Bound
        A bound of it.
    cutoff : float
        Only choices below this matter.

    Returns
    -------
    array of int8, shape (free sites,)
        1 must be chosen, -1 cannot be, 0 still free: see `PrefixTree.contracted`.
    """
    if_chosen, if_left_out = forcing_losses(tree, bound.scores)
    state = np.zeros(len(tree.sites), dtype=np.int8)
    state[bound.value + if_chosen >= cutoff] = kernels.OUTSIDE
    state[bound.value + if_left_out >= cutoff] = kernels.INSIDE
    return state
