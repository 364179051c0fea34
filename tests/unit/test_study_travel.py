"""What an opened study says of single ways: trips, isochrones, visits, and sites of one's own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import navplan as nav
from tests.tiny_study import swap, write_study


@pytest.fixture
def study(tmp_path: Path) -> nav.Study:
    return nav.open_study(write_study(tmp_path / "tiny"), cache=False)


def test_a_trip_takes_the_minutes_of_the_matrix(study: nav.Study) -> None:
    trip = study.itinerary("p-a", "b", profile="walk", at="12:00")
    assert trip.minutes == pytest.approx(study.travel_times("walk").minutes.loc["p-a", "b"])
    assert trip.arrives == 12 * 3600
    assert "walk" in str(trip)


def test_what_is_not_known_is_told(study: nav.Study) -> None:
    for call in (
        lambda: study.itinerary("p-x", "b"),
        lambda: study.itinerary("p-a", "x"),
        lambda: study.isochrones("x"),
        lambda: study.itinerary("p-a", "b", at="noon"),
        lambda: study.visits(latest_home="late"),
    ):
        with pytest.raises(nav.InputError):
            call()


def test_people_within_an_isochrone_are_those_with_the_minutes(study: nav.Study) -> None:
    land = study.isochrones("b", profile="walk", limits_min=(30, 60)).set_index("limit_min")
    minutes, people = study.travel_times("walk").minutes["b"], study.population().people
    for limit in (30, 60):
        assert land.loc[limit, "people"] == people[minutes <= limit].sum()
    assert land.loc[30].geometry.within(land.loc[60].geometry.buffer(1e-6))


def test_a_visit_lies_within_the_hours(study: nav.Study) -> None:
    found = study.visits(profile="walk", stay_min=30).table
    there = found[found["reason"] == "ok"]
    assert len(there)
    hours = study.offices.hours.set_index("office")
    day = hours[hours["weekday"] == study.profile("walk").weekday]
    for (_, site), row in there.iterrows():
        assert (day.loc[[site], "opens"] <= row["begins"]).all()
        assert (row["ends"] <= day.loc[[site], "closes"]).all()


def test_a_site_of_ones_own_can_be_moved_to(study: nav.Study) -> None:
    at = study.offices.table.geometry["c"]
    more = study.with_site("hut", at=(at.x, at.y), name="The hut")
    assert list(study.offices.table.index) == [i for i in more.offices.table.index if i != "hut"]
    assert more.offices.table.loc["hut", "area"] == "Cdal"
    moved = more.scenario("two").move("c", to="hut").named("moved")
    table = more.compare(moved, profiles=["walk"]).table("mean_minutes", by="all")
    assert table["moved"].notna().all()
    pd.testing.assert_frame_equal(
        more.travel_times("walk").minutes.drop(columns="hut"), study.travel_times("walk").minutes
    )


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"site": "b"}, "is taken"),
        ({"site": "p-a"}, "is taken"),
        ({"at": (0.0, 0.0)}, "within 50 km"),
        ({"at": (float("nan"), 0.0)}, "within 50 km"),
        ({"area": "Nowhere"}, "no zone lies in 'Nowhere'"),
    ],
)
def test_a_site_that_cannot_be_is_refused(study: nav.Study, changes, word: str) -> None:
    at = study.offices.table.geometry["c"]
    given = {"site": "hut", "at": (at.x, at.y)} | changes
    with pytest.raises(nav.InputError, match=word):
        study.with_site(given.pop("site"), **given)


def test_a_profile_may_look_from_departures(tmp_path: Path) -> None:
    window = 'depart = { from = "08:00", until = "09:00" }\nmax_rides = 2\nferry_wait = 0.0\n'
    study = nav.open_study(
        write_study(tmp_path / "tiny", study=swap('mode = "walk"', f'mode = "walk"\n{window}')),
        cache=False,
    )
    profile = study.profile("walk")
    assert profile.by_departure
    assert profile.window == (8 * 3600, 9 * 3600)
    assert (profile.max_rides, profile.ferry_wait) == (2, 0.0)


def test_two_windows_are_one_too_many(tmp_path: Path) -> None:
    window = "".join(
        f'{side} = {{ from = "08:00", until = "09:00" }}\n' for side in ("arrive", "depart")
    )
    folder = write_study(tmp_path / "tiny", study=swap('mode = "walk"', f'mode = "walk"\n{window}'))
    with pytest.raises(nav.InputError, match="a profile has one window"):
        nav.open_study(folder)


def test_other_inputs_are_not_answered_with_the_old_times(study: nav.Study, tmp_path: Path) -> None:
    before = study.travel_times("walk").minutes.loc["p-a", "b"]
    longer = nav.open_study(
        write_study(tmp_path / "longer", links=swap("p-a,p-b,4.0", "p-a,p-b,8.0")), cache=False
    )
    after = replace(study, inputs=longer.inputs).travel_times("walk").minutes.loc["p-a", "b"]
    assert after == pytest.approx(2 * before)
