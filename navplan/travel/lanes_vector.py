"""Rows of 64 lanes as vectors of the processor: `navplan.travel.lanes_plain`, only faster.

numba adds two int32 as int64, which keeps its loops from becoming vector instructions; so the
three functions are written as LLVM vectors of 16 lanes, four to a row. LLVM maps them to what
the processor has (AVX-512, AVX2, NEON), so nothing here depends on the machine.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from llvmlite import ir
from numba import njit, types
from numba.core.cgutils import for_range_slice
from numba.extending import intrinsic

from navplan.travel.lanes_plain import LANES, UNREACHED, Ints

_WIDTH: Final = 16
_VECTORS: Final = LANES // _WIDTH
_INT32: Final = ir.IntType(32)
_INT64: Final = ir.IntType(64)
_VECTOR: Final = ir.VectorType(_INT32, _WIDTH)
_ALIGNED: Final = 4  # bytes: rows of a numpy array start wherever its buffer does
_TABLE: Final = types.Array(types.int32, 1, "C")

# numba's and llvmlite's objects have no types of their own
Builder = Any
Value = Any


def _places(builder: Builder, data: Value, row: Value) -> list[Value]:
    """Pointers to the vectors of a row."""
    first = builder.mul(row, _INT64(LANES))
    cells = (builder.add(first, _INT64(part * _WIDTH)) for part in range(_VECTORS))
    return [builder.bitcast(builder.gep(data, [cell]), _VECTOR.as_pointer()) for cell in cells]


def _load(builder: Builder, places: list[Value]) -> list[Value]:
    return [builder.load(place, align=_ALIGNED) for place in places]


def _store(builder: Builder, places: list[Value], vectors: list[Value]) -> None:
    for place, vector in zip(places, vectors, strict=True):
        builder.store(vector, place, align=_ALIGNED)


def _in_all_lanes(builder: Builder, number: Value) -> Value:
    nothing = ir.Constant(_VECTOR, ir.Undefined)
    first = builder.insert_element(nothing, number, _INT32(0))
    zeros = ir.Constant(ir.VectorType(_INT32, _WIDTH), [0] * _WIDTH)
    return builder.shuffle_vector(first, nothing, zeros)


def _smaller(builder: Builder, a: Value, b: Value) -> Value:
    return builder.select(builder.icmp_signed("<", a, b), a, b)


def _larger(builder: Builder, a: Value, b: Value) -> Value:
    return builder.select(builder.icmp_signed("<", a, b), b, a)


def _lower(builder: Builder, labels: list[Value], vectors: list[Value], number: Value) -> None:
    """Lower the labels kept in stack slots to the vectors plus a number."""
    added = _in_all_lanes(builder, number)
    for label, vector in zip(labels, vectors, strict=True):
        candidate = builder.add(vector, added)
        builder.store(_smaller(builder, candidate, builder.load(label)), label)


def _data(context: Any, builder: Builder, array: Value) -> Value:
    return context.make_array(_TABLE)(context, builder, array).data


def _folding(*, weighted: bool) -> Callable[..., Value]:
    """Make the body of both folds; the last argument is ``weights`` or ``shift``."""

    def body(context: Any, builder: Builder, _: Any, arguments: list[Value]) -> Value:
        out, out_row, base, base_row, add, table, rows, begin, end, last = arguments
        out, base, table, rows = (
            _data(context, builder, array) for array in (out, base, table, rows)
        )
        weights = _data(context, builder, last) if weighted else None
        # LLVM turns stack slots into registers, but only those of the entry block
        with builder.goto_entry_block():
            labels = [builder.alloca(_VECTOR) for _ in range(_VECTORS)]
        for label in labels:
            builder.store(ir.Constant(_VECTOR, [UNREACHED] * _WIDTH), label)
        with builder.if_then(builder.icmp_signed(">=", base_row, _INT64(0))):
            _lower(builder, labels, _load(builder, _places(builder, base, base_row)), add)
        with for_range_slice(builder, begin, end, _INT64(1), inc=True) as (i, _count):
            row = builder.sext(builder.load(builder.gep(rows, [i])), _INT64)
            weight = builder.load(builder.gep(weights, [i])) if weighted else _INT32(0)
            _lower(builder, labels, _load(builder, _places(builder, table, row)), weight)
        least = [builder.load(label) for label in labels]
        if not weighted:
            shift = _in_all_lanes(builder, last)
            least = [builder.add(vector, shift) for vector in least]
        _store(builder, _places(builder, out, out_row), least)
        return context.get_dummy_value()

    return body


def _exchanging(context: Any, builder: Builder, _: Any, arguments: list[Value]) -> Value:
    table, one, other = arguments
    data = _data(context, builder, table)
    lower, upper = _places(builder, data, one), _places(builder, data, other)
    pairs = list(zip(_load(builder, lower), _load(builder, upper), strict=True))
    _store(builder, lower, [_smaller(builder, a, b) for a, b in pairs])
    _store(builder, upper, [_larger(builder, a, b) for a, b in pairs])
    return context.get_dummy_value()


_ROW: Final = (_TABLE, types.intp)
_TO_END: Final = (*_ROW, *_ROW, types.int32, _TABLE, _TABLE, types.intp, types.intp)


# numba asks these for the kinds of their arguments and how to write the call in LLVM; it wants to
# see each argument, hence the long lists
def _typed_fold(_, o, o_row, b, b_row, add, t, rows, begin, end, last):  # type: ignore[no-untyped-def]  # noqa: ARG001
    return types.void(*_TO_END, _TABLE), _folding(weighted=True)


def _typed_fold_plain(_, o, o_row, b, b_row, add, t, rows, begin, end, last):  # type: ignore[no-untyped-def]  # noqa: ARG001
    return types.void(*_TO_END, types.int32), _folding(weighted=False)


def _typed_exchange(_, table, one, other):  # type: ignore[no-untyped-def]  # noqa: ARG001
    return types.void(*_ROW, types.intp), _exchanging


_fold: Any = intrinsic(_typed_fold)
_fold_plain: Any = intrinsic(_typed_fold_plain)
_exchange: Any = intrinsic(_typed_exchange)


@njit(nogil=True, cache=True)
def fold(
    out: Ints,
    out_row: int,
    base: Ints,
    base_row: int,
    add: int,
    table: Ints,
    rows: Ints,
    weights: Ints,
    begin: int,
    end: int,
) -> None:
    """Do the same as `navplan.travel.lanes_plain.fold`.

    Parameters
    ----------
    out, out_row, base, base_row, add, table, rows, weights, begin, end
        As there.
    """
    _fold(out, out_row, base, base_row, add, table, rows, begin, end, weights)


@njit(nogil=True, cache=True)
def fold_plain(
    out: Ints,
    out_row: int,
    base: Ints,
    base_row: int,
    add: int,
    table: Ints,
    rows: Ints,
    begin: int,
    end: int,
    shift: int,
) -> None:
    """Do the same as `navplan.travel.lanes_plain.fold_plain`.

    Parameters
    ----------
    out, out_row, base, base_row, add, table, rows, begin, end, shift
        As there.
    """
    _fold_plain(out, out_row, base, base_row, add, table, rows, begin, end, shift)


@njit(nogil=True, cache=True)
def exchange(table: Ints, one: int, other: int) -> None:
    """Do the same as `navplan.travel.lanes_plain.exchange`.

    Parameters
    ----------
    table, one, other
        As there.
    """
    _exchange(table, one, other)
