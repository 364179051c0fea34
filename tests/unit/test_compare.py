"""The comparison of scenarios, on the made-up town."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from navplan import measures as m
from navplan.compare import COLUMNS, Comparison, base_kappa, compare, tables
from navplan.errors import InputError
from navplan.locate import rank_area_structures
from navplan.nouns import NEAREST, Population, TravelTimes
from navplan.scenario import Scenario, own_minutes
from navplan.units import reason_codes
from tests import town
from tests.made_times import Problem, four, problems, town_times

MERGED = four().merge(["South", "East"], office="mall").named("merged")
COPY = four().named("copy")
K = {zone: 2 ** (k + 1) for k, zone in enumerate(town.zones().table.index)}  # both age groups


def run(scenarios: list[Scenario] | None = None, **changes) -> Comparison:
    options = {
        "base": "four",
        "populations": {"today": town.population()},
        "times": {"car": town_times()},
        "zones": town.zones(),
    }
    return compare(scenarios or [four(), MERGED, COPY], **{**options, **changes})


def value(found: Comparison, scenario: str, measure: str, group: str = "all") -> float:
    table = found.table.set_index(["scenario", "measure", "group"])
    return float(table.loc[(scenario, measure, group), "value"])


def zones_in(count: float) -> set[str]:
    """The zones a sum of people names."""
    return {zone for zone, people in K.items() if int(count) & people}


def test_the_table_has_every_group_and_measure_once():
    found = run()
    assert tuple(found.table.columns) == COLUMNS
    groups = 1 + 4 + 2
    assert len(found.table) == 3 * groups * 16
    assert not found.table.duplicated(["scenario", "by", "group", "measure"]).any()
    assert found.table.groupby("unit")["measure"].unique().map(set).to_dict() == {
        "min": {
            *("mean_minutes", "median_minutes", "p90_minutes", "worst_minutes", "ede_minutes"),
            *("mean_minutes_nearest", "mean_change_minutes"),
        },
        "persons": {
            *("within_15", "within_30", "within_45", "within_60"),
            *("lose_more_5", "lose_more_10", "lose_more_15", "gain_more_5"),
        },
        "h": {"person_hours_year"},
    }
    assert "base four" in repr(found)


def test_a_copy_of_the_base_equals_it_exactly():
    table = run().table.drop(columns="scenario")
    blocks = np.split(np.arange(len(table)), 3)
    base, _, copy = (table.iloc[rows].reset_index(drop=True) for rows in blocks)
    pd.testing.assert_frame_equal(base, copy, check_exact=True)
    changes = base[base["measure"].isin(["mean_change_minutes", "lose_more_5", "gain_more_5"])]
    assert (changes["value"] == 0).all()


def test_the_sums_name_the_zones_they_reached():
    found = run()
    # To the mall instead of p-11: p-00 4 → 6 min, p-10 2 → 4, p-01 2 → 8, p-11 0 → 6.
    assert zones_in(value(found, "merged", "lose_more_5")) == {"p-01", "p-11"}
    assert value(found, "merged", "lose_more_10") == 0
    everyone = set(K)
    assert zones_in(value(found, "four", "within_15")) == everyone - {"p-island"}


def test_a_bydel_by_hand():
    found = run()
    people = {"p-00": 1, "p-10": 2, "p-01": 16, "p-11": 32}
    before = {"p-00": 4, "p-10": 2, "p-01": 2, "p-11": 0}
    after = {"p-00": 6, "p-10": 4, "p-01": 8, "p-11": 6}
    mean = sum(people[z] * after[z] for z in people) / 51
    change = sum(people[z] * (after[z] - before[z]) for z in people) / 51
    assert value(found, "merged", "mean_minutes", "South") == pytest.approx(mean)
    assert value(found, "merged", "mean_change_minutes", "South") == pytest.approx(change)
    # Nearest: p-01 and p-11 are 3 and 2 blocks from west, by the bridge.
    nearest = {"p-00": 6, "p-10": 4, "p-01": 6, "p-11": 4}
    near = sum(people[z] * nearest[z] for z in people) / 51
    assert value(found, "merged", "mean_minutes_nearest", "South") == pytest.approx(near)
    assert value(found, "merged", "median_minutes", "South") == 6
    assert value(found, "merged", "worst_minutes", "South") == 8
    assert value(found, "merged", "person_hours_year", "South") == pytest.approx(
        2 * 51 * mean * 2 / 60
    )
    # Half as many of each age group, in the same places: the same mean, half the people.
    assert value(found, "merged", "mean_minutes", "67+") == pytest.approx(
        value(found, "merged", "mean_minutes")
    )
    assert value(found, "merged", "lose_more_5", "67+") == (2**4 + 2**5)


def test_every_mean_stands_beside_the_share_it_leaves_out():
    table = run().table
    north = table[table["group"] == "North"]
    share = K["p-island"] / sum(K[f"p-{c}"] for c in ("22", "32", "23", "33", "island"))
    assert north["share_without_time"].to_numpy() == pytest.approx(share)
    assert (table.loc[table["group"] == "South", "share_without_time"] == 0).all()


def test_twice_the_visits_take_twice_the_hours():
    once, twice = run(), run(visits_per_person=2.0)
    hours = [value(found, "merged", "person_hours_year") for found in (once, twice)]
    assert hours[1] == pytest.approx(2 * hours[0])


def test_the_minutes_of_each_zone():
    table = run().zone_minutes
    assert list(table.columns) == [
        *("scenario", "profile", "zone", "office", "minutes"),
        *("nearest", "nearest_minutes", "reason", "change_minutes"),
    ]
    row = table[(table["scenario"] == "merged") & (table["zone"] == "p-01")].iloc[0]
    assert row["office"] == "mall"
    assert (row["minutes"], row["change_minutes"]) == (8, 6)
    assert row["nearest"] == "west"
    assert row["nearest_minutes"] == 6


def test_pivot_lays_out_areas_outlooks_and_profiles():
    found = run(times={"car": town_times(), "slow": town_times(4.0, "slow")})
    wide = found.pivot("mean_minutes", by="area", profile="car", outlook="today")
    assert list(wide.index) == ["four", "merged", "copy"]
    assert list(wide.columns) == ["East", "North", "South", "West"]
    assert wide.loc["merged", "South"] == value(run(), "merged", "mean_minutes", "South")
    across = found.pivot("mean_minutes", outlook="today")
    assert list(across.columns) == ["car", "slow"]
    assert across["slow"].to_numpy() == pytest.approx(2 * across["car"].to_numpy())
    both = found.pivot("mean_minutes", by="age")
    assert both.columns.names == ["outlook", "profile", "group"]
    share = found.pivot("mean_minutes", outlook="today", profile="car", column="share_without_time")
    assert (share > 0).all(axis=None)


def test_losers_are_listed_with_the_longest_loss_first():
    lost = run().losers(1, scenario="merged")
    assert lost["zone"].tolist() == ["p-01", "p-11", "p-00", "p-10", "p-21", "p-31"]
    first = lost.iloc[0]
    assert (first["before"], first["after"], first["change"], first["people"]) == (2, 8, 6, 32)
    assert (first["area"], first["name"]) == ("South", "01")
    assert run().losers(10).empty


def test_who_loses_the_time_altogether_comes_first():
    times = town_times()
    minutes, reason = times.minutes.copy(), times.reason
    minutes.loc["p-10", "mall"], reason.loc["p-10", "mall"] = np.nan, "beyond_limit"
    cut = TravelTimes(minutes, reason_codes(reason), times.snap_m, times.profile)
    found = run(times={"car": cut})
    lost = found.losers(5, scenario="merged")
    assert lost["zone"].tolist() == ["p-10", "p-01", "p-11"]
    assert lost["reason"].tolist() == ["beyond_limit", "ok", "ok"]
    assert zones_in(value(found, "merged", "lose_more_15")) == {"p-10"}


def test_the_equal_equivalent_uses_the_bases_aversion_for_all():
    found = run()
    people = town.population().people
    own = [4, 2, 4, 2, 2, 0, 2, 0, 0, 2, 4, 2, 2, 4, 2, 0, np.nan]
    kappa = m.kolm_pollak_kappa(np.array(own, dtype=float), people.to_numpy(dtype=float))
    assert found.kappa == {("today", "car"): pytest.approx(kappa)}
    direct = base_kappa(four(), town.population(), town_times(), town.zones())
    assert direct == pytest.approx(kappa)


def test_the_ranking_says_what_the_comparison_says():
    found = run()
    ranking = rank_area_structures(
        town_times(),
        town.population().people,
        zones=town.zones(),
        offices=town.offices(),
        neighbours=town.neighbours(),
        count=3,
        kappa=found.kappa["today", "car"],
    )
    for objective in ("mean_minutes", "worst_minutes", "ede_minutes"):
        assert ranking.value_of(MERGED, objective) == pytest.approx(
            value(found, "merged", objective)
        )


def one_by_one(made: Problem, scenario: Scenario, base: Scenario) -> dict[tuple[str, str], tuple]:
    """Every value, share and count by the measures of one group, on its own zones alone."""
    own = own_minutes(scenario, made.times, made.zones)
    before = own_minutes(base, made.times, made.zones)["minutes"]
    kappa = base_kappa(base, made.population, made.times, made.zones)
    area = made.zones.table["area"]
    everywhere = pd.Series(data=True, index=area.index)
    groups = {"all": everywhere, "all ages": everywhere}
    groups |= {name: area == name for name in made.zones.areas}
    found = {}
    for group, here in groups.items():
        z, y, w = own["minutes"][here], before[here], made.people[here].astype(float)
        values = {
            "mean_minutes": m.mean_minutes(z, w),
            "median_minutes": m.median_minutes(z, w),
            "p90_minutes": m.percentile_minutes(z, w, percent=90),
            "worst_minutes": m.worst_minutes(z, w),
            "ede_minutes": m.ede_minutes(z, w, kappa=kappa),
            "mean_minutes_nearest": m.mean_minutes(own["nearest_minutes"][here], w),
            "person_hours_year": m.person_hours_year(z, w),
            "mean_change_minutes": m.mean_change_minutes(y, z, w),
            "gain_more_5": m.gainers_more_than(y, z, w, limit=5),
        }
        values |= {f"within_{n}": m.people_within(z, w, limit=n) for n in (15, 30, 45, 60)}
        values |= {f"lose_more_{n}": m.losers_more_than(y, z, w, limit=n) for n in (5, 10, 15)}
        for measure, one in values.items():
            found[group, measure] = (one.value, one.share_without_time, one.people, one.unit)
    return found


@settings(max_examples=20)
@given(problems(), st.data())
def test_the_table_holds_what_each_measure_says_of_each_group_alone(made, data):
    def draw(name: str) -> Scenario:
        offices = data.draw(st.lists(st.sampled_from(made.sites), min_size=1, unique=True))
        choice = st.sampled_from([*offices, NEAREST])
        return Scenario(name, {}, tuple(offices), {a: data.draw(choice) for a in made.zones.areas})

    scenarios = [draw("one"), draw("two")]
    ages = made.population.table.rename(columns={"all": "all ages"})
    options = {"times": {"car": made.times}, "zones": made.zones}
    populations = {"now": Population(ages, "now")}
    found = compare(scenarios, base="one", populations=populations, **options).table
    assert len(found) == 2 * 16 * (2 + len(made.zones.areas))
    for scenario in scenarios:
        expected = one_by_one(made, scenario, scenarios[0])
        for row in found[found["scenario"] == scenario.name].itertuples():
            *numbers, unit = expected[row.group, row.measure]
            said = [row.value, row.share_without_time, row.people]
            assert said == pytest.approx(numbers, nan_ok=True), (row.group, row.measure)
            assert row.unit == unit


def test_a_large_study_is_measured_in_runs_of_groups_with_the_same_numbers(monkeypatch):
    whole = run()
    monkeypatch.setattr(tables, "_CELLS", 40)  # two groups of seventeen zones at once
    parts = run()
    pd.testing.assert_frame_equal(parts.table, whole.table, check_exact=True)


def test_outlooks_may_have_ages_of_their_own_and_stand_in_the_order_given():
    town_people = town.population().table
    grown = Population(pd.DataFrame({"all ages": 3.0 * town_people.sum(axis=1)}), "grown")
    found = run(populations={"today": town.population(), "grown": grown})
    table = found.table
    order = table.drop_duplicates(["outlook", "by", "group"])[["outlook", "by", "group"]]
    areas = [("area", area) for area in ("East", "North", "South", "West")]
    ages = [("age", age) for age in town_people.columns]
    assert list(order.itertuples(index=False, name=None)) == [
        *(("today", *group) for group in [("all", "all"), *areas, *ages]),
        *(("grown", *group) for group in [("all", "all"), *areas, ("age", "all ages")]),
    ]
    people = table[table["by"] == "all"].groupby("outlook")["people"].first()
    assert people["grown"] == 3 * people["today"]
    assert found.kappa["grown", "car"] == pytest.approx(found.kappa["today", "car"])


def test_a_base_that_is_not_among_them_is_put_first():
    found = run([MERGED], base=four())
    assert list(found.table["scenario"].unique()) == ["four", "merged"]


def test_inputs_that_do_not_fit_are_reported_together():
    short = Population(town.population().table.drop("p-00"), "short")
    with pytest.raises(InputError) as error:
        run([four(), four()], base="for", populations={"short": short}, times={})
    text = str(error.value)
    assert len(error.value.faults) == 4
    assert "'four' stands more than once" in text
    assert "no scenario is called 'for'" in text
    assert "1 zones have no people, for example 'p-00'" in text
    assert "profile: there is none" in text


def test_people_and_visits_out_of_range_are_refused():
    crowd = town.population().table.astype(float)
    crowd.iloc[0, 0] = np.inf
    with pytest.raises(InputError) as error:
        run(populations={"crowd": Population(crowd, "crowd")}, visits_per_person=-1.0)
    assert "a count of people is infinite" in str(error.value)
    assert "-1; expected zero or more" in str(error.value)


def test_unknown_words_are_refused_with_those_known():
    found = run()
    with pytest.raises(InputError) as error:
        found.pivot("mean", outlook="tomorrow")
    assert "'mean' is not in the comparison" in str(error.value)
    assert "Known: today" in str(error.value)
    with pytest.raises(InputError, match="Known: four, merged, copy"):
        found.losers(scenario="mine")
