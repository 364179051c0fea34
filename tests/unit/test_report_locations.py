"""The chapters on near-best structures, prices, fronts, regret and stability follow the tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from navplan.report.answer import answer
from navplan.report.background import method
from navplan.report.fronts import fronts
from navplan.report.futures import futures
from navplan.report.model import Bullets, Figure, Paragraph, Section, Subheading, Table
from navplan.report.near import near_blocks
from navplan.report.prices import prices
from navplan.report.ranks import ranking
from navplan.report.view import View
from navplan.report.words import read_words
from navplan.results import Results
from navplan.units import Language
from tests.report_located import COLUMNS, GAP_MIN, NEAR_PERCENT, NOW
from tests.report_results import build

AREAS, SITES = "best-areas", "best-sites"
TITLE = "Hele bydeler, fire kontor"
HEADLINE = "transit"


@pytest.fixture(scope="module")
def results(report_results: Path) -> Results:
    return Results.read(report_results)


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return Results.read(build(tmp_path_factory.mktemp("searched"), solved=("sites",)))


def seen(results: Results, language: Language = "nb") -> View:
    return View(results, read_words(language))


def changed(results: Results, table: str, change: Callable[[pd.DataFrame], None]) -> View:
    """See the run with one table changed."""
    frame = getattr(results, table).copy()
    change(frame)
    return seen(replace(results, **{table: frame.reset_index(drop=True)}))


def of(results: Results, table: str, **where: str) -> pd.DataFrame:
    """Rows of the first question for the headline, unless told otherwise."""
    frame = getattr(results, table)
    wanted = {"question": AREAS, "profile": HEADLINE} | where
    for column, value in wanted.items():
        frame = frame[frame[column] == value]
    return frame


def prose(section: Section | None) -> str:
    """Text of a chapter outside its tables."""
    assert section is not None
    parts: list[str] = []
    for block in section.blocks:
        match block:
            case Paragraph(text) | Subheading(text):
                parts.append(text)
            case Bullets(items):
                parts += items
            case Figure():
                parts += [block.alt, block.caption]
            case Table():
                parts += [block.caption, *block.notes]
    return " ".join(parts).replace("\u00a0", " ")


def table(section: Section | None, *words: str) -> list[list[str]]:
    """Body of the first table whose caption holds all of `words`: text and small print."""
    assert section is not None
    for block in section.blocks:
        if isinstance(block, Table) and all(word in block.caption for word in words):
            lines = [row for group in block.groups for row in group]
            return [
                [f"{c.text} {c.small}".replace("\u00a0", " ").strip() for c in line]
                for line in lines
            ]
    raise AssertionError(f"no table on {words}")


def near(view: View) -> Section:
    """Near-best structures of the first question, which the focus is a structure of."""
    return Section("near", "", tuple(near_blocks(view, AREAS, "four")))


def one(number: float) -> str:
    return f"{number:.1f}".replace(".", ",").replace("-", "\u2212")


# near-best ------------------------------------------------------------------------------------


def test_the_near_best_are_counted_with_their_limit(results):
    rows = of(results, "near_best")
    minutes = one(rows["value"].min() * NEAR_PERCENT / 100)
    text = prose(ranking(seen(results)))
    others = read_words("nb").counted(len(rows) - 1).capitalize()
    assert f"{others} andre strukturer er nesten like gode som den beste med kollektiv" in text
    assert f"gjennomsnittet er høyst 5 % høyere ({minutes} minutter)" in text
    assert "«Vedtaket: fire kontor» er ikke blant dem." in text


def test_one_and_none_are_said_so(results):
    def keep(count: int) -> View:
        frames = {}
        for name in ("near_best", "site_shares"):
            frames[name] = getattr(results, name).copy()
        frames["near_best"] = frames["near_best"][frames["near_best"]["rank"] <= count]
        frames["site_shares"]["count"] = count
        return seen(replace(results, **frames))

    assert "Én annen struktur er nesten like god" in prose(near(keep(2)))
    alone = prose(near(keep(1)))
    assert "Ingen annen struktur er nesten like god som den beste" in alone
    assert "er ikke blant dem" not in alone


def test_the_focus_among_the_near_best_is_pointed_out(results):
    def name(rank: int) -> Callable[[pd.DataFrame], None]:
        def change(frame: pd.DataFrame) -> None:
            frame.loc[frame["rank"] == rank, "scenario"] = "four"

        return change

    assert "«Vedtaket: fire kontor» er en av dem." in prose(
        near(changed(results, "near_best", name(2)))
    )
    assert "Den beste er «Vedtaket: fire kontor»." in prose(
        near(changed(results, "near_best", name(1)))
    )


def test_a_list_that_is_not_complete_never_rules_the_focus_out(results):
    frame = results.site_shares.assign(complete="no", count=results.site_shares["count"] + 50)
    text = prose(near(seen(replace(results, site_shares=frame))))
    assert "Listen er ikke fullstendig, så det kan være flere." in text
    assert "er ikke blant dem" not in text
    rows = table(near(seen(replace(results, site_shares=frame))), "hvert sted er med i")
    assert all(cell.startswith("minst ") for cell in rows[0][1:])


def test_a_list_with_nothing_but_the_best_is_not_taken_for_complete(results):
    frames = {
        "site_shares": results.site_shares.assign(complete="no", count=1),
        "near_best": results.near_best[results.near_best["rank"] == 1],
    }
    text = prose(near(seen(replace(results, **frames))))
    assert "er funnet, men letingen er ikke fullført." in text
    assert "Ingen annen struktur er nesten like god" not in text


def test_shares_of_sites_stand_for_every_way_to_travel(results):
    rows = {row[0]: row[1:] for row in table(near(seen(results)), "hvert sted er med i")}
    shares = results.site_shares[results.site_shares["question"] == AREAS]
    order = [HEADLINE, "walk", "bicycle", "car"]
    for site, name in zip(results.offices["site"], results.offices["name"], strict=True):
        mine = shares[shares["site"] == site].set_index("profile")["share"]
        if not (mine > 0).any():
            assert name not in rows
            continue
        assert rows[name] == [f"{round(100 * mine[profile])} %" for profile in order]
    counts = shares.groupby("profile")["count"].first()
    assert rows["Antall strukturer"] == [str(counts[profile]) for profile in order]


def test_look_alikes_are_gathered_with_the_sites_they_swap(results):
    rows = of(results, "near_best")
    largest = rows["group"].value_counts().idxmax()
    group = rows[rows["group"] == largest]
    assert len(group) > 1
    sets = [set(text.split(";")) for text in group["offices"]]
    name = results.offices.set_index("site")["name"]
    body = table(near(seen(results)), "i grupper som ligner")
    mine = next(row for row in body if row[0] == str(group["rank"].min()))
    assert mine[-1] == str(len(group))
    swapped = set.union(*sets) - set.intersection(*sets)
    assert all(name[site] in mine[1].split("Steder som veksler: ")[1] for site in swapped)
    assert len(body) == min(rows["group"].nunique(), 5)


# how sure ----------------------------------------------------------------------------------------


def test_a_search_that_was_stopped_is_never_said_to_prove(searched):
    view = seen(searched)
    rows = table(ranking(view), "det beste søket fant")
    assert len(rows) == 4
    wanted = "Ikke bevist: en annen kan være inntil 0,3 minutter bedre."
    assert GAP_MIN == 0.25  # rounded up, or the limit would not be one
    assert [row[2] for row in rows] == [wanted] * 4
    told = [b.text for b in ranking(view).blocks if isinstance(b, Paragraph)]
    about = next(text for text in told if text.startswith("Fire steder skal velges"))
    assert "bevist" not in about
    assert "for mange slike strukturer til at alle kan regnes ut" in about
    assert wanted in prose(answer(view))
    assert "deler et søk dem i grupper" in prose(method(view))


def test_a_proof_by_search_and_a_gap_nobody_knows(searched):
    def prove(frame: pd.DataFrame) -> None:
        frame["status"] = "proved"

    def forget(frame: pd.DataFrame) -> None:
        frame["bound"] = float("nan")

    def nothing(frame: pd.DataFrame, status: str = "infeasible") -> None:
        mine = frame["profile"] != "car"
        frame.loc[mine, "status"] = status
        frame.loc[mine, ["value", "bound"]] = float("nan")
        frame.loc[mine, ["offices", "allocation"]] = ""

    def late(frame: pd.DataFrame) -> None:
        nothing(frame, "not found")

    for change, said in (
        (prove, "Bevist: ingen annen struktur er bedre."),
        (forget, "Ikke bevist, og det er ikke kjent"),
        (nothing, "Ingen struktur oppfyller rammene."),
        (late, "Ikke noe funnet: søket ble avsluttet før det fant en struktur. Det kan finnes en."),
    ):
        rows = table(ranking(changed(searched, "answers", change)), "det beste søket fant")
        assert all(row[2].startswith(said) for row in rows[:3])


def test_enumeration_says_that_the_best_is_proved(results):
    text = prose(ranking(seen(results)))
    assert text.count("så det er bevist hvilken som er best") == 2
    assert "deler et søk dem i grupper" not in prose(method(seen(results)))


def test_terms_of_a_question_are_told(results):
    first, *others = results.run["questions"]
    more = {"keep": ["site-0"], "close": ["site-7"], "limit_min": 60.0}
    run = {**results.run, "questions": [{**first, **more}, *others]}
    text = prose(ranking(seen(replace(results, run=run))))
    assert "Disse må være åpne: NAV Nordvik. Disse kan ikke brukes: Sørnes torg." in text
    assert "Ingen kan få lengre reisetid enn 60 minutter." in text


def test_ways_to_travel_that_cannot_meet_the_terms_are_named(results):
    def nothing(frame: pd.DataFrame) -> None:
        mine = (frame["question"] == AREAS) & frame["profile"].isin(["walk", "bicycle"])
        frame.loc[mine, "status"] = "infeasible"

    text = prose(ranking(changed(results, "answers", nothing)))
    assert "Ingen struktur oppfyller rammene til fots og på sykkel." in text
    assert "Ingen struktur oppfyller" not in prose(ranking(seen(results)))


# prices ------------------------------------------------------------------------------------------


def test_every_demand_has_its_price_for_every_way_to_travel(results):
    rows = {row[0]: row[1:] for row in table(prices(seen(results)), "Prisen på hvert krav")[1:4]}
    wanted = {"Beholde NAV Nordvik": "site-0", "Ha et kontor i Åsen": "Åsen"}
    wanted["Ha kontor ved Sørnes torg"] = "site-7"
    assert set(rows) == set(wanted)
    for label, demand in wanted.items():
        for text, profile in zip(rows[label], [HEADLINE, "walk", "bicycle", "car"], strict=True):
            price = of(results, "prices", demand=demand, profile=profile)["price_minutes"].iloc[0]
            told = f"+{one(price)}" if price >= 0.05 else "under 0,1" if price > 0.001 else "0,0"
            assert text == told


def test_the_price_is_told_in_a_sentence_and_on_the_answer_page(results):
    def price(frame: pd.DataFrame) -> None:
        mine = (frame["demand"] == "site-0") & (frame["profile"] == HEADLINE)
        frame.loc[mine, ["price_minutes", "least_price", "most_price"]] = 0.42

    view = changed(results, "prices", price)
    said = "Å beholde NAV Nordvik koster 0,4 minutter i gjennomsnitt for hver innbygger"
    assert said in prose(prices(view))
    assert "0,4 minutter for NAV Nordvik" in prose(answer(view))
    assert "koster ingenting med kollektivtransport" in prose(prices(seen(results)))
    assert "ingenting for NAV Nordvik" in prose(answer(seen(results)))


def test_a_price_that_is_not_proved_is_an_interval_rounded_outwards(results):
    def open_it(frame: pd.DataFrame) -> None:
        frame["status"] = "time limit"
        frame[["price_minutes", "least_price", "most_price"]] = [0.3, 0.18, 0.41]

    view = changed(results, "prices", open_it)
    assert table(prices(view), "Prisen på hvert krav")[1][1] == "+0,3 0,1 til 0,5"
    text = prose(prices(view))
    assert "koster mellom 0,1 og 0,5 minutter i gjennomsnitt for hver innbygger" in text
    assert "Hvor mye er ikke bevist." in text
    assert "mellom 0,1 og 0,5 minutter for NAV Nordvik" in prose(answer(view))


@pytest.mark.parametrize(
    ("value", "status", "cell", "sentence"),
    [
        (float("nan"), "infeasible", "ikke mulig", "Det er ikke mulig å beholde NAV Nordvik"),
        (float("nan"), "not found", "ikke funnet", "hva det koster å beholde NAV Nordvik"),
        (23.0, "infeasible", "flere uten", "Prisen for å beholde NAV Nordvik kan ikke regnes ut"),
    ],
)
def test_a_demand_without_a_price_says_why(results, value, status, cell, sentence):
    def lose(frame: pd.DataFrame) -> None:
        mine = frame["demand"] == "site-0"
        frame.loc[mine, ["price_minutes", "least_price", "most_price"]] = float("nan")
        frame.loc[mine, "value"] = value
        frame.loc[mine, "status"] = status

    view = changed(results, "prices", lose)
    assert table(prices(view), "Prisen på hvert krav")[1][1:] == [cell] * 4
    assert sentence in prose(prices(view))
    assert "NAV Nordvik" not in prose(answer(view)).split("Prisen for å kreve")[1].split(".")[0]
    assert "Tall under" not in prose(prices(view))


# front -------------------------------------------------------------------------------------------


def test_the_front_gives_its_ends_and_knee_and_the_named(results):
    front = of(results, "fronts", kind="front").sort_values("mean_minutes")
    knee = front[front["knee"] == "knee"].iloc[0]
    four = of(results, "fronts", kind="named").set_index("scenario").loc["four"]
    rows = table(fronts(seen(results)), TITLE)
    ends = [front.iloc[0], knee, front.iloc[-1], four]
    assert [row[1:] for row in rows] == [
        [one(row["mean_minutes"]), one(row["worst_minutes"])] for row in ends
    ]
    assert rows[-1][0] == "Vedtaket: fire kontor"
    text = prose(fronts(seen(results)))
    less = one(front.iloc[0]["worst_minutes"] - knee["worst_minutes"])
    more = one(knee["mean_minutes"] - front.iloc[0]["mean_minutes"])
    assert f"blir den lengste reisen {less} minutter kortere, mens" in text
    assert f"mens gjennomsnittet øker med {more} minutter." in text
    as_far = front[front["worst_minutes"] <= four["worst_minutes"] + 1e-6]
    gain = one(four["mean_minutes"] - as_far["mean_minutes"].min())
    assert f"kan gjennomsnittet bli {gain} minutter kortere." in text


def test_a_named_scenario_on_the_front_is_said_to_be(results):
    def move(frame: pd.DataFrame) -> None:
        mine = (frame["question"] == AREAS) & (frame["profile"] == HEADLINE)
        first = frame[mine & (frame["kind"] == "front")].iloc[0]
        named = mine & (frame["kind"] == "named")
        frame.loc[named, ["mean_minutes", "worst_minutes"]] = [
            first["mean_minutes"],
            first["worst_minutes"],
        ]

    text = prose(fronts(changed(results, "fronts", move)))
    assert "«Vedtaket: fire kontor» ligger på linjen" in text
    assert "kan gjennomsnittet bli" not in text


def test_one_structure_best_in_both_leaves_nothing_to_choose(results):
    section = fronts(seen(results))
    assert len(of(results, "fronts", question=SITES, kind="front")) == 1
    assert "Her er det ikke noe å velge mellom" in prose(section)
    assert table(section, "Fire kontor hvor som helst")[0][0].startswith("Best i begge deler")
    assert section is not None
    drawn = [b.caption for b in section.blocks if isinstance(b, Figure)]
    assert len(drawn) == 4  # one a way to travel
    assert not any("Fire kontor hvor som helst" in caption for caption in drawn)


def test_a_front_that_is_not_proved_claims_nothing(results):
    def stop(frame):
        frame["status"] = "time limit"

    text = prose(fronts(changed(results, "fronts", stop)))
    assert "Søket ble avbrutt før alle valgene var funnet" in text
    assert "Bil: søket ble avbrutt" in text
    assert "Her er det ikke noe å velge mellom" not in text
    assert "den samme strukturen er best" not in text
    assert "ligger på linjen" not in text


def test_the_other_ways_to_travel_are_told(results):
    front = of(results, "fronts", kind="front", profile="car").sort_values("mean_minutes")
    rows = table(fronts(seen(results)), TITLE, "med bil")
    assert rows[0][1:] == [one(front.iloc[0][f"{c}_minutes"]) for c in ("mean", "worst")]
    only = of(results, "fronts", question=SITES, kind="front", profile="car").iloc[0]
    said = f"Bil: den samme strukturen er best i begge deler, med {one(only['mean_minutes'])}"
    assert said in prose(fronts(seen(results)))


def test_a_front_of_two_points_is_told_in_a_sentence(results):
    frame = results.fronts
    view = seen(replace(results, fronts=frame[(frame["profile"] != "car") | (frame["place"] <= 2)]))
    front = of(results, "fronts", kind="front", profile="car").sort_values("mean_minutes")
    ends = [front.iloc[0], front.iloc[1]]
    first, last = ((one(row["mean_minutes"]), one(row["worst_minutes"])) for row in ends)
    said = f"Bil: fra {first[0]} minutter i gjennomsnitt og {first[1]} for den som har lengst vei"
    assert f"{said}, til {last[0]} i gjennomsnitt og {last[1]}" in prose(fronts(view))


# futures -----------------------------------------------------------------------------------------


def test_regret_is_set_out_for_every_population(results):
    def lose(frame: pd.DataFrame) -> None:
        mine = (frame["structure"] == "robust") & (frame["outlook"] == "2040")
        frame.loc[mine, "regret"] = 0.62

    view = changed(results, "regrets", lose)
    rows = table(futures(view), TITLE, "med hvert folketall")
    found = of(view.tables, "regrets").set_index(["structure", "outlook"])
    for row, outlook in zip(rows, ("2018", NOW, "2040"), strict=False):
        robust, four = found.loc["robust", outlook], found.loc["four", outlook]
        assert row[1] == one(robust["best"])
        assert row[2].split()[0] == one(robust["value"])
        assert row[3] == f"{one(four['value'])} +{one(four['regret'])}"
    most = {name: found.loc[name]["regret"].max() for name in ("robust", "four")}
    assert rows[-1][2:] == [f"+{one(most['robust'])}", f"+{one(most['four'])}"]
    text = prose(futures(view))
    assert f"gir den høyst {one(most['robust'])} minutter mer i gjennomsnitt" in text
    assert f"gir høyst {one(most['four'])} minutter mer enn den beste." in text


def test_a_small_regret_is_not_told_as_none(results):
    frame = results.regrets.assign(regret=0.02)
    text = prose(futures(seen(replace(results, regrets=frame))))
    assert "gir den høyst 0,1 minutter mer i gjennomsnitt" in text
    assert "«Vedtaket: fire kontor» gir høyst 0,1 minutter mer" in text


def test_no_regret_and_no_proof_are_said(results):
    frame = results.regrets.assign(regret=0.0, status="time limit")
    text = prose(futures(seen(replace(results, regrets=frame))))
    assert "«Vedtaket: fire kontor» er like god som den beste med alle folketallene." in text
    assert "Den samme strukturen er best med kollektivtransport uansett folketall" in text
    assert "Det er ikke bevist at ingen annen struktur taper mindre." in text


def test_stability_says_how_far_the_best_stays_the_best(results):
    losses = {0.25: 0.0, 0.5: 0.0, 0.75: 0.8}

    def move(frame: pd.DataFrame) -> None:
        for share, loss in losses.items():
            mine = (frame["parameter"] == "mix:car") & (frame["setting"] == str(share))
            frame.loc[mine, "loss"] = loss
        future = (frame["parameter"] == "outlook") & (frame["setting"] == "2040")
        frame.loc[future, "loss"] = 0.5
        frame.loc[frame["parameter"] == "mix:walk", "loss"] = 0.2
        frame.loc[frame["parameter"] == "mix:bicycle", "loss"] = 0.0

    rows = table(futures(changed(results, "stability", move)), TITLE, "noe er annerledes")
    assert rows[0] == ["Et annet folketall", "Nei, ikke med Folketallet i 2040", "+0,5"]
    assert {row[0]: row[1:] for row in rows[1:]} == {
        "Flere reiser til fots": ["Nei, ikke når 25 % av reisene skjer slik", "+0,2"],
        "Flere reiser på sykkel": ["Ja, for alle andelene som er prøvd", "0,0"],
        "Flere reiser med bil": ["Ja, så lenge høyst 50 % av reisene skjer slik", "+0,8"],
    }


# all together ------------------------------------------------------------------------------------


def test_chapters_without_tables_are_left_out(results):
    nothing = {name: getattr(results, name).iloc[:0] for name in COLUMNS}
    bare = seen(replace(results, **nothing))
    assert [chapter(bare) for chapter in (prices, fronts, futures)] == [None] * 3
    assert "nesten like gode" not in prose(ranking(bare))


def test_one_sentence_group_more_on_the_answer_page(results):
    nothing = {name: getattr(results, name).iloc[:0] for name in COLUMNS}
    more = prose(answer(seen(results)))
    bare = prose(answer(seen(replace(results, **nothing))))
    assert 30 < len(more.split()) - len(bare.split()) < 75


def test_a_number_is_never_missing_without_a_word(searched, results):
    for run in (searched, results):
        view = seen(run, "en")
        for section in (ranking(view), prices(view), fronts(view), futures(view)):
            assert section is not None
            cells = [
                cell.text
                for block in section.blocks
                if isinstance(block, Table)
                for group in block.groups
                for row in group
                for cell in row
            ]
            assert not {"nan", "None", "inf", "-0.0"} & set(cells)


def test_the_run_is_read_from_its_folder(tmp_path: Path):
    folder = build(tmp_path / "results", profiles=("car",), questions=("sites",), decided=False)
    view = seen(Results.read(folder))
    assert "med bil" in prose(prices(view))
    assert futures(view) is not None
