"""How somebody comes into a room whose members have no keys: what is committed is nothing."""

from collections.abc import Callable
from typing import Final

from geventim.chat import requests as ask_for
from geventim.chat.replies import Appended, ConversationInfo, LoggedIn, Opened, Turn
from geventim.chat.values import ID_SIZE, Purpose
from geventim.client.people.profile import Profile
from geventim.client.steps.effects import Steps, ask

GROUP_INFO: Final = bytes(32)
"""What stands for the state of a group, which the server cannot read anyway."""


def register(profile: Profile) -> Steps[LoggedIn]:
    """Claim the nick."""
    return ask(LoggedIn, profile.registration())


def log_in(nick: str) -> Steps[LoggedIn]:
    """Come back."""
    return ask(LoggedIn, ask_for.Login(id=0, nick=nick))


def create(name: str, random: Callable[[int], bytes]) -> Steps[ConversationInfo]:
    """Make a room of that name, with nobody in it."""
    request = ask_for.CreateRoom(id=0, message_id=random(ID_SIZE), name=name)
    return (yield from ask(Opened, request)).conversation


def join(
    room: bytes,
    account: bytes,
    random: Callable[[int], bytes],
    group_info: bytes = GROUP_INFO,
) -> Steps[int]:
    """Have ``account``, which is one's own, let into ``room``; the number of that commit."""
    waiting = ask_for.TakeTurn(id=0, conversation=room, purpose=Purpose.JOIN)
    turn = yield from ask(Turn, waiting)
    commit = ask_for.Commit(
        id=0,
        conversation=room,
        message_id=random(ID_SIZE),
        head=turn.head,
        payload=len(group_info),
        message=0,
        added=(account,),
    )
    return (yield from ask(Appended, commit, group_info)).seq
