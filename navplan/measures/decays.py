"""How much less an office draws the longer the way: decays for choices and catchments.

A decay is any function of an array of minutes (finite, ≥ 0) that gives shares between 0 and 1, is 1
at 0 minutes and never rises. Those here are ready-made; every one is checked against that contract.
Whatever a study takes, its parameters are an assumption unless they were estimated from visits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from navplan.errors import Fault, raise_faults
from navplan.measures.measured import Floats

Decay: TypeAlias = Callable[[Floats], Floats]


def _check_length(what: str, key: str, minutes: float) -> None:
    if not 0 < minutes < np.inf:
        raise_faults([Fault(what, key, f"{minutes:g} minutes; expected more than 0.")])


@dataclass(frozen=True)
class StepDecay:
    """1 up to a limit, 0 beyond: the office draws all within alike.

    Parameters
    ----------
    limit : float
        The limit, itself included [min].
    """

    limit: float

    def __post_init__(self) -> None:
        _check_length("StepDecay", "limit", self.limit)

    def __call__(self, minutes: Floats) -> Floats:
        """Shares at the given minutes, 0 or 1."""
        return (minutes <= self.limit).astype(float)


@dataclass(frozen=True)
class LinearDecay:
    """Falls evenly from 1 at the door to 0 at a limit.

    Parameters
    ----------
    limit : float
        From here on the share is 0 [min].
    """

    limit: float

    def __post_init__(self) -> None:
        _check_length("LinearDecay", "limit", self.limit)

    def __call__(self, minutes: Floats) -> Floats:
        """Shares at the given minutes."""
        return np.maximum(0.0, 1 - minutes / self.limit)


@dataclass(frozen=True)
class ExponentialDecay:
    """Halves with every so many minutes, ``2^(−z/h)``.

    Parameters
    ----------
    half : float
        Minutes h after which half is left [min].
    """

    half: float

    def __post_init__(self) -> None:
        _check_length("ExponentialDecay", "half", self.half)

    def __call__(self, minutes: Floats) -> Floats:
        """Shares at the given minutes."""
        return np.exp2(-minutes / self.half)


@dataclass(frozen=True)
class GaussianDecay:
    """Bell curve, ``exp(−z² / 2σ²)``: flat near the door, then steep.

    Parameters
    ----------
    sigma : float
        Minutes σ after which 61 % are left [min].
    """

    sigma: float

    def __post_init__(self) -> None:
        _check_length("GaussianDecay", "sigma", self.sigma)

    def __call__(self, minutes: Floats) -> Floats:
        """Shares at the given minutes."""
        shares: Floats = np.exp(-0.5 * np.square(minutes / self.sigma))
        return shares


@dataclass(frozen=True)
class BandDecay:
    """One share for each band of minutes, 0 beyond the last.

    Luo and Qi (2009) use bands to 10, 20 and 30 minutes with shares 1, 0.68 and 0.22.

    Parameters
    ----------
    limits : tuple of float
        Upper ends of the bands, themselves included, rising [min].
    shares : tuple of float
        Share of each band, 1 for the first, never rising [0–1].
    """

    limits: tuple[float, ...]
    shares: tuple[float, ...]

    def __post_init__(self) -> None:
        ends, shares = np.array(self.limits, dtype=float), np.array(self.shares, dtype=float)
        faults = []
        rising = len(ends) > 0 and ends[0] > 0 and bool((np.diff(ends) > 0).all())
        if not (rising and np.isfinite(ends).all()):
            given = f"{self.limits}; expected rising minutes above 0."
            faults.append(Fault("BandDecay", "limits", given))
        if len(shares) != len(ends):
            given = f"{len(shares)} shares for {len(ends)} bands."
            faults.append(Fault("BandDecay", "shares", given, "Give one share a band."))
        elif rising and not (shares[0] == 1 and (np.diff(shares) <= 0).all() and shares[-1] >= 0):
            given = f"{self.shares}; expected 1 for the first, then never rising, none below 0."
            faults.append(Fault("BandDecay", "shares", given))
        raise_faults(faults)

    def __call__(self, minutes: Floats) -> Floats:
        """Shares at the given minutes."""
        steps = np.array([*self.shares, 0.0])
        found: Floats = steps[np.searchsorted(self.limits, minutes, side="left")]
        return found
