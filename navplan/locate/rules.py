"""Rules about the sites themselves: so many of a set, together or not, one before another, money.

What the nearest site costs people is not their matter: `navplan.locate.rules_search` answers a
sum question under them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import sparse

from navplan.errors import Fault, raise_faults
from navplan.locate.array_types import Bools, Floats
from navplan.locate.highs import rows_of
from navplan.locate.watch import PROVED_GAP

_WHERE: Final = "site rules"


@dataclass(frozen=True)
class SiteSet:
    """So many of a set of sites.

    Parameters
    ----------
    sites : tuple of int
        Positions of the sites.
    least : int
        At least so many of them are chosen.
    most : int, optional
        At most so many are; all of them unless given. Two sites that must not be open together
        are a set of which at most 1 is chosen.
    """

    sites: tuple[int, ...]
    least: int = 0
    most: int | None = None


@dataclass(frozen=True, eq=False)
class SiteRules:
    """Rules that a choice of sites must keep to.

    Parameters
    ----------
    sets : tuple of SiteSet
        So many of these.
    alike : tuple of (int, int)
        Both sites or neither.
    needs : tuple of (int, int)
        The first only with the second.
    budget : float
        Opening and closing may cost so much; inf for no limit. Nothing keeps to one below 0.
    opening : array (sites), optional
        Cost of each site that is chosen; 0 for sites that exist. At least 0.
    closing : array (sites), optional
        Cost of each site that is not chosen; 0 for sites that do not exist. At least 0.
    """

    sets: tuple[SiteSet, ...] = ()
    alike: tuple[tuple[int, int], ...] = ()
    needs: tuple[tuple[int, int], ...] = ()
    budget: float = float("inf")
    opening: Floats | None = None
    closing: Floats | None = None

    def check(self, total: int) -> None:
        """Check that the rules fit so many sites.

        Parameters
        ----------
        total : int
            How many sites there are.

        Raises
        ------
        InputError
            With all faults, if a position is no site, a number is out of range, or a set asks for
            more sites than it has.
        """
        raise_faults(self._faults(total))

    def cost(self, chosen: Bools) -> float:
        """Cost of opening what is chosen and closing what is not.

        Parameters
        ----------
        chosen : array of bool (sites)
            The choice.

        Returns
        -------
        float
            In the unit of the budget.
        """
        opening, closing = self._costs(len(chosen))
        return float(opening[chosen].sum() + closing[~chosen].sum())

    def satisfied(self, chosen: Bools) -> bool:
        """Tell whether a choice keeps to every rule.

        Parameters
        ----------
        chosen : array of bool (sites)
            The choice.

        Returns
        -------
        bool
            The budget is compared up to a billionth of it.
        """
        for rule in self.sets:
            count = int(chosen[list(rule.sites)].sum())
            if count < rule.least or (rule.most is not None and count > rule.most):
                return False
        return (
            all(chosen[a] == chosen[b] for a, b in self.alike)
            and all(chosen[b] or not chosen[a] for a, b in self.needs)
            and self.cost(chosen) <= self._most
        )

    def rows(self, total: int) -> tuple[sparse.csr_array, Floats, Floats]:
        """Write the rules as rows over the sites, 1 for each that is chosen.

        Parameters
        ----------
        total : int
            How many sites there are.

        Returns
        -------
        (csr_array (rows × sites), array (rows), array (rows))
            Coefficients, and the least and most of each row.
        """
        rows = [
            (np.unique(rule.sites), rule.least, np.inf if rule.most is None else rule.most, 1.0)
            for rule in self.sets
        ]
        terms = [(sites.astype(np.intp), np.full(len(sites), one)) for sites, _, _, one in rows]
        lower = [float(least) for _, least, _, _ in rows]
        upper = [float(most) for _, _, most, _ in rows]
        difference = np.array([1.0, -1.0])
        for pairs, least in ((self.alike, 0.0), (self.needs, -1.0)):
            for a, b in pairs:
                terms.append((np.array([a, b], dtype=np.intp), difference))
                lower.append(least)
                upper.append(0.0)
        if self.budget < np.inf:
            opening, closing = self._costs(total)
            net = opening - closing
            most = self._most - float(closing.sum())
            largest = float(np.abs(net).max(initial=0.0)) or 1.0
            # A power of two changes no digit; amounts in millions keep clear of tolerances.
            scale = 2.0 ** (20 - np.ceil(np.log2(largest)))
            used = np.flatnonzero(np.abs(net) > PROVED_GAP**2 * largest)
            terms.append((used, net[used] * scale))
            lower.append(-np.inf)
            upper.append(most * scale)
        return rows_of(terms, total), np.array(lower), np.array(upper)

    @property
    def _most(self) -> float:
        return self.budget + PROVED_GAP * abs(self.budget)

    def _costs(self, total: int) -> tuple[Floats, Floats]:
        nothing = np.zeros(total)
        return (
            nothing if self.opening is None else self.opening,
            nothing if self.closing is None else self.closing,
        )

    def _faults(self, total: int) -> Iterator[Fault]:
        for number, rule in enumerate(self.sets):
            most = len(set(rule.sites)) if rule.most is None else rule.most
            if not 0 <= rule.least <= most or rule.least > len(set(rule.sites)):
                given = f"{rule.least} to {most} of {len(set(rule.sites))} sites cannot be."
                yield Fault(_WHERE, f"sets[{number}]", given, "Ask for fewer.")
        named = {f"sets[{i}]": rule.sites for i, rule in enumerate(self.sets)}
        named |= {f"alike[{i}]": pair for i, pair in enumerate(self.alike)}
        named |= {f"needs[{i}]": pair for i, pair in enumerate(self.needs)}
        for key, sites in named.items():
            for site in sites:
                if not 0 <= site < total:
                    yield Fault(_WHERE, key, f"{site} is no position; expected 0 to {total - 1}.")
        if np.isnan(self.budget):
            yield Fault(_WHERE, "budget", "NaN; expected an amount, or inf for no limit.")
        for name in ("opening", "closing"):
            costs = getattr(self, name)
            if costs is None:
                continue
            if np.shape(costs) != (total,) or not (np.isfinite(costs) & (costs >= 0)).all():
                expected = "expected one amount a site, finite and at least 0."
                yield Fault(_WHERE, name, expected)
