"""How the cohorts of an area changed → how they go on changing (Hamilton–Perry)."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from navplan.errors import Fault, raise_faults

Floats = npt.NDArray[np.float64]
MOTHERS: Final = (20, 49)
"""First and last age of the women that children under seven are counted by."""


def cohort_ratio(
    before: pd.DataFrame,
    base: pd.DataFrame,
    *,
    years: int,
    steps: int,
    open_age: int = 90,
    pooled: int = 1,
) -> pd.DataFrame:
    """Project residents of one area by age and sex from how its cohorts changed (Hamilton–Perry).

    With P(t, s, x) the residents of sex s and age x, k the years between the two counts and t the
    later of them::

        P(t + k, s, x) = P(t, s, x - k) · P(t, s, x) / P(t - k, s, x - k)   for x ≥ k
        P(t + k, s, x) = W(t + k) · P(t, s, x) / W(t)                       for x < k

    where W is women of 20–49, the ages at which mothers of children under k = 7 mostly are
    (child-woman ratio). The oldest are one group. Each step uses the same ratios.

    Parameters
    ----------
    before, base : DataFrame
        Residents at the two counts: index age 0…, columns ``female`` and ``male``.
    years : int
        Between the counts [years].
    steps : int
        How many times the ratios are applied.
    open_age : int
        This age and over is one group.
    pooled : int
        Ratios are taken over this many neighbouring ages (odd); more for small areas.

    Returns
    -------
    DataFrame
        Residents [persons, not whole] after ``steps × years`` years, index age 0…open_age.

    Raises
    ------
    InputError
        If a cohort was empty before, so that no ratio exists.

    Notes
    -----
    Needs no births, deaths or moves, so it fits areas for which no official projection exists;
    where one exists use that. It carries the moves of the base period on, with whatever was
    special in it.

    References
    ----------
    .. [1] C. H. Hamilton, J. Perry (1962), A short method for projecting population by age from
       one decennial census to another, Social Forces 41(2), 163–170, doi:10.2307/2573607.
    """
    old, new = _closed(before, open_age), _closed(base, open_age)
    ratio = {sex: _ratios(old[sex], new[sex], years=years, pooled=pooled) for sex in new}
    first, last = MOTHERS
    women = new["female"][first : last + 1].sum()
    if women == 0:
        raise_faults([Fault("ages", "female", f"there are no women of {first}–{last}.")])
    births = {sex: new[sex][:years] / women for sex in new}
    now = new
    for _ in range(steps):
        later = {}
        for sex, people in now.items():
            moved = np.empty(open_age + 1)
            moved[years:open_age] = people[: open_age - years] * ratio[sex][:-1]
            moved[open_age] = people[open_age - years :].sum() * ratio[sex][-1]
            later[sex] = moved
        mothers = later["female"][first : last + 1].sum()
        for sex, moved in later.items():
            moved[:years] = births[sex] * mothers
        now = later
    return pd.DataFrame(now, index=pd.RangeIndex(open_age + 1, name="age"))


def _closed(frame: pd.DataFrame, open_age: int) -> dict[str, Floats]:
    closed = {}
    for sex in ("female", "male"):
        values = frame[sex].reindex(range(int(frame.index.max()) + 1), fill_value=0)
        people = values.to_numpy(dtype=float)
        closed[sex] = np.append(people[:open_age], people[open_age:].sum())
    return closed


def _ratios(old: Floats, new: Floats, *, years: int, pooled: int) -> Floats:
    """One ratio for each age reached from `years` on; the last is that of the open group."""
    open_age = len(new) - 1
    above, below = new[years:open_age], old[: open_age - years]
    kernel = np.ones(pooled)
    above = np.append(np.convolve(above, kernel, mode="same"), new[open_age])
    below = np.append(np.convolve(below, kernel, mode="same"), old[open_age - years :].sum())
    empty = np.flatnonzero(below == 0)
    if len(empty):
        problem = f"nobody was {int(empty[0])} years old at the first count; no ratio exists."
        raise_faults([Fault("cohorts", f"age {int(empty[0])}", problem, "Pool more ages.")])
    return np.asarray(above / below, dtype=float)
