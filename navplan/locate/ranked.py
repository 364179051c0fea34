"""What a complete ranking tells beside its best: prices of demands, regret, and what would change.

All of it is read off the values of every structure, so all of it is proved. Where the structures
are too many to rank, `price`, `outlooks`, `front` and `stability` ask the solver the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import pandas as pd

from navplan.errors import Fault, InfeasibleError, raise_faults
from navplan.locate.array_types import Bools, Floats, Ints
from navplan.locate.front import knees, undominated
from navplan.locate.ranking import Objective, Ranking
from navplan.locate.watch import PROVED_GAP
from navplan.scenario import Scenario

MORE_WITHOUT: Final = "more without a time"
"""Status of a figure that cannot be compared: the structure leaves more people without a time."""
INFEASIBLE: Final = "infeasible"
"""Status where no structure satisfies what is asked."""
NOT_FOUND: Final = "not found"
"""Status where a search ended before it found a structure: there may be one."""
OUTLOOK: Final = "outlook"
"""Name of the parameter of the stability that is the population."""
MIX: Final = "mix:"
"""How a parameter of the stability begins that mixes in another way to travel."""
ROBUST: Final = "robust"
"""Name of the structure with the least largest regret."""

_STRUCTURE: Final = ["offices", "allocation"]
_MINUTES: Final = ["value", "best", "price_minutes", "least_price", "most_price"]
PRICE_COLUMNS: Final = ["demand", "sites", *_MINUTES, *_STRUCTURE, "status"]
"""Columns of a table of prices."""
STABILITY_COLUMNS: Final = [
    "parameter", "setting", *_STRUCTURE, "value", "base_value", "loss", "status",
]  # fmt: skip
"""Columns of a table of stability."""

_Row: TypeAlias = dict[str, object]


@dataclass(frozen=True)
class Blend:
    """A setting under which structures are judged: rankings and how much each counts.

    Parameters
    ----------
    parts : tuple of (float, Ranking)
        Weights that sum to 1, with rankings of the same question. A single part is a ranking as it
        is; several are shares of the visits, for example a quarter by bicycle and the rest by bus.
    """

    parts: tuple[tuple[float, Ranking], ...]


@dataclass(frozen=True)
class LeastRegret:
    """The structure with the least largest regret.

    Parameters
    ----------
    table : DataFrame
        Structure × outlook: ``structure`` (`ROBUST`, then the scenarios' names), ``outlook``,
        ``value``, ``best``, ``regret`` [min], ``offices``, ``allocation``, ``status``.
    scenario : Scenario
        The structure.
    """

    table: pd.DataFrame
    scenario: Scenario


def ranked_prices(
    ranking: Ranking,
    demands: Mapping[str, Sequence[str]],
    objective: Objective = "mean_minutes",
) -> pd.DataFrame:
    """Tell what each demand for an office costs: the best with it, less the best of all.

    Parameters
    ----------
    ranking : Ranking
        Complete.
    demands : mapping of str to sequence of str
        Name → sites of which at least one must be open; sites that could not be chosen count
        for nothing.
    objective : {"mean_minutes", "worst_minutes", "ede_minutes"}
        What is minimised.

    Returns
    -------
    DataFrame
        One row a demand: ``demand``, ``sites`` (joined by ;), ``value`` (of the best structure
        that satisfies it [min]), ``best`` (of all [min]), ``price_minutes``, ``least_price`` and
        ``most_price`` (equal, as it is proved [min]), ``offices``, ``allocation``, ``status``.
        NaN where no structure satisfies the demand, or where each that does leaves more people
        without a time.
    """
    top = ranking.best_rows(objective, 1)[0]
    best = float(ranking.values[objective][top])
    rows = []
    for demand, sites in demands.items():
        row: dict[str, str | float] = {"demand": demand, "sites": ";".join(sites), "best": best}
        try:
            kept = ranking.keeping(*(site for site in sites if site in ranking.sites))
        except InfeasibleError:
            rows.append(row | {"offices": "", "allocation": "", "status": INFEASIBLE})
            continue
        at = kept.best_rows(objective, 1)
        row |= {"value": float(kept.values[objective][at[0]]), "status": "proved"}
        row |= _texts(kept, int(at[0]))
        if kept.share_without_time[at[0]] > ranking.share_without_time[top]:
            row["status"] = MORE_WITHOUT
        else:
            price = kept.values[objective][at[0]] - best
            row |= dict.fromkeys(("price_minutes", "least_price", "most_price"), price)
        rows.append(row)
    return pd.DataFrame(rows, columns=PRICE_COLUMNS)


def ranked_regret(
    rankings: Mapping[str, Ranking],
    objective: Objective = "mean_minutes",
    *,
    named: Iterable[Scenario] = (),
) -> LeastRegret:
    """Find the structure that does least badly whatever outlook comes true (minimax regret).

    The regret of a structure under an outlook is its value less the best value there. Only
    structures that leave as few people as possible without a time under every outlook compete; of
    those with the same largest regret the one with the least sum of regrets is taken, then the
    first in text order.

    Parameters
    ----------
    rankings : mapping of str to Ranking
        Outlook → complete ranking of the same question.
    objective : {"mean_minutes", "worst_minutes", "ede_minutes"}
        What is minimised.
    named : iterable of Scenario
        Scenarios to set beside it; those that are no structure of the question, or leave more
        people without a time, are left out.

    Returns
    -------
    LeastRegret
        Table and structure.

    Raises
    ------
    InfeasibleError
        If no structure satisfies the question under every outlook.

    References
    ----------
    .. [1] L. J. Savage, "The theory of statistical decision", JASA 46 (1951),
       doi:10.1080/01621459.1951.10500768
    """
    common = _common(tuple(rankings.values()))
    first = common[0]
    values = np.array([ranking.values[objective] for ranking in common])
    competes = _fewest_without([ranking.share_without_time for ranking in common])
    best = values[:, competes].min(axis=1)
    # where nobody has a time to any site, one structure is as good as another
    regret = np.where(competes, np.nan_to_num(values - best[:, None]), np.inf)
    largest = regret.max(axis=0)
    alike = np.flatnonzero(largest == largest.min())
    robust = int(alike[regret[:, alike].sum(axis=0).argmin()])
    found = [(ROBUST, robust)]
    rows = ((s.name, first.row_of(s)) for s in named)
    found += [(name, row) for name, row in rows if row is not None and competes[row]]
    parts = []
    for name, row in found:
        part = pd.DataFrame({"structure": name, "outlook": list(rankings), "best": best})
        part["value"], part["regret"] = values[:, row], values[:, row] - best
        parts.append(part.assign(**_texts(first, row), status="proved"))
    columns = ["structure", "outlook", "value", "best", "regret", *_STRUCTURE, "status"]
    table = pd.concat(parts, ignore_index=True)[columns]
    return LeastRegret(table, first.scenario_of(robust, name=ROBUST))


def ranked_stability(
    base: Ranking,
    settings: Mapping[tuple[str, str], Blend],
    objective: Objective = "mean_minutes",
) -> pd.DataFrame:
    """Tell how the best structure changes over settings, and what it costs to stay with the base's.

    Under a blend a structure's value is the weighted sum of its values, which for mean minutes is
    the mean over all visits when each share of them travels its own way. A blend judges only
    structures in which nobody is without a time in any of its parts. A setting has no row where
    there are none, or where the base's best leaves more people without a time.

    Parameters
    ----------
    base : Ranking
        Its best structure is the one that is kept.
    settings : mapping of (str, str) to Blend
        Parameter and setting → rankings of the same question and their weights.
    objective : {"mean_minutes", "worst_minutes", "ede_minutes"}
        What is minimised.

    Returns
    -------
    DataFrame
        One row a setting: ``parameter``, ``setting``, ``offices``, ``allocation``, ``value`` (of
        the best under the setting), ``base_value`` (of the base's best under the setting),
        ``loss`` [min], ``status``.
    """
    rows = []
    for setting, blend in settings.items():
        weights = [weight for weight, _ in blend.parts]
        kept, *common = _common((base, *(ranking for _, ranking in blend.parts)))
        without = [ranking.share_without_time for ranking in common]
        competes = _fewest_without(without)
        stays = int(kept.best_rows(objective, 1)[0])
        blurred = len(common) > 1 and any(share[competes].max() > 0 for share in without)
        if blurred or not competes[stays]:
            continue
        values = np.average([r.values[objective] for r in common], axis=0, weights=weights)
        at = int(np.where(competes, values, np.inf).argmin())
        own, best = (Standing(float(values[row]), **_texts(kept, row)) for row in (stays, at))
        rows.append(stability_row(setting, own, best, "proved"))
    return pd.DataFrame(rows, columns=STABILITY_COLUMNS)


@dataclass(frozen=True)
class Standing:
    """A structure under a setting, as tables have it.

    Parameters
    ----------
    value : float
        What is minimised.
    offices, allocation : str
        Ids joined by ``;``, and ``area=id`` joined by ``;`` where whole areas belong to an office.
    """

    value: float
    offices: str
    allocation: str = ""


def stability_row(setting: tuple[str, str], own: Standing, best: Standing, status: str) -> _Row:
    """Tell whether the base's best stays the best under a setting.

    Of equals it is the base's own that counts as the best: nothing seems to change where nothing
    is won.

    Parameters
    ----------
    setting : tuple of str
        Parameter and setting.
    own : Standing
        The base's best, with its value under the setting.
    best : Standing
        The best under the setting.
    status : str
        How sure that is.

    Returns
    -------
    dict
        By `STABILITY_COLUMNS`.
    """
    if own.value - best.value <= PROVED_GAP * abs(own.value):
        best = own
    told = (*setting, best.offices, best.allocation, best.value, own.value)
    return dict(zip(STABILITY_COLUMNS, (*told, own.value - best.value, status), strict=True))


def ranked_front(ranking: Ranking, *, named: Iterable[Scenario] = ()) -> pd.DataFrame:
    """Find the structures of which no other has both a lower mean and a shorter longest way.

    Only structures that leave as few people as possible without a time compete. See `front.Front`
    for what knee and compromise mean; a front of two points or one has none.

    Parameters
    ----------
    ranking : Ranking
        Complete.
    named : iterable of Scenario
        Scenarios to place beside the front; those that are no structure of the question, or leave
        more people without a time, are left out.

    Returns
    -------
    DataFrame
        ``kind`` ("front", the least mean first, or "named"), ``place`` on the front (from 1; 0
        where a scenario does not lie on it), ``mean_minutes``, ``worst_minutes``, ``knee``
        ("knee", "compromise" where that is another point, or ""), ``scenario`` (names joined by
        ;), ``offices``, ``allocation``, ``status``. Of structures with the same two values the
        first in the ranking's order stands for all.
    """
    mean, worst = ranking.values["mean_minutes"], ranking.values["worst_minutes"]
    fewest = _fewest_without([ranking.share_without_time])
    front = _front_rows(mean, worst, fewest)
    row_of = {s.name: row for s in named if (row := ranking.row_of(s)) is not None}
    row_of = {name: row for name, row in row_of.items() if fewest[row]}
    places = {(mean[row], worst[row]): place for place, row in enumerate(front, start=1)}
    table = ranking.at(np.r_[front, np.array(list(row_of.values()), dtype=np.intp)])
    points = list(zip(table["mean_minutes"], table["worst_minutes"], strict=True))
    names = [";".join(n for n, row in row_of.items() if row == at) for at in front]
    table = table.reset_index(drop=True).assign(
        kind=np.repeat(["front", "named"], [len(front), len(row_of)]),
        place=[places.get(point, 0) for point in points],
        knee=knees(np.column_stack([mean[front], worst[front]])) + [""] * len(row_of),
    )
    table["scenario"], table["status"] = [*names, *row_of], "proved"
    columns = ["kind", "place", "mean_minutes", "worst_minutes", "knee", "scenario"]
    return table[[*columns, *_STRUCTURE, "status"]]


def _front_rows(mean: Floats, worst: Floats, fewest: Bools) -> Ints:
    rows = np.flatnonzero(fewest & np.isfinite(mean))
    best = rows[mean[rows] == mean[rows].min(initial=np.inf)]
    rows = rows[worst[rows] <= worst[best].min(initial=np.inf)]  # so few are left to be compared
    front: Ints = rows[undominated(np.column_stack([mean[rows], worst[rows]]))]
    return front


def _texts(ranking: Ranking, row: int) -> dict[str, str]:
    """Write down a structure as tables have it."""
    table = ranking.at(np.array([row]))
    return {name: str(table[name].iloc[0]) for name in _STRUCTURE}


def _fewest_without(shares: Sequence[Floats]) -> Bools:
    """Mark the structures that leave as few people as possible without a time in every part."""
    excess = np.max([share - share.min() for share in shares], axis=0)
    marks: Bools = excess == excess.min()
    return marks


def _common(rankings: Sequence[Ranking]) -> list[Ranking]:
    """Keep the structures that are in all rankings, so that a row means the same in each."""
    first = rankings[0]
    faults = [
        Fault("ranking", "sites", "rankings of different questions are set beside each other.")
        for other in rankings[1:]
        if (other.kind, other.areas, other.sites, other.choice.shape[1])
        != (first.kind, first.areas, first.sites, first.choice.shape[1])
    ]
    raise_faults(faults)
    if all(np.array_equal(other.choice, first.choice) for other in rankings[1:]):
        return list(rankings)
    # Rows of the same length as texts: equal texts are equal rows, in the same order everywhere.
    width = first.choice.shape[1] * first.choice.itemsize
    texts = [np.ascontiguousarray(r.choice).view(f"S{width}").ravel() for r in rankings]
    shared = texts[0]
    for other in texts[1:]:
        shared = shared[np.isin(shared, other)]
    if not len(shared):
        raise InfeasibleError("no structure satisfies the question in every case.")
    return [
        ranking.only(np.flatnonzero(np.isin(text, shared)))
        for ranking, text in zip(rankings, texts, strict=True)
    ]
