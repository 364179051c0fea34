"""Office structures: making, editing, and the minutes that follow."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from navplan.errors import InputError
from navplan.nouns import NEAREST, TravelTimes
from navplan.scenario import Edits, Merge, Move, Outreach, Scenario, own_minutes, resolve
from navplan.units import reason_codes
from tests import town
from tests.made_times import four, problem, town_times

AREAS = {"South": "south", "East": "east", "West": "west", "North": "north"}


def messages(error: pytest.ExceptionInfo[InputError]) -> str:
    return "\n".join(str(fault) for fault in error.value.faults)


def test_each_area_belongs_to_the_office_lying_in_it():
    assert dict(four().allocation) == AREAS
    assert four().idle == ()


def test_areas_with_no_office_or_two_and_unknown_offices_are_reported_together():
    with pytest.raises(InputError) as error:
        Scenario.of(
            "bad",
            ["south", "harbour", "west", "nrth"],
            office_area=town.offices().table["area"].to_dict(),
            areas=town.zones().areas,
        )
    text = messages(error)
    assert len(error.value.faults) == 4
    assert "no site is called 'nrth'" in text
    assert "Did you mean 'north'?" in text
    assert "no office lies in East" in text
    assert "no office lies in North" in text
    assert "south, harbour all lie in South" in text


def test_close_sends_its_areas_to_the_nearest_or_to_another():
    assert four().close("north").allocation["North"] == NEAREST
    closed = four().close("north", to="west")
    assert closed.allocation["North"] == "west"
    assert closed.offices == ("south", "east", "west")
    assert four().offices == ("south", "east", "west", "north")


def test_merge_closes_the_offices_left_without_areas():
    merged = four().merge(["South", "East"], office="east")
    assert merged.offices == ("east", "west", "north")
    assert merged.allocation["South"] == "east"


def test_merge_opens_a_new_site():
    merged = four().merge(["South", "East"], office="mall")
    assert set(merged.offices) == {"mall", "west", "north"}


def test_merge_keeps_an_office_that_serves_another_area():
    three = four().merge(["South", "East"], office="south")
    again = three.merge(["South", "West"], office="west")
    assert set(again.offices) == {"south", "west", "north"}
    assert again.allocation["East"] == "south"


def test_move_keeps_the_areas_and_the_order():
    moved = four().move("east", to="mall")
    assert moved.offices == ("south", "mall", "west", "north")
    assert moved.allocation["East"] == "mall"


def test_an_opened_office_is_idle_until_somebody_may_use_it():
    opened = four().open("mall")
    assert opened.idle == ("mall",)
    assert opened.choose_nearest().idle == ()
    with pytest.raises(InputError, match="nobody would use it"):
        resolve(four(), Edits(open=("mall",)))
    assert "mall" in resolve(four(), Edits(open=("mall",), choice="nearest")).offices


def test_close_and_merge_of_one_set_go_together():
    edits = Edits(close=("north",), merge=(Merge(("West", "North"), "west"),))
    assert resolve(four(), edits).allocation["North"] == "west"


@pytest.mark.parametrize(
    ("edits", "message"),
    [
        (Edits(close=("mall",)), "'mall' is not open"),
        (Edits(close=("nort",)), "no site is called 'nort'"),
        (Edits(open=("south",)), "open already: the edit changes nothing"),
        (Edits(move=(Move("south", "south"),)), "moves to where it is"),
        (Edits(move=(Move("south", "east"),)), "an office is open at 'east' already"),
        (Edits(merge=(Merge(("South",), "south"),)), "already: nothing changes"),
        (Edits(merge=(Merge((), "south"),)), "no area is named"),
        (Edits(merge=(Merge(("South", "Est"), "south"),)), "Did you mean 'East'?"),
        (Edits(merge=(Merge(("South", "South"), "mall"),)), "stands in the same merge too"),
        (
            Edits(close=("south",), merge=(Merge(("South", "East"), "south"),)),
            "closed by the same edits",
        ),
        (Edits(close=("south", "east", "west", "north")), "no office would be open"),
        (Edits(outreach=(Outreach("south", ("West",), ("mon",)),)), "is an open office"),
        (Edits(outreach=(Outreach("mall", ("Wst",), ("mon",)),)), "no area is called 'Wst'"),
        (Edits(outreach=(Outreach("mal", ("West",), ("mon",)),)), "Did you mean 'mall'?"),
    ],
)
def test_an_edit_that_cannot_be_or_changes_nothing_is_a_fault(edits, message):
    with pytest.raises(InputError) as error:
        resolve(four(), edits)
    assert message in messages(error)


def test_choosing_the_nearest_twice_changes_nothing():
    with pytest.raises(InputError, match="chooses the nearest office already"):
        four().choose_nearest().choose_nearest()


def test_all_faults_of_a_set_are_reported_together():
    edits = Edits(
        open=("south",),
        close=("nowhere",),
        merge=(Merge(("South", "East"), "mall"), Merge(("East", "Weast"), "west")),
    )
    with pytest.raises(InputError) as error:
        resolve(four(), edits, name="mine", where="study.toml")
    keys = [fault.key for fault in error.value.faults]
    assert keys == ["open[0]", "close[0]", "merge[1].areas", "merge[1].areas"]
    assert {fault.where for fault in error.value.faults} == {"study.toml"}
    assert "East stands in merge[0] too" in messages(error)


def test_close_to_an_office_that_is_not_open():
    with pytest.raises(InputError, match="'mall' is not open"):
        four().close("north", to="mall")
    with pytest.raises(InputError, match="cannot go to itself"):
        four().close("north", to="north")


def test_a_structure_that_contradicts_itself_is_refused():
    with pytest.raises(InputError) as error:
        Scenario("bad", {}, ("a", "a"), {"X": "b"}, sites=("a",))
    text = messages(error)
    assert "'a' stands more than once" in text
    assert "X belongs to 'b', which is not open" in text
    with pytest.raises(InputError, match="no office is open"):
        Scenario("bad", {}, (), {"X": NEAREST})


@pytest.mark.parametrize(
    ("serves", "days", "opens", "closes", "message"),
    [
        ((), ("mon",), 0, 1, "serves no area"),
        (("West",), (), 0, 1, "has no weekday"),
        (("West",), ("sat",), 0, 1, "'sat'; expected mon, tue, wed, thu, fri"),
        (("West",), ("mon", "mon"), 0, 1, "more than once"),
        (("West",), ("mon",), 50_400, 36_000, "ends 10:00, not after it begins 14:00"),
    ],
)
def test_meetings_that_cannot_be(serves, days, opens, closes, message):
    with pytest.raises(InputError) as error:
        Outreach("mall", serves, days, opens, closes)
    assert message in messages(error)


def test_a_scenario_cannot_be_changed_and_is_plain_json():
    scenario = four().with_outreach("mall", serves=["East"], days=["tue"])
    with pytest.raises(TypeError):
        scenario.allocation["East"] = "west"
    plain = json.loads(json.dumps(scenario.as_dict()))
    assert plain["allocation"] == AREAS
    assert plain["outreach"] == [
        {"at": "mall", "serves": ["East"], "days": ["tue"], "from": "10:00", "until": "14:00"}
    ]
    assert len({four(), four()}) == 1


def test_titles_fall_back_to_another_language_and_the_name():
    assert four().title_in("nn") == "four"
    assert four().named("x", {"en": "Four"}).title_in("nb") == "Four"


def test_own_and_nearest_minutes_by_hand():
    own = own_minutes(four(), town_times(), town.zones())
    # p-21 lies in East, 1 block from east and 1 from south: a tie, so the own office is nearest.
    assert own.loc["p-21"].tolist() == ["east", 2.0, "east", 2.0, "ok"]
    # p-13 lies in West: 2 blocks from west; north is 2 blocks off too.
    assert own.loc["p-13", ["office", "minutes", "nearest_minutes"]].tolist() == ["west", 4.0, 4.0]
    # p-12 lies in West, 1 block from west and, by the bridge, 1 block from south.
    assert own.loc["p-12", ["minutes", "nearest"]].tolist() == [2.0, "west"]
    # the island lies in North and is on no street.
    island = own.loc["p-island"]
    assert island[["office", "nearest", "reason"]].tolist() == ["north", "", "not_connected"]
    assert np.isnan(island["minutes"])
    assert np.isnan(island["nearest_minutes"])


def test_free_choice_goes_to_the_nearest_and_ties_to_the_first_office():
    own = own_minutes(four().choose_nearest(), town_times(), town.zones())
    assert own.loc["p-21", ["office", "minutes"]].tolist() == ["south", 2.0]
    assert own.loc["p-22", ["office", "minutes"]].tolist() == ["south", 4.0]
    assert own.loc["p-island", ["office", "nearest", "reason"]].tolist() == [
        "",
        "",
        "not_connected",
    ]
    assert (own["minutes"].dropna() == own["nearest_minutes"].dropna()).all()


def test_meetings_count_on_their_days_of_five_where_they_are_nearer():
    merged = four().merge(["South", "East"], office="south")
    before = own_minutes(merged, town_times(), town.zones())["minutes"]
    met = merged.with_outreach("mall", serves=["East"], days=["tue", "thu"])
    own = own_minutes(met, town_times(), town.zones())
    # p-31 to south is 2 blocks, 4 min; to mall 1 block, 2 min: (3 × 4 + 2 × 2) / 5 = 3.2 min.
    assert own.loc["p-31", "minutes"] == pytest.approx(3.2)
    # p-21 is 1 block from south, 2 from mall: no gain. p-10 is in South, which is not served.
    assert own.loc["p-21", "minutes"] == before["p-21"] == 2.0
    assert own.loc["p-10", "minutes"] == before["p-10"]
    # p-30 is at the mall, but meetings there for South alone are not for it.
    elsewhere = merged.with_outreach("mall", serves=["South"], days=["tue", "thu"])
    minutes = own_minutes(elsewhere, town_times(), town.zones())["minutes"]
    assert minutes["p-30"] == before["p-30"] == 6.0
    assert (own["nearest_minutes"].dropna() <= own["minutes"].dropna()).all()


def test_two_meetings_on_one_day_count_once():
    merged = four().merge(["South", "East"], office="south")
    met = merged.with_outreach("mall", serves=["East"], days=["tue"])
    both = met.with_outreach("harbour", serves=["East"], days=["tue", "wed"])
    own = own_minutes(both, town_times(), town.zones())
    # p-30 to south 3 blocks, 6 min; mall 0; harbour 3 blocks: (4 × 6 + 0) / 5.
    assert own.loc["p-30", "minutes"] == pytest.approx(4.8)


def test_meetings_at_the_door_every_day_take_no_time_rather_than_less():
    # 5 × 52.59 / 5 is a rounding more than 52.59.
    made = problem([[52.59, 0.0]], people=[1], zone_areas=["A"], site_areas=["A", "A"])
    scenario = Scenario("x", {}, ("s0",), {"A": "s0"}).with_outreach(
        "s1", serves=["A"], days=["mon", "tue", "wed", "thu", "fri"]
    )
    assert own_minutes(scenario, made.times, made.zones).loc["z0", "minutes"] == 0


def test_zones_and_sites_of_the_times_may_stand_in_another_order():
    times = town_times()
    turned = TravelTimes(
        times.minutes.iloc[::-1, ::-1].astype("float32"),
        times.codes.iloc[::-1, ::-1],
        times.snap_m,
        times.profile,
    )
    same = own_minutes(four(), turned, town.zones())
    pd.testing.assert_frame_equal(same, own_minutes(four(), times, town.zones()))


def test_a_meeting_alone_gives_no_time_where_the_office_has_none():
    made = problem([[np.nan, 5.0]], people=[1], zone_areas=["A"], site_areas=["A", "A"])
    scenario = Scenario("x", {}, ("s0",), {"A": "s0"}).with_outreach(
        "s1", serves=["A"], days=["mon", "tue", "wed", "thu", "fri"]
    )
    own = own_minutes(scenario, made.times, made.zones)
    assert np.isnan(own.loc["z0", "minutes"])
    assert own.loc["z0", "reason"] == "not_connected"


def test_the_reason_for_nobody_in_time_is_the_telling_one():
    made = problem([[np.nan, np.nan]], people=[1], zone_areas=["A"], site_areas=["A", "A"])
    reason = made.times.reason
    reason.loc["z0", "s1"] = "beyond_limit"
    codes = reason_codes(reason)
    times = TravelTimes(made.times.minutes, codes, made.times.snap_m, made.times.profile)
    scenario = Scenario("x", {}, ("s0", "s1"), {"A": NEAREST})
    assert own_minutes(scenario, times, made.zones).loc["z0", "reason"] == "beyond_limit"


def test_areas_sites_and_zones_that_do_not_fit_are_reported_together():
    times = town_times()
    few = TravelTimes(
        times.minutes.drop(columns="north"),
        times.codes.drop(columns="north"),
        times.snap_m,
        times.profile,
    )
    odd = Scenario("odd", {}, ("south", "north"), {"South": "south", "Suoth": "north"})
    with pytest.raises(InputError) as error:
        own_minutes(odd, few, town.zones())
    text = messages(error)
    assert "East belongs to no office" in text
    assert "no zone lies in 'Suoth'" in text
    assert "the travel times of car have no site 'north'" in text
