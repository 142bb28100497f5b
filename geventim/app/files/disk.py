"""Files on the disk of this machine, as transfers need them; everything here may wait for it."""

import hashlib
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from geventim.app.files import pictures
from geventim.app.files.part import Part, find_named, not_writable, place_of, reopen, why
from geventim.client.files.disk import Facts, Picture, not_sent, too_large
from geventim.client.files.names import safe_name
from geventim.client.sealing.content import FILE_SIZE
from geventim.errors import DeniedError


class Source:
    """The file at ``path``; it is read from its beginning."""

    def __init__(self, path: str) -> None:
        self._path = path
        try:
            # What is no file, a pipe for one, must not be waited for.
            handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except (OSError, ValueError) as error:
            raise _not_readable(path, error) from None
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise not_sent(path, "that is not a file")
        self._file: BinaryIO = os.fdopen(handle, "rb", buffering=0)
        if self.look().size > FILE_SIZE:
            self.close()
            raise too_large(path, FILE_SIZE)
        self._check_empty()

    def _check_empty(self) -> None:
        """See that there is nothing where there is said to be, as in ``/proc``."""
        try:
            has_more = not self.look().size and os.pread(self._file.fileno(), 1, 0)
        except OSError as error:
            self.close()
            raise _not_readable(self._path, error) from None
        if has_more:
            self.close()
            raise not_sent(self._path, "it does not say how large it is; send a copy of it")

    def look(self) -> Facts:
        """What it is known by now."""
        facts = os.fstat(self._file.fileno())
        return Facts(facts.st_size, facts.st_mtime_ns)

    def read(self, size: int) -> bytes:
        """The next ``size`` bytes, or fewer at its end."""
        try:
            return _read(self._file, size)
        except OSError as error:
            raise _not_readable(self._path, error) from None

    def close(self) -> None:
        """It is needed no more."""
        self._file.close()


class LocalDisk:
    """Files come from anywhere, and go to ``downloads`` if nobody says where."""

    def __init__(self, downloads: Path) -> None:
        self._downloads = downloads

    def open_source(self, path: str) -> Source:
        """The file at the absolute ``path``.

        Raises :class:`DeniedError`: ``no_source``, ``file_too_large``.
        """
        return Source(path)

    def look_at(self, path: str) -> Picture:
        """What the picture at the absolute ``path`` is; see :class:`.Disk`."""
        return pictures.look_at(path)

    def open_part(self, wanted: str, name: str, size: int, path: str, tag: str, inode: int) -> Part:
        """Where a file called ``name`` is received; see :class:`.Disk`.

        Raises :class:`DeniedError`: ``bad_path``, ``no_space_here``.
        """
        directory, name = self._place(wanted, name)
        try:
            if not wanted:
                directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise not_writable(directory, error) from None
        return Part(directory, name, size, path, tag, inode)

    def find_whole(
        self, wanted: str, name: str, size: int, digest: bytes, path: str, inode: int
    ) -> str:
        """Where the part that was at ``path`` is, if it has got its name; see :class:`.Disk`.

        Raises :class:`DeniedError`: ``bad_path``.
        """
        directory, name = self._place(wanted, name)
        try:
            place = find_named(directory, name, inode)
            if place is None or not _is_still(place, size, digest):
                return ""
        except (OSError, ValueError):
            return ""
        with suppress(OSError):
            if Path(path).lstat().st_ino == inode:
                Path(path).unlink()
        return str(place)

    def drop_part(self, wanted: str, name: str, path: str, tag: str, inode: int) -> None:
        """Delete what :meth:`open_part` would go on with; see :class:`.Disk`.

        Raises :class:`DeniedError`: ``bad_path``.
        """
        directory, name = self._place(wanted, name)
        place = Path(path)
        try:
            place = place_of(directory, name, path, tag)
            part = reopen(place, inode, is_noted=bool(path))
            if part is not None:
                part.close()
                place.unlink()
        except (OSError, ValueError) as error:
            raise not_writable(place, error) from None

    def _place(self, wanted: str, name: str) -> tuple[Path, str]:
        """In which directory a file is received, and under which name."""
        try:
            if wanted and Path(wanted).is_dir():
                return Path(wanted), safe_name(name)
        except (OSError, ValueError) as error:
            raise not_writable(Path(wanted), error) from None
        if wanted:
            return Path(wanted).parent, Path(wanted).name
        return self._downloads, safe_name(name)

    def remove(self, path: str, size: int, digest: bytes) -> None:
        """Delete a file that is still what it was; see :class:`.Disk`."""
        try:
            if _is_still(Path(path), size, digest):
                Path(path).unlink()
        except (OSError, ValueError):
            return  # whatever is there now, it is not for us


def _is_still(place: Path, size: int, digest: bytes) -> bool:
    """Whether a file of ``size`` bytes with that SHA-256 is there. Raises :class:`OSError`."""
    handle = os.open(place, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW)
    with os.fdopen(handle, "rb") as file:
        facts = os.fstat(file.fileno())
        is_file = stat.S_ISREG(facts.st_mode) and facts.st_size == size
        return is_file and hashlib.file_digest(file, "sha256").digest() == digest


def _read(file: BinaryIO, size: int) -> bytes:
    data = file.read(size)
    while data and len(data) < size and (more := file.read(size - len(data))):
        data += more
    return data


def _not_readable(path: str, error: OSError | ValueError) -> DeniedError:
    return not_sent(path, why(error))
