"""Getting into a conversation: founding its group, joining it, or joining it anew."""

from msgspec.structs import replace

from geventim.chat.names import fold
from geventim.chat.replies import KeyPackage, Ok, Person, Turn
from geventim.chat.requests import ClaimKeyPackage, GiveUpTurn
from geventim.chat.values import Kind, Purpose
from geventim.client.causes import Cause, ContradictionError
from geventim.client.conversation.acquaintance import meet
from geventim.client.conversation.conversation import Conversation
from geventim.client.events import Error
from geventim.client.following import messages
from geventim.client.following.arrival import adopt
from geventim.client.following.commits import is_backwards, is_vouched_for
from geventim.client.following.foundation import check_charter, found_charter
from geventim.client.following.submission import (
    Change,
    give_up_turn,
    make_pending,
    request_of,
    submit,
    take_turn,
    work,
)
from geventim.client.kept.stages import Move, Stage
from geventim.client.people import roster
from geventim.client.people.credentials import Somebody, read_credential
from geventim.client.sealing import gates
from geventim.client.sealing.charter import Charter, check_pair, psk_name
from geventim.client.sealing.declaration import Declaration, gate_claim
from geventim.client.sealing.engine import SUITE
from geventim.client.sealing.newcomers import misfits
from geventim.client.sealing.seat import Seat
from geventim.client.steps.effects import Operation, Steps, ask, fetch, wait
from geventim.client.user import User
from geventim.errors import DeniedError, PeerError, UserError
from geventim.mls.epochs.vantage import Vantage
from geventim.mls.ground.leaf_node import LeafNode
from geventim.mls.groups.external_join import Entrance
from geventim.mls.messages import key_package as mls
from geventim.mls.messages.key_package import OwnKeyPackage
from geventim.mls.messages.message import decode_message
from geventim.mls.messages.proposals import Add
from geventim.mls.tree.treekem import PrivateKeys


class BadStateError(PeerError):
    """There is no state of the group to get in from, or none that is right, as ``cause`` says."""

    def __init__(self, cause: Cause, text: str) -> None:
        super().__init__(text)
        self.cause = cause


STATES = 12
"""States that are tried in quick succession: more than a server keeps, and for longer than it lets
pass before it asks the members again."""

LEAF_SIZE = 180
"""About how many bytes of a GroupInfo each member takes."""


def enter(conversation: Conversation) -> Operation:
    """Get in, as the first or after others.

    Raises :class:`UserError`, :class:`PeerError`.
    """
    record = conversation.record
    _check_key(conversation)
    purpose = Purpose.COMMIT if record.member else Purpose.JOIN
    turn, group_info = yield from take_turn(conversation, purpose, state=True)
    if not turn.head and record.epoch >= 0:
        raise ContradictionError(Cause.BACKWARDS)
    if not turn.head:
        yield from _found(conversation, turn)
    elif record.kind is Kind.ROOM or record.position.seq >= turn.head:
        yield from _join(conversation, turn, group_info)
    else:
        # Somebody else was first. Their Welcome is in the log, if they have let us in.
        yield from give_up_turn(conversation)


def reenter(conversation: Conversation) -> Operation:
    """Get in anew, in the place of our leaf, from what we have followed of the group.

    Raises :class:`UserError`, :class:`PeerError`.
    """
    record = conversation.record
    turn, _ = yield from take_turn(conversation, Purpose.REENTER)
    yield from wait(lambda: record.head >= turn.head)
    seat = conversation.seat
    if record.head != turn.head or seat is None or seat.is_whole:
        yield from give_up_turn(conversation)
        return
    entrance = conversation.user.engine.make_entrance(seat.public)
    yield from _enter(conversation, turn, entrance, seat.own_index)


def recover(conversation: Conversation) -> Operation:
    """Get in anew where we know no state of the group that we trust: from that of a member.

    That is the one that was offered by who said that ours is not right, if that is why. Raises
    :class:`UserError`, :class:`PeerError`.
    """
    record = conversation.record
    _check_key(conversation)
    turn, group_info = yield from take_turn(conversation, Purpose.REENTER, state=True)
    offer = conversation.witnesses.take_offer()
    if offer is not None:
        turn, group_info = replace(turn, giver=offer.giver, at=turn.head), offer.group_info
    if not turn.head:
        raise ContradictionError(Cause.BACKWARDS)
    # Who goes on with another history does not read what is before their place in it.
    yield from wait(lambda: max(record.head, record.position.seq) >= turn.head)
    yield from _join(conversation, turn, group_info)


def _check_key(conversation: Conversation) -> None:
    if conversation.key.is_lacking:
        raise ContradictionError(Cause.NO_KEY)


def _found(conversation: Conversation, turn: Turn) -> Operation:
    """Begin the group, with those who are to be in it from the beginning."""
    user, record = conversation.user, conversation.record
    if turn.head:
        raise PeerError("a group that has commits, and no state")
    if record.epoch >= 0:
        raise ContradictionError(Cause.BACKWARDS)
    group = user.engine.found(record.id, found_charter(conversation), user.clocks.date())
    if record.kind is Kind.ROOM:
        change = Change(b"", b"", group, group.group_info())
        pending = make_pending(conversation, turn.head, change, added=(user.account,))
        yield from submit(conversation, pending, change, Move.FOUND)
        return
    packages = yield from _claim_all(conversation)
    for misfit in misfits(group.vantage.public, packages, int(user.clocks.date())):
        packages.remove(misfit)
        error = refuse_package(misfit)
        if record.peer is not None:
            raise error
        _leave_out(conversation, error, read_credential(misfit.leaf_node.credential).nick)
    if packages:
        adds = tuple(Add(package) for package in packages)
        history = group.vantage.public.interim_transcript_hash
        request = request_of(conversation, adds, history=history, force_path=False)
        change = yield from work(
            conversation.user, len(packages), lambda: Change.of(group, request)
        )
    else:
        change = Change(b"", b"", group, group.group_info())
    added = tuple(roster.people(package.leaf_node for package in packages))
    pending = make_pending(conversation, turn.head, change, added=added)
    yield from submit(conversation, pending, change, Move.FOUND)


def _claim_all(conversation: Conversation) -> Steps[list[mls.KeyPackage]]:
    """Key packages of those to be added; of a group, of as many as there are."""
    record = conversation.record
    if record.peer is not None:
        return [(yield from claim(conversation, record.peer.nick, record.peer))]
    packages = {}
    for nick in record.invitees:
        try:
            package = yield from claim(conversation, nick)
        except UserError as error:
            _leave_out(conversation, error, nick)
        else:
            packages[package.leaf_node.signature_key] = package
    return list(packages.values())


def _leave_out(conversation: Conversation, error: UserError, nick: str) -> None:
    """Tell the user that ``nick`` is not in the group that is begun."""
    conversation.user.emit(Error.by(error, invited=nick, group=conversation.name))


def refuse_package(package: mls.KeyPackage) -> DeniedError:
    """Why nobody is added with ``package``, which is not one for our groups."""
    return DeniedError("bad_key_package", nick=read_credential(package.leaf_node.credential).nick)


def claim(
    conversation: Conversation, nick: str, expected: Person | None = None
) -> Steps[mls.KeyPackage]:
    """A key package of ``nick``, who is the one ``expected``, if any. Raises :class:`UserError`."""
    user = conversation.user
    reply, payload = yield from fetch(KeyPackage, ClaimKeyPackage(id=0, nick=nick))
    person = reply.person
    try:
        package = _read_key_package(user, payload)
        _check_owner(package.leaf_node, person)
        if fold(person.nick) != fold(nick) or expected not in {None, person}:
            raise PeerError("somebody else was asked for")  # noqa: TRY301 - one of three checks
    except PeerError:
        raise DeniedError("bad_key_package", nick=nick) from None
    if not package.lifetime.covers(int(user.clocks.date())):
        raise _out_of_time(user, nick)
    meet(user, person.nick, person.identity)
    user.trust.require([(person.nick, person.identity)])
    return package


def _out_of_time(user: User, nick: str) -> UserError:
    """Why a key package cannot be used that is not good yet, or not any more."""
    if user.clocks.is_off:
        return DeniedError("wrong_clock", seconds=round(user.clocks.error))
    return DeniedError("key_package_time", nick=nick)


def _read_key_package(user: User, data: bytes) -> mls.KeyPackage:
    """The key package that ``data`` is. Raises :class:`PeerError`."""
    message = decode_message(data)
    if not isinstance(message, mls.UnverifiedKeyPackage):
        raise PeerError("not a key package")
    package = message.verify(SUITE)
    user.engine.policy.check_leaf(package.leaf_node)
    return package


def _check_owner(leaf: LeafNode, person: Person) -> None:
    """Raise :class:`PeerError` unless ``leaf`` is of ``person``."""
    somebody = read_credential(leaf.credential)
    if somebody != Somebody(person.account, person.nick) or leaf.signature_key != person.identity:
        raise PeerError("a key package of somebody else")


def _join(conversation: Conversation, turn: Turn, group_info: bytes) -> Operation:
    """Join from the state that a member gives, in the place of our own leaf if there is one."""
    engine = conversation.user.engine
    if not group_info:
        yield from _release(conversation)
        raise BadStateError(Cause.NO_STATE, "no state")
    if turn.at < turn.head and conversation.bad_states < STATES - 1:
        # There may be a newer one; in the end the members are asked for theirs.
        yield from _release(conversation)
        raise BadStateError(Cause.NO_STATE, "a state of before the last commit")
    size = len(group_info) // LEAF_SIZE
    try:
        entrance = yield from work(
            conversation.user, size, lambda: engine.read_entrance(group_info)
        )
        own = _check_entrance(conversation, entrance)
    except BadStateError:
        raise
    except PeerError as error:
        raise BadStateError(Cause.BAD_GROUP, str(error)) from error
    tried = None if own is None else _find_attempt(conversation, entrance, own)
    if tried is not None:
        yield from _release(conversation)
        is_our_word = turn.giver == conversation.user.account
        if is_our_word and conversation.bad_states < STATES - 1:
            # That we were there says nothing; others are asked for theirs.
            raise BadStateError(Cause.NO_STATE, "a state of our own")
        # Others are there: who said that it was not in order may have lied.
        adopt(conversation, tried)
        if tried.is_whole:
            messages.open_closed(conversation, tried.group)
        return
    package = _find_package(conversation, entrance, own)
    if own is not None and package is not None:
        keys = PrivateKeys(package.encryption_key)
        conversation.seat = Seat(Vantage(entrance.public, own, keys, engine.client))
        conversation.arrive(turn.head, entrance.public.interim_transcript_hash, turn.giver or b"")
        conversation.settle_on(turn.head)
        conversation.user.packages.spend(package)
        yield from give_up_turn(conversation)
        return
    history = entrance.public.interim_transcript_hash
    yield from _enter(conversation, turn, entrance, own, history)


def _release(conversation: Conversation) -> Operation:
    """Let the next in line have the turn, whatever we do then."""
    yield from ask(Ok, GiveUpTurn(id=0, conversation=conversation.id))


def _find_attempt(conversation: Conversation, entrance: Entrance, own: int) -> Seat | None:
    """The earlier attempt to get in that this state contains."""
    key = entrance.public.tree.member(own).encryption_key
    for seat in conversation.attempts:
        if seat.leaf.encryption_key == key and seat.is_ours:
            return seat
    return None


def _find_package(
    conversation: Conversation, entrance: Entrance, own: int | None
) -> OwnKeyPackage | None:
    """The key package by which somebody has added us, if no other Welcome has used it."""
    # Nobody is invited to a room.
    is_room = conversation.record.kind is Kind.ROOM
    if own is None or is_room or conversation.stage is not Stage.REPAIRING:
        return None
    key = entrance.public.tree.member(own).encryption_key
    return conversation.user.packages.find_leaf(key)


def _enter(
    conversation: Conversation,
    turn: Turn,
    entrance: Entrance,
    own: int | None,
    given: bytes = b"",
) -> Operation:
    """Get in by ``entrance``; in the place of the leaf ``own``, or else as somebody new.

    ``given`` is the history of the state, if that was given to us: then the key of a keyed room is
    mixed in, so that a state which was made up is of no use to who does not have it.
    """
    user, record = conversation.user, conversation.record
    engine, history = user.engine, entrance.public.interim_transcript_hash
    shown = Charter.read(entrance.public.context.extensions).gate
    secret, name = b"", None
    if shown and (own is None or given):
        secret, name = _find_key(conversation, shown), psk_name(shown)

    def declare(leaf: LeafNode) -> bytes:
        signature = gates.gate(secret).sign(gate_claim(history, leaf)) if secret else b""
        return Declaration(history, signature).encode()

    def enter() -> Change:
        group, message = engine.enter(entrance, name, lambda _: gates.psk(secret), own, declare)
        return Change(message, b"", group, group.group_info())

    try:
        change = yield from work(conversation.user, entrance.public.tree.root.members, enter)
    except PeerError as error:
        raise BadStateError(Cause.BAD_GROUP, str(error)) from error
    added = () if record.member else (user.account,)
    giver = turn.giver or b""
    pending = make_pending(conversation, turn.head, change, added=added, history=given, giver=giver)
    yield from submit(conversation, pending, change, Move.JOIN)


def _find_key(conversation: Conversation, gate: bytes) -> bytes:
    """What the room's key stretches to, if ``gate`` is that of a key that we have.

    Raises :class:`BadStateError`: who gives out a state can have made its gate up.
    """
    secret = conversation.key.find(gate)
    if secret is None:
        raise BadStateError(Cause.NO_KEY, "a state of a room with another key")
    return secret


def _check_entrance(conversation: Conversation, entrance: Entrance) -> int | None:
    """Our leaf index in the group, if we have one there.

    Raises :class:`PeerError` if the group is not that of the conversation, or older than what we
    have seen of it.
    """
    group_context = entrance.public.context
    if group_context.group_id != conversation.id:
        raise PeerError("the group of another conversation")
    check_charter(conversation, group_context.extensions)
    leaves = list(entrance.public.tree.members())
    if conversation.record.kind is Kind.DM:
        check_pair(conversation.id, [leaf for _, leaf in leaves])
    if is_backwards(conversation, group_context.epoch, group_context.confirmed_transcript_hash):
        raise BadStateError(Cause.BACKWARDS, "an older state")
    signer = entrance.signer
    if signer is None or not is_vouched_for(conversation, entrance.public.tree.member(signer)):
        raise BadStateError(Cause.UNVOUCHED, "a state that nobody vouches for")
    identity = conversation.user.profile.keys.identity.public
    own = entrance.public.tree.find(identity)
    if own is None and conversation.record.kind is not Kind.ROOM:
        if conversation.bad_states < STATES - 1:
            raise BadStateError(Cause.NO_STATE, "a state without us")
        raise DeniedError("not_let_in", name=conversation.name)
    return own
