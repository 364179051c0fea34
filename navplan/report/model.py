"""The report as data: sections of paragraphs, lists, tables and figures, free of any format.

Every writer (HTML now, others later) renders these blocks and decides nothing about content.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from navplan.units import Language

Scope = Literal["col", "colgroup", "row", "rowgroup"]
Tone = Literal["text", "lead", "note"]


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; `tone` tells a lead and a note from running text."""

    text: str
    tone: Tone = "text"


@dataclass(frozen=True)
class Bullets:
    """A list of sentences."""

    items: tuple[str, ...]
    ordered: bool = False


@dataclass(frozen=True)
class Subheading:
    """A heading one level below the section's."""

    text: str


@dataclass(frozen=True)
class Cell:
    """One cell of a table.

    Parameters
    ----------
    text : str
        What stands in the cell.
    scope : str, optional
        Makes the cell a header of its column, row or group.
    number : bool
        Aligned to the right.
    span, rows : int
        Columns and rows the cell covers.
    strong : bool
        Set apart, for example the decided structure.
    tag : str
        A word of quality shown after the text, for example ``assumption``.
    small : str
        A second line in small print, for example the share without a time.
    """

    text: str
    scope: Scope | None = None
    number: bool = False
    span: int = 1
    rows: int = 1
    strong: bool = False
    tag: str = ""
    small: str = ""


Row = tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    """A table with a caption; `groups` are row groups, each a tuple of rows."""

    caption: str
    head: tuple[Row, ...]
    groups: tuple[tuple[Row, ...], ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Figure:
    """A figure with a text for those who do not see it.

    Parameters
    ----------
    svg : str
        The drawing.
    alt : str
        What the drawing shows, in a sentence or two.
    caption : str
        Title and reading aid, shown below.
    """

    svg: str
    alt: str
    caption: str


Block = Paragraph | Bullets | Subheading | Table | Figure


@dataclass(frozen=True)
class Section:
    """A chapter of the report; `id` is the anchor."""

    id: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Report:
    """The whole report in one language."""

    language: Language
    title: str
    subtitle: str
    sections: tuple[Section, ...]
    texts: dict[str, str]
    """Words of the frame around the sections: skip link, contents, footer."""
