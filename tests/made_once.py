"""What is costly to make, made once a run of the tests by whichever worker needs it first."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from navplan.sources.web.locking import held


def made_once(name: str, make: Callable[[Path], object], temporary: pytest.TempPathFactory) -> Path:
    """Make a folder that all workers of this run share; a later run makes its own.

    Parameters
    ----------
    name : str
        Of the folder.
    make : callable
        Fills the folder, which exists and is empty. If it fails, the next who asks tries anew.
    temporary : TempPathFactory
        Knows the folder of this run.

    Returns
    -------
    Path
        The folder; whoever wants to change something in it copies it first.
    """
    own = temporary.getbasetemp()
    run = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    folder = run / name
    with held(run / f"{name}.lock", waiting=lambda: None):
        if not folder.is_dir():
            begun = temporary.mktemp(name)
            make(begun)
            begun.rename(folder)
    return folder
