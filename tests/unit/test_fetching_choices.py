"""What a planner may choose of people: as wrong as last time, squares of 250 m, dwellings."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import navplan as nav
from navplan.population import past_errors, size_class
from navplan.sources.ledger import read_sources
from navplan.study import fetch_study
from tests.services.fixtures import WebOf, web_of
from tests.services.kartverket import X, Y
from tests.services.server import Server
from tests.services.study import new_city, new_town, services

__all__ = ["web_of"]

ONLY_MAIN = ('alternatives = ["MMMM", "LLML", "HHMH"]', 'alternatives = ["MMMM"]')
AS_WRONG = "as_wrong_as_last_time = true"
NO_CELLS = '# cells = "NOR0250M.csv"'
CELLS = (NO_CELLS, 'cells = "NOR0250M.csv"')
DWELLINGS = (
    ('shares = "constant"', 'shares = "dwellings"'),
    ('# dwellings = "dwellings.csv"', 'dwellings = "dwellings.csv"'),
)
BUILT = """area,year,dwellings
Arna,2026,1000
Arna,2036,3000
Arna,2046,3000
460102,2026,2000
460102,2031,2500
460102,2036,2000
460102,2046,2000
"""


def fetched(town: Path, web_of: WebOf) -> tuple[pd.DataFrame, pd.DataFrame, tuple[str, ...]]:
    """People with the area of their place, places, and what was told."""
    with Server(services()) as server:
        told = fetch_study(town, web_of(server), only=["places"])
    places = pd.read_csv(town / "places.csv").set_index("id")
    people = pd.read_csv(town / "people.csv")
    return people.assign(area=people["place"].map(places["area"])), places, told.notices


def refused(town: Path, web_of: WebOf, part: str = "places") -> str:
    with Server(services()) as server, pytest.raises(nav.InputError) as caught:
        fetch_study(town, web_of(server), only=[part])
    return str(caught.value)


def ends(now: int, then: int, horizon: int) -> tuple[int, int]:
    """Low and high by the table of past errors."""
    errors = past_errors()
    row = errors[(errors["size"] == size_class(now)) & (errors["horizon"] == horizon)].iloc[0]
    return round(then / (1 + row["p90"])), round(then / (1 + row["p10"]))


@pytest.mark.parametrize("city", [False, True], ids=["kommune", "bydeler"])
def test_as_wrong_as_last_time(
    tmp_path: Path, web_of: WebOf, monkeypatch: pytest.MonkeyPatch, *, city: bool
) -> None:
    town = new_city(tmp_path, monkeypatch) if city else new_town(tmp_path)
    people, _, notices = fetched(town, web_of)
    sums = people.groupby(["year", "alternative"])["people"].sum()
    low, high = ends(sums[2026, "actual"], sums[2036, "MMMM"], 10)
    assert (sums[2036, "MMMM-low"], sums[2036, "MMMM-high"]) == (low, high)
    assert low < sums[2036, "MMMM"] < high
    by_area = people.groupby(["area", "year", "alternative"])["people"].sum()
    for area in people["area"].unique():  # each keeps its share
        share = by_area[area, 2036, "MMMM"] / sums[2036, "MMMM"]
        assert by_area[area, 2036, "MMMM-low"] == pytest.approx(share * low, abs=5)
    wrong = people[people["alternative"].isin(["MMMM-low", "MMMM-high"])]
    assert set(wrong["quality"]) == {"assumption"}
    assert set(wrong["source"]) == {
        "SSB, framskriving og rutenett; så feil som framskrivingen fra 2016"
    }
    assert set(wrong["year"]) == {2036}
    assert (
        "How wrong projections are is known up to 10 years ahead: there are no low and high "
        "figures for 2046." in notices
    )


def test_errors_count_from_the_newest_count(tmp_path: Path, web_of: WebOf) -> None:
    town = new_town(
        tmp_path, ONLY_MAIN, ("years = [2026]", "years = [2024, 2025]"),
        ("projection_years = [2036, 2046]", "projection_years = [2030, 2036]"),
    )  # fmt: skip
    people, _, notices = fetched(town, web_of)
    sums = people.groupby(["year", "alternative"])["people"].sum()
    assert set(sums.index) == {
        (2024, "actual"), (2025, "actual"), (2030, "MMMM"), (2036, "MMMM"),
        (2030, "MMMM-low"), (2030, "MMMM-high"),
    }  # fmt: skip
    low, high = ends(sums[2025, "actual"], sums[2030, "MMMM"], 5)
    assert (sums[2030, "MMMM-low"], sums[2030, "MMMM-high"]) == (low, high)
    assert any("figures for 2036." in notice for notice in notices)


def test_no_more_alternatives_than_asked(tmp_path: Path, web_of: WebOf) -> None:
    town = new_town(tmp_path, ONLY_MAIN, (AS_WRONG, "as_wrong_as_last_time = false"))
    people, _, notices = fetched(town, web_of)
    assert set(people["alternative"]) == {"actual", "MMMM"}
    assert not any("How wrong" in notice for notice in notices)


def cell(east: int, north: int) -> str:
    """Of the square so many metres east and north of the corner of 1804."""
    return f"{(X + east + 2_000_000) * 10_000_000 + Y + north:014d}"


def grid(column: str = "ssbid250m", step: int = 250) -> str:
    rows = [f"{cell(6000 + step * (n % 8), 7000 + step * (n // 8))},{20 + n}" for n in range(24)]
    far = f"{cell(-60_000, 0)},500"  # in no area
    return "\n".join([f"{column},people", *rows, far]) + "\n"


def with_cells(folder: Path, text: str) -> Path:
    town = new_town(folder, ONLY_MAIN, CELLS)
    (town / "NOR0250M.csv").write_text(text, encoding="utf-8")
    return town


@pytest.mark.parametrize(
    ("column", "step", "said", "first"),
    [
        ("ssbid250m", 250, "250 m", "476.00-7467.00"),
        ("ssbid1000m", 1000, "1 km", "476-7467"),
        ("ssbid", 250, "250 m", "476.00-7467.00"),
        ("ssbid", 1000, "1 km", "476-7467"),
    ],
)
def test_squares_of_a_file_say_their_size(
    tmp_path: Path, web_of: WebOf, column: str, step: int, said: str, first: str
) -> None:
    town = with_cells(tmp_path, grid(column, step))
    people, places, notices = fetched(town, web_of)
    assert len(places) == 24
    assert set(places["source"]) == {f"SSB, befolkning på rutenett {said}"}
    at = places.loc[f"c{cell(6000, 7000)}"]
    assert (at["x"], at["y"]) == (X + 6000 + step / 2, Y + 7000 + step / 2)
    assert at["name"].endswith(f" {first}")
    assert places["name"].is_unique
    assert f"Everyone in a square of {said} is taken to live at its centre." in notices
    own = {row.id: row for row in read_sources(town / "sources.csv")[0]}["own-cells"]
    assert (own.address, own.licence) == ("NOR0250M.csv", "CC BY 4.0")
    now = people[people["year"] == 2026].groupby("place")["people"].sum()
    assert now.idxmax() == f"c{cell(6000 + step * 7, 7000 + step * 2)}"  # 43 of the file


def test_a_file_of_squares_asks_the_map_service_nothing(tmp_path: Path, web_of: WebOf) -> None:
    town = with_cells(tmp_path, grid())
    with Server(services()) as server:
        fetch_study(town, web_of(server), only=["places"])
        assert not server.asked_of("ssb-map")
        assert fetch_study(town, web_of(server), only=["places"]).written == ()
        (town / "NOR0250M.csv").write_text(grid().replace(",43\n", ",90\n"), encoding="utf-8")
        again = fetch_study(town, web_of(server), only=["places"])
    assert again.written == ("borders.gpkg", "places.csv", "people.csv")


SQUARES = {
    "other size": (
        grid("ssbid500m", 500),
        "NOR0250M.csv: row 1: ssbid500m: squares of 500 m are not read. Expected ssbid250m",
    ),
    "wrong size": (
        grid("ssbid1000m", 250),
        "rows 3, 4, 5, 7, 8 and 17 more rows, ssbid1000m: no corner of a grid of 1 km. Let the",
    ),
    "no grid": (grid("ssbid", 300), "ssbid: no corner of a grid of 250 m."),
    "negative": (grid().replace(",20\n", ",-20\n"), "row 2, people: '-20' is no number of people"),
    "no id": (grid().replace(cell(6000, 7000), "12"), "row 2, ssbid250m: '12' is no cell id"),
    "other columns": ("a,b\n1,2\n", "NOR0250M.csv: row 1: found the columns a, b."),
    "elsewhere": (
        f"ssbid250m,people\n{cell(-60_000, 0)},500\n",
        "NOR0250M.csv: no inhabited cell lies in any of the areas.",
    ),
}


@pytest.mark.parametrize(("text", "told"), SQUARES.values(), ids=list(SQUARES))
def test_what_a_file_of_squares_cannot_be(
    tmp_path: Path, web_of: WebOf, text: str, told: str
) -> None:
    assert told in refused(with_cells(tmp_path, text), web_of)


def test_a_file_of_squares_that_is_not_there(tmp_path: Path, web_of: WebOf) -> None:
    said = refused(new_town(tmp_path, CELLS), web_of)
    assert "NOR0250M.csv: there is no such file. Put SSB's file there, or remove cells" in said


def with_dwellings(folder: Path, patch: pytest.MonkeyPatch, text: str) -> Path:
    town = new_city(folder, patch, ONLY_MAIN, *DWELLINGS)
    (town / "dwellings.csv").write_text(text, encoding="utf-8")
    return town


def test_people_follow_what_is_built(
    tmp_path: Path, web_of: WebOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    people, _, _ = fetched(with_dwellings(tmp_path, monkeypatch, BUILT), web_of)
    by_area = people.groupby(["year", "alternative", "area"])["people"].sum()
    arna, bergenhus = by_area[2026, "actual", "Arna"], by_area[2026, "actual", "Bergenhus"]
    later = by_area[2036, "MMMM"]
    # three times the dwellings in Arna, as many in Bergenhus
    assert later["Arna"] / later.sum() == pytest.approx(3 * arna / (3 * arna + bergenhus), abs=1e-3)
    other = fetched(new_city(tmp_path / "other", monkeypatch, ONLY_MAIN), web_of)[0]
    totals = other.groupby(["year", "alternative", "age"])["people"].sum()
    assert (
        people.groupby(["year", "alternative", "age"])["people"]
        .sum()[2036, "MMMM"]
        .equals(totals[2036, "MMMM"])
    )
    said = people.loc[people["alternative"] == "MMMM", ["source", "quality"]]
    assert set(said["source"]) == {"SSB, framskriving og rutenett, dwellings.csv"}
    assert set(said["quality"]) == {"assumption"}


BAD_DWELLINGS = {
    "unknown area": (
        ("460102,2031", "Åsane,2031"),
        "dwellings.csv: row 6, area: 'Åsane' is no area of the study. They are: Arna, Bergenhus.",
    ),
    "twice": (
        ("460102,2031,2500", "Bergenhus,2026,2500"),
        "dwellings.csv: row 6: Bergenhus, 2026: stands more than once. Keep one row.",
    ),
    "missing": (("Arna,2036,3000\n", ""), "dwellings.csv: Arna, 2036: has no row."),
    "negative": (("Arna,2036,3000", "Arna,2036,-3"), "row 3, dwellings"),
    "no number": (("Arna,2036,3000", "Arna,2036,many"), "row 3, dwellings: 'many' is no number."),
    "comma": (("Arna,2036,3000", 'Arna,2036,"3,5"'), "has a decimal comma. Write 3.5."),
    "empty": (("Arna,2036,3000", "Arna,2036,"), "row 3, dwellings"),
    "column": (("dwellings\n", "homes\n"), "dwellings.csv: column homes is not known."),
    "people, no dwellings": (
        ("Arna,2026,1000", "Arna,2026,0"),
        "dwellings.csv: row 2, dwellings: none in 2026, but",
    ),
}


@pytest.mark.parametrize(("change", "told"), BAD_DWELLINGS.values(), ids=list(BAD_DWELLINGS))
def test_what_dwellings_cannot_be(
    tmp_path: Path,
    web_of: WebOf,
    monkeypatch: pytest.MonkeyPatch,
    change: tuple[str, str],
    told: str,
) -> None:
    town = with_dwellings(tmp_path, monkeypatch, BUILT.replace(*change))
    assert told in refused(town, web_of)


def test_a_table_of_dwellings_that_is_not_there(
    tmp_path: Path, web_of: WebOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = refused(new_city(tmp_path, monkeypatch, ONLY_MAIN, *DWELLINGS), web_of)
    assert "dwellings.csv: there is no such file. Write a table with the columns area" in said
