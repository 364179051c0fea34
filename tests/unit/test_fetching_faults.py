"""What a fetch says when a disk is full, streets are far away, or a part is no longer asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from click.testing import CliRunner
from shapely import box

import navplan as nav
from navplan.cli import main
from navplan.errors import FetchError
from navplan.sources.clipping import clip_osm
from navplan.study import fetch_study
from navplan.study.fetching.fetch import NotFetchedError
from navplan.study.fetching.record import Made, put, read_fetched
from navplan.study.fetching.tables import write_borders, write_table
from tests.services import osm, ssb_map
from tests.services.fixtures import WebOf, web_of
from tests.services.server import Reply, Server
from tests.services.study import new_city, new_town, services

__all__ = ["web_of"]
pytest.importorskip("osmium", reason="osmium is not installed (extra osm)")
resource = pytest.importorskip("resource", reason="no limits on this system")

ONLY_OSM = ('offices = ["office-addresses.csv", "osm"]', 'offices = ["osm"]')
AREAS = gpd.GeoDataFrame({"area": ["Øvingsby"]}, geometry=[box(0, 0, 9, 9)], crs="EPSG:25833")


@contextmanager
def full_disk() -> Iterator[None]:
    """No file may grow beyond a few bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def borders(draft: Path) -> Made:
    with full_disk():
        write_borders(AREAS, draft / "borders.gpkg")
    return Made(())


def table(draft: Path) -> Made:
    with full_disk():
        write_table(pd.DataFrame({"id": range(10_000)}), draft / "places.csv")
    return Made(())


def streets(draft: Path) -> Made:
    source = osm.whole_map(draft.parent.parent)
    with full_disk():
        clip_osm(source, draft / "streets.osm.pbf", area=box(0, 0, 80, 80), form="osm")
    return Made(())


@pytest.mark.parametrize(
    ("make", "file"),
    [(borders, "borders.gpkg"), (table, "places.csv"), (streets, "streets.osm.pbf")],
)
def test_a_full_disk_is_told_by_file_and_folder(
    make: Callable[[Path], Made], file: str, tmp_path: Path
) -> None:
    town = tmp_path / "town"
    town.mkdir()
    with pytest.raises(nav.InputError) as caught:
        put(town, "part", [file], make, "")
    (fault,) = caught.value.faults
    assert fault.where == file
    assert fault.problem.startswith(f"cannot be written in {town} (")
    assert fault.remedy == "Make room on the disk, or see to your rights there."
    assert list(town.iterdir()) == []


def test_possible_sites_far_from_streets_are_left_out(
    tmp_path: Path, web_of: WebOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The streets reach to 14 km from the corner; the square of most people lies at 17 km."""
    crowded = ssb_map.cell_id(17, 17)
    monkeypatch.setattr(ssb_map, "CELLS", {**ssb_map.CELLS, crowded: 5000})
    town = new_town(tmp_path, ONLY_OSM)
    with Server(services()) as server:
        told = fetch_study(town, web_of(server))
    offices = pd.read_csv(town / "offices.csv")
    possible = offices[offices["kind"] == "possible"]
    assert len(possible) > 0
    assert (possible["y"] < 7_460_000 + 15_000).all()
    far = "Squares whose centre lies more than 1 km from any street, left out as possible sites: 1."
    assert far in told.notices
    assert (
        f"Possible sites found: {len(possible)} of 10. No other square lies at least 3 km from the "
        "offices and from each other; possible_apart_km under [fetch] says how far."
    ) in told.notices
    nav.open_study(town)


def test_no_possible_site_at_all(tmp_path: Path, web_of: WebOf) -> None:
    town = new_town(tmp_path, ONLY_OSM, ("possible_apart_km = 3", "possible_apart_km = 300"))
    with Server(services()) as server:
        told = fetch_study(town, web_of(server))
    assert set(pd.read_csv(town / "offices.csv")["kind"]) == {"office"}
    assert any(notice.startswith("Possible sites found: 0 of 10.") for notice in told.notices)


def test_as_many_possible_sites_as_asked_for_are_not_told(tmp_path: Path, web_of: WebOf) -> None:
    with Server(services()) as server:
        told = fetch_study(new_town(tmp_path, ONLY_OSM, ("possible = 10", "possible = 1")),
                           web_of(server))  # fmt: skip
    assert not any("ossible sites" in notice for notice in told.notices)


def test_streets_that_fail_are_told_once_and_hold_up_the_offices(
    tmp_path: Path, web_of: WebOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The streets of the extract lie round another town."""
    elsewhere = osm.NODES
    town = new_city(tmp_path, monkeypatch)
    monkeypatch.setattr(osm, "NODES", elsewhere)
    with Server(services()) as server, pytest.raises(NotFetchedError) as caught:
        fetch_study(town, web_of(server))
    assert str(caught.value) == (
        "Not fetched: streets, offices. The other parts are in place.\n1 fault in the inputs:\n"
        "- extract for streets.osm.pbf: holds no street in the area of the study. Take the extract "
        "that covers the kommuner."
    )
    assert (town / "places.csv").exists()
    assert not (town / "offices.csv").exists()


def test_offices_of_a_table_wait_for_the_streets_that_possible_sites_lie_by(
    tmp_path: Path, web_of: WebOf
) -> None:
    town = new_town(tmp_path)
    (town / "office-addresses.csv").write_text(
        "id;navn;gatenavn;husnummer;postnummer\nost;NAV Øst;Prøvegata;3;8099\n", encoding="utf-8"
    )
    down = {**services(), "geofabrik": lambda _: Reply(b"", 403)}
    with Server(down) as server, pytest.raises(FetchError, match="Not fetched: streets, offices"):
        fetch_study(town, web_of(server))
    with Server(services()) as server:
        again = fetch_study(town, web_of(server))
    assert again.written == ("streets.osm.pbf", "offices.csv")


def test_a_part_that_is_no_longer_asked_for_is_no_longer_told(
    tmp_path: Path, web_of: WebOf
) -> None:
    town = new_town(tmp_path, ONLY_OSM)
    with Server(services()) as server:
        fetch_study(town, web_of(server))
    sources, notices = read_fetched(town)
    left, told = read_fetched(town, ["places", "neighbours", "streets", "timetable"])
    assert {s.publisher for s in left} <= {s.publisher for s in sources}
    assert any("look through the offices table" in notice for notice in notices)
    assert not any("look through the offices table" in notice for notice in told)
    entur = {source.id for source in sources} - {
        source.id for source in read_fetched(town, ["places", "streets", "offices"])[0]
    }
    assert len(entur) == 1
    assert read_fetched(town, []) == ((), ())


def test_offline_and_update_exclude_each_other(tmp_path: Path) -> None:
    town = new_town(tmp_path)
    ended = CliRunner().invoke(main, ["fetch", str(town), "--offline", "--update"])
    assert ended.exit_code == 2
    assert "fetch: --offline: and --update exclude each other" in ended.stderr
    assert "Leave one of them out." in ended.stderr


def test_the_whole_way_of_a_city_of_bydeler(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """New, fetch, check, run; streets but no timetable."""
    monkeypatch.setenv("NAVPLAN_CACHE", str(tmp_path / "answers"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    city = new_city(tmp_path, monkeypatch, ONLY_OSM)
    path = city / "study.toml"
    text = path.read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("timetable = ")]
    blocks = "\n".join(lines).split("\n\n")
    kept = [b for b in blocks if not b.startswith("[timetable]") and 'name = "transit"' not in b]
    assert len(blocks) - len(kept) == 2
    path.write_text("\n\n".join(kept) + "\n", encoding="utf-8")
    out = tmp_path / "out"
    with Server(services()) as server:
        words = (["fetch", city, "--mirror", server.address], ["check", city],
                 ["run", city, "--out", out])  # fmt: skip
        for given in words:
            ended = CliRunner().invoke(main, [str(w) for w in given], catch_exceptions=False)
            assert ended.exit_code == 0, ended.stderr
    offices = pd.read_csv(city / "offices.csv")
    today = offices[offices["kind"] == "office"]
    assert set(today["area"]) == {"Arna", "Bergenhus"}
    minutes = pd.read_csv(out / "zone_minutes.csv")
    assert minutes["minutes"].notna().all()
