"""Statistics Norway's tables with made-up figures: numbers of real kommuner, invented people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tests.services.server import Reply, Request
from tests.services.statbank import Axis, Grouping, Statbank, Table

AGES = {f"{age:03d}": f"{age} år" for age in range(105)} | {"105+": "105 år eller eldre"}
OLD_AGES = {f"{age:03d}": f"{age} år" for age in range(99)} | {"99+": "99 år eller eldre"}
SEXES = {"1": "Menn", "2": "Kvinner"}
KOMMUNER = {"1804": "Bodø", "1806": "Narvik", "1875": "Hamarøy", "4601": "Bergen"}
ENDED = {"1201": "Bergen (-2019)", "1850": "Tysfjord (-2019)"}


def people(cell: Mapping[str, str]) -> int:
    """A made-up count that tells its cell: same everywhere it is asked for."""
    age = int(cell["Alder"].rstrip("+"))
    base = sum(int(digit) for digit in cell["Region"] if digit.isdigit())
    return (base + 3 * age + int(cell["Tid"]) + int(cell["Kjonn"])) % 37


def _years(first: int, last: int) -> dict[str, str]:
    return {str(year): str(year) for year in range(first, last + 1)}


def _in_use(cell: Mapping[str, str]) -> int:
    """Nobody lives under a number before or after its time."""
    old, year = cell["Region"] in ENDED, int(cell["Tid"])
    return people(cell) if (year < 2020) == old or cell["Region"] == "1804" else 0


def _sex() -> Axis:
    return Axis("Kjonn", "kjønn", SEXES, elimination=True)


SUMMED = Grouping(
    "Kommuner, sammenslåtte tidsserier",
    {
        "K-1804": ("Bodø", ("1804",)),
        "K-1806": ("Narvik", ("1806",)),
        "K-4601": ("Bergen", ("4601", "1201")),
    },
)

POPULATION = Table(
    "07459",
    "07459: Befolkning, etter region, kjønn, alder, statistikkvariabel og år",
    (
        Axis(
            "Region",
            "region",
            {"0": "Hele landet", **KOMMUNER, **ENDED},
            elimination=True,
            groupings={"agg_KommSummer": SUMMED},
        ),
        _sex(),
        Axis("Alder", "alder", AGES, elimination=True),
        Axis("ContentsCode", "statistikkvariabel", {"Personer1": "Personer"}),
        Axis("Tid", "år", _years(2018, 2026)),
    ),
    _in_use,
)

BYDEL_REGIONS = {
    "0301": "Oslo kommune",
    "030100aa": "Oslo",
    "030101": "Bygdøy-Frogner (-2003)",
    "030102": "Uranienborg-Majorstuen",
    "030101a": "Gamle Oslo",
    "030117a": "Marka",
    "030199a": "Uoppgitt bydel Oslo",
    "460100": "Bergen",
    "460101": "Arna",
    "460102": "Bergenhus",
    "460199": "Uoppgitt bydel Bergen",
    "120101": "Arna (-2019)",
}
_CITIES = {"030100aa": ("030101a", "030117a", "030199a"), "460100": ("460101", "460102", "460199")}


def _of_bydel(cell: Mapping[str, str]) -> int:
    region, year = cell["Region"], int(cell["Tid"])
    if region in _CITIES:
        return sum(_of_bydel({**cell, "Region": part}) for part in _CITIES[region])
    if region == "120101":
        return people(cell) if year < 2020 else 0
    if region == "030117a" and year < 2019:
        return 0
    if region.startswith("4601") and year < 2020:
        return 0
    return people(cell) if not region.rstrip("a").endswith("99") or cell["Alder"] < "003" else 0


BYDELER = Table(
    "10826",
    "10826: Befolkning i de fire største byene, etter bydel, kjønn, alder og år",
    (
        Axis("Region", "region", BYDEL_REGIONS),
        _sex(),
        Axis("Alder", "alder", AGES, elimination=True),
        Axis("ContentsCode", "statistikkvariabel", {"Personer": "Personer"}),
        Axis("Tid", "år", _years(2018, 2026)),
    ),
    _of_bydel,
)

_SHIFT = {"MMMM": 0, "LLML": -1, "HHMH": 1}


def _projected(alternative: str, cell: Mapping[str, str]) -> int:
    return people(cell) + 2 + _SHIFT[alternative]


def newer_projection(
    contents: Mapping[str, str] | None = None, regions: Mapping[str, str] | None = None
) -> Table:
    """The edition that tells its alternatives by what is counted."""
    codes = {"Personer": "MMMM", "Personer1": "LLML", "Personer2": "HHMH"}
    labels = {
        "Personer": "Hovedalternativet (MMMM)",
        "Personer1": "Lav nasjonal vekst (LLML)",
        "Personer2": "Høy nasjonal vekst (HHMH)",
    }
    return Table(
        "14746",
        "14746: Framskrevet folkemengde 1. januar, etter region, kjønn, alder og år (K)",
        (
            Axis("Region", "region", regions or KOMMUNER),
            _sex(),
            Axis("Alder", "alder", AGES),
            Axis("ContentsCode", "statistikkvariabel", contents or labels),
            Axis("Tid", "år", _years(2026, 2050)),
        ),
        lambda cell: _projected(codes[cell["ContentsCode"]], cell),
        updated="2026-06-17T06:00:00Z",
    )


OLDER_PROJECTION = Table(
    "14288",
    "14288: Framskrevet folkemengde 1. januar, etter region, kjønn, alder, alternativ og år (K)",
    (
        Axis(
            "Region",
            "region",
            {"0": "Hele landet", "4601gml": "Bergen"},
            groupings={
                "vs_KommunFram2024Agg": Grouping(
                    "Kommuner 2024", {"K-4601": ("Bergen", ("4601gml",))}
                )
            },
        ),
        _sex(),
        Axis("Alder", "alder", OLD_AGES),
        Axis(
            "Framskriv",
            "alternativ",
            {"1": "Hovedalternativet (MMMM)", "2": "Lav vekst (LLML)", "3": "Høy vekst (HHMH)"},
        ),
        Axis("ContentsCode", "statistikkvariabel", {"Personer": "Framskrevet folkemengde"}),
        Axis("Tid", "år", _years(2024, 2050)),
    ),
    lambda cell: _projected({"1": "MMMM", "2": "LLML", "3": "HHMH"}[cell["Framskriv"]], cell),
    updated="2024-06-19T06:00:00Z",
)

NATIONAL_PROJECTION = Table(
    "13883",
    "13883: Framskrevet folkemengde 1. januar, etter kjønn, alder og år",
    (
        _sex(),
        Axis("Alder", "alder", AGES),
        Axis("ContentsCode", "statistikkvariabel", {"Personer": "Framskrevet folkemengde"}),
        Axis("Tid", "år", _years(2026, 2050)),
    ),
    lambda cell: 1,
    updated="2026-06-17T06:00:00Z",
)


def tables() -> tuple[Table, ...]:
    return (POPULATION, BYDELER, NATIONAL_PROJECTION, OLDER_PROJECTION, newer_projection())


def with_figure(table: Table, cell: Mapping[str, str], value: float | str | None) -> Table:
    """The table with another value where the codes fit."""

    def figure(asked: Mapping[str, str]) -> float | str | None:
        fits = all(asked[code] == one for code, one in cell.items())
        return value if fits else table.figure(asked)

    return replace(table, figure=figure)


def without_axis(table: Table, code: str) -> Table:
    return replace(table, axes=tuple(axis for axis in table.axes if axis.code != code))


def with_codes(table: Table, axis_code: str, codes: Mapping[str, str]) -> Table:
    """The table with other codes on one axis."""
    axes: Sequence[Axis] = [
        replace(axis, codes=codes) if axis.code == axis_code else axis for axis in table.axes
    ]
    return replace(table, axes=tuple(axes))


def answer(request: Request) -> Reply:
    return Statbank(tables())(request)
