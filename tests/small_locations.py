"""Small random location problems with every awkward thing, and choices to try one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class Small:
    """Ties, no metric, no connections, no weights, sites that must or may not be chosen."""

    minutes: npt.NDArray
    weights: npt.NDArray[np.float64]
    least: int
    most: int
    fixed: npt.NDArray[np.bool_]
    barred: npt.NDArray[np.bool_]

    def choices(self) -> Iterator[list[int]]:
        """Every choice of so many sites with the fixed and without the barred."""
        for count in range(self.least, self.most + 1):
            for chosen in combinations(range(self.minutes.shape[1]), count):
                sites = list(chosen)
                if set(np.flatnonzero(self.fixed)) <= set(sites) and not self.barred[sites].any():
                    yield sites


def small_problems(seed: int, count: int, *, one_count: bool = False) -> Iterator[Small]:
    """So many problems that have at least one choice of sites."""
    random = np.random.default_rng(seed)
    while count:
        clients, sites = random.integers(1, 14), random.integers(1, 8)
        if random.random() < 0.5:
            minutes = random.integers(0, 7, (clients, sites)).astype(np.float64)
        else:
            minutes = random.random((clients, sites)) * 30
        if random.random() < 0.4:
            minutes[random.random((clients, sites)) < 0.25] = np.inf
        if random.random() < 0.3:
            minutes[:, -1] = minutes[:, 0]  # equal sites
        if random.random() < 0.3:
            minutes = minutes.astype(np.float32)
        weights = random.integers(0, 5, clients).astype(np.float64)
        if random.random() < 0.5:
            weights *= random.random(clients)
        kind = random.integers(0, 6, sites)
        fixed, barred = kind == 0, kind == 1
        most = int(random.integers(1, sites + 1))
        least = most if one_count else int(random.integers(1, most + 1))
        if least <= (~barred).sum() and most >= fixed.sum():
            count -= 1
            yield Small(minutes, weights, least, most, fixed, barred)
