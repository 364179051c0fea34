"""Pareto fronts over divisions of whole areas: sums and the longest way, exactly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Self

import numpy as np

from navplan.errors import Fault, InfeasibleError, raise_faults
from navplan.locate.array_types import Floats, Ints
from navplan.locate.found import NotFoundError
from navplan.locate.front import Front
from navplan.locate.front_search import FrontSearch
from navplan.locate.listing import Listed
from navplan.locate.tables import ids_of
from navplan.locate.watch import Status, Watch
from navplan.locate.whole_areas import AreaQuestion, allocation_of, check_areas
from navplan.locate.whole_areas_listing import list_divisions
from navplan.locate.whole_areas_program import AreaProgram
from navplan.locate.whole_areas_search import AreaSearch, LeastCost

_TWO = 2


def area_front(
    question: AreaQuestion,
    sums: Mapping[str, Floats],
    watch: Watch,
    *,
    longest: Floats | None = None,
    worst: str = "worst_minutes",
) -> Front:
    """Front of one or two sums, and of the longest way where it is asked for.

    The longest way falls step by step: the sums are minimised with only such areas at a site as
    have no way as long as the longest so far, until no division is left. Two sums are searched as
    `front_search.sum_front` does, with `list_divisions` in the triangles.

    Parameters
    ----------
    question : AreaQuestion
        The rules; of its costs only which are finite matters.
    sums : mapping of str to array (areas × sites)
        Name → cost of each area at each site, finite where the question's is: one or two.
    watch : Watch
        For all steps together. An interrupt keeps what was found, if anything.
    longest : array (areas × sites), optional
        Longest way of anybody in an area to a site [min].
    worst : str
        Name of the longest way in the tables.

    Returns
    -------
    Front
        Rising in the first objective; the longest way comes last. Its choices are the site of each
        area.

    Raises
    ------
    InputError
        If there are more than two sums, one objective only, or shapes do not fit.
    InfeasibleError
        If no division keeps to the rules.
    NotFoundError
        If none was found in the time allowed.
    """
    arrays = dict(sums) if longest is None else {**sums, worst: longest}
    faults = [
        Fault("front", name, f"shape {np.shape(array)}; expected {question.cost.shape}.")
        for name, array in arrays.items()
        if np.shape(array) != question.cost.shape
    ]
    if len(sums) not in (1, _TWO) or len(arrays) < _TWO:
        given = f"{len(sums)} sums; expected two, or one or two with the longest way."
        faults.append(Fault("front", "sums", given))
    raise_faults(faults)
    raise_faults(
        Fault("front", name, "a number is negative, or missing where an area may belong to a site.")
        for name, array in arrays.items()
        if not (np.isfinite(array) & (array >= 0))[question.allowed].all()
    )
    among = _DivisionChoices(question, list(sums.values()), longest)
    search = FrontSearch(among, watch)
    search.until_interrupted(search.add_front if longest is None else search.add_by_radius)
    choices, values = search.undominated()
    return Front(
        tuple(arrays),
        values,
        tuple(ids_of(question.sites, np.unique(choice)) for choice in choices),
        tuple(choices),
        search.status,
        tuple(allocation_of(question, choice) for choice in choices),
    )


class _DivisionChoices:
    """Divisions up to a longest way, as `FrontSearch` takes them."""

    def __init__(self, question: AreaQuestion, costs: list[Floats], longest: Floats | None) -> None:
        self._costs, self._longest, self._limit = costs, longest, float("inf")
        self._rules = AreaProgram(question)

    @property
    def sums(self) -> int:
        return len(self._costs)

    @property
    def limit(self) -> float:
        return self._limit

    def below(self, worst: float) -> Self:
        assert self._longest is not None
        self._limit = float(np.nextafter(worst, -np.inf))
        near = self._longest <= self._limit
        before = self._rules.question
        self._rules.narrow(replace(before, cost=np.where(near, before.cost, np.inf)))
        return self

    def values(self, choice: Ints) -> Floats:
        areas = np.arange(len(choice))
        values = [float(cost[areas, choice].sum()) for cost in self._costs]
        if self._longest is not None:
            values.append(float(self._longest[areas, choice].max()))
        return np.array(values)

    def least(self, weights: Floats, watch: Watch) -> tuple[Ints, Status]:
        question = self._weighted(weights)
        check_areas(question)
        search = AreaSearch(self._rules, LeastCost(question.cost), watch)
        status = search.run()
        if search.best is None:
            if status == "proved":
                raise InfeasibleError("No division of the areas keeps to every rule.")
            raise NotFoundError.of("division of the areas")
        return search.best, status

    def within(self, weights: Floats, level: float, watch: Watch) -> Listed:
        listed = list_divisions(self._weighted(weights), level, watch)
        return Listed(list(listed.assigned), listed.status)

    def _weighted(self, weights: Floats) -> AreaQuestion:
        question = self._rules.question
        allowed = question.allowed
        cost = np.full(allowed.shape, np.inf)
        cost[allowed] = sum(w * c[allowed] for w, c in zip(weights, self._costs, strict=True))
        return replace(question, cost=cost)
