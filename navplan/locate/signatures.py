"""Clients merged by the set of sites that reach them: exact, and in one pass over the times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from navplan.locate.array_types import Bools, Floats, Ints
from navplan.locate.checks import rows_at_a_time

Words = npt.NDArray[np.uint64]

_SEED = 7  # numbers that spread sets over a table: any will do, answers do not change


@dataclass(frozen=True, eq=False)
class Kinds:
    """Kinds of clients: those that the same sites reach.

    Parameters
    ----------
    table : array of bool (kinds × sites)
        Which sites reach each kind.
    weights : array (kinds)
        Weight of its clients.
    """

    table: Bools
    weights: Floats


def merge_clients(minutes: npt.NDArray[Any], weights: Floats, limit: float, sites: Ints) -> Kinds:
    """Merge the clients that the same sites reach within a limit.

    Parameters
    ----------
    minutes : array (clients × all sites)
        Times [min].
    weights : array (clients)
        Weights, at least 0.
    limit : float
        Longest time that counts as reached [min].
    sites : array of int
        Positions of the sites that are looked at.

    Returns
    -------
    Kinds
        Over `sites`, in order of their first client; the weights add up.
    """
    words = np.empty((len(minutes), -(-len(sites) // 64)), dtype=np.uint64)
    every = np.array_equal(sites, np.arange(minutes.shape[1]))  # then no copy is needed
    most = as_limit(minutes.dtype, limit)
    for rows in rows_at_a_time(minutes):
        part = minutes[rows] if every else minutes[rows][:, sites]
        words[rows] = pack_rows(part <= most)
    first, kind = distinct_words(words)
    return Kinds(
        unpack_rows(words[first], len(sites)),
        np.bincount(kind, weights=weights, minlength=len(first)).astype(np.float64),
    )


def as_limit(dtype: np.dtype[Any], limit: float) -> np.floating[Any]:
    """Give a limit in a type of float, so that comparing in it is comparing exactly.

    Parameters
    ----------
    dtype : dtype
        Type of the times.
    limit : float
        The limit [min]; inf where any time will do.

    Returns
    -------
    floating
        The largest finite number of the type that is not above the limit.
    """
    kind = dtype.type
    rounded = kind(min(limit, float(np.finfo(dtype).max)))
    if float(rounded) > limit:
        rounded = np.nextafter(rounded, kind(-np.inf))
    return rounded  # type: ignore[no-any-return]


def pack_rows(table: Bools) -> Words:
    """Put each row of a yes-no table into whole words.

    Parameters
    ----------
    table : array of bool (rows × columns)
        The rows.

    Returns
    -------
    array of uint64 (rows × words)
        One bit a column.
    """
    bits = np.packbits(table, axis=1)
    filled = np.zeros((len(table), -(-table.shape[1] // 64) * 8), dtype=np.uint8)
    filled[:, : bits.shape[1]] = bits
    return filled.view(np.uint64)


def unpack_rows(words: Words, columns: int) -> Bools:
    """Undo `pack_rows`.

    Parameters
    ----------
    words : array of uint64 (rows × words)
        Packed rows.
    columns : int
        How many columns there were.

    Returns
    -------
    array of bool (rows × columns)
        The rows.
    """
    bits = np.ascontiguousarray(words).view(np.uint8)
    return np.unpackbits(bits, axis=1, count=columns).astype(np.bool_)


def distinct_words(words: Words) -> tuple[Ints, Ints]:
    """Give the first of each kind of row, and which kind every row is.

    Rows are found by a hash and then compared word by word, so two kinds never fall together.

    Parameters
    ----------
    words : array of uint64 (rows × words)
        Packed rows.

    Returns
    -------
    (array of int (kinds), array of int (rows))
        Position of the first row of each kind, rising, and the kind of each row.
    """
    _, first, kind = np.unique(_hashes(words), return_index=True, return_inverse=True)
    if (words != words[first[kind]]).any():  # two kinds share a hash: compare them all
        _, first, kind = np.unique(words, axis=0, return_index=True, return_inverse=True)
        kind = kind.ravel()
    order = np.argsort(first)
    place = np.empty(len(order), dtype=np.intp)
    place[order] = np.arange(len(order))
    return first[order], place[kind]


def _hashes(words: Words) -> Words:
    random = np.random.default_rng(_SEED)
    odd: Words = np.array(random.integers(0, 2**62, words.shape[1]) * 2 + 1, dtype=np.uint64)
    hashes = np.zeros(len(words), dtype=np.uint64)
    for word, factor in zip(words.T, odd, strict=True):
        mixed = (word ^ (word >> np.uint64(29))) * factor
        hashes += mixed ^ (mixed >> np.uint64(32))
    return hashes
