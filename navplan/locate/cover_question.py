"""Questions of covering: sites within one or several limits of people."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from navplan.errors import Fault, raise_faults
from navplan.locate.array_types import Bools, Floats
from navplan.locate.checks import Sites, check_minutes, check_sites
from navplan.locate.signatures import as_limit
from navplan.locate.watch import PROVED_GAP

Minutes = npt.NDArray[np.float32] | npt.NDArray[np.float64]

_WHERE: Final = "cover"


@dataclass(frozen=True)
class Reach:
    """A limit, and what it is worth to lie within it.

    Parameters
    ----------
    minutes : float
        A client is reached when so many sites (`times`) lie within so many minutes [min].
    times : int
        1 for one site; 2 for backup cover: another one when the nearest is closed.
    share : float
        At least this share of the weight must be reached [0–1]; 1 for all who weigh anything.
    credit : float
        What one unit of weight costs that is not reached, where the fewest beyond are asked for.
    """

    minutes: float
    times: int = 1
    share: float = 0.0
    credit: float = 1.0


@dataclass(frozen=True, eq=False)
class CoverQuestion:
    """Sites within one or several limits of people.

    Parameters
    ----------
    minutes : array (clients × sites)
        Times, at least 0; inf where there is no time [min].
    weights : array (clients)
        Weight of each client, for example people; clients without weight do not count.
    reaches : tuple of Reach
        The limits.
    least, most : int
        How many sites may be chosen.
    fixed, barred : array of bool (sites), optional
        Sites that must be chosen, and sites that may not.

    Raises
    ------
    InputError
        With all faults, if numbers are out of range or do not fit together.
    """

    minutes: Minutes
    weights: Floats
    reaches: tuple[Reach, ...]
    least: int
    most: int
    fixed: Bools | None = None
    barred: Bools | None = None
    sites: Sites = field(init=False, repr=False)

    def __post_init__(self) -> None:
        check_minutes(_WHERE, self.minutes)
        clients, total = self.minutes.shape
        sites = check_sites(_WHERE, total, self.least, self.most, self.fixed, self.barred)
        object.__setattr__(self, "sites", sites)
        faults = []
        weights = self.weights
        if weights.shape != (clients,) or not (np.isfinite(weights) & (weights >= 0)).all():
            problem = "expected one number a client, finite and at least 0."
            faults.append(Fault(_WHERE, "weights", problem))
        if not self.reaches:
            faults.append(Fault(_WHERE, "reaches", "there is none; expected at least one limit."))
        for number, reach in enumerate(self.reaches):
            key = f"reaches[{number}]"
            if not 0 <= reach.minutes < np.inf:
                problem = f"{reach.minutes:g}; expected minutes from 0."
                faults.append(Fault(_WHERE, f"{key}.minutes", problem))
            if reach.times < 1:
                problem = f"{reach.times}; expected at least 1."
                faults.append(Fault(_WHERE, f"{key}.times", problem))
            if not 0 <= reach.share <= 1:
                problem = f"{reach.share:g}; expected a share from 0 to 1."
                faults.append(Fault(_WHERE, f"{key}.share", problem))
            if not 0 <= reach.credit < np.inf:
                problem = f"{reach.credit:g}; expected a number of at least 0."
                faults.append(Fault(_WHERE, f"{key}.credit", problem))
        raise_faults(faults)

    def beyond(self, reach: Reach, sites: npt.ArrayLike) -> float:
        """Weight that some sites do not reach.

        Parameters
        ----------
        reach : Reach
            The limit, and how many sites it takes.
        sites : array of int
            Positions of the sites.

        Returns
        -------
        float
            In the unit of the weights.
        """
        chosen = np.asarray(sites, dtype=np.intp)
        within = self.minutes[:, chosen] <= as_limit(self.minutes.dtype, reach.minutes)
        return float(self.weights[within.sum(axis=1) < reach.times].sum())

    def satisfied(self, sites: npt.ArrayLike) -> bool:
        """Tell whether some sites reach every share that is asked for.

        Parameters
        ----------
        sites : array of int
            Positions of the sites.

        Returns
        -------
        bool
            Shares are compared up to a billionth of the whole weight.
        """
        whole = float(self.weights.sum())
        return all(
            self.beyond(reach, sites) <= (1 - reach.share + PROVED_GAP) * whole
            for reach in self.reaches
            if reach.share > 0
        )
