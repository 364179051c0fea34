"""Layers from and to a real PostGIS; places and numbers are made up."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import GeometryCollection, LineString, MultiPolygon, Point, Polygon, box

from navplan.errors import InputError
from navplan.sources.postgis import read_postgis
from navplan.sources.postgis_session import driver
from navplan.sources.postgis_write import write_postgis

Run = Callable[..., list[tuple[object, ...]]]
BERGEN = (-32_000.0, 6_733_000.0)  # in zone 33


def offices(*, crs: str | None = "EPSG:25833") -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "name": ["Årstad", "O'Brien; DROP TABLE x --", None],
            "people": [3, 4, 5],
            "share": [0.5, np.nan, 1.25],
            "open": [True, False, True],
            "since": pd.to_datetime(["2019-06-01", "2020-01-01", "2021-02-03"]),
        },
        geometry=[Point(BERGEN[0] + i, BERGEN[1]) for i in range(3)],
        crs=crs,
    )


def problem_of(url: str, table: str, **options: object) -> str:
    _, faults = read_postgis(url, table, crs="EPSG:25833", **options)  # type: ignore[arg-type]
    assert len(faults) == 1, faults
    assert faults[0].remedy or "database says" in faults[0].problem
    return f"{faults[0].where}: {faults[0].problem}"


def refusal(frame: gpd.GeoDataFrame, url: str, table: str, **options: object) -> str:
    with pytest.raises(InputError) as caught:
        write_postgis(frame, url, table, **options)  # type: ignore[arg-type]
    assert caught.value.__cause__ is None
    return str(caught.value)


def test_what_is_written_is_read_again(url: str, run: Run) -> None:
    write_postgis(offices(), url, "offices")
    layer, faults = read_postgis(url, "public.offices", crs="EPSG:25833", columns=["name"])
    assert faults == []
    assert list(layer.columns) == ["fid", "name", "people", "share", "open", "since", "geometry"]
    assert list(layer["name"][:2]) == ["Årstad", "O'Brien; DROP TABLE x --"]
    assert pd.isna(layer["name"][2])
    assert list(layer["people"]) == [3, 4, 5]
    assert list(layer["share"].isna()) == [False, True, False]
    assert list(layer["open"]) == [True, False, True]
    assert layer["since"][2] == pd.Timestamp("2021-02-03")
    assert list(layer.geometry) == list(offices().geometry)
    assert run("SELECT type, srid FROM geometry_columns") == [("POINT", 25833)]
    assert len(run("SELECT 1 FROM pg_indexes WHERE tablename = 'offices'")) == 2


def test_the_system_of_the_table_is_taken_and_reprojected(url: str) -> None:
    write_postgis(offices().to_crs("EPSG:25832"), url, "offices")
    layer, faults = read_postgis(url, "offices", crs="EPSG:25833")
    assert faults == []
    assert layer.crs.to_epsg() == 25833
    assert layer.geometry.x.iloc[0] == pytest.approx(BERGEN[0], abs=0.01)


def test_names_are_quoted_never_run(url: str, run: Run) -> None:
    run("CREATE TABLE safe (a int)")
    odd = 'x"; DROP TABLE safe; --'
    frame = offices()[["name", "geometry"]].rename(columns={"name": 'a"; DROP TABLE safe; --'})
    write_postgis(frame, url, odd)
    layer, faults = read_postgis(url, odd, crs="EPSG:25833")
    assert faults == []
    assert len(layer) == 3
    assert run("SELECT count(*) FROM safe") == [(0,)]
    for sql in ("SELECT * FROM safe", "(SELECT 1) x", 'safe"; DROP TABLE safe'):
        assert "no such table or view" in problem_of(url, sql)
    for name in ("", "a.b.c", "a..b", "x" * 64, "a\0b"):
        assert "no name of a table" in problem_of(url, name)


def test_a_view_is_read_in_the_system_of_its_rows(url: str, run: Run) -> None:
    write_postgis(offices(), url, "offices")
    run("CREATE VIEW seen AS SELECT name, ST_Transform(geom, 4326) AS at FROM offices")
    layer, faults = read_postgis(url, "seen", crs="EPSG:25833")
    assert faults == []
    assert layer.geometry.y.iloc[0] == pytest.approx(BERGEN[1], abs=0.01)
    assert "is a view, not a table" in refusal(offices(), url, "seen", if_exists="append")


def test_geography_and_decimals_are_read(url: str, run: Run) -> None:
    run(
        "CREATE TABLE g (people numeric, at geography(Point, 4326))",
        "INSERT INTO g VALUES (12.5, 'SRID=4326;POINT(5.3 60.4)')",
    )
    layer, faults = read_postgis(url, "g", crs="EPSG:25833")
    assert faults == []
    assert layer["people"].tolist() == [12.5]


def test_what_keeps_a_table_from_being_read(url: str, run: Run) -> None:
    run(
        "CREATE TABLE plain (a int)",
        "CREATE TABLE two (a geometry(Point, 25833), b geometry(Point, 25833))",
        "CREATE TABLE none (geom geometry(Point, 25833))",
        "CREATE TABLE srid0 AS SELECT ST_MakePoint(1, 2) AS geom",
        "CREATE TABLE mixed AS SELECT ST_SetSRID(ST_MakePoint(5, 60), 4326) AS geom "
        "UNION ALL SELECT ST_SetSRID(ST_MakePoint(1, 6700000), 25833)",
        "CREATE TABLE swapped AS SELECT ST_SetSRID(ST_MakePoint(60, 5), 4326) AS geom",
    )
    assert "no such table or view" in problem_of(url, "Plain")
    assert "no geometry column" in problem_of(url, "plain")
    assert "2 geometry columns: a, b" in problem_of(url, "two")
    assert "has no rows" in problem_of(url, "none")
    assert "SRID 0" in problem_of(url, "srid0")
    assert "different coordinate systems: SRID 4326, 25833" in problem_of(url, "mixed")
    assert "swapped" in problem_of(url, "swapped")
    assert "column kommune is missing" in problem_of(url, "swapped", columns=["kommune"])
    assert "expected Polygon" in problem_of(url, "swapped", geometry=["Polygon"])


def test_an_unknown_srid_is_named(url: str, run: Run) -> None:
    run(
        "INSERT INTO spatial_ref_sys (srid, auth_name, auth_srid) VALUES (990001, 'ours', 1)",
        "CREATE TABLE odd AS SELECT ST_SetSRID(ST_MakePoint(5, 60), 990001) AS geom",
    )
    assert "unknown (SRID 990001)" in problem_of(url, "odd")


def test_postgis_in_a_schema_of_its_own_or_not_at_all(url: str, run: Run) -> None:
    write_postgis(offices(), url, "offices")
    run("DROP EXTENSION postgis CASCADE")
    run("CREATE TABLE left_over (a int)")
    assert "has no PostGIS" in problem_of(url, "left_over")
    run("CREATE SCHEMA gis", "CREATE EXTENSION postgis SCHEMA gis")
    write_postgis(offices(), url, "again")
    write_postgis(offices(), url, "again", if_exists="append")
    assert len(read_postgis(url, "again", crs="EPSG:25833")[0]) == 6


def test_rights_are_told_in_plain_words(url: str, reader: str, run: Run) -> None:
    write_postgis(offices(), url, "offices")
    assert "no right to read" in problem_of(reader, "offices")
    assert "no right to write" in refusal(offices(), reader, "others")
    run("GRANT SELECT ON offices TO PUBLIC")
    assert read_postgis(reader, "offices", crs="EPSG:25833")[1] == []
    assert "no right to write" in refusal(offices(), reader, "offices", if_exists="append")


def test_no_connection_and_no_password_in_any_message(reader: str) -> None:
    cases = {
        reader.replace("s3cret-pass", "wrong-pass"): "refused the user or the password",
        reader.rsplit("/", 1)[0] + "/nowhere": "no such database",
        "postgresql://anna:s3cret-pass@127.0.0.1:1/gis": "connection was refused",
        "postgresql://anna:s3cret@pass@127.0.0.1/gis": "no address of a database",
        "postgresql://anna:s3cret/pass@127.0.0.1/gis": "address: cannot be read",
        "postgresql://anna:s3cret#pass@127.0.0.1/gis": "address",
        "host=127.0.0.1 password=s3cret-pass": "no address of a database",
        "mysql://anna:s3cret-pass@127.0.0.1/gis": "no address of a database",
        "postgresql://anna:s3cret-pass@127.0.0.1:1/gis?sslmode=no-such": "no connection",
    }
    for address, words in cases.items():
        _, faults = read_postgis(address, "offices", crs="EPSG:25833")
        assert words in str(faults[0]), address
        assert "pass" not in str(faults[0]).replace("password", "").replace(".pgpass", "")
        assert "s3cret" not in str(faults[0])
        with pytest.raises(InputError) as caught:
            write_postgis(offices(), address, "offices")
        assert "s3cret" not in "".join(traceback.format_exception(caught.value))


def test_an_existing_table_is_replaced_only_when_asked(url: str) -> None:
    write_postgis(offices(), url, "offices")
    assert "is there already" in refusal(offices(), url, "offices")
    write_postgis(offices()[:1], url, "offices", if_exists="replace")
    assert len(read_postgis(url, "offices", crs="EPSG:25833")[0]) == 1
    write_postgis(offices(), url, "offices", if_exists="append")
    assert len(read_postgis(url, "offices", crs="EPSG:25833")[0]) == 4
    assert "expected fail, replace or append" in refusal(offices(), url, "o", if_exists="drop")


def test_views_keep_a_table_from_being_replaced(url: str, run: Run) -> None:
    write_postgis(offices(), url, "offices")
    run("CREATE VIEW v AS SELECT * FROM offices")
    assert "views" in refusal(offices()[:1], url, "offices", if_exists="replace")
    assert len(read_postgis(url, "offices", crs="EPSG:25833")[0]) == 3


def test_rows_to_append_must_fit(url: str, run: Run) -> None:
    write_postgis(offices(), url, "offices")
    wrong = offices().to_crs("EPSG:25832")
    assert "is in SRID 25833, the rows to add in 25832" in refusal(
        wrong, url, "offices", if_exists="append"
    )
    more = offices().assign(hours=3)
    assert "has no column hours" in refusal(more, url, "offices", if_exists="append")
    run("ALTER TABLE offices ADD UNIQUE (people)")
    assert "key is there already" in refusal(offices(), url, "offices", if_exists="append")
    lines = offices()[:1].set_geometry([LineString([BERGEN, (BERGEN[0] + 5, BERGEN[1])])])
    assert "the database says" in refusal(lines, url, "offices", if_exists="append")
    assert len(read_postgis(url, "offices", crs="EPSG:25833")[0]) == 3


@pytest.mark.parametrize("if_exists", ["replace", "append"])
def test_a_half_written_table_is_never_seen(
    url: str, run: Run, monkeypatch: pytest.MonkeyPatch, if_exists: str
) -> None:
    copying = driver().Copy
    write_postgis(offices()[:1], url, "offices")
    seen: list[int] = []
    plain = copying.write_row
    broken_at = 2

    def write_row(copy: object, row: list[object]) -> None:
        seen.append(int(str(run("SELECT count(*) FROM offices")[0][0])))
        if len(seen) == broken_at:
            raise KeyboardInterrupt
        plain(copy, row)

    monkeypatch.setattr(copying, "write_row", write_row)
    with pytest.raises(KeyboardInterrupt):
        write_postgis(offices(), url, "offices", if_exists=if_exists)  # type: ignore[arg-type]
    assert seen == [1, 1]
    tables = run("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    assert sorted(str(row[0]) for row in tables) == ["offices", "spatial_ref_sys"]
    assert run("SELECT count(*) FROM offices") == [(1,)]


def test_a_broken_connection_writes_nothing(url: str, run: Run) -> None:
    frame = pd.concat([offices()] * 20_000, ignore_index=True)
    stop = threading.Event()

    def cut() -> None:
        while not stop.is_set():
            run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name = 'navplan' AND query LIKE 'COPY%'"
            )

    killer = threading.Thread(target=cut)
    killer.start()
    try:
        said = refusal(frame, url, "offices")
    finally:
        stop.set()
        killer.join()
    assert "broke off" in said
    assert "no such table" in problem_of(url, "offices")


def test_no_such_schema(url: str) -> None:
    assert "no such schema" in refusal(offices(), url, "planning.offices")
    assert "no such table or view" in problem_of(url, "planning.offices")


def test_kinds_of_shapes(url: str, run: Run) -> None:
    cell = box(0, 6_700_000, 10, 6_700_010)
    areas = gpd.GeoDataFrame({"a": [1, 2]}, geometry=[cell, MultiPolygon([cell])], crs="EPSG:25833")
    write_postgis(areas, url, "areas")
    high = gpd.GeoDataFrame({"a": [1]}, geometry=[Point(0, 6_700_000, 9)], crs="EPSG:25833")
    write_postgis(high, url, "high")
    mixed = gpd.GeoDataFrame(
        {"a": [1, 2]}, geometry=[cell, GeometryCollection([cell])], crs="EPSG:25833"
    )
    write_postgis(mixed, url, "mixed")
    assert run("SELECT f_table_name, type, coord_dimension FROM geometry_columns ORDER BY 1") == [
        ("areas", "MULTIPOLYGON", 2),
        ("high", "POINT", 2),
        ("mixed", "GEOMETRY", 2),
    ]
    layer, faults = read_postgis(url, "areas", crs="EPSG:25833", geometry=["Polygon"])
    assert faults == []
    assert layer.area.tolist() == [100.0, 100.0]


def test_what_cannot_be_written_is_refused_before_the_database(reader: str) -> None:
    bad = offices().assign(share=[np.inf, 1, 2], name=["a", 1, "b"])
    said = refusal(bad, reader, "offices")
    assert "share: holds infinite values" in said
    assert "name: holds int; expected text" in said
    assert "no coordinate system" in refusal(offices(crs=None), reader, "offices")
    assert "nothing to write" in refusal(offices()[:0], reader, "offices")
    assert "no EPSG number" in refusal(
        offices().to_crs("+proj=aeqd +lat_0=60 +lon_0=5"), reader, "offices"
    )
    assert "cannot be the name" in refusal(
        offices().rename(columns={"name": "n" * 64}), reader, "offices"
    )
    assert "taken by the positions" in refusal(
        offices().rename(columns={"name": "geom"}), reader, "offices"
    )
    assert "no finite number" in refusal(
        offices()[:1].set_geometry([Point(np.inf, 0)]), reader, "offices"
    )
    assert "must be texts" in refusal(offices().rename(columns={"name": 7}), reader, "offices")
    twice = offices()
    twice.columns = ["name", "name", *twice.columns[2:]]
    assert "more than once" in refusal(twice, reader, "offices")
    invalid = offices()[:1].set_geometry([Polygon([(0, 0), (1, 1), (1, 0)])])
    assert "no right" in refusal(invalid, reader, "offices")  # the database is asked at last


def test_without_the_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "psycopg", None)
    _, faults = read_postgis("postgresql://a@b/c", "t", crs="EPSG:25833")
    assert "navplan[postgis]" in faults[0].remedy
