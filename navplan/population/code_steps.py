"""Changes of codes, date by date, and how they chain."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from navplan.errors import Fault, raise_faults
from navplan.units import QUALITIES, Quality

COLUMNS: Final = ("oldCode", "newCode", "changeOccurred")
_WHERE: Final = "code changes"

Step = dict[str, tuple[str, ...]]
"""Old code → the codes it went to on one day; none where it ended."""


@dataclass(frozen=True)
class Chain:
    """What part of a code's people went to another, and how that was found.

    Parameters
    ----------
    weight : float
        Share of the old code's people, 0–1.
    method : str
        Methods of the splits on the way; empty where there was none.
    quality : str
        The weakest on the way.
    """

    weight: float = 1.0
    method: str = ""
    quality: Quality = "official"

    def then(self, later: Chain) -> Chain:
        """Join with a later step.

        Parameters
        ----------
        later : Chain
            From this chain's end on.

        Returns
        -------
        Chain
            The whole way.
        """
        methods = dict.fromkeys(m for m in (self.method, later.method) if m)
        worst = max(self.quality, later.quality, key=QUALITIES.index)
        return Chain(self.weight * later.weight, ", then ".join(methods), worst)

    def beside(self, other: Chain) -> Chain:
        """Join with another way between the same two codes.

        Parameters
        ----------
        other : Chain
            The other way.

        Returns
        -------
        Chain
            Both ways.
        """
        return replace(self.then(other), weight=self.weight + other.weight)


def read_steps(changes: pd.DataFrame, *, start: str, end: str) -> list[tuple[str, Step]]:
    """Sort changes into days.

    Parameters
    ----------
    changes : DataFrame
        KLASS's columns ``oldCode``, ``newCode``, ``changeOccurred``.
    start, end : str
        ISO dates; changes after the start, up to and with the end, are taken.

    Returns
    -------
    list of (str, Step)
        Day and what changed, in order.

    Raises
    ------
    InputError
        If a column is missing, a date cannot be read or the end lies before the start.
    """
    missing = [column for column in COLUMNS if column not in changes.columns]
    raise_faults(
        Fault(_WHERE, column, "the column is missing.", f"Expected: {', '.join(COLUMNS)}.")
        for column in missing
    )
    limits = pd.to_datetime(pd.Series([start, end]), format="ISO8601", errors="coerce")
    days = pd.to_datetime(changes["changeOccurred"], format="ISO8601", errors="coerce")
    faults = [
        Fault(_WHERE, key, f"{text!r} is no date; expected for example 2020-01-01.")
        for key, text, day in zip(("start", "end"), (start, end), limits, strict=True)
        if pd.isna(day)
    ]
    faults += [
        Fault(_WHERE, f"row {row + 2}", f"{changes['changeOccurred'].iloc[row]!r} is no date.")
        for row in np.flatnonzero(days.isna())
    ]
    if not faults and limits[1] < limits[0]:
        problem = f"{end} lies before {start}."
        faults = [Fault(_WHERE, "end", problem, "Carry forward, then use `CodeWeights.back`.")]
    raise_faults(faults)
    steps: dict[str, dict[str, list[str]]] = {}
    taken = changes[((days > limits[0]) & (days <= limits[1])).to_numpy()]
    for old, new, day in taken[list(COLUMNS)].fillna("").astype(str).itertuples(index=False):
        if old:
            to = steps.setdefault(day[:10], {}).setdefault(old, [])
            if new and new not in to:
                to.append(new)
    return [
        (day, {old: tuple(sorted(to)) for old, to in steps[day].items()}) for day in sorted(steps)
    ]


def follow(
    steps: Sequence[tuple[str, Step]],
    codes: Sequence[str],
    *,
    start: str,
    shares: pd.DataFrame | None,
    people: pd.DataFrame | None,
) -> dict[str, dict[str, Chain]]:
    """Follow codes through all steps.

    Parameters
    ----------
    steps : sequence of (str, Step)
        As `read_steps` gives them.
    codes : sequence of str
        Valid at the start.
    start : str
        ISO date, for the faults.
    shares, people : DataFrame, optional
        As in `code_weights`.

    Returns
    -------
    dict
        Code → last code → chain.

    Raises
    ------
    InputError
        With every change from a code that is not valid on its day, and every code that ends
        without a successor.
    """
    given = _given_shares(shares)
    chains = {code: {code: Chain()} for code in codes}
    valid, before, faults = set(codes), start, list[Fault]()
    for day, step in steps:
        for old in sorted(set(step) - valid):
            problem = f"changes on {day} and is no code of {before}."
            remedy = "Check that the list of codes is that of the first date."
            faults.append(Fault(_WHERE, old, problem, remedy))
        for old in sorted(valid & {old for old, to in step.items() if not to}):
            problem = f"ends on {day} without a successor; its people would be lost."
            faults.append(Fault(_WHERE, old, problem, "Add the code they went to."))
        raise_faults(faults)
        stay = valid - set(step)
        parts = {
            old: divide(old, step, stay=stay, shares=given.get(old), people=people) for old in step
        }
        for code, ends in chains.items():
            moved: dict[str, Chain] = {}
            own = given.get(code)
            for at, chain in ends.items():
                to = parts.get(at, {at: Chain()})
                if own is not None and len(to) > 1 and set(own.index) <= set(to):
                    to = divide(at, step, stay=stay, shares=own, people=None)
                for new, part in to.items():
                    way = chain.then(part)
                    moved[new] = moved[new].beside(way) if new in moved else way
            # what was divided and has come together again is whole
            chains[code] = moved if len(moved) > 1 else dict.fromkeys(moved, Chain())
        valid = valid - set(step) | {new for to in step.values() for new in to}
        before = day
    return chains


def divide(
    old: str,
    step: Step,
    *,
    stay: AbstractSet[str],
    shares: pd.Series[float] | None,
    people: pd.DataFrame | None,
) -> dict[str, Chain]:
    """Say what part of a code's people each successor got on one day.

    Parameters
    ----------
    old : str
        A code that changes.
    step : Step
        All changes of the day.
    stay : set of str
        Codes that go through the day unchanged.
    shares : Series, optional
        People by successor, as far as they are given.
    people : DataFrame, optional
        Columns ``code``, ``year``, ``people``.

    Returns
    -------
    dict of str to Chain
        Successor → part.
    """
    to = step[old]
    if len(to) == 1:
        return {to[0]: Chain()}
    if shares is not None and set(shares.index) <= set(to):
        return _parts(shares.reindex(list(to), fill_value=0.0), "given shares", "approximate")
    # what a successor had before, or got from elsewhere, says nothing about this split
    others = {new for other, ends in step.items() if other != old for new in ends}
    alone = not set(to) & (others | stay)
    later = _first_year(people, to) if people is not None and alone else None
    if later is not None:
        return _parts(later, "successors' people", "approximate")
    return _parts(pd.Series(1.0, index=list(to)), "equal parts", "assumption")


def _parts(people: pd.Series[float], method: str, quality: Quality) -> dict[str, Chain]:
    weights = people / people.sum()
    return {str(new): Chain(float(w), method, quality) for new, w in weights.items()}


def _first_year(people: pd.DataFrame, codes: Sequence[str]) -> pd.Series[float] | None:
    """Residents of the codes in the first year that has them all."""
    own = people[people["code"].isin(codes)]
    sums = own.groupby(["year", "code"])["people"].sum(min_count=1)
    wide = sums.unstack("code").reindex(columns=list(codes))
    whole = wide.dropna()
    whole = whole[whole.sum(axis=1) > 0]
    return None if whole.empty else whole.sort_index().iloc[0].astype(float)


def _given_shares(shares: pd.DataFrame | None) -> dict[str, pd.Series[float]]:
    if shares is None:
        return {}
    counts = pd.to_numeric(shares["people"], errors="coerce").to_numpy(dtype=float)
    faults = [
        Fault("shares", f"row {row + 2}, people", f"{shares['people'].iloc[row]} is no share; "
              "expected people, zero or more.")
        for row in np.flatnonzero(~(np.isfinite(counts) & (counts >= 0)))
    ]  # fmt: skip
    raise_faults(faults)
    by_code = {
        str(old): own.groupby("new")["people"].sum().astype(float)
        for old, own in shares.assign(people=counts).groupby("old")
    }
    raise_faults(
        Fault("shares", old, "all its parts are zero; they cannot be divided by.")
        for old, parts in by_code.items()
        if parts.sum() == 0
    )
    return by_code
