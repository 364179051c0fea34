"""What a study tells about a question beside its best structure, as nouns for the notebook."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import pandas as pd

from navplan.report.told_figures import (
    front_figure,
    prices_figure,
    regrets_figure,
    stability_figure,
)
from navplan.report.words import Words, read_words
from navplan.scenario import Scenario
from navplan.units import Language

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, repr=False)
class _Told:
    """A table about one question.

    Parameters
    ----------
    question : str
        Name of the question.
    table : DataFrame
        Columns as in the results folder, see `navplan.results.TABLES`.
    """

    question: str
    table: pd.DataFrame

    _drawn: ClassVar[staticmethod[[pd.DataFrame, Words], Figure]]

    def figure(self, language: Language = "en") -> Figure:
        """Draw the table.

        Parameters
        ----------
        language : {"nb", "nn", "en"}
            What it is labelled in.

        Returns
        -------
        Figure
            A matplotlib figure.
        """
        return self._drawn(self.table, read_words(language))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.question}: {len(self.table)} rows)"

    def _repr_html_(self) -> str:
        return str(self.table.to_html(index=False))


class Prices(_Told):
    """What each demand costs: minutes for everybody on average, see `Study.prices`."""

    _drawn = staticmethod(prices_figure)


class MeanAgainstWorst(_Told):
    """The front of the mean against the longest way, see `Study.front`."""

    _drawn = staticmethod(front_figure)


class Stability(_Told):
    """How the best structure changes over outlooks and mixes of modes, see `Study.stability`."""

    _drawn = staticmethod(stability_figure)


@dataclass(frozen=True, repr=False)
class Regrets(_Told):
    """The structure that does least badly whatever the outlook, see `Study.regret`.

    Parameters
    ----------
    question : str
        Name of the question.
    table : DataFrame
        Columns as in the results folder, see `navplan.results.TABLES`.
    scenario : Scenario
        The structure, ready to be compared like any other.
    """

    scenario: Scenario

    _drawn = staticmethod(regrets_figure)
