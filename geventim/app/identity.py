"""Moving a user to another machine: their vault to a file, and a file to a vault; and its lock.

The old client goes on until the new one logs in; from then on it is told that it was superseded.
"""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import gevent

from geventim.app.settings import Settings
from geventim.app.state import State, claimed_nick
from geventim.chat.links import parse_link
from geventim.chat.names import is_name
from geventim.client.history import pages
from geventim.client.kept.record import MOVED
from geventim.client.people import identity_file
from geventim.client.people.identity_file import Identity
from geventim.client.people.profile import ADMITTED, ENTRY, EXPORTED, MOVED_OUT, moved_out
from geventim.errors import StoreError, UserError
from geventim.store import files
from geventim.store.vault.vault import Vault


def check_export(settings: Settings, path: Path) -> None:
    """Return if, as far as is known now, the user of ``settings`` can be put into a file ``path``.

    Raises what :func:`export_identity` does.
    """
    _open_vault(settings)[1].close()
    if os.path.lexists(path):
        raise _file_exists(path)
    if not path.parent.is_dir():
        raise UserError("bad_file", f"{path} cannot be used: there is no directory {path.parent}.")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise UserError("bad_file", f"{path} cannot be used: {path.parent} is not yours to write.")


def export_identity(settings: Settings, path: Path, secret: str) -> None:
    """Put the user of ``settings`` into a new file that ``secret`` opens.

    Raises :class:`UserError`, with code ``no_account`` if they are nobody here, ``file_exists``,
    ``bad_file`` or for what is wrong with their vault; and :class:`StoreError`.
    """
    server_key, vault = _open_vault(settings)
    try:
        kept = dict(vault.items_but(pages.PREFIX))
        nick = claimed_nick(settings, vault)
        if ENTRY not in kept:
            raise StoreError(f"there are no keys in the vault of {settings.nick}")
        if MOVED_OUT in kept:
            raise moved_out(nick)
        identity = Identity.of(nick, settings.link.address, server_key, kept)
        content = identity_file.seal(identity, secret, os.urandom)
        vault.put({EXPORTED: b""})
    finally:
        vault.close()
    try:
        files.create_file(path, content)
    except FileExistsError:
        raise _file_exists(path) from None
    except OSError as error:
        raise _bad_file(path, error) from None


def import_identity(content: bytes, secret: str, data: Path, passphrase: str | None) -> Identity:
    """Make the user in a file with this ``content`` one of this machine, and say who it is.

    ``passphrase`` seals their new vault. Keys that were made here, and never let in by the server,
    make room, and so do those of a user who has moved out; what was written stays. Raises
    :class:`UserError`, with code ``account_exists`` if somebody of that nick is here, and
    :class:`StoreError`.
    """
    identity = identity_file.open_sealed(content, secret)
    link = parse_link(identity.address)
    if not is_name(identity.nick):
        raise UserError("no_identity", "That file names nobody.")
    link = replace(link, server_key=identity.server_key)
    state = State(Settings(link, identity.nick, "", data, passphrase=passphrase), _no_remark)
    was_here = state.has_vault(identity.server_key)
    try:
        vault = state.open_vault(identity.server_key)
    except UserError as error:
        # Nobody can tell what is in there, or somebody is using it.
        raise _account_exists(identity) if was_here else error from None
    try:
        before = dict(vault.items(""))
        is_free = MOVED_OUT in before or before.keys().isdisjoint((ADMITTED, MOVED))
        if not is_free:
            raise _account_exists(identity)
        gone = [name for name in before if not name.startswith(pages.BELONGING)]
        vault.put({**dict.fromkeys(gone), **identity.values()})
    finally:
        vault.close()
    state.trust(identity.server_key)
    return identity


def change_passphrase(settings: Settings, choose: Callable[[], str]) -> bool:
    """Lock the vault of the user of ``settings`` with what ``choose`` returns, once it is open.

    An empty passphrase is none; returns whether there is one. Raises :class:`UserError`, with code
    ``no_account`` if they are nobody here, or for what is wrong with their vault; and
    :class:`StoreError`.
    """
    _, vault = _open_vault(settings)
    try:
        passphrase = choose() or None
        vault.change_passphrase(passphrase)
    finally:
        vault.close()
    return passphrase is not None


def opens(settings: Settings, passphrase: str) -> bool | None:
    """Whether ``passphrase`` opens the vault of the user of ``settings``; None if it needs none.

    It may be open meanwhile. Waits for about half a second, in this greenlet only. Raises
    :class:`StoreError`.
    """
    state = State(settings, _no_remark)
    server_key = state.known_key
    if server_key is None or not state.locked:
        return None
    pool = gevent.get_hub().threadpool
    return bool(pool.apply(Vault.opens, (state.place(server_key), passphrase)))


def read_file(path: Path) -> bytes:
    """What is in a file to import. Raises :class:`UserError` with code ``bad_file``."""
    try:
        with path.open("rb") as file:
            return file.read(identity_file.LARGEST)
    except OSError as error:
        raise _bad_file(path, error) from None


def _open_vault(settings: Settings) -> tuple[bytes, Vault]:
    """The vault of a user who has been here, and the key of their server."""
    state = State(settings, _no_remark)
    server_key = state.known_key
    if server_key is None or not state.has_vault(server_key):
        raise UserError(
            "no_account",
            f"Nobody called {settings.nick} has been at {settings.link.address} from here.",
            "Say which server and whose identity you mean, with ADDRESS, --nick and --data.",
        )
    return server_key, state.open_vault(server_key)


def _account_exists(identity: Identity) -> UserError:
    return UserError(
        "account_exists",
        f"There is an identity of {identity.nick} at {identity.address} here already.",
        "It stays as it is. To import into another place, give --data.",
    )


def _file_exists(path: Path) -> UserError:
    return UserError(
        "file_exists", f"There is a file {path} already.", "It stays as it is; name another."
    )


def _bad_file(path: Path, error: OSError) -> UserError:
    return UserError("bad_file", f"{path} cannot be used: {error.strerror}.")


def _no_remark(_: str) -> None:
    """Nobody is told what is not news."""
