"""The sum question by trying everything, and small random questions to try it on."""

from __future__ import annotations

from itertools import chain, combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from navplan.locate.median import SumQuestion


def plain_value(question: SumQuestion, sites: tuple[int, ...]) -> float:
    """What a choice costs, client by client."""
    total = sum(float(question.site_costs[j]) for j in sites)
    for row, weight in zip(question.minutes, question.weights, strict=True):
        timed = [float(row[j]) for j in sites if row[j] <= question.limit and row[j] < np.inf]
        if timed:
            total += float(weight) * float(question.cost(np.array([min(timed)]))[0])
        elif question.without == np.inf:
            return np.inf
        else:
            total += float(weight) * question.without
    return total


def choices(question: SumQuestion) -> list[tuple[int, ...]]:
    """All choices that keep the rules on sites."""
    may = [j for j in range(question.sites) if not question.barred[j]]
    must = set(np.flatnonzero(question.fixed).tolist())
    counts = range(question.least, min(question.most, len(may)) + 1)
    every = chain.from_iterable(combinations(may, count) for count in counts)
    return [sites for sites in every if must <= set(sites)]


def least_value(question: SumQuestion) -> float:
    """The optimum; inf where no choice serves everybody who must be."""
    return min((plain_value(question, sites) for sites in choices(question)), default=np.inf)


COSTS = (
    lambda z: z,
    lambda z: (z > 3.0).astype(float),
    lambda z: np.exp(0.4 * z),
    lambda z: -np.exp(-0.5 * z),
    lambda z: np.floor(z / 2.0) * 3.0,
)


def random_question(random: np.random.Generator, **changes: Any) -> SumQuestion:
    """A small question of any kind: ties, gaps, limits, rules on sites, costs of sites."""
    clients, sites = int(random.integers(1, 13)), int(random.integers(1, 9))
    kind = random.choice(["line", "plane", "any", "whole"])
    if kind == "line":
        minutes = np.abs(random.random((clients, 1)) - random.random(sites)) * 10
    elif kind == "plane":
        at, to = random.random((clients, 1, 2)), random.random((1, sites, 2))
        minutes = np.hypot(*np.moveaxis(at - to, 2, 0)) * 8
    elif kind == "any":
        minutes = random.random((clients, sites)) * 10
    else:
        minutes = random.integers(0, 6, (clients, sites)).astype(float)
    if random.random() < 0.2 and sites > 1:
        minutes[:, 0] = minutes[:, -1]
    if random.random() < 0.5:
        minutes[random.random((clients, sites)) < random.choice([0.1, 0.4, 0.7])] = np.inf
    weights = random.integers(0, 4, clients).astype(float)
    if random.random() < 0.4:
        weights = random.random(clients) * 3
    barred = random.random(sites) < random.choice([0.0, 0.2])
    if barred.all():
        barred[int(random.integers(sites))] = False
    fixed = ~barred & (random.random(sites) < random.choice([0.0, 0.3]))
    free = int((~barred).sum())
    least = int(random.integers(1, free + 1))
    most = least if random.random() < 0.5 else int(random.integers(least, sites + 3))
    most = max(most, int(fixed.sum()), 1)
    given = {
        "minutes": minutes.astype(random.choice([np.float32, np.float64])),
        "weights": weights,
        "least": least,
        "most": most,
        "cost": COSTS[int(random.integers(len(COSTS)))],
        "without": float(random.choice([np.inf, 200.0])),
        "limit": float(random.choice([np.inf, 5.0, 3.0])),
        "fixed": fixed,
        "barred": barred,
        "site_costs": random.choice([0.0, 2.0]) * random.random(sites),
    }
    return SumQuestion(**(given | changes))


def clustered(
    clients: int, sites: int, seed: int, noise: float = 0.0
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float64]]:
    """Straight-line minutes and people: clients in clusters, sites among the clients."""
    random = np.random.default_rng(seed)
    centres = random.random((max(5, sites // 10), 2)) * 100
    spread = random.uniform(0.5, 6, len(centres))
    share = random.pareto(1.2, len(centres)) + 0.2
    home = random.choice(len(centres), clients, p=share / share.sum())
    at = centres[home] + random.normal(0, 1, (clients, 2)) * spread[home, None]
    people = random.integers(1, 60, clients).astype(float)
    to = at[random.choice(clients, sites, replace=False)]
    minutes = np.hypot(at[:, None, 0] - to[:, 0], at[:, None, 1] - to[:, 1])
    minutes *= random.uniform(1 - noise, 1 + noise, minutes.shape)
    return minutes.astype(np.float32), people
