"""Opening hours of the planner's own office table."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from navplan import tables
from navplan.errors import Fault, raise_faults
from navplan.sources import read_table
from navplan.study.fetching.ground import Ground
from navplan.study.fetching.offices import is_filled_in, office_table
from navplan.study.fetching.parts import OSM
from navplan.study.fetching.record import Made
from navplan.study.fetching.tables import write_table

_COLUMNS: Final = tuple(tables.HOURS.columns)


def fetch_hours(ground: Ground, folder: Path) -> Made:
    """Write the opening hours that the planner's office table gives.

    Parameters
    ----------
    ground : Ground
        The study; its offices table is there already.
    folder : Path
        Where the file goes.

    Returns
    -------
    Made
        Hours of offices that the offices table does not have, as of those outside every area, are
        left out.

    Raises
    ------
    InputError
        With the faults of the planner's table, or if it gives no hours.
    FetchError
        If the register of kommune numbers cannot be asked.
    """
    name = ground.file.offices.hours
    assert name is not None
    own = [ground.folder / one for one in ground.fetch.offices if one != OSM]
    path = next((one for one in own if is_filled_in(one)), own[0])
    if not is_filled_in(path):
        _no_hours(name, f"{path.name} has no office whose hours could be taken.")
    offices, faults = read_table(ground.folder / ground.file.offices.file, tables.OFFICES)
    raise_faults(faults)
    read, sources = office_table(ground, path)
    hours = read.hours[read.hours["office"].isin(offices["id"])]
    if hours.empty:
        _no_hours(name, f"no office of {ground.file.offices.file} has hours in {path.name}.")
    table = hours.assign(source=path.name, date=ground.fetch.at.isoformat(), quality="approximate")
    write_table(table[list(_COLUMNS)], folder / name)
    return Made(sources)


def _no_hours(name: str, problem: str) -> None:
    remedy = "Fill in the columns mon … sun, as in 10:00-14:00, or remove hours = … of [offices]."
    raise_faults([Fault(name, "", problem, remedy)])
