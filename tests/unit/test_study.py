"""Opening a study: what it gives, and what it says when something is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import navplan as nav
from navplan.study import find_study, list_studies, new_study, read_title
from tests.tiny_study import swap, write_study


def opened(folder: Path, **changes: Callable[[str], str]) -> nav.Study:
    return nav.open_study(write_study(folder, **changes), cache=False)


def faults_of(folder: Path, **changes: Callable[[str], str]) -> str:
    with pytest.raises(nav.InputError) as caught:
        opened(folder, **changes)
    return str(caught.value)


def test_minutes_are_those_of_the_road(tmp_path: Path) -> None:
    study = opened(tmp_path / "tiny")
    walk = study.travel_times("walk").minutes
    # 4 km at 1.25 m/s are 53 min 20 s.
    assert walk.loc["p-a", "b"] == pytest.approx(4000 / 1.25 / 60)
    assert walk.loc["p-a", "c"] == pytest.approx(10_000 / 1.25 / 60)
    assert walk.loc["p-b", "b"] == 0


def test_scenarios_edits_and_answers(tmp_path: Path) -> None:
    study = opened(tmp_path / "tiny")
    assert dict(study.scenario("two").allocation) == {"Avik": "b", "Bnes": "b", "Cdal": "c"}
    # 120 × z to a, 240 to b, 480 to c: Cdal holds more than half, so c is the median.
    assert study.scenario("one").offices == ("c",)
    assert study.scenario("one").title["nn"] == "Eitt kontor"


def test_comparison_by_hand(tmp_path: Path) -> None:
    study = opened(tmp_path / "tiny")
    result = study.compare("two", profiles=["walk"])
    table = result.table("mean_minutes", by="kommune", against="three")
    assert table.loc["Avik", "two"] == pytest.approx(4000 / 1.25 / 60)
    assert table.loc[["Bnes", "Cdal"], "two"].tolist() == [0, 0]
    losers = result.losers(more_than_min=15)
    assert losers[["zone", "people"]].to_numpy().tolist() == [["p-a", 120]]


def test_locate_proves_its_answer(tmp_path: Path) -> None:
    study = opened(tmp_path / "tiny")
    best = study.locate(offices=2)
    # Whole areas, contiguous: {A}{BC} or {AB}{C}; the second, in b and c, moves 120 people 4 km.
    assert best.scenario.offices == ("b", "c")
    assert best.gap == 0
    assert best.value == best.bound == pytest.approx(120 * 4000 / 1.25 / 60 / 840)
    assert best.ranking.count == 1 * 3 + 2 * 2  # sites in {A}·{BC}: a × b, c, halfway …
    with pytest.raises(nav.InfeasibleError, match="3 areas cannot be divided among 4"):
        study.locate(offices=4)


def test_empty_edit_equals_base(tmp_path: Path) -> None:
    study = opened(tmp_path / "tiny")
    same = study.scenario("three").named("same")
    table = study.compare("three", same).comparison.table
    wide = table.pivot_table(
        index=["outlook", "profile", "by", "group", "measure"], columns="scenario", values="value"
    )
    pd.testing.assert_series_equal(wide["three"], wide["same"], check_names=False)


def test_run_writes_and_reads_back(tmp_path: Path) -> None:
    study = opened(tmp_path / "tiny")
    results = study.run()
    results.write(tmp_path / "out")
    assert (tmp_path / "out" / "run.json").is_file()
    ranking = pd.read_csv(tmp_path / "out" / "ranking.csv")
    decided = ranking[(ranking["scenario"] == "one") & (ranking["profile"] == "walk")]
    assert (decided["rank"] == 1).any()


@pytest.mark.parametrize("language", nav.LANGUAGES)
def test_report_in_every_language(tmp_path: Path, language: str) -> None:
    study = opened(tmp_path / "tiny")
    path = study.compare("two", "one").report(tmp_path / "out", language=language)
    text = path.read_text(encoding="utf-8")
    assert {"nb": "Tre bygder", "nn": "Tre bygder", "en": "Three villages"}[language] in text


BAD = {
    "unknown key": (
        {"study": swap('area_word = "kommune"', 'area_word = "kommune"\ncolour = "red"')},
        ["study.toml: colour (line 9): is not a known key", "Correct its spelling"],
    ),
    "CRS in degrees": (
        {"study": swap("EPSG:25833", "EPSG:4326")},
        ["study.toml: crs: EPSG:4326 is not in metres", "EPSG:25833"],
    ),
    "unknown CRS": ({"study": swap("EPSG:25833", "EPSG:99999")}, ["'EPSG:99999' is not a known"]),
    "positions in degrees": (
        {"places": swap("0,6730000", "5.3,60.4")},
        ["places.csv: row 2, p-a: x 5.3, y 60.4 are degrees"],
    ),
    "swapped coordinates": (
        {"places": swap("4000,6730000", "6730000,4000")},
        ["places.csv: row 3, p-b: x 6.73e+06, y 4000: easting and northing seem to be swapped"],
    ),
    "another CRS in one table": (
        {"places": swap("10000,6730000", "297000,6750000")},
        ["but its ends are", "their coordinate system"],
    ),
    "office in the sea": (
        {"offices": swap("7000,6730000", "7000,6738000")},
        ["offices.csv: row 5, halfway: lies 8.0 km from the nearest street: in the sea?"],
    ),
    "office outside the area": (
        {"offices": swap("7000,6730000", "7000,6800000")},
        ["offices.csv: row 5, halfway: lies 70 km from any place: outside the area"],
    ),
    "area in two merges": (
        {"study": swap('office = "b" }', 'office = "b" }, { areas = ["Bnes"], office = "c" }')},
        ["Bnes stands in merge[0] too; an area belongs to one office"],
    ),
    "edit without effect": (
        {"study": swap('["Avik", "Bnes"]', '["Bnes"]')},
        ["nothing changes"],
    ),
    "unknown area": ({"study": swap('"Avik", "Bnes"]', '"Avikk"]')}, ["Did you mean 'Avik'?"]),
    "duplicate ids": ({"places": swap("p-b", "p-a")}, ["'p-a' stands more than once"]),
    "negative people": (
        {"people": swap("67+,40", "67+,-40")},
        ["people.csv: row 5, people", "-40", "must be at least 0"],
    ),
    "missing people": (
        {"people": swap("67+,40", "67+,")},
        ["people.csv: row 5, people"],
    ),
    "missing age group": (
        {"people": swap("p-b,2026,actual,67+,40,made up,2026-01-01,assumption\n", "")},
        ["people.csv: 2026 actual: 1 of 2 age groups for 'p-b'"],
    ),
    "hours end before they begin": (
        {"hours": swap("12:00,14:30", "12:00,11:30")},
        ["hours.csv: row 3, b tue: closes 11:30, which is not after it opens 12:00"],
    ),
    "hours of nobody": ({"hours": swap("b,tue", "bb,tue")}, ["'bb' is no office"]),
    "link to nowhere": ({"links": swap("p-b,j1", "p-b,j9")}, ["'j9' is no node"]),
    "metres for kilometres": ({"links": swap("p-a,p-b,4.0", "p-a,p-b,0.04")}, ["0.04 km, but"]),
    "transit without timetable": (
        {"study": swap('mode = "car"', 'mode = "transit"')},
        ["profile 'car' travels by transit, but there is no timetable"],
    ),
    "file outside the folder": (
        {"study": swap('"places.csv"', '"../places.csv"')},
        ["'../places.csv' lies outside the study's folder"],
    ),
    "bases in a circle": (
        {"study": swap('base = "three"\nmerge', 'base = "two"\nmerge')},
        ["its bases go in a circle"],
    ),
    "base without an edit": (
        {"study": swap('merge = [{ areas = ["Avik", "Bnes"], office = "b" }]\n', "")},
        ["has a base and no edit"],
    ),
    "neighbour of nobody": ({"neighbours": swap("Bnes,Cdal", "Bnes,Zdal")}, ["'Zdal' is no area"]),
}


@pytest.mark.parametrize("case", BAD, ids=BAD)
def test_bad_input_is_told_to_a_planner(tmp_path: Path, case: str) -> None:
    changes, expected = BAD[case]
    message = faults_of(tmp_path / "tiny", **changes)
    for text in expected:
        assert text in message


def test_all_faults_at_once(tmp_path: Path) -> None:
    message = faults_of(
        tmp_path / "tiny",
        people=swap("67+,40", "67+,-40"),
        hours=swap("12:00,14:30", "12:00,11:30"),
        links=swap("p-a,p-b,4.0", "p-a,p-b,0.04"),
        study=swap('decided = "two"', 'decided = "twoo"'),
    )
    assert message.startswith("4 faults in the inputs:")


def test_zone_without_a_link_is_named_and_keeps_its_reason(tmp_path: Path) -> None:
    def island(text: str) -> str:
        return text + "p-i,Utøya,Avik,9901,3000,6733000,made up,2026-01-01,assumption\n"

    def islanders(text: str) -> str:
        rows = "".join(
            f"p-i,2026,actual,{age},10,made up,2026-01-01,assumption\n" for age in ("0-66", "67+")
        )
        return text + rows

    study = opened(tmp_path / "tiny", places=island, people=islanders)
    assert any("Utøya (p-i) has no link" in notice for notice in study.notices)
    times = study.travel_times("walk")
    assert times.minutes.loc["p-i"].isna().all()
    assert set(times.reason.loc["p-i"]) == {nav.Reason.ZONE_NOT_LINKED}
    table = study.compare("three", profiles=["walk"]).comparison.table
    mean = table[(table["measure"] == "mean_minutes") & (table["group"] == "Avik")].iloc[0]
    assert mean["share_without_time"] == pytest.approx(20 / 140)
    with pytest.warns(nav.NavplanWarning, match=r"up to 14\.3% of a group's people are left out"):
        study.compare("three", profiles=["walk"]).table("mean_minutes", by="area")


def test_settings_change_the_study(tmp_path: Path) -> None:
    folder = write_study(tmp_path / "tiny")
    study = nav.open_study(folder, settings=["profile.walk.walk_m_per_s=2.5"], cache=False)
    assert study.profile("walk").walk_m_per_s == 2.5
    with pytest.raises(nav.InputError, match="names no single entry"):
        nav.open_study(folder, settings=["profile.limit_min=3"])


def test_own_folder_comes_before_the_embedded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "bergen" in list_studies()
    own = write_study(tmp_path / "bergen")
    monkeypatch.chdir(tmp_path)
    assert find_study("bergen").resolve() == own.resolve()
    with pytest.raises(nav.InputError, match=r"no such study.*bergen"):
        find_study("oslo")


def test_a_title_is_read_whatever_the_editor_wrote_before_it(tmp_path: Path) -> None:
    folder = write_study(tmp_path / "tiny")
    text = (folder / "study.toml").read_text(encoding="utf-8")
    (folder / "study.toml").write_text(text, encoding="utf-8-sig")
    assert read_title(folder) == "Three villages"
    (folder / "study.toml").write_text("title = " + "[" * 5000, encoding="utf-8")
    assert read_title(folder) == ""


def test_new_study_says_what_to_fill_in(tmp_path: Path) -> None:
    folder = new_study("min-kommune", folder=tmp_path)
    columns = (folder / "COLUMNS.md").read_text(encoding="utf-8")
    assert "| km | km | length along the road |  | yes |" in columns
    assert "open, tunnel, bridge, ferry, connector" in columns
    with pytest.raises(nav.InputError) as caught:
        nav.open_study(folder)
    assert "places.csv: has no rows. Fill in the table." in str(caught.value)
    with pytest.raises(nav.InputError, match="is there already"):
        new_study("min-kommune", folder=tmp_path)
    with pytest.raises(nav.InputError, match="is no name"):
        new_study("../ute", folder=tmp_path)


def test_a_place_joined_to_a_street_without_a_link_is_told(tmp_path: Path) -> None:
    # 900 m off the road between A and B: within the snap limit, so it gets a time, and a notice.
    def beside(text: str) -> str:
        return text + "p-i,Holmen,Avik,9901,2000,6730900,made up,2026-01-01,assumption\n"

    def people(text: str) -> str:
        rows = (
            f"p-i,2026,actual,{age},10,made up,2026-01-01,assumption\n" for age in ("0-66", "67+")
        )
        return text + "".join(rows)

    study = opened(tmp_path / "tiny", places=beside, people=people)
    assert any("Holmen (p-i) has no link of its own" in n and "900 m" in n for n in study.notices)
    assert study.travel_times("walk").minutes.loc["p-i"].notna().all()


def test_neighbours_may_be_left_out(tmp_path: Path) -> None:
    study = opened(tmp_path / "tiny", study=swap('[neighbours]\nfile = "neighbours.csv"\n', ""))
    with pytest.raises(nav.InfeasibleError, match=r"question own: .*do not border"):
        study.locate(offices=2)
    assert study.locate(offices=2, contiguous=False).gap == 0


def test_an_outlook_is_no_better_than_its_rows(tmp_path: Path) -> None:
    better = swap('quality = "assumption"\nmethod', 'quality = "official"\nmethod')
    notices = opened(tmp_path / "tiny", study=better).notices
    assert any("Outlook now is called official, but its rows" in notice for notice in notices)


def test_an_unknown_objective_is_told(tmp_path: Path) -> None:
    with pytest.raises(nav.InputError, match="there is no objective 'foo'"):
        opened(tmp_path / "tiny").locate(offices=2, minimise="foo")  # type: ignore[arg-type]
