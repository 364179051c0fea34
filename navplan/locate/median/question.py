"""The sum question: which sites keep the weighted cost of everybody's nearest one least."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from navplan.errors import Fault, raise_faults
from navplan.locate.costs import Cost, identity
from navplan.locate.median.rows import faulty_minutes, nearest_two

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.intp]
Bools: TypeAlias = npt.NDArray[np.bool_]
Minutes: TypeAlias = npt.NDArray[np.float32] | npt.NDArray[np.float64]

_WHERE: Final = "sum question"


@dataclass(frozen=True, eq=False)
class SumQuestion:
    """Choose sites so that the sum over clients of weight × cost(minutes to the nearest) is least.

    The p-median problem [1]_ with any cost that never falls with the minutes, in arrays.

    Parameters
    ----------
    minutes : array of float32 or float64, shape (clients, sites)
        Minutes from each client to each site [min]; inf where there is no time.
    weights : array, shape (clients,)
        Weight of each client, for example people.
    least, most : int
        How many sites are chosen, both included.
    cost : callable
        Cost of minutes, on float64 arrays; never falls, finite where the minutes are.
    without : float
        Cost of a client none of whose chosen sites has a time; inf: every client must have one.
    limit : float
        Minutes above it count as no time [min].
    fixed, barred : array of bool, shape (sites,), optional
        Sites that must and sites that must not be chosen; none unless given.
    site_costs : array, shape (sites,), optional
        Added once for each chosen site; 0 unless given.

    Raises
    ------
    InputError
        If shapes do not fit, a number is NaN, negative or infinite where that has no meaning, or
        no choice can have so many sites; with every fault.

    References
    ----------
    .. [1] Hakimi, S. L. (1964). Optimum locations of switching centers and the absolute centers
       and medians of a graph. Operations Research, 12(3). https://doi.org/10.1287/opre.12.3.450
    """

    minutes: Minutes
    weights: Floats
    least: int
    most: int
    cost: Cost = identity
    without: float = float("inf")
    limit: float = float("inf")
    fixed: Bools = None  # type: ignore[assignment]
    barred: Bools = None  # type: ignore[assignment]
    site_costs: Floats = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        minutes = np.asarray(self.minutes)
        if minutes.dtype not in (np.float32, np.float64):
            minutes = minutes.astype(np.float64)
        object.__setattr__(self, "minutes", np.ascontiguousarray(minutes))
        object.__setattr__(self, "weights", np.ascontiguousarray(self.weights, dtype=np.float64))
        sites = minutes.shape[1] if minutes.ndim == 2 else 0  # noqa: PLR2004
        for name, kind in (("fixed", np.bool_), ("barred", np.bool_), ("site_costs", np.float64)):
            given = getattr(self, name)
            array = np.zeros(sites, kind) if given is None else np.asarray(given, dtype=kind)
            object.__setattr__(self, name, array)
        raise_faults(self._wrong_shapes())
        raise_faults(self._wrong_numbers())

    @property
    def clients(self) -> int:
        """Number of clients."""
        return len(self.minutes)

    @property
    def sites(self) -> int:
        """Number of sites."""
        return int(self.minutes.shape[1])

    def value(self, sites: npt.ArrayLike) -> float:
        """Sum up what a choice costs, anew from the minutes.

        Parameters
        ----------
        sites : array of int
            Positions of the chosen sites.

        Returns
        -------
        float
            Its value in float64; inf where a client that must have a time has none.
        """
        chosen = np.unique(np.asarray(sites, dtype=np.intp))
        return self.value_at(nearest_two(self.minutes, chosen, self.limit)[1], chosen)

    def value_at(self, nearest: Floats, chosen: Ints) -> float:
        """Sum up what a choice costs, given everybody's minutes to the nearest of it.

        Parameters
        ----------
        nearest : array, shape (clients,)
            Minutes to the nearest chosen site [min]; inf where none has a time.
        chosen : array of int
            Positions of the chosen sites, each once.

        Returns
        -------
        float
            As `value`.
        """
        if np.isinf(self.without) and np.isinf(nearest).any():
            return float("inf")
        total = float(self.weights @ self.costs_of(nearest))
        return total + float(self.site_costs[chosen].sum())

    def costs_of(self, minutes: Floats) -> Floats:
        """Cost of each of some minutes; `without` where they are inf.

        Parameters
        ----------
        minutes : array
            Minutes [min].

        Returns
        -------
        array
            Costs in float64.

        Raises
        ------
        InputError
            If the cost of finite minutes is not finite, or above `without`.
        """
        timed = np.isfinite(minutes)
        costs = np.full(minutes.shape, self.without)
        if timed.all():
            costs = np.asarray(self.cost(np.asarray(minutes, dtype=np.float64)), dtype=np.float64)
        else:
            costs[timed] = self.cost(np.asarray(minutes[timed], dtype=np.float64))
        if not np.isfinite(costs[timed]).all():
            raise_faults([Fault(_WHERE, "cost", "some minutes cost NaN or inf.", _BE_FINITE)])
        if timed.any() and costs[timed].max() > self.without:
            given = f"{self.without:g} is less than minutes cost that are within the limit."
            raise_faults([Fault(_WHERE, "without", given, "Raise it or lower the limit.")])
        return costs

    def _wrong_shapes(self) -> Iterator[Fault]:
        if self.minutes.ndim != 2 or not self.minutes.size:  # noqa: PLR2004
            given = f"shape {self.minutes.shape}; expected clients × sites, at least one of each."
            yield Fault(_WHERE, "minutes", given)
            return
        if self.weights.shape != (self.clients,):
            given = f"shape {self.weights.shape}; expected {(self.clients,)}, one a client."
            yield Fault(_WHERE, "weights", given)
        for name in ("fixed", "barred", "site_costs"):
            shape = getattr(self, name).shape
            if shape != (self.sites,):
                yield Fault(_WHERE, name, f"shape {shape}; expected {(self.sites,)}, one a site.")

    def _wrong_numbers(self) -> Iterator[Fault]:
        wrong = faulty_minutes(self.minutes)
        if wrong:
            yield Fault(_WHERE, "minutes", f"{wrong} are NaN or negative.", "inf means no time.")
        for name, numbers in (("weights", self.weights), ("site_costs", self.site_costs)):
            bad = np.count_nonzero(~(np.isfinite(numbers) & (numbers >= 0)))
            if bad:
                yield Fault(_WHERE, name, f"{bad} are NaN, negative or infinite.")
        if np.isnan(self.without):
            yield Fault(_WHERE, "without", "NaN; expected a cost, or inf.")
        if not self.limit >= 0:
            yield Fault(_WHERE, "limit", f"{self.limit} min; expected 0 or more, or inf.")
        both = np.flatnonzero(self.fixed & self.barred)
        if both.size:
            yield Fault(_WHERE, "fixed", f"sites {both.tolist()} are barred, too.")
        may = self.sites - np.count_nonzero(self.barred)
        must = np.count_nonzero(self.fixed)
        if not 1 <= self.least <= self.most:
            given = f"{self.least} to {self.most}; expected 1 ≤ least ≤ most."
            yield Fault(_WHERE, "least, most", given)
        elif self.least > may:
            given = f"at least {self.least} sites of {may} that are not barred."
            yield Fault(_WHERE, "least", given, "Ask for fewer or bar fewer.")
        elif self.most < must:
            given = f"at most {self.most} sites, and {must} are fixed."
            yield Fault(_WHERE, "most", given, "Ask for more or fix fewer.")


_BE_FINITE: Final = "A cost must be finite wherever the minutes are."
