"""What a demand costs: the best choice with it against the best choice without."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from navplan.errors import Fault, InfeasibleError, InputError, raise_faults
from navplan.locate.found import Found
from navplan.locate.median import SumQuestion, solve_sum
from navplan.locate.steps import a_person, nearest_minutes, sure_bound, time_after, unheard
from navplan.locate.tables import ids_of, site_ids
from navplan.locate.watch import Gap, Watch

TOGETHER = "all together"
"""Name of the row of all demands at once."""


@dataclass(frozen=True)
class Demand:
    """Something that is asked of a choice besides the least sum.

    Parameters
    ----------
    name : str
        For the table, for example ``"keep Arna"``.
    keep, close : tuple of int
        Positions of sites that must and must not be chosen.
    limit : float
        Nobody may have longer than this [min].
    count : int, optional
        Number of sites instead of the question's.
    """

    name: str
    keep: tuple[int, ...] = ()
    close: tuple[int, ...] = ()
    limit: float = float("inf")
    count: int | None = None

    def on(self, question: SumQuestion) -> SumQuestion:
        """Ask it of a question.

        Parameters
        ----------
        question : SumQuestion
            Without the demand.

        Returns
        -------
        SumQuestion
            With it.

        Raises
        ------
        InputError
            If a site is to be kept and closed, or too few or too many sites are left.
        """
        places = np.arange(question.sites)
        return replace(
            question,
            fixed=question.fixed | np.isin(places, self.keep),
            barred=question.barred | np.isin(places, self.close),
            limit=min(question.limit, self.limit),
            without=question.without if np.isinf(self.limit) else float("inf"),
            least=question.least if self.count is None else self.count,
            most=question.most if self.count is None else self.count,
        )

    def kept_by(self, question: SumQuestion, found: Found) -> bool:
        """Tell whether a choice keeps to it as it is.

        Parameters
        ----------
        question : SumQuestion
            Without the demand.
        found : Found
            The choice.

        Returns
        -------
        bool
            True where the demand changes nothing.
        """
        chosen = set(found.sites.tolist())
        longest = 0.0
        if np.isfinite(self.limit):
            longest = float(nearest_minutes(question, found.sites).max())
        return (
            chosen.issuperset(self.keep)
            and chosen.isdisjoint(self.close)
            and longest <= self.limit
            and (self.count is None or question.least == question.most == self.count)
        )


@dataclass(frozen=True, eq=False)
class Prices:
    """What each demand costs.

    Parameters
    ----------
    base : Found
        Best choice without any of the demands; value and bound a person.
    demands : tuple of Demand
        Each on its own, and last all together where there are several.
    found : tuple of Found or None
        Best choice with each; None where no choice keeps to it.
    reasons : tuple of str
        Why there is none; empty where there is one.
    sites : tuple of str
        Ids of all sites by position.
    """

    base: Found
    demands: tuple[Demand, ...]
    found: tuple[Found | None, ...]
    reasons: tuple[str, ...]
    sites: tuple[str, ...]

    @property
    def table(self) -> pd.DataFrame:
        """One row a demand.

        Columns ``demand``, ``offices`` (of the best choice with it), ``value_without``,
        ``value_with``, ``price`` (their difference, a person), ``price_least`` and ``price_most``
        (between these the true price lies; equal where both are proved), ``status`` and ``reason``.
        """
        return pd.DataFrame(
            [self._row(*row) for row in zip(self.demands, self.found, self.reasons, strict=True)]
        )

    def _row(self, demand: Demand, found: Found | None, reason: str) -> dict[str, object]:
        base = self.base
        row: dict[str, object] = {"demand": demand.name, "offices": ""}
        row["value_without"] = base.value
        if found is None:
            none = dict.fromkeys(("value_with", "price", "price_least", "price_most"), np.inf)
            return row | none | {"status": "infeasible", "reason": reason}
        both = base.status if found.status == "proved" else found.status
        return row | {
            "offices": ids_of(self.sites, found.sites),
            "value_with": found.value,
            "price": found.value - base.value,
            "price_least": sure_bound(found) - base.value,
            "price_most": found.value - sure_bound(base),
            "status": both,
            "reason": reason,
        }


def prices(
    question: SumQuestion,
    demands: Sequence[Demand],
    watch: Watch,
    *,
    sites: Sequence[str] | None = None,
) -> Prices:
    """Price each demand: the least mean with it less the least mean without any.

    "Keeping Arna open costs 0.4 minutes on average" is the row of that demand. Prices do not add
    up: all demands together have a row of their own.

    Parameters
    ----------
    question : SumQuestion
        Without the demands.
    demands : sequence of Demand
        At least one.
    watch : Watch
        For all steps together.
    sites : sequence of str, optional
        Ids by position, for the table.

    Returns
    -------
    Prices
        Values a person: sums divided by all the weight, in minutes where minutes are summed.

    Raises
    ------
    InputError
        If a demand is about unknown sites, or two contradict each other in their numbers of sites.
    InfeasibleError
        If there is no choice even without the demands.
    """
    people = float(question.weights.sum())
    faults = [] if people > 0 else [Fault("prices", "weights", "nobody has any weight.")]
    if not demands:
        faults.append(Fault("prices", "demands", "there are none.", "Give at least one."))
    raise_faults(faults)
    raise_faults(
        Fault("prices", demand.name, f"there is no site {site}.", "Give positions of sites.")
        for demand in demands
        for site in (*demand.keep, *demand.close)
        if not 0 <= site < question.sites
    )
    ids = site_ids(question, sites)
    base = solve_sum(question, unheard(watch))
    step = time_after(base, unheard(watch))
    asked = (*demands, _together(demands)) if len(demands) > 1 else tuple(demands)
    found: list[Found | None] = []
    reasons = []
    for number, demand in enumerate(asked, 1):
        answer, reason = _answer(question, demand, base, step)
        step = step if answer is None else time_after(answer, step)
        found.append(answer)
        reasons.append(reason)
        told = f"prices: {number} of {len(asked)}"
        watch.tell(Gap(told, base.value / people, base.bound / people, watch.seconds))
    means = tuple(None if answer is None else a_person(answer, people) for answer in found)
    return Prices(a_person(base, people), asked, means, tuple(reasons), ids)


def _answer(
    question: SumQuestion, demand: Demand, base: Found, watch: Watch
) -> tuple[Found | None, str]:
    if base.status == "proved" and demand.kept_by(question, base):
        return base, ""
    try:
        return solve_sum(demand.on(question), watch), ""
    except (InfeasibleError, InputError) as none:  # demands may contradict each other or the rules
        return None, str(none)


def _together(demands: Sequence[Demand]) -> Demand:
    counts = {demand.count for demand in demands if demand.count is not None}
    if len(counts) > 1:
        given = f"they ask for {' and '.join(map(str, sorted(counts)))} sites."
        raise_faults([Fault("prices", "demands", given, "Price them one by one.")])
    return Demand(
        TOGETHER,
        keep=tuple(sorted({site for demand in demands for site in demand.keep})),
        close=tuple(sorted({site for demand in demands for site in demand.close})),
        limit=min(demand.limit for demand in demands),
        count=counts.pop() if counts else None,
    )
