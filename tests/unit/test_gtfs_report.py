"""The report on a feed, and the words for what runs."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from navplan.network.gtfs_means import is_ferry, means_of
from navplan.network.gtfs_report import feed_report
from tests import town
from tests.gtfs_bus import add_column, add_trip, bus_files, rewritten, row_of


@pytest.fixture
def files():
    return bus_files()


@pytest.fixture
def report(tmp_path, files):
    """Write the feed and report on it."""

    def reporter(date: dt.date = town.DATE, change=None) -> str:
        path = town.write_gtfs(tmp_path / "feed.zip", files)
        if change is not None:
            rewritten(path, "stops.txt", change)
        return feed_report(path, date, crs=town.CRS)

    return reporter


def section(text: str, head: str) -> list[str]:
    """The items under a heading."""
    lines = text.split(f"## {head}\n", 1)[1].split("\n## ", 1)[0].splitlines()
    return [line.removeprefix("- ") for line in lines if line]


def test_a_sound_feed_is_told_in_a_few_lines(files, report):
    files["calendar.txt"][1][-1] = "20241031"
    add_trip(files, "boat", ("33", "23:50"), ("32", "24:20"))
    files["routes.txt"].append(["r9", "9", 1004])
    files["trips.txt"][-1][0] = "r9"
    assert report() == (
        "# Timetable feed feed.zip, 2024-10-15 (Tuesday)\n"
        "\n"
        "- Operators: Town\n"
        "- Dates with service: 2024-10-15 to 2024-10-31, 13 days\n"
        "- 2 trips: 1 by bus, 1 by ferry\n"
        "- 5 stops served\n"
        "- First call 10:00, last 24:20\n"
        "\n## Refused\n\nNothing.\n"
        "\n## Repaired\n\nNothing.\n"
        "\n## Left out\n\nNothing.\n"
        "\n## Assumed\n\nNothing.\n"
    )


def test_everything_odd_stands_under_what_was_done_about_it(files, report):
    files["stops.txt"].append(list(files["stops.txt"][1]))
    files["shop.txt"] = [["x"]]
    files["stop_times.txt"][2][1:3] = ["", ""]
    add_column(files, "trips.txt", "block_id", {"t": "1"})
    add_trip(files, "u", ("02", "10:10"), ("12", "10:12"), block_id="1")
    files["transfers.txt"] = [
        ["from_stop_id", "to_stop_id", "transfer_type"],
        ["stop-31", "stop-11", 3],
    ]
    text = report()
    assert "- 1 rule for changes between stops\n" in text
    assert "- 1 trip going on as another, passengers staying seated\n" in text
    assert section(text, "Refused") == ["Nothing."]
    assert section(text, "Repaired") == [
        "stops.txt: 1 row with a stop_id used before; the first counts."
    ]
    assert section(text, "Left out") == ["shop.txt, which is not a file of GTFS."]
    assert section(text, "Assumed") == [
        "1 middle call without a time; spread evenly between the neighbours."
    ]


def test_a_faulty_feed_is_told_and_not_raised(files, report):
    row_of(files, "stops.txt", "stop-11")[2] = "97.6"
    text = report()
    assert section(text, "Refused")[0].startswith("stops.txt: 1 of 3 stops lie outside")
    assert "Dates with service: 2024-10-15 to 2024-10-15, 1 day" in text
    assert "served" not in text


def test_names_in_a_feed_cannot_write_headings_or_to_the_terminal(files, report):
    files["agency.txt"][1][1] = "Town\n## Refused\n\n- all\x1b[2J"
    text = report()
    assert "- Operators: Town ## Refused - all [2J\n" in text
    assert text.count("\n## ") == 4


def test_a_day_without_service_is_refused_with_the_span(files, report):
    text = report(dt.date(2025, 1, 1))
    assert "nothing runs on 2025-01-01; the feed has service from 2024-10-15" in text
    assert "(Wednesday)" in text


@pytest.mark.parametrize("name", ["missing.zip", "text.zip", "empty"])
def test_no_feed_at_all_is_told(tmp_path, name):
    (tmp_path / "text.zip").write_text("no zip")
    (tmp_path / "empty").mkdir()
    text = feed_report(tmp_path / name, town.DATE, crs=town.CRS)
    assert len(section(text, "Refused")) == 1
    assert "Nothing." not in section(text, "Refused")


@pytest.mark.parametrize("name", ["calendar.txt", "trips.txt", "agency.txt", "stop_times.txt"])
def test_a_missing_table_or_column_is_no_reason_to_break(files, report, name):
    table = files.pop(name)
    assert "missing" in report() or "neither calendar" in report()
    for column in range(len(table[0])):
        files[name] = [[cell for k, cell in enumerate(row) if k != column] for row in table]
        assert report().startswith("# Timetable feed feed.zip")


@pytest.mark.parametrize("seed", range(20))
def test_damaged_bytes_are_told_but_never_break(report, seed):
    rng = np.random.default_rng(seed)

    def damage(content: bytes) -> bytes:
        raw = bytearray(content)
        for place in rng.integers(0, len(raw), 4):
            raw[place] = int(rng.integers(0, 256))
        return bytes(raw)

    assert "## Refused" in report(change=damage)


@pytest.mark.parametrize(
    ("route_type", "means"),
    [
        (0, "tram"), (1, "metro"), (2, "rail"), (3, "bus"), (4, "ferry"), (5, "cable"),
        (6, "cable"), (7, "funicular"), (11, "trolleybus"), (12, "monorail"), (100, "rail"),
        (109, "rail"), (200, "coach"), (400, "metro"), (401, "metro"), (405, "monorail"),
        (700, "bus"), (704, "bus"), (800, "trolleybus"), (900, "tram"), (1000, "ferry"),
        (1004, "ferry"), (1100, "air"), (1200, "ferry"), (1300, "cable"), (1400, "funicular"),
        (1501, "taxi"), (1700, "other"), (8, "unknown"), (42, "unknown"), (-1, "unknown"),
        (1800, "unknown"), (99999, "unknown"),
    ],
)  # fmt: skip
def test_route_types_in_words(route_type, means):
    assert means_of(route_type) == means
    assert is_ferry(route_type) == (means == "ferry")
