"""What holds for every scenario."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navplan.errors import InputError
from navplan.nouns import NEAREST
from navplan.scenario import Edits, Merge, Scenario, own_minutes, resolve
from tests.made_times import Problem, four, problems


def structure(made: Problem, data: st.DataObject, name: str = "any") -> Scenario:
    """A structure with at least one office that somebody may use."""
    offices = data.draw(st.lists(st.sampled_from(made.sites), min_size=1, unique=True))
    choice = st.sampled_from([*offices, NEAREST])
    allocation = {area: data.draw(choice) for area in made.zones.areas}
    return Scenario(name, {}, tuple(offices), allocation, sites=tuple(made.sites))


def test_no_edit_is_the_base_itself():
    assert resolve(four(), Edits()) == four()


@given(problems(), st.data())
def test_the_nearest_office_is_never_farther_than_the_own(made, data):
    own = own_minutes(structure(made, data), made.times, made.zones)
    timed = own["minutes"].notna()
    assert (own.loc[timed, "nearest_minutes"] <= own.loc[timed, "minutes"]).all()
    assert (own["reason"] == "ok").equals(timed)
    assert (own["nearest"] == "").equals(own["nearest_minutes"].isna())


@given(problems(), st.data())
def test_a_new_office_harms_nobody_who_chooses_freely(made, data):
    before = structure(made, data)
    shut = [site for site in made.sites if site not in before.offices]
    if not shut:
        return
    site = data.draw(st.sampled_from(shut))
    old = own_minutes(before, made.times, made.zones)["minutes"].fillna(1e9)
    new = own_minutes(before.open(site), made.times, made.zones)["minutes"].fillna(1e9)
    assert (new <= old).all()


@given(problems(), st.data())
def test_meetings_harm_nobody_and_free_choice_harms_nobody(made, data):
    before = structure(made, data)
    old = own_minutes(before, made.times, made.zones)["minutes"]
    shut = [site for site in made.sites if site not in before.offices]
    if shut:
        met = before.with_outreach(
            data.draw(st.sampled_from(shut)),
            serves=data.draw(st.lists(st.sampled_from(made.zones.areas), min_size=1, unique=True)),
            days=data.draw(
                st.lists(st.sampled_from(["mon", "wed", "fri"]), min_size=1, unique=True)
            ),
        )
        new = own_minutes(met, made.times, made.zones)["minutes"]
        assert new.isna().equals(old.isna())
        assert (new.dropna() <= old.dropna()).all()
        assert (new.dropna() >= 0).all()
    if set(before.allocation.values()) != {NEAREST}:
        free = own_minutes(before.choose_nearest(), made.times, made.zones)["minutes"]
        assert (free.fillna(1e9) <= old.fillna(1e9)).all()


@given(problems(), st.data())
def test_a_move_there_and_back_is_no_move(made, data):
    before = structure(made, data)
    shut = [site for site in made.sites if site not in before.offices]
    if shut:
        office = data.draw(st.sampled_from(before.offices))
        there = before.move(office, to=shut[0])
        assert there != before
        assert there.move(shut[0], to=office) == before


@given(st.permutations([(("South", "East"), "mall"), (("West", "North"), "north")]))
def test_the_order_of_merges_does_not_matter(merges):
    edits = Edits(merge=tuple(Merge(areas, office) for areas, office in merges))
    merged = resolve(four(), edits)
    assert set(merged.offices) == {"mall", "north"}
    assert merged.allocation["South"] == merged.allocation["East"] == "mall"


@given(problems(), st.data())
def test_every_single_edit_changes_something_or_is_refused(made, data):
    before = structure(made, data)
    area = data.draw(st.sampled_from(made.zones.areas))
    site = data.draw(st.sampled_from(made.sites))
    for edit in (
        lambda: before.close(site),
        lambda: before.open(site),
        lambda: before.merge([area], office=site),
        before.choose_nearest,
    ):
        try:
            after = edit()
        except InputError:
            continue
        assert after != before


def test_edits_leave_the_base_alone():
    base = four()
    base.merge(["South", "East"], office="mall").close("west").choose_nearest()
    assert base == four()
    with pytest.raises(AttributeError):
        base.name = "other"
