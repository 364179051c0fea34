"""What every peer's script does alike: read the work, time it, hand back times and answers.

Called as ``python benchmarks/peers/NAME.py FOLDER``: FOLDER holds the work, and gets ``NAME.json``
(times, versions, what was done otherwise) and ``NAME.npy`` (origins × targets [s], NaN = no way).
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")


def folder() -> Path:
    """The folder of the work, from the command line."""
    return Path(sys.argv[1])


def settings() -> dict[str, Any]:
    """Repetitions, subset and what else the work says."""
    return json.loads((folder() / "settings.json").read_text(encoding="utf-8"))


def roads() -> dict[str, np.ndarray]:
    """The arrays of a street work, see `benchmarks.exchange`."""
    with np.load(folder() / "roads.npz") as arrays:
        return dict(arrays)


def timed(call: Callable[[], T], times: int) -> tuple[T, list[float]]:
    """Call several times; the last result and the seconds of each call [s]."""
    seconds = []
    for _ in range(max(1, times)):
        began = time.perf_counter()
        result = call()
        seconds.append(time.perf_counter() - began)
    return result, seconds


def done(
    name: str,
    package: str,
    seconds: list[float],
    answers: np.ndarray,
    **more: Any,
) -> None:
    """Write what was found.

    Parameters
    ----------
    name : str
        Of the script.
    package : str
        Whose version is told.
    seconds : list of float
        Each repetition [s].
    answers : ndarray
        Origins × targets [s].
    **more
        ``preparation_s``, ``share`` (of the work that was done; the seconds are of that share),
        ``note``.
    """
    np.save(folder() / f"{name}.npy", np.asarray(answers, dtype=np.float32))
    found = {"seconds": seconds, "version": f"{package} {version(package)}", **more}
    found["cores"] = os.cpu_count()
    (folder() / f"{name}.json").write_text(json.dumps(found), encoding="utf-8")
