"""Texts that others wrote, on their way into CSV files: one line, and never a formula."""

from __future__ import annotations

import re
from typing import Final

# A spreadsheet takes a text that begins like this for a formula.
_FORMULA: Final = re.compile(r"'*[=+\-@\t\r]")
_ESCAPED: Final = re.compile(r"'+[=+\-@\t\r]")


def neutralise(text: str) -> str:
    """Keep a spreadsheet from taking a text for a formula.

    Parameters
    ----------
    text : str
        A name.

    Returns
    -------
    str
        With an apostrophe in front where it begins with ``= + - @``, tab or return (or with
        apostrophes before one of these, so that `restore` is exact).
    """
    return f"'{text}" if _FORMULA.match(text) else text


def restore(text: str) -> str:
    """Take away what `neutralise` put in front.

    Parameters
    ----------
    text : str
        As it stands in the file.

    Returns
    -------
    str
        The name.
    """
    return text[1:] if _ESCAPED.match(text) else text


def on_one_line(text: str) -> str:
    """Keep a name from holding what nobody sees: line ends, control signs, turned writing.

    Parameters
    ----------
    text : str
        A name as a service or a map gives it.

    Returns
    -------
    str
        With a space for every run of such signs, and none at the ends.
    """
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
