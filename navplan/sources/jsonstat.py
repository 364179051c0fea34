"""JSON-stat 2.0 data sets → tidy frames (https://json-stat.org/full/)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NoReturn, TypeGuard

import numpy as np
import pandas as pd

from navplan.errors import FetchError

MOST_CELLS: Final = 10_000_000
"""A data set that claims more values is refused before anything is allocated."""

_UNUSED: Final = "Nothing of it was used; if it stays so, navplan must learn the new form."

Role = Literal["", "time", "geo", "metric"]


@dataclass(frozen=True)
class Variable:
    """One dimension of a data set.

    Parameters
    ----------
    code : str
        Its id, for example ``"Region"``.
    label : str
        Its name in words.
    categories : mapping of str to str
        Code → label, in the order of the values.
    role : {"", "time", "geo", "metric"}
        As the data set says; ``role.geo`` is often missing.
    elimination : bool
        Whether a query may leave the variable out. Only metadata tell; in an answer with figures
        the mark describes the extract.
    codelists : mapping of str to str
        Id → label of the groupings a query may ask for instead of the plain codes.
    """

    code: str
    label: str
    categories: Mapping[str, str]
    role: Role = ""
    elimination: bool = False
    codelists: Mapping[str, str] = field(default_factory=dict)


def read_variables(document: object, *, where: str) -> tuple[Variable, ...]:
    """Read the dimensions of a data set; it needs no values.

    Parameters
    ----------
    document : object
        What the JSON text held.
    where : str
        Whose data set it is, for messages, for example ``"Statistics Norway's table 07459"``.

    Returns
    -------
    tuple of Variable
        In the order of the data set's ``id``.

    Raises
    ------
    FetchError
        If it is no JSON-stat 2 data set or contradicts itself; the message names the place.
    """
    if not isinstance(document, Mapping) or document.get("class") != "dataset":
        _refuse(where, "is no JSON-stat data set")
    version = str(document.get("version", "2.0"))
    if not version.startswith("2."):
        _refuse(where, f"is JSON-stat {version[:12]}, not 2")
    ids, dimensions = document.get("id"), document.get("dimension")
    if not _is_list(ids) or not ids or not all(isinstance(code, str) for code in ids):
        _refuse(where, "names no dimensions (id)")
    if len(set(ids)) != len(ids):
        _refuse(where, "names a dimension twice (id)")
    if not isinstance(dimensions, Mapping):
        _refuse(where, "has no dimensions (dimension)")
    sizes = _sizes(document, len(ids), where)
    roles = _roles(document.get("role"))
    variables = []
    for code, size in zip(ids, sizes, strict=True):
        dimension = dimensions.get(code)
        if not isinstance(dimension, Mapping):
            _refuse(where, f"does not describe the dimension {code}")
        variables.append(_variable(code, dimension, size, roles.get(code, ""), where))
    return tuple(variables)


def read_frame(
    document: object, *, where: str, labels: bool = False, most_cells: int = MOST_CELLS
) -> pd.DataFrame:
    """Read a data set into a frame with one row a value.

    Parameters
    ----------
    document : object
        What the JSON text held.
    where : str
        Whose data set it is, for messages.
    labels : bool
        Whether each code column is followed by a column of labels, ``Region`` by
        ``Region label``.
    most_cells : int
        A data set with more values is refused before memory is taken.

    Returns
    -------
    DataFrame
        A column of codes for each dimension, ``value`` (float, NaN where there is none) and
        ``status`` (the sign served beside the value, mostly empty). Rows in the data set's own
        order: the last dimension changes fastest.

    Raises
    ------
    FetchError
        If it is no JSON-stat 2 data set or contradicts itself; the message names the place.
    """
    variables = read_variables(document, where=where)
    assert isinstance(document, Mapping)
    sizes = [len(variable.categories) for variable in variables]
    cells = math.prod(sizes)
    if cells > most_cells:
        _refuse(where, f"claims {cells:,} values; at most {most_cells:,} are read")
    values = _values(document.get("value"), cells, where)
    signs = _signs(document.get("status"), cells, where)
    columns: dict[str, Any] = {}
    for place, variable in enumerate(variables):
        after = math.prod(sizes[place + 1 :])
        positions = np.tile(np.repeat(np.arange(sizes[place]), after), math.prod(sizes[:place]))
        columns[variable.code] = pd.array(list(variable.categories), dtype="str")[positions]
        if labels:
            texts = pd.array(list(variable.categories.values()), dtype="str")
            columns[f"{variable.code} label"] = texts[positions]
    return pd.DataFrame({**columns, "value": values, "status": pd.array(signs, dtype="str")})


def _refuse(where: str, problem: str) -> NoReturn:
    raise FetchError(f"{where}: the answer {problem}. {_UNUSED}")


def _is_list(thing: object) -> TypeGuard[Sequence[Any]]:
    return isinstance(thing, Sequence) and not isinstance(thing, str)


def _is_whole(thing: object) -> TypeGuard[int]:
    return isinstance(thing, int) and not isinstance(thing, bool)


def _sizes(document: Mapping[str, Any], count: int, where: str) -> list[int]:
    sizes = document.get("size")
    if not _is_list(sizes) or not all(_is_whole(size) and size >= 0 for size in sizes):
        _refuse(where, "has no sizes (size)")
    if len(sizes) != count:
        _refuse(where, f"has {count} dimensions but {len(sizes)} sizes")
    return list(sizes)


def _roles(roles: object) -> dict[str, Role]:
    """Dimension → role; a data set may have no roles, or not all."""
    if not isinstance(roles, Mapping):
        return {}
    words: tuple[Role, ...] = ("time", "geo", "metric")
    return {str(code): word for word in words if _is_list(roles.get(word)) for code in roles[word]}


def _variable(
    code: str, dimension: Mapping[str, Any], size: int, role: Role, where: str
) -> Variable:
    category = dimension.get("category")
    if not isinstance(category, Mapping):
        _refuse(where, f"has no categories for {code}")
    texts = category.get("label")
    texts = texts if isinstance(texts, Mapping) else {}
    codes = _codes(category.get("index"), texts, code, where)
    if len(codes) != size:
        _refuse(where, f"says that {code} has {size} categories and lists {len(codes)}")
    extension = dimension.get("extension")
    extension = extension if isinstance(extension, Mapping) else {}
    codelists = extension.get("codelists")
    return Variable(
        code=code,
        label=str(dimension.get("label", code)),
        categories={one: str(texts.get(one, one)) for one in codes},
        role=role,
        elimination=extension.get("elimination") is True,
        codelists={
            str(one["id"]): str(one.get("label", one["id"]))
            for one in (codelists if _is_list(codelists) else ())
            if isinstance(one, Mapping) and "id" in one
        },
    )


def _codes(index: object, texts: Mapping[str, Any], code: str, where: str) -> list[str]:
    """Codes in the order of the values; the index may be a list, positions, or missing."""
    if index is None:  # allowed where there is one category only
        codes = list(texts)
        if len(codes) != 1:
            _refuse(where, f"does not say in which order the categories of {code} stand")
        return codes
    if isinstance(index, Mapping):
        positions = list(index.values())
        if not all(_is_whole(one) for one in positions) or sorted(positions) != list(
            range(len(positions))
        ):
            _refuse(where, f"gives the categories of {code} no clear order")
        return [str(one) for one in sorted(index, key=index.__getitem__)]
    if not _is_list(index):
        _refuse(where, f"does not say in which order the categories of {code} stand")
    codes = [str(one) for one in index]
    if len(set(codes)) != len(codes):
        _refuse(where, f"lists a category of {code} twice")
    return codes


def _values(values: object, cells: int, where: str) -> np.ndarray:
    found = np.full(cells, np.nan)
    if isinstance(values, Mapping):
        pairs = [(_position(key, cells, "value", where), one) for key, one in values.items()]
    elif _is_list(values):
        if len(values) != cells:
            _refuse(where, f"has {len(values)} values where its sizes make {cells}")
        pairs = list(enumerate(values))
    else:
        _refuse(where, "has no values (value)")
    for position, value in pairs:
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float):
            _refuse(where, f"has {str(value)[:20]!r} for value {position}, which is no number")
        try:
            found[position] = value
        except OverflowError:
            found[position] = math.inf
        if not math.isfinite(found[position]):
            _refuse(where, f"has a value {position} that is not finite")
    return found


def _signs(status: object, cells: int, where: str) -> list[str]:
    """The sign of every value: served by position, as a list, or as one for all."""
    if status is None:
        return [""] * cells
    if isinstance(status, str):
        return [status] * cells
    if isinstance(status, Mapping):
        signs = [""] * cells
        for key, sign in status.items():
            signs[_position(key, cells, "status", where)] = _sign(sign)
        return signs
    if not _is_list(status):
        _refuse(where, "has signs (status) that cannot be read")
    if len(status) == 1 and cells != 1:  # one sign for all, as the format allows
        return [_sign(status[0])] * cells
    if len(status) != cells:
        _refuse(where, f"has {len(status)} signs where its sizes make {cells} values")
    return [_sign(sign) for sign in status]


def _sign(sign: object) -> str:
    return "" if sign is None else str(sign)


def _position(key: object, cells: int, part: str, where: str) -> int:
    text = str(key)
    fits = text.isascii() and text.isdigit() and len(text) <= len(str(cells))
    if not (fits and int(text) < cells):
        _refuse(where, f"places a {part} at {text[:20]!r}, outside its {cells} values")
    return int(text)
