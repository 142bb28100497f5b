"""What a client may ask; each request gets exactly one reply with the same ``id``."""

from typing import Annotated

from msgspec import Meta, Struct

from geventim.chat import limits
from geventim.chat.values import Count, EntryKind, Hash, Id, PublicKey, Purpose, Signature, Status

Name = Annotated[str, Meta(max_length=4 * limits.NAME_LENGTH)]
"""A name as it came in; :mod:`geventim.chat.names` decides whether it is one."""

Ids = Annotated[tuple[Id, ...], Meta(max_length=limits.MEMBERS)]
Names = Annotated[tuple[Name, ...], Meta(max_length=limits.GROUP_MEMBERS)]
ShortText = Annotated[str, Meta(max_length=limits.TEXT_SIZE)]
Sentence = Annotated[str, Meta(min_length=1, max_length=limits.TEXT_SIZE)]
Code = Annotated[str, Meta(min_length=1, max_length=limits.CODE_LENGTH)]
"""A word for programs."""


class Request(Struct, frozen=True, kw_only=True, tag_field="type", omit_defaults=True):
    """Root of all requests."""

    id: Count


class Login(Request, frozen=True, tag="login"):
    """Enter as ``nick``, whose channel key made the handshake.

    ``life_signs`` announces that this connection has signs of life
    (:mod:`geventim.channel.life`): the server may hang up when it hears nothing.
    """

    nick: Name
    life_signs: bool = False


class Register(Request, frozen=True, tag="register"):
    """Claim ``nick`` and enter; ``signature`` is over :func:`geventim.chat.values.claim`.

    ``life_signs`` is as in :class:`Login`.
    """

    nick: Name
    identity: PublicKey
    signature: Signature
    code: ShortText = ""
    life_signs: bool = False


class ListConversations(Request, frozen=True, tag="list-conversations"):
    """Ask for the conversations behind ``after``: the login lists the first of them."""

    after: Id


class ListRooms(Request, frozen=True, tag="list-rooms"):
    """Ask for the rooms behind the name ``after``, in the order of :func:`~.names.fold`."""

    after: Name = ""


class OpenRoom(Request, frozen=True, tag="open-room"):
    """Find the room ``name``. This makes no member, and no room."""

    name: Name


class CreateRoom(Request, frozen=True, tag="create-room"):
    """Make the room ``name``, with the given gate if it is to be a keyed one.

    This does not make a member: that takes a turn and a commit that adds oneself. Repeating it with
    the same ``message_id`` is harmless.
    """

    message_id: Id
    name: Name
    gate: PublicKey | None = None


class OpenGroup(Request, frozen=True, tag="open-group"):
    """Ask how a group is now that one is a member of; groups are found by their ids alone."""

    conversation: Id


class OpenDm(Request, frozen=True, tag="open-dm"):
    """Find, or begin, the conversation with ``nick``."""

    nick: Name


class CreateGroup(Request, frozen=True, tag="create-group"):
    """Make a group; repeating it with the same ``message_id`` is harmless.

    The ``name`` is a label for its members. The sender alone is one until a commit adds others.
    ``members`` are only looked up: the reply has them as people, the sender first.
    """

    message_id: Id
    name: Name
    members: Names


class Challenge(Request, frozen=True, tag="challenge"):
    """Ask for something to sign with the key of a keyed room, in order to join it.

    It is for one :class:`TakeTurn`, on this connection.
    """

    conversation: Id


class TakeTurn(Request, frozen=True, tag="take-turn"):
    """Wait in line for the right to commit; the reply is the turn.

    It lasts five seconds, and three if somebody else waits. With ``state`` a GroupInfo comes along:
    the latest, and each time that the account asks again, another account's.

    Somebody who is not a member may take one to join a room, showing ``gate_signature`` (over
    :func:`geventim.chat.values.gate_claim`, after a :class:`Challenge`) if the room is keyed. One
    session waits once in each conversation.
    """

    conversation: Id
    purpose: Purpose
    state: bool = False
    gate_signature: Signature | None = None


class GiveUpTurn(Request, frozen=True, tag="give-up-turn"):
    """Let the next in line have the turn, or leave the line.

    A :class:`TakeTurn` that still waits is then answered with the error ``no_turn``.
    """

    conversation: Id


class Commit(Request, frozen=True, tag="commit"):
    """Put a commit at the end of a log; it needs the turn, which ends with it.

    The ``payload`` bytes after the object are the commit message, the Welcome and the GroupInfo,
    in this order: ``message`` bytes, ``welcome`` bytes, and the rest. ``added`` and ``removed``
    are account ids and declare what the commit does to the membership; the Welcome goes to those
    who are ``added``, members or not. Only who has founded a group may declare that members are
    ``removed``, and only who joins a room that somebody is ``added`` to it. ``gate`` is a keyed
    room's new gate.

    Repeating it with the same ``message_id`` is harmless, and needs no turn.
    """

    conversation: Id
    message_id: Id
    head: Count
    payload: Count
    message: Count
    welcome: Count = 0
    added: Ids = ()
    removed: Ids = ()
    gate: PublicKey | None = None


class Append(Request, frozen=True, tag="append"):
    """Put an entry at the end of a log; repeating it with the same ``message_id`` is harmless.

    ``head`` is the number of the last commit that its author has seen; a leave and a delete need
    none, but say who they are from (:mod:`.departures`). The raw bytes after the JSON object,
    ``payload`` in number, are the entry's payload.
    """

    conversation: Id
    message_id: Id
    head: Count = 0
    kind: EntryKind = EntryKind.MESSAGE
    payload: Count = 0


class Void(Request, frozen=True, tag="void"):
    """Give a GroupInfo of the last commit that counts, of ``payload`` bytes; the reply is ``ok``.

    ``seq`` is a commit that does not count, whose author is told; or 0 to give no more than that.
    """

    conversation: Id
    seq: Count
    payload: Count


class Ask(Request, frozen=True, tag="ask"):
    """Ask the members that follow for help with what the commit ``seq`` has closed.

    What they need to know is in the ``payload`` bytes after the object. The reply is ``ok``.
    """

    conversation: Id
    seq: Count
    payload: Count


class Help(Request, frozen=True, tag="help"):
    """Pass ``payload`` bytes on to ``account``, which has asked for help; the reply is ``ok``.

    That says nothing about whether it is there.
    """

    conversation: Id
    account: Id
    payload: Count


class SignKick(Request, frozen=True, tag="sign-kick"):
    """Have the server say that ``account`` is out; ``key`` is the encryption key of its leaf.

    ``history`` is the interim transcript hash of the epoch in which that is to be of use.
    """

    conversation: Id
    account: Id
    key: PublicKey
    history: Hash


class Subscribe(Request, frozen=True, tag="subscribe"):
    """Receive every entry of a log above ``after``, those that exist and those to come.

    ``hash`` is the running hash at ``after``; None only for a log that was never read. The error
    ``other_history`` says that the log is another one, shorter, or not the same up to ``after``.
    Who was removed may subscribe once more, and gets what came until then.
    """

    conversation: Id
    incarnation: Id
    after: Count
    hash: Hash | None = None


class UploadKeyPackages(Request, frozen=True, tag="upload-key-packages"):
    """Leave key packages with which others can add us, of ``sizes`` bytes each.

    Each is given away once, and for :data:`~.limits.KEY_PACKAGE_AGE` seconds. With
    ``last_resort`` it is one, which replaces the one before it and is given away when no other is
    left.
    """

    sizes: Annotated[tuple[Count, ...], Meta(min_length=1, max_length=limits.KEY_PACKAGES)]
    payload: Count
    last_resort: bool = False


class ClaimKeyPackage(Request, frozen=True, tag="claim-key-package"):
    """Take one key package of ``nick``."""

    nick: Name


class LookUp(Request, frozen=True, tag="look-up"):
    """Ask for the account of ``nick``."""

    nick: Name


class SetStatus(Request, frozen=True, tag="set-status"):
    """Change one's own status."""

    status: Status


class ListNames(Request, frozen=True, tag="list-names"):
    """Ask who is connected."""


class BeginBlob(Request, frozen=True, tag="begin-blob"):
    """Have the server keep a sealed file of ``size`` bytes for the members of a conversation.

    Room for it is reserved; the reply is its id. It is dropped if it is not finished within a day.
    Repeating it with the same ``message_id`` gives the same blob.
    """

    conversation: Id
    message_id: Id
    size: Count


class FindBlob(Request, frozen=True, tag="find-blob"):
    """Ask how a blob is now: for members once it is finished, for whoever began it before that."""

    blob: Id


class PutChunk(Request, frozen=True, tag="put-chunk"):
    """Put the chunk ``index`` of a blob of one's own, the ``payload`` bytes after the object.

    Chunks come in order, and all but the last have :data:`~.limits.CHUNK_SIZE` bytes. At most
    :data:`~.limits.CHUNKS` may wait for their answers. One that is there is never replaced.
    """

    blob: Id
    index: Count
    payload: Count


class FinishBlob(Request, frozen=True, tag="finish-blob"):
    """Say that all chunks of a blob of one's own are there: members can read it, and nobody puts.

    The reply is ``ok``; repeating it is harmless.
    """

    blob: Id


class GetChunk(Request, frozen=True, tag="get-chunk"):
    """Ask for the chunk ``index`` of a blob that is finished.

    At most :data:`~.limits.CHUNKS` may wait for their answers, which come in order, each when
    nothing else waits to be sent.
    """

    blob: Id
    index: Count


class DeleteBlob(Request, frozen=True, tag="delete-blob"):
    """Delete a blob of one's own, finished or not. The reply is ``ok``."""

    blob: Id


class Quit(Request, frozen=True, tag="quit"):
    """Leave on purpose."""


AnyRequest = (
    Login
    | Register
    | ListConversations
    | ListRooms
    | OpenRoom
    | CreateRoom
    | OpenGroup
    | OpenDm
    | CreateGroup
    | Challenge
    | TakeTurn
    | GiveUpTurn
    | Commit
    | Append
    | Void
    | Ask
    | Help
    | SignKick
    | Subscribe
    | UploadKeyPackages
    | ClaimKeyPackage
    | LookUp
    | SetStatus
    | ListNames
    | BeginBlob
    | FindBlob
    | PutChunk
    | FinishBlob
    | GetChunk
    | DeleteBlob
    | Quit
)
