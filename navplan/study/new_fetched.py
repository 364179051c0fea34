"""The study file of a new study whose tables are to be fetched."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Final

import pandas as pd

from navplan.errors import Fault
from navplan.sources.klass import became
from navplan.study.checks import FYLKER
from navplan.study.finding import embedded_folders
from navplan.study.schema_fetch import BYDEL_CITIES
from navplan.units import LANGUAGES, Language

ADDRESS_HEADINGS: Final = (
    *("id", "name", "street", "number", "letter", "postcode", "place", "kommune", "step_free"),
)
"""Of the table of addresses; more columns may be there, see docs/sources.md."""
_CHANGES: Final = "codes/kommune_changes.csv"
"""Codes that went out of use, beside the embedded studies."""
_TODAY: Final = "from 2024"
_TUESDAY: Final = 1
_SOON_YEARS: Final = 10
_LATER_YEARS: Final = 20
_PUBLISHED_MONTH: Final = 3
"""From March on Statistics Norway has published the residents of 1 January."""

_JOINED: Final[Mapping[Language, tuple[str, str, str, str]]] = {
    "nb": ("NAV-kontor i kommune", "NAV-kontor i kommunene", "NAV-kontor i fylke", "og"),
    "nn": ("NAV-kontor i kommune", "NAV-kontor i kommunane", "NAV-kontor i fylke", "og"),
    "en": ("NAV offices in kommune", "NAV offices in the kommuner", "NAV offices in fylke", "and"),
}
_NOW: Final[Mapping[Language, str]] = {
    "nb": "Folketallet 1. januar {year}",
    "nn": "Folketalet 1. januar {year}",
    "en": "Population on 1 January {year}",
}
_ALTERNATIVES: Final[Mapping[str, tuple[str, Mapping[Language, str]]]] = {
    "MMMM": (
        "main",
        {
            "nb": "Hovedalternativet for {year}",
            "nn": "Hovudalternativet for {year}",
            "en": "Main projection for {year}",
        },
    ),
    "LLML": (
        "low",
        {
            "nb": "Lav nasjonal vekst til {year}",
            "nn": "Låg nasjonal vekst til {year}",
            "en": "Low national growth until {year}",
        },
    ),
    "HHMH": (
        "high",
        {
            "nb": "Høy nasjonal vekst til {year}",
            "nn": "Høg nasjonal vekst til {year}",
            "en": "High national growth until {year}",
        },
    ),
}
_AS_WRONG: Final[Mapping[str, tuple[str, Mapping[Language, str], Mapping[Language, str]]]] = {
    "MMMM-low": (
        "as-wrong-low",
        {
            "nb": "Bommer som sist: færre i {year}",
            "nn": "Bommar som sist: færre i {year}",
            "en": "As wrong as last time: fewer in {year}",
        },
        {
            "nb": "Hovedalternativet, satt ned i hver kommune. Bommer framskrivingen som den fra "
            "2016, får åtte av ti kommuner på samme størrelse et folketall mellom dette og det "
            "høye. Alle kommuner slår ut samme vei, og hver rute og aldersgruppe beholder sin "
            "andel av kommunens innbyggere.",
            "nn": "Hovudalternativet, sett ned i kvar kommune. Bommar framskrivinga som den frå "
            "2016, får åtte av ti kommunar på same storleik eit folketal mellom dette og det høge. "
            "Alle kommunane slår ut same veg, og kvar rute og aldersgruppe held på sin del av "
            "innbyggjarane i kommunen.",
            "en": "The main projection, lowered in each kommune. If it is as wrong as that of "
            "2016, eight of ten kommuner of the same size end up between this and the high "
            "figure. All kommuner move the same way, and every square and age group keeps its "
            "share of the kommune's residents.",
        },
    ),
    "MMMM-high": (
        "as-wrong-high",
        {
            "nb": "Bommer som sist: flere i {year}",
            "nn": "Bommar som sist: fleire i {year}",
            "en": "As wrong as last time: more in {year}",
        },
        {
            "nb": "Hovedalternativet, satt opp i hver kommune. Bommer framskrivingen som den fra "
            "2016, får åtte av ti kommuner på samme størrelse et folketall mellom det lave og "
            "dette. Alle kommuner slår ut samme vei, og hver rute og aldersgruppe beholder sin "
            "andel av kommunens innbyggere.",
            "nn": "Hovudalternativet, sett opp i kvar kommune. Bommar framskrivinga som den frå "
            "2016, får åtte av ti kommunar på same storleik eit folketal mellom det låge og dette. "
            "Alle kommunane slår ut same veg, og kvar rute og aldersgruppe held på sin del av "
            "innbyggjarane i kommunen.",
            "en": "The main projection, raised in each kommune. If it is as wrong as that of 2016, "
            "eight of ten kommuner of the same size end up between the low figure and this. All "
            "kommuner move the same way, and every square and age group keeps its share of the "
            "kommune's residents.",
        },
    ),
}
"""As wrong as last time: short name, titles and methods."""
_COUNTED: Final[Mapping[Language, str]] = {
    "nb": "SSBs tall per {area} og alder, fordelt på ruter etter SSBs rutenett. Vi antar at "
    "alderssammensetningen er den samme i alle ruter i samme {area}.",
    "nn": "SSB sine tal per {area} og alder, fordelte på ruter etter rutenettet til SSB. Vi går "
    "ut frå at alderssamansetjinga er den same i alle ruter i same {area}.",
    "en": "SSB's figures by {area} and age, spread over the squares of SSB's grid. We assume the "
    "same ages in every square of a {area}.",
}
_PROJECTED: Final[Mapping[Language, str]] = {
    "nb": "SSBs nyeste framskriving per kommune og alder. Vi antar at hver rute beholder sin andel "
    "av innbyggerne i samme {area}.",
    "nn": "Den nyaste framskrivinga frå SSB per kommune og alder. Vi går ut frå at kvar rute held "
    "på sin del av innbyggjarane i same {area}.",
    "en": "SSB's newest projection by kommune and age. We assume that every square keeps its "
    "share of the residents of its {area}.",
}


def code_faults(kommuner: Sequence[str], fylke: str | None) -> list[Fault]:
    """Find codes that no kommune or fylke has today, as far as can be told without asking.

    Parameters
    ----------
    kommuner : sequence of str
        Kommune numbers.
    fylke : str or None
        A fylke number.

    Returns
    -------
    list of Fault
    """
    known = FYLKER[_TODAY].split()
    faults = [
        Fault("new", "--kommune", f"{code!r} is no kommune number.", "Give four digits.")
        for code in kommuner
        if re.fullmatch(r"\d{4}", code, re.ASCII) is None
    ]
    faults += [
        Fault("new", "--kommune", f"{code} stands more than once.", "Give it once.")
        for code in dict.fromkeys(kommuner)
        if kommuner.count(code) > 1
    ]
    old = {} if faults else _out_of_use(kommuner)
    faults += [
        Fault("new", "--kommune", f"{code} is no longer in use.", f"It is now {now}.")
        for code, now in old.items()
    ]
    prefixes = [("--kommune", code, code[:2]) for code in kommuner if not faults]
    prefixes += [] if fylke is None else [("--fylke", fylke, fylke)]
    return faults + [
        Fault("new", key, f"{code}: there is no fylke {prefix} {_TODAY}.",
              f"Fylker are: {', '.join(known)}. Look up what the code became.")
        for key, code, prefix in prefixes
        if prefix not in known
    ]  # fmt: skip


def _out_of_use(kommuner: Sequence[str]) -> dict[str, str]:
    """Old kommune number → what stands for it, by the list that comes with navplan."""
    listed = [folder / _CHANGES for folder in embedded_folders() if (folder / _CHANGES).is_file()]
    if not listed:
        return {}
    changed = pd.read_csv(listed[0], dtype=str, keep_default_na=False)
    names = dict(zip(changed["newCode"], changed["newName"], strict=True))
    new = {code: became(code, changed) for code in kommuner}
    return {
        code: " and ".join(f"{one} {names.get(one, '')}".rstrip() for one in now)
        for code, now in new.items()
        if now != (code,)
    }


def study_text(name: str, kommuner: Sequence[str], fylke: str | None, *, today: dt.date) -> str:
    """Write the study file.

    Parameters
    ----------
    name : str
        Name of the study.
    kommuner : sequence of str
        Kommune numbers.
    fylke : str or None
        A fylke number.
    today : date
        Decides which years' figures there are, and for which weekday times are found.

    Returns
    -------
    str
        Commented TOML.
    """
    area = "bydel" if kommuner and set(kommuner) <= set(BYDEL_CITIES) and not fylke else "kommune"
    year = today.year if today.month >= _PUBLISHED_MONTH else today.year - 1
    soon, later = year + _SOON_YEARS, year + _LATER_YEARS
    codes = [f'"{code}"' for code in kommuner]
    lines = [f"kommuner = [{', '.join(codes)}]"] if codes else []
    lines += [] if fylke is None else [f'fylke = "{fylke}"              # every kommune of it']
    named = [("actual", year), *((a, soon) for a in ("MMMM", *_AS_WRONG))]
    named += [(a, later) for a in _ALTERNATIVES]
    values = {
        "NAME": name,
        **{
            f"TITLE_{language.upper()}": _title(language, kommuner, fylke) for language in LANGUAGES
        },
        "AREA": area,
        "CODES": "\n".join(lines),
        "AT": today.isoformat(),
        "YEAR": str(year),
        "SOON": str(soon),
        "LATER": str(later),
        "DAY": _tuesday(today).isoformat(),
        "OUTLOOKS": "\n".join(_outlook(alternative, y, area) for alternative, y in named),
    }
    return _filled("fetched.toml", values)


def _title(language: Language, kommuner: Sequence[str], fylke: str | None) -> str:
    one, many, of_fylke, also = _JOINED[language]
    whole = [] if fylke is None else [f"{of_fylke} {fylke}"]
    if not kommuner:
        return whole[0]
    listed = ", ".join(kommuner[:-1])
    text = f"{many} {listed} {also} {kommuner[-1]}" if listed else f"{one} {kommuner[0]}"
    return f" {also} ".join([*whole, text])


def _tuesday(today: dt.date) -> dt.date:
    """The Tuesday of next week: feeds hold it, and offices are open."""
    return today + dt.timedelta(days=7 + _TUESDAY - today.weekday())


def _outlook(alternative: str, year: int, area: str) -> str:
    counted = alternative == "actual"
    if alternative in _AS_WRONG:
        short, titles, methods = _AS_WRONG[alternative]
    else:
        short, titles = ("now", _NOW) if counted else _ALTERNATIVES[alternative]
        methods = _COUNTED if counted else _PROJECTED
    values = {
        "OUTLOOK": short if counted else f"{short}-{year}",
        "YEAR": str(year),
        "ALTERNATIVE": alternative,
        "QUALITY": "approximate" if counted else "assumption",
        **{f"TITLE_{lang.upper()}": titles[lang].format(year=year) for lang in LANGUAGES},
        **{f"METHOD_{lang.upper()}": methods[lang].format(area=area) for lang in LANGUAGES},
    }
    return _filled("outlook.toml", values)


def _filled(template: str, values: Mapping[str, str]) -> str:
    text = (files("navplan") / "study" / "template" / template).read_text(encoding="utf-8")
    for key, value in values.items():
        text = text.replace(f"@{key}@", value)
    return text
