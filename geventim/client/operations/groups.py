"""Operations on groups: create, write to, leave and delete them."""

from geventim.chat import limits
from geventim.chat.names import check_name, fold
from geventim.chat.replies import ConversationInfo, Opened
from geventim.chat.requests import CreateGroup
from geventim.chat.values import Kind
from geventim.client.conversation.acquaintance import call, standings
from geventim.client.conversation.alteration import Alteration
from geventim.client.conversation.conversation import Conversation
from geventim.client.events import Group, GroupAction, Members
from geventim.client.following import admission
from geventim.client.operations import parting
from geventim.client.operations.context import Context
from geventim.client.people import roster
from geventim.client.people.trust import Standing
from geventim.client.steps.effects import Operation, Steps, ask, wait
from geventim.errors import DeniedError, PeerError

LONGEST_NAME = 4 * limits.NAME_LENGTH


def create(
    context: Context, name: str, members: tuple[str, ...]
) -> Steps[tuple[Conversation, tuple[str, ...]]]:
    """Begin a group of the user and ``members``; no other one may have its name here.

    Says who is in it.
    """
    name = check_name(name)
    if context.user.labels.is_taken(name):
        raise DeniedError("group_exists")
    if len(members) > limits.GROUP_MEMBERS:
        raise DeniedError("too_many", case="group", count=limits.GROUP_MEMBERS)
    if any(len(member) > LONGEST_NAME for member in members):
        raise DeniedError("bad_name", case="long")
    request = CreateGroup(id=0, message_id=context.user.new_id(), name=name, members=members)
    with context.user.labels.promise(name):
        reply = yield from ask(Opened, request)
        named = {fold(nick) for nick in (context.user.nick, *members)}
        if {fold(person.nick) for person in reply.people} != named:
            raise PeerError("a group was to be of other people")
        group = _learn(context, reply.conversation, name)
    nicks = [person.nick for person in reply.people if person.account != context.user.account]
    group.invite(nicks)
    yield from wait(lambda: group.in_step or group.intent.failure is not None)
    if group.intent.failure is not None:
        raise group.intent.failure
    present = {somebody.nick for somebody in roster.members(group.seat_of().tree).values()}
    there = tuple(nick for nick in (context.user.nick, *nicks) if nick in present)
    context.user.emit(Group(GroupAction.CREATED, group.name, context.user.nick, group.hex))
    return group, there


def add(context: Context, group: Conversation, nicks: tuple[str, ...]) -> Operation:
    """Let people into a group that the user is in."""
    if len(nicks) > limits.MEMBERS:
        raise DeniedError("too_many", case="added", count=limits.MEMBERS)
    present = {fold(nick) for nick in _present(context, group)}
    packages = []
    for nick in _each_once(nicks):
        if fold(nick) in present:
            raise DeniedError("is_member", nick=nick, name=group.name)
        packages.append((yield from admission.claim(group, check_name(nick))))
    yield from _alter(context, group, Alteration(packages=tuple(packages)))


def remove(context: Context, group: Conversation, nicks: tuple[str, ...]) -> Operation:
    """Put people out of a group that the user has founded."""
    if group.record.founder != context.user.account:
        raise DeniedError("not_allowed", case="founder", name=group.name)
    present = {fold(nick): account for nick, account in _present(context, group).items()}
    accounts = []
    for nick in _each_once(nicks):
        account = present.get(fold(nick))
        if account is None:
            raise DeniedError("no_member", nick=nick, name=group.name)
        if account == context.user.account:
            raise DeniedError("to_oneself", case="remove", name=group.name)
        accounts.append(account)
    yield from _alter(context, group, Alteration(removed=tuple(accounts)))


def _each_once(nicks: tuple[str, ...]) -> tuple[str, ...]:
    """The same ``nicks`` but for those that are another one in other letters."""
    return tuple({fold(nick): nick for nick in nicks}.values())


def _present(context: Context, group: Conversation) -> dict[str, bytes]:
    """The accounts in a group by their nicks, but for those who have left it.

    Raises :class:`UserError`.
    """
    if group.seat is None or not group.in_step:
        raise DeniedError("out_of_step", name=group.name)
    people = roster.members(group.seat.tree)
    return {
        call(context.user, somebody): account
        for account, somebody in people.items()
        if account not in group.record.departed
    }


def _alter(context: Context, group: Conversation, alteration: Alteration) -> Operation:
    """Change who is in a group, and tell the user; the others learn it by the commit."""
    if group.seat is None:
        # We were put out while we asked for key packages.
        raise DeniedError("not_a_member", case="any_more", name=group.name)
    before = roster.members(group.seat.tree)
    group.intent.alter(alteration)

    def is_done() -> bool:
        # The leaf of who has left may still be there.
        is_theirs = group.record.departed.keys().isdisjoint(alteration.added)
        return group.in_step and is_theirs and alteration.is_done(group.seat_of().tree)

    def is_lost() -> bool:
        return group.intent.failure is not None or group.needs_person or not group.record.member

    yield from wait(lambda: is_lost() or is_done())
    if group.seat is None or not is_done():
        raise group.intent.failure or DeniedError("not_changed", case="group", name=group.name)
    difference = roster.between(before, roster.members(group.seat.tree))
    added, removed = (
        tuple(call(context.user, each) for each in people if each.account in wanted)
        for people, wanted in (
            (difference.added, alteration.added),
            (difference.removed, alteration.removed),
        )
    )
    found = standings(context.user, group.seat.tree)
    verified = tuple(nick for nick in added if found[nick] is Standing.VERIFIED)
    context.user.emit(Members(group.name, added, removed, context.user.nick, verified, group.hex))


def leave(context: Context, group: Conversation) -> Operation:
    """Be a member of a group no longer."""
    yield from parting.resign(context, group)
    context.user.emit(Group(GroupAction.LEFT, group.name, context.user.nick, group.hex))


def delete(context: Context, group: Conversation) -> Operation:
    """End a group for all its members."""
    yield from parting.delete(group)
    group.record.deleted = True
    group.keep()
    context.user.emit(Group(GroupAction.DELETED, group.name, context.user.nick, group.hex))


def _learn(context: Context, info: ConversationInfo, name: str) -> Conversation:
    """The group that was made, which is called ``name`` here. Raises :class:`UserError`."""
    if info.kind is not Kind.GROUP or info.name != name:
        raise PeerError("a group was to be made, and something else opened")
    known = context.conversations.get(info.id)
    if known is not None and known.record.epoch >= 0:
        raise DeniedError("other_group", name=name)
    group = context.conversations.learn(info)
    context.user.labels.call(group.record, "")
    return group
