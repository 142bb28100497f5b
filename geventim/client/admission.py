"""Getting into a conversation: founding its group, joining it, or joining it anew."""

from geventim.chat.names import fold
from geventim.chat.replies import KeyPackage, Person, Turn
from geventim.chat.requests import ClaimKeyPackage
from geventim.chat.values import Kind, Purpose
from geventim.client import roster
from geventim.client.acquaintance import meet
from geventim.client.causes import Cause
from geventim.client.charter import Charter, check_pair, psk_name
from geventim.client.commits import is_backwards, is_vouched_for
from geventim.client.context import Context
from geventim.client.conversation import ContradictionError, Conversation
from geventim.client.credentials import Somebody, read_credential
from geventim.client.effects import Operation, Steps, fetch
from geventim.client.engine import SUITE
from geventim.client.events import Error
from geventim.client.stages import Move
from geventim.client.submission import (
    Change,
    give_up_turn,
    make_pending,
    submit,
    take_turn,
    work,
)
from geventim.errors import PeerError, UserError
from geventim.mls import key_package as mls
from geventim.mls.commit_creation import CommitRequest
from geventim.mls.external_join import Entrance
from geventim.mls.leaf_node import LeafNode
from geventim.mls.message import decode_message
from geventim.mls.proposals import Add
from geventim.mls.psk import ExternalPsk

LEAF_SIZE = 180
"""About how many bytes of a GroupInfo each member takes."""


def enter(conversation: Conversation) -> Operation:
    """Get in, as the first or after others.

    Raises :class:`UserError`, :class:`PeerError`.
    """
    record = conversation.record
    _check_key(conversation)
    turn, group_info = yield from take_turn(conversation, Purpose.JOIN)
    if not group_info and record.epoch >= 0:
        raise ContradictionError(Cause.BACKWARDS)
    if not group_info:
        yield from _found(conversation, turn)
    elif record.kind is Kind.ROOM or record.position.seq >= turn.head:
        yield from _join(conversation, turn, group_info)
    else:
        # Somebody else was first. Their Welcome is in the log, if they have let us in.
        yield from give_up_turn(conversation)


def reenter(conversation: Conversation) -> Operation:
    """Get in anew, in the place of the leaf that leads nowhere.

    Raises :class:`UserError`, :class:`PeerError`.
    """
    turn, group_info = yield from take_turn(conversation, Purpose.JOIN)
    if not group_info:
        raise ContradictionError(Cause.BACKWARDS)
    yield from _join(conversation, turn, group_info)


def _check_key(conversation: Conversation) -> None:
    if conversation.lacks_key:
        raise ContradictionError(Cause.NO_KEY)


def _found(conversation: Conversation, turn: Turn) -> Operation:
    """Begin the group, with those who are to be in it from the beginning."""
    context, record = conversation.context, conversation.record
    if turn.head:
        raise PeerError("a group that has commits, and no state")
    if record.epoch >= 0:
        raise ContradictionError(Cause.BACKWARDS)
    group = context.engine.found(record.id, conversation.charter, context.clock())
    if record.kind is Kind.ROOM:
        change = Change(b"", b"", group, group.group_info())
        pending = make_pending(conversation, turn.head, change, added=(context.account,))
        yield from submit(conversation, pending, Move.FOUND)
        return
    packages = yield from _claim_all(conversation)
    if packages:
        adds = tuple(Add(package) for package in packages)
        request = CommitRequest(adds, now=int(context.clock()), force_path=False)
        change = yield from work(len(packages), lambda: Change.of(group, request))
    else:
        change = Change(b"", b"", group, group.group_info())
    added = tuple(roster.people(package.leaf_node for package in packages))
    pending = make_pending(conversation, turn.head, change, added=added)
    yield from submit(conversation, pending, Move.FOUND)


def _claim_all(conversation: Conversation) -> Steps[list[mls.KeyPackage]]:
    """Key packages of those to be added; of a group, of as many as there are."""
    record = conversation.record
    if record.peer is not None:
        return [(yield from _claim(conversation, record.peer.nick, record.peer))]
    packages = {}
    for nick in record.invitees:
        try:
            package = yield from _claim(conversation, nick, None)
        except UserError as error:
            text = f"{nick} could not be added to '{conversation.name}': {error}"
            conversation.context.emit(Error(error.code, text))
        else:
            packages[package.leaf_node.signature_key] = package
    return list(packages.values())


def _claim(conversation: Conversation, nick: str, expected: Person | None) -> Steps[mls.KeyPackage]:
    """A key package of ``nick``, who is the one ``expected``. Raises :class:`UserError`."""
    context = conversation.context
    reply, payload = yield from fetch(KeyPackage, ClaimKeyPackage(id=0, nick=nick))
    person = reply.person
    try:
        package = _read_key_package(context, payload)
        _check_owner(package.leaf_node, person)
        if fold(person.nick) != fold(nick) or expected not in {None, person}:
            raise PeerError("somebody else was asked for")  # noqa: TRY301 - one of three checks
    except PeerError:
        raise UserError(
            "bad_key_package",
            f"What is given out as a key package of {nick} is not valid.",
            "Nothing was sent.",
        ) from None
    meet(context, person.nick, person.identity)
    context.trust.require([(person.nick, person.identity)])
    return package


def _read_key_package(context: Context, data: bytes) -> mls.KeyPackage:
    """The key package that ``data`` is, if it is good now. Raises :class:`PeerError`."""
    message = decode_message(data)
    if not isinstance(message, mls.UnverifiedKeyPackage):
        raise PeerError("not a key package")
    package = message.verify(SUITE)
    context.engine.policy.check_leaf(package.leaf_node)
    if not package.lifetime.covers(int(context.clock())):
        raise PeerError("a key package out of its time")
    return package


def _check_owner(leaf: LeafNode, person: Person) -> None:
    """Raise :class:`PeerError` unless ``leaf`` is of ``person``."""
    somebody = read_credential(leaf.credential)
    if somebody != Somebody(person.account, person.nick) or leaf.signature_key != person.identity:
        raise PeerError("a key package of somebody else")


def _join(conversation: Conversation, turn: Turn, group_info: bytes) -> Operation:
    """Join from outside, in the place of our own leaf if there is one."""
    context, record = conversation.context, conversation.record
    size = len(group_info) // LEAF_SIZE
    entrance = yield from work(size, lambda: context.engine.read_entrance(group_info))
    replaces = _check_entrance(conversation, entrance)
    _check_key(conversation)
    name = psk_name(record.gate) if record.gate else None
    change = yield from work(size, lambda: _enter(conversation, entrance, name, replaces))
    added = () if record.member else (context.account,)
    pending = make_pending(conversation, turn.head, change, added=added)
    yield from submit(conversation, pending, Move.JOIN)


def _enter(
    conversation: Conversation, entrance: Entrance, name: ExternalPsk | None, replaces: int | None
) -> Change:
    engine = conversation.context.engine
    group, message = engine.enter(entrance, name, conversation.look_up, replaces)
    return Change(message, b"", group, group.group_info())


def _check_entrance(conversation: Conversation, entrance: Entrance) -> int | None:
    """Our leaf index in the group, if we have one there.

    Raises :class:`PeerError` if the group is not that of the conversation, or older than what we
    have seen of it.
    """
    context = entrance.public.context
    if context.group_id != conversation.id:
        raise PeerError("the group of another conversation")
    charter = Charter.read(context.extensions)
    if charter.kind is not conversation.record.kind:
        raise PeerError("a conversation of another kind")
    if bool(charter.gate) != conversation.record.keyed:
        raise PeerError("a keyed room without a gate")
    conversation.pass_gate(charter.gate)
    leaves = list(entrance.public.tree.members())
    if conversation.record.kind is Kind.DM:
        check_pair(conversation.id, [leaf for _, leaf in leaves])
    if is_backwards(conversation, context.epoch, context.confirmed_transcript_hash):
        raise ContradictionError(Cause.BACKWARDS)
    if not is_vouched_for(conversation, entrance.public.tree.member(entrance.signer)):
        raise ContradictionError(Cause.UNVOUCHED)
    own = conversation.context.account
    found = [index for index, leaf in leaves if read_credential(leaf.credential).account == own]
    if not found and conversation.record.kind is not Kind.ROOM:
        raise UserError(
            "not_let_in",
            f"You have not been let into '{conversation.name}'.",
            "Ask somebody who is in it.",
        )
    return found[0] if found else None
