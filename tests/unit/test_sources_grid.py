"""The population grid: corners, areas, coarse coasts."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
from shapely import box

from navplan.errors import InputError
from navplan.sources import read_grid

X, Y = -32_000, 6_733_000


def cell(column: int, row: int) -> str:
    return f"{(X + column * 250 + 2_000_000) * 10_000_000 + Y + row * 250:014d}"


def grid(folder: Path, cells: dict[str, object]) -> Path:
    path = folder / "grid.csv"
    rows = "".join(f"{i},{n}\n" for i, n in cells.items())
    path.write_text("ssbid250m,people\n" + rows)
    return path


def areas(*boxes: tuple[str, int, int, int, int]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"area": [b[0] for b in boxes], "kommune": ["4601"] * len(boxes)},
        geometry=[box(X + b[1], Y + b[2], X + b[3], Y + b[4]) for b in boxes],
        crs="EPSG:25833",
    )


def test_cells_lie_at_their_centre_in_their_area(tmp_path: Path) -> None:
    path = grid(tmp_path, {cell(0, 0): 1, cell(1, 0): 2, cell(2, 0): 4, cell(9, 9): 8})
    zones, people = read_grid(
        path, areas=areas(("A", 0, 0, 500, 250), ("B", 500, 0, 1000, 250)).to_crs(4326), name="now"
    )
    assert list(zones.table["area"]) == ["A", "A", "B"]
    assert [(p.x, p.y) for p in zones.table.geometry] == [
        (X + 125, Y + 125), (X + 375, Y + 125), (X + 625, Y + 125),
    ]  # fmt: skip
    assert people.people.to_dict() == {f"c{cell(i, 0)}": 2**i for i in range(3)}
    assert people.name == "now"


def test_statistics_norways_own_headings_are_read(tmp_path: Path) -> None:
    plain = grid(tmp_path, {cell(0, 0): 1, cell(1, 0): 2})
    own = tmp_path / "own.csv"
    text = plain.read_text().replace("ssbid250m,people", "SSBID0250M,pop_tot")
    own.write_text(text.replace(",", ";"))
    area = areas(("A", 0, 0, 500, 250))
    zones, people = read_grid(own, areas=area, name="now")
    same_zones, same_people = read_grid(plain, areas=area, name="now")
    assert zones.digest == same_zones.digest
    assert people.table.equals(same_people.table)


def test_cells_off_a_coarse_coast_count_within_reach_unless_others_own_them(tmp_path: Path) -> None:
    path = grid(tmp_path, {cell(0, 0): 1, cell(2, 0): 2, cell(0, 2): 4, cell(20, 0): 8})
    here = areas(("A", 0, 0, 250, 250))
    assert read_grid(path, areas=here, name="x")[1].people.sum() == 1
    assert read_grid(path, areas=here, name="x", reach_m=500)[1].people.sum() == 7
    neighbour = areas(("N", 0, 500, 250, 750))
    reached = read_grid(path, areas=here, name="x", reach_m=500, others=neighbour)
    assert reached[1].people.sum() == 3
    assert set(reached[0].table["area"]) == {"A"}


def test_faults_come_together(tmp_path: Path) -> None:
    text = f"ssbid250m,people\n{cell(0, 0)},3\n{cell(0, 0)},4\n12,5\n{cell(1, 0)},-2\n"
    path = tmp_path / "grid.csv"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_grid(path, areas=areas(("A", 0, 0, 500, 250)), name="x")
    assert {fault.key for fault in caught.value.faults} == {
        "row 3, ssbid250m", "row 4, ssbid250m", "row 5, people",
    }  # fmt: skip


def test_areas_must_not_overlap_and_must_hold_people(tmp_path: Path) -> None:
    path = grid(tmp_path, {cell(0, 0): 3})
    with pytest.raises(InputError, match="more than one area"):
        read_grid(path, areas=areas(("A", 0, 0, 500, 250), ("B", 0, 0, 250, 250)), name="x")
    with pytest.raises(InputError, match="no inhabited cell"):
        read_grid(path, areas=areas(("A", 5000, 0, 5500, 250)), name="x")
    with pytest.raises(InputError, match="column kommune is missing"):
        read_grid(path, areas=areas(("A", 0, 0, 9, 9)).drop(columns="kommune"), name="x")
    with pytest.raises(InputError, match="no such file"):
        read_grid(tmp_path / "no.csv", areas=areas(("A", 0, 0, 9, 9)), name="x")
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="Expected ssbid250m and people"):
        read_grid(tmp_path / "other.csv", areas=areas(("A", 0, 0, 9, 9)), name="x")
