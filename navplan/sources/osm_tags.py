"""What OpenStreetMap's tags mean for foot, wheelchair, bicycle and car, with Norway's defaults."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from navplan.sources.osm_values import IMPASSABLE, speed_km_h, surface

Tags = Mapping[str, str]
Sides = tuple[bool, bool]
"""Whether something holds in the direction a way is drawn in, and against it."""

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
     "dismount", "emergency", "psv", "permit", "residents", "restricted", "employees", "0", "false"}
)  # fmt: skip
_KEYS: Final = {
    "walk": ("access", "foot"),
    "bicycle": ("access", "vehicle", "bicycle"),
    "car": ("access", "vehicle", "motor_vehicle", "motorcar"),
}
"""From general to special: the last that says yes or no decides."""
_OPENS: Final = frozenset({"foot", "bicycle", "motor_vehicle", "motorcar"})
"""Keys whose yes opens what the kind of way forbids; ``access=yes`` on a footpath does not."""
_SIDES: Final = ("forward", "backward")
_ACCESS: Final = tuple(dict.fromkeys(key for keys in _KEYS.values() for key in keys))

CONDITIONAL: Final = (*(f"{key}:conditional" for key in (*_ACCESS, "oneway", "maxspeed")),)
"""Rules that hold at some hours or for some vehicles only: counted, never followed."""
READ: Final = (
    *("highway", "route", "junction", "motorroad", "tunnel", "bridge"),
    *("oneway", "oneway:bicycle", "oneway:foot", "conveying"),
    *("cycleway", "cycleway:left", "cycleway:right", "cycleway:both"),
    *("cycleway:left:oneway", "cycleway:right:oneway"),
    *_ACCESS,
    *(f"{key}:{side}" for key in _ACCESS for side in _SIDES),
    *("ramp", "ramp:bicycle", "ramp:wheelchair"),
    *("wheelchair", "surface", "smoothness", "tracktype"),
    *("maxspeed", "maxspeed:forward", "maxspeed:backward"),
    *("maxspeed:type", "source:maxspeed", "zone:maxspeed"),
)
"""All keys that `read_way` looks at."""


class Way(NamedTuple):
    """A way as the modes see it; each pair is along the way as drawn, then against it."""

    road_class: str
    structure: str
    walk: Sides
    wheelchair: Sides
    bicycle: Sides
    car: Sides
    speed_km_h: tuple[float, float]
    steps: bool = False
    surface: str = ""
    decided_by: str = ""
    """Tunnels: what opened or closed it on foot and by bicycle, a tag or the default."""

    def turned(self) -> Way:
        """The same way drawn in the other direction."""
        return self._replace(
            walk=self.walk[::-1],
            wheelchair=self.wheelchair[::-1],
            bicycle=self.bicycle[::-1],
            car=self.car[::-1],
            speed_km_h=self.speed_km_h[::-1],
        )

    def closed_to(self, modes: frozenset[str]) -> Way:
        """The same way, barred to some modes.

        Parameters
        ----------
        modes : frozenset of str
            Of "walk", "wheelchair", "bicycle" and "car".
        """
        closed: dict[str, Any] = dict.fromkeys(modes, (False, False))
        return self._replace(**closed)

    @property
    def is_open(self) -> bool:
        """Open to some mode in some direction."""
        return any((*self.walk, *self.bicycle, *self.car))


def read_way(tags: Tags) -> Way | None:
    """Say what a street or ferry is, or None where the tags are of neither.

    Parameters
    ----------
    tags : mapping of str to str
        Tags of an OpenStreetMap way; only `READ` matter.

    Returns
    -------
    Way or None
        Without the minutes and hours of ferries.

    Notes
    -----
    *Defaults, Norway's.* Pedestrians and cyclists may use every road but motorways, motorroads and
    the tunnels of trunk roads. The last is an assumption, since many of these tunnels lack the
    tags that close them; ``foot=yes`` and ``bicycle=yes`` open one, and smaller roads' tunnels are
    open unless tagged otherwise (`tunnel_report` lists them). Cyclists may use pavements, footways
    and pedestrian streets (trafikkreglene § 18) but not steps; paths and tracks are closed to cars
    (motorferdselloven).

    *Access* goes from the general to the special, and the most special that says anything decides:
    on foot ``access`` < ``foot``; by bicycle ``access`` < ``vehicle`` < ``bicycle``; by car
    ``access`` < ``vehicle`` < ``motor_vehicle`` < ``motorcar``; each with ``:forward`` and
    ``:backward`` above it. So ``foot=yes`` opens what ``access=private`` closes. ``destination``
    and ``customers`` count as open, since who travels to an office is bound for somewhere;
    ``private``, ``delivery``, ``permit``, ``agricultural`` and the like as closed, as do
    ``bicycle=dismount`` (but on ferries) and ``use_sidepath``. A yes of ``access`` or ``vehicle``
    brings back the default of the road and no more. Rules of single lanes are not read.

    *Directions.* ``oneway`` binds cars, and bicycles unless ``oneway:bicycle=no`` or a contraflow
    ``cycleway`` says otherwise, and pedestrians only as ``oneway:foot`` or on escalators.
    Motorways and roundabouts are one-way by themselves, motorway links are not. ``reversible``
    closes a way to cars and bicycles (nobody knows which way it leads at the time);
    ``alternating`` leaves it open both ways.

    *Wheelchairs* pass where one may walk, as far as is known: not on steps (unless a ramp is
    tagged), not where ``wheelchair=no`` or ``smoothness`` is very bad or worse. A bare ``ramp=yes``
    opens steps to wheelchairs and bicycles, ``ramp:bicycle`` and ``ramp:wheelchair`` only to
    theirs.

    *Speeds* are `speed_km_h` of ``maxspeed:forward`` or ``:backward``, ``maxspeed``, or the zone in
    ``maxspeed:type``, ``source:maxspeed`` or ``zone:maxspeed``. ``service`` is not read: driveways
    and parking aisles are local roads like others.
    """
    if tags.get("route") == "ferry":
        return _ferry(tags)
    highway = tags.get("highway", "")
    road_class = CLASSES.get(highway)
    if road_class is None:
        return None
    structure = _structure(tags)
    motor_only = road_class == "motorway" or tags.get("motorroad") == "yes"
    motor_only |= road_class == "trunk" and structure == "tunnel"
    if road_class == "trunk" and tags.get("motorroad") == "yes":
        road_class = "expressway"
    steps = highway == "steps"
    walk, walk_rule = access(tags, "walk", default=not motor_only)
    wheels = not steps or _ramp(tags, "bicycle")
    bicycle, bicycle_rule = access(tags, "bicycle", default=not motor_only and wheels)
    car, _ = access(tags, "car", default=road_class not in {"path", "cycleway"})
    by = f"foot by {walk_rule}, bicycle by {bicycle_rule}" if structure == "tunnel" else ""
    way = Way(road_class, structure, walk, walk, bicycle, car, _speeds(tags), steps, surface(tags),
              by)  # fmt: skip
    way = _one_way(way, tags)
    return (
        way._replace(wheelchair=way.walk)
        if _rolls(tags, steps=steps)
        else way.closed_to(frozenset({"wheelchair"}))
    )


def access(tags: Tags, mode: str, *, default: bool) -> tuple[Sides, str]:
    """Whether a mode may pass, along and against, and which tag says so.

    Parameters
    ----------
    tags : mapping of str to str
        Tags of a way or a node.
    mode : {"walk", "bicycle", "car"}
        Who passes.
    default : bool
        What holds where no tag says anything.

    Returns
    -------
    sides : tuple of bool
        Along and against.
    rule : str
        ``"default"`` or the tag, for example ``"foot=yes"`` (that of the way as drawn).
    """
    sides, rules = [], []
    for side in _SIDES:
        allowed, rule = default, "default"
        for key in _KEYS[mode]:
            for full in (key, f"{key}:{side}"):
                said = _says(tags[full]) if full in tags else None
                if said is not None:
                    allowed = said and (default or key in _OPENS)
                    rule = f"{full}={tags[full]}"
        sides.append(allowed)
        rules.append(rule)
    return (sides[0], sides[1]), rules[0]


def _says(value: str) -> bool | None:
    """Yes, no or nothing; of several values one yes is enough."""
    values = {part.strip() for part in value.split(";")}
    return True if values & _YES else False if values & _NO else None


def _ferry(tags: Tags) -> Way:
    # who has to get off and push comes aboard all the same
    told = {key: value for key, value in tags.items() if (key, value) != ("bicycle", "dismount")}
    modes = {mode: access(told, mode, default=mode != "car")[0] for mode in _KEYS}
    if _says(tags.get("vehicle", "")) and not {"motor_vehicle", "motorcar"} & tags.keys():
        modes["car"] = (True, True)  # on the water "vehicle" can mean nothing less
    way = Way("ferry", "ferry", modes["walk"], modes["walk"], modes["bicycle"], modes["car"],
              (math.nan, math.nan))  # fmt: skip
    return way.closed_to(frozenset({"wheelchair"})) if tags.get("wheelchair") == "no" else way


def _structure(tags: Tags) -> str:
    if tags.get("tunnel", "no") not in {"no", "culvert", "building_passage"}:
        return "tunnel"
    return "bridge" if tags.get("bridge", "no") != "no" else "open"


def _ramp(tags: Tags, kind: str) -> bool:
    """Whether steps have a ramp of a kind; a bare ramp=yes is one for all."""
    told = {key for key in ("ramp:bicycle", "ramp:wheelchair") if tags.get(key, "no") != "no"}
    return f"ramp:{kind}" in told or (tags.get("ramp") == "yes" and not told)


def _rolls(tags: Tags, *, steps: bool) -> bool:
    wheelchair = tags.get("wheelchair", "")
    if wheelchair == "no" or tags.get("smoothness", "") in IMPASSABLE:
        return False
    return not steps or _ramp(tags, "wheelchair") or wheelchair in {"yes", "designated"}


def _speeds(tags: Tags) -> tuple[float, float]:
    posted = math.nan
    for key in ("maxspeed", "maxspeed:type", "source:maxspeed", "zone:maxspeed"):
        if math.isnan(posted) and key in tags:
            posted = speed_km_h(tags[key])
    along, against = (
        speed_km_h(tags[key]) if (key := f"maxspeed:{side}") in tags else posted for side in _SIDES
    )
    return along, against


_DIRECTIONS: Final[Mapping[str, Sides]] = {
    **dict.fromkeys(("yes", "1", "true"), (True, False)),
    **dict.fromkeys(("-1", "reverse"), (False, True)),
    "reversible": (False, False),
}


def _one_way(way: Way, tags: Tags) -> Way:
    value = tags.get("oneway", "")
    if not value and (
        tags.get("junction") in {"roundabout", "circular"} or tags.get("highway") == "motorway"
    ):
        value = "yes"
    vehicles = bicycles = _DIRECTIONS.get(value, (True, True))
    if "oneway:bicycle" in tags:
        bicycles = _DIRECTIONS.get(tags["oneway:bicycle"], (True, True))
    elif _contraflow(tags):
        bicycles = (True, True)
    walkers = _DIRECTIONS.get(tags.get("oneway:foot", ""), (True, True))
    if tags.get("conveying") in _SIDES:
        walkers = (tags["conveying"] == "forward", tags["conveying"] == "backward")
    return way._replace(
        walk=_both(way.walk, walkers),
        bicycle=_both(way.bicycle, bicycles),
        car=_both(way.car, vehicles),
    )


def _contraflow(tags: Tags) -> bool:
    return any(
        tags.get(key, "").startswith("opposite")
        for key in ("cycleway", "cycleway:left", "cycleway:right", "cycleway:both")
    ) or any(
        tags.get(f"cycleway:{side}:oneway") in {"no", "-1"}
        and tags.get(f"cycleway:{side}", "no") not in {"no", "none", "separate"}
        for side in ("left", "right")
    )


def _both(a: Sides, b: Sides) -> Sides:
    return a[0] and b[0], a[1] and b[1]
