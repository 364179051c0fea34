"""Where points meet the network, as arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy.typing as npt
import pandas as pd


@dataclass(frozen=True, repr=False)
class Links:
    """Where points meet the network: the columns of `attach`, quicker to read than a table.

    Parameters
    ----------
    columns : mapping of str to ndarray
        One value a point in each.
    index : Index
        Ids of the points.
    """

    columns: Mapping[str, npt.NDArray[Any]]
    index: pd.Index

    def __len__(self) -> int:
        return len(self.index)

    def __getitem__(self, column: str) -> Any:
        return self.columns[column]

    @classmethod
    def of(cls, links: pd.DataFrame | Links) -> Links:
        """Take a table of `attach`, or links as they are.

        Parameters
        ----------
        links : DataFrame or Links
            Where points meet the network.

        Returns
        -------
        Links
            The same.
        """
        if isinstance(links, Links):
            return links
        return cls({str(name): links[name].to_numpy() for name in links.columns}, links.index)

    def table(self) -> pd.DataFrame:
        """Give the columns as a table, by id."""
        return pd.DataFrame(dict(self.columns), index=self.index)


LinkTable: TypeAlias = pd.DataFrame | Links
