"""Faults a planner can act on: all at once, each with where, what and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

MOST_SHOWN: Final = 100
"""A message lists so many faults; `InputError.faults` holds all."""


@dataclass(frozen=True, order=True)
class Fault:
    """One thing that is wrong with an input.

    Parameters
    ----------
    where : str
        File or noun, for example ``"places.csv"``.
    key : str
        Row, column or key, for example ``"row 12, people"`` or
        ``"scenario.proposal-2018.merge[1].areas"``; may be empty.
    problem : str
        What was given and what was expected, as a sentence.
    remedy : str
        What to do, as a sentence; may be empty.
    """

    where: str
    key: str
    problem: str
    remedy: str = ""

    def __str__(self) -> str:
        place = f"{self.where}: {self.key}" if self.key else self.where
        return f"{place}: {self.problem}" + (f" {self.remedy}" if self.remedy else "")


class NavplanError(Exception):
    """Base of everything navplan raises on purpose."""


class InputError(NavplanError, ValueError):
    """The inputs cannot be used; carries every fault found.

    Parameters
    ----------
    faults : iterable of Fault
        At least one.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(dict.fromkeys(faults))
        count = len(self.faults)
        head = "1 fault" if count == 1 else f"{count} faults"
        lines = [f"- {fault}" for fault in self.faults[:MOST_SHOWN]]
        if count > MOST_SHOWN:
            lines.append(f"- and {count - MOST_SHOWN} more")
        super().__init__("\n".join([f"{head} in the inputs:", *lines]))


class InfeasibleError(NavplanError):
    """No structure satisfies what was asked; the message names what rules it out."""


class FetchError(NavplanError):
    """A service could not give what was asked of it.

    Parameters
    ----------
    problem : str
        For a planner: what was asked of whom and what came back, as a sentence.
    remedy : str, optional
        What to do, as a sentence.
    status : int, optional
        HTTP status of the answer, where there was one.
    """

    def __init__(self, problem: str, remedy: str = "", *, status: int | None = None) -> None:
        super().__init__(f"{problem} {remedy}" if remedy else problem)
        self.problem = problem
        self.remedy = remedy
        self.status = status


class NavplanWarning(UserWarning):
    """Something was kept, repaired or left out that a reader of the numbers must know."""


def raise_faults(faults: Iterable[Fault]) -> None:
    """Raise one `InputError` with all faults, or do nothing where there are none.

    Parameters
    ----------
    faults : iterable of Fault
        What the checks found.

    Raises
    ------
    InputError
        If there is any fault.
    """
    found = list(faults)
    if found:
        raise InputError(found)
