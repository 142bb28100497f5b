"""What a program wants of a client; as JSON, an object with the field ``wish`` that names it.

Each has an ``id`` that its front end has chosen, and gets exactly one answer with that id: see
:mod:`.answers`. ``to`` and ``conversation`` name a conversation: by its id in hexadecimal digits,
as ``@nick`` or ``#name``, or by a bare name where that fits only one. No ``repr`` shows what
somebody wrote, or a key.
"""

import json
from typing import Annotated, Any, Final, get_args

import msgspec
from msgspec import Meta, Struct

from geventim.chat import limits
from geventim.chat.values import ID_SIZE, Status
from geventim.client.kept import bookmark
from geventim.client.sealing.content import AWAY_SIZE, FILES, Format
from geventim.errors import DeniedError

Id = Annotated[int, Meta(ge=0, lt=2**53)] | Annotated[str, Meta(max_length=128)]
Name = Annotated[str, Meta(min_length=1, max_length=4 * limits.NAME_LENGTH)]
MessageId = Annotated[str, Meta(pattern=f"^[0-9a-f]{{{2 * ID_SIZE}}}$")]
MaybeMessageId = Annotated[str, Meta(pattern=f"^([0-9a-f]{{{2 * ID_SIZE}}})?$")]
Order = Annotated[int, Meta(ge=0, lt=2**53)]
Limit = Annotated[int, Meta(ge=1, le=500)]
Key = Annotated[str, Meta(max_length=1024)]
Path = Annotated[str, Meta(min_length=1, max_length=4096)]


class Wish(
    Struct,
    frozen=True,
    kw_only=True,
    tag_field="wish",
    forbid_unknown_fields=True,
    omit_defaults=True,
):
    """Root of all wishes."""

    id: Id

    @property
    def fault(self) -> str:
        """Why nothing can come of it, though each of its fields is right; empty if that is all."""
        return ""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class Conversations(Wish, frozen=True, kw_only=True, tag="conversations"):
    """Every conversation that the user is in."""


class Rooms(Wish, frozen=True, kw_only=True, tag="rooms"):
    """The rooms that there are, a page of them: those behind the name ``after``, by name."""

    after: Annotated[str, Meta(max_length=4 * limits.NAME_LENGTH)] = ""


class Members(Wish, frozen=True, kw_only=True, tag="members"):
    """Who is in a conversation, and how far they are trusted."""

    conversation: Name


class OpenDm(Wish, frozen=True, kw_only=True, tag="open_dm"):
    """The conversation with ``nick``; it is begun if there is none."""

    nick: Name


class Join(Wish, frozen=True, kw_only=True, tag="join"):
    """Be in the room ``name``, with its ``key`` if it has one."""

    name: Name
    key: Key = ""


class CreateRoom(Wish, frozen=True, kw_only=True, tag="create_room"):
    """Make the room ``name``, which can be entered with ``key`` alone if one is given."""

    name: Name
    key: Key = ""


class CreateGroup(Wish, frozen=True, kw_only=True, tag="create_group"):
    """Make a group of the user and ``members``."""

    name: Name
    members: Annotated[tuple[Name, ...], Meta(max_length=limits.GROUP_MEMBERS)]


class Leave(Wish, frozen=True, kw_only=True, tag="leave"):
    """Be in a room or group no longer."""

    conversation: Name


class Delete(Wish, frozen=True, kw_only=True, tag="delete"):
    """End a group for all its members."""

    conversation: Name


class Add(Wish, frozen=True, kw_only=True, tag="add"):
    """Let ``members`` into a group."""

    conversation: Name
    members: Annotated[tuple[Name, ...], Meta(min_length=1, max_length=limits.MEMBERS)]


class Remove(Wish, frozen=True, kw_only=True, tag="remove"):
    """Put ``members`` out of a group that the user has founded."""

    conversation: Name
    members: Annotated[tuple[Name, ...], Meta(min_length=1, max_length=limits.MEMBERS)]


class NewKey(Wish, frozen=True, kw_only=True, tag="new_key"):
    """Have another key for a keyed room; or with ``create``, a new room of that name with one."""

    conversation: Name
    create: bool = False


class Rejoin(Wish, frozen=True, kw_only=True, tag="rejoin"):
    """Go on with a conversation that was stopped; or ``all``, unless one has that name."""

    conversation: Name


class RoomCode(Wish, frozen=True, kw_only=True, tag="room_code"):
    """The code of a conversation for its members to compare."""

    conversation: Name


class Say(Wish, frozen=True, kw_only=True, tag="say"):
    """Send ``text``, of any number of lines, maybe as an answer to another message there.

    Its ``format`` is ``text``, with light markup, or ``plain``. With ``files``, which are absolute
    paths on this machine, it goes once they are sent; there may be no text then.

    A front end that gives a ``message_id``, which it has drawn, may wish for the same again: what
    was said under that id in that conversation is not said twice, and answered as the first time.
    The answer has the id by which everybody else knows the message. That holds for the last 1,024
    of these messages, until one is refused; those with files have none.
    """

    to: Name
    text: str
    reply_to: MaybeMessageId = ""
    format: Format = Format.TEXT
    files: Annotated[tuple[Path, ...], Meta(max_length=FILES)] = ()
    message_id: MaybeMessageId = ""


class FetchFile(Wish, frozen=True, kw_only=True, tag="fetch_file"):
    """Receive the file ``index``, counted from 0, of a message.

    Without a ``path`` it goes to the directory ``downloads`` of the client's data; with one it goes
    there, be it a directory or not yet a file. Nothing is replaced.
    """

    message_id: MessageId
    index: Annotated[int, Meta(ge=0, lt=FILES)] = 0
    path: Annotated[str, Meta(max_length=4096)] = ""


class Transfers(Wish, frozen=True, kw_only=True, tag="transfers"):
    """Files that are being sent or fetched. It is answered at once."""


class Edit(Wish, frozen=True, kw_only=True, tag="edit"):
    """Put ``text`` in the place of a message of the user; see ``say``."""

    message_id: MessageId
    text: Annotated[str, Meta(min_length=1)]
    format: Format = Format.TEXT


class DeleteMessage(Wish, frozen=True, kw_only=True, tag="delete_message"):
    """Delete a message for everybody: one's own, or any in a group that one has made."""

    message_id: MessageId


class React(Wish, frozen=True, kw_only=True, tag="react"):
    """React to a message with an emoji, or what it is called; without one, take that back."""

    message_id: MessageId
    reaction: Annotated[str, Meta(max_length=64)] = ""


class SetTimer(Wish, frozen=True, kw_only=True, tag="set_timer"):
    """Have what is said from now on deleted so many ``seconds`` after it was read; 0: never."""

    conversation: Name
    seconds: Annotated[int, Meta(ge=0, lt=2**53)]


class Secret(Wish, frozen=True, kw_only=True, tag="secret"):
    """Send ``text`` to ``nick``, sealed so that only ``key`` opens it."""

    nick: Name
    key: Annotated[Key, Meta(min_length=1)]
    text: Annotated[str, Meta(min_length=1)]


class OpenSecret(Wish, frozen=True, kw_only=True, tag="open_secret"):
    """What the secret with this ``number`` says."""

    number: Annotated[int, Meta(ge=1, lt=2**53)]
    key: Annotated[Key, Meta(min_length=1)]


class Timeline(Wish, frozen=True, kw_only=True, tag="timeline"):
    """What was written in a conversation, or in all: the last messages, or those of a page.

    A page is ``before``, ``after`` or ``around`` a message, which is an ``order`` or an id.
    """

    conversation: Name = ""
    limit: Limit = 50
    before: Order | MessageId | None = None
    after: Order | MessageId | None = None
    around: Order | MessageId | None = None


class Search(Wish, frozen=True, kw_only=True, tag="search"):
    """The last messages that have all of ``words``, newest first.

    A word with spaces in it is a phrase. It may be of one ``author``, in one ``conversation``,
    ``before`` an ``order``, ``until`` a date, and ``with_files`` only. What is found is told at
    once as well.
    """

    words: Annotated[tuple[Annotated[str, Meta(max_length=1024)], ...], Meta(max_length=64)] = ()
    author: Annotated[str, Meta(max_length=4 * limits.NAME_LENGTH)] = ""
    conversation: Name = ""
    limit: Limit = 50
    before: Order | None = None
    until: float | None = None
    with_files: bool = False


class MarkRead(Wish, frozen=True, kw_only=True, tag="mark_read"):
    """The user has read a conversation, up to the message with this ``order`` or all of it."""

    conversation: Name
    order: Order | None = None


class Draft(Wish, frozen=True, kw_only=True, tag="draft"):
    """Keep ``text`` as what was typed in a conversation and not sent; none if it is empty."""

    conversation: Name
    text: Annotated[str, Meta(max_length=bookmark.LONGEST)]


class Mute(Wish, frozen=True, kw_only=True, tag="mute"):
    """Do not call the user for what is written in a conversation; or again, if not ``muted``."""

    conversation: Name
    muted: bool = True


class Settings(Wish, frozen=True, kw_only=True, tag="settings"):
    """Every setting."""


class ChangeSetting(Wish, frozen=True, kw_only=True, tag="change_setting"):
    """Settle that the setting ``name`` has this ``value``."""

    name: Name
    value: Any


class Secrets(Wish, frozen=True, kw_only=True, tag="secrets"):
    """The numbers of all secrets that can be opened. It is answered at once."""


class Find(Wish, frozen=True, kw_only=True, tag="find"):
    """Who and what ``name`` may stand for, as far as is known here. It is answered at once."""

    name: Name


class Contacts(Wish, frozen=True, kw_only=True, tag="contacts"):
    """The nicks of everybody whose key is known here. It is answered at once."""


class People(Wish, frozen=True, kw_only=True, tag="people"):
    """Who is connected."""


class Whois(Wish, frozen=True, kw_only=True, tag="whois"):
    """Everything that is known of ``nick``."""

    nick: Name


class Verify(Wish, frozen=True, kw_only=True, tag="verify"):
    """The safety number for the user and ``nick`` to compare."""

    nick: Name


class Confirm(Wish, frozen=True, kw_only=True, tag="confirm"):
    """Both have compared the safety number that was shown, and it is right."""

    nick: Name


class Trust(Wish, frozen=True, kw_only=True, tag="trust"):
    """The other key that was seen is that of ``nick``."""

    nick: Name


class Ignore(Wish, frozen=True, kw_only=True, tag="ignore"):
    """Hear nothing of ``nick`` any more; or of them again, if not ``ignored``."""

    nick: Name
    ignored: bool = True


class Ignored(Wish, frozen=True, kw_only=True, tag="ignored"):
    """Whom the user ignores."""


class SetStatus(Wish, frozen=True, kw_only=True, tag="status"):
    """Have another status; without one, only say which it is.

    Somebody who is ``away`` may say why: the server learns nothing of that ``text``. Everybody who
    writes to the user meanwhile, or calls them in a small group, is told once in each conversation.
    """

    status: Status | None = None
    text: Annotated[str, Meta(max_length=AWAY_SIZE)] = ""


class ExportIdentity(Wish, frozen=True, kw_only=True, tag="export_identity"):
    """The content of a file that moves the user to another machine, and that ``passphrase`` opens.

    Once the client there connects, this one is over.
    """

    passphrase: Annotated[Key, Meta(min_length=1)]


class Snapshot(Wish, frozen=True, kw_only=True, tag="snapshot"):
    """How everything is now: what is needed to draw it with the events that follow.

    It is answered at once, and what has been told before the answer is part of it.
    """


class Resume(Wish, frozen=True, kw_only=True, tag="resume"):
    """Be told again what came ``after`` the event with that number; ``not_kept`` if it is too long.

    The events follow the answer.
    """

    after: Annotated[str, Meta(max_length=128)]


class Cancel(Wish, frozen=True, kw_only=True, tag="cancel"):
    """Do not do what somebody has wished for, which is refused as ``cancelled`` then.

    It is what this front end has wished for with the id ``request``, or else a message that waits
    to be sent, or a ``transfer`` by its number, with the message that it is for. What has left
    already cannot be: this is ``too_late``. It is answered at once.
    """

    request: Id | None = None
    message_id: MaybeMessageId = ""
    transfer: Annotated[int, Meta(ge=1, lt=2**53)] | None = None

    @property
    def fault(self) -> str:
        """It has to say what to cancel, once."""
        named = (self.request is not None, bool(self.message_id), self.transfer is not None)
        return (
            "" if sum(named) == 1 else "one of request, message_id and transfer says what to cancel"
        )


OfHub = Snapshot | Resume
"""Wishes that concern a front end, and are granted by the hub at once."""

AnyWish = (
    Conversations
    | Rooms
    | Members
    | OpenDm
    | Join
    | CreateRoom
    | CreateGroup
    | Leave
    | Delete
    | Add
    | Remove
    | NewKey
    | Rejoin
    | RoomCode
    | Say
    | FetchFile
    | Transfers
    | Edit
    | DeleteMessage
    | React
    | SetTimer
    | Secret
    | OpenSecret
    | Secrets
    | Timeline
    | Search
    | MarkRead
    | Draft
    | Mute
    | Settings
    | ChangeSetting
    | Find
    | Contacts
    | People
    | Whois
    | Verify
    | Confirm
    | Trust
    | Ignore
    | Ignored
    | SetStatus
    | ExportIdentity
    | Snapshot
    | Resume
    | Cancel
)


class BadWishError(DeniedError):
    """A line that should have been a wish; ``id`` is that of the wish, if it has one."""

    def __init__(self, wish: int | str | None, code: str, case: str = "", **facts: object) -> None:
        super().__init__(code, case, **facts)
        self.id = wish

    @classmethod
    def of(cls, wish: Wish) -> "BadWishError":
        """That this program has failed with ``wish``."""
        return BadWishError(wish.id, "failed_here", case="wish")


class _Head(Struct):
    id: Id
    wish: str


_decoder = msgspec.json.Decoder(AnyWish)
_head_decoder = msgspec.json.Decoder(_Head)
TAGS: Final = frozenset(kind.__struct_config__.tag for kind in get_args(AnyWish))
"""The names of all wishes."""


def _mend(line: str) -> bytes:
    """JSON without halves of surrogates: Python writes names of files so that are no UTF-8."""
    return json.dumps(json.loads(line), ensure_ascii=False).encode(errors="replace")


def decode(line: str) -> AnyWish:
    """The wish that ``line`` is. Raises :class:`BadWishError`."""
    try:
        wish = _decoder.decode(line)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        reason = str(error)
    else:
        if not wish.fault:
            return wish
        reason = wish.fault
    try:
        head = _head_decoder.decode(line)
    except msgspec.ValidationError:
        raise BadWishError(None, "bad_wish") from None
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        try:
            head, reason = _head_decoder.decode(_mend(line)), "half a surrogate is no text"
        except (msgspec.MsgspecError, ValueError, RecursionError):
            raise BadWishError(None, "bad_wish", case="invalid", why=str(error)) from None
    if head.wish not in TAGS:
        raise BadWishError(head.id, "unknown_wish", name=head.wish)
    raise BadWishError(head.id, "bad_wish", case="invalid", why=reason)
