"""P-centre and covering on published problems: OR-Library's optima, spopt's San Francisco."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from scipy.sparse.csgraph import dijkstra

from navplan.locate.centre import CentreQuestion, solve_centre
from navplan.locate.cover import CoverQuestion, Reach, solve_fewest_sites, solve_least_beyond
from navplan.locate.lexicographic import solve_worst_then_sum
from navplan.locate.median import SumQuestion, solve_sum
from navplan.locate.watch import Watch

pytestmark = pytest.mark.real

# Objective values that spopt 0.7.0 gives for its own San Francisco example (16 stores, 205 census
# tracts, network metres; PMedian, PCenter, LSCP, MCLP `from_cost_matrix`, solved by CBC).
SPOPT_MEDIAN = {
    1: 5731159103.675338,
    2: 4009098972.1349096,
    3: 3385565397.5315166,
    4: 2848268129.7145104,
    6: 2347055166.677381,
    8: 2054687610.6381974,
    12: 1812249756.6611373,
    16: 1708694838.5524085,
}
SPOPT_CENTRE = {1: 11577.279, 2: 9130.7587, 3: 7529.986, 4: 7403.0638, 6: 5903.6672, 8: 4644.8457}
SPOPT_FEWEST = {5000: 8, 5700: 7, 6000: 5, 8000: 3, 10000: 2, 15000: 1}
SPOPT_COVERED = {
    (1, 1000): 32954, (1, 2000): 122304, (1, 3000): 239817, (1, 5000): 448255,
    (2, 1000): 57723, (2, 2000): 200356, (2, 3000): 377803, (2, 5000): 671938,
    (4, 1000): 93888, (4, 2000): 333273, (4, 3000): 557571, (4, 5000): 875247,
    (8, 1000): 149797, (8, 2000): 502345, (8, 3000): 747498, (8, 5000): 955113,
}  # fmt: skip


def orlib(shared: Path, number: int) -> tuple[np.ndarray, int]:
    """Shortest paths between all nodes, and p; of a repeated edge the last counts."""
    text = (shared / "location" / "orlib_pmed" / f"pmed{number}.txt").read_text()
    numbers = np.array(text.split(), dtype=np.float64)
    nodes, edges, count = numbers[:3].astype(int)
    lengths = np.zeros((nodes, nodes))
    for a, b, length in numbers[3 : 3 + 3 * edges].reshape(-1, 3):
        lengths[int(a) - 1, int(b) - 1] = lengths[int(b) - 1, int(a) - 1] = length
    return dijkstra(sparse.csr_array(lengths), directed=False), int(count)


def check_centre(shared: Path, number: int) -> None:
    optima = pd.read_csv(shared / "location" / "orlib_pmed" / "optima.csv", index_col="instance")
    minutes, count = orlib(shared, number)
    found = solve_centre(CentreQuestion(minutes, count), Watch())
    known = optima.loc[f"pmed{number}", "p_centre"]
    assert (found.value, found.bound, found.status) == (known, known, "proved")


@pytest.mark.parametrize("number", range(1, 21))
def test_or_library_centres_are_proved(shared: Path, number: int) -> None:
    check_centre(shared, number)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(21, 41))
def test_larger_or_library_centres_are_proved(shared: Path, number: int) -> None:
    check_centre(shared, number)


@pytest.fixture(scope="module")
def san_francisco(shared: Path) -> tuple[np.ndarray, np.ndarray]:
    name = "SF_network_distance_candidateStore_16_censusTract_205_new.csv"
    table = pd.read_csv(shared / "location" / "spopt" / name)
    metres = table.pivot_table(index="DestinationName", columns="name", values="distance")
    demand = table.groupby("DestinationName")["demand"].first().reindex(metres.index)
    assert metres.shape == (205, 16)
    assert demand.sum() == 955113
    return metres.to_numpy(), demand.to_numpy(dtype=np.float64)


def test_san_francisco_median(san_francisco: tuple[np.ndarray, np.ndarray]) -> None:
    metres, people = san_francisco
    for count, value in SPOPT_MEDIAN.items():
        found = solve_sum(SumQuestion(metres, people, count, count), Watch())
        assert found.value == pytest.approx(value, rel=1e-9)
        assert found.status == "proved"


def test_san_francisco_centre(san_francisco: tuple[np.ndarray, np.ndarray]) -> None:
    metres, people = san_francisco
    for count, value in SPOPT_CENTRE.items():
        found = solve_centre(CentreQuestion(metres, count), Watch())
        assert found.value == pytest.approx(value, abs=1e-3)  # CBC prints so many digits
        assert found.value in metres
        both = solve_worst_then_sum(SumQuestion(metres, people, count, count), Watch())
        assert both.worst.value == found.value
        assert both.best.value >= SPOPT_MEDIAN[count] * (1 - 1e-9)


def test_san_francisco_fewest(san_francisco: tuple[np.ndarray, np.ndarray]) -> None:
    metres, people = san_francisco
    for limit, count in SPOPT_FEWEST.items():
        asked = CoverQuestion(metres, people, (Reach(limit, share=1.0),), 0, 16)
        found = solve_fewest_sites(asked, Watch())
        assert (found.value, found.bound, found.status) == (count, count, "proved")


def test_san_francisco_covered(san_francisco: tuple[np.ndarray, np.ndarray]) -> None:
    metres, people = san_francisco
    for (count, limit), covered in SPOPT_COVERED.items():
        asked = CoverQuestion(metres, people, (Reach(limit),), count, count)
        found = solve_least_beyond(asked, Watch())
        assert people.sum() - found.value == covered
        assert found.status == "proved"
