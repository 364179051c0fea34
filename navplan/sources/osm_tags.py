"""What OpenStreetMap's tags mean for foot, bicycle and car, with Norway's defaults."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Final, NamedTuple

Tags = Mapping[str, str]

CLASSES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("motorway", "motorway_link"), "motorway"),
    **dict.fromkeys(("trunk", "trunk_link"), "trunk"),
    **dict.fromkeys(("primary", "primary_link"), "primary"),
    **dict.fromkeys(("secondary", "secondary_link"), "secondary"),
    **dict.fromkeys(("tertiary", "tertiary_link"), "tertiary"),
    **dict.fromkeys(("unclassified", "residential", "living_street", "service", "road"), "local"),
    **dict.fromkeys(("track", "path", "footway", "pedestrian", "steps", "bridleway"), "path"),
    "cycleway": "cycleway",
}
"""highway → road class; a way with another value (construction, raceway …) is no street."""

_YES: Final = frozenset(
    {"yes", "designated", "permissive", "destination", "official", "customers", "1", "true"}
)
_NO: Final = frozenset(
    {"no", "private", "use_sidepath", "agricultural", "forestry", "delivery", "military",
     "dismount", "emergency", "psv", "permit", "0", "false"}
)  # fmt: skip
_KEYS: Final = {
    "walk": ("access", "foot"),
    "bicycle": ("access", "vehicle", "bicycle"),
    "car": ("access", "vehicle", "motor_vehicle", "motorcar"),
}
"""From general to special: the last that says yes or no decides."""
_ZONES: Final = {"urban": 50.0, "rural": 80.0, "motorway": 110.0, "living_street": 15.0}
_SPEED: Final = re.compile(r"(\d{1,3}(?:\.\d+)?)\s*(mph|km/h|kmh)?")
_CLOCK: Final = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{2})|(\d{1,4})")
_ISO: Final = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?")


class Way(NamedTuple):
    """A way as the three modes see it; forward is the direction it is drawn in."""

    road_class: str
    structure: str
    walk: tuple[bool, bool]
    bicycle: tuple[bool, bool]
    car: tuple[bool, bool]
    speed_km_h: tuple[float, float]

    def turned(self) -> Way:
        """The same way drawn in the other direction."""
        return self._replace(
            walk=self.walk[::-1],
            bicycle=self.bicycle[::-1],
            car=self.car[::-1],
            speed_km_h=self.speed_km_h[::-1],
        )

    @property
    def is_open(self) -> bool:
        """Open to some mode in some direction."""
        return any((*self.walk, *self.bicycle, *self.car))


def read_way(tags: Tags) -> Way | None:
    """Say what a street or ferry is, or None where the tags are of neither.

    Parameters
    ----------
    tags : mapping of str to str
        Tags of an OpenStreetMap way.

    Returns
    -------
    Way or None
        Without the minutes of ferries; see `crossing_minutes`.

    Notes
    -----
    Norway's defaults: pedestrians and cyclists may use every road but motorways, motorroads and
    the tunnels of trunk roads. The last is an assumption, since many of these tunnels lack the
    tags that close them; ``foot=yes`` opens one, and smaller roads' tunnels are open. Cyclists may
    use pavements, footways and pedestrian streets (trafikkreglene § 18) but not steps; paths and
    tracks are closed to cars (motorferdselloven). ``access=private`` closes a way. One-way streets
    bind bicycles unless ``oneway:bicycle=no`` or ``cycleway=opposite…`` says otherwise, and never
    pedestrians.
    """
    if tags.get("route") == "ferry":
        open_to = {mode: _allowed(tags, mode, default=mode != "car") for mode in _KEYS}
        both = {mode: (value, value) for mode, value in open_to.items()}
        way = Way("ferry", "ferry", both["walk"], both["bicycle"], both["car"], (math.nan,) * 2)
        return _one_way(way, tags)
    highway = tags.get("highway", "")
    road_class = CLASSES.get(highway)
    if road_class is None:
        return None
    structure = "open"
    if tags.get("tunnel", "no") not in {"no", "culvert", "building_passage"}:
        structure = "tunnel"
    elif tags.get("bridge", "no") != "no":
        structure = "bridge"
    motor_only = road_class == "motorway" or tags.get("motorroad") == "yes"
    motor_only |= road_class == "trunk" and structure == "tunnel"
    if road_class == "trunk" and tags.get("motorroad") == "yes":
        road_class = "expressway"
    open_to = {
        "walk": _allowed(tags, "walk", default=not motor_only),
        "bicycle": _allowed(tags, "bicycle", default=not motor_only and highway != "steps"),
        "car": _allowed(tags, "car", default=road_class not in {"path", "cycleway"}),
    }
    both = {mode: (value, value) for mode, value in open_to.items()}
    posted = speed_km_h(tags.get("maxspeed", ""))
    speeds = tuple(
        speed_km_h(tags[key]) if (key := f"maxspeed:{way}") in tags else posted
        for way in ("forward", "backward")
    )
    way = Way(
        road_class, structure, both["walk"], both["bicycle"], both["car"], (speeds[0], speeds[1])
    )
    return _one_way(way, tags)


def _allowed(tags: Tags, mode: str, *, default: bool) -> bool:
    allowed = default
    for key in _KEYS[mode]:
        value = tags.get(key, "")
        if value in _NO:
            allowed = False
        # A general yes does not open what the kind of way forbids: access=yes on a footpath.
        elif value in _YES and (key == _KEYS[mode][-1] or key == "motor_vehicle"):
            allowed = True
    return allowed


def _one_way(way: Way, tags: Tags) -> Way:
    value = tags.get("oneway", "")
    if not value and (
        tags.get("junction") in {"roundabout", "circular"} or tags.get("highway") == "motorway"
    ):
        value = "yes"
    directions = {"yes": (True, False), "1": (True, False), "true": (True, False)}
    directions |= {"-1": (False, True), "reverse": (False, True)}
    vehicles = directions.get(value, (True, True))
    bicycles = vehicles
    if tags.get("oneway:bicycle") == "no" or any(
        tags.get(key, "").startswith("opposite")
        for key in ("cycleway", "cycleway:left", "cycleway:right", "cycleway:both")
    ):
        bicycles = (True, True)
    elif "oneway:bicycle" in tags:
        bicycles = directions.get(tags["oneway:bicycle"], bicycles)
    walkers = directions.get(tags.get("oneway:foot", ""), (True, True))
    return way._replace(
        walk=_both(way.walk, walkers), bicycle=_both(way.bicycle, bicycles),
        car=_both(way.car, vehicles),
    )  # fmt: skip


def _both(a: tuple[bool, bool], b: tuple[bool, bool]) -> tuple[bool, bool]:
    return a[0] and b[0], a[1] and b[1]


def speed_km_h(text: str) -> float:
    """Posted speed of a ``maxspeed`` tag; NaN where it says none.

    Parameters
    ----------
    text : str
        For example ``"60"``, ``"30 mph"`` or ``"NO:urban"``.

    Returns
    -------
    float
        Speed [km/h]; zone words stand for Norway's general limits.
    """
    if ":" in text:
        return _ZONES.get(text.split(":", 1)[1], math.nan)
    match = _SPEED.fullmatch(text.strip())
    if match is None or float(match[1]) <= 0:
        return math.nan
    return float(match[1]) * (1.609344 if match[2] == "mph" else 1.0)


def crossing_minutes(text: str) -> float:
    """Minutes of a ``duration`` or ``interval`` tag; NaN where it says none.

    Parameters
    ----------
    text : str
        ``HH:MM``, ``HH:MM:SS``, minutes, or ISO 8601 such as ``PT1H20M``.

    Returns
    -------
    float
        Minutes [min].
    """
    text = text.strip()
    if (match := _CLOCK.fullmatch(text)) is not None:
        if match[4] is not None:
            minutes = float(match[4])
        elif match[1] is not None:
            minutes = int(match[1]) * 60 + int(match[2]) + int(match[3]) / 60
        else:
            minutes = int(match[2]) * 60 + int(match[3])
        return float(minutes) if minutes > 0 else math.nan
    if (iso := _ISO.fullmatch(text)) is not None and any(iso.groups()):
        hours, whole, seconds = (int(part or 0) for part in iso.groups())
        return hours * 60 + whole + seconds / 60
    return math.nan
