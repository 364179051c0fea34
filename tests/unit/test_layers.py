"""Layers of every format give the same frame, or a fault that says what to do; all made up."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from shapely import Point, box

from navplan.errors import Fault, InputError
from navplan.sources import read_layer
from navplan.sources.layers import WRITTEN, write_layer
from navplan.sources.sosi import sosi_fault

CRS = "EPSG:25833"
FORMATS = ["gpkg", "fgb", "shp", "geojson", "gml", "parquet", "csv"]


def points(*at: tuple[float, float], crs: str | None = "EPSG:4326") -> gpd.GeoDataFrame:
    places = at or ((5.33, 60.39), (5.4, 60.4))
    names = [f"Ærø {number}" for number in range(len(places))]
    return gpd.GeoDataFrame({"navn": names}, geometry=[Point(p) for p in places], crs=crs)


def save(frame: gpd.GeoDataFrame, folder: Path, suffix: str) -> Path:
    path = folder / f"lag.{suffix}"
    if suffix == "parquet":
        pytest.importorskip("pyarrow", reason="pyarrow is not installed (extra parquet)")
        frame.to_parquet(path)
    elif suffix == "csv":
        table = frame.assign(lon=frame.geometry.x, lat=frame.geometry.y).drop(columns="geometry")
        table.to_csv(path, index=False)
    elif suffix == "shp":
        frame.to_file(path, encoding="UTF-8")
    else:
        frame.to_file(path)
    return path


def fault_of(path: Path, **options: object) -> Fault:
    _, faults = read_layer(path, crs=CRS, **options)  # type: ignore[arg-type]
    assert len(faults) == 1, faults
    assert faults[0].where == path.name
    assert faults[0].remedy
    return faults[0]


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format_gives_the_same_frame(tmp_path: Path, suffix: str) -> None:
    path = save(points(), tmp_path, suffix)
    before = names_in(tmp_path)
    layer, faults = read_layer(path, crs=CRS, columns=["navn"])
    assert faults == []
    assert layer.crs.to_epsg() == 25833
    layer = layer.sort_values("navn", ignore_index=True)  # FlatGeobuf's index has another order
    assert list(layer["navn"]) == ["Ærø 0", "Ærø 1"]
    expected = points().to_crs(CRS).geometry
    assert layer.geometry.geom_equals_exact(expected, tolerance=0.01).all()
    assert names_in(tmp_path) == before  # nothing is left beside the file


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize(
    ("at", "words"),
    [
        ((60.39, 5.33), "swapped"),
        ((-32_000.0, 6_733_000.0), "metres, but the file says degrees"),
        ((24.9, -10.0), "outside the area"),
    ],
)
def test_positions_that_cannot_be_are_refused_in_every_format(
    tmp_path: Path, suffix: str, at: tuple[float, float], words: str
) -> None:
    fault = fault_of(save(points(at), tmp_path, suffix))
    assert words in fault.problem
    assert fault.key == "feature 1"


@pytest.mark.parametrize("suffix", ["gpkg", "fgb", "shp", "gml", "parquet"])
def test_degrees_that_are_called_metres(tmp_path: Path, suffix: str) -> None:
    fault = fault_of(save(points((5.33, 60.39), crs=CRS), tmp_path, suffix))
    assert "degrees, but the file says metres" in fault.problem


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_layer_without_features(tmp_path: Path, suffix: str) -> None:
    if suffix == "gml":
        pytest.skip("GDAL writes no GML without features that it would read again")
    fault = fault_of(save(points()[:0], tmp_path, suffix))
    assert "no features" in fault.problem


@pytest.mark.parametrize(
    ("suffix", "left"),
    [("gpkg", 0.5), ("fgb", 0.9), ("shp", 0.9), ("shp", 0.2), ("geojson", 0.8), ("gml", 0.8),
     ("gml", 0.5), ("parquet", 0.9)],
)  # fmt: skip
def test_a_file_cut_short_is_never_a_smaller_layer(
    tmp_path: Path, suffix: str, left: float
) -> None:
    path = save(points(), tmp_path, suffix)
    content = path.read_bytes()
    path.write_bytes(content[: int(left * len(content))])
    fault = fault_of(path)
    assert "cut short" in fault.problem or "cannot be read" in fault.problem
    assert str(tmp_path) not in fault.problem


@pytest.mark.parametrize("suffix", [s for s in FORMATS if s != "csv"])
def test_another_format_under_this_name(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"lag.{suffix}"
    path.write_bytes(b"\x89PNG\r\n\x1a\n")
    if suffix == "shp":
        (tmp_path / "lag.shx").touch()
        (tmp_path / "lag.dbf").touch()
    assert "whatever its name says" in fault_of(path).problem
    path.write_bytes(b"")
    assert "is empty" in fault_of(path).problem


# Shapefiles


@pytest.mark.parametrize(("suffix", "word"), [(".shx", "index"), (".dbf", "columns")])
def test_a_shapefile_with_a_part_missing(tmp_path: Path, suffix: str, word: str) -> None:
    path = save(points(), tmp_path, "shp")
    path.with_suffix(suffix).unlink()
    fault = fault_of(path)
    assert f"lag{suffix} is missing" in fault.problem
    assert word in fault.problem


def test_a_shapefile_without_prj_takes_the_system_given(tmp_path: Path) -> None:
    path = save(points(), tmp_path, "shp")
    path.with_suffix(".prj").unlink()
    assert fault_of(path).key == "crs"
    assert read_layer(path, crs=CRS, given_crs="EPSG:4326")[1] == []
    _, faults = read_layer(path, crs=CRS, given_crs=CRS)
    assert ["degrees, but the file says metres" in fault.problem for fault in faults] == [True] * 2


def test_a_shapefile_with_a_table_cut_short(tmp_path: Path) -> None:
    path = save(points(), tmp_path, "shp")
    table = path.with_suffix(".dbf")
    table.write_bytes(table.read_bytes()[:-90])
    assert "cannot be read" in fault_of(path).problem


def test_letters_of_shapefiles(tmp_path: Path) -> None:
    path = tmp_path / "lag.shp"
    points().to_file(path, encoding="ISO-8859-1")
    assert list(read_layer(path, crs=CRS)[0]["navn"]) == ["Ærø 0", "Ærø 1"]
    path.with_suffix(".cpg").write_text("UTF-8")
    fault = fault_of(path)
    assert fault.key == "encoding"
    assert "ISO-8859-1" in fault.remedy
    utf8 = save(points(), tmp_path, "shp")
    utf8.with_suffix(".cpg").unlink()  # GDAL then takes it for Western European
    fault = fault_of(utf8)
    assert fault.key == "navn"
    assert "lag.cpg" in fault.remedy


# GeoJSON and GML


def geojson(folder: Path, crs: object, at: tuple[float, float] = (5.33, 60.39)) -> Path:
    shape = {"type": "Point", "coordinates": at}
    feature = {"type": "Feature", "properties": {"navn": "a"}, "geometry": shape}
    document = {"type": "FeatureCollection", "crs": crs, "features": [feature]}
    path = folder / "lag.geojson"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def named(name: str) -> dict[str, object]:
    return {"type": "name", "properties": {"name": name}}


def test_the_crs_member_of_geojson(tmp_path: Path) -> None:
    metres = geojson(tmp_path, named("urn:ogc:def:crs:EPSG::25833"), (-32_000, 6_733_000))
    assert read_layer(metres, crs=CRS)[1] == []
    degrees = geojson(tmp_path, named("urn:ogc:def:crs:OGC:1.3:CRS84"))
    assert read_layer(degrees, crs=CRS)[1] == []
    wrong = geojson(tmp_path, named("urn:ogc:def:crs:EPSG::25833"))
    assert "degrees, but the file says metres" in fault_of(wrong).problem
    none = geojson(tmp_path, named("urn:ogc:def:crs:EPSG::99999"))  # GDAL takes it for degrees
    assert "does not exist: 'urn:ogc:def:crs:EPSG::99999'" in fault_of(none).problem


def test_gml_of_other_kinds(tmp_path: Path) -> None:
    path = tmp_path / "lag.gml"
    path.write_text('<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    assert "entities" in fault_of(path).problem
    path.write_text('<?xml version="1.0"?><html></html>')
    assert "no GML" in fault_of(path).problem


def test_a_file_that_points_elsewhere_is_not_opened(tmp_path: Path) -> None:
    save(points(), tmp_path, "gpkg")
    source = f"<SrcDataSource>{tmp_path}/lag.gpkg</SrcDataSource>"
    text = f"<OGRVRTDataSource><OGRVRTLayer name='lag'>{source}</OGRVRTLayer></OGRVRTDataSource>"
    for name in ("a.vrt", "a.geojson", "a.gml", "a.gpkg"):
        path = tmp_path / name
        path.write_text(text)
        assert read_layer(path, crs=CRS, layer="lag")[1]


# SOSI, zip, folders


def test_sosi_is_refused_with_the_way_round(tmp_path: Path) -> None:
    text = "! laget for test\n.HODE\n..TEGNSETT UTF-8\n..OMRÅDE\n.SLUTT\n"
    for name in ("lag.sos", "lag.SOS", "lag.sosi", "lag.gml", "lag.txt"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8-sig")
        fault = fault_of(path)
        assert "SOSI" in fault.problem
        for way in ("QGIS", "ogr2ogr", "Geonorge", "GML"):
            assert way in fault.remedy
    assert sosi_fault(".txt", b"!.HODE", where="a.txt") is None
    assert sosi_fault(".geojson", b"{}", where="a") is None


def test_zip_files_folders_and_unknown_names(tmp_path: Path) -> None:
    save(points(), tmp_path, "shp")
    for name in ("lag.zip", "lag.shp.zip", "lag.gpkg"):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.write(tmp_path / "lag.shp", "../lag.shp")
        assert "zip file" in fault_of(tmp_path / name).problem
    assert "is a folder" in fault_of(tmp_path).problem
    (tmp_path / "lag.dxf").write_text("0\nSECTION\n")
    assert "none of the formats read" in fault_of(tmp_path / "lag.dxf").problem
    (tmp_path / "lag.gdb").write_text("x")
    assert "that is a folder" in fault_of(tmp_path / "lag.gdb").problem


# CSV


def csv(folder: Path, text: str) -> Path:
    path = folder / "lag.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "text",
    [
        "navn,lon,lat\na,5.33,60.39\n",
        "navn,Breddegrad,Lengdegrad\na,60.39,5.33\n",
        "navn,lat,lon,x,y\na,60.39,5.33,1,2\n",
        "navn,wkt\na,SRID=4326;POINT (5.33 60.39)\n",
    ],
)
def test_positions_in_csv(tmp_path: Path, text: str) -> None:
    layer, faults = read_layer(csv(tmp_path, text), crs=CRS, columns=["navn"])
    assert faults == []
    expected = points((5.33, 60.39)).to_crs(CRS).geometry.iloc[0]
    assert layer.geometry.iloc[0].distance(expected) < 0.01


@pytest.mark.parametrize(
    "text",
    ["navn,x,y\na,-32000,6733000\n", "navn,nord,øst\na,6733000,-32000\n",
     "navn,WKT\na,POINT (-32000 6733000)\n"],
)  # fmt: skip
def test_metres_in_csv_need_a_system(tmp_path: Path, text: str) -> None:
    path = csv(tmp_path, text)
    assert fault_of(path).key == "crs"
    layer, faults = read_layer(path, crs=CRS, given_crs=CRS)
    assert faults == []
    assert layer.geometry.iloc[0] == Point(-32_000, 6_733_000)


@pytest.mark.parametrize(
    ("text", "key", "words"),
    [
        ("navn,by\na,b\n", "row 1", "no position columns"),
        ("navn,lon\na,5\n", "row 1", "no position columns"),
        ("navn,lon,lat\na,5,60\nb,,60\n", "row 3, lon", "'' is no number"),
        ("navn,lon,lat\na,nan,60\n", "row 2, lon", "'nan' is no number"),
        ('navn,lon,lat\na,"5,3",60\n', "row 2, lon", "'5,3' is no number"),
        ("navn,wkt\na,PUNKT (5 60)\n", "row 2, wkt", "is no WKT"),
        ("navn,wkt\na,SRID=999999;POINT (5 60)\n", "wkt", "does not exist: EPSG:999999"),
        ("navn,wkt\na,SRID=4326;POINT (5 60)\nb,POINT (5 60)\n", "wkt", "different"),
        ("navn,wkt\na,SRID=4326;POINT (5 60)\nb,\n", "feature 2", "has no geometry"),
        ("navn;lon;lat\na;5;60\n", "row 1", "semicolons"),
        ("navn,lon,lat\n", "", "no features"),
    ],
)
def test_faults_in_csv(tmp_path: Path, text: str, key: str, words: str) -> None:
    fault = fault_of(csv(tmp_path, text), given_crs=CRS)
    assert fault.key == key
    assert words in fault.problem


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_layer_asked_for_where_there_are_none(tmp_path: Path, suffix: str) -> None:
    fault = fault_of(save(points(), tmp_path, suffix), layer="lag")
    assert "no layers with names" in fault.problem


def test_many_faults_of_one_kind_are_counted(tmp_path: Path) -> None:
    rows = "".join(f"a{n},x,60\n" for n in range(30))
    _, faults = read_layer(csv(tmp_path, f"navn,lon,lat\n{rows}"), crs=CRS)
    assert len(faults) == 21
    assert "10 more" in faults[-1].problem


# Writing


@pytest.mark.parametrize("suffix", WRITTEN)
def test_what_is_written_is_read_again(tmp_path: Path, suffix: str) -> None:
    if suffix == ".parquet":
        pytest.importorskip("pyarrow", reason="pyarrow is not installed (extra parquet)")
    cells = [box(x, 6_733_000, x + 1_000, 6_734_000) for x in (0, -32_000, -10_000)]
    areas = gpd.GeoDataFrame({"navn": ["Ærø", "a", None]}, geometry=cells, crs=CRS)
    path = tmp_path / f"lag{suffix}"
    path.write_bytes(b"what stood here before")
    write_layer(areas, path)
    layer, faults = read_layer(path, crs=CRS, columns=["navn"], geometry=["Polygon"])
    assert faults == []
    assert list(layer["navn"][:2]) == ["Ærø", "a"]
    assert layer["navn"].isna().tolist() == [False, False, True]
    assert layer.area.to_numpy() == pytest.approx(1e6, rel=1e-4)  # GeoJSON: seven decimals
    assert names_in(tmp_path) == [path.name]


def test_geojson_is_written_in_degrees(tmp_path: Path) -> None:
    write_layer(points().to_crs(CRS), tmp_path / "lag.geojson")
    document = json.loads((tmp_path / "lag.geojson").read_text(encoding="utf-8"))
    assert "crs" not in document
    assert document["features"][0]["geometry"]["coordinates"] == pytest.approx([5.33, 60.39])


def test_a_fault_while_writing_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "lag.gpkg"
    write_layer(points(), path)
    before = path.read_bytes()

    def broken(frame: gpd.GeoDataFrame, draft: Path, **_: object) -> None:
        draft.write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr("navplan.sources.layers.pyogrio.write_dataframe", broken)
    with pytest.raises(KeyboardInterrupt):
        write_layer(points(), path)
    assert path.read_bytes() == before
    assert names_in(tmp_path) == ["lag.gpkg"]


@pytest.mark.parametrize(
    ("frame", "name", "words"),
    [
        (points(), "lag.shp", "layers are written as .gpkg, .fgb, .geojson, .parquet"),
        (points(crs=None), "lag.gpkg", "no coordinate system"),
        (points()[:0], "lag.gpkg", "no features"),
        (points((np.inf, 60.0)), "lag.gpkg", "no finite number"),
        (points(), "borte/lag.gpkg", "there is no folder"),
    ],
)
def test_what_is_not_written(
    tmp_path: Path, frame: gpd.GeoDataFrame, name: str, words: str
) -> None:
    with pytest.raises(InputError, match=words):
        write_layer(frame, tmp_path / name)
    assert names_in(tmp_path) == []


def test_without_pyarrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lag.parquet").write_bytes(b"PAR1")
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    assert "navplan[parquet]" in fault_of(tmp_path / "lag.parquet").remedy
    with pytest.raises(InputError, match="pyarrow"):
        write_layer(points(), tmp_path / "other.parquet")
