"""Turn restrictions of OpenStreetMap → rows of edges that cars may not drive one after another."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from navplan.sources.osm_read import Ints, Relation

_FOR_CARS: Final = ("restriction:motorcar", "restriction:motor_vehicle", "restriction:vehicle",
                    "restriction")  # fmt: skip
"""From special to general: the first that is there holds for cars."""
_EXCEPT_CARS: Final = frozenset({"motorcar", "motor_vehicle", "vehicle"})
_BY_THE_HOUR: Final = frozenset({"hour_on", "hour_off", "day_on", "day_off"})
_LONGEST: Final = 60
"""A way over other streets has no more edges than this."""

USED: Final = "followed"
MOOT: Final = "about streets that cars may not use that way anyway"
OTHERS: Final = "not for cars"
CONDITIONAL: Final = "for some hours or vehicles only"
BROKEN: Final = (
    "broken: members are missing, closed to everybody, do not meet or are not split at the junction"
)


class Restriction(NamedTuple):
    """A turn restriction for cars, by OSM ids."""

    only: bool
    u_turn: bool
    sources: tuple[int, ...]
    node: int | None
    via: tuple[int, ...]
    targets: tuple[int, ...]


@dataclass(frozen=True)
class Rows:
    """The edges that turns are made of; one value a row.

    Parameters
    ----------
    tail, head : ndarray of int
        OSM ids of the ends; less than zero where they have none.
    first_way, last_way : ndarray of int
        The ways it begins and ends with.
    back : ndarray of int
        The row that leads back along the same street; -1 = none.
    car : ndarray of bool
        Whether cars may drive it.
    """

    tail: Ints
    head: Ints
    first_way: Ints
    last_way: Ints
    back: Ints
    car: Ints


def parse(
    relations: Iterable[Relation],
) -> tuple[tuple[Restriction, ...], Counter[str]]:
    """Pick the restrictions that bind cars at all hours.

    Parameters
    ----------
    relations : iterable of Relation
        Those whose type is a restriction.

    Returns
    -------
    restrictions : tuple of Restriction
        As far as their tags and members make sense.
    counts : Counter
        Why the others are left out.

    Notes
    -----
    ``restriction:motorcar`` and the like go before ``restriction``; ``restriction:hgv`` and others
    concern no car; ``except=motorcar`` frees cars. Those that hold at some hours only
    (``restriction:conditional``, ``hour_on``, ``day_on``) are left out.
    """
    found, counts = [], Counter[str]()
    for relation in sorted(relations):
        tags = relation.tags
        value = next((tags[key] for key in _FOR_CARS if key in tags), "")
        freed = {part.strip() for part in tags.get("except", "").split(";")} & _EXCEPT_CARS
        by_the_hour = _BY_THE_HOUR & tags.keys() or tags["type"].endswith(":conditional")
        if freed:
            counts[OTHERS] += 1
        elif by_the_hour or (not value and "restriction:conditional" in tags):
            counts[CONDITIONAL] += 1
        elif not value or tags["type"] not in _FOR_CARS:
            counts[OTHERS] += 1
        elif (restriction := _restriction(value, relation)) is None:
            counts[BROKEN] += 1
        else:
            found.append(restriction)
    return tuple(found), counts


def _restriction(value: str, relation: Relation) -> Restriction | None:
    members: dict[tuple[str, str], list[int]] = defaultdict(list)
    for role, kind, ref in relation.members:
        members[role, kind].append(ref)
    sources, targets = members["from", "w"], members["to", "w"]
    nodes, via = members["via", "n"], members["via", "w"]
    whole = sources and targets and (len(nodes), bool(via)) in {(1, False), (0, True)}
    if not whole or not value.startswith(("no_", "only_")):
        return None
    return Restriction(value.startswith("only_"), value == "no_u_turn", tuple(sources),
                       nodes[0] if nodes else None, tuple(via), tuple(targets))  # fmt: skip


def junctions(
    restrictions: Iterable[Restriction], ends: Mapping[int, tuple[int, int]]
) -> frozenset[int]:
    """Nodes at which edges must end so that the restrictions can be told.

    Parameters
    ----------
    restrictions : iterable of Restriction
        As parsed.
    ends : mapping of int to tuple of int
        Way → its first and last node, of the ways there are.

    Returns
    -------
    frozenset of int
        OSM ids.
    """
    nodes: set[int] = set()
    for restriction in restrictions:
        if restriction.node is not None:
            nodes.add(restriction.node)
        for way in restriction.via:
            nodes.update(ends.get(way, ()))
    return frozenset(nodes)


def bans(
    restrictions: Iterable[Restriction], rows: Rows, known: frozenset[int]
) -> tuple[tuple[tuple[int, ...], ...], Counter[str]]:
    """Say each restriction in rows of edges.

    Parameters
    ----------
    restrictions : iterable of Restriction
        As parsed.
    rows : Rows
        The edges, ending at `junctions`.
    known : frozenset of int
        OSM ids of all ways that are there, also of those closed to cars.

    Returns
    -------
    bans : tuple of tuple of int
        Rows that may not be driven one after another, ascending, none twice.
    counts : Counter
        How many restrictions were followed, and why the others are not.

    Notes
    -----
    ``no_…`` bans the way from each ``from`` over the via to each ``to``. ``only_…`` bans every
    other exit: at a via node all but ``to``, along via ways all that leave them before ``to`` as
    well. A U-turn with one way as from and to leads back along the very street one came by. A
    restriction whose ``from`` or ``to`` runs on through the via both ways says not which half is
    meant, and counts as broken.
    """
    search = _Search(rows)
    found: set[tuple[int, ...]] = set()
    counts = Counter[str]()
    for restriction in restrictions:
        paths, clear = search.paths(restriction)
        if paths:
            found |= search.others(paths) if restriction.only else paths
            counts[USED] += 1
        else:
            whole = known.issuperset((*restriction.sources, *restriction.via, *restriction.targets))
            moot = clear and whole and search.meets(restriction)
            counts[MOOT if moot else BROKEN] += 1
    return tuple(sorted(found)), counts


class _Search:
    """Where edges lead, by node."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.out: dict[int, list[int]] = defaultdict(list)
        self.into: dict[int, list[int]] = defaultdict(list)
        self.touching: dict[int, set[int]] = defaultdict(set)
        for row in np.flatnonzero(rows.car).tolist():
            self.out[int(rows.tail[row])].append(row)
            self.into[int(rows.head[row])].append(row)
        for node, way in (
            *zip(rows.tail.tolist(), rows.first_way.tolist(), strict=True),
            *zip(rows.head.tolist(), rows.last_way.tolist(), strict=True),
        ):
            self.touching[way].add(node)

    def paths(self, restriction: Restriction) -> tuple[set[tuple[int, ...]], bool]:
        """All ways to drive what the restriction speaks of, and whether it is clear which."""
        found: set[tuple[int, ...]] = set()
        clear = True
        for source, target in itertools.product(restriction.sources, restriction.targets):
            full = {
                (*path, row)
                for start in self._starts(restriction, source)
                for path in self._over(start, restriction.via, target)
                for row in self.out[int(self.rows.head[path[-1]])]
                if self.rows.first_way[row] == target
            }
            if restriction.u_turn and source == target and not restriction.via:
                full = {path for path in full if path[1] == self.rows.back[path[0]]}
            elif not restriction.via and len(full) > 1:
                clear = False  # one of the ways runs on through the junction
                continue
            found |= full
        return found, clear

    def _starts(self, restriction: Restriction, source: int) -> list[int]:
        """Rows of the source that end where the via is or begins."""
        if restriction.node is not None:
            nodes = {restriction.node}
        else:
            touched = (self.touching[way] for way in restriction.via)
            nodes = self.touching[source].intersection(set().union(*touched))
        return [r for n in sorted(nodes) for r in self.into[n] if self.rows.last_way[r] == source]

    def _over(self, start: int, via: tuple[int, ...], target: int) -> list[tuple[int, ...]]:
        """Paths from a row over all of the via ways to a node where the target begins."""
        if not via:
            return [(start,)]
        rows = self.rows
        found: list[tuple[int, ...]] = []
        first: tuple[int, ...] = (start,)
        waiting = [(first, frozenset({int(rows.head[start])}))]
        while waiting:
            path, seen = waiting.pop()
            for row in self.out[int(rows.head[path[-1]])]:
                node = int(rows.head[row])
                if rows.first_way[row] not in via or node in seen or len(path) > _LONGEST:
                    continue
                longer = (*path, row)
                used = {int(rows.first_way[r]) for r in longer[1:]}
                leaves = any(rows.first_way[r] == target for r in self.out[node])
                if used == set(via) and leaves:
                    found.append(longer)
                waiting.append((longer, seen | {node}))
        return found

    def others(self, paths: set[tuple[int, ...]]) -> set[tuple[int, ...]]:
        """What leaves the paths before their ends."""
        allowed = {path[:end] for path in paths for end in range(1, len(path) + 1)}
        stems = {path[:end] for path in paths for end in range(1, len(path))}
        return {
            (*stem, row)
            for stem in stems
            for row in self.out[int(self.rows.head[stem[-1]])]
            if (*stem, row) not in allowed
        }

    def meets(self, restriction: Restriction) -> bool:
        """Whether the members touch one another, never mind who may drive there."""
        if restriction.node is not None:
            ways = (*restriction.sources, *restriction.targets)
            return all(restriction.node in self.touching[way] for way in ways)
        chain = (restriction.sources[0], *restriction.via, restriction.targets[0])
        return all(self.touching[a] & self.touching[b] for a, b in itertools.pairwise(chain))
