"""The only way to the network: asked politely, cached by content, every failure a sentence.

>>> from pathlib import Path
>>> ssb = Service(
...     id="ssb",
...     publisher="Statistics Norway (SSB)",
...     address="https://data.ssb.no/api/pxwebapi/v2",
...     licence="CC BY 4.0",
...     attribution="Source: Statistics Norway (SSB)",
...     calls=30,
... )
>>> with Web(Path("cache"), offline=True) as web:
...     web.get(ssb, "config", name="the limits of its tables")
Traceback (most recent call last):
    ...
navplan.errors.FetchError: Asked Statistics Norway (SSB) for the limits of its tables ...
"""

from __future__ import annotations

from navplan.sources.web.addresses import mirrored
from navplan.sources.web.cache import cache_folder
from navplan.sources.web.clock import Clock
from navplan.sources.web.service import Fetched, Service
from navplan.sources.web.web import Web

__all__ = ["Clock", "Fetched", "Service", "Web", "cache_folder", "mirrored"]
