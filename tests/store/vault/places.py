"""What tests of vaults do with the files of one."""

import secrets
import sqlite3
from pathlib import Path

from geventim.store.vault.vault import VALUE_FILE, Vault

SECRET = b"the ratchet of alice and bob"


def reopen(place: Path) -> Vault:
    return Vault.open(place, secrets.token_bytes)


def change(place: Path, statement: str, *values: object) -> None:
    connection = sqlite3.connect(place / VALUE_FILE)
    with connection:
        assert connection.execute(statement, values).rowcount
    connection.close()


def every_byte(place: Path) -> bytes:
    return b"".join(path.read_bytes() for path in place.iterdir())
