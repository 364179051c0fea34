"""A made-up results folder for the report's tests, written with plain pandas.

Storvik has six bydeler on a line, eight places in each. Minutes are distance over a speed, so
that every figure can be followed; the second-to-last place has no bus when asked for.
"""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tests.report_located import write_located

AREAS = ("Nordvik", "Åsen", "Sentrum", "Øyra", "Sørnes", "Ytre Dal")
SPEED_KM_H = {"walk": 4.3, "bicycle": 15.0, "car": 45.0, "transit": 22.0}
WAIT_MIN = {"walk": 0.0, "bicycle": 1.0, "car": 3.0, "transit": 9.0}
AGES = ("0-17", "18-66", "67+")
AGE_SHARE = {"0-17": 0.2, "18-66": 0.6, "67+": 0.2}
OUTLOOKS = {"2018": 1.0, "2026": 1.06, "2040": 1.15}
MOVING = {"2040": {"Nordvik": 2.2, "Ytre Dal": 0.5}}
"""Areas that grow otherwise than the rest; the best structure is then another."""
KAPPA = 0.03


def three(nb: str, nn: str | None = None, en: str | None = None) -> dict[str, str]:
    """A title in three languages."""
    return {"nb": nb, "nn": nn or nb, "en": en or nb}


def _places() -> pd.DataFrame:
    rng = np.random.default_rng(7)
    rows = []
    for number, area in enumerate(AREAS):
        for k in range(8):
            x = 10_000 + 6_000 * np.cos(number) + rng.normal(0, 1_500)
            y = 5_000 + 5_000 * number + rng.normal(0, 1_500)
            people = int(rng.integers(150, 4_000))
            rows.append((f"p-{number}-{k}", f"{area} {k + 1}", area, x, y, people))
    frame = pd.DataFrame(rows, columns=["zone", "name", "area", "x", "y", "people"])
    frame = frame.set_index("zone")
    # A few people far out: what is best for them is not best on average.
    frame.loc["p-2-7", "x"] += 12_000
    frame.loc["p-2-7", "people"] = 160
    return frame


def _people(places: pd.DataFrame, outlook: str) -> pd.Series[float]:
    growth = places["area"].map(MOVING.get(outlook, {})).fillna(1.0) * OUTLOOKS[outlook]
    return (places["people"] * growth).round()


def _offices(places: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    rows = []
    for number, area in enumerate(AREAS):
        middle = places[places["area"] == area][["x", "y"]].mean()
        site = f"site-{number}"
        name = names.get(site, f"NAV {area}")
        rows.append((site, name, "office", area, *middle, "yes", "official"))
    for number, area in ((6, "Åsen"), (7, "Sørnes")):
        spot = places[places["area"] == area][["x", "y"]].iloc[0]
        site = f"site-{number}"
        rows.append(
            (site, names.get(site, f"{area} torg"), "possible", area, *spot, "no", "assumption")
        )
    columns = ["site", "name", "kind", "area", "x", "y", "step_free", "quality"]
    return pd.DataFrame(rows, columns=columns).set_index("site")


def _times(places: pd.DataFrame, offices: pd.DataFrame, unserved: bool) -> dict[str, pd.DataFrame]:
    dx = places["x"].to_numpy()[:, None] - offices["x"].to_numpy()
    dy = places["y"].to_numpy()[:, None] - offices["y"].to_numpy()
    km = np.hypot(dx, dy) * 1.3 / 1000
    times = {}
    for mode, speed in SPEED_KM_H.items():
        minutes = km / speed * 60 + WAIT_MIN[mode]
        frame = pd.DataFrame(minutes, index=places.index, columns=offices.index)
        if unserved and mode == "transit":
            frame.iloc[-2] = np.nan
        times[mode] = frame
    return times


def _own(times: pd.DataFrame, places: pd.DataFrame, scenario: dict[str, Any]) -> pd.DataFrame:
    sites, allocation = scenario["offices"], scenario["allocation"]
    near = times[sites].to_numpy()
    some = ~np.isnan(near).all(axis=1)
    least = np.where(np.isnan(near), np.inf, near)
    nearest = np.where(some, np.array(sites, dtype=object)[least.argmin(axis=1)], "")
    own = [
        allocation[area] if allocation[area] != "nearest" else found
        for area, found in zip(places["area"], nearest, strict=True)
    ]
    column = {site: number for number, site in enumerate(times.columns)}
    every = times.to_numpy()
    minutes = np.array([every[k, column[s]] if s else np.nan for k, s in enumerate(own)])
    for meeting in scenario["outreach"]:
        there = times[meeting["at"]].to_numpy()
        served = places["area"].isin(meeting["serves"]).to_numpy()
        days = len(meeting["days"])
        mixed = (np.fmin(minutes, there) * days + minutes * (5 - days)) / 5
        minutes = np.where(served, mixed, minutes)
    return pd.DataFrame(
        {
            "office": own,
            "minutes": minutes,
            "nearest": nearest,
            "nearest_minutes": np.where(some, least.min(axis=1), np.nan),
            "reason": np.where(np.isnan(minutes), "no_service", "ok"),
        },
        index=times.index,
    )


def _mask(value: float) -> float:
    return np.nan if 0 < value < 10 else value


def _measures(own: pd.DataFrame, base: pd.DataFrame, people: pd.Series, hours: float) -> list[Any]:
    z, w = own["minutes"].to_numpy(), people.to_numpy(float)
    timed = ~np.isnan(z)
    total = w.sum()
    without = float(w[~timed].sum() / total)
    order = np.argsort(z[timed])
    zs, cum = z[timed][order], np.cumsum(w[timed][order]) / w[timed].sum()
    mean = float(np.average(z[timed], weights=w[timed]))
    near = own["nearest_minutes"].to_numpy()
    kept = ~np.isnan(near)
    both = timed & base["minutes"].notna().to_numpy()
    change = z - base["minutes"].to_numpy()
    lost = base["minutes"].notna().to_numpy() & ~timed
    ede = float(np.log(np.average(np.exp(KAPPA * zs), weights=w[timed][order])) / KAPPA)
    rows: list[Any] = [
        ("mean_minutes", mean, "min"),
        ("median_minutes", zs[np.searchsorted(cum, 0.5)], "min"),
        ("p90_minutes", zs[np.searchsorted(cum, 0.9)], "min"),
        ("worst_minutes", zs[-1], "min"),
        ("ede_minutes", ede, "min"),
        ("mean_minutes_nearest", float(np.average(near[kept], weights=w[kept])), "min"),
        ("person_hours_year", 2 * mean * w[timed].sum() / 60 * hours, "h"),
        ("mean_change_minutes", float(np.average(change[both], weights=w[both])), "min"),
    ]
    rows += [(f"within_{k}", _mask(w[z <= k].sum()), "persons") for k in (15, 30, 45, 60)]
    rows += [
        (f"lose_more_{k}", _mask(w[(change > k) | lost].sum()), "persons") for k in (5, 10, 15)
    ]
    rows.append(("gain_more_5", _mask(w[change < -5].sum()), "persons"))
    return [(*row, without, total) for row in rows]


def _scenarios(one_office: bool, outreach: bool) -> list[dict[str, Any]]:
    each = {area: f"site-{k}" for k, area in enumerate(AREAS)}

    def entry(name: str, title: dict[str, str], allocation: dict[str, str], **more: Any) -> Any:
        offices = more.pop("offices", sorted(set(allocation.values())))
        return {
            "name": name,
            "title": title,
            "offices": offices,
            "allocation": allocation,
            "outreach": more.get("outreach", []),
        }

    six = entry("six", three("Seks kontor", "Seks kontor", "Six offices"), each)
    if one_office:
        one = dict.fromkeys(AREAS, "site-2")
        title = three("Ett felles kontor i Sentrum", "Eitt felles kontor i Sentrum", "One office")
        return [six, entry("one", title, one)]
    five = each | {"Nordvik": "site-1"}
    four = five | {"Ytre Dal": "site-4"}
    title = three("Vedtaket: fire kontor", "Vedtaket: fire kontor", "Decided: four offices")
    found = [six, entry("four", title, four)]
    if outreach:
        meetings = {
            "at": "site-0",
            "serves": ["Nordvik"],
            "days": ["tue", "thu"],
            "from": "10:00",
            "until": "14:00",
        }
        title = three("Fire kontor og møter i Nordvik", None, "Four offices and meetings")
        found.append(entry("four-outreach", title, four, outreach=[meetings]))
    near = dict.fromkeys(AREAS, "nearest")
    sites = sorted(set(four.values()))
    title = three("Fire kontor, fritt valg", "Fire kontor, fritt val", "Four offices, free choice")
    return [*found, entry("four-nearest", title, near, offices=sites)]


def _question(kind: str, count: int) -> dict[str, Any]:
    title = three("Hele bydeler, fire kontor", "Heile bydelar, fire kontor", "Whole districts")
    if kind == "sites":
        title = three("Fire kontor hvor som helst", "Fire kontor kvar som helst", "Any four sites")
    return {
        "name": f"best-{kind}",
        "title": title,
        "kind": kind,
        "offices": 4,
        "contiguous": True,
        "inside": True,
        **({"count": count, "status": "proved: complete enumeration"} if count else {}),
    }


def _chains(count: int) -> list[list[list[str]]]:
    cuts = itertools.combinations(range(1, len(AREAS)), count - 1)
    return [
        [list(AREAS[a:b]) for a, b in itertools.pairwise((0, *cut, len(AREAS)))] for cut in cuts
    ]


def _structures(kind: str, offices: pd.DataFrame) -> list[dict[str, Any]]:
    if kind == "sites":
        return [
            {"offices": list(choice), "allocation": dict.fromkeys(AREAS, "nearest"), "outreach": []}
            for choice in itertools.combinations(offices.index, 4)
        ]
    found = []
    for chain in _chains(4):
        inside = [list(offices.index[offices["area"].isin(areas)]) for areas in chain]
        for sites in itertools.product(*inside):
            allocation = {a: s for areas, s in zip(chain, sites, strict=True) for a in areas}
            found.append({"offices": sorted(sites), "allocation": allocation, "outreach": []})
    return found


def _keys(structure: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(sorted(structure["offices"])), tuple(sorted(structure["allocation"].items()))


def _valued(
    kind: str,
    scenarios: list[dict[str, Any]],
    places: pd.DataFrame,
    offices: pd.DataFrame,
    minutes: pd.DataFrame,
) -> dict[str, pd.DataFrame]:
    """Every structure of a question with its values, for each outlook."""
    named = {_keys(s): s["name"] for s in reversed(scenarios) if not s["outreach"]}
    rows: dict[str, list[Any]] = {outlook: [] for outlook in OUTLOOKS}
    people = {outlook: _people(places, outlook).to_numpy() for outlook in OUTLOOKS}
    for structure in _structures(kind, offices):
        own, key = _own(minutes, places, structure), _keys(structure)
        allocation = "" if kind == "sites" else ";".join(f"{a}={s}" for a, s in key[1])
        text = (named.get(key, ""), ";".join(structure["offices"]), allocation)
        z = own["minutes"].to_numpy()
        timed = ~np.isnan(z)
        for outlook, found in rows.items():
            w = people[outlook]
            mean = np.average(z[timed], weights=w[timed])
            ede = np.log(np.average(np.exp(KAPPA * z[timed]), weights=w[timed])) / KAPPA
            found.append((*text, mean, z[timed].max(), ede, w[~timed].sum() / w.sum()))
    columns = ["scenario", "offices", "allocation", "mean", "worst", "ede", "without"]
    return {outlook: pd.DataFrame(found, columns=columns) for outlook, found in rows.items()}


def _ranking(kind: str, profile: str, valued: dict[str, pd.DataFrame]) -> list[Any]:
    rows = []
    for outlook, objective in itertools.product(OUTLOOKS, ("mean", "worst", "ede")):
        ranked = valued[outlook].sort_values(objective, kind="stable").reset_index(drop=True)
        for place, row in ranked[(ranked.index < 20) | (ranked["scenario"] != "")].iterrows():
            rows.append(
                (
                    *(f"best-{kind}", profile, outlook, f"{objective}_minutes"),
                    *(int(str(place)) + 1, len(ranked), row[objective]),
                    *(row["scenario"], row["offices"], row["allocation"]),
                    *(row["mean"], row["worst"], row["ede"], row["without"]),
                    "proved: complete enumeration",
                )
            )
    return rows


def build(
    folder: Path,
    *,
    one_office: bool = False,
    questions: tuple[str, ...] = ("areas", "sites"),
    decided: bool = True,
    outreach: bool = True,
    unserved: bool = False,
    area_word: str = "bydel",
    office_names: dict[str, str] | None = None,
    profiles: tuple[str, ...] = ("walk", "bicycle", "car", "transit"),
    solved: tuple[str, ...] = (),
) -> Path:
    """Write a results folder.

    Parameters
    ----------
    folder : Path
        Made if it is not there.
    one_office : bool
        Two scenarios only: six offices and one.
    questions : tuple of str
        Kinds of questions ranked.
    decided : bool
        Whether a scenario is named as decided.
    outreach : bool
        Whether one scenario has meetings in Nordvik.
    unserved : bool
        Whether one place has no bus.
    area_word : str
        ``bydel`` or ``kommune``.
    office_names : dict, optional
        Names in place of the usual ones.
    profiles : tuple of str
        Modes shown.
    solved : tuple of str
        Kinds of questions that were searched, and stopped by the time limit, not enumerated.

    Returns
    -------
    Path
        The folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    places = _places()
    offices = _offices(places, office_names or {})
    times = {mode: _times(places, offices, unserved)[mode] for mode in profiles}
    scenarios = _scenarios(one_office, outreach)
    base = scenarios[0]
    comparison, minutes_rows = [], []
    for scenario, (profile, table) in itertools.product(scenarios, times.items()):
        own, before = _own(table, places, scenario), _own(table, places, base)
        saved = own.assign(
            scenario=scenario["name"],
            profile=profile,
            change_minutes=own["minutes"] - before["minutes"],
        )
        minutes_rows.append(saved.reset_index(names="zone"))
        for outlook in OUTLOOKS:
            people = _people(places, outlook)
            groups = [("all", "all", people)]
            groups += [("area", a, people[places["area"] == a]) for a in AREAS]
            groups += [("age", a, people * AGE_SHARE[a]) for a in AGES]
            for by, group, counted in groups:
                zones = counted.index
                rows = _measures(own.loc[zones], before.loc[zones], counted, 1.0)
                key = (scenario["name"], outlook, profile, by, group)
                comparison += [(*key, *row) for row in rows]
    columns = "scenario,outlook,profile,by,group,measure,value,unit,share_without_time,people"
    pd.DataFrame(comparison, columns=columns.split(",")).to_csv(
        folder / "comparison.csv", index=False
    )
    order = "scenario,profile,zone,office,minutes,nearest,nearest_minutes,reason,change_minutes"
    pd.concat(minutes_rows)[order.split(",")].to_csv(folder / "zone_minutes.csv", index=False)
    columns = "question,profile,outlook,objective,rank,count,value,scenario,offices,allocation,"
    columns += "mean_minutes,worst_minutes,ede_minutes,share_without_time,status"
    valued = {
        (kind, profile): _valued(kind, scenarios, places, offices, minutes)
        for kind, (profile, minutes) in itertools.product(questions, times.items())
    }
    ranked = [
        row
        for (kind, profile), found in valued.items()
        if kind not in solved
        for row in _ranking(kind, profile, found)
    ]
    ranking = pd.DataFrame(ranked, columns=columns.split(","))
    ranking.to_csv(folder / "ranking.csv", index=False)
    write_located(folder, valued, offices, solved)
    zones = places.drop(columns="people")
    for outlook in OUTLOOKS:
        zones[f"people_{outlook}"] = _people(places, outlook)
    zones.reset_index().to_csv(folder / "zones.csv", index=False)
    offices.reset_index().to_csv(folder / "offices.csv", index=False)
    heads = [
        (outlook, area, age, round(_people(places, outlook)[places["area"] == area].sum() * share))
        for outlook in OUTLOOKS
        for area in AREAS
        for age, share in AGE_SHARE.items()
    ]
    pd.DataFrame(heads, columns=["outlook", "area", "age", "people"]).to_csv(
        folder / "outlooks.csv", index=False
    )
    origin = [
        ("places.csv", "a made-up town", "2018-01-01", "official", 48),
        ("links.csv", "a made-up map", "2024", "approximate", 120),
    ]
    pd.DataFrame(origin, columns=["table", "source", "date", "quality", "rows"]).to_csv(
        folder / "sources.csv", index=False
    )
    run = _manifest(scenarios, questions, ranking, pd.DataFrame(heads), tuple(times))
    run |= {"decided": scenarios[1]["name"] if decided else None, "area_word": area_word}
    (folder / "run.json").write_text(json.dumps(run, ensure_ascii=False, indent=1), "utf-8")
    return folder


def _manifest(
    scenarios: list[dict[str, Any]],
    questions: tuple[str, ...],
    ranking: pd.DataFrame,
    heads: pd.DataFrame,
    profiles: tuple[str, ...],
) -> dict[str, Any]:
    titles = {
        "walk": three("Til fots", "Til fots", "On foot"),
        "bicycle": three("Sykkel", "Sykkel", "Bicycle"),
        "car": three("Bil", "Bil", "Car"),
        "transit": three("Kollektivtransport", "Kollektivtransport", "Public transport"),
    }
    method = three("Framskrevet med faste forhold.", "Framskriven med faste forhold.", "Ratios.")
    counts = ranking.groupby("question")["count"].first() if len(ranking) else pd.Series()
    return {
        "study": "storvik",
        "title": three("Fra seks til fire kontor", "Frå seks til fire kontor", "Six to four"),
        "summary": three(
            "Storvik skal velge hvor NAV-kontorene skal ligge.",
            "Storvik skal velje kvar NAV-kontora skal liggje.",
            "Storvik is to choose where its NAV offices shall lie.",
        ),
        "base": "six",
        "crs": "EPSG:25833",
        "created": "2025-10-14T12:00:00+00:00",
        "navplan": "0.1.0",
        "versions": {"python": "3.13", "numpy": "2.0"},
        "digests": {"places.csv": "ab" * 32},
        "scenarios": scenarios,
        "outlooks": [
            {
                "name": name,
                "title": three(f"Folketallet i {name}", f"Folketalet i {name}", f"In {name}"),
                "year": int(name),
                "alternative": "actual" if name != "2040" else "cohort-ratio",
                "quality": "official" if name != "2040" else "assumption",
                "method": method,
                "people": float(heads.loc[heads[0] == name, 3].sum()),
            }
            for name in OUTLOOKS
        ],
        "profiles": [
            {
                "name": mode,
                "title": titles[mode],
                "mode": mode,
                "date": "2018-10-16",
                "arrive_from": 36_000,
                "arrive_until": 50_400,
                "percentile": 50.0,
                "walk_m_per_s": 1.2,
                "bicycle_km_h": 15.0,
                "car_factor": 1.0,
                "limit_min": 240.0,
                "max_walk_min": 25.0,
            }
            for mode in profiles
        ],
        "questions": [_question(kind, int(counts.get(f"best-{kind}", 0))) for kind in questions],
        "assumptions": [
            {
                "text": three("Kontoret ligger midt på torget.", "Kontoret ligg midt på torget."),
                "quality": "assumption",
            }
        ],
        "notices": ["timetable: 3 trips without times were left out."],
        "service": {
            "visits_per_person": 1.0,
            "quality": "assumption",
            "note": three("Ett besøk i året.", "Eitt besøk i året.", "One visit a year."),
        },
        "report": {
            "language": "nb",
            "headline_profile": "transit" if "transit" in profiles else profiles[0],
            "headline_outlook": "2026",
        },
    }
