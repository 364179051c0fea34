"""Many lanes at once: rows of 64 labels, one for each site, folded by vector instructions.

A *row* is 64 neighbouring int32 in a flat, contiguous array, one lane for each site; row r starts
at element r × `LANES`. To be called from functions compiled by numba, in threads too:

- ``fold(out, out_row, base, base_row, add, table, rows, weights, begin, end)``:
  ``out[out_row] = min(UNREACHED, base[base_row] + add, table[rows[i]] + weights[i] …)``
- ``fold_plain(out, out_row, base, base_row, add, table, rows, begin, end, shift)``:
  the same without weights, then ``shift`` added to every lane
- ``exchange(table, one, other)``: row ``one`` gets the smaller, row ``other`` the larger

In both folds i runs from ``begin`` to before ``end``, and a negative ``base_row`` means that there
is no base. `navplan.travel.lanes_plain` says the same in loops.

The caller guarantees: every table, ``rows`` and ``weights`` is a contiguous int32 array; rows and
positions lie inside (nothing is checked, a row outside overwrites memory); each label, weight,
``add`` and ``shift`` lies between −`UNREACHED` and `UNREACHED`. Then no sum overflows, and what
``fold`` writes lies in that range again unless a label below zero is lowered further.

Functions that call these are compiled with ``@njit(nogil=True, cache=CACHED)``. numba keeps
compiled functions on disk with what they call built in, but looks only at their own file for
changes: after a change in one of the three lane files, remove ``navplan/travel/__pycache__``.
For the same reason `CACHED` is false where the environment variable ``NAVPLAN_PLAIN_LANES=1``
asks for the plain loops.
"""

from __future__ import annotations

import os
from typing import Final

from navplan.travel import lanes_plain, lanes_vector
from navplan.travel.lanes_plain import LANES, UNREACHED

__all__ = ["CACHED", "LANES", "UNREACHED", "exchange", "fold", "fold_plain"]

CACHED: Final = os.environ.get("NAVPLAN_PLAIN_LANES") != "1"
"""Whether callers may be kept on disk: yes, unless the plain loops are asked for."""

_lanes: Final = lanes_vector if CACHED else lanes_plain
fold: Final = _lanes.fold
fold_plain: Final = _lanes.fold_plain
exchange: Final = _lanes.exchange
