"""Which address a request goes to: the service's, its mirror's, and where it may be sent on."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Mapping
from typing import Final

import httpx

from navplan.errors import Fault, FetchError, raise_faults
from navplan.sources.web.service import Service

EVERY: Final = "*"
"""In `mirrors`: the address below which every other service's mirror lies, by its id."""


def mirrored(address: str) -> dict[str, str]:
    """Send every service to one mirror, for networks that reach nothing else.

    Parameters
    ----------
    address : str
        Base address of the mirror: ``ADDRESS/ssb``, ``ADDRESS/entur`` … stand for the services.

    Returns
    -------
    dict
        For `Web`.

    Raises
    ------
    InputError
        If it is no http or https address.
    """
    return checked_mirrors({EVERY: address})


def checked_mirrors(mirrors: Mapping[str, str]) -> dict[str, str]:
    """Check the addresses of mirrors.

    Parameters
    ----------
    mirrors : mapping
        Service id, or `EVERY` → base address.

    Returns
    -------
    dict
        Without slashes at the ends.

    Raises
    ------
    InputError
        If one is no http or https address.
    """
    faults = []
    for name, address in mirrors.items():
        url = _read(address)
        if url is None or url.scheme not in {"http", "https"} or "?" in address or "#" in address:
            problem = f"{address[:80]!r} is no address of a mirror."
            remedy = "Write it like https://mirror.example.no/navplan."
            faults.append(Fault("mirror", "" if name == EVERY else name, problem, remedy))
    raise_faults(faults)
    return {name: address.rstrip("/") for name, address in mirrors.items()}


def base_of(service: Service, mirrors: Mapping[str, str]) -> str:
    """Give the address a service is asked at.

    Parameters
    ----------
    service : Service
        Who is asked.
    mirrors : mapping
        As `checked_mirrors` gives them.

    Returns
    -------
    str
        Without a slash at the end.
    """
    if service.id in mirrors:
        return mirrors[service.id]
    return f"{mirrors[EVERY]}/{service.id}" if EVERY in mirrors else service.address


def route(service: Service, link: str, mirrors: Mapping[str, str], asked: str) -> str:
    """Give the address at which a link that a service gave out is asked for.

    With a mirror, a link below the service's own address is looked for at the same place below
    the mirror, and any other at ``MIRROR/host/path``.

    Parameters
    ----------
    service : Service
        Whose link it is.
    link : str
        A whole address.
    mirrors : mapping
        As `checked_mirrors` gives them.
    asked : str
        What was asked of whom, for the message.

    Returns
    -------
    str
        The address.

    Raises
    ------
    FetchError
        If it is no https address, or one inside the own network.
    """
    base = base_of(service, mirrors)
    if link.startswith((f"{base}/", f"{base}?")):
        return link
    url = _read(link)
    if url is None or url.scheme != "https":
        raise FetchError(f"{asked}: the link it gave is no https address; it is not followed.")
    if base == service.address:
        _keep_outside(url.host, asked)
        return link
    if link.startswith(f"{service.address}/"):
        return base + link.removeprefix(service.address)
    return f"{base}/{link.removeprefix('https://')}"


def redirected(came_from: str, location: str, asked: str) -> str:
    """Give the address an answer sends on to, if one may follow.

    Parameters
    ----------
    came_from : str
        The address that answered.
    location : str
        Its ``Location`` header.
    asked : str
        What was asked of whom, for the message.

    Returns
    -------
    str
        The next address.

    Raises
    ------
    FetchError
        If it leads away from https, or to another host inside the own network.
    """
    before = httpx.URL(came_from)
    try:
        after = before.join(location)
    except (ValueError, httpx.InvalidURL):
        raise FetchError(f"{asked}: the answer sends on to an address that is none.") from None
    same_host = after.host == before.host
    if same_host and (after.scheme, after.port) == (before.scheme, before.port):
        return str(after)
    if after.scheme != "https" or not after.host:
        raise FetchError(
            f"{asked}: the answer sends on to an address without https, which is not followed.",
            "Your network may ask for a login first: open the address in a browser.",
        )
    if not same_host:
        _keep_outside(after.host, asked)
    return str(after)


def _read(address: str) -> httpx.URL | None:
    """Read an address as it will be asked; None where it is none or has no host."""
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL:
        return None
    return url if url.host else None


def _keep_outside(host: str, asked: str) -> None:
    """Refuse a host of the own machine or network: an answer must not reach into it."""
    try:
        found = {str(row[4][0]) for row in socket.getaddrinfo(host, None)}
    except (OSError, UnicodeError):
        return  # known only to the proxy, or to nobody: the request itself will tell
    for text in found:
        address = ipaddress.ip_address(text.partition("%")[0])
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        if not address.is_global:
            raise FetchError(
                f"{asked}: the answer sends on into your own network ({host}), which is not "
                "followed.",
                "If a mirror stands there, name it with --mirror.",
            )
