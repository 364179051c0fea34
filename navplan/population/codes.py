"""Kommune and bydel codes through time: mergers, splits and renumberings, to the person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from navplan.errors import Fault, raise_faults
from navplan.population.code_steps import follow, read_steps
from navplan.population.counts import count_faults
from navplan.population.rounding import controlled_rounding, largest_remainder

WHOLE: Final = "whole"
"""Method of codes that go undivided into one other, or stay."""


@dataclass(frozen=True, repr=False)
class CodeWeights:
    """How the people of each code at one date are carried to the codes of another.

    Parameters
    ----------
    table : DataFrame
        Columns ``old``, ``new``, ``weight`` (those of an old code sum to 1), ``method`` and
        ``quality``; a row for every code of the first date and each code it went to.
    start, end : str
        The two dates, ISO.
    """

    table: pd.DataFrame
    start: str
    end: str

    def __repr__(self) -> str:
        return f"CodeWeights({self.start} → {self.end}, {len(self.splits)} weights of splits)"

    @property
    def splits(self) -> pd.DataFrame:
        """The rows of divided codes: what a report must say about methods and assumptions."""
        divided = self.table["old"].duplicated(keep=False)
        return self.table[divided].reset_index(drop=True)

    @property
    def common_areas(self) -> pd.DataFrame:
        """The smallest areas that both dates know exactly.

        Columns ``code``, ``when`` (``old`` or ``new``) and ``area`` (the new codes of the area,
        joined by ``+``). Within an area the parts of splits cancel: sums are free of weights.
        """
        return join_areas(self)

    def carry(
        self,
        people: pd.DataFrame,
        *,
        code: str = "kommune",
        each: Sequence[str] = ("year", "alternative"),
        where: str = "people",
    ) -> pd.DataFrame:
        """Carry a table from the old codes to the new; nobody is lost.

        Parameters
        ----------
        people : DataFrame
            Column ``code``, ``people`` (whole numbers) and any others, as year, age, sex.
        code : str
            Name of the column of codes.
        each : sequence of str
            Columns (those the table has) within which a divided code keeps its weights as a
            whole: the parts' totals of each year are the weights' largest remainders, and every
            row is divided so that rows and totals both add up.
        where : str
            File name for the faults.

        Returns
        -------
        DataFrame
            The same columns, a row for each new code and combination of the others.

        Raises
        ------
        InputError
            With every row that has a code the start does not know (also where codes of both
            dates are mixed) or a count that is not a whole number from zero.
        """
        raise_faults(self._faults(people, code, where))
        others = [str(c) for c in people.columns if c not in {code, "people"}]
        counts = people.assign(people=pd.to_numeric(people["people"]).astype(np.int64))
        counts[code] = counts[code].astype(str)
        divided = set(self.splits["old"])
        undivided = self.table[~self.table["old"].isin(divided)].set_index("old")["new"]
        stays = ~counts[code].isin(divided)
        parts = [counts[stays].assign(**{code: counts.loc[stays, code].map(undivided)})]
        outer = [code, *(c for c in each if c in others)]
        for key, rows in counts[~stays].groupby(outer, sort=False):
            to = self.table[self.table["old"] == key[0]]
            sums = largest_remainder(list(to["weight"]), int(rows["people"].sum()))
            table = controlled_rounding([int(n) for n in rows["people"]], sums)
            parts += [
                rows.assign(**{code: new, "people": column})
                for new, column in zip(to["new"], zip(*table, strict=True), strict=True)
            ]
        carried = pd.concat(parts, ignore_index=True)
        summed = carried.groupby([code, *others], sort=True, dropna=False)[["people"]].sum()
        return summed.reset_index()[list(people.columns)]

    def _faults(self, people: pd.DataFrame, code: str, where: str) -> list[Fault]:
        faults = []
        old, new = set(self.table["old"]), set(self.table["new"])
        codes = people[code].astype(str)
        mixed = "; the table has codes of both" if set(codes) & (old - new) else ""
        for unknown in sorted(set(codes) - old):
            first = int(np.flatnonzero(codes == unknown)[0]) + 2
            if unknown in new:
                problem = f"{unknown!r} is a code of {self.end} and not of {self.start}{mixed}."
                remedy = "Carry rows only from the date of their codes."
            else:
                problem = f"{unknown!r} is no code of {self.start}."
                remedy = "Correct the code, or leave out rows without a known area (Uoppgitt)."
            faults.append(Fault(where, f"row {first}, {code}", problem, remedy))
        return faults + count_faults(people["people"], where=where)

    def back(self, people: pd.DataFrame, *, codes: Iterable[str] | None = None) -> CodeWeights:
        """Turn the weights round: from the new codes to the old, where only mergers lie between.

        Parameters
        ----------
        people : DataFrame
            Columns ``code`` and ``people``: residents of the old codes, which give the weights;
            rows of one code are summed.
        codes : iterable of str, optional
            New codes to turn round; without it, all.

        Returns
        -------
        CodeWeights
            From ``end`` to ``start``; divided codes have the method ``shares before the merger``.

        Raises
        ------
        InputError
            For every new code that received a part of a divided one, and every merged code
            without people in ``people``.
        """
        wanted = sorted(set(self.table["new"]) if codes is None else set(codes))
        residents = people.groupby("code")["people"].sum(min_count=1).astype(float)
        divided = set(self.splits["old"])
        faults, rows = [], []
        for new in wanted:
            parts = self.table.loc[self.table["new"] == new, "old"]
            if parts.empty:
                faults.append(Fault("codes", new, f"is no code of {self.end}."))
                continue
            if broken := sorted(divided & set(parts)):
                problem = f"received a part of {', '.join(broken)}; there is no way back to it."
                faults.append(Fault("codes", new, problem, "Use the codes of the later date."))
                continue
            if len(parts) == 1:
                rows.append((new, parts.iloc[0], 1.0, WHOLE, "official"))
                continue
            weights = residents.reindex(parts)
            if not (weights.sum() > 0) or weights.isna().any() or (weights < 0).any():
                lacking = ", ".join(weights.index[~(weights >= 0)]) or ", ".join(parts)
                problem = f"no residents are given for {lacking} before the merger."
                faults.append(Fault("codes", new, problem, "Add them to the residents by code."))
                continue
            rows += [
                (new, old, share, "shares before the merger", "assumption")
                for old, share in (weights / weights.sum()).items()
            ]
        raise_faults(faults)
        return CodeWeights(_frame(rows), self.end, self.start)


def _frame(rows: Iterable[tuple[str, str, float, str, str]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["old", "new", "weight", "method", "quality"])


def code_weights(
    changes: pd.DataFrame,
    *,
    codes: Iterable[str],
    start: str,
    end: str,
    shares: pd.DataFrame | None = None,
    people: pd.DataFrame | None = None,
) -> CodeWeights:
    """Find where the people of each code went, through every change between two dates.

    A code that was divided gets weights by the first of these that can be had:

    1. ``given shares``: the rows of ``shares`` for it, for example people of grid cells or
       grunnkretser on each side (approximate);
    2. ``successors' people``: residents of its successors in the first year that has them all,
       where those grew out of nothing else (approximate);
    3. ``equal parts`` (assumption).

    Parameters
    ----------
    changes : DataFrame
        KLASS's columns ``oldCode``, ``newCode``, ``changeOccurred`` (ISO date). Rows without an
        old code are new units and say nothing about people.
    codes : iterable of str
        The codes that were valid at the start.
    start, end : str
        ISO dates. Changes after the start, up to and with the end, are followed.
    shares : DataFrame, optional
        Columns ``old``, ``new``, ``people`` (zero or more). ``old`` is a divided code, or a code
        of the start that became part of it: 1534 Haram was in 1507 when that was divided, and all
        of it went to 1580.
    people : DataFrame, optional
        Columns ``code``, ``year``, ``people`` of later years; rows of one code and year are summed.

    Returns
    -------
    CodeWeights
        With a row for every code and each code it went to.

    Raises
    ------
    InputError
        If a date cannot be read, a change's old code is not valid then, a code ends and goes
        nowhere, shares are negative, or none of a divided code's shares are above zero.

    Notes
    -----
    KLASS tells which codes follow which, not how many people moved; and it does not tell of
    border moves between units that both go on. In a chain of splits the weights multiply, and
    the weakest method gives the quality.
    """
    steps = read_steps(changes, start=start, end=end)
    chains = follow(steps, sorted(set(codes)), start=start, shares=shares, people=people)
    rows = [
        (old, new, chain.weight, chain.method or WHOLE, chain.quality)
        for old, ends in chains.items()
        for new, chain in sorted(ends.items())
    ]
    return CodeWeights(_frame(rows), start, end)


def join_areas(weights: CodeWeights, *, moves: pd.DataFrame | None = None) -> pd.DataFrame:
    """Join codes into the smallest areas that have one border at both dates.

    Parameters
    ----------
    weights : CodeWeights
        Old codes → new codes.
    moves : DataFrame, optional
        Columns ``from``, ``to``: further pairs of new codes between which ground moved without
        a change of codes.

    Returns
    -------
    DataFrame
        Columns ``code``, ``when`` (``old`` or ``new``), ``area``: the new codes joined by ``+``.

    Raises
    ------
    InputError
        If a moved border is between codes that are not known at the end.
    """
    pairs = list(zip("old " + weights.table["old"], "new " + weights.table["new"], strict=True))
    if moves is not None:
        known = set(weights.table["new"])
        ends = [(str(a), str(b)) for a, b in moves[["from", "to"]].itertuples(index=False)]
        raise_faults(
            Fault("border moves", end, f"is no code of {weights.end}.")
            for end in sorted({code for pair in ends for code in pair} - known)
        )
        pairs += [(f"new {a}", f"new {b}") for a, b in ends]
    root = {node: node for pair in pairs for node in pair}

    def find(node: str) -> str:
        while root[node] != node:
            node = root[node]
        return node

    for one, other in pairs:
        root[find(one)] = find(other)
    frame = pd.DataFrame({"node": list(root), "root": [find(node) for node in root]})
    frame[["when", "code"]] = frame["node"].str.split(" ", n=1, expand=True)
    later = frame[frame["when"] == "new"].sort_values("code")
    names = later.groupby("root")["code"].agg("+".join)
    frame["area"] = frame["root"].map(names)
    columns = frame[["code", "when", "area"]]
    return columns.sort_values(["when", "code"], ignore_index=True)
