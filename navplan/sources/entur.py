"""Entur's timetables by codespace: which to take for a kommune, and their files."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from navplan.errors import Fault, FetchError, raise_faults
from navplan.sources.web import Fetched, Service, Web

SERVICE: Final = Service(
    id="entur",
    publisher="Entur",
    address="https://storage.googleapis.com/marduk-production/outbound/gtfs",
    licence="NLOD",
    attribution="Entur",
)
NORWAY: Final = "norway"
"""All of Norway's timetables in one file."""
BY_FYLKE: Final[Mapping[str, str]] = {
    "03": "rut",  # Oslo: Ruter
    "11": "kol",  # Rogaland: Kolumbus
    "15": "mor",  # Møre og Romsdal: Fram
    "18": "nor",  # Nordland: Reis Nordland
    "31": "ost",  # Østfold: Østfold kollektivtrafikk
    "32": "rut",  # Akershus: Ruter
    "33": "bra",  # Buskerud: Brakar
    "34": "inn",  # Innlandet: Innlandstrafikk
    "39": "vkt",  # Vestfold: Vestfold kollektivtrafikk
    "40": "tel",  # Telemark: Farte
    "42": "akt",  # Agder: Agder kollektivtrafikk
    "46": "sky",  # Vestland: Skyss
    "50": "atb",  # Trøndelag: AtB
    "55": "tro",  # Troms: Svipper
    "56": "fin",  # Finnmark: Snelandia
}
"""Fylke → codespace of the company that runs its local traffic. The codespaces are those under
which Entur publishes; which fylke is whose is put together here (an assumption)."""
MOST_BYTES: Final = 200_000_000
MOST_BYTES_NORWAY: Final = 1_000_000_000

_CODESPACE: Final = re.compile(r"[a-z]{3}|norway", re.ASCII)


def codespaces_of(kommuner: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Choose the timetables for kommuner.

    Parameters
    ----------
    kommuner : iterable of str
        Kommune numbers, four digits.

    Returns
    -------
    tuple of str
        Codespaces, sorted; ``("norway",)`` where the company of a fylke is not known.
    tuple of str
        Notices for the reader: what may be missing, or how large the file is.
    """
    fylker = sorted({kommune[:2] for kommune in kommuner})
    unknown = [fylke for fylke in fylker if fylke not in BY_FYLKE]
    if unknown:
        notice = (
            f"Which company runs the buses of fylke {', '.join(unknown)} is not known here: the "
            "timetable of all Norway is taken (about 600 MB). Name the codespace in the study to "
            "take less."
        )
        return (NORWAY,), (notice,)
    chosen = tuple(sorted({BY_FYLKE[fylke] for fylke in fylker}))
    notice = (
        f"The timetable holds what stands under {', '.join(chosen)} at Entur; trains, express "
        "coaches and boats of other companies may be missing."
    )
    return chosen, (notice,)


def timetables(web: Web, codespaces: Sequence[str]) -> tuple[Fetched, ...]:
    """Download timetables as GTFS.

    Parameters
    ----------
    web : Web
        Where answers come from.
    codespaces : sequence of str
        For example ``["sky"]``; ``"norway"`` is all of Norway, with extended route types.

    Returns
    -------
    tuple of Fetched
        One zip file a codespace, for `navplan.network.read_gtfs`, which reads it safely.

    Raises
    ------
    InputError
        If there is no codespace, one is written wrongly, or others stand beside ``"norway"``.
    FetchError
        If Entur cannot be reached, has no such timetable, or gives no zip file.
    """
    faults = [
        Fault("codespaces", name, "is no codespace.", "Write three small letters, e.g. sky.")
        for name in codespaces
        if _CODESPACE.fullmatch(name) is None
    ]
    if NORWAY in codespaces and len(codespaces) > 1:
        problem = "holds all the others."
        faults.append(Fault("codespaces", NORWAY, problem, "Name it alone, or leave it out."))
    if not codespaces:
        faults.append(Fault("codespaces", "", "none is named.", "Name one, e.g. sky."))
    raise_faults(faults)
    return tuple(_timetable(web, name) for name in dict.fromkeys(codespaces))


def _timetable(web: Web, codespace: str) -> Fetched:
    fetched = web.download(
        SERVICE,
        f"/rb_{codespace}-aggregated-gtfs.zip",
        most_bytes=MOST_BYTES_NORWAY if codespace == NORWAY else MOST_BYTES,
        name=f"the timetable of {codespace}",
    )
    if not zipfile.is_zipfile(fetched.path):
        raise FetchError(
            f"What Entur gave for {fetched.source.address} is no zip file. Run fetch with --update "
            "a little later."
        )
    return fetched
