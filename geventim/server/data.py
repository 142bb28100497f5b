"""The data directory of a server: its lock, its key and its store."""

import fcntl
import os
from pathlib import Path
from typing import Final

from geventim.crypto.dh import PrivateKey
from geventim.crypto.kdf import hkdf_expand, hkdf_extract
from geventim.crypto.readable import decode_key, encode_key
from geventim.crypto.signature import KEY_SIZE, SigningKey
from geventim.errors import StoreError, UserError
from geventim.net.key_files import read_or_make_key_file
from geventim.store.files import make_directory, replace_file
from geventim.store.sqlite import SqliteStore

SERVER_KEY_SIZE: Final = 32


class DataDirectory:
    """``path``, held by this process alone until :meth:`close`, or by its parent for it.

    Raises :class:`UserError` with code ``in_use`` when another server holds it, and
    :class:`StoreError` when it cannot be used.
    """

    def __init__(self, path: Path, *, is_held: bool = False) -> None:
        self.path = self.place(path)
        try:
            make_directory(self.path)
            self._lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreError(f"{self.path} cannot be used: {error.strerror}") from None
        if is_held:
            return
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._lock)
            raise UserError(
                "in_use",
                f"A server is running in {path} already.",
                "Stop it, or choose another directory with --data.",
            ) from None

    @staticmethod
    def place(path: Path) -> Path:
        """Where in ``path`` a server keeps its state."""
        return path / "server"

    def server_key(self) -> PrivateKey:
        """The server's X25519 key pair, made on the first start."""
        made = encode_key(os.urandom(SERVER_KEY_SIZE))
        text = read_or_make_key_file(self.path / "key", made)
        return PrivateKey(decode_key(text, SERVER_KEY_SIZE))

    def signing_key(self) -> SigningKey:
        """The server's Ed25519 key, which follows from the other one."""
        concentrated = hkdf_extract(b"", self.server_key().secret)
        return SigningKey(hkdf_expand(concentrated, b"geventim server signature", KEY_SIZE))

    def open_store(self) -> SqliteStore:
        """Accounts and logs."""
        return SqliteStore(self.path / "log.sqlite")

    def read_invite(self) -> str:
        """The invite code that was printed last; empty if there was none."""
        try:
            return (self.path / "invite").read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            return ""

    def write_invite(self, code: str) -> None:
        """Remember the invite code to print."""
        replace_file(self.path / "invite", code.encode())

    def close(self) -> None:
        """Let another process have the directory."""
        os.close(self._lock)
