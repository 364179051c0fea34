"""A real PostGIS: a database of its own for each test, on the server that NAVPLAN_POSTGIS names."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit, urlunsplit

import pytest

from navplan.sources.postgis_session import driver


@pytest.fixture(scope="session")
def server() -> str:
    """The server's address; skips where none runs (`make test-postgis` starts one)."""
    address = os.environ.get("NAVPLAN_POSTGIS", "")
    if not address:
        pytest.skip("no PostGIS runs here; `make test-postgis` installs and starts one")
    return address


@pytest.fixture(scope="session")
def template(server: str) -> Iterator[str]:
    """An empty database with PostGIS, from which those of the tests are copied."""
    name = f"template_{secrets.token_hex(4)}"
    with driver().connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    with driver().connect(_named(server, name), autocommit=True) as connection:
        connection.execute("CREATE EXTENSION postgis")
    yield name
    with driver().connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name}")


@pytest.fixture
def url(server: str, template: str) -> Iterator[str]:
    """A fresh database with PostGIS; its owner's address."""
    name = f"test_{secrets.token_hex(4)}"
    with driver().connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    yield _named(server, name)
    with driver().connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def run(url: str) -> Callable[..., list[tuple[object, ...]]]:
    """Run SQL as the owner and give the rows."""

    def execute(*statements: str) -> list[tuple[object, ...]]:
        with driver().connect(url, autocommit=True) as connection:
            for statement in statements:
                cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    return execute


@pytest.fixture
def reader(url: str, run: Callable[..., object]) -> Iterator[str]:
    """The address of a user without any rights of his own; password ``s3cret-pass``."""
    name = f"reader_{secrets.token_hex(4)}"
    run(f"CREATE ROLE {name} LOGIN PASSWORD 's3cret-pass'")
    parts = urlsplit(url)
    netloc = f"{name}:s3cret-pass@{parts.hostname}:{parts.port}"
    yield urlunsplit(parts._replace(netloc=netloc))
    run(f"DROP OWNED BY {name}", f"DROP ROLE {name}")


def _named(address: str, database: str) -> str:
    return urlunsplit(urlsplit(address)._replace(path=f"/{database}"))
