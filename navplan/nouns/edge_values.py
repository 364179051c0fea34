"""What the columns of a street network's edges may hold."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd

from navplan.errors import Fault

_KINDS: Final[Mapping[str, tuple[type, str]]] = MappingProxyType(
    {
        **dict.fromkeys(("tail", "head"), (int, "a whole number (int)")),
        **dict.fromkeys(("walk", "bicycle", "car", "wheelchair", "steps"), (bool, "True or False")),
    }
)
_DTYPES: Final[Mapping[type, str]] = MappingProxyType({int: "iu", bool: "b"})
_ALWAYS: Final = ("length_m", "signals")
_NOT_NEGATIVE: Final = (*_ALWAYS, "crossing_min", "headway_min", "speed_km_h", "car_s")
_NUMBERS: Final = (*_NOT_NEGATIVE, "climb_m", "sails_from", "sails_until")


def edge_faults(edges: pd.DataFrame) -> list[Fault]:
    """List the columns with a value that no edge can have.

    Parameters
    ----------
    edges : DataFrame
        As of `navplan.nouns.Streets`; columns that are not there are passed over.

    Returns
    -------
    list of Fault
        One a column, naming its first wrong row; empty where all is well.
    """
    if not len(edges):
        return []
    faults = [_kind_fault(edges[name]) for name in _KINDS if name in edges]
    faults += [_number_fault(edges[name]) for name in _NUMBERS if name in edges]
    return [fault for fault in faults if fault is not None]


def _kind_fault(column: pd.Series) -> Fault | None:
    kind, expected = _KINDS[str(column.name)]
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in _DTYPES[kind]:
        return None
    # `type` and not isinstance, since True is an int too
    wrong = (row for row, value in enumerate(column.tolist()) if type(value) is not kind)
    row = next(wrong, None)
    if row is None:
        given = f"the column is of {column.dtype}; expected {kind.__name__}."
        return Fault("streets", str(column.name), given, f"Make it {kind.__name__}.")
    return _fault(column, row, expected)


def _number_fault(column: pd.Series) -> Fault | None:
    name = str(column.name)
    numbers = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    good = np.isfinite(numbers)
    expected = "a number"
    if name in _NOT_NEGATIVE:
        good &= numbers >= 0
        expected = "zero or more"
    if name not in _ALWAYS:
        good |= column.isna().to_numpy()
        expected += ", or nothing where it is not known"
    return None if good.all() else _fault(column, int(good.argmin()), expected)


def _fault(column: pd.Series, row: int, expected: str) -> Fault:
    (given,) = column.iloc[[row]].tolist()
    return Fault(
        "streets", f"edge {column.index[row]}, {column.name}", f"{given!r}; expected {expected}."
    )
