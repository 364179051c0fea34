"""The p-median optima of OR-Library, proved [Beasley 1985; see the data's README]."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import shortest_path

from navplan.locate.median import SumQuestion, solve_sum

pytestmark = pytest.mark.real

QUICK = (1, 2, 5, 6, 10, 11, 13, 16, 18, 20, 21, 25, 26, 30, 31, 33, 35, 37, 38, 39)


def read_problem(file: Path) -> tuple[npt.NDArray[np.float64], int]:
    """Shortest paths between all nodes, and p."""
    numbers = [line.split() for line in file.read_text().splitlines() if line.strip()]
    nodes, _, count = (int(text) for text in numbers[0])
    lengths = {}
    for a, b, length in numbers[1:]:
        lengths[min(int(a), int(b)), max(int(a), int(b))] = float(length)  # the last one counts
    a, b = np.array(list(lengths)).T - 1
    graph = csr_array((list(lengths.values()), (a, b)), shape=(nodes, nodes))
    return shortest_path(graph, directed=False), count


def optimum(folder: Path, number: int) -> float:
    with (folder / "optima.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["instance"] == f"pmed{number}":
                return float(row["p_median"])
    raise KeyError(number)


def check(shared: Path, number: int) -> None:
    folder = shared / "location" / "orlib_pmed"
    minutes, count = read_problem(folder / f"pmed{number}.txt")
    found = solve_sum(SumQuestion(minutes, np.ones(len(minutes)), count, count))
    assert found.status == "proved"
    assert found.value == optimum(folder, number)
    assert found.bound == found.value


@pytest.mark.parametrize("number", QUICK)
def test_optimum_is_proved(shared: Path, number: int) -> None:
    check(shared, number)


@pytest.mark.slow
@pytest.mark.parametrize("number", sorted(set(range(1, 41)) - set(QUICK)))
def test_optimum_is_proved_of_the_others_too(shared: Path, number: int) -> None:
    check(shared, number)
