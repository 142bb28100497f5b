"""Where what is in Redis, and in which form.

=====================  ======  ============================================================
``{people}:accounts``  hash    account id → :class:`Account`
``{people}:nicks``     hash    folded nick → account id; ``looks`` by skeleton, ``keys`` by
                               channel key
``{people}:allowed``   set     folded nicks
``{people}:invites``   hash    code → uses; ``ends``: code → when, in seconds since the epoch
``{people}:seen``      hash    account id → :class:`geventim.log.people.Seen`
``{people}:rooms``     hash    folded name → conversation id; ``faces`` by skeleton
``{people}:order``     zset    the folded names of the rooms, all of the same score
``{people}:logs``      list    conversation ids in the order of their creation
``{people}:server``    string  the public server key of all nodes
``{people}:probe``     string  nothing, written to see whether that is possible
``{people}:board``     stream  what the nodes tell each other
``end:{bNN}:ID``       hash    version of the roster; seq and running hash of the last entry;
                               size of the messages; floor
``roster:{bNN}:ID``    string  :class:`.logs.Roster`
``log:{bNN}:ID``       stream  seq-0 → :class:`Entry`
``said:{bNN}:ID``      hash    author and message id → seq
``infos:{bNN}:ID``     hash    account → the GroupInfo that it has given
``wrote:{bNN}:ID``     set     accounts that have written messages
``feed:{bNN}``         stream  what was written into the logs of this bucket, in order: 0-number →
                               ``n``: which node, ``a``: :class:`geventim.log.outcomes.Appended`
``turn:{bNN}:ID``      string  who may commit, for a while; ``wanted``: which node is next
``of:{bNN}:ID``        set     conversations that the account ever was a member of
``made:{bNN}:ID``      hash    message id with which the account made a conversation → its id
``stored:{bNN}:ID``    string  bytes of its messages, see :class:`geventim.log.outcomes.Usage`
``packages:{bNN}:ID``  list    time (a double) and key package; ``resort``: the last one
``{blobs}:all``        hash    blob id → :class:`geventim.log.blobs.Blob`
``{blobs}:made``       hash    account and message id with which a blob was begun → its id
``{blobs}:kept``       hash    account → bytes for which its blobs count, no account → those of all;
                               ``begun`` and ``count`` in the same way
``mark:{bNN}``         string  nothing, written so that there is something to wait for
=====================  ======  ============================================================

Each of the 64 buckets, ``{people}`` and ``{blobs}`` is in one slot of a cluster.
"""

from typing import Final

import msgspec

from geventim.chat.values import Account, Entry
from geventim.log.blobs import Blob
from geventim.log.logs import Roster
from geventim.log.people import Seen

BUCKETS: Final = 64

PEOPLE: Final = "{people}:"
ACCOUNTS: Final = PEOPLE + "accounts"
NICKS: Final = PEOPLE + "nicks"
LOOKS: Final = PEOPLE + "looks"
KEYS: Final = PEOPLE + "keys"
ALLOWED: Final = PEOPLE + "allowed"
INVITES: Final = PEOPLE + "invites"
ENDS: Final = PEOPLE + "ends"
SEEN: Final = PEOPLE + "seen"
ROOMS: Final = PEOPLE + "rooms"
FACES: Final = PEOPLE + "faces"
ORDER: Final = PEOPLE + "order"
LOGS: Final = PEOPLE + "logs"
SERVER: Final = PEOPLE + "server"
PROBE: Final = PEOPLE + "probe"
BOARD: Final = PEOPLE + "board"

BLOBS: Final = "{blobs}:"
ALL: Final = BLOBS + "all"
MADE: Final = BLOBS + "made"
KEPT: Final = BLOBS + "kept"
BEGUN: Final = BLOBS + "begun"
COUNT: Final = BLOBS + "count"


pack = msgspec.msgpack.Encoder().encode
unpack_account = msgspec.msgpack.Decoder(Account).decode
unpack_seen = msgspec.msgpack.Decoder(Seen).decode
unpack_roster = msgspec.msgpack.Decoder(Roster).decode
unpack_blob = msgspec.msgpack.Decoder(Blob).decode
unpack_entry = msgspec.msgpack.Decoder(Entry).decode


def key(noun: str, owner: bytes) -> str:
    """The key of what belongs to a conversation or an account."""
    return f"{noun}:{{b{owner[0] % BUCKETS:02}}}:{owner.hex()}"


def feed(bucket: int) -> str:
    """The key of the feed of a bucket."""
    return f"feed:{{b{bucket:02}}}"


def mark(beside: str) -> str:
    """The key of the mark in the same slot as the key ``beside``."""
    start, end = beside.index("{"), beside.index("}") + 1
    return f"mark:{beside[start:end]}"
