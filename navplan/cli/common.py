"""What every verb of the command line shares: exit codes, options, and how answers are shown."""

from __future__ import annotations

import errno
import json
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, Final, NoReturn, ParamSpec, TypeVar

import click
import pandas as pd

from navplan.errors import Fault, FetchError, InfeasibleError, InputError, NavplanWarning
from navplan.locate import NotFoundError
from navplan.locate.ranking import RankingInterruptedError

EXIT_BAD_INPUT: Final = 2
EXIT_INFEASIBLE: Final = 3
EXIT_UNREACHABLE: Final = 4
EXIT_INTERRUPTED: Final = 130
"""As shells have it for a program that Ctrl-C stopped; the best so far has been shown."""

_FULL: Final = {errno.ENOSPC, errno.EDQUOT}

_P = ParamSpec("_P")
_R = TypeVar("_R")


def _stop(code: int, kind: str, message: str, *, as_json: bool, faults: list[Any]) -> NoReturn:
    if as_json:
        click.echo(json.dumps({"error": kind, "message": message, "faults": faults}))
    click.echo(message, err=True)
    sys.exit(code)


def planner_errors(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Turn faults of the inputs into a message and an exit code; ours keep their traceback.

    Parameters
    ----------
    function : callable
        A verb.

    Returns
    -------
    callable
        The verb, ending with `EXIT_BAD_INPUT`, `EXIT_INFEASIBLE` or `EXIT_UNREACHABLE` where it
        cannot answer.
    """

    @wraps(function)
    def wrapped(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        as_json = bool(kwargs.get("as_json", False))
        try:
            with _noted():
                return function(*args, **kwargs)
        except InputError as error:
            faults = [vars(fault) for fault in error.faults]
            _stop(EXIT_BAD_INPUT, "input", str(error), as_json=as_json, faults=faults)
        except NotFoundError as error:
            _stop(EXIT_INFEASIBLE, "not found", str(error), as_json=as_json, faults=[])
        except InfeasibleError as error:
            _stop(EXIT_INFEASIBLE, "infeasible", str(error), as_json=as_json, faults=[])
        except FetchError as error:
            _stop(EXIT_UNREACHABLE, "unreachable", str(error), as_json=as_json, faults=[])
        except RankingInterruptedError as error:
            _stop(EXIT_INTERRUPTED, "interrupted", str(error), as_json=as_json, faults=[])
        except OSError as error:
            if error.filename is not None:
                remedy = "Check the path and your rights there."
                fault = Fault(str(error.filename)[:200], "", f"{error.strerror}.", remedy)
            elif error.errno in _FULL:
                fault = Fault("the disk", "", f"{error.strerror}.", "Make room and ask again.")
            else:
                raise
            message = str(InputError([fault]))
            _stop(EXIT_BAD_INPUT, "input", message, as_json=as_json, faults=[vars(fault)])

    return wrapped


@contextmanager
def _noted() -> Iterator[None]:
    """Show each warning once, also where the verb ends with an error."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", NavplanWarning)
        try:
            yield
        finally:
            notes = [w for w in caught if issubclass(w.category, NavplanWarning)]
            for text in dict.fromkeys(str(note.message) for note in notes):
                click.echo(f"Note: {text}", err=True)


json_option = click.option(
    "--json", "as_json", is_flag=True, help="Answer as JSON on standard output."
)
profile_option = click.option("--profile", help="The headline profile unless told.")
outlook_option = click.option("--outlook", help="The headline outlook unless told.")
out_option = click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the results; out/NAME unless told.",
)


def tell(text: str) -> None:
    """Say on a terminal what comes next.

    Parameters
    ----------
    text : str
        A few words.
    """
    if sys.stderr.isatty():
        click.echo(text, err=True)


def show(table: pd.DataFrame, *, as_json: bool) -> None:
    """Show a table.

    Parameters
    ----------
    table : DataFrame
        The answer.
    as_json : bool
        A list of records instead of text.
    """
    if as_json:
        click.echo(table.to_json(orient="records", force_ascii=False))
    else:
        click.echo(table.to_string(index=False))


def count(number: int, what: str) -> str:
    """Write how many there are of something.

    Parameters
    ----------
    number : int
        How many.
    what : str
        The word for one, whose plural takes an s.

    Returns
    -------
    str
        Number and word.
    """
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def percent(share: float) -> str:
    """Write a share so that a few are not taken for nobody, nor nearly all for everybody.

    Parameters
    ----------
    share : float
        From 0 to 1.

    Returns
    -------
    str
        In whole per cent.
    """
    if 0 < share < 1 / 100:
        return "<1 %"
    return ">99 %" if 99 / 100 < share < 1 else f"{100 * share:.0f} %"
