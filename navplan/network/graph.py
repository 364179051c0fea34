"""The graph that a search for shortest ways runs over."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from navplan.network.spans import grouped, spread
from navplan.network.turns import Ban, Bans, turn_seconds
from navplan.nouns import Profile, Streets

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, repr=False)
class Graph:
    """States a traveller can be in, and arcs between them; every arc runs along one edge.

    A state is a street node and as much of the way there as matters for what comes next.

    ===============  ==================================================================
    where            states
    ===============  ==================================================================
    no bans, turns   the street nodes, in their order
    with turn bans   the nodes, and one more for each beginning of a ban just driven
    with turn costs  one for each usable edge (it has just been driven), and one more
                     for each beginning, of two edges or more, of a longer ban
    ===============  ==================================================================

    Parameters
    ----------
    tail, head : ndarray of int32
        States by arc. Arcs may be parallel, and may lead back to their own state.
    seconds : ndarray of float
        By arc: of the edge it runs along, and of the turn into it [s].
    edge : ndarray of int
        By arc: the row of that edge.
    node : ndarray of int
        By state: the street node it stands at.
    arrived : ndarray of int
        By street edge: the state of who began on it and has come to its end; -1 = closed.
    along : ndarray of float
        By street edge: its seconds, NaN = closed [s].
    begins : ndarray of int
        By street edge: the street node it begins at.
    by_node : bool
        Whether state n is also street node n with nothing behind; else there are no such states.
    """

    tail: npt.NDArray[np.int32]
    head: npt.NDArray[np.int32]
    seconds: Floats
    edge: Ints
    node: Ints
    arrived: Ints
    along: Floats
    begins: Ints
    by_node: bool

    @property
    def count(self) -> int:
        """Number of states."""
        return len(self.node)

    @cached_property
    def arcs_along(self) -> tuple[Ints, Ints]:
        """Arcs by the edge they run along, as `spans.grouped` gives them."""
        return grouped(self.edge, len(self.along))

    @cached_property
    def edges_from(self) -> tuple[Ints, Ints]:
        """Usable edges by the node they begin at, as `spans.grouped` gives them."""
        usable = np.flatnonzero(self.arrived >= 0)
        order, pointers = grouped(self.begins[usable], self._nodes)
        return usable[order], pointers

    @cached_property
    def states_at(self) -> tuple[Ints, Ints]:
        """States by the node they stand at, as `spans.grouped` gives them."""
        return grouped(self.node, self._nodes)

    @cached_property
    def _nodes(self) -> int:
        """Street nodes up to the last that has a state or an edge."""
        return 1 + max(int(self.begins.max(initial=-1)), int(self.node.max(initial=-1)))

    def __repr__(self) -> str:
        return f"Graph({self.count} states, {len(self.tail)} arcs)"


def graph_of(streets: Streets, seconds: Floats, profile: Profile) -> Graph:
    """The graph of a profile: turn bans hold for cars, turn costs where it asks for them.

    Parameters
    ----------
    streets : Streets
        The network.
    seconds : ndarray of float
        Seconds by edge, NaN where closed [s]; see `edge_seconds`.
    profile : Profile
        Mode and ``turn_costs``.

    Returns
    -------
    Graph
        Usable edges only. Points enter it by `origins_of` and leave it by `targets_of`.

    Notes
    -----
    Turn costs need about as many states as there are directed edges and two to three times as
    many arcs: use them in towns, where junctions follow one another, and not over a country.
    """
    is_car = profile.mode == "car"
    usable = np.flatnonzero(~np.isnan(seconds))
    closed = set(np.flatnonzero(np.isnan(seconds)).tolist()) if is_car and streets.bans else set()
    bans = Bans(tuple(ban for ban in streets.bans if is_car and closed.isdisjoint(ban)))
    if is_car and profile.turn_costs:
        return _by_edge(streets, seconds, usable, bans)
    return _by_node(streets, seconds, usable, bans)


def _by_node(streets: Streets, seconds: Floats, usable: Ints, bans: Bans) -> Graph:
    tail, head = streets.edges[["tail", "head"]].to_numpy(dtype=np.int64).T
    nodes = len(streets.nodes)
    remembered = {driven: nodes + i for i, driven in enumerate(bans.beginnings)}
    arrived = np.full(len(seconds), -1, dtype=np.int64)
    arrived[usable] = head[usable]
    for driven, state in remembered.items():
        if len(driven) == 1:
            arrived[driven[0]] = state
    more = _arcs_of(bans, remembered, arrived, _Leaving(tail, head, usable, nodes))
    edge = np.concatenate([usable, more.edge])
    last = np.array([driven[-1] for driven in remembered], dtype=np.int64)
    return Graph(
        tail=np.concatenate([tail[usable], more.tail]).astype(np.int32),
        head=np.concatenate([arrived[usable], more.head]).astype(np.int32),
        seconds=seconds[edge],
        edge=edge,
        node=np.concatenate([np.arange(nodes), head[last]]),
        arrived=arrived,
        along=seconds,
        begins=tail,
        by_node=True,
    )


def _by_edge(streets: Streets, seconds: Floats, usable: Ints, bans: Bans) -> Graph:
    tail, head = streets.edges[["tail", "head"]].to_numpy(dtype=np.int64).T
    arrived = np.full(len(seconds), -1, dtype=np.int64)
    arrived[usable] = np.arange(len(usable))
    longer = [driven for driven in bans.beginnings if len(driven) > 1]
    remembered = {driven: len(usable) + i for i, driven in enumerate(longer)}
    single = [driven for driven in bans.beginnings if len(driven) == 1]
    remembered |= {driven: int(arrived[driven[0]]) for driven in single}
    leaving = _Leaving(tail, head, usable, len(streets.nodes))
    begins = np.zeros(len(seconds), dtype=bool)
    begins[[driven[0] for driven in single]] = True
    plain = usable[~begins[usable]]
    owner, after = leaving.after(plain)
    before = plain[owner]
    more = _arcs_of(bans, remembered, arrived, leaving)
    from_edge, edge = np.concatenate([before, more.before]), np.concatenate([after, more.edge])
    last = np.array([driven[-1] for driven in longer], dtype=np.int64)
    return Graph(
        tail=np.concatenate([arrived[before], more.tail]).astype(np.int32),
        head=np.concatenate([arrived[after], more.head]).astype(np.int32),
        seconds=seconds[edge] + turn_seconds(streets, seconds, from_edge, edge),
        edge=edge,
        node=head[np.concatenate([usable, last])],
        arrived=arrived,
        along=seconds,
        begins=tail,
        by_node=False,
    )


class _Leaving:
    """Usable edges by the node they leave."""

    def __init__(self, tail: Ints, head: Ints, usable: Ints, nodes: int) -> None:
        self._head = head
        order, self._pointers = grouped(tail[usable], nodes)
        self._edges = usable[order]

    def after(self, before: Ints) -> tuple[Ints, Ints]:
        """Position of each of some edges, with every edge that leaves where it ends."""
        node = self._head[before]
        owner, position = spread(self._pointers[node], self._pointers[node + 1])
        return owner, self._edges[position]


@dataclass(frozen=True)
class _Arcs:
    tail: Ints
    head: Ints
    before: Ints
    edge: Ints


def _arcs_of(bans: Bans, states: dict[Ban, int], arrived: Ints, leaving: _Leaving) -> _Arcs:
    """Arcs out of the states that remember the beginning of a ban."""
    rows: list[tuple[int, int, int, int]] = []
    beginnings = list(states)
    last = np.array([driven[-1] for driven in beginnings], dtype=np.int64)
    owner, after = leaving.after(last)
    for number, edge in zip(owner.tolist(), after.tolist(), strict=True):
        driven = beginnings[number]
        way = bans.after(driven, edge)
        if way is not None:
            head = states[way] if way else int(arrived[edge])
            rows.append((states[driven], head, driven[-1], edge))
    return _Arcs(*np.array(rows, dtype=np.int64).reshape(-1, 4).T)
