"""Searching Pareto fronts of sums and of the longest way, exactly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from navplan.errors import Fault, InfeasibleError, raise_faults
from navplan.locate.array_types import Floats, Ints
from navplan.locate.blend import blend, check_alike
from navplan.locate.front import Front, SumAim, undominated
from navplan.locate.listing import list_within
from navplan.locate.median import SumQuestion, solve_sum
from navplan.locate.steps import nearest_minutes, unheard
from navplan.locate.tables import ids_of, site_ids
from navplan.locate.watch import PROVED_GAP, Gap, Status, Watch

# Two sums of the same times differ by less than this share; a real step is larger.
_BELOW = 2 * PROVED_GAP


def sum_front(
    one: SumAim, other: SumAim, watch: Watch, *, sites: Sequence[str] | None = None
) -> Front:
    """Front of two sums, for example minutes by car against minutes by transit.

    First the corners of its hull: the least weighted sum between two neighbours, until none lies
    below their chord. Then what lies in the triangles above the chords, which no weighted sum
    finds: every choice whose weighted sum is no more than that of the triangle's far corner is
    listed. This is the two-phase method of Ulungu and Teghem.

    Parameters
    ----------
    one, other : SumAim
        The two objectives.
    watch : Watch
        For all steps together.
    sites : sequence of str, optional
        Ids by position, for the tables.

    Returns
    -------
    Front
        Rising in the first objective.

    Raises
    ------
    InputError
        If the two are not about the same choices.
    InfeasibleError
        If no choice serves everybody who must be served.
    """
    check_alike("front", [one.question, other.question])
    ids = site_ids(one.question, sites)
    search = FrontSearch([one, other], watch)
    search.until_interrupted(partial(search.add_front, [one.question, other.question]))
    return search.front(ids, [one.name, other.name])


def worst_front(
    aims: Sequence[SumAim],
    watch: Watch,
    *,
    sites: Sequence[str] | None = None,
    worst: str = "worst_minutes",
) -> Front:
    """Front of one or two sums against the longest way.

    The sums are minimised with a limit for the longest way just below the longest found so far,
    until no choice keeps to it: then the least possible longest way (p-centre) has been passed.

    Parameters
    ----------
    aims : sequence of SumAim
        One or two sums. The longest way is that of the first one's clients; every client counts,
        so leave out places without people.
    watch : Watch
        For all steps together.
    sites : sequence of str, optional
        Ids by position, for the tables.
    worst : str
        Name of the longest way in the tables.

    Returns
    -------
    Front
        Rising in the first objective; the longest way comes last.

    Raises
    ------
    InputError
        If there are more than two sums, they are not about the same choices, or somebody need not
        have a time, so that no way is the longest.
    InfeasibleError
        If no choice serves everybody.
    """
    check_alike("front", [aim.question for aim in aims])
    if len(aims) > 2:  # noqa: PLR2004 - as said above
        given = f"{len(aims)} sums; expected one or two."
        raise_faults([Fault("front", "aims", given)])
    if np.isfinite(aims[0].question.without):
        given = "somebody may be left without a time, so no way is the longest."
        remedy = "Leave out those without a time, and let without be inf."
        raise_faults([Fault("front", "without", given, remedy)])
    ids = site_ids(aims[0].question, sites)
    search = FrontSearch(aims, watch, longest=True)
    search.until_interrupted(search.add_by_radius)
    return search.front(ids, [*(aim.name for aim in aims), worst])


@dataclass(frozen=True, eq=False)
class Point:
    """A choice and its sums; last the longest way, where it is an objective."""

    sites: Ints
    values: Floats


class FrontSearch:
    """Every choice that was evaluated, and whether anything stopped the search.

    Parameters
    ----------
    aims : sequence of SumAim
        One or two.
    watch : Watch
        For all steps together.
    longest : bool
        Whether the longest way is an objective too.
    """

    def __init__(self, aims: Sequence[SumAim], watch: Watch, *, longest: bool = False) -> None:
        self.aims, self.watch, self.longest = aims, watch, longest
        self.points: dict[bytes, Point] = {}
        self.status: Status = "proved"

    def front(self, ids: tuple[str, ...], names: Sequence[str]) -> Front:
        """Give the front of what was found.

        Parameters
        ----------
        ids : tuple of str
            Ids of all sites by position.
        names : sequence of str
            Of the objectives.

        Returns
        -------
        Front
            In the objectives' units.
        """
        points = list(self.points.values())
        values = np.array([point.values for point in points])
        kept = undominated(values)
        shown = values[kept]
        for column, aim in enumerate(self.aims):
            shown[:, column] = [aim.in_unit(total) for total in shown[:, column].tolist()]
        choices = tuple(points[row].sites for row in kept)
        offices = tuple(ids_of(ids, sites) for sites in choices)
        return Front(tuple(names), shown, offices, choices, self.status)

    def until_interrupted(self, step: Callable[[], None]) -> None:
        """Run a step; an interrupt keeps what was found, if anything.

        Parameters
        ----------
        step : callable
            Adds points.
        """
        try:
            step()
        except KeyboardInterrupt:
            if not self.points:
                raise
            self.status = "interrupted"

    def add_by_radius(self) -> None:
        """Add the fronts of the sums under ever shorter limits of the longest way."""
        base = [aim.question for aim in self.aims]
        timed_alike = [q.minutes is base[0].minutes and q.limit == base[0].limit for q in base]
        limit = base[0].limit
        while self.status == "proved":
            under = [
                replace(question, limit=limit) if alike else question
                for question, alike in zip(base, timed_alike, strict=True)
            ]
            try:
                self.add_front(under)
            except InfeasibleError:
                if not self.points:
                    raise
                return
            if not self.points:
                return
            worst = self._longest_on_front(limit)
            if worst == 0:
                return
            # Just below in the precision of the minutes, or the limit would round back to it.
            limit = float(np.nextafter(base[0].minutes.dtype.type(worst), -np.inf))

    def _longest_on_front(self, limit: float) -> float:
        """Longest way of any choice on the front of the sums under a limit."""
        values = np.array([point.values for point in self.points.values()])
        values = values[values[:, -1] <= limit]
        sums = values[:, :-1]
        best = undominated(sums) if sums.shape[1] > 1 else [int(sums[:, 0].argmin())]
        return float(values[best, -1].max())

    def add_front(self, questions: Sequence[SumQuestion]) -> None:
        """Add the front of one or two sums; with one sum its least.

        Parameters
        ----------
        questions : sequence of SumQuestion
            Those of the aims, perhaps under a shorter limit.
        """
        if len(questions) == 1:
            self._least(questions, np.ones(1))
            return
        for one, other in self.add_hull(questions):
            self._fill(questions, one, other)

    def add_hull(self, questions: Sequence[SumQuestion]) -> list[tuple[Point, Point]]:
        """Add the corners of the hull of two sums.

        Parameters
        ----------
        questions : sequence of SumQuestion
            Those of the two aims, perhaps under a shorter limit.

        Returns
        -------
        list of (Point, Point)
            Neighbours on the hull, from the first sum's least to the second's.
        """
        ends = (
            self._least(questions, np.array([1.0, 0.0])),
            self._least(questions, np.array([0.0, 1.0])),
        )
        pairs, chords = [ends], []
        while pairs and self.status == "proved":
            one, other = pairs.pop()
            if not _apart(one.values, other.values):
                continue
            weights = normal(one.values, other.values)
            between = self._least(questions, weights)
            chord = float(weights @ one.values[:2])
            if float(weights @ between.values[:2]) < chord * (1 - _BELOW):
                pairs += [(between, other), (one, between)]
            else:
                chords.append((one, other))
        return chords

    def best_of_both(self) -> Point:
        """Give the choice that is best in both sums, where there is one."""
        points = list(self.points.values())
        return points[int(undominated(np.array([point.values for point in points]))[0])]

    def _least(self, questions: Sequence[SumQuestion], weights: Floats) -> Point:
        found = solve_sum(blend(questions, weights.tolist()), unheard(self.watch))
        self._stop(found.status)
        return self._add(found.sites)

    def _fill(self, questions: Sequence[SumQuestion], one: Point, other: Point) -> None:
        """Add what lies in the triangle above the chord of two neighbours on the hull."""
        weights = normal(one.values, other.values)
        chord = float(weights @ one.values[:2])
        # Few lie near the chord; what they are pulls the corners in before the rest is listed.
        for part in (0.25, 1.0):
            level = chord + part * (self._corner(one, other, weights) - chord)
            listed = list_within(blend(questions, weights.tolist()), level, self.watch)
            for sites in listed.choices:
                self._add(sites)
            self._stop(listed.status)
            if listed.status != "proved" or self._corner(one, other, weights) <= level:
                return

    def _corner(self, one: Point, other: Point, weights: Floats) -> float:
        """Largest weighted sum that a choice not yet seen in the triangle may have."""
        values = np.array([point.values[:2] for point in self.points.values()])
        inside = (values >= [one.values[0], other.values[1]]).all(axis=1)
        inside &= (values <= [other.values[0], one.values[1]]).all(axis=1)
        steps = values[inside][undominated(values[inside])]
        # Between two neighbours on the staircase: the first sum of the later, second of the former.
        corners = np.column_stack([steps[1:, 0], steps[:-1, 1]]) @ weights
        return float(corners.max(initial=-np.inf))

    def _add(self, sites: Ints) -> Point:
        key = sites.astype(np.intp).tobytes()
        if key in self.points:
            return self.points[key]
        values = [aim.question.value(sites) for aim in self.aims]
        if self.longest:
            values.append(float(nearest_minutes(self.aims[0].question, sites).max()))
        point = Point(sites, np.array(values))
        if np.isfinite(point.values).all():
            self.points[key] = point
            self._tell()
        return point

    def _tell(self) -> None:
        step = f"front: {len(self.points)} choices"
        self.watch.tell(Gap(step, float("inf"), -float("inf"), self.watch.seconds))

    def _stop(self, status: Status) -> None:
        if status != "proved":
            self.status = status


def normal(one: Floats, other: Floats) -> Floats:
    """Weights under which two points are worth the same, and each is worth about 1.

    Parameters
    ----------
    one, other : array
        Their values; the first two are looked at.

    Returns
    -------
    array, shape (2,)
        Both above 0 where each point is better in one sum.
    """
    weights = np.array([one[1] - other[1], other[0] - one[0]])
    scaled: Floats = weights / float(weights @ np.maximum(np.abs(one[:2]), np.abs(other[:2])))
    return scaled


def _apart(one: Floats, other: Floats) -> bool:
    """Tell whether the second point is worse in the first sum and better in the second."""
    slack = _BELOW * np.maximum(np.abs(one[:2]), np.abs(other[:2]))
    return bool(other[0] - one[0] > slack[0] and one[1] - other[1] > slack[1])
