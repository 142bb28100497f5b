"""A directory with the content of blobs, which several servers may share.

The file of a blob is named after its id, in a directory named after the first two digits of that.
Nothing in it is reached through a link. Beside them stands whose blobs these are: another server
would take them for strays, and delete them.
"""

import os
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from geventim.chat.values import ID_SIZE
from geventim.errors import StoreError
from geventim.log.blobs import Blob
from geventim.store import files
from geventim.store.blobs.content import Content

OWNER: Final = "server"
"""The file that says whose blobs these are."""

KNOWN: Final = 1_024
"""Unfinished blobs of which it is in mind up to where they are whole on disk."""


class BlobDirectory:
    """The directory ``path`` of the server with the key ``owner``; it is made if it is missing.

    It is a :class:`geventim.log.contents.Contents`. Raises :class:`StoreError` when it cannot be
    used, and when the blobs there are those of another server.
    """

    places = 256

    def __init__(self, path: Path, owner: str) -> None:
        self.path = path
        self._good: OrderedDict[bytes, int] = OrderedDict()
        with _failures():
            files.make_directory(path)
            _mark(path, owner)
            if (path / OWNER).read_text("ascii", "replace").strip() != owner:
                raise StoreError(f"the blobs in {path} are those of another server")
            self._root = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    @property
    def free(self) -> int:
        """Bytes that can still be written there."""
        with _failures():
            there = os.fstatvfs(self._root)
        return there.f_bavail * there.f_frsize

    def count(self, blob: Blob) -> int:
        """See :class:`geventim.log.contents.Contents`."""
        with (
            _failures(),
            suppress(FileNotFoundError),
            self._opened(blob, os.O_RDWR) as (content, _),
        ):
            content.lock()
            return self._count(blob, content)
        return 0

    def put(self, blob: Blob, puts: Sequence[tuple[int, bytes]]) -> int:
        """See :class:`geventim.log.contents.Contents`."""
        with _failures(), self._opened(blob, os.O_RDWR | os.O_CREAT) as (content, place):
            content.lock()
            count = self._count(blob, content)
            chunks: list[bytes] = []
            for index, chunk in puts:
                if index == count + len(chunks) < blob.chunks:
                    chunks.append(chunk)
            self._good.pop(blob.id, None)
            content.put(count, chunks)
            if not count:
                os.fsync(place)
            self._note(blob, count + len(chunks))
            return count + len(chunks)

    def get(self, blob: Blob, index: int) -> bytes | None:
        """See :class:`geventim.log.contents.Contents`."""
        with (
            _failures(),
            suppress(FileNotFoundError),
            self._opened(blob, os.O_RDONLY) as (content, _),
        ):
            return content.get(index)
        return None

    def verify(self, blob: Blob) -> str | None:
        """Read all of ``blob``; what is wrong with it, if something is."""
        try:
            with self._opened(blob, os.O_RDONLY) as (content, _):
                for index in range(blob.chunks):
                    content.get(index)
        except FileNotFoundError:
            return f"the blob {blob.id.hex()} is missing"
        except OSError as error:
            return f"the blob {blob.id.hex()} cannot be read: {error.strerror}"
        except StoreError as error:
            return str(error)
        return None

    def remove(self, blobs: Sequence[bytes]) -> None:
        """See :class:`geventim.log.contents.Contents`."""
        for blob in blobs:
            self._good.pop(blob, None)
            with _failures(), suppress(FileNotFoundError), self._place(blob) as place:
                os.unlink(blob.hex(), dir_fd=place)

    def list(self, place: int) -> list[bytes]:
        """See :class:`geventim.log.contents.Contents`."""
        with _failures():
            try:
                descriptor = self._open(f"{place:02x}")
            except FileNotFoundError:
                return []
            try:
                return [bytes.fromhex(name) for name in os.listdir(descriptor) if is_name(name)]
            finally:
                os.close(descriptor)

    def close(self) -> None:
        """Give the directory back; nothing may be called afterwards."""
        os.close(self._root)

    def _count(self, blob: Blob, content: Content) -> int:
        count = content.count()
        return count if count == self._good.get(blob.id) else content.count_good()

    def _note(self, blob: Blob, count: int) -> None:
        self._good[blob.id] = count
        self._good.move_to_end(blob.id)
        with suppress(KeyError, StopIteration, RuntimeError):  # threads come between
            if len(self._good) > KNOWN:
                self._good.popitem(last=False)

    @contextmanager
    def _opened(self, blob: Blob, way: int) -> Iterator[tuple[Content, int]]:
        """The file of ``blob``, opened in this ``way``, and the directory in which it is."""
        with self._place(blob.id, to_make=bool(way & os.O_CREAT)) as place:
            flags = way | os.O_NOFOLLOW | os.O_CLOEXEC
            content = Content(blob, os.open(blob.id.hex(), flags, files.FILE_MODE, dir_fd=place))
            try:
                yield content, place
            finally:
                content.close()

    @contextmanager
    def _place(self, blob: bytes, *, to_make: bool = False) -> Iterator[int]:
        name = blob[:1].hex()
        if to_make:
            with suppress(FileExistsError):
                os.mkdir(name, files.DIRECTORY_MODE, dir_fd=self._root)
                os.fsync(self._root)
        descriptor = self._open(name)
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def _open(self, name: str) -> int:
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
        return os.open(name, flags, dir_fd=self._root)


def _mark(path: Path, owner: str) -> None:
    """Write into ``path`` whose it is, unless that stands there: all of it, or nothing."""
    if (path / OWNER).exists():
        return
    draft = path / f"{OWNER}.{os.getpid()}.new"
    draft.unlink(missing_ok=True)
    files.create_file(draft, f"{owner}\n".encode())
    with suppress(FileExistsError):
        os.link(draft, path / OWNER)
    draft.unlink()
    files.sync_directory(path)


def content_of(directory: Path, blob: bytes) -> Path:
    """Where in ``directory`` the content of ``blob`` is."""
    return directory / blob[:1].hex() / blob.hex()


def is_name(name: str) -> bool:
    """Whether that is the name of the file of a blob."""
    return len(name) == 2 * ID_SIZE and not set(name) - set("0123456789abcdef")


@contextmanager
def _failures() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(f"the files of clients cannot be used: {error.strerror}") from error
