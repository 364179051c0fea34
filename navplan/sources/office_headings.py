"""What the columns and words of office tables mean, in Norwegian and English.

One stated table: what stands here is read, all else is named as not read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("id",),
    "enhet": ("enhetnr", "enhetsnr", "enhetsnummer", "officenr", "officenumber", "kontornr"),
    "name": ("name", "navn", "namn", "kontor", "officename", "enhetsnavn"),
    "kind": ("kind", "type", "slag"),
    "status": ("status",),
    "address": ("address", "adresse", "besøksadresse", "besoksadresse", "visitingaddress"),
    "street": ("street", "gate", "gatenavn", "gatenamn", "adressenavn", "adressenamn", "vei",
               "veg", "streetname"),
    "number": ("number", "husnummer", "husnr", "nummer", "housenumber"),
    "letter": ("letter", "husbokstav", "bokstav", "houseletter"),
    "postcode": ("postcode", "postnummer", "postnr", "zip", "postalcode"),
    "place": ("place", "poststed", "poststad", "posttown", "city"),
    "kommune": ("kommune", "kommunenummer", "kommunenr", "kommuneno", "municipality"),
    "area": ("area", "område", "omrade", "bydel", "areaname"),
    "lon": ("lon", "lng", "longitude", "lengdegrad"),
    "lat": ("lat", "latitude", "breddegrad", "breiddegrad"),
    "x": ("x", "east", "easting", "øst", "aust"),
    "y": ("y", "north", "northing", "nord"),
    "step_free": ("stepfree", "trinnfri", "trinnfritt", "trinnfriinngang", "rullestol"),
    "reception": ("publikumsmottak", "mottak", "reception"),
    "mon": ("mon", "monday", "mandag", "måndag"),
    "tue": ("tue", "tuesday", "tirsdag", "tysdag"),
    "wed": ("wed", "wednesday", "onsdag"),
    "thu": ("thu", "thursday", "torsdag"),
    "fri": ("fri", "friday", "fredag"),
    "sat": ("sat", "saturday", "lørdag", "laurdag"),
    "sun": ("sun", "sunday", "søndag", "sundag"),
}  # fmt: skip
"""Our column → headings that mean it, in small letters without spaces, points and hyphens."""

KINDS: Final[Mapping[str, str]] = {
    "": "office",
    "office": "office",
    "kontor": "office",
    "navkontor": "office",
    "lokal": "office",
    "counter": "counter",
    "skranke": "counter",
    "publikumsmottak": "counter",
    "filial": "counter",
    "outreach": "outreach",
    "oppsøkende": "outreach",
    "oppsøkjande": "outreach",
    "ambulerende": "outreach",
    "ambulerande": "outreach",
    "utekontor": "outreach",
    "possible": "possible",
    "mulig": "possible",
    "mogleg": "possible",
    "kandidat": "possible",
    "forslag": "possible",
}
YES: Final = ("yes", "ja", "true", "sann", "1", "x")
NO: Final = ("no", "nei", "false", "usann", "0")
UNKNOWN: Final = ("", "unknown", "ukjent", "vetikke")
CLOSED: Final = ("", "stengt", "stengd", "closed")
BY_APPOINTMENT: Final = ("kuntimeavtale", "timeavtale", "etteravtale", "byappointment")
IN_USE: Final = ("", "aktiv", "active", "iuse", "underavvikling", "underetablering")
GONE: Final = ("nedlagt", "lagtned", "nedlagd", "closed", "discontinued")


def plain(text: str) -> str:
    """Reduce a heading or a word to what is compared.

    Parameters
    ----------
    text : str
        As it stands in the table.

    Returns
    -------
    str
        Small letters, without spaces, points, hyphens and underscores.
    """
    return re.sub(r"[\s._\-]+", "", text).lower()


def columns_meant(headings: list[str]) -> tuple[dict[str, list[int]], list[str]]:
    """Find which of our columns each heading means.

    Parameters
    ----------
    headings : list of str
        The table's first row.

    Returns
    -------
    dict
        Our column → places of the headings that mean it, from 0.
    list of str
        Headings that mean none.
    """
    meaning = {word: ours for ours, words in HEADINGS.items() for word in words}
    found: dict[str, list[int]] = {}
    unread = []
    for at, heading in enumerate(headings):
        ours = meaning.get(plain(heading))
        if ours is None:
            unread.append(heading)
        else:
            found.setdefault(ours, []).append(at)
    return found, unread
