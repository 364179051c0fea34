"""A kommune's projection carried to its bydeler, to the person."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from navplan.errors import InputError
from navplan.population import cohort_share, constant_share, dwelling_share

AGES = ["0-17", "18-66", "67+"]


def residents(**areas: list[int]) -> pd.DataFrame:
    rows = [
        (area, age, people)
        for area, counts in areas.items()
        for age, people in zip(AGES, counts, strict=True)
    ]
    return pd.DataFrame(rows, columns=["area", "age", "people"])


def projection(*people: float) -> pd.DataFrame:
    return pd.DataFrame({"age": AGES, "people": people})


def table(made: pd.DataFrame) -> dict[str, list[int]]:
    return {str(area): own["people"].tolist() for area, own in made.groupby("area")}


def test_every_age_keeps_its_shares() -> None:
    made = constant_share(residents(north=[10, 30, 40], south=[30, 30, 10]), projection(80, 60, 25))
    assert table(made) == {"north": [20, 30, 20], "south": [60, 30, 5]}


def test_an_age_nobody_had_is_divided_by_all_ages() -> None:
    made = constant_share(residents(north=[30, 30, 0], south=[10, 10, 0]), projection(40, 40, 8))
    assert table(made) == {"north": [30, 30, 6], "south": [10, 10, 2]}


@given(
    st.lists(st.lists(st.integers(0, 400), min_size=3, max_size=3), min_size=1, max_size=6),
    st.lists(st.integers(0, 900), min_size=3, max_size=3),
)
def test_ages_sum_to_the_kommune_and_nothing_moves_by_one(
    counts: list[list[int]], wanted: list[int]
) -> None:
    if not np.sum(counts):
        return
    base = residents(**{f"area {number}": row for number, row in enumerate(counts)})
    made = constant_share(base, projection(*wanted))
    rounded = np.array(list(table(made).values()))
    assert rounded.sum(axis=0).tolist() == wanted
    assert (rounded >= 0).all()
    seed = np.array(counts, dtype=float)
    seed[:, seed.sum(axis=0) == 0] = seed.sum(axis=1)[:, None]
    exact = seed / seed.sum(axis=0) * wanted
    assert (np.abs(rounded.sum(axis=1) - exact.sum(axis=1)) < 1 + 1e-6).all()
    assert (np.abs(rounded - exact) < 1 + 1e-6).all()


def cohorts(**areas: float) -> pd.DataFrame:
    rows = [
        (area, age, sex, people)
        for area, people in areas.items()
        for age in range(101)
        for sex in ("female", "male")
    ]
    return pd.DataFrame(rows, columns=["area", "age", "sex", "people"])


def whole(made: pd.DataFrame) -> pd.DataFrame:
    return made.groupby(["age", "sex"], as_index=False)["people"].sum()


def test_cohorts_that_do_not_change_keep_their_shares() -> None:
    now = cohorts(north=100.0, south=300.0)
    total = whole(cohorts(all=400))
    made = cohort_share(now, now, total, years=5, steps=2)
    sums = made.groupby("area")["people"].sum()
    assert sums.to_dict() == {"north": 20200, "south": 60600}


def test_the_old_are_where_the_middle_aged_were() -> None:
    before, base = cohorts(north=100.0, south=100.0), cohorts(north=100.0, south=100.0)
    then = (before["area"] == "north") & before["age"].between(58, 64)
    before.loc[then, "people"] = 300
    base.loc[(base["area"] == "north") & base["age"].between(63, 69), "people"] = 300
    total = whole(cohorts(all=400))
    made = cohort_share(before, base, total, years=5, steps=1, pooled=1)
    at = made[(made["age"] == 70) & (made["sex"] == "male")].set_index("area")["people"]
    assert at.to_dict() == {"north": 300, "south": 100}
    # where cohorts count from 80 on only, those of 70 keep their shares
    late = cohort_share(before, base, total, years=5, steps=1, pooled=1, from_age=80)
    at = late[(late["age"] == 70) & (late["sex"] == "male")].set_index("area")["people"]
    assert at.to_dict() == {"north": 200, "south": 200}


def test_a_year_between_two_steps_lies_on_the_line() -> None:
    before, base = cohorts(north=100.0, south=100.0), cohorts(north=100.0, south=100.0)
    before.loc[(before["area"] == "north") & before["age"].between(58, 64), "people"] = 300
    base.loc[(base["area"] == "north") & base["age"].between(63, 69), "people"] = 300
    total = whole(cohorts(all=2000))
    given = {"years": 5, "pooled": 1}
    at = {}
    for steps in (0, 0.4, 1):
        made = cohort_share(before, base, total, steps=steps, **given)  # type: ignore[arg-type]
        own = made[(made["age"] == 70) & (made["sex"] == "male")]
        at[steps] = own.set_index("area")["people"].to_dict()
    assert at[0] == {"north": 1000, "south": 1000}  # as in the base year
    assert at[1] == {"north": 1500, "south": 500}
    assert at[0.4] == {"north": 1286, "south": 714}  # 100 + 0.4 × 200 = 180 against 100
    with pytest.raises(InputError, match="-1 steps; expected zero or more"):
        cohort_share(before, base, total, steps=-1, **given)  # type: ignore[arg-type]


def test_cohorts_sum_to_the_kommune() -> None:
    rng = np.random.default_rng(5)
    base = cohorts(a=0, b=0, c=0)
    base["people"] = rng.integers(5, 60, len(base))
    before = base.assign(people=rng.integers(5, 60, len(base)))
    total = whole(base.assign(people=rng.integers(0, 60, len(base))))
    made = cohort_share(before, base, total, years=5, steps=2)
    assert whole(made)["people"].tolist() == total["people"].tolist()
    assert (made["people"] >= 0).all()


def test_cohorts_need_ages_sexes_and_the_same_areas() -> None:
    now = cohorts(north=1, south=1)
    with pytest.raises(InputError, match="cohorts need age and sex"):
        cohort_share(now, now, projection(1, 1, 1), years=5, steps=1)
    with pytest.raises(InputError, match="west: in one of the two counts only"):
        cohort_share(
            cohorts(north=1, south=1, west=1), now, whole(cohorts(all=2)), years=5, steps=1
        )
    norwegian = whole(cohorts(all=2)).replace({"sex": {"male": "mann"}})
    with pytest.raises(InputError, match="'mann' is none of female, male"):
        cohort_share(now, now, norwegian, years=5, steps=1)
    empty = now.assign(people=now["people"].where(now["age"] != 30, 0))
    with pytest.raises(InputError, match="Pool more ages"):
        cohort_share(empty, now, whole(cohorts(all=2)), years=5, steps=1, pooled=1)


def homes(*rows: tuple[str, int, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["area", "year", "dwellings"])


def test_areas_grow_with_their_dwellings() -> None:
    base = residents(north=[20, 60, 20], south=[20, 60, 20])
    built = homes(("north", 2026, 50), ("north", 2036, 100), ("south", 2026, 50),
                  ("south", 2036, 50))  # fmt: skip
    made = dwelling_share(base, projection(60, 180, 60), built, base_year=2026, year=2036)
    assert table(made) == {"north": [40, 120, 40], "south": [20, 60, 20]}


def test_a_new_district_gets_people_of_the_kommune_ages() -> None:
    base = residents(north=[20, 60, 20])
    built = homes(("north", 2026, 50), ("north", 2036, 50), ("harbour", 2026, 0),
                  ("harbour", 2036, 25))  # fmt: skip
    made = dwelling_share(base, projection(30, 90, 30), built, base_year=2026, year=2036)
    assert table(made) == {"harbour": [10, 30, 10], "north": [20, 60, 20]}


def test_dwellings_that_cannot_be() -> None:
    base = residents(north=[20, 60, 20], south=[1, 1, 1])
    built = homes(("north", 2026, 50), ("north", 2036, -1), ("south", 2026, 0), ("south", 2036, 4))
    with pytest.raises(InputError) as caught:
        dwelling_share(base, projection(1, 1, 1), built, base_year=2026, year=2036)
    message = str(caught.value)
    assert "north, 2036: -1; expected zero or more dwellings." in message
    assert "south, 2026: no dwellings, but 3 people." in message
    with pytest.raises(InputError, match="north, 2036: nan; expected"):
        dwelling_share(base, projection(1, 1, 1), built.drop(index=1), base_year=2026, year=2036)


@pytest.mark.parametrize("bad", [-1.0, float("nan"), float("inf")])
def test_counts_that_are_none(bad: float) -> None:
    base = residents(north=[1, 2, 3]).astype({"people": float})
    base.loc[1, "people"] = bad
    with pytest.raises(InputError, match=f"residents: row 3, people: {bad} is no number"):
        constant_share(base, projection(1, 1, 1))
    with pytest.raises(InputError, match=f"projection: row 4, people: {bad} is no number"):
        constant_share(residents(north=[1, 2, 3]), projection(1, 1, bad))


def test_tables_that_do_not_fit_each_other() -> None:
    base = residents(north=[1, 2, 3])
    with pytest.raises(InputError, match=r"residents: 67\+: is not in the projection"):
        constant_share(base, projection(1, 1, 1).iloc[:2])
    with pytest.raises(InputError, match="row 5: area, age stand twice"):
        constant_share(pd.concat([base, base], ignore_index=True), projection(1, 1, 1))
    with pytest.raises(InputError, match="projection: row 5: stands twice"):
        constant_share(base, pd.concat([projection(1, 1, 1)] * 2))
    with pytest.raises(
        InputError, match=r"row 4, people: 1\.5 is no number of people; expected a whole"
    ):
        constant_share(base, projection(1, 1, 1.5))
    with pytest.raises(InputError, match="residents: area: the column is missing"):
        constant_share(base.drop(columns="area"), projection(1, 1, 1))
    with pytest.raises(InputError, match="nobody lives in the areas"):
        constant_share(residents(north=[0, 0, 0]), projection(1, 1, 1))
