"""What comes of changes, and what a store knows of logs: values."""

from msgspec import Struct

from geventim.chat.values import Account, Conversation, Entry
from geventim.log.blobs import Blob, Swept


class Refusal(Struct, frozen=True):
    """A change that was not applied; ``code`` is one of the words below."""

    code: str


NICK_TAKEN = Refusal("nick_taken")
KEY_TAKEN = Refusal("key_taken")
NAME_TAKEN = Refusal("name_taken")
TOO_MANY = Refusal("too_many")
NOT_INVITED = Refusal("not_invited")
NOT_LISTED = Refusal("not_listed")
NOT_A_MEMBER = Refusal("not_a_member")
NOT_ALLOWED = Refusal("not_allowed")
NO_CONVERSATION = Refusal("no_conversation")
ROOM_FULL = Refusal("room_full")
DO_NOT_DISTURB = Refusal("do_not_disturb")
ACCOUNT_ENDED = Refusal("account_ended")
NO_KEY_PACKAGE = Refusal("no_key_package")
STALE_HEAD = Refusal("stale_head")
NO_COMMIT = Refusal("no_commit")
NO_TURN = Refusal("no_turn")
BAD_GATE = Refusal("bad_gate")
QUOTA_FILES = Refusal("quota_files")
NO_SPACE = Refusal("no_space")
TOO_MANY_BEGUN = Refusal("too_many_begun")
NO_BLOB = Refusal("no_blob")


class Appended(Struct, frozen=True):
    """The entry that is in the log now; ``repeated`` when it was there already.

    The others say what it did: who became a member, and since which number; who is one no longer;
    and after a commit or a delete, the conversation with the number of its ``members`` as it is
    now. A repetition does nothing.
    """

    entry: Entry
    repeated: bool = False
    joined: tuple[tuple[bytes, int], ...] = ()
    gone: tuple[bytes, ...] = ()
    conversation: Conversation | None = None
    members: int = 0


class Given(Struct, frozen=True):
    """The state is kept. ``author`` is that of the entry in question, empty if there is none.

    It is ``repeated``, and nothing is kept, when the account has called this entry void already,
    or a later one.
    """

    author: bytes
    repeated: bool = False


class Taken(Struct, frozen=True):
    """A key package, and how many are left that can be taken once."""

    package: bytes
    left: int


class Expired(Struct, frozen=True):
    """How many entries were dropped, and where to go on; with ``start`` 0 it is done."""

    count: int
    start: int = 0


class Head(Struct, frozen=True):
    """The end of a log: its last entry and running hash, and its last commit (0: there is none).

    Messages up to ``floor`` have expired.
    """

    seq: int
    hash: bytes
    commit: int
    members: int
    floor: int = 0
    deleted: bool = False


class State(Struct, frozen=True):
    """A GroupInfo that ``account`` has given, with its commit ``at`` or when that was the last."""

    account: bytes
    at: int
    group_info: bytes


class Position(Struct, frozen=True):
    """A place in a log: behind the entry ``seq``, where the running hash is ``hash``.

    ``last`` is the last entry of the log. Messages up to ``floor`` have expired.
    """

    seq: int
    hash: bytes
    last: int
    floor: int


class Page(Struct, frozen=True):
    """Entries in order. An empty page is the end for now.

    It is the end for good if the account was no member when the page was read: not ``present``.
    """

    entries: tuple[Entry, ...]
    present: bool


class Usage(Struct, frozen=True):
    """What an account makes a server keep.

    ``stored`` is in bytes of messages that it wrote and that have not expired, each with ENTRY_SIZE
    more; ``created`` counts rooms and groups that were not deleted; ``files`` is in bytes of blobs
    that have not expired, each with BLOB_WEIGHT more.
    """

    stored: int
    created: int
    files: int = 0


Outcome = (
    Account | Conversation | Appended | Given | Taken | Expired | Blob | Swept | Refusal | None
)
