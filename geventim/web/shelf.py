"""Private files on their way to and from pages, for as long as a page is there.

Each process has a directory of its own below that of the data. Whoever starts a client there, or
opens one, clears away those of processes that are gone without having done so: nobody holds the
lock of these.
"""

import fcntl
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Final

from geventim.app.files.part import check_space
from geventim.client.files.names import safe_name
from geventim.client.sealing.content import FILE_SIZE
from geventim.store.files import FILE_MODE, make_directory
from geventim.web.exchange import Request, WebError

PLACE: Final = "web"
"""The directory of the data where they are."""

LOCK: Final = "lock"

PIECE: Final = 256 * 1024
"""Bytes that are read at a time."""

FILES: Final = 32
"""Files of a page that were not sent yet."""

TOTAL: Final = 2 * FILE_SIZE
"""Bytes of these."""


def sweep(data: Path) -> None:
    """Delete what processes have left below ``data`` that were killed; nothing is made there."""
    with suppress(OSError):
        lock = os.open(data / PLACE / LOCK, os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            _sweep(data / PLACE)
        finally:
            os.close(lock)


class Shelf:
    """The files of this process, below the directory ``data``. Raises :class:`OSError`."""

    def __init__(self, data: Path) -> None:
        make_directory(data / PLACE)
        lock = os.open(data / PLACE / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            _sweep(data / PLACE)
            self.place = Path(tempfile.mkdtemp(dir=data / PLACE))
            self._lock = os.open(self.place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            fcntl.flock(self._lock, fcntl.LOCK_EX)
        finally:
            os.close(lock)

    def box(self) -> "Box":
        """A place for one page."""
        return Box(Path(tempfile.mkdtemp(dir=self.place)))

    def close(self) -> None:
        """Delete everything."""
        shutil.rmtree(self.place, ignore_errors=True)
        os.close(self._lock)


@dataclass(frozen=True, slots=True)
class _Upload:
    path: Path
    size: int


class Box:
    """The files of one page, in a directory that nobody else can look into.

    What is uploaded has ``total`` bytes at most, and each file ``largest``.
    """

    def __init__(self, place: Path, *, total: int = TOTAL, largest: int = FILE_SIZE) -> None:
        self._place = place
        self._total = total
        self._largest = largest
        self._uploads: dict[str, _Upload] = {}

    def find(self, key: str) -> str | None:
        """Where the uploaded file is that is called by ``key``."""
        upload = self._uploads.get(key)
        return None if upload is None else str(upload.path)

    def take(self, name: str, request: Request) -> str:
        """Keep the body of ``request`` as a file called ``name``; the key of it.

        Raises :class:`WebError`, and :class:`OSError` if the rest of it does not come.
        """
        if request.size is None or request.body is None:
            raise WebError(HTTPStatus.BAD_REQUEST, "no_length")
        before = sum(upload.size for upload in self._uploads.values())
        is_much = len(self._uploads) >= FILES or before + request.size > self._total
        if is_much or request.size > self._largest:
            raise WebError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large")
        key = secrets.token_hex(8)
        try:
            check_space(self._place, request.size)
            path = self.room() / safe_name(name)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE_MODE)
        except OSError:
            raise WebError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "no_space") from None
        self._uploads[key] = _Upload(path, request.size)
        try:
            with open(handle, "wb", buffering=0) as file:
                left = request.size
                while left:
                    data = request.body.read(min(left, PIECE))
                    file.write(data)
                    left -= len(data)
        except BaseException:
            self.drop([key])
            raise
        return key

    def drop(self, keys: Iterable[str]) -> None:
        """Delete uploaded files."""
        for key in keys:
            upload = self._uploads.pop(key, None)
            if upload is not None:
                shutil.rmtree(upload.path.parent, ignore_errors=True)

    def room(self) -> Path:
        """A directory for one file. Raises :class:`OSError`."""
        return Path(tempfile.mkdtemp(dir=self._place))

    def close(self) -> None:
        """Delete everything."""
        shutil.rmtree(self._place, ignore_errors=True)


def _sweep(place: Path) -> None:
    """Delete what was left by processes that are dead."""
    for left in place.iterdir():
        if left.name == LOCK:
            continue
        with suppress(OSError):
            handle = os.open(left, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(left, ignore_errors=True)
            finally:
                os.close(handle)
