"""What a minute costs: the monotone functions of minutes whose sum over the people is minimised.

The least of a non-decreasing function over the chosen sites belongs to the nearest of them, so
every question here is a p-median with other numbers: `SumQuestion.cost` takes any of these. A cost
is called with arrays of finite minutes; what no time costs is the question's ``without``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from navplan.errors import Fault, raise_faults
from navplan.locate.array_types import Floats
from navplan.measures import Decay, is_flat

Cost: TypeAlias = Callable[[Floats], Floats]

# exp(κ · longest) must not overflow, nor its inverse vanish.
_STEEPEST = 600.0


def identity(minutes: Floats) -> Floats:
    """Cost of the plain p-median: the minutes themselves.

    Parameters
    ----------
    minutes : array
        Minutes [min].

    Returns
    -------
    array
        The same [min].
    """
    return minutes


@dataclass(frozen=True)
class KolmPollakCost:
    """Cost whose mean is the Kolm–Pollak equivalent in disguise, ``exp(κ (z − longest))``.

    The equivalent ``(1/κ) ln(Σ w exp(κ z) / Σ w)`` rises with the sum of these, so the choice with
    the least sum has the least equivalent. Measured from the longest time nothing overflows. Where
    κ is next to nothing the equivalent is the mean, and the cost the minutes themselves.

    Parameters
    ----------
    kappa : float
        Aversion to inequality [1/min], from `measures.kolm_pollak_kappa` of the base.
    longest : float
        Longest time of the question [min].

    Raises
    ------
    InputError
        If κ is negative, or too steep for the longest time.

    References
    ----------
    Logan, T. M., Anderson, M. J., Williams, T. G., Conrow, L. (2021),
    doi:10.1016/j.compenvurbsys.2020.101590.
    """

    kappa: float
    longest: float

    def __post_init__(self) -> None:
        if not (0 <= self.kappa < np.inf and 0 <= self.longest < np.inf):
            given = f"κ {self.kappa:g} and longest time {self.longest:g}; expected zero or more."
            raise_faults([Fault("KolmPollakCost", "kappa", given)])
        if self.kappa * self.longest > _STEEPEST:
            given = f"{self.kappa:g} is too steep for times up to {self.longest:g} minutes."
            remedy = "Take it from measures.kolm_pollak_kappa."
            raise_faults([Fault("KolmPollakCost", "kappa", given, remedy)])

    @property
    def flat(self) -> bool:
        """Whether κ is so small that the equivalent is the mean."""
        return bool(is_flat(self.kappa, self.longest))

    def __call__(self, minutes: Floats) -> Floats:
        """Cost at the given minutes."""
        if self.flat:
            return minutes
        costs: Floats = np.exp(self.kappa * (minutes - self.longest))
        return costs

    def ede_minutes(self, total: float, people: float) -> float:
        """Turn a sum of costs back into the equal equivalent, as `measures.ede_minutes` has it.

        Parameters
        ----------
        total : float
            ``Σ w exp(κ (z − longest))`` over the people with a time.
        people : float
            Those people, ``Σ w`` [persons].

        Returns
        -------
        float
            In minutes; NaN where there are no people.
        """
        if people <= 0:
            return float("nan")
        if self.flat:
            return total / people
        # A lower bound of a sum may be 0, whose equivalent is no finite time.
        return self.longest + float(np.log(total / people)) / self.kappa if total > 0 else -np.inf

    def total(self, ede_minutes: float, people: float) -> float:
        """Turn an equal equivalent into the sum of costs, the inverse of `ede_minutes`.

        Parameters
        ----------
        ede_minutes : float
            Equal equivalent [min].
        people : float
            People with a time [persons].

        Returns
        -------
        float
            ``Σ w exp(κ (z − longest))``.
        """
        return people * float(self(np.array([ede_minutes], dtype=float))[0])


@dataclass(frozen=True)
class ThresholdCost:
    """1 beyond a limit, 0 within: the sum counts the people left out (maximal covering).

    Parameters
    ----------
    limit : float
        The limit, itself included [min].
    """

    limit: float

    def __call__(self, minutes: Floats) -> Floats:
        """Cost at the given minutes, 0 or 1."""
        return (minutes > self.limit).astype(float)


@dataclass(frozen=True)
class DecayCost:
    """What a decay takes away, ``1 − f(z)``: the sum is the attraction that is lost.

    Parameters
    ----------
    decay : Decay
        1 at 0 minutes and never rising, see `measures.Decay`.
    """

    decay: Decay

    def __call__(self, minutes: Floats) -> Floats:
        """Cost at the given minutes, between 0 and 1."""
        return 1 - self.decay(minutes)


@dataclass(frozen=True)
class TailCost:
    """Least cost of a client in the mean of the worst share, its quantile held in an interval.

    ``min over η in [low, high] of η + (z − η)⁺ / share``, which is low up to low, z between them
    and ``high + (z − high) / share`` beyond. With low = high it is the tail mean's own cost at that
    quantile; see `tail.solve_tail`.

    Parameters
    ----------
    low, high : float
        Interval of the quantile [min].
    share : float
        Share of the people that is looked at, above 0 and at most 1.
    """

    low: float
    high: float
    share: float

    def __call__(self, minutes: Floats) -> Floats:
        """Cost at the given minutes [min]."""
        beyond = np.maximum(minutes - self.high, 0.0)
        return np.clip(minutes, self.low, self.high) + beyond / self.share


@dataclass(frozen=True)
class BlendCost:
    """Several costs of the same minutes added up with weights.

    Parameters
    ----------
    costs : tuple of Cost
        Non-decreasing functions of minutes.
    weights : tuple of float
        One weight a cost, ≥ 0.
    """

    costs: tuple[Cost, ...]
    weights: tuple[float, ...]

    def __call__(self, minutes: Floats) -> Floats:
        """Cost at the given minutes."""
        total = np.zeros_like(minutes, dtype=float)
        for cost, weight in zip(self.costs, self.weights, strict=True):
            if weight > 0:
                total += weight * cost(minutes)
        return total
