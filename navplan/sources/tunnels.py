"""Which tunnels walkers and cyclists are led through, for a planner to check one by one."""

from __future__ import annotations

from typing import Final

import pandas as pd

from navplan.nouns import Streets

_SLOW: Final = ("walk", "bicycle")


def tunnel_report(streets: Streets) -> pd.DataFrame:
    """List every tunnel that a way on foot or by bicycle may use.

    Norway's map closes many road tunnels to them with tags, and leaves many without; the default
    for those is a guess (`osm_tags.read_way`). A wrong one sends walkers through a mountain.

    Parameters
    ----------
    streets : Streets
        Any network; `read_osm` says most about tunnels.

    Returns
    -------
    DataFrame
        One row a tunnel, the longest first: ``way`` (ids, joined by ";"), ``name``,
        ``road_class``, ``length_m`` [m], ``walk``, ``bicycle`` (bool: open in some direction),
        ``decided_by`` (the tag or the default that opens or closes it; "" where the source does
        not say). Parts of one way between two junctions are one row.
    """
    edges = streets.edges
    tunnels = edges[(edges["structure"] == "tunnel") & edges[list(_SLOW)].any(axis=1)]
    ends = tunnels[["tail", "head"]]
    called = [str(way).partition(" ") for way in tunnels["way"]]
    parts = pd.DataFrame(
        {
            "way": [way for way, _, _ in called],
            "name": [name for _, _, name in called],
            "road_class": tunnels["road_class"],
            "length_m": tunnels["length_m"],
            **{mode: tunnels[mode] for mode in _SLOW},
            "decided_by": tunnels.get("decided_by", ""),
            "low": ends.min(axis=1),
            "high": ends.max(axis=1),
        }
    )
    street = ["low", "high", "way", "length_m"]
    rest = dict.fromkeys(("name", "road_class", "decided_by"), "first")
    whole = parts.groupby(street, as_index=False).agg(rest | dict.fromkeys(_SLOW, "any"))
    whole = whole.sort_values(["length_m", "way"], ascending=[False, True], ignore_index=True)
    return whole[["way", "name", "road_class", "length_m", *_SLOW, "decided_by"]]
