"""What programs have left on disk, one archive for each version of the log and of the vault.

``python -m tests.store.releases`` makes those of the present versions, by the code that is here; it
is run until a release makes them final. An archive that was released is never made again.
"""

import io
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from geventim.log.blobs import BeginBlob, Blob, FinishBlob
from geventim.log.people import Register
from geventim.store.sqlite import schema
from geventim.store.sqlite.store import SqliteStore
from geventim.store.vault.vault import STAGES, Vault
from tests.store.builders import ALICE, BOB, DM, LOBBY, append, commit, create, delete, leave

PLACE = Path(__file__).parent / "released"

LOG = "log.sqlite"
VALUES = {"talk/one": b"first", "talk/two": bytes(range(256))}


def fill(store: Any) -> None:
    """Something of everything that a log keeps."""
    store.commit([Register(each, code=None, listed=False, time=1.0) for each in (ALICE, BOB)])
    store.commit([create(LOBBY, ALICE, BOB), create(DM, ALICE, BOB)])
    store.commit([commit(LOBBY, ALICE, 0, group_info=b"state")])
    store.commit([append(LOBBY, ALICE, b"hello", head=1), append(LOBBY, BOB, b"you", head=1)])
    begun = Blob(b"blob".ljust(16), LOBBY.id, ALICE.id, b"creation".ljust(16), 1_000, 2.5)
    store.commit([BeginBlob(begun, None, None, 1), FinishBlob(begun.id, 3.0)])
    store.commit([leave(LOBBY, BOB), delete(DM, ALICE, operator=True)])


def make_log(place: Path) -> None:
    """The files of a server's log."""
    store = SqliteStore(place / LOG)
    fill(store)
    store.close()


def make_vault(place: Path) -> None:
    """The files of a client's vault."""
    vault = Vault.open(place, lambda size: bytes(range(size % 256)) or bytes(size))
    vault.put(dict(VALUES))
    vault.close()


MADE: dict[str, Callable[[Path], None]] = {
    f"log-{schema.PLAN.version}": make_log,
    f"vault-{STAGES.version}": make_vault,
}


def unpack(name: str, place: Path) -> None:
    """Put the files of an archive into ``place``."""
    with tarfile.open(PLACE / f"{name}.tar.gz") as archive:
        archive.extractall(place, filter="data")


def main() -> None:
    """Make the archives of the present versions."""
    PLACE.mkdir(exist_ok=True)
    for name, make in MADE.items():
        with tempfile.TemporaryDirectory() as directory:
            make(Path(directory))
            with tarfile.open(PLACE / f"{name}.tar.gz", "w:gz") as archive:
                for path in sorted(Path(directory).iterdir()):
                    content = path.read_bytes()
                    member = tarfile.TarInfo(path.name)
                    member.size, member.mode = len(content), 0o600
                    archive.addfile(member, io.BytesIO(content))


if __name__ == "__main__":
    main()
