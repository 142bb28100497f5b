"""What the value of a setting may be, and how it is read: from text, and from TOML.

A kind reads ``from_text`` what the environment and the command line hold, and ``from_toml`` what
the configuration file does. Both raise :class:`UnfitError`.
"""

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Protocol
from urllib.parse import parse_qsl, urlsplit

from geventim.chat.links import parse_link
from geventim.errors import UserError
from geventim.net.origins import parse_networks

Value = str | int | bool
"""What a setting is."""

OPTIONS: Final = {"redis": {"replicas"}, "rediss": {"replicas"}, "unix": {"replicas", "db"}}
"""How the address of a store begins, and what may stand behind its question mark."""

STORE: Final = "is an address such as redis://127.0.0.1:6379/0"

LONGEST_SHOWN: Final = 60
"""Characters of a wrong value that are repeated to whoever wrote it."""


class UnfitError(ValueError):
    """A value that a setting cannot have. Its text goes on after the name of the setting."""


class Kind(Protocol):
    """What a value may be."""

    def from_text(self, text: str) -> Value:
        """The value that ``text`` stands for."""

    def from_toml(self, value: object) -> Value:
        """The value that stands in a configuration file."""


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number from ``least`` to ``most``."""

    least: int
    most: int

    def from_text(self, text: str) -> int:
        """See :class:`Kind`."""
        is_number = text.isascii() and text.isdigit() and len(text) <= len(str(self.most))
        return self._within(int(text) if is_number else None, text)

    def from_toml(self, value: object) -> int:
        """See :class:`Kind`."""
        return self._within(value if type(value) is int else None, json.dumps(value, default=str))

    def _within(self, number: int | None, given: object) -> int:
        if number is None or not self.least <= number <= self.most:
            wanted = f"is a number from {self.least} to {self.most}"
            raise UnfitError(f"{wanted}, not {_shown(given)}")
        return number


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some words."""

    words: tuple[str, ...]

    def from_text(self, text: str) -> str:
        """See :class:`Kind`."""
        return self.from_toml(text)

    def from_toml(self, value: object) -> str:
        """See :class:`Kind`."""
        if not isinstance(value, str) or value not in self.words:
            raise UnfitError(f"is one of {', '.join(self.words)}, not {_shown(value)}")
        return str(value)


@dataclass(frozen=True, slots=True)
class Switch:
    """On or off."""

    def from_text(self, text: str) -> bool:
        """See :class:`Kind`."""
        return self.from_toml({"true": True, "false": False}.get(text.lower(), text))

    def from_toml(self, value: object) -> bool:
        """See :class:`Kind`."""
        if not isinstance(value, bool):
            raise UnfitError(f"is true or false, not {_shown(value)}")
        return value


@dataclass(frozen=True, slots=True)
class Words:
    """Any text of one line that is not empty."""

    def from_text(self, text: str) -> str:
        """See :class:`Kind`."""
        return self.from_toml(text)

    def from_toml(self, value: object) -> str:
        """See :class:`Kind`."""
        if not isinstance(value, str) or not value.isprintable() or not value.strip():
            raise UnfitError(f"is a line of text, not {_shown(value)}")
        return value


@dataclass(frozen=True, slots=True)
class Path(Words):
    """The place of a file."""


@dataclass(frozen=True, slots=True)
class Secret(Words):
    """Text that is shown to nobody."""

    def from_toml(self, value: object) -> str:
        """See :class:`Kind`."""
        if not isinstance(value, str) or not value.isprintable() or not value.strip():
            raise UnfitError("is a line of text, and what stands there is not")
        return value


@dataclass(frozen=True, slots=True)
class Host:
    """What can be listened on; an IPv6 address may stand in brackets."""

    def from_text(self, text: str) -> str:
        """See :class:`Kind`."""
        return self.from_toml(text)

    def from_toml(self, value: object) -> str:
        """See :class:`Kind`."""
        host = value if isinstance(value, str) else ""
        if host.startswith("[") and host.endswith("]"):
            host = host[1:-1]
        if not host or not host.isprintable() or "[" in host or "]" in host:
            raise UnfitError(f"is an address of this machine or a name of one, not {_shown(value)}")
        return host


@dataclass(frozen=True, slots=True)
class Addresses:
    """Addresses and networks, with commas between them."""

    def from_text(self, text: str) -> str:
        """See :class:`Kind`."""
        return self.from_toml(text)

    def from_toml(self, value: object) -> str:
        """See :class:`Kind`."""
        if isinstance(value, str):
            with suppress(ValueError):
                parse_networks(value)
                return value
        wanted = "is a list of addresses and networks such as 10.0.0.1, 10.1.0.0/16"
        raise UnfitError(f"{wanted}, not {_shown(value)}")


@dataclass(frozen=True, slots=True)
class PublicAddress:
    """One ``HOST`` or ``HOST:PORT``."""

    def from_text(self, text: str) -> str:
        """See :class:`Kind`."""
        return self.from_toml(text)

    def from_toml(self, value: object) -> str:
        """See :class:`Kind`."""
        if isinstance(value, str) and "#" not in value:
            with suppress(UserError):
                parse_link(value)
                return value
        raise UnfitError(f"is one HOST or HOST:PORT as others reach it, not {_shown(value)}")


@dataclass(frozen=True, slots=True)
class ListenAddress:
    """``HOST:PORT`` to listen on, or a port of this machine alone."""

    def from_text(self, text: str) -> str:
        """See :class:`Kind`."""
        return self.from_toml(int(text) if text.isascii() and text.isdigit() else text)

    def from_toml(self, value: object) -> str:
        """See :class:`Kind`."""
        text = f"127.0.0.1:{value}" if type(value) is int else value
        if isinstance(text, str) and text.isprintable():
            with suppress(ValueError):
                split_address(text)
                return text
        raise UnfitError(f"is HOST:PORT, or a port of this machine alone, not {_shown(value)}")


@dataclass(frozen=True, slots=True)
class StoreAddress:
    """``redis://HOST:PORT/DB`` or the like, without a password: people and logs see addresses."""

    def from_text(self, text: str) -> str:
        """See :class:`Kind`."""
        return self.from_toml(text)

    def from_toml(self, value: object) -> str:
        """See :class:`Kind`."""
        if not isinstance(value, str) or not value.isprintable():
            raise UnfitError(STORE)
        # A password may hold what ends an address, so this comes before it is taken apart.
        if ":" in value.partition("://")[2].rpartition("@")[0]:
            raise UnfitError("holds a password, which belongs in store_password")
        try:
            parts = urlsplit(value)
            _ = parts.port
        except ValueError:
            raise UnfitError(f"{STORE}, not {_shown(value)}") from None
        if parts.scheme not in OPTIONS or "://" not in value or parts.fragment:
            raise UnfitError(f"{STORE}, not {_shown(value)}")
        number = parts.path.removeprefix("/")
        if parts.scheme != "unix" and number and not (number.isascii() and number.isdigit()):
            raise UnfitError(f"ends with the number of a database, as in /0, not {_shown(value)}")
        for name, _ in parse_qsl(parts.query, keep_blank_values=True):
            if name not in OPTIONS[parts.scheme]:
                raise UnfitError(f"has no option {_shown(name)}; there is replicas=N")
        return value


def split_address(text: str) -> tuple[str, int]:
    """Host and port of ``HOST:PORT``. Raises :class:`ValueError`."""
    host, _, port = text.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or int(port) >= 2**16:
        raise ValueError("no address")
    return host.removeprefix("[").removesuffix("]"), int(port)


def _shown(value: object) -> str:
    """A wrong value, as whoever wrote it recognises it."""
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    text = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
    cut = f"{text[:LONGEST_SHOWN]}…" if len(text) > LONGEST_SHOWN else text
    return f"'{cut}'"
