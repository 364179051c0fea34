"""What every travel search asks of its inputs."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd

from navplan.errors import Fault
from navplan.nouns import Profile, Streets, Timetable
from navplan.nouns.checks import position_faults


def input_faults(
    where: str,
    profile: Profile,
    *,
    points: Mapping[str, gpd.GeoDataFrame],
    streets: Streets,
    timetable: Timetable | None,
) -> list[Fault]:
    """Tell what keeps points, streets and timetable from being used together.

    Parameters
    ----------
    where : str
        What is asked for, for the message.
    profile : Profile
        Mode and date.
    points : mapping of str to GeoDataFrame
        Points by what they are: zones, sites.
    streets : Streets
        The network.
    timetable : Timetable or None
        The service day.

    Returns
    -------
    list of Fault
        A transit profile without a timetable, or with one of another date; coordinate systems
        that differ from the streets'; ids that stand twice or have no position.
    """
    faults = []
    layers = {name: frame.crs for name, frame in points.items()}
    if profile.mode == "transit":
        if timetable is None:
            given = "the mode is transit, but no timetable is given."
            faults.append(Fault(where, "timetable", given, "Give one, or choose another mode."))
        else:
            layers["timetable"] = timetable.stops.crs
            if timetable.date != profile.date:
                given = f"it is of {timetable.date}, the profile of {profile.date}."
                faults.append(Fault(where, "timetable", given, "Read the profile's date."))
    for name, given_crs in layers.items():
        if given_crs != streets.nodes.crs:
            given = f"their CRS is {given_crs}, the streets' is {streets.nodes.crs}."
            faults.append(Fault(where, name, given, "Reproject them to the streets' CRS."))
    for name, frame in points.items():
        twice = frame.index[frame.index.duplicated()].unique()
        faults += [Fault(where, f"{name} {i}", "stands more than once.") for i in twice]
        faults += position_faults(frame, where, prefix=f"{name} ")
    return faults
