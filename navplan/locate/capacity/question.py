"""The question of capacities: which sites open, and which one serves each whole unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from navplan.errors import Fault, raise_faults
from navplan.locate.array_types import Bools, Floats, Ints

LOAD_TOLERANCE: Final = 1e-9
"""A load may pass its limit by what rounding of sums leaves [share of the limit]."""

_WHERE: Final = "capacity"


@dataclass(frozen=True, eq=False, kw_only=True)
class CapacityQuestion:
    """Open sites and give every unit to one of them, within capacities, at least cost.

    The single-source capacitated location problem: minimise
    Σ_ij cost_ij x_ij + Σ_j site_costs_j y_j, where Σ_j x_ij = 1 for each unit,
    minimum_j y_j ≤ Σ_i size_i x_ij ≤ capacity_j y_j, least ≤ Σ_j y_j ≤ most, all 0 or 1. With a
    given number of sites it is the capacitated p-median (S. Ceselli and G. Righini, "A
    branch-and-price algorithm for the capacitated p-median problem", Networks 45 (2005),
    doi:10.1002/net.20059). Where people simply use the nearest site, ask a `SumQuestion`.

    Parameters
    ----------
    cost : array (units × sites)
        Cost of giving a unit to a site, for example persons × minutes [person-min]; inf where
        it is not allowed.
    sizes : array (units)
        What a unit takes of a capacity, for example residents or cases a year.
    capacities : array (sites)
        Most that a site can serve, in the unit of `sizes`; inf for no limit.
    least, most : int
        Fewest and most sites that are opened.
    minimum : array (sites), optional
        Least that an open site must serve; 0 unless told.
    site_costs : array (sites), optional
        Added once for each open site; 0 unless told.
    fixed, barred : array of bool (sites), optional
        Sites that must be open; sites that must not.
    units, sites : tuple of str, optional
        Names for messages; numbers where left out.

    Raises
    ------
    InputError
        If numbers are missing, negative or not finite where they must be, or shapes do not fit.
    """

    cost: Floats
    sizes: Floats
    capacities: Floats
    least: int
    most: int
    minimum: Floats = None  # type: ignore[assignment]
    site_costs: Floats = None  # type: ignore[assignment]
    fixed: Bools = None  # type: ignore[assignment]
    barred: Bools = None  # type: ignore[assignment]
    units: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        cost = np.ascontiguousarray(self.cost, dtype=np.float64)
        if cost.ndim != 2 or 0 in cost.shape:  # noqa: PLR2004
            problem = f"an array of shape {cost.shape} was given, expected units × sites."
            raise_faults([Fault(_WHERE, "cost", problem, "Give at least one unit and one site.")])
        units, sites = cost.shape
        self._set("cost", cost)
        for name in ("minimum", "site_costs"):
            if getattr(self, name) is None:
                self._set(name, np.zeros(sites))
        for name in ("fixed", "barred"):
            given = getattr(self, name)
            self._set(name, np.zeros(sites, bool) if given is None else np.asarray(given, bool))
        for name in ("sizes", "capacities", "minimum", "site_costs"):
            # Every layout of memory would have the kernels compiled once more.
            self._set(name, np.ascontiguousarray(getattr(self, name), dtype=np.float64))
        if not self.units:
            self._set("units", tuple(f"unit {i + 1}" for i in range(units)))
        if not self.sites:
            self._set("sites", tuple(f"site {j + 1}" for j in range(sites)))
        raise_faults(self._faults())

    def _set(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)

    def _faults(self) -> list[Fault]:
        units, sites = self.cost.shape
        faults = []
        lengths = {"sizes": units, "units": units}
        for name in ("capacities", "minimum", "site_costs", "fixed", "barred", "sites"):
            lengths[name] = sites
        for name, length in lengths.items():
            if len(getattr(self, name)) != length:
                problem = f"{len(getattr(self, name))} were given, expected {length}."
                faults.append(Fault(_WHERE, name, problem, "Give one for each."))
        limitless = {"cost", "capacities"}
        for name in ("cost", "sizes", "capacities", "minimum", "site_costs"):
            given = getattr(self, name)
            wrong = np.isnan(given) | (given < 0)
            if name not in limitless:
                wrong |= np.isinf(given)
            if wrong.any():
                number = given[wrong].flat[0]
                problem = f"{number} was given, expected a number of at least 0."
                faults.append(Fault(_WHERE, name, problem, "Correct the number."))
        if not 0 <= self.least <= self.most:
            problem = f"{self.least} to {self.most} sites were asked for."
            faults.append(Fault(_WHERE, "least", problem, "Expected 0 ≤ least ≤ most."))
        if len(self.fixed) == len(self.barred):
            faults += [
                Fault(_WHERE, "fixed", f"{self.sites[j]} must be open and must not be.")
                for j in np.flatnonzero(self.fixed & self.barred)
                if j < len(self.sites)
            ]
        return faults

    @property
    def low(self) -> Floats:
        """Least load of each open site, less what rounding leaves."""
        return self.minimum * (1 - LOAD_TOLERANCE)

    @property
    def high(self) -> Floats:
        """Most load of each site, and what rounding leaves; no more than everything."""
        high: Floats = np.minimum(self.capacities, self.sizes.sum()) * (1 + LOAD_TOLERANCE)
        return high

    def allowed(self) -> Floats:
        """Costs with inf wherever a unit cannot be served: too large, or a barred site.

        Returns
        -------
        array (units × sites)
            A copy of `cost`.
        """
        cost = self.cost.copy()
        cost[self.sizes[:, None] > self.high] = np.inf
        cost[:, self.barred] = np.inf
        return cost

    def value(self, sites: Ints, assigned: Ints) -> float:
        """Sum up the cost of an answer.

        Parameters
        ----------
        sites : array of int
            Positions of the open sites.
        assigned : array of int (units)
            Position of each unit's site.

        Returns
        -------
        float
            Its value; inf where a rule is broken.
        """
        opened = np.zeros(self.cost.shape[1], dtype=bool)
        opened[sites] = True
        loads = np.bincount(assigned, self.sizes, minlength=len(opened))
        breaks = (
            not self.least <= len(sites) <= self.most
            or not opened[assigned].all()
            or bool((opened & self.barred).any())
            or bool((self.fixed & ~opened).any())
            or bool((loads[opened] > self.high[opened]).any())
            or bool((loads[opened] < self.low[opened]).any())
        )
        if breaks:
            return float("inf")
        served = self.cost[np.arange(len(assigned)), assigned].sum()
        return float(served + self.site_costs[sites].sum())
