"""How the best choice changes with an assumption, and over which range it stays the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from navplan.errors import Fault, raise_faults
from navplan.locate.array_types import Floats, Ints
from navplan.locate.blend import check_alike
from navplan.locate.found import Found
from navplan.locate.front import SumAim
from navplan.locate.front_choices import SumChoices
from navplan.locate.front_search import FrontSearch, Point, normal
from navplan.locate.median import SumQuestion, solve_sum
from navplan.locate.steps import a_person, time_after, unheard
from navplan.locate.tables import ids_of, site_ids
from navplan.locate.watch import Gap, Status, Watch


@dataclass(frozen=True, eq=False)
class Stability:
    """Best choices under several values of an assumption.

    Parameters
    ----------
    parameters : tuple
        Values of the assumption, or names of cases, in the order given.
    found : tuple of Found
        Best choice under each; value and bound a person.
    base_sites : array of int
        The choice that is followed through all cases.
    base_values : array
        Its value under each, a person; inf where it leaves somebody without a time.
    sites : tuple of str
        Ids of all sites by position.
    """

    parameters: tuple[float | str, ...]
    found: tuple[Found, ...]
    base_sites: Ints
    base_values: Floats
    sites: tuple[str, ...]

    @property
    def table(self) -> pd.DataFrame:
        """One row a case.

        Columns ``parameter``, ``offices`` (of its best choice), ``value``, ``bound``, ``status``,
        ``base_value`` and ``base_more`` (how much worse than the best the base choice is).
        """
        values = np.array([found.value for found in self.found])
        return pd.DataFrame(
            {
                "parameter": list(self.parameters),
                "offices": [ids_of(self.sites, found.sites) for found in self.found],
                "value": values,
                "bound": [found.bound for found in self.found],
                "status": [found.status for found in self.found],
                "base_value": self.base_values,
                "base_more": self.base_values - values,
            }
        )

    @property
    def frequency(self) -> pd.Series[float]:
        """Share of the cases in whose best choice each site is [0–1], most frequent first."""
        counts = np.zeros(len(self.sites))
        for found in self.found:
            counts[found.sites] += 1
        share = pd.Series(counts / len(self.found), index=list(self.sites), name="share")
        return share[share > 0].sort_values(ascending=False, kind="stable")

    @property
    def runs(self) -> pd.DataFrame:
        """Neighbouring cases with the same best choice: ``first``, ``last``, ``offices``.

        What happens between two cases is not known; see `exact_ranges` where it can be.
        """
        table = self.table
        number = (table["offices"] != table["offices"].shift()).cumsum()
        runs = table.groupby(number).agg(
            first=("parameter", "first"), last=("parameter", "last"), offices=("offices", "first")
        )
        return runs.reset_index(drop=True)


@dataclass(frozen=True, eq=False)
class Ranges:
    """Best choice for every share between two questions.

    Parameters
    ----------
    choices : tuple of array of int
        Positions of the chosen sites, from the first question's best to the last's.
    ends : array, shape (choices + 1,)
        Shares of the last question at which the best choice changes, from 0 to 1.
    status : {"proved", "time limit", "interrupted", "count limit"}
        ``proved``: these are all changes.
    sites : tuple of str
        Ids of all sites by position.
    """

    choices: tuple[Ints, ...]
    ends: Floats
    status: Status
    sites: tuple[str, ...]

    @property
    def table(self) -> pd.DataFrame:
        """One row a choice: ``first`` and ``last`` share [0–1], ``offices``, ``status``."""
        return pd.DataFrame(
            {
                "first": self.ends[:-1],
                "last": self.ends[1:],
                "offices": [ids_of(self.sites, choice) for choice in self.choices],
                "status": self.status,
            }
        )


def stability(
    cases: Mapping[float, SumQuestion] | Mapping[str, SumQuestion],
    watch: Watch,
    *,
    base: Ints | None = None,
    sites: Sequence[str] | None = None,
) -> Stability:
    """Solve the question under every value of an assumption, and follow one choice through them.

    Use it for any assumption: a digital share, modes mixed in other parts, an outlook. Where the
    weights or costs change evenly from one end to the other `exact_ranges` leaves no gaps.

    Parameters
    ----------
    cases : mapping of float or str to SumQuestion
        Value of the assumption → question under it.
    watch : Watch
        For all cases together.
    base : array of int, optional
        Positions of the choice to follow; the first case's best unless given.
    sites : sequence of str, optional
        Ids by position, for the tables.

    Returns
    -------
    Stability
        Values a person: sums divided by all the weight of the case.

    Raises
    ------
    InputError
        If the cases are not about the same choices, or nobody lives in one.
    InfeasibleError
        If a case has no choice that serves everybody who must be served.
    """
    questions = list(cases.values())
    check_alike("stability", questions)
    people = [float(question.weights.sum()) for question in questions]
    raise_faults(
        Fault("stability", str(name), "nobody has any weight.", "Check the assumption.")
        for name, count in zip(cases, people, strict=True)
        if not count > 0
    )
    ids = site_ids(questions[0], sites)
    found, step = [], unheard(watch)
    for question, count in zip(questions, people, strict=True):
        best = solve_sum(question, step)
        step = time_after(best, step)
        found.append(a_person(best, count))
        told = f"stability: {len(found)} of {len(questions)}"
        watch.tell(Gap(told, found[-1].value, found[-1].bound, watch.seconds, best.nodes))
    followed = found[0].sites if base is None else np.sort(np.asarray(base, dtype=np.intp))
    values = [q.value(followed) / count for q, count in zip(questions, people, strict=True)]
    return Stability(tuple(cases), tuple(found), followed, np.array(values), ids)


def exact_ranges(
    first: SumQuestion, last: SumQuestion, watch: Watch, *, sites: Sequence[str] | None = None
) -> Ranges:
    """Find every share t at which the best choice of (1 − t) · first + t · last changes.

    The least of a sum that changes evenly is a concave broken line; its corners are found by
    solving at the crossing of two choices until nothing lies below [1]_. Use it where weights or
    costs change evenly, as with the digital share; minutes mixed within a client do not: use
    `stability`.

    Parameters
    ----------
    first, last : SumQuestion
        The question at shares 0 and 1.
    watch : Watch
        For all steps together.
    sites : sequence of str, optional
        Ids by position, for the tables.

    Returns
    -------
    Ranges
        From 0 to 1 without gaps.

    Raises
    ------
    InputError
        If the two are not about the same choices.
    InfeasibleError
        If no choice serves everybody who must be served in both.

    References
    ----------
    .. [1] Eisner, M. J., Severance, D. G. (1976). Mathematical techniques for efficient record
       segmentation in large shared databases. Journal of the ACM 23(4).
       https://doi.org/10.1145/321978.321982
    """
    check_alike("stability", [first, last])
    ids = site_ids(first, sites)
    ends = SumChoices([SumAim("first", first), SumAim("last", last)])
    search = FrontSearch(ends, watch)
    chords = search.add_hull()
    corners = _corners(chords) if chords else [search.best_of_both()]
    changes = [normal(one.values, other.values) for one, other in pairwise(corners)]
    shares = [float(weights[1] / weights.sum()) for weights in changes]
    choices = tuple(corner.choice for corner in corners)
    return Ranges(choices, np.array([0.0, *shares, 1.0]), search.status, ids)


def _corners(chords: Sequence[tuple[Point, Point]]) -> list[Point]:
    return [chords[0][0], *(other for _, other in chords)]
