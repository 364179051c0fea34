"""What every reader of an OpenStreetMap file needs first: the file, and osmium."""

from __future__ import annotations

from pathlib import Path

from navplan.errors import Fault


def file_faults(path: Path, *, work: str = "read") -> list[Fault]:
    """Say what keeps an OpenStreetMap file from being read at all.

    Parameters
    ----------
    path : Path
        The file.
    work : str
        What is done with it, for the message: ``"read"`` or ``"cut"``.

    Returns
    -------
    list of Fault
        Empty where the file is there and osmium, an extra, is installed.
    """
    if not path.is_file():
        return [Fault(path.name, "", "there is no such file.", "Fetch the extract first.")]
    try:
        import osmium  # noqa: F401, PLC0415  an extra
    except ImportError:
        problem = f"OpenStreetMap files are {work} with osmium, which is not installed."
        return [Fault(path.name, "", problem, "Run: pip install 'navplan[osm]'.")]
    return []


def unreadable(where: str, error: Exception, remedy: str) -> Fault:
    """Say that osmium gave up on a file.

    Parameters
    ----------
    where : str
        Name of the file.
    error : Exception
        What osmium raised.
    remedy : str
        What to do.

    Returns
    -------
    Fault
        The sentence.
    """
    return Fault(where, "", f"cannot be read as OpenStreetMap data ({error}).", remedy)
