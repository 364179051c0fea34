"""How choices of sites are written in tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from navplan.errors import Fault, raise_faults
from navplan.locate.median import SumQuestion


def site_ids(question: SumQuestion, ids: Sequence[str] | None) -> tuple[str, ...]:
    """Ids of the sites of a question.

    Parameters
    ----------
    question : SumQuestion
        How many sites there are.
    ids : sequence of str, optional
        Ids by position; left out, the positions themselves.

    Returns
    -------
    tuple of str
        One a site.

    Raises
    ------
    InputError
        If there are more or fewer ids than sites.
    """
    names = tuple(map(str, range(question.sites))) if ids is None else tuple(ids)
    if len(names) != question.sites:
        given = f"{len(names)} ids for {question.sites} sites."
        raise_faults([Fault("sites", "ids", given, "Give one id a site.")])
    return names


def ids_of(names: Sequence[str], sites: Iterable[int]) -> str:
    """Write a choice: ids in their order, joined by semicolons.

    Parameters
    ----------
    names : sequence of str
        Ids by position.
    sites : iterable of int
        Positions of the chosen sites.

    Returns
    -------
    str
        For a cell of a table.
    """
    return ";".join(sorted(names[site] for site in sites))
