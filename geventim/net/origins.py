"""Where connections come from, as far as that tells people apart."""

import ipaddress

from gevent.socket import socket

PREFIX = 64
"""Bits of an IPv6 address that one household, or one machine, has for itself."""


def origin(sock: socket) -> str:
    """The IPv4 address or IPv6 network of the peer of ``sock``.

    It is empty for this machine, from which everybody comes who comes through a proxy, and for a
    peer that is gone.
    """
    try:
        host = sock.getpeername()[0]
    except OSError:
        return ""
    return group(host)


def group(host: str) -> str:
    """The IPv4 address or IPv6 network of ``host``; empty for this machine, and for no address."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if address.is_loopback:
        return ""
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((int(address), PREFIX), strict=False))
    return str(address)
