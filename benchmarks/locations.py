"""Location instances of the bench: minutes and people, published or made up with a seed."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import shortest_path

Floats = npt.NDArray[np.float64]

KM_H: Final = 40.0
"""Speed on a straight line in made-up country [km/h]; an assumption."""
COUNTRY_KM: Final = 200.0
TOWNS: Final = 60


@dataclass(frozen=True, eq=False)
class Instance:
    """Who goes where, and how long it takes.

    Parameters
    ----------
    name : str
        Short.
    minutes : ndarray (clients × sites)
        inf where there is no way [min].
    weights : ndarray (clients)
        People.
    more : dict of str to ndarray
        What else the question has: ``most`` and ``least`` people of each site.
    """

    name: str
    minutes: npt.NDArray[Any]
    weights: Floats
    more: dict[str, Floats]

    def save(self, path: Path) -> None:
        """Write it for another process.

        Parameters
        ----------
        path : Path
            A ``.npz``.
        """
        np.savez(path, minutes=self.minutes, weights=self.weights, **self.more)

    def subset(self, name: str, clients: int, sites: int, seed: int = 1) -> Instance:
        """Take some of its clients and sites, at random.

        Parameters
        ----------
        name : str
            Of the subset.
        clients, sites : int
            How many.
        seed : int
            Of the draw.

        Returns
        -------
        Instance
            Without the limits of sites.
        """
        rng = np.random.default_rng(seed)
        rows = np.sort(rng.choice(len(self.weights), clients, replace=False))
        columns = np.sort(rng.choice(self.minutes.shape[1], sites, replace=False))
        part = np.ascontiguousarray(self.minutes[np.ix_(rows, columns)])
        return Instance(name, part, self.weights[rows], {})


def load(path: Path) -> Instance:
    """Read what `Instance.save` wrote.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    Instance
        As it was.
    """
    with np.load(path) as arrays:
        given = dict(arrays)
    return Instance(path.stem, given.pop("minutes"), given.pop("weights"), given)


def pmed(shared: Path, number: int) -> tuple[Instance, int, float]:
    """One of the OR-Library's 40 p-median problems (Beasley 1985).

    Parameters
    ----------
    shared : Path
        The fetched data.
    number : int
        1 to 40.

    Returns
    -------
    Instance
        Every node is a client of one person and a site; lengths of shortest paths.
    int
        Sites to choose.
    float
        The published optimum.
    """
    folder = shared / "location" / "orlib_pmed"
    values = (folder / f"pmed{number}.txt").read_text(encoding="ascii").split()
    nodes, edges, p = map(int, values[:3])
    lengths = np.full((nodes, nodes), np.inf)
    for tail, head, length in np.array(values[3 : 3 + 3 * edges], dtype=int).reshape(-1, 3):
        lengths[tail - 1, head - 1] = lengths[head - 1, tail - 1] = length  # the last one counts
    tail, head = np.nonzero(np.isfinite(lengths))
    graph = csr_array((lengths[tail, head], (tail, head)), shape=(nodes, nodes))
    minutes = shortest_path(graph, directed=False)
    with (folder / "optima.csv").open(encoding="utf-8") as file:
        known = {row["instance"]: float(row["p_median"]) for row in csv.DictReader(file)}
    name = f"pmed{number}"
    return Instance(name, minutes, np.ones(nodes), {}), p, known[name]


def clustered(clients: int, sites: int, seed: int = 1, dtype: Any = np.float32) -> Instance:
    """Made-up country: people in towns of unequal size, straight-line minutes.

    Parameters
    ----------
    clients, sites : int
        How many. Sites stand beside clients drawn by their people.
    seed : int
        Of all draws.
    dtype : dtype
        Of the minutes.

    Returns
    -------
    Instance
        Nine tenths of the clients live in 60 towns whose sizes follow Zipf's rule, the others
        anywhere in a square of 200 km.
    """
    rng = np.random.default_rng(seed)
    at, people = _people(clients, rng)
    near = rng.choice(clients, sites, replace=False, p=people / people.sum())
    places = at[near] + rng.normal(0, 0.1, (sites, 2))
    return Instance(f"clustered-{clients}-{sites}", _straight(at, places, dtype), people, {})


def units(areas: int, sites: int, p: int, seed: int = 1) -> Instance:
    """Whole areas with people, and sites with a most and a least number of people.

    Parameters
    ----------
    areas, sites : int
        How many.
    p : int
        Sites to choose: p sites of mean size hold 1.4 times the people.
    seed : int
        Of all draws.

    Returns
    -------
    Instance
        ``most``: 1.2 to 1.6 times people over p; ``least``: half of people over p. Whole people.
    """
    rng = np.random.default_rng(seed)
    at, _ = _people(areas, rng)
    people = np.rint(rng.lognormal(np.log(2_000.0), 0.8, areas)) + 1.0
    near = rng.choice(areas, sites, replace=False, p=people / people.sum())
    share = people.sum() / p
    more = {
        "most": np.rint(share * rng.uniform(1.2, 1.6, sites)),
        "least": np.full(sites, np.rint(0.5 * share)),
    }
    name = f"areas-{areas}-{sites}-{p}-{seed}"
    return Instance(name, _straight(at, at[near], np.float64), people, more)


def _people(clients: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    towns = rng.uniform(0, COUNTRY_KM, (TOWNS, 2))
    size = 1.0 / np.arange(1, TOWNS + 1)
    town = rng.choice(TOWNS, clients, p=size / size.sum())
    spread = 12.0 * np.sqrt(size[town])
    angle = rng.uniform(0, 2 * np.pi, clients)
    reach = spread * rng.gamma(1.5, 0.7, clients)
    at = towns[town] + reach[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    alone = rng.random(clients) < 0.1
    at[alone] = rng.uniform(0, COUNTRY_KM, (int(alone.sum()), 2))
    return at, 1.0 + np.floor(rng.exponential(20.0, clients))


def _straight(at: Floats, places: Floats, dtype: Any) -> npt.NDArray[Any]:
    minutes = np.empty((len(at), len(places)), dtype=dtype)
    for column, place in enumerate(places):  # one site at a time: 300 000 × 2 000 fit once only
        minutes[:, column] = np.hypot(*(at - place).T) * (60.0 / KM_H)
    return minutes
