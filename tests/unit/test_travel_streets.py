"""Times over the streets: the town by hand, reasons, one-way streets, parallel and empty edges."""

from __future__ import annotations

import datetime as dt
import itertools

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import Point

from navplan.errors import InputError
from navplan.network import edge_seconds, streets_from_links
from navplan.nouns import Offices, Streets, Zones
from navplan.travel import travel_times
from navplan.units import Reason
from tests import town

MINUTES = {"walk": 800 / 60, "bicycle": 4.0, "car": 2.0}


def over(streets: Streets | None = None, mode="walk", *, zones=None, sites=None, **changes: object):
    return travel_times(
        town.profile(mode, **changes),
        zones=town.zones() if zones is None else zones,
        sites=town.offices() if sites is None else sites,
        streets=town.streets() if streets is None else streets,
    )


def streets_of(links: pd.DataFrame, nodes: pd.DataFrame | None = None) -> Streets:
    return streets_from_links(town.nodes() if nodes is None else nodes, links, crs=town.CRS)


def points(**where: tuple[float, float]) -> gpd.GeoDataFrame:
    xy = [Point(town.X0 + 1000 * x, town.Y0 + 1000 * y) for x, y in where.values()]
    return gpd.GeoDataFrame(geometry=xy, index=list(where), crs=town.CRS)


def zones_at(**where: tuple[float, float]) -> Zones:
    table = points(**where)
    return Zones(table.assign(name=table.index, area="South", kommune="9999"))


@pytest.mark.parametrize("mode", list(MINUTES))
def test_every_pair_is_the_hand_sum_of_links(mode):
    times = over(mode=mode)
    for corner, (site, (other, _, _)) in itertools.product(town.CORNERS, town.SITES.items()):
        expected = town.blocks(corner, other) * MINUTES[mode]
        assert times.minutes.loc[f"p-{corner}", site] == pytest.approx(expected), (corner, site)


def test_linked_between_corners_the_nearer_end_wins():
    # 200 m from p-00 on the street to p-10; p-10 is a block from p-11 (south)
    times = over(mode="car", zones=zones_at(a=(0.2, 0.0)))
    assert times.minutes.loc["a", "south"] == pytest.approx(2 * (0.8 + 1))
    assert times.minutes.loc["a", "harbour"] == pytest.approx(2 * 0.2)


def test_two_points_on_one_street_meet_on_it():
    times = over(mode="car", zones=zones_at(a=(0.3, 0.0)), sites=points(s=(0.7, 0.0)))
    assert times.minutes.loc["a", "s"] == pytest.approx(2 * 0.4)
    back = over(mode="car", zones=zones_at(a=(0.7, 0.0)), sites=points(s=(0.3, 0.0)))
    assert back.minutes.loc["a", "s"] == pytest.approx(2 * 0.4)


def test_against_a_one_way_street_one_goes_round_the_block():
    streets = town.streets()
    nodes = streets.nodes.index
    back = (streets.edges["tail"] == nodes.get_loc("p-10")) & (
        streets.edges["head"] == nodes.get_loc("p-00")
    )
    one_way = Streets(streets.nodes, streets.edges[~back].reset_index(drop=True))
    ahead = over(one_way, "car", zones=zones_at(a=(0.3, 0.0)), sites=points(s=(0.7, 0.0)))
    assert ahead.minutes.loc["a", "s"] == pytest.approx(2 * 0.4)
    against = over(one_way, "car", zones=zones_at(a=(0.7, 0.0)), sites=points(s=(0.3, 0.0)))
    assert against.minutes.loc["a", "s"] == pytest.approx(2 * (0.3 + 3 + 0.3))
    corners = over(one_way, "car").minutes
    assert corners.loc["p-10", "harbour"] == pytest.approx(6.0)
    assert corners.loc["p-00", "south"] == pytest.approx(4.0)


def test_of_parallel_streets_the_fastest_counts():
    slow = town.link("p-00", "p-10", km=3.0)
    fast = town.link("p-00", "p-10", km=0.5)
    for added in ([slow, fast], [fast, slow]):
        links = pd.concat([town.links(), pd.DataFrame(added)], ignore_index=True)
        assert over(streets_of(links), "car").minutes.loc["p-10", "harbour"] == pytest.approx(1.0)


def test_a_chain_of_links_without_length_still_connects():
    nodes = pd.DataFrame([("x", *town.at("00")), ("y", *town.at("00"))], columns=["id", "x", "y"])
    links = [town.link("p-00", "x", km=0.0), town.link("x", "y", km=0.0)]
    streets = streets_of(
        pd.concat([town.links(), pd.DataFrame(links)], ignore_index=True),
        pd.concat([town.nodes(), nodes], ignore_index=True),
    )
    assert over(streets, zones=zones_at(y=(0.0, 0.0))).minutes.loc["y", "harbour"] == 0.0


def test_the_four_reasons_are_told_apart():
    nodes = pd.DataFrame(
        [("isle-a", town.X0 + 8000, town.Y0 - 6000), ("isle-b", town.X0 + 9000, town.Y0 - 6000)],
        columns=["id", "x", "y"],
    )
    streets = streets_of(
        pd.concat([town.links(), pd.DataFrame([town.link("isle-a", "isle-b")])], ignore_index=True),
        pd.concat([town.nodes(), nodes], ignore_index=True),
    )
    zones = zones_at(**{"p-00": (0.0, 0.0), "isle-a": (8.0, -6.0), "sea": (20.0, 20.0)})
    sites = points(harbour=(0.0, 0.0), rock=(-20.0, 0.0), north=(3.0, 3.0))
    reason = over(streets, zones=zones, sites=sites, limit_min=60.0).reason
    assert reason.loc["p-00"].tolist() == [Reason.OK, Reason.SITE_NOT_LINKED, Reason.BEYOND_LIMIT]
    assert reason.loc["isle-a", "harbour"] == Reason.NOT_CONNECTED
    assert set(reason.loc["sea"]) == {Reason.ZONE_NOT_LINKED}


def test_the_snap_distance_is_returned():
    times = over(zones=zones_at(a=(-0.5, 0.0), b=(-5.0, 0.0)))
    assert times.snap_m["a"] == pytest.approx(500.0)
    assert np.isnan(times.snap_m["b"])


def test_a_random_network_agrees_with_networkx():
    rng = np.random.default_rng(5)
    count = 60
    nodes = pd.DataFrame(
        {
            "id": [f"n{k}" for k in range(count)],
            "x": town.X0 + rng.integers(0, 9000, count),
            "y": town.Y0 + rng.integers(0, 9000, count),
        }
    )
    links = pd.DataFrame(
        [
            town.link(
                f"n{a}",
                f"n{b}",
                km=float(rng.integers(1, 40)) / 10,
                car=str(rng.choice(["yes", "yes", "no"])),
                road_class=str(rng.choice(["local", "trunk", "motorway"])),
            )
            for a, b in rng.integers(0, count, (150, 2))
            if a != b
        ]
    )
    streets = streets_of(links, nodes)
    frame = nodes.set_index("id")
    where = {
        i: ((r.x - town.X0) / 1000, (r.y - town.Y0) / 1000)
        for i, r in zip(frame.index, frame.itertuples(), strict=True)
    }
    sites = points(**{i: where[i] for i in frame.index[:7]})
    times = over(streets, "car", zones=zones_at(**where), sites=sites, snap_limit_m=0.001)
    graph = nx.MultiDiGraph()
    seconds = edge_seconds(streets, town.profile("car"))
    for tail, head, value in zip(
        streets.edges["tail"], streets.edges["head"], seconds, strict=True
    ):
        if not np.isnan(value):
            graph.add_edge(frame.index[tail], frame.index[head], weight=value)
    compared = 0
    for zone in graph:
        lengths = nx.single_source_dijkstra_path_length(graph, zone)
        for site in sites.index:
            expected = lengths.get(site, np.nan) / 60
            found = times.minutes.loc[zone, site]
            # the search counts whole milliseconds: half of one at most is lost on each of 60 edges
            assert found == pytest.approx(expected, abs=5e-4, nan_ok=True)
            compared += not np.isnan(expected)
    assert compared > 200


def test_the_bridge_not_yet_open_parts_the_town():
    links = town.links()
    links.loc[links["structure"] == "bridge", "opened"] = "2024-10-15"
    streets = streets_of(links)
    before = over(streets, date=dt.date(2024, 10, 14))
    assert before.reason.loc["p-00", "north"] == Reason.NOT_CONNECTED
    assert before.minutes.loc["p-00", "south"] == pytest.approx(2 * 800 / 60)
    pd.testing.assert_frame_equal(over(streets).minutes, over().minutes)


def test_faults_of_the_call_are_told_together():
    with pytest.raises(InputError) as error:
        over(
            zones=Zones(town.zones().table.to_crs("EPSG:25832")),
            sites=pd.concat([town.offices().table.iloc[:1]] * 2),
        )
    assert len(error.value.faults) == 2
    assert {fault.key for fault in error.value.faults} == {"zones", "sites south"}


@pytest.mark.parametrize(
    "place", [None, Point(), Point(np.nan, 1.0), Point(town.at("00")).buffer(50.0)]
)
def test_sites_without_a_position_are_told_all_at_once(place):
    table = town.offices().table
    places = table.geometry.to_numpy(dtype=object)
    places[[1, 4]] = place
    sites = gpd.GeoDataFrame(
        table.drop(columns="geometry"), geometry=places, index=table.index, crs=town.CRS
    )
    with pytest.raises(InputError) as error:
        over(sites=sites)
    told = [(fault.key, fault.problem) for fault in error.value.faults]
    assert told == [("sites east", "has no position."), ("sites mall", "has no position.")]
    with pytest.raises(InputError, match="offices: east: has no position") as error:
        Offices(sites, town.offices().hours)
    assert len(error.value.faults) == 2


def test_the_digest_knows_everything_that_matters():
    digests = {over().digest, over(mode="bicycle").digest, over(walk_m_per_s=1.0).digest}
    digests |= {over(date=dt.date(2024, 10, 16)).digest, over(snap_limit_m=10.0).digest}
    for column, value in (
        *(("length_m", 1.0), ("road_class", "trunk"), ("structure", "tunnel"), ("walk", False)),
        *(("climb_m", 5.0), ("opened", pd.Timestamp("2024-01-01")), ("crossing_min", 3.0)),
        *(("headway_min", 3.0), ("speed_km_h", 50.0)),
    ):
        streets = town.streets()
        streets.edges.loc[0, column] = value
        digests.add(over(streets).digest)
    digests.add(over(zones=Zones(town.zones().table.iloc[1:])).digest)
    digests.add(over(sites=town.offices().table.iloc[1:]).digest)
    assert len(digests) == 16
    renamed = Zones(town.zones().table.assign(name="x"))
    assert over(zones=renamed, name="other", percentile=3.0).digest == over().digest
