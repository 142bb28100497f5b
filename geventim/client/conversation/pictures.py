"""Small pictures, which are fetched without being asked for."""

from typing import Final

import msgspec

from geventim.client.conversation.conversation import Conversation
from geventim.client.files.names import is_picture, safe_name
from geventim.client.files.records import NOBODY, Fetching
from geventim.client.history.reading import Told
from geventim.client.sealing.content import File
from geventim.errors import DeniedError

LARGEST: Final = 2 * 2**20
"""Bytes of a picture that is fetched so."""

LEAST: Final = 64 * 1024
"""Bytes for which one counts that is smaller: it takes a place on the disk, too."""

DAY: Final = 86_400.0

TYPES: Final = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})

FETCHED: Final = "pictures/"
"""Under the id of a conversation, which day it is and how many bytes were fetched on it."""

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(tuple[int, int])


def fetch(conversation: Conversation, told: Told) -> None:
    """Fetch the small pictures that came with what somebody else said, if the user wants that.

    Those that are to be deleted by themselves would stay on the disk.
    """
    user, said = conversation.user, told.utterance
    if not user.preferences.values.pictures or said.beside.lifetime:
        return
    for index, file in enumerate(said.beside.files):
        if user.transfers.is_busy:
            return  # there has to be room for what the user wants
        if _is_small(file) and _take(conversation, max(file.size, LEAST)):
            record = Fetching(
                user.new_id(), 0, conversation.id, told.message_id, index, file, "", NOBODY, 0
            )
            try:
                user.transfers.fetch(record)
            except DeniedError:
                return  # too many are under way; who wants it can ask for it


def _is_small(file: File) -> bool:
    is_one = file.type in TYPES and is_picture(safe_name(file.name))
    return is_one and bool(file.width and file.height) and file.size <= LARGEST


def _take(conversation: Conversation, size: int) -> bool:
    """Count so many bytes more, if they are not too many for today."""
    most = conversation.user.measures.pictures
    memory, name = conversation.user.memory, FETCHED + conversation.hex
    today, kept = int(conversation.user.clock() // DAY), memory.get(name)
    try:
        day, fetched = (today, 0) if kept is None else _decoder.decode(kept)
    except msgspec.MsgspecError:
        day, fetched = today, most  # whatever it was, it is not fetched today
    fetched = size + (fetched if day == today else 0)
    if fetched > most:
        return False
    memory.put(name, _encoder.encode((today, fetched)))
    return True
