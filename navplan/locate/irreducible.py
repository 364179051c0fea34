"""The demands that rule an answer out together, and not without any one of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence


def irreducible(
    demands: Sequence[str], feasible: Callable[[tuple[str, ...]], bool]
) -> tuple[str, ...]:
    """Find demands that cannot all be met, each of which is needed for that.

    The deletion filter: demands are given up one after the other; what can be given up without
    making the rest possible is not to blame. There may be other such sets: this one keeps the
    demands that come last, so name the least negotiable ones last.

    Parameters
    ----------
    demands : sequence of str
        Names of all demands that could be given up.
    feasible : callable
        Whether some demands, in the order given, can all be met. Asked once for each demand and
        twice besides.

    Returns
    -------
    tuple of str
        In the order given. Empty where nothing is possible even without any of the demands.

    Raises
    ------
    ValueError
        If all demands can be met.

    Notes
    -----
    J. W. Chinneck and E. W. Dravnieks, "Locating minimal infeasible constraint sets in linear
    programs", ORSA Journal on Computing 3 (1991), doi:10.1287/ijoc.3.2.157.
    """
    if feasible(tuple(demands)):
        raise ValueError("all demands can be met: nothing is to blame")
    if not feasible(()):
        return ()
    kept = list(demands)
    for demand in demands:
        without = [other for other in kept if other != demand]
        if not feasible(tuple(without)):
            kept = without
    return tuple(kept)
