"""What a comparison gives back: the tidy table, its layouts, and who loses where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

import pandas as pd

from navplan.errors import Fault, raise_faults
from navplan.measures import losing_zones
from navplan.nouns import Population, Zones

By: TypeAlias = Literal["all", "area", "age"]
ALL: Final = "all"
COLUMNS: Final = (
    *("scenario", "outlook", "profile", "by", "group", "measure", "value", "unit"),
    *("share_without_time", "people"),
)


@dataclass(frozen=True, repr=False)
class Comparison:
    """What `compare` found.

    Parameters
    ----------
    table : DataFrame
        One row a scenario, outlook, profile, group and measure: `COLUMNS`.
    zone_minutes : DataFrame
        One row a scenario, profile and zone: ``office``, ``minutes`` [min], ``nearest``,
        ``nearest_minutes`` [min], ``reason``, ``change_minutes`` against the base [min].
    base : str
        Name of the scenario the others are compared with.
    kappa : mapping
        (outlook, profile) → κ of the equal equivalent, from the base [1/min].
    zones : Zones
        The zones.
    populations : mapping
        Outlook → residents.
    """

    table: pd.DataFrame
    zone_minutes: pd.DataFrame
    base: str
    kappa: Mapping[tuple[str, str], float]
    zones: Zones = field(repr=False)
    populations: Mapping[str, Population] = field(repr=False)

    def __repr__(self) -> str:
        names = ", ".join(self.table["scenario"].unique())
        return f"Comparison({names}; base {self.base}, {len(self.table):,} rows)"

    def _known(self, column: str, word: str | None) -> list[Fault]:
        known = list(self.table[column].unique())
        if word is None or word in known:
            return []
        given = f"{word!r} is not in the comparison."
        return [Fault("comparison", column, given, f"Known: {', '.join(map(str, known))}.")]

    def pivot(
        self,
        measure: str,
        *,
        by: By = "all",
        outlook: str | None = None,
        profile: str | None = None,
        column: Literal["value", "share_without_time", "people"] = "value",
    ) -> pd.DataFrame:
        """Lay one measure out with a scenario a row.

        Parameters
        ----------
        measure : str
            For example ``mean_minutes``.
        by : {"all", "area", "age"}
            Which groups.
        outlook, profile : str, optional
            Keep one; left out, each has columns of its own.
        column : {"value", "share_without_time", "people"}
            What stands in the cells; show the share beside a mean.

        Returns
        -------
        DataFrame
            Scenarios in the order compared; columns of what is not fixed.

        Raises
        ------
        InputError
            On an unknown measure, outlook or profile.
        """
        raise_faults(
            [
                *self._known("measure", measure),
                *self._known("by", by),
                *self._known("outlook", outlook),
                *self._known("profile", profile),
            ]
        )
        table = self.table
        chosen = table[(table["measure"] == measure) & (table["by"] == by)]
        across = []
        for key, word in (("outlook", outlook), ("profile", profile)):
            if word is None:
                across.append(key)
            else:
                chosen = chosen[chosen[key] == word]
        if by != ALL or not across:
            across.append("group")
        rows = list(dict.fromkeys(chosen["scenario"]))
        columns = list(dict.fromkeys(chosen[across].itertuples(index=False, name=None)))
        wide = chosen.set_index(["scenario", *across])[column].unstack(across)
        order = [c if len(across) > 1 else c[0] for c in columns]
        return wide.loc[rows, order]

    def losers(
        self,
        more_than_min: float = 10.0,
        *,
        scenario: str | None = None,
        outlook: str | None = None,
        profile: str | None = None,
    ) -> pd.DataFrame:
        """List the zones whose way gets longer by more than a limit, the longest loss first.

        Zones that lose their time altogether come first, with NaN as change.

        Parameters
        ----------
        more_than_min : float
            The limit, itself not included [min].
        scenario, outlook, profile : str, optional
            Keep one; left out, all.

        Returns
        -------
        DataFrame
            Columns ``scenario``, ``outlook``, ``profile``, ``zone``, ``name``, ``area``,
            ``people`` [persons], ``before``, ``after`` and ``change`` [min], ``reason``. Counts
            are not masked: use `results.Results` for what is published.

        Raises
        ------
        InputError
            On an unknown scenario, outlook or profile.
        """
        raise_faults(
            [
                *self._known("scenario", scenario),
                *self._known("outlook", outlook),
                *self._known("profile", profile),
            ]
        )
        minutes = self.zone_minutes
        base = minutes[minutes["scenario"] == self.base].set_index(["profile", "zone"])["minutes"]
        keys = pd.MultiIndex.from_frame(minutes[["profile", "zone"]])
        before = base.reindex(keys).to_numpy(dtype=float)
        after = minutes["minutes"].to_numpy(dtype=float)
        found = minutes.assign(before=before, after=after, change=after - before)
        found = found[losing_zones(before, after, limit=more_than_min)]
        for key, word in (("scenario", scenario), ("profile", profile)):
            if word is not None:
                found = found[found[key] == word]
        places = self.zones.table[["name", "area"]].reset_index(names="zone")
        found = found.merge(places, on="zone")
        parts = []
        for name, population in self.populations.items():
            if outlook in (None, name):
                people = population.people.reindex(found["zone"]).to_numpy(dtype=float)
                parts.append(found.assign(outlook=name, people=people))
        table = pd.concat(parts, ignore_index=True)
        table = table[table["people"] > 0]
        columns = ["scenario", "outlook", "profile", "zone", "name", "area", "people"]
        columns += ["before", "after", "change", "reason"]
        table = table.sort_values(
            ["scenario", "outlook", "profile", "change", "zone"],
            ascending=[True, True, True, False, True],
            na_position="first",
        )
        return table[columns].reset_index(drop=True)
