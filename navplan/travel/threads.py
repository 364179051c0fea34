"""Work spread over threads, for compiled functions that let go of the interpreter."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")


def threads() -> int:
    """Processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def in_threads(work: Callable[[Job], Result], jobs: Iterable[Job]) -> list[Result]:
    """Do every job, as many at a time as there are processors.

    Parameters
    ----------
    work : callable
        Takes a job; mostly inside a compiled function with ``nogil``.
    jobs : iterable
        What is to be done.

    Returns
    -------
    list
        The results, in the order of the jobs.
    """
    todo = list(jobs)
    if len(todo) < 2:  # noqa: PLR2004 - nothing to share
        return [work(job) for job in todo]
    with ThreadPoolExecutor(min(threads(), len(todo))) as pool:
        return list(pool.map(work, todo))


def slices(count: int, most: int) -> list[slice]:
    """Cut positions 0 … count − 1 into stretches of even length.

    Parameters
    ----------
    count : int
        How many positions.
    most : int
        At most so many stretches.

    Returns
    -------
    list of slice
        None empty; none at all where the count is zero.
    """
    pieces = min(most, count)
    return [slice(count * i // pieces, count * (i + 1) // pieces) for i in range(pieces)]
