"""What rules every answer out, said before any search begins."""

from __future__ import annotations

from typing import Final

import numpy as np

from navplan.errors import InfeasibleError
from navplan.locate.capacity.question import LOAD_TOLERANCE, CapacityQuestion

_SHOWN: Final = 5


def _listed(names: list[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def check_capacity(question: CapacityQuestion) -> None:
    """Say what rules every answer out, where that can be seen from sums.

    Questions that pass may still have no answer, as whole units can fail to fit together; the
    search finds that out.

    Parameters
    ----------
    question : CapacityQuestion
        What is asked.

    Raises
    ------
    InfeasibleError
        If no answer can exist; names what stands in the way.
    """
    open_to = ~question.barred
    count, fixed = int(open_to.sum()), int(question.fixed.sum())
    if count < max(question.least, 1) or question.most == 0:
        raise InfeasibleError(
            f"at least {max(question.least, 1)} offices are needed, but {min(count, question.most)}"
            " may be opened."
        )
    if fixed > question.most:
        names = _listed([question.sites[j] for j in np.flatnonzero(question.fixed)])
        raise InfeasibleError(
            f"{fixed} offices must stay ({names}), but at most {question.most} may be open."
        )
    _check_units(question)
    _check_sums(question)


def _check_units(question: CapacityQuestion) -> None:
    largest = question.capacities[~question.barred].max()
    large = np.flatnonzero(question.sizes > largest * (1 + LOAD_TOLERANCE))
    if len(large):
        names = [f"{question.units[i]} ({question.sizes[i]:g})" for i in large]
        raise InfeasibleError(
            f"too large for every office, the largest of which serves {largest:g}: "
            f"{_listed(names)}. Divide them, or raise a capacity."
        )
    stranded = np.flatnonzero(~np.isfinite(question.allowed()).any(axis=1))
    if len(stranded):
        names = [question.units[i] for i in stranded]
        raise InfeasibleError(
            f"no site that may be used and is large enough is within reach of: {_listed(names)}."
        )


def _check_sums(question: CapacityQuestion) -> None:
    demand = question.sizes.sum()
    free = ~question.barred & ~question.fixed
    others = question.most - int(question.fixed.sum())
    capacity = question.capacities[question.fixed].sum()
    capacity += np.sort(question.capacities[free])[::-1][:others].sum()
    if capacity * (1 + LOAD_TOLERANCE) < demand:
        raise InfeasibleError(
            f"the {question.most} largest offices that may be open together serve {capacity:g}, "
            f"but {demand:g} are to be served. Allow more offices, or larger ones."
        )
    others = max(0, question.least - int(question.fixed.sum()))
    needed = question.minimum[question.fixed].sum()
    needed += np.sort(question.minimum[free])[:others].sum()
    if needed * (1 - LOAD_TOLERANCE) > demand:
        least = max(question.least, int(question.fixed.sum()))
        raise InfeasibleError(
            f"{least} offices need at least {needed:g} to serve together, but only {demand:g} "
            "are to be served. Ask for fewer offices, or a smaller minimum."
        )
