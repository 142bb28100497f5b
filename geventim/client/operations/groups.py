"""Operations on groups: create, write to, leave and delete them."""

from geventim.chat import limits
from geventim.chat.names import check_name
from geventim.chat.replies import ConversationInfo, Opened
from geventim.chat.requests import CreateGroup
from geventim.chat.values import Kind
from geventim.client.conversation.conversation import Conversation
from geventim.client.events import Group, GroupAction, Notice
from geventim.client.operations import parting
from geventim.client.operations.context import Context
from geventim.client.operations.talk import tell
from geventim.client.people import roster
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
    context.user.emit(Group(GroupAction.CREATED, group.name, context.user.nick))
    context.user.emit(Notice(f"Group {group.name} created with members {', '.join(there)}."))
    return group


def send(context: Context, name: str, text: str, date: float) -> Operation:
    """Send ``text`` to a group."""
    yield from tell(context, _find(context, name), text, date)


def leave(context: Context, name: str) -> Operation:
    """Be a member of a group no longer."""
    yield from part(context, _find(context, name))


def part(context: Context, group: Conversation) -> Operation:
    """The same, for a group that is known."""
    yield from parting.leave(group)
    context.user.emit(Group(GroupAction.LEFT, group.name, context.user.nick))
    context.user.emit(Notice(f"You left group {group.name}."))


def delete(context: Context, name: str) -> Operation:
    """End a group for all its members."""
    yield from end(context, _find(context, name))


def end(context: Context, group: Conversation) -> Operation:
    """The same, for a group that is known."""
    yield from parting.delete(group)
    group.record.deleted = True
    group.keep()
    context.user.emit(Group(GroupAction.DELETED, group.name, context.user.nick))
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
