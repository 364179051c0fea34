"""The vertex p-centre: the choice of sites whose longest time is the shortest, with its proof."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from navplan.errors import InfeasibleError
from navplan.locate.array_types import Bools, Floats, Ints
from navplan.locate.checks import Sites, check_minutes, check_sites, counted
from navplan.locate.found import Found
from navplan.locate.median.rows import nearest_two
from navplan.locate.setcover import Cover, find_cover
from navplan.locate.watch import Gap, Status, Watch

Minutes = npt.NDArray[np.float32] | npt.NDArray[np.float64]

# Clients added to the rows after each look at all of them.
_ROWS_MORE: Final = 8


@dataclass(frozen=True, eq=False)
class CentreQuestion:
    """Which sites make the longest time the shortest: the vertex p-centre.

    Parameters
    ----------
    minutes : array (clients × sites)
        Times, at least 0; inf where there is no time [min].
    count : int
        How many sites are chosen.
    fixed, barred : array of bool (sites), optional
        Sites that must be chosen, and sites that may not.
    without : {"refuse", "leave out"}
        What is done with clients that have no time to any allowed site.

    Raises
    ------
    InputError
        If the times are NaN or negative, or sites and count do not fit together.

    Notes
    -----
    Everybody counts alike however many people they are: for the people, ask for the mean, or for
    the worst first and then the mean (`navplan.locate.lexicographic`).
    """

    minutes: Minutes
    count: int
    fixed: Bools | None = None
    barred: Bools | None = None
    without: Literal["refuse", "leave out"] = "refuse"
    sites: Sites = field(init=False, repr=False)

    def __post_init__(self) -> None:
        check_minutes("centre", self.minutes)
        sites = check_sites(
            "centre", self.minutes.shape[1], self.count, self.count, self.fixed, self.barred
        )
        object.__setattr__(self, "sites", sites)

    def value(self, sites: npt.ArrayLike) -> float:
        """Longest time to the nearest of some sites.

        Parameters
        ----------
        sites : array of int
            Positions of the sites.

        Returns
        -------
        float
            In minutes; inf where a client that counts reaches none of them.
        """
        least = _nearest(self.minutes, np.asarray(sites, dtype=np.intp))
        if self.without == "leave out":
            least = least[np.isfinite(_nearest(self.minutes, self.sites.allowed))]
        return float(least.max(initial=0.0))


def solve_centre(question: CentreQuestion, watch: Watch) -> Found:
    """Solve a vertex p-centre exactly.

    The radius is one of the times. Whether some sites reach everybody within a radius is a set
    covering problem over a few clients; those left beyond are added until none is (row
    generation), and the radius is halved over the times that are left.

    Parameters
    ----------
    question : CentreQuestion
        What is asked.
    watch : Watch
        Its limit, who is told, and the seed.

    Returns
    -------
    Found
        Value and bound in minutes, both of them times of the matrix when proved.

    Raises
    ------
    InfeasibleError
        If a client has no time to any allowed site and is not left out, or no choice of so many
        sites reaches everybody.

    Notes
    -----
    E. Minieka, "The m-center problem", SIAM Review 12 (1970), doi:10.1137/1012016, reduced it to
    set covering; D. Chen and R. Chen, "New relaxation-based algorithms for the optimal solution
    of the continuous and discrete p-center problems", Computers & Operations Research 36 (2009),
    doi:10.1016/j.cor.2008.03.009, add clients as they are needed.
    """
    return _Search(question, watch).run()


class _Search:
    """State of one search: the clients looked at, the best choice and the proved radius."""

    def __init__(self, question: CentreQuestion, watch: Watch) -> None:
        self.watch = watch
        self.sites = question.sites
        self.minutes = question.minutes
        self.nodes = 0
        near = _nearest(self.minutes, self.sites.allowed)
        unreached = ~np.isfinite(near)
        if unreached.any():
            if question.without == "refuse":
                lost = int(unreached.sum())
                have = "has" if lost == 1 else "have"
                raise InfeasibleError(
                    f"{lost:,} of {counted(len(near), 'place')} {have} no time to any allowed "
                    "site: leave out those that have none, or allow a site that they reach."
                )
            self.minutes = self.minutes[~unreached]
            near = near[~unreached]
        self.free = self.sites.free
        self.count = question.count
        self.left = question.count - len(self.sites.fixed)
        self.fixed_reach = _nearest(self.minutes, self.sites.fixed)
        self.bound = float(near.max(initial=0.0))
        self.value = float("inf")
        self.chosen = self.sites.fixed
        self.rows: list[int] = []
        self._start(near)

    def run(self) -> Found:
        """Halve the radii between bound and value until none is left."""
        status: Status = "proved"
        try:
            while self.bound < self.value:
                self.watch.tell(
                    Gap("radius", self.value, self.bound, self.watch.seconds, self.nodes)
                )
                radius = self._next_radius()
                if radius is None:
                    self.bound = self.value
                    break
                stopped = self._try(radius)
                if stopped is not None:
                    status = stopped
                    break
        except KeyboardInterrupt:
            status = "interrupted"
        if status == "proved" and not np.isfinite(self.value):
            raise InfeasibleError(
                f"No choice of {counted(self.count, 'site')} reaches everybody: "
                "choose more, or leave out those who are hard to reach."
            )
        return Found(
            np.sort(self.chosen),
            self.value,
            min(self.bound, self.value),
            status,
            self.watch.seconds,
            self.watch.seed,
            self.nodes,
        )

    def _next_radius(self) -> float | None:
        """Middle of the times of the rows between bound and value; None where there is none."""
        times = np.unique(self._times())
        times = times[(times >= self.bound) & (times < self.value)]
        # Half of the largest are seldom of use: a bound close to the value is what costs.
        return float(times[(len(times) - 1) // 2]) if len(times) else None

    def _times(self) -> Floats:
        rows = np.array(self.rows, dtype=np.intp)
        return np.column_stack(
            [self.minutes[np.ix_(rows, self.free)], self.fixed_reach[rows]]
        ).astype(np.float64)

    def _try(self, radius: float) -> Status | None:
        """Find out whether everybody is reached within a radius; the reason where it is not."""
        times = self._times()
        within = times <= radius
        needed = ~within[:, -1]  # the fixed sites do not reach them
        self.nodes += 1
        cover = find_cover(within[needed, :-1], self.left, self.watch, fewest=False, step="radius")
        if cover.status == "infeasible":
            beyond = times[times > radius]
            self.bound = min(self.value, float(beyond.min(initial=np.inf)))
            if not np.isfinite(self.bound):
                self.bound = self.value = np.inf
            return None
        if cover.chosen is None:
            return "interrupted" if cover.status == "interrupted" else "time limit"
        self._take(cover, radius)
        return None

    def _take(self, cover: Cover, radius: float) -> None:
        """Keep a choice where it is better, and add the clients that it leaves beyond."""
        assert cover.chosen is not None
        chosen = np.concatenate([self.sites.fixed, self.free[cover.chosen]])
        reach = _nearest(self.minutes, chosen)
        spare = np.setdiff1d(self.free, chosen)
        while len(chosen) < self.count:
            far = int(np.argmax(reach))
            site = spare[np.argmin(self.minutes[far, spare])]
            chosen, spare = np.append(chosen, site), spare[spare != site]
            reach = np.minimum(reach, self.minutes[:, site])
        self._keep(chosen, float(reach.max(initial=0.0)))
        for _ in range(_ROWS_MORE):
            far = int(np.argmax(reach))
            if reach[far] <= radius:
                break
            self.rows.append(far)
            site = self.free[np.argmin(self.minutes[far, self.free])]
            reach = np.where(self.minutes[:, site] <= radius, 0, reach)
            reach[far] = 0

    def _keep(self, chosen: Ints, value: float) -> None:
        if value < self.value or len(chosen) > len(self.chosen):
            self.value, self.chosen = value, chosen

    def _start(self, near: Floats) -> None:
        """Choose greedily, always the nearest site of the farthest client; those are the rows."""
        reach = self.fixed_reach.astype(np.float64)
        chosen = self.sites.fixed
        if len(reach):
            self.rows.append(int(np.argmax(near)))
        while len(chosen) < self.count:
            spare = np.setdiff1d(self.free, chosen)
            if len(reach) == 0:
                chosen = np.append(chosen, spare[0])
                continue
            far = int(np.argmax(reach))
            self.rows.append(far)
            site = spare[np.argmin(self.minutes[far, spare])]
            chosen = np.append(chosen, site)
            reach = np.minimum(reach, self.minutes[:, site])
        if len(reach):
            self.rows.append(int(np.argmax(reach)))
        self.rows = list(dict.fromkeys(self.rows))
        self._keep(chosen, float(reach.max(initial=0.0)))


def _nearest(minutes: Minutes, sites: Ints) -> Floats:
    """Least time to some sites; inf where there are none."""
    return nearest_two(minutes, sites, np.inf)[1]
