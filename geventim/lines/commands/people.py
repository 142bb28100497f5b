"""Commands about people: who is there, and what is held of them."""

from typing import Final

from geventim.chat.values import Status
from geventim.client import answers, events, wishes
from geventim.client.people.trust import Standing
from geventim.client.sealing.content import AWAY_SIZE
from geventim.lines import finding
from geventim.lines.commands.command import Line, MisusedError
from geventim.lines.dialogue import Dialogue, NotSaidError, say
from geventim.lines.standpoint import Standpoint

SHOWN: Final = {
    Standing.VERIFIED: "verified",
    Standing.UNVERIFIED: "not verified",
    Standing.CHANGED: "has another key than before",
}
"""What is held of somebody, in words."""

INVALID_STATUS: Final = "Invalid status. Use '@status normal', '@status dnd', or '@status away'."


def names(here: Standpoint, line: Line) -> Dialogue:
    """Say who is connected, or who is in a room or group."""
    if not line.argument:
        people: answers.Names = yield wishes.People(id=0)
        text = f"Connected users: {', '.join(people.names)}"
        return [events.Names(people.names), events.Notice(text)]
    place = yield from finding.place(line.argument.removeprefix("#"))
    found: answers.Members = yield wishes.Members(id=0, conversation=place.id)
    others = [each for each in found.members if each.nick != here.nick]
    verified = tuple(each.nick for each in others if each.standing is Standing.VERIFIED)
    listed = ", ".join(
        f"{each.nick} ({SHOWN[each.standing]})" if each in others else each.nick
        for each in found.members
    )
    nicks = tuple(each.nick for each in found.members)
    return [
        events.Names(nicks, found.conversation, verified, found.conversation_id),
        say(f"In '{found.conversation}' are: {listed}"),
        # On lines of their own: what somebody says must not look like what is held of others.
        *(say(f"{each.nick} is away: {each.away}") for each in others if each.away),
    ]


def status(__: Standpoint, line: Line) -> Dialogue:
    """Say or change the user's own status."""
    if not line.argument:
        own: answers.OwnStatus = yield wishes.SetStatus(id=0)
        return [events.Notice(f"Your current status is '{own.status}'.{_why(own.text)}")]
    word, _, text = line.argument.partition(" ")
    try:
        status = Status(word.casefold())
    except ValueError:
        raise NotSaidError("invalid_status", INVALID_STATUS) from None
    if len(text) > AWAY_SIZE:
        raise NotSaidError("too_long", f"Say why in {AWAY_SIZE} characters at most.")
    own = yield wishes.SetStatus(id=0, status=status, text=text)
    return [events.Notice(f"Your status has been changed to '{status}'.{_why(own.text)}")]


def _why(text: str) -> str:
    return f" Who writes to you is told: {text}" if text else ""


def verify(here: Standpoint, line: Line) -> Dialogue:
    """Show what is to be compared, or take that it was right."""
    match line.argument.casefold().split():
        case ["room", *name] if len(name) < 2:
            return (yield from _show_room_code(here, "".join(name)))
        case [nick]:
            shown: answers.Number = yield wishes.Verify(id=0, nick=nick.lstrip("@"))
            return [events.SafetyNumber(shown.nick, shown.number, shown.standing)]
        case [nick, "ok"]:
            yield wishes.Confirm(id=0, nick=nick.lstrip("@"))
            return ()
    raise MisusedError


def _show_room_code(here: Standpoint, name: str) -> Dialogue:
    place = yield from finding.place(name or here.name)
    shown: answers.RoomCode = yield wishes.RoomCode(id=0, conversation=place.id)
    return [
        events.RoomCode(
            shown.conversation, shown.epoch, shown.members, shown.code, shown.conversation_id
        )
    ]


def trust(_: Standpoint, line: Line) -> Dialogue:
    """Believe another key."""
    match line.argument.split():
        case [nick]:
            yield wishes.Trust(id=0, nick=nick.lstrip("@"))
            return ()
    raise MisusedError


def whois(_: Standpoint, line: Line) -> Dialogue:
    """Say what is known of somebody."""
    match line.argument.split():
        case [nick]:
            known: answers.Somebody = yield wishes.Whois(id=0, nick=nick.lstrip("@"))
            return [
                events.Acquaintance(
                    known.nick,
                    known.account,
                    known.identity,
                    known.since,
                    known.standing,
                    known.conversations,
                )
            ]
    raise MisusedError


def ignore(_: Standpoint, line: Line) -> Dialogue:
    """Hear nothing of somebody, or say of whom."""
    match line.argument.split():
        case []:
            ignored: answers.Nicks = yield wishes.Ignored(id=0)
            return [say(f"Ignored: {', '.join(ignored.nicks) or 'nobody'}")]
        case [nick]:
            who: answers.Nicks = yield wishes.Ignore(id=0, nick=nick.lstrip("@"))
            (nick,) = who.nicks
            return [say(f"You hear nothing of {nick} any more. '@unignore {nick}' ends that.")]
    raise MisusedError


def unignore(_: Standpoint, line: Line) -> Dialogue:
    """Hear of somebody again."""
    match line.argument.split():
        case [nick]:
            who: answers.Nicks = yield wishes.Ignore(id=0, nick=nick.lstrip("@"), ignored=False)
            return [say(f"You hear of {who.nicks[0]} again.")]
    raise MisusedError
