"""Every choice whose sum is within a limit: complete, or said not to be."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from navplan.errors import Fault, raise_faults
from navplan.locate.median.bounds import Bound, decided, even_usage, raise_bound
from navplan.locate.median.growing import tree_within
from navplan.locate.median.near_best_kernels import make_room
from navplan.locate.median.near_best_leaves import PAIR
from navplan.locate.median.near_best_search import DONE, descend
from navplan.locate.median.near_best_values import values_of
from navplan.locate.median.question import SumQuestion
from navplan.locate.median.rows import nearest_two
from navplan.locate.median.search import first_choice
from navplan.locate.median.tree import PrefixTree, States, set_numbers
from navplan.locate.watch import PROVED_GAP, Gap, Status, Watch
from navplan.travel.threads import in_threads, threads

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

MOST: Final = 1_000_000
"""Most choices that are listed."""

NO_SITE: Final = -1
"""Fills the end of a row that has fewer sites than others."""

_WHERE: Final = "near-best choices"
_ROOT_STEPS: Final = 400
_SHALLOW_STEPS: Final = 6
_SHALLOW_STEP: Final = 0.3
_DEEP_STEPS: Final = 5  # 3 to 12 do about as well: multipliers come from the node above
_SMALL: Final = 20_000  # nodes of a tree that one thread searches to the end
_ENOUGH_JOBS: Final = 24
_ROUNDING: Final = 1e-12  # lost by sums of floats [share]; what comes of it is looked at again
_TOLD_EVERY_S: Final = 0.5
_AFTER_S: Final = 0.01


@dataclass(frozen=True, eq=False)
class NearSums:
    """All choices of a `SumQuestion` whose value is within a limit, or as many as were found.

    Parameters
    ----------
    sites : array of int, shape (choices, most sites)
        Positions of the chosen sites, rising; short rows end with `NO_SITE`.
    values : array, shape (choices,)
        Value of each, summed up anew from the times; rising. Values closer than `PROVED_GAP` of
        the limit stand in the order of their sites.
    limit : float
        Largest value asked for.
    status : {"proved", "time limit", "interrupted", "count limit"}
        Why the search stopped.
    seconds : float
        How long it took [s].
    nodes : int
        Parts of the search looked at.
    """

    sites: Ints
    values: Floats
    limit: float
    status: Status
    seconds: float
    nodes: int = 0

    @property
    def complete(self) -> bool:
        """Whether no choice within the limit is missing."""
        return self.status == "proved"

    def __len__(self) -> int:
        return len(self.values)


def near_best(
    question: SumQuestion, limit_value: float, watch: Watch | None = None, most: int = MOST
) -> NearSums:
    """List every choice whose value is at most a limit.

    Branch and bound that keeps what it finds instead of the best only. A node is bounded by a few
    Lagrangian steps on its own prefix tree [1]_, sites are decided by reduced costs against the
    limit, and the last two sites are tried all at once: what two sites save together is a sum
    over pairs on one path of the tree. Use `solve_sum` where the best alone is of interest, and
    complete enumeration where there are few choices in all.

    Parameters
    ----------
    question : SumQuestion
        What is asked.
    limit_value : float
        Largest value, in the unit of the question; within `PROVED_GAP` of it counts as inside.
    watch : Watch, optional
        Time limit, progress and seed; without limit unless given.
    most : int
        Stop beyond so many choices; the list is not complete then.

    Returns
    -------
    NearSums
        ``proved`` where it is complete. It is empty where nothing is within the limit.

    Raises
    ------
    InputError
        If the limit is no number or `most` is less than 1.
    InfeasibleError
        If a client that must have a time has none to any site.

    References
    ----------
    .. [1] Cornuéjols, G., Fisher, M. L. and Nemhauser, G. L. (1977). Location of bank accounts to
       optimize float. Management Science, 23(8). https://doi.org/10.1287/mnsc.23.8.789
    """
    raise_faults(_faults(limit_value, most))
    search = _Search(question, float(limit_value), watch or Watch(), most)
    try:
        search.run()
    except KeyboardInterrupt:
        search.status = "interrupted"
    return search.found()


def _faults(limit: float, most: int) -> Iterator[Fault]:
    if not np.isfinite(limit):
        yield Fault(_WHERE, "limit", f"{limit}; expected a finite value.")
    if most < 1:
        yield Fault(_WHERE, "most", f"{most} choices; expected at least 1.")


@dataclass(frozen=True, eq=False)
class _Node:
    """A part of the search: its tree, and where the steps of its bound go on from."""

    tree: PrefixTree
    multipliers: Floats
    usage: Floats
    bound: Bound | None = None

    @property
    def wanted(self) -> int:
        return self.tree.most

    def reduced(self, state: States) -> _Node:
        """Take sites for decided."""
        tree, multipliers = self.tree.contracted(state, self.multipliers)
        return _Node(tree, multipliers, self.usage[state == 0])

    @property
    def small(self) -> bool:
        """Whether one thread shall search it to the end."""
        return (
            len(self.tree) <= _SMALL
            or self.wanted <= PAIR + 1
            or self.wanted == len(self.tree.sites)
        )


class _Search:
    """One search: the rows found so far, and why it stopped."""

    def __init__(self, question: SumQuestion, limit: float, watch: Watch, most: int) -> None:
        self.question, self.limit, self.watch, self.most = question, limit, watch, most
        self.beyond = limit
        self.status: Status = "proved"
        self.rows: list[Ints] = []
        self.count = self.nodes = 0
        self.stop = np.zeros(1, dtype=np.int8)

    def run(self) -> None:
        """Search for each number of sites."""
        fixed = int(self.question.fixed.sum())
        may = self.question.sites - int(self.question.barred.sum())
        for count in range(max(self.question.least, fixed), min(self.question.most, may) + 1):
            self.search(replace(self.question, least=count, most=count))
            if self.status != "proved":
                return

    def found(self) -> NearSums:
        """Sum up each row anew, and sort."""
        width = self.question.most
        rows = np.full((self.count, width), NO_SITE, dtype=np.intp)
        start = 0
        for part in self.rows:
            rows[start : start + len(part), : part.shape[1]] = np.sort(part, axis=1)
            start += len(part)
        rows = rows[np.lexsort(rows.T[::-1])]
        values = values_of(self.question, rows)
        inside = values <= self.limit + PROVED_GAP * abs(self.limit)
        rows, values = rows[inside], values[inside]
        step = PROVED_GAP * (abs(self.limit) or 1.0)
        order = np.argsort(np.round(values / step), kind="stable")[: self.most]
        return NearSums(
            rows[order], values[order], self.limit, self.status, self.watch.seconds, self.nodes
        )

    def search(self, question: SumQuestion) -> None:
        """Search for one number of sites."""
        self.beyond = self.limit + 2 * PROVED_GAP * abs(self.limit)
        root = self.root(question)
        if root is None or self.over():
            return
        waiting, jobs = [root], list[_Node]()
        while waiting and len(waiting) + len(jobs) < _ENOUGH_JOBS:
            jobs += [node for node in waiting if node.small]
            parts = in_threads(self.halves, [node for node in waiting if not node.small])
            waiting = [node for part in parts for node in part]
            self.nodes += len(parts)
            if self.over():
                return
        self.search_all(jobs + waiting)

    def tell(self) -> None:
        """Tell how it goes."""
        self.watch.tell(Gap("near best", self.limit, -np.inf, self.watch.seconds, self.nodes))

    def over(self) -> bool:
        """Tell how it goes, and whether the time is up."""
        self.tell()
        if self.watch.over and self.status == "proved":
            self.status = "time limit"
        return self.watch.over

    def root(self, question: SumQuestion) -> _Node | None:
        """Bound the whole, and leave out sites that cannot matter; None if nothing can.

        Lists to the second nearest of a good choice do for a first bound; complete ones, over the
        sites that it leaves, make the tree exact.
        """
        good, _, _ = first_choice(question, self.watch)
        radius = nearest_two(question.minutes, good, question.limit)[2]
        for last in (False, True):
            tree = tree_within(question, radius, self.beyond)
            if tree.impossible:
                return None
            self.beyond += _ROUNDING * (abs(tree.constant) + float(tree.cost.sum()))
            start = _Node(tree, tree.cost / 2, even_usage(tree))
            node = self.settled(start, _ROOT_STEPS, 1.0)
            if node is None or last:
                return node
            allowed = np.zeros(question.sites, dtype=np.bool_)
            allowed[node.tree.sites] = allowed[node.tree.inside] = True
            fixed = question.fixed.copy()
            fixed[node.tree.inside] = True
            question = replace(question, barred=~allowed, fixed=fixed)
            radius = np.full(question.clients, np.inf)
        return None

    def settled(self, node: _Node, steps: int, step: float) -> _Node | None:
        """Bound a node and decide sites until no more are; None if nothing in it is within."""
        while not node.tree.impossible:
            if node.wanted in (0, len(node.tree.sites)):
                return node
            bound = raise_bound(
                node.tree, node.multipliers, node.usage, upper=self.beyond, enough=self.beyond,
                steps=steps, watch=self.watch, step=step,
            )  # fmt: skip
            if bound.value > self.beyond:
                return None
            node = _Node(node.tree, bound.multipliers, bound.usage, bound)
            state = decided(node.tree, bound, np.nextafter(self.beyond, np.inf))
            if not state.any():
                return node
            node, steps = node.reduced(state), _SHALLOW_STEPS
        return None

    def halves(self, node: _Node) -> list[_Node]:
        """Part a node by its best site: with it and without."""
        if node.bound is None:
            return [node]
        site = int(np.argmax(node.bound.scores - node.tree.site_costs))
        parts = []
        for side in (1, -1):
            state = np.zeros(len(node.tree.sites), dtype=np.int8)
            state[site] = side
            part = self.settled(node.reduced(state), _SHALLOW_STEPS, _SHALLOW_STEP)
            if part is not None:
                parts.append(part)
        return parts

    def search_all(self, jobs: list[_Node]) -> None:
        """Search every node to the end, as many at a time as there are processors.

        Their rows are taken in the order of the nodes, so what is left out beyond `most` does not
        depend on which thread was quicker.
        """
        with ThreadPoolExecutor(threads()) as pool:
            tasks = [pool.submit(self.rows_of, node) for node in jobs]
            try:
                for task in tasks:
                    rows, nodes, done = self.waited(task)
                    self.nodes += nodes
                    self.count += len(rows)
                    self.rows.append(rows)
                    if self.count > self.most:
                        self.status = "count limit"
                        return
                    if not done and self.status == "proved":
                        self.status = "time limit"
                    self.tell_of_job()
            finally:
                self.stop[0] = 1
                for task in tasks:
                    task.cancel()
        self.stop[0] = 0

    def tell_of_job(self) -> None:
        """Tell that the rows of a job are taken; whoever interrupts gets those of the others too.

        The clock is not looked at here: a search whose last job is done is complete, however late.
        """
        try:
            self.tell()
        except KeyboardInterrupt:
            self.interrupt()

    def interrupt(self) -> None:
        """Let every job end with the rows that it has."""
        self.status = "interrupted"
        self.stop[0] = 1

    def waited(self, task: Future[tuple[Ints, int, bool]]) -> tuple[Ints, int, bool]:
        """Wait for a task; stop them all when the time is up or somebody interrupts."""
        while True:
            try:
                try:
                    return task.result(min(_TOLD_EVERY_S, self.watch.left_s + _AFTER_S))
                except NotYet:
                    if self.over():
                        self.stop[0] = 1
            except KeyboardInterrupt:
                self.interrupt()

    def rows_of(self, node: _Node) -> tuple[Ints, int, bool]:
        """Search a node to the end: rows, nodes looked at, and whether that is all."""
        tree, wanted = node.tree, node.wanted
        size, sites = len(tree), len(tree.sites)
        terms, work = make_room(size, max(1, wanted - PAIR + 1), sites)
        terms.parent[:size], terms.site[:size] = tree.parent, tree.site
        terms.cost[:size], terms.dual[:size] = tree.cost, node.multipliers
        terms.more[:size] = 0.0
        rows = np.empty((self.most + 1, wanted), dtype=np.int32)
        found, nodes, outcome = descend(
            terms, size, tree.constant, np.zeros(wanted, dtype=np.int32), 0, tree.site_costs,
            self.beyond, _DEEP_STEPS, node.usage.copy(), set_numbers(sites), rows, self.most,
            work, self.stop,
        )  # fmt: skip
        inside = np.broadcast_to(tree.inside, (found, len(tree.inside)))
        return np.hstack([inside, tree.sites[rows[:found]]]), nodes, outcome == DONE
