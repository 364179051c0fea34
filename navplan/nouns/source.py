"""Where an input came from: what the report prints and what a later fetch is held to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from navplan.errors import Fault, raise_faults
from navplan.units import QUALITIES, Quality

_SHA256: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True)
class Source:
    """One input: who published it, where and when it was got, on which terms.

    Parameters
    ----------
    id : str
        Short name, the same each time the same thing is asked for.
    publisher : str
        Who answers for the figures.
    address : str
        The publisher's own address, also where a mirror gave the answer.
    retrieved : str
        Day the content came, ``YYYY-MM-DD``.
    sha256 : str
        Of the content as it came, 64 hexadecimal digits.
    licence : str
        Terms of use, for example ``"CC BY 4.0"``.
    attribution : str
        What must stand where the figures are shown.
    quality : {"official", "approximate", "assumption"}
        Of the figures.

    Raises
    ------
    InputError
        On an empty name or publisher, or a digest, day or quality that is none.
    """

    id: str
    publisher: str
    address: str
    retrieved: str
    sha256: str
    licence: str
    attribution: str
    quality: Quality

    def __post_init__(self) -> None:
        where = f"source {self.id}".rstrip()
        faults = [
            Fault(where, key, "is empty; a value is needed.")
            for key in ("id", "publisher")
            if not getattr(self, key).strip()
        ]
        if _SHA256.fullmatch(self.sha256) is None:
            problem = f"{self.sha256[:70]!r} is no sha256 (64 hexadecimal digits, small letters)."
            faults.append(Fault(where, "sha256", problem))
        if not is_day(self.retrieved):
            problem = f"{self.retrieved[:40]!r} is no day."
            faults.append(Fault(where, "retrieved", problem, "Write it like 2026-11-22."))
        if self.quality not in QUALITIES:
            problem = f"{self.quality!r} must be one of {', '.join(QUALITIES)}."
            faults.append(Fault(where, "quality", problem))
        raise_faults(faults)


def is_day(text: str) -> bool:
    """Whether a text is a day as ISO 8601 writes it, with hyphens.

    Parameters
    ----------
    text : str
        For example ``"2026-11-22"``.

    Returns
    -------
    bool
        False also for days that are none, as the 30th of February.
    """
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
