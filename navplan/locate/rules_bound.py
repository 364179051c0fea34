"""A Lagrangian bound of the sum question whose inner choice keeps to rules about the sites."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from navplan.locate.array_types import Floats
from navplan.locate.highs import Program
from navplan.locate.median import PrefixTree
from navplan.locate.median.kernels import served
from navplan.locate.watch import Watch

States = npt.NDArray[np.int8]

_AVERAGED: Final = 0.2  # share of the newest choice in the average
_PATIENCE: Final = 8  # steps without a better bound until they are halved
_SHORTEST: Final = 0.02


@dataclass(frozen=True, eq=False)
class RuleBound:
    """No choice that keeps to the rules is better than this.

    Parameters
    ----------
    value : float
        The bound.
    multipliers : array (nodes)
        What gives it: one a set of the tree, between 0 and its cost.
    usage : array (free sites)
        How much the late steps chose each site [0–1].
    """

    value: float
    multipliers: Floats
    usage: Floats


def raise_under_rules(
    tree: PrefixTree,
    multipliers: Floats,
    usage: Floats,
    choose: Callable[[Floats], tuple[Floats, float] | None],
    *,
    upper: Callable[[], float],
    steps: int,
    watch: Watch,
) -> RuleBound:
    """Raise the bound by steps along the averaged subgradient.

    With multipliers 0 ≤ μ ≤ cost no choice is better than constant + Σ μ − the largest
    Σ (score − cost) of sites, where a site's score is the Σ μ of the sets that it is in. The
    sites that attain it are chosen under the rules, in parts where need be: the bound then comes
    near that of the linear relaxation with the rules.

    Parameters
    ----------
    tree : PrefixTree
        The question.
    multipliers : array (nodes)
        Where to begin.
    usage : array (free sites)
        Average to begin with.
    choose : callable
        Gives how much of each free site to choose [0–1] so that costs are least under the rules,
        and a bound on their sum; None where the time is up.
    upper : callable
        Gives the value of the best choice known.
    steps : int
        At most so many.
    watch : Watch
        When to stop early.

    Returns
    -------
    RuleBound
        The best met.

    Notes
    -----
    A. M. Geoffrion, "Lagrangean relaxation for integer programming", Mathematical Programming
    Study 2 (1974), doi:10.1007/BFb0120690; F. Barahona and R. Anbil, "The volume algorithm",
    Mathematical Programming 87 (2000), doi:10.1007/s101070050002.
    """
    best = RuleBound(-np.inf, multipliers, usage)
    now = multipliers
    reached = np.empty(len(tree))
    step, since = 1.0, 0
    for _ in range(steps):
        found = choose(tree.site_costs - site_scores(tree, now))
        if found is None or watch.over:
            break
        parts, least = found
        value = tree.constant + float(now.sum()) + least
        usage = (1 - _AVERAGED) * usage + _AVERAGED * parts
        since += 1
        if value > best.value:
            since = 0
            best = RuleBound(value, now, usage)
        if since > _PATIENCE:
            step, since, now = step / 2, 0, best.multipliers
        gap = upper() - best.value
        if step < _SHORTEST or gap <= 0:
            break
        served(tree.parent, tree.site, usage, reached)
        way = 1 - reached
        length = float(tree.cost @ way**2)
        if length == 0:
            break
        now = np.clip(now + step * gap / length * tree.cost * way, 0, tree.cost)
    return best


def site_scores(tree: PrefixTree, multipliers: Floats) -> Floats:
    """Sum up the multipliers of the sets that each site is in.

    Parameters
    ----------
    tree : PrefixTree
        The sets; a site is in those of its own nodes and everything below them.
    multipliers : array (nodes)
        One a set.

    Returns
    -------
    array (free sites)
        Scores.
    """
    up_to = np.concatenate([[0.0], np.cumsum(multipliers)])
    first = np.arange(len(tree))
    branches = up_to[first + tree.size] - up_to[first]
    scores = np.bincount(tree.site, branches, minlength=len(tree.sites))
    return scores.astype(np.float64)


def bound_of_prices(program: Program, row_duals: Floats) -> tuple[float, Floats]:
    """Bound a program by the prices of its rows, whatever was rounded on the way to them.

    Parameters
    ----------
    program : Program
        Minimised over bounded columns.
    row_duals : array (rows)
        Any prices; those of the linear relaxation give the best bound.

    Returns
    -------
    (float, array (columns))
        The bound, and the reduced cost of each column.
    """
    limit = np.where(row_duals > 0, program.row_lower, program.row_upper)
    prices = np.where(np.isfinite(limit), row_duals, 0.0)
    limit = np.where(np.isfinite(limit), limit, 0.0)
    reduced = program.cost - program.rows.T @ prices
    least = np.where(reduced > 0, reduced * program.lower, reduced * program.upper)
    return program.offset + float(prices @ limit) + float(least.sum()), reduced


def decided_by_prices(program: Program, row_duals: Floats, cutoff: float) -> States:
    """Decide columns of 0 or 1 that every solution below a value must have or cannot have.

    Parameters
    ----------
    program : Program
        Minimised over numbers from 0 to 1.
    row_duals : array (rows)
        Prices of its rows.
    cutoff : float
        Only solutions below this matter.

    Returns
    -------
    array of int8 (columns)
        1 must be, -1 cannot be, 0 still free.
    """
    value, reduced = bound_of_prices(program, row_duals)
    free = program.lower < program.upper
    state = np.zeros(len(program.cost), dtype=np.int8)
    state[free & (value + np.maximum(reduced, 0) >= cutoff)] = -1
    state[free & (value - np.minimum(reduced, 0) >= cutoff)] = 1
    return state
