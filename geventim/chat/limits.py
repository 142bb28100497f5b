"""Every size and count that is bounded, in one place."""

from typing import Final

NAME_LENGTH: Final = 32
"""Characters in a nick or in the name of a conversation."""

HEADER_SIZE: Final = 64 * 1024
"""Bytes in the JSON object of a request."""

REPLY_HEADER_SIZE: Final = 1000 * 1024
"""Bytes in the JSON object of a reply or event: the longest list that fits into one record."""

ENTRY_SIZE: Final = 256
"""Bytes that a log entry counts for beside its payload: what stands around it takes room, too."""

PAYLOAD_SIZE: Final = 64 * 1024
"""Bytes in the payload of a log entry: a message with everything around it."""

CODE_LENGTH: Final = 64
"""Characters in a word that tells programs why something was refused."""

TEXT_SIZE: Final = 8 * 1024
"""Characters in a text that the server itself writes or passes on: notices, announcements."""

ROOM_MEMBERS: Final = 1_000
"""Members of a room, unless the server is told otherwise."""

ROOMS_LISTED: Final = 100
"""Rooms that are listed at a time."""

GROUP_LEAVES: Final = 512
"""Members of a group."""

GROUP_MEMBERS: Final = 256
"""People named in one request to create a group."""

MEMBERS: Final = 256
"""People whom one commit can declare as added or removed, together."""

COMMIT_SIZE: Final = 960 * 1024
"""Bytes in a commit with its Welcome and GroupInfo."""

KEY_PACKAGES: Final = 100
"""Key packages that the server keeps for an account."""

FEW_KEY_PACKAGES: Final = 25
"""So many are few: their owner is told, so as to leave more."""

KEY_PACKAGE_AGE: Final = 60 * 86_400.0
"""Seconds for which a key package is given away; the one of last resort is given away for ever."""

KEY_PACKAGE_SIZE: Final = 4 * 1024
"""Bytes in a key package."""

ASK_SIZE: Final = 512
"""Bytes in what somebody sends who asks for help, or helps."""

ASKS: Final = 256
"""Members whose asking is told at a time."""

STATES: Final = 9
"""GroupInfos that the server keeps for newcomers of a conversation, one of an account."""

TURN: Final = 5.0
"""Seconds for one commit."""

SHARED_TURN: Final = 3.0
"""Seconds for one commit while others wait."""

LINE: Final = 256
"""Sessions that may wait for their turn in one conversation."""

LISTED: Final = 200
"""Conversations in a page of those of an account."""

PAGE_ENTRIES: Final = 256
"""Entries read from a log at a time."""

PAGE_SIZE: Final = 256 * 1024
"""Bytes of payload read from a log at a time; a page holds at least one entry."""

OUTBOX_SIZE: Final = 1024 * 1024
"""Bytes waiting for one slow reader before it has to read from the log instead."""

ATTEMPTS: Final = 6
"""Requests of a client that has not logged in: what answers them may have to be held for it."""

REFUSED: Final = 64
"""Requests of one record for which the server is too busy, after which it hears no more of it."""

STATE_UNIT: Final = 64 * 1024
"""Bytes of a state that is given to newcomers for which it counts once more against its budget."""

BULK: Final = 8 * 1024
"""Bytes of an entry, or of a state, for which it counts once more while it waits for the disk."""

CHUNK_SIZE: Final = 256 * 1024 + 64
"""Bytes in a chunk of a blob that is not the last: 256 KiB of a file, sealed."""

CHUNK_OVERHEAD: Final = 64
"""How many of them are not of the file."""

BLOB_WEIGHT: Final = 16 * 1024
"""Bytes for which a blob counts beside its own: what stands around it takes room, too."""

CHUNKS: Final = 8
"""Requests to put or get a chunk of one session that may wait for their answer."""

UNFINISHED: Final = 256
"""Blobs that an account may have begun and not finished."""

IN_FLIGHT: Final = 64
"""Appends of one session that may wait for the disk when its next turn begins."""

CROWD: Final = 512
"""Changes of all sessions that wait for the disk, from which on each has few of them there.

They take some 40 ms. Fewer would be too few to share what a delivery costs.
"""

IN_FLIGHT_IN_A_CROWD: Final = 1
"""Appends of one session that may wait for the disk then."""
