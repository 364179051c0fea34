"""The results folder: written as a whole, read back the same, small counts hidden."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from navplan.compare import compare
from navplan.errors import InputError
from navplan.locate import OBJECTIVES, rank_area_structures
from navplan.nouns import Population
from navplan.nouns.spreadsheets import neutralise, restore
from navplan.results import TABLES, Results
from tests import town
from tests.made_times import four, town_times

FILES = {*(f"{name}.csv" for name in TABLES), "run.json", "results.gpkg"}


def results(population: Population | None = None) -> Results:
    """What a run of the town would leave behind."""
    zones, offices, times = town.zones(), town.offices(), town_times()
    population = population or Population(town.population().table * 100, "today")
    merged = four().merge(["South", "East"], office="mall").named("merged")
    found = compare(
        [four(), merged],
        base="four",
        populations={"today": population},
        times={"car": times},
        zones=zones,
    )
    ranking = rank_area_structures(
        times,
        population.people,
        zones=zones,
        offices=offices,
        neighbours=town.neighbours(),
        count=3,
        kappa=found.kappa["today", "car"],
    )
    parts = [ranking.excerpt(o, named=[four(), merged], first=5) for o in OBJECTIVES]
    people = population.table.groupby(zones.table["area"]).sum()
    outlooks = people.rename_axis("area").reset_index().melt("area", var_name="age")
    outlooks = outlooks.rename(columns={"value": "people"}).assign(outlook="today")
    return Results(
        comparison=found.table,
        zone_minutes=found.zone_minutes,
        ranking=pd.concat(parts).assign(question="three", profile="car", outlook="today"),
        zones=pd.DataFrame(
            {
                "zone": zones.table.index,
                "name": zones.table["name"].to_numpy(),
                "area": zones.table["area"].to_numpy(),
                "x": zones.table.geometry.x.to_numpy(),
                "y": zones.table.geometry.y.to_numpy(),
                "people_today": population.people.to_numpy(),
            }
        ),
        offices=pd.DataFrame(
            {
                "site": offices.table.index,
                **{c: offices.table[c].to_numpy() for c in ("name", "kind", "area")},
                "x": offices.table.geometry.x.to_numpy(),
                "y": offices.table.geometry.y.to_numpy(),
                **{c: offices.table[c].to_numpy() for c in ("step_free", "quality")},
            }
        ),
        outlooks=outlooks,
        sources=pd.DataFrame(
            [("places", "made up", "2024", "assumption", 17)],
            columns=["table", "source", "date", "quality", "rows"],
        ),
        run={
            "study": "town",
            "base": "four",
            "scenarios": [four().as_dict(), merged.as_dict()],
            "outlooks": [{"name": "today"}],
            "profiles": [{"name": "car"}],
        },
        crs=town.CRS,
    )


def read_text(folder: Path, name: str) -> str:
    return (folder / name).read_bytes().decode("utf-8")


def test_what_is_written_is_read_back(tmp_path):
    made = results()
    made.write(tmp_path / "out")
    assert {path.name for path in (tmp_path / "out").iterdir()} == FILES
    back = Results.read(tmp_path / "out")
    assert back.crs == town.CRS
    assert back.run == {**made.run, "disclosure": {"least": 10}}
    shown = made.published()
    for name, columns in TABLES.items():
        ours = getattr(back, name)
        theirs = getattr(shown, name)[list(ours.columns)].reset_index(drop=True)
        assert set(columns) <= set(ours.columns)
        pd.testing.assert_frame_equal(
            ours, theirs, check_dtype=False, check_exact=False, atol=5e-5, rtol=0
        )
    assert "Results('town'" in repr(back)


def test_equal_results_give_equal_bytes_and_reading_changes_nothing(tmp_path):
    results().write(tmp_path / "one")
    results().write(tmp_path / "two")
    Results.read(tmp_path / "one").write(tmp_path / "three")
    for name in FILES - {"results.gpkg"}:
        texts = {read_text(tmp_path / folder, name) for folder in ("one", "two", "three")}
        assert len(texts) == 1, name


def test_csv_is_plain(tmp_path):
    results().write(tmp_path)
    text = read_text(tmp_path, "zone_minutes.csv")
    assert "\r" not in text
    first = "scenario,profile,zone,office,minutes,nearest,nearest_minutes,reason,change_minutes"
    assert text.splitlines()[0] == first
    assert "merged,car,p-01,mall,8,west,6,ok,6" in text.splitlines()
    assert "merged,car,p-island,north,,,,not_connected," in text.splitlines()


def test_the_geopackage_holds_minutes_and_offices(tmp_path):
    results().write(tmp_path)
    zones = gpd.read_file(tmp_path / "results.gpkg", layer="zones").set_index("zone")
    assert zones.crs == town.CRS
    assert zones.loc["p-01", ["four|car", "merged|car"]].tolist() == [2, 8]
    assert np.isnan(zones.loc["p-island", "four|car"])
    assert zones.loc["p-30"].geometry.coords[0] == town.at("30")
    offices = gpd.read_file(tmp_path / "results.gpkg", layer="offices")
    assert offices["site"].tolist() == list(town.SITES)


def test_a_second_run_replaces_the_first_and_leaves_nothing_beside(tmp_path):
    results().write(tmp_path)
    later = results()
    replace(later, run={**later.run, "study": "later"}).write(tmp_path)
    assert Results.read(tmp_path).run["study"] == "later"
    assert {path.name for path in tmp_path.iterdir()} == FILES


def test_a_fault_while_writing_leaves_the_old_results_alone(tmp_path):
    results().write(tmp_path)
    before = {name: (tmp_path / name).read_bytes() for name in FILES}
    bad = replace(results(), run={**results().run, "study": float("nan")})
    with pytest.raises(InputError, match="cannot be written"):
        bad.write(tmp_path)
    assert {name: (tmp_path / name).read_bytes() for name in FILES} == before
    assert {path.name for path in tmp_path.iterdir()} == FILES


def test_without_a_run_only_that_is_said(tmp_path):
    with pytest.raises(InputError) as error:
        Results.read(tmp_path)
    (fault,) = error.value.faults
    assert str(fault) == f"run.json: is not in {tmp_path}. Run the study first."


def test_every_table_that_is_missing_is_named_at_once(tmp_path):
    results().write(tmp_path)
    for name in TABLES:
        (tmp_path / f"{name}.csv").unlink()
    with pytest.raises(InputError) as error:
        Results.read(tmp_path)
    assert [fault.where for fault in error.value.faults] == [f"{name}.csv" for name in TABLES]


def test_a_table_of_another_run_is_refused(tmp_path):
    results().write(tmp_path)
    path = tmp_path / "zone_minutes.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",8,", ",7,"), encoding="utf-8")
    with pytest.raises(InputError, match=r"is not the table run\.json was written with"):
        Results.read(tmp_path)


def test_damaged_files_are_told_apart(tmp_path):
    results().write(tmp_path)
    manifest = json.loads(read_text(tmp_path, "run.json"))
    for key in ("tables", "crs", "base"):
        del manifest[key]
    (tmp_path / "run.json").write_text(json.dumps(manifest), encoding="utf-8")
    (tmp_path / "offices.csv").write_text("site,name\n", encoding="utf-8")
    (tmp_path / "sources.csv").write_bytes(b"")
    text = read_text(tmp_path, "ranking.csv").replace(",18,", ",many,", 1)
    (tmp_path / "ranking.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as error:
        Results.read(tmp_path)
    said = str(error.value)
    assert "run.json: crs: the key is missing" in said
    assert "offices.csv: kind: the column is missing" in said
    assert "sources.csv: cannot be read as a table" in said
    assert "ranking.csv: row 2, count: 'many' is no whole number" in said
    (tmp_path / "run.json").write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match=r"run\.json: cannot be read"):
        Results.read(tmp_path)


def test_tables_with_wrong_columns_and_a_bare_manifest_are_refused():
    made = results()
    with pytest.raises(InputError) as error:
        replace(
            made,
            offices=made.offices.drop(columns="kind"),
            zones=made.zones.assign(note="x"),
            run={"study": "town"},
        )
    said = str(error.value)
    assert "offices.csv: kind: the column is missing" in said
    assert "zones.csv: note: the column is not known" in said
    assert "run.json: base: the key is missing" in said


@pytest.mark.parametrize("text", ["=1+1", "+47", "-x", "@SUM(A1)", "\tx", "'=x", "''+"])
def test_a_name_is_no_formula(tmp_path, text):
    made = results()
    replace(made, zones=made.zones.assign(name=text)).write(tmp_path)
    raw = pd.read_csv(tmp_path / "zones.csv", dtype=str, keep_default_na=False)
    assert (raw["name"] == "'" + text).all()
    assert (Results.read(tmp_path).zones["name"] == text).all()


@given(st.text())
def test_neutral_texts_are_restored_exactly(text):
    neutral = neutralise(text)
    assert restore(neutral) == text
    assert neutral[:1] not in tuple("=+-@\t\r") or not neutral


def small(seed: int, most: int) -> Population:
    rng = np.random.default_rng(seed)
    index = town.zones().table.index
    counts = rng.integers(0, most, (len(index), 3))
    counts[0] += 1
    columns = ["0-17", "18-66", "67+"]
    return Population(pd.DataFrame(counts, index=index, columns=columns), "today")


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("most", [3, 12, 60])
def test_no_count_of_one_to_nine_is_published(seed, most):
    population = small(seed, most)
    made = results(population)
    shown = made.published()
    assert shown.masked
    assert shown.published() is shown

    def bare(counts: pd.Series) -> bool:
        return bool(((counts > 0) & (counts < 10)).any())

    assert not bare(shown.zones["people_today"])
    assert not bare(shown.outlooks["people"])
    table = shown.comparison
    persons = table[table["unit"] == "persons"]
    assert not bare(persons["value"])
    assert not bare(persons["people"])
    assert not bare(persons["people"] - persons["value"])
    # What is shown is what was found; hours that leave people out are rounded to two digits.
    there = table["value"].notna()
    rough = there & (table["unit"] == "h") & (made.comparison["share_without_time"] > 0)
    before, after = made.comparison["value"], table["value"]
    np.testing.assert_array_equal(after[there & ~rough], before[there & ~rough])
    np.testing.assert_allclose(after[rough], before[rough], rtol=0.05)
    # Counts up to one limit and the next differ by none or by ten.
    keys = ["scenario", "by", "group"]
    wide = persons.set_index([*keys, "measure"])["value"].unstack()
    for one, other in (("within_15", "within_30"), ("lose_more_10", "lose_more_5")):
        assert not bare(wide[other] - wide[one])
    # A single hidden group would follow from all: where all is shown, none or two are hidden.
    for (_, measure), rows in persons.groupby(["scenario", "measure"]):
        whole = rows.loc[rows["by"] == "all", "value"]
        for by in ("area", "age"):
            hidden = rows.loc[rows["by"] == by, "value"].isna()
            assert whole.isna().all() or hidden.sum() != 1, measure
    # A zone does not follow from its area's sum, nor an area from its zones.
    sums = table[(table["by"] == "area")].groupby("group")["people"].first()
    for area, rows in shown.zones.groupby("area"):
        hidden = rows["people_today"].isna()
        assert hidden.all() if np.isnan(sums[area]) else hidden.sum() != 1
    # Nor does a share give the count of those without a time.
    without = table["share_without_time"] * made.comparison["people"]
    assert not ((without > 0.001) & (without < 9.99)).where(made.comparison["people"] >= 10).any()


def test_many_people_are_all_shown():
    made = results(Population(town.population().table * 100, "today"))
    shown = made.published()
    for name in TABLES:
        before, after = (getattr(r, name).reset_index(drop=True) for r in (made, shown))
        if "share_without_time" in before:
            # shares are rounded to whole per cent, and hours to two digits, for all alike
            shares = (t.pop("share_without_time") for t in (before, after))
            pd.testing.assert_series_equal(*shares, check_dtype=False, atol=0.01, rtol=0)
        if "unit" in before:
            of_hours = before["unit"] == "h"
            hours = (t.loc[of_hours, "value"] for t in (before, after))
            pd.testing.assert_series_equal(*hours, check_dtype=False, rtol=0.05)
            before, after = before[~of_hours], after[~of_hours]
        pd.testing.assert_frame_equal(after, before, check_dtype=False)
