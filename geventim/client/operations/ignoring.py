"""People whom the user does not want to hear of.

What they write is read like everything else, since others build on it, and then shown nowhere and
not kept. What they add the user to is left unseen: the user is a member there as far as the server
knows, and never joins. Neither they nor the server are told.
"""

from geventim.chat.names import check_name, fold
from geventim.chat.replies import Found
from geventim.chat.requests import LookUp
from geventim.client.context import Context, is_name
from geventim.client.events import Notice, Speaker
from geventim.client.steps.effects import Operation, ask
from geventim.errors import PeerError, UserError


def ignore(context: Context, nick: str) -> Operation:
    """Hear nothing of ``nick`` from now on."""
    nick = check_name(nick)
    if fold(nick) == fold(context.user.nick):
        raise UserError("to_oneself", "You cannot ignore yourself.")
    person = (yield from ask(Found, LookUp(id=0, nick=nick))).person
    if not is_name(person.nick) or fold(person.nick) != fold(nick):
        raise PeerError("somebody was asked for, and somebody else found")
    context.user.ignored.add(person.account, person.nick)
    text = f"You hear nothing of {person.nick} any more. '@unignore {person.nick}' ends that."
    context.user.emit(Notice(text, speaker=Speaker.CLIENT))


def unignore(context: Context, nick: str) -> Operation:
    """Hear of ``nick`` again."""
    known = context.user.ignored.drop(nick)
    if known is None:
        raise UserError("not_ignored", f"You do not ignore '{nick}'.", "@ignore lists whom you do.")
    context.user.emit(Notice(f"You hear of {known} again.", speaker=Speaker.CLIENT))
    yield from ()


def list_ignored(context: Context) -> Operation:
    """Say who is ignored."""
    text = f"Ignored: {', '.join(context.user.ignored.nicks) or 'nobody'}"
    context.user.emit(Notice(text, speaker=Speaker.CLIENT))
    yield from ()
