"""Download orders, zips, bydeler, neighbours and the 1 km grid."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from navplan.errors import FetchError, InputError
from navplan.sources.bydeler import dissolve_bydeler
from navplan.sources.geonorge import grunnkretser, read_zipped_layer
from navplan.sources.grid import cells_in_areas
from navplan.sources.kommuneinfo import borders
from navplan.sources.neighbours import neighbours
from navplan.sources.ssb_map import grid_1km
from navplan.sources.zips import read_members
from tests.services import kartverket, ssb_map
from tests.services.fixtures import WebOf
from tests.services.kartverket import GRUNNKRETSER, KOMMUNER, Geonorge, X, Y, layer, zipped
from tests.services.server import Answer, Reply, Request, Server, json_reply

KLASS = pd.DataFrame(
    [(code[:6], code) for code in GRUNNKRETSER] + [("030101", "03010101")],
    columns=["sourceCode", "targetCode"],
)


def frame(shapes: Mapping[str, BaseGeometry]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"grunnkretsnummer": list(shapes)}, geometry=list(shapes.values()), crs="EPSG:25833"
    )


# --- orders ---


def test_an_order_is_waited_for_downloaded_once_and_dissolved(web_of: WebOf) -> None:
    geonorge = Geonorge(waits=3)
    with Server({"geonorge": geonorge}) as server:
        found, sources = grunnkretser(web_of(server), {"4601": "Øvingsby"})
        again, kept = grunnkretser(web_of(server, offline=True), {"4601": "Øvingsby"})
    (order,) = geonorge.orders
    assert order["orderLines"] == [
        {
            "metadataUuid": "51d279f8-e2be-4f5e-9f72-1a53f7535ec1",
            "areas": [{"code": "4601", "type": "kommune", "name": "Øvingsby"}],
            "projections": [{"code": "25833"}],
            "formats": [{"name": "GeoJSON"}],
        }
    ]
    assert order["email"] == ""
    assert again.equals(found)
    assert kept == sources
    bydeler, notices = dissolve_bydeler(found, KLASS, names={"460101": "Sørbyen"})
    assert bydeler[["bydel", "name", "kommune"]].to_numpy().tolist() == [
        ["460101", "Sørbyen", "4601"], ["460102", "460102", "4601"],
    ]  # fmt: skip
    assert bydeler.geometry.area.tolist() == [2e8, 2e8]
    assert notices == ()


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ({"files": []}, "gave 0 files"),
        ({"files": [{"status": "WaitingForProcessing"}]}, "a file with a link"),
        ({"files": [{"status": "Error"}], "referenceNumber": "1"}, "could not make"),
        ({"files": [{"status": "WaitingForProcessing"}], "referenceNumber": "1"}, "still making"),
        ({"files": [{"status": "WaitingForProcessing"}], "referenceNumber": "../x"}, "with a link"),
        ({"orders": []}, "a list of files"),
        ([], "a list of files"),
    ],
)
def test_orders_that_come_to_nothing_say_why(web_of: WebOf, document: object, says: str) -> None:
    def answer(request: Request) -> Reply:
        return json_reply(document)

    with Server({"geonorge": answer}) as server, pytest.raises(FetchError, match=says):
        grunnkretser(web_of(server), {"4601": "Øvingsby"})


def test_grunnkretser_of_another_kommune_are_refused(web_of: WebOf) -> None:
    with Server({"geonorge": Geonorge()}) as server:
        web = web_of(server)
        with pytest.raises(InputError, match="4 grunnkretser are of other kommuner"):
            grunnkretser(web, {"0301": "Oslo"})


def test_a_layer_in_degrees_is_reprojected_and_one_elsewhere_refused(tmp_path: Path) -> None:
    degrees = frame(GRUNNKRETSER).to_crs(4258).set_index("grunnkretsnummer").geometry
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"a/krets.geojson": layer(degrees, 4258), "les.txt": b"hei"}))
    found = read_zipped_layer(path, columns=["grunnkretsnummer"])
    assert found.crs.to_epsg() == 25833
    assert found.total_bounds == pytest.approx([-40_000, 6_720_000, -20_000, 6_740_000], abs=1)
    path.write_bytes(zipped({"krets.geojson": layer({"46010101": box(Y, X, Y + 9, X + 9)})}))
    with pytest.raises(InputError, match="swapped"):
        read_zipped_layer(path, columns=["grunnkretsnummer"])
    with pytest.raises(InputError, match="no layer in it has the columns kretsnr"):
        read_zipped_layer(path, columns=["kretsnr"])
    path.write_bytes(zipped({"krets.geojson": b'{"type": "Feat'}))
    with pytest.raises(InputError, match="cannot be read as GeoJSON"):
        read_zipped_layer(path, columns=["grunnkretsnummer"])


def test_a_layer_that_points_to_another_file_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "other.geojson").write_bytes(layer({"46010101": box(X, Y, X + 9, Y + 9)}))
    points = f"""<OGRVRTDataSource><OGRVRTLayer name="other">
        <SrcDataSource>{tmp_path}/other.geojson</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"""
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"krets.geojson": points.encode()}))
    with pytest.raises(InputError, match="is no GeoJSON, whatever its name says"):
        read_zipped_layer(path, columns=["grunnkretsnummer"])


# --- zips ---


def test_members_are_read_by_their_ending_without_folders(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"b/x.json": b"1", "a/y.JSON": b"2", "z.exe": b"3"}))
    assert read_members(path, suffixes=[".json"]) == {"x.json": b"1", "y.JSON": b"2"}
    with pytest.raises(InputError, match=r"holds no file that ends in \.gml"):
        read_members(path, suffixes=[".gml"])


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (["../x.json"], "a path out of the archive"),
        (["/x.json"], "a path out of the archive"),
        (["C:/x.json"], "a path out of the archive"),
        (["a\\..\\..\\x.json"], "a path out of the archive"),
        (["a/x.json", "b/x.json"], "more than once"),
    ],
)
def test_unsafe_names_are_refused(tmp_path: Path, names: list[str], says: str) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped(dict.fromkeys(names, b"1")))
    with pytest.raises(InputError, match=says):
        read_members(path, suffixes=[".json"])


def test_bombs_links_secrets_and_damage_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"x.json": b"0" * 3_000_000}))
    with pytest.raises(InputError, match="unpacks to more"):
        read_members(path, suffixes=[".json"])
    path.write_bytes(zipped({"x.json": b"12", "y.json": b"34"}))
    with pytest.raises(InputError, match=r"y\.json: unpacks to more"):
        read_members(path, suffixes=[".json"], most_bytes=3)
    with zipfile.ZipFile(path, "w") as archive:
        link = zipfile.ZipInfo("x.json")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(InputError, match="is a link"):
        read_members(path, suffixes=[".json"])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("x.json", "1")
    with pytest.raises(InputError, match="method 14"):
        read_members(path, suffixes=[".json"])
    whole = zipped({"x.json": b"12" * 99})
    for broken in (whole[:-30], b"", whole.replace(b"x.json", b"x.jsom", 1)):
        path.write_bytes(broken)
        with pytest.raises(InputError):
            read_members(path, suffixes=[".json"])
    secret = bytearray(whole)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        secret[whole.index(mark) + offset] |= 1
    path.write_bytes(bytes(secret))
    with pytest.raises(InputError, match="is encrypted"):
        read_members(path, suffixes=[".json"])


# --- bydeler ---


def test_every_grunnkrets_is_placed_or_named() -> None:
    with pytest.raises(InputError) as caught:
        dissolve_bydeler(frame(GRUNNKRETSER), KLASS.iloc[1:])
    (fault,) = caught.value.faults
    assert (fault.key, fault.problem) == (
        "46010101", "belongs to no bydel in the correspondence.",
    )  # fmt: skip
    twice = pd.concat([KLASS, KLASS.iloc[[0]].assign(sourceCode="460102")])
    with pytest.raises(InputError, match="46010101: belongs to 460101 and 460102"):
        dissolve_bydeler(frame(GRUNNKRETSER), twice)
    more = pd.concat([KLASS, pd.DataFrame([("460102", "46019999")], columns=KLASS.columns)])
    _, notices = dissolve_bydeler(frame(GRUNNKRETSER), more)
    assert notices == ("Grunnkretser without a polygon, left out of the bydeler: 46019999.",)


def test_overlaps_and_holes_are_named() -> None:
    grown = {**GRUNNKRETSER, "46010102": GRUNNKRETSER["46010102"].buffer(10, join_style="mitre")}
    with pytest.raises(InputError) as caught:
        dissolve_bydeler(frame(grown), KLASS)
    assert [f.key for f in caught.value.faults] == ["46010101, 46010102", "46010102, 46010202"]
    hole = box(-36_000, 6_729_000, -35_000, 6_730_000)
    holed = {**GRUNNKRETSER, "46010101": GRUNNKRETSER["46010101"].difference(hole)}
    holed["46010101"] = holed["46010101"].difference(box(-39_000, 6_722_000, -38_000, 6_723_000))
    with pytest.raises(InputError, match="enclose 1,000,000 m²") as caught:
        dissolve_bydeler(frame(holed), KLASS)
    assert {f.key for f in caught.value.faults} == {
        "46010101", "46010101, 46010201, 46010202",
    }  # fmt: skip


def test_odd_codes_columns_and_systems_are_named_together() -> None:
    odd = frame({"4601010": box(0, 0, 1, 1)}).to_crs(4258)
    with pytest.raises(InputError) as caught:
        dissolve_bydeler(odd, KLASS.drop(columns="sourceCode"))
    assert {(f.where, f.key) for f in caught.value.faults} == {
        ("correspondence", "sourceCode"), ("grunnkretser", "crs"),
    }  # fmt: skip
    with pytest.raises(InputError, match="'4601010' is no such code"):
        dissolve_bydeler(odd.to_crs(25833), KLASS)
    bow = Polygon([(0, 0), (9, 9), (9, 0), (0, 9)])
    with pytest.raises(InputError, match="is no valid polygon"):
        dissolve_bydeler(frame({"46010101": bow}), KLASS)


@settings(max_examples=20)  # of 81
@given(st.lists(st.integers(1, 3), min_size=4, max_size=4))
def test_area_is_conserved_however_grunnkretser_are_shared_out(bydeler: list[int]) -> None:
    pairs = [(f"46010{b}", code) for b, code in zip(bydeler, GRUNNKRETSER, strict=True)]
    table = pd.DataFrame(pairs, columns=["sourceCode", "targetCode"])
    found, _ = dissolve_bydeler(frame(GRUNNKRETSER), table)
    assert len(found) == len(set(bydeler))
    assert found.geometry.area.sum() == pytest.approx(4e8)
    assert found.geometry.union_all().equals(KOMMUNER["4601"][2])


# --- neighbours ---


def squares(**shapes: Polygon) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"area": list(shapes)}, geometry=[*shapes.values()], crs="EPSG:25833")


MET = squares(
    C=box(1_000, 1_000, 2_000, 2_000),
    A=box(0, 0, 1_000, 1_000),
    B=box(1_000, 0, 2_000, 1_000),
    D=box(5_000, 0, 6_000, 1_000),
)


def test_areas_that_share_a_border_are_neighbours_but_corners_are_not() -> None:
    found = neighbours(MET)
    assert found[["area", "neighbour"]].to_numpy().tolist() == [["A", "B"], ["B", "C"]]
    assert found["shared_m"].tolist() == pytest.approx([1000, 1000], abs=3)
    assert set(found["connection"]) == {"border"}
    assert set(found["quality"]) == {"approximate"}
    assert neighbours(MET, least_m=1_100).empty


def test_borders_in_water_do_not_count() -> None:
    land = squares(land=box(-10, -10, 3_000, 60), isle=box(1_200, 900, 1_800, 1_100))
    found = neighbours(MET, land=land)
    assert found[["area", "neighbour"]].to_numpy().tolist() == [["B", "C"]]
    assert found["shared_m"].tolist() == pytest.approx([600], abs=3)
    assert set(found["connection"]) == {"land"}
    assert set(found["quality"]) == {"official"}
    assert len(neighbours(MET, land=land, least_m=50)) == 2


def test_borders_drawn_twice_with_rounding_still_meet() -> None:
    apart = squares(A=box(0, 0, 1_000, 1_000), B=box(1_000.4, 0, 2_000, 1_000))
    assert len(neighbours(apart)) == 1
    with pytest.raises(InputError, match="not in metres"):
        neighbours(apart.to_crs(4258))
    with pytest.raises(InputError, match="column is missing"):
        neighbours(apart, area="bydel")


def test_fetched_kommuner_meet(web_of: WebOf) -> None:
    with Server(kartverket.services()) as server:
        drawn, _ = borders(web_of(server), ["1804", "1840", "4601"])
    found = neighbours(drawn, area="kommune")
    assert found[["area", "neighbour"]].to_numpy().tolist() == [["1804", "1840"]]


# --- the grid ---


Cell = tuple[str, int | None]


def areas(*numbers: str) -> gpd.GeoDataFrame:
    rows = {"area": [KOMMUNER[n][1] for n in numbers], "kommune": list(numbers)}
    return gpd.GeoDataFrame(rows, geometry=[KOMMUNER[n][2] for n in numbers], crs="EPSG:25833")


def test_the_newest_grid_is_found_by_its_title_and_put_in_areas(web_of: WebOf) -> None:
    with Server({"ssb-map": ssb_map.answer}) as server:
        cells, year, sources, notices = grid_1km(web_of(server))
    assert year == 2026
    assert len(cells) == 45
    assert len(sources) == 2
    assert notices == ("Grid cells without a count, left out: 1.",)
    zones, people = cells_in_areas(cells, areas=areas("1804", "1840"), name="2026")
    first = zones.table.loc[f"c{ssb_map.cell_id(6, 7)}"]
    assert (first.geometry.x, first.geometry.y) == (X + 6_500, Y + 7_500)
    assert zones.table.groupby("area").size().to_dict() == {"Eksempelvik": 40, "Prøvebygd": 5}
    assert people.people.sum() == sum(n or 0 for n in ssb_map.CELLS.values())


def test_an_older_year_may_be_asked_for_and_a_missing_one_is_named(web_of: WebOf) -> None:
    with Server({"ssb-map": ssb_map.answer}) as server:
        web = web_of(server)
        assert grid_1km(web, year=2025)[1] == 2025
        with pytest.raises(FetchError, match="no population grid of 2019; it has 2025, 2026"):
            grid_1km(web, year=2019)


def paged(cells: Sequence[Cell], matched: object = None) -> Answer:
    def answer(request: Request) -> Reply:
        if request.path == "/collections":
            return json_reply({"collections": [{"id": "g2026", "title": "Rutenett 2026"}]})
        limit, offset = (int(request.params[key][0]) for key in ("limit", "offset"))
        document = ssb_map.page(cells[offset : offset + limit], len(cells))
        document |= {"numberMatched": matched}
        return json_reply(document)

    return answer


MANY = [(ssb_map.cell_id(n % 60, n // 60), 20) for n in range(2000)]


@pytest.mark.parametrize("matched", [None, 2000])
def test_pages_are_read_until_a_short_one_or_the_number_promised(
    web_of: WebOf, matched: object
) -> None:
    with Server({"ssb-map": paged(MANY, matched)}) as server:
        cells, _, sources, _ = grid_1km(web_of(server))
    assert len(cells) == 2000
    assert len(sources) == (3 if matched else 4)


def test_a_grid_that_changes_or_lies_is_refused(web_of: WebOf, tmp_path: Path) -> None:
    faults: list[tuple[Sequence[Cell], object, type[Exception], str]] = [
        (MANY, 2001, FetchError, "changed while it was read"),
        ([], None, FetchError, "gave no cell"),
        ([MANY[0], MANY[0]], None, InputError, "stands more than once"),
        ([(MANY[0][0], -1)], None, InputError, "-1 is no number of people"),
        ([("12", 5)], None, InputError, "'12' is no cell id"),
    ]
    for number, (cells, matched, kind, says) in enumerate(faults):
        with Server({"ssb-map": paged(cells, matched)}) as server:
            web = web_of(server, cache=tmp_path / str(number))
            with pytest.raises(kind, match=says):
                grid_1km(web)


@pytest.mark.parametrize("document", [{"collections": [{"title": "no id"}]}, [], {"x": 1}])
def test_collections_of_another_form_are_refused(web_of: WebOf, document: object) -> None:
    def answer(request: Request) -> Reply:
        return json_reply(document)

    with Server({"ssb-map": answer}) as server, pytest.raises(FetchError, match="collections"):
        grid_1km(web_of(server))
