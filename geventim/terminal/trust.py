"""What is said to a person about trust in others."""

from datetime import datetime

from geventim.client.events import Acquaintance, Event, KeyChanged, RoomCode, SafetyNumber, Trusted
from geventim.client.people.safety_number import format_number
from geventim.client.people.trust import News, Standing
from geventim.crypto.readable import format_key


def answer(event: Event) -> str | None:
    """What this client says by itself when it is asked; None for other events."""
    match event:
        case SafetyNumber():
            return _show_number(event)
        case RoomCode():
            return _show_room_code(event)
        case Trusted():
            return _confirm(event)
        case Acquaintance():
            return _describe(event)
    return None


def state(verified: bool) -> str:
    """Whether somebody was verified, in words."""
    return "verified" if verified else "not verified"


def warn(event: KeyChanged) -> str:
    """That a key is another one than before."""
    nick, known = event.nick, event.known
    match event.why:
        case News.OTHER_NICK:
            what = f"{nick} has the identity key of {known}."
            why = f"Either {known} is called {nick} now, or the server confuses them."
        case News.LOOKALIKE:
            what = f"'{nick}' looks like '{known}', and is somebody else."
            why = "The server should not have allowed that."
        case _:
            what = f"{nick} has another identity key than before: {format_key(event.identity)}."
            why = f"Either {nick} has set up a new client, or somebody poses as {nick}."
    return (
        f"{what} {why} In private and in groups nothing is sent to {nick} until you type"
        f" '@trust {nick}'; '@verify {nick}' compares the key."
    )


def _show_number(event: SafetyNumber) -> str:
    """A safety number, and what to do with it."""
    nick, number = event.nick, format_number(event.number)
    if event.standing is Standing.VERIFIED:
        return f"Safety number with {nick} (verified): {number}"
    changed = " and their new key" if event.standing is Standing.CHANGED else ""
    return (
        f"Safety number with {nick}{changed}: {number} Compare it with {nick}, in person or by"
        f" telephone. If it is the same: @verify {nick} ok"
    )


def _show_room_code(event: RoomCode) -> str:
    """The code of a room, and what it means."""
    people = "1 member" if event.members == 1 else f"{event.members} members"
    return (
        f"Code of '{event.conversation}' ({people}): {format_number(event.code)} If others in it"
        " see the same now, nobody listens who is not shown to you. It changes with every change"
        " of who is there."
    )


def _confirm(event: Trusted) -> str:
    """That the user's decision was taken."""
    if event.standing is Standing.VERIFIED:
        return f"{event.nick} is verified."
    return f"The key of {event.nick} is now: {format_key(event.identity)} (not verified)"


def _describe(event: Acquaintance) -> str:
    """Everything that is known of somebody."""
    seen = datetime.fromtimestamp(event.since).astimezone()
    together = ", ".join(event.conversations) or "nowhere"
    return (
        f"{event.nick}: {_judge(event.standing)}; account {event.account};"
        f" identity key {format_key(event.identity)}; first seen {seen:%Y-%m-%d %H:%M};"
        f" together with you in: {together}"
    )


def _judge(standing: Standing) -> str:
    if standing is Standing.CHANGED:
        return "has another key than before, and is not trusted"
    return state(standing is Standing.VERIFIED)
