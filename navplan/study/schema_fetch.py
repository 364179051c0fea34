"""What `navplan fetch` asks the services for: the ``[fetch]`` section of a study file.

What the section leaves out is the planner's own file, and is never written.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

BYDEL_CITIES: Final = ("0301", "1103", "4601", "5001")
"""Oslo, Stavanger, Bergen and Trondheim: the kommuner that are divided into bydeler."""
ADDRESSES: Final = "office-addresses.csv"
"""The office table that `navplan new` makes."""

Shares = Literal["constant", "cohort", "dwellings"]
Year = Annotated[int, Field(ge=1986, le=2100)]


class Fetch(BaseModel):
    """What a study has fetched, and for which kommuner.

    Parameters
    ----------
    kommuner : tuple of str
        Kommune numbers of four digits, as they are on the day `at`.
    fylke : str, optional
        Every kommune of this fylke, beside those named.
    at : date
        The day whose codes and borders hold.
    area : {"kommune", "bydel"}
        What an office serves; bydeler only in Oslo, Stavanger, Bergen and Trondheim.
    places : {"grid"}, optional
        Statistics Norway's inhabited squares become the places people live; with it come
        people.csv and, for maps, borders.gpkg.
    cell_m : int
        Side of a square of the map service [m].
    cells : str, optional
        The planner's own file of squares, SSB's of 250 m or 1 km, instead of those of the map
        service; it tells the size itself.
    years : tuple of int
        The residents of 1 January of these years.
    projection_years : tuple of int
        Years of the newest projection.
    alternatives : tuple of str
        Alternatives of the projection: fertility, life expectancy, moving within Norway and
        immigration, each M, L, H, K or 0; MMMM is the main one.
    as_wrong_as_last_time : bool
        Beside the main alternative two more, low and high, as far off as the projection of 2016
        was; up to ten years ahead.
    shares : {"constant", "cohort", "dwellings"}
        How a projection of a kommune is spread over its bydeler.
    dwellings : str, optional
        Table of the planner's own for shares of dwellings: area, year, dwellings.
    ages : tuple of int
        Lowest age of each group, rising from 0.
    neighbours : {"borders"}, optional
        Areas whose borders meet count as neighbours.
    streets : {"geofabrik", "overpass"}, optional
        The file of ``[streets] osm``, cut from an extract of Norway or asked for area by area.
    margin_km : float
        So far beyond the borders streets are taken along, for ways that leave the area [km].
    timetable : str, optional
        The file of ``[timetable] gtfs``: the codespace of one of Entur's feeds, as in "sky",
        "norway" for all of Norway, or "auto" for the one known to serve the fylke.
    offices : tuple of str, optional
        Where offices come from, the first that has any: a table of addresses in the study's
        folder, or "osm".
    possible : int
        How many of the most populated squares become possible sites.
    possible_apart_km : float
        Possible sites lie at least so far from each other and from every office [km].
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    kommuner: tuple[str, ...] = ()
    fylke: str | None = None
    at: dt.date
    area: Literal["kommune", "bydel"] = "kommune"
    places: Literal["grid"] | None = None
    cell_m: Literal[1000] = 1000
    cells: str | None = None
    years: tuple[Year, ...] = ()
    projection_years: tuple[Year, ...] = ()
    alternatives: tuple[str, ...] = ("MMMM",)
    as_wrong_as_last_time: bool = False
    shares: Shares = "constant"
    dwellings: str | None = None
    ages: tuple[int, ...] = Field(default=(0, 18, 67, 80), min_length=1)
    neighbours: Literal["borders"] | None = None
    streets: Literal["geofabrik", "overpass"] | None = None
    margin_km: float = Field(default=10.0, ge=0, le=100)
    timetable: str | None = None
    offices: tuple[str, ...] = ()
    possible: int = Field(default=0, ge=0, le=200)
    possible_apart_km: float = Field(default=3.0, gt=0)
