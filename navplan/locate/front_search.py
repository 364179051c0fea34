"""Searching Pareto fronts of sums and of the longest way, exactly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from navplan.errors import Fault, InfeasibleError, raise_faults
from navplan.locate.array_types import Floats, Ints
from navplan.locate.blend import check_alike
from navplan.locate.found import NotFoundError
from navplan.locate.front import Front, SumAim, undominated
from navplan.locate.front_choices import Choosing, SumChoices
from navplan.locate.steps import unheard
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
    search = FrontSearch(SumChoices([one, other]), watch)
    search.until_interrupted(search.add_front)
    return _shown(search, [one, other], ids)


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
    search = FrontSearch(SumChoices(aims, longest=True), watch)
    search.until_interrupted(search.add_by_radius)
    return _shown(search, aims, ids, worst)


def _shown(search: FrontSearch, aims: Sequence[SumAim], ids: tuple[str, ...], *worst: str) -> Front:
    """Put what was found into the objectives' units."""
    choices, values = search.undominated()
    for column, aim in enumerate(aims):
        values[:, column] = [aim.in_unit(total) for total in values[:, column].tolist()]
    names = (*(aim.name for aim in aims), *worst)
    offices = tuple(ids_of(ids, sites) for sites in choices)
    return Front(names, values, offices, tuple(choices), search.status)


@dataclass(frozen=True, eq=False)
class Point:
    """A choice and its values."""

    choice: Ints
    values: Floats


class FrontSearch:
    """Every choice that was evaluated, and whether anything stopped the search.

    Parameters
    ----------
    among : Choosing
        What is searched among.
    watch : Watch
        For all steps together.
    """

    def __init__(self, among: Choosing, watch: Watch) -> None:
        self.among, self.watch = among, watch
        self.points: dict[bytes, Point] = {}
        self.status: Status = "proved"

    def undominated(self) -> tuple[list[Ints], Floats]:
        """Choices on the front of what was found, and their values.

        Returns
        -------
        tuple of (list of array of int, array)
            Rising in the first objective.
        """
        points = list(self.points.values())
        values = np.array([point.values for point in points])
        kept = undominated(values)
        return [points[row].choice for row in kept], values[kept]

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
        while self.status == "proved":
            try:
                self.add_front()
            except NotFoundError:
                if not self.points:
                    raise
                self._stop("time limit" if self.watch.over else "interrupted")
            except InfeasibleError:
                if not self.points:
                    raise
                return
            if not self.points:
                return
            worst = self._longest_on_front()
            if worst == 0:
                return
            self.among = self.among.below(worst)

    def _longest_on_front(self) -> float:
        """Longest way of any choice on the front of the sums under the limit."""
        values = np.array([point.values for point in self.points.values()])
        values = values[values[:, -1] <= self.among.limit]
        sums = values[:, :-1]
        best = undominated(sums) if sums.shape[1] > 1 else [int(sums[:, 0].argmin())]
        return float(values[best, -1].max())

    def add_front(self) -> None:
        """Add the front of one or two sums; with one sum its least."""
        if self.among.sums == 1:
            self._least(np.ones(1))
            return
        for one, other in self.add_hull():
            self._fill(one, other)

    def add_hull(self) -> list[tuple[Point, Point]]:
        """Add the corners of the hull of two sums.

        Returns
        -------
        list of (Point, Point)
            Neighbours on the hull, from the first sum's least to the second's.
        """
        ends = (
            self._least(np.array([1.0, 0.0])),
            self._least(np.array([0.0, 1.0])),
        )
        pairs, chords = [ends], []
        while pairs and self.status == "proved":
            one, other = pairs.pop()
            if not _apart(one.values, other.values):
                continue
            weights = normal(one.values, other.values)
            between = self._least(weights)
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

    def _least(self, weights: Floats) -> Point:
        choice, status = self.among.least(weights, unheard(self.watch))
        self._stop(status)
        return self._add(choice)

    def _fill(self, one: Point, other: Point) -> None:
        """Add what lies in the triangle above the chord of two neighbours on the hull."""
        weights = normal(one.values, other.values)
        chord = float(weights @ one.values[:2])
        # Few lie near the chord; what they are pulls the corners in before the rest is listed.
        for part in (0.25, 1.0):
            level = chord + part * (self._corner(one, other, weights) - chord)
            listed = self.among.within(weights, level, self.watch)
            for choice in listed.choices:
                self._add(choice)
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

    def _add(self, choice: Ints) -> Point:
        key = choice.astype(np.intp).tobytes()
        if key in self.points:
            return self.points[key]
        point = Point(choice, self.among.values(choice))
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
