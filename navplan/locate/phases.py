"""Several periods, one plan: which sites are open when, with what opening and closing costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from navplan.errors import Fault, raise_faults
from navplan.locate.array_types import Bools, Floats, Ints
from navplan.locate.median import SumQuestion
from navplan.locate.tables import ids_of
from navplan.locate.watch import PROVED_GAP, Status


@dataclass(frozen=True, eq=False)
class Period:
    """One period of a plan.

    Parameters
    ----------
    name : str
        For the tables, for example ``"2030"``.
    question : SumQuestion
        People and times of the period, with a fixed number of sites (``least == most``). Multiply
        its weights by the years it lasts, or by whatever else it counts for.
    """

    name: str
    question: SumQuestion


@dataclass(frozen=True, eq=False)
class PhaseQuestion:
    """Choose the sites of every period so that sums and changes together cost least.

    Minimises ``Σ_t value_t(S_t) + Σ_t (opening of S_t − S_{t−1}) + (closing of S_{t−1} − S_t)``.

    Parameters
    ----------
    periods : sequence of Period
        In order, over the same sites.
    existing : array of bool, shape (sites,), optional
        Sites open before the first period; none unless given.
    opening, closing : array, shape (sites,), optional
        Cost of each opening and closing, ≥ 0, in the unit of the sums; inf: never. 0 unless given.
    settled : bool
        No flip-flop: what has been opened stays open, and what has been closed stays closed.

    Raises
    ------
    InputError
        If the periods do not fit each other, or a number is negative or NaN.
    """

    periods: Sequence[Period]
    existing: Bools = field(default=None)  # type: ignore[arg-type]
    opening: Floats = field(default=None)  # type: ignore[arg-type]
    closing: Floats = field(default=None)  # type: ignore[arg-type]
    settled: bool = True

    def __post_init__(self) -> None:
        if not self.periods:
            raise_faults([Fault("phases", "periods", "there are none.", "Give at least one.")])
        sites = self.periods[0].question.sites
        for name in ("existing", "opening", "closing"):
            given = getattr(self, name)
            array = np.asarray(np.zeros(sites) if given is None else given)
            array = array.astype(np.bool_ if name == "existing" else np.float64)
            object.__setattr__(self, name, array)
        faults = [
            Fault("phases", name, f"{len(getattr(self, name))} numbers for {sites} sites.")
            for name in ("existing", "opening", "closing")
            if getattr(self, name).shape != (sites,)
        ]
        faults += [
            Fault("phases", name, "a cost is negative or missing.", "inf means never.")
            for name in ("opening", "closing")
            if not (getattr(self, name) >= 0).all()
        ]
        for period in self.periods:
            where = f"period {period.name}"
            if period.question.sites != sites:
                given = f"{period.question.sites} sites; the first period has {sites}."
                faults.append(Fault("phases", where, given))
            if period.question.least != period.question.most:
                given = "the number of sites is not fixed."
                faults.append(Fault("phases", where, given, "Let least and most be the same."))
        raise_faults(faults)

    @property
    def opening_limits(self) -> Floats:
        """Cost of opening each site; inf where it may not open (again)."""
        return np.where(self.existing, np.inf, self.opening) if self.settled else self.opening

    @property
    def closing_limits(self) -> Floats:
        """Cost of closing each site; inf where it may not close (again)."""
        return self.closing if not self.settled else np.where(self.existing, self.closing, np.inf)

    def changes(self, before: Bools, after: Bools) -> float:
        """Cost of what changes between two periods.

        Parameters
        ----------
        before, after : array of bool, shape (sites,)
            Open sites.

        Returns
        -------
        float
            In the unit of the sums; inf where the change is not allowed.
        """
        opened, closed = after & ~before, before & ~after
        return float(self.opening_limits[opened].sum() + self.closing_limits[closed].sum())

    def value(self, choices: Sequence[Ints]) -> float:
        """Value of a plan, summed anew.

        Parameters
        ----------
        choices : sequence of array of int
            Positions of the open sites, one array a period.

        Returns
        -------
        float
            Sums and changes together; inf where the plan breaks a rule.
        """
        total, before = 0.0, self.existing
        for period, sites in zip(self.periods, choices, strict=True):
            after = np.zeros(len(before), dtype=np.bool_)
            after[sites] = True
            total += period.question.value(sites) + self.changes(before, after)
            before = after
        return total


@dataclass(frozen=True, eq=False)
class Plan:
    """Sites of every period, and how sure it is that no plan is better.

    Parameters
    ----------
    periods : tuple of str
        Names.
    choices : tuple of array of int
        Positions of the open sites of each period, rising.
    values : array, shape (periods,)
        Sum of each period, without changes.
    changes : array, shape (periods,)
        Cost of the openings and closings that each period begins with.
    bound : float
        No plan is better than this; same unit as `value`.
    status : {"proved", "time limit", "interrupted", "count limit"}
        Why the search stopped.
    seconds : float
        How long it took [s].
    seed : int
        Seed of its random steps.
    existing : array of bool, shape (sites,)
        Sites open before.
    sites : tuple of str
        Ids of all sites by position.
    """

    periods: tuple[str, ...]
    choices: tuple[Ints, ...]
    values: Floats
    changes: Floats
    bound: float
    status: Status
    seconds: float
    seed: int
    existing: Bools
    sites: tuple[str, ...]

    @property
    def value(self) -> float:
        """All sums and changes together."""
        return float(self.values.sum() + self.changes.sum())

    @property
    def gap(self) -> float:
        """Value less bound, as a share of the value [0–1]; 0 where it is proved."""
        difference = self.value - self.bound
        return 0.0 if difference <= PROVED_GAP * abs(self.value) else difference / abs(self.value)

    @property
    def table(self) -> pd.DataFrame:
        """One row a period.

        Columns ``period``, ``offices``, ``opened`` and ``closed`` (ids joined by semicolons),
        ``value``, ``changes`` and ``status``.
        """
        rows = []
        before = set(np.flatnonzero(self.existing).tolist())
        for name, sites, value, cost in zip(
            self.periods, self.choices, self.values.tolist(), self.changes.tolist(), strict=True
        ):
            after = set(sites.tolist())
            rows.append(
                {
                    "period": name,
                    "offices": ids_of(self.sites, after),
                    "opened": ids_of(self.sites, after - before),
                    "closed": ids_of(self.sites, before - after),
                    "value": value,
                    "changes": cost,
                    "status": self.status,
                }
            )
            before = after
        return pd.DataFrame(rows)
