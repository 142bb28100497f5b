"""Operations on groups: create, write to, leave and delete them."""

from geventim.chat import limits
from geventim.chat.names import check_name, fold
from geventim.chat.replies import ConversationInfo, Opened
from geventim.chat.requests import CreateGroup
from geventim.chat.values import Kind
from geventim.client.conversation.acquaintance import call, standings
from geventim.client.conversation.alteration import Alteration
from geventim.client.conversation.conversation import Conversation
from geventim.client.events import Group, GroupAction, Members, Notice, Speaker
from geventim.client.following import admission
from geventim.client.operations import parting
from geventim.client.operations.context import Context
from geventim.client.operations.talk import tell
from geventim.client.people import roster
from geventim.client.people.trust import Standing
from geventim.client.steps.effects import Operation, RefusedError, Steps, ask, wait
from geventim.errors import PeerError, UserError

LONGEST_NAME = 4 * limits.NAME_LENGTH


def create(context: Context, name: str, members: tuple[str, ...]) -> Steps[Conversation]:
    """Begin a group of the user and ``members``; no other one may have its name here."""
    name = check_name(name)
    if context.user.labels.is_taken(name):
        raise RefusedError("group_exists", "Group name already exists.")
    if len(members) > limits.GROUP_MEMBERS:
        raise UserError(
            "too_many", f"A group is created with at most {limits.GROUP_MEMBERS} people."
        )
    if any(len(member) > LONGEST_NAME for member in members):
        raise UserError("bad_name", "Nobody has a name that long.")
    request = CreateGroup(id=0, message_id=context.user.new_id(), name=name, members=members)
    with context.user.labels.promise(name):
        reply = yield from ask(Opened, request)
        group = _learn(context, reply.conversation, name)
    nicks = [person.nick for person in reply.people if person.account != context.user.account]
    group.invite(nicks)
    yield from wait(lambda: group.in_step or group.failure is not None)
    if group.failure is not None:
        raise group.failure
    present = {somebody.nick for somebody in roster.members(group.seat_of().tree).values()}
    there = [nick for nick in (context.user.nick, *nicks) if nick in present]
    context.user.emit(Group(GroupAction.CREATED, group.name, context.user.nick, group.hex))
    context.user.emit(Notice(f"Group {group.name} created with members {', '.join(there)}."))
    return group


def send(context: Context, name: str, text: str, date: float) -> Operation:
    """Send ``text`` to a group."""
    yield from tell(context, _find(context, name), text, date)


def add(context: Context, name: str, nicks: tuple[str, ...]) -> Operation:
    """Let people into a group that the user is in."""
    group = _find(context, name)
    if len(nicks) > limits.MEMBERS:
        raise UserError("too_many", f"At most {limits.MEMBERS} people are added at a time.")
    present = {fold(nick) for nick in _present(context, group)}
    packages = []
    for nick in nicks:
        if fold(nick) in present:
            raise UserError("is_member", f"{nick} is a member of group {group.name} already.")
        packages.append((yield from admission.claim(group, check_name(nick))))
    yield from _alter(context, group, Alteration(packages=tuple(packages)))


def remove(context: Context, name: str, nicks: tuple[str, ...]) -> Operation:
    """Put people out of a group that the user has founded."""
    group = _find(context, name)
    if group.record.founder != context.user.account:
        text = f"Only who has created group {group.name} removes people from it."
        raise UserError("not_allowed", text)
    present = {fold(nick): account for nick, account in _present(context, group).items()}
    accounts = []
    for nick in nicks:
        account = present.get(fold(nick))
        if account is None:
            raise UserError("no_member", f"{nick} is no member of group {group.name}.")
        if account == context.user.account:
            raise UserError("to_oneself", f"You leave with '@group leave {group.name}'.")
        accounts.append(account)
    yield from _alter(context, group, Alteration(removed=tuple(accounts)))


def list_groups(context: Context) -> Operation:
    """Say which groups the user is in."""
    groups = [each for each in context.conversations if each.record.kind is Kind.GROUP]
    names = sorted((group.name for group in groups if group.record.member), key=fold)
    context.user.emit(Notice(f"Groups: {', '.join(names) or 'none'}", speaker=Speaker.CLIENT))
    yield from ()


def _present(context: Context, group: Conversation) -> dict[str, bytes]:
    """The accounts in a group by their nicks, but for those who have left it.

    Raises :class:`UserError`.
    """
    if group.seat is None or not group.in_step:
        text = f"Your client is not in step with '{group.name}' now."
        raise UserError("out_of_step", text, "Try again.")
    people = roster.members(group.seat.tree)
    return {
        call(context.user, somebody): account
        for account, somebody in people.items()
        if account not in group.record.departed
    }


def _alter(context: Context, group: Conversation, alteration: Alteration) -> Operation:
    """Change who is in a group, and tell the user; the others learn it by the commit."""
    before = roster.members(group.seat_of().tree)
    group.failure, group.alteration = None, alteration

    def is_done() -> bool:
        # The leaf of who has left may still be there.
        is_theirs = group.record.departed.keys().isdisjoint(alteration.added)
        return group.in_step and is_theirs and alteration.is_done(group.seat_of().tree)

    def is_lost() -> bool:
        return group.failure is not None or group.needs_person or not group.record.member

    yield from wait(lambda: is_lost() or is_done())
    if group.seat is None or not is_done():
        text = f"Nothing was changed in group {group.name}."
        raise group.failure or UserError("not_changed", text)
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


def leave(context: Context, name: str) -> Operation:
    """Be a member of a group no longer."""
    yield from part(context, _find(context, name))


def part(context: Context, group: Conversation) -> Operation:
    """The same, for a group that is known."""
    yield from parting.leave(group)
    context.user.emit(Group(GroupAction.LEFT, group.name, context.user.nick, group.hex))
    context.user.emit(Notice(f"You left group {group.name}."))


def delete(context: Context, name: str) -> Operation:
    """End a group for all its members."""
    yield from end(context, _find(context, name))


def end(context: Context, group: Conversation) -> Operation:
    """The same, for a group that is known."""
    yield from parting.delete(group)
    group.record.deleted = True
    group.keep()
    context.user.emit(Group(GroupAction.DELETED, group.name, context.user.nick, group.hex))
    context.user.emit(Notice(f"Group {group.name} has been deleted."))


def _find(context: Context, name: str) -> Conversation:
    """The group of this name that the user is in.

    For any other the answer is the same, whether there is one or not: nobody is asked.
    """
    if len(name) > LONGEST_NAME:
        raise UserError("bad_name", "No group has a name that long.")
    group = context.conversations.named(Kind.GROUP, name)
    if group is not None:
        return group
    if context.conversations.has_ended(name):
        raise RefusedError("no_group", f"Group '{name}' does not exist.")
    raise RefusedError("not_a_member", f"You are not a member of group {name}.")


def _learn(context: Context, info: ConversationInfo, name: str) -> Conversation:
    """The group that was made, which is called ``name`` here. Raises :class:`UserError`."""
    if info.kind is not Kind.GROUP or info.name != name:
        raise PeerError("a group was to be made, and something else opened")
    known = context.conversations.get(info.id)
    if known is not None and known.record.epoch >= 0:
        raise UserError(
            "other_group",
            f"The server shows a group that is older than the new '{name}'.",
            "Nothing was sent there.",
        )
    group = context.conversations.learn(info)
    context.user.labels.call(group.record, "")
    return group
