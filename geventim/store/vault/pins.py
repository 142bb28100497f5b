"""The server keys that a client remembers, by address (trust on first use).

They stand in ``servers.json``, an object of addresses and key text, which a person may edit: taking
a line out makes the client forget that server.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from geventim.crypto.readable import decode_key, encode_key
from geventim.errors import StoreError, UserError
from geventim.store import files

FILE: Final = "servers.json"
LOCK_FILE: Final = "servers.lock"
KEY_SIZE: Final = 32

_keys = msgspec.json.Decoder(dict[str, str])


class Pins:
    """The keys remembered in ``directory``, shared by every client that runs there.

    An address is ``host:port``; case makes no difference. Every method raises :class:`StoreError`.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._path = directory / FILE

    def get(self, address: str) -> bytes | None:
        """The 32-byte key remembered for ``address``, or None."""
        with _failures(self._path):
            return self._read().get(address.lower())

    def all(self) -> dict[str, bytes]:
        """The 32-byte keys of all addresses."""
        with _failures(self._path):
            return self._read()

    def remember(self, address: str, key: bytes) -> None:
        """Remember ``key`` for ``address`` in place of any other; it is on disk afterwards."""
        with _failures(self._path):
            files.make_directory(self._directory)
            with self._locked():
                keys = {**self._read(), address.lower(): key}
                texts = {known: encode_key(keys[known]) for known in sorted(keys)}
                content = msgspec.json.format(msgspec.json.encode(texts))
                files.replace_file(self._path, content + b"\n")

    def _read(self) -> dict[str, bytes]:
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return {}
        try:
            texts = _keys.decode(content)
            return {known.lower(): decode_key(text, KEY_SIZE) for known, text in texts.items()}
        except (msgspec.MsgspecError, UnicodeError, RecursionError, UserError):
            raise StoreError(
                f"{self._path} is damaged; repair it, or remove it to forget the servers' keys"
            ) from None

    @contextmanager
    def _locked(self) -> Iterator[None]:
        path = self._directory / LOCK_FILE
        files.make_file(path)
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


@contextmanager
def _failures(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(f"{path} cannot be used: {error.strerror}") from error
