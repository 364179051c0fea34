"""One-year ages → age groups, to the person."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pandas as pd

from navplan.errors import Fault, raise_faults


def group_ages(people: pd.DataFrame, *, starts: Sequence[int]) -> pd.DataFrame:
    """Sum one-year ages into groups; nobody is lost.

    Parameters
    ----------
    people : DataFrame
        Any columns, with ``age`` (whole years) and ``people`` [persons].
    starts : sequence of int
        Lowest age of each group, rising, from 0: ``(0, 18, 67)`` makes 0-17, 18-66 and 67+.

    Returns
    -------
    DataFrame
        The same columns, ``age`` as text (``"18-66"``), one row for every combination of the
        other columns and age group that occurs, in their order.

    Raises
    ------
    InputError
        If the starts do not rise from 0, or an age or a count is missing or negative.
    """
    faults = []
    if not starts or starts[0] != 0 or any(b <= a for a, b in itertools.pairwise(starts)):
        given = ", ".join(map(str, starts)) or "none"
        faults.append(Fault("age groups", "starts", f"{given}; expected to rise from 0."))
    for column in ("age", "people"):
        values = pd.to_numeric(people[column], errors="coerce").to_numpy(dtype=float)
        bad = np.flatnonzero(~(values >= 0) | (values % 1 != 0))
        if len(bad):
            given = str(people[column].iloc[int(bad[0])])
            problem = f"{len(bad)} rows, the first with {given!r}; expected whole numbers from 0."
            faults.append(Fault("people", f"row {people.index[int(bad[0])]}, {column}", problem))
    raise_faults(faults)
    labels = [f"{a}-{b - 1}" for a, b in itertools.pairwise(starts)]
    labels.append(f"{starts[-1]}+")
    ages = pd.to_numeric(people["age"]).to_numpy(dtype=int)
    group = np.searchsorted(np.array(starts), ages, side="right") - 1
    counts = pd.to_numeric(people["people"]).to_numpy(dtype=int)
    keys = [str(column) for column in people.columns if column not in {"age", "people"}]
    numbered = people[keys].assign(age=group, people=counts)
    summed = numbered.groupby([*keys, "age"], sort=True)[["people"]].sum().reset_index()
    summed["age"] = [labels[number] for number in summed["age"]]
    return summed[[*keys, "age", "people"]]
