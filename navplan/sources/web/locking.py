"""A lock between processes that the system opens when its holder ends, however it ends."""

from __future__ import annotations

import errno
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_LOOK_AGAIN_S: Final = 0.2


@contextmanager
def held(path: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold a lock; whoever else wants it waits.

    Parameters
    ----------
    path : Path
        The lock's file; made where it is not there, and left behind.
    waiting : callable
        Called once where somebody else holds it.

    Yields
    ------
    None
        While it is held.
    """
    with path.open("ab") as file:
        if not _taken(file):
            waiting()
            while not _taken(file):
                time.sleep(_LOOK_AGAIN_S)
        yield


def _taken(file: IO[bytes]) -> bool:
    try:
        if sys.platform == "win32":
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in {errno.EACCES, errno.EAGAIN, errno.EDEADLK}:
            raise
        return False
    return True
