"""What the first page must tell: for whom, is there better, how sure; and honest figures."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from navplan.report import write_report
from navplan.report.words import read_words
from navplan.units import LANGUAGES, Language
from tests.report_results import build


class Outline(HTMLParser):
    """Headings, landmarks and texts in the order a screen reader meets them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.order: list[tuple[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.order.append((tag, str(dict(attrs).get("alt") or "")))

    def handle_data(self, data: str) -> None:
        tag, text = self.order[-1] if self.order else ("", "")
        if self.order:
            self.order[-1] = (tag, f"{text} {' '.join(data.split())}".strip())

    def all(self, tag: str) -> list[str]:
        return [text for found, text in self.order if found == tag]


@pytest.fixture(scope="module")
def results(report_results: Path) -> Path:
    return report_results


@pytest.fixture(scope="module")
def html(report_pages: Mapping[Language, Path]) -> str:
    return report_pages["nb"].read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def outline(html: str) -> Outline:
    return Outline(html)


@pytest.fixture(scope="module")
def comparison(results: Path) -> pd.DataFrame:
    frame = pd.read_csv(results / "comparison.csv", dtype={"outlook": str})
    return frame[(frame["scenario"] == "four") & (frame["profile"] == "transit")]


def one(value: float) -> str:
    return f"{value:.1f}".replace(".", ",")


def test_the_three_questions_come_before_the_contents(outline: Outline) -> None:
    at = [(tag, text) for tag, text in outline.order if tag in {"h1", "h2", "h3"}]
    told = [text for _, text in at[:6]]
    asked = ["Hva endres, og for hvem?", "Finnes det noe bedre?", "Hvor sikkert er svaret?"]
    assert told[2:5] == asked
    assert told[5] == "Innhold"


def test_nothing_is_called_decided_that_may_be_a_proposal(html: str) -> None:
    assert "vedtatt" not in html.lower().replace("vedtaket: fire kontor", "")


def test_the_area_that_changes_most_is_told(html: str, comparison: pd.DataFrame) -> None:
    rows = comparison[(comparison["by"] == "area") & (comparison["outlook"] == "2026")]
    change = rows[rows["measure"] == "mean_change_minutes"].set_index("group")["value"]
    area = change.idxmax()
    after = rows[(rows["measure"] == "mean_minutes") & (rows["group"] == area)]["value"].iloc[0]
    before = after - change[area]
    text = f"øker mest i {area}: fra {one(before)} til {one(after)} minutter."
    assert text in html


def test_the_bounds_of_the_other_populations_are_told(html: str, comparison: pd.DataFrame) -> None:
    rows = comparison[(comparison["by"] == "all") & (comparison["outlook"] != "2026")]
    change = rows[rows["measure"] == "mean_change_minutes"]["value"]
    assert len(change) >= 2
    low, high = one(change.min()), one(change.max())
    several = f"endringen mellom +{low} og +{high} minutter med kollektivtransport"
    alike = f"Endringen er +{low} minutter med kollektivtransport også med de andre"
    assert (alike if low == high else several) in html


def test_changes_are_said_to_be_taken_before_rounding(html: str) -> None:
    assert html.count("Endringer er regnet ut før avrunding.") == 1


def test_places_that_lose_are_counted_of_all(results: Path, html: str) -> None:
    frame = pd.read_csv(results / "zone_minutes.csv")
    mine = frame[(frame["scenario"] == "four") & (frame["profile"] == "transit")]
    count, of_all = int((mine["change_minutes"] >= 1).sum()), mine["zone"].nunique()
    assert f"med minst ett minutt for {count} av {of_all} steder." in html


def test_every_chart_is_told_below_it(outline: Outline) -> None:
    told = outline.all("figcaption")
    images = outline.all("img")
    assert len(told) == len(images)
    promised = [t for t, alt in zip(told, images, strict=True) if "oppsummert under" in alt]
    assert len(promised) >= 6
    summed = re.compile(r": \S+.*(nr\. |får |når |vises )")
    assert [text for text in promised if not summed.search(text)] == []


def test_the_five_best_speak_of_ours_only_where_it_stands(outline: Outline) -> None:
    captions = [text for text in outline.all("span") if text.startswith("De fem beste")]
    with_ours = [text for text in captions if "strukturen svaret gjelder" in text]
    assert 0 < len(with_ours) < len(captions)


@pytest.mark.parametrize("language", LANGUAGES)
def test_heads_of_columns_begin_with_a_capital(language) -> None:
    words = read_words(language)
    heads = [t for k, t in words.texts.items() if k.startswith(("col.", "objective.", "rank.the_"))]
    assert [t for t in heads if not (t[0].isupper() or t[0] in "9{")] == []


def test_no_caption_says_population_twice() -> None:
    for language in LANGUAGES:
        words = read_words(language)
        assert "{outlook}" in words.texts["answer.table"]
        said = words("answer.table", outlook="Folketallet 2026")
        assert len(re.findall("folketal", said.lower())) == 1


def with_changes(results: Path, out: Path, changes: dict[str, float]) -> str:
    """Write the report with the change of each outlook (none where it is not named) [min]."""
    out.mkdir()
    for path in results.iterdir():
        (out / path.name).write_bytes(path.read_bytes())
    frame = pd.read_csv(out / "comparison.csv", dtype={"outlook": str})
    mine = (frame["measure"] == "mean_change_minutes") & (frame["by"] == "all")
    mine &= (frame["scenario"] == "four") & (frame["profile"] == "transit")
    frame.loc[mine, "value"] = frame.loc[mine, "outlook"].map(changes)
    frame.to_csv(out / "comparison.csv", index=False)
    return write_report(out, out=out, language="nb").read_text(encoding="utf-8")


@pytest.mark.usefixtures("undrawn")
def test_the_others_are_said_to_agree_only_where_they_do(results: Path, tmp_path: Path) -> None:
    frame = pd.read_csv(results / "comparison.csv", dtype={"outlook": str})
    others = [o for o in frame["outlook"].unique() if o != "2026"]
    alike = dict.fromkeys(others, 9.1)
    html = with_changes(results, tmp_path / "alike", {"2026": 8.9, **alike})
    assert "regner med, er endringen +9,1 minutter med kollektivtransport." in html
    assert "Endringen er +9,1" not in html
    html = with_changes(results, tmp_path / "one", {"2026": 8.9, others[0]: 9.1})
    assert "» er endringen +9,1 minutter med kollektivtransport." in html
    html = with_changes(results, tmp_path / "same", {"2026": 9.12, others[0]: 9.08})
    assert "Endringen er +9,1 minutter med kollektivtransport også med folketallet «" in html


@pytest.mark.usefixtures("undrawn")
def test_the_rule_of_meetings_is_stated_where_there_are_any(html: str, tmp_path: Path) -> None:
    rule = "Den som ikke har noen reisetid til eget kontor, regnes uten reisetid også"
    assert rule in html
    assert "fra veinett og rutetabell" in html
    one_way = build(tmp_path / "car", outreach=False, profiles=("car",))
    text = write_report(one_way, out=tmp_path, language="nb").read_text(encoding="utf-8")
    assert rule not in text
    assert "beregnet fra veinettet." in text
    assert "viser endringen med bil" not in text
    assert "De siste kolonnene" not in text
    two = build(tmp_path / "two", profiles=("car", "walk"))
    text = write_report(two, out=tmp_path, language="nb").read_text(encoding="utf-8")
    assert "Den siste kolonnen viser endringen " in text
