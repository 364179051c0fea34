"""Figures of the notebook show what their tables hold, in three languages."""

from __future__ import annotations

import io
from collections.abc import Callable

import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from navplan.report import drawing as look
from navplan.report.words import read_words
from navplan.scenario import Scenario
from navplan.study.told import MeanAgainstWorst, Prices, Regrets, Stability
from navplan.units import LANGUAGES, Language

NOBODY = Scenario("robust", {}, ("a",), {"A": "nearest"})
REGRETS = pd.DataFrame(
    [
        ("robust", "now", 1.25, "proved"),
        ("robust", "later", 0.5, "proved"),
        ("mine", "now", 0.0, "proved"),
        ("mine", "later", 3.0, "proved"),
    ],
    columns=["structure", "outlook", "regret", "status"],
)
STABILITY = pd.DataFrame(
    [
        ("outlook", "now", 0.0),
        ("outlook", "later", 2.5),
        ("mix:car", "0.25", 1e-5),
        ("mix:car", "1", 0.75),
    ],
    columns=["parameter", "setting", "loss"],
)
PRICES = pd.DataFrame(
    [("a", "walk", "now", 2.0, 1.5, 2.0), ("b", "walk", "now", float("nan"), 0.0, 0.0)],
    columns=["demand", "profile", "outlook", "price_minutes", "least_price", "most_price"],
)
FRONT = pd.DataFrame(
    [
        ("front", 10.0, 40.0, "", ""),
        ("front", 11.0, 30.0, "knee", ""),
        ("named", 12.0, 35.0, "", "mine"),
    ],
    columns=["kind", "mean_minutes", "worst_minutes", "knee", "scenario"],
)
DRAWN: dict[str, Callable[[Language], Figure]] = {
    "prices": lambda language: Prices("q", PRICES).figure(language),
    "front": lambda language: MeanAgainstWorst("q", FRONT).figure(language),
    "regrets": lambda language: Regrets("q", REGRETS, NOBODY).figure(language),
    "stability": lambda language: Stability("q", STABILITY).figure(language),
}


def marks(figure: Figure) -> list[Line2D]:
    """Lines with a marker."""
    return [line for line in figure.axes[0].lines if line.get_marker() != "None"]


def row_names(figure: Figure) -> list[str]:
    """Names of the rows from the top down."""
    return [label.get_text() for label in figure.axes[0].get_yticklabels()][::-1]


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def test_regret_has_a_mark_for_every_structure_and_outlook() -> None:
    figure = Regrets("q", REGRETS, NOBODY).figure()
    robust, mine = marks(figure)
    assert row_names(figure) == ["now", "later"]
    assert list(robust.get_xdata()) == [1.25, 0.5]
    assert list(mine.get_xdata()) == [0.0, 3.0]
    # now stands above later, and no mark hides another of its row
    assert [round(y) for y in robust.get_ydata()] == [round(y) for y in mine.get_ydata()] == [1, 0]
    assert robust.get_ydata()[0] != mine.get_ydata()[0]
    assert robust.get_markerfacecolor() == look.ACCENT
    assert mine.get_markerfacecolor() == "white"
    assert robust.get_marker() != mine.get_marker()
    named = [text.get_text() for text in figure.legends[0].get_texts()]
    assert named == ["least to regret", "mine"]
    assert figure.axes[0].get_xlim()[0] == 0
    assert figure.axes[0].get_xlim()[1] > 3.0


def test_regret_that_is_not_proved_says_so() -> None:
    assert Regrets("q", REGRETS, NOBODY).figure("nb").axes[0].get_title(loc="left") == ""
    late = REGRETS.assign(status="time limit")
    said = Regrets("q", late, NOBODY).figure("nb").axes[0].get_title(loc="left")
    assert said == read_words("nb")("regret.open")


def test_many_structures_keep_to_their_rows_and_have_their_own_signs() -> None:
    parts = [REGRETS[REGRETS["structure"] == "mine"].assign(structure=f"s{k}") for k in range(8)]
    figure = Regrets("q", pd.concat([REGRETS, *parts]), NOBODY).figure()
    assert all(abs(y - round(y)) < 0.5 for line in marks(figure) for y in line.get_ydata())
    assert len({line.get_marker() for line in marks(figure)}) == 9


def test_stability_tells_where_the_best_holds_and_what_is_lost_elsewhere() -> None:
    figure = Stability("q", STABILITY).figure("nb")
    names = ["folketall now", "folketall later", "25 % av reisene: car", "100 % av reisene: car"]
    assert [name.replace("\u00a0", " ") for name in row_names(figure)] == names
    assert texts(figure)[::-1] == ["fortsatt best", "+2,50", "fortsatt best", "+0,75"]
    circles = marks(figure)[::-1]
    assert [float(line.get_xdata()[0]) for line in circles] == STABILITY["loss"].tolist()
    filled = [line.get_markerfacecolor() == look.ACCENT for line in circles]
    assert filled == [False, True, False, True]
    assert figure.axes[0].get_xlabel() == "minutter tapt ved å beholde strukturen som er best nå"


def test_what_has_no_value_is_left_out() -> None:
    bare = Stability("q", STABILITY.assign(loss=[0.0, float("nan"), 1.0, 2.0])).figure()
    assert len(row_names(bare)) == len(marks(bare)) == 3
    nobody = Regrets("q", REGRETS.assign(regret=float("nan")), NOBODY).figure()
    assert row_names(nobody) == ["now", "later"]


def test_the_front_names_its_knee_in_the_language() -> None:
    assert texts(MeanAgainstWorst("q", FRONT).figure("nb")) == ["kneet", "mine"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", DRAWN)
def test_every_figure_is_drawn_in_every_language(name: str, language: Language) -> None:
    figure = DRAWN[name](language)
    held = io.BytesIO()
    figure.savefig(held, format="png")
    assert held.getvalue().startswith(b"\x89PNG")
    assert figure.axes[0].get_xlabel()


def test_each_language_says_it_in_its_own_words() -> None:
    for draw in DRAWN.values():
        assert len({draw(language).axes[0].get_xlabel() for language in LANGUAGES}) == 3


def test_an_empty_table_is_an_empty_figure() -> None:
    for figure in (
        Regrets("q", REGRETS[:0], NOBODY).figure(),
        Stability("q", STABILITY[:0]).figure(),
        Prices("q", PRICES[:0]).figure(),
    ):
        assert marks(figure) == []
        figure.draw_without_rendering()
