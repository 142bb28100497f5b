"""What is kept between sessions: the keys of servers, and a vault for each user of each server."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from geventim.app.settings import Settings
from geventim.chat.links import Link, parse_link
from geventim.chat.names import fold
from geventim.client.history import pages
from geventim.client.kept.memory import Memory
from geventim.client.kept.record import MOVED
from geventim.client.people.profile import ADMITTED, ENTRY, NICK, Keys, Profile
from geventim.crypto.readable import encode_key, format_key
from geventim.errors import StoreError, UserError
from geventim.store.files import close_to_others
from geventim.store.vault.pins import Pins
from geventim.store.vault.vault import Vault

DIRECTORY = "client"


class State:
    """The state of the user of ``settings``; ``remark`` gets what a person should know."""

    def __init__(self, settings: Settings, remark: Callable[[str], None]) -> None:
        self._settings = settings
        self._remark = remark
        self._promised = settings.link.server_key
        self._directory = settings.data / DIRECTORY
        self._pins = Pins(self._directory)

    @property
    def known_key(self) -> bytes | None:
        """The 32-byte key of the server, if it is known before we connect.

        Raises :class:`StoreError`.
        """
        return self._promised or self._pins.get(self._settings.link.address)

    @property
    def locked(self) -> bool:
        """Whether the user's vault is there and needs a passphrase, as far as can be told by now.

        Raises :class:`StoreError`.
        """
        server_key = self.known_key
        return server_key is not None and Vault.is_locked(self.place(server_key))

    def trust(self, server_key: bytes) -> None:
        """Return if ``server_key`` (32 bytes) is that of the server we mean.

        A link says which; without one it is the first key that was seen at the address.
        Raises :class:`UserError` with code ``server_key``, and :class:`StoreError`.
        """
        address = self._settings.link.address
        known = self._pins.get(address)
        if self._promised is None:
            if known is None:
                self._welcome(address, server_key)
            elif known != server_key:
                raise _changed_key(address, server_key, known)
        elif self._promised != server_key:
            raise _wrong_key(address, server_key, self._promised)
        if known != server_key:
            self._pins.remember(address, server_key)
        # From here on it is this very server, whatever other clients remember.
        self._promised = server_key

    def has_vault(self, server_key: bytes) -> bool:
        """Whether the user has been at that server before."""
        return self.place(server_key).exists()

    def open_vault(self, server_key: bytes) -> Vault:
        """The user's vault for that server. Raises :class:`UserError` and :class:`StoreError`.

        What others could look into is closed to them first, and they are remarked upon.
        """
        self._close_to_others(server_key)
        return Vault.open(self.place(server_key), os.urandom, self._settings.passphrase)

    def _close_to_others(self, server_key: bytes) -> None:
        place = self.place(server_key)
        for path in (self._directory, place.parent, place, *place.glob("vault.*")):
            try:
                if close_to_others(path):
                    self._remark(f"Others could look into {path}; it is closed to them now.")
            except FileNotFoundError:
                continue  # it is about to be made
            except OSError as error:
                raise StoreError(f"{path} cannot be closed to others: {error.strerror}") from None

    def place(self, server_key: bytes) -> Path:
        """The directory of the user's vault for that server."""
        return self._directory / encode_key(server_key) / fold(self._settings.nick)

    def _welcome(self, address: str, server_key: bytes) -> None:
        text = format_key(encode_key(server_key))
        self._remark(f"First contact with {address}: its key, remembered from now on, is {text}")


def known_server(data: Path, nick: str) -> tuple[Link, ...]:
    """The addresses of the one server where somebody of that nick has been from here.

    Raises :class:`UserError` with the code ``which_server`` if there is none, or are several, and
    :class:`StoreError`.
    """
    directory = data / DIRECTORY
    addresses: dict[bytes, list[str]] = {}
    for address, key in Pins(directory).all().items():
        if (directory / encode_key(key) / fold(nick)).exists():
            addresses.setdefault(key, []).append(address)
    if len(addresses) != 1:
        servers = "more than one server" if addresses else "no server"
        text = f"{nick} has been at {servers} from here."
        raise UserError("which_server", text, "Name one by its address.")
    ((key, names),) = addresses.items()
    return tuple(replace(parse_link(name), server_key=key) for name in names)


def load_profile(settings: Settings, server_key: bytes, vault: Vault) -> Profile:
    """The user as the vault knows them; a new one gets keys, kept before anybody sees them.

    How the nick is spelled is settled once the server has let them in.

    Raises :class:`StoreError`.
    """
    encoded = vault.get(ENTRY)
    if encoded is None:
        encoded = Keys.generate(os.urandom).encode()
        vault.put({ENTRY: encoded, NICK: settings.nick.encode()})
    elif vault.get(ADMITTED) is None and vault.get(MOVED) is None:
        vault.put({NICK: settings.nick.encode()})
    link = settings.link
    return Profile(
        claimed_nick(settings, vault),
        settings.room,
        link.address,
        server_key,
        Keys.decode(encoded),
        link.code,
    )


def claimed_nick(settings: Settings, vault: Vault) -> str:
    """The nick as the user has claimed it; what they type now may differ in case.

    Raises :class:`StoreError`.
    """
    kept = vault.get(NICK)
    return settings.nick if kept is None else kept.decode()


def load_memory(vault: Vault) -> Memory:
    """What the agent remembers; the pages of the history stay in ``vault``, but for the last ones.

    Raises :class:`StoreError`.
    """
    values = vault.items_but(pages.PREFIX)
    kept = {name: value for name, value in values if name not in {ENTRY, NICK}}
    names = vault.names(pages.PREFIX)
    archived = pages.closed_pages(names)
    for name in names:
        if name not in archived:
            try:
                kept[name] = vault.get(name) or b""
            except StoreError:
                # Nothing else is wrong because of that page, and who reads it is told.
                archived.add(name)
    return Memory(kept, archived, vault.get)


def _wrong_key(address: str, seen: bytes, expected: bytes) -> UserError:
    return UserError(
        "server_key",
        f"The server at {address} has the key {format_key(encode_key(seen))}, but the link"
        f" promises {format_key(encode_key(expected))}.",
        "Somebody may be listening in between, or the link is old: ask the operator for a new one.",
    )


def _changed_key(address: str, seen: bytes, known: bytes) -> UserError:
    return UserError(
        "server_key",
        f"The server at {address} has another key than before: {format_key(encode_key(seen))}"
        f" instead of {format_key(encode_key(known))}.",
        "Either it was set up anew, or somebody is listening in between. Nothing was sent. Ask its"
        " operator, and if all is well, connect with the invite link that names the new key.",
    )
