"""What a run leaves behind: its tables, a GeoPackage and ``run.json``, written as a whole."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from navplan.errors import Fault, raise_faults
from navplan.results import publish
from navplan.results.tables import (
    ANSWERS,
    TABLES,
    check_columns,
    empty,
    read_table,
    write_table,
)
from navplan.units import LEAST_PEOPLE

__all__ = ["ANSWERS", "MANIFEST", "TABLES", "Results", "check_folder", "empty"]

MANIFEST: Final = "run.json"
LAYERS: Final = "results.gpkg"
_KEYS: Final = ("study", "base", "scenarios", "outlooks", "profiles")
_PARTIAL: Final = ".partial-"
_ABANDONED_S: Final = 3600
_AGAIN: Final = "Run the study again."


@dataclass(frozen=True, repr=False)
class Results:
    """All that a report is made of.

    Parameters
    ----------
    comparison, zone_minutes, ranking, zones, offices, outlooks, sources : DataFrame
        With the columns of `TABLES`; ``zones`` also ``people_<outlook>``.
    run : mapping
        What ``run.json`` holds: study, title, base, scenarios, outlooks, profiles, questions,
        digests, versions and more. Only plain values.
    crs : str
        Coordinate system of x and y, for example ``"EPSG:25833"``.
    answers, near_best, site_shares, prices, fronts, regrets, stability : DataFrame
        What the questions of the study come to, with the columns of `TABLES`; without rows where
        nothing is asked.

    Raises
    ------
    InputError
        On missing or unknown columns, or keys missing from `run`.
    """

    comparison: pd.DataFrame
    zone_minutes: pd.DataFrame
    ranking: pd.DataFrame
    zones: pd.DataFrame
    offices: pd.DataFrame
    outlooks: pd.DataFrame
    sources: pd.DataFrame
    run: Mapping[str, Any] = field(repr=False)
    crs: str
    answers: pd.DataFrame = field(default_factory=partial(empty, "answers"))
    near_best: pd.DataFrame = field(default_factory=partial(empty, "near_best"))
    site_shares: pd.DataFrame = field(default_factory=partial(empty, "site_shares"))
    prices: pd.DataFrame = field(default_factory=partial(empty, "prices"))
    fronts: pd.DataFrame = field(default_factory=partial(empty, "fronts"))
    regrets: pd.DataFrame = field(default_factory=partial(empty, "regrets"))
    stability: pd.DataFrame = field(default_factory=partial(empty, "stability"))

    def __post_init__(self) -> None:
        faults = [f for name in TABLES for f in check_columns(name, getattr(self, name))]
        faults += [
            Fault(MANIFEST, key, "the key is missing.", f"Expected: {', '.join(_KEYS)}.")
            for key in _KEYS
            if key not in self.run
        ]
        raise_faults(faults)

    def __repr__(self) -> str:
        rows = ", ".join(f"{name} {len(getattr(self, name)):,}" for name in TABLES)
        return f"Results({self.run['study']!r}, rows: {rows})"

    @property
    def masked(self) -> bool:
        """Whether small counts are hidden already."""
        return "disclosure" in self.run

    def published(self) -> Results:
        """Hide every count of one to nine people.

        Returns
        -------
        Results
            NaN stands for hidden counts; ``run["disclosure"]`` says so. See `results.publish`.
        """
        if self.masked:
            return self
        areas = publish.hidden_groups(self.comparison, "area")
        ages = publish.hidden_groups(self.comparison, "age")
        people = publish.totals(self.outlooks)
        return replace(
            self,
            comparison=publish.publishable_comparison(self.comparison),
            ranking=publish.publishable_ranking(self.ranking, people),
            answers=publish.publishable_ranking(self.answers, people),
            zones=publish.publishable_zones(self.zones, areas),
            outlooks=publish.publishable_outlooks(self.outlooks, areas, ages),
            run={**self.run, "disclosure": {"least": LEAST_PEOPLE}},
        )

    def write(self, folder: Path) -> None:
        """Write the tables, ``results.gpkg`` and ``run.json``, small counts hidden.

        Everything is written beside first and then moved into place, ``run.json`` last: it holds
        the digests of the tables, so that `read` refuses a folder that was left half written.
        Where a file cannot be replaced (another program holds it open), the old ones come back.

        Parameters
        ----------
        folder : Path
            Made if it is not there.

        Raises
        ------
        InputError
            If `run` holds something that is no plain value, or the folder cannot be written to
            or is a study's.
        """
        folder = Path(folder)
        check_folder(folder)
        _sweep(folder)
        shown = self.published()
        with tempfile.TemporaryDirectory(dir=folder, prefix=_PARTIAL) as beside:
            new = Path(beside)
            for name in TABLES:
                write_table(name, getattr(shown, name), new / f"{name}.csv")
            shown.write_layers(new / LAYERS)
            digests = {f"{name}.csv": _digest(new / f"{name}.csv") for name in TABLES}
            manifest = {**shown.run, "crs": self.crs, "tables": digests}
            try:
                text = json.dumps(manifest, ensure_ascii=False, indent=2, allow_nan=False)
            except (TypeError, ValueError) as error:
                raise_faults([Fault(MANIFEST, "", f"cannot be written: {error}.")])
            (new / MANIFEST).write_text(text + "\n", encoding="utf-8", newline="\n")
            _replace(new, folder, (*digests, LAYERS, MANIFEST))

    def write_layers(self, path: Path) -> None:
        """Write the layers ``zones`` and ``offices`` as a GeoPackage.

        Parameters
        ----------
        path : Path
            The file; replaced if it is there.
        """
        minutes = self.zone_minutes.assign(
            column=self.zone_minutes["scenario"] + "|" + self.zone_minutes["profile"]
        )
        wide = minutes.set_index(["zone", "column"])["minutes"].unstack("column")
        wide = wide[list(dict.fromkeys(minutes["column"]))]
        zones = self.zones.merge(wide, left_on="zone", right_index=True, how="left")
        path.unlink(missing_ok=True)
        for layer, table in (("zones", zones), ("offices", self.offices)):
            points = gpd.points_from_xy(table["x"].astype(float), table["y"].astype(float))
            plain = pd.DataFrame(table).drop(columns=["x", "y"])
            frame = gpd.GeoDataFrame(plain, geometry=points, crs=self.crs)
            frame.to_file(path, layer=layer, driver="GPKG", engine="pyogrio")

    @classmethod
    def read(cls, folder: Path) -> Results:
        """Read what `write` wrote.

        Parameters
        ----------
        folder : Path
            The results folder.

        Returns
        -------
        Results
            With small counts hidden, as written.

        Raises
        ------
        InputError
            If there is no ``run.json``; else with every missing file, column and key, every text
            that should be a number, and every table that is not the one it was written with.
        """
        path = folder / MANIFEST
        if not path.is_file():  # written last: without it no table is of any run
            raise_faults([Fault(MANIFEST, "", f"is not in {folder}.", "Run the study first.")])
        faults: list[Fault] = []
        run: dict[str, Any] = {}
        try:
            run = json.loads(path.read_text(encoding="utf-8"))
        except (ValueError, RecursionError) as error:
            faults.append(Fault(MANIFEST, "", f"cannot be read: {error}.", _AGAIN))
        if not isinstance(run, dict) or not isinstance(run.get("tables", {}), dict):
            run = {}
            faults.append(Fault(MANIFEST, "", "holds something else than a run.", _AGAIN))
        frames = {}
        for name in TABLES:
            frames[name], found = read_table(name, folder / f"{name}.csv")
            faults += found
        for name, digest in run.get("tables", {}).items():
            file = folder / name
            if file.is_file() and _digest(file) != digest:
                given = f"is not the table {MANIFEST} was written with."
                faults.append(Fault(name, "", given, _AGAIN))
        if run and "crs" not in run:
            faults.append(Fault(MANIFEST, "crs", "the key is missing.", _AGAIN))
        raise_faults(faults)
        crs = run.pop("crs")
        run.pop("tables", None)
        return cls(**frames, run=run, crs=crs)


def check_folder(folder: Path) -> None:
    """Make a results folder and see that it can be written to.

    Parameters
    ----------
    folder : Path
        Made if it is not there.

    Raises
    ------
    InputError
        If it cannot be made or written to, or holds a study, whose tables would be lost.
    """
    if (folder / "study.toml").exists():
        problem = "is the folder of a study: results have an offices.csv too."
        raise_faults([Fault(str(folder), "", problem, "Choose another folder.")])
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        problem = f"cannot be written to ({error.strerror})."
        remedy = "Choose another folder, or see to your rights there."
        raise_faults([Fault(str(folder), "", problem, remedy)])


def _sweep(folder: Path) -> None:
    """Remove what runs that were killed left behind; a younger one may still be at work."""
    for left in folder.glob(f"{_PARTIAL}*"):
        if time.time() - left.stat().st_mtime > _ABANDONED_S:
            shutil.rmtree(left, ignore_errors=True)


def _replace(new: Path, folder: Path, names: tuple[str, ...]) -> None:
    """Move files into place, all of them or none."""
    old = new / "old"
    old.mkdir()
    begun = []
    try:
        for name in names:
            begun.append(name)
            if (folder / name).exists():
                (folder / name).replace(old / name)
            (new / name).replace(folder / name)
    except BaseException as error:
        for name in begun:
            if (old / name).exists():
                (old / name).replace(folder / name)
            elif not (new / name).exists():
                (folder / name).unlink(missing_ok=True)
        if not isinstance(error, OSError):
            raise
        problem = f"cannot be replaced ({error.strerror}); the old results stand."
        remedy = "Close the programs that hold it open and run again."
        raise_faults([Fault(begun[-1], "", problem, remedy)])


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
