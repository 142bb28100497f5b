"""Where connections come from, as far as that tells people apart."""

import ipaddress
from collections.abc import Sequence
from typing import Final

from geventim.chat.values import Nearness

Networks = Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]

PREFIX: Final = 64
"""Bits of an IPv6 address that one household, or one machine, has for itself."""


def parse_networks(text: str) -> Networks:
    """The addresses and networks that ``text`` lists, with commas between them.

    Raises :class:`ValueError`.
    """
    return tuple(ipaddress.ip_network(each.strip(), strict=False) for each in text.split(","))


def network(host: str) -> str:
    """The IPv4 address, or IPv6 network, of ``host``; ``host`` itself where it is no address."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is None:
            return str(ipaddress.ip_network((address, PREFIX), strict=False))
        address = address.ipv4_mapped
    return str(address)


def nearness(host: str) -> Nearness:
    """How far ``host`` is, as its address says; what is no address is this machine."""
    try:
        address = ipaddress.ip_address(network(host).partition("/")[0])
        here = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return Nearness.LOOPBACK
    if address.is_loopback or here.is_loopback:
        return Nearness.LOOPBACK
    return Nearness.PRIVATE if address.is_private else Nearness.PUBLIC


def origin(host: str, proxies: Networks = ()) -> str:
    """The :func:`network` of ``host``; empty for this machine, for ``proxies``, and for no address.

    From this machine everybody comes who comes through a proxy there.
    """
    try:
        address = ipaddress.ip_address(network(host).partition("/")[0])
        is_here = ipaddress.ip_address(host.partition("%")[0]).is_loopback or address.is_loopback
    except ValueError:
        return ""
    is_proxy = any(address in each for each in proxies)
    return "" if is_here or is_proxy else network(host)
