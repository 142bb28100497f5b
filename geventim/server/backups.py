"""Backups of a data directory: made while a server runs, put back into an empty one, verified.

A backup is one tar file, for its owner only: the server's key, the configuration, the files of
clients if they are wanted, the log as it was at one moment after that, and last the SHA-256 of each
of them. In a log without them the files have expired.
"""

import fcntl
import hashlib
import io
import os
import shutil
import tarfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import IO, Final, Protocol, cast

from geventim.crypto.readable import encode_key
from geventim.errors import StoreError, UserError
from geventim.server.config.configuration import FILE as CONFIGURATION
from geventim.server.data import BLOBS, KEY, LOCK, LOG, DataDirectory, read_server_key
from geventim.store import files
from geventim.store.blobs.directory import BlobDirectory, content_of, is_name
from geventim.store.sqlite import store
from geventim.store.sqlite.inspection import FAULTS, Findings

SUMS: Final = "SHA256SUMS"
"""The member of a backup that has the others' hashes, as ``sha256sum -c`` takes them."""

MEMBERS: Final = (KEY, CONFIGURATION, LOG)
"""What a backup holds beside files of clients; there may be no configuration."""

NEEDED: Final = frozenset({KEY, LOG})

MADE: Final = "backup-made"
"""An empty file, changed when a backup was made."""

DRAFT: Final = "restoring"
"""What is in it is put in its place when all of it is there."""

PIECE: Final = 1024 * 1024
"""Bytes that are read at a time."""


class _Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


def back_up(data: Path, to: Path, files_in: Path | None = None) -> Findings:
    """Make the backup ``to`` of the server in ``data``, which may run; what is in it.

    The files of clients that are ``files_in`` a directory are in it, too. Raises :class:`UserError`
    with code ``output`` if there is such a file already, with code ``no_server`` if there is
    nothing in ``data``, and :class:`StoreError`.
    """
    place = DataDirectory.place(data)
    if to.exists():
        raise UserError("output", f"There is a file {to} already.", "Name another one.")
    if not (place / LOG).exists():
        raise UserError("no_server", f"There is no server's log in {data}.", "Name it with --data.")
    draft, log = (to.with_name(f"{to.name}.{ending}") for ending in ("new", "log.new"))
    with _failures(), _kept_as_it_is(place):
        read_server_key(place)
        try:
            _pack(_sources(place, log, files_in), draft)
            found = store.inspect(log)
            _require_whole(place / LOG, found)
            draft.rename(to)
        finally:
            draft.unlink(missing_ok=True)
            log.unlink(missing_ok=True)
        files.sync_directory(to.parent)
        _remember(place)
    return found


def _sources(place: Path, log: Path, files_in: Path | None) -> Iterator[tuple[str, Path]]:
    """The name and the place of what belongs into a backup; ``log`` is made when it is its turn.

    What is deleted while it is copied is not in the log then.
    """
    yield KEY, place / KEY
    yield CONFIGURATION, place / CONFIGURATION
    kept: set[bytes] = set()
    for blob in store.finished_blobs(place / LOG) if files_in is not None else ():
        path = content_of(files_in or place, blob.id)
        if path.exists():
            kept.add(blob.id)
            yield f"{BLOBS}/{blob.id.hex()}", path
    store.copy(place / LOG, log, kept)
    yield LOG, log


def last_backup(place: Path) -> float | None:
    """When :func:`back_up` has succeeded last for what is in ``place``; None if it never has."""
    try:
        return (place / MADE).stat().st_mtime
    except OSError:
        return None


def _remember(place: Path) -> None:
    """That it is not known when the last backup was made is no reason to have made none."""
    with suppress(OSError):
        (place / MADE).touch(mode=files.FILE_MODE)


def restore(file: Path, data: Path) -> Findings:
    """Put the backup ``file`` into ``data``, where nothing may be yet; what is in it.

    Raises :class:`UserError` with code ``not_empty``, or ``bad_backup`` for a file that is none or
    was altered, and :class:`StoreError`. Then there is no server in ``data``.
    """
    place = DataDirectory.place(data)
    draft = data / DRAFT
    with _failures():
        if data.exists() and {each.name for each in data.iterdir()} - {DRAFT}:
            raise UserError(
                "not_empty",
                f"{data} is not empty.",
                "Name an empty or a new one with --data.",
            )
        files.make_directory(data)
        shutil.rmtree(draft, ignore_errors=True)
        try:
            found = _unpack(file, draft)
            # There may be thousands of files; to have each on disk by itself takes minutes.
            os.sync()
            draft.rename(place)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        files.sync_directory(data)
    return found


def verify(data: Path, files_in: Path | None = None) -> Findings:
    """Everything in ``data``, where a server may run, is read; what is there.

    So are the files of clients, which are ``files_in`` a directory if not in ``data``. Raises what
    :func:`back_up` does, but for its file.
    """
    place = DataDirectory.place(data)
    if not (place / LOG).exists():
        raise UserError("no_server", f"There is no server's log in {data}.", "Name it with --data.")
    with _failures(), _kept_as_it_is(place):
        owner = encode_key(read_server_key(place).public)
        found = store.inspect(place / LOG)
        if not found.faults:
            faults = tuple(_verify_files(place / LOG, files_in or place / BLOBS, owner))
            found = replace(found, faults=faults[:FAULTS])
        return found


def _verify_files(log: Path, files_in: Path, owner: str) -> Iterator[str]:
    """What is wrong with files of clients; what is deleted meanwhile is not."""
    whole = store.finished_blobs(log)
    if not whole:
        return
    directory = BlobDirectory(files_in, owner)
    try:
        found = {blob.id: directory.verify(blob) for blob in whole}
    finally:
        directory.close()
    for blob in store.finished_blobs(log):
        fault = found.get(blob.id)
        if fault is not None:
            yield fault


def verify_backup(file: Path) -> Findings:
    """Everything in the backup ``file`` is read; what is there.

    It is unpacked beside itself for that. Raises what :func:`restore` does.
    """
    draft = file.with_name(f"{file.name}.{DRAFT}")
    with _failures():
        try:
            return _unpack(file, draft)
        finally:
            shutil.rmtree(draft, ignore_errors=True)


@contextmanager
def _kept_as_it_is(place: Path) -> Iterator[None]:
    """Let no server begin in ``place`` meanwhile; one that runs there goes on."""
    lock = os.open(place / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, files.FILE_MODE)
    try:
        with suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            store.examine(place / LOG)
        yield
    finally:
        os.close(lock)


def _pack(sources: Iterable[tuple[str, Path]], to: Path) -> None:
    """Make the file ``to`` of those ``sources`` that exist; it is on disk. Raises OSError."""
    descriptor = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, files.FILE_MODE)
    with open(descriptor, "wb") as file:
        os.fchmod(descriptor, files.FILE_MODE)
        sums = b""
        with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for name, path in sources:
                if path.exists():
                    with path.open("rb") as source:
                        reader = _Hashing(source)
                        _add(tar, name, reader, path.stat().st_size)
                        sums += f"{reader.hash.hexdigest()}  {name}\n".encode()
            _add(tar, SUMS, io.BytesIO(sums), len(sums))
        file.flush()
        os.fsync(descriptor)


def _add(tar: tarfile.TarFile, name: str, source: _Readable, size: int) -> None:
    member = tarfile.TarInfo(name)
    member.size = size
    member.mode = files.FILE_MODE
    tar.addfile(member, cast(IO[bytes], source))


class _Hashing:
    """Reads ``source``; ``hash`` is that of what was read."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self.hash = hashlib.sha256()

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes, so many at most."""
        piece = self._source.read(size)
        self.hash.update(piece)
        return piece


def _unpack(file: Path, to: Path) -> Findings:
    """Put what the backup ``file`` holds into the new directory ``to``, and read all of it."""
    to.mkdir(mode=files.DIRECTORY_MODE)
    sums = b""
    found: dict[str, str] = {}
    try:
        with tarfile.open(file, "r:") as tar:
            for member in tar:
                content = tar.extractfile(member) if member.isreg() else None
                place = _place_of(member.name, to)
                if content is None or place is None or member.name in found:
                    raise _bad_backup(file, f"it holds '{member.name!a}'")
                if member.name == SUMS:
                    sums = content.read()
                else:
                    found[member.name] = _extract(content, place)
    except tarfile.TarError as error:
        raise _bad_backup(file, str(error)) from None
    if sums.decode("ascii", "replace").splitlines() != [
        f"{digest}  {name}" for name, digest in found.items()
    ]:
        raise _bad_backup(file, "it was altered or cut")
    if not set(found) >= NEEDED:
        raise _bad_backup(file, "the key or the log is not in it")
    owner = encode_key(read_server_key(to).public)
    if (to / BLOBS).exists():
        BlobDirectory(to / BLOBS, owner).close()
    findings = store.inspect(to / LOG)
    _require_whole(file, findings)
    return findings


def _place_of(name: str, to: Path) -> Path | None:
    """Where in ``to`` the member ``name`` of a backup belongs; None if it belongs nowhere."""
    if name in {*MEMBERS, SUMS}:
        return to / name
    folder, _, blob = name.partition("/")
    if folder != BLOBS or not is_name(blob):
        return None
    place = content_of(to / BLOBS, bytes.fromhex(blob))
    place.parent.mkdir(mode=files.DIRECTORY_MODE, parents=True, exist_ok=True)
    return place


def _extract(content: IO[bytes], to: Path) -> str:
    """Write ``content`` to the new file ``to``; the hash of it."""
    reader = _Hashing(content)
    descriptor = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, files.FILE_MODE)
    with open(descriptor, "wb") as target:
        shutil.copyfileobj(cast(IO[bytes], reader), target, PIECE)
    return reader.hash.hexdigest()


def _require_whole(path: Path, found: Findings) -> None:
    if found.faults:
        raise StoreError(f"{path} is damaged ({found.faults[0]}); see 'eim-server verify'")


def _bad_backup(file: Path, reason: str) -> UserError:
    return UserError("bad_backup", f"{file} is no whole backup of a server: {reason}.")


@contextmanager
def _failures() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(f"{error.filename} cannot be used: {error.strerror}") from error
