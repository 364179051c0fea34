"""Checks and small steps that the solvers over clients × sites share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from navplan.errors import Fault, raise_faults
from navplan.locate.array_types import Bools, Ints
from navplan.locate.median.rows import faulty_minutes

_AT_A_TIME: Final = 2**22


@dataclass(frozen=True, eq=False)
class Sites:
    """Which sites may and must be chosen, as positions.

    Parameters
    ----------
    fixed : array of int
        Must be chosen.
    free : array of int
        May be chosen.
    """

    fixed: Ints
    free: Ints

    @property
    def allowed(self) -> Ints:
        """Those that may or must be chosen, rising."""
        return np.sort(np.concatenate([self.fixed, self.free]))


def check_minutes(where: str, minutes: npt.NDArray[Any]) -> None:
    """Refuse times that no solver may see.

    Parameters
    ----------
    where : str
        Noun of the question, for the message.
    minutes : array (clients × sites)
        Times; inf where there is none [min].

    Raises
    ------
    InputError
        If the table has another shape or kind, or a time is NaN or below 0.
    """
    if minutes.ndim != 2 or minutes.dtype not in (np.float32, np.float64):  # noqa: PLR2004
        given = f"{minutes.ndim} dimensions of {minutes.dtype}"
        problem = f"{given}; expected clients × sites of float32 or float64."
        raise_faults([Fault(where, "minutes", problem)])
    wrong = faulty_minutes(minutes)
    if wrong:
        problem = f"{wrong:,} are NaN or below 0; expected at least 0, or inf where there is none."
        raise_faults([Fault(where, "minutes", problem)])


def check_sites(
    where: str,
    total: int,
    least: int,
    most: int,
    fixed: Bools | None,
    barred: Bools | None,
) -> Sites:
    """Check that sites and their number fit together.

    Parameters
    ----------
    where : str
        Noun of the question, for the message.
    total : int
        How many sites there are.
    least, most : int
        How many may be chosen.
    fixed, barred : array of bool (sites) or None
        Which must be chosen, and which may not; None for none.

    Returns
    -------
    Sites
        The positions.

    Raises
    ------
    InputError
        If they do not; all faults at once.
    """
    faults = []
    flags = []
    for name, given in (("fixed", fixed), ("barred", barred)):
        flag = np.zeros(total, dtype=np.bool_) if given is None else np.asarray(given)
        if flag.shape != (total,) or flag.dtype != np.bool_:
            problem = f"{flag.shape} of {flag.dtype}; expected one True or False for each site."
            faults.append(Fault(where, name, problem))
            flag = np.zeros(total, dtype=np.bool_)
        flags.append(flag)
    must, may_not = flags
    both = int((must & may_not).sum())
    if both:
        problem = f"{both} sites are fixed and barred; expected one or the other."
        faults.append(Fault(where, "fixed", problem))
    allowed = total - int(may_not.sum())
    if not 0 <= least <= most:
        problem = f"{least} to {most}; expected the least first and at least 0."
        faults.append(Fault(where, "count", problem))
    elif least > allowed:
        problem = f"{least} sites are asked for and {allowed} are allowed."
        faults.append(Fault(where, "count", problem, "Ask for fewer, or allow more."))
    if most < must.sum():
        problem = f"{most} sites are asked for and {int(must.sum())} are fixed."
        faults.append(Fault(where, "count", problem, "Ask for more, or fix fewer."))
    raise_faults(faults)
    return Sites(np.flatnonzero(must), np.flatnonzero(~must & ~may_not))


def counted(count: int, noun: str) -> str:
    """Say how many of something there are.

    Parameters
    ----------
    count : int
        How many.
    noun : str
        Of what, in the singular.

    Returns
    -------
    str
        For example ``"1 site"`` or ``"1,204 places"``.
    """
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def rows_at_a_time(table: npt.NDArray[Any]) -> Iterator[slice]:
    """Give slices of rows that are small enough for a copy.

    Parameters
    ----------
    table : array (rows × columns)
        What is worked through.

    Yields
    ------
    slice
        Of rows, in order.
    """
    step = max(1, _AT_A_TIME // max(1, table.shape[1]))
    for start in range(0, len(table), step):
        yield slice(start, min(start + step, len(table)))
