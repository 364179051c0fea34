"""Rankings against brute force that shares nothing with the enumeration."""

from __future__ import annotations

from itertools import combinations, pairwise, product

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from navplan.errors import InfeasibleError, InputError
from navplan.locate import OBJECTIVES, Ranking, rank_area_structures, rank_site_choices
from navplan.measures import ede_minutes, mean_minutes, worst_minutes
from navplan.nouns import NEAREST
from navplan.scenario import Scenario, own_minutes
from tests import town
from tests.made_times import Problem, four, problem, problems, town_times

NAN = float("nan")
KAPPA = 0.08


def measured(made: Problem, scenario: Scenario, kappa: float = KAPPA) -> dict[str, float]:
    """Values of a structure by way of the scenario and the measures."""
    own = own_minutes(scenario, made.times, made.zones)["minutes"]
    mean = mean_minutes(own, made.people)
    return {
        "share_without_time": mean.share_without_time,
        "mean_minutes": mean.value,
        "worst_minutes": worst_minutes(own, made.people).value,
        "ede_minutes": ede_minutes(own, made.people, kappa=kappa).value,
    }


def hangs_together(areas: set[str], neighbours: list[tuple[str, str]]) -> bool:
    graph = nx.Graph(neighbours)
    graph.add_nodes_from(areas)
    return nx.is_connected(graph.subgraph(areas))


def every_structure(
    made: Problem, count: int, *, contiguous: bool, inside: bool
) -> dict[tuple[str, ...], Scenario]:
    """Every allocation of areas to sites, kept where it satisfies the question."""
    lies_in = made.offices.table["area"]
    found = {}
    for sites in product(sorted(made.sites), repeat=len(made.zones.areas)):
        served: dict[str, set[str]] = {}
        for area, site in zip(made.zones.areas, sites, strict=True):
            served.setdefault(site, set()).add(area)
        if len(served) != count:
            continue
        if contiguous and not all(hangs_together(a, made.neighbours) for a in served.values()):
            continue
        if inside and not all(lies_in[site] in areas for site, areas in served.items()):
            continue
        allocation = dict(zip(made.zones.areas, sites, strict=True))
        found[sites] = Scenario("any", {}, tuple(sorted(served)), allocation)
    return found


def ranked(made: Problem, structures: dict[tuple[str, ...], Scenario], objective: str) -> list:
    """Keys of the structures in the stated order."""
    values = {key: measured(made, scenario) for key, scenario in structures.items()}
    order = [objective, *(o for o in OBJECTIVES if o != objective)]

    def place(key: tuple[str, ...]) -> tuple:
        value = values[key]
        numbers = [np.inf if np.isnan(value[o]) else round(value[o], 9) for o in order]
        return round(value["share_without_time"], 12), *numbers, key

    return sorted(structures, key=place)


def keys_of(ranking: Ranking, objective: str) -> list[tuple[str, ...]]:
    table = ranking.head(ranking.count, objective)
    if ranking.kind == "sites":
        return [tuple(text.split(";")) for text in table["offices"]]
    return [tuple(part.split("=")[1] for part in text.split(";")) for text in table["allocation"]]


def agree(made: Problem, ranking: Ranking, structures: dict[tuple[str, ...], Scenario]) -> None:
    table = ranking.head(ranking.count)
    for key, row in zip(keys_of(ranking, "mean_minutes"), table.itertuples(), strict=True):
        expected = measured(made, structures[key])
        for name, value in expected.items():
            assert getattr(row, name) == pytest.approx(value, abs=1e-7, nan_ok=True)
    for objective in OBJECTIVES:
        assert sorted(keys_of(ranking, objective)) == sorted(structures)
        order = ranking.head(ranking.count, objective)
        for _, alike in order.groupby(order["share_without_time"].round(9)):
            assert alike[objective].dropna().round(8).is_monotonic_increasing
    # Objectives that are plain sums and maxima of exact numbers must agree in the order too.
    for objective in ("mean_minutes", "worst_minutes"):
        ours = keys_of(ranking, objective)
        theirs = ranked(made, structures, objective)
        for one, other in zip(ours, theirs, strict=True):
            if one != other:  # only where the last digits of the equal equivalent decide
                mine, yours = measured(made, structures[one]), measured(made, structures[other])
                assert mine == pytest.approx(yours, abs=1e-7, nan_ok=True)


@settings(max_examples=30, deadline=None)
@given(problems(most_areas=4, most_sites=4), st.integers(1, 4), st.booleans(), st.booleans())
def test_area_structures_against_all_allocations(made, count, contiguous, inside):
    structures = every_structure(made, count, contiguous=contiguous, inside=inside)
    options = {"contiguous": contiguous, "inside": inside, "kappa": KAPPA, "count": count}
    options |= {"zones": made.zones, "offices": made.offices, "neighbours": made.neighbours}
    if not structures:
        with pytest.raises(InfeasibleError):
            rank_area_structures(made.times, made.people, **options)
        return
    ranking = rank_area_structures(made.times, made.people, **options)
    assert ranking.count == len(structures)
    agree(made, ranking, structures)


@settings(max_examples=30, deadline=None)
@given(problems(), st.integers(1, 6))
def test_site_choices_against_all_combinations(made, count):
    options = {"zones": made.zones, "sites": made.sites, "count": count, "kappa": KAPPA}
    if count > len(made.sites):
        with pytest.raises(InfeasibleError, match="only"):
            rank_site_choices(made.times, made.people, **options)
        return
    free = dict.fromkeys(made.zones.areas, NEAREST)
    structures = {
        sites: Scenario("any", {}, sites, free) for sites in combinations(sorted(made.sites), count)
    }
    ranking = rank_site_choices(made.times, made.people, **options)
    assert ranking.count == len(structures)
    agree(made, ranking, structures)


def town_ranking(**changes) -> Ranking:
    options = {
        "zones": town.zones(),
        "offices": town.offices(),
        "neighbours": town.neighbours(),
        "count": 3,
        "kappa": KAPPA,
    }
    people = town.population().people
    return rank_area_structures(town_times(), people, **{**options, **changes})


def test_the_town_by_hand():
    # Of four areas in a row (East–South–West–North) one pair of neighbours shares an office:
    # East+South has 4 sites for the pair, 1 × 1 for the others; South+West 3 sites × 2 (East)
    # × 1; West+North 2 × 2 × 2: 4 + 6 + 8 = 18.
    ranking = town_ranking()
    assert ranking.count == 18
    assert "18 structures" in repr(ranking)
    best = ranking.best("mean_minutes")
    assert (best.gap, best.bound) == (0, best.value)
    assert (best.status, best.reason) == ("proved", "proved: complete enumeration")
    # 2^k people: North (k up to 15, island 16 without a time) outweighs the rest, so its own
    # office stays at north.
    assert best.scenario.allocation["North"] == "north"
    table = ranking.table
    assert len(table) == 18
    assert sorted(table["rank_mean_minutes"]) == list(range(1, 19))
    share = 2**16 / (2**17 - 1)
    assert table["share_without_time"].to_numpy() == pytest.approx(share)


def test_the_rank_of_a_named_structure():
    ranking = town_ranking()
    merged = four().merge(["South", "East"], office="mall")
    rank = ranking.rank_of(merged, "worst_minutes")
    assert rank is not None
    row = ranking.head(18, "worst_minutes").iloc[rank - 1]
    assert row["allocation"] == "East=mall;North=north;South=mall;West=west"
    assert row["offices"] == "mall;north;west"
    assert ranking.value_of(merged, "worst_minutes") == row["worst_minutes"]
    assert ranking.scenario_at(rank, "worst_minutes").allocation == merged.allocation


@pytest.mark.parametrize(
    "scenario",
    [
        four(),
        four().close("north"),
        four().merge(["South", "North"], office="north"),
        four().merge(["South", "East"], office="mall").open("harbour"),
        four()
        .merge(["South", "East"], office="mall")
        .with_outreach("harbour", serves=["South"], days=["mon"]),
        Scenario("else", {}, ("x",), {"Elsewhere": "x"}),
    ],
)
def test_what_is_no_structure_of_the_question_has_no_rank(scenario):
    assert town_ranking().rank_of(scenario) is None
    assert town_ranking().value_of(scenario) is None


def test_a_free_choice_has_a_rank_among_free_choices():
    sites = list(town.SITES)
    ranking = rank_site_choices(
        town_times(),
        town.population().people,
        zones=town.zones(),
        sites=sites,
        count=3,
        kappa=KAPPA,
    )
    assert ranking.count == 20
    free = four().close("north").choose_nearest()
    rank = ranking.rank_of(free)
    assert rank is not None
    assert ranking.head(rank)["offices"].iloc[-1] == "east;south;west"
    assert ranking.rank_of(four().close("north")) is None
    assert set(ranking.best().scenario.allocation.values()) == {NEAREST}
    assert (ranking.table["allocation"] == "").all()


def test_the_excerpt_holds_the_best_and_every_named_structure():
    ranking = town_ranking()
    last = ranking.scenario_at(18, "ede_minutes", name="last")
    same = last.named("same")
    excerpt = ranking.excerpt("ede_minutes", named=[last, four(), same], first=2)
    assert excerpt["rank"].tolist() == [1, 2, 18, 18]
    assert excerpt["scenario"].tolist() == ["", "", "last", "same"]
    assert (excerpt["count"] == 18).all()
    assert excerpt["value"].tolist() == excerpt["ede_minutes"].tolist()
    assert excerpt["value"].is_monotonic_increasing


def test_the_share_without_a_time_goes_before_the_minutes():
    made = problem(
        [[1.0, 30.0], [NAN, 30.0]], people=[1, 1], zone_areas=["A", "B"], site_areas=["A", "B"]
    )
    ranking = rank_site_choices(
        made.times, made.people, zones=made.zones, sites=made.sites, count=1, kappa=KAPPA
    )
    assert ranking.head(2)["offices"].tolist() == ["s1", "s0"]


def test_ties_go_to_the_other_objectives_and_then_to_the_ids():
    # All means are 10; s1's worst is 10, the others' 20.
    made = problem(
        [[0.0, 10.0, 20.0], [20.0, 10.0, 0.0]],
        people=[1, 1],
        zone_areas=["A", "B"],
        site_areas=["A", "A", "B"],
    )
    ranking = rank_site_choices(
        made.times, made.people, zones=made.zones, sites=made.sites, count=1, kappa=KAPPA
    )
    assert ranking.head(3)["offices"].tolist() == ["s1", "s0", "s2"]


def line(areas: int, **changes) -> Ranking:
    """Areas in a row, one zone and one site each."""
    names = [f"A{i:02d}" for i in range(areas)]
    made = problem(
        np.abs(np.subtract.outer(np.arange(areas), np.arange(areas))) * 5.0,
        people=[1] * areas,
        zone_areas=names,
        site_areas=names,
        neighbours=list(pairwise(names)),
    )
    options = {"zones": made.zones, "offices": made.offices, "kappa": KAPPA}
    return rank_area_structures(
        made.times, made.people, **{**options, "neighbours": made.neighbours, **changes}
    )


def test_too_many_structures_are_refused_before_they_are_listed():
    with pytest.raises(InputError, match=r"8 areas, 4 offices and 8 sites give \d+ structures"):
        line(8, count=4, most=100)
    with pytest.raises(InputError, match="at most 5,000,000 are enumerated"):
        line(16, count=8, contiguous=False)
    with pytest.raises(InputError, match="17 areas; at most 16"):
        line(17, count=2)
    with pytest.raises(InputError, match="3 offices among 6 sites give 20 structures"):
        rank_site_choices(
            town_times(),
            town.population().people,
            zones=town.zones(),
            sites=list(town.SITES),
            count=3,
            kappa=0,
            most=19,
        )


def test_what_rules_every_structure_out_is_named():
    with pytest.raises(InfeasibleError, match="4 areas cannot be divided among 5 offices"):
        town_ranking(count=5)
    with pytest.raises(InfeasibleError, match="3 offices are asked for, but only 2 sites"):
        town_ranking(sites=["south", "east"])
    with pytest.raises(InfeasibleError, match=r"East, South \| North, West"):
        town_ranking(neighbours=[("East", "South"), ("North", "West")], count=1)
    with pytest.raises(InfeasibleError, match="no site lies in North, which borders on no other"):
        town_ranking(
            neighbours=[("East", "South"), ("South", "West")], sites=["south", "east", "west"]
        )
    with pytest.raises(InfeasibleError, match="in 2 areas only; without a site: North, West"):
        town_ranking(sites=["south", "east", "mall"])
    with pytest.raises(InfeasibleError, match="expected 1 to 4"):
        town_ranking(count=0)


def test_inputs_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match="no site is called 'nowhere'"):
        town_ranking(sites=["south", "nowhere", "east"])
    with pytest.raises(InputError, match="no zone lies in this area"):
        town_ranking(neighbours=[("East", "Sotuh")])
    with pytest.raises(InputError, match="too steep"):
        town_ranking(kappa=1e3)
    with pytest.raises(InputError, match="expected zero or more"):
        town_ranking(kappa=NAN)
    zones, times = town.zones(), town_times()
    options = {"zones": zones, "sites": list(town.SITES), "count": 1, "kappa": 0.0}
    people = town.population().people
    with pytest.raises(InputError, match="1 zones are missing, for example 'p-00'"):
        rank_site_choices(times, people.drop("p-00"), **options)
    with pytest.raises(InputError, match="nobody lives"):
        rank_site_choices(times, people * 0, **options)
    with pytest.raises(InputError, match="negative or missing"):
        rank_site_choices(times, -people, **options)
    with pytest.raises(InputError, match="stands more than once"):
        rank_site_choices(times, people, **{**options, "sites": ["south", "south"]})
    with pytest.raises(InputError, match="expected at least 1"):
        rank_site_choices(times, people, **{**options, "count": 0})
    with pytest.raises(InputError, match="expected 1 to 6"):
        rank_site_choices(times, people, **options).scenario_at(7)


def test_neighbours_may_come_as_the_table_in_either_direction():
    table = pd.DataFrame(
        [(b, a, "land") for a, b in town.neighbours()], columns=["area", "neighbour", "connection"]
    )
    assert town_ranking(neighbours=table).count == 18


def test_without_aversion_the_equal_equivalent_is_the_mean():
    table = town_ranking(kappa=0.0).table
    assert table["ede_minutes"].tolist() == table["mean_minutes"].tolist()


def test_nobody_with_a_time_is_no_value_and_goes_last():
    made = problem([[NAN, 5.0]], people=[3], zone_areas=["A"], site_areas=["A", "A"])
    ranking = rank_area_structures(
        made.times,
        made.people,
        zones=made.zones,
        offices=made.offices,
        neighbours=[],
        count=1,
        kappa=KAPPA,
    )
    table = ranking.head(2)
    assert table["offices"].tolist() == ["s1", "s0"]
    assert table["share_without_time"].tolist() == [0, 1]
    assert table.loc[1, list(OBJECTIVES)].isna().all()
