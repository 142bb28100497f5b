"""Operations on groups: create, write to, leave and delete them."""

from geventim.chat import limits
from geventim.chat.names import check_name
from geventim.chat.replies import Appended, ConversationInfo, Opened
from geventim.chat.requests import Append, CreateGroup, OpenGroup
from geventim.chat.values import EntryKind
from geventim.client.content import Content, ContentKind
from geventim.client.context import Context
from geventim.client.effects import Operation, Steps, ask
from geventim.client.events import Group, GroupAction, Notice
from geventim.client.talk import deliver
from geventim.errors import UserError

LONGEST_NAME = 4 * limits.NAME_LENGTH


def create(context: Context, name: str, members: tuple[str, ...]) -> Operation:
    """Begin a group of the user and ``members``."""
    if len(members) > limits.GROUP_MEMBERS:
        raise UserError(
            "too_many", f"A group is created with at most {limits.GROUP_MEMBERS} people."
        )
    if any(len(member) > LONGEST_NAME for member in members):
        raise UserError("bad_name", "Nobody has a name that long.")
    reply = yield from ask(
        Opened,
        CreateGroup(
            id=0,
            conversation=context.new_id(),
            message_id=context.new_id(),
            name=check_name(name),
            members=members,
        ),
    )
    name = reply.conversation.name
    context.emit(Group(GroupAction.CREATED, name, context.nick))
    context.emit(Notice(f"Group {name} created with members {', '.join(reply.members)}."))


def send(context: Context, name: str, text: str, date: float) -> Operation:
    """Send ``text`` to a group."""
    group = yield from _find(name)
    said = Content(context.nick, text, date, ContentKind.GROUP)
    yield from deliver(context, group.id, group.name, said)


def leave(context: Context, name: str) -> Operation:
    """Be a member of a group no longer."""
    group = yield from _find(name)
    yield from _end(context, group, EntryKind.LEAVE)
    context.emit(Group(GroupAction.LEFT, group.name, context.nick))
    context.emit(Notice(f"You left group {group.name}."))


def delete(context: Context, name: str) -> Operation:
    """End a group for all its members."""
    group = yield from _find(name)
    yield from _end(context, group, EntryKind.DELETE)
    context.emit(Group(GroupAction.DELETED, group.name, context.nick))
    context.emit(Notice(f"Group {group.name} has been deleted."))


def _find(name: str) -> Steps[ConversationInfo]:
    if len(name) > LONGEST_NAME:
        raise UserError("bad_name", "No group has a name that long.")
    reply = yield from ask(Opened, OpenGroup(id=0, name=name))
    return reply.conversation


def _end(context: Context, group: ConversationInfo, kind: EntryKind) -> Operation:
    yield from ask(
        Appended,
        Append(id=0, conversation=group.id, message_id=context.new_id(), kind=kind),
    )
