"""Input that is wrong on purpose: each fault is told to a planner, and nothing is half-written."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result
from pyproj import Transformer

import navplan as nav
from navplan.cli import main
from navplan.results import Results
from tests.tiny_study import TABLES, swap, write_study

EMBEDDED = Path(__file__).parents[2] / "data" / "bergen"
MORE = '[[scenario]]\nname = "more"\ntitle = { nb = "Mer", nn = "Meir", en = "More" }\n'


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def call(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], catch_exceptions=False)


def opened(folder: Path, **changes: Callable[[str], str]) -> nav.Study:
    return nav.open_study(write_study(folder, **changes), cache=False)


def more(text: str) -> Callable[[str], str]:
    return swap("[[question]]", MORE + text + "\n[[question]]")


def everywhere(old: str, new: str) -> dict[str, Callable[[str], str]]:
    """Rename a site in every file."""
    return {
        "study": lambda t: t.replace(f'"{old}"', f'"{new}"'),
        **{n: lambda t: t.replace(f"\n{old},", f"\n{new},") for n in ("offices", "links", "hours")},
    }


ALL_AGES = "".join(
    f"p-{z},2026,actual,alle,{n},made up,2026-01-01,assumption\n"
    for z, n in (("a", 120), ("b", 240), ("c", 480))
)
BAD: dict[str, tuple[dict[str, Callable[[str], str]], str]] = {
    "NUL in a file name": (
        {"study": swap('"places.csv"', '"pl\\u0000.csv"')},
        "cannot be a file",
    ),
    "endless file name": ({"study": swap("places.csv", "a" * 300)}, "cannot be a file"),
    "nested too deeply": ({"study": lambda t: t + "\nx = " + "[" * 50_000}, "nested too deeply"),
    "integer without end": ({"study": swap("year = 2026", f"year = {'9' * 5000}")}, "valid TOML"),
    "infinitely many visits": (
        {"study": swap("visits_per_person = 1.0", "visits_per_person = inf")},
        "service.visits_per_person (line 22): inf was given",
    ),
    "limit below zero": (
        {"study": swap("limit_min = 300", "limit_min = -5")},
        "study.toml: profile walk, limit_min: -5; expected more than zero",
    ),
    "percentile past hundred": (
        {"study": swap("limit_min = 300", "percentile = 150")},
        "study.toml: profile walk, percentile",
    ),
    "sums beside age groups": ({"people": lambda t: t + ALL_AGES}, "'alle' is no age group beside"),
    "overlapping age groups": ({"people": swap("67+", "60+")}, "0-66 and 60+ overlap"),
    "leading zero lost": ({"places": swap("9901", "301")}, "'301' is no kommune number"),
    "a site called nearest": (everywhere("b", "nearest"), "'nearest' is the word for"),
    "separators in an id": (everywhere("b", "b;x=y"), "row 3, id: 'b;x=y' is no id"),
    "separators in an area": (
        {n: lambda t: t.replace("Bnes", "B;C=D") for n in ("places", "offices", "neighbours")},
        "row 3, area: 'B;C=D' holds a semicolon",
    ),
    "no such day": (
        {
            "links": swap(
                "p-b,4.0,secondary,,open,yes,yes,yes,,",
                "p-b,4.0,secondary,,open,yes,yes,yes,,2023-13-45",
            )
        },
        "links.csv: row 2, opened: '2023-13-45' is no day",
    ),
    "metres as kilometres": (
        {"links": swap("p-a,p-b,4.0", "p-a,p-b,4000")},
        "4000 km, but its ends are only 4.00 km apart. Write the length in kilometres",
    ),
    "open past midnight": (
        {"hours": swap("12:00,14:30", "25:00,26:30")},
        "26:30 is no time of day",
    ),
    "study in the next zone": (
        {"study": swap("25833", "25832")},
        "places.csv: all 3 rows, for example row 2, p-a: x 0, y 6.73e+06 lies outside Norway",
    ),
    "unknown names in a scenario that waits": (
        {"study": more('base = "one"\nmerge = [{ areas = ["Avikk"], office = "zz" }]')},
        "scenario more: no area is called 'Avikk'. Did you mean 'Avik'?",
    ),
    "outreach on Saturday": (
        {
            "study": more(
                'base = "two"\noutreach = [{ at = "a", serves = ["Avik"], days = ["sat"], '
                "from = 10:00:00, until = 12:00:00 }]"
            )
        },
        "study.toml: scenario more, outreach at a, days: 'sat'",
    ),
}


@pytest.mark.parametrize("case", BAD, ids=BAD)
def test_check_ends_with_2_and_says_what_is_wrong(tmp_path: Path, case: str) -> None:
    changes, expected = BAD[case]
    ended = call("check", write_study(tmp_path / "tiny", **changes))
    assert ended.exit_code == 2
    assert expected in ended.stderr


def test_circle_of_links_is_no_file(tmp_path: Path) -> None:
    study = write_study(tmp_path / "tiny")
    (study / "people.csv").unlink()
    (study / "people.csv").symlink_to(study / "people.csv")
    assert "people.csv" in call("check", study).stderr


def test_tables_links_and_scenarios_are_faulted_together(tmp_path: Path) -> None:
    ended = call(
        "check",
        write_study(
            tmp_path / "tiny",
            people=swap("67+,40", "67+,-40"),
            links=swap("p-b,j1", "p-b,j9"),
            study=swap('["Avik", "Bnes"]', '["Avikk"]'),
        ),
    )
    assert ended.stderr.startswith("3 faults in the inputs:")
    assert "links.csv: row 3, to: 'j9' is no node" in ended.stderr


def test_an_empty_list_is_not_blamed_for_its_faulty_entry(tmp_path: Path) -> None:
    study = write_study(tmp_path / "tiny", study=swap('name = "now"', 'name = "a/b"'))
    assert "1 fault in" in call("check", study).stderr


def test_byte_order_mark_of_the_study_file_does_no_harm(tmp_path: Path) -> None:
    assert (
        call("check", write_study(tmp_path / "tiny", study=lambda t: "\ufeff" + t)).exit_code == 0
    )


def test_kommune_numbers_of_different_years_are_said(tmp_path: Path) -> None:
    mixed = opened(
        tmp_path / "mixed", places=lambda t: t.replace("9901", "1201").replace("9902", "4601")
    )
    years = "1201 (before 2020), 4601 (of 2020–2023 and from 2024)"
    assert any(years in notice for notice in mixed.notices)
    same = opened(
        tmp_path / "same", places=lambda t: t.replace("9901", "1804").replace("9902", "5001")
    )
    assert not any("kommune" in notice for notice in same.notices)


def _reproject(folder: Path, crs: str) -> None:
    change = Transformer.from_crs("EPSG:25833", crs, always_xy=True)
    for name in ("places.csv", "offices.csv", "nodes.csv"):
        table = pd.read_csv(folder / name, dtype=str, keep_default_na=False)
        x, y = change.transform(table["x"].astype(float), table["y"].astype(float))
        table.assign(x=[f"{v:.0f}" for v in x], y=[f"{v:.0f}" for v in y]).to_csv(
            folder / name, index=False
        )


def test_metres_of_web_maps_are_refused(tmp_path: Path) -> None:
    study = write_study(tmp_path / "tiny", study=swap("25833", "3857"))
    _reproject(study, "EPSG:3857")
    assert "a metre of EPSG:3857 is 0.49 m on the ground" in call("check", study).stderr


def test_study_labelled_with_another_zone_is_told_by_its_timetable(tmp_path: Path) -> None:
    study = tmp_path / "mislabelled"
    shutil.copytree(EMBEDDED, study, ignore=shutil.ignore_patterns("hand", "timetable"))
    _reproject(study, "EPSG:25832")
    ended = call("check", study)
    assert ended.exit_code == 2
    assert re.search(r"gtfs.zip: its stops lie 33\d km from", ended.stderr)
    assert "Check crs in study.toml" in ended.stderr


@pytest.mark.parametrize("setting", ["base", "", "scenario.three.offices.x=3", "profile.walk=3"])
def test_settings_that_set_nothing(tmp_path: Path, setting: str) -> None:
    ended = call("run", write_study(tmp_path / "tiny"), "--out", tmp_path / "out", "--set", setting)
    assert ended.exit_code == 2
    assert not (tmp_path / "out").exists()


def test_one_setting_may_be_given_as_a_text(tmp_path: Path) -> None:
    folder = write_study(tmp_path / "tiny")
    study = nav.open_study(folder, settings="profile.walk.limit_min=3", cache=False)
    assert study.profile("walk").limit_min == 3


def test_results_never_overwrite_a_study(tmp_path: Path) -> None:
    study = write_study(tmp_path / "tiny")
    ended = call("run", study, "--out", study)
    assert ended.exit_code == 2
    assert "is the folder of a study" in ended.stderr
    assert {p.name: p.read_text(encoding="utf-8") for p in study.glob("*.csv")} == dict(TABLES)


def test_results_of_a_dot_get_the_name_of_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(write_study(tmp_path / "tiny"))
    assert call("run", ".", "--scenario", "two").exit_code == 0
    assert (tmp_path / "tiny" / "out" / "tiny" / "run.json").is_file()


def test_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    ended = call("run", write_study(tmp_path / "tiny"), "--out", tmp_path / "file" / "out")
    assert ended.exit_code == 2
    assert "cannot be written to" in ended.stderr
    ended = call("new", "a" * 5000, "--folder", tmp_path, "--json")
    assert ended.exit_code == 2
    assert json.loads(ended.stdout)["faults"]
    assert call("check", "a" * 5000).exit_code == 2


@pytest.mark.parametrize("error", [PermissionError(13, "in use"), KeyboardInterrupt()])
def test_interrupted_write_leaves_the_old_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    study, out = opened(tmp_path / "tiny"), tmp_path / "out"
    study.run(scenarios=["two"]).write(out)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    real = Path.replace

    def fail(self: Path, target: Path) -> Path:
        if self.name == "results.gpkg" and target.parent == out and self.parent.name != "old":
            raise error
        return real(self, target)

    monkeypatch.setattr(Path, "replace", fail)
    expected = nav.InputError if isinstance(error, OSError) else KeyboardInterrupt
    with pytest.raises(expected):
        study.run(scenarios=["one"]).write(out)
    monkeypatch.undo()
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    assert [s["name"] for s in Results.read(out).run["scenarios"]] == ["three", "two"]


def test_leavings_of_a_killed_run_are_swept_and_those_of_one_at_work_are_not(
    tmp_path: Path,
) -> None:
    old, young = tmp_path / "out" / ".partial-old", tmp_path / "out" / ".partial-young"
    for folder in (old, young):
        folder.mkdir(parents=True)
    os.utime(old, (0, 0))
    opened(tmp_path / "tiny").run(scenarios=["two"]).write(tmp_path / "out")
    assert not old.exists()
    assert young.exists()


def test_manifest_that_is_no_manifest(tmp_path: Path) -> None:
    opened(tmp_path / "tiny").run(scenarios=["two"]).write(tmp_path / "out")
    for text in ("[]", '{"tables": 3}', "[" * 100_000):
        (tmp_path / "out" / "run.json").write_text(text, encoding="utf-8")
        with pytest.raises(nav.InputError, match=r"run\.json"):
            Results.read(tmp_path / "out")


def test_names_are_neither_formulas_nor_markup(tmp_path: Path) -> None:
    formula = '"=HYPERLINK(""http://x"",""y"")"'
    study = write_study(
        tmp_path / "tiny",
        places=lambda t: t.replace("p-a,Avik", f"p-a,{formula}").replace(
            "p-b,Bnes", "p-b,<img src=x>"
        ),
        offices=lambda t: t.replace("NAV Avik", "@SUM(A1)").replace(
            "NAV Bnes", "</svg><script>1</script>"
        ),
        study=swap('"Three villages"', '"</title><script>2</script>"'),
    )
    out = tmp_path / "out"
    assert call("run", study, "--out", out).exit_code == 0
    assert call("report", study, "--out", out, "--language", "en").exit_code == 0
    for path in out.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        assert not [c for c in cells if re.match(r"[=+@\t\r]|-\D", c)]
    (page,) = out.glob("*.html")
    text = page.read_text(encoding="utf-8")
    assert "<script" not in text
    assert "<img src=x" not in text
    assert "&lt;script&gt;2" in text


def test_own_scenario_does_not_pass_for_the_base(tmp_path: Path) -> None:
    study = opened(tmp_path / "tiny")
    edited = study.scenario("three").close("a")  # an edit keeps the name
    with pytest.raises(nav.InputError, match=r"another structure .* of that name.*named"):
        study.compare(edited, profiles=["walk"])
    table = study.compare(edited.named("mine"), profiles=["walk"]).table(by="area")
    assert list(table.columns) == ["three", "mine"]


@pytest.mark.parametrize("name", ["a;b", "a|b", "TWO", "", "a\nb"])
def test_names_that_the_tables_cannot_hold(tmp_path: Path, name: str) -> None:
    study = opened(tmp_path / "tiny")
    with pytest.raises(nav.InputError, match="compare: scenario"):
        study.compare(study.scenario("three").named(name), "two", profiles=["walk"])


def test_two_profiles_of_one_name_are_refused(tmp_path: Path) -> None:
    study = opened(tmp_path / "tiny")
    slow = replace(study.profile("walk"), walk_m_per_s=0.5)
    with pytest.raises(nav.InputError, match="profile walk: stands more than once"):
        study.compare("two", profiles=["walk", slow])
    # With a name of its own it is computed by itself, whatever was computed before.
    result = study.compare("two", profiles=["walk", replace(slow, name="slow")])
    fast, slowly = (result.table(profile=p)["two"].iloc[0] for p in ("walk", "slow"))
    assert slowly == pytest.approx(fast * 1.25 / 0.5)


def test_report_of_a_comparison_without_the_headline_profile(tmp_path: Path) -> None:
    study = opened(tmp_path / "tiny")
    path = study.compare("two", profiles=["car"]).report(tmp_path / "out", language="en")
    assert path.is_file()
    assert Results.read(tmp_path / "out").run["report"]["headline_profile"] == "car"


def test_years_are_all_known_and_stand_alone(tmp_path: Path) -> None:
    study = opened(tmp_path / "tiny")
    with pytest.raises(nav.InputError, match=r"no outlook is for 1999. The study has \[2026\]"):
        study.compare("two", years=[2026, 1999])
    with pytest.raises(nav.InputError, match="outlooks are given too"):
        study.compare("two", years=[2026], outlooks=["now"])


def test_unknown_scenario_is_told_before_anything_is_computed(tmp_path: Path) -> None:
    told: list[str] = []
    with pytest.raises(nav.InputError, match="there is no scenario 'zz'"):
        opened(tmp_path / "tiny").run(scenarios=["zz"], progress=told.append)
    assert told == []


def test_a_changed_study_starts_without_the_times_of_the_old(tmp_path: Path) -> None:
    study = opened(tmp_path / "tiny")
    study.travel_times("walk")
    longer = opened(tmp_path / "longer", links=swap("p-a,p-b,4.0", "p-a,p-b,8.0"))
    changed = replace(study, inputs=longer.inputs)
    assert changed.travel_times("walk").minutes.loc["p-a", "b"] == pytest.approx(8000 / 1.25 / 60)


def test_kept_times_follow_the_links(tmp_path: Path) -> None:
    for km in (4.0, 8.0):
        folder = write_study(tmp_path / str(km), links=swap("p-a,p-b,4.0", f"p-a,p-b,{km}"))
        minutes = nav.open_study(folder).travel_times("walk").minutes
        assert minutes.loc["p-a", "b"] == pytest.approx(km * 1000 / 1.25 / 60)


def test_scenario_with_a_located_base(tmp_path: Path) -> None:
    study = opened(tmp_path / "tiny", study=more('base = "one"\nopen = ["a"]\nchoice = "nearest"'))
    assert set(study.scenario("more").offices) == {"a", "c"}
