"""A file that is received, on the disk of this machine.

Whatever else is done to it there meanwhile, nothing gets its name but what was received, and
nothing is deleted that something else has put in its place.
"""

import errno
import hashlib
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

from geventim.client.files.disk import no_space, not_usable, part_changed
from geventim.client.files.names import LONGEST, numbered
from geventim.errors import DeniedError

SPARE: Final = 64 * 1024 * 1024
"""Bytes of a disk that are left free."""

ENDING: Final = ".part"
"""How the name of a file ends that is not whole."""

NUMBERS: Final = 10_000
"""Files of one name."""

HANDLES: Final = "/proc/self/fd"
"""Where what is open can be found by its handle."""

STRIDE: Final = 1024 * 1024
"""Bytes that are read at once, where a file is only read."""

FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

ELSE: Final = frozenset(
    {errno.ENOENT, errno.EISDIR, errno.ELOOP, errno.ENXIO, errno.EACCES, errno.ENOTDIR}
)
"""How the system says that a part is gone, or that something else is in its place."""

NO_LINKS: Final = frozenset(
    {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EXDEV, errno.EMLINK, errno.ENOENT}
)
"""How it says that a file there cannot have a second name, or that there is no ``/proc``."""

Facts = tuple[int, ...]


class Part:
    """A file of ``size`` bytes that is being received into ``directory``, to be called ``name``.

    It goes on with the one at ``path``, if that has the ``inode``, or none is known; or, if
    ``path`` is empty, with what has the ``tag``.
    """

    def __init__(
        self, directory: Path, name: str, size: int, path: str, tag: str, inode: int
    ) -> None:
        self._directory = directory
        self._name = name
        self._place = directory
        self._at = 0
        self._is_doubtful = False
        opened: BinaryIO | None = None
        try:
            self._place = place_of(directory, name, path, tag)
            opened = reopen(self._place, inode, is_noted=bool(path))
            self.whole = 0 if opened is None else min(os.fstat(opened.fileno()).st_size, size)
            check_space(directory, size - self.whole)
            if opened is None:
                tagged = place_of(directory, name, "", tag).name.removesuffix(ENDING)
                self._place, opened = _create(directory, tagged, ENDING)
            self._file = opened
            self._facts = self._look()
        except (OSError, ValueError) as error:
            if opened is not None:
                opened.close()
            raise not_writable(self._place, error) from None

    @property
    def path(self) -> str:
        """Where it is."""
        return str(self._place)

    @property
    def inode(self) -> int:
        """Which file of its disk it is."""
        return self._facts[1]

    def read(self, size: int) -> bytes:
        """The next ``size`` bytes of what was there; nothing if there are not so many any more."""
        try:
            data = os.pread(self._file.fileno(), size, self._at)
        except OSError as error:
            raise not_writable(self._place, error) from None
        if len(data) < size:
            return b""
        self._at += size
        return data

    def write(self, data: bytes) -> None:
        """Add ``data`` behind what was read and written; see :class:`.Part` of the client."""
        try:
            if self._check() < self._at:
                raise part_changed(self.path)
            view = memoryview(data)
            while view:
                count = os.pwrite(self._file.fileno(), view, self._at)
                self._at += count
                view = view[count:]
            self._facts = self._look()
        except OSError as error:
            raise not_writable(self._place, error) from None

    def finish(self, digest: bytes) -> str:
        """Give the file its name, which nothing else has; the path.

        Bytes that something else has written change the dates of the file; only then it is read
        once more.
        """
        try:
            self._check()
            self._file.truncate(self._at)
            self._facts = self._look()
            os.fsync(self._file.fileno())
            self._check()
            if self._is_doubtful:
                self._verify(digest)
            place = self._name_it()
            self._place, self._facts = place, self._look()
            self._file.close()
        except OSError as error:
            raise not_writable(self._place, error) from None
        return str(place)

    def close(self) -> None:
        """Leave it as it is."""
        self._file.close()

    def discard(self) -> None:
        """Delete it, also if it has its name by now, but not what has taken its place."""
        with suppress(OSError):
            if self._is_there():
                self._place.unlink()
        self._file.close()

    def _look(self) -> Facts:
        """What changes when something else changes the file; its first two never do."""
        return _facts(os.fstat(self._file.fileno()))

    def _check(self) -> int:
        """See whether something else has changed the file since it was looked at last; its size."""
        facts = self._look()
        if facts != self._facts:
            self._is_doubtful = True
        return facts[2]

    def _verify(self, digest: bytes) -> None:
        before = self._look()
        now = hashlib.sha256()
        for start in range(0, self._at, STRIDE):
            now.update(os.pread(self._file.fileno(), STRIDE, start))
        if now.digest() != digest or self._look() != before:
            raise part_changed(self.path)

    def _is_there(self) -> bool:
        """Whether what has the name of this file is this file."""
        try:
            there = _facts(self._place.lstat())
        except OSError:
            return False
        return there == self._facts if self._file.closed else there[:2] == self._look()[:2]

    def _name_it(self) -> Path:
        if not self._is_there():
            raise _not_there()
        for number in range(1, NUMBERS):
            place = self._directory / numbered(self._name, number)
            try:
                _link(self._file, place)
            except FileExistsError:
                continue
            except OSError as error:
                if error.errno not in NO_LINKS:
                    raise
                return self._rename()
            if self._is_there():
                self._place.unlink()
            return place
        raise _too_many()

    def _rename(self) -> Path:
        """Give it its name where no file can have two."""
        place, claimed = _create(self._directory, self._name)
        claimed.close()
        if self._is_there():
            self._place.replace(place)
            return place
        place.unlink()
        raise _not_there()


def place_of(directory: Path, name: str, path: str, tag: str) -> Path:
    """Where the part of a file called ``name`` is: at ``path``, if that is known."""
    shown = os.fsencode(name)[:LONGEST].decode(errors="ignore")
    return Path(path) if path else directory / f"{shown}.{tag}{ENDING}"


def find_named(directory: Path, name: str, inode: int) -> Path | None:
    """Where the file with that ``inode`` has got the ``name``, maybe with a number.

    Raises :class:`OSError`.
    """
    with os.scandir(directory) as entries:
        found = {entry.name for entry in entries if entry.inode() == inode}
    names = (numbered(name, number) for number in range(1, NUMBERS)) if found else ()
    return next((directory / each for each in names if each in found), None)


def reopen(place: Path, inode: int, *, is_noted: bool) -> BinaryIO | None:
    """The part that is there; None if it is gone, or something else is in its place.

    Without a known ``inode``, which is 0 then, it may have any. One that was not noted, before the
    program ended, has nothing in it: nothing is asked for before that.

    Raises :class:`OSError`, and :class:`ValueError` for what is no path.
    """
    flags = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        handle = os.open(place, flags)
    except OSError as error:
        if error.errno not in ELSE:
            raise
        return None
    facts = os.fstat(handle)
    # A pipe would never take all; what has another name as well is also somebody else's.
    is_another = inode not in {0, facts.st_ino} or (facts.st_size > 0 and not is_noted)
    if not stat.S_ISREG(facts.st_mode) or facts.st_nlink != 1 or is_another:
        os.close(handle)
        return None
    return os.fdopen(handle, "r+b", buffering=0)


def check_space(directory: Path, size: int) -> None:
    """Return if so many bytes fit into ``directory``. Raises :class:`OSError`."""
    disk = os.statvfs(directory)
    if disk.f_bavail * disk.f_frsize < size + SPARE:
        raise OSError(errno.ENOSPC, "no space")


def not_writable(path: Path, error: OSError | ValueError) -> DeniedError:
    """Why nothing can be received at ``path``."""
    if isinstance(error, OSError) and error.errno in FULL:
        return no_space(str(path))
    return not_usable(str(path), why(error))


def why(error: OSError | ValueError) -> str:
    """What the system says."""
    return (error.strerror if isinstance(error, OSError) else None) or "that is no path"


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
    raise _too_many()


def _link(file: BinaryIO, place: Path) -> None:
    """Give ``file`` a name: the very file that was written, whatever is done to its other one."""
    handles = os.open(HANDLES, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.link(str(file.fileno()), place, src_dir_fd=handles, follow_symlinks=True)
    finally:
        os.close(handles)


def _facts(facts: os.stat_result) -> Facts:
    return facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns


def _not_there() -> OSError:
    return OSError(errno.ESTALE, "it is gone, or something else is in its place")


def _too_many() -> FileExistsError:
    return FileExistsError(errno.EEXIST, "there are too many files of that name")
