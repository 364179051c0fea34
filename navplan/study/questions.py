"""What a question of the study file names: its sites, its demands, and names that are none."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from navplan.errors import Fault
from navplan.nouns import Offices
from navplan.study.schema import Question, StudyFile


def sites_of(question: Question, offices: Offices) -> tuple[str, ...]:
    """Give the sites a question allows, less those it closes.

    Parameters
    ----------
    question : Question
        As in the study file.
    offices : Offices
        Existing offices and possible sites.

    Returns
    -------
    tuple of str
        Ids.
    """
    if question.sites == "all":
        named = tuple(offices.table.index)
    else:
        named = offices.existing if question.sites == "existing" else question.sites
    return tuple(site for site in named if site not in question.close)


def demands_of(question: Question, offices: Offices, names: Iterable[str]) -> dict[str, list[str]]:
    """Give the sites that satisfy each demand.

    Parameters
    ----------
    question : Question
        Says which sites are allowed.
    offices : Offices
        Existing offices and possible sites.
    names : iterable of str
        Ids of sites, or names of areas. A name that is both is the site.

    Returns
    -------
    dict of str to list of str
        Name → the site itself, or the allowed sites that lie in the area.
    """
    allowed = sites_of(question, offices)
    area = offices.table["area"]
    return {
        name: [name] if name in area.index else [site for site in allowed if area[site] == name]
        for name in names
    }


def check_questions(
    file: StudyFile, offices: pd.DataFrame, areas: Iterable[str], where: str
) -> list[Fault]:
    """Find names in questions that are no site or area, and demands that contradict each other.

    Parameters
    ----------
    file : StudyFile
        The study file.
    offices : DataFrame
        Checked table with ``id`` and ``kind``.
    areas : iterable of str
        Every area.
    where : str
        File name for the faults.

    Returns
    -------
    list of Fault
    """
    known_areas = set(areas)
    return [
        fault
        for question in file.question
        for fault in question_faults(question, offices, known_areas, where)
    ]


def question_faults(
    question: Question, offices: pd.DataFrame, areas: set[str], where: str
) -> list[Fault]:
    """Find names of one question that are no site or area, and demands that contradict each other.

    Parameters
    ----------
    question : Question
        Of the study file, or one made for the purpose.
    offices : DataFrame
        Table with ``id`` and ``kind``.
    areas : set of str
        Every area.
    where : str
        What the faults name first.

    Returns
    -------
    list of Fault
    """

    def fault(key: str, problem: str, remedy: str) -> Fault:
        """Say where in the question it lies."""
        return Fault(where, f"question {question.name}, {key}", problem, remedy)

    known = set(offices["id"])
    listed = () if isinstance(question.sites, str) else question.sites
    named = {"sites": listed, "keep": question.keep, "close": question.close}
    faults = [
        fault(key, f"there is no site {site!r}.", "Use ids of the offices table.")
        for key, sites in named.items()
        for site in sites
        if site not in known
    ]
    faults += [
        fault("price", f"there is no site or area {name!r}.",
              "Use ids of the offices table, or names of areas.")
        for name in question.price
        if name not in known | areas
    ]  # fmt: skip
    allowed = _allowed(question, offices)
    for site in sorted(known.intersection(question.keep)):
        if site in question.close:
            faults.append(fault("keep", f"{site!r} is closed too.", "Keep it or close it."))
        elif site not in allowed:
            given = f"{site!r} is not among the question's sites."
            faults.append(fault("keep", given, "Add it to sites."))
    kept = len(set(question.keep))
    if kept > question.offices:
        given = f"{kept} sites must be open, but {question.offices} offices are asked for."
        faults.append(fault("keep", given, "Keep fewer, or ask for more offices."))
    return faults


def _allowed(question: Question, offices: pd.DataFrame) -> set[str]:
    if question.sites == "all":
        return set(offices["id"])
    if question.sites == "existing":
        return set(offices.loc[offices["kind"] == "office", "id"])
    return set(question.sites)
