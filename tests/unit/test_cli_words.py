"""Words that every verb of the command line shares."""

from __future__ import annotations

import errno
import warnings

import click
import pytest
from click.testing import CliRunner, Result

from navplan.cli.common import EXIT_BAD_INPUT, EXIT_INTERRUPTED, count, percent, planner_errors
from navplan.errors import Fault, InputError, NavplanWarning
from navplan.locate.ranking import RankingInterruptedError


def ended(error: BaseException) -> Result:
    @click.command()
    @planner_errors
    def verb() -> None:
        warnings.warn("two rows were left out", NavplanWarning, stacklevel=1)
        raise error

    return CliRunner().invoke(verb)


def test_what_was_noted_is_told_before_an_error() -> None:
    result = ended(InputError([Fault("places.csv", "id", "a stands twice.")]))
    assert result.exit_code == EXIT_BAD_INPUT
    note, *rest = result.stderr.splitlines()
    assert note == "Note: two rows were left out"
    assert "a stands twice." in rest[1]


def test_a_full_disk_is_no_traceback() -> None:
    result = ended(OSError(errno.ENOSPC, "No space left on device"))
    assert result.exit_code == EXIT_BAD_INPUT
    assert "the disk: No space left on device. Make room" in result.stderr
    assert isinstance(ended(OSError("of another kind")).exception, OSError)


def test_an_interrupted_ranking_says_what_to_do() -> None:
    result = ended(RankingInterruptedError("The ranking was interrupted. Let it finish."))
    assert result.exit_code == EXIT_INTERRUPTED
    assert "Let it finish." in result.stderr


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (0.0, "0 %"), (1e-6, "<1 %"), (0.0099, "<1 %"), (0.01, "1 %"), (0.5, "50 %"),
        (0.99, "99 %"), (0.9951, ">99 %"), (1 - 1e-9, ">99 %"), (1.0, "100 %"),
    ],
)  # fmt: skip
def test_a_few_are_not_nobody_nor_nearly_all_everybody(share: float, said: str) -> None:
    assert percent(share) == said


def test_one_is_told_without_an_s() -> None:
    assert [count(n, "structure") for n in (0, 1, 1200)] == [
        "0 structures", "1 structure", "1,200 structures"
    ]  # fmt: skip
