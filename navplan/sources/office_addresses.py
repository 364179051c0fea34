"""Visiting addresses as they are written → street, number, letter, postcode, place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_POSTED: Final = re.compile(r"(?P<line>.*?)[,;]?\s*\b(?P<postcode>\d{4})\s+(?P<place>[^\d,;]+)")
_DOOR: Final = re.compile(
    r"(?P<street>.*[^\W\d].*?)[\s,]+(?P<number>\d{1,5})(?:\s*(?P<letter>[A-Za-zÆØÅæøå]))?"
    r"(?P<rest>\s*[-–/&]\s*\d{1,5}\s?[A-Za-zÆØÅæøå]?)?"
)
_FLOOR: Final = re.compile(r"(?i)[\s,]+\d{1,2}\.?\s*(etasje|etg|et)\.?$")
_BOX: Final = re.compile(r"(?i)(post)?boks\s+\d+|p\.?\s?o\.?\s?box\s+\d+|pb\.?\s+\d+")


@dataclass(frozen=True)
class Address:
    """A visiting address in its parts; empty where a part is not known.

    Parameters
    ----------
    street, number, letter : str
        Of the door. A house without street and number, as in "Rådhuset", stands in `street`.
    postcode, place : str
        Of the post office.
    notice : str
        What a reader of the position must know; empty where nothing.
    """

    street: str = ""
    number: str = ""
    letter: str = ""
    postcode: str = ""
    place: str = ""
    notice: str = ""

    def __str__(self) -> str:
        door = " ".join(filter(None, (self.street, self.number))) + self.letter
        post = " ".join(filter(None, (self.postcode, self.place)))
        return ", ".join(filter(None, (door, post)))


def read_address(text: str) -> Address:
    """Take a written address apart.

    Parameters
    ----------
    text : str
        For example ``"Storgata 43 B, 1234 Sted"`` or ``"Rådhuset"``.

    Returns
    -------
    Address
        Of several doors (``"Storgata 5-7"``) the first, with a notice. A post box is no place:
        only postcode and post town are kept, with a notice.
    """
    line, postcode, place = " ".join(text.split()), "", ""
    if posted := _POSTED.fullmatch(line):
        line, postcode, place = posted["line"], posted["postcode"], posted["place"].strip()
    line = _FLOOR.sub("", line.strip(" ,;"))
    if _BOX.fullmatch(line):
        notice = f"{line!r} is a post box, no place: it can be found by its postcode only."
        return Address(postcode=postcode, place=place, notice=notice)
    door = _DOOR.fullmatch(line)
    if door is None:
        return Address(street=line, postcode=postcode, place=place)
    rest = (door["rest"] or "").strip()
    return Address(
        street=door["street"].strip(" ,"),
        number=door["number"],
        letter=(door["letter"] or "").upper(),
        postcode=postcode,
        place=place,
        notice=f"{line!r} names several doors; the first is taken." if rest else "",
    )
