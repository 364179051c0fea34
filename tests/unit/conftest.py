"""Fixtures that the unit tests share."""

from __future__ import annotations

from tests.services.fixtures import web_of

__all__ = ["web_of"]
