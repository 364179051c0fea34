"""Which sites serve several outlooks well: each alone, weighted, and with the least regret."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import linprog

from navplan.errors import Fault, raise_faults
from navplan.locate.array_types import Floats, Ints
from navplan.locate.blend import blend, check_alike
from navplan.locate.found import Found
from navplan.locate.listing import list_within
from navplan.locate.median import SumQuestion, solve_sum
from navplan.locate.steps import a_person, sure_bound, time_after, unheard
from navplan.locate.tables import ids_of, site_ids
from navplan.locate.watch import PROVED_GAP, Gap, Status, Watch


@dataclass(frozen=True, eq=False)
class Outlook:
    """One way the future may be: its people and its times.

    Parameters
    ----------
    name : str
        For the tables.
    question : SumQuestion
        Weights and minutes of the outlook. Sites, counts, fixed and barred sites are those of the
        other outlooks.
    """

    name: str
    question: SumQuestion

    @property
    def people(self) -> float:
        """Everybody in it, by whom its sums are divided [persons]."""
        return float(self.question.weights.sum())

    def value(self, sites: Ints) -> float:
        """Value of a choice a person.

        Parameters
        ----------
        sites : array of int
            Positions of the chosen sites.

        Returns
        -------
        float
            Mean cost, in minutes where minutes are what is summed.
        """
        return self.question.value(sites) / self.people


@dataclass(frozen=True, eq=False)
class Regret:
    """The choice that is never far from the best, whichever outlook comes true.

    Parameters
    ----------
    outlooks : tuple of str
        Names.
    best : tuple of Found
        Best choice of each outlook; value and bound a person.
    found : Found
        The robust choice; its value is the largest regret of any outlook, a person.
    values : array, shape (outlooks,)
        Value of the robust choice in each outlook, a person.
    sites : tuple of str
        Ids of all sites by position.
    """

    outlooks: tuple[str, ...]
    best: tuple[Found, ...]
    found: Found
    values: Floats
    sites: tuple[str, ...]

    @property
    def regrets(self) -> Floats:
        """How much longer the robust choice takes than the best of each outlook, a person."""
        regrets: Floats = self.values - np.array([found.value for found in self.best])
        return regrets

    @property
    def table(self) -> pd.DataFrame:
        """One row an outlook: its best sites, their value, the robust choice's, and the regret."""
        return pd.DataFrame(
            {
                "outlook": self.outlooks,
                "best_offices": [ids_of(self.sites, found.sites) for found in self.best],
                "best_value": [found.value for found in self.best],
                "best_bound": [found.bound for found in self.best],
                "status": [found.status for found in self.best],
                "robust_offices": ids_of(self.sites, self.found.sites),
                "robust_value": self.values,
                "regret": self.regrets,
            }
        )


def solve_each(outlooks: Sequence[Outlook], watch: Watch) -> tuple[Found, ...]:
    """Solve every outlook on its own.

    Parameters
    ----------
    outlooks : sequence of Outlook
        At least one.
    watch : Watch
        For all together.

    Returns
    -------
    tuple of Found
        One an outlook; value and bound a person.

    Raises
    ------
    InputError
        If the outlooks are not about the same choices, or nobody lives in one.
    InfeasibleError
        If an outlook has no choice that serves everybody who must be served.
    """
    _check(outlooks)
    found, step = [], unheard(watch)
    for outlook in outlooks:
        best = solve_sum(outlook.question, step)
        step = time_after(best, step)
        found.append(a_person(best, outlook.people))
    return tuple(found)


def solve_weighted(outlooks: Sequence[Outlook], shares: Sequence[float], watch: Watch) -> Found:
    """Choose sites so that the outlooks' mean is least, each with its share.

    Use it where the outlooks have probabilities; where they have not, use `solve_regret`.

    Parameters
    ----------
    outlooks : sequence of Outlook
        At least one.
    shares : sequence of float
        Weight of each, ≥ 0, not all 0; they are made to sum to 1.
    watch : Watch
        Limits of the search.

    Returns
    -------
    Found
        Value and bound a person.

    Raises
    ------
    InputError
        If the outlooks are not about the same choices, nobody lives in one, or shares do not fit.
    InfeasibleError
        If no choice serves everybody who must be served in every outlook.
    """
    _check(outlooks)
    numbers = np.asarray(shares, dtype=np.float64)
    if len(numbers) != len(outlooks) or not ((numbers >= 0).all() and 0 < numbers.sum() < np.inf):
        given = f"{list(shares)} for {len(outlooks)} outlooks; expected one ≥ 0 each, not all 0."
        raise_faults([Fault("outlooks", "shares", given)])
    return solve_sum(_mixed(outlooks, numbers / numbers.sum()), watch)


def solve_regret(
    outlooks: Sequence[Outlook], watch: Watch, *, sites: Sequence[str] | None = None
) -> Regret:
    """Choose sites so that the largest regret of any outlook is least, with its proof.

    The regret of a choice in an outlook is its value less that of the outlook's best, a person. For
    any weights λ of the outlooks (≥ 0, sum 1) the largest regret is at least the weighted one, and
    the least weighted regret is a sum question: a bound. Weights that make it largest are found by
    cutting planes; what gap is left is closed by listing every choice whose weighted regret is no
    more than the best largest regret: the robust choice is one of them [1]_.

    Parameters
    ----------
    outlooks : sequence of Outlook
        At least one; they may differ in people, minutes and costs.
    watch : Watch
        For all steps together.
    sites : sequence of str, optional
        Ids by position, for the tables; left out, the positions.

    Returns
    -------
    Regret
        ``found.status`` is ``proved`` only where every outlook's best is proved too; otherwise
        ``found.value`` is no less and ``found.bound`` no more than the true least regret.

    Raises
    ------
    InputError
        If the outlooks are not about the same choices, or nobody lives in one.
    InfeasibleError
        If no choice serves everybody who must be served in every outlook.

    References
    ----------
    .. [1] Kouvelis, P., Yu, G. (1997). Robust Discrete Optimization and Its Applications.
       https://doi.org/10.1007/978-1-4757-2620-6
    """
    best = solve_each(outlooks, watch)
    search = _RegretSearch(outlooks, best, watch)
    found = search.run()
    return Regret(
        outlooks=tuple(outlook.name for outlook in outlooks),
        best=best,
        found=found,
        values=np.array([outlook.value(found.sites) for outlook in outlooks]),
        sites=site_ids(outlooks[0].question, sites),
    )


class _RegretSearch:
    """Cutting planes over the weights, then the list that closes the gap."""

    def __init__(self, outlooks: Sequence[Outlook], best: Sequence[Found], watch: Watch) -> None:
        self.outlooks, self.watch = outlooks, watch
        # A best that is not proved lies between these: the regret is then an interval too.
        self.floor = np.array([sure_bound(found) for found in best])
        self.roof = np.array([found.value for found in best])
        self.status: Status = next((f.status for f in best if f.status != "proved"), "proved")
        self.stopped = self.status != "proved"
        self.nodes = sum(found.nodes for found in best)
        self.sites, self.value, self.bound = best[0].sites, float("inf"), 0.0
        self.cuts: list[Floats] = []
        for found in best:
            self._offer(found.sites)

    def run(self) -> Found:
        try:
            weights = self._raise_bound()
            # Few choices lie near the bound: they often bring the value down before all are listed.
            for part in (0.25, 1.0):
                if not self.stopped and not self._closed():
                    self._list(weights, self.bound + part * (self.value - self.bound))
        except KeyboardInterrupt:
            self.status = "interrupted"
        if self._closed() and self.status == "proved":
            self.bound = self.value
        bound = min(self.bound, self.value)
        seconds, seed = self.watch.seconds, self.watch.seed
        return Found(self.sites, self.value, bound, self.status, seconds, seed, self.nodes)

    def _offer(self, sites: Ints) -> None:
        values = np.array([outlook.value(sites) for outlook in self.outlooks])
        if not np.isfinite(values).all():  # leaves somebody of another outlook without a time
            return
        self.cuts.append(values - self.roof)
        regret = float((values - self.floor).max())
        if regret < self.value:
            self.sites, self.value = sites, regret

    def _closed(self) -> bool:
        # Regrets are differences of the outlooks' values, and no more exact than these.
        return self.value - self.bound <= PROVED_GAP * float(self.roof.max())

    def _raise_bound(self) -> Floats:
        """Raise the bound as far as weights can; gives the weights that did."""
        best = np.full(len(self.outlooks), 1 / len(self.outlooks))
        while not self.stopped:
            weights, ceiling = _heaviest(self.cuts) if self.cuts else (best, np.inf)
            if ceiling <= self.bound + PROVED_GAP * float(self.roof.max()) or self._closed():
                break
            found = solve_sum(_mixed(self.outlooks, weights), unheard(self.watch))
            self.nodes += found.nodes
            self._stop(found.status)
            bound = sure_bound(found) - float(weights @ self.roof)
            if bound > self.bound:
                self.bound, best = bound, weights
            self._offer(found.sites)
            seconds = self.watch.seconds
            self.watch.tell(
                Gap("regret", self.value, min(self.bound, self.value), seconds, self.nodes)
            )
        return best

    def _list(self, weights: Floats, regret: float) -> None:
        """Try every choice whose weighted regret is at most so much."""
        limit = regret + float(weights @ self.floor)
        listed = list_within(_mixed(self.outlooks, weights), limit, self.watch)
        for choice in listed.choices:
            self._offer(choice)
        if listed.status == "proved":
            self.bound = max(self.bound, min(regret, self.value))
        self._stop(listed.status)

    def _stop(self, status: Status) -> None:
        if status != "proved":
            self.status, self.stopped = status, True


def _heaviest(regrets: list[Floats]) -> tuple[Floats, float]:
    """Weights that make the least weighted regret of the choices seen so far largest, and it."""
    cuts = np.array(regrets)
    choices, outlooks = cuts.shape
    # Maximise t with t ≤ λ · regrets of each choice, λ ≥ 0, Σ λ = 1.
    answer = linprog(
        np.append(np.zeros(outlooks), -1.0),
        A_ub=np.hstack([-cuts, np.ones((choices, 1))]),
        b_ub=np.zeros(choices),
        A_eq=np.append(np.ones(outlooks), 0.0)[np.newaxis],
        b_eq=[1.0],
        bounds=[(0, None)] * outlooks + [(None, None)],
        method="highs",
    )
    *weights, ceiling = np.asarray(answer.x).tolist()
    shares = np.maximum(weights, 0.0)
    return shares / shares.sum(), ceiling


def _mixed(outlooks: Sequence[Outlook], weights: Floats) -> SumQuestion:
    shares = [weight / outlook.people for outlook, weight in zip(outlooks, weights, strict=True)]
    return blend([outlook.question for outlook in outlooks], shares)


def _check(outlooks: Sequence[Outlook]) -> None:
    check_alike("outlooks", [outlook.question for outlook in outlooks])
    raise_faults(
        Fault("outlooks", outlook.name, "nobody has any weight.", "Check the outlook.")
        for outlook in outlooks
        if not outlook.people > 0
    )
