"""Files that cannot be written: a full disk, a folder without rights."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from navplan.errors import Fault, raise_faults

_MOST_SAID: Final = 80


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Say in a planner's words which file cannot be written, and where.

    Parameters
    ----------
    path : Path
        The file that is written inside the ``with``.

    Yields
    ------
    None

    Raises
    ------
    InputError
        If the disk is full, the folder gives no rights, or the file stands open elsewhere.
    """
    try:
        yield
    except (OSError, RuntimeError) as error:  # GDAL's and osmium's own errors are RuntimeErrors
        raise_faults([unwritable(path, error)])


def unwritable(path: Path, error: Exception) -> Fault:
    """Say that a file cannot be written.

    Parameters
    ----------
    path : Path
        The file.
    error : Exception
        What the system or a library says.

    Returns
    -------
    Fault
        The sentence.
    """
    said = error.strerror if isinstance(error, OSError) else None
    why = " ".join((said or str(error)).split())[:_MOST_SAID]
    problem = f"cannot be written in {path.parent} ({why})."
    return Fault(path.name, "", problem, "Make room on the disk, or see to your rights there.")
