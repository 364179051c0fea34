"""Ways to divide areas into connected clusters: counted cheaply, then listed.

A set of areas is a bit mask. Every way is found once: the cluster of the lowest area that is left
is chosen among the connected sets that hold it, and the rest is divided in turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache


def graph_of(areas: tuple[str, ...], pairs: Iterable[tuple[str, str]]) -> tuple[int, ...]:
    """Neighbours of each area as a bit mask.

    Parameters
    ----------
    areas : tuple of str
        The areas; their order gives the bits.
    pairs : iterable of pairs of str
        Areas that share a border people can cross.

    Returns
    -------
    tuple of int
        One mask an area.
    """
    number = {area: position for position, area in enumerate(areas)}
    masks = [0] * len(areas)
    for one, other in pairs:
        i, j = number[one], number[other]
        if i != j:
            masks[i] |= 1 << j
            masks[j] |= 1 << i
    return tuple(masks)


def complete_graph(count: int) -> tuple[int, ...]:
    """Neighbours where every area may join every other.

    Parameters
    ----------
    count : int
        Number of areas.

    Returns
    -------
    tuple of int
        One mask an area.
    """
    everything = (1 << count) - 1
    return tuple(everything & ~(1 << bit) for bit in range(count))


def members(mask: int) -> list[int]:
    """List the bits of a mask.

    Parameters
    ----------
    mask : int
        A set of areas.

    Returns
    -------
    list of int
        Positions, rising.
    """
    return [bit for bit in range(mask.bit_length()) if mask >> bit & 1]


def components(graph: tuple[int, ...], mask: int) -> list[int]:
    """Split a set of areas into its connected parts.

    Parameters
    ----------
    graph : tuple of int
        Neighbours of each area.
    mask : int
        The set.

    Returns
    -------
    list of int
        One mask a part.
    """
    parts = []
    while mask:
        part = mask & -mask
        grown = part
        while grown:
            border = 0
            for bit in members(grown):
                border |= graph[bit]
            grown = border & mask & ~part
            part |= grown
        parts.append(part)
        mask &= ~part
    return parts


def connected_sets(graph: tuple[int, ...], root: int, mask: int) -> Iterator[int]:
    """Find the connected subsets that hold one given area, each once.

    Parameters
    ----------
    graph : tuple of int
        Neighbours of each area.
    root : int
        Position of the area that all hold.
    mask : int
        The set, `root` included.

    Yields
    ------
    int
        A subset.
    """
    stack = [(1 << root, 0)]  # (the subset, areas it must never take)
    while stack:
        subset, barred = stack.pop()
        border = 0
        for bit in members(subset):
            border |= graph[bit]
        border &= mask & ~subset & ~barred
        if not border:
            yield subset
            continue
        lowest = border & -border
        stack.append((subset, barred | lowest))
        stack.append((subset | lowest, barred))


def partitions(graph: tuple[int, ...], mask: int, count: int) -> Iterator[tuple[int, ...]]:
    """Ways to divide areas into so many connected clusters, each once.

    Parameters
    ----------
    graph : tuple of int
        Neighbours of each area.
    mask : int
        The areas.
    count : int
        Number of clusters.

    Yields
    ------
    tuple of int
        The clusters, by their lowest area.
    """
    if not mask and not count:
        yield ()
        return
    if not count or mask.bit_count() < count or len(components(graph, mask)) > count:
        return
    root = (mask & -mask).bit_length() - 1
    for cluster in connected_sets(graph, root, mask):
        for rest in partitions(graph, mask & ~cluster, count - 1):
            yield (cluster, *rest)


def count_structures(
    graph: tuple[int, ...], mask: int, count: int, choices: Callable[[int], int]
) -> int:
    """Count structures without listing them: Σ over partitions of the product of choices.

    Parameters
    ----------
    graph : tuple of int
        Neighbours of each area.
    mask : int
        The areas.
    count : int
        Number of clusters.
    choices : callable
        Cluster → number of sites it may have.

    Returns
    -------
    int
        The number of structures.
    """

    @cache
    def structures(left: int, clusters: int) -> int:
        """Count the ways to divide what is left."""
        if not left or not clusters:
            return int(not left and not clusters)
        if left.bit_count() < clusters or len(components(graph, left)) > clusters:
            return 0
        root = (left & -left).bit_length() - 1
        return sum(
            choices(cluster) * structures(left & ~cluster, clusters - 1)
            for cluster in connected_sets(graph, root, left)
            if choices(cluster)
        )

    return structures(mask, count)


def stirling(items: int, parts: int) -> int:
    """Count the ways to divide items into non-empty parts, in any manner.

    Parameters
    ----------
    items : int
        Number of items.
    parts : int
        Number of parts.

    Returns
    -------
    int
        The Stirling number of the second kind.
    """
    row: Mapping[int, int] = {0: 1}
    for _ in range(items):
        row = {k: k * row.get(k, 0) + row.get(k - 1, 0) for k in range(1, parts + 1)}
    return row.get(parts, 0)
