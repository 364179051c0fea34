"""Kommuner and fylker by KLASS: names, and what became of old numbers."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

import pandas as pd

from navplan.errors import Fault, raise_faults
from navplan.sources.extracts import Extract
from navplan.sources.klass.register import FYLKE, KOMMUNE, changes, codes_at
from navplan.sources.web import Web

_FIRST_DAY: Final = "1994-01-01"
"""KLASS' kommuner begin here."""
_NOT_A_PLACE: Final = "9999"
"""Code of what is not known; fylker write it 99."""


def became(code: str, changed: pd.DataFrame) -> tuple[str, ...]:
    """Follow a code through its changes to what stands for it afterwards.

    Parameters
    ----------
    code : str
        An old code.
    changed : DataFrame
        As `changes` gives it.

    Returns
    -------
    tuple of str
        Several where it was split; the code itself where nothing changed; none where it ended.
    """
    rows = changed[changed["oldCode"] != changed["newCode"]]  # a new name is no new code
    own = rows.loc[rows["oldCode"] == code, "changeOccurred"]
    if own.empty:
        return (code,)
    # Numbers are used again: what an earlier kommune of this number became does not count.
    rows = rows[rows["changeOccurred"] >= own.max()]
    now = [code]
    for _, group in rows.groupby("changeOccurred", sort=True):
        moved = []
        for one in now:
            targets = group.loc[group["oldCode"] == one, "newCode"]
            moved += [one] if targets.empty else [target for target in targets if target]
        now = list(dict.fromkeys(moved))
    return tuple(now)


def check_codes(
    wanted: Sequence[str],
    known: Mapping[str, str],
    changed: pd.DataFrame,
    *,
    where: str,
    key: str = "kommuner",
) -> list[Fault]:
    """Find codes that are not in force, and say what old ones became.

    Parameters
    ----------
    wanted : sequence of str
        Codes as a planner gave them.
    known : mapping of str to str
        Code → name of those in force.
    changed : DataFrame
        As `changes` gives it.
    where : str
        File or noun for the faults.
    key : str
        Key for the faults.

    Returns
    -------
    list of Fault
        None where every code is in force.
    """
    faults = []
    for code in dict.fromkeys(wanted):
        if code in known:
            continue
        old = changed[(changed["oldCode"] == code) & (changed["newCode"] != code)]
        if old.empty:
            faults.append(Fault(where, key, f"{code!r} is no kommune.", _nearest(code, known)))
            continue
        last = old[old["changeOccurred"] == old["changeOccurred"].max()].iloc[0]
        now = became(code, changed)
        named = [f"{one} {known.get(one, '')}".rstrip() for one in now]
        gone = f"{code} {last['oldName']}".rstrip()
        problem = f"{gone} went out of use on {last['changeOccurred']}"
        if not now:
            faults.append(Fault(where, key, f"{problem} and nothing follows it."))
        elif len(now) == 1:
            merged = len(set(changed.loc[changed["newCode"] == now[0], "oldCode"])) > 1
            remedy = f"It is now {'part of ' if merged else ''}{named[0]}: write that number."
            faults.append(Fault(where, key, f"{problem}.", remedy))
        else:
            remedy = f"It was split between {', '.join(named)}: choose among them."
            faults.append(Fault(where, key, f"{problem}.", remedy))
    return faults


def kommune_names(web: Web, kommuner: Sequence[str], day: str) -> Extract:
    """Check kommuner against the register and name them.

    Parameters
    ----------
    web : Web
        The way to the network.
    kommuner : sequence of str
        Four-digit numbers.
    day : str
        ISO date on which they must be in force.

    Returns
    -------
    Extract
        Columns ``code`` and ``name``, in the order given.

    Raises
    ------
    InputError
        For old numbers, with what they became, and for unknown ones, with the nearest: all at
        once.
    FetchError
        If the register cannot be asked.
    """
    listed = codes_at(web, KOMMUNE, day)
    known = _places(listed.frame)
    wanted = list(dict.fromkeys(kommuner))
    sources = listed.sources
    if any(code not in known for code in wanted):
        after = date.fromisoformat(day).replace(month=12, day=31).isoformat()
        found = changes(web, KOMMUNE, _FIRST_DAY, after)
        sources += found.sources
        raise_faults(check_codes(wanted, known, found.frame, where=f"kommuner on {day}"))
    frame = pd.DataFrame({"code": wanted, "name": [known[code] for code in wanted]})
    return Extract(frame, sources)


def kommuner_of_fylke(web: Web, fylke: str, day: str) -> Extract:
    """The kommuner of a fylke.

    Parameters
    ----------
    web : Web
        The way to the network.
    fylke : str
        Two digits.
    day : str
        ISO date.

    Returns
    -------
    Extract
        Columns ``code`` and ``name``, by code: a kommune's number begins with its fylke's.

    Raises
    ------
    InputError
        If there is no such fylke on that day; those there are named.
    FetchError
        If the register cannot be asked.
    """
    fylker = codes_at(web, FYLKE, day)
    names = _places(fylker.frame)
    if fylke not in names:
        has = ", ".join(f"{code} {name}" for code, name in names.items())
        problem = f"{fylke!r} is no fylke on {day}."
        raise_faults([Fault("fylker", fylke, problem, f"There are {has}.")])
    listed = codes_at(web, KOMMUNE, day)
    kommuner = {c: name for c, name in _places(listed.frame).items() if c.startswith(fylke)}
    frame = pd.DataFrame({"code": list(kommuner), "name": list(kommuner.values())}, dtype="str")
    frame = frame.sort_values("code", ignore_index=True)
    return Extract(frame, (*fylker.sources, *listed.sources))


def _places(codes: pd.DataFrame) -> dict[str, str]:
    """Code → name without the code for what is not known."""
    return {
        code: name
        for code, name in zip(codes["code"], codes["name"], strict=True)
        if not _NOT_A_PLACE.startswith(code)
    }


def _nearest(code: str, known: Mapping[str, str]) -> str:
    by_name = {name.casefold(): one for one, name in known.items()}
    near = [by_name[name] for name in difflib.get_close_matches(code.casefold(), by_name, n=2)]
    near += difflib.get_close_matches(code, known, n=3, cutoff=0.7)
    if not near:
        return "Give the four-digit number."
    return f"Nearest: {', '.join(f'{one} {known[one]}' for one in dict.fromkeys(near))}."
