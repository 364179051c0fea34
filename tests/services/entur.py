"""Entur's timetables: one made-up bus line between two stops of the made-up kommune 1804."""

from __future__ import annotations

from tests.services.kartverket import TO_DEGREES, X, Y, zipped
from tests.services.server import Reply, Request

CODESPACES = ("nor", "sky", "rut", "norway")


def feed(codespace: str) -> bytes:
    """A GTFS feed of a codespace: every half hour from six to twenty, Monday to Friday."""
    tables = {
        "agency": "agency_id,agency_name,agency_url,agency_timezone\n"
        f"A,Øvingsbuss {codespace},https://example.org,Europe/Oslo\n",
        "stops": "stop_id,stop_name,stop_lat,stop_lon\n" + _stops(),
        "routes": "route_id,agency_id,route_short_name,route_type\nR,A,1,704\n",
        "calendar": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,"
        "start_date,end_date\nS,1,1,1,1,1,0,0,20261101,20261231\n",
        "trips": "route_id,service_id,trip_id,direction_id\n",
        "stop_times": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n",
    }
    for half in range(12, 40):
        leaves, arrives = (f"{half // 2:02d}:{half % 2 * 30 + m:02d}:00" for m in (0, 9))
        tables["trips"] += f"R,S,T{half},0\nR,S,B{half},1\n"
        for trip, ends in (("T", ("west", "east")), ("B", ("east", "west"))):
            for order, (stop, time) in enumerate(zip(ends, (leaves, arrives), strict=True), 1):
                tables["stop_times"] += f"{trip}{half},{time},{time},{stop},{order}\n"
    return zipped({f"{name}.txt": text.encode() for name, text in tables.items()})


def _stops() -> str:
    rows = []
    for stop, x in (("west", X + 7_000), ("east", X + 13_000)):
        lon, lat = TO_DEGREES.transform(x, Y + 9_000)
        rows.append(f"{stop},{stop.title()},{lat:.6f},{lon:.6f}\n")
    return "".join(rows)


def answer(request: Request) -> Reply:
    """/rb_<codespace>-aggregated-gtfs.zip."""
    name = request.path.removeprefix("/rb_").removesuffix("-aggregated-gtfs.zip")
    if name not in CODESPACES:
        return Reply(b"<Error><Code>NoSuchKey</Code></Error>", 404, "application/xml")
    return Reply(feed(name), kind="application/zip")
