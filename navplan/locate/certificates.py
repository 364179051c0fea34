"""Why no choice of sites can keep to what is asked, before any solver runs, with names.

Each function looks for one reason and gives it as a sentence for a planner, or None. Capacities
and whole areas have theirs where they are solved (`navplan.locate.capacity`,
`navplan.locate.areas`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from navplan.locate.array_types import Bools, Ints
from navplan.locate.checks import Sites, counted, rows_at_a_time
from navplan.locate.median.rows import nearest_two
from navplan.locate.rules import SiteRules
from navplan.locate.signatures import as_limit, distinct_words, pack_rows, unpack_rows
from navplan.locate.watch import PROVED_GAP

MOST_NAMED: Final = 10
"""A sentence names so many; the rest are counted."""


def named(names: Sequence[str]) -> str:
    """List names for a sentence.

    Parameters
    ----------
    names : sequence of str
        Any number of them.

    Returns
    -------
    str
        The first `MOST_NAMED`, and how many more.
    """
    more = len(names) - MOST_NAMED
    listed = ", ".join(names[:MOST_NAMED])
    return f"{listed} and {more:,} more" if more > 0 else listed


def too_many_fixed(fixed: Sequence[str], most: int) -> str | None:
    """Tell whether more sites must be open than may be.

    Parameters
    ----------
    fixed : sequence of str
        Names of the sites that must be open.
    most : int
        How many may be open.

    Returns
    -------
    str or None
        The reason.
    """
    if len(fixed) <= most:
        return None
    return (
        f"{len(fixed)} offices must stay open ({named(fixed)}), and {most} may be open: raise the "
        "number, or let some of them close."
    )


def too_few_allowed(allowed: int, least: int) -> str | None:
    """Tell whether more sites are asked for than may be open.

    Parameters
    ----------
    allowed : int
        How many sites may or must be open.
    least : int
        How many are asked for.

    Returns
    -------
    str or None
        The reason.
    """
    if least <= allowed:
        return None
    return (
        f"{counted(least, 'office')} asked for, and {counted(allowed, 'site')} may be open: "
        "ask for fewer, or allow more sites."
    )


def beyond_every_site(
    minutes: npt.NDArray[Any], limit: float, sites: Sites, clients: Sequence[str]
) -> str | None:
    """Tell whether somebody is farther than a limit from every allowed site.

    Parameters
    ----------
    minutes : array (clients × sites)
        Times; inf where there is none [min].
    limit : float
        Longest time allowed [min]; inf: any time will do.
    sites : Sites
        Which may and must be open.
    clients : sequence of str
        Their names.

    Returns
    -------
    str or None
        The reason, with the names.
    """
    nearest = nearest_two(minutes, sites.allowed, limit)[1]
    beyond = np.flatnonzero(np.isinf(nearest))
    if not len(beyond):
        return None
    one = len(beyond) == 1
    what = "has no time to" if one else "have no time to"
    if np.isfinite(limit):
        what = f"{'is' if one else 'are'} farther than {limit:g} minutes from"
    return (
        f"{counted(len(beyond), 'place')} {what} any site that may be open: "
        f"{named([clients[i] for i in beyond.tolist()])}. Allow a site near them, or leave them "
        "out."
    )


def places_apart(
    minutes: npt.NDArray[Any], limit: float, sites: Sites, count: int, clients: Sequence[str]
) -> str | None:
    """Tell whether more places than there may be offices have no site in common.

    Places of which no two can share an office need one each. They are looked for greedily: where
    none are found, so few offices may still be too few.

    Parameters
    ----------
    minutes : array (clients × sites)
        Times; inf where there is none [min].
    limit : float
        Longest time allowed [min].
    sites : Sites
        Which may and must be open; what the fixed sites reach is left out.
    count : int
        How many sites may be open.
    clients : sequence of str
        Their names.

    Returns
    -------
    str or None
        The reason, with the names.
    """
    first, table = _kinds(minutes, limit, sites)
    spare = count - len(sites.fixed)
    apart: list[int] = []
    free = np.ones(table.shape[1], dtype=np.bool_)
    for kind in np.argsort(table.sum(axis=1), kind="stable"):
        if free[table[kind]].all():
            apart.append(int(first[kind]))
            free &= ~table[kind]
    if len(apart) <= spare:
        return None
    besides = f" besides the {len(sites.fixed)} that stay" if len(sites.fixed) else ""
    return (
        f"{len(apart)} places need an office each within {limit:g} minutes{besides}, since no site "
        f"lies within reach of two of them, and only {spare} may be opened: "
        f"{named([clients[i] for i in apart])}."
    )


def over_budget(rules: SiteRules, sites: Sites, total: int, least: int) -> str | None:
    """Tell whether even the cheapest choice costs more than there is.

    Parameters
    ----------
    rules : SiteRules
        Costs and budget; the other rules are not looked at.
    sites : Sites
        Which may and must be open.
    total : int
        How many sites there are.
    least : int
        How many must be open.

    Returns
    -------
    str or None
        The reason.
    """
    chosen = np.zeros(total, dtype=np.bool_)
    chosen[sites.fixed] = True
    opening = np.zeros(total) if rules.opening is None else rules.opening
    closing = np.zeros(total) if rules.closing is None else rules.closing
    net = (opening - closing)[sites.free]
    order = sites.free[np.argsort(net, kind="stable")]
    needed = max(0, least - len(sites.fixed))
    cheaper = int((net < 0).sum())
    chosen[order[: max(needed, cheaper)]] = True
    cheapest = rules.cost(chosen)
    if cheapest <= rules.budget + PROVED_GAP * abs(rules.budget):
        return None
    return (
        f"The cheapest choice costs {cheapest:,.0f} and the budget is {rules.budget:,.0f}: raise "
        "it, or ask for fewer changes."
    )


def _kinds(minutes: npt.NDArray[Any], limit: float, sites: Sites) -> tuple[Ints, Bools]:
    """Kinds of clients that no fixed site reaches: a client of each, and the sites that do."""
    most = as_limit(minutes.dtype, limit)
    served = np.isfinite(nearest_two(minutes, sites.fixed, limit)[1])
    words = np.zeros((len(minutes), -(-len(sites.free) // 64)), dtype=np.uint64)
    for rows in rows_at_a_time(minutes):
        words[rows] = pack_rows(minutes[rows][:, sites.free] <= most)
    left = np.flatnonzero(~served)
    first = distinct_words(words[left])[0]
    return left[first], unpack_rows(words[left[first]], len(sites.free))
