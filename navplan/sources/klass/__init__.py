"""KLASS, Statistics Norway's register of classifications: codes, changes, correspondences."""

from __future__ import annotations

from navplan.sources.klass.kommuner import (
    became,
    check_codes,
    kommune_names,
    kommuner_of_fylke,
)
from navplan.sources.klass.register import (
    BYDEL,
    FYLKE,
    GRUNNKRETS,
    KOMMUNE,
    bydel_grunnkretser,
    changes,
    codes_at,
    codes_between,
    correspondence,
    corresponds_at,
)

__all__ = [
    "BYDEL",
    "FYLKE",
    "GRUNNKRETS",
    "KOMMUNE",
    "became",
    "bydel_grunnkretser",
    "changes",
    "check_codes",
    "codes_at",
    "codes_between",
    "correspondence",
    "corresponds_at",
    "kommune_names",
    "kommuner_of_fylke",
]
