"""What scripts share: where the source data lie, and tables of Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

shared_option = click.option(
    "--shared",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default="../shared/data",
    show_default=True,
    help="Folder of the source data.",
)


def markdown_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a table: names to the left, figures to the right.

    Parameters
    ----------
    head : sequence of str
        Columns; the first has the names.
    rows : sequence of sequence of str
        Cells.

    Returns
    -------
    str
        Lines of Markdown.
    """
    lines = [f"| {' | '.join(head)} |", "|---" + "|--:" * (len(head) - 1) + "|"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])
