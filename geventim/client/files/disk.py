"""What transfers need of a disk. All of it may take its time, and is called where that is no harm.

What goes wrong is raised as :class:`DeniedError`.
"""

from typing import Annotated, Final, NoReturn, Protocol

from msgspec import Meta, Struct

from geventim.client.sealing.content import THUMBNAIL_SIZE
from geventim.errors import DeniedError

PART_CHANGED: Final = "part_changed"
"""The code of what is received and is changed meanwhile by something else."""


class Facts(Struct, frozen=True, array_like=True):
    """What a file is known by that must not change: its size in bytes, its last change in ns."""

    size: int
    changed: int


class Picture(Struct, frozen=True):
    """What a picture is: its MIME type, its size in pixels, and a small one of it as JPEG."""

    type: Annotated[str, Meta(max_length=128)] = ""
    width: Annotated[int, Meta(ge=0, lt=2**31)] = 0
    height: Annotated[int, Meta(ge=0, lt=2**31)] = 0
    thumbnail: Annotated[bytes, Meta(max_length=THUMBNAIL_SIZE)] = b""

    def __repr__(self) -> str:
        return f"<picture of {self.width} by {self.height}>"


NO_PICTURE: Final = Picture()


class Source(Protocol):
    """A file that is being sent."""

    def look(self) -> Facts:
        """What it is known by now."""

    def read(self, size: int) -> bytes:
        """The next ``size`` bytes, or fewer at its end."""

    def close(self) -> None:
        """It is needed no more."""


class Part(Protocol):
    """A file that is being received, under a name that says it is not whole."""

    @property
    def path(self) -> str:
        """Where it is."""

    @property
    def inode(self) -> int:
        """Which file of its disk it is."""

    @property
    def whole(self) -> int:
        """Bytes that were there when it was opened; they are read first."""

    def read(self, size: int) -> bytes:
        """The next ``size`` of these; nothing if there are not so many any more."""

    def write(self, data: bytes) -> None:
        """Add ``data`` behind what was read and written.

        Raises ``part_changed`` if that is not all there any more.
        """

    def finish(self, digest: bytes) -> str:
        """Give the file its name, which nothing else has; the path.

        Raises ``part_changed`` if it was changed meanwhile by something else, and has another
        SHA-256 than ``digest`` now, and ``bad_path`` if it is gone or was replaced.
        """

    def close(self) -> None:
        """Leave it as it is."""

    def discard(self) -> None:
        """Delete it, also if it has its name by now, but not what has taken its place."""


class Disk(Protocol):
    """Where files come from, and go."""

    def open_source(self, path: str) -> Source:
        """The file at the absolute ``path``.

        Raises ``bad_path``, ``no_source`` and ``file_too_large``.
        """

    def look_at(self, path: str) -> Picture:
        """What the picture at the absolute ``path`` is, as far as that can be found out here."""

    def open_part(self, wanted: str, name: str, size: int, path: str, tag: str, inode: int) -> Part:
        """Where a file called ``name`` is received.

        It becomes the file ``wanted``, or comes into that directory; or, if that is empty, to where
        all files go. It goes on with the part at ``path``, unless that has another ``inode``; or,
        if that is empty, with what an earlier call has made with this ``tag``, which is drawn for
        this file and in its name; nothing is in that yet.
        Raises ``bad_path`` and ``no_space_here``.
        """

    def find_whole(
        self, wanted: str, name: str, size: int, digest: bytes, path: str, inode: int
    ) -> str:
        """Where the part that was at ``path`` is, if it has got its name; empty if it has not.

        So it was received, and the program ended before it knew. ``path`` is deleted.
        """

    def drop_part(self, wanted: str, name: str, path: str, tag: str, inode: int) -> None:
        """Delete what :meth:`open_part` would go on with, if there is any."""

    def remove(self, path: str, size: int, digest: bytes) -> None:
        """Delete the file at ``path``, if it still has ``size`` bytes and this SHA-256."""


def not_sent(path: str, why: str) -> DeniedError:
    """The file at ``path`` cannot be sent."""
    return DeniedError("no_source", path=path, why=why)


def too_large(path: str, size: int) -> DeniedError:
    """A file has at most ``size`` bytes."""
    return DeniedError("file_too_large", path=path, size=size)


def not_usable(path: str, why: str) -> DeniedError:
    """Nothing can be received at ``path``."""
    return DeniedError("bad_path", path=path, why=why)


def part_changed(path: str) -> DeniedError:
    """Something else changes what is received at ``path``."""
    return DeniedError(PART_CHANGED, path=path)


def no_space(path: str) -> DeniedError:
    """The disk of ``path`` is full."""
    return DeniedError("no_space_here", path=path)


class NoDisk:
    """Where there is none."""

    def open_source(self, path: str) -> NoReturn:
        """Refuse."""
        raise not_sent(path, "there is no disk")

    def look_at(self, path: str) -> Picture:  # noqa: ARG002 - as any disk has it
        """See nothing."""
        return NO_PICTURE

    def open_part(self, wanted: str, *_: object, **__: object) -> NoReturn:
        """Refuse."""
        raise not_usable(wanted, "there is no disk")

    def find_whole(self, *_: object, **__: object) -> str:
        """There is nothing to find."""
        return ""

    def drop_part(self, wanted: str, name: str, path: str, tag: str, inode: int) -> None:
        """There is nothing to delete."""

    def remove(self, path: str, size: int, digest: bytes) -> None:
        """There is nothing to delete."""
