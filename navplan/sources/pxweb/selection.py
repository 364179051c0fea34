"""What to ask a statistical table for: codes and expressions, checked, counted and split."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from navplan.errors import Fault, raise_faults
from navplan.sources.jsonstat import Variable

Selection = Mapping[str, Sequence[str]]
"""Variable → codes or expressions, for example ``{"Region": ["46*"], "Tid": ["top(2)"]}``."""

_CALL: Final = re.compile(r"(top|bottom|range|from|to)\(([^()]*)\)", re.IGNORECASE)
_MOST_NAMED: Final = 5


def expand(
    selection: Selection,
    variables: Sequence[Variable],
    *,
    lists: Mapping[str, Mapping[str, str]],
    where: str,
) -> dict[str, list[str]]:
    """Check a selection against a table and write it out as codes.

    Parameters
    ----------
    selection : mapping of str to sequence of str
        Variable → codes or the expressions ``*``, ``?``, ``top(n[,offset])``,
        ``bottom(n[,offset])``, ``range(a,b)``, ``from(a)`` and ``to(b)`` (both ends included).
        The top is the newest period of the time variable and the first code of any other.
    variables : sequence of Variable
        The table's.
    lists : mapping of str to mapping of str to str
        Variable → code → label of the code list asked for; variables without one keep the
        table's own codes.
    where : str
        Name of the table for the faults.

    Returns
    -------
    dict of str to list of str
        Codes in the table's own order, variables too. A variable that may be left out and is not
        asked for does not stand in it.

    Raises
    ------
    InputError
        With every unknown variable and code, the nearest known ones named, and every variable
        that is missing.
    """
    known = {variable.code: variable for variable in variables}
    faults = [
        Fault(where, code, "there is no such variable in the table.", _nearest(code, list(known)))
        for code in (*selection, *lists)
        if code not in known
    ]
    chosen: dict[str, list[str]] = {}
    for variable in variables:
        wanted = list(selection.get(variable.code, ()))
        if not wanted:
            if variable.code in selection or not variable.elimination:
                remedy = f"Give at least one, for example {next(iter(variable.categories), '')!r}."
                faults.append(Fault(where, variable.code, "no code is asked for.", remedy))
            continue
        labels = lists.get(variable.code, variable.categories)
        found: set[str] = set()
        for expression in wanted:
            codes = _codes_of(expression, list(labels), newest_first=variable.role == "time")
            if not codes:
                problem = f"{expression!r} is no code of the table."
                faults.append(
                    Fault(where, variable.code, problem, _nearest_code(expression, labels))
                )
            found.update(codes)
        chosen[variable.code] = [code for code in labels if code in found]
    raise_faults(faults)
    return chosen


def cells(chosen: Mapping[str, Sequence[str]]) -> int:
    """Count the values a selection asks for.

    Parameters
    ----------
    chosen : mapping of str to sequence of str
        Variable → codes.

    Returns
    -------
    int
        Product of the numbers of codes.
    """
    return math.prod(len(codes) for codes in chosen.values())


def parts(chosen: Mapping[str, Sequence[str]], limit: int) -> Iterator[dict[str, list[str]]]:
    """Split a selection into the fewest parts that each stay within a limit.

    One variable is split into runs of codes; where none alone is long enough, the longest is
    taken apart code by code and each part is split further.

    Parameters
    ----------
    chosen : mapping of str to sequence of str
        Variable → codes.
    limit : int
        Most values in one part; at least 1.

    Yields
    ------
    dict of str to list of str
        Parts that together are the selection, none twice.
    """
    whole = {variable: list(codes) for variable, codes in chosen.items()}
    count = cells(whole)
    if count <= limit:
        yield whole
        return
    runs = {
        variable: limit // (count // len(codes))
        for variable, codes in whole.items()
        if count // len(codes) <= limit
    }
    if runs:
        by = min(runs, key=lambda variable: math.ceil(len(whole[variable]) / runs[variable]))
        run = runs[by]
    else:
        by, run = max(whole, key=lambda variable: len(whole[variable])), 1
    for start in range(0, len(whole[by]), run):
        yield from parts({**whole, by: whole[by][start : start + run]}, limit)


def bracketed(code: str) -> str:
    """Write a code for a comma-separated list: in brackets if it holds a comma itself.

    Parameters
    ----------
    code : str
        The code.

    Returns
    -------
    str
        The code, or ``[code]``.
    """
    return f"[{code}]" if "," in code else code


def _codes_of(expression: str, codes: Sequence[str], *, newest_first: bool) -> list[str]:
    """The codes an expression stands for; none where it stands for nothing."""
    text = expression[1:-1] if re.fullmatch(r"\[.*\]", expression) else expression
    if text in codes:
        return [text]
    if call := _CALL.fullmatch(text.strip()):
        word, arguments = call[1].lower(), [part.strip() for part in call[2].split(",")]
        if word in ("top", "bottom"):
            last = newest_first == (word == "top")
            return _first(codes[::-1] if last else codes, arguments)
        if not codes or any(end not in codes for end in arguments):
            return []
        return _between(word, codes, [codes.index(end) for end in arguments])
    if "*" in text or "?" in text:
        pattern = re.escape(text).replace(r"\*", ".*").replace(r"\?", ".")
        return [code for code in codes if re.fullmatch(pattern, code, re.IGNORECASE)]
    return []


def _first(codes: Sequence[str], arguments: Sequence[str]) -> list[str]:
    """So many codes from one end, after an offset."""
    if not all(re.fullmatch(r"\d{1,6}", argument) for argument in arguments):
        return []
    match [int(argument) for argument in arguments]:
        case [count]:
            return list(codes[:count])
        case [count, offset]:
            return list(codes[offset : offset + count])
    return []


def _between(word: str, codes: Sequence[str], ends: Sequence[int]) -> list[str]:
    match word, ends:
        case "range", [first, last]:
            return list(codes[first : last + 1])
        case "from", [first]:
            return list(codes[first:])
        case "to", [last]:
            return list(codes[: last + 1])
    return []


def _nearest(word: str, words: Sequence[str]) -> str:
    near = difflib.get_close_matches(word, words, n=_MOST_NAMED, cutoff=0.5)
    return f"Nearest: {', '.join(near)}." if near else f"It has {', '.join(words)}."


def _nearest_code(expression: str, labels: Mapping[str, str]) -> str:
    """The nearest codes, by code or by label, with their labels; years need only the span."""
    codes = list(labels)
    span = f"It has {codes[0]} to {codes[-1]}." if codes else "It has none."
    if list(labels.values()) == codes:
        return span
    by_label = {label: code for code, label in labels.items()}
    near = difflib.get_close_matches(expression, codes, n=_MOST_NAMED, cutoff=0.5)
    near += [
        by_label[label]
        for label in difflib.get_close_matches(expression, list(by_label), n=2, cutoff=0.7)
    ]
    named = [f"{code} ({labels[code]})" for code in dict.fromkeys(near)]
    return f"Nearest: {', '.join(named)}." if named else span
