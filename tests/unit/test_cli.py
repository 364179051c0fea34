"""The command line: what it prints, what it writes, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pytest
from click.testing import CliRunner, Result

from navplan.cli import main
from navplan.errors import Fault
from navplan.locate import Gap, LocationProblem, Solution, TooManyError, Watch
from navplan.scenario import Scenario
from navplan.study.asked import AskedStudy
from tests.tiny_study import swap, with_two_free, write_study


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def call(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], catch_exceptions=False)


def test_studies_lists_the_embedded_ones() -> None:
    shown = call("studies", "--json")
    assert shown.exit_code == 0
    assert {"bergen", "indre-salten"} <= {row["name"] for row in json.loads(shown.stdout)}


def test_check_tells_all_faults_and_ends_with_2(tmp_path: Path) -> None:
    study = write_study(
        tmp_path / "tiny",
        hours=swap("12:00,14:30", "12:00,11:30"),
        places=swap("Cdal,9903", "Cdal,"),
    )
    ended = call("check", study)
    assert ended.exit_code == 2
    assert "places.csv: row 4, kommune" in ended.stderr
    told = json.loads(call("check", study, "--json").stdout)
    assert {fault["where"] for fault in told["faults"]} >= {"places.csv"}


def test_check_of_a_sound_study(tmp_path: Path) -> None:
    ended = call("check", write_study(tmp_path / "tiny"))
    assert ended.exit_code == 0
    assert "No faults." in ended.stdout


def test_run_then_report(tmp_path: Path) -> None:
    study, out = write_study(tmp_path / "tiny"), tmp_path / "out"
    ended = call("run", study, "--out", out, "--scenario", "two")
    assert ended.exit_code == 0, ended.stderr
    run = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert [s["name"] for s in run["scenarios"]] == ["three", "two"]
    assert set(run["digests"]) >= {"study.toml", "links.csv"}
    told = json.loads(call("report", study, "--out", out, "--language", "en", "--json").stdout)
    assert "Three villages" in Path(told["report"]).read_text(encoding="utf-8")


def test_settings_reach_the_results(tmp_path: Path) -> None:
    study, out = write_study(tmp_path / "tiny"), tmp_path / "out"
    call("run", study, "--out", out, "--set", "profile.walk.walk_m_per_s=2.0")
    run = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert run["settings"] == ["profile.walk.walk_m_per_s=2.0"]
    walk = next(p for p in run["profiles"] if p["name"] == "walk")
    assert walk["walk_m_per_s"] == 2.0


def test_report_without_run_says_what_to_do(tmp_path: Path) -> None:
    study = write_study(tmp_path / "tiny")
    ended = call("report", study, "--out", tmp_path / "nothing")
    assert ended.exit_code == 2
    assert "Run the study" in ended.stderr


def test_locate_and_infeasible(tmp_path: Path) -> None:
    study = write_study(tmp_path / "tiny")
    told = json.loads(call("locate", study, "--offices", "2", "--json").stdout)
    assert told["gap"] == 0
    assert told["best"][0]["offices"] == "b;c"
    ended = call("locate", study, "--offices", "9")
    assert ended.exit_code == 3
    assert "3 areas cannot be divided among 9" in ended.stderr
    assert call("locate", study).exit_code == 2


def test_compare_shows_groups_by_scenario(tmp_path: Path) -> None:
    study = write_study(tmp_path / "tiny")
    told = json.loads(call("compare", study, "--profile", "walk", "--json").stdout)
    assert [row["group"] for row in told] == ["Avik", "Bnes", "Cdal"]
    assert told[0]["two"] == pytest.approx(4000 / 1.25 / 60)
    shown = call("compare", study, "--profile", "walk").stdout
    assert shown.startswith("mean_minutes [min], walk, now\n")
    assert "53.3" in shown
    ended = call("compare", study, "--scenario", "tow")
    assert ended.exit_code == 2
    assert "there is no scenario 'tow'" in ended.stderr


def test_new_makes_a_folder_once(tmp_path: Path) -> None:
    assert call("new", "mitt", "--folder", tmp_path).exit_code == 0
    assert (tmp_path / "mitt" / "study.toml").is_file()
    assert call("new", "mitt", "--folder", tmp_path).exit_code == 2


def test_trip_shows_the_legs_that_make_up_the_minutes(tmp_path: Path) -> None:
    study = write_study(tmp_path / "tiny")
    shown = call("trip", study, "p-a", "b", "--profile", "walk")
    assert shown.exit_code == 0
    assert shown.stdout.startswith("p-a → b, walk")
    legs = json.loads(call("trip", study, "p-a", "b", "--profile", "walk", "--json").stdout)
    assert legs[0]["from"] == "p-a"
    assert legs[-1]["to"] == "b"
    lost = call("trip", study, "p-a", "nowhere", "--profile", "walk")
    assert lost.exit_code == 2
    assert "there is no site 'nowhere'" in lost.stderr
    late = call("trip", study, "p-a", "b", "--at", "noon")
    assert late.exit_code == 2
    assert "'noon' is no time of day" in late.stderr


def test_visits_counts_the_zones_of_each_site(tmp_path: Path) -> None:
    study = write_study(tmp_path / "tiny")
    shown = call("visits", study, "--profile", "walk", "--stay", "30")
    assert shown.exit_code == 0
    assert "median minutes away" in shown.stdout
    rows = json.loads(call("visits", study, "--profile", "walk", "--json").stdout)
    assert {"zone", "site", "reason", "minutes_away"} <= set(rows[0])


def test_isochrones_are_told_and_written(tmp_path: Path) -> None:
    study = write_study(tmp_path / "tiny")
    layer = tmp_path / "new" / "land.gpkg"
    words = ("isochrones", study, "b", "--profile", "walk", "--limit", "30", "--limit", "60")
    shown = call(*words, "--json", "--out", layer)
    assert shown.exit_code == 0
    assert [row["limit_min"] for row in json.loads(shown.stdout)] == [30.0, 60.0]
    assert list(gpd.read_file(layer)["limit_min"]) == [30.0, 60.0]
    assert [path.name for path in layer.parent.iterdir()] == ["land.gpkg"]
    refused = call(*words, "--out", tmp_path / "land.txt")
    assert refused.exit_code == 2
    assert ".gpkg" in refused.stderr


def test_feed_tells_a_sound_feed_and_a_faulty_one(tmp_path: Path) -> None:
    bergen = Path(__file__).resolve().parents[2] / "data" / "bergen" / "gtfs.zip"
    shown = call("feed", bergen, "--date", "2025-10-14")
    assert shown.exit_code == 0
    assert "trips" in shown.stdout.lower()
    empty = call("feed", tmp_path, "--date", "2025-10-14")
    assert empty.exit_code == 0
    assert "Refused" in empty.stdout


def test_locate_tells_what_lies_around_the_best(tmp_path: Path) -> None:
    study = write_study(tmp_path / "tiny", study=with_two_free)
    words = ("locate", study, "--question", "two-free", "--front", "--regret", "--price", "a")
    told = json.loads(call(*words, "--within", "50", "--json").stdout)
    assert told["offices"] == ["b", "c"]
    assert (told["status"], told["gap"], told["unit"]) == ("proved", 0, "min")
    assert told["prices"][0]["price_minutes"] == pytest.approx(120 * 4000 / 1.25 / 60 / 840)
    assert [row["offices"] for row in told["front"]] == ["b;c", "a;halfway"]
    assert told["regret"][0]["structure"] == "robust"
    assert told["near_best"][0]["offices"] == "b;c"
    assert (told["near_best_count"], told["near_best_complete"]) == (1, True)
    shown = call(*words).stdout
    assert "6 structures ranked; proved: complete enumeration." in shown
    assert "\nprices\n" in shown
    assert "\nregret\n" in shown
    ended = call("locate", study, "--question", "two-free", "--limit-min", "10")
    assert ended.exit_code == 3
    assert "somebody has longer than 10 minutes" in ended.stderr
    assert call(*words, "--keep", "nowhere").exit_code == 2


def test_locate_by_the_solver_tells_its_bound_and_its_progress(tmp_path: Path) -> None:
    study = write_study(tmp_path / "tiny")
    words = ("locate", study, "--offices", "2", "--areas", "split", "--limit-min", "45")
    shown = call(*words, "--minimise", "people_beyond", "--close", "a")
    assert "people_beyond: 120.000 persons" in shown.stdout
    assert "proved: no structure is better than" in shown.stdout
    told = json.loads(call(*words, "--minimise", "offices", "--json").stdout)
    assert (told["value"], told["unit"], told["count"], told["best"]) == (2, "offices", None, [])


def test_what_is_told_beside_is_in_what_is_minimised(tmp_path: Path) -> None:
    study = write_study(tmp_path / "tiny", study=with_two_free)
    words = ("locate", study, "--question", "two-free", "--price", "b", "--within", "0", "--json")
    told = json.loads(call(*words, "--minimise", "worst_minutes").stdout)
    assert told["near_best"][0]["value"] == pytest.approx(told["value"])
    assert told["prices"][0]["best"] == pytest.approx(told["value"])
    assert told["site_shares"][0] == {"site": "a", "share": 1.0}
    ended = call(*words, "--minimise", "tail_minutes")
    assert ended.exit_code == 2
    assert "tail_minutes: --within, --price, --regret and --stability are not" in ended.stderr


def test_locate_tells_whether_the_best_stays_the_best(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = write_study(tmp_path / "tiny", study=with_two_free)
    words = ("locate", study, "--question", "two-free", "--profile", "walk", "--stability")
    rows = json.loads(call(*words, "--json").stdout)["stability"]
    assert [row["setting"] for row in rows if row["parameter"] == "outlook"] == ["now"]
    assert all(row["loss"] == pytest.approx(row["base_value"] - row["value"]) for row in rows)
    assert "\nstability\n" in call(*words).stdout
    worst = json.loads(call(*words, "--minimise", "worst_minutes", "--json").stdout)
    assert {row["parameter"] for row in worst["stability"]} == {"outlook"}
    assert call(*words, "--minimise", "tail_minutes").exit_code == 2

    def too_many(*_: object) -> TooManyError:
        return TooManyError([Fault("ranking", "count", "too many structures.")])

    monkeypatch.setattr(AskedStudy, "_ranked", too_many)
    assert json.loads(call(*words, "--json").stdout)["stability"] == [
        row | {"value": pytest.approx(row["value"]), "base_value": pytest.approx(row["base_value"])}
        for row in rows
    ]
    ended = call(*words, "--minimise", "worst_minutes")
    assert ended.exit_code == 2
    assert "only mean_minutes is searched" in ended.stderr


def test_a_question_of_the_study_keeps_its_own_rules(tmp_path: Path) -> None:
    study = write_study(tmp_path / "tiny", study=with_two_free)
    words = ("locate", study, "--question", "two-free")
    for more in (("--areas", "whole"), ("--sites", "existing"), ("--offices", "1")):
        ended = call(*words, *more)
        assert ended.exit_code == 2
        assert f"locate: {more[0][2:]}: " in ended.stderr


def test_how_few_offices_needs_no_number(tmp_path: Path) -> None:
    study = write_study(tmp_path / "tiny")
    words = ("locate", study, "--areas", "split", "--limit-min", "45", "--minimise", "offices")
    assert json.loads(call(*words, "--json").stdout)["value"] == 2
    assert json.loads(call(*words, "--sites", "existing", "--json").stdout)["value"] == 3


def test_ctrl_c_also_ends_what_is_told_beside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("navplan.study.study.Study.front", stopped)
    study = write_study(tmp_path / "tiny", study=with_two_free)
    words = ("locate", study, "--question", "two-free", "--price", "a", "--front", "--regret")
    ended = call(*words)
    assert ended.exit_code == 130
    assert "6 structures ranked" in ended.stdout
    assert "\nprices\n" in ended.stdout
    assert "Interrupted before: front, regret." in ended.stdout
    assert json.loads(call(*words, "--json").stdout)["left_out"] == ["front", "regret"]


def test_ctrl_c_keeps_the_best_so_far(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(problem: LocationProblem, watch: Watch) -> Solution:
        watch.tell(Gap("search", 10.0, 9.0, 0.5, 7))
        watch.tell(Gap("search", 10.0, 9.5, 0.6, 8))  # too soon to be told again
        whole = dict.fromkeys(problem.zones.areas, "b")
        scenario = Scenario("found", {}, ("b",), whole)
        return Solution("tail_minutes", 10.0, 9.5, "interrupted", "stopped", scenario, 0.0)

    monkeypatch.setattr("navplan.study.locating.solve", stopped)
    study = write_study(tmp_path / "tiny")
    words = ("locate", study, "--offices", "1", "--areas", "split", "--progress")
    words = (*words, "--minimise", "tail_minutes", "--front")
    ended = call(*words)
    assert "Interrupted before: front." in ended.stdout
    assert ended.exit_code == 130
    assert "tail_minutes: 10.000 minutes" in ended.stdout
    assert "interrupted: no structure is better than 9.500 minutes (gap 0.500" in ended.stdout
    assert ended.stderr.count("search: gap 10.000 %, 7 nodes, 0.5 s") == 1
    assert "8 nodes" not in ended.stderr
    told = call(*words, "--json")
    assert json.loads(told.stdout)["status"] == "interrupted"
    assert told.exit_code == 130
