"""What a comparison is asked for: names that can be told apart, and outlooks that are there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from navplan.errors import Fault, raise_faults
from navplan.scenario import Scenario
from navplan.study.schema import Outlook


def name_faults(what: str, names: Sequence[str]) -> list[Fault]:
    """Find names that a table or a map layer could not tell apart.

    Parameters
    ----------
    what : str
        What bears the names, for the faults.
    names : sequence of str
        As given; each should stand once.

    Returns
    -------
    list of Fault
    """
    faults = [
        Fault("compare", f"{what} {name}", "stands more than once.", "Give each its own name.")
        for name in dict.fromkeys(names)
        if names.count(name) > 1
    ]
    small = [name.lower() for name in dict.fromkeys(names)]
    faults += [
        Fault("compare", f"{what} {name}", "differs from another in capitals only.", "Rename it.")
        for name in dict.fromkeys(names)
        if small.count(name.lower()) > 1
    ]
    faults += [
        Fault("compare", f"{what} {name!r}", "holds a sign that separates names in the tables.",
              "Use letters, digits, spaces and hyphens.")
        for name in dict.fromkeys(names)
        if not name.strip() or set(name) & set(";|=,") or not name.isprintable()
    ]  # fmt: skip
    return faults


def scenario_faults(chosen: Sequence[Scenario], *, stated: Sequence[Scenario]) -> list[Fault]:
    """Find scenarios that cannot be compared under the names they bear.

    Parameters
    ----------
    chosen : sequence of Scenario
        What is compared.
    stated : sequence of Scenario
        The study's own scenarios of the same names.

    Returns
    -------
    list of Fault
        An edit keeps its scenario's name: without a new one it would pass for the original.
    """
    faults = name_faults("scenario", [s.name for s in chosen])
    known = {s.name: s for s in stated}
    for own in chosen:
        same = known.get(own.name, own)
        if replace(own, title=same.title) != same:
            problem = "is another structure than the study's scenario of that name."
            remedy = 'Name it: scenario.named("mine").'
            faults.append(Fault("compare", f"scenario {own.name}", problem, remedy))
    return faults


def chosen_outlooks(
    known: Sequence[Outlook], outlooks: Sequence[str] | None, years: Sequence[int] | None
) -> Sequence[str]:
    """Give the outlooks a comparison is for.

    Parameters
    ----------
    known : sequence of Outlook
        Those of the study.
    outlooks : sequence of str or None
        Names.
    years : sequence of int or None
        Every outlook of these years instead.

    Returns
    -------
    sequence of str
        Names; all where nothing is asked for.

    Raises
    ------
    InputError
        If a year has no outlook, or both are given.
    """
    if years is None:
        return [o.name for o in known] if outlooks is None else outlooks
    there = sorted({o.year for o in known})
    faults = [
        Fault("compare", "years", f"no outlook is for {year}.", f"The study has {there}.")
        for year in years
        if year not in there
    ]
    if outlooks is not None:
        faults.append(Fault("compare", "years", "outlooks are given too.", "Give one of them."))
    raise_faults(faults)
    return [o.name for o in known if o.year in years]
