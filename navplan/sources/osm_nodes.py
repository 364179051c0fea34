"""What stands on OpenStreetMap's nodes: barriers, kerbs and traffic signals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from navplan.sources.osm_tags import Tags, access

_CAR: Final = frozenset({"car"})
_WHEELS: Final = frozenset({"car", "bicycle", "wheelchair"})
_ALL: Final = frozenset({"car", "bicycle", "wheelchair", "walk"})
BARRIERS: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(
        ("bollard", "block", "planter", "jersey_barrier", "chain", "rope", "log", "debris",
         "bus_trap", "sump_buster", "cycle_barrier", "motorcycle_barrier", "kent_carriage_gap",
         "wicket_gate", "bar", "barrier_board", "yes"),
        _CAR,
    ),
    **dict.fromkeys(
        ("kissing_gate", "stile", "turnstile", "full-height_turnstile", "horse_stile"), _WHEELS
    ),
    **dict.fromkeys(
        ("fence", "wall", "retaining_wall", "city_wall", "hedge", "ditch", "guard_rail",
         "cable_barrier"),
        _ALL,
    ),
}  # fmt: skip
"""Kind of barrier → the modes it stops where no tag says otherwise.

Kinds that are absent stop nobody: gates of all sorts (they are closed by ``access``, ``foot`` … of
their own, or ``locked=yes``), toll booths, border controls, cattle grids, height restrictors,
kerbs but raised ones. An assumption in so far as ``barrier=yes`` says nothing more.
"""
KEYS: Final = ("barrier", "kerb", "highway", "crossing", "crossing:signals")
"""A node without any of these is of no interest here."""
READ: Final = (
    *KEYS,
    *("access", "foot", "vehicle", "bicycle", "motor_vehicle", "motorcar", "wheelchair", "locked"),
    *("traffic_signals", "traffic_signals:direction", "direction"),
)
"""All keys that are looked at."""


def stopped(tags: Tags) -> frozenset[str]:
    """Which of "walk", "wheelchair", "bicycle" and "car" cannot pass a node.

    Parameters
    ----------
    tags : mapping of str to str
        Tags of the node.

    Returns
    -------
    frozenset of str
        Empty where nothing bars the way.

    Notes
    -----
    A barrier stops what `BARRIERS` says; its own access tags open or close it as they do a way
    (`osm_tags.read_way`), and ``locked=yes`` counts as ``access=no``. A raised kerb stops
    wheelchairs, as does ``wheelchair=no``; ``wheelchair=yes`` lets them pass wherever one can walk.
    """
    barrier = tags.get("barrier", "no")
    if barrier == "no":
        return frozenset({"wheelchair"}) if tags.get("kerb") == "raised" else frozenset()
    kind = BARRIERS.get(barrier, frozenset())
    told = {**tags, "access": "no"} if tags.get("locked") == "yes" else dict(tags)
    if told.get("bicycle") == "dismount":
        del told["bicycle"]  # getting off for a step is no detour
    closed = {
        mode
        for mode in ("walk", "bicycle", "car")
        if not any(access(told, mode, default=mode not in kind)[0])
    }
    wheelchair = tags.get("wheelchair", "")
    barred = "wheelchair" in kind or tags.get("kerb") == "raised" or wheelchair == "no"
    if "walk" in closed or (barred and wheelchair not in {"yes", "designated"}):
        closed.add("wheelchair")
    return frozenset(closed)


def signals(tags: Tags) -> tuple[bool, bool]:
    """Whether a node holds traffic signals for those along its way, and those against.

    Parameters
    ----------
    tags : mapping of str to str
        Tags of the node; ``traffic_signals:direction`` or ``direction`` may bind it to one side.

    Returns
    -------
    tuple of bool
        Along the way as drawn, and against. A crossing with signals counts as well.
    """
    lit = tags.get("highway") == "traffic_signals" or (
        tags.get("crossing") == "traffic_signals" or tags.get("crossing:signals") == "yes"
    )
    side = tags.get("traffic_signals:direction", tags.get("direction", ""))
    return lit and side != "backward", lit and side != "forward"
