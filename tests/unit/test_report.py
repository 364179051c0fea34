"""The report page: what it says follows from the tables, and nothing else gets in."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import re
from collections.abc import Callable, Mapping
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from navplan.errors import InputError
from navplan.report import FILE_NAMES, write_report
from navplan.units import LANGUAGES, Language
from tests.report_results import AREAS, build

ONE_OFFICE = {
    "one_office": True,
    "questions": ("sites",),
    "area_word": "kommune",
    "unserved": True,
}
VOID = {"meta", "img", "br", "hr", "link", "input"}


class Page(HTMLParser):
    """A page taken apart: tags with their attributes, texts, tables by caption."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.tables: dict[str, list[list[str]]] = {}
        self._caption = ""
        self._rows: list[list[str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "table":
            self._caption, self._rows = "", []
        if tag == "tr":
            self._rows.append([])
        if tag in {"td", "th"}:
            self._rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1] == tag, f"{tag} closes {self.open[-1]}"
        self.open.pop()
        if tag == "table":
            self.tables[self._caption.strip()] = self._rows

    def handle_data(self, data: str) -> None:
        if "style" in self.open:
            return
        self.texts.append(data)
        if "caption" in self.open:
            self._caption += data
        elif "td" in self.open or "th" in self.open:
            self._rows[-1][-1] = f"{self._rows[-1][-1]} {data}".strip()

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    def table(self, start: str) -> list[list[str]]:
        return next(rows for caption, rows in self.tables.items() if caption.startswith(start))

    def row(self, start: str, first: str) -> list[str]:
        return next(row for row in self.table(start) if row[0] == first)


def page(folder: Path, out: Path, language: Language = "nb") -> Page:
    return Page(write_report(folder, out, language=language).read_text("utf-8"))


@pytest.fixture
def results(report_results: Path) -> Path:
    return report_results


@pytest.fixture(scope="module")
def pages(report_pages: Mapping[Language, Path]) -> dict[str, Page]:
    return {language: Page(path.read_text("utf-8")) for language, path in report_pages.items()}


@pytest.fixture(scope="module")
def plain(report_results: Path) -> pd.DataFrame:
    frame = pd.read_csv(report_results / "comparison.csv", dtype={"outlook": str})
    frame = frame[(frame["outlook"] == "2026") & (frame["profile"] == "transit")]
    return frame.set_index(["scenario", "by", "group", "measure"])["value"]


def value(plain: pd.DataFrame, measure: str, scenario: str, *, by="all", group="all") -> float:
    return float(plain[scenario, by, group, measure])


def norwegian(number: float, decimals: int = 1) -> str:
    text = f"{number:,.{decimals}f}".replace(",", "\u00a0").replace(".", ",")
    return text.replace("-", "\u2212")


def changed(results: Path, out: Path, table: str, change: Callable[[pd.DataFrame], None]) -> Path:
    """Copy the results with one table changed."""
    out.mkdir()
    for path in results.iterdir():
        (out / path.name).write_bytes(path.read_bytes())
    frame = pd.read_csv(out / f"{table}.csv", dtype=str, keep_default_na=False)
    change(frame)
    frame.to_csv(out / f"{table}.csv", index=False)
    return out


def with_run(results: Path, out: Path, **keys: object) -> Path:
    folder = changed(results, out, "zones", lambda frame: None)
    run = json.loads((folder / "run.json").read_text("utf-8"))
    (folder / "run.json").write_text(json.dumps(run | keys), "utf-8")
    return folder


# what it says -------------------------------------------------------------------------------


def test_the_answer_gives_the_means_of_the_table(pages, plain):
    after, before = (value(plain, "mean_minutes", name) for name in ("four", "six"))
    row = pages["nb"].row(
        "Gjennomsnittlig reisetid til eget kontor, minutter", "Kollektivtransport"
    )
    assert row[1:4] == [norwegian(before), norwegian(after), f"+{norwegian(after - before)}"]
    lead = f"reisetiden til eget kontor {norwegian(after)} minutter med kollektivtransport"
    assert lead in pages["nb"].text.replace(" \u00a0", "\u00a0")
    assert f"Med «Seks kontor» er den {norwegian(before)} minutter." in pages["nb"].text


def test_the_answer_says_how_many_lose_and_where(pages, plain):
    lose = value(plain, "lose_more_10", "four")
    most = {a: value(plain, "lose_more_10", "four", by="area", group=a) for a in AREAS}
    assert lose > 0
    told = norwegian(round(lose / 100) * 100, 0)  # ten thousand or more
    text = pages["nb"].html
    assert f"Om lag {told} innbyggere" in text
    area = max(most, key=lambda a: most[a])
    step = 100 if most[area] >= 10_000 else 10
    assert f"De bor i {area} ({norwegian(round(most[area] / step) * step, 0)})" in text


def test_the_rank_is_that_of_the_ranking(results, pages):
    frame = pd.read_csv(results / "ranking.csv", dtype={"outlook": str}).fillna("")
    keep = (frame["question"] == "best-areas") & (frame["profile"] == "transit")
    keep &= (frame["outlook"] == "2026") & (frame["objective"] == "mean_minutes")
    rows = frame[keep]
    mine, best = rows[rows["scenario"] == "four"].iloc[0], rows[rows["rank"] == 1].iloc[0]
    text = pages["nb"].html
    assert f"Blant {mine['count']} mulige strukturer" in text
    assert f"«Vedtaket: fire kontor» nummer {mine['rank']} når vi ser på gjennomsnittlig" in text
    gain = norwegian(mine["value"] - best["value"])
    assert f"gir {norwegian(best['value'])} minutter, {gain} minutter mindre" in text


def test_outreach_is_set_against_the_same_structure_without_it(pages, plain):
    near = {"by": "area", "group": "Nordvik"}
    before = norwegian(value(plain, "mean_minutes", "four", **near))
    after = norwegian(value(plain, "mean_minutes", "four-outreach", **near))
    told = (
        f"fra {before} til {after} minutter for Nordvik, sammenlignet med «Vedtaket: fire kontor»"
    )
    assert told in pages["nb"].html


def test_the_main_table_has_every_scenario_for_every_mode(pages):
    rows = [row[0] for row in pages["nb"].table("Reisetid til eget kontor for hver struktur")]
    titles = [
        "Seks kontor",
        "Vedtaket: fire kontor",
        "Fire kontor og møter i Nordvik",
        "Fire kontor, fritt valg",
    ]
    assert rows[1] == "Kollektivtransport"
    assert [row for row in rows if row in titles] == titles * 4


def test_areas_stand_with_before_and_after(pages, plain):
    row = pages["nb"].row("Gjennomsnittlig reisetid til eget kontor for hver bydel", "Nordvik")
    near = {"by": "area", "group": "Nordvik"}
    assert row[2] == norwegian(value(plain, "mean_minutes", "six", **near))
    assert row[3] == norwegian(value(plain, "mean_minutes", "four", **near))
    assert row[-1] == norwegian(value(plain, "lose_more_10", "four", **near), 0)


def test_the_longest_loss_stands_first(results, pages):
    frame = pd.read_csv(results / "zone_minutes.csv")
    mine = frame[(frame["scenario"] == "four") & (frame["profile"] == "transit")]
    worst = mine.sort_values("change_minutes").iloc[-1]
    name = pd.read_csv(results / "zones.csv").set_index("zone").loc[worst["zone"], "name"]
    first = pages["nb"].table("Stedene med størst økning")[1]
    assert first[0] == name
    assert first[5] == f"+{norwegian(worst['change_minutes'])}"


@pytest.mark.usefixtures("undrawn")
def test_a_changed_figure_changes_the_page(results, tmp_path):
    def raise_mean(frame: pd.DataFrame) -> None:
        mine = (frame["scenario"] == "four") & (frame["measure"] == "mean_minutes")
        frame.loc[mine & (frame["by"] == "all"), "value"] = "77.77"

    folder = changed(results, tmp_path / "changed", "comparison", raise_mean)
    found = page(folder, tmp_path)
    row = found.row("Gjennomsnittlig reisetid til eget kontor, minutter", "Bil")
    assert row[2] == "77,8"


def test_assumptions_carry_their_word(pages):
    head = pages["nb"].table("Innbyggere i hver bydel")[0]
    assert head[-1].endswith("antakelse")
    assert "antakelse" not in head[1]
    assert "Kontoret ligger midt på torget. (antakelse)" in pages["nb"].html
    row = pages["nn"].row("Kjeldene", "vegar og gangsamband links.csv")
    assert row[3] == "omtrentleg"


# absence --------------------------------------------------------------------------------------


@pytest.mark.usefixtures("undrawn")
def test_a_share_without_a_time_stands_beside_the_mean(tmp_path, pages):
    folder = build(tmp_path / "results", unserved=True, questions=("sites",))
    found = page(folder, tmp_path)
    row = found.row("Gjennomsnittlig reisetid til eget kontor, minutter", "Kollektivtransport")
    frame = pd.read_csv(folder / "comparison.csv", dtype={"outlook": str})
    keep = (frame["scenario"] == "four") & (frame["by"] == "all") & (frame["outlook"] == "2026")
    keep &= (frame["profile"] == "transit") & (frame["measure"] == "mean_minutes")
    share = float(frame.loc[keep, "share_without_time"].iloc[0])
    assert 0.01 < share < 0.5
    assert row[2].endswith(f"{round(share * 100)}\u00a0%\u00a0uten")
    assert "Alle innbyggerne har en reisetid" not in found.text
    assert "Alle innbyggerne har en reisetid" in pages["nb"].text
    assert "X" not in row[2]


@pytest.mark.usefixtures("undrawn")
def test_a_rank_pulled_down_by_missing_times_says_so(results, tmp_path, pages):
    def lose(frame: pd.DataFrame) -> None:
        mine = frame["scenario"] == "four"
        frame.loc[mine, "share_without_time"] = "0.02"

    folder = changed(results, tmp_path / "untimed", "ranking", lose)
    assert "Plassen er trukket ned av at 2\u00a0% ikke har" in page(folder, tmp_path).html
    assert "Plassen er trukket ned" not in pages["nb"].html


@pytest.mark.usefixtures("undrawn")
def test_a_mean_that_leaves_many_out_is_warned_of(results, tmp_path, pages):
    def lose(frame: pd.DataFrame) -> None:
        mine = (frame["profile"] == "walk") & (frame["scenario"] == "four")
        frame.loc[mine, "share_without_time"] = "0.6"

    folder = changed(results, tmp_path / "hollow", "comparison", lose)
    assert "Der mange ikke har en reisetid, sier gjennomsnittet lite" in page(folder, tmp_path).text
    assert "sier gjennomsnittet lite" not in pages["nb"].text


def test_a_place_that_loses_its_time_comes_first_and_says_why(results, tmp_path):
    def lose(frame: pd.DataFrame) -> None:
        mine = (frame["scenario"] == "four") & (frame["profile"] == "transit")
        mine &= frame["zone"] == "p-2-3"
        frame.loc[mine, ["minutes", "change_minutes"]] = ""
        frame.loc[mine, "reason"] = "no_service"

    folder = changed(results, tmp_path / "lost", "zone_minutes", lose)
    first = page(folder, tmp_path).table("Stedene med størst økning")[1]
    assert first[0] == "Sentrum 4"
    assert first[4] == "ingen avgang som rekker fram"
    assert first[5] == "mister reisetid"


@pytest.mark.usefixtures("undrawn")
def test_withheld_counts_are_said_to_be_withheld(results, tmp_path):
    def withhold(frame: pd.DataFrame) -> None:
        frame.loc[frame["measure"].str.startswith(("lose_more", "within")), "value"] = ""

    folder = changed(results, tmp_path / "masked", "comparison", withhold)
    found = page(folder, tmp_path)
    assert "vises ikke" in found.row("Gjennomsnittlig reisetid til eget kontor, minutter", "Bil")
    assert "Så få får mer enn 10 minutter lengre reisetid" in found.text
    assert not re.search(r"\bnan\b", found.text, re.IGNORECASE)


@pytest.mark.parametrize(
    ("options", "language"),
    [
        (ONE_OFFICE, "nb"),
        (ONE_OFFICE, "nn"),
        ({"questions": (), "decided": False, "outreach": False}, "nb"),
        ({"questions": ("areas",), "profiles": ("car", "transit")}, "en"),
    ],
    ids=["one-office", "one-office-nn", "no-question", "two-profiles"],
)
def test_missing_parts_drop_out(tmp_path, options, language):
    found = page(build(tmp_path / "results", **options), tmp_path, language)
    chapters = 13 if options["questions"] else 10
    assert len([tag for tag, _ in found.tags if tag == "section"]) == chapters
    assert not re.search(r"\b(nan|none|inf)\b|[{}]", found.text, re.IGNORECASE)
    if options.get("area_word") == "kommune" and language != "en":
        assert "bydel" not in found.text
        assert "kommune" in found.text
    if not options["questions"] and language == "nb":
        assert "ingen rangering er laget" in found.text
        assert "Det er ikke oppgitt noe vedtak." in found.text


@pytest.mark.usefixtures("undrawn")
def test_only_the_base_has_no_change_to_show(results, tmp_path):
    run = json.loads((results / "run.json").read_text("utf-8"))
    folder = with_run(results, tmp_path / "base", scenarios=run["scenarios"][:1], decided=None)
    found = page(folder, tmp_path)
    assert "Det er bare regnet på «Seks kontor», så det er ingen endring å vise." in found.text


# form -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_whole_and_accessible(pages, language):
    found = pages[language]
    assert found.open == []
    assert ("html", {"lang": language}) in found.tags
    levels = [int(tag[1]) for tag, _ in found.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))
    tables = [tag for tag, _ in found.tags if tag == "table"]
    assert len(tables) == len([tag for tag, _ in found.tags if tag == "caption"]) > 10
    assert all(attrs.get("scope") for tag, attrs in found.tags if tag == "th")
    images = [attrs for tag, attrs in found.tags if tag == "img"]
    assert len(images) >= 6
    assert all(len(attrs["alt"] or "") > 40 for attrs in images)
    ids = [attrs["id"] for _, attrs in found.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    links = [str(attrs["href"])[1:] for tag, attrs in found.tags if tag == "a"]
    assert set(links) <= set(ids)


def test_nothing_is_fetched_and_nothing_runs(pages):
    found = pages["nb"]
    tags = {tag for tag, _ in found.tags}
    assert not tags & {"script", "link", "iframe", "object", "embed", "form"}
    sources = [v or "" for _, a in found.tags for k, v in a.items() if k in {"src", "href"}]
    assert all(s.startswith(("#", "data:image/svg+xml;base64,")) for s in sources)
    assert not any(k == "style" or k.startswith("on") for _, a in found.tags for k in a)
    policy = next(a["content"] for t, a in found.tags if "http-equiv" in a)
    style = re.search(r"<style>(.*?)</style>", found.html, re.DOTALL)
    assert style is not None
    assert "url(" not in style[1]
    assert "@import" not in style[1]
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in str(policy)
    assert str(policy).startswith("default-src 'none'")


def test_names_are_text_never_markup(tmp_path):
    hostile = "<script>alert(1)</script>"
    names = {"site-1": hostile, "site-2": '"><img src=x onerror=alert(1)>'}
    folder = build(tmp_path / "results", office_names=names, questions=("sites",))
    found = page(folder, tmp_path)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in found.html
    assert hostile not in found.html
    assert all("onerror" not in attrs for _, attrs in found.tags)
    for tag, attrs in found.tags:
        if tag == "img":
            drawn = base64.b64decode(str(attrs["src"]).split(",")[1]).decode()
            assert "<script" not in drawn


def test_the_same_results_give_the_same_bytes(results, report_pages, tmp_path):
    again = write_report(results, tmp_path / "deep" / "out")
    assert again.name == "rapport.html"
    assert again.read_bytes() == report_pages["nb"].read_bytes()


def test_the_file_is_named_by_language(pages):
    assert FILE_NAMES == {"nb": "rapport.html", "nn": "rapport-nn.html", "en": "report-en.html"}
    assert "Frå seks til fire kontor" in pages["nn"].text
    assert "minutes by public transport" in pages["en"].text


# faults ---------------------------------------------------------------------------------------


def test_a_folder_without_results_says_what_is_missing(tmp_path):
    with pytest.raises(InputError) as caught:
        write_report(tmp_path, tmp_path)
    (fault,) = caught.value.faults
    assert fault.where == "run.json"
    assert fault.remedy == "Run the study first."


def test_unknown_names_are_all_reported(results, tmp_path):
    report = {"headline_profile": "horse", "headline_outlook": "2050"}
    folder = with_run(results, tmp_path / "wrong", report=report, base="seven", area_word="fylke")
    with pytest.raises(InputError) as caught:
        write_report(folder, tmp_path)
    said = str(caught.value)
    assert all(name in said for name in ("'horse'", "'2050'", "'seven'", "'fylke'"))


def test_an_unknown_language_is_refused(results, tmp_path):
    with pytest.raises(InputError, match="expected nb, nn, en"):
        write_report(results, tmp_path, language="se")  # type: ignore[arg-type]
