"""Ask ours and a peer the same, each in a process of its own, and compare what they answer."""

from __future__ import annotations

import json
import math
import statistics
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from benchmarks.locations import Instance
from benchmarks.works import PEERS, Bench, Row, why_not_run

SAME: Final = 1e-6
"""Two values this close are one [share]: peers stop within tolerances of their solvers."""
OWN_LIMIT_S: Final = 150.0
"""Ours is given up then [s]."""
SHOWN: Final = 6
"""So many cases that are left out stand in a row."""
STEPS_S: Final = 1200.0
"""A process that is not done by then is given up, whatever its limit for a case [s]."""

Answers = dict[str, dict[str, Any]]
"""By case: seconds, value, sites, status; see benchmarks/peers/_locate.py."""


@dataclass(frozen=True)
class Case:
    """One question to all who take part.

    Parameters
    ----------
    name : str
        Also that of its file.
    p : int
        Sites to choose.
    instance : Instance or None
        None where ours makes it itself, see `made`.
    made : tuple of int
        Clients and sites of `benchmarks.locations.clustered`.
    more : dict
        Further settings: ``within_min``, ``within``, ``without``.
    """

    name: str
    p: int
    instance: Instance | None = None
    made: tuple[int, ...] = ()
    more: tuple[tuple[str, float], ...] = ()

    def settings(self) -> dict[str, Any]:
        """Give it as the scripts read it.

        Returns
        -------
        dict
            For JSON.
        """
        return {"name": self.name, "p": self.p, "made": list(self.made), **dict(self.more)}

    def value(self, ask: str, sites: Sequence[int]) -> float:
        """Sum up an answer anew.

        Parameters
        ----------
        ask : str
            ``"median"``, ``"centre"`` or ``"cover"``.
        sites : sequence of int
            Positions.

        Returns
        -------
        float
            NaN where it cannot be told from the sites alone.
        """
        if self.instance is None or ask not in VALUES:
            return math.nan
        least = self.instance.minutes[:, list(sites)].min(axis=1).astype(float)
        return VALUES[ask](least, self.instance.weights, dict(self.more))


VALUES: Final[dict[str, Callable[[Any, Any, dict[str, float]], float]]] = {
    "median": lambda least, people, _: float(least @ people),
    "centre": lambda least, _people, _more: float(least.max()),
    "cover": lambda least, people, more: float(people[least > more["within_min"]].sum()),
}


def write_cases(folder: Path, ask: str, cases: Iterable[Case], **settings: float) -> None:
    """Write a folder for our script and the peers'.

    Parameters
    ----------
    folder : Path
        Existing.
    ask : str
        What is asked.
    cases : iterable of Case
        In order.
    **settings
        ``repeats`` of ours, ``limit_s`` of a peer's case.
    """
    for case in cases:
        if case.instance is not None:
            case.instance.save(folder / f"{case.name}.npz")
    given = {"ask": ask, "cases": [case.settings() for case in cases], **settings}
    (folder / "settings.json").write_text(json.dumps(given), encoding="utf-8")


def ask_ours(folder: Path) -> Answers | str:
    """Set ours to a folder.

    Parameters
    ----------
    folder : Path
        From `write_cases`.

    Returns
    -------
    dict or str
        By case, or why there is nothing.
    """
    return _ran(Path(sys.executable), ["-m", "benchmarks.locate_ours"], folder, "ours")


def ask_peer(bench: Bench, script: str, folder: Path) -> Answers | str:
    """Set a peer to a folder.

    Parameters
    ----------
    bench : Bench
        Its interpreter.
    script : str
        Name in benchmarks/peers, without ``.py``.
    folder : Path
        From `write_cases`.

    Returns
    -------
    dict or str
        By case, or why it did not run.
    """
    return _ran(bench.python, [str(PEERS / f"{script}.py")], folder, script)


def _ran(python: Path | None, script: list[str], folder: Path, name: str) -> Answers | str:
    told = folder / f"{name}.json"
    told.unlink(missing_ok=True)
    if why := why_not_run(python, [*script, str(folder)], STEPS_S):
        return why
    found = json.loads(told.read_text(encoding="utf-8"))
    return {answer["name"]: answer for answer in found["answers"]}


@dataclass(frozen=True)
class Pair:
    """What ours and a peer answered to one case.

    Parameters
    ----------
    case : Case
        What was asked.
    ours, theirs : dict
        Their answers; empty where there is none.
    why : str
        Why the two may not be compared; "" where both have the same answer.
    """

    case: Case
    ours: dict[str, Any]
    theirs: dict[str, Any]
    why: str = ""

    @property
    def ours_s(self) -> float:
        """Median of our calls [s]."""
        return statistics.median(self.ours["seconds"])

    @property
    def theirs_s(self) -> float:
        """Median of the peer's calls [s]."""
        return statistics.median(self.theirs["seconds"])


def paired(
    ask: str, cases: Sequence[Case], ours: Answers | str, theirs: Answers | str
) -> list[Pair]:
    """Lay the answers side by side.

    Parameters
    ----------
    ask : str
        What was asked.
    cases : sequence of Case
        In order.
    ours, theirs : dict or str
        From `ask_ours` and `ask_peer`.

    Returns
    -------
    list of Pair
        One a case.
    """
    found = []
    for case in cases:
        own = ours.get(case.name, {}) if isinstance(ours, dict) else {}
        other = theirs.get(case.name, {}) if isinstance(theirs, dict) else {}
        why = (
            f"ours: {ours}" if isinstance(ours, str)
            else theirs if isinstance(theirs, str)
            else differing(ask, case, own, other)
        )  # fmt: skip
        found.append(Pair(case, own, other, why))
    return found


def differing(ask: str, case: Case, ours: dict[str, Any], theirs: dict[str, Any]) -> str:
    """Say why two answers may not be compared by their seconds.

    Parameters
    ----------
    ask : str
        What was asked.
    case : Case
        Of whom.
    ours, theirs : dict
        Answers.

    Returns
    -------
    str
        "" where ours is proved and both have the same value, summed up anew from their sites.
    """
    if ours.get("status") != "proved":
        return f"ours is not proved: {ours.get('status', 'no answer')}"
    if "value" not in theirs:
        return str(theirs.get("status", "no answer"))
    value = theirs["value"]
    if not theirs.get("proved", True):
        return (
            f"says {theirs['status']!r}, not proved, at {value:.7g};"
            f" the optimum is {ours['value']:.7g}"
        )
    anew = case.value(ask, theirs["sites"])
    tolerance = SAME * max(abs(ours["value"]), 1e-9)
    if abs(anew - value) > tolerance:
        return f"gives {value:.7g} for sites that cost {anew:.7g}"
    if value > ours["value"] + tolerance:
        return f"says {theirs['status']!r} at {value:.7g}; the optimum is {ours['value']:.7g}"
    if value < ours["value"] - tolerance:
        return f"is better than ours: {value:.7g} against {ours['value']:.7g}"
    return ""


def row_of(
    work: str, peer: str, pairs: Sequence[Pair], mean: Literal["sum", "geometric"], note: str = ""
) -> Row:
    """The row of a peer over the cases that both answered alike.

    Parameters
    ----------
    work, peer : str
        Ids.
    pairs : sequence of Pair
        All cases.
    mean : {"sum", "geometric"}
        How seconds become one number.
    note : str
        Which part of the work was asked.

    Returns
    -------
    Row
        With which cases are left out and why.
    """
    alike = [pair for pair in pairs if not pair.why]
    left_out = [f"{pair.case.name} {pair.why}" for pair in pairs if pair.why]
    words = [note] if note else []
    if left_out:
        told = "; ".join(left_out[:SHOWN]) + ("; …" if len(left_out) > SHOWN else "")
        words.append(f"on {len(alike)} of {len(pairs)} cases: {told}")
    if not alike:
        ran = [pair.ours_s for pair in pairs if pair.ours]
        return Row(work, peer, _mean(ran, mean) if ran else None, None, "; ".join(words))
    ours_s, theirs_s = [pair.ours_s for pair in alike], [pair.theirs_s for pair in alike]
    return Row(work, peer, _mean(ours_s, mean), _mean(theirs_s, mean), "; ".join(words))


def _mean(seconds: Sequence[float], mean: str) -> float:
    return sum(seconds) if mean == "sum" else statistics.geometric_mean(seconds)
