"""What every location peer's script does alike: read the cases, time each, hand back its answer.

Called as ``python benchmarks/peers/NAME.py FOLDER``: FOLDER holds ``settings.json`` (what is
asked, and the cases) and ``CASE.npz`` (``minutes``: clients × sites, ``weights``: clients, and what
else the question has), and gets ``NAME.json``: version, and for each case the seconds, the
memory, the value, the sites as positions, and the status in the peer's own words.
"""

from __future__ import annotations

import ctypes
import gc
import json
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

ENOUGH_S = 5.0
"""Once the calls took so long together, there are no more of them [s]."""
Answer = dict[str, Any]
"""``value``, ``sites``, ``status``; a peer without an answer says so in ``status`` alone."""


def answer_all(
    name: str, package: str, call: Callable[[dict[str, Any], dict[str, np.ndarray]], Answer]
) -> None:
    """Answer every case and write what was found.

    Parameters
    ----------
    name : str
        Of the script.
    package : str
        Whose version is told.
    call : callable
        Settings of a case and its arrays → `Answer`. Building the peer's model counts: who asks
        has minutes and weights, not a model.
    """
    folder = Path(sys.argv[1])
    settings = json.loads((folder / "settings.json").read_text(encoding="utf-8"))
    answers = []
    for case in settings["cases"]:
        with np.load(folder / f"{case['name']}.npz") as arrays:
            given = dict(arrays)
        before = begin_peak()
        seconds: list[float] = []
        while len(seconds) < settings["repeats"] and sum(seconds) < ENOUGH_S:
            began = time.perf_counter()
            found = call({**settings, **case}, given)
            seconds.append(time.perf_counter() - began)
        memory = {"memory_mib": peak_mib() - before, "peak_mib": peak_mib()}
        answers.append({"name": case["name"], "seconds": seconds, **memory, **found})
    told = {"version": f"{package} {version(package)}", "answers": answers}
    (folder / f"{name}.json").write_text(json.dumps(told), encoding="utf-8")


def begin_peak() -> float:
    """Give back what is free, forget the largest memory so far; what is in use now [MiB]."""
    gc.collect()
    ctypes.CDLL("libc.so.6").malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return _memory("VmRSS")


def peak_mib() -> float:
    """Largest memory since `begin_peak` [MiB]; a parent's does not count, as in ``ru_maxrss``."""
    return _memory("VmHWM")


def _memory(name: str) -> float:
    lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
    return next(float(line.split()[1]) / 1024 for line in lines if line.startswith(f"{name}:"))
