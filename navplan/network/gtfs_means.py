"""What runs on a line: GTFS route types, basic and extended, in words."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

UNKNOWN: Final = "unknown"
_BASIC: Final = MappingProxyType(
    {
        0: "tram",
        1: "metro",
        2: "rail",
        3: "bus",
        4: "ferry",
        5: "cable",
        6: "cable",
        7: "funicular",
        11: "trolleybus",
        12: "monorail",
    }
)
_MONORAIL: Final = 405
_HUNDREDS: Final = MappingProxyType(
    {
        1: "rail",
        2: "coach",
        3: "rail",
        4: "metro",
        5: "metro",
        6: "metro",
        7: "bus",
        8: "trolleybus",
        9: "tram",
        10: "ferry",
        11: "air",
        12: "ferry",
        13: "cable",
        14: "funicular",
        15: "taxi",
        16: "self-drive",
        17: "other",
    }
)


def means_of(route_type: int) -> str:
    """Name the means of travel of a route type.

    Entur's feeds use the extended types, under which a reader that knows only 0–12 loses trams,
    metros and ferries.

    Parameters
    ----------
    route_type : int
        Basic (0–12) or extended (100–1799): the hundreds tell the means, after TPEG, see
        https://developers.google.com/transit/gtfs/reference/extended-route-types.

    Returns
    -------
    str
        ``rail``, ``coach``, ``bus``, ``trolleybus``, ``tram``, ``metro``, ``monorail``,
        ``ferry`` (all boats), ``air``, ``cable`` (cable trams and aerial lifts), ``funicular``,
        ``taxi``, ``self-drive``, ``other`` or ``unknown``.
    """
    if route_type == _MONORAIL:
        return "monorail"
    return _BASIC.get(route_type) or _HUNDREDS.get(route_type // 100, UNKNOWN)


def is_ferry(route_type: int) -> bool:
    """Whether a route type is of a boat.

    Parameters
    ----------
    route_type : int
        Basic or extended.

    Returns
    -------
    bool
        True for 4, 1000–1099 and 1200–1299.
    """
    return means_of(route_type) == "ferry"
