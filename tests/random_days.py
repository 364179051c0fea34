"""Random service days of the made-up town, with all that a timetable can say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from navplan.nouns import Timetable
from tests import town

STEP_FREE = (1.0, 0.0, np.nan)


@st.composite
def days(draw: st.DrawFn, *, first: int, last: int, plain: bool = False) -> Timetable:
    """Draw up to seven trips of two to five calls that start between two clock times.

    Calls may be barred to boarding or alighting. Unless the day is plain, trips go on as others,
    changes are forbidden, timed or slow, stops and trips step-free or not.
    """
    trips = draw(st.integers(1, 7))
    rows, starts, ends = [], [], []
    for trip in range(trips):
        clock = draw(st.integers(first, last))
        for call in range(draw(st.integers(2, 5))):
            stop = draw(st.integers(0, len(town.STOPS) - 1))
            wait = draw(st.sampled_from([0, 0, 45]))
            board, alight = draw(st.sampled_from([(True, True)] * 2 + [(True, False)] * 2))
            flags = (board, alight) if draw(st.booleans()) else (alight, board)
            rows.append((trip, stop, clock, clock + wait, *flags))
            starts += [clock] if call == 0 else []
            clock += wait + draw(st.sampled_from([0, 60, 77, 240, 600]))
        ends.append(rows[-1][3])
    columns = ["trip", "stop", "arrival", "departure", "board", "alight"]
    stop_times = pd.DataFrame(rows, columns=columns)
    if plain:
        return replace(_BASE, stop_times=stop_times, trips=_BASE.trips.iloc[:trips])
    later = [[-1, *(t for t in range(trips) if starts[t] >= end and t != own)]
             for own, end in enumerate(ends)]  # fmt: skip
    table = _BASE.trips.iloc[:trips].assign(
        line=[f"line {trip}" for trip in range(trips)],
        continues=[draw(st.sampled_from(onward)) for onward in later],
        step_free=[draw(st.sampled_from(STEP_FREE)) for _ in range(trips)],
    )
    stops = _BASE.stops.assign(step_free=[draw(st.sampled_from(STEP_FREE)) for _ in town.STOPS])
    pairs = draw(st.sets(st.tuples(*[st.integers(0, len(town.STOPS) - 1)] * 2), max_size=6))
    changes = pd.DataFrame(
        [(*pair, draw(st.sampled_from([np.nan, 30.0, 900.0])), *draw(_RULES))
         for pair in sorted(pairs)],
        columns=["from_stop", "to_stop", "least_s", "allowed", "timed"],
    )  # fmt: skip
    kinds = {"from_stop": int, "to_stop": int, "least_s": float, "allowed": bool, "timed": bool}
    return replace(
        _BASE,
        stops=stops,
        stop_times=stop_times,
        trips=table,
        changes=changes.astype(kinds),
    )


_BASE = town.timetable()
_RULES = st.sampled_from([(True, False), (True, True), (False, False)])
