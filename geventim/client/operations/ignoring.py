"""People whom the user does not want to hear of.

What they write is read like everything else, since others build on it, and then shown nowhere and
not kept. What they add the user to is left unseen: the user is a member there as far as the server
knows, and never joins. Neither they nor the server are told.
"""

from geventim.chat.names import check_name, fold
from geventim.chat.replies import Found
from geventim.chat.requests import LookUp
from geventim.client.operations.context import Context
from geventim.client.steps.effects import Steps, ask
from geventim.client.user import is_name
from geventim.errors import DeniedError, PeerError


def ignore(context: Context, nick: str) -> Steps[str]:
    """Hear nothing of ``nick`` from now on; what they are called."""
    nick = check_name(nick)
    if fold(nick) == fold(context.user.nick):
        raise DeniedError("to_oneself", case="ignore")
    person = (yield from ask(Found, LookUp(id=0, nick=nick))).person
    if not is_name(person.nick) or fold(person.nick) != fold(nick):
        raise PeerError("somebody was asked for, and somebody else found")
    context.user.ignored.add(person.account, person.nick)
    return person.nick


def unignore(context: Context, nick: str) -> str:
    """Hear of ``nick`` again; what they are called."""
    known = context.user.ignored.drop(nick)
    if known is None:
        raise DeniedError("not_ignored", nick=nick)
    return known
