"""Linear programs with whole-number columns, as arrays, checked before any solver sees them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from navplan.locate.array_types import Floats

# HiGHS drops smaller coefficients, and takes larger numbers for infinite.
_SMALLEST: Final = 1e-9
_LARGEST: Final = 1e15


@dataclass(frozen=True, eq=False)
class Program:
    """Minimise cost · x + offset with lower ≤ x ≤ upper and row_lower ≤ rows · x ≤ row_upper.

    Parameters
    ----------
    cost : array (columns)
        Finite. A column with a cost needs a finite bound on its cheap side.
    lower, upper : array (columns)
        Bounds; ``-inf`` and ``inf`` where there is none.
    integer : array of bool (columns)
        Which columns are whole numbers.
    rows : sparse array (rows × columns)
        Finite coefficients, in compressed rows (`scipy.sparse.csr_array`).
    row_lower, row_upper : array (rows)
        Limits; ``-inf`` and ``inf`` where there is none.
    offset : float
        Added to every value.

    Raises
    ------
    ValueError
        If a shape does not fit, a number is NaN or out of HiGHS's range, a lower bound lies above
        its upper, or the value could fall without end: faults of the caller, not of a planner.
    """

    cost: Floats
    lower: Floats
    upper: Floats
    integer: npt.NDArray[np.bool_]
    rows: sparse.csr_array
    row_lower: Floats
    row_upper: Floats
    offset: float = 0.0

    def __post_init__(self) -> None:
        count, columns = self.rows.shape
        for name in ("cost", "lower", "upper", "integer"):
            if getattr(self, name).shape != (columns,):
                raise ValueError(f"{name} has another length than rows has columns ({columns})")
        for name in ("row_lower", "row_upper"):
            if getattr(self, name).shape != (count,):
                raise ValueError(f"{name} has another length than there are rows ({count})")
        _check_numbers("cost", self.cost)
        _check_numbers("rows", self.rows.data)
        _check_numbers("offset", np.array([self.offset]))
        if (np.abs(self.rows.data[self.rows.data != 0]) < _SMALLEST).any():
            raise ValueError(f"a coefficient of rows is below {_SMALLEST} and would be dropped")
        _check_limits("column", self.lower, self.upper)
        _check_limits("row", self.row_lower, self.row_upper)
        falls = ((self.cost > 0) & np.isneginf(self.lower)) | (
            (self.cost < 0) & np.isposinf(self.upper)
        )
        if falls.any():
            raise ValueError("a column with a cost has no bound on its cheap side")


def rows_of(terms: list[tuple[npt.NDArray[np.intp], Floats]], columns: int) -> sparse.csr_array:
    """Join rows, each given as its columns and coefficients.

    Parameters
    ----------
    terms : list of (array of int, array)
        Columns and coefficients of each row.
    columns : int
        How many columns the program has.

    Returns
    -------
    csr_array (rows × columns)
        Ready for a `Program`.
    """
    lengths = [len(index) for index, _ in terms]
    start = np.concatenate([[0], np.cumsum(lengths, dtype=np.intp)])
    index = np.concatenate([np.empty(0, np.intp), *(index for index, _ in terms)])
    data = np.concatenate([np.empty(0), *(data for _, data in terms)])
    return sparse.csr_array((data, index, start), shape=(len(terms), columns))


def _check_numbers(name: str, numbers: Floats) -> None:
    if not np.isfinite(numbers).all() or (np.abs(numbers) > _LARGEST).any():
        raise ValueError(f"a number of {name} is not finite or above {_LARGEST}")


def _check_limits(name: str, lower: Floats, upper: Floats) -> None:
    if np.isnan(lower).any() or np.isnan(upper).any():
        raise ValueError(f"a limit of a {name} is NaN")
    if np.isposinf(lower).any() or np.isneginf(upper).any():
        raise ValueError(f"a limit of a {name} is infinite on the wrong side")
    for limit in (lower, upper):
        _check_numbers(f"the limits of a {name}", limit[np.isfinite(limit)])
    if (lower > upper).any():
        raise ValueError(f"the lower limit of a {name} lies above its upper")
