"""Cohorts that grow older."""

from __future__ import annotations

import pandas as pd
import pytest

from navplan.errors import InputError
from navplan.population import cohort_ratio


def even(people: float, last: int = 100) -> pd.DataFrame:
    ages = range(last + 1)
    return pd.DataFrame({"female": people, "male": people}, index=pd.Index(ages, name="age"))


def test_cohorts_that_neither_grow_nor_shrink_stay() -> None:
    # 10 at each age, also seven years later: every ratio is 1, and mothers stay as many.
    later = cohort_ratio(even(10), even(10), years=7, steps=2)
    assert later.loc[:89].to_numpy() == pytest.approx(10)
    # the open group 90+ holds 11 ages; 83+ held 18 of them, so it keeps 110 as well
    assert later.loc[90].to_numpy() == pytest.approx(110)


def test_cohorts_grow_by_their_own_ratio() -> None:
    # twice as many at every age after seven years: 2 × 2 twice over, children with the mothers
    later = cohort_ratio(even(10), even(20), years=7, steps=1, open_age=90)
    assert later.loc[7:89].to_numpy() == pytest.approx(40)
    assert later.loc[:6].to_numpy() == pytest.approx(40)


def test_cohorts_follow_people_as_they_age() -> None:
    before, base = even(10), even(10)
    base.loc[30, "female"] = 40  # thirty women moved in, now 30
    later = cohort_ratio(before, base, years=7, steps=1)
    assert later.loc[37, "female"] == pytest.approx(40)
    assert later.loc[30, "female"] == pytest.approx(40)  # the ratio 23 → 30 was 4
    assert later.loc[37, "male"] == pytest.approx(10)


def test_an_empty_cohort_has_no_ratio_unless_ages_are_pooled() -> None:
    before = even(10)
    before.loc[20, "male"] = 0
    with pytest.raises(InputError, match="Pool more ages"):
        cohort_ratio(before, even(10), years=7, steps=1)
    assert cohort_ratio(before, even(10), years=7, steps=1, pooled=3).notna().all(axis=None)
