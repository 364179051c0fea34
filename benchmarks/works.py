"""What a work of the bench is, how it is timed, and how a peer is set to it."""

from __future__ import annotations

import importlib.metadata
import json
import statistics
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt

ROOT: Final = Path(__file__).resolve().parents[1]
PEERS: Final = Path(__file__).with_name("peers")
GOAL: Final = "goal"
"""Stands for a peer where a row has the time to be kept instead."""
OWN_REPEATS: Final = 7
PEER_LIMIT_S: Final = 900.0
"""A peer that is not done by then is given up [s]."""

T = TypeVar("T")
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Bench:
    """Where the data lie, where files may be written, and who takes part.

    Parameters
    ----------
    shared : Path
        The fetched data.
    scratch : Path
        Folder for what is handed to peers.
    python : Path or None
        Interpreter of the peers' environment; None where there is none.
    quick : bool
        Two repetitions and small shares: to see that all runs, not to measure.
    """

    shared: Path
    scratch: Path
    python: Path | None
    quick: bool = False

    @property
    def repeats(self) -> int:
        """How often ours is timed."""
        return 2 if self.quick else OWN_REPEATS

    def folder(self, work: str) -> Path:
        """Make the folder of a work.

        Parameters
        ----------
        work : str
            Its id.

        Returns
        -------
        Path
            Existing.
        """
        path = self.scratch / work
        path.mkdir(parents=True, exist_ok=True)
        return path


@dataclass(frozen=True)
class Row:
    """One line of results.json.

    Parameters
    ----------
    work, peer : str
        Ids.
    ours_s, peer_s : float or None
        Medians [s]; None where one did not run.
    missing : str
        Why the peer did not run; "" where it did.
    note : str
        What was scaled or done otherwise.
    """

    work: str
    peer: str
    ours_s: float | None
    peer_s: float | None
    missing: str = ""
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Peer over ours."""
        if self.ours_s is None or self.peer_s is None:
            return None
        return self.peer_s / self.ours_s

    def as_dict(self) -> dict[str, Any]:
        """Give the row as JSON has it: times with four figures.

        Returns
        -------
        dict
            With the ratio; the note only where there is one.
        """
        found: dict[str, Any] = {
            "work": self.work,
            "peer": self.peer,
            "ours_s": _figures(self.ours_s),
            "peer_s": _figures(self.peer_s),
            "ratio": _figures(self.ratio),
            "missing": self.missing,
        }
        return found | ({"note": self.note} if self.note else {})


@dataclass(frozen=True)
class Agreement:
    """How far a peer's answers lie from ours.

    Parameters
    ----------
    work, peer : str
        Ids.
    pairs : int
        Compared: those that both reach.
    one_only : float
        Share of all pairs that only one of the two reaches.
    within_1s, within_1_percent : float
        Shares of the pairs compared.
    median_s : float
        Median of the peer's seconds less ours [s].
    note : str
        Why they differ, where it is known.
    """

    work: str
    peer: str
    pairs: int
    one_only: float
    within_1s: float
    within_1_percent: float
    median_s: float
    note: str = ""


@dataclass(frozen=True)
class Table:
    """A table of results.md.

    Parameters
    ----------
    title : str
        Its heading.
    text : str
        What stands in it.
    head : tuple of str
        Columns.
    lines : list of tuple of str
        Cells.
    """

    title: str
    text: str
    head: tuple[str, ...]
    lines: list[tuple[str, ...]]


@dataclass(frozen=True)
class Outcome:
    """All that one work gives.

    Parameters
    ----------
    title, text : str
        For results.md: what is done, what is timed and what not.
    rows : tuple of Row
        For results.json.
    agreements : tuple of Agreement
        Answers of the peers against ours.
    facts : dict
        Sizes and times beside, by name.
    tables : tuple of Table
        For results.md.
    """

    title: str
    text: str
    rows: tuple[Row, ...] = ()
    agreements: tuple[Agreement, ...] = ()
    facts: dict[str, str] = field(default_factory=dict)
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True)
class Ran:
    """What a peer's script handed back.

    Parameters
    ----------
    seconds : float
        Median, scaled to the whole work [s].
    answers : ndarray
        Origins × targets of what was run [s], NaN = no way.
    found : dict
        What the script wrote: version, note, times of the preparation.
    """

    seconds: float
    answers: Floats
    found: dict[str, Any]


def median_s(call: Callable[[], T], repeats: int) -> tuple[T, float]:
    """Call once to warm up, then time.

    Parameters
    ----------
    call : callable
        What is timed.
    repeats : int
        Calls that count.

    Returns
    -------
    result
        Of the last call.
    float
        Median [s].
    """
    result = call()
    seconds = []
    for _ in range(repeats):
        began = time.perf_counter()
        result = call()
        seconds.append(time.perf_counter() - began)
    return result, statistics.median(seconds)


def why_not_run(python: Path | None, arguments: list[str], limit_s: float) -> str:
    """Run a script in a process of its own.

    Parameters
    ----------
    python : Path or None
        Interpreter; None where there is no environment for peers.
    arguments : list of str
        Script or module, and what it is given.
    limit_s : float
        It is given up then [s].

    Returns
    -------
    str
        Why it did not run to its end; "" where it did.
    """
    if python is None:
        return "no environment for peers: Python 3.12 or newer was not found"
    command = [str(python), *arguments]
    try:
        ran = subprocess.run(
            command, capture_output=True, text=True, timeout=limit_s, check=False, cwd=ROOT
        )
    except subprocess.TimeoutExpired:
        return f"not done within {limit_s:.0f} s"
    last = (ran.stderr or ran.stdout).strip().splitlines()[-1:]
    return f"failed: {' '.join(last)[:300]}" if ran.returncode else ""


def run_peer(bench: Bench, script: str, folder: Path) -> Ran | str:
    """Set a peer to the work in a folder.

    Parameters
    ----------
    bench : Bench
        Its interpreter.
    script : str
        Name in benchmarks/peers, without ``.py``.
    folder : Path
        The work.

    Returns
    -------
    Ran or str
        What it found, or why it did not run.
    """
    if why := why_not_run(bench.python, [str(PEERS / f"{script}.py"), str(folder)], PEER_LIMIT_S):
        return why
    found = json.loads((folder / f"{script}.json").read_text(encoding="utf-8"))
    answers = np.load(folder / f"{script}.npy").astype(float)
    return Ran(statistics.median(found["seconds"]) / found["share"], answers, found)


def compared(
    work: str, peer: str, ran: Ran | str, ours_s: float, answers: Floats, note: str = ""
) -> tuple[Row, tuple[Agreement, ...]]:
    """The row of a peer, and how its answers agree.

    Parameters
    ----------
    work, peer : str
        Ids.
    ran : Ran or str
        From `run_peer`.
    ours_s : float
        Our median [s].
    answers : ndarray
        Ours, of the whole work [s], NaN = no way; a peer's are its first rows and columns.
    note : str
        For the agreement: why they differ.

    Returns
    -------
    Row
        With why it is missing, where it is.
    tuple of Agreement
        None where the peer did not run.
    """
    if isinstance(ran, str):
        return Row(work, peer, ours_s, None, missing=ran), ()
    theirs = ran.answers
    ours = answers[: theirs.shape[0], : theirs.shape[1]]
    both = np.isfinite(ours) & np.isfinite(theirs)
    apart = theirs[both] - ours[both]
    agreement = Agreement(
        work=work,
        peer=peer,
        pairs=int(both.sum()),
        one_only=float((np.isfinite(ours) != np.isfinite(theirs)).mean()),
        within_1s=float((np.abs(apart) <= 1.0).mean()),
        within_1_percent=float((np.abs(apart) <= np.maximum(ours[both] * 0.01, 1.0)).mean()),
        median_s=float(np.median(apart)),
        note=note,
    )
    return Row(work, peer, ours_s, ran.seconds, note=ran.found.get("note", "")), (agreement,)


def version_of(package: str) -> str:
    """Version of a package in this environment.

    Parameters
    ----------
    package : str
        Its name on the index.

    Returns
    -------
    str
        "" where it is not installed.
    """
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _figures(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.4g}")
