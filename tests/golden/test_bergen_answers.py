"""What the Bergen study answers: relations that must hold whatever the figures are refined to."""

from __future__ import annotations

import pytest

import navplan as nav
from navplan.locate import OBJECTIVES, solve
from navplan.scenario import own_minutes
from navplan.units import MODES


@pytest.fixture(scope="module")
def study() -> nav.Study:
    return nav.open_study("bergen", cache=False)


def test_every_mode_reaches_nearly_everybody(study: nav.Study) -> None:
    base = study.scenario("eight-2018")
    people = study.population("actual-2026").people
    for mode in MODES:
        own = own_minutes(base, study.travel_times(mode), study.zones)
        without = people[own["minutes"].isna()].sum() / people.sum()
        # by the old road to Trengereid nobody is out of reach, also on foot
        assert without < 1e-9, mode
        timed = own.dropna(subset=["minutes"])
        assert (timed["minutes"] >= timed["nearest_minutes"] - 1e-9).all(), mode


def test_the_train_through_ulriken_beats_every_road(study: nav.Study) -> None:
    # Eight minutes on board against a road round the mountain.
    transit = study.travel_times("transit").minutes
    car = study.travel_times("car").minutes
    bicycle = study.travel_times("bicycle").minutes
    assert transit.loc["p-indre-arna", "busstasjonen"] < bicycle.loc["p-indre-arna", "busstasjonen"]
    assert car.loc["p-indre-arna", "busstasjonen"] > 8


def test_the_date_opens_the_cycle_tunnel_and_line_two(study: nav.Study) -> None:
    now, then = (study.travel_times(p).minutes for p in ("bicycle", "bicycle-2018"))
    assert now.loc["p-oasen", "kronstad"] < then.loc["p-oasen", "kronstad"] - 3
    assert (now <= then + 1e-9).where(now.notna(), other=True).all(axis=None)
    rail, bus = (study.travel_times(p).minutes for p in ("transit", "transit-2018"))
    assert rail.loc["p-oasen", "kronstad"] < bus.loc["p-oasen", "kronstad"]


def test_the_decided_structure_has_a_rank_in_every_mode(study: nav.Study) -> None:
    proposal = study.scenario("proposal-2018")
    for mode in MODES:
        ranking = study.ranking("five-of-eight", profile=mode)
        rank = ranking.rank_of(proposal)
        assert rank is not None
        assert 1 <= rank <= ranking.count
        best = ranking.best("mean_minutes")
        assert best.value <= ranking.value_of(proposal)
        # more sites to choose from never worsen the best, nor does free choice of office
        wider = study.locate(question="five-areas", profile=mode).value
        free = study.locate(question="five-free", profile=mode).value
        assert free <= wider + 1e-9 <= best.value + 2e-9


def test_meetings_in_arna_help_arna_and_harm_nobody(study: nav.Study) -> None:
    times = study.travel_times("transit")
    five, meetings = (
        own_minutes(study.scenario(name), times, study.zones)["minutes"]
        for name in ("proposal-2018", "proposal-outreach")
    )
    arna = study.zones.table["area"] == "Arna"
    assert (meetings[arna] < five[arna]).all()
    assert (meetings[~arna] == five[~arna]).all()


@pytest.mark.parametrize("mode", ["transit", "car"])
def test_the_solver_finds_what_trying_everything_finds(study: nav.Study, mode: str) -> None:
    ranking = study.ranking("five-free", profile=mode)
    for objective in OBJECTIVES:
        found = solve(study.problem("five-free", minimise=objective, profile=mode))
        assert found.proved
        assert found.value == pytest.approx(ranking.best(objective).value, abs=1e-7)


@pytest.mark.parametrize("question", ["five-areas", "five-of-eight", "five-free"])
def test_what_keeping_the_closed_offices_costs(study: nav.Study, question: str) -> None:
    told = study.prices(question).table.set_index("demand")
    assert list(told.index) == ["arna", "ytrebygda", "fyllingsdalen"]
    assert (told["status"] == "proved").all()
    assert (told["price_minutes"] >= 0).all()
    for office, row in told.iterrows():
        kept = study.locate(question=question, keep=[str(office)])
        assert kept.value == pytest.approx(row["value"])
        closed = study.locate(question=question, close=[str(office)])
        assert min(kept.value, closed.value) == pytest.approx(row["best"])
    near = study.near_best(question)
    assert near.complete
    assert near.optimum == pytest.approx(told["best"].iloc[0])


def test_the_robust_structure_regrets_least(study: nav.Study) -> None:
    told = study.regret("five-of-eight", profile="transit", scenarios=["proposal-2018"])
    most = told.table.groupby("structure")["regret"].max()
    assert 0 <= most["robust"] <= most["proposal-2018"]
    for outlook in (o.name for o in study.file.outlook):
        best = study.ranking("five-of-eight", profile="transit", outlook=outlook).best()
        other = study.regret("five-of-eight", profile="transit", scenarios=[best.scenario])
        assert most["robust"] <= other.table.groupby("structure")["regret"].max().max() + 1e-9


def test_the_front_runs_from_the_least_mean_to_the_shortest_longest_way(study: nav.Study) -> None:
    for question in ("five-areas", "five-free"):
        front = study.front(question, profile="car").table
        assert front["mean_minutes"].iloc[0] == study.locate(question=question, profile="car").value
        worst = study.locate(question=question, profile="car", minimise="worst_minutes").value
        assert front["worst_minutes"].iloc[-1] == worst
        assert front["worst_minutes"].is_monotonic_decreasing
