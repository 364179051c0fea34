"""Capacitated p-median problems whose optima are published.

pmedcap1 of OR-Library (I. H. Osman and N. Christofides, "Capacitated clustering problems by hybrid
simulated annealing and tabu search", 1994) cuts distances to whole numbers; the problems of São
José dos Campos (L. A. N. Lorena and E. L. F. Senne, 2004) keep them whole.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from navplan.locate.capacity import CapacityQuestion, solve_capacity
from navplan.locate.watch import Watch

pytestmark = pytest.mark.real

OPTIMA = {
    "group1/cpmp01.txt": 713, "group1/cpmp02.txt": 740, "group1/cpmp03.txt": 751,
    "group1/cpmp04.txt": 651, "group1/cpmp05.txt": 664, "group1/cpmp06.txt": 778,
    "group1/cpmp07.txt": 787, "group1/cpmp09.txt": 715, "group1/cpmp11.txt": 1006,
    "group1/cpmp13.txt": 1026, "group1/cpmp16.txt": 954,
    "group2/SJC1.dat": 17288.99, "group2/SJC2.dat": 33270.94, "group2/SJC3a.dat": 45335.16,
    "group2/SJC3b.dat": 40635.90,
}  # fmt: skip
"""Those that a few seconds prove; the others of group1, SJC4a and SJC4b take longer."""


def question(path: Path, *, whole: bool) -> CapacityQuestion:
    numbers = np.array(path.read_text(encoding="utf-8").split(), dtype=float)
    count, p = int(numbers[0]), int(numbers[1])
    x, y, capacity, demand = numbers[2 : 2 + 4 * count].reshape(count, 4).T
    far = np.hypot(x[:, np.newaxis] - x, y[:, np.newaxis] - y)
    return CapacityQuestion(
        cost=np.floor(far) if whole else far, sizes=demand, capacities=capacity, least=p, most=p
    )


@pytest.mark.parametrize("name", OPTIMA)
def test_a_published_optimum_is_proved(shared: Path, name: str) -> None:
    asked = question(shared / "location/capacitated" / name, whole=name.startswith("group1"))
    found = solve_capacity(asked, Watch())
    assert found.status == "proved"
    assert found.value == pytest.approx(OPTIMA[name], abs=0.005)
    assert found.bound == pytest.approx(found.value)
