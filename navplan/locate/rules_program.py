"""Programs of a sum question under rules: over the sites alone, and over the prefix tree."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from navplan.locate.array_types import Bools, Floats, Ints
from navplan.locate.highs import Program
from navplan.locate.median import PrefixTree, SumQuestion
from navplan.locate.rules import SiteRules


class RulesProgram:
    """Puts rules, counts and decisions into rows.

    Parameters
    ----------
    question : SumQuestion
        How many sites are chosen.
    rules : SiteRules
        What they must keep to.
    """

    def __init__(self, question: SumQuestion, rules: SiteRules) -> None:
        sites = question.sites
        rows, lower, upper = rules.rows(sites)
        count = sparse.csr_array(np.ones((1, sites)))
        self.question = question
        self.rows = sparse.csr_array(sparse.vstack([count, rows]))
        self.row_lower = np.concatenate([[float(question.least)], lower])
        self.row_upper = np.concatenate([[float(question.most)], upper])

    def of_sites(
        self, cost: Floats, inside: Bools, free: Bools, *, whole: bool = True, reached: Bools
    ) -> Program:
        """Choose sites of least cost.

        Parameters
        ----------
        cost : array (sites)
            Cost of each site.
        inside, free : array of bool (sites)
            Which must be chosen, and which may.
        whole : bool
            Whether sites are chosen whole, or in parts.
        reached : array of bool (clients × sites)
            Each of these clients must have one of its sites.

        Returns
        -------
        Program
            One column a site.
        """
        clients: list[sparse.csr_array] = [self.rows, sparse.csr_array(reached.astype(np.float64))]
        many = len(reached)
        return Program(
            cost=cost,
            lower=inside.astype(np.float64),
            upper=(inside | free).astype(np.float64),
            integer=np.full(len(cost), whole),
            rows=sparse.csr_array(sparse.vstack(clients)),
            row_lower=np.concatenate([self.row_lower, np.ones(many)]),
            row_upper=np.concatenate([self.row_upper, np.full(many, np.inf)]),
        )

    def of_tree(self, tree: PrefixTree) -> Program:
        """Choose sites so that the sets of a tree that have none cost least.

        Parameters
        ----------
        tree : PrefixTree
            The sets; sites that it does not know are not chosen.

        Returns
        -------
        Program
            One column a site of the question, then one a set: 1 where it pays.
        """
        sites, nodes = self.question.sites, len(tree)
        inside, free = mark(tree.inside, sites), mark(tree.sites, sites)
        cost = np.concatenate([np.zeros(sites), tree.cost])
        cost[tree.sites] = tree.site_costs
        first = tree.parent < 0
        return Program(
            cost=cost,
            lower=np.concatenate([inside, np.zeros(nodes)]).astype(np.float64),
            upper=np.concatenate([inside | free, np.ones(nodes)]).astype(np.float64),
            integer=np.arange(sites + nodes) < sites,
            rows=sparse.csr_array(
                sparse.vstack([_paying_rows(tree, sites), _widened(self.rows, sites + nodes)])
            ),
            row_lower=np.concatenate([first, self.row_lower]).astype(np.float64),
            row_upper=np.concatenate([np.full(nodes, np.inf), self.row_upper]),
            offset=tree.constant,
        )


def mark(positions: Ints, total: int) -> Bools:
    """Mark some of so many.

    Parameters
    ----------
    positions : array of int
        Which.
    total : int
        Of how many.

    Returns
    -------
    array of bool (total)
        True at the positions.
    """
    marked = np.zeros(total, dtype=np.bool_)
    marked[positions] = True
    return marked


def _widened(rows: sparse.csr_array, columns: int) -> sparse.csr_array:
    return sparse.csr_array((rows.data, rows.indices, rows.indptr), (rows.shape[0], columns))


def _paying_rows(tree: PrefixTree, sites: int) -> sparse.csr_array:
    """A set pays unless its last site is chosen or the set before it does not pay either."""
    nodes = len(tree)
    own = sites + np.arange(nodes)
    later = tree.parent >= 0
    row = np.concatenate([np.arange(nodes), np.arange(nodes), np.flatnonzero(later)])
    column = np.concatenate([own, tree.sites[tree.site], sites + tree.parent[later]])
    data = np.concatenate([np.ones(2 * nodes), np.full(int(later.sum()), -1.0)])
    return sparse.csr_array((data, (row, column)), shape=(nodes, sites + nodes))
