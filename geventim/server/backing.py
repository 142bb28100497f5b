"""What a server stands on: a store of its own, or one that it shares with other nodes."""

from urllib.parse import quote, urlsplit

from geventim.crypto.readable import encode_key
from geventim.errors import UserError
from geventim.log.blobs import Blob, BlobState
from geventim.log.shared import SharedStore
from geventim.net.journals.journal import Journal
from geventim.net.journals.neighbours import Neighbours
from geventim.net.journals.shared_journal import SharedJournal
from geventim.server.config.settings import Settings
from geventim.server.data import BLOBS, DataDirectory, read_server_key
from geventim.service.dispatch import Service
from geventim.store.blobs.directory import BlobDirectory


class OwnStore:
    """The store in the data directory; this server is the only one."""

    neighbours = None

    def __init__(self, directory: DataDirectory) -> None:
        self.journal = Journal(directory.open_store())

    def join(self, service: Service) -> None:
        """There is nobody else."""

    def close(self) -> None:
        """Write what waits, and give the store back."""
        self.journal.close()


class CommonStore:
    """A store of several nodes, which have one server key.

    Raises :class:`UserError` with code ``other_key`` when the others have another one.
    """

    def __init__(self, store: SharedStore, server_key: bytes) -> None:
        agreed = store.agree(server_key)
        if agreed != server_key:
            store.close()
            raise UserError(
                "other_key",
                f"The servers that use this store have the key {encode_key(agreed)}, this one has"
                f" {encode_key(server_key)}.",
                "Copy the file 'server/key' from the data directory of one of them to this one's.",
            )
        self.journal = SharedJournal(store)
        self.neighbours = Neighbours(store)

    def join(self, service: Service) -> None:
        """Let ``service`` be one of the nodes from now on."""
        neighbourhood = service.neighbourhood
        self.journal.follow(service.deliver, service.end_all)
        self.neighbours.follow(neighbourhood.hear, neighbourhood.greet)
        neighbourhood.greet()
        neighbourhood.beat()

    def close(self) -> None:
        """Write and tell what waits, and give the store back."""
        self.neighbours.stop()
        self.journal.close()


Backing = OwnStore | CommonStore


def open_backing(
    store: str | None, directory: DataDirectory, server_key: bytes, password: str | None = None
) -> Backing:
    """The store at the address ``store`` (``redis://HOST:PORT/DB``), or the one in the directory.

    Raises :class:`geventim.errors.StoreError` and what :class:`CommonStore` does.
    """
    if store is None:
        return OwnStore(directory)
    return CommonStore(_connect(store, password), server_key)


def check_store(settings: Settings) -> None:
    """Return if the store that several servers share can be used; there may be none.

    Raises what :func:`open_backing` does, but for another key.
    """
    if settings.store is not None:
        _connect(settings.store, settings.store_password).close()


def verify_files(settings: Settings) -> tuple[int, list[str]]:
    """How many files of clients servers that share a store have, and what is wrong with them.

    Each is read, while servers may run. Raises what :func:`open_backing` does, but for another key.
    """
    place = DataDirectory.place(settings.data)
    owner = encode_key(read_server_key(place).public)
    shared = _connect(settings.store or "", settings.store_password)
    try:
        directory = BlobDirectory(settings.blobs or place / BLOBS, owner)
        try:
            blobs = shared.finished_blobs()
            found = ((blob, directory.verify(blob)) for blob in blobs)
            # What was deleted meanwhile is not missing.
            faults = [fault for blob, fault in found if fault and _is_whole(shared.blob(blob.id))]
        finally:
            directory.close()
    finally:
        shared.close()
    return len(blobs), faults


def _is_whole(blob: Blob | None) -> bool:
    return blob is not None and blob.state is BlobState.FINISHED


def _connect(store: str, password: str | None) -> SharedStore:
    try:
        from geventim.store.redis.store import RedisStore  # noqa: PLC0415 - it is an extra
    except ImportError:
        raise UserError(
            "no_redis",
            "What talks to a Redis is not installed.",
            "In the clone: .venv/bin/pip install '.[cluster]'",
        ) from None
    return RedisStore(store if password is None else _with_password(store, password))


def _with_password(store: str, password: str) -> str:
    parts = urlsplit(store)
    user, _, place = parts.netloc.rpartition("@")
    netloc = f"{user}:{quote(password, safe='')}@{place}"
    return f"{parts.scheme}://{netloc}{store.partition('://')[2].removeprefix(parts.netloc)}"
