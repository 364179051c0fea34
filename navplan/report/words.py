"""The report's own words in nb, nn and en, and how numbers and dates are written."""

from __future__ import annotations

import datetime as dt
import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent

from navplan.units import LANGUAGES, Language

LOCALES: Final[dict[Language, str]] = {"nb": "nb_NO", "nn": "nn_NO", "en": "en_GB"}
PROSE_STEP: Final = 10
"""People in sentences are rounded to this many."""
PROSE_MANY: Final = 10_000
"""From here on they are rounded to ten times as many."""
HALF_PER_CENT: Final = 0.005


def _flat(tree: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    texts: dict[str, str] = {}
    for key, value in tree.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            texts |= _flat(value, f"{name}.")
        else:
            texts[name] = str(value)
    return texts


@dataclass(frozen=True)
class Words:
    """Texts and number formats of one language.

    Parameters
    ----------
    language : {"nb", "nn", "en"}
    texts : mapping
        Dotted key → text with ``{placeholders}``.
    """

    language: Language
    texts: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """Fill the text of a key with (already formatted) values.

        Parameters
        ----------
        key : str
            Dotted key of the text.
        **values : object
            What the placeholders stand for.

        Returns
        -------
        str
        """
        return self.texts[key].format(**values)

    @property
    def locale(self) -> str:
        """Babel's name of the language and its number formats."""
        return LOCALES[self.language]

    def title(self, table: Mapping[str, str] | str | None) -> str:
        """Choose the language of a ``{nb, nn, en}`` table; a missing one falls back.

        Parameters
        ----------
        table : mapping, str or None
            Language → text.

        Returns
        -------
        str
        """
        if table is None or isinstance(table, str):
            return table or ""
        order = (self.language, *LANGUAGES)
        return next((str(table[word]) for word in order if table.get(word)), "")

    def number(self, value: float, decimals: int = 0) -> str:
        """Write a number, for example ``1 234,5``.

        Parameters
        ----------
        value : float
            The number.
        decimals : int
            Digits after the decimal mark.

        Returns
        -------
        str
        """
        if math.isnan(value):
            return self("number.none")
        rounded = round(value, decimals) + 0.0  # no minus before zero
        places = "0" * decimals
        pattern = f"#,##0.{places}" if places else "#,##0"
        return str(format_decimal(rounded, pattern, self.locale)).replace("-", "\u2212")

    def counted(self, value: float) -> str:
        """Write how many there are in a sentence: from two to twelve in letters.

        Parameters
        ----------
        value : float
            A whole number.

        Returns
        -------
        str
        """
        return self.texts.get(f"count.{value:.0f}") or self.number(value)

    def minutes(self, value: float) -> str:
        """Minutes with one decimal.

        Parameters
        ----------
        value : float
            Minutes [min].

        Returns
        -------
        str
        """
        return self.number(value, 1)

    def change(self, value: float, decimals: int = 1) -> str:
        """Write a difference with its sign; NaN as no number.

        Parameters
        ----------
        value : float
            The difference.
        decimals : int
            Digits after the decimal mark.

        Returns
        -------
        str
        """
        text = self.number(value, decimals)
        return f"+{text}" if round(value, decimals) > 0 else text

    def share(self, value: float) -> str:
        """Write a share [0–1] as whole per cent; never 0 % for a few, nor 100 % for nearly all.

        Parameters
        ----------
        value : float
            Share [0–1].

        Returns
        -------
        str
        """
        if math.isnan(value):
            return self("number.none")
        if 0 < value <= HALF_PER_CENT:
            return self("number.below", number=self._percent(0.01))
        if 1 - HALF_PER_CENT <= value < 1:
            return self("number.above", number=self._percent(0.99))
        return self._percent(value)

    def short_share(self, value: float) -> str:
        """Write a share [0–1] as `share` does, but with a sign for a few and nearly all.

        Parameters
        ----------
        value : float
            Share [0–1].

        Returns
        -------
        str
        """
        if 0 < value <= HALF_PER_CENT:
            return f"<{self._percent(0.01)}"
        return f">{self._percent(0.99)}" if 1 - HALF_PER_CENT <= value < 1 else self.share(value)

    def percent(self, value: float) -> str:
        """Write per cent that need not be whole, for example ``0,5 %``.

        Parameters
        ----------
        value : float
            Per cent.

        Returns
        -------
        str
        """
        pattern = "#,##0.##%" if self.language == "en" else "#,##0.##\u00a0%"
        return str(format_percent(value / 100, pattern, self.locale))

    def _percent(self, value: float) -> str:
        pattern = "#,##0%" if self.language == "en" else "#,##0\u00a0%"
        return str(format_percent(value, pattern, self.locale))

    def people(self, value: float) -> str:
        """People in tables: whole persons; NaN where the count is withheld.

        Parameters
        ----------
        value : float
            People [persons].

        Returns
        -------
        str
        """
        return self("number.withheld") if math.isnan(value) else self.number(value)

    def about(self, value: float) -> str:
        """People in sentences, rounded; NaN where the count is withheld.

        To the nearest ten, from ten thousand to the nearest hundred, halves up.

        Parameters
        ----------
        value : float
            People [persons].

        Returns
        -------
        str
        """
        if math.isnan(value):
            return self("number.withheld")
        step = PROSE_STEP if value < PROSE_MANY else 10 * PROSE_STEP
        return self.number(math.floor(value / step + 0.5) * step)

    def date(self, value: str | dt.date) -> str:
        """Write a date or a month (or the date of an ISO timestamp) in words; other text stays.

        Parameters
        ----------
        value : str or date
            An ISO date, month or timestamp, or any other text.

        Returns
        -------
        str
        """
        month = isinstance(value, str) and len(value) == len("2026-01")
        try:
            day = dt.date.fromisoformat(f"{value}-01"[:10]) if isinstance(value, str) else value
        except ValueError:
            return str(value)
        return str(format_date(day, "LLLL y" if month else "long", self.locale))

    def clock(self, value: str) -> str:
        """Write a time of day: ``12.00`` in Norwegian, ``12:00`` in English.

        Parameters
        ----------
        value : str
            Hours and minutes as ``12:00``.

        Returns
        -------
        str
        """
        return value if self.language == "en" else value.replace(":", ".")

    def listing(self, items: Iterable[str]) -> str:
        """Join with commas and a final «og»/and.

        Parameters
        ----------
        items : iterable of str
            In the order they shall stand.

        Returns
        -------
        str
        """
        parts = list(items)
        return str(format_list(parts, "standard", self.locale)) if parts else ""

    def quality(self, quality: str) -> str:
        """Return the visible word of a quality.

        Parameters
        ----------
        quality : str
            official, approximate or assumption.

        Returns
        -------
        str
        """
        return self.texts.get(f"quality.{quality}", quality)

    def tag(self, quality: str) -> str:
        """Return the mark of a figure that is not official; empty where it is.

        Parameters
        ----------
        quality : str
            official, approximate or assumption.

        Returns
        -------
        str
        """
        return "" if quality == "official" else self.quality(quality)


def read_words(language: Language) -> Words:
    """Read the texts of a language.

    Parameters
    ----------
    language : {"nb", "nn", "en"}
        Bokmål, nynorsk or English.

    Returns
    -------
    Words
    """
    path = files("navplan.report") / "words" / f"{language}.toml"
    return Words(language, _flat(tomllib.loads(path.read_text("utf-8"))))
