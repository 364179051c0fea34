"""Whole areas under several outlooks: the division that is never far from the best of any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from navplan.errors import Fault, raise_faults
from navplan.locate.array_types import Floats, Ints
from navplan.locate.found import Found
from navplan.locate.outlooks import Regret
from navplan.locate.program import Program
from navplan.locate.steps import a_person, sure_bound, time_after, unheard
from navplan.locate.watch import Status, Watch
from navplan.locate.whole_areas import AreaQuestion, check_areas
from navplan.locate.whole_areas_program import AreaProgram, Row
from navplan.locate.whole_areas_search import AreaSearch, LeastCost

# HiGHS keeps rows to 1e-6: means are written in a unit in which they are about so large, and the
# regret is then exact to far less than `PROVED_GAP` of them.
_SCALED: Final = 1e5
_DROPPED: Final = 1e-9  # smaller coefficients than HiGHS takes; 1e-14 of a mean


@dataclass(frozen=True, eq=False)
class AreaOutlook:
    """One way the future may be.

    Parameters
    ----------
    name : str
        For the tables.
    question : AreaQuestion
        Costs and sizes of the outlook. The other rules are those of the other outlooks.
    people : float
        Everybody in it, by whom its costs are divided [persons].
    """

    name: str
    question: AreaQuestion
    people: float


def in_common(where: str, questions: Sequence[AreaQuestion]) -> list[AreaQuestion]:
    """Keep the divisions that are allowed in every question.

    Parameters
    ----------
    where : str
        Who asks, for the faults.
    questions : sequence of AreaQuestion
        At least one.

    Returns
    -------
    list of AreaQuestion
        The same, with no cost where any of them has none.

    Raises
    ------
    InputError
        If they are not about the same areas, sites and rules.
    """
    first = questions[0]
    same = ("count", "contiguous", "inside", "neighbours", "share", "apart", "any_of")
    arrays = ("site_area", "fixed", "barred", "regions")
    faults = []
    for number, other in enumerate(questions[1:], 2):
        if other.cost.shape != first.cost.shape:
            faults.append(Fault(where, "areas", f"question {number} has other areas or sites."))
            continue
        differ = [name for name in same if getattr(other, name) != getattr(first, name)]
        differ += [
            name
            for name in arrays
            if not np.array_equal(getattr(other, name), getattr(first, name))
        ]
        faults += [Fault(where, name, f"question {number} has another one.") for name in differ]
    raise_faults(faults)
    allowed = np.all([np.isfinite(question.cost) for question in questions], axis=0)
    return [replace(q, cost=np.where(allowed, q.cost, np.inf)) for q in questions]


def solve_area_regret(outlooks: Sequence[AreaOutlook], watch: Watch) -> Regret:
    """Divide whole areas so that the largest regret of any outlook is least, with its proof.

    The regret of a division in an outlook is its value less that of the outlook's best, a person
    (Savage's criterion [1]_). It is one column of the program, no less than the regret in any
    outlook. Only divisions that keep to the rules in every outlook compete.

    Parameters
    ----------
    outlooks : sequence of AreaOutlook
        At least one; they may differ in costs, people and sizes.
    watch : Watch
        For all steps together.

    Returns
    -------
    Regret
        With ``found.assigned``, the site of each area; ``found.status`` is ``proved`` only where
        every outlook's best is proved too. Otherwise ``found.value`` is no less, and
        ``found.bound`` no more, than the true least regret.

    Raises
    ------
    InputError
        If the outlooks are not about the same divisions, or nobody lives in one.
    InfeasibleError
        If no division keeps to the rules in every outlook.
    NotFoundError
        If none was found in the time allowed.

    References
    ----------
    .. [1] L. J. Savage, "The theory of statistical decision", JASA 46 (1951),
       doi:10.1080/01621459.1951.10500768
    """
    if not outlooks:
        raise_faults([Fault("outlooks", "outlooks", "there are none.", "Give at least one.")])
    raise_faults(
        Fault("outlooks", outlook.name, "nobody lives in it.", "Check the outlook.")
        for outlook in outlooks
        if not 0 < outlook.people < np.inf
    )
    questions = in_common("outlooks", [outlook.question for outlook in outlooks])
    for question in questions:
        check_areas(question)
    rules = AreaProgram(questions[0], questions)
    step, best = unheard(watch), []
    for outlook, question in zip(outlooks, questions, strict=True):
        found = AreaSearch(rules, LeastCost(question.cost), step).found()
        step = time_after(found, step)
        best.append(a_person(found, outlook.people))
    means = [q.cost / outlook.people for q, outlook in zip(questions, outlooks, strict=True)]
    aim = LeastRegret(means, best)
    search = AreaSearch(rules, aim, replace(step, tell=watch.tell), step="regret")
    for found in best:
        search.offer(found.assigned)
    found = search.found()
    assert found.assigned is not None
    sums = [LeastCost(question.cost).value(found.assigned) for question in questions]
    values = np.array(sums) / [outlook.people for outlook in outlooks]
    return Regret(
        outlooks=tuple(outlook.name for outlook in outlooks),
        best=tuple(best),
        found=_sure(found, best, values),
        values=values,
        sites=questions[0].sites,
    )


def _sure(found: Found, best: Sequence[Found], values: Floats) -> Found:
    """Where a best is not proved, the regret is no surer than that."""
    status: Status = next((f.status for f in best if f.status != "proved"), found.status)
    value = max(float((values - [sure_bound(f) for f in best]).max()), 0.0)
    bound = value if status == "proved" else min(found.bound, value)
    return replace(found, value=value, bound=bound, status=status)


class LeastRegret:
    """The largest regret of several outlooks, as the aim of an `AreaSearch`.

    Parameters
    ----------
    means : sequence of array (areas × sites)
        Costs of each outlook, a person.
    best : sequence of Found
        Best of each outlook, a person.
    """

    def __init__(self, means: Sequence[Floats], best: Sequence[Found]) -> None:
        self._means = means
        self._best = np.array([found.value for found in best])
        self.size = float(self._best.max())
        self.guide: Floats = np.max(means, axis=0)
        # A power of two changes no digit.
        self._unit = 2.0 ** np.floor(np.log2(_SCALED / self.size)) if self.size > 0 else 1.0

    def value(self, assigned: Ints) -> float:
        """Give the largest regret of a division.

        Parameters
        ----------
        assigned : array of int (areas)
            Position of each area's site.

        Returns
        -------
        float
            A person; never below 0.
        """
        areas = np.arange(len(assigned))
        values = [float(mean[areas, assigned].sum()) for mean in self._means]
        return max(float((values - self._best).max()), 0.0)

    def program(self, rules: AreaProgram) -> Program:
        """Write the program: least r with r ≥ value − best in every outlook.

        Parameters
        ----------
        rules : AreaProgram
            Which divisions there are.

        Returns
        -------
        Program
            Its last column is r, in the scaled unit.
        """
        pairs = np.arange(len(rules.areas))
        columns = np.append(pairs, rules.first_beyond)
        rows: list[Row] = []
        for mean, best in zip(self._means, self._best.tolist(), strict=True):
            weights = mean[rules.areas, rules.sites] * self._unit
            weights[weights < _DROPPED] = 0.0
            rows.append((columns, np.append(weights, -1.0), -np.inf, best * self._unit))
        return rules.program(np.append(np.zeros(len(pairs)), 1 / self._unit), rows)

    def columns_of(self, rules: AreaProgram, assigned: Ints) -> Floats:
        """Write a division as a solution, with its regret.

        Parameters
        ----------
        rules : AreaProgram
            Which divisions there are.
        assigned : array of int (areas)
            One of them.

        Returns
        -------
        array
            The columns of `program`.
        """
        return np.append(rules.columns_of(assigned), self.value(assigned) * self._unit)
