"""The tables on proof, near-best, prices, fronts, regret and stability of the made-up results.

All is worked out from every structure of a question, with plain pandas.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

NOW = "2026"
NEAR_PERCENT = 5.0
DEMANDS = {"site-0": ("site-0",), "Åsen": ("site-1", "site-6"), "site-7": ("site-7",)}
GAP_MIN = 0.25
"""How far the bound lies below the value of a search that was stopped [min]."""
Valued = Mapping[tuple[str, str], Mapping[str, pd.DataFrame]]

COLUMNS = {
    "answers": "question profile outlook objective value bound unit status reason offices"
    " allocation share_without_time",
    "near_best": "question profile outlook objective rank group scenario offices allocation value"
    " above_minutes above_percent",
    "site_shares": "question profile outlook objective within_percent count complete site share",
    "prices": "question profile outlook demand sites value best price_minutes least_price"
    " most_price offices allocation status",
    "fronts": "question profile outlook kind place mean_minutes worst_minutes knee scenario"
    " offices allocation status",
    "regrets": "question profile structure outlook value best regret offices allocation status",
    "stability": "question profile parameter setting offices allocation value base_value loss"
    " status",
}


def _sites(offices: str) -> set[str]:
    return set(offices.split(";"))


def _answers(key: tuple[str, str], frames: Mapping[str, pd.DataFrame], proved: bool) -> list[Any]:
    found = []
    for outlook, objective in itertools.product(frames, ("mean", "worst", "ede")):
        best = frames[outlook].sort_values(objective, kind="stable").iloc[0]
        bound = best[objective] - (0.0 if proved else GAP_MIN)
        status = "proved" if proved else "time limit"
        reason = "every structure was tried" if proved else "the time limit was reached"
        texts = (best["offices"], best["allocation"])
        where = (*key, outlook, f"{objective}_minutes")
        found.append(
            (*where, best[objective], bound, "min", status, reason, *texts, best["without"])
        )
    return found


def _near(frame: pd.DataFrame, place: Mapping[str, str]) -> pd.DataFrame:
    """Structures within the limit, grouped by the areas their offices lie in."""
    best = frame["mean"].min()
    near = frame[frame["mean"] <= best * (1 + NEAR_PERCENT / 100)]
    near = near.sort_values("mean", kind="stable").reset_index(drop=True)
    alike = ["|".join(sorted(place[s] for s in _sites(text))) for text in near["offices"]]
    group = pd.factorize(pd.Series(alike))[0] + 1
    above = near["mean"] - best
    return near.assign(rank=near.index + 1, group=group, above=above, per_cent=above / best * 100)


def _near_best(key: tuple[str, str], near: pd.DataFrame) -> list[Any]:
    columns = ["rank", "group", "scenario", "offices", "allocation", "mean", "above", "per_cent"]
    rows = near[columns].itertuples(index=False)
    return [(*key, NOW, "mean_minutes", *row) for row in rows]


def _shares(key: tuple[str, str], near: pd.DataFrame, sites: list[str], proved: bool) -> list[Any]:
    complete = "yes" if proved else "no"
    where = (*key, NOW, "mean_minutes", NEAR_PERCENT, len(near), complete)
    return [
        (*where, site, np.mean([site in _sites(text) for text in near["offices"]]))
        for site in sites
    ]


def _prices(key: tuple[str, str], frame: pd.DataFrame, proved: bool) -> list[Any]:
    found = []
    best, slack = frame["mean"].min(), 0.0 if proved else GAP_MIN
    for demand, sites in DEMANDS.items():
        kept = frame[[bool(_sites(text) & set(sites)) for text in frame["offices"]]]
        first = kept.sort_values("mean", kind="stable").iloc[0]
        price = first["mean"] - best
        ends = (max(price - slack, 0.0), price + slack)
        texts = (first["offices"], first["allocation"], "proved" if proved else "time limit")
        value = (first["mean"], best, price, *ends)
        found.append((*key, NOW, demand, ";".join(sites), *value, *texts))
    return found


def _fronts(key: tuple[str, str], frame: pd.DataFrame) -> list[Any]:
    front = frame.sort_values(["mean", "worst"], kind="stable")
    front = front[front["worst"] < front["worst"].cummin().shift(fill_value=np.inf)]
    scaled = (front[["mean", "worst"]] - front[["mean", "worst"]].min()) / np.maximum(
        front[["mean", "worst"]].max() - front[["mean", "worst"]].min(), 1e-9
    )
    knees = [""] * len(front)
    if len(front) > 2:
        knees[int(np.argmin(scaled.sum(axis=1).to_numpy()))] = "knee"
    named = frame[frame["scenario"] != ""]
    found: list[Any] = []
    for kind, rows in (("front", front), ("named", named)):
        for place, row in enumerate(rows.to_dict("records"), start=1):
            values = (row["mean"], row["worst"], knees[place - 1] if kind == "front" else "")
            texts = (row["scenario"], row["offices"], row["allocation"])
            found.append((*key, NOW, kind, place, *values, *texts, "proved"))
    return found


def _regrets(key: tuple[str, str], frames: Mapping[str, pd.DataFrame], proved: bool) -> list[Any]:
    values = pd.DataFrame({outlook: frame["mean"] for outlook, frame in frames.items()})
    regret = values - values.min()
    first = frames[NOW]
    shown = {"robust": int(regret.max(axis=1).argmin())}
    shown |= {name: row for row, name in enumerate(first["scenario"]) if name}
    status = "proved" if proved else "time limit"
    found = []
    for structure, row in shown.items():
        texts = (first["offices"].iloc[row], first["allocation"].iloc[row], status)
        for outlook in frames:
            told = (values[outlook].iloc[row], values[outlook].min(), regret[outlook].iloc[row])
            found.append((*key, structure, outlook, *told, *texts))
    return found


def _stability(
    key: tuple[str, str], frames: Mapping[str, pd.DataFrame], valued: Valued
) -> list[Any]:
    kind, profile = key[0].removeprefix("best-"), key[1]
    base = frames[NOW]
    chosen = int(base["mean"].argmin())
    settings = [("outlook", outlook, frame["mean"]) for outlook, frame in frames.items()]
    for other in (p for k, p in valued if k == kind and p != profile):
        for share in (0.25, 0.5, 0.75):
            mixed = (1 - share) * base["mean"] + share * valued[kind, other][NOW]["mean"]
            settings.append((f"mix:{other}", f"{share}", mixed))
    found = []
    for parameter, setting, values in settings:
        best = int(values.argmin())
        texts = (base["offices"].iloc[best], base["allocation"].iloc[best])
        told = (values.iloc[best], values.iloc[chosen], values.iloc[chosen] - values.iloc[best])
        found.append((*key, parameter, setting, *texts, *told, "proved"))
    return found


def write_located(
    folder: Path, valued: Valued, offices: pd.DataFrame, solved: tuple[str, ...]
) -> None:
    """Write the seven tables of `COLUMNS`.

    Parameters
    ----------
    folder : Path
        Where the results lie.
    valued : mapping
        (kind, profile) → outlook → every structure with scenario, offices, allocation, mean,
        worst, ede, without.
    offices : DataFrame
        ``area`` by site.
    solved : tuple of str
        Kinds of questions whose search was stopped.
    """
    rows: dict[str, list[Any]] = {name: [] for name in COLUMNS}
    place = offices["area"].to_dict()
    for (kind, profile), frames in valued.items():
        key, proved = (f"best-{kind}", profile), kind not in solved
        near = _near(frames[NOW], place)
        rows["answers"] += _answers(key, frames, proved)
        rows["near_best"] += _near_best(key, near)
        rows["site_shares"] += _shares(key, near, list(offices.index), proved)
        rows["prices"] += _prices(key, frames[NOW], proved)
        rows["fronts"] += _fronts(key, frames[NOW])
        rows["regrets"] += _regrets(key, frames, proved)
        rows["stability"] += _stability(key, frames, valued)
    for name, columns in COLUMNS.items():
        frame = pd.DataFrame(rows[name], columns=columns.split())
        frame.to_csv(folder / f"{name}.csv", index=False)
