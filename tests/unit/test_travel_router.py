"""Columns of travel times: kept, read again, and searched only where they are new."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import Point

from navplan.errors import InputError, NavplanWarning
from navplan.nouns import TravelTimes
from navplan.travel import Router, travel_times
from tests import town


def router(mode: str = "walk", cache: Path | None = None, **changes: object) -> Router:
    timetable = town.timetable() if mode == "transit" else None
    profile = town.profile(mode, **changes)
    return Router(profile, town.zones(), town.streets(), timetable, cache)


def sites(*names: str) -> gpd.GeoDataFrame:
    return town.offices().table.loc[list(names)]


def same(one: TravelTimes, other: TravelTimes) -> None:
    pd.testing.assert_frame_equal(one.minutes, other.minutes)
    pd.testing.assert_frame_equal(one.codes, other.codes)
    pd.testing.assert_series_equal(one.snap_m, other.snap_m)
    assert one.digest == other.digest


def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the sites that are searched from now on, in order."""
    from navplan.travel.street_search import StreetSearch  # noqa: PLC0415

    searched: list[str] = []
    plain = StreetSearch.to_sites

    def told(self: StreetSearch, points: gpd.GeoDataFrame) -> object:
        searched.extend(points.index)
        return plain(self, points)

    monkeypatch.setattr(StreetSearch, "to_sites", told)
    return searched


@pytest.mark.parametrize("mode", ["walk", "bicycle", "car", "transit"])
def test_a_matrix_made_site_by_site_is_the_matrix_made_at_once(mode):
    bit_by_bit = router(mode)
    for site in town.SITES:
        bit_by_bit.times(sites(site))
    same(bit_by_bit.times(town.offices()), router(mode).times(town.offices()))


def test_a_site_more_costs_its_own_column_only(monkeypatch):
    one = router()
    one.times(sites("south", "east"))
    searched = counted(monkeypatch)
    found = one.times(sites("east", "mall", "south"))
    assert searched == ["mall"]
    assert list(found.minutes.columns) == ["east", "mall", "south"]
    same(found, router().times(sites("east", "mall", "south")))


def test_a_site_that_moves_is_searched_again(monkeypatch):
    one = router()
    hut = sites("south").rename(index={"south": "hut"})
    one.times(hut)
    searched = counted(monkeypatch)
    moved = hut.set_geometry([Point(*town.at("33"))], crs=hut.crs)
    found = one.times(moved)
    assert searched == ["hut"]
    at_north = router().times(sites("north")).minutes["north"]
    np.testing.assert_allclose(found.minutes["hut"], at_north, atol=1e-4)


def test_columns_in_the_cache_are_read_whatever_their_order(tmp_path, monkeypatch):
    first = router(cache=tmp_path).times(sites("south", "east", "north"))
    searched = counted(monkeypatch)
    second = router(cache=tmp_path).times(sites("north", "south"))
    assert searched == []
    pd.testing.assert_frame_equal(second.minutes, first.minutes[["north", "south"]])
    assert second.digest != first.digest


def test_a_run_that_was_interrupted_goes_on_where_it_was(tmp_path, monkeypatch):
    from navplan.travel import router as module  # noqa: PLC0415
    from navplan.travel.street_search import StreetSearch  # noqa: PLC0415

    monkeypatch.setattr(module, "LANES", 1)
    monkeypatch.setattr(module, "threads", lambda: 2)
    plain = StreetSearch.to_sites

    def stopped(self: StreetSearch, points: gpd.GeoDataFrame) -> object:
        if "mall" in points.index:
            raise KeyboardInterrupt
        return plain(self, points)

    said: list[str] = []
    with monkeypatch.context() as patch:
        patch.setattr(StreetSearch, "to_sites", stopped)
        with pytest.raises(KeyboardInterrupt):
            router(cache=tmp_path).times(town.offices(), progress=said.append)
    assert said == ["walk: sites 1–2 of 6", "walk: sites 3–4 of 6", "walk: sites 5–6 of 6"]
    searched = counted(monkeypatch)
    found = router(cache=tmp_path).times(town.offices())
    assert searched == ["mall", "harbour"]
    monkeypatch.undo()
    same(found, router().times(town.offices()))


def test_a_broken_block_is_made_anew_with_a_warning(tmp_path):
    first = router(cache=tmp_path).times(town.offices())
    [block] = tmp_path.rglob("*.npz")
    block.write_bytes(b"no zip")
    with pytest.warns(NavplanWarning, match="made anew"):
        second = router(cache=tmp_path).times(town.offices())
    same(second, first)


def test_nothing_half_written_is_left(tmp_path, monkeypatch):
    def fails(*_: object, **__: object) -> None:
        raise OSError

    monkeypatch.setattr("navplan.travel.store.np.savez", fails)
    with pytest.raises(OSError):
        router(cache=tmp_path).times(town.offices())
    assert not list(tmp_path.rglob("*.npz"))
    assert not list(tmp_path.rglob("*.part"))


CHANGES = {
    "walk": {"walk_m_per_s": 1.3, "limit_min": 100.0, "snap_limit_m": 500.0, "step_free": "known"},
    "bicycle": {"bicycle_km_h": 14.0, "ferry_wait": 0.0, "walk_m_per_s": 1.0},
    "car": {"car_factor": 1.2, "turn_costs": True, "date": dt.date(2024, 10, 16)},
    "transit": {
        "percentile": 75.0,
        "step_s": 300,
        "change_slack_s": 90,
        "max_rides": 1,
        "max_walk_min": 20.0,
        "max_direct_walk_min": 30.0,
        "arrive_until": 13 * 3600,
    },
}


@pytest.mark.parametrize(
    ("mode", "key"), [(mode, key) for mode, keys in CHANGES.items() for key in keys]
)
def test_the_digest_knows_every_parameter_of_its_mode(mode, key):
    changed = {key: CHANGES[mode][key]}
    if key == "date":  # the timetable would have to change along
        assert router(mode).digest != router(mode, **changed).digest
        return
    assert router(mode).digest != router(mode, **changed).digest


@pytest.mark.parametrize("mode", ["walk", "bicycle", "car", "transit"])
def test_the_digest_knows_the_time_of_day_since_ferries_have_hours(mode):
    morning, evening = (
        router(mode, depart_from=hour * 3600, depart_until=(hour + 1) * 3600) for hour in (7, 20)
    )
    assert morning.digest != evening.digest


@pytest.mark.parametrize(
    ("key", "value", "word"),
    [
        ("change_slack_s", -60, "zero or more"),
        ("step_s", 90.5, "whole"),
        ("max_rides", 1.5, "whole"),
    ],
)
def test_a_profile_that_cannot_be_is_refused(key, value, word):
    with pytest.raises(InputError, match=word):
        town.profile("transit", **{key: value})


def test_the_digest_passes_over_names_and_what_other_modes_need():
    plain = router("walk").digest
    assert router("walk", name="other").digest == plain
    assert router("walk", percentile=75.0, car_factor=2.0, bicycle_km_h=10.0).digest == plain


def test_the_digest_knows_streets_and_timetable():
    streets, timetable = town.streets(), town.timetable()
    edges = streets.edges.assign(length_m=streets.edges["length_m"] + 1.0)
    longer = replace(streets, edges=edges)
    banned = replace(streets, bans=((0, 1),)) if _meet(streets.edges) else streets
    calls = timetable.stop_times.assign(departure=timetable.stop_times["departure"] + 1)
    digests = {
        streets.digest,
        longer.digest,
        banned.digest,
        timetable.digest,
        replace(timetable, stop_times=calls).digest,
    }
    assert len(digests) == 5


def _meet(edges: pd.DataFrame) -> bool:
    return bool(edges["head"].iloc[0] == edges["tail"].iloc[1])


def test_travel_times_is_a_router_asked_once():
    made = travel_times(
        town.profile("walk"), zones=town.zones(), sites=town.offices(), streets=town.streets()
    )
    same(made, router().times(town.offices()))
