"""Our solvers on the cases of a folder: ``python -m benchmarks.locate_ours FOLDER``.

Reads and writes what the peers' scripts do, see benchmarks/peers/_locate.py. Made-up cases are
made here and not read: 300 000 × 2 000 would be a large file.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.locations import Instance, clustered, load
from benchmarks.peers._locate import begin_peak, peak_mib
from navplan.errors import NavplanWarning
from navplan.locate.capacity import CapacityQuestion, solve_capacity
from navplan.locate.centre import CentreQuestion, solve_centre
from navplan.locate.cover import CoverQuestion, Reach, solve_least_beyond
from navplan.locate.found import Found
from navplan.locate.median import SumQuestion, solve_sum, tree_within
from navplan.locate.median.near_best import near_best as all_within
from navplan.locate.median.rows import nearest_two
from navplan.locate.watch import Watch

ENOUGH_S: Final = 60.0
"""Once the calls took so long together, there are no more of them [s]."""
WARM_CLIENTS: Final = 20_000
WARM_SITES: Final = 40
WARM_P: Final = 5

Case = dict[str, Any]
Answer = dict[str, Any]


def _median(case: Case, given: Instance) -> Answer:
    """Sites with the least sum of people × minutes."""
    question = SumQuestion(
        given.minutes, given.weights, case["p"], case["p"], without=case.get("without", np.inf)
    )
    return _told(solve_sum(question, Watch(case["own_limit_s"])))


def _near_best(case: Case, given: Instance) -> Answer:
    """All choices within a share of the optimum, the optimum's own search included."""
    question = SumQuestion(given.minutes, given.weights, case["p"], case["p"])
    best = solve_sum(question, Watch(case["own_limit_s"]))
    found = all_within(question, best.value * (1 + case["within"]), Watch(case["own_limit_s"]))
    holds = bool((np.asarray(found.sites) == best.sites).all(axis=1).any())
    return _told(best) | {
        "choices": len(found.values),
        "best_s": best.seconds,
        "status": found.status if holds and best.status == "proved" else "without the best",
    }


def _centre(case: Case, given: Instance) -> Answer:
    """Sites with the shortest longest minutes."""
    question = CentreQuestion(given.minutes, case["p"])
    return _told(solve_centre(question, Watch(case["own_limit_s"])))


def _cover(case: Case, given: Instance) -> Answer:
    """Sites with the fewest people beyond a limit."""
    question = CoverQuestion(
        given.minutes, given.weights, (Reach(case["within_min"]),), case["p"], case["p"]
    )
    return _told(solve_least_beyond(question, Watch(case["own_limit_s"])))


def _capacity(case: Case, given: Instance) -> Answer:
    """Whole units to sites between their least and their most people."""
    question = CapacityQuestion(
        cost=given.weights[:, None] * given.minutes,
        sizes=given.weights,
        capacities=given.more["most"],
        minimum=given.more["least"],
        least=case["p"],
        most=case["p"],
    )
    found = solve_capacity(question, Watch(case["own_limit_s"]))
    return _told(found) | {"assigned": np.asarray(found.assigned).tolist()}


def _merging(case: Case, given: Instance) -> Answer:
    """The median, and how far its clients' lists of nearest sites merge.

    A list ends with the second nearest site of the best choice, as in the solver.
    """
    found = _median(case, given)
    question = SumQuestion(
        given.minutes, given.weights, case["p"], case["p"], without=case.get("without", np.inf)
    )
    _, _, second = nearest_two(question.minutes, np.asarray(found["sites"]), np.inf)
    entries = int((np.isfinite(given.minutes) & (given.minutes <= second[:, None])).sum())
    tree = tree_within(question, second, found["value"] * 1.01)
    return found | {"entries": entries, "terms": len(tree)}


ASKS: Final[dict[str, Callable[[Case, Instance], Answer]]] = {
    "median": _median,
    "near-best": _near_best,
    "centre": _centre,
    "cover": _cover,
    "capacity": _capacity,
    "merging": _merging,
}


def _told(found: Found) -> Answer:
    return {
        "value": found.value,
        "bound": found.bound,
        "status": found.status,
        "sites": np.asarray(found.sites).tolist(),
        "nodes": found.nodes,
    }


def warm_up(ask: str, dtype: np.dtype[Any]) -> None:
    """Compile what will be timed, on a small made-up case.

    Parameters
    ----------
    ask : str
        One of `ASKS`.
    dtype : dtype
        Of the minutes.
    """
    small = clustered(WARM_CLIENTS if ask != "capacity" else 60, WARM_SITES, seed=9, dtype=dtype)
    room = np.full(WARM_SITES, small.weights.sum())
    small = Instance("small", small.minutes, small.weights, {"most": room, "least": 0 * room})
    case = {"p": WARM_P, "own_limit_s": 60.0, "within": 0.001, "within_min": 20.0}
    ASKS[ask](case, small)


def run(folder: Path) -> dict[str, Any]:
    """Answer all cases of a folder.

    Parameters
    ----------
    folder : Path
        With ``settings.json``; gets ``ours.json``.

    Returns
    -------
    dict
        What is written.
    """
    settings = json.loads((folder / "settings.json").read_text(encoding="utf-8"))
    ask, warm, answers = settings["ask"], set(), []
    for case in settings["cases"]:
        made = case.get("made")
        given = clustered(*made) if made else load(folder / f"{case['name']}.npz")
        if given.minutes.dtype not in warm:
            warm_up(ask, given.minutes.dtype)
            warm.add(given.minutes.dtype)
        before = begin_peak()
        seconds: list[float] = []
        found: Answer = {}
        while len(seconds) < settings["repeats"] and sum(seconds) < ENOUGH_S:
            began = time.perf_counter()
            found = ASKS[ask](settings | case, given)
            seconds.append(time.perf_counter() - began)
        memory = {"memory_mib": peak_mib() - before, "peak_mib": peak_mib()}
        answers.append({"name": case["name"], "seconds": seconds, **memory, **found})
    told = {"answers": answers}
    (folder / "ours.json").write_text(json.dumps(told), encoding="utf-8")
    return told


if __name__ == "__main__":
    warnings.simplefilter("ignore", NavplanWarning)
    run(Path(sys.argv[1]))
