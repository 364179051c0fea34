"""The town of tests/town.py with a ferry where its bridge is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from navplan.network import streets_from_links
from navplan.nouns import Streets
from tests import town


def streets(sails_from: float = np.nan, sails_until: float = np.nan) -> Streets:
    """A crossing of 5 min every 20 min, between two times [s after midnight] or all day."""
    links = town.links()
    bridge = links["structure"] == "bridge"
    ferry = {"structure": "ferry", "road_class": "ferry", "crossing_min": 5.0, "headway_min": 20.0}
    for column, value in ferry.items():
        links.loc[bridge, column] = value
    made = streets_from_links(town.nodes(), links, crs=town.CRS)
    afloat = made.edges["structure"] == "ferry"
    hours = {"sails_from": sails_from, "sails_until": sails_until}
    sailing = {name: np.where(afloat, time, np.nan) for name, time in hours.items()}
    return replace(made, edges=made.edges.assign(**sailing))
