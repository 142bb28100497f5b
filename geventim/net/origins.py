"""Where connections come from, as far as that tells people apart."""

import ipaddress
from typing import Final

PREFIX: Final = 64
"""Bits of an IPv6 address that one household, or one machine, has for itself."""


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


def origin(host: str) -> str:
    """The :func:`network` of ``host``; empty for this machine, and for no address.

    From this machine everybody comes who comes through a proxy.
    """
    try:
        address = ipaddress.ip_address(network(host).partition("/")[0])
        is_here = ipaddress.ip_address(host.partition("%")[0]).is_loopback or address.is_loopback
    except ValueError:
        return ""
    return "" if is_here else network(host)
