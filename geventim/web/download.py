"""A file of a message on its way to a page: fetched into a private place, and handed on from there.

Each is a front end of its own at the client, so that nothing else waits for it.
"""

import os
import select
import shutil
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import gevent
from gevent.monkey import get_original

from geventim.app.attachment import Attachment
from geventim.app.front import Front
from geventim.app.note import Note
from geventim.client.answers import Answer, Done, Fetched, Refused
from geventim.client.told import OWN
from geventim.client.wishes import Cancel, FetchFile, MessageId, Wish
from geventim.web.exchange import WebError

LOOK: Final = 0.25
"""Seconds after which somebody looks whether the page is still there."""

FAREWELL: Final = 2.0
"""Seconds for a transfer to be given up."""

PIECE: Final = 256 * 1024
"""Bytes that are handed on at a time."""

GONE: Final = frozenset({"no_file", "no_message", "unknown_message"})
"""Codes of refusals that say that there is no such thing."""

WISH: Final = "fetch"
STOP: Final = "stop"

Attach = Callable[[Front], Attachment | None]


class Contents:
    """The file at ``path``, alone in its directory; both are deleted once it is closed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("rb", buffering=0)
        self.size = os.fstat(self._file.fileno()).st_size

    def __iter__(self) -> Iterator[bytes]:
        while data := self._file.read(PIECE):
            yield data

    def close(self) -> None:
        """It was handed on, or nobody wants it."""
        self._file.close()
        shutil.rmtree(self._path.parent, ignore_errors=True)


def fetch(
    attach: Attach, message_id: MessageId, index: int, room: Path, is_gone: Callable[[], bool]
) -> Contents:
    """File ``index`` of a message, received into the directory ``room``.

    It is given up when the page ``is_gone``. Raises :class:`WebError`.
    """
    contents: Contents | None = None
    try:
        answer = _ask(attach, message_id, index, room, is_gone)
        match answer:
            case Done(done=Fetched(path=path)):
                contents = Contents(Path(path))
                return contents
            case Refused(refused=refused):
                status = HTTPStatus.NOT_FOUND if refused.code in GONE else HTTPStatus.BAD_GATEWAY
                raise WebError(status, refused.code)
        raise WebError(HTTPStatus.SERVICE_UNAVAILABLE, "no_client")
    finally:
        if contents is None:
            shutil.rmtree(room, ignore_errors=True)


def _ask(
    attach: Attach, message_id: MessageId, index: int, room: Path, is_gone: Callable[[], bool]
) -> Answer | None:
    front = Front(OWN)
    attachment = attach(front)
    if attachment is None:
        return None
    wish = FetchFile(id=WISH, message_id=message_id, index=index, path=str(room))
    listening = gevent.spawn(_listen, attachment, front, wish)
    try:
        while not is_gone():
            notes = front.take(LOOK)
            if notes is None:
                return None
            if (answer := _answer(notes)) is not None:
                return answer
        attachment.grant(Cancel(id=STOP, request=WISH), front)
        front.take(FAREWELL)
        return None
    finally:
        attachment.close()
        listening.kill()


def _answer(notes: list[Note]) -> Answer | None:
    """What came of the file, if that is among ``notes``."""
    for note in notes:
        if isinstance(note.item, Answer) and note.item.answer == WISH:
            return note.item
    return None


def _listen(attachment: Attachment, front: Front, wish: Wish) -> None:
    attachment.run(lambda: attachment.grant(wish, front))
    front.close()


def has_hung_up(peer: Any) -> bool:
    """Whether whoever is at the other end of a socket sends nothing any more."""
    poll = get_original("select", "poll")()
    poll.register(peer, select.POLLRDHUP)
    return bool(poll.poll(0))
