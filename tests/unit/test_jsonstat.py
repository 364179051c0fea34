"""JSON-stat 2 into frames: the forms the format allows, and what is refused by name."""

from __future__ import annotations

import math
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navplan.errors import FetchError
from navplan.sources.jsonstat import read_frame, read_variables

WHERE = "Statistics Norway's table 00000"


def dataset(**changes: Any) -> dict[str, Any]:
    """Two kommuner in three years; Narvik's figure of 2025 is held back."""
    return {
        "version": "2.0",
        "class": "dataset",
        "label": "00000: Made up",
        "id": ["Region", "Tid"],
        "size": [2, 3],
        "dimension": {
            "Region": {
                "label": "region",
                "category": {
                    "index": {"1806": 1, "1804": 0},
                    "label": {"1806": "Narvik", "1804": "Bodø"},
                },
                "extension": {"elimination": True, "codelists": [{"id": "agg_X", "label": "X"}]},
            },
            "Tid": {"label": "år", "category": {"index": ["2024", "2025", "2026"]}},
        },
        "value": [1, 2, 3, 4, None, 6.5],
        "status": {"4": ":"},
        "role": {"time": ["Tid"]},
    } | changes


def test_rows_follow_the_data_set_last_dimension_fastest() -> None:
    frame = read_frame(dataset(), where=WHERE)
    assert list(frame.columns) == ["Region", "Tid", "value", "status"]
    assert frame["Region"].tolist() == ["1804"] * 3 + ["1806"] * 3
    assert frame["Tid"].tolist() == ["2024", "2025", "2026"] * 2
    assert frame["value"].fillna(-1).tolist() == [1, 2, 3, 4, -1, 6.5]
    assert frame["status"].tolist() == ["", "", "", "", ":", ""]


def test_labels_stand_beside_the_codes() -> None:
    frame = read_frame(dataset(), where=WHERE, labels=True)
    assert list(frame.columns[:3]) == ["Region", "Region label", "Tid"]
    assert frame["Region label"].unique().tolist() == ["Bodø", "Narvik"]
    assert frame["Tid label"].unique().tolist() == ["2024", "2025", "2026"]


def test_variables_tell_roles_elimination_and_code_lists() -> None:
    region, year = read_variables(dataset(), where=WHERE)
    assert (region.role, year.role) == ("", "time")  # role.geo is missing
    assert region.elimination
    assert not year.elimination
    assert region.codelists == {"agg_X": "X"}
    assert list(region.categories.items()) == [("1804", "Bodø"), ("1806", "Narvik")]


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ({"0": 1, "1": 2, "2": 3, "3": 4, "5": 6.5}, {"4": ":"}),
        ([1, 2, 3, 4, None, 6.5], ["", "", "", "", ":", None]),
        ({"5": 6.5, "0": 1, "3": 4, "2": 3, "1": 2, "4": None}, {"4": ":"}),
    ],
)
def test_sparse_values_and_listed_signs_say_the_same(value: Any, status: Any) -> None:
    assert read_frame(dataset(value=value, status=status), where=WHERE).equals(
        read_frame(dataset(), where=WHERE)
    )


@pytest.mark.parametrize(("status", "first"), [("e", "e"), (["e"], "e"), (None, "")])
def test_one_sign_for_all_values(status: Any, first: str) -> None:
    assert read_frame(dataset(status=status), where=WHERE)["status"].tolist() == [first] * 6


def test_a_single_category_needs_no_index() -> None:
    document = dataset(id=["Only", "Tid"], size=[1, 3], value=[1, 2, 3], status=None)
    document["dimension"]["Only"] = {"category": {"label": {"Personer": "Personer"}}}
    assert read_frame(document, where=WHERE)["Only"].tolist() == ["Personer"] * 3


def test_no_rows_where_a_dimension_is_empty() -> None:
    document = dataset(size=[0, 3], value=[], status=None)
    document["dimension"]["Region"]["category"] = {"index": [], "label": {}}
    assert read_frame(document, where=WHERE).empty


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"class": "collection"}, "is no JSON-stat data set"),
    ({"version": "1.2"}, "is JSON-stat 1.2, not 2"),
    ({"id": None}, "names no dimensions"),
    ({"id": ["Tid", "Tid"]}, "names a dimension twice"),
    ({"dimension": None}, "has no dimensions"),
    ({"dimension": {}}, "does not describe the dimension Region"),
    ({"size": [2]}, "has 2 dimensions but 1 sizes"),
    ({"size": [2, -3]}, "has no sizes"),
    ({"size": [2, 4]}, "says that Tid has 4 categories and lists 3"),
    ({"value": None}, "has no values"),
    ({"value": "6"}, "has no values"),
    ({"value": [1, 2, 3]}, "has 3 values where its sizes make 6"),
    ({"value": {"6": 1}}, "places a value at '6', outside its 6 values"),
    ({"value": {"-1": 1}}, "places a value at '-1'"),
    ({"value": {"9" * 5000: 1}}, "outside its 6 values"),
    ({"value": ["1 234", 2, 3, 4, 5, 6]}, "has '1 234' for value 0, which is no number"),
    ({"value": [True, 2, 3, 4, 5, 6]}, "has 'True' for value 0"),
    ({"value": [math.nan, 2, 3, 4, 5, 6]}, "has a value 0 that is not finite"),
    ({"value": [10**400, 2, 3, 4, 5, 6]}, "has a value 0 that is not finite"),
    ({"status": [":"] * 5}, "has 5 signs where its sizes make 6 values"),
    ({"status": 7}, "has signs (status) that cannot be read"),
    ({"status": {"17": ":"}}, "places a status at '17'"),
]


@pytest.mark.parametrize(("changes", "message"), REFUSED)
def test_what_contradicts_itself_is_refused_by_name(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(FetchError) as caught:
        read_frame(dataset(**changes), where=WHERE)
    assert message in str(caught.value)
    assert WHERE in str(caught.value)


@pytest.mark.parametrize(
    ("category", "message"),
    [
        ({"label": {"a": "A", "b": "B", "c": "C"}}, "in which order the categories of Tid stand"),
        ({"index": {"a": 0, "b": 2, "c": 2}}, "gives the categories of Tid no clear order"),
        ({"index": {"a": 0, "b": True, "c": 2}}, "gives the categories of Tid no clear order"),
        ({"index": ["a", "a", "b"]}, "lists a category of Tid twice"),
        ({"index": "abc"}, "in which order the categories of Tid stand"),
        (None, "has no categories for Tid"),
    ],
)
def test_categories_without_a_clear_order_are_refused(category: Any, message: str) -> None:
    document = dataset()
    document["dimension"]["Tid"] = {"category": category}
    with pytest.raises(FetchError, match=message):
        read_frame(document, where=WHERE)


def test_a_claimed_size_is_refused_before_memory_is_taken() -> None:
    codes = [str(number) for number in range(1000)]
    names = ["a", "b", "c", "d"]
    document = dataset(id=names, size=[1000] * 4, value={}, status=None)
    document["dimension"] = {name: {"category": {"index": codes}} for name in names}
    tracemalloc.start()
    with pytest.raises(FetchError, match=r"claims 1,000,000,000,000 values; at most 10,000,000"):
        read_frame(document, where=WHERE)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000


@pytest.mark.parametrize("thing", [None, [], "dataset", 3, {}])
def test_anything_else_is_refused(thing: Any) -> None:
    with pytest.raises(FetchError, match="is no JSON-stat data set"):
        read_variables(thing, where=WHERE)


@given(st.data())
def test_every_cell_lands_on_its_codes_in_every_form(data: st.DataObject) -> None:
    sizes = data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    ids = [f"v{place}" for place in range(len(sizes))]
    codes = [
        [f"{name}-{one}" for one in range(size)] for name, size in zip(ids, sizes, strict=True)
    ]
    count = math.prod(sizes)
    numbers = st.one_of(st.none(), st.integers(-(10**6), 10**6))
    values = data.draw(st.lists(numbers, min_size=count, max_size=count))
    forms: list[Callable[[list[str]], dict[str, Any]]] = [
        lambda listed: {"index": listed},
        lambda listed: {"index": {c: n for n, c in reversed(list(enumerate(listed)))}},
    ]
    document = {
        "version": "2.0",
        "class": "dataset",
        "id": ids,
        "size": sizes,
        "dimension": {
            name: {"category": data.draw(st.sampled_from(forms))(listed)}
            for name, listed in zip(ids, codes, strict=True)
        },
        "value": data.draw(
            st.sampled_from([values, {str(n): v for n, v in enumerate(values) if v is not None}])
        ),
    }
    frame = read_frame(document, where=WHERE)
    assert len(frame) == count
    for row in range(count):
        rest, place = row, {}
        for name, listed in reversed(list(zip(ids, codes, strict=True))):
            rest, at = divmod(rest, len(listed))
            place[name] = listed[at]
        got = frame.iloc[row]
        assert {name: got[name] for name in ids} == place
        assert (None if math.isnan(got["value"]) else got["value"]) == values[row]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=8,
)
PLACES = [
    ("version",), ("id",), ("size",), ("value",), ("status",), ("role",), ("role", "time"),
    ("dimension", "Tid"), ("dimension", "Tid", "label"), ("dimension", "Tid", "category"),
    ("dimension", "Tid", "category", "index"), ("dimension", "Region", "category", "label"),
    ("dimension", "Region", "extension"), ("dimension", "Region", "extension", "codelists"),
]  # fmt: skip


@given(st.sampled_from(PLACES), ANYTHING)
def test_whatever_is_served_is_a_frame_or_a_sentence(place: tuple[str, ...], thing: Any) -> None:
    document = dataset()
    inner = document
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = thing
    rows, told = 6, ""
    try:
        rows = len(read_frame(document, where=WHERE, labels=True))
    except FetchError as error:
        told = str(error)
    assert rows == 6
    assert not told or told.startswith(f"{WHERE}: the answer ")
