"""Files on the disk of this machine, as transfers need them; everything here may wait for it."""

import errno
import hashlib
import os
import stat
from pathlib import Path
from typing import BinaryIO, Final

from geventim.app.files import pictures
from geventim.client.files.disk import Facts, Picture, no_space, not_sent, not_usable, too_large
from geventim.client.files.names import numbered, safe_name
from geventim.client.sealing.content import FILE_SIZE
from geventim.errors import DeniedError

SPARE: Final = 64 * 1024 * 1024
"""Bytes of a disk that are left free."""

ENDING: Final = ".part"
"""How the name of a file ends that is not whole."""

NUMBERS: Final = 10_000
"""Files of one name."""

FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


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


class Part:
    """A file of ``size`` bytes that is being received into ``directory``, to be called ``name``."""

    def __init__(self, directory: Path, name: str, size: int, path: str) -> None:
        self._directory = directory
        self._name = name
        self._place = Path(path) if path else directory
        try:
            opened = self._reopen() if path else None
            self.whole = 0 if opened is None else min(os.fstat(opened.fileno()).st_size, size)
            check_space(directory, size - self.whole)
            if opened is None:
                self._place, opened = _create(directory, name, ENDING)
            self._file = opened
        except (OSError, ValueError) as error:
            raise _not_writable(self._place, error) from None

    @property
    def path(self) -> str:
        """Where it is."""
        return str(self._place)

    def read(self, size: int) -> bytes:
        """The next ``size`` bytes of what was there."""
        return _read(self._file, size)

    def write(self, data: bytes) -> None:
        """Add ``data`` behind what was read and written."""
        try:
            view = memoryview(data)
            while view:
                view = view[self._file.write(view) :]
        except OSError as error:
            raise _not_writable(self._place, error) from None

    def finish(self) -> str:
        """Give the file its name, which nothing else has; the path."""
        try:
            self._file.truncate()
            os.fsync(self._file.fileno())
            self._file.close()
            place, claimed = _create(self._directory, self._name)
            claimed.close()
            self._place.replace(place)
            self._place = place
        except OSError as error:
            raise _not_writable(self._place, error) from None
        return str(place)

    def close(self) -> None:
        """Leave it as it is."""
        self._file.close()

    def discard(self) -> None:
        """Delete it, also if it has its name by now."""
        self._file.close()
        self._place.unlink(missing_ok=True)

    def _reopen(self) -> BinaryIO | None:
        """What is there already; None if it is gone, or something else is in its place."""
        flags = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
        try:
            handle = os.open(self._place, flags)
        except (FileNotFoundError, IsADirectoryError):
            return None
        facts = os.fstat(handle)
        # A pipe would never take all; what has another name as well is also somebody else's.
        if not stat.S_ISREG(facts.st_mode) or facts.st_nlink != 1:
            os.close(handle)
            return None
        return os.fdopen(handle, "r+b", buffering=0)


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

    def open_part(self, wanted: str, name: str, size: int, path: str) -> Part:
        """Where a file called ``name`` is received; see :class:`.Disk`.

        Raises :class:`DeniedError`: ``bad_path``, ``no_space_here``.
        """
        directory, name = self._downloads, safe_name(name)
        try:
            if wanted and Path(wanted).is_dir():
                directory = Path(wanted)
            elif wanted:
                directory, name = Path(wanted).parent, Path(wanted).name
            else:
                directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        except (OSError, ValueError) as error:
            raise _not_writable(Path(wanted), error) from None
        return Part(directory, name, size, path)

    def remove(self, path: str, size: int, digest: bytes) -> None:
        """Delete a file that is still what it was; see :class:`.Disk`."""
        try:
            handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW)
            with os.fdopen(handle, "rb") as file:
                facts = os.fstat(file.fileno())
                is_file = stat.S_ISREG(facts.st_mode) and facts.st_size == size
                if is_file and hashlib.file_digest(file, "sha256").digest() == digest:
                    Path(path).unlink()
        except (OSError, ValueError):
            return  # whatever is there now, it is not for us


def _create(directory: Path, name: str, ending: str = "") -> tuple[Path, BinaryIO]:
    """A new file, under that name or one with a number."""
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
    for number in range(1, NUMBERS):
        place = directory / (numbered(name, number) + ending)
        try:
            handle = os.open(place, flags, 0o600)
        except FileExistsError:
            continue
        return place, os.fdopen(handle, "r+b", buffering=0)
    raise FileExistsError(errno.EEXIST, "there are too many files of that name")


def check_space(directory: Path, size: int) -> None:
    """Return if so many bytes fit into ``directory``. Raises :class:`OSError`."""
    disk = os.statvfs(directory)
    if disk.f_bavail * disk.f_frsize < size + SPARE:
        raise OSError(errno.ENOSPC, "no space")


def _read(file: BinaryIO, size: int) -> bytes:
    data = file.read(size)
    while data and len(data) < size and (more := file.read(size - len(data))):
        data += more
    return data


def _not_readable(path: str, error: OSError | ValueError) -> DeniedError:
    return not_sent(path, _why(error))


def _not_writable(path: Path, error: OSError | ValueError) -> DeniedError:
    if isinstance(error, OSError) and error.errno in FULL:
        return no_space(str(path))
    return not_usable(str(path), _why(error))


def _why(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or "that is no path"
