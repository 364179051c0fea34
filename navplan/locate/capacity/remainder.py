"""What is left once the sites are clear: a small program of whole units, solved by HiGHS."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from navplan.locate.array_types import Bools, Ints
from navplan.locate.capacity.nodes import Relaxed, Rules
from navplan.locate.highs import Answer, Program, solve_program
from navplan.locate.watch import Watch


def solve_remainder(rules: Rules, part: Relaxed, cut: float, watch: Watch) -> Answer:
    """Find the best assignment to the pairs that are left, if it is below the cut.

    Rows: each unit once; load of each site within limits if it opens; no pair at a site that
    does not open; number of sites.

    Parameters
    ----------
    rules : Rules
        Sizes, limits, numbers.
    part : Relaxed
        Pairs and sites left.
    cut : float
        Answers above are of no use.
    watch : Watch
        Limits.

    Returns
    -------
    Answer
        Columns are the pairs of `part`, then all its sites.
    """
    pairs, state = part.pairs, part.state
    count, units, sites = len(pairs.units), len(part.prices), len(state)
    pair = np.arange(count)
    loads = sparse.csr_array((rules.sizes[pairs.units], (pairs.sites, pair)), shape=(sites, count))
    free = np.flatnonzero(state[pairs.sites] == 0)
    rows = sparse.block_array(
        [
            [sparse.csr_array((np.ones(count), (pairs.units, pair)), (units, count)), None],
            [loads, sparse.diags_array(-rules.high)],
            [loads, sparse.diags_array(-rules.low)],
            [
                sparse.csr_array((np.ones(len(free)), (np.arange(len(free)), free)),
                                 (len(free), count)),
                sparse.csr_array((-np.ones(len(free)), (np.arange(len(free)), pairs.sites[free])),
                                 (len(free), sites)),
            ],
            [None, sparse.csr_array(np.ones((1, sites)))],
        ],
        format="csr",
    )  # fmt: skip
    inf = np.inf
    limits = [
        (1.0, 1.0, units),
        (-inf, 0.0, sites),
        (0.0, inf, sites),
        (-inf, 0.0, len(free)),
        (rules.least, rules.most, 1),
    ]
    program = Program(
        cost=np.concatenate([pairs.costs, rules.site_costs]),
        lower=np.concatenate([np.zeros(count), (state == 1).astype(float)]),
        upper=np.concatenate([np.ones(count), (state >= 0).astype(float)]),
        integer=np.ones(count + sites, dtype=bool),
        rows=sparse.csr_array(rows),
        row_lower=np.concatenate([np.full(number, low) for low, _, number in limits]),
        row_upper=np.concatenate([np.full(number, high) for _, high, number in limits]),
    )
    return solve_program(program, watch, step="search", at_most=cut, size=abs(part.bound) or None)


def read_remainder(part: Relaxed, answer: Answer) -> tuple[Bools, Ints]:
    """Open sites and assignment of an answer of `solve_remainder` that has columns.

    Parameters
    ----------
    part : Relaxed
        Pairs and sites left.
    answer : Answer
        With columns.

    Returns
    -------
    array of bool (sites), array of int (units)
        What is open, and each unit's site.
    """
    if answer.columns is None:
        raise ValueError("the answer has no columns")
    count = len(part.pairs.units)
    taken = np.flatnonzero(answer.columns[:count] > 0.5)  # noqa: PLR2004 (0 or 1)
    assigned = np.empty(len(part.prices), dtype=np.intp)
    assigned[part.pairs.units[taken]] = part.pairs.sites[taken]
    return answer.columns[count:] > 0.5, assigned  # noqa: PLR2004
