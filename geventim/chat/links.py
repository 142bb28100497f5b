"""Server addresses and invite links.

An address is ``host``, ``host:port`` or ``[2001:db8::1]:port``. A link is
``eim://host:port/#KEY`` or ``eim://host:port/#KEY.CODE``: it pins the server's key and may carry an
invite code. Several addresses of one server stand side by side, with commas. What follows ``#``
never leaves the program that reads it, but for the code.
"""

from dataclasses import dataclass, replace
from ipaddress import IPv6Address
from typing import Final

from geventim.crypto.readable import decode_key, encode_key
from geventim.errors import UserError

DEFAULT_HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 5555
SCHEME: Final = "eim://"
KEY_SIZE: Final = 32
CODE_SIZE: Final = 16
ADVICE: Final = "Give HOST, HOST:PORT or a link such as eim://HOST:PORT/#KEY."


@dataclass(frozen=True, slots=True)
class Link:
    """Where a server is, and what is known of it beforehand."""

    host: str
    port: int
    server_key: bytes | None = None
    code: str = ""

    @property
    def address(self) -> str:
        """``host:port``, IPv6 addresses in brackets."""
        return format_address(self.host, self.port)

    def __str__(self) -> str:
        if self.server_key is None:
            return self.address
        code = f".{self.code}" if self.code else ""
        return f"{SCHEME}{self.address}/#{encode_key(self.server_key)}{code}"


def format_address(host: str, port: int) -> str:
    """``host:port``, IPv6 addresses in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def parse_links(text: str) -> tuple[Link, ...]:
    """The addresses of one server in ``text``, separated by commas; see :func:`parse_link`.

    The key and the code that stand behind one of them hold for all. Raises :class:`UserError`, also
    with code ``bad_address`` where there are two keys or codes.
    """
    links = [parse_link(each) for each in text.split(",")]
    keys = {link.server_key for link in links if link.server_key is not None}
    codes = {link.code for link in links if link.code}
    if len(keys) > 1 or len(codes) > 1:
        raise UserError(
            "bad_address",
            "Those addresses are not of one server: their links differ in what follows '#'.",
            "Give several addresses of one server only.",
        )
    key, code = next(iter(keys), None), next(iter(codes), "")
    return tuple(replace(link, server_key=key, code=code) for link in links)


def parse_link(text: str, default_port: int = DEFAULT_PORT) -> Link:
    """The server that an address or a link names; one without a port has the default one.

    Raises :class:`UserError` with code ``bad_address``, or ``bad_key`` for a key or a code that was
    mistyped or cut.
    """
    text = text.strip()
    if text[: len(SCHEME)].lower() == SCHEME:
        text = text[len(SCHEME) :]
    address, mark, fragment = text.partition("#")
    host, port = _parse_address(address.removesuffix("/"), default_port)
    if not mark:
        return Link(host, port)
    key, dot, code = fragment.partition(".")
    server_key = _decode(key, KEY_SIZE, "server's key")
    if dot:
        code = encode_key(_decode(code, CODE_SIZE, "invite code"))
    return Link(host, port, server_key, code)


def _decode(text: str, size: int, what: str) -> bytes:
    try:
        return decode_key(text, size)
    except UserError:
        has, wants = len("".join(text.split()).replace("-", "")), len(encode_key(bytes(size)))
        if has < wants:
            sentence = f"The {what} in this link has {has} of its {wants} characters."
        elif has > wants:
            sentence = f"The {what} in this link has {has} characters, {has - wants} too many."
        else:
            sentence = f"The {what} in this link is mistyped."
        advice = "Copy the whole link, from eim:// to its end."
        raise UserError("bad_key", sentence, advice) from None


def _parse_address(text: str, default_port: int) -> tuple[str, int]:
    if text.startswith("["):
        host, bracket, port = text[1:].partition("]")
        if not bracket or (port and not port.startswith(":")):
            raise UserError("bad_address", f"'{text}' is not an address.", ADVICE)
        port = port[1:]
    elif text.count(":") > 1:
        host, port = text, ""
    else:
        host, _, port = text.partition(":")
    if "/" in port:
        # It looks like a link of another kind.
        host = ""
    if not host or any(char.isspace() or not char.isprintable() or char in "/@," for char in host):
        raise UserError("bad_address", f"'{text}' is not an address.", ADVICE)
    if ":" in host:
        host = _parse_ipv6(host)
    return host, _parse_port(port) if port else default_port


def _parse_ipv6(text: str) -> str:
    # One spelling for each address, because what is known of a server is kept by its address.
    try:
        return str(IPv6Address(text))
    except ValueError:
        raise UserError("bad_address", f"'{text}' is not an address.", ADVICE) from None


def _parse_port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and 0 < int(text) < 2**16):
        raise UserError("bad_address", f"'{text}' is not a port.", "A port is 1 to 65535.")
    return int(text)
