"""Small OpenStreetMap files, written by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

from navplan.nouns import Streets

Places = Mapping[int, tuple[float, float]]
Way = tuple[Sequence[int], Mapping[str, str]]
Member = tuple[str, str, int]
"""Kind ("node" or "way"), role and id."""
Relation = tuple[Sequence[Member], Mapping[str, str]]

CRS = "EPSG:25833"
ROAD = {"highway": "residential"}


def write_osm(
    folder: Path,
    nodes: Places,
    ways: Sequence[Way] | Mapping[int, Way],
    *,
    node_tags: Mapping[int, Mapping[str, str]] | None = None,
    relations: Sequence[Relation] = (),
    name: str = "map.osm",
) -> Path:
    """A file with ways numbered from 1, or by their keys, and relations from 1."""
    numbered = ways if isinstance(ways, Mapping) else dict(enumerate(ways, start=1))
    lines = ["<osm version='0.6'>"]
    for node, (lon, lat) in nodes.items():
        lines.append(f"<node id='{node}' version='1' lon='{lon:.7f}' lat='{lat:.7f}'>")
        lines += [*_tags((node_tags or {}).get(node, {})), "</node>"]
    for number, (refs, tags) in numbered.items():
        lines.append(f"<way id='{number}' version='1'>")
        lines += [f"<nd ref='{ref}'/>" for ref in refs]
        lines += [*_tags(tags), "</way>"]
    for number, (members, tags) in enumerate(relations, start=1):
        lines.append(f"<relation id='{number}' version='1'>")
        lines += [f"<member type='{k}' role='{role}' ref='{ref}'/>" for k, role, ref in members]
        lines += [*_tags(tags), "</relation>"]
    path = folder / name
    path.write_text("\n".join([*lines, "</osm>"]), encoding="utf-8")
    return path


def _tags(tags: Mapping[str, str]) -> list[str]:
    return [f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in tags.items()]


def row_of_nodes(count: int) -> dict[int, tuple[float, float]]:
    """Nodes 1, 2 … about 55.8 m apart on the 60th parallel."""
    return {i: (15.0 + 0.001 * i, 60.0) for i in range(1, count + 1)}


def pairs(streets: Streets, mode: str) -> set[tuple[str, str]]:
    """Ends of the edges that are open to a mode."""
    names = streets.nodes.index
    rows = streets.edges[streets.edges[mode]]
    return {(names[a], names[b]) for a, b in zip(rows["tail"], rows["head"], strict=True)}


def bans(streets: Streets) -> set[tuple[str, ...]]:
    """Turn restrictions as the nodes they lead over."""
    names = streets.nodes.index
    ends = streets.edges[["tail", "head"]].to_numpy()
    return {(names[ends[ban[0], 0]], *(names[ends[row, 1]] for row in ban)) for ban in streets.bans}


def connected(streets: Streets, mode: str) -> set[tuple[str, str]]:
    """Pairs of nodes of which one can be reached from the other in a mode."""
    out: dict[str, set[str]] = {}
    for tail, head in pairs(streets, mode):
        out.setdefault(tail, set()).add(head)
    found = set()
    for start in out:
        waiting, seen = [start], {start}
        while waiting:
            new = out.get(waiting.pop(), set()) - seen
            seen |= new
            waiting += new
        found |= {(start, end) for end in seen - {start}}
    return found
