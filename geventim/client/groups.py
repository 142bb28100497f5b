"""Operations on groups: create, write to, leave and delete them."""

from geventim.chat import limits
from geventim.chat.names import check_name, fold
from geventim.chat.replies import ConversationInfo, Opened
from geventim.chat.requests import CreateGroup, OpenGroup
from geventim.chat.values import Kind
from geventim.client import parting, roster
from geventim.client.content import Content, ContentKind
from geventim.client.context import Context
from geventim.client.conversation import Conversation
from geventim.client.effects import Operation, Steps, ask, wait
from geventim.client.events import Group, GroupAction, Notice
from geventim.client.talk import deliver
from geventim.errors import PeerError, UserError

LONGEST_NAME = 4 * limits.NAME_LENGTH


def create(context: Context, name: str, members: tuple[str, ...]) -> Operation:
    """Begin a group of the user and ``members``."""
    if len(members) > limits.GROUP_MEMBERS:
        raise UserError(
            "too_many", f"A group is created with at most {limits.GROUP_MEMBERS} people."
        )
    if any(len(member) > LONGEST_NAME for member in members):
        raise UserError("bad_name", "Nobody has a name that long.")
    request = CreateGroup(
        id=0,
        conversation=context.new_id(),
        message_id=context.new_id(),
        name=check_name(name),
        members=members,
    )
    reply = yield from ask(Opened, request)
    group = _learn(context, reply.conversation, name)
    nicks = [person.nick for person in reply.people if person.account != context.account]
    group.invite(nicks)
    yield from wait(lambda: group.in_step or group.failure is not None)
    if group.failure is not None:
        raise group.failure
    present = {somebody.nick for somebody in roster.members(group.seat_of().tree).values()}
    there = [nick for nick in (context.nick, *nicks) if nick in present]
    context.emit(Group(GroupAction.CREATED, group.name, context.nick))
    context.emit(Notice(f"Group {group.name} created with members {', '.join(there)}."))


def send(context: Context, name: str, text: str, date: float) -> Operation:
    """Send ``text`` to a group."""
    info = yield from _find(name)
    group = _learn(context, info, name)
    yield from deliver(group, Content(context.nick, text, date, ContentKind.GROUP))


def leave(context: Context, name: str) -> Operation:
    """Be a member of a group no longer."""
    info = yield from _find(name)
    yield from parting.leave(_learn(context, info, name))
    context.emit(Group(GroupAction.LEFT, info.name, context.nick))
    context.emit(Notice(f"You left group {info.name}."))


def delete(context: Context, name: str) -> Operation:
    """End a group for all its members."""
    info = yield from _find(name)
    yield from parting.delete(_learn(context, info, name))
    context.emit(Group(GroupAction.DELETED, info.name, context.nick))
    context.emit(Notice(f"Group {info.name} has been deleted."))


def _find(name: str) -> Steps[ConversationInfo]:
    if len(name) > LONGEST_NAME:
        raise UserError("bad_name", "No group has a name that long.")
    reply = yield from ask(Opened, OpenGroup(id=0, name=name))
    return reply.conversation


def _learn(context: Context, info: ConversationInfo, name: str) -> Conversation:
    if info.kind is not Kind.GROUP or fold(info.name) != fold(name):
        raise PeerError("a group was asked for, and something else opened")
    known = context.conversations.named(Kind.GROUP, name)
    if known is not None and known.id != info.id:
        raise UserError(
            "other_group",
            f"The server shows another group '{name}' than the one that you are in.",
            "Nothing was sent there.",
        )
    return context.conversations.learn(context, info)
