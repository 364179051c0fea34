"""Codes through time: nobody is lost, and what is assumed is said."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from navplan.errors import InputError
from navplan.population import CodeWeights, code_weights, join_areas

# Real codes; the figures in this file are made up.
CHANGES = [
    ("1201", "4601", "2020-01-01"),
    ("1805", "1806", "2020-01-01"),
    ("1850", "1806", "2020-01-01"),
    ("1854", "1806", "2020-01-01"),
    ("1849", "1875", "2020-01-01"),
    ("1850", "1875", "2020-01-01"),
    ("1504", "1507", "2020-01-01"),
    ("1534", "1507", "2020-01-01"),
    ("1507", "1508", "2024-01-01"),
    ("1507", "1580", "2024-01-01"),
]
CODES = ["0301", "1201", "1504", "1534", "1805", "1849", "1850", "1854"]


def changes(rows: list[tuple[str, str, str]] = CHANGES) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["oldCode", "newCode", "changeOccurred"])


def weights(
    rows: list[tuple[str, str, str]] = CHANGES,
    *,
    codes: list[str] = CODES,
    start: str = "2016-01-01",
    end: str = "2026-01-01",
    shares: pd.DataFrame | None = None,
    people: pd.DataFrame | None = None,
) -> CodeWeights:
    return code_weights(
        changes(rows), codes=codes, start=start, end=end, shares=shares, people=people
    )


def parts(made: CodeWeights, old: str) -> dict[str, float]:
    own = made.table[made.table["old"] == old]
    return dict(zip(own["new"], own["weight"], strict=True))


def told(**given: object) -> str:
    with pytest.raises(InputError) as caught:
        weights(**given)  # type: ignore[arg-type]
    return str(caught.value)


def test_renumbered_merged_and_unchanged_codes_go_whole() -> None:
    made = weights()
    assert parts(made, "0301") == {"0301": 1}
    assert parts(made, "1201") == {"4601": 1}
    assert parts(made, "1854") == {"1806": 1}
    whole = made.table[made.table["old"].isin(["0301", "1201", "1854"])]
    assert set(whole["method"]) == {"whole"}
    assert set(whole["quality"]) == {"official"}


def test_a_split_without_figures_is_halved_and_says_so() -> None:
    made = weights()
    assert parts(made, "1850") == {"1806": 0.5, "1875": 0.5}
    rows = made.splits[made.splits["old"] == "1850"]
    assert rows[["method", "quality"]].drop_duplicates().to_numpy().tolist() == [
        ["equal parts", "assumption"]
    ]


def test_given_shares_come_first() -> None:
    shares = pd.DataFrame(
        {"old": ["1850", "1850", "1850"], "new": ["1806", "1875", "1875"], "people": [60, 15, 25]}
    )
    made = weights(shares=shares)
    assert parts(made, "1850") == pytest.approx({"1806": 0.6, "1875": 0.4})
    assert set(made.splits.loc[made.splits["old"] == "1850", "method"]) == {"given shares"}
    assert set(made.splits.loc[made.splits["old"] == "1850", "quality"]) == {"approximate"}


def test_successors_of_one_code_alone_tell_how_it_was_divided() -> None:
    people = pd.DataFrame(
        {
            "code": ["1508", "1580", "1508", "1508", "1580", "1806", "1875"],
            "year": [2024, 2024, 2023, 2025, 2025, 2020, 2020],
            "people": [90, 10, 7, 50, 50, 900, 100],
        }
    )
    made = weights(people=people)
    # the first year that has both, 2024; not 2023 with one of them, not 2025
    assert parts(made, "1504") == pytest.approx({"1508": 0.9, "1580": 0.1})
    assert set(made.splits.loc[made.splits["old"] == "1504", "method"]) == {"successors' people"}
    # Narvik and Hamarøy hold others as well: their sizes say nothing about Tysfjord
    assert parts(made, "1850") == {"1806": 0.5, "1875": 0.5}


def test_rows_by_sex_and_age_are_summed() -> None:
    rows = [("1850", "1806", "2020-01-01"), ("1850", "1875", "2020-01-01")]
    figures = [("1806", 30), ("1806", 30), ("1875", 20)]
    people = pd.DataFrame(figures, columns=["code", "people"]).assign(year=2020)
    made = weights(rows, codes=["1850"], people=people)
    assert parts(made, "1850") == {"1806": 0.75, "1875": 0.25}


def test_successors_that_were_there_before_tell_nothing() -> None:
    rows = [("A", "B", "2020-01-01"), ("A", "C", "2020-01-01")]
    people = pd.DataFrame({"code": ["B", "C"], "year": 2020, "people": [90, 10]})
    made = weights(rows, codes=["A", "B", "C"], people=people)
    assert parts(made, "A") == {"B": 0.5, "C": 0.5}


def test_a_code_of_the_start_can_say_where_it_went_within_a_later_split() -> None:
    shares = pd.DataFrame({"old": ["1534"], "new": ["1580"], "people": [1]})
    made = weights(shares=shares)
    assert parts(made, "1534") == {"1508": 0, "1580": 1}
    assert parts(made, "1504") == {"1508": 0.5, "1580": 0.5}


def test_only_changes_between_the_dates_count() -> None:
    assert parts(weights(end="2023-12-31"), "1504") == {"1507": 1}
    assert parts(weights(start="2019-12-31", end="2020-01-01"), "1201") == {"4601": 1}
    late = weights(start="2020-01-01", codes=["1507", "4601"])
    assert set(parts(late, "1507")) == {"1508", "1580"}
    assert parts(late, "4601") == {"4601": 1}


def test_codes_that_change_places_on_one_day() -> None:
    made = weights([("A", "B", "2020-01-01"), ("B", "A", "2020-01-01")], codes=["A", "B"])
    assert parts(made, "A") == {"B": 1}
    assert parts(made, "B") == {"A": 1}


def test_a_part_that_goes_while_the_rest_stays() -> None:
    rows = [("A", "A", "2020-01-01"), ("A", "B", "2020-01-01")]
    assert parts(weights(rows, codes=["A"]), "A") == {"A": 0.5, "B": 0.5}


def test_what_was_divided_and_came_together_again_is_whole() -> None:
    rows = [("A", new, "2020-01-01") for new in "BC"] + [(old, "D", "2022-01-01") for old in "BC"]
    made = weights(rows, codes=["A"])
    assert parts(made, "A") == {"D": 1}
    assert made.splits.empty
    assert made.table["quality"].tolist() == ["official"]


def test_bydeler_go_the_same_way() -> None:
    rows = [(f"1201{n:02}", f"4601{n:02}", "2020-01-01") for n in range(1, 9)]
    codes = [old for old, _, _ in rows]
    made = weights(rows, codes=codes)
    people = pd.DataFrame({"bydel": ["120101", "120199"], "year": 2016, "people": [5, 6]})
    with pytest.raises(InputError, match="row 3, bydel: '120199' is no code of 2016"):
        made.carry(people, code="bydel")
    assert made.carry(people.iloc[:1], code="bydel")["bydel"].tolist() == ["460101"]


def test_two_splits_in_a_row_multiply() -> None:
    rows = [("A", new, "2020-01-01") for new in "BC"] + [("B", new, "2022-01-01") for new in "DE"]
    shares = pd.DataFrame({"old": ["A", "A"], "new": ["B", "C"], "people": [3, 1]})
    made = weights(rows, codes=["A"], shares=shares)
    assert parts(made, "A") == {"C": 0.25, "D": 0.375, "E": 0.375}
    methods = made.splits.set_index("new")[["method", "quality"]]
    assert methods.loc["C"].tolist() == ["given shares", "approximate"]
    assert methods.loc["D"].tolist() == ["given shares, then equal parts", "assumption"]


def test_carrying_by_hand() -> None:
    people = pd.DataFrame(
        {
            "kommune": ["1805", "1850", "1850", "1849", "0301"],
            "year": 2016,
            "age": ["0-17", "0-17", "18+", "18+", "18+"],
            "people": [100, 3, 3, 50, 7],
        }
    )
    made = weights().carry(people).set_index(["kommune", "age"])["people"]
    # six people of Tysfjord: three to each side, and every age adds up
    assert made["1806"].sum() == 103
    assert made["1875"].sum() == 53
    assert made[:, "0-17"].sum() == 103
    assert made["0301", "18+"] == 7


def test_codes_that_were_read_as_numbers_are_carried_too() -> None:
    people = pd.DataFrame({"kommune": [1805, 1850], "year": 2016, "people": [100, 6]})
    made = weights().carry(people).set_index("kommune")["people"]
    assert made.to_dict() == {"1806": 103, "1875": 3}


@given(
    st.lists(
        st.tuples(
            st.sampled_from(CODES),
            st.sampled_from([2016, 2017]),
            st.integers(0, 3),
            st.sampled_from(["female", "male"]),
            st.integers(0, 500),
        ),
        min_size=1,
        unique_by=lambda row: row[:4],
    ),
    st.integers(1, 99),
)
def test_nobody_is_lost_or_made_in_any_year_age_and_sex(
    rows: list[tuple[str, int, int, str, int]], percent: int
) -> None:
    people = pd.DataFrame(rows, columns=["kommune", "year", "age", "sex", "people"])
    shares = pd.DataFrame(
        {"old": "1850", "new": ["1806", "1875"], "people": [percent, 100 - percent]}
    )
    made = weights(shares=shares)
    carried = made.carry(people)
    keys = ["year", "age", "sex"]
    before = people.groupby(keys)["people"].sum()
    assert carried.groupby(keys)["people"].sum().to_dict() == before.to_dict()
    assert (carried["people"] >= 0).all()
    assert set(carried["kommune"]) <= set(made.table["new"])
    # the halves of a year are within one person of their weight
    for year, own in people[people["kommune"] == "1850"].groupby("year"):
        alone = made.carry(own)
        exact = own["people"].sum() * percent / 100
        got = alone.loc[alone["kommune"] == "1806", "people"].sum()
        assert abs(got - exact) < 1, year


@pytest.mark.parametrize(
    ("kommune", "people", "message"),
    [
        ("4601", 5, "row 3, kommune: '4601' is a code of 2026-01-01 and not of 2016-01-01; the"),
        ("9999", 5, "row 3, kommune: '9999' is no code of 2016-01-01. Correct the code, or leave"),
        ("1201", -1, "row 3, people: -1 is no number of people"),
        ("1201", 1.5, "row 3, people: 1.5 is no number of people"),
        ("1201", float("nan"), "row 3, people: nan is no number of people"),
        ("1201", float("inf"), "row 3, people: inf is no number of people"),
        ("1201", "1,5", "row 3, people: 1,5 is no number of people"),
    ],
)  # fmt: skip
def test_rows_that_cannot_be_carried(kommune: str, people: object, message: str) -> None:
    table = pd.DataFrame({"kommune": ["1201", kommune], "year": 2016, "people": [3, people]})
    with pytest.raises(InputError) as caught:
        weights().carry(table, where="own.csv")
    assert "own.csv: " + message in str(caught.value)


def test_changes_that_make_no_sense() -> None:
    assert "1999: changes on 2020-01-01 and is no code of 2016-01-01." in told(
        rows=[("1999", "1998", "2020-01-01")]
    )
    ended = told(rows=[("1201", "", "2020-01-01")])
    assert "1201: ends on 2020-01-01 without a successor; its people would be lost." in ended
    assert "row 2: 'soon' is no date." in told(rows=[("1201", "4601", "soon")])
    assert "start: '2016' is no date" not in told(start="last year", end="2020-01-01")
    assert "end: 2010-01-01 lies before 2016-01-01." in told(end="2010-01-01")
    with pytest.raises(InputError, match="code changes: newCode: the column is missing"):
        code_weights(
            changes().drop(columns="newCode"), codes=CODES, start="2016-01-01", end="2020-01-01"
        )
    for share in (-1, float("nan")):
        shares = pd.DataFrame({"old": ["1850"], "new": ["1806"], "people": [share]})
        assert "is no share; expected people, zero or more." in told(shares=shares)
    shares = pd.DataFrame({"old": ["1850"], "new": ["1806"], "people": [0]})
    assert "shares: 1850: all its parts are zero" in told(shares=shares)


def test_a_new_unit_out_of_nothing_says_nothing_about_people() -> None:
    assert parts(weights([("", "9001", "2020-01-01")]), "1201") == {"1201": 1}


def test_back_over_a_merger_by_the_shares_before_it() -> None:
    people = pd.DataFrame({"code": ["1504", "1534"], "people": [30, 10]})
    back = weights(end="2020-01-01").back(people, codes=["1507", "4601"])
    assert parts(back, "1507") == {"1504": 0.75, "1534": 0.25}
    assert parts(back, "4601") == {"1201": 1}
    assert set(back.splits["method"]) == {"shares before the merger"}
    assert set(back.splits["quality"]) == {"assumption"}
    later = pd.DataFrame({"kommune": ["1507"], "year": [2021], "people": [41]})
    assert back.carry(later)["people"].tolist() == [31, 10]


def test_there_is_no_way_back_over_a_split() -> None:
    people = pd.DataFrame({"code": ["1504", "1805"], "people": [30, 10]})
    with pytest.raises(InputError) as caught:
        weights(end="2020-01-01").back(people, codes=["1806", "1507", "7777"])
    message = str(caught.value)
    assert "1806: received a part of 1850; there is no way back to it." in message
    assert "1507: no residents are given for 1534 before the merger." in message
    assert "7777: is no code of 2020-01-01." in message


def test_areas_that_both_dates_know() -> None:
    areas = weights().common_areas
    found = {(row.when, row.code): row.area for row in areas.itertuples()}
    assert found["old", "1850"] == found["old", "1805"] == found["new", "1875"] == "1806+1875"
    assert found["old", "1534"] == "1508+1580"
    assert found["old", "0301"] == "0301"
    moved = join_areas(weights(), moves=pd.DataFrame({"from": ["0301"], "to": ["4601"]}))
    assert set(moved.loc[moved["code"].isin(["0301", "1201"]), "area"]) == {"0301+4601"}
    with pytest.raises(InputError, match="1201: is no code of 2026"):
        join_areas(weights(), moves=pd.DataFrame({"from": ["0301"], "to": ["1201"]}))
